/**
 * The state that the parts of one call share while it runs: its limit, its span and its progress.
 */
import type * as Tracer from "effect/Tracer"

/** Progress of a call over all its attempts. */
export interface Progress {
  /** In milliseconds of the monotonic clock. */
  readonly startedAt: number
  /** Whether bytes of a request were handed to a link. */
  requestSent: boolean
}

/** One attempt of a call, with all its requests. */
export interface Run {
  readonly progress: Progress
  /** In milliseconds from the start; `Infinity` if there is none. */
  readonly limit: number
  readonly span: Tracer.Span | undefined
  /** Milliseconds that its requests have waited for connections so far, and the keepalives and replays that they met. */
  waited: number
  keepalives: number
  replays: number
}

/** Starts an attempt. */
export const runOf = (progress: Progress, limit: number, span: Tracer.Span | undefined): Run => ({
  progress,
  limit,
  span,
  waited: 0,
  keepalives: 0,
  replays: 0
})
