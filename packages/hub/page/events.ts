/** Events by day, the latest first. */
import type { Event, Live } from "../src/Api.ts"
import * as Api from "./api.ts"
import { href } from "./card.ts"
import * as Channels from "./channels.ts"
import { h, put, say } from "./dom.ts"
import * as Format from "./format.ts"
import * as Notices from "./notices.ts"
import * as Store from "./store.ts"
import type { View } from "./view.ts"

type Tone = "bad" | "warn" | "good" | "plain"

/** Kinds of events in plain words. */
const words: Readonly<Record<string, readonly [word: string, tone: Tone]>> = {
  Raised: ["alarm", "bad"],
  Cleared: ["alarm over", "good"],
  LimitExceeded: ["beyond its limit", "bad"],
  LimitKept: ["within its limits", "good"],
  NewsLost: ["without news", "bad"],
  NewsBack: ["measured again", "good"],
  Appeared: ["found", "good"],
  Vanished: ["vanished", "warn"],
  Moved: ["other bus", "plain"],
  Renamed: ["renamed", "plain"],
  Rerouted: ["other server", "plain"],
  Filled: ["sensor replaced", "plain"],
  Failed: ["no answer", "bad"],
  Restored: ["answers again", "good"],
  Written: ["changed", "plain"],
  BusFailed: ["bus fails", "bad"],
  BusRecovered: ["bus works again", "good"],
  ServerFailed: ["server fails", "bad"],
  ServerRecovered: ["server works again", "good"],
  HistoryFailed: ["history fails", "bad"],
  HistoryRecovered: ["history works again", "good"],
  Started: ["hub started", "plain"],
  Stopped: ["hub stopped", "warn"],
  Taken: ["hub moved", "plain"],
  Handed: ["other runner", "plain"],
  Slept: ["computer slept", "warn"],
  ClockBehind: ["clock set back", "warn"],
  OutletFailed: ["bridge fails", "bad"],
  OutletRecovered: ["bridge works again", "good"]
}

/** The kind of an event in words. An unknown kind is taken apart: `BusRecovered` is “bus recovered”. */
const wordsOf = (kind: string): readonly [word: string, tone: Tone] =>
  words[kind] ?? [kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase(), "plain"]

const signs: Readonly<Record<Tone, string>> = { bad: "!", warn: "?", good: "✓", plain: "·" }

export interface List {
  readonly element: HTMLElement
  /** Adds events of the stream. */
  readonly add: (events: ReadonlyArray<Event>) => void
  /** Fetches all events again. */
  readonly load: () => void
  /** Shows all events again, because the unit of values has changed. */
  readonly render: () => void
}

/** A list of the events of one place, or of all places. */
export const list = (place: string | undefined, limit: number): List => {
  let shown: ReadonlyArray<Event> = []
  let isMore = false
  const days = h("div", { class: "days" })
  const status = h("p", { class: "nothing" }, "Looking …")
  const older = h("button", { type: "button", class: "button", hidden: true, click: () => void more() }, "Older events")
  const element = h("div", { class: "events", role: "group", tabindex: 0, "aria-label": "Events" }, status, days, older)

  /** Text of an event, in which the name of the place links to it. */
  const tell = ({ place: key, property, text }: Event): ReadonlyArray<Node | string> => {
    if (key === undefined) return [text]
    const of = Store.known?.places.get(key)
    const title = of?.title ?? key
    const unit = of?.properties.find(({ name }) => name === property)?.unit
    const isNamed = text.startsWith(title)
    const rest = Format.inText(isNamed ? text.slice(title.length) : text, unit)
    // The page of a place already names the place.
    if (place !== undefined) return [isNamed ? rest.replace(/^:? /, "") : rest]
    return [h("a", { href: href(key), "data-place": key }, title), isNamed ? rest : ` ${rest}`]
  }

  const item = (event: Event): HTMLElement => {
    const [word, tone] = wordsOf(event.kind)
    return h(
      "li",
      { "data-tone": tone },
      h("time", { datetime: new Date(event.at * 1000).toISOString() }, Format.exact(event.at)),
      h("span", { class: "sign", "aria-hidden": "true" }, signs[tone]),
      h("span", { class: "kind" }, word),
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
      ...[...groups].map(([day, events]) =>
        h("section", {}, h(place === undefined ? "h2" : "h3", {}, day), h("ul", {}, ...events.map(item)))
      )
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
    render,
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
  const notices = Notices.list(undefined)
  const channels = Channels.make()
  main.replaceChildren(
    h("div", { class: "page" }, h("h1", {}, "Events"), notices.element, channels.element, all.element)
  )
  const load = (): void => {
    all.load()
    notices.load()
    channels.load()
  }
  if (Store.known !== undefined) load()
  return {
    title: () => "Events",
    hasRange: false,
    news: (live: Live) => {
      if (live._tag === "Snapshot") return load()
      all.add(live.events)
      notices.news(live)
    },
    range: () => {},
    refresh: () => {
      all.render()
      notices.render()
    },
    search: () => {},
    tick: notices.render,
    end: channels.end
  }
}
