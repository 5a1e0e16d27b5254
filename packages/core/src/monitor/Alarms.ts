/**
 * The devices that answer the alarm search, as a stream of changes.
 *
 * One alarm search tells the bus master which devices of its bus are in alarm, without asking each of them. A switch that is
 * pressed, or a thermometer beyond its limits, is noticed within a second among hundreds of devices. Each device decides by
 * itself when it is in alarm: a thermometer compares `temphigh` and `templow` at the end of each conversion, and a switch uses
 * `set_alarm`.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Checked from "../client/internal/Checked.ts"
import * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import type * as Device from "../device/Device.ts"
import type * as Family from "../device/Family.ts"
import * as FamilyCode from "../onewire/FamilyCode.ts"
import * as RomId from "../onewire/RomId.ts"
import { AlarmSearch, searchable } from "./internal/AlarmSearch.ts"
import { Outages } from "./internal/Outages.ts"
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
  /** When the alarm was raised. */
  readonly since: Date
}

/**
 * A device no longer answers the alarm search: it is not in alarm, or it is gone.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cleared {
  readonly _tag: "Cleared"
  readonly device: Device.AnyDevice
  readonly at: Date
  /** When the alarm was raised. */
  readonly since: Date
}

/**
 * A device could not be re-armed. Re-arming is tried again as long as the device is in alarm.
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
 * An event of the alarms of a network.
 *
 * @category models
 * @since 0.1.0
 */
export type Event = Raised | Reminded | Cleared | RearmFailed | Outage.Outage

/**
 * Options of `alarms`. `flags`, `timeout` and `retry` apply to each search. By default `retry` is `false`: the next search
 * follows soon, and a failing bus would delay the searches of the others.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<out E = never, out R = never> extends OwClient.CallOptions {
  /**
   * Time from the beginning of one search to that of the next; a late search is not made up for. Or a schedule, which is asked
   * after each search; the stream ends when the schedule does. Default 1 second. A search takes a few milliseconds for each bus,
   * and about 14 more for each device in alarm.
   */
  readonly every?: Duration.Input | Schedule.Schedule<unknown, unknown, E, R> | undefined
  /**
   * Buses and branches to search, such as `/bus.0` and `/1F.00001FE00400/main`. By default all buses, which are looked up every 5
   * minutes; a bus that is another server is searched as a whole. Devices behind couplers answer only if you list their branch
   * here.
   */
  readonly places?: ReadonlyArray<string> | undefined
  /** Number of searches in a row that a device must be missing from before its alarm is cleared. Default 2. */
  readonly absences?: number | undefined
  /** Interval at which a device that is still in alarm is reported again. Default never. */
  readonly remindAfter?: Duration.Input | undefined
  /**
   * Action for a device in alarm, after the alarm was reported: `Alarms.rearm`, or your own effect. If it does not end the alarm,
   * it is repeated after pauses of 1, 2, 4 seconds and so on up to 1 minute. Default nothing.
   */
  readonly rearm?: ((device: Device.AnyDevice) => Effect.Effect<unknown, Device.Failure>) | undefined
  /**
   * Looks up the family of each device, such as `Catalogue.of`. By default the server is asked for the types of its properties.
   */
  readonly catalogue?: Family.Lookup | undefined
}

/**
 * The current alarms of a network, and their changes from then on. It searches only while the stream is pulled, and never twice
 * at the same time.
 *
 * **Details**
 *
 * - Each bus is searched separately, so the failure of one bus neither hides nor ends the alarms of another.
 * - For each device, `Raised` and `Cleared` alternate. A device stays in alarm if it is missing from fewer than `absences`
 *   searches, or if its bus cannot be searched.
 * - A failure is reported once when it begins, and once when it ends. The stream itself fails only if the server does not answer
 *   the very first search: `Stream.retry` then starts again, and nothing is lost. It also fails if the client is closed.
 *
 * **Example** (Making a doorbell)
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
      return yield* checked.refuse("places", "must not be empty: nothing would ever be searched")
    }
    yield* checked.call(call)
    const search = new AlarmSearch(yield* OwClient.OwClient, {
      call: { retry: false, ...call },
      places: places === undefined ? undefined : yield* Effect.forEach(places, searchable),
      absences: yield* checked.times("absences", absences),
      remindAfter: remindAfter === undefined ? Infinity : yield* checked.millis("remindAfter", remindAfter),
      rearm,
      catalogue,
      isPatient: false
    })
    const ledger = new Outages()
    const schedule = yield* checked.schedule("every", every)
    return Stream.fromEffectSchedule(search.search, schedule).pipe(
      // Requests more only after the events have been taken.
      Stream.flatMap(({ events, outages }): Stream.Stream<Event> =>
        Stream.concat(
          Stream.fromIterable([...outages(ledger), ...events]),
          Stream.fromIterableEffect(search.rearm)
        )
      )
    )
  }))

const checked = Checked.of("Alarms.alarms")

/**
 * Re-arms a device whose alarm stays until it is reset. Does nothing for other devices.
 *
 * **Details**
 *
 * | family | writes |
 * |---|---|
 * | 12 DS2406, 1C DS28E04 | `latch.BYTE`, which resets the latches of all channels |
 * | 29 DS2408 | the same; and `por`, the flag that the device had lost power, and with it `set_alarm` |
 * | 20 DS2450 | `set_alarm/unset`, the same flag |
 * | 7E EDS | `alarm/clear` of its kind; it is in alarm again after its next measurement if that is beyond a limit |
 *
 * A thermometer needs nothing: its alarm ends with the next conversion inside its limits.
 *
 * **Example** (Resetting a latch so that it reports the next change)
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
