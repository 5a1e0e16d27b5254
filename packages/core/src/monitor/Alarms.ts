/**
 * The devices that answer the alarm search, as a stream of what changes.
 *
 * A master finds with one search which devices of its bus are in alarm, without asking each of them: so a switch that is
 * pressed, or a thermometer beyond its limits, is noticed in a second among hundreds. What puts a device in alarm is its own
 * affair: `temphigh` and `templow` of a thermometer, which it compares at the end of each conversion; `set_alarm` of a switch.
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
      // More is asked for when the events have been taken.
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
