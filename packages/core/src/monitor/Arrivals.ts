/**
 * What comes to a network and what goes, as a stream.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Checked from "../client/internal/Checked.ts"
import type * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import type * as Device from "../device/Device.ts"
import * as Discovery from "../device/Discovery.ts"
import type * as Family from "../device/Family.ts"
import { Outages } from "./internal/Outages.ts"
import { Presence } from "./internal/Presence.ts"
import type * as Outage from "./Outage.ts"

/**
 * A device is there that was not: at the first scan, each one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Appeared<out D = Device.AnyDevice> {
  readonly _tag: "Appeared"
  readonly device: D
  readonly at: Date
}

/**
 * A device is gone.
 *
 * @category models
 * @since 0.1.0
 */
export interface Vanished<out D = Device.AnyDevice> {
  readonly _tag: "Vanished"
  readonly device: D
  readonly at: Date
  readonly lastSeen: Date
}

/**
 * A device is on another bus, or behind another coupler, or no longer behind one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Moved<out D = Device.AnyDevice> {
  readonly _tag: "Moved"
  /** The device where it is now. */
  readonly device: D
  readonly at: Date
  /** Where it was: a bus, such as `bus.0`, or a branch, such as `bus.0/1F.00001FE00400/main`. */
  readonly from: string
  readonly to: string
}

/**
 * A device was given an alias, or another, or lost the one that it had.
 *
 * @category models
 * @since 0.1.0
 */
export interface Renamed<out D = Device.AnyDevice> {
  readonly _tag: "Renamed"
  readonly device: D
  readonly at: Date
  /** The alias before, or the ROM id as in `28.000028D70100`. */
  readonly from: string
  readonly to: string
}

/**
 * What happens to the devices of a network.
 *
 * @category models
 * @since 0.1.0
 */
export type Event<D = Device.AnyDevice> = Appeared<D> | Vanished<D> | Moved<D> | Renamed<D> | Outage.Outage

/**
 * Options of `arrivals`: what is looked for, as `Discovery.devices` has it, and how often. `flags`, `timeout` and `retry` are those
 * of each call of a scan.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<
  F extends ReadonlyArray<Family.Family> = ReadonlyArray<Family.Family>,
  out E = never,
  out R = never
> extends OwClient.CallOptions, Pick<Discovery.Options<F>, "catalogue" | "couplers" | "families"> {
  /**
   * From the beginning of one scan to that of the next, where a late one is not made up for; or a schedule, which is asked when
   * a scan is over, and with whose end the stream ends. Default 1 minute.
   */
  readonly every?: Duration.Input | Schedule.Schedule<unknown, unknown, E, R> | undefined
  /** In how many scans in a row a device is missing before it has vanished. Default 3. */
  readonly absences?: number | undefined
  /** For how long it is missing then, at least. Default 2 minutes. */
  readonly grace?: Duration.Input | undefined
}

/**
 * The devices of a network, and what comes and goes from then on. It scans while it is pulled, and never twice at the same
 * time.
 *
 * **Details**
 *
 * - Each device of the first scan appears. Of each device `Appeared` and `Vanished` come in turn, by its ROM id: a device that
 *   moves to another bus, or is given another alias, is the same.
 * - A bus search may miss a device. One has vanished when it is missing from `absences` scans in a row, over `grace` at least,
 *   and then does not answer when it is asked by itself. A scan in which its bus could not be listed says nothing of it, and
 *   the count begins anew.
 * - What fails is told once, and once when it works again: a bus, or the whole server. No device vanishes by that, however
 *   long it takes. Only where not even the buses can be listed at the very first scan does the stream fail: then `Stream.retry`
 *   begins anew, and nothing is lost. It also fails when the client itself is closed.
 * - A scan is a search of each bus, past the server's cache: some 15 milliseconds for each device.
 *
 * **Example** (A log of what comes and goes)
 *
 * ```ts
 * import { Arrivals } from "@effect-ownet/core"
 * import { Console, Effect, Match, Schedule, Stream } from "effect"
 *
 * const log = Arrivals.arrivals().pipe(
 *   Stream.retry(Schedule.spaced("10 seconds")),
 *   Stream.runForEach((event) =>
 *     Match.value(event).pipe(
 *       Match.tags({
 *         Appeared: ({ device }) => Console.log(`${device.name} is on ${device.bus}`),
 *         Vanished: ({ device, lastSeen }) => Console.log(`${device.name} is gone since ${lastSeen.toISOString()}`),
 *         BusFailed: ({ bus, error }) => Console.log(`${bus}: ${error.message}`)
 *       }),
 *       Match.orElse(() => Effect.void)
 *     )
 *   )
 * )
 * ```
 *
 * @category streams
 * @since 0.1.0
 */
export const arrivals = <const F extends ReadonlyArray<Family.Family> = readonly [], E = never, R = never>(
  options: Options<F, E, R> = {}
): Stream.Stream<Event<Device.Of<F>>, OwError.OwError | E, OwClient.OwClient | R> =>
  Stream.unwrap(Effect.gen(function*() {
    const { absences = 3, every = "1 minute", grace = "2 minutes", ...search } = options
    yield* checked.call(search)
    const presence = new Presence<Device.Of<F>>({
      search: Discovery.devices(search),
      call: search,
      absences: yield* checked.times("absences", absences),
      grace: yield* checked.millis("grace", grace),
      isPatient: false,
      listsBuses: true,
      isWanted: () => true
    })
    const schedule = yield* checked.schedule("every", every)
    const ledger = new Outages()
    return Stream.fromEffectSchedule(presence.scan, schedule).pipe(
      Stream.map(({ events, outages }): ReadonlyArray<Event<Device.Of<F>>> => [...outages(ledger), ...events]),
      Stream.flattenIterable
    )
  }))

const checked = Checked.of("Arrivals.arrivals")
