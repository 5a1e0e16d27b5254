/**
 * The state of a client's connections, as its calls show it.
 */
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as OwClient from "../../OwClient.ts"
import * as ExchangeFailure from "../exchange/ExchangeFailure.ts"

export class ClientState {
  /** The state now, and again after each change. */
  readonly changes: Stream.Stream<OwClient.State> = Stream.suspend(() => {
    const { current } = this
    return this.isClosed
      ? Stream.succeed(current)
      : Stream.concat(
        Stream.succeed(current),
        Stream.dropWhile(Stream.unwrap(this.subscribed), (state) => state === current)
      )
  })
  private current: OwClient.State = { _tag: "Disconnected", problem: "nothing has been asked for yet" }
  /** Failures of the last opening, and of the last connection that was lost, until a later one goes well. */
  private unopened: ExchangeFailure.ExchangeFailure | undefined
  private lost: ExchangeFailure.ExchangeFailure | undefined
  /** Made for those who want to know more than the state now. */
  private states: PubSub.PubSub<OwClient.State> | undefined
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

  private get subscribed(): Effect.Effect<Stream.Stream<OwClient.State>> {
    return Effect.gen({ self: this }, function*() {
      if (this.states === undefined) {
        this.states = yield* PubSub.sliding<OwClient.State>({ capacity: 1, replay: 1 })
        PubSub.publishUnsafe(this.states, this.current)
      }
      return Stream.fromPubSub(this.states)
    })
  }

  private get close(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.isClosed = true
      return this.states === undefined ? Effect.void : PubSub.shutdown(this.states)
    })
  }

  private become(state: OwClient.State): void {
    if (state._tag === this.current._tag && problemOf(state) === problemOf(this.current)) return
    this.current = state
    if (this.states !== undefined) PubSub.publishUnsafe(this.states, state)
  }

  private judge(left: number): void {
    const failure = this.unopened ?? this.lost
    if (failure === undefined) return this.become({ _tag: "Connected" })
    const problem = ExchangeFailure.summary(failure)
    this.become({ _tag: this.unopened !== undefined && left === 0 ? "Disconnected" : "Degraded", problem })
  }
}

const problemOf = (state: OwClient.State): string | undefined => "problem" in state ? state.problem : undefined
