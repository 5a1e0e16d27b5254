/**
 * The modules of the reference as pages, and which guides explain which of them.
 */
import * as Effect from "effect"
import { posix } from "node:path"
import type { Module } from "../typedoc/reference.ts"
import type { Page } from "./links.ts"
import { descriptionOf, plain } from "./markdown.ts"

const sourceOf = ({ file }: Module): string => `reference/${file}`

const isNamespace = ({ from, name }: Module): boolean => from !== name

/** How a module is imported. */
const importOf = (module: Module): string => {
  const { from, name } = module
  if (isNamespace(module)) return `import { ${name} } from "${from}"`
  const last = posix.basename(name)
  return /^[A-Z]/.test(last) ? `import * as ${last} from "${name}"` : `import { … } from "${name}"`
}

/** Whether it is more than a list of modules. */
const hasExports = ({ text }: Module): boolean => text.includes("class=\"meta\"")

/** How often a guide speaks of a module: `Discovery.devices`, `Discovery`, or its import. */
const countUses = ({ body }: Page, module: Module): number => {
  const { name } = module
  if (isNamespace(module) && name in Effect) return 0
  const words = isNamespace(module)
    ? `\\b${name}\\.[a-z]|\`${name}[\`.]|\\{[^}]*\\b${name}\\b[^}]*\\} from`
    : `"${name}"`
  return body.match(new RegExp(words, "g"))?.length ?? 0
}

/** A guide, a module that it speaks of, and how often. */
type Use = readonly [guide: Page, module: Module, times: number]

export const usesOf = (guides: ReadonlyArray<Page>, modules: ReadonlyArray<Module>): ReadonlyArray<Use> =>
  guides
    .flatMap((guide) => modules.filter(hasExports).map((module): Use => [guide, module, countUses(guide, module)]))
    .filter(([, , times]) => times > 0)
    .toSorted(([, , a], [, , b]) => b - a)

const related = (label: string, from: string, to: ReadonlyArray<readonly [title: string, source: string]>): string => {
  const links = to.map(([title, source]) => `[${title}](${posix.relative(posix.dirname(from), source)})`)
  return to.length === 0
    ? ""
    : `<nav class="related" aria-label="${label}">\n\n${label}: ${links.join(" · ")}\n\n</nav>`
}

/** What stands below a guide: the modules that it uses most. */
export const modulesOf = (guide: Page, uses: ReadonlyArray<Use>): string => {
  const used = uses.filter(([one]) => one === guide).slice(0, 10)
  return related("In the reference", guide.source, used.map(([, module]) => [`\`${module.name}\``, sourceOf(module)]))
}

/** What stands above a module: the guides that use it most. Those for people who come from elsewhere name all modules. */
const guidesOf = (module: Module, uses: ReadonlyArray<Use>): string => {
  const using = uses.filter(([{ source }, one]) => one === module && !source.startsWith("docs/from-")).slice(0, 5)
  return related("Guides", sourceOf(module), using.map(([{ source, title }]) => [title, source]))
}

export const pageOf = (module: Module, uses: ReadonlyArray<Use>): Page => {
  const [words = ""] = module.text.split(/^## /m)
  const code = hasExports(module) ? `\`\`\`ts\n${importOf(module)}\n\`\`\`` : ""
  return {
    source: sourceOf(module),
    route: sourceOf(module).replace(/\.md$/, "").toLowerCase(),
    title: module.name,
    body: [words.trim(), code, guidesOf(module, uses), module.text.slice(words.length)].join("\n\n"),
    data: {
      description: descriptionOf(plain(words)),
      editUrl: false,
      sidebar: hasExports(module) ? { label: posix.basename(module.name) } : { label: "Overview", order: 0 }
    }
  }
}
