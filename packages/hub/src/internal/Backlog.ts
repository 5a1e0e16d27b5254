/**
 * Bounded queue of items to send. If it is full, the oldest are dropped. A batch is read first, and removed once it has arrived.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"

/** The oldest items, and a number for removing them. */
interface Batch<A> {
  readonly items: ReadonlyArray<A>
  /** Number of the first item after the batch. */
  readonly end: number
}

export class Backlog<A> {
  private readonly most: number
  private readonly filled = Latch.makeUnsafe(false)
  private items: Array<A> = []
  /** Position and number of the oldest waiting item. Numbers count from the start. */
  private head = 0
  private first = 0
  private dropped = 0

  constructor(most: number) {
    this.most = most
  }

  get size(): number {
    return this.items.length - this.head
  }

  push(item: A): void {
    this.items.push(item)
    if (this.size > this.most) {
      this.dropped++
      this.skip(1)
    }
    this.filled.openUnsafe()
  }

  /** Waits until there is an item. */
  readonly some: Effect.Effect<void> = Effect.suspend(() => this.filled.await)

  /** The oldest items. */
  peek(most: number): Batch<A> {
    const items = this.items.slice(this.head, this.head + most)
    return { items, end: this.first + items.length }
  }

  /** Removes the items of a batch. Some may have been dropped in between. */
  remove({ end }: Batch<A>): void {
    this.skip(Math.max(0, end - this.first))
    if (this.size === 0) this.filled.closeUnsafe()
  }

  /** Number of items dropped since the last call. */
  takeDropped(): number {
    const { dropped } = this
    this.dropped = 0
    return dropped
  }

  private skip(count: number): void {
    this.head += count
    this.first += count
    // The array is moved now and then, not each time.
    if (this.head > 1000 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
  }
}
