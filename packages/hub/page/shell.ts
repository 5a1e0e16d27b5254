/** Frame around each view: name, counts, range, search, and banners that report failures. */
import { root } from "./api.ts"
import { announce } from "./dialog.ts"
import { arrange, h, put, say } from "./dom.ts"
import * as Format from "./format.ts"
import * as Look from "./look.ts"
import * as Range from "./range.ts"
import { change, settings } from "./settings.ts"
import * as Store from "./store.ts"
import * as Stream from "./stream.ts"

const element = <E extends Element>(selector: string): E => {
  const found = document.querySelector<E>(selector)
  if (found === null) throw new Error(`${selector} is not in the page`)
  return found
}

const query = element<HTMLInputElement>("#query")
const past = element("#past")
const live = element("#live")
const ranges = element("#ranges")
const unit = element("#unit")
const scale = element("#scale")

/** Text to search for. */
export const searched = (): string => query.value

interface Banner {
  readonly tone: "plain" | "bad"
  readonly text: string
  /** Text that changes every second, and is not read out. */
  readonly more?: string
  /** The whole message of a failure, which is shown on request. */
  readonly detail?: string
}

const shownBanners = new Map<string, HTMLElement>()

const showBanners = (banners: Readonly<Record<string, Banner | undefined>>): void => {
  const children: Array<HTMLElement> = []
  for (const [name, banner] of Object.entries(banners)) {
    if (banner === undefined) {
      shownBanners.delete(name)
      continue
    }
    let made = shownBanners.get(name)
    if (made === undefined) {
      made = h(
        "div",
        { class: `banner ${banner.tone}`, id: `banner-${name.replaceAll(/\W+/g, "-")}` },
        h("span", {}),
        h("span", { "aria-hidden": "true" }),
        h("details", {}, h("summary", {}, "details"), h("p", {}))
      )
      shownBanners.set(name, made)
      if (banner.tone === "bad") announce(banner.text)
    }
    say(made.children[0], banner.text)
    say(made.children[1], banner.more ?? "")
    put(made.children[2], "hidden", banner.detail === undefined)
    say(made.children[2].children[1], banner.detail ?? "")
    children.push(made)
  }
  arrange(element("#banners"), children)
}

/** Seconds without news, if that is too long. */
const silence = (): number | undefined => {
  const quiet = Store.now() - Store.heardAt
  const isLate = quiet > Math.max(30, 3 * (Store.known?.every ?? 0) + 5) || (!Stream.reached() && quiet > 6)
  return Store.known !== undefined && isLate ? quiet : undefined
}

const began = Date.now()

/** Whether the view shows a range. */
let isRanged = true

/** Shows the current state, and its age. */
export const update = (isOverview: boolean, title: string | undefined): void => {
  const { known } = Store
  const quiet = silence()
  const isLost = known === undefined && !Stream.reached() && Date.now() - began > 4000
  put(document.body, "data-silent", quiet === undefined ? undefined : "")
  put(document.body, "data-live", known !== undefined && quiet === undefined && Stream.reached() ? "" : undefined)
  showBanners({
    lost: isLost ? { tone: "bad", text: "The hub does not answer. The page keeps trying." } : undefined,
    silence: quiet === undefined
      ? undefined
      : { tone: "bad", text: "These values are old: ", more: `no news for ${Format.length(quiet)}` },
    history: known?.historyFailing === undefined
      ? undefined
      : {
        tone: "bad",
        text: `No history has been written since ${Format.moment(known.historyFailing.since, Store.now())}. `
          + "New values are shown, but will be lost when the hub stops.",
        detail: known.historyFailing.message
      },
    ...Object.fromEntries((known?.outlets ?? []).map(({ failing, name }) => [
      `outlet ${name}`,
      failing && {
        tone: "bad",
        text: `${name} has failed since ${
          Format.moment(failing.since, Store.now())
        }. This page and the history are not affected.`,
        detail: failing.message
      }
    ])),
    notice: known?.notice === undefined ? undefined : { tone: "plain", text: known.notice }
  })
  if (known === undefined) return
  const seen = Look.count(Look.overview(known, Store.heardAt, ""))
  const name = known.title === "" ? "1-Wire" : known.title
  say(element("#title"), name)
  say(
    element("#summary"),
    known.places.size === 0
      ? "no sensors yet"
      : `${seen.all} ${seen.all === 1 ? "sensor" : "sensors"}, ${
        quiet !== undefined
          ? "no news"
          : seen.wanting === 0
          ? seen.known === 0 ? "all well" : `${seen.known} acknowledged`
          : `${seen.wanting} ${seen.wanting === 1 ? "needs" : "need"} a look`
      }`
  )
  put(element("#summary"), "data-wanting", seen.wanting > 0 || quiet !== undefined ? "" : undefined)
  put(element(".controls"), "hidden", !isRanged || known.places.size === 0)
  const tab = title === undefined ? name : `${title} · ${name}`
  document.title = seen.wanting > 0 && isOverview ? `(${seen.wanting}) ${tab}` : tab
}

/** Shows the controls of a view, and marks it as the current one. */
export const enter = (path: string, hasRange: boolean): void => {
  const isOverview = path === ""
  isRanged = hasRange
  put(element(".controls"), "hidden", !isRanged)
  put(query, "hidden", !isOverview)
  put(scale, "hidden", !isOverview)
  put(element("#to-overview"), "aria-current", isOverview ? "page" : undefined)
  put(element("#to-events"), "aria-current", path === "events" ? "page" : undefined)
}

const showRange = (): void => {
  for (const [index, [, span]] of Range.ranges.entries()) {
    const isChosen = Range.fixed === undefined && span === settings.span
    put(ranges.children[index], "aria-pressed", isChosen ? "true" : "false")
  }
  put(past, "hidden", Range.fixed === undefined)
  say(past.children[0], Range.fixed === undefined ? "" : Range.words())
}

const showSettings = (): void => {
  say(unit, settings.isFahrenheit ? "°F" : "°C")
  put(unit, "aria-label", settings.isFahrenheit ? "°F: show °C" : "°C: show °F")
  put(scale, "aria-pressed", settings.isOneScale ? "true" : "false")
}

export interface Actions {
  /** Called when units or scales change. */
  readonly refresh: () => void
  readonly search: () => void
  /** Opens the view above this one. */
  readonly up: () => void
}

export const start = ({ refresh, search, up }: Actions): void => {
  for (const link of document.querySelectorAll("a[data-view]")) {
    put(link, "href", root + (link.getAttribute("data-view") ?? ""))
  }
  ranges.replaceChildren(
    ...Range.ranges.map(([label, span, name]) =>
      h(
        "button",
        { type: "button", "aria-label": `${label}: ${name}`, title: name, click: () => Range.follow(span) },
        label
      )
    )
  )
  live.addEventListener("click", Range.back)
  Range.subscribe(showRange)
  unit.addEventListener("click", () => {
    change({ isFahrenheit: !settings.isFahrenheit })
    showSettings()
    refresh()
  })
  scale.addEventListener("click", () => {
    change({ isOneScale: !settings.isOneScale })
    showSettings()
    refresh()
  })
  query.addEventListener("input", search)
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    const { target } = event
    const isWriting = target instanceof Element && target.matches("input, select, textarea")
    if (event.key === "/" && !isWriting && !query.hidden) {
      event.preventDefault()
      query.focus()
    } else if (event.key === "Escape" && document.querySelector("dialog[open]") === null) {
      if (query.value !== "" && !query.hidden) {
        query.value = ""
        search()
      } else if (isWriting && target instanceof HTMLElement) target.blur()
      else if (Range.fixed !== undefined) Range.back()
      else up()
    }
  })
  showRange()
  showSettings()
}
