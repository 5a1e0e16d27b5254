/**
 * Outages of a bus or of a whole server: one event when it begins, and one when it ends.
 *
 * @since 0.1.0
 */
import type * as OwError from "../client/OwError.ts"

/**
 * A bus that cannot be listed, while the server answers.
 *
 * @category models
 * @since 0.1.0
 */
export interface BusFailed {
  readonly _tag: "BusFailed"
  /** Name of the bus, such as `bus.0`, or of a branch of a coupler, such as `bus.0/1F.00001FE00400/main`. */
  readonly bus: string
  readonly at: Date
  readonly error: OwError.OwError
}

/**
 * A bus that failed can be listed again, or is no longer there.
 *
 * @category models
 * @since 0.1.0
 */
export interface BusRecovered {
  readonly _tag: "BusRecovered"
  readonly bus: string
  readonly at: Date
  /** When the failure began. */
  readonly since: Date
}

/**
 * The server does not answer, or cannot list anything.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerFailed {
  readonly _tag: "ServerFailed"
  readonly at: Date
  readonly error: OwError.OwError
}

/**
 * A server that failed answers again.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerRecovered {
  readonly _tag: "ServerRecovered"
  readonly at: Date
  /** When the failure began. */
  readonly since: Date
}

/**
 * The beginning or the end of an outage.
 *
 * **Example** (Notifying people)
 *
 * ```ts
 * import type { Outage } from "@effect-ownet/core"
 *
 * const tell = (outage: Outage.Outage): string => {
 *   switch (outage._tag) {
 *     case "BusFailed":
 *       return `${outage.bus} hangs: ${outage.error.message}`
 *     case "BusRecovered":
 *       return `${outage.bus} is back, after ${outage.at.getTime() - outage.since.getTime()} ms`
 *     case "ServerFailed":
 *       return outage.error.message
 *     case "ServerRecovered":
 *       return "the server is back"
 *   }
 * }
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export type Outage = BusFailed | BusRecovered | ServerFailed | ServerRecovered
