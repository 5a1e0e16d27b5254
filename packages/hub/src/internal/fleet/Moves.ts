/**
 * Servers that another runner follows than before, told together: a runner that dies may leave hundreds of them.
 */

/** Seconds from the first move to the event that tells it and those after it. */
const gathering = 3

/** Maximum servers that an event names. */
const mostNamed = 3

/** Moves from one runner to another. */
export interface Move {
  readonly from: string
  readonly to: string
  readonly servers: ReadonlyArray<string>
  /** Longest time in seconds for which nothing was heard of one of them. */
  readonly gap: number
}

export class Moves {
  private readonly runners = new Map<string, string>()
  private readonly moves = new Map<string, { from: string; to: string; servers: Array<string>; gap: number }>()
  private since: number | undefined

  /** A runner begins to follow a server, of which something was last heard at a time in seconds. */
  take(server: string, runner: string, heard: number | undefined, now: number): void {
    const from = this.runners.get(server)
    this.runners.set(server, runner)
    if (from === undefined || from === runner) return
    this.since ??= now
    const key = `${from} ${runner}`
    const gap = Math.max(0, now - (heard ?? now))
    const move = this.moves.get(key)
    if (move === undefined) this.moves.set(key, { from, to: runner, servers: [server], gap })
    else {
      move.servers.push(server)
      move.gap = Math.max(move.gap, gap)
    }
  }

  /** A server is followed no longer. */
  forget(server: string): void {
    this.runners.delete(server)
  }

  /** The moves that are to be told now. */
  tell(now: number): ReadonlyArray<Move> {
    if (this.since === undefined || now - this.since < gathering) return []
    const moves = [...this.moves.values()]
    this.moves.clear()
    this.since = undefined
    return moves
  }
}

/** A move in words. */
export const textOf = ({ from, gap, servers, to }: Move): string => {
  const named = servers.slice(0, mostNamed).join(", ")
  const more = servers.length - mostNamed
  const what = more > 0 ? `${named} and ${more} more servers` : named
  const seconds = gap < 10 ? gap.toFixed(1) : gap.toFixed(0)
  return `${to} follows ${what}, which ${from} followed before; nothing was read for ${
    servers.length > 1 ? "up to " : ""
  }${seconds} s`
}
