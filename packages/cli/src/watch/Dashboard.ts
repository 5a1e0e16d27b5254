/**
 * The watched values as a table: each with a chart of its recent values, or the reason why there is none.
 */
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Family from "@effect-ownet/core/device/Family"
import type * as Follow from "@effect-ownet/core/network/Follow"
import { printable } from "@effect-ownet/core/protocol/Printable"
import * as ShowObservation from "../show/Observation.ts"
import type { Key } from "../terminal/Keys.ts"
import type { Size } from "../terminal/Screen.ts"
import * as Sparkline from "../terminal/Sparkline.ts"
import * as Text from "../terminal/Text.ts"
import type { Span } from "../terminal/Text.ts"
import * as Time from "../terminal/Time.ts"

/** A property, and its observations. */
interface Row {
  /** The server that reads it. */
  server: string
  name: string
  readonly property: string
  value: Family.Value | undefined
  unit: string
  /** Decimals of its unit, or those of its most precise value so far, so that the decimal point does not move. */
  decimals: number
  history: Array<number | undefined>
  least: number
  most: number
  change: string
  doubt: string | undefined
  at: Date | undefined
  /** Milliseconds between the last two readings. */
  pause: number
  failure: { readonly since: Date; readonly problem: string } | undefined
}

/** A server, with its rows below it. */
interface Group {
  readonly server: string
  /** Whether it has answered. */
  isFound: boolean
  failing: Date | undefined
  /** Buses that cannot be searched, with the reasons. */
  readonly buses: Map<string, string>
}

/** Maximum values of a chart: more than any terminal has columns. */
const longestHistory = 200

const leastChart = 8

/** Orders of the rows of a server, in the order in which a key selects them. */
const orders = ["place", "name", "value", "age"] as const

export class Dashboard {
  private readonly every: number
  private order: typeof orders[number] = "place"
  /** Text that the name or the property of each shown row contains. */
  private filter = ""
  private isTyping = false
  /** Number of lines above the first one shown. */
  private above = 0
  /** Number of lines shown at a time, and of all lines. */
  private page = { shown: 1, all: 1 }
  private readonly groups: ReadonlyMap<string, Group>
  private readonly rows = new Map<string, Row>()
  /** Missing targets, with the reasons. */
  private missing: ReadonlyArray<string> = []

  constructor(servers: ReadonlyArray<string>, every: number) {
    this.every = every
    this.groups = new Map(
      servers.map((server) => [server, { server, isFound: false, failing: undefined, buses: new Map() }])
    )
  }

  /** Applies an event. */
  take(event: Follow.Event): void {
    const group = this.groups.get(event.server)
    if (group === undefined) return
    switch (event._tag) {
      case "Found":
        group.isFound ||= group.failing === undefined
        for (const { device, name } of event.properties) {
          this.rows.set(keyOf(device, name), rowOf(event.server, device, name))
        }
        this.missing = event.missing.map(problemOf)
        break
      case "Vanished":
        for (const [key] of this.rowsWith(event.device)) this.rows.delete(key)
        break
      case "Renamed":
        for (const [, row] of this.rowsWith(event.device)) row.name = printable(event.to)
        break
      case "Rerouted":
        for (const [, row] of this.rowsWith(event.device)) row.server = event.server
        break
      case "ServerFailed":
        group.failing = event.at
        break
      case "ServerRecovered":
        group.failing = undefined
        break
      case "BusFailed":
        group.buses.set(event.bus, `${event.bus}: ${ShowObservation.problemOf(event.error)}`)
        break
      case "BusRecovered":
        group.buses.delete(event.bus)
        break
      case "Reading":
      case "Failed": {
        const row = this.rows.get(keyOf(event.device, event.property))
        if (row === undefined) return
        if (event._tag === "Reading") {
          see(row, event)
          return
        }
        row.failure = { since: row.failure?.since ?? event.at, problem: ShowObservation.problemOf(event.error) }
        row.history = [...row.history, undefined].slice(-longestHistory)
      }
    }
  }

  /** Handles a key, and returns whether it ends the watch. */
  press({ name, text }: Key): boolean {
    if (this.isTyping) {
      if (name === "return" || name === "enter" || name === "escape") this.isTyping = false
      if (name === "escape") this.filter = ""
      else if (name === "backspace") this.filter = this.filter.replace(/.$/u, "")
      else this.filter += printable(text)
      this.above = 0
      return false
    }
    switch (name) {
      case "q":
        return true
      case "s":
        this.order = orders[(orders.indexOf(this.order) + 1) % orders.length]
        break
      case "escape":
        this.filter = ""
        break
      case "up":
        this.scroll(-1)
        break
      case "down":
        this.scroll(1)
        break
      case "pageup":
        this.scroll(-this.page.shown)
        break
      case "pagedown":
        this.scroll(this.page.shown)
        break
      case "home":
        this.above = 0
        break
      case "end":
        this.scroll(this.page.all)
        break
      default:
        this.isTyping = text === "/"
    }
    return false
  }

  private scroll(by: number): void {
    this.above = Math.max(0, Math.min(this.above + by, this.page.all - this.page.shown))
  }

  private rowsWith(device: Device.AnyDevice): ReadonlyArray<readonly [key: string, row: Row]> {
    return [...this.rows].filter(([key]) => key.startsWith(keyOf(device, "")))
  }

  private rowsOf({ server }: Group): ReadonlyArray<Row> {
    const wanted = this.filter.toLowerCase()
    const rows = [...this.rows.values()].filter((row) =>
      row.server === server && `${row.name} ${row.property}`.toLowerCase().includes(wanted)
    )
    switch (this.order) {
      case "place":
        return rows
      case "name":
        return rows.toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
      case "value":
        // The highest number comes first, and other values come after the numbers.
        return rows.toSorted((a, b) => rankOf(b) - rankOf(a))
      case "age":
        return rows.toSorted((a, b) => (a.at?.getTime() ?? 0) - (b.at?.getTime() ?? 0))
    }
  }

  /** The lines at a given time. */
  lines({ columns, rows }: Size, now: Date): ReadonlyArray<string> {
    const all = [...this.groups.values()]
    const layout = layoutOf(all.flatMap((group) => this.rowsOf(group)), columns)
    const problem = (text: string) => ({ line: Text.line([{ text, color: "red" }], columns), isRow: false })
    const missing = this.missing.map(problem)
    const isOnly = all.length === 1
    const lines = [
      ...isOnly ? [] : missing,
      ...all.flatMap((group) => [
        { line: this.heading(group, columns), isRow: false },
        ...[...group.buses.values()].map(problem),
        ...isOnly ? missing : [],
        ...this.rowsOf(group).map((row) => ({
          line: Text.line(this.spans(row, group, layout, now), columns),
          isRow: true
        }))
      ])
    ]
    const chosen = this.chosen()
    const isWhole = lines.length + (chosen === "" ? 0 : 1) <= rows
    this.page = { shown: isWhole ? rows : rows - 1, all: lines.length }
    this.scroll(0)
    const shown = isWhole ? lines : lines.slice(this.above, this.above + rows - 1)
    const hidden = lines.filter((line) => line.isRow && !shown.includes(line)).length
    const more = hidden === 0 ? "" : `… and ${hidden} more than fit here`
    const help = hidden === 0 || columns < 72 || chosen !== "" ? "" : ": ↑ ↓ scroll, / filters, s sorts, q ends"
    const below = [more + help, chosen].filter((text) => text !== "").join("  ")
    return [
      ...shown.map(({ line }) => line),
      ...below === "" ? [] : [Text.line([{ text: below, color: "dim" }], columns)]
    ]
  }

  /** The view that the user has selected by keys. */
  private chosen(): string {
    const order = this.order === "place" ? "" : `by ${this.order}`
    const filter = this.isTyping || this.filter !== "" ? `filter: ${this.filter}${this.isTyping ? "_" : ""}` : ""
    return [order, filter].filter((text) => text !== "").join("  ")
  }

  private heading({ failing, isFound, server }: Group, columns: number): string {
    const state: Span = failing !== undefined
      ? { text: `no answer since ${Time.timeOf(failing)}, trying again`, color: "red" }
      : isFound
      ? { text: `every ${Time.spanOf(this.every)}`, color: "dim" }
      : { text: "no answer yet", color: "yellow" }
    return Text.line([{ text: server, color: "bold" }, { text: "  " }, state], columns)
  }

  private spans(row: Row, group: Group, layout: Layout, now: Date): ReadonlyArray<Span> {
    const front = [
      { text: `${Text.fit(row.name, layout.name)}  ` },
      { text: `${Text.fit(row.property, layout.property)}  `, color: "dim" as const }
    ]
    const isOld = group.failing !== undefined || row.failure !== undefined
    const color = isOld ? "dim" : row.doubt === undefined ? undefined : "yellow"
    const value: Span = {
      text: `${textOf(row).padStart(layout.number)}${row.unit === "" ? "" : ` ${row.unit}`}`,
      color
    }
    const cell = layout.number + layout.unit
    const note = this.noteOf(row, group, now)
    if (note !== undefined) {
      // The reason for a missing value matters more than the previous value.
      return layout.rest < leastNote
        ? [...front, note]
        : [...front, { text: Text.fit(value.text, cell), color }, { text: "  " }, note]
    }
    if (!isNumeric(row.value)) return [...front, { text: row.value === undefined ? "–" : textOf(row), color }]
    const range = rangeOf(row)
    return [
      ...front,
      { text: Text.fit(value.text, cell), color },
      { text: ` ${row.change} `, color: "dim" },
      ...layout.chart === 0 ? [] : [{ text: chartOf(row, layout.chart).padEnd(layout.chart), color: "cyan" as const }],
      ...layout.range === 0 ? [] : [{ text: `  ${range}`, color: "dim" as const }]
    ]
  }

  /** Text next to the value, or instead of it. */
  private noteOf(row: Row, group: Group, now: Date): Span | undefined {
    const { at, doubt, failure, pause } = row
    if (failure !== undefined) {
      const since = now.getTime() - failure.since.getTime()
      return { text: since < 1000 ? failure.problem : `${failure.problem} for ${ageOf(since)}`, color: "red" }
    }
    if (doubt !== undefined) return { text: doubt, color: "yellow" }
    if (group.failing !== undefined || at === undefined) return undefined
    const age = now.getTime() - at.getTime()
    return age < 3 * Math.max(this.every, pause) ? undefined : { text: `${ageOf(age)} ago`, color: "yellow" }
  }
}

const keyOf = ({ id }: Device.AnyDevice, property: string): string => `${id}/${property}`

const problemOf = ({ device, error, target }: Follow.Missing): string => {
  const name = device?.name ?? (target._tag === "Named" ? target.address.replace(/^\//, "") : "")
  return `${printable(name)}: ${ShowObservation.problemOf(error)}`
}

const rowOf = (server: string, device: Device.AnyDevice, name: string): Row => ({
  server,
  name: printable(device.name),
  property: printable(name),
  value: undefined,
  unit: "",
  decimals: 0,
  history: [],
  least: Infinity,
  most: -Infinity,
  change: " ",
  doubt: undefined,
  at: undefined,
  pause: 0,
  failure: undefined
})

/** A number to sort by. A value that is not a number comes after all numbers. */
const rankOf = ({ failure, value }: Row): number => {
  const number = failure === undefined && isNumeric(value) ? Number(value) : Number.NaN
  return Number.isNaN(number) ? -Number.MAX_VALUE : number
}

const see = (row: Row, { at, unit = "", value, verdict }: Device.Reading): void => {
  const before = row.value
  if (isNumeric(value)) {
    const number = Number(value)
    row.decimals = Math.max(row.decimals, decimalsOf(number, unit))
    row.history = [...row.history, Number.isFinite(number) ? number : undefined].slice(-longestHistory)
    row.least = Math.min(row.least, number)
    row.most = Math.max(row.most, number)
    row.change = !isNumeric(before) || before === value ? " " : number > Number(before) ? "▲" : "▼"
  }
  row.value = value
  row.unit = unit
  row.doubt = ShowObservation.doubtOf(verdict)
  row.pause = row.at === undefined ? 0 : at.getTime() - row.at.getTime()
  row.at = at
  row.failure = undefined
}

const isNumeric = (value: Family.Value | undefined): value is number | boolean =>
  typeof value === "number" || typeof value === "boolean"

/** An age in whole seconds, so that it changes once a second. */
const ageOf = (millis: number): string => Time.spanOf(Math.floor(millis / 1000) * 1000)

/** Units whose measurements have finer steps than anybody wants to see. */
const isCoarse = /^°|^K$|^%/

/** Decimals to show: two for degrees, percents and volts; up to four for other units; and all of them for values near zero. */
const decimalsOf = (value: number, unit: string): number => {
  if (isCoarse.test(unit) || (unit === "V" && Math.abs(value) >= 0.1)) return 2
  const decimals = /^-?\d+\.(\d+)$/.exec(String(value))?.[1].length ?? 0
  return Math.abs(value) < 0.1 ? decimals : Math.min(4, decimals)
}

const withDecimals = (value: number, decimals: number): string =>
  String(value).includes("e") ? String(value) : value.toFixed(decimals)

const textOf = ({ decimals, value }: Row): string => {
  if (value === undefined) return "–"
  if (typeof value === "number") return withDecimals(value, decimals)
  // Bits need no commas between them.
  return Array.isArray(value) && value.every((one) => typeof one === "boolean")
    ? value.map(Number).join("")
    : printable(ShowObservation.exact(value))
}

const rangeOf = ({ decimals, least, most, value }: Row): string =>
  typeof value === "number" && least < most ? `${withDecimals(least, decimals)} … ${withDecimals(most, decimals)}` : ""

/**
 * A chart of the recent values. Degrees and percents that differ by less than the span count as equal. For other units, it is a
 * hundredth.
 */
const chartOf = ({ history, most, unit, value }: Row, columns: number): string => {
  const shown = history.slice(-columns)
  if (typeof value === "boolean") return Sparkline.sparkline(shown, { least: 0, most: 1 })
  const isWhole = shown.every((value) => value === undefined || Number.isInteger(value))
  const span = isCoarse.test(unit) ? 2 : isWhole ? 1 : Math.abs(most) / 100
  return Sparkline.sparkline(shown, Sparkline.scaleOf(shown, span))
}

/** Width of each part of a row, in columns of the terminal. */
interface Layout {
  readonly name: number
  readonly property: number
  readonly number: number
  readonly unit: number
  readonly chart: number
  readonly range: number
  /** Columns after the value. */
  readonly rest: number
}

const leastNote = 16

/** Minimum columns of a name before a chart may take any. */
const leastName = 12

/** Maximum columns of a text. The rest of it is cut, so that the columns before it keep their width. */
const longestText = 16

const layoutOf = (rows: ReadonlyArray<Row>, columns: number): Layout => {
  const widest = (width: (row: Row) => number) => rows.reduce((widest, row) => Math.max(widest, width(row)), 0)
  const number = widest((row) => isNumeric(row.value) ? textOf(row).length : 1)
  const unit = widest((row) => row.unit === "" ? 0 : row.unit.length + 1)
  const widestName = widest((row) => Text.columnsOf(row.name))
  const widestProperty = widest((row) => row.property.length)
  const text = widest((row) => isNumeric(row.value) ? 0 : Text.columnsOf(textOf(row)))
  // Two blanks follow each of them.
  const room = Math.max(2, columns - Math.max(number + unit, Math.min(text, longestText)) - 4)
  const property = Math.min(widestProperty, Math.max(Math.floor(room / 2), room - widestName))
  const wholeName = Math.min(widestName, room - property)
  // One long name must not remove the chart.
  const forChart = columns - property - 4 - number - unit - 3 - leastChart
  const name = forChart >= leastName ? Math.min(wholeName, forChart) : wholeName
  const rest = Math.max(0, columns - name - property - 4 - number - unit)
  const widestRange = widest((row) => rangeOf(row).length)
  const withoutRange = rest - 3
  const withRange = withoutRange - widestRange - 2
  const hasRange = widestRange > 0 && withRange >= leastChart
  return {
    name,
    property,
    number,
    unit,
    chart: hasRange ? withRange : withoutRange >= leastChart ? withoutRange : 0,
    range: hasRange ? widestRange : 0,
    rest
  }
}
