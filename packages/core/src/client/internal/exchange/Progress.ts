/**
 * The state that the parts of one call share while it runs: its limit, its span, and how far it has come.
 */
import type * as Tracer from "effect/Tracer"

/** Progress of a call over all its attempts. */
export interface Progress {
  /** In milliseconds of the monotonic clock. */
  readonly startedAt: number
  /** Bytes of a request were handed to a link. */
  requestSent: boolean
}

/** One attempt of a call, with all its requests. */
export interface Run {
  readonly progress: Progress
  /** In milliseconds from the start; `Infinity` if there is none. */
  readonly limit: number
  readonly span: Tracer.Span | undefined
  /** Time that its requests have waited for connections so far, in milliseconds, and what they met. */
  waited: number
  keepalives: number
  replays: number
}

/** Begins an attempt. */
export const runOf = (progress: Progress, limit: number, span: Tracer.Span | undefined): Run => ({
  progress,
  limit,
  span,
  waited: 0,
  keepalives: 0,
  replays: 0
})
