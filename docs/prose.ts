/**
 * Checks the English of guides, changesets, comments and messages by the rules in `prose.yml`.
 *
 *     node docs/prose.ts [FILE…]
 *
 * Messages are the texts of four words or more in the sources of the packages.
 *
 * It prints each place as `file:line:column`, and exits with 1 if there is one.
 */
import { TextlintKernel, type TextlintKernelOptions } from "@textlint/kernel"
import markdown from "@textlint/textlint-plugin-markdown"
import { globSync, readFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
// @ts-expect-error -- it has no types
import prh from "textlint-rule-prh"
// @ts-expect-error -- it has no types
import sentenceLength from "textlint-rule-sentence-length"
import * as Messages from "./messages.ts"

const root = join(import.meta.dirname, "..")

/** Pages of chips and the catalogue are written by scripts, whose own words are checked. */
const files = [
  "*.md",
  ".changeset/*.md",
  "docs/*.md",
  "docs/recipes/*.md",
  "examples/README.md",
  "packages/*/*.md",
  "packages/*/src/**/*.ts",
  "packages/hub/page/*.ts",
  "packages/*/scripts/*.ts",
  "docs/*.ts",
  "docs/{pages,test,typedoc,website}/*.ts",
  "test/{guides,packed,publish}/*.ts"
]
const generated = new Set(["packages/core/src/device/Families.ts", "packages/core/src/server/internal/recorded.ts"])

/** A file's comments as Markdown, each on its own lines, and blank lines for the code. */
const commentsOf = (code: string): string => {
  let inside = false
  return code.split("\n").map((line) => {
    if (!inside && /^\s*\/\/ /.test(line)) return line.replace(/^\s*\/\/ /, "").replace(/^oxlint-.*/, "")
    const opens = /^\s*\/\*\*/.test(line)
    if (!inside && !opens) return ""
    inside = !line.includes("*/")
    return line.replace(/^\s*\/\*\*\s?/, "").replace(/\s*\*\/.*$/, "").replace(/^\s*\* ?/, "").replace(/^@\w+ ?/, "")
  }).join("\n")
}

const options = {
  ext: ".md",
  plugins: [{ pluginId: "markdown", plugin: markdown.default }],
  rules: [
    { ruleId: "prose.yml", rule: prh.default, options: { rulePaths: [join(import.meta.dirname, "prose.yml")] } },
    { ruleId: "sentence", rule: sentenceLength.default, options: { max: 240 } }
  ]
} satisfies TextlintKernelOptions

const kernel = new TextlintKernel()

/** The places of a text to rewrite, with what to write. */
const lint = async (path: string, text: string, lineOf: (line: number) => number): Promise<ReadonlyArray<string>> => {
  const { messages } = await kernel.lintText(text, options)
  return messages.map(({ loc, message }) =>
    `${path}:${lineOf(loc.start.line)}:${loc.start.column}  ${message.trim().replaceAll(/\s*\n\s*/g, "  ")}`
  )
}

/** The places of a file to rewrite. */
const check = async (path: string, text: string): Promise<ReadonlyArray<string>> => {
  const places = await lint(path, path.endsWith(".ts") ? commentsOf(text) : text, (line) => line)
  if (!withMessages.test(path)) return places
  const { document, lines } = Messages.of(path, text)
  return [...places, ...await lint(path, document, (line) => lines[line - 1] ?? 1)]
}

/** Sources whose texts people read. */
const withMessages = /^packages\/(?:cli|core|hub|node)\/(?:src|page)\//

const given = process.argv.slice(2).map((path) => relative(root, resolve(path)))
const paths = given.length > 0
  ? given
  : globSync(files, { cwd: root }).filter((path) => !generated.has(path)).toSorted()

const found = (await Promise.all(paths.map((path) => check(path, readFileSync(join(root, path), "utf8"))))).flat()
for (const line of found) console.log(line)
console.log(`${paths.length} files, ${found.length} places to rewrite`)
if (found.length > 0) process.exitCode = 1
