/**
 * The devices that answer the alarm search, as a stream of what changes.
 *
 * A master finds with one search which devices of its bus are in alarm, without asking each of them: so a switch that is
 * pressed, or a thermometer beyond its limits, is noticed in a second among hundreds. What puts a device in alarm is its own
 * affair: `temphigh` and `templow` of a thermometer, which it compares at the end of each conversion; `set_alarm` of a switch.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Checked from "../client/internal/Checked.ts"
import * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import type * as Device from "../device/Device.ts"
import * as Family from "../device/Family.ts"
import { deviceAt } from "../device/internal/device.ts"
import * as FamilyCode from "../onewire/FamilyCode.ts"
import * as OwPath from "../onewire/OwPath.ts"
import { ofPath } from "../onewire/Place.ts"
import * as RomId from "../onewire/RomId.ts"
import * as Outages from "./internal/Outages.ts"
import type * as Outage from "./Outage.ts"

/**
 * A device is in alarm.
 *
 * @category models
 * @since 0.1.0
 */
export interface Raised {
  readonly _tag: "Raised"
  readonly device: Device.AnyDevice
  readonly at: Date
}

/**
 * A device is still in alarm.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reminded {
  readonly _tag: "Reminded"
  readonly device: Device.AnyDevice
  readonly at: Date
  /** When its alarm was raised. */
  readonly since: Date
}

/**
 * A device no longer answers the alarm search: it is not in alarm, or not there.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cleared {
  readonly _tag: "Cleared"
  readonly device: Device.AnyDevice
  readonly at: Date
  /** When its alarm was raised. */
  readonly since: Date
}

/**
 * A device could not be re-armed. It is tried again while it is in alarm.
 *
 * @category models
 * @since 0.1.0
 */
export interface RearmFailed {
  readonly _tag: "RearmFailed"
  readonly device: Device.AnyDevice
  readonly at: Date
  readonly error: Device.Failure
}

/**
 * What happens to the alarms of a network.
 *
 * @category models
 * @since 0.1.0
 */
export type Event = Raised | Reminded | Cleared | RearmFailed | Outage.Outage

/**
 * Options of `alarms`. `flags`, `timeout` and `retry` are those of each search; `retry` is `false` unless it is given
 * here: the next search is near, and a bus that fails would hold up those of the others.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<out E = never, out R = never> extends OwClient.CallOptions {
  /**
   * From the beginning of one search to that of the next, where a late one is not made up for; or a schedule, which is asked
   * when a search is over, and with whose end the stream ends. Default 1 second. A search takes a few milliseconds of each
   * bus, and some 14 more for each device in alarm.
   */
  readonly every?: Duration.Input | Schedule.Schedule<unknown, unknown, E, R> | undefined
  /**
   * The buses and branches to be searched, such as `/bus.0` and `/1F.00001FE00400/main`. By default all buses, which are
   * looked up every 5 minutes; one that is another server is searched as a whole. Devices behind couplers answer only where
   * their branch is given.
   */
  readonly places?: ReadonlyArray<string> | undefined
  /** In how many searches in a row a device is missing before its alarm is cleared. Default 2. */
  readonly absences?: number | undefined
  /** Says again of a device that is in alarm that it is, each time so much has passed. Default never. */
  readonly remindAfter?: Duration.Input | undefined
  /**
   * What is done with a device that is in alarm, once that was reported: `Alarms.rearm`, or an effect of your own. Where it
   * does not end the alarm it is done again, after pauses of 1, 2, 4 seconds and so on up to 1 minute. Default nothing.
   */
  readonly rearm?: ((device: Device.AnyDevice) => Effect.Effect<unknown, Device.Failure>) | undefined
  /** Looks up the family of each device, such as `Catalogue.of`. By default a server is asked for the types of its properties. */
  readonly catalogue?: Family.Lookup | undefined
}

/**
 * The alarms of a network: those that there are, and what happens to them from then on. It searches while it is pulled, and
 * never twice at the same time.
 *
 * **Details**
 *
 * - Each bus is searched by itself, so that the failure of one neither hides the alarms of another nor ends its own.
 * - Of each device `Raised` and `Cleared` come in turn. A device that is missing from fewer than `absences` searches, or whose
 *   bus cannot be searched, stays in alarm.
 * - What fails is told once, and once when it works again. Only where the server does not answer the very first search does the
 *   stream fail: then `Stream.retry` begins anew, and nothing is lost. It also fails when the client itself is closed.
 *
 * **Example** (A doorbell)
 *
 * ```ts
 * import { Alarms, Device } from "@effect-ownet/core"
 * import { DS2408 } from "@effect-ownet/core/families"
 * import { Console, Stream } from "effect"
 *
 * const doorbell = Alarms.alarms({ rearm: Alarms.rearm }).pipe(
 *   Stream.filter((event) => event._tag === "Raised"),
 *   Stream.map(({ device }) => device),
 *   Stream.filter(Device.is(DS2408)),
 *   Stream.runForEach((device) => Console.log(`${device.name} rings`))
 * )
 * ```
 *
 * @category streams
 * @since 0.1.0
 */
export const alarms = <E = never, R = never>(
  options: Options<E, R> = {}
): Stream.Stream<Event, OwError.OwError | E, OwClient.OwClient | R> =>
  Stream.unwrap(Effect.gen(function*() {
    const { absences = 2, catalogue, every = "1 second", places, rearm, remindAfter, ...call } = options
    if (places?.length === 0) {
      return yield* settings.refuse("places", "must not be empty: nothing would ever be searched")
    }
    yield* settings.call(call)
    const watch = new Watch(yield* OwClient.OwClient, {
      call: { retry: false, ...call },
      places: places === undefined ? undefined : yield* Effect.forEach(places, placeOf),
      absences: yield* settings.times("absences", absences),
      remindAfter: remindAfter === undefined ? Infinity : yield* settings.millis("remindAfter", remindAfter),
      rearm,
      catalogue
    })
    const schedule = yield* settings.schedule("every", every)
    return Stream.fromEffectSchedule(watch.search, schedule).pipe(
      // More is asked for when the events have been taken.
      Stream.flatMap((events) => Stream.concat(Stream.fromIterable(events), Stream.fromIterableEffect(watch.rearm)))
    )
  }))

const settings = Checked.of("Alarms.alarms")

/**
 * Re-arms a device whose alarm stays until it is reset, and does nothing with any other.
 *
 * **Details**
 *
 * | family | what is written |
 * |---|---|
 * | 12 DS2406, 1C DS28E04 | `latch.BYTE`, which resets the latches of all channels |
 * | 29 DS2408 | the same; and `por`, which tells that it had lost its power, and with that its `set_alarm` |
 * | 20 DS2450 | `set_alarm/unset`, which tells the same |
 * | 7E EDS | `alarm/clear` of its kind; it is in alarm again after its next measurement, where that is beyond a limit |
 *
 * A thermometer needs nothing: its alarm ends with the next conversion inside its limits.
 *
 * **Example** (Letting a latch tell of the next time, too)
 *
 * ```ts
 * import { Alarms, Device } from "@effect-ownet/core"
 * import { DS2408 } from "@effect-ownet/core/families"
 * import { Effect } from "effect"
 *
 * const reset = Device.make(DS2408, "29.000029D60300").pipe(Effect.flatMap(Alarms.rearm))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const rearm = (device: Device.AnyDevice): Effect.Effect<void, OwError.OwError> => {
  const { ow, path } = device
  switch (FamilyCode.driver(RomId.familyCode(device.id))) {
    case "12":
    case "1C":
      return ow.write(`${path}/latch.BYTE`, "0")
    case "29":
      return Effect.andThen(ow.write(`${path}/latch.BYTE`, "0"), ow.write(`${path}/por`, "0"))
    case "20":
      return ow.write(`${path}/set_alarm/unset`, "0")
    case "7E":
      return Effect.flatMap(
        ow.readText(`${path}/device_type`),
        (kind) => ow.write(`${path}/${kind.trim()}/alarm/clear`, "1")
      )
    default:
      return Effect.void
  }
}

interface Rules {
  readonly call: OwClient.CallOptions
  readonly places: ReadonlyArray<Place> | undefined
  readonly absences: number
  readonly remindAfter: number
  readonly rearm: Options["rearm"]
  readonly catalogue: Family.Lookup | undefined
}

/** Where is searched. */
interface Place {
  readonly bus: string
  readonly path: OwPath.OwPath
}

const placeOf = (directory: string): Effect.Effect<Place, OwError.ArgumentError> => {
  const parsed = OwPath.parse(directory)
  if (Result.isFailure(parsed)) return settings.refuse("places", `has what is no path: ${parsed.failure.message}`)
  const path = { ...parsed.success, uncached: false, unaliased: false, alarm: false }
  return path.device === undefined && path.own === undefined
    ? Effect.succeed({ bus: OwPath.format(path).slice(1), path })
    : settings.refuse("places", `must be buses and branches, not ${directory}`)
}

interface Alarm {
  device: Device.AnyDevice
  place: Place
  readonly since: Date
  absences: number
  remindedAt: number
  /** When it is to be re-armed, and how long it is from then to the next time, in milliseconds. */
  rearmAt: number
  pause: number
}

const shortestPause = 1000

const longestPause = 60_000

/** How long the buses are remembered. To list them, a server that has not done so for a minute searches them all. */
const busesLast = 300_000

class Watch {
  /** The client of the devices, and that of the searches. */
  private readonly ow: OwClient.Client
  private readonly searching: OwClient.Client
  private readonly rules: Rules
  private readonly outages = new Outages.Outages()
  private readonly alarms = new Map<RomId.RomId, Alarm>()
  /** What the last search has found, until it is re-armed. */
  private found: ReadonlyMap<RomId.RomId, Place> = new Map()
  private buses: ReadonlyArray<Place> = []
  private busesUntil = -Infinity
  private isFirst = true

  constructor(ow: OwClient.Client, rules: Rules) {
    this.ow = ow
    this.searching = ow.with(rules.call)
    this.rules = rules
  }

  readonly search: Effect.Effect<ReadonlyArray<Event>, OwError.OwError> = Effect.suspend(() =>
    Effect.matchEffect(this.places, {
      onFailure: (error) =>
        this.isEnd(error)
          ? Effect.fail(error)
          : Effect.map(DateTime.nowAsDate, (at) => this.outages.unanswered(at, error)),
      onSuccess: (places) => this.searchAll(places)
    })
  )

  /** The first search tells whether there is a server at all; and a client that is closed stays so. */
  private isEnd(error: OwError.OwError): boolean {
    return this.isFirst || Outages.isFinal(error)
  }

  private get places(): Effect.Effect<ReadonlyArray<Place>, OwError.OwError> {
    const { places } = this.rules
    if (places !== undefined) return Effect.succeed(places)
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (now < this.busesUntil && !this.outages.isServerFailing) return Effect.succeed(this.buses)
      this.busesUntil = now + busesLast
      return Effect.matchEffect(busesOf(this.searching), {
        // Where no bus works, a server does not say which there are.
        onFailure: (error) =>
          Outages.isOfServer(error) || this.buses.length === 0 ? Effect.fail(error) : Effect.succeed(this.buses),
        onSuccess: (buses) => {
          this.buses = buses
          return Effect.succeed(buses)
        }
      })
    })
  }

  private searchAll(places: ReadonlyArray<Place>): Effect.Effect<ReadonlyArray<Event>, OwError.OwError> {
    return Effect.flatMap(
      Effect.forEach(places, (place) => Effect.result(searchAt(this.searching, place)), { concurrency: "unbounded" }),
      (results) => {
        const failures: Array<Outages.Failure> = []
        const found = new Map<RomId.RomId, Place>()
        for (const [index, result] of results.entries()) {
          const place = places[index]
          if (Result.isSuccess(result)) { for (const id of result.success) found.set(id, place) }
          else {
            failures.push({ bus: place.bus, error: result.failure })
            if (isAbsent(result.failure)) this.busesUntil = -Infinity
          }
        }
        const unanswered = failures.find(({ error }) => Outages.isOfServer(error))
        if (unanswered !== undefined && this.isEnd(unanswered.error)) return Effect.fail(unanswered.error)
        this.isFirst = false
        this.found = found
        return this.compare(found, failures)
      }
    )
  }

  private compare(
    found: ReadonlyMap<RomId.RomId, Place>,
    failures: ReadonlyArray<Outages.Failure>
  ): Effect.Effect<ReadonlyArray<Event>> {
    const raised = [...found].filter(([id]) => !this.alarms.has(id))
    return Effect.zipWith(
      Effect.forEach(raised, ([id, place]) => this.named(id, place), { concurrency: "unbounded" }),
      DateTime.nowAsDate,
      (devices, at) => {
        const events: Array<Event> = [...this.outages.listed(at, failures)]
        for (const [id, alarm] of this.alarms) {
          const event = this.follow(id, alarm, found.get(id), failures, at)
          if (event !== undefined) events.push(event)
        }
        for (const [index, device] of devices.entries()) {
          this.alarms.set(device.id, {
            device,
            place: raised[index][1],
            since: at,
            absences: 0,
            remindedAt: at.getTime(),
            rearmAt: at.getTime(),
            pause: shortestPause
          })
          events.push({ _tag: "Raised", device, at })
        }
        return events
      }
    )
  }

  private follow(
    id: RomId.RomId,
    alarm: Alarm,
    place: Place | undefined,
    failures: ReadonlyArray<Outages.Failure>,
    at: Date
  ): Event | undefined {
    const { device, since } = alarm
    if (place !== undefined) {
      if (place.bus !== alarm.place.bus) {
        alarm.place = place
        alarm.device = this.deviceOf(id, place, device.name)
      }
      alarm.absences = 0
      if (at.getTime() - alarm.remindedAt < this.rules.remindAfter) return undefined
      alarm.remindedAt = at.getTime()
      return { _tag: "Reminded", device: alarm.device, at, since }
    }
    if (failures.some(({ bus }) => bus === alarm.place.bus)) {
      alarm.absences = 0
      return undefined
    }
    if (++alarm.absences < this.rules.absences) return undefined
    this.alarms.delete(id)
    return { _tag: "Cleared", device, at, since }
  }

  private deviceOf(id: RomId.RomId, { path }: Place, name: string): Device.AnyDevice {
    const family = this.rules.catalogue?.(RomId.familyCode(id)) ?? Option.none()
    return deviceAt(Option.getOrElse(family, () => Family.unknown), {
      id,
      path: OwPath.format({ ...path, bus: [], device: id }),
      place: ofPath(path),
      name,
      ow: this.ow
    })
  }

  /** A device with its alias: the search gives none, so that no alias can be taken for that of another device. */
  private named(id: RomId.RomId, place: Place): Effect.Effect<Device.AnyDevice> {
    const device = this.deviceOf(id, place, RomId.format(id))
    return Effect.match(this.ow.readText(`${device.path}/alias`, { retry: false }), {
      onFailure: () => device,
      onSuccess: (alias) => alias === "" ? device : this.deviceOf(id, place, alias)
    })
  }

  /** Re-arms what the last search has found, unless that was done a short while ago. */
  readonly rearm: Effect.Effect<ReadonlyArray<Event>> = Effect.suspend(() => {
    const { rearm } = this.rules
    const found = [...this.found.keys()]
    this.found = new Map()
    if (rearm === undefined) return Effect.succeed([])
    const failed: Array<Event> = []
    let isAnswered = true
    const rearmed = Effect.forEach(found, (id) =>
      Effect.flatMap(DateTime.nowAsDate, (at) => {
        const alarm = this.alarms.get(id)
        // What no server answers now is not asked for each of a hundred devices.
        if (alarm === undefined || !isAnswered || at.getTime() < alarm.rearmAt) return Effect.void
        alarm.rearmAt = at.getTime() + alarm.pause
        alarm.pause = Math.min(2 * alarm.pause, longestPause)
        const { device } = alarm
        return Effect.catch(rearm(device), (error) => {
          isAnswered = error._tag === "DeviceError" || error._tag === "ArgumentError" || !Outages.isOfServer(error)
          return Effect.map(DateTime.nowAsDate, (at) => void failed.push({ _tag: "RearmFailed", device, at, error }))
        })
      }), { discard: true })
    return Effect.as(rearmed, failed)
  })
}

/** Whether a bus is no longer there. */
const isAbsent = (error: OwError.OwError): boolean => error._tag === "OwnetError" && error.reason._tag === "NotFound"

/** The ids of what answers the alarm search. */
const searchAt = (ow: OwClient.Client, { path }: Place): Effect.Effect<ReadonlyArray<RomId.RomId>, OwError.OwError> =>
  Effect.flatMap(
    ow.dir(OwPath.format({ ...path, unaliased: true, alarm: true }), { slash: false }),
    (entries) => Effect.map(Effect.forEach(entries, (entry) => idAt(ow, entry)), (ids) => ids.flatMap(Option.toArray))
  )

const idAt = (ow: OwClient.Client, entry: string): Effect.Effect<Option.Option<RomId.RomId>, OwError.OwError> => {
  const inspection = RomId.inspect(entry.slice(entry.lastIndexOf("/") + 1))
  switch (inspection._tag) {
    case "Good":
      return Effect.succeedSome(inspection.id)
    case "NoRomId":
      return ow.romId(entry)
    default:
      return Effect.succeedNone
  }
}

const busesOf = (ow: OwClient.Client): Effect.Effect<ReadonlyArray<Place>, OwError.OwError> =>
  Effect.flatMap(
    ow.dir("/", { bus: true, slash: false }),
    (entries) => Effect.forEach(entries.filter((entry) => /^\/bus\.\d+$/.test(entry)), placeOf)
  )
