/** Turns that wait for a channel, in their order. */
import type { Item } from "./Message.ts"

/** Maximum number of turns that wait, so that a channel that is never reached costs no memory. */
const most = 1000

/** Maximum number of turns that were told and are remembered, not to be told again. */
const mostKnown = 2 * most

export const keyOf = ({ notice, phase }: Item): string => `${notice.id} ${phase}`

export class Waiting {
  private items = new Map<string, Item>()
  private readonly known = new Set<string>()
  /** Number of notices that were dropped since the last message, having begun and ended. */
  dropped = 0

  get size(): number {
    return this.items.size
  }

  /** Adds a turn, unless it waits already or has been told. It gives those that are dropped for it. */
  add(item: Item): ReadonlyArray<Item> {
    const key = keyOf(item)
    if (this.items.has(key) || this.known.has(key)) return []
    this.items.set(key, item)
    return this.items.size > most ? this.drop() : []
  }

  private drop(): ReadonlyArray<Item> {
    const [first] = this.items.values()
    // Notices that are open matter more than those that are over.
    const ended = [...this.items.values()].find(({ phase }) => phase === "Ended") ?? first
    if (ended === undefined) return []
    const gone = this.group(ended)
    this.remove(gone)
    this.dropped++
    return gone
  }

  /** Both turns of a notice, as far as they wait. */
  private group({ notice }: Item): ReadonlyArray<Item> {
    return (["Began", "Ended"] as const).flatMap((phase) => this.items.get(`${notice.id} ${phase}`) ?? [])
  }

  /** The next turn that may be told, with the end of the same notice if it waits, too. */
  next(isAllowed: (item: Item) => boolean): ReadonlyArray<Item> {
    for (const item of this.items.values()) if (isAllowed(item)) return this.group(item)
    return []
  }

  /** Removes turns that are told. */
  remove(items: ReadonlyArray<Item>): void {
    for (const item of items) {
      const key = keyOf(item)
      this.items.delete(key)
      this.known.add(key)
    }
    for (const key of this.known) {
      if (this.known.size <= mostKnown) break
      this.known.delete(key)
    }
  }
}
