/** The card of a place: its name, its value, its trouble, and its chart. */
import type { PlaceState, Property, Reading } from "../src/Api.ts"
import * as Acknowledgement from "./acknowledgement.ts"
import { root, seriesOf } from "./api.ts"
import * as Beginning from "./beginning.ts"
import type { Chart, Drawing, Limit, Options } from "./chart.ts"
import { h, put, say } from "./dom.ts"
import * as Format from "./format.ts"
import * as Look from "./look.ts"
import * as Range from "./range.ts"
import * as Relay from "./relay.ts"
import * as Renewal from "./renewal.ts"
import * as Store from "./store.ts"
import * as Trace from "./trace.ts"

/** The charts load after the values, because they are most of the page's code. */
export const charts = () => Renewal.part(() => import("./chart.ts"))

/** The limits of a property, as lines. */
export const limitsOf = (place: PlaceState, name: string, unit: string | undefined): ReadonlyArray<Limit> => {
  const { above, below } = place.limits[name] ?? {}
  return [["above", above], ["below", below]].flatMap(([word, value]) =>
    typeof value !== "number"
      ? []
      : [{ value: Format.toView(value, unit), label: `${word} ${Format.withUnit(value, unit)}` }]
  )
}

/** The trend of a value, per hour. */
export const trendOf = (perHour: number | undefined, unit: string | undefined): string => {
  if (perHour === undefined) return ""
  const isSteady = Math.abs(perHour) < (unit === "°C" ? 0.15 : unit?.startsWith("%") === true ? 0.5 : 1e-3)
  return isSteady ? "→ steady" : `${perHour > 0 ? "↗" : "↘"} ${Format.signed(perHour, unit)}/h`
}

/** A chart in words: its content, its range of time and of values, and whether values are missing. */
export const summaryOf = (
  title: string,
  { name, reading, unit }: Property,
  trace: Trace.Trace | undefined,
  perHour: number | undefined
): string => {
  const begin = trace && Beginning.within([trace])
  const span = begin === undefined ? Range.words() : `since ${Format.dayOrClock(begin, Store.now())}`
  const what = `Chart of ${title}, ${Look.wordOf(name)}, ${span}`
  const found = trace === undefined ? undefined : Trace.bounds(trace, Range.current().from)
  if (trace === undefined || found === undefined) return `${what}: nothing is known.`
  const isOnOff = typeof reading?.value === "boolean"
  const values = isOnOff
    ? found.min === found.max ? `always ${found.max > 0.5 ? "on" : "off"}` : "on and off"
    : `${Format.withUnit(found.min, unit)} to ${Format.withUnit(found.max, unit)}`
  const trend = isOnOff ? "" : trendOf(perHour, unit)
  const way = trend === "" ? "" : trend.startsWith("→") ? ", steady" : trend.startsWith("↗") ? ", rising" : ", falling"
  const gaps = Trace.hasGaps(trace) ? ", with gaps" : ""
  const marks = trace.marks.length === 0 ? "" : `, ${trace.marks.length} not plausible`
  return `${what}: ${values}${way}${gaps}${marks}.`
}

/** Age of a value, in a word. */
export const ageOf = (at: number | undefined, now: number, every: number): string =>
  at === undefined ? "" : now - at < Math.max(5, 1.5 * every) ? "now" : `${Format.length(now - at)} ago`

export const href = (key: string): string => `${root}s/${encodeURIComponent(key)}`

export interface Card {
  readonly key: string
  readonly element: HTMLElement
  /** The series of its chart, if it has one. */
  readonly series: () => string | undefined
  readonly trace: () => Trace.Trace | undefined
  /** Shows the current state of the place, its age, and the moving range. */
  readonly update: () => void
  /** Takes a history, and that of the last hour if the other one is too coarse for a trend. */
  readonly load: (trace: Trace.Trace, recent: Trace.Trace | undefined) => void
  /** Appends readings to the chart. */
  readonly extend: (readings: Readonly<Record<string, Reading>>) => void
  /** Draws the chart, on a scale that it may share with others. */
  readonly draw: (bounds: Drawing["bounds"]) => void
  readonly end: () => void
}

/** Whether the place has several switches, of which none represents all. */
const isSeveral = (place: PlaceState): boolean =>
  Look.relaysOf(place).length > 1 && typeof Look.mainOf(place)?.reading?.value === "boolean"

export const make = (key: string): Card => {
  const name = h("a", { href: href(key), "data-place": key })
  const value = h("span", { class: "number" })
  const unit = h("span", { class: "unit" })
  const others = h("p", { class: "others" })
  const bounds = h("span", { class: "bounds" })
  const trend = h("span", { class: "trend" })
  const age = h("span", { class: "age" })
  const label = h("strong", {})
  const detail = h("span", {})
  const trouble = h("p", { class: "trouble", hidden: true }, label, " ", detail)
  const acknowledgement = Acknowledgement.make()
  const box = h("div", { class: "chart", role: "img", "aria-label": "Chart" })
  const relays = h("div", { class: "relays", hidden: true })
  const element = h(
    "article",
    { class: "card" },
    h("header", {}, h("h3", {}, name), h("p", { class: "value" }, value, " ", unit)),
    h("p", { class: "facts" }, bounds, trend, age),
    trouble,
    acknowledgement.element,
    others,
    relays,
    box
  )
  const switches = new Map<string, Relay.Relay>()
  let chart: Chart | undefined
  let trace: Trace.Trace | undefined
  let recent: Trace.Trace | undefined
  let isPointedAt = false
  let drawnAt = 0
  let shared: Drawing["bounds"]

  const find = () => {
    const known = Store.known
    const place = known?.places.get(key)
    return known === undefined || place === undefined ? undefined : { known, place, main: Look.mainOf(place) }
  }

  const series = (): string | undefined => {
    const found = find()
    return found?.main?.isKept !== true || isSeveral(found.place) ? undefined : seriesOf(key, found.main.name)
  }

  const showBounds = (): void => {
    const main = find()?.main
    if (isPointedAt || main === undefined) return
    const found = trace === undefined || typeof main.reading?.value === "boolean"
      ? undefined
      : Trace.bounds(trace, Range.current().from)
    const begin = trace && Beginning.within([trace])
    say(
      bounds,
      [
        found === undefined ? "" : `${Format.number(found.min, main.unit)} … ${Format.number(found.max, main.unit)}`,
        begin === undefined ? "" : `since ${Format.dayOrClock(begin, Store.now())}`
      ].join(" ").trim()
    )
    say(
      trend,
      typeof main.reading?.value === "boolean" || place()?.goneSince !== undefined ? "" : trendOf(slope(), main.unit)
    )
    put(box, "aria-label", summaryOf(place()?.title ?? key, main, trace, slope()))
  }

  const place = () => find()?.place

  const slope = (): number | undefined => {
    const found = recent ?? trace
    return found === undefined ? undefined : Trace.trend(found, Store.now())
  }

  const point: Options["point"] = (at, [found]) => {
    isPointedAt = at !== undefined && found !== null && found !== undefined
    if (!isPointedAt || at === undefined || typeof found !== "number") return showBounds()
    const main = find()?.main
    say(
      bounds,
      `${Format.moment(at, Store.now())} · ${
        typeof main?.reading?.value === "boolean" ? (found > 0.5 ? "on" : "off") : Format.plain(found, main?.unit)
      }`
    )
    say(trend, "")
  }

  const draw: Card["draw"] = (next) => {
    shared = next
    const found = find()
    if (trace === undefined || found?.main === undefined || chart === undefined) return
    drawnAt = Date.now()
    chart.draw({
      lines: [{
        trace,
        color: colorOf(found.main.unit),
        dash: 0,
        isSwitch: typeof found.main.reading?.value === "boolean",
        delay: 0
      }],
      span: Beginning.spanOf([trace]),
      limits: limitsOf(found.place, found.main.name, found.main.unit),
      bounds: shared
    })
  }

  const load: Card["load"] = (next, last) => {
    trace = next
    recent = last
    if (Range.fixed === undefined) Trace.end(trace, find()?.main?.reading)
    showBounds()
    if (chart !== undefined) return draw(shared)
    void charts().then(({ make }) => {
      chart ??= make(box, {
        isLarge: false,
        choose: Range.show,
        reset: Range.back,
        point
      })
      draw(shared)
    })
  }

  const extend: Card["extend"] = (readings) => {
    const found = find()
    const reading = found?.main === undefined ? undefined : readings[found.main.name]
    if (found === undefined || reading === undefined) return
    const patience = Look.patience(found.known.every)
    if (recent !== undefined) Trace.extend(recent, reading, patience)
    if (trace === undefined || Range.fixed !== undefined) return
    Trace.extend(trace, reading, patience)
    showBounds()
  }

  const tick = (): void => {
    const found = find()
    if (found === undefined) return
    showBounds()
    say(age, ageOf(found.main?.reading?.at, Store.now(), found.known.every))
    const { from, to } = trace === undefined ? Range.current() : Beginning.spanOf([trace])
    if (Range.fixed === undefined && Date.now() - drawnAt > Math.max(5000, (to - from) * 2.5)) draw(shared)
  }

  const update = (): void => {
    const found = find()
    if (found === undefined) return
    const { known, main, place } = found
    const reading = main?.reading
    const matter = Look.troubleOf(place, known, Store.heardAt)
    say(name, place.title)
    const relay = Look.relaysOf(place)
    const isBoard = isSeveral(place)
    const on = relay.filter(({ reading }) => reading?.value === true).length
    say(
      value,
      isBoard ? `${on} of ${relay.length}` : reading === undefined ? "–" : Format.valueOf(reading.value, main?.unit)
    )
    say(unit, isBoard ? "on" : reading === undefined ? "" : Format.unitOf(main?.unit))
    put(element, "data-trouble", matter?.kind)
    put(element, "data-known", matter?.isKnown)
    acknowledgement.show(Look.noticesOf(known, key), `${place.title}: ${matter?.label ?? ""}`)
    put(trouble, "hidden", matter === undefined)
    put(trouble, "title", Look.failureOf(place)?.message)
    if (matter !== undefined) {
      say(label, matter.label)
      say(
        detail,
        matter.property === undefined || matter.property === main?.name
          ? matter.detail
          : `${Look.wordOf(matter.property)} ${matter.detail}`
      )
    }
    put(relays, "hidden", relay.length === 0)
    for (const { name } of relay) {
      let made = switches.get(name)
      if (made === undefined) {
        made = Relay.make(key, name)
        switches.set(name, made)
        relays.append(made.element)
      } else made.update()
    }
    const rest = Look.keptOf(place).filter((other) => other !== main && typeof other.reading?.value === "number")
    say(
      others,
      rest.slice(0, 3).map(({ name, reading, unit }) =>
        reading === undefined
          ? ""
          : `${Look.wordOf(name)} ${Format.valueOf(reading.value, unit)} ${Format.unitOf(unit)}`.trim()
      ).join("   ")
    )
    put(box, "hidden", main?.isKept !== true || isBoard)
    tick()
  }

  return {
    key,
    element,
    series,
    trace: () => trace,
    update,
    load,
    extend,
    draw,
    end: () => {
      chart?.destroy()
      for (const relay of switches.values()) relay.end()
    }
  }
}

/** The color of a quantity, which distinguishes humidity from temperature at a glance. */
export const colorOf = (unit: string | undefined): number =>
  unit === "°C" ? 0 : unit?.startsWith("%") === true ? 1 : unit === undefined || unit === "" ? 3 : 2
