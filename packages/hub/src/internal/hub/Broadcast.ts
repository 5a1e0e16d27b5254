/** Messages to all viewers of a hub. Each viewer gets the whole state, and then its changes. */
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Api from "../../Api.ts"
import type { Board } from "../Board.ts"

/** Maximum messages that a reader may lag behind. Beyond that, it gets the whole state instead. */
const mostWaiting = 16

/** A message, and its number. The final one has no message. */
interface Numbered {
  readonly number: number
  readonly change: Api.Live | undefined
}

export interface Broadcast {
  /** Sends a message that is part of the state. Call it at the same moment as the state changes. */
  readonly send: (message: Api.Live) => Effect.Effect<void>
  /** Sends the changes since the last message, if there are any. */
  readonly sendChange: Effect.Effect<void>
  /** Sends the whole state. */
  readonly sendSnapshot: Effect.Effect<void>
  readonly live: Stream.Stream<Api.Live>
}

/** Makes a broadcast of a board, which ends with the scope. `now` returns seconds since 1970. */
export const make = Effect.fnUntraced(function*(
  board: Pick<Board, "change" | "state">,
  now: () => number
): Effect.fn.Return<Broadcast, never, Scope.Scope> {
  const messages = yield* PubSub.sliding<Numbered>(mostWaiting)
  yield* Effect.addFinalizer(() => PubSub.end(messages, { number: Infinity, change: undefined }))
  let number = 0
  const send = (change: Api.Live) => PubSub.publish(messages, { number: ++number, change })
  const snapshot = (): Api.Live => ({ _tag: "Snapshot", state: board.state(now()) })
  const live: Stream.Stream<Api.Live> = Stream.unwrap(Effect.gen(function*() {
    const subscription = yield* PubSub.subscribe(messages)
    let last = number
    const first = snapshot()
    return Stream.concat(
      Stream.succeed(first),
      Stream.fromSubscription(subscription).pipe(
        Stream.takeWhile(({ change }) => change !== undefined),
        Stream.map((message): ReadonlyArray<Api.Live> => {
          // A snapshot already contains the message.
          if (message.change === undefined || message.number <= last) return []
          const isNext = message.number === last + 1
          last = isNext ? message.number : number
          return [isNext ? message.change : snapshot()]
        }),
        Stream.flattenIterable
      )
    )
  }))
  return {
    send,
    sendChange: Effect.suspend(() => {
      const change = board.change(now())
      return change === undefined ? Effect.void : send(change)
    }),
    sendSnapshot: Effect.suspend(() => send(snapshot())),
    live
  }
})
