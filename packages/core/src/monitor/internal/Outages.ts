/**
 * Which buses fail, and whether the server does, so that each failure is told once.
 */
import type * as OwError from "../../client/OwError.ts"
import type * as Outage from "../Outage.ts"

export interface Failure {
  readonly bus: string
  readonly error: OwError.OwError
}

/** Whether it says nothing of the bus that was asked for: no answer came, and none would have come for another. */
export const isOfServer = (error: OwError.OwError): boolean => {
  switch (error._tag) {
    case "OwnetError":
      return false
    case "OwnetTimeout":
      // A server at work on a slow bus is not silent, and may still be too slow for the call's own limit.
      return error.reason._tag === "Silence" || !error.requestSent
    case "ProtocolError":
      return error.reason._tag !== "ShortWrite"
    default:
      return true
  }
}

/** Whether no call will ever be answered. */
export const isFinal = (error: OwError.OwError): boolean =>
  error._tag === "ConnError" && error.reason._tag === "ClientClosed"

export class Outages {
  private server: Date | undefined
  private readonly buses = new Map<string, Date>()

  get isServerFailing(): boolean {
    return this.server !== undefined
  }

  /** The server has not answered, whatever it was asked. */
  unanswered(at: Date, error: OwError.OwError): ReadonlyArray<Outage.Outage> {
    if (this.server !== undefined) return []
    this.server = at
    return [{ _tag: "ServerFailed", at, error }]
  }

  /** All buses have been listed but these. */
  listed(at: Date, failures: ReadonlyArray<Failure>): ReadonlyArray<Outage.Outage> {
    const unanswered = failures.find(({ error }) => isOfServer(error))
    const told: Array<Outage.Outage> = []
    if (unanswered !== undefined) told.push(...this.unanswered(at, unanswered.error))
    else if (this.server !== undefined) {
      told.push({ _tag: "ServerRecovered", at, since: this.server })
      this.server = undefined
    }
    for (const [bus, since] of this.buses) {
      // Of what is behind a bus that fails nothing is known.
      if (failures.some((failure) => failure.bus === bus || bus.startsWith(`${failure.bus}/`))) continue
      this.buses.delete(bus)
      told.push({ _tag: "BusRecovered", bus, at, since })
    }
    for (const { bus, error } of failures) {
      if (isOfServer(error) || this.buses.has(bus)) continue
      this.buses.set(bus, at)
      told.push({ _tag: "BusFailed", bus, at, error })
    }
    return told
  }
}
