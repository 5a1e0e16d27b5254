/**
 * Faults of requests to a simulated server, and when they happen.
 *
 * The server calls a plan for each request, and the plan returns the faults. It is a plain function: write your own, or use
 * `first`, `every` and `seeded`. Their faults do not affect requests that a client makes by itself: pings, and the server's table
 * of error texts.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as MessageType from "../protocol/MessageType.ts"
import * as ReturnCode from "../protocol/ReturnCode.ts"

/**
 * When a fault happens: before the reply is sent, halfway through it, or after it.
 *
 * @category models
 * @since 0.1.0
 */
export type Moment = "before" | "inside" | "after"

/**
 * A fault of a request.
 *
 * **Details**
 *
 * - `Delay`: the server works for this long, and sends a keepalive every second.
 * - `Silence`: nothing more comes on this connection, which stays open.
 * - `Drop`: this reply does not come; the next one does.
 * - `Close`, `Reset`: the connection ends with a FIN or with a RST.
 * - `Refuse`: a return code comes instead of an answer, and the request has no effect.
 * - `Deny`: the server refuses persistence, and closes the connection after the reply.
 * - `Keepalives`: this many keepalives come before the reply, all at once.
 * - `Split`: the reply comes in chunks of this many bytes.
 * - `Coalesce`: all frames of the reply come in one chunk.
 * - `Version`: the last frame claims this version.
 * - `Oversize`: the last frame announces a payload of this many bytes.
 * - `Short`: this many bytes are missing at the end of the reply.
 * - `Garbage`: these bytes come instead of the reply.
 * - `Http`: the server turns out to be a web server.
 *
 * @category models
 * @since 0.1.0
 */
export type Fault = Data.TaggedEnum<{
  Delay: { readonly duration: Duration.Input }
  Silence: {}
  Drop: {}
  Close: { readonly at: Moment }
  Reset: { readonly at: Moment }
  Refuse: { readonly code: number }
  Deny: {}
  Keepalives: { readonly count: number }
  Split: { readonly size: number }
  Coalesce: {}
  Version: { readonly version: number }
  Oversize: { readonly payload: number }
  Short: { readonly missing: number }
  Garbage: { readonly bytes: Uint8Array }
  Http: {}
}>

/**
 * The constructors of the faults.
 *
 * **Example** (Half a reply, then nothing)
 *
 * ```ts
 * import { Fault } from "@effect-ownet/core/testing"
 *
 * Fault.Fault.Close({ at: "inside" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const Fault = Data.taggedEnum<Fault>()

/**
 * A request, as a plan sees it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Asked {
  /** Number of earlier requests since the plan was set, without those that a client makes by itself. */
  readonly index: number
  /** Number of earlier requests of the same type, counted the same way. */
  readonly indexOfType: number
  /** Number of the connection, counted from 0. */
  readonly connection: number
  /** The message type. See `MessageType`. */
  readonly type: number
  readonly path: string
}

/**
 * Returns the faults of a request.
 *
 * @category models
 * @since 0.1.0
 */
export type Plan = (asked: Asked) => Fault | ReadonlyArray<Fault> | undefined

/**
 * Makes a plan with faults for the first requests, and none afterwards.
 *
 * **Example** (Two resets, then no faults)
 *
 * ```ts
 * import { Fault } from "@effect-ownet/core/testing"
 *
 * const plan = Fault.first(2, Fault.Fault.Reset({ at: "before" }))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const first = (count: number, ...faults: ReadonlyArray<Fault>): Plan => ({ index, path, type }) =>
  !isOwn(type, path) && index < count ? faults : undefined

/**
 * Makes a plan with faults for every n-th request.
 *
 * **Example** (A bus that fails every third request)
 *
 * ```ts
 * import { Fault } from "@effect-ownet/core/testing"
 *
 * const plan = Fault.every(3, Fault.Fault.Refuse({ code: -5 }))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const every = (n: number, ...faults: ReadonlyArray<Fault>): Plan => ({ index, path, type }) =>
  !isOwn(type, path) && index % n === n - 1 ? faults : undefined

/**
 * Makes a plan with one of several faults for a share of the requests. The same seed makes the same choices.
 *
 * **Example** (One fault in ten requests)
 *
 * ```ts
 * import { Fault } from "@effect-ownet/core/testing"
 *
 * const { Close, Delay, Silence } = Fault.Fault
 * const plan = Fault.seeded(7, 0.1, [Close({ at: "inside" }), Delay({ duration: "3 seconds" }), Silence()])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const seeded = (seed: number, share: number, faults: ReadonlyArray<Fault>): Plan => ({ index, path, type }) =>
  !isOwn(type, path) && fraction(seed, 2 * index) < share
    ? faults[Math.floor(fraction(seed, 2 * index + 1) * faults.length)]
    : undefined

/**
 * Makes a plan for the requests of one type. It does not count others.
 *
 * **Example** (Every third read fails)
 *
 * ```ts
 * import { MessageType } from "@effect-ownet/core"
 * import { Fault } from "@effect-ownet/core/testing"
 *
 * const plan = Fault.ofType(MessageType.Read, Fault.every(3, Fault.Fault.Refuse({ code: -22 })))
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const ofType = (type: number, plan: Plan): Plan => (asked) =>
  asked.type === type ? plan({ ...asked, index: asked.indexOfType }) : undefined

/**
 * Whether a client makes a request by itself.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isOwn = (type: number, path: string): boolean => type === MessageType.Nop || path === ReturnCode.tablePath

/** A pseudo-random number from 0 to below 1. */
const fraction = (seed: number, index: number): number => {
  let mixed = Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35)
  mixed ^= mixed >>> 13
  return (mixed >>> 0) / 2 ** 32
}
