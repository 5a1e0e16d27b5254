/**
 * Builds the hub's page: its script, the code that draws charts, and its style. The name of each file changes with its content,
 * and next to each file is a compressed copy.
 *
 *     node packages/hub/scripts/build.ts
 */
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"
import { rolldown } from "rolldown"

const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Makes a style sheet smaller without changing its meaning. */
const squeeze = (css: string): string =>
  css.replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/\s+/g, " ").replaceAll(/ ?([{};,]) ?/g, "$1").replaceAll(/: /g, ":")
    .replaceAll(";}", "}").trim()

const require = createRequire(import.meta.url)
const uplot = dirname(dirname(require.resolve("uplot")))

const bundle = await rolldown({
  input: { app: here("page/main.ts") },
  platform: "browser",
  resolve: { mainFields: ["module", "main"] }
})
const { output } = await bundle.generate({
  format: "esm",
  minify: true,
  entryFileNames: "[name]-[hash].js",
  chunkFileNames: "[name]-[hash].js"
})

const assets = new Map<string, string>()
for (const made of output) {
  if (made.type !== "chunk") throw new Error(`${made.fileName} is no script`)
  assets.set(made.fileName, made.code)
}
const css = squeeze(
  `${readFileSync(`${uplot}/dist/uPlot.min.css`, "utf8")}\n${readFileSync(here("page/page.css"), "utf8")}`
)
const cssName = `page-${createHash("sha256").update(css).digest("base64url").slice(0, 8)}.css`
assets.set(cssName, css)

const html = readFileSync(here("page/index.html"), "utf8").replaceAll(/>\n+</g, "><").replaceAll("{{css}}", cssName)
  .replaceAll("{{app}}", output[0].fileName)
// The same page is served at the root and one folder below it, at `s/…`, and finds the root from both.
assets.set("index.html", html.replaceAll("{{root}}", "./"))
assets.set("below.html", html.replaceAll("{{root}}", "../"))

const directory = here("dist/page")
const draft = here(`dist/.page.${process.pid}`)
mkdirSync(draft, { recursive: true })
for (const [name, content] of assets) {
  const bytes = Buffer.from(content)
  writeFileSync(`${draft}/${name}`, bytes)
  writeFileSync(`${draft}/${name}.gz`, gzipSync(bytes, { level: 9 }))
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(`${draft}/${name}.br`, brotliCompressSync(bytes, { params }))
}
// A third-party library draws the charts, and its license must be included.
writeFileSync(`${draft}/LICENSES.txt`, `uplot\n\n${readFileSync(`${uplot}/LICENSE`, "utf8")}`)
rmSync(directory, { recursive: true, force: true })
renameSync(draft, directory)
