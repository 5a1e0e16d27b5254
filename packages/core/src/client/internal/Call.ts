/**
 * One exchange under way, or waiting for its turn.
 */
import * as Effect from "effect/Effect"
import type { Frame } from "../../protocol/FrameDecoder.ts"
import type { Connection } from "./Connection.ts"
import type { Timed } from "./Deadlines.ts"
import type * as ExchangeFailure from "./ExchangeFailure.ts"
import type { Observer } from "./Observer.ts"
import type { Run } from "./Progress.ts"
import type { Exchange, Recover } from "./Transport.ts"

export class Call implements Timed {
  readonly exchange: Exchange<unknown>
  /** Takes what went wrong; whoever made the call decides whether to make it again. */
  readonly onFailure: (call: Call, failure: ExchangeFailure.ExchangeFailure) => void
  readonly recover: Recover<unknown, unknown, unknown>
  readonly resume: (answer: Effect.Effect<unknown, unknown>) => void
  readonly run: Run | undefined
  readonly observer: Observer | undefined
  /** The connection that carries it. */
  connection: Connection | undefined = undefined
  next: Call | undefined = undefined
  previous: Call | undefined = undefined
  isQueued = false
  /** The newest of the attempts at a connection that it still hopes for, once one has failed. */
  lastHope = -1
  /** It was given up, and whatever still comes is nobody's. */
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

  /** What the last frame of its reply comes to. */
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
