/**
 * Entries in the order in which they wait. A cancelled entry can be removed from anywhere.
 */

/** An entry of at most one list. */
export interface Linked<A> {
  next: A | undefined
  previous: A | undefined
}

export class Fifo<A extends Linked<A>> {
  first: A | undefined = undefined
  private last: A | undefined = undefined
  size = 0

  push(entry: A): void {
    entry.previous = this.last
    if (this.last === undefined) this.first = entry
    else this.last.next = entry
    this.last = entry
    this.size++
  }

  /** Adds an entry before all others. */
  unshift(entry: A): void {
    entry.next = this.first
    if (this.first === undefined) this.last = entry
    else this.first.previous = entry
    this.first = entry
    this.size++
  }

  /** Removes an entry, which must be in the list. */
  delete(entry: A): void {
    const { next, previous } = entry
    if (previous === undefined) this.first = next
    else previous.next = next
    if (next === undefined) this.last = previous
    else next.previous = previous
    entry.next = undefined
    entry.previous = undefined
    this.size--
  }
}
