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

export const onRequest = defineRouteMiddleware(({ locals }) => {
  const route = locals.starlightRoute
  route.sidebar = route.sidebar.map((entry) =>
    entry.type === "group" ? { ...entry, entries: entry.entries.map(shorten) } : entry
  )
})
