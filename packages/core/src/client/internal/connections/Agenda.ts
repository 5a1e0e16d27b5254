/**
 * Entries in the order of their times: a binary heap whose entries know their positions, so that each can be removed from
 * anywhere.
 */

/** An entry of at most one agenda. */
export interface Entry {
  /** Time at which to look at it. The agenda sets it. */
  lookAt: number
  /** Index in the heap; -1 if it is in none. The agenda sets it. */
  place: number
}

export class Agenda<A extends Entry> {
  /** The time of each entry is not after those of the entries at twice its index plus one and plus two. */
  private readonly heap: Array<A> = []

  get size(): number {
    return this.heap.length
  }

  /** The entry to look at next. */
  first(): A | undefined {
    return this.heap[0]
  }

  /** Adds an entry, or moves it if it is already there. */
  set(entry: A, lookAt: number): void {
    entry.lookAt = lookAt
    if (entry.place < 0) this.put(entry, this.heap.length)
    this.settle(entry)
  }

  delete(entry: A): void {
    const { place } = entry
    if (place < 0) return
    const last = this.heap.pop()
    entry.place = -1
    if (last === undefined || last === entry) return
    this.put(last, place)
    this.settle(last)
  }

  private put(entry: A, place: number): void {
    entry.place = place
    this.heap[place] = entry
  }

  private settle(entry: A): void {
    this.raise(entry)
    this.lower(entry)
  }

  private raise(entry: A): void {
    let { place } = entry
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = this.heap[above]
      if (parent.lookAt <= entry.lookAt) break
      this.put(parent, place)
      place = above
    }
    this.put(entry, place)
  }

  private lower(entry: A): void {
    const { heap } = this
    let { place } = entry
    for (;;) {
      let below = 2 * place + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && heap[below + 1].lookAt < heap[below].lookAt) below++
      const child = heap[below]
      if (child.lookAt >= entry.lookAt) break
      this.put(child, place)
      place = below
    }
    this.put(entry, place)
  }
}
