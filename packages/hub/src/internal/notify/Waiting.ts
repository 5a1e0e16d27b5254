/** Turns that wait for a channel, in order. */
import type { Item } from "./Message.ts"

/** Maximum number of waiting turns, so that a channel that is never reached does not fill the memory. */
const most = 1000

/** Maximum number of remembered turns, which are not delivered again. */
const mostKnown = 2 * most

export const keyOf = ({ notice, phase }: Item): string => `${notice.id} ${phase}`

export class Waiting {
  private items = new Map<string, Item>()
  private readonly known = new Set<string>()
  /** Number of notices that were dropped with their beginning and end since the last message. */
  dropped = 0

  get size(): number {
    return this.items.size
  }

  /** Adds a turn, unless it waits already or has been delivered. Returns the turns that are dropped to make room. */
  add(item: Item): ReadonlyArray<Item> {
    const key = keyOf(item)
    if (this.items.has(key) || this.known.has(key)) return []
    this.items.set(key, item)
    return this.items.size > most ? this.drop() : []
  }

  private drop(): ReadonlyArray<Item> {
    const [first] = this.items.values()
    // Open notices matter more than those that are over.
    const ended = [...this.items.values()].find(({ phase }) => phase === "Ended") ?? first
    if (ended === undefined) return []
    const gone = this.group(ended)
    this.remove(gone)
    this.dropped++
    return gone
  }

  /** The waiting turns of a notice. */
  private group({ notice }: Item): ReadonlyArray<Item> {
    return (["Began", "Ended"] as const).flatMap((phase) => this.items.get(`${notice.id} ${phase}`) ?? [])
  }

  /** The next turn that may be delivered, with the end of the same notice if it also waits. */
  next(isAllowed: (item: Item) => boolean): ReadonlyArray<Item> {
    for (const item of this.items.values()) if (isAllowed(item)) return this.group(item)
    return []
  }

  /** Removes delivered turns. */
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
