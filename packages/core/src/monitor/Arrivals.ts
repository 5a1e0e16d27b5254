/**
 * What comes to a network and what goes, as a stream.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
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
import * as Place from "../onewire/Place.ts"
import type * as RomId from "../onewire/RomId.ts"
import * as Outages from "./internal/Outages.ts"
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
    yield* settings.call(search)
    const watch = new Watch<Device.Of<F>>({
      search: Discovery.devices(search),
      call: search,
      absences: yield* settings.times("absences", absences),
      grace: yield* settings.millis("grace", grace)
    })
    const schedule = yield* settings.schedule("every", every)
    return Stream.flattenIterable(Stream.fromEffectSchedule(watch.scan, schedule))
  }))

const settings = Checked.of("Arrivals.arrivals")

interface Rules<D> {
  readonly search: Effect.Effect<Discovery.Found<D>, OwError.OwError, OwClient.OwClient>
  /** How a device is asked that is missing. */
  readonly call: OwClient.CallOptions
  readonly absences: number
  readonly grace: number
}

interface Known<out D> {
  device: D
  lastSeen: Date
  absences: number
  /** From when on it is missing: when it was last seen, or could not be. */
  since: Date
}

class Watch<D extends Device.AnyDevice> {
  private readonly rules: Rules<D>
  private readonly outages = new Outages.Outages()
  private readonly known = new Map<RomId.RomId, Known<D>>()
  /** The buses of the last scan; none before the first. */
  private buses: ReadonlyArray<string> | undefined = undefined

  constructor(rules: Rules<D>) {
    this.rules = rules
  }

  readonly scan: Effect.Effect<ReadonlyArray<Event<D>>, OwError.OwError, OwClient.OwClient> = Effect.suspend(() =>
    Effect.matchEffect(this.rules.search, {
      onFailure: (error) => this.failed(error),
      onSuccess: (found) => this.compare(found)
    })
  )

  /** Not even the buses could be listed: which they are is not known at the first scan, and otherwise from the last. */
  private failed(error: OwError.OwError): Effect.Effect<ReadonlyArray<Event<D>>, OwError.OwError> {
    const { buses } = this
    if (buses === undefined || Outages.isFinal(error)) return Effect.fail(error)
    return Effect.map(DateTime.nowAsDate, (at) => {
      for (const known of this.known.values()) pardon(known, at)
      return Outages.isOfServer(error) || buses.length === 0
        ? this.outages.unanswered(at, error)
        : this.outages.listed(at, buses.map((bus) => ({ bus, error })))
    })
  }

  private readonly compare = Effect.fnUntraced(function*(
    this: Watch<D>,
    found: Discovery.Found<D>
  ): Effect.fn.Return<ReadonlyArray<Event<D>>, OwError.OwError> {
    const failures = found.failures.map(({ error, place }) => ({ bus: Place.format(place), error }))
    const unanswered = failures.find(({ error }) => Outages.isOfServer(error))
    if (unanswered !== undefined && (this.buses === undefined || Outages.isFinal(unanswered.error))) {
      return yield* unanswered.error
    }
    this.buses = [...found.buses, ...found.failures.flatMap(({ place }) => isBus(place) ? [Place.format(place)] : [])]
    const at = yield* DateTime.nowAsDate
    const events: Array<Event<D>> = [...this.outages.listed(at, failures)]
    for (const device of found.devices) events.push(...this.see(device, at))
    const missing: Array<Known<D>> = []
    for (const known of this.known.values()) {
      // It was seen just now: the date is the very same.
      if (known.lastSeen === at) continue
      if (found.failures.some(({ place }) => Place.contains(place, known.device.place))) pardon(known, at)
      else if (++known.absences >= this.rules.absences && at.getTime() - known.since.getTime() >= this.rules.grace) {
        missing.push(known)
      }
    }
    for (const { device, lastSeen } of yield* this.gone(missing, at)) {
      this.known.delete(device.id)
      events.push({ _tag: "Vanished", device, at, lastSeen })
    }
    return events
  })

  private see(device: D, at: Date): ReadonlyArray<Event<D>> {
    const known = this.known.get(device.id)
    this.known.set(device.id, { device, lastSeen: at, absences: 0, since: at })
    if (known === undefined) return [{ _tag: "Appeared", device, at }]
    const events: Array<Event<D>> = []
    const [from, to] = [Place.format(known.device.place), Place.format(device.place)]
    if (from !== to) events.push({ _tag: "Moved", device, at, from, to })
    const { name } = known.device
    if (name !== device.name) events.push({ _tag: "Renamed", device, at, from: name, to: device.name })
    return events
  }

  /** Those that do not answer when they are asked by themselves. Where that fails, they are asked after the next scan. */
  private gone(missing: ReadonlyArray<Known<D>>, at: Date): Effect.Effect<ReadonlyArray<Known<D>>> {
    let isAnswered = true
    const isGone = (known: Known<D>): Effect.Effect<boolean> =>
      Effect.match(isPresent(known.device, this.rules.call), {
        onFailure: (error) => {
          isAnswered = !Outages.isOfServer(error)
          return false
        },
        onSuccess: (isPresent) => {
          if (isPresent) pardon(known, at)
          return !isPresent
        }
      })
    return Effect.filter(missing, (known) => isAnswered ? isGone(known) : Effect.succeed(false))
  }
}

const pardon = (known: Known<unknown>, at: Date): void => {
  known.absences = 0
  known.since = at
}

const isBus = ({ branches }: Place.Place): boolean => branches.length === 0

/**
 * Whether a device answers on its bus. To ask whether its path is there would not do: servers answer that from their cache for
 * two minutes, however they are asked; and behind a coupler they do not look.
 */
const isPresent = (
  { ow, path }: Device.AnyDevice,
  call: OwClient.CallOptions
): Effect.Effect<boolean, OwError.OwError> =>
  ow.with(call).readText(`${path}/present`, { flags: { uncached: true }, retry: false }).pipe(
    Effect.map((text) => text === "1"),
    Effect.catchReason("OwnetError", "NotFound", () => Effect.succeed(false))
  )
