/** What has happened, by days, the latest first. */
import type { Event, Live } from "../src/Api.ts"
import * as Api from "./api.ts"
import { href } from "./card.ts"
import { h, put, say } from "./dom.ts"
import * as Format from "./format.ts"
import * as Store from "./store.ts"
import type { View } from "./view.ts"

type Tone = "bad" | "warn" | "good" | "plain"

const toneOf = (kind: string): Tone =>
  /Failed|Raised|Exceeded|Full/.test(kind)
    ? "bad"
    : /Vanished|Implausible|Stopped|Undershot/.test(kind)
    ? "warn"
    : /Recovered|Cleared|Returned|Kept|Restored|Appeared/.test(kind)
    ? "good"
    : "plain"

/** The kind of an event in words: `BusRecovered` is “bus recovered”. */
const wordsOf = (kind: string): string => kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase()

const signs: Readonly<Record<Tone, string>> = { bad: "!", warn: "?", good: "✓", plain: "·" }

export interface List {
  readonly element: HTMLElement
  /** Adds events of the stream. */
  readonly add: (events: ReadonlyArray<Event>) => void
  /** Fetches all anew. */
  readonly load: () => void
}

/** A list of the events of a place, or of all. */
export const list = (place: string | undefined, limit: number): List => {
  let shown: ReadonlyArray<Event> = []
  let isMore = false
  const days = h("div", { class: "days" })
  const status = h("p", { class: "nothing" }, "Looking …")
  const older = h("button", { type: "button", class: "button", hidden: true, click: () => void more() }, "Older events")
  const element = h("div", { class: "events" }, status, days, older)

  /** What has happened, in which the name of the place leads to it. */
  const tell = ({ place: key, text }: Event): ReadonlyArray<Node | string> => {
    if (key === undefined || place !== undefined) return [text]
    const title = Store.known?.places.get(key)?.title ?? key
    const link = h("a", { href: href(key), "data-place": key }, title)
    return text.startsWith(title) ? [link, text.slice(title.length)] : [link, " ", text]
  }

  const item = (event: Event): HTMLElement => {
    const tone = toneOf(event.kind)
    return h(
      "li",
      { "data-tone": tone },
      h("time", { datetime: new Date(event.at * 1000).toISOString() }, Format.exact(event.at)),
      h("span", { class: "sign", "aria-hidden": "true" }, signs[tone]),
      h("span", { class: "kind" }, wordsOf(event.kind)),
      h("span", { class: "what" }, ...tell(event))
    )
  }

  const render = (): void => {
    const groups = new Map<string, Array<Event>>()
    for (const event of shown) {
      const day = Format.longDay(event.at)
      const group = groups.get(day)
      if (group === undefined) groups.set(day, [event])
      else group.push(event)
    }
    days.replaceChildren(
      ...[...groups].map(([day, events]) => h("section", {}, h("h3", {}, day), h("ul", {}, ...events.map(item))))
    )
    say(status, "Nothing has happened yet.")
    put(status, "hidden", shown.length > 0)
    put(older, "hidden", !isMore)
  }

  const fetch = async (to: number | undefined): Promise<ReadonlyArray<Event>> => {
    const found = await Api.events({
      limit,
      from: 0,
      ...to === undefined ? undefined : { to },
      ...place === undefined ? undefined : { place }
    })
    isMore = found.length === limit
    return found
  }

  const isOf = (event: Event): boolean => place === undefined || event.place === place

  const failed = (error: unknown): void => {
    put(status, "hidden", false)
    say(status, error instanceof Error ? error.message : String(error))
  }

  const load = (): void => {
    fetch(undefined).then((found) => {
      const isWritten = (event: Event): boolean =>
        found.some(({ at, kind, text }) => kind === event.kind && text === event.text && Math.abs(at - event.at) < 1.5)
      const fresh = Store.happened.filter((event) => isOf(event) && !isWritten(event))
      shown = [...fresh, ...found].toSorted((one, other) => other.at - one.at)
      render()
    }, failed)
  }

  const more = (): Promise<void> =>
    fetch(shown.at(-1)?.at).then((found) => {
      shown = [...shown, ...found]
      render()
    }, failed)

  return {
    element,
    load,
    add: (events) => {
      const fresh = events.filter(isOf)
      if (fresh.length === 0) return
      shown = [...fresh.toSorted((one, other) => other.at - one.at), ...shown].slice(0, 1000)
      render()
    }
  }
}

export const make = (main: HTMLElement): View => {
  const all = list(undefined, 200)
  main.replaceChildren(h("div", { class: "page" }, h("h1", {}, "Events"), all.element))
  if (Store.known !== undefined) all.load()
  return {
    title: () => "Events",
    hasRange: false,
    news: (live: Live) => {
      if (live._tag === "Snapshot") all.load()
      else all.add(live.events)
    },
    range: () => {},
    refresh: () => {},
    search: () => {},
    tick: () => {},
    end: () => {}
  }
}
