/**
 * Entries in the order in which they wait. One that is given up leaves from wherever it stands.
 */

/** An entry of one list at most. */
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

  /** In front of all others. */
  unshift(entry: A): void {
    entry.next = this.first
    if (this.first === undefined) this.last = entry
    else this.first.previous = entry
    this.first = entry
    this.size++
  }

  /** Takes an entry out. It must be there. */
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
