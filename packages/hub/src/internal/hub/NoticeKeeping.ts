/**
 * Turns of notices on their way to listeners. Each turn is kept before it is reported, so that a restarted hub neither repeats
 * nor forgets one.
 */
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { Notice, Turn } from "../../Notices.ts"
import type { Board } from "../Board.ts"
import type { Writer } from "../Writer.ts"

/** Maximum turns that a reader may lag behind before it misses the oldest. */
const mostTurns = 1000

/** A turn, and its number in the order of reports. */
interface Numbered {
  readonly number: number
  readonly turn: Turn
}

export interface NoticeKeeping {
  /** Takes a turn, and the names of the channels that must deliver it if it is a beginning or an end. */
  readonly push: (turn: Turn, channels: ReadonlyArray<string>) => void
  /** Waits for turns, keeps them, and then reports them. */
  readonly keepNext: Effect.Effect<void>
  /** The open notices first, and then each turn once it is reported. */
  readonly notices: Stream.Stream<Turn>
}

export const make = Effect.fnUntraced(function*(
  openNotices: ReadonlyArray<Notice>,
  board: Board,
  writer: Writer
): Effect.fn.Return<NoticeKeeping> {
  const turns = yield* PubSub.sliding<Numbered>(mostTurns)
  const keeping = yield* Queue.unbounded<Turn>()
  /** Open notices, as last reported. */
  const toldOpen = new Map(openNotices.map((notice) => [notice.id, notice]))
  let last = 0
  board.setNotices(openNotices)
  const tell = (turn: Turn): void => {
    if (turn.phase === "Ended") toldOpen.delete(turn.notice.id)
    else toldOpen.set(turn.notice.id, turn.notice)
    PubSub.publishUnsafe(turns, { number: ++last, turn })
  }
  return {
    push: (turn, channels) => {
      writer.pushTurn(turn, turn.phase === "Acknowledged" ? [] : channels)
      Queue.offerUnsafe(keeping, turn)
    },
    keepNext: Effect.gen(function*() {
      const some = yield* Queue.takeAll(keeping)
      yield* writer.keepTurns
      for (const turn of some) tell(turn)
      board.setNotices([...toldOpen.values()])
    }),
    notices: Stream.unwrap(Effect.gen(function*() {
      const subscription = yield* PubSub.subscribe(turns)
      const open = [...toldOpen.values()].map((notice): Turn => ({ phase: "Began", notice }))
      const before = last
      return Stream.concat(
        Stream.fromIterable(open),
        Stream.fromSubscription(subscription).pipe(
          Stream.filter(({ number }) => number > before),
          Stream.map(({ turn }) => turn)
        )
      )
    }))
  }
})
