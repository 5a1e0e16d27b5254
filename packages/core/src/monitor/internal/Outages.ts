/**
 * Tracks failing buses and whether the server fails, so that each outage is reported once.
 */
import * as OwError from "../../client/OwError.ts"
import type * as Outage from "../Outage.ts"

export interface BusFailure {
  readonly bus: string
  readonly error: OwError.OwError
}

/** Whether no call will ever be answered. */
export const isFinal = (error: OwError.OwError | { readonly _tag: "DeviceError" }): boolean =>
  error._tag === "ConnError" && error.reason._tag === "ClientClosed"

export class Outages {
  private server: Date | undefined
  /** The failing buses, each with the beginning of its failure. */
  private buses: Map<string, Date> | undefined

  /** The server has not answered a request. */
  unanswered(at: Date, error: OwError.OwError): ReadonlyArray<Outage.ServerFailed> {
    if (this.server !== undefined) return []
    this.server = at
    return [{ _tag: "ServerFailed", at, error }]
  }

  /** The server has answered a request. */
  answered(at: Date): ReadonlyArray<Outage.ServerRecovered> {
    if (this.server === undefined) return []
    const since = this.server
    this.server = undefined
    return [{ _tag: "ServerRecovered", at, since }]
  }

  /** All buses that were searched have been listed, except for these. */
  listed(
    at: Date,
    failures: ReadonlyArray<BusFailure>,
    isSearched: (bus: string) => boolean = () => true
  ): ReadonlyArray<Outage.Outage> {
    const unanswered = failures.find(({ error }) => OwError.isServerFailure(error))
    const told: Array<Outage.Outage> = unanswered === undefined
      ? [...this.answered(at)]
      : [...this.unanswered(at, unanswered.error)]
    for (const [bus, since] of this.buses ?? []) {
      if (!isSearched(bus)) continue
      // Nothing is known of buses behind a bus that fails.
      if (failures.some((failure) => failure.bus === bus || bus.startsWith(`${failure.bus}/`))) continue
      this.buses?.delete(bus)
      told.push({ _tag: "BusRecovered", bus, at, since })
    }
    for (const { bus, error } of failures) {
      if (OwError.isServerFailure(error) || this.buses?.has(bus) === true) continue
      this.buses = (this.buses ?? new Map()).set(bus, at)
      told.push({ _tag: "BusFailed", bus, at, error })
    }
    return told
  }
}
