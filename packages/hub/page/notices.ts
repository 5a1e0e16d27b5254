/** Notices of a place, or of all places: open ones, and ended ones with their durations. */
import type { Live } from "../src/Api.ts"
import type { Notice } from "../src/Notices.ts"
import * as Acknowledgement from "./acknowledgement.ts"
import * as Api from "./api.ts"
import { href } from "./card.ts"
import { arrange, h, put, say } from "./dom.ts"
import * as Format from "./format.ts"
import * as Store from "./store.ts"

export interface List {
  readonly element: HTMLElement
  /** Takes a message of the stream. */
  readonly news: (live: Live) => void
  /** Fetches all notices again. */
  readonly load: () => void
  /** Shows all notices again. */
  readonly render: () => void
}

/** Maximum notices in the list. */
const most = 50

interface Item {
  readonly element: HTMLElement
  readonly show: (notice: Notice) => void
}

const item = (isOfPlace: boolean): Item => {
  const time = h("time", {})
  const sign = h("span", { class: "sign", "aria-hidden": "true" })
  const kind = h("span", { class: "kind" })
  const what = h("span", { class: "what" })
  const acknowledgement = Acknowledgement.make()
  const element = h("li", {}, time, sign, kind, what, acknowledgement.element)
  const show = (notice: Notice): void => {
    const { acknowledgedAt, since, title = "", until } = notice
    const now = Store.now()
    const place = notice.place === undefined ? undefined : Store.known?.places.get(notice.place)
    const name = place?.title ?? title
    const isOver = until !== undefined
    put(element, "data-tone", isOver ? "good" : acknowledgedAt === undefined ? "bad" : "plain")
    put(time, "datetime", new Date(since * 1000).toISOString())
    say(time, Format.moment(since, now))
    say(sign, isOver ? "✓" : acknowledgedAt === undefined ? "!" : "·")
    say(
      kind,
      isOver
        ? `lasted ${Format.length(until - since)}`
        : acknowledgedAt === undefined
        ? `for ${Format.length(now - since)}`
        : "acknowledged"
    )
    const text = Format.inText(notice.text, notice.unit)
    const rest = name !== "" && text.startsWith(name) ? text.slice(name.length) : undefined
    what.replaceChildren(
      ...isOfPlace
        ? [(rest ?? text).replace(/^:? /, "")]
        : place === undefined || rest === undefined
        ? [text]
        : [h("a", { href: href(place.key), "data-place": place.key }, name), rest]
    )
    acknowledgement.show(isOver ? [] : [notice], text)
  }
  return { element, show }
}

/** A list of the notices of a place, or of all. It is hidden while it is empty. */
export const list = (place: string | undefined): List => {
  let ended: ReadonlyArray<Notice> = []
  const items = new Map<string, Item>()
  const rows = h("ul", {})
  const status = h("p", { class: "nothing", hidden: true })
  const element = h(
    "section",
    { class: "panel notices", "aria-labelledby": "notices-title", hidden: true },
    h("h2", { id: "notices-title" }, "Notices"),
    status,
    h("div", { class: "events", role: "group", tabindex: 0, "aria-labelledby": "notices-title" }, rows)
  )

  const isOf = (notice: Notice): boolean => place === undefined || notice.place === place

  const render = (): void => {
    const open = Store.known?.notices.filter(isOf) ?? []
    const isOpen = new Set(open.map(({ id }) => id))
    const shown = [...open, ...ended.filter(({ id }) => !isOpen.has(id))].toSorted((one, other) =>
      Number(one.until !== undefined) - Number(other.until !== undefined) || other.since - one.since
    ).slice(0, most)
    for (const id of items.keys()) if (!shown.some((notice) => notice.id === id)) items.delete(id)
    arrange(
      rows,
      shown.map((notice) => {
        let one = items.get(notice.id)
        if (one === undefined) {
          one = item(place !== undefined)
          items.set(notice.id, one)
        }
        one.show(notice)
        return one.element
      })
    )
    put(element, "hidden", shown.length === 0 && status.hidden)
  }

  const load = (): void => {
    Api.notices({ from: 0, place, limit: most }).then((found) => {
      ended = found.filter(({ until }) => until !== undefined)
      put(status, "hidden", true)
      render()
    }, (error: unknown) => {
      put(status, "hidden", false)
      say(status, error instanceof Error ? error.message : String(error))
      render()
    })
  }

  return {
    element,
    load,
    render,
    news: (live) => {
      if (live._tag === "Change" && live.notices === undefined) return
      render()
      // A notice that is no longer open has ended.
      load()
    }
  }
}
