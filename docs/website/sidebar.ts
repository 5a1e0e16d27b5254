/**
 * Keeps the navigation of a page short: of the long lists inside its groups, only that which the page is in is there. The others are links
 * to their first pages.
 */
import { defineRouteMiddleware, type StarlightRouteData } from "@astrojs/starlight/route-data"

type Entry = StarlightRouteData["sidebar"][number]

const isHere = (entry: Entry): boolean => entry.type === "link" ? entry.isCurrent : entry.entries.some(isHere)

const firstLink = (entry: Entry): Extract<Entry, { type: "link" }> | undefined =>
  entry.type === "link" ? entry : entry.entries.map(firstLink).find((link) => link !== undefined)

const shorten = (entry: Entry): Entry => {
  if (entry.type === "link" || isHere(entry)) return entry
  const first = firstLink(entry)
  return first === undefined ? entry : { ...first, label: entry.label }
}

/** A reader who is among the modules has them first. */
const order = (entries: ReadonlyArray<Entry>): Array<Entry> => {
  const modules = entries.at(-1)
  if (modules === undefined || !isHere(modules)) return [...entries]
  const others = entries.slice(0, -1).map((entry) => entry.type === "group" ? { ...entry, collapsed: true } : entry)
  return [modules, ...others]
}

export const onRequest = defineRouteMiddleware(({ locals }) => {
  const route = locals.starlightRoute
  route.sidebar = order(route.sidebar).map((entry) =>
    entry.type === "group" ? { ...entry, entries: entry.entries.map(shorten) } : entry
  )
})
