/**
 * The state of a client, published to any number of readers.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type * as OwClient from "../OwClient.ts"

export class StateFeed {
  /** The current state, and the state after each change. */
  readonly changes: Stream.Stream<OwClient.State> = Stream.callback<OwClient.State>((reader) =>
    Effect.suspend(() => {
      Queue.offerUnsafe(reader, this.current)
      if (this.isClosed) return Queue.end(reader)
      this.readers.add(reader)
      return Effect.addFinalizer(() => Effect.sync(() => this.readers.delete(reader)))
    }), { bufferSize: 1, strategy: "sliding" })
  protected current: OwClient.State = { _tag: "Disconnected", problem: "no request has been sent yet" }
  private readonly readers = new Set<Queue.Queue<OwClient.State, Cause.Done>>()
  private isClosed = false

  become(state: OwClient.State): void {
    if (state._tag === this.current._tag && problemOf(state) === problemOf(this.current)) return
    this.current = state
    for (const reader of this.readers) Queue.offerUnsafe(reader, state)
  }

  /** Ends the streams of all readers. */
  close(): void {
    this.isClosed = true
    for (const reader of this.readers) Queue.endUnsafe(reader)
  }
}

const problemOf = (state: OwClient.State): string | undefined => "problem" in state ? state.problem : undefined
