/**
 * What the parts of one call share while it runs: its limit, and its span.
 */
import type * as Tracer from "effect/Tracer"

export interface Run {
  /** In milliseconds of the monotonic clock. */
  readonly startedAt: number
  /** In milliseconds from the start. `Infinity` where there is none. */
  readonly limit: number
  readonly span: Tracer.Span | undefined
  /** Bytes of a request were handed to a link. */
  requestSent: boolean
}
