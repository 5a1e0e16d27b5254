/**
 * What can go wrong with a request to a simulated server, and when it shall.
 *
 * A plan is asked for each request, and says which faults befall it. It is a plain function: write your own, or take
 * `first`, `every` and `seeded`, whose faults do not befall what a client asks on its own account: pings, and the server's
 * table of texts for its errors.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as MessageType from "../protocol/MessageType.ts"
import * as ReturnCode from "../protocol/ReturnCode.ts"

/**
 * When, beside a reply: nothing of it was sent, the half, or all of it.
 *
 * @category models
 * @since 0.1.0
 */
export type Moment = "before" | "inside" | "after"

/**
 * A fault.
 *
 * **Details**
 *
 * - `Delay`: the server is at work for so long, and says so by a keepalive each second.
 * - `Silence`: nothing comes any more on this connection, and it stays open.
 * - `Drop`: this reply does not come, the next one does.
 * - `Close`, `Reset`: the connection ends, by a FIN or by a RST.
 * - `Refuse`: a return code instead of an answer; the request has no effect.
 * - `Deny`: persistence is refused, and the connection closed after the reply.
 * - `Keepalives`: so many come in front of the reply, at once.
 * - `Split`: the reply comes in chunks of so many bytes.
 * - `Coalesce`: all frames of the reply come in one chunk.
 * - `Version`: the last frame claims this version.
 * - `Oversize`: the last frame announces a payload of so many bytes.
 * - `Short`: so many bytes are missing at the reply's end.
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
  /** How many requests came before, since the plan was set, without those that a client makes on its own account. */
  readonly index: number
  /** How many of its type came before, likewise. */
  readonly indexOfType: number
  /** Which connection it came by: they count from 0. */
  readonly connection: number
  /** The message type, see `MessageType`. */
  readonly type: number
  readonly path: string
}

/**
 * Says which faults befall a request.
 *
 * @category models
 * @since 0.1.0
 */
export type Plan = (asked: Asked) => Fault | ReadonlyArray<Fault> | undefined

/**
 * Faults for the first requests, and none afterwards.
 *
 * **Example** (Two resets, then all is well)
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
 * Faults for every n-th request.
 *
 * **Example** (Every third request meets a bus that fails)
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
 * One of several faults, for a share of the requests. The same seed makes the same choices.
 *
 * **Example** (One request in ten comes to grief)
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
 * A plan for the requests of one type, which counts no others.
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
 * Whether a request is one that a client makes on its own account.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isOwn = (type: number, path: string): boolean => type === MessageType.Nop || path === ReturnCode.tablePath

/** A number from 0 to below 1 that seems to be chance. */
const fraction = (seed: number, index: number): number => {
  let mixed = Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35)
  mixed ^= mixed >>> 13
  return (mixed >>> 0) / 2 ** 32
}
