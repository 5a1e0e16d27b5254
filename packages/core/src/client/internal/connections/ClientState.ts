/**
 * The state of a client's connections, as its calls show it.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as OwClient from "../../OwClient.ts"
import * as ExchangeFailure from "../exchange/ExchangeFailure.ts"

export class ClientState {
  /** The state now, and again after each change. */
  readonly changes: Stream.Stream<OwClient.State> = Stream.callback<OwClient.State>((reader) =>
    Effect.suspend(() => {
      Queue.offerUnsafe(reader, this.current)
      if (this.isClosed) return Queue.end(reader)
      this.readers.add(reader)
      return Effect.addFinalizer(() => Effect.sync(() => this.readers.delete(reader)))
    }), { bufferSize: 1, strategy: "sliding" })
  private current: OwClient.State = { _tag: "Disconnected", problem: "nothing has been asked for yet" }
  /** Failures of the last opening, and of the last connection that was lost, until a later one goes well. */
  private unopened: ExchangeFailure.ExchangeFailure | undefined
  private lost: ExchangeFailure.ExchangeFailure | undefined
  private readonly readers = new Set<Queue.Queue<OwClient.State, Cause.Done>>()
  private isClosed = false

  /** Closed with the scope. */
  static readonly make: Effect.Effect<ClientState, never, Scope.Scope> = Effect.acquireRelease(
    Effect.sync(() => new ClientState()),
    (state) => state.close
  )

  /** A connection answered, for the first time or again. */
  onAnswered(isFirst: boolean): void {
    if (this.current._tag === "Connected") return
    this.lost = undefined
    // Only a new connection shows that one can be opened again.
    if (isFirst) this.unopened = undefined
    this.judge(1)
  }

  /** A connection that served was lost; `left` others serve or are being opened. */
  onLost(failure: ExchangeFailure.ExchangeFailure, left: number): void {
    this.lost = failure
    this.judge(left)
  }

  /** A connection could not be opened; `left` others serve or are being opened. */
  onUnopened(failure: ExchangeFailure.ExchangeFailure, left: number): void {
    this.unopened = failure
    this.judge(left)
  }

  onClientClosed(): void {
    this.become({ _tag: "Disconnected", problem: "this client has been closed" })
  }

  private get close(): Effect.Effect<void> {
    return Effect.sync(() => {
      this.isClosed = true
      for (const reader of this.readers) Queue.endUnsafe(reader)
    })
  }

  private become(state: OwClient.State): void {
    if (state._tag === this.current._tag && problemOf(state) === problemOf(this.current)) return
    this.current = state
    for (const reader of this.readers) Queue.offerUnsafe(reader, state)
  }

  private judge(left: number): void {
    const failure = this.unopened ?? this.lost
    if (failure === undefined) return this.become({ _tag: "Connected" })
    const problem = ExchangeFailure.summary(failure)
    this.become({ _tag: this.unopened !== undefined && left === 0 ? "Disconnected" : "Degraded", problem })
  }
}

const problemOf = (state: OwClient.State): string | undefined => "problem" in state ? state.problem : undefined
