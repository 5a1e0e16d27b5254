/** The board: places with the state of their devices, servers, and the changes since the last message. */
import { type Device, type Family, type Follow, Place as Where, Property, RomId, Snapshot } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Equal from "effect/Equal"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import type * as Api from "../Api.ts"
import * as Derived from "../Derived.ts"
import type * as Fleet from "../Fleet.ts"
import type * as History from "../History.ts"
import type * as Hub from "../Hub.ts"
import type { Notice } from "../Notices.ts"
import * as Places from "../Places.ts"
import type * as Recorder from "../Recorder.ts"
import type * as Rules from "../Rules.ts"
import * as EventText from "./EventText.ts"
import * as Alive from "./fleet/Alive.ts"
import * as Parts from "./Parts.ts"

/** A property that a device had before the program began. */
interface Kept {
  readonly reading: Api.Reading
  readonly unit: string | undefined
}

/** A derived value. */
interface Made {
  readonly definition: Derived.Definition
  /** Description in words. */
  text: string
  /** Properties without a known value, and the reason. */
  readonly failing: Map<string, Api.Failing>
}

interface Shown {
  place: Places.Place
  /** The definition, if the place has a derived value instead of a device. */
  made: Made | undefined
  /** The last known state of the device. */
  device: Snapshot.DeviceState | undefined
  goneSince: number | undefined
  readonly kept: Map<string, Kept>
  /** Readings and failures of the properties since the start. */
  readonly counts: Map<string, { readings: number; failures: number }>
  /** The place as JSON, cached until it changes. */
  state: Api.PlaceState | undefined
}

/** Settings. They may change at any time; call `refresh` then. */
export interface Options {
  readonly title: string
  readonly every: number
  readonly notice: string | undefined
  readonly isAllowed: (property: string) => boolean
  /** The initial place of a device or of a derived value. */
  readonly placeOf: (key: string) => Places.Place
}

/** Changes since the last message. */
interface Changes {
  readings: Map<string, Map<string, Api.Reading>>
  places: Set<string>
  removed: Set<string>
  events: Array<Api.Event>
  areServersNew: boolean
  isFleetNew: boolean
  areNoticesNew: boolean
  areOutletsNew: boolean
  isHistoryNew: boolean
}

const nothing = (): Changes => ({
  readings: new Map(),
  places: new Set(),
  removed: new Set(),
  events: [],
  areServersNew: false,
  isFleetNew: false,
  areNoticesNew: false,
  areOutletsNew: false,
  isHistoryNew: false
})

/** Maximum events in a message. A page requests older ones. */
const mostEvents = 200

export class Board {
  private readonly options: Options
  private snapshot: Snapshot.Snapshot = Snapshot.empty
  /** Places by their keys, and by the devices that fill them. */
  private readonly places = new Map<string, Shown>()
  private readonly filled = new Map<string, Shown>()
  /** Devices whose place is filled by another device. */
  private readonly replaced = new Set<string>()
  /** Derived values that are no longer defined, by their keys. */
  private readonly retired = new Map<string, Shown>()
  private historyFailing: Api.Failing | undefined
  private notices: ReadonlyArray<Notice> = []
  private readonly outlets = new Map<string, Api.Outlet>()
  /** The reason why the network is no longer followed. */
  private ended: Api.Failing | undefined
  private servers: ReadonlyArray<Api.ServerState> | undefined
  private fleet: Api.Fleet | undefined
  /** Runners and sites of the servers of a fleet, by their names. */
  private followers: ReadonlyMap<string, Pick<Api.ServerState, "runner" | "site">> = new Map()
  private sorted: ReadonlyArray<Shown> | undefined
  private changes = nothing()
  private hasChanged = false
  /** Whether a complete search has ended, so that missing devices are gone. */
  private isSearched = false

  constructor(
    options: Options,
    { lastSeen, latest, places, series }: Pick<Recorder.Before, "lastSeen" | "latest" | "places" | "series">
  ) {
    this.options = options
    const rows = new Map(latest.map((row) => [row.series, row]))
    for (const place of places) this.add(place).goneSince = lastSeen
    for (const one of series) {
      const shown = this.places.get(one.place)
      if (shown === undefined) continue
      // A place shows the last known value, from any device.
      const row = rows.get(one.id)
      const before = shown.kept.get(one.property)
      if (row?.value !== undefined && (before === undefined || before.reading.at < row.at)) {
        shown.kept.set(one.property, keptOf(one, row, row.value))
      }
      if (shown.place.device !== one.device && !this.filled.has(one.device)) this.replaced.add(one.device)
    }
    this.changes = nothing()
  }

  private add(place: Places.Place): Shown {
    const shown: Shown = {
      place,
      made: undefined,
      device: undefined,
      goneSince: undefined,
      kept: new Map(),
      counts: new Map(),
      state: undefined
    }
    this.places.set(place.key, shown)
    this.filled.set(place.device, shown)
    this.sorted = undefined
    return shown
  }

  /** Takes in one event. Returns the place of a device that has none yet. */
  take(event: Follow.Event): Places.Place | undefined {
    const before = this.snapshot
    this.snapshot = Snapshot.take(before, event)
    if (before.servers !== this.snapshot.servers) this.touchServers()
    switch (event._tag) {
      case "Found":
        for (const { device } of event.properties) this.touch(RomId.format(device.id))
        return undefined
      case "Appeared":
        return this.appear(RomId.format(event.device.id))
      case "Vanished": {
        const shown = this.touch(RomId.format(event.device.id))
        if (shown !== undefined) shown.goneSince = seconds(event.lastSeen)
        return undefined
      }
      case "Moved":
      case "Renamed":
      case "Rerouted":
      case "Raised":
      case "Cleared":
        this.touch(RomId.format(event.device.id))
        return undefined
      case "Failed":
        this.fail(event)
        return undefined
      case "Reading":
        this.read(event)
        return undefined
      default:
        return undefined
    }
  }

  private appear(device: string): Places.Place | undefined {
    const known = this.filled.get(device)
    if (known !== undefined) {
      known.goneSince = undefined
      this.touch(device)
      return undefined
    }
    if (this.places.has(device) || this.replaced.has(device)) return undefined
    const place = this.options.placeOf(device)
    this.add(place)
    this.touch(device)
    return place
  }

  /** Updates the place that a device fills, and marks it as changed. */
  private touch(device: string): Shown | undefined {
    const shown = this.filled.get(device)
    if (shown === undefined) return undefined
    this.know(shown)
    this.changePlace(shown)
    return shown
  }

  private changePlace(shown: Shown): void {
    shown.state = undefined
    this.sorted = undefined
    this.changes.places.add(shown.place.key)
    this.hasChanged = true
  }

  /** Copies the state of the device. A vanished device keeps its last state. */
  private know(shown: Shown): void {
    const id = RomId.fromString(shown.place.device)
    const device = Option.getOrUndefined(Option.flatMap(id, (id) => HashMap.get(this.snapshot.devices, id)))
    if (device !== undefined) shown.device = device
    else if (shown.device !== undefined) shown.device = { ...shown.device, alarm: undefined }
  }

  private read(event: Follow.Of<Device.Reading>): void {
    const shown = this.filled.get(RomId.format(event.device.id))
    if (shown === undefined) return
    const before = shown.device?.properties.get(event.property)
    this.know(shown)
    for (const [name] of Parts.split(event.device, event.property, event.value)) countOf(shown, name).readings++
    shown.state = undefined
    this.hasChanged = true
    // The place shows a page that there is a new property, or that it works again.
    if (before?.reading === undefined || before.failing !== undefined) return this.changePlace(shown)
    const { key } = shown.place
    if (this.changes.places.has(key)) return
    let changed = this.changes.readings.get(key)
    if (changed === undefined) this.changes.readings.set(key, changed = new Map())
    for (const [name, value] of Parts.split(event.device, event.property, event.value)) {
      const reading = readingOf(event, value)
      if (reading !== undefined) changed.set(name, reading)
    }
  }

  private fail({ device, property }: Extract<Follow.Event, { readonly _tag: "Failed" }>): void {
    const shown = this.filled.get(RomId.format(device.id))
    if (shown === undefined) return
    const before = shown.device?.properties.get(property)?.failing
    this.know(shown)
    for (const name of partsOf(shown, device, property)) countOf(shown, name).failures++
    const after = shown.device?.properties.get(property)?.failing
    // A failure that continues in the same way is not news.
    const isKnown = before !== undefined && before.since.getTime() === after?.since.getTime()
      && before.error.message === after.error.message
    if (!isKnown) this.changePlace(shown)
  }

  /** The values of a reading, with their place. */
  measured(event: Follow.Of<Device.Reading>): ReadonlyArray<Hub.Measured> {
    const shown = this.filled.get(RomId.format(event.device.id))
    if (shown === undefined) return []
    const place = namesOf(shown)
    return Parts.split(event.device, event.property, event.value).flatMap(([property, value]) => {
      const reading = readingOf(event, value)
      return reading === undefined ? [] : [{ place, property, unit: event.unit, reading }]
    })
  }

  /** A derived value, with its place. */
  measuredOf({ at, place: key, property, unit, value }: Derived.Value): ReadonlyArray<Hub.Measured> {
    const shown = this.places.get(key)
    return shown === undefined || value === undefined
      ? []
      : [{ place: namesOf(shown), property, unit, reading: { value, at } }]
  }

  get counts(): Hub.Health["counts"] {
    return [...this.places.values()].flatMap(({ counts, place }) =>
      [...counts].map(([property, { failures, readings }]) => ({ place: place.key, property, readings, failures }))
    )
  }

  /** Shows the runners of the servers. Shows none if there are no runners, as in a fleet of one process. */
  setFleet(where: Fleet.Where): void {
    if (where.runners.length === 0) return
    // At least one runner has just sent a sign of life.
    const alive = Alive.at(where, Math.max(...where.runners.map(({ seen }) => seen)))
    const followers = new Map(where.servers.map((one) => [one.server, followerOf(one, alive)]))
    if (!Equal.equals(followers, this.followers)) {
      this.followers = followers
      this.touchServers()
    }
    const fleet = fleetOf(where, alive)
    if (Equal.equals(fleet, this.fleet)) return
    this.fleet = fleet
    this.changes.isFleetNew = true
    this.hasChanged = true
  }

  private touchServers(): void {
    this.servers = undefined
    this.changes.areServersNew = true
    this.hasChanged = true
    const servers = [...this.snapshot.servers.values()]
    const isSearched = servers.length > 0 &&
      servers.every(({ buses, failing, isFound }) => isFound && failing === undefined && buses.size === 0)
    if (isSearched === this.isSearched) return
    this.isSearched = isSearched
    for (const shown of this.places.values()) if (shown.device === undefined) this.changePlace(shown)
  }

  tell(events: ReadonlyArray<Api.Event>): void {
    if (events.length === 0) return
    this.changes.events.push(...events)
    this.changes.events.splice(0, this.changes.events.length - mostEvents)
    this.hasChanged = true
  }

  setHistoryFailing(failing: Api.Failing | undefined): void {
    if (failing?.since === this.historyFailing?.since && failing?.message === this.historyFailing?.message) return
    this.historyFailing = failing
    this.changes.isHistoryNew = true
    this.hasChanged = true
  }

  /** Sets the notices that have not ended. */
  setNotices(notices: ReadonlyArray<Notice>): void {
    this.notices = notices
    this.changes.areNoticesNew = true
    this.hasChanged = true
  }

  /** Takes in that an outlet fails or works. Returns the event if that is news. */
  setOutlet(name: string, problem: string | undefined, at: number): History.Event | undefined {
    const before = this.outlets.get(name)
    if (before !== undefined && before.failing?.message === problem) return undefined
    const since = before?.failing?.since ?? at
    this.outlets.set(name, problem === undefined ? { name } : { name, failing: { since, message: problem } })
    this.changes.areOutletsNew = true
    this.hasChanged = true
    if (problem !== undefined) {
      return before?.failing === undefined
        ? EventText.outletFailed(name, at, problem)
        : undefined
    }
    return before?.failing === undefined ? undefined : EventText.outletRecovered(name, at, since)
  }

  removeOutlet(name: string): void {
    if (!this.outlets.delete(name)) return
    this.changes.areOutletsNew = true
    this.hasChanged = true
  }

  /**
   * Shows exactly the derived values that are defined now. Returns new places for those that had none, and the keys of those
   * whose definition has changed or gone.
   */
  define(definitions: Readonly<Record<string, Derived.Definition>>): {
    readonly fresh: ReadonlyArray<Places.Place>
    readonly ended: ReadonlyArray<string>
  } {
    const fresh: Array<Places.Place> = []
    const ended: Array<string> = []
    for (const [key, shown] of this.places) {
      if (!Places.isDerived(key) || Object.hasOwn(definitions, key)) continue
      this.retire(key, shown)
      ended.push(key)
    }
    for (const [key, definition] of Object.entries(definitions)) {
      let shown = this.places.get(key) ?? this.revive(key)
      if (shown === undefined) {
        const place = this.options.placeOf(key)
        shown = this.add(place)
        fresh.push(place)
      }
      const text = Derived.describe(definition, (source) => this.title(source))
      if (shown.made === undefined || !isSame(shown.made.definition, definition)) {
        if (shown.made !== undefined) ended.push(key)
        shown.made = { definition, text, failing: new Map() }
        shown.goneSince = undefined
        this.changePlace(shown)
      } else if (shown.made.text !== text) {
        shown.made.text = text
        this.changePlace(shown)
      }
    }
    return { fresh, ended }
  }

  private retire(key: string, shown: Shown): void {
    this.places.delete(key)
    this.filled.delete(key)
    this.retired.set(key, shown)
    this.sorted = undefined
    this.changes.places.delete(key)
    this.changes.removed.add(key)
    this.hasChanged = true
  }

  private revive(key: string): Shown | undefined {
    const shown = this.retired.get(key)
    if (shown === undefined) return undefined
    this.retired.delete(key)
    this.places.set(key, shown)
    this.filled.set(key, shown)
    this.changes.removed.delete(key)
    shown.made = undefined
    return shown
  }

  /** Takes in a derived value. */
  derive({ at, place, problem, property, unit, value }: Derived.Value): void {
    const shown = this.places.get(place)
    if (shown?.made === undefined) return
    const { failing } = shown.made
    const before = failing.get(property)
    this.hasChanged = true
    if (value === undefined) {
      const message = problem ?? "one of its sources is not known"
      if (before?.message === message) return
      failing.set(property, { since: before?.since ?? at, message })
      return this.changePlace(shown)
    }
    const known = shown.kept.get(property)
    const reading: Api.Reading = { value, at }
    failing.delete(property)
    shown.kept.set(property, { unit, reading })
    if (known === undefined || known.unit !== unit || before !== undefined) return this.changePlace(shown)
    shown.state = undefined
    if (this.changes.places.has(place)) return
    let changed = this.changes.readings.get(place)
    if (changed === undefined) this.changes.readings.set(place, changed = new Map())
    changed.set(property, reading)
  }

  /** The title of a place. */
  title(key: string): string | undefined {
    const shown = this.places.get(key)
    return shown && titleOf(shown)
  }

  /** Whether a key belongs to a derived value. */
  isDerived(key: string): boolean {
    return this.places.get(key)?.made !== undefined
  }

  /** Everything that is known of the network. */
  get known(): Snapshot.Snapshot {
    return this.snapshot
  }

  /** Discards all cached places, because the options have changed. */
  refresh(): void {
    for (const shown of this.places.values()) this.changePlace(shown)
  }

  /**
   * The last reading of a device that is present, including values kept before the start, or else the time at which it appeared.
   */
  lastSeen(id: RomId.RomId): Date | undefined {
    const state = Option.getOrUndefined(HashMap.get(this.snapshot.devices, id))
    if (state === undefined) return undefined
    let last = state.since
    for (const { reading } of this.filled.get(RomId.format(id))?.kept.values() ?? []) {
      if (reading.at > seconds(last)) last = new Date(reading.at * 1000)
    }
    for (const { reading } of state.properties.values()) {
      if (reading !== undefined && reading.at > last) last = reading.at
    }
    return last
  }

  /** Takes in that the network is no longer followed. */
  end(failing: Api.Failing): void {
    this.ended = failing
    this.touchServers()
  }

  place(key: string): Places.Place | undefined {
    return this.places.get(key)?.place
  }

  /** The place that a device fills, in the form for events. */
  subject(device: string): (Recorder.Subject & Rules.Subject) | undefined {
    const shown = this.filled.get(device)
    return shown === undefined ? undefined : subjectOf(shown)
  }

  /** All places, in the form for events. */
  subjects(): ReadonlyArray<Rules.Subject> {
    return Array.from(this.places.values(), subjectOf)
  }

  /** Whether a device is, or was, present. */
  isKnown(device: string): boolean {
    return this.filled.has(device) || this.replaced.has(device) || this.places.has(device) || Option.exists(
      RomId.fromString(device),
      (id) => HashMap.has(this.snapshot.devices, id)
    )
  }

  /** The followed property that contains a given one, and the way in which it is read. */
  followed(
    id: RomId.RomId,
    property: string
  ): { readonly device: Device.AnyDevice; readonly name: string; readonly server: string } | undefined {
    const state = Option.getOrUndefined(HashMap.get(this.snapshot.devices, id))
    if (state === undefined) return undefined
    for (const { name, reading } of state.properties.values()) {
      const parts = reading === undefined
        ? Parts.names(state.device, name)
        : Parts.split(state.device, name, reading.value).map(([part]) => part)
      if (name === property || parts.includes(property)) return { device: state.device, name, server: state.server }
    }
    return undefined
  }

  setPlace(place: Places.Place): void {
    const shown = this.places.get(place.key)
    if (shown === undefined) return
    shown.place = place
    this.changePlace(shown)
  }

  /**
   * Assigns a device to a place, at a time. The place that the device filled before returns to its first device, or is removed.
   */
  fill(place: Places.Place, device: string, at: number): void {
    const own = this.filled.get(device)
    const before = this.places.get(place.key)
    if (before !== undefined) {
      this.filled.delete(before.place.device)
      this.replaced.add(before.place.device)
    }
    if (own?.place.key === device) {
      this.places.delete(device)
      this.changes.removed.add(device)
      this.changes.places.delete(device)
    } else if (own !== undefined) this.occupy(own, own.place.key, at)
    const target = before ?? this.add(place)
    // The device's values belong to the place.
    for (const [name, kept] of own?.kept ?? []) target.kept.set(name, kept)
    this.occupy(target, device, at)
  }

  private occupy(shown: Shown, device: string, at: number): void {
    shown.place = { ...shown.place, device }
    this.filled.set(device, shown)
    this.replaced.delete(device)
    shown.device = undefined
    this.know(shown)
    shown.goneSince = shown.device === undefined ? shown.goneSince ?? at : undefined
    this.changePlace(shown)
  }

  state(at: number): Api.State {
    const { every, notice, title } = this.options
    return {
      at,
      title,
      every,
      ...(notice === undefined ? {} : { notice }),
      ...(this.historyFailing === undefined ? {} : { historyFailing: this.historyFailing }),
      servers: this.serverStates,
      ...(this.fleet === undefined ? {} : { fleet: this.fleet }),
      notices: this.notices,
      outlets: [...this.outlets.values()],
      places: this.order.map((shown) => this.placeState(shown))
    }
  }

  /** Changes since the last call, if there are any. */
  change(at: number): Extract<Api.Live, { readonly _tag: "Change" }> | undefined {
    if (!this.hasChanged) return undefined
    const { areNoticesNew, areOutletsNew, areServersNew, events, isFleetNew, isHistoryNew, places, readings, removed } =
      this.changes
    this.changes = nothing()
    this.hasChanged = false
    return {
      _tag: "Change",
      at,
      readings: Object.fromEntries(
        [...readings].flatMap(([key, changed]) => places.has(key) ? [] : [[key, Object.fromEntries(changed)]])
      ),
      places: [...places].flatMap((key) => {
        const shown = this.places.get(key)
        return shown === undefined ? [] : [this.placeState(shown)]
      }),
      removed: [...removed],
      ...(areServersNew ? { servers: this.serverStates } : {}),
      ...(isFleetNew && this.fleet !== undefined ? { fleet: this.fleet } : {}),
      ...(areNoticesNew ? { notices: this.notices } : {}),
      ...(areOutletsNew ? { outlets: [...this.outlets.values()] } : {}),
      ...(isHistoryNew ? { historyFailing: this.historyFailing ?? null } : {}),
      events
    }
  }

  private get order(): ReadonlyArray<Shown> {
    return this.sorted ??= Places.arrange([...this.places.values()].map((shown) => this.placeState(shown)))
      .flatMap(({ key }) => this.places.get(key) ?? [])
  }

  private get serverStates(): ReadonlyArray<Api.ServerState> {
    return this.servers ??= [...this.snapshot.servers.values()].map(({ buses, failing, name }): Api.ServerState => {
      const failure = this.ended ?? failingOf(failing)
      return {
        name,
        ...this.followers.get(name),
        ...(failure === undefined ? {} : { failing: failure }),
        buses: [...buses].map(([name, failing]) => ({ name, ...failingOf(failing) }))
      }
    })
  }

  private placeState(shown: Shown): Api.PlaceState {
    return shown.state ??= this.makeState(shown)
  }

  private makeState(shown: Shown): Api.PlaceState {
    const { device, goneSince, made, place } = shown
    return {
      ...place,
      title: titleOf(shown),
      chip: made === undefined ? chipOf(place.device) : "derived",
      ...(made === undefined ? {} : { derived: made.text }),
      ...whereOf(shown),
      // A device from before the start may be on a bus that cannot be searched.
      ...(goneSince === undefined || (device === undefined && !this.isSearched) ? {} : { goneSince }),
      ...(device?.alarm === undefined ? {} : { alarmSince: seconds(device.alarm.at) }),
      properties: this.properties(shown)
    }
  }

  private properties(shown: Shown): ReadonlyArray<Api.Property> {
    if (shown.made !== undefined) return derivedProperties(shown, shown.made)
    const properties = new Map<string, Api.Property>()
    const family = familyOf(shown.place.device)
    if (shown.device !== undefined) {
      const { device } = shown.device
      for (const { failing, name, reading } of shown.device.properties.values()) {
        const parts: ReadonlyArray<readonly [string, Family.Value | undefined]> = reading === undefined
          ? Parts.names(device, name).map((part) => [part, undefined])
          : Parts.split(device, name, reading.value)
        for (const [part, value] of parts) {
          const kept = shown.kept.get(part)
          const shownReading = reading === undefined || value === undefined ? kept?.reading : readingOf(reading, value)
          const unit = reading?.unit ?? kept?.unit
          properties.set(part, {
            name: part,
            ...(unit === undefined ? {} : { unit }),
            ...(shownReading === undefined ? {} : { reading: shownReading }),
            // A device that is gone is not reported as failing, too.
            ...(failing === undefined || shown.goneSince !== undefined ? {} : { failing: failingOf(failing) }),
            isKept: isNumeric(shownReading?.value),
            isWritable: this.isWritable(family, part)
          })
        }
      }
      return [...properties.values()]
    }
    for (const [name, { reading, unit }] of shown.kept) {
      properties.set(name, {
        name,
        ...(unit === undefined ? {} : { unit }),
        reading,
        isKept: true,
        isWritable: this.isWritable(family, name)
      })
    }
    return [...properties.values()]
  }

  /** The properties of a device, whether or not they are followed. */
  describe(device: string): Api.Described {
    return describe(device, (family, name) => this.isWritable(family, name))
  }

  private isWritable(family: Family.Family | undefined, property: string): boolean {
    if (!this.options.isAllowed(property)) return false
    const element = Parts.element(family, property)
    return element === undefined ? family === undefined : element.record.access.includes("w")
  }
}

const isSame = (one: Derived.Definition, other: Derived.Definition): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other)

const derivedProperties = ({ kept }: Shown, { definition, failing }: Made): ReadonlyArray<Api.Property> =>
  Derived.propertiesOf(definition).map((name) => {
    const known = kept.get(name)
    const failure = failing.get(name)
    return {
      name,
      ...(known?.unit === undefined ? {} : { unit: known.unit }),
      ...(known === undefined ? {} : { reading: known.reading }),
      ...(failure === undefined ? {} : { failing: failure }),
      isKept: true,
      isWritable: false
    }
  })

const seconds = (date: Date): number => date.getTime() / 1000

const scales: Property.Scales = { temperatureScale: "C", pressureScale: "mbar" }

const kindOf = ({ kind }: Property.Property): Api.Described["properties"][number]["kind"] =>
  kind === "y" ? "boolean" : kind === "a" || kind === "l" ? "text" : kind === "b" ? "bytes" : kind === "d" ?
    "date"
    : "number"

const titleOf = ({ device, place }: Shown): string => place.name ?? device?.device.name ?? place.device

const whereOf = ({ device }: Shown): Pick<Api.PlaceState, "bus" | "server"> => {
  const bus = device && Where.format(device.device.place)
  return {
    ...(device === undefined ? {} : { server: device.server }),
    ...(bus === undefined || bus === "" ? {} : { bus })
  }
}

const namesOf = (shown: Shown): Hub.Measured["place"] => {
  const { device, group, isHidden, key } = shown.place
  return { key, device, isHidden, title: titleOf(shown), ...(group === undefined ? {} : { group }), ...whereOf(shown) }
}

const countOf = ({ counts }: Shown, property: string): { readings: number; failures: number } => {
  let count = counts.get(property)
  if (count === undefined) counts.set(property, count = { readings: 0, failures: 0 })
  return count
}

const fleetOf = ({ once, runners, servers }: Fleet.Where, alive: Alive.Alive): Api.Fleet => {
  const hub = once.find(({ name, runner }) => name === "hub" && alive.runners.has(runner))
  return {
    ...(hub === undefined ? {} : { runner: hub.runner }),
    runners: runners.map(({ dropped, runner, seen, site, waiting }) => ({
      runner,
      ...(site === undefined ? {} : { site }),
      seen,
      isThere: alive.runners.has(runner),
      servers: servers.filter((one) => one.runner === runner && alive.servers.has(one.server)).length,
      waiting,
      dropped
    })),
    unfollowed: servers.filter(({ server }) => !alive.servers.has(server)).map(({ server, site }) => ({
      server,
      ...(site === undefined ? {} : { site })
    }))
  }
}

const followerOf = ({ runner, server, site }: Fleet.Where["servers"][number], alive: Alive.Alive) => ({
  ...(runner !== undefined && alive.servers.has(server) ? { runner } : {}),
  ...(site === undefined ? {} : { site })
})

/** The names under which a property is shown. */
const partsOf = (shown: Shown, device: Device.AnyDevice, property: string): ReadonlyArray<string> => {
  const reading = shown.device?.properties.get(property)?.reading
  return reading === undefined
    ? Parts.names(device, property)
    : Parts.split(device, property, reading.value).map(([name]) => name)
}

const subjectOf = (shown: Shown): Rules.Subject => {
  const { device, key, limits, noNewsFor } = shown.place
  return { key, device, limits, title: titleOf(shown), ...(noNewsFor === undefined ? {} : { noNewsFor }) }
}

const familyOf = (device: string): Family.Family | undefined => Option.getOrUndefined(Catalogue.of(device.slice(0, 2)))

const chipOf = (device: string): string => familyOf(device)?.chip ?? `family ${device.slice(0, 2)}`

const isNumeric = (value: unknown): boolean => typeof value === "number" || typeof value === "boolean"

const failingOf = <F extends Snapshot.Failing | undefined>(failing: F) =>
  (failing && { since: seconds(failing.since), message: failing.error.message }) as F extends undefined ? undefined
    : Api.Failing

/** The properties of a device, by its family code. */
export const describe = (
  device: string,
  isWritable: (family: Family.Family | undefined, property: string) => boolean
): Api.Described => {
  const family = familyOf(device)
  return {
    chip: chipOf(device),
    properties: (family === undefined ? [] : Parts.all(family)).map(([name, property]) => {
      const unit = Option.getOrUndefined(Property.unitOf(property, scales))
      return {
        name,
        ...(unit === undefined ? {} : { unit }),
        kind: kindOf(property),
        isReadable: property.access.startsWith("r"),
        isWritable: isWritable(family, name),
        isOptional: property.isOptional
      }
    })
  }
}

/** A reading with this value in the form of the API, or `undefined` if JSON has no such value. */
export const readingOf = (
  { at, verdict }: Pick<Device.Reading, "at" | "verdict">,
  value: Family.Value
): Api.Reading | undefined => {
  const shown = valueOf(value)
  return shown === undefined ? undefined : {
    value: shown,
    at: seconds(at),
    ...(verdict._tag === "Plausible" ? {} : { verdict: verdict._tag })
  }
}

/** A value in JSON: dates in ISO 8601, and bytes in hexadecimal digits. */
const valueOf = (value: Family.Value): Api.Reading["value"] | undefined => {
  if (isArray(value)) {
    const scalars = value.map(scalarOf)
    return scalars.every((scalar) => scalar !== undefined) ? scalars : undefined
  }
  return scalarOf(value)
}

const isArray = (value: Family.Value): value is ReadonlyArray<Family.Scalar> => Array.isArray(value)

const scalarOf = (value: Family.Scalar): number | boolean | string | undefined => {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString()
  return value instanceof Uint8Array
    ? Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")
    : value
}

/** The kept value of a property, with 1 for yes and 0 for no. */
const keptOf = ({ device, property, unit }: History.Series, row: History.Row, value: number): Kept => ({
  unit,
  reading: {
    value: Parts.element(familyOf(device), property)?.record.kind === "y" ? value !== 0 : value,
    at: row.at,
    ...(row.verdict === "Plausible" ? {} : { verdict: row.verdict })
  }
})
