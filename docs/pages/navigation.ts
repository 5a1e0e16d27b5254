/**
 * Navigation next to the pages.
 */
import type { Module } from "../typedoc/reference.ts"
import { chips, chipsSource, examplesSource, groups } from "./guides.ts"
import type { Page } from "./links.ts"
import { sourceOf, titleOf } from "./modules.ts"

/** An item of Starlight's navigation. */
export type Item =
  | { readonly label: string; readonly slug: string }
  | { readonly label: string; readonly collapsed?: boolean; readonly items: ReadonlyArray<Item> }

const packages = ["@effect-ownet/core", "@effect-ownet/node", "@effect-ownet/hub"]

export const navigation = (pages: ReadonlyArray<Page>, modules: ReadonlyArray<Module>): ReadonlyArray<Item> => {
  const routes = new Map(pages.map(({ route, source }) => [source, route]))
  const titles = new Map(pages.map(({ source, title }) => [source, title]))
  const link = (source: string, label = titles.get(source) ?? source): Item => ({
    label,
    slug: routes.get(source) ?? source
  })
  const examples = pages.filter(({ route }) => route.startsWith("examples/"))

  const ofGuides = groups.map(({ items, title }, index): Item => ({
    label: title,
    collapsed: index > 4,
    items: items.map(({ label, source }): Item => {
      if (source === chipsSource) {
        return { label, collapsed: true, items: [link(source, "All devices"), ...chips.map((chip) => link(chip))] }
      }
      if (source === examplesSource) {
        return {
          label,
          collapsed: true,
          items: [link(source, "All examples"), ...examples.map(({ source }) => link(source))]
        }
      }
      return link(source, label)
    })
  }))

  const item = (module: Module): Item => link(sourceOf(module), titleOf(module))
  const byFloor = (all: ReadonlyArray<Module>): ReadonlyArray<Item> => {
    const floors = [...new Set(all.map(({ category }) => category))]
    return floors.flatMap((floor): ReadonlyArray<Item> => {
      const ofFloor = all.filter(({ category }) => category === floor).map(item)
      return floor === undefined ? ofFloor : [{ label: floor, items: ofFloor }]
    })
  }
  const ofReference = packages.map((name): Item => {
    const index = modules.find((module) => module.name === name)
    const entries = modules.filter((module) => !module.isNamespace && module.name.startsWith(`${name}/`))
    return {
      label: name,
      collapsed: true,
      items: [
        ...(index === undefined ? [] : [link(sourceOf(index), "Overview")]),
        ...byFloor(modules.filter(({ from, isNamespace }) => isNamespace && from === name)),
        ...entries.flatMap((entry): ReadonlyArray<Item> => {
          const own = modules.filter(({ from, isNamespace }) => isNamespace && from === entry.name)
          const label = entry.name.slice(name.length + 1)
          return own.length === 0
            ? [link(sourceOf(entry), label)]
            : [{ label, items: [link(sourceOf(entry), "Overview"), ...own.map(item)] }]
        })
      ]
    }
  })
  return [...ofGuides, { label: "Modules", items: ofReference }]
}
