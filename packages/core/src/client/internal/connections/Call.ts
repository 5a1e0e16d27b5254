/**
 * An exchange that is under way, or that waits for its turn.
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

/** The parts of a connection that the end of its call needs. */
export interface Carrier {
  /** Whether it has answered a call before. */
  readonly hasServed: boolean
  readonly close: () => void
}

export class Call implements Timed, Linked<Call> {
  readonly exchange: Exchange<unknown>
  /** Takes a failure, and decides whether to send the request again. */
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
  /** After a failed opening, the newest opening that the call still waits for. */
  lastHope = -1
  /** Whether it has ended. Nothing that still comes is used. */
  isOver = false
  /** Whether a new connection was closed while it carried this call. */
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

  /** Turns the last frame of the reply into the result of the call. */
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
