/**
 * Rules by which a hub records events: which readings become rows of the history, and which events are news. They are plain
 * functions, for a hub of your own or for a log.
 *
 * **Example** (Events that a recorder adds by itself)
 *
 * ```ts
 * import { Recorder } from "@effect-ownet/hub"
 *
 * const before: Recorder.Before = { places: [], series: [], latest: [], lastSeen: undefined, lastEvent: undefined }
 * const placeOf = (device: string): Recorder.Subject => ({ key: device, title: device })
 * const [state, begun] = Recorder.begin(before, 0, { placeOf })
 *
 * begun.events.map(({ text }) => text) // => ["The hub has started"]
 * Recorder.tick(state, 10).events.map(({ kind }) => kind) // => []
 * Recorder.tick(state, 100).events.map(({ kind }) => kind) // => ["Slept"]
 * ```
 *
 * @since 0.1.0
 */
import { type Device, type Follow, Place as Where, type Plausibility, RomId } from "@effect-ownet/core"
import * as Option from "effect/Option"
import type * as Derived from "./Derived.ts"
import type * as History from "./History.ts"
import * as EventText from "./internal/EventText.ts"
import * as Parts from "./internal/Parts.ts"
import type * as Places from "./Places.ts"

/**
 * A row to keep, before its series is known.
 *
 * @category models
 * @since 0.1.0
 */
export type Row = Taken["rows"][number]

/**
 * Rows and events that follow from an event.
 *
 * @category models
 * @since 0.1.0
 */
export type Taken = History.Waiting

/**
 * The part of a place that matters for recording its device.
 *
 * @category models
 * @since 0.1.0
 */
export interface Subject extends Pick<Places.Place, "key"> {
  /** Title of the place in events. */
  readonly title: string
}

/**
 * Options of a recorder.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The place that a device fills. Nothing is kept for a device without a place. */
  readonly placeOf: (device: string) => Subject | undefined
  /** Minimum change of a number that is kept, by the last part of the property's name. By default, every change is kept. */
  readonly deadBand?: Readonly<Record<string, number>> | undefined
  /** Whether events come from a fleet of several processes. By default, they come from this computer. */
  readonly isFleet?: boolean | undefined
}

/** A series, up to its last row. */
interface Line {
  /** The last row. */
  at: number
  value: number | undefined
  verdict: Plausibility.Verdict["_tag"]
  /** Whether the row was kept before this recorder started, and measuring may have stopped since. */
  isOld: boolean
}

/** A property that cannot be read. */
interface Failing {
  readonly since: number
  /** Whether the failure was reported. */
  isTold: boolean
}

/** A device that has been seen, or that has rows in the history. */
interface Known {
  /** The device and its server, as last followed. */
  followed: { readonly device: Device.AnyDevice; readonly server: string } | undefined
  readonly lines: Map<string, Line>
  readonly failing: Map<string, Failing>
}

interface Server {
  /** Whether the device has answered a search. */
  isFound: boolean
  isFailing: boolean
  readonly buses: Set<string>
}

/**
 * Memory of a recorder. Each call changes it in place, so a hundred sensors that are read every two seconds allocate nothing new.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly options: Options
  /** Devices by their ROM ids. */
  readonly devices: Map<string, Known>
  readonly servers: Map<string, Server>
  /** The latest of all times, and the time of the last event, which is earlier if the clock was set back. */
  last: number
  heard: number
  /** Start of the period in which the clock has been behind that time, if it is. */
  behind: number | undefined
}

/** Seconds after which an unchanged value is kept again. */
const heartbeat = 600

/** Seconds of silence after which nothing counts as measured, because the computer slept or its clock was set. */
const silence = 60

/**
 * Knowledge from before the start: the end of the history.
 *
 * @category models
 * @since 0.1.0
 */
export interface Before {
  readonly places: ReadonlyArray<Places.Place>
  readonly series: ReadonlyArray<History.Series>
  readonly latest: ReadonlyArray<History.Row>
  readonly lastSeen: number | undefined
  /** The last event in the history. */
  readonly lastEvent: History.Event | undefined
  /**
   * The runner of a fleet at which the hub continues after another runner stopped at `lastSeen`. No series ends, because the
   * servers were followed all the time. By default, the hub was off.
   */
  readonly goesOn?: string | undefined
}

/**
 * Begins at a time, in seconds since 1970. At the end of the earlier history, it adds rows without a value, which show that the
 * program was off.
 *
 * **Details**
 *
 * A hub that continues at another runner of a fleet reports only that, and keeps the first value of each series. If nothing was
 * seen for more than a minute since `lastSeen`, all series end there at the first event or tick, as after a sleep. Pass earlier
 * knowledge to `know` first, and then each event of the journal to `take`, with the time at which it was seen.
 *
 * @category constructors
 * @since 0.1.0
 */
export const begin = (
  { goesOn, lastEvent, lastSeen, latest, places, series }: Before,
  now: number,
  options: Options
): readonly [State, Taken] => {
  const state: State = { options, devices: new Map(), servers: new Map(), last: now, heard: now, behind: undefined }
  const rows: Array<Row> = []
  const events: Array<History.Event> = []
  const last = new Map(latest.map((row) => [row.series, row]))
  for (const { device } of places) knownOf(state, device)
  for (const { device, id, property, unit } of series) {
    const known = knownOf(state, device)
    const row = last.get(id)
    if (row?.value === undefined) continue
    const line: Line = { at: row.at, value: row.value, verdict: row.verdict, isOld: true }
    known.lines.set(property, line)
    if (goesOn === undefined) endLine(line, lastSeen ?? row.at, { device, property, unit }, rows)
  }
  state.last = Math.max(now, lastSeen ?? now)
  if (goesOn !== undefined && lastSeen !== undefined) {
    state.last = lastSeen
    state.heard = lastSeen
    events.push(EventText.taken(Math.max(now, lastSeen), goesOn))
    return [state, { rows, events }]
  }
  if (lastSeen !== undefined && lastEvent?.kind !== "Stopped") {
    events.push({ at: lastSeen, kind: "Stopped", text: "The hub was killed, or its power failed" })
  }
  const off = lastSeen === undefined || lastSeen > now ? "" : `, after it was off for ${EventText.span(now - lastSeen)}`
  events.push({ at: state.last, kind: "Started", text: `The hub has started${off}` })
  return [state, { rows, events }]
}

/**
 * Takes in what was known and reported before this recorder started: the location of devices, and failures. It adds no rows and
 * no events.
 *
 * @category combinators
 * @since 0.1.0
 */
export const know = (state: State, event: Follow.Event): void => {
  switch (event._tag) {
    case "ServerAdded":
      serverOf(state, event.server)
      break
    case "ServerRemoved":
      state.servers.delete(event.server)
      break
    case "Found":
      serverOf(state, event.server).isFound = true
      break
    case "ServerFailed":
    case "ServerRecovered":
      serverOf(state, event.server).isFailing = event._tag === "ServerFailed"
      break
    case "BusFailed":
      serverOf(state, event.server).buses.add(event.bus)
      break
    case "BusRecovered":
      serverOf(state, event.server).buses.delete(event.bus)
      break
    case "Failed": {
      const { failing } = knownOf(state, RomId.format(event.device.id))
      const known = failing.get(event.property)
      failing.set(event.property, { since: known?.since ?? seconds(event.at), isTold: known !== undefined })
      break
    }
    case "Appeared":
    case "Vanished":
    case "Moved":
    case "Renamed":
    case "Rerouted":
    case "Raised":
    case "Cleared":
      knownOf(state, RomId.format(event.device.id)).followed = { device: event.device, server: event.server }
      break
  }
}

/**
 * Takes in one event, at a time in seconds since 1970.
 *
 * **Details**
 *
 * - A reading is kept if it differs from the last row by at least the dead band, if its verdict differs, if nothing was known
 *   before, or if the last row is 600 seconds old. Numbers and yes or no are kept, and arrays element by element.
 * - A row without a value marks the time at which measuring stopped. That is at the first failure to read, when a device
 *   vanishes, or when its bus or its server fails. It is also when nothing was seen for a minute, because the computer slept or
 *   its clock was set forward.
 * - Rows of a series never go back in time. While the clock is behind the last row, the series gets no rows: an hour that the
 *   clock counts twice is kept as it was measured first. After a minute, the clock is reported as behind.
 * - A failure of a property is reported when the property has failed twice in a row and nothing else explains it. Its start and
 *   its end are each reported once.
 * - A device that the history knows is not reported when a server shows it for the first time.
 *
 * | events | about |
 * |---|---|
 * | `Started`, `Stopped`, `Taken` | the hub |
 * | `Slept`, `ClockBehind` | the computer and its clock |
 * | `HistoryFailed`, `HistoryRecovered` | the history |
 * | `ServerFailed`, `ServerRecovered`, `BusFailed`, `BusRecovered` | a server, a bus |
 * | `Appeared`, `Vanished`, `Moved`, `Renamed`, `Rerouted`, `Raised`, `Cleared`, `Filled` | a place and its device |
 * | `Failed`, `Restored`, `Written` | a property of a place |
 *
 * `Rules` reports exceeded limits, and places without news.
 *
 * @category combinators
 * @since 0.1.0
 */
export const take = (state: State, event: Follow.Event, now: number): Taken => {
  const rows: Array<Row> = []
  const events: Array<History.Event> = []
  pass(state, now, rows, events)
  switch (event._tag) {
    case "Reading":
      onReading(state, event, rows, events)
      break
    case "Failed":
      onFailed(state, event, rows, events)
      break
    case "ServerAdded":
      serverOf(state, event.server)
      break
    case "ServerRemoved":
      state.servers.delete(event.server)
      break
    case "Found":
      serverOf(state, event.server).isFound = true
      break
    case "ServerFailed":
      serverOf(state, event.server).isFailing = true
      endWhere(state, (_, server) => server === event.server, seconds(event.at), rows)
      events.push(EventText.outage(event))
      break
    case "ServerRecovered":
      serverOf(state, event.server).isFailing = false
      events.push(EventText.outage(event))
      break
    case "BusFailed":
      serverOf(state, event.server).buses.add(event.bus)
      endWhere(
        state,
        (device, server) => server === event.server && isOn(event.bus, device),
        seconds(event.at),
        rows
      )
      events.push(EventText.outage(event))
      break
    case "BusRecovered":
      serverOf(state, event.server).buses.delete(event.bus)
      events.push(EventText.outage(event))
      break
    case "Appeared":
    case "Vanished":
    case "Moved":
    case "Renamed":
    case "Rerouted":
    case "Raised":
    case "Cleared":
      onDevice(state, event, rows, events)
      break
  }
  return { rows, events }
}

/**
 * Takes in that time has passed, if there are no events. Call it about every ten seconds.
 *
 * @category combinators
 * @since 0.1.0
 */
export const tick = (state: State, now: number): Taken => {
  const rows: Array<Row> = []
  const events: Array<History.Event> = []
  pass(state, now, rows, events)
  return { rows, events }
}

/**
 * Takes in that a device no longer fills a place. The series of the device end.
 *
 * @category combinators
 * @since 0.1.0
 */
export const leave = (state: State, device: string, now: number): Taken => {
  const rows: Array<Row> = []
  const known = state.devices.get(device)
  if (known !== undefined) end(known, device, undefined, now, rows)
  return { rows, events: [] }
}

/**
 * Takes in a derived value. It is kept like a reading of a device with the key of its place as its id.
 *
 * @category combinators
 * @since 0.1.0
 */
export const derive = (state: State, { at, place, property, unit, value }: Derived.Value, now: number): Taken => {
  const rows: Array<Row> = []
  const events: Array<History.Event> = []
  pass(state, now, rows, events)
  if (state.options.placeOf(place) !== undefined) {
    const known = knownOf(state, place)
    if (value === undefined) end(known, place, [property], at, rows)
    else keepValue(state, known, { device: place, property, unit }, { at, value, verdict: "Plausible" }, rows)
  }
  return { rows, events }
}

type OfDevice = Extract<
  Follow.Event,
  { readonly _tag: "Appeared" | "Vanished" | "Moved" | "Renamed" | "Rerouted" | "Raised" | "Cleared" }
>

const onDevice = (
  state: State,
  event: OfDevice,
  rows: Array<Row>,
  events: Array<History.Event>
): void => {
  const { device, server } = event
  const id = RomId.format(device.id)
  const isKnown = state.devices.has(id)
  const known = knownOf(state, id)
  known.followed = { device, server }
  if (event._tag === "Vanished") {
    end(known, id, undefined, seconds(event.at), rows)
    known.failing.clear()
  }
  const subject = state.options.placeOf(id)
  if (subject === undefined) return
  // Devices that are present at the start of a program are not news, unless they are new.
  if (event._tag === "Appeared" && isKnown && !serverOf(state, server).isFound) return
  events.push(EventText.ofDevice(event, subject, isKnown))
}

const onReading = (
  state: State,
  event: Follow.Of<Device.Reading>,
  rows: Array<Row>,
  events: Array<History.Event>
): void => {
  const { device, property, server, unit, value } = event
  const id = RomId.format(device.id)
  const subject = state.options.placeOf(id)
  if (subject === undefined) return
  const known = knownOf(state, id)
  known.followed = { device, server }
  const at = seconds(event.at)
  const failing = known.failing.get(property)
  if (failing !== undefined) {
    known.failing.delete(property)
    if (failing.isTold) events.push(EventText.restored(subject, property, at, failing.since))
  }
  for (const [name, part] of Parts.split(device, property, value)) {
    const kept = Parts.kept(part)
    if (kept === undefined) continue
    keepValue(
      state,
      known,
      { device: id, property: name, unit },
      { at, value: kept, verdict: event.verdict._tag, isSwitch: typeof part === "boolean" },
      rows
    )
  }
}

/** A value of a property in the form in which it is kept. */
interface Seen extends Pick<Row, "at" | "verdict"> {
  readonly value: number
  /** Whether the value is yes or no. */
  readonly isSwitch?: boolean | undefined
}

const keepValue = (
  state: State,
  { lines }: Known,
  row: Pick<Row, "device" | "property" | "unit">,
  { at, isSwitch = false, value, verdict }: Seen,
  rows: Array<Row>
): void => {
  const { property } = row
  let line = lines.get(property)
  // A value that is not a number counts as not measured.
  if (!Number.isFinite(value)) {
    if (line !== undefined) endLine(line, at, row, rows)
    return
  }
  if (line === undefined) {
    line = { at, value: undefined, verdict, isOld: false }
    lines.set(property, line)
  }
  if (at >= line.at && isWorthKeeping(line, value, verdict, at, isSwitch ? 0 : bandOf(state, property))) {
    line.at = at
    line.value = value
    line.verdict = verdict
    line.isOld = false
    rows.push({ ...row, at, value, verdict })
  }
}

const isWorthKeeping = (line: Line, value: number, verdict: Line["verdict"], at: number, band: number): boolean =>
  line.value === undefined ||
  line.isOld ||
  line.verdict !== verdict ||
  // A value stored as 20.1 is really a little more or less.
  (line.value !== value && Math.abs(line.value - value) >= band - 1e-9) ||
  at - line.at >= heartbeat

const bandOf = ({ options }: State, name: string): number =>
  options.deadBand === undefined
    ? 0
    : options.deadBand[name.slice(name.lastIndexOf("/") + 1).replace(/\..*$/, "")] ?? 0

const onFailed = (
  state: State,
  event: Extract<Follow.Event, { readonly _tag: "Failed" }>,
  rows: Array<Row>,
  events: Array<History.Event>
): void => {
  const { device, error, property, server } = event
  const id = RomId.format(device.id)
  const subject = state.options.placeOf(id)
  if (subject === undefined) return
  const known = knownOf(state, id)
  known.followed = { device, server }
  const at = seconds(event.at)
  end(known, id, partsOf(known, device, property), at, rows)
  const failing = known.failing.get(property)
  if (failing === undefined) known.failing.set(property, { since: at, isTold: false })
  else if (!failing.isTold && !isExplained(state, device, server)) {
    failing.isTold = true
    events.push(EventText.failed(subject, property, at, error))
  }
}

/** The series of a property. */
const partsOf = ({ lines }: Known, device: Device.AnyDevice, property: string): ReadonlyArray<string> => {
  const names = Parts.names(device, property)
  if (names.length > 1 || !property.endsWith(".ALL")) return names
  const stem = property.slice(0, -"ALL".length)
  return [...lines.keys()].filter((name) => name.startsWith(stem))
}

/** Whether a failure of the bus or the server of a device has been reported already. */
const isExplained = (state: State, device: Device.AnyDevice, server: string): boolean => {
  const { buses, isFailing } = serverOf(state, server)
  return isFailing || [...buses].some((bus) => isOn(bus, device))
}

const isOn = (bus: string, { place }: Device.AnyDevice): boolean =>
  Option.exists(Where.fromString(bus), (outer) => Where.contains(outer, place))

/** Advances to a time. Nothing is known of a period in which nothing was seen at all. */
const pass = (state: State, now: number, rows: Array<Row>, events: Array<History.Event>): void => {
  const { heard, last } = state
  if (now - heard > silence) {
    for (const [id, known] of state.devices) end(known, id, undefined, heard, rows)
    events.push(EventText.slept(now, now - heard, state.options.isFleet))
  }
  state.heard = now
  if (now >= last) {
    state.last = now
    state.behind = undefined
  } else if (last - now > silence && state.behind === undefined) {
    state.behind = now
    events.push(EventText.behind(now, last - now, state.options.isFleet))
  }
}

/** Ends all series of the followed devices that meet a condition. */
const endWhere = (
  state: State,
  isMeant: (device: Device.AnyDevice, server: string) => boolean,
  at: number,
  rows: Array<Row>
): void => {
  for (const [id, known] of state.devices) {
    const { followed } = known
    if (followed !== undefined && isMeant(followed.device, followed.server)) end(known, id, undefined, at, rows)
  }
}

/** Ends some or all series of a device. */
const end = (
  { lines }: Known,
  device: string,
  names: ReadonlyArray<string> | undefined,
  at: number,
  rows: Array<Row>
): void => {
  for (const property of names ?? lines.keys()) {
    const line = lines.get(property)
    if (line !== undefined) endLine(line, at, { device, property, unit: undefined }, rows)
  }
}

const endLine = (
  line: Line,
  at: number,
  row: Pick<Row, "device" | "property" | "unit">,
  rows: Array<Row>
): void => {
  if (line.value === undefined) return
  line.value = undefined
  line.isOld = false
  line.at = Math.max(line.at, at)
  rows.push({ ...row, at: line.at, value: undefined, verdict: "Plausible" })
}

const knownOf = (state: State, device: string): Known => {
  let known = state.devices.get(device)
  if (known === undefined) {
    known = { followed: undefined, lines: new Map(), failing: new Map() }
    state.devices.set(device, known)
  }
  return known
}

const serverOf = (state: State, name: string): Server => {
  let server = state.servers.get(name)
  if (server === undefined) {
    server = { isFound: false, isFailing: false, buses: new Set() }
    state.servers.set(name, server)
  }
  return server
}

const seconds = (date: Date): number => date.getTime() / 1000
