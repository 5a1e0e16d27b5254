/**
 * The openings of connections under way, and those that waiting calls depend on.
 */
import type { Call } from "./Call.ts"

export class Openings {
  /** The openings under way by their numbers, the oldest first. */
  private readonly underWay = new Set<number>()
  private newest = 0
  /** A call that waits for older openings than this has seen one succeed since, and may wait again. */
  private renewedAt = 0

  get size(): number {
    return this.underWay.size
  }

  /** Starts an opening, and returns its number. */
  begin(): number {
    this.underWay.add(++this.newest)
    return this.newest
  }

  end(opening: number): void {
    this.underWay.delete(opening)
  }

  /** Records that an opening succeeded: every call may wait again. */
  renewHopes(): void {
    this.renewedAt = ++this.newest
  }

  /**
   * Picks the calls that have nothing left to wait for after an opening failed. A call waits for the openings that were under way
   * at its first failure, but not forever for newer ones.
   */
  hopeless(): (call: Call) => boolean {
    const [oldest = Infinity] = this.underWay
    return (call) => {
      if (call.lastHope < this.renewedAt) call.lastHope = this.newest
      return call.lastHope < oldest
    }
  }
}
