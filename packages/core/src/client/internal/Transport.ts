/**
 * Whatever takes a message and gives its reply: a pool of connections, or a tree in memory.
 */
import * as Effect from "effect/Effect"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import type { Frame } from "../../protocol/FrameDecoder.ts"
import type { Request } from "../../protocol/Request.ts"
import type { Failure, Refused } from "./Failure.ts"
import type { Check } from "./replies.ts"

/** One request, and what is to be made of its reply. Frames are valid only while they are handed over. */
export interface Exchange<out A> {
  readonly request: Request
  /** Makes the answer of the last frame. */
  readonly decode: (frame: Frame) => A
  /** A refusal is an answer like any other. */
  readonly isRaw?: boolean | undefined
  /** Says what is wrong with a reply of good form. */
  readonly check?: Check | undefined
  /** Takes the entries of a DIR, each in a frame of its own before the last. */
  readonly onEntry?: ((entry: Frame) => void) | undefined
  /** Called when bytes of the request are handed to the link. */
  readonly onSent?: (() => void) | undefined
}

export interface Transport {
  /** The server, as it was asked for. */
  readonly server: string
  /** The longest payload that is accepted, in bytes. */
  readonly maxPayload: number
  /** Sends one request and gives what is made of its reply. */
  readonly exchange: <A>(exchange: Exchange<A>) => Effect.Effect<A, Failure | Refused>
}

/** What the last frame of a reply comes to. */
export const settle = <A>(exchange: Exchange<A>, frame: Frame): Effect.Effect<A, Refused> =>
  frame.ret < 0 && exchange.isRaw !== true
    ? Effect.fail({ _tag: "Refused", code: frame.ret, type: exchange.request.type })
    : Effect.succeed(exchange.decode(frame))

/** The control-flag word of a client whose user chose nothing. */
export const defaultFlags = ControlFlags.override(0, { ownet: true, persistence: true })
