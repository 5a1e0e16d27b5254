/**
 * The example programs: a page for each of their folders, with their sources.
 */
import { globSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { type Page, repository, root } from "./links.ts"
import { descriptionOf } from "./markdown.ts"

interface File {
  readonly path: string
  readonly name: string
  readonly folder: string
  /** The comment at its top, and what follows. */
  readonly words: string
  readonly code: string
}

const files = globSync("examples/src/*/*.ts", { cwd: root }).toSorted().map((path): File => {
  const text = readFileSync(join(root, path), "utf8")
  const [comment = ""] = /^\/\*\*.*?\*\/\n/s.exec(text) ?? []
  return {
    path,
    name: basename(path),
    folder: basename(dirname(path)),
    words: comment.replaceAll(/^\/\*\*|^ *\*\/?|^ \* ?/gm, "").trim(),
    code: text.slice(comment.length).trim()
  }
})

const isTest = ({ name }: File): boolean => name.endsWith(".test.ts")

const linkTo = (path: string, label = path): string => `[${label}](${repository}/blob/main/${path})`

/** The search finds an example by its words. */
const shown = ({ code, name, path }: File): string =>
  `## ${name}\n\n<div data-pagefind-ignore>\n\n\`\`\`ts\n${code}\n\`\`\`\n\n${linkTo(path)}\n\n</div>`

const pageOf = (folder: string): Page => {
  const all = files.filter((file) => file.folder === folder)
  // Programs first, then what runs them.
  const programs = all.filter((file) => !isTest(file)).toSorted((a, b) =>
    Number(a.name === "main.ts") - Number(b.name === "main.ts")
  )
  const words = programs.find((file) => file.words !== "")?.words ?? ""
  const tests = all.filter(isTest).map(({ name, path }) => linkTo(path, name))
  return {
    source: `examples/src/${folder}/README.md`,
    route: `examples/${folder}`,
    title: folder,
    body: [words, ...programs.map(shown), ...(tests.length === 0 ? [] : ["## Tests", tests.join(" · ")])].join("\n\n"),
    data: { description: descriptionOf(words) }
  }
}

export const examples: ReadonlyArray<Page> = [...new Set(files.map(({ folder }) => folder))].map(pageOf)
