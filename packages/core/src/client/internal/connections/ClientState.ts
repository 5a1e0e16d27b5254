/**
 * The state of a client's connections, as its calls have found it.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ExchangeFailure from "../exchange/ExchangeFailure.ts"
import { StateFeed } from "../StateFeed.ts"

export class ClientState extends StateFeed {
  /** Failures of the last opening and of the last lost connection, until a later one succeeds. */
  private unopened: ExchangeFailure.ExchangeFailure | undefined
  private lost: ExchangeFailure.ExchangeFailure | undefined

  /** Closed with the scope. */
  static readonly make: Effect.Effect<ClientState, never, Scope.Scope> = Effect.acquireRelease(
    Effect.sync(() => new ClientState()),
    (state) => Effect.sync(() => state.close())
  )

  /** Reports that a connection answered, for the first time or again. */
  onAnswered(isFirst: boolean): void {
    if (this.current._tag === "Connected") return
    this.lost = undefined
    // Only a new connection shows that connections can be opened again.
    if (isFirst) this.unopened = undefined
    this.judge(1)
  }

  /** Reports that a serving connection was lost; `left` others serve or are being opened. */
  onLost(failure: ExchangeFailure.ExchangeFailure, left: number): void {
    this.lost = failure
    this.judge(left)
  }

  /** Reports that a connection could not be opened; `left` others serve or are being opened. */
  onUnopened(failure: ExchangeFailure.ExchangeFailure, left: number): void {
    this.unopened = failure
    this.judge(left)
  }

  onClientClosed(): void {
    this.become({ _tag: "Disconnected", problem: "this client has been closed" })
  }

  private judge(left: number): void {
    const failure = this.unopened ?? this.lost
    if (failure === undefined) return this.become({ _tag: "Connected" })
    const problem = ExchangeFailure.summary(failure)
    this.become({ _tag: this.unopened !== undefined && left === 0 ? "Disconnected" : "Degraded", problem })
  }
}
