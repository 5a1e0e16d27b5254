/**
 * Tracks which devices are present from search to search, and which come and go.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import type * as Device from "../../device/Device.ts"
import type * as Discovery from "../../device/Discovery.ts"
import { monotonicMillis } from "../../internal/clock.ts"
import * as Place from "../../onewire/Place.ts"
import type * as RomId from "../../onewire/RomId.ts"
import type * as Arrivals from "../Arrivals.ts"
import type * as Outage from "../Outage.ts"
import { isFinal, type Outages } from "./Outages.ts"

export interface Rules<D> {
  readonly search: Effect.Effect<Discovery.Found<D>, OwError.OwError, OwClient.OwClient>
  /** Options of the request to a missing device. */
  readonly call: OwClient.CallOptions
  readonly absences: number
  /** In milliseconds. */
  readonly grace: number
  /** Whether the very first search may fail like any later one, instead of failing the whole stream. */
  readonly isPatient: boolean
  /** Whether a search lists buses, and so shows whether they work. */
  readonly listsBuses: boolean
  /** Whether a device is still wanted. If not, it has vanished as soon as a search does not find it. */
  readonly isWanted: (device: D) => boolean
}

/** The result of one search. */
export interface Scan<out D> {
  /** Whether something could not be searched. */
  readonly isFailing: boolean
  /** Whether the server has answered. */
  readonly isAnswered: boolean
  /** Reports outages that begin or end with this search. */
  readonly outages: (ledger: Outages) => ReadonlyArray<Outage.Outage>
  readonly events: ReadonlyArray<Arrivals.Appeared<D> | Arrivals.Vanished<D> | Arrivals.Moved<D> | Arrivals.Renamed<D>>
}

interface Known<out D> {
  device: D
  lastSeen: Date
  absences: number
  /** Time on the monotonic clock since which it is missing: when it was last seen, or could not be searched. */
  since: number
}

export class Presence<D extends Device.AnyDevice> {
  private readonly rules: Rules<D>
  private readonly known = new Map<RomId.RomId, Known<D>>()
  /** Buses of the last scan. `undefined` before the first. */
  private buses: ReadonlyArray<string> | undefined = undefined

  constructor(rules: Rules<D>) {
    this.rules = rules
  }

  private isEnd(error: OwError.OwError): boolean {
    return isFinal(error) || (this.buses === undefined && !this.rules.isPatient)
  }

  get scan(): Effect.Effect<Scan<D>, OwError.OwError, OwClient.OwClient> {
    return Effect.matchEffect(this.rules.search, {
      onFailure: (error) => this.failed(error),
      onSuccess: (found) => this.compare(found)
    })
  }

  /** Not even the buses could be listed. Those of the last scan are used; at the first scan none are known. */
  private failed(error: OwError.OwError): Effect.Effect<Scan<D>, OwError.OwError> {
    if (this.isEnd(error)) return Effect.fail(error)
    const { buses = [] } = this
    return Effect.zipWith(DateTime.nowAsDate, monotonic, (at, now) => {
      for (const known of this.known.values()) pardon(known, now)
      const isUnanswered = OwError.isServerFailure(error) || buses.length === 0
      return {
        isFailing: true,
        isAnswered: !isUnanswered,
        outages: (ledger) =>
          isUnanswered ? ledger.unanswered(at, error) : ledger.listed(at, buses.map((bus) => ({ bus, error }))),
        events: []
      }
    })
  }

  private compare(found: Discovery.Found<D>): Effect.Effect<Scan<D>, OwError.OwError> {
    return Effect.gen({ self: this }, function*() {
      const failures = found.failures.map(({ error, place }) => ({ bus: Place.format(place), error }))
      const unanswered = failures.find(({ error }) => OwError.isServerFailure(error))
      if (unanswered !== undefined && this.isEnd(unanswered.error)) return yield* unanswered.error
      this.buses = [...found.buses, ...found.failures.flatMap(({ place }) => isBus(place) ? [Place.format(place)] : [])]
      const at = yield* DateTime.nowAsDate
      const now = yield* monotonic
      const events: Array<Scan<D>["events"][number]> = []
      for (const device of found.devices) events.push(...this.see(device, at, now))
      const gone: Array<Known<D>> = []
      const missing: Array<Known<D>> = []
      for (const known of this.known.values()) {
        // It was seen in this scan: the date is the same object.
        if (known.lastSeen === at) continue
        if (!this.rules.isWanted(known.device)) gone.push(known)
        else if (found.failures.some(({ place }) => Place.contains(place, known.device.place))) pardon(known, now)
        else if (++known.absences >= this.rules.absences && now - known.since >= this.rules.grace) {
          missing.push(known)
        }
      }
      gone.push(...yield* this.gone(missing, now))
      for (const { device, lastSeen } of gone) {
        this.known.delete(device.id)
        events.push({ _tag: "Vanished", device, at, lastSeen })
      }
      return {
        isFailing: failures.length > 0,
        isAnswered: unanswered === undefined,
        outages: (ledger) => ledger.listed(at, failures, () => this.rules.listsBuses),
        events
      }
    })
  }

  private see(device: D, at: Date, now: number): Scan<D>["events"] {
    const known = this.known.get(device.id)
    if (known === undefined) {
      this.known.set(device.id, { device, lastSeen: at, absences: 0, since: now })
      return [{ _tag: "Appeared", device, at }]
    }
    known.lastSeen = at
    pardon(known, now)
    const { name, place } = known.device
    const isMoved = !Place.Equivalence(place, device.place)
    if (!isMoved && name === device.name) return []
    known.device = device
    const events: Array<Scan<D>["events"][number]> = []
    if (isMoved) {
      events.push({ _tag: "Moved", device, at, from: Place.format(place), to: Place.format(device.place) })
    }
    if (name !== device.name) events.push({ _tag: "Renamed", device, at, from: name, to: device.name })
    return events
  }

  /** The devices that do not answer a request of their own. If that fails, they are asked again after the next scan. */
  private gone(missing: ReadonlyArray<Known<D>>, now: number): Effect.Effect<ReadonlyArray<Known<D>>> {
    let isAnswered = true
    const isGone = (known: Known<D>): Effect.Effect<boolean> =>
      Effect.match(isPresent(known.device, { ...this.rules.call, retry: false }), {
        onFailure: (error) => {
          isAnswered = !OwError.isServerFailure(error)
          return false
        },
        onSuccess: (isPresent) => {
          if (isPresent) pardon(known, now)
          return !isPresent
        }
      })
    return Effect.filter(missing, (known) => isAnswered ? isGone(known) : Effect.succeed(false))
  }
}

const monotonic: Effect.Effect<number> = Effect.map(Clock.Clock, monotonicMillis)

const pardon = (known: Known<unknown>, now: number): void => {
  known.absences = 0
  known.since = now
}

const isBus = ({ branches }: Place.Place): boolean => branches.length === 0

/**
 * Whether a device answers on its bus. Asking whether its path is present is not enough: servers answer that from their cache for
 * two minutes, with any flags, and do not check behind a coupler.
 */
export const isPresent = (
  { ow, path }: Device.AnyDevice,
  call: OwClient.CallOptions
): Effect.Effect<boolean, OwError.OwError> =>
  ow.with(call).readText(`${path}/present`, { flags: { uncached: true }, retry: false }).pipe(
    Effect.map((text) => text === "1"),
    Effect.catchReason("OwnetError", "NotFound", () => Effect.succeed(false))
  )
