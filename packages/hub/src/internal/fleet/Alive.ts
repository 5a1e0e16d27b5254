/** Runners that are alive and servers that are followed, by the times of their last signs of life. */
import type * as Fleet from "../../Fleet.ts"

/** Seconds of silence after which a runner or a follower counts as gone: the time of ten signs of life. */
const patience = 20

export interface Alive {
  readonly runners: ReadonlySet<string>
  readonly servers: ReadonlySet<string>
}

/** Runners and servers at a time, in seconds since 1970 by the clock of the database. */
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
