/**
 * Bundles the command: all of it in one file, plain calls in another, and a launcher that turns Node's compile cache on before it
 * loads one of them.
 *
 *     node scripts/build.ts
 */
import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Plugin, rolldown } from "rolldown"

const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Loads the data of the system's Unicode library, which takes a third of a start, only when help is printed. */
const lazySegmenter: Plugin = {
  name: "lazy-segmenter",
  transform: {
    filter: { id: /effect\/dist\/cli\/CliOutput\.js$/ },
    handler: (code) => {
      const changed = code.replace(
        /const graphemeSegmenter = ([^;]+);/,
        "let segmenter; const graphemeSegmenter = { segment: (text) => (segmenter ??= $1).segment(text) };"
      )
      if (changed === code) throw new Error("effect's CliOutput makes its segmenter in another way: see lazy-segmenter")
      return changed
    }
  }
}

/** Has each command load those of Node's own modules that it uses: a bundle would load all of them at its top. */
const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  resolveId: (id, importer) => {
    if (!isBuiltin(id)) return undefined
    return importer?.startsWith("\0builtin:") ? { id, external: true } : `\0builtin:${id}`
  },
  load: (id) => id.startsWith("\0builtin:") ? `module.exports = require(${JSON.stringify(id.slice(9))})` : undefined
}

const { version } = JSON.parse(readFileSync(here("package.json"), "utf8"))

/** Puts a file in its place in one go: somebody may be running the one that is there. */
const place = (name: string, content: string, mode = 0o644): void => {
  mkdirSync(here("dist"), { recursive: true })
  const draft = here(`dist/.${name}.${process.pid}`)
  writeFileSync(draft, content, { mode })
  renameSync(draft, here(`dist/${name}`))
}

/** Gives the modules that have gone into it. */
const bundle = async (name: string, input: string): Promise<ReadonlyArray<string>> => {
  const made = await rolldown({
    input: here(input),
    platform: "node",
    transform: { define: { OW_VERSION: JSON.stringify(version) } },
    plugins: [lazySegmenter, lazyBuiltins]
  })
  const { output: [{ code, moduleIds }] } = await made.generate({ format: "cjs", codeSplitting: false, minify: true })
  place(name, code)
  return moduleIds
}

const modules = await Promise.all([
  bundle("ow-bundle.cjs", "src/main.ts"),
  bundle("ow-quick.cjs", "src/main-quick.ts")
])
place("ow.cjs", readFileSync(here("src/launcher.cjs"), "utf8"), 0o755)

// Who takes other people's work along takes their terms along.
const packages = new Set(modules.flat().flatMap((id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []))
const terms = [...packages].toSorted().map((directory) => {
  const [license] = globSync("LICENSE*", { cwd: directory })
  if (license === undefined) throw new Error(`${directory} has no license to take along`)
  return `${directory.replace(/^.*node_modules\//, "")}\n\n${readFileSync(join(directory, license), "utf8")}`
})
place("LICENSES.txt", terms.join("\n\n"))
