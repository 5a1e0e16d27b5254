/**
 * The example programs, with their sources: a page for each of their folders.
 */
import { globSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { type Page, repository, root } from "./links.ts"
import { descriptionOf } from "./markdown.ts"

const folder = "examples/src"

/** The words of a comment at the top of a file. */
const wordsOf = (code: string): string =>
  /^\/\*\*\n?(.*?)\*\//s.exec(code)?.[1]?.replaceAll(/^ *\* ?/gm, "").trim() ?? ""

const isTest = (file: string): boolean => file.endsWith(".test.ts")

const isMain = (file: string): boolean => basename(file) === "main.ts"

const fenced = (file: string, code: string): string =>
  [
    "",
    `## ${basename(file)}`,
    "",
    // The search finds an example by its words.
    "<div data-pagefind-ignore>",
    "",
    "```ts",
    code.replace(/^\/\*\*.*?\*\/\n/s, "").trim(),
    "```",
    "",
    `[${file}](${repository}/blob/main/${file})`,
    "",
    "</div>"
  ].join("\n")

const pageOf = (name: string, files: ReadonlyArray<string>): Page => {
  const codes = files.map((file) => [file, readFileSync(join(root, file), "utf8")] as const)
  const [, first = ""] = codes.find(([, code]) => wordsOf(code) !== "") ?? []
  const words = wordsOf(first)
  return {
    source: `${folder}/${name}/README.md`,
    route: `examples/${name}`,
    title: name,
    body: [words, ...codes.map(([file, code]) => fenced(file, code))].join("\n"),
    data: { description: descriptionOf(words) }
  }
}

/** Programs first, then what runs them, and their tests. */
const rank = (file: string): number => isTest(file) ? 2 : isMain(file) ? 1 : 0

const byFolder = Map.groupBy(
  globSync(`${folder}/*/*.ts`, { cwd: root }).toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)),
  (file) => basename(dirname(file))
)

export const examples: ReadonlyArray<Page> = [
  ...[...byFolder].toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, files]) => pageOf(name, files))
]

/** Which page has which file, with the anchor of the file. */
export const exampleFiles: ReadonlyMap<string, string> = new Map(
  [...byFolder].flatMap(([name, files]) =>
    files.map((file) => [file, `examples/${name}/#${basename(file).toLowerCase().replaceAll(".", "")}`] as const)
  )
)
