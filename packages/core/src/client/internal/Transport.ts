/**
 * What takes a message and gives its reply: the pool of connections, as the calls above it see it.
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type * as Tracer from "effect/Tracer"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import type { Frame } from "../../protocol/FrameDecoder.ts"
import type { Request } from "../../protocol/Request.ts"
import type * as OwClient from "../OwClient.ts"
import type * as OwError from "../OwError.ts"
import type * as ExchangeFailure from "./ExchangeFailure.ts"
import type { Observers } from "./Observer.ts"
import type { Progress, Run } from "./Progress.ts"
import type { Check, Judge } from "./replies.ts"

/** One request, on whose behalf it is sent, and what is to be made of its reply. */
export interface Exchange<out A> extends Request {
  readonly operation: OwError.Operation
  /** The limit of the whole call, in milliseconds; `Infinity` where there is none. */
  readonly limit: number
  /** How far the call had come before, if this is not its first attempt. */
  readonly progress: Progress | undefined
  /** Says what is wrong with a reply of good form. */
  readonly check: Check | undefined
  /** Says which last frames are a failure of the call, such as a refusal. */
  readonly judge: Judge
  /** Makes the answer of any other last frame. Frames are valid only while they are handed over. */
  readonly decode: (frame: Frame) => A
  /** Takes the entries of a DIR, each in a frame of its own before the last. */
  readonly onEntry: ((entry: Frame) => void) | undefined
}

/** What becomes of a failure. */
export type Recover<A, B, E> = (
  failure: ExchangeFailure.ExchangeFailure,
  exchange: Exchange<A>,
  run: Run | undefined
) => Effect.Effect<B, E>

export interface Transport {
  /** The server, as it was asked for. */
  readonly server: string
  /** The longest payload that is accepted, in bytes. */
  readonly maxPayload: number
  readonly state: Stream.Stream<OwClient.State>
  readonly observers: Observers
  /** Begins a call of several parts, or another attempt of one. */
  readonly begin: (limit: number, progress: Progress | undefined, span: Tracer.Span | undefined) => Run
  /** Sends one request and gives what is made of its reply, for a call of its own or as a part of a longer run. */
  readonly exchange: <A, B, E>(
    exchange: Exchange<A>,
    recover: Recover<A, B, E>,
    run?: Run | undefined
  ) => Effect.Effect<A | B, E>
}

/** The control-flag word of a client whose user chose nothing. */
export const defaultFlags = ControlFlags.override(0, { ownet: true, persistence: true })
