/** Judgment of places: which of them need a look, and their order. Pure: nothing here touches the page. */
import type { Failing, PlaceState, Property, ServerState } from "../src/Api.ts"
import type { Notice } from "../src/Notices.ts"
import * as Format from "./format.ts"
import type { Known } from "./store.ts"

export interface Trouble {
  readonly kind: "alarm" | "limit" | "gone" | "failing" | "implausible" | "stale" | "news"
  /** One or two words. */
  readonly label: string
  /** One line. */
  readonly detail: string
  /** The property with the trouble, if it is a single one. */
  readonly property?: string
  /** Whether somebody has acknowledged it. */
  readonly isKnown?: boolean
}

export interface Outage {
  readonly server: string
  readonly bus: string | undefined
  readonly since: number
  readonly message: string
  readonly places: ReadonlyArray<PlaceState>
  /** Notices about it. */
  readonly notices: ReadonlyArray<Notice>
}

interface Group {
  readonly title: string
  readonly places: ReadonlyArray<PlaceState>
}

/** Overview of everything: outages with their places, places in trouble, and the rest by groups. */
export interface Overview {
  readonly outages: ReadonlyArray<Outage>
  readonly troubled: ReadonlyArray<PlaceState>
  readonly groups: ReadonlyArray<Group>
  readonly hidden: ReadonlyArray<PlaceState>
  /** Notices about things that the overview does not show otherwise. */
  readonly notices: ReadonlyArray<Notice>
  /** Number of acknowledged places and notices among all those. */
  readonly known: number
}

/** A switched output. */
const isRelay = ({ name, reading }: Property): boolean =>
  /^PIO(\.(?!ALL|BYTE)\w+)?$/.test(name) && (reading === undefined || typeof reading.value === "boolean")

export const relaysOf = (place: PlaceState): ReadonlyArray<Property> => place.properties.filter(isRelay)

const preferred = ["temperature", "humidity", "pressure", "illuminance"]

const rank = ({ name, reading, unit }: Property): number => {
  const found = preferred.indexOf(name)
  return found !== -1
    ? found
    : preferred.length + (typeof reading?.value === "number" ? 0 : 2) + (unit === undefined ? 1 : 0)
}

/** The properties of a place that have a history, the most important first. */
export const keptOf = (place: PlaceState): ReadonlyArray<Property> =>
  place.properties.filter(({ isKept }) => isKept).toSorted((one, other) => rank(one) - rank(other))

/** The main property of the place. */
export const mainOf = (place: PlaceState): Property | undefined =>
  keptOf(place)[0] ?? place.properties.find(({ reading }) => reading !== undefined) ?? place.properties[0]

/** The name of a property for people, with spaces instead of underscores. */
export const wordOf = (name: string): string => name.replaceAll("_", " ")

/** Seconds after which a value is old, because three readings are missing. */
export const patience = (every: number): number => Math.max(60, 3 * every + 5)

const verdicts: Readonly<Record<string, string>> = {
  PowerOn: "what the chip reports after power-on, before it has measured",
  Disconnected: "how a broken wire reads",
  NoAnswer: "how a missing answer reads",
  OutOfRange: "beyond what the chip can measure",
  Jump: "too far from the value before"
}

/** Reason why a value is implausible. */
const verdict = (tag: string): string => verdicts[tag] ?? tag

/** The open notices of a place. */
export const noticesOf = ({ notices }: Known, key: string): ReadonlyArray<Notice> =>
  notices.filter(({ place, until }) => place === key && until === undefined)

/** Notices that nobody has acknowledged. */
export const fresh = (notices: ReadonlyArray<Notice>): ReadonlyArray<Notice> =>
  notices.filter(({ acknowledgedAt }) => acknowledgedAt === undefined)

const beyond = ({ limits }: PlaceState, { name, reading, unit }: Property): Trouble | undefined => {
  const limit = limits[name]
  const value = reading?.value
  if (limit === undefined || typeof value !== "number" || reading?.verdict !== undefined) return undefined
  const tell = (word: string, bound: number): Trouble => ({
    kind: "limit",
    label: word === "above" ? "too high" : "too low",
    detail: `${word} ${Format.withUnit(bound, unit)}`,
    property: name
  })
  if (limit.above !== undefined && value > limit.above) return tell("above", limit.above)
  if (limit.below !== undefined && value < limit.below) return tell("below", limit.below)
  return undefined
}

/** Whether there are notices, and somebody has acknowledged all of them. */
export const isKnown = (notices: ReadonlyArray<Notice>): boolean => notices.length > 0 && fresh(notices).length === 0

/** The time at which something began, and the time at which it was acknowledged. */
const times = (since: number, acknowledgedAt: number | undefined, now: number): string =>
  `since ${Format.moment(since, now)}${
    acknowledgedAt === undefined ? "" : `, acknowledged ${Format.moment(acknowledgedAt, now)}`
  }`

/** The content of a notice, in the words of the page. */
export const told = (
  { acknowledgedAt, kind, limit, property, side, since, unit }: Notice,
  now: number
): Trouble => {
  const from = times(since, acknowledgedAt, now)
  const known = acknowledgedAt === undefined ? undefined : { isKnown: true }
  switch (kind) {
    case "Limit":
      return {
        kind: "limit",
        label: side === "below" ? "too low" : "too high",
        detail: limit === undefined ? from : `${side} ${Format.withUnit(limit, unit)} ${from}`,
        ...property === undefined ? undefined : { property },
        ...known
      }
    case "Alarm":
      return { kind: "alarm", label: "alarm", detail: from, ...known }
    case "NoNews":
      return { kind: "news", label: "no news", detail: from, ...known }
    default:
      return { kind: "failing", label: "no answer", detail: from, ...known }
  }
}

/** The failure of the most important property that cannot be read now. Its message is written for experts. */
export const failureOf = (place: PlaceState): Failing | undefined =>
  place.derived === undefined ? keptOf(place).find(({ failing }) => failing !== undefined)?.failing : undefined

/** The worst trouble of a place. */
export const troubleOf = (place: PlaceState, known: Known, now: number): Trouble | undefined => {
  const notices = noticesOf(known, place.key)
  /** The displayed state of a condition with a notice. It is quiet once everything about the place is acknowledged. */
  const quiet = (since: number, notice: Notice | undefined) => {
    const acknowledgedAt = isKnown(notices) ? notice?.acknowledgedAt : undefined
    return {
      detail: times(since, acknowledgedAt, now),
      ...acknowledgedAt === undefined ? undefined : { isKnown: true }
    }
  }
  const main = mainOf(place)
  if (place.goneSince !== undefined) {
    const { detail, ...rest } = quiet(place.goneSince, notices[0])
    return { kind: "gone", label: "vanished", detail: `not on the bus ${detail}`, ...rest }
  }
  if (place.alarmSince !== undefined) {
    const alarm = notices.find(({ kind }) => kind === "Alarm")
    return { kind: "alarm", label: "alarm", ...quiet(place.alarmSince, alarm) }
  }
  // Unacknowledged notices come first.
  const [worst] = [...fresh(notices), ...notices]
  const kept = keptOf(place)
  for (const property of kept) {
    const found = beyond(place, property)
    if (found === undefined) continue
    const notice = notices.find((notice) => notice.kind === "Limit" && notice.property === found.property)
    if (notice?.acknowledgedAt !== undefined && worst?.acknowledgedAt === undefined) continue
    return notice === undefined ? found : told(notice, now)
  }
  if (worst !== undefined) return told(worst, now)
  for (const { failing, name, reading, unit } of kept) {
    if (failing !== undefined) {
      const since = `since ${Format.moment(failing.since, now)}`
      return place.derived === undefined
        ? { kind: "failing", label: "no answer", detail: since, property: name }
        // The reason is a few words, and says which source to look at.
        : { kind: "failing", label: "not known", detail: `${since}: ${failing.message}`, property: name }
    }
    if (reading?.verdict !== undefined) {
      const value = Format.valueOf(reading.value, unit)
      const detail = `${value} ${Format.unitOf(unit)}: ${verdict(reading.verdict)}`
      return { kind: "implausible", label: "not plausible", detail, property: name }
    }
  }
  const at = main?.reading?.at
  if (main?.isKept === true && at !== undefined && now - at > patience(known.every)) {
    return {
      kind: "stale",
      label: "old value",
      detail: `last read ${Format.length(now - at)} ago`,
      property: main.name
    }
  }
  return undefined
}

/** Whether a trouble comes from the sources of a derived value, which report it themselves. */
const isOfSources = ({ derived }: PlaceState, { kind }: Trouble): boolean =>
  derived !== undefined && (kind === "failing" || kind === "stale")

const isOut = (place: PlaceState, { buses, failing, name }: ServerState): boolean =>
  place.server === name && (failing !== undefined || buses.some((bus) => bus.name === place.bus))

const compare = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare

const byOrder = (one: PlaceState, other: PlaceState): number =>
  one.order === other.order
    ? compare(one.title, other.title)
    : (one.order ?? Infinity) - (other.order ?? Infinity)

/** The group that contains a place. */
export const groupOf = (place: PlaceState): string =>
  place.group ??
    ([place.server, place.bus].filter((part) => part !== undefined).join(" · ") ||
      (place.derived === undefined ? "Elsewhere" : "Derived values"))

const severity: Readonly<Record<Trouble["kind"], number>> = {
  alarm: 0,
  limit: 0,
  gone: 1,
  failing: 2,
  news: 2,
  implausible: 3,
  stale: 4
}

/** Sorts acknowledged troubles after all others. */
const weightOf = ({ isKnown, kind }: Trouble): number => severity[kind] + (isKnown === true ? 10 : 0)

const groupsOf = (places: ReadonlyArray<PlaceState>): Map<string, Array<PlaceState>> => {
  const groups = new Map<string, Array<PlaceState>>()
  for (const place of places) {
    const title = groupOf(place)
    const group = groups.get(title)
    if (group === undefined) groups.set(title, [place])
    else group.push(place)
  }
  return groups
}

/**
 * All groups, in the order of their first places. Groups without an ordered place follow by name, and those of buses come last.
 */
const arranged = (known: Known): ReadonlyArray<Group> => {
  const first = ({ places }: Group) => Math.min(...places.map(({ order }) => order ?? Infinity))
  const given = ({ places }: Group) => places.some(({ group }) => group !== undefined) ? 0 : 1
  return [...groupsOf([...known.places.values()].toSorted(byOrder))].map(([title, places]): Group => ({
    title,
    places
  }))
    .toSorted((one, other) => {
      const [left, right] = [first(one), first(other)]
      return left === right ? given(one) - given(other) || compare(one.title, other.title) : left - right
    })
}

/** Position of a place in its group, and of the group among all groups. */
export interface Position {
  readonly index: number
  readonly of: number
  readonly groupIndex: number
  readonly groups: number
}

/** Groups with the places that the overview shows. */
const visible = (known: Known): ReadonlyArray<Group> =>
  arranged(known).map(({ places, title }) => ({ title, places: places.filter(({ isHidden }) => !isHidden) }))
    .filter(({ places }) => places.length > 0)

/** Position of a place on the overview, or `undefined` if it is hidden. */
export const positionOf = (known: Known, key: string): Position | undefined => {
  const groups = visible(known)
  for (const [groupIndex, { places }] of groups.entries()) {
    const index = places.findIndex((place) => place.key === key)
    if (index !== -1) return { index, of: places.length, groupIndex, groups: groups.length }
  }
  return undefined
}

/**
 * The orders that move a place, or its whole group, one position earlier (-1) or later (1), for the places whose order changes.
 * Places after all moved ones stay without an order, if they have none.
 */
export const moved = (known: Known, key: string, what: "place" | "group", by: -1 | 1): ReadonlyMap<string, number> => {
  const groups = arranged(known).map(({ places }) => [...places])
  const changes = new Map<string, number>()
  const at = groups.findIndex((places) => places.some((place) => place.key === key && !place.isHidden))
  const group = groups[at]
  if (group === undefined) return changes
  const swap = <A>(list: Array<A>, from: number, isShown: (one: A) => boolean): number | undefined => {
    let to = from + by
    while (to >= 0 && to < list.length && !isShown(list[to])) to += by
    if (to < 0 || to >= list.length) return undefined
    list.splice(to, 0, ...list.splice(from, 1))
    return Math.max(from, to)
  }
  const last = what === "group"
    ? swap(groups, at, (places) => places.some(({ isHidden }) => !isHidden))
    : swap(group, group.findIndex((place) => place.key === key), ({ isHidden }) => !isHidden)
  if (last === undefined) return changes
  const before = groups.slice(0, what === "group" ? last + 1 : at).flat().length
  const all = groups.flat()
  const count = Math.max(
    what === "group" ? before : before + last + 1,
    all.findLastIndex(({ order }) => order !== undefined) + 1
  )
  for (const [index, { key, order }] of all.slice(0, count).entries()) {
    if (order !== index + 1) changes.set(key, index + 1)
  }
  return changes
}

export const overview = (known: Known, now: number, query: string): Overview => {
  const wanted = query.trim().toLocaleLowerCase()
  const matches = (place: PlaceState) =>
    wanted === "" ||
    [place.title, place.key, place.device, place.chip, groupOf(place)].some((text) =>
      text.toLocaleLowerCase().includes(wanted)
    )
  const all = [...known.places.values()].filter(matches).toSorted(byOrder)
  const shown = all.filter(({ isHidden }) => !isHidden)
  const out = new Set<PlaceState>()
  const outages: Array<Outage> = []
  const open = known.notices.filter(({ until }) => until === undefined)
  const shownNotices = new Set<Notice>()
  /** The notices of a bus, or of a whole server. */
  const noticesOn = (server: string, bus: string | undefined): ReadonlyArray<Notice> => {
    const found = open.filter((notice) =>
      (notice.kind === "BusOut" || notice.kind === "ServerOut") && notice.server === server && notice.bus === bus
    )
    for (const notice of found) shownNotices.add(notice)
    return found
  }
  for (const server of known.servers) {
    const of = shown.filter((place) => isOut(place, server))
    for (const place of of) out.add(place)
    if (server.failing !== undefined) {
      outages.push({
        ...server.failing,
        server: server.name,
        bus: undefined,
        places: of,
        notices: noticesOn(server.name, undefined)
      })
      continue
    }
    for (const bus of server.buses) {
      const places = of.filter((place) => place.bus === bus.name)
      outages.push({
        since: bus.since,
        message: bus.message,
        server: server.name,
        bus: bus.name,
        places,
        notices: noticesOn(server.name, bus.name)
      })
    }
  }
  const troubled: Array<readonly [place: PlaceState, weight: number]> = []
  let acknowledged = outages.reduce((sum, { notices, places }) => sum + (isKnown(notices) ? places.length : 0), 0)
  const calm = new Set<PlaceState>()
  for (const place of shown) {
    for (const notice of noticesOf(known, place.key)) shownNotices.add(notice)
    if (out.has(place)) continue
    const trouble = troubleOf(place, known, now)
    if (trouble === undefined || isOfSources(place, trouble)) calm.add(place)
    else troubled.push([place, weightOf(trouble)])
    if (trouble?.isKnown === true) acknowledged++
  }
  const notices = wanted === "" ? open.filter((notice) => !shownNotices.has(notice)) : []
  return {
    outages,
    troubled: troubled.toSorted(([, one], [, other]) => one - other).map(([place]) => place),
    // A group keeps its position when its first place needs a look.
    groups: arranged(known).map(({ places, title }) => ({ title, places: places.filter((place) => calm.has(place)) }))
      .filter(({ places }) => places.length > 0),
    hidden: all.filter(({ isHidden }) => isHidden),
    notices,
    known: acknowledged + notices.length - fresh(notices).length
  }
}

/** Numbers of sensors, of everything that needs a look, including outages, and of everything acknowledged. */
export const count = ({ groups, known, notices, outages, troubled }: Overview): {
  readonly all: number
  readonly wanting: number
  readonly known: number
} => {
  const out = outages.flatMap(({ places }) => places)
  return {
    all: [...out, ...troubled, ...groups.flatMap(({ places }) => places)].filter(({ derived }) => derived === undefined)
      .length,
    wanting: out.length + troubled.length + notices.length - known,
    known
  }
}
