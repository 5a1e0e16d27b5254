/** The overview: first the places that need a look, and then all places in their groups. */
import type { Live } from "../src/Api.ts"
import type { Notice } from "../src/Notices.ts"
import * as Acknowledgement from "./acknowledgement.ts"
import * as Card from "./card.ts"
import { announce } from "./dialog.ts"
import { arrange, h, put, say } from "./dom.ts"
import type { Fleet } from "./fleet.ts"
import * as Format from "./format.ts"
import * as Key from "./key.ts"
import * as Loader from "./loader.ts"
import * as Look from "./look.ts"
import * as Permission from "./permission.ts"
import * as Range from "./range.ts"
import * as Renewal from "./renewal.ts"
import { settings } from "./settings.ts"
import * as Store from "./store.ts"
import * as Trace from "./trace.ts"
import type { View } from "./view.ts"

interface Section {
  readonly element: HTMLElement
  readonly show: (title: string, count: number, children: ReadonlyArray<Element>) => void
}

const section = (id: string): Section => {
  const title = h("span", {})
  const count = h("span", { class: "count" })
  const grid = h("div", { class: "grid" })
  const element = h(
    "section",
    { class: "group", "aria-labelledby": id },
    h("h2", { id }, title, " ", count),
    grid
  )
  return {
    element,
    show: (name, size, children) => {
      say(title, name)
      say(count, String(size))
      put(element, "data-size", Math.min(size, 4))
      arrange(grid, children)
    }
  }
}

interface OutageBox {
  readonly element: HTMLElement
  readonly show: (outage: Look.Outage, known: Store.Known) => void
}

interface NoticeBox {
  readonly element: HTMLElement
  readonly show: (notice: Notice, known: Store.Known) => void
}

/** A notice about something that the overview does not show: a hidden place, or a bus that has just recovered. */
const noticeBox = (): NoticeBox => {
  const title = h("strong", {})
  const detail = h("span", {})
  const acknowledgement = Acknowledgement.make()
  const element = h("div", { class: "outage single" }, h("p", {}, title, " ", detail), acknowledgement.element)
  return {
    element,
    show: (notice, known) => {
      const { label, ...told } = Look.told(notice, Store.now())
      const place = notice.place === undefined ? undefined : known.places.get(notice.place)
      const name = place?.title ?? notice.title ?? [notice.bus, notice.server].filter(Boolean).join(" of ")
      title.replaceChildren(
        place === undefined ? name : h("a", { href: Card.href(place.key), "data-place": place.key }, name)
      )
      say(
        detail,
        notice.value === undefined
          ? `${label} ${told.detail}`
          : `${label}: ${Format.withUnit(notice.value, notice.unit)}, ${told.detail}`
      )
      put(element, "data-known", told.isKnown)
      acknowledgement.show([notice], `${name}: ${label}`)
    }
  }
}

const outageBox = (): OutageBox => {
  const title = h("strong", {})
  const count = h("span", {})
  const message = h("p", {})
  const list = h("ul", {})
  const acknowledgement = Acknowledgement.make()
  const element = h(
    "div",
    { class: "outage" },
    h("details", {}, h("summary", {}, title, " ", count), message, list),
    acknowledgement.element
  )
  return {
    element,
    show: ({ bus, message: text, notices, places, server, since }, known) => {
      const now = Store.now()
      const where = bus === undefined ? server : `${bus} of ${server}`
      const isKnown = Look.isKnown(notices)
      put(element, "data-known", isKnown)
      say(title, `${where} has not answered since ${Format.moment(since, now)}${isKnown ? ", acknowledged" : ""}`)
      acknowledgement.show(notices, where)
      say(
        count,
        places.length === 0 ? "" : `${places.length} ${places.length === 1 ? "sensor" : "sensors"} without news`
      )
      const runner = known.servers.find(({ name }) => name === server)?.runner
      say(message, runner === undefined ? text : `${text} (followed by ${runner})`)
      list.replaceChildren(...places.map((place) => {
        const main = Look.mainOf(place)
        const reading = main?.reading
        return h(
          "li",
          {},
          h("a", { href: Card.href(place.key), "data-place": place.key }, place.title),
          h(
            "span",
            {},
            ...Look.noticesOf(known, place.key).map((notice) => h("b", {}, `${Look.told(notice, now).label}, `)),
            reading === undefined
              ? "never read"
              : `${Format.valueOf(reading.value, main?.unit)} ${Format.unitOf(main?.unit)}, ${
                Format.length(now - reading.at)
              } ago`
          )
        )
      }))
    }
  }
}

/** The page before the first sensor is found. */
const emptiness = (known: Store.Known): HTMLElement => {
  const servers = known.servers.map(({ name }) => name).join(", ") || "the network"
  return h(
    "div",
    { class: "empty" },
    h("span", { class: "pulse", "aria-hidden": "true" }),
    h("h2", {}, `Looking for sensors at ${servers} …`),
    h("p", {}, "Each sensor appears here by itself, as soon as the bus has been searched.")
  )
}

const unitOf = (card: Card.Card): string => card.trace()?.unit ?? ""

/** Scale that the charts of one unit share in a group. */
const boundsOf = (group: ReadonlyArray<Card.Card>, unit: string) => {
  const { from } = Range.current()
  const found = group.filter((card) => unitOf(card) === unit).flatMap((card) => {
    const trace = card.trace()
    const bounds = trace === undefined ? undefined : Trace.bounds(trace, from)
    return bounds === undefined ? [] : [bounds]
  })
  return found.length === 0
    ? undefined
    : { min: Math.min(...found.map(({ min }) => min)), max: Math.max(...found.map(({ max }) => max)) }
}

export const make = (main: HTMLElement, query: () => string): View => {
  const cards = new Map<string, Card.Card>()
  const sections = new Map<string, Section>()
  const outages = new Map<string, OutageBox>()
  const notices = new Map<string, NoticeBox>()
  const body = h("div", { class: "overview" })
  const hidden = h("details", { class: "hidden-places" }, h("summary", {}), h("ul", {}))
  const heading = h("h1", { class: "unseen" }, "Overview")
  const legend = Key.make()
  const nothing = h("p", { class: "nothing", role: "status" })
  let empty: HTMLElement | undefined
  let fleet: Fleet | "asked" | undefined
  /** The displayed groups, whose cards may share a scale. */
  let groups: ReadonlyArray<ReadonlyArray<Card.Card>> = []
  let layout = ""
  let troubled: ReadonlySet<string> | undefined

  const loader = Loader.make(() => drawAll())

  const cardOf = (key: string): Card.Card => {
    let card = cards.get(key)
    if (card === undefined) {
      card = Card.make(key)
      cards.set(key, card)
      loader.add(card)
      card.update()
    }
    return card
  }

  const sectionOf = (id: string): Section => {
    let found = sections.get(id)
    if (found === undefined) {
      found = section(`section-${sections.size}`)
      sections.set(id, found)
    }
    return found
  }

  const drawAll = (only?: ReadonlySet<string>): void => {
    for (const group of groups) {
      const bounds = new Map<string, ReturnType<typeof boundsOf>>()
      for (const card of group) {
        if (!loader.isSeen(card) || (only !== undefined && !settings.isOneScale && !only.has(card.key))) continue
        if (!settings.isOneScale) {
          card.draw(undefined)
          continue
        }
        const unit = unitOf(card)
        if (!bounds.has(unit)) bounds.set(unit, boundsOf(group, unit))
        card.draw(bounds.get(unit))
      }
    }
  }

  /** Reports the places that need a look since the last time. */
  const tellTrouble = (
    known: Store.Known,
    places: ReadonlyArray<{ readonly key: string; readonly title: string }>
  ): void => {
    const before = troubled
    troubled = new Set(places.map(({ key }) => key))
    const fresh = places.filter(({ key }) => before !== undefined && !before.has(key))
    if (fresh.length === 0) return
    announce(
      fresh.slice(0, 3).map(({ key, title }) => {
        const place = known.places.get(key)
        const trouble = place === undefined ? undefined : Look.troubleOf(place, known, Store.heardAt)
        return `${title}: ${trouble?.label ?? "needs a look"}`
      }).join(". ")
    )
  }

  /** The section of the fleet, once there is one and its part of the page has loaded. */
  const fleetOf = (known: Store.Known): Fleet | undefined => {
    if (known.fleet === undefined) return undefined
    if (fleet === undefined) {
      fleet = "asked"
      Renewal.part(() => import("./fleet.ts")).then(({ make }) => {
        fleet = make()
        arrangeAll()
      }, () => {})
    }
    return fleet === "asked" ? undefined : fleet
  }

  const arrangeAll = (): void => {
    const known = Store.known
    if (known === undefined) return
    const fleet = fleetOf(known)
    fleet?.update(known)
    const seen = Look.overview(known, Store.heardAt, query())
    const next = JSON.stringify([
      seen.outages.map((
        { bus, places, server, message, since }
      ) => [server, bus, message, since, places.map(({ key }) => key)]),
      known.notices.map(({ acknowledgedAt, id }) => [id, acknowledgedAt]),
      Permission.permission,
      seen.troubled.map(({ key }) => key),
      seen.groups.map(({ places, title }) => [title, places.map(({ key }) => key)]),
      seen.hidden.map(({ key, title }) => [key, title]),
      query(),
      fleet !== undefined,
      known.servers.map(({ runner }) => runner),
      known.places.size === 0 ? known.servers.map(({ name }) => name) : []
    ])
    if (next === layout) return
    layout = next

    for (const [key, card] of cards) {
      if (known.places.get(key)?.isHidden === false) continue
      loader.remove(card)
      card.end()
      cards.delete(key)
    }

    const children: Array<Element> = [heading]
    for (const outage of seen.outages) {
      const id = JSON.stringify([outage.server, outage.bus])
      let box = outages.get(id)
      if (box === undefined) {
        box = outageBox()
        outages.set(id, box)
      }
      box.show(outage, known)
      children.push(box.element)
    }
    for (const id of notices.keys()) if (!seen.notices.some((notice) => notice.id === id)) notices.delete(id)
    for (const notice of seen.notices) {
      let box = notices.get(notice.id)
      if (box === undefined) {
        box = noticeBox()
        notices.set(notice.id, box)
      }
      box.show(notice, known)
      children.push(box.element)
    }
    const shown: Array<ReadonlyArray<Card.Card>> = []
    const showGroup = (id: string, title: string, keys: ReadonlyArray<string>): void => {
      const group = keys.map(cardOf)
      shown.push(group)
      const made = sectionOf(id)
      made.show(title, group.length, group.map(({ element }) => element))
      children.push(made.element)
    }
    if (seen.troubled.length > 0) {
      showGroup("!", "Needs a look", seen.troubled.map(({ key }) => key))
      put(sectionOf("!").element, "class", "group urgent")
    }
    for (const { places, title } of seen.groups) showGroup(`g ${title}`, title, places.map(({ key }) => key))
    groups = shown

    if (known.places.size === 0) {
      empty = emptiness(known)
      children.push(empty)
    } else if (query() !== "" && Look.count(seen).all === 0) {
      say(nothing, `No sensor is called “${query()}”.`)
      children.push(nothing)
    }
    if (seen.hidden.length > 0) {
      say(hidden.children[0], `Hidden: ${seen.hidden.length}`)
      hidden.children[1].replaceChildren(
        ...seen.hidden.map(({ key, title }) => h("li", {}, h("a", { href: Card.href(key), "data-place": key }, title)))
      )
      children.push(hidden)
    }
    if (fleet !== undefined) children.push(fleet.element)
    if (shown.length > 0) children.push(legend)
    arrange(body, children)
    if (query() === "") tellTrouble(known, seen.troubled)
  }

  const refresh = (): void => {
    layout = ""
    arrangeAll()
    for (const card of cards.values()) card.update()
    drawAll()
  }

  main.replaceChildren(body)
  refresh()
  // The charts are needed as soon as the first history arrives.
  void Card.charts()

  return {
    title: () => undefined,
    hasRange: true,
    news: (live: Live) => {
      if (live._tag === "Snapshot") {
        // A hub that is back has the part that could not be loaded.
        if (fleet === "asked") fleet = undefined
        refresh()
        loader.invalidate()
        return
      }
      const moved = new Set(Object.keys(live.readings))
      for (const place of live.places) moved.add(place.key)
      for (const key of moved) {
        const card = cards.get(key)
        card?.extend(live.readings[key] ?? {})
        card?.update()
      }
      arrangeAll()
      drawAll(moved)
    },
    range: loader.invalidate,
    refresh,
    search: arrangeAll,
    tick: () => {
      arrangeAll()
      for (const card of cards.values()) if (loader.isSeen(card)) card.update()
      loader.tick()
    },
    end: () => {
      loader.end()
      for (const card of cards.values()) card.end()
    }
  }
}
