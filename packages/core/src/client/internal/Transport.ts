/**
 * Whatever takes a message and gives its reply: a pool of connections, or a tree in memory.
 */
import type * as Effect from "effect/Effect"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import type { Frame } from "../../protocol/FrameDecoder.ts"
import type { Request } from "../../protocol/Request.ts"
import type { Failure } from "./Failure.ts"
import type { Check } from "./replies.ts"

/** One request, and what is to be done with its reply. */
export interface Exchange {
  readonly request: Request
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
  /** Sends one request and gives its reply, refusals too. */
  readonly exchange: (exchange: Exchange) => Effect.Effect<Frame, Failure>
}

/** The control-flag word of a client whose user chose nothing. */
export const defaultFlags = ControlFlags.override(0, { ownet: true, persistence: true })
