/** Servers that have moved to another runner, reported together: a runner that dies may leave hundreds of them. */
import type * as Fleet from "../../Fleet.ts"

/** Seconds from a move to its event, which includes further moves between the same runners. */
const gathering = 3

/** Maximum number of servers named in an event. */
const mostNamed = 3

/** Moves from one runner to another. */
export interface Move {
  readonly from: string
  readonly to: string
  readonly servers: ReadonlyArray<string>
  /** Maximum seconds for which nobody followed one of them. */
  readonly gap: number
}

export class Moves {
  /** Time of the latest reported move, by the clock of the database. */
  private told: number

  /** Begins at a time up to which moves have been reported. */
  constructor(told: number) {
    this.told = told
  }

  /** The moves to report now. */
  take({ runners, servers }: Fleet.Where): ReadonlyArray<Move> {
    const now = Math.max(...runners.map(({ seen }) => seen))
    const fresh = servers.filter(({ since = 0 }) => since > this.told)
    if (fresh.length === 0 || fresh.some(({ since = 0 }) => now - since < gathering)) return []
    const moves = new Map<string, { from: string; to: string; servers: Array<string>; gap: number }>()
    for (const { before, runner, server, since = 0 } of fresh) {
      this.told = Math.max(this.told, since)
      if (before === undefined || runner === undefined || before.runner === runner) continue
      const { runner: from, seen } = before
      const key = `${from} ${runner}`
      const move = moves.get(key) ?? { from, to: runner, servers: [], gap: 0 }
      moves.set(key, move)
      move.servers.push(server)
      move.gap = Math.max(move.gap, since - seen)
    }
    return [...moves.values()]
  }
}

/** A move in words. */
export const textOf = ({ from, gap, servers, to }: Move): string => {
  const named = servers.slice(0, mostNamed).join(", ")
  const more = servers.length - mostNamed
  const what = more > 0 ? `${named} and ${more} more servers` : named
  return `${to} follows ${what} in place of ${from}; nothing was read for up to ${Math.ceil(gap)} s`
}
