/**
 * The guides: the repository's Markdown, in the groups and the order of their index.
 */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Chips from "../chips.ts"
import { type Page, root } from "./links.ts"
import { descriptionOf, plain, titleOf, withoutTitle } from "./markdown.ts"

const toFamily = (name: string): string => `../../reference/core/families.md#${name.toLowerCase()}`

const read = (source: string): string =>
  source === chipsSource ? Chips.index(toFamily) : readFileSync(join(root, source), "utf8")

const indexSource = "docs/README.md"

export const chipsSource = "docs/chips/README.md"

export const examplesSource = "examples/README.md"

/** The groups of the index: its second headings, with what their lists link to. */
export const groups = read(indexSource).split(/^## /m).slice(1).map((section) => ({
  title: section.split("\n")[0] ?? "",
  items: [...section.matchAll(/^- \[([^\n]*?)\]\(([^)#]+)/gm)].map(([, label = "", link = ""]) => ({
    label: plain(label),
    source: join("docs", link)
  }))
}))

/** The pages of the chips, in the order of their index. */
export const chips: ReadonlyArray<string> = [
  ...new Set([...read(chipsSource).matchAll(/\]\((\w+\.md)\)/g)].map(([, name = ""]) => `docs/chips/${name}`))
]

const routeOf = (source: string): string =>
  source === indexSource
    ? "guides"
    : source.replace(/^docs\//, "").replace(/(?:\/?README)?\.md$/, "").toLowerCase()

/** Markdown files that are pages, except for the start page: those in the index first, then the others. */
const sources: ReadonlyArray<string> = [
  ...new Set([
    indexSource,
    ...groups.flatMap(({ items }) => items.map(({ source }) => source)),
    ...globSync("docs/{*,recipes/*}.md", { cwd: root }).toSorted(),
    ...chips
  ])
]

/** A search for a property finds the chips that have it before what else speaks of it, those first that people have most. */
const weigh = (source: string, text: string): string => {
  const place = chips.indexOf(source)
  if (place === -1) return text
  const weight = Math.max(4, 10 - place)
  return text.replace(/^\|[^]*?(?=\n\n)/gm, (table) => `<div data-pagefind-weight="${weight}">\n\n${table}\n\n</div>`)
}

export const guides: ReadonlyArray<Page> = sources.map((source) => {
  const text = weigh(source, read(source))
  return {
    source,
    route: routeOf(source),
    title: plain(titleOf(text) ?? source),
    body: withoutTitle(text),
    data: {
      description: descriptionOf(text),
      // Only the pages of the chips are listed by their order here.
      sidebar: { order: chips.indexOf(source) + 1, ...(source === chipsSource ? { label: "All devices" } : {}) }
    }
  }
})
