/**
 * Rules by which a hub keeps what it sees: which readings become rows of the history, and which events are news. They are plain
 * functions, for a hub of your own or for a log.
 *
 * **Example** (What a recorder says by itself)
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
 * A row that is to be kept, before its series is known.
 *
 * @category models
 * @since 0.1.0
 */
export type Row = Taken["rows"][number]

/**
 * Rows and events that follow from what was seen.
 *
 * @category models
 * @since 0.1.0
 */
export type Taken = History.Waiting

/**
 * A place, as far as it matters to what is kept of its device.
 *
 * @category models
 * @since 0.1.0
 */
export interface Subject extends Pick<Places.Place, "key"> {
  /** Its title in events. */
  readonly title: string
}

/**
 * Options of a recorder.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The place that a device fills. Of a device that fills none, nothing is kept. */
  readonly placeOf: (device: string) => Subject | undefined
  /** Least change of a number that is kept, by the last part of the property's name. By default any change is. */
  readonly deadBand?: Readonly<Record<string, number>> | undefined
  /** Whether what is seen comes from a fleet of several processes. By default it comes from this computer. */
  readonly isFleet?: boolean | undefined
}

/** A series, as far as it was kept. */
interface Line {
  /** The last row. */
  at: number
  value: number | undefined
  verdict: Plausibility.Verdict["_tag"]
  /** Whether that was kept before this recorder began, and measuring may have stopped since. */
  isOld: boolean
}

/** A property that cannot be read. */
interface Failing {
  readonly since: number
  /** Whether it was told. */
  isTold: boolean
}

/** A device that has been seen, or that something is kept of. */
interface Known {
  /** As it was followed last. */
  followed: { readonly device: Device.AnyDevice; readonly server: string } | undefined
  readonly lines: Map<string, Line>
  readonly failing: Map<string, Failing>
}

interface Server {
  /** Whether it has answered a search. */
  isFound: boolean
  isFailing: boolean
  readonly buses: Set<string>
}

/**
 * All that a recorder remembers. Each call changes it in place: a hundred sensors that are read every two seconds make nothing new.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly options: Options
  /** Devices by their ROM ids. */
  readonly devices: Map<string, Known>
  readonly servers: Map<string, Server>
  /** The latest of all times, and the one at which something was last heard: it is earlier if the clock was set back. */
  last: number
  heard: number
  /** Beginning of the time that the clock has been behind that, if it is. */
  behind: number | undefined
}

/** Seconds after which an unchanged value is kept again. */
const heartbeat = 600

/** Seconds without a word from which on nothing was measured: the computer slept, or its clock was set. */
const silence = 60

/**
 * Knowledge from the time before: the end of the history.
 *
 * @category models
 * @since 0.1.0
 */
export interface Before {
  readonly places: ReadonlyArray<Places.Place>
  readonly series: ReadonlyArray<History.Series>
  readonly latest: ReadonlyArray<History.Row>
  readonly lastSeen: number | undefined
  /** The last event that was kept. */
  readonly lastEvent: History.Event | undefined
  /**
   * The runner of a fleet at which the hub goes on where another runner stopped at `lastSeen`: no series ends, because the servers were
   * followed all along. By default it is a hub that was off.
   */
  readonly goesOn?: string | undefined
}

/**
 * Begins at a time, in seconds since 1970. At the end of the earlier history, rows without a value say that the program was off.
 *
 * **Details**
 *
 * A hub that goes on at another runner of a fleet says only that, and keeps the first value of each series. If nothing was seen for
 * more than a minute since `lastSeen`, all series end there at the first event or tick, as after a sleep. Tell it by `know` what else
 * was known, before anything else, and then each event of the journal at the time at which it was seen.
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
    events.push({ at: lastSeen, kind: "Stopped", text: "The hub was killed, or lost its power" })
  }
  const off = lastSeen === undefined || lastSeen > now ? "" : `, after it was off for ${EventText.span(now - lastSeen)}`
  events.push({ at: state.last, kind: "Started", text: `The hub has started${off}` })
  return [state, { rows, events }]
}

/**
 * Takes in what was known and told before this recorder began: where devices were, and what failed. Nothing follows from it.
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
 * - A reading is kept if it differs from the last row by at least the dead band, if its verdict does, if nothing was known before,
 *   or if the last row is 600 seconds old. Numbers and yes and no are kept, an array element by element.
 * - A row without a value says where measuring stopped: at the first failure to read, when a device vanishes, when its bus or its
 *   server fails, and where nothing was seen for a minute because the computer slept or its clock was set forward.
 * - Rows of a series never go back in time. While the clock is behind the last row, nothing is kept of the series: the hour that
 *   such a clock counts twice is kept as it was measured first. That is told from a minute on.
 * - A failure of a property is told when it has failed twice in a row and nothing else explains it. It is told once, and once
 *   that it is over.
 * - A device that the history knows is not told when a server shows it for the first time.
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
 * Limits, and places without news, are told by `Rules`.
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
 * Takes in that time has passed, if there is no event to take: every ten seconds or so.
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
 * Takes in that a device no longer fills a place: its series end.
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
 * Takes in a derived value: it is kept like a reading of a device that has the key of its place.
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
  // All that is there when a program starts is no news, unless it is new.
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

/** A value of a property, as it is kept. */
interface Seen extends Pick<Row, "at" | "verdict"> {
  readonly value: number
  /** Whether it is yes or no. */
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
  // What is no number is not measured.
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
  // What is stored as 20.1 is a little more or less.
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

/** Whether it has been told already that the bus or the server of a device fails. */
const isExplained = (state: State, device: Device.AnyDevice, server: string): boolean => {
  const { buses, isFailing } = serverOf(state, server)
  return isFailing || [...buses].some((bus) => isOn(bus, device))
}

const isOn = (bus: string, { place }: Device.AnyDevice): boolean =>
  Option.exists(Where.fromString(bus), (outer) => Where.contains(outer, place))

/** Goes on to a time. Nothing is known of a time in which nothing was seen at all. */
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

/** Ends all series of the devices that are followed and meet a condition. */
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

/** Ends some series of a device, or all. */
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
