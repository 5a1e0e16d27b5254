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

const pageOf = (name: string, all: ReadonlyArray<string>): Page => {
  const files = all.filter((file) => !isTest(file))
  const codes = files.map((file) => [file, readFileSync(join(root, file), "utf8")] as const)
  const [, first = ""] = codes.find(([, code]) => wordsOf(code) !== "") ?? []
  const words = wordsOf(first)
  const tests = all.filter(isTest).map((file) => `[${basename(file)}](${repository}/blob/main/${file})`)
  return {
    source: `${folder}/${name}/README.md`,
    route: `examples/${name}`,
    title: name,
    body: [
      words,
      ...codes.map(([file, code]) => fenced(file, code)),
      ...(tests.length === 0 ? [] : ["", "## Tests", "", tests.join(" · ")])
    ].join("\n"),
    data: { description: descriptionOf(words) }
  }
}

const files = globSync(`${folder}/*/*.ts`, { cwd: root })

const folders = [...new Set(files.map((file) => basename(dirname(file))))].toSorted()

/** Programs first, then what runs them. */
const filesOf = (name: string): ReadonlyArray<string> =>
  files
    .filter((file) => basename(dirname(file)) === name)
    .toSorted((a, b) => Number(isMain(a)) - Number(isMain(b)) || (a < b ? -1 : 1))

export const examples: ReadonlyArray<Page> = folders.map((name) => pageOf(name, filesOf(name)))

/** Which page has which file, with the anchor of the file. */
export const exampleFiles: ReadonlyMap<string, string> = new Map(
  files.filter((file) => !isTest(file)).map((file) => [
    file,
    `examples/${basename(dirname(file))}/#${basename(file).toLowerCase().replaceAll(".", "")}`
  ])
)
