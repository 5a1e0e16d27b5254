/** The hub's page: selects the view, and passes events to it. */
import { root } from "./api.ts"
import { h } from "./dom.ts"
import * as Home from "./home.ts"
import * as Permission from "./permission.ts"
import * as Range from "./range.ts"
import * as Renewal from "./renewal.ts"
import * as Shell from "./shell.ts"
import * as Store from "./store.ts"
import * as Stream from "./stream.ts"
import type { View } from "./view.ts"

const main = h("main", { id: "main", tabindex: -1 })

let path: string | undefined
let view: View | undefined

const pathOf = (href: string): string => href.slice(root.length).replace(/[?#].*$/s, "")

const inside = (): string => pathOf(location.href)

const make = async (path: string): Promise<View> => {
  if (path.startsWith("s/")) {
    const { make } = await Renewal.part(() => import("./place.ts"))
    return make(main, decodeURIComponent(path.slice(2)))
  }
  if (path === "events") {
    const { make } = await Renewal.part(() => import("./events.ts"))
    return make(main)
  }
  return Home.make(main, Shell.searched)
}

const update = (): void => Shell.update(path === "", view?.title())

const show = async (): Promise<void> => {
  const next = inside()
  // The skeleton stays until the page has something to show.
  if (next === path || Store.known === undefined) return
  const isFirst = path === undefined
  path = next
  view?.end()
  view = undefined
  const made = await make(next)
  // The user has opened another view meanwhile.
  if (path !== next) return made.end()
  view = made
  // The skeleton is replaced as a whole, so that nothing visibly moves.
  if (!main.isConnected) document.querySelector("#main")?.replaceWith(main)
  Shell.enter(next, made.hasRange)
  update()
  if (!isFirst) main.focus({ preventScroll: true })
}

const go = (href: string): void => {
  history.pushState(null, "", href)
  scrollTo(0, 0)
  void show()
}

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null
  if (link === null || link.hasAttribute("download") || !link.href.startsWith(root) || link.hash !== "") return
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  if (link.href !== location.href) go(link.href)
})
addEventListener("popstate", () => void show())

Shell.start({
  refresh: () => view?.refresh(),
  search: () => view?.search(),
  up: () => {
    if (path !== "" && path !== undefined) go(root)
  }
})
Shell.enter(inside(), inside() !== "events")
Range.subscribe(() => view?.range())
let isFirst = true
Store.subscribe((live) => {
  if (view === undefined) void show()
  else view.news(live)
  update()
  if (live._tag !== "Snapshot") return
  void Permission.ask()
  // After a reconnection the hub may be a new one.
  if (!isFirst) void Renewal.ask()
  isFirst = false
})
setInterval(() => {
  view?.tick()
  update()
  Renewal.renew()
}, 1000)
Stream.start()
