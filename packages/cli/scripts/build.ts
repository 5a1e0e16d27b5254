/**
 * Bundles the command: all of it in one file, and a launcher that turns Node's compile cache on before the bundle is loaded.
 *
 *     node scripts/build.ts
 */
import { chmodSync, copyFileSync, globSync, readFileSync, writeFileSync } from "node:fs"
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

const { version } = JSON.parse(readFileSync(here("package.json"), "utf8"))

const bundle = await rolldown({
  input: here("src/main.ts"),
  platform: "node",
  transform: { define: { OW_VERSION: JSON.stringify(version) } },
  plugins: [lazySegmenter]
})
const { output: [chunk] } = await bundle.write({
  file: here("dist/ow-bundle.cjs"),
  format: "cjs",
  codeSplitting: false,
  minify: true
})
copyFileSync(here("src/launcher.cjs"), here("dist/ow.cjs"))
chmodSync(here("dist/ow.cjs"), 0o755)

// Who takes other people's work along takes their terms along.
const packages = new Set(chunk.moduleIds.flatMap((id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []))
const terms = [...packages].sort().map((directory) => {
  const [license] = globSync("LICENSE*", { cwd: directory })
  if (license === undefined) throw new Error(`${directory} has no license to take along`)
  return `${directory.replace(/^.*node_modules\//, "")}\n\n${readFileSync(join(directory, license), "utf8")}`
})
writeFileSync(here("dist/LICENSES.txt"), terms.join("\n\n"))
