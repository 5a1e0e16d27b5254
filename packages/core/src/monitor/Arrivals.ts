/**
 * Devices that come to a network and leave it, as a stream.
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
 * A device is present that was not before. After the first scan, emitted for each device.
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
 * A device is on another bus, behind another coupler, or no longer behind one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Moved<out D = Device.AnyDevice> {
  readonly _tag: "Moved"
  /** The device at its new place. */
  readonly device: D
  readonly at: Date
  /** Previous place: a bus, such as `bus.0`, or a branch, such as `bus.0/1F.00001FE00400/main`. */
  readonly from: string
  readonly to: string
}

/**
 * A device got an alias, got a different one, or lost its alias.
 *
 * @category models
 * @since 0.1.0
 */
export interface Renamed<out D = Device.AnyDevice> {
  readonly _tag: "Renamed"
  readonly device: D
  readonly at: Date
  /** The previous alias, or the ROM id as in `28.000028D70100`. */
  readonly from: string
  readonly to: string
}

/**
 * An event of the devices of a network.
 *
 * @category models
 * @since 0.1.0
 */
export type Event<D = Device.AnyDevice> = Appeared<D> | Vanished<D> | Moved<D> | Renamed<D> | Outage.Outage

/**
 * Options of `arrivals`: the devices to look for, as in `Discovery.devices`, and how often. `flags`, `timeout` and `retry` apply
 * to each call of a scan.
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
   * Time from the beginning of one scan to that of the next; a late scan is not made up for. Or a schedule, which is asked after
   * each scan; the stream ends when the schedule does. Default 1 minute.
   */
  readonly every?: Duration.Input | Schedule.Schedule<unknown, unknown, E, R> | undefined
  /** Number of scans in a row that a device must be missing from before it has vanished. Default 3. */
  readonly absences?: number | undefined
  /** Minimum time that a device must be missing before it has vanished. Default 2 minutes. */
  readonly grace?: Duration.Input | undefined
}

/**
 * The devices of a network, and those that come and go from then on. It scans only while the stream is pulled, and never twice at
 * the same time.
 *
 * **Details**
 *
 * - Each device of the first scan appears. For each device, by its ROM id, `Appeared` and `Vanished` alternate: a device that
 *   moves to another bus or gets another alias is the same device.
 * - A bus search may miss a device. A device has vanished only if it is missing from `absences` scans in a row, over at least
 *   `grace`, and then does not answer a request of its own. A scan that could not list its bus does not count, and the count
 *   starts again.
 * - A failure of a bus or of the whole server is reported once when it begins, and once when it ends. It makes no device vanish,
 *   however long it lasts. The stream itself fails only if the very first scan cannot even list the buses: `Stream.retry` then
 *   starts again, and nothing is lost. It also fails if the client is closed.
 * - A scan searches each bus and bypasses the server's cache: about 15 milliseconds for each device.
 *
 * **Example** (Logging devices that come and go)
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
