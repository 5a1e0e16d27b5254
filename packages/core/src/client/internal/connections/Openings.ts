/**
 * The openings of connections that are under way, and what waiting calls hope for.
 */
import type { Call } from "./Call.ts"

export class Openings {
  /** Those under way by their numbers, the oldest first. */
  private readonly underWay = new Set<number>()
  private newest = 0
  /** A call that hoped for older openings than this has seen one succeed since, and hopes anew. */
  private renewedAt = 0

  get size(): number {
    return this.underWay.size
  }

  /** Begins an opening and gives its number. */
  begin(): number {
    this.underWay.add(++this.newest)
    return this.newest
  }

  end(opening: number): void {
    this.underWay.delete(opening)
  }

  /** An opening has succeeded: every call hopes anew. */
  renewHopes(): void {
    this.renewedAt = ++this.newest
  }

  /**
   * Picks the calls without hope once an opening has failed. A call waits for the openings that were under way at its first
   * failure, and not for newer ones forever.
   */
  hopeless(): (call: Call) => boolean {
    const [oldest = Infinity] = this.underWay
    return (call) => {
      if (call.lastHope < this.renewedAt) call.lastHope = this.newest
      return call.lastHope < oldest
    }
  }
}
