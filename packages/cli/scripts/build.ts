/**
 * Bundles the command: the whole of it in one file, plain calls in another, what both need rarely in a third, and a launcher that
 * turns on Node's compile cache before it loads one of them.
 *
 *     node scripts/build.ts
 */
import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Plugin, rolldown } from "rolldown"
import { commands } from "../src/commands.ts"
import { actions } from "../src/QuickCommandLine.ts"

const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Loads the data of the system's Unicode library only when help is printed, because that takes a third of a start. */
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

/** Lets each command load only the built-in modules that it uses: a bundle would load all of them at its top. */
const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  resolveId: (id, importer) => {
    if (!isBuiltin(id)) return undefined
    return importer?.startsWith("\0builtin:") ? { id, external: true } : `\0builtin:${id}`
  },
  load: (id) => id.startsWith("\0builtin:") ? `module.exports = require(${JSON.stringify(id.slice(9))})` : undefined
}

/** Leaves the search for servers to a bundle of its own, because hardly any call needs it. */
const apart: Plugin = {
  name: "apart",
  resolveId: (id, importer) =>
    importer !== undefined && id.endsWith("/Announced.ts") ? { id: "./ow-announced.cjs", external: true } : undefined
}

const { version } = JSON.parse(readFileSync(here("package.json"), "utf8"))

/** Replaces a file in one step, because somebody may be running the old one. */
const place = (name: string, content: string, mode = 0o644): void => {
  mkdirSync(here("dist"), { recursive: true })
  const draft = here(`dist/.${name}.${process.pid}`)
  writeFileSync(draft, content, { mode })
  renameSync(draft, here(`dist/${name}`))
}

/** Makes a bundle, and gives the modules in it. */
const bundle = async (name: string, input: string): Promise<ReadonlyArray<string>> => {
  const made = await rolldown({
    input: here(input),
    platform: "node",
    transform: { define: { OW_VERSION: JSON.stringify(version) } },
    plugins: [lazySegmenter, lazyBuiltins, apart]
  })
  const { output: [{ code, moduleIds }] } = await made.generate({ format: "cjs", codeSplitting: false, minify: true })
  place(name, code)
  return moduleIds
}

const modules = await Promise.all([
  bundle("ow-bundle.cjs", "src/main.ts"),
  bundle("ow-quick.cjs", "src/main-quick.ts"),
  bundle("ow-announced.cjs", "src/server/Announced.ts")
])

/** Puts a list of names into the launcher, which has to know them before it loads a bundle. */
const fill = (launcher: string, placeholder: string, names: ReadonlyArray<string>): string => {
  const filled = launcher.replace(placeholder, JSON.stringify(names))
  if (filled === launcher) throw new Error(`launcher.cjs has no ${placeholder}`)
  return filled
}

const launcher = fill(readFileSync(here("src/launcher.cjs"), "utf8"), "OW_COMMANDS", Object.keys(commands))
place("ow.cjs", fill(launcher, "OW_ACTIONS", Object.keys(actions)), 0o755)

// The bundles contain other people's work, and have to carry its licenses.
const packages = new Set(modules.flat().flatMap((id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []))
const terms = [...packages].toSorted().map((directory) => {
  const [license] = globSync("LICENSE*", { cwd: directory })
  if (license === undefined) throw new Error(`${directory} has no license to take along`)
  return `${directory.replace(/^.*node_modules\//, "")}\n\n${readFileSync(join(directory, license), "utf8")}`
})
place("LICENSES.txt", terms.join("\n\n"))
