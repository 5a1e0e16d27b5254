/**
 * A month of history of the simulated house, as a hub would have kept it.
 */
import * as Derived from "@effect-ownet/hub/Derived"
import * as History from "@effect-ownet/hub/History"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as SimulatedHouse from "./SimulatedHouse.ts"

const { day, hour } = SimulatedHouse

/** Seconds of history, and its recent seconds that have a reading every minute. */
const length = 30 * day
const recent = 2 * day

/** Seconds before now at which the hub was off, and at which the bus outside was broken. */
const off = [9 * day, 9 * day - 5 * hour] as const
const broken = [13 * hour, 10 * hour] as const
const brokenBus = 2

/** Sensor that lost power for a moment, and the seconds since then. */
const lost = { id: "28.C7A01B070000", before: 6 * hour }

const isBetween = (ago: number, [from, to]: readonly [number, number]): boolean => ago <= from && ago > to

/** Rows of a property: one for each change, one every ten minutes, and one without a value for a time without a measurement. */
const rowsOf = function*(
  series: number,
  { bus, id }: SimulatedHouse.Sensor,
  of: (at: number) => number,
  now: number
): Generator<History.Row> {
  let isKnown = false
  let last: { readonly at: number; readonly value: number } | undefined
  const verdict = "Plausible"
  for (let ago = length; ago > 5; ago -= ago > recent ? 600 : 60) {
    const at = now - ago
    if (isBetween(ago, off) || (bus === brokenBus && isBetween(ago, broken))) {
      if (isKnown) yield { series, at, value: undefined, verdict }
      isKnown = false
      last = undefined
      continue
    }
    isKnown = true
    const value = of(at)
    if (id === lost.id && isBetween(ago, [lost.before, lost.before - 120])) {
      yield { series, at, value: 85, verdict: "PowerOn" }
      last = undefined
    } else if (last === undefined || last.value !== value || at - last.at >= 600) {
      yield { series, at, value, verdict }
      last = { at, value }
    }
  }
}

/** Whether to keep a value after the previous one. */
const isWorthKeeping = (last: Pick<History.Row, "at" | "value"> | undefined, { at, value }: Derived.Value): boolean =>
  last === undefined ? value !== undefined : last.value !== value || (value !== undefined && at - last.at >= 600)

/** Derived values, from rows in the order of time. */
const derivedOf = (
  rows: ReadonlyArray<History.Row>,
  series: ReadonlyArray<History.Series>
): ReadonlyArray<Derived.Value> => {
  const groups = new Map(SimulatedHouse.sensors.map(({ group, id }) => [id, group]))
  const of = new Map(series.map((one) => [one.id, one]))
  const { derived } = SimulatedHouse
  const state = Derived.begin({ definitions: () => derived, groupOf: (key) => groups.get(key) })
  const found: Array<Derived.Value> = []
  const last = new Map<string, Derived.Value>()
  for (const [index, { at, series: id, value, verdict }] of rows.entries()) {
    const { place, property, unit } = of.get(id)!
    Derived.take(state, { place, property, unit, at, value: verdict === "Plausible" ? value : undefined })
    // Rows of the same time belong together.
    if (rows[index + 1]?.at === at) continue
    for (const made of Derived.compute(state, at)) {
      const name = `${made.place}/${made.property}`
      if (!isWorthKeeping(last.get(name), made)) continue
      last.set(name, made)
      found.push(made)
    }
  }
  return found
}

const eventsOf = (now: number): ReadonlyArray<History.Event> => {
  const { server } = SimulatedHouse
  const bus = `bus.${brokenBus}`
  const [offAt, onAt] = off
  const [from, to] = broken
  const pond = SimulatedHouse.sensors.find(({ name }) => name === "Pond")?.id
  return [
    { at: now - length, kind: "Started", text: "The hub has started" },
    { at: now - offAt, kind: "Stopped", text: "The hub has stopped" },
    { at: now - onAt, kind: "Started", text: "The hub has started" },
    { at: now - 4 * day, kind: "Vanished", place: pond, server, bus, text: "Pond is gone" },
    {
      at: now - 4 * day + 4 * hour,
      kind: "Appeared",
      place: pond,
      server,
      bus,
      text: `Pond is back on ${bus} of ${server}`
    },
    { at: now - from, kind: "BusFailed", server, bus, text: `${bus} of ${server} fails: -5 EIO` },
    { at: now - to, kind: "BusRecovered", server, bus, text: `${bus} of ${server} works again, after 3 hours` }
  ]
}

/** Events of a property that exceeds its limits and returns within them. */
const limitsOf = function*(
  { id, limits, name }: SimulatedHouse.Sensor,
  property: string,
  unit: string | undefined,
  rows: ReadonlyArray<History.Row>
): Generator<History.Event> {
  const { above = Infinity, below = -Infinity } = limits?.[property] ?? {}
  let isBeyond = false
  for (const { at, value, verdict } of rows) {
    if (value === undefined || verdict !== "Plausible") continue
    const isNow = value > above || value < below
    if (isNow === isBeyond) continue
    isBeyond = isNow
    const said = `${name}: ${property} is ${value}${unit === undefined ? "" : ` ${unit}`}`
    yield {
      at,
      kind: isNow ? "LimitExceeded" : "LimitKept",
      place: id,
      property,
      text: isNow
        ? `${said}, ${value > above ? `above ${above}` : `below ${below}`}`
        : `${said}, within its limits again`
    }
  }
}

/** Maximum rows in a transaction. */
const mostAtOnce = 5000

/** Writes the whole history, and the names and groups of the places. */
export const remember = Effect.gen(function*() {
  const history = yield* History.History
  const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
  const events = [...eventsOf(now)]
  const rows: Array<History.Row> = []
  for (const [order, sensor] of SimulatedHouse.sensors.entries()) {
    const { group, id: device, limits = {}, name, values } = sensor
    yield* history.setPlace({ key: device, device, name, group, order, isHidden: false, limits })
    for (const [property, { of, unit }] of Object.entries(values)) {
      const series = yield* history.open({ device, property, unit, since: now - length })
      const own = [...rowsOf(series.id, sensor, (at) => of(at, now), now)]
      for (const row of own) rows.push(row)
      events.push(...limitsOf(sensor, property, unit, own))
    }
  }
  rows.sort((a, b) => a.at - b.at)
  for (const place of SimulatedHouse.derivedPlaces) yield* history.setPlace(place)
  const ids = new Map<string, number>()
  for (const { at, place: device, property, unit, value } of derivedOf(rows, yield* history.series)) {
    const name = `${device}/${property}`
    const series = ids.get(name) ?? (yield* history.open({ device, property, unit, since: at })).id
    ids.set(name, series)
    rows.push({ series, at, value, verdict: "Plausible" })
  }
  rows.sort((a, b) => a.at - b.at)
  events.sort((a, b) => a.at - b.at)
  for (let from = 0; from < rows.length; from += mostAtOnce) {
    const some = rows.slice(from, from + mostAtOnce)
    yield* history.append({ at: some.at(-1)?.at ?? now, rows: some, events: [] })
    yield* Effect.yieldNow
  }
  yield* history.append({ at: now - 5, rows: [], events })
  yield* history.maintain({ now, keep: 2 * 365 * day })
})
