/**
 * Tickets for calls that must not be made twice. Each is valid once, and only for the entity that issued it.
 */

/** Maximum number of unused tickets. Their callers use them at once, or have gone. */
const most = 4096

export class Tickets {
  private readonly out = new Set<string>()

  issue(): string {
    const ticket = globalThis.crypto.randomUUID()
    this.out.add(ticket)
    const [oldest] = this.out
    if (this.out.size > most) this.out.delete(oldest)
    return ticket
  }

  /** Uses a ticket. Returns whether it was valid. */
  take(ticket: string): boolean {
    return this.out.delete(ticket)
  }
}
