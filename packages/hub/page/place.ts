/** The page of a place, with all information about it. */
import type { Live, PlaceState, Property } from "../src/Api.ts"
import * as Api from "./api.ts"
import * as Beginning from "./beginning.ts"
import * as Card from "./card.ts"
import type { Chart, dashOf, Line } from "./chart.ts"
import { h, put, say } from "./dom.ts"
import * as Events from "./events.ts"
import * as Format from "./format.ts"
import * as Key from "./key.ts"
import * as Look from "./look.ts"
import * as Notices from "./notices.ts"
import * as Form from "./place-form.ts"
import * as Properties from "./properties.ts"
import * as Range from "./range.ts"
import * as Relay from "./relay.ts"
import * as Store from "./store.ts"
import * as Trace from "./trace.ts"
import type { View } from "./view.ts"

/** Maximum series drawn over that of the place. */
const most = 5

const day = 86_400

const earlier: ReadonlyArray<readonly [label: string, seconds: number]> = [
  ["No earlier time", 0],
  ["The day before", day],
  ["The week before", 7 * day],
  ["30 days before", 30 * day],
  ["The year before", 365 * day]
]

const svg = "http://www.w3.org/2000/svg"

/** A sample of a line as it is drawn. */
const swatch = (): Element => {
  const element = document.createElementNS(svg, "svg")
  for (const [name, value] of [["class", "swatch"], ["viewBox", "0 0 34 4"], ["aria-hidden", "true"]]) {
    put(element, name, value)
  }
  const line = element.appendChild(document.createElementNS(svg, "line"))
  for (const [name, value] of [["x1", 0], ["x2", 34], ["y1", 2], ["y2", 2]] as const) put(line, name, value)
  return element
}

interface Drawn {
  readonly place: string
  readonly property: string
  readonly trace: Trace.Trace
  readonly delay: number
}

const isSwitch = (property: Property | undefined): boolean => typeof property?.reading?.value === "boolean"

const propertyOf = (place: string, name: string): Property | undefined =>
  Store.known?.places.get(place)?.properties.find((property) => property.name === name)

/** The range from the least to the greatest value, in words. */
const rangeOf = (bounds: ReturnType<typeof Trace.bounds>, unit: string | undefined, isOnOff: boolean): string => {
  if (bounds === undefined) return "nothing is known"
  if (isOnOff) return bounds.max === 0 ? "off" : bounds.min === 1 ? "on" : "off … on"
  return `${Format.number(bounds.min, unit)} … ${Format.withUnit(bounds.max, unit)}`
}

/** The displayed range, in words. */
const rangeText = (traces: ReadonlyArray<Trace.Trace>): string => {
  const { from, to } = Range.current()
  const now = Store.now()
  const begin = Beginning.within(traces)
  if (begin !== undefined) return `The history begins at ${Format.moment(begin, now)}.`
  return `${Format.moment(from, now)} – ${Range.fixed === undefined ? "now" : Format.moment(to, now)}`
}

export const make = (main: HTMLElement, key: string): View => {
  const title = h("h1", {})
  const about = h("p", { class: "about" })
  const value = h("span", { class: "number" })
  const unit = h("span", { class: "unit" })
  const age = h("span", { class: "age" })
  const trend = h("span", { class: "trend" })
  const troubleLabel = h("strong", {})
  const troubleText = h("span", {})
  const cause = h("small", {})
  const trouble = h("p", { class: "trouble", hidden: true }, troubleLabel, " ", troubleText, cause)
  const tabs = h("div", { class: "segments", role: "group", "aria-label": "Property" })
  const box = h("div", { class: "chart large", role: "img", tabindex: 0, "aria-label": "Chart" })
  const legend = h("ul", { class: "legend" })
  const status = h("p", { class: "chart-status", role: "status" })
  const over = h("select", { "aria-label": "Add a sensor to the chart", change: () => addOver() })
  const before = h("select", {
    "aria-label": "Compare with an earlier time",
    change: () => {
      delay = Number(before.value)
      void load()
    }
  }, ...earlier.map(([label, seconds]) => h("option", { value: seconds }, label)))
  const csv = h("a", { class: "button", download: "" }, "CSV")
  const relays = h("div", { class: "relays" })
  const relayPanel = h("section", { class: "panel", hidden: true }, h("h2", {}, "Switches"), relays)
  const days = h("tbody", {})
  const daysHead = h("tr", {})
  const daysPanel = h(
    "section",
    { class: "panel", "aria-labelledby": "days-title" },
    h("h2", { id: "days-title" }, "By day"),
    h("div", { class: "scroll" }, h("table", {}, h("thead", {}, daysHead), days))
  )
  const events = Events.list(key, 30)
  const notices = Notices.list(key)
  const properties = Properties.make(key)
  const form = Form.make(key)
  const eventsPanel = h(
    "section",
    { class: "panel", "aria-labelledby": "events-title" },
    h("h2", { id: "events-title" }, "Events"),
    events.element
  )
  const page = h(
    "div",
    { class: "page place" },
    h(
      "div",
      { class: "headline" },
      h("div", {}, title, about),
      h("div", { class: "now" }, h("p", { class: "value" }, value, " ", unit), h("p", { class: "facts" }, trend, age))
    ),
    trouble,
    relayPanel,
    h(
      "section",
      { class: "panel", "aria-label": "Chart" },
      h("div", { class: "tools" }, tabs, over, before, csv),
      box,
      status,
      legend,
      Key.make()
    ),
    h(
      "div",
      { class: "columns" },
      h("div", {}, daysPanel, properties.element),
      h("div", {}, notices.element, eventsPanel, form.element)
    )
  )
  const missing = h("div", { class: "empty" }, h("h1", {}, key), h("p", {}, "There is no such place."))

  let chosen: string | undefined
  let overs: ReadonlyArray<{ readonly place: string; readonly property: string }> = []
  let delay = 0
  let drawn: ReadonlyArray<Drawn> = []
  let recent: Trace.Trace | undefined
  let chart: Chart | undefined
  let dashes: typeof dashOf | undefined
  let running: AbortController | undefined
  let loadedAt = 0
  let drawnAt = 0
  let pointed: { readonly at: number; readonly values: ReadonlyArray<number | null | undefined> } | undefined
  const switches = new Map<string, Relay.Relay>()

  const find = (): PlaceState | undefined => Store.known?.places.get(key)

  /** The property that the chart shows. */
  const shown = (): Property | undefined => {
    const place = find()
    if (place === undefined) return undefined
    const kept = Look.keptOf(place)
    return kept.find(({ name }) => name === chosen) ?? kept[0]
  }

  const base = (): number => Card.colorOf(shown()?.unit)

  const lineOf = (one: Drawn, index: number): Line => ({
    trace: one.trace,
    color: one.delay > 0 ? base() : (base() + index) % 6,
    dash: index,
    isSwitch: isSwitch(propertyOf(one.place, one.property)),
    delay: one.delay
  })

  const traces = () => drawn.map(({ trace }) => trace)

  const shownSpan = () => Beginning.spanOf(traces())

  const draw = (): void => {
    const place = find()
    const property = shown()
    if (chart === undefined || place === undefined || property === undefined || drawn.length === 0) return
    drawnAt = Date.now()
    chart.draw({
      lines: drawn.map(lineOf),
      span: shownSpan(),
      limits: Card.limitsOf(place, property.name, property.unit),
      bounds: undefined
    })
  }

  const nameOf = (one: Drawn): string => {
    const place = Store.known?.places.get(one.place)
    if (one.delay > 0) return earlier.find(([, seconds]) => seconds === one.delay)?.[0] ?? "Before"
    const several = one.place !== key || overs.some((over) => over.place === key)
    return several ? `${place?.title ?? one.place}, ${Look.wordOf(one.property)}` : Look.wordOf(one.property)
  }

  const showLegend = (): void => {
    const now = Store.now()
    const { from } = Range.current()
    const rows = drawn.map((one, index) => {
      const bounds = Trace.bounds(one.trace, from - one.delay)
      const at = pointed?.values[index]
      const isOnOff = isSwitch(propertyOf(one.place, one.property))
      const text = pointed === undefined
        ? rangeOf(bounds, one.trace.unit, isOnOff)
        : typeof at !== "number"
        ? "not measured"
        : isOnOff
        ? at > 0.5 ? "on" : "off"
        : Format.plain(at, one.trace.unit)
      const line = lineOf(one, index)
      const item = legend.children[index] ?? legend.appendChild(h(
        "li",
        {},
        swatch(),
        h("span", { class: "series" }),
        h("span", { class: "reading" }),
        h("button", { type: "button", class: "remove", click: () => remove(index) }, "×")
      ))
      put(item, "data-color", line.color)
      const stroke = item.querySelector("line")
      if (stroke !== null) put(stroke, "stroke-dasharray", dashes?.(line).join(" ") || undefined)
      say(item.children[1], nameOf(one))
      say(item.children[2], text)
      put(item.children[3], "hidden", index === 0)
      put(item.children[3], "aria-label", `Remove ${nameOf(one)}`)
      return item
    })
    for (const item of [...legend.children].slice(rows.length)) item.remove()
    say(status, pointed === undefined ? rangeText(traces()) : Format.full(pointed.at))
    const first = drawn[0]
    const of = recent ?? first?.trace
    const slope = of === undefined ? undefined : Trace.trend(of, now)
    say(trend, of === undefined || isSwitch(shown()) ? "" : Card.trendOf(slope, of.unit))
    const property = shown()
    if (property === undefined) return
    const others = drawn.length < 2 ? "" : ` With ${drawn.slice(1).map(nameOf).join("; ")}.`
    put(
      box,
      "aria-label",
      `${
        Card.summaryOf(find()?.title ?? key, property, first?.trace, slope)
      }${others} Arrow keys move in time, plus and minus zoom.`
    )
  }

  const remove = (index: number): void => {
    const one = drawn[index]
    if (one.delay > 0) {
      delay = 0
      before.value = "0"
    } else {
      overs = overs.filter((over) => over.place !== one.place || over.property !== one.property)
    }
    void load()
  }

  const addOver = (): void => {
    const [place, property] = over.value.split("/")
    over.value = ""
    if (place === undefined || property === undefined || overs.length === most) return
    overs = [...overs, { place, property }]
    void load()
  }

  const load = async (): Promise<void> => {
    const property = shown()
    if (property === undefined || Store.known === undefined) return
    running?.abort()
    const controller = new AbortController()
    running = controller
    loadedAt = Date.now()
    const span = Range.current()
    const now = Store.now()
    const series = [{ place: key, property: property.name }, ...overs]
    const names = series.map(({ place, property }) => Api.seriesOf(place, property))
    const points = Math.min(1200, Math.max(200, Math.round(box.clientWidth / 1.5)))
    put(csv, "href", Api.csv(names, span))
    try {
      const [module, found, past, lastHour] = await Promise.all([
        Card.charts(),
        delay === 0
          ? Beginning.fetch((...asked) => Api.history(...asked, controller.signal), names, span, points, true)
          // Both times have the whole range.
          : Api.history(names, span, points, controller.signal).then((history) =>
            history.series.map((buckets) => ({ history, buckets, begin: undefined }))
          ),
        delay === 0
          ? undefined
          : Api.history([names[0]], { from: span.from - delay, to: span.to - delay }, points, controller.signal),
        span.to - span.from > points * 1200
          ? Api.history([names[0]], { from: now - 3600, to: now }, 20, controller.signal)
          : undefined
      ])
      if (controller.signal.aborted) return
      dashes = module.dashOf
      chart ??= module.make(box, {
        isLarge: true,
        choose: Range.show,
        reset: Range.back,
        point: (at, values) => {
          pointed = at === undefined ? undefined : { at, values }
          showLegend()
        }
      })
      const turn = ({ begin, buckets, history }: Omit<Beginning.Found, "name">, delay: number): Drawn => ({
        place: buckets.place,
        property: buckets.property,
        trace: Trace.make(history, buckets, now, begin),
        delay
      })
      drawn = [
        ...found.map((one) => turn(one, 0)),
        ...past?.series.map((buckets) => turn({ history: past, buckets, begin: undefined }, delay)) ?? []
      ]
      if (Range.fixed === undefined) {
        for (const { delay, place, property, trace } of drawn) {
          if (delay === 0) Trace.end(trace, propertyOf(place, property)?.reading)
        }
      }
      recent = lastHour?.series[0] === undefined ? undefined : Trace.make(lastHour, lastHour.series[0], now)
      pointed = undefined
      draw()
      showLegend()
    } catch (error) {
      if (!controller.signal.aborted) say(status, error instanceof Error ? error.message : String(error))
    }
    void loadDays(property)
  }

  const loadDays = async (property: Property): Promise<void> => {
    put(daysPanel, "hidden", isSwitch(property))
    const { from, to } = Range.current()
    const first = new Date(Math.max(to - 62 * day, Math.min(from, to - 6 * day)) * 1000)
    first.setHours(0, 0, 0, 0)
    const { unit } = property
    const shownUnit = Format.unitOf(unit)
    daysHead.replaceChildren(
      ...["Day", "Min", "Mean", "Max", "Measured"].map((name) =>
        h(
          "th",
          { scope: "col", title: name === "Measured" ? "Part of the day in which the value was known" : undefined },
          name,
          shownUnit !== "" && name.length < 5 && name !== "Day" && h("small", {}, ` ${shownUnit}`)
        )
      )
    )
    const [found] = await Api.days(Api.seriesOf(key, property.name), { from: first.getTime() / 1000, to }).catch(
      () => []
    )
    const cell = (value: number | null) => h("td", {}, value === null ? "–" : Format.number(value, unit))
    const now = Store.now()
    const all = found?.days ?? []
    // Days before the first value are left out.
    const told = all.slice(Math.max(0, all.findIndex(({ covered }) => covered > 0))).toReversed()
    days.replaceChildren(
      ...told.map((one) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, Format.date(one.date)),
          cell(one.min),
          cell(one.mean),
          cell(one.max),
          h("td", {}, `${Math.round(100 * Math.min(1, one.covered / Math.max(1, Math.min(one.to, now) - one.from)))} %`)
        )
      )
    )
  }

  const choose = (name: string): void => {
    chosen = name
    overs = overs.filter((over) => over.place !== key || over.property !== name)
    update()
    void load()
  }

  const showTabs = (place: PlaceState): void => {
    const kept = Look.keptOf(place)
    put(tabs, "hidden", kept.length < 2)
    const names = kept.map(({ name }) => name)
    if ([...tabs.children].map((child) => child.textContent).join() !== names.map(Look.wordOf).join()) {
      tabs.replaceChildren(
        ...names.map((name) => h("button", { type: "button", click: () => choose(name) }, Look.wordOf(name)))
      )
    }
    for (const [index, child] of [...tabs.children].entries()) {
      put(child, "aria-pressed", names[index] === shown()?.name ? "true" : "false")
    }
  }

  const showOvers = (): void => {
    const places = [...Store.known?.places.values() ?? []]
    const options = places.flatMap((place) =>
      Look.keptOf(place).filter(({ name }) => place.key !== key || name !== shown()?.name).map((property) => ({
        value: Api.seriesOf(place.key, property.name),
        label: Look.keptOf(place).length === 1 ? place.title : `${place.title}, ${Look.wordOf(property.name)}`
      }))
    )
    if (
      over.children.length - 1 === options.length && options.every(({ label, value }, index) => {
        const option = over.children[index + 1]
        return option.textContent === label && option.getAttribute("value") === value
      })
    ) return
    over.replaceChildren(
      h("option", { value: "" }, "Add a sensor …"),
      ...options.map(({ label, value }) => h("option", { value }, label))
    )
  }

  const update = (): void => {
    const known = Store.known
    const place = find()
    if (known === undefined) return
    const wanted = place === undefined ? missing : page
    if (main.firstElementChild !== wanted) main.replaceChildren(wanted)
    if (place === undefined) return
    const property = shown() ?? Look.mainOf(place)
    const reading = property?.reading
    const matter = Look.troubleOf(place, known, Store.heardAt)
    say(title, place.title)
    say(
      about,
      place.derived === undefined
        ? [place.chip, place.device, ...[place.server, place.bus].filter((part) => part !== undefined)].join(" · ")
        : `Made from others: ${place.derived}`
    )
    say(value, reading === undefined ? "–" : Format.valueOf(reading.value, property?.unit))
    say(unit, reading === undefined ? "" : Format.unitOf(property?.unit))
    put(trouble, "hidden", matter === undefined)
    put(page, "data-trouble", matter?.kind)
    put(page, "data-known", matter?.isKnown)
    put(properties.element, "hidden", place.derived !== undefined)
    say(cause, Look.failureOf(place)?.message ?? "")
    if (matter !== undefined) {
      say(troubleLabel, matter.label)
      say(
        troubleText,
        matter.property === undefined ? matter.detail : `${Look.wordOf(matter.property)} ${matter.detail}`
      )
    }
    const relay = Look.relaysOf(place)
    put(relayPanel, "hidden", relay.length === 0)
    for (const { name } of relay) {
      let made = switches.get(name)
      if (made === undefined) {
        made = Relay.make(key, name)
        switches.set(name, made)
        relays.append(made.element)
      } else made.update()
    }
    showTabs(place)
    showOvers()
    form.update()
    tick()
  }

  const tick = (): void => {
    const place = find()
    const known = Store.known
    if (place === undefined || known === undefined) return
    const now = Store.now()
    say(age, Card.ageOf((shown() ?? Look.mainOf(place))?.reading?.at, now, known.every))
    properties.update()
    notices.render()
    if (Range.fixed !== undefined) return
    const { from, to } = shownSpan()
    if (Date.now() - drawnAt > Math.max(2000, to - from)) draw()
    const first = drawn[0]?.trace
    // After its first value, a history has a beginning.
    const patience = first?.isEmpty === true && first.tip !== undefined ? 5 : Math.max(300, 2 * (first?.width ?? 0))
    if (Date.now() - loadedAt > 1000 * patience) void load()
  }

  put(over, "class", "select")
  put(before, "class", "select")
  box.addEventListener("keydown", (event) => {
    const act: (() => void) | undefined = {
      ArrowLeft: () => Range.move(-0.25, shownSpan()),
      ArrowRight: () => Range.move(0.25, shownSpan()),
      "+": () => Range.zoom(0.5, shownSpan()),
      "-": () => Range.zoom(2, shownSpan())
    }[event.key]
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  })
  update()
  if (Store.known !== undefined) {
    void load()
    events.load()
    notices.load()
  }

  return {
    title: () => find()?.title ?? key,
    hasRange: true,
    news: (live: Live) => {
      update()
      if (live._tag === "Snapshot") {
        void load()
        events.load()
        notices.load()
        return
      }
      notices.news(live)
      events.add(live.events)
      if (chart === undefined && find() !== undefined && running === undefined) void load()
      const patience = Look.patience(Store.known?.every ?? 0)
      let isMoved = false
      const mainReading = live.readings[key]?.[shown()?.name ?? ""]
      if (recent !== undefined && mainReading !== undefined) Trace.extend(recent, mainReading, patience)
      if (Range.fixed !== undefined) return
      for (const { delay, place, property, trace } of drawn) {
        const reading = live.readings[place]?.[property]
        if (delay > 0 || reading === undefined) continue
        Trace.extend(trace, reading, patience)
        isMoved = true
      }
      if (!isMoved) return
      draw()
      if (pointed === undefined) showLegend()
    },
    range: () => void load(),
    refresh: () => {
      form.refresh()
      update()
      void load()
    },
    search: () => {},
    tick,
    end: () => {
      running?.abort()
      chart?.destroy()
      form.end()
      for (const relay of switches.values()) relay.end()
    }
  }
}
