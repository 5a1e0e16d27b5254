/**
 * The modules of the reference as pages, and which guides explain which of them.
 */
import * as Families from "@effect-ownet/core/families"
import * as Effect from "effect"
import { posix } from "node:path"
import type { Module } from "../typedoc/reference.ts"
import type { Page } from "./links.ts"
import { blocksOf, codeWords, descriptionOf, plain } from "./markdown.ts"

const folder = "reference"

export const sourceOf = ({ file }: Module): string => `${folder}/${file}`

const routeOf = ({ file }: Module): string =>
  `${folder}/${file.replace(/\.md$/, "").replace(/\/index$/, "")}`.toLowerCase()

/** How a module is imported. */
const importOf = ({ from, isNamespace, name }: Module): string => {
  if (isNamespace) return `import { ${name} } from "${from}"`
  const last = posix.basename(name)
  return /^[A-Z]/.test(last) ? `import * as ${last} from "${name}"` : `import { … } from "${name}"`
}

/** The name of a module as a title: without the scope that all packages share. */
export const titleOf = ({ isNamespace, name }: Module): string =>
  isNamespace ? name : name.replace(/^@effect-ownet\/core\/(?=device\/)/, "").replace(/^device\//, "")

const namesOfEffect = new Set(Object.keys(Effect))

const namesOfFamilies = new Set(Object.keys(Families))

/** How often a guide speaks of a module: its programs import it, use it, or the text names it. */
const countUses = (text: string, isFirst: boolean): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  const count = (name: string): unknown => counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const code of blocksOf(text, "ts")) {
    for (
      const [, names = "", from = ""] of code.matchAll(/^import (?:type )?\{([^}]*)\} from "(@effect-ownet\/[^"]*)"/gm)
    ) {
      for (const name of names.split(",")) count(name.trim().replace(/^type /, ""))
      count(from)
    }
    for (const [, name = ""] of code.matchAll(/^import \* as \w+ from "(@effect-ownet\/[^"]*)"/gm)) count(name)
    for (const [, name = ""] of code.matchAll(/\b([A-Z]\w+)\./g)) if (!namesOfEffect.has(name)) count(name)
  }
  if (!isFirst) return counts
  for (const word of codeWords(text)) {
    const name = /^([A-Z]\w+)(?:\.\w|$)/.exec(word)?.[1]
    if (name !== undefined && !namesOfEffect.has(name)) count(name)
  }
  return counts
}

const isOf = (module: Module, name: string): boolean =>
  module.name === name || (module.from === "@effect-ownet/core/families" && namesOfFamilies.has(name))

/** A guide, and the modules that it uses, those that it uses most first. */
export interface Uses {
  readonly guide: Page
  readonly modules: ReadonlyArray<readonly [module: Module, times: number]>
}

export const usesOf = (guides: ReadonlyArray<Page>, modules: ReadonlyArray<Module>): ReadonlyArray<Uses> =>
  guides.map((guide) => {
    const counts = [...countUses(guide.body, true)]
    const used = modules.flatMap((module): ReadonlyArray<readonly [Module, number]> => {
      // An index of modules is explained by none.
      if (module.text.includes("](index.md)") || !hasExports(module)) return []
      const times = counts.filter(([name]) => isOf(module, name)).reduce((sum, [, times]) => sum + times, 0)
      return times === 0 ? [] : [[module, times]]
    })
    return { guide, modules: used.toSorted(([, a], [, b]) => b - a) }
  })

/** Whether it is more than a list of modules. */
const hasExports = ({ text }: Module): boolean => text.includes("class=\"meta\"")

const list = (from: string, items: ReadonlyArray<readonly [label: string, source: string]>): string =>
  items.map(([label, source]) => `[${label}](${posix.relative(posix.dirname(from), source)})`).join(" · ")

/** What stands below a guide: the modules that it uses. */
export const below = ({ guide, modules }: Uses): string =>
  modules.length === 0 ? "" : [
    "",
    "<nav class=\"related\" aria-label=\"Modules\">",
    "",
    `In the reference: ${
      list(guide.source, modules.slice(0, 10).map(([module]) => [`\`${titleOf(module)}\``, sourceOf(module)]))
    }`,
    "",
    "</nav>",
    ""
  ].join("\n")

const explained = (module: Module, uses: ReadonlyArray<Uses>): string => {
  const guides = uses
    // Those who come from elsewhere are shown all at once.
    .filter(({ guide }) => !guide.source.startsWith("docs/from-"))
    .flatMap(({ guide, modules }) => modules.filter(([one]) => one === module).map(([, times]) => ({ guide, times })))
    .toSorted((a, b) => b.times - a.times)
    .slice(0, 5)
  return guides.length === 0 ? "" : [
    "<nav class=\"related\" aria-label=\"Guides\">",
    "",
    `Guides: ${list(sourceOf(module), guides.map(({ guide }) => [guide.title, guide.source]))}`,
    "",
    "</nav>"
  ].join("\n")
}

/** Words up to the first heading, and what follows them. */
const split = (text: string): readonly [words: string, rest: string] => {
  const at = text.search(/^## /m)
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at)]
}

export const pageOf = (module: Module, uses: ReadonlyArray<Uses>): Page => {
  const [words, rest] = split(module.text)
  const code = hasExports(module) ? `\`\`\`ts\n${importOf(module)}\n\`\`\`` : ""
  return {
    source: sourceOf(module),
    route: routeOf(module),
    title: titleOf(module),
    body: [words.trim(), code, explained(module, uses), rest].join("\n\n"),
    data: { description: descriptionOf(plain(words)), editUrl: false }
  }
}
