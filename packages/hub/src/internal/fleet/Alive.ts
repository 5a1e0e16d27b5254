/** Which runners of a fleet are there, and which servers are followed, by when something was last heard of them. */
import type * as Fleet from "../../Fleet.ts"

/** Seconds after which what has said nothing is taken for gone: ten signs of life. */
const patience = 20

export interface Alive {
  readonly runners: ReadonlySet<string>
  readonly servers: ReadonlySet<string>
}

/** Those that are there at a time, in seconds since 1970 by the clock of the database. */
export const at = ({ runners, servers }: Pick<Fleet.Where, "runners" | "servers">, now: number): Alive => {
  const isHeard = (seen: number | undefined): boolean => seen !== undefined && seen >= now - patience
  const there = new Set(runners.filter(({ seen }) => isHeard(seen)).map(({ runner }) => runner))
  return {
    runners: there,
    servers: new Set(
      servers.filter(({ runner, seen }) => runner !== undefined && there.has(runner) && isHeard(seen))
        .map(({ server }) => server)
    )
  }
}
