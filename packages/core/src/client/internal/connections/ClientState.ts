/**
 * The state of a client's connections, as its calls show it.
 */
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as OwClient from "../../OwClient.ts"
import * as ExchangeFailure from "../exchange/ExchangeFailure.ts"

export interface ClientState {
  readonly changes: Stream.Stream<OwClient.State>
  /** A connection answered, for the first time or again. */
  readonly onAnswered: (isFirst: boolean) => void
  /** A connection that served was lost; `left` others serve or are being opened. */
  readonly onLost: (failure: ExchangeFailure.ExchangeFailure, left: number) => void
  /** A connection could not be opened; `left` others serve or are being opened. */
  readonly onUnopened: (failure: ExchangeFailure.ExchangeFailure, left: number) => void
  readonly onClientClosed: () => void
}

export const make: Effect.Effect<ClientState, never, Scope.Scope> = Effect.gen(function*() {
  const states = yield* Effect.acquireRelease(
    PubSub.sliding<OwClient.State>({ capacity: 1, replay: 1 }),
    PubSub.shutdown
  )
  let current: OwClient.State | undefined
  /** Failures of the last opening, and of the last connection that was lost, until a later one goes well. */
  let unopened: ExchangeFailure.ExchangeFailure | undefined
  let lost: ExchangeFailure.ExchangeFailure | undefined
  const become = (state: OwClient.State): void => {
    if (state._tag === current?._tag && problemOf(state) === problemOf(current)) return
    current = state
    PubSub.publishUnsafe(states, state)
  }
  const judge = (left: number): void => {
    const failure = unopened ?? lost
    if (failure === undefined) return become({ _tag: "Connected" })
    const problem = ExchangeFailure.summary(failure)
    become({ _tag: unopened !== undefined && left === 0 ? "Disconnected" : "Degraded", problem })
  }
  become({ _tag: "Disconnected", problem: "nothing has been asked for yet" })
  return {
    changes: Stream.fromPubSub(states),
    onAnswered: (isFirst) => {
      if (current?._tag === "Connected") return
      lost = undefined
      // Only a new connection shows that one can be opened again.
      if (isFirst) unopened = undefined
      judge(1)
    },
    onLost: (failure, left) => {
      lost = failure
      judge(left)
    },
    onUnopened: (failure, left) => {
      unopened = failure
      judge(left)
    },
    onClientClosed: () => become({ _tag: "Disconnected", problem: "this client has been closed" })
  }
})

const problemOf = (state: OwClient.State): string | undefined => "problem" in state ? state.problem : undefined
