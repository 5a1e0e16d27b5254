/**
 * Arithmetic of numbered readings: which process read each of them and when, and whether it arrived. No two are alike, so none is
 * mistaken for another.
 */

/** A reading that a server returned. Times are in milliseconds since 1970. */
export interface Given {
  readonly server: string
  readonly value: number
  readonly at: number
  /** The process that requested it. */
  readonly reader: number
}

/** A reading that has arrived in the journal. */
export interface Kept {
  readonly server: string
  readonly value: number
  /** Time at which its runner received it. */
  readonly at: number
  readonly runner: string
  readonly position: number
}

/** A row of the history. Its times are whole seconds. */
export interface Row {
  readonly server: string
  readonly second: number
  readonly value: number
}

const byServer = <A extends { readonly server: string }>(all: ReadonlyArray<A>): ReadonlyMap<string, Array<A>> => {
  const found = new Map<string, Array<A>>()
  for (const one of all) {
    const some = found.get(one.server)
    if (some === undefined) found.set(one.server, [one])
    else some.push(one)
  }
  return found
}

/** Longest time in milliseconds for which each server was not read between two times. */
export const gaps = (
  given: ReadonlyArray<Given>,
  servers: ReadonlyArray<string>,
  from: number,
  to: number
): ReadonlyMap<string, number> => {
  const read = byServer(given)
  return new Map(servers.map((server) => {
    let before = from
    let longest = 0
    for (const { at } of read.get(server) ?? []) {
      if (at < from) continue
      if (at > to) break
      longest = Math.max(longest, at - before)
      before = at
    }
    return [server, Math.max(longest, to - before)]
  }))
}

/** The greatest of some numbers, or 0 if there are none. */
export const greatest = (values: Iterable<number>): number => {
  let result = 0
  for (const value of values) if (value > result) result = value
  return result
}

/** Factor of `every` by which the next round of a follower may be late. */
const lateness = 1.7

/**
 * Readings of a process while another one continued to follow the same server: the other one read before it and soon after it.
 */
export const overlaps = (given: ReadonlyArray<Given>, every: number): ReadonlyArray<Given> =>
  Array.from(byServer(given).values()).flatMap((reads) => {
    const next: Array<Given | undefined> = Array.from({ length: reads.length })
    const last = new Map<number, Given>()
    const found: Array<Given> = []
    // The next reading of another process, for each reading.
    for (let i = reads.length - 1; i >= 0; i--) {
      const one = reads[i]!
      next[i] = [...last.values()].filter(({ reader }) => reader !== one.reader).toSorted((a, b) => a.at - b.at)[0]
      last.set(one.reader, one)
    }
    last.clear()
    for (const [i, one] of reads.entries()) {
      const after = next[i]
      const before = after === undefined ? undefined : last.get(after.reader)
      // If two processes read in turn, each reading is between two of the other. The process that was there first is not the
      // second follower.
      const isWithin = before !== undefined && after !== undefined && after.at - before.at <= lateness * every
      if (isWithin) found.push(one)
      last.set(one.reader, one)
    }
    return found
  })

/**
 * Rounds in which each server had one follower too many, for the process with the most of them. If a late round is between two
 * rounds of another process, one of those may be between two late ones. Readings right after each other are one round.
 */
export const lateRounds = (late: ReadonlyArray<Given>, every: number): ReadonlyMap<string, number> =>
  new Map(Array.from(byServer(late), ([server, reads]) => {
    const rounds = new Map<number, { readonly count: number; readonly at: number }>()
    for (const { at, reader } of reads) {
      const before = rounds.get(reader)
      const isNew = before === undefined || at - before.at > every / 2
      rounds.set(reader, { count: (before?.count ?? 0) + (isNew ? 1 : 0), at })
    }
    return [server, greatest(Array.from(rounds.values(), ({ count }) => count))]
  }))

/** Number of times that each server moved from one process to another. */
export const moves = (given: ReadonlyArray<Given>): ReadonlyMap<string, number> =>
  new Map(Array.from(byServer(given), ([server, reads]) => [
    server,
    reads.filter(({ reader }, i) => i > 0 && reads[i - 1]!.reader !== reader).length
  ]))

const keyOf = ({ server, value }: { readonly server: string; readonly value: number }): string => `${server} ${value}`

/** The start of a process following a server. */
export interface Begun {
  readonly server: string
  readonly reader: number
  readonly at: number
}

/** The fate of readings that did not arrive. */
export interface Missing {
  /** Readings whose runner continued to follow the server, without an excuse. */
  readonly lost: ReadonlyArray<Given>
  /** Last readings of followers that stopped at that time: they were in transit. */
  readonly underway: ReadonlyArray<Given>
  /** Readings of runners that were killed soon after them. */
  readonly killed: ReadonlyArray<Given>
}

/** Milliseconds before its end for which a killed runner may have unwritten readings. */
const unwritten = 2500

/** Readings that were returned before a given time and have not arrived. It takes the times at which processes were killed. */
export const missing = (
  given: ReadonlyArray<Given>,
  kept: ReadonlyArray<Kept>,
  until: number,
  deaths: ReadonlyMap<number, number>,
  begun: ReadonlyArray<Begun>
): Missing => {
  const begins = byServer(begun)
  const arrived = new Set(kept.map(keyOf))
  const lost: Array<Given> = []
  const underway: Array<Given> = []
  const killed: Array<Given> = []
  for (const reads of byServer(given).values()) {
    for (const [i, one] of reads.entries()) {
      if (one.at > until || arrived.has(keyOf(one))) continue
      const death = deaths.get(one.reader)
      const next = reads.slice(i + 1).find(({ reader }) => reader === one.reader)
      const isNewFollower = (begins.get(one.server) ?? []).some(({ at, reader }) =>
        reader === one.reader && at > one.at && next !== undefined && at <= next.at
      )
      if (death !== undefined && death - one.at < unwritten) killed.push(one)
      else if (next === undefined || next !== reads[i + 1] || isNewFollower) underway.push(one)
      else lost.push(one)
    }
  }
  return { lost, underway, killed }
}

const clockOf = (at: number): string => new Date(at).toISOString().slice(17, 23)

/** Readings before and after one, to find the reason: times, processes, and whether they arrived. */
export const around = (
  one: Given,
  given: ReadonlyArray<Given>,
  kept: ReadonlyArray<Kept>,
  rows: ReadonlyArray<Row>,
  begun: ReadonlyArray<Begun>
): string => {
  const arrived = new Set(kept.map(keyOf))
  const reads = given.filter(({ server }) => server === one.server)
  const index = reads.indexOf(one)
  const said = reads.slice(Math.max(0, index - 3), index + 4).map((read) =>
    `${clockOf(read.at)} by ${read.reader} ${arrived.has(keyOf(read)) ? "kept" : "not kept"}`
  )
  const begins = begun.filter(({ at, server }) => server === one.server && Math.abs(at - one.at) < 5000)
  return [
    ...said,
    ...begins.map(({ at, reader }) => `begun at ${clockOf(at)} by ${reader}`),
    `${rows.some((row) => keyOf(row) === keyOf(one)) ? "" : "not "}in the history`
  ].join("; ")
}

/** Readings that have arrived more than once. */
export const repeated = (kept: ReadonlyArray<Kept>): ReadonlyArray<Kept> => {
  const seen = new Set<string>()
  return kept.filter((one) => {
    const key = keyOf(one)
    if (seen.has(key)) return true
    seen.add(key)
    return false
  })
}

/** Number of duplicate rows. */
export const repeatedRows = (rows: ReadonlyArray<Row>): number => rows.length - new Set(rows.map(keyOf)).size

/** A reading of whose second the history has only others, or none. */
export interface Unrecorded extends Kept {
  /** Whether it arrived in the journal after later readings of its server. */
  readonly isLate: boolean
  /** All readings of that second, in the order of the journal. */
  readonly sameSecond: ReadonlyArray<number>
  readonly rows: ReadonlyArray<number>
}

/**
 * Readings of the journal that the history lacks. Of the readings of one second it keeps the last, in the order of the journal.
 */
export const unrecorded = (kept: ReadonlyArray<Kept>, rows: ReadonlyArray<Row>): ReadonlyArray<Unrecorded> => {
  const seconds = new Map<string, Array<Kept>>()
  const latest = new Map<string, number>()
  const late = new Set<Kept>()
  for (const one of kept.toSorted((a, b) => a.position - b.position)) {
    const before = latest.get(one.server) ?? 0
    if (one.at < before) late.add(one)
    latest.set(one.server, Math.max(before, one.at))
    const key = `${one.server} ${Math.floor(one.at / 1000)}`
    const some = seconds.get(key)
    if (some === undefined) seconds.set(key, [one])
    else some.push(one)
  }
  const known = new Map<string, Array<number>>()
  for (const { second, server, value } of rows) {
    const key = `${server} ${second}`
    const some = known.get(key)
    if (some === undefined) known.set(key, [value])
    else some.push(value)
  }
  return [...seconds].flatMap(([key, some]) => {
    const last = some.at(-1)
    const there = known.get(key) ?? []
    return last === undefined || there.includes(last.value)
      ? []
      : [{ ...last, isLate: late.has(last), sameSecond: some.map(({ value }) => value), rows: there }]
  })
}
