/**
 * An exchange under way, or waiting for its turn.
 */
import * as Effect from "effect/Effect"
import type { Frame } from "../../../protocol/FrameDecoder.ts"
import type { Exchange, Recover } from "../exchange/Exchange.ts"
import type * as ExchangeFailure from "../exchange/ExchangeFailure.ts"
import type { Run } from "../exchange/Progress.ts"
import type { Timed } from "./Deadlines.ts"
import type { Linked } from "./Fifo.ts"
import type { Lane } from "./Lane.ts"
import type { Observer } from "./Observer.ts"

/** The connection of a call, as far as the end of the call concerns it. */
export interface Carrier {
  /** It has answered a call before. */
  readonly hasServed: boolean
  readonly close: () => void
}

export class Call implements Timed, Linked<Call> {
  readonly exchange: Exchange<unknown>
  /** Takes what went wrong, and decides whether to send the request again. */
  readonly onFailure: (call: Call, failure: ExchangeFailure.ExchangeFailure) => void
  readonly recover: Recover<unknown, unknown, unknown>
  readonly resume: (answer: Effect.Effect<unknown, unknown>) => void
  run: Run | undefined
  readonly observer: Observer | undefined
  lookAt = 0
  place = -1
  connection: Carrier | undefined = undefined
  next: Call | undefined = undefined
  previous: Call | undefined = undefined
  /** The lane in which it waits for a connection. */
  lane: Lane | undefined = undefined
  /** The newest opening of a connection that it still hopes for, once one has failed. */
  lastHope = -1
  /** It has ended, and nobody takes what still comes. */
  isOver = false
  /** A new connection was closed under it. */
  isReplayed = false

  constructor(
    exchange: Exchange<unknown>,
    onFailure: (call: Call, failure: ExchangeFailure.ExchangeFailure) => void,
    recover: Recover<unknown, unknown, unknown>,
    resume: (answer: Effect.Effect<unknown, unknown>) => void,
    run: Run | undefined,
    observer: Observer | undefined
  ) {
    this.exchange = exchange
    this.onFailure = onFailure
    this.recover = recover
    this.resume = resume
    this.run = run
    this.observer = observer
  }

  /** Turns the last frame of its reply into its outcome. */
  settle(frame: Frame): Effect.Effect<unknown, unknown> {
    const { exchange } = this
    this.observer?.onAnswer(frame.ret)
    const failure = exchange.judge(exchange, frame)
    return failure === undefined
      ? Effect.succeed(exchange.decode(frame))
      : this.recover(failure, exchange, this.run)
  }

  dueAt(): number {
    const { run } = this
    return run === undefined ? Infinity : run.progress.startedAt + run.limit
  }

  onDue(now: number): void {
    const { run } = this
    if (run === undefined) return
    const { limit, progress: { requestSent, startedAt } } = run
    this.onFailure(this, { _tag: "TimedOut", elapsed: Math.round(now - startedAt), limit, requestSent })
  }
}
