/** Rows of the table: faults of a fleet, and the bounds that must hold. */
import { Clock, Console, Duration, Effect, Fiber, type Scope } from "effect"
import { SqlClient } from "effect/sql"
import * as Calls from "./Calls.ts"
import * as Field from "./Field.ts"
import * as Ledger from "./Ledger.ts"
import * as Partition from "./Partition.ts"
import * as Stage from "./Stage.ts"
import { gapOf, type Viewer } from "./Viewer.ts"

/** A figure, its bound, and whether it is within that. Without a bound it is only reported. */
export interface Figure {
  readonly name: string
  readonly must: string
  readonly is: string
  readonly isKept: boolean
  /** Details to find the reason, if the bound is broken. */
  readonly detail?: string | undefined
}

interface Postgres {
  readonly url: string
  /** Kills the server, and starts it again after an effect. */
  readonly crash: (meanwhile: Effect.Effect<void>) => Effect.Effect<void>
}

export interface Given {
  readonly postgres: Postgres
  readonly servers: number
}

const seconds = (millis: number): string => `${(millis / 1000).toFixed(1)} s`

const atMost = (name: string, most: number, is: number, show: (value: number) => string): Figure => ({
  name,
  must: `≤ ${show(most)}`,
  is: show(is),
  isKept: is <= most
})

const within = (name: string, most: number, is: number): Figure => atMost(name, most, is, seconds)

const count = String

const millis = (value: number): string => `${value.toFixed(1)} ms`

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

const megabytes = (value: number): string => `${value.toFixed(0)} MB`

const told = (name: string, is: string): Figure => ({ name, must: "", is, isKept: true })

const now = Clock.currentTimeMillis

/** Calm time before and after a fault. */
const calm = Effect.sleep("6 seconds")

/** Longest allowed gap after a runner or the database has gone, in milliseconds. */
const longest = 14_000

const exampleOf = (some: ReadonlyArray<{ readonly server: string; readonly at: number }>) =>
  some.slice(0, 1).map(({ at, server }) => `${server} at ${new Date(at).toISOString().slice(11, 23)}`).join("")

/** Figures of every row. `late` is the number of rounds that a frozen runner may read too late. */
const always = (account: Stage.Account, every: number, late = 0): ReadonlyArray<Figure> => {
  const { around, counts, missing, overlaps, repeated, repeatedRows } = account
  // A frozen runner may have readings that it writes after others have written later ones.
  const unrecorded = late === 0 ? account.unrecorded : account.unrecorded.filter(({ isLate }) => !isLate)
  const lateRounds = Ledger.greatest(Ledger.lateRounds(overlaps, every).values())
  return [
    {
      ...atMost("rounds of a second follower, of the worst server", late, lateRounds, count),
      detail: `${new Set(overlaps.map(({ server }) => server)).size} servers, ${exampleOf(overlaps)}: ${account.beside}`
    },
    { ...atMost("readings lost", 0, missing.lost.length, count), detail: `${exampleOf(missing.lost)}: ${around}` },
    {
      ...atMost("readings twice in the journal", 0, repeated.length, count),
      detail: repeated.slice(0, 2).map(({ at, position, runner, server, value }) =>
        `${value} of ${server} at ${new Date(at).toISOString().slice(11, 23)} by ${runner} in ${position}`
      ).join("; ")
    },
    atMost("readings twice in the history", 0, repeatedRows, count),
    {
      ...atMost("readings of the journal that the history does not have", 0, unrecorded.length, count),
      detail: `${exampleOf(unrecorded)}: ${
        unrecorded.slice(0, 2).map(({ rows, sameSecond }) =>
          `of ${sameSecond.join(", ")} in that second, it has ${rows.join(", ") || "none"}`
        ).join("; ")
      }`
    },
    {
      ...told("readings given out; in the journal; in the history, one a second at most", counts.join("; ")),
      isKept: counts.every((count) => count > 0)
    },
    ...late === 0
      ? []
      : [
        told("readings of it that came too late for the history", count(account.unrecorded.length - unrecorded.length))
      ],
    told(
      "readings under way when their follower stopped; of a runner that was killed right after",
      `${missing.underway.length}; ${missing.killed.length}`
    )
  ]
}

/** Three runners that follow all servers. */
const three = Effect.fnUntraced(function*({ postgres, servers }: Given) {
  const stage = yield* Stage.make({ postgres: postgres.url, servers })
  yield* Effect.all([stage.join(), stage.join(), stage.join()], { concurrency: "unbounded" })
  yield* stage.followed(0)
  yield* calm
  return stage
})

const viewers = (stage: Stage.Stage, except: Stage.Runner) =>
  Effect.forEach(stage.runners.filter((runner) => runner !== except && runner.isRunning()), stage.view)

const worst = (viewers: ReadonlyArray<Viewer>, from: number, to: number): number =>
  Ledger.greatest(viewers.map((viewer) => gapOf(viewer, from, to)))

/** `kill -9` of each of three runners in turn, and of the one with the hub if it was not among them. */
const killed = Effect.fnUntraced(function*(given: Given) {
  const stage = yield* three(given)
  const figures: Array<Figure> = []
  const begun = yield* now
  let isHubKilled = false
  const kill = Effect.fnUntraced(function*(runner: Stage.Runner) {
    const holdsHub = (yield* stage.holder) === runner
    isHubKilled ||= holdsHub
    const name = `kill -9 of ${holdsHub ? "the runner with the hub" : "a runner"}`
    const theirs = stage.serversOf(runner)
    const seen = yield* viewers(stage, runner)
    yield* Effect.sleep("2 seconds")
    const at = yield* now
    yield* runner.kill("SIGKILL")
    yield* stage.followed(at, () => theirs)
    yield* Effect.sleep("16 seconds")
    const to = yield* now
    const gap = Ledger.greatest(Ledger.gaps(stage.field.given, theirs, at - 1000, to).values())
    figures.push(
      within(`${name}: gap of its ${theirs.length} servers`, longest, gap),
      told(`${name}: gap of the pages of others`, seconds(worst(seen, at - 1000, to)))
    )
    // Another runner takes its place, so that there are always three.
    yield* stage.join()
    yield* calm
  })
  for (const runner of stage.runners.slice(0, 3)) yield* kill(runner)
  if (!isHubKilled) yield* kill(yield* stage.holder)
  return [...figures, ...always(yield* stage.account(begun), stage.every)]
})

/** The orderly end of a runner while it has work. */
const ended = Effect.fnUntraced(function*(given: Given) {
  const stage = yield* three(given)
  const figures: Array<Figure> = []
  const begun = yield* now
  for (const holdsHub of [false, true]) {
    const holder = yield* stage.holder
    const runner = holdsHub ? holder : stage.runners.find((one) => one !== holder && one.isRunning())
    if (runner === undefined) continue
    const name = `SIGTERM of ${holdsHub ? "the runner with the hub" : "a runner"}`
    const theirs = stage.serversOf(runner)
    const reads = stage.field.servers.filter(({ server }) => theirs.includes(server))
      .map(({ index, server }) => [server, Field.slow(index)] as const)
    const calls = yield* Calls.start({ database: stage.url, reads, callers: 20, timeout: 15_000 })
    for (let i = 0; i < 5; i++) yield* stage.view(runner)
    const seen = yield* viewers(stage, runner)
    yield* Effect.sleep("3 seconds")
    const at = yield* now
    yield* runner.kill("SIGTERM")
    const status = yield* runner.ended.pipe(
      Effect.timeoutOrElse({ duration: "20 seconds", orElse: () => Effect.succeed("no end") })
    )
    const exit = (yield* now) - at
    yield* stage.followed(at, () => theirs)
    yield* Effect.sleep("6 seconds")
    const to = yield* now
    const gap = Ledger.greatest(Ledger.gaps(stage.field.given, theirs, at - 1000, to).values())
    yield* calls.stop
    const { done, failed, hung, times } = yield* Effect.timeout(Fiber.join(calls.answer), "40 seconds")
    figures.push(
      within(`${name}: gap of its ${theirs.length} servers`, 2500, gap),
      within(`${name}: exit, with ${status}`, 2000, exit),
      atMost(`${name}: calls that hung`, 0, hung, count),
      told(
        `${name}: calls answered; failed; slowest`,
        `${done}; ${JSON.stringify(failed)}; ${seconds(Ledger.greatest(times))}`
      ),
      told(`${name}: gap of the pages of others`, seconds(worst(seen, at - 1000, to)))
    )
    yield* stage.join()
    yield* calm
  }
  return [...figures, ...always(yield* stage.account(begun), stage.every)]
})

/** One more runner. */
const joins = Effect.fnUntraced(function*(given: Given) {
  const { postgres, servers } = given
  const stage = yield* Stage.make({ postgres: postgres.url, servers })
  yield* Effect.all([stage.join(), stage.join()], { concurrency: "unbounded" })
  yield* stage.followed(0)
  yield* calm
  const begun = yield* now
  const third = yield* stage.join()
  const at = yield* now
  yield* Effect.sleep("10 seconds")
  const account = yield* stage.account(begun)
  const theirs = stage.serversOf(third)
  const first = Ledger.greatest(
    theirs.map((server) =>
      stage.field.given.find((one) => one.server === server && one.reader === third.pid)?.at ?? Infinity
    )
  )
  return [
    within(`a runner joins: gap of the ${theirs.length} servers that it takes`, 2000, account.gap),
    told("a runner joins: from its address to the last server taken", seconds(first - at)),
    ...always(account, stage.every)
  ]
})

/** The database is killed, and stays down for a while. */
const outage = Effect.fnUntraced(function*(given: Given) {
  const stage = yield* three(given)
  const seen = yield* Effect.forEach(stage.runners, stage.view)
  yield* Effect.sleep("2 seconds")
  const at = yield* now
  yield* given.postgres.crash(Effect.sleep("10 seconds"))
  const back = yield* now
  yield* Effect.sleep("20 seconds")
  const to = yield* now
  const dead = stage.runners.filter(({ isRunning }) => !isRunning()).length
  yield* Effect.sleep("4 seconds")
  const account = yield* stage.account(at - 1000)
  const shares = [...Ledger.gaps(stage.field.given, stage.servers(), at - 1000, to).values()].filter((gap) =>
    gap > 2500
  )
  return [
    atMost("PostgreSQL away for 10 s: processes that end", 0, dead, count),
    within(`PostgreSQL away for ${seconds(back - at)}: gap`, longest, account.gap),
    told("PostgreSQL away: servers with a gap above 2.5 s", `${shares.length} of ${given.servers}`),
    told("PostgreSQL away: gap of the pages", seconds(worst(seen, at - 1000, to))),
    ...always(account, stage.every)
  ]
})

/** The database ends the session that holds the locks of one runner. */
const locks = Effect.fnUntraced(function*(given: Given) {
  const stage = yield* three(given)
  const at = yield* now
  const session = yield* stage.withSql(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const [found] = yield* sql<{ pid: number; locks: string }>`
      SELECT pid, count(*) AS locks FROM pg_locks WHERE locktype = 'advisory' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      GROUP BY pid ORDER BY count(*) DESC LIMIT 1`
    if (found === undefined) return 0
    yield* sql`SELECT pg_terminate_backend(${found.pid})`
    return Number(found.locks)
  }))
  yield* Effect.sleep("20 seconds")
  const dead = stage.runners.filter(({ isRunning }) => !isRunning()).length
  const account = yield* stage.account(at - 1000)
  return [
    atMost("a lock session terminated: processes that end", 0, dead, count),
    within(`a lock session terminated (${session} locks): gap`, longest, account.gap),
    ...always(account, stage.every)
  ]
})

/** A runner is halted for longer than its locks last, and then continues. */
const frozen = Effect.fnUntraced(function*(given: Given) {
  const stage = yield* three(given)
  const figures: Array<Figure> = []
  const begun = yield* now
  for (const holdsHub of [false, true]) {
    const holder = yield* stage.holder
    const runner = holdsHub ? holder : stage.runners.find((one) => one !== holder)
    if (runner === undefined) continue
    const name = `${holdsHub ? "the runner with the hub" : "a runner"} frozen for 18 s`
    const theirs = stage.serversOf(runner)
    const seen = yield* viewers(stage, runner)
    yield* Effect.sleep("2 seconds")
    const at = yield* now
    yield* runner.kill("SIGSTOP")
    yield* Effect.sleep("18 seconds")
    yield* runner.kill("SIGCONT")
    yield* Effect.sleep("12 seconds")
    const to = yield* now
    const gap = Ledger.greatest(Ledger.gaps(stage.field.given, theirs, at - 1000, to).values())
    figures.push(
      within(`${name}: gap of its ${theirs.length} servers`, longest, gap),
      told(`${name}: gap of the pages of others`, seconds(worst(seen, at - 1000, to))),
      atMost(`${name}: processes that end`, 0, stage.runners.filter(({ isRunning }) => !isRunning()).length, count)
    )
  }
  return [...figures, ...always(yield* stage.account(begun), stage.every, 1)]
})

/** No runner reaches another one, but all reach the database. */
const partition = Effect.fnUntraced(function*({ postgres, servers }: Given) {
  const stage = yield* Stage.make({ postgres: postgres.url, servers })
  const ways = [yield* Partition.way, yield* Partition.way, yield* Partition.way]
  yield* Effect.forEach(ways, ({ listen, port }) => stage.join({ listen, port }), { concurrency: "unbounded" })
  yield* stage.followed(0)
  yield* calm
  const at = yield* now
  const seen = yield* Effect.forEach(stage.runners, stage.view)
  yield* Effect.forEach(ways, ({ cut }) => cut, { discard: true })
  yield* Effect.sleep("30 seconds")
  const cut = Ledger.greatest(Ledger.moves(stage.field.given.filter((one) => one.at >= at)).values())
  yield* Effect.forEach(ways, ({ mend }) => mend, { discard: true })
  yield* Effect.sleep("20 seconds")
  const to = yield* now
  const account = yield* stage.account(at - 1000)
  return [
    atMost("runners that do not reach each other for 30 s: moves of a server", 2, cut, count),
    within("runners that do not reach each other: gap", longest, account.gap),
    told("runners that do not reach each other: gap of the worst page", seconds(worst(seen, at - 1000, to))),
    told("runners that reach each other again, 20 s later: moves of a server since", count(account.moves - cut)),
    ...always(account, stage.every)
  ]
})

/** Servers come and go while the fleet runs. */
const registry = Effect.fnUntraced(function*(given: Given) {
  const stage = yield* three(given)
  const starts: Array<number> = []
  const stops: Array<number> = []
  for (let i = 0; i < 5; i++) {
    const { server } = yield* stage.field.start
    const added = yield* now
    yield* stage.registry.add(server)
    starts.push((yield* stage.followed(added, () => [server])) - added)
    yield* Effect.sleep("3 seconds")
    const removed = yield* now
    yield* stage.registry.remove(server)
    yield* Effect.sleep("4 seconds")
    const last = stage.field.given.findLast((one) => one.server === server)?.at ?? removed
    stops.push(Math.max(0, last - removed))
  }
  return [
    within("a server added: its first reading", 2000, Ledger.greatest(starts)),
    within("a server removed: its last reading", 2000, Ledger.greatest(stops))
  ]
})

/** Times of reads in a process without a connection to any server. */
const reads = Effect.fnUntraced(function*(given: Given) {
  const stage = yield* three(given)
  const { answer } = yield* Calls.start({
    database: stage.url,
    reads: stage.field.servers.map(({ index, server }) => [server, Field.quick(index)] as const),
    timed: 2000,
    timeout: 5000
  })
  const { failed, hung, times } = yield* Effect.timeout(Fiber.join(answer), "2 minutes")
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? Infinity
  return [
    atMost("a read from another process, of 2,000: median", 3, at(0.5), millis),
    atMost("a read from another process: 99 of 100", 15, at(0.99), millis),
    atMost("a read from another process: failures", 0, hung + Ledger.greatest(Object.values(failed)), count)
  ]
})

const megabyte = 1e6

/** Cost of one fleet, by the seconds between two rounds. */
const cost = Effect.fnUntraced(function*({ postgres }: Given, servers: number, every: number) {
  const stage = yield* Stage.make({ postgres: postgres.url, servers, every: every * 1000 })
  const at = yield* now
  yield* Effect.all([stage.join(), stage.join(), stage.join()], { concurrency: "unbounded" })
  const all = yield* stage.followed(0)
  yield* Effect.sleep(Duration.seconds(Math.max(10, every + 2)))
  const before = stage.runners.map(({ usage }) => usage())
  const begun = yield* now
  const given = stage.field.given.length
  yield* Effect.sleep("20 seconds")
  const after = stage.runners.map(({ usage }) => usage())
  const lasted = (yield* now) - begun
  const spent = after.map(({ cpu }, i) => cpu - (before[i]?.cpu ?? 0))
  const readings = stage.field.given.length - given
  return {
    first: all - at,
    shares: spent.map((cpu) => cpu / lasted),
    resident: after.map(({ resident }) => resident / megabyte),
    split: stage.runners.map((runner) => stage.serversOf(runner).length),
    /** Milliseconds of all runners together per second, and for each reading. */
    aServer: spent.reduce((sum, cpu) => sum + cpu, 0) / (lasted / 1000) / servers,
    aReading: spent.reduce((sum, cpu) => sum + cpu, 0) / readings
  }
})

/** Cost of hundreds of servers. */
const many = Effect.fnUntraced(function*(given: Given) {
  const figures: Array<Figure> = []
  const costs: Array<{ readonly servers: number; readonly aServer: number }> = []
  for (const every of [10, 1]) {
    for (const servers of [50, 200, 500]) {
      const figure = yield* Effect.scoped(cost(given, servers, every))
      const name = `${servers} servers every ${every} s`
      const detail = `${figure.shares.map(percent).join(", ")}; ${figure.resident.map(megabytes).join(", ")}; split ${
        figure.split.join("/")
      }; ${figure.aServer.toFixed(2)} ms a server and second, ${figure.aReading.toFixed(2)} ms a reading`
      figures.push(told(`${name}: CPU and memory of each`, detail))
      // This is printed at once, because each row takes a minute.
      yield* Console.log(`many: ${name}: ${detail}; all followed after ${seconds(figure.first)}`)
      if (every === 1) costs.push({ servers, aServer: figure.aServer })
      if (servers < 500) continue
      figures.push(
        within(`${name}: all followed`, 8000, figure.first),
        atMost(`${name}: CPU of the busiest runner`, 0.1, Ledger.greatest(figure.shares), percent),
        atMost(`${name}: memory of the largest runner`, 400, Ledger.greatest(figure.resident), megabytes)
      )
    }
  }
  const [few, , most] = costs
  const ratio = (most?.aServer ?? 0) / (few?.aServer ?? 1)
  return [...figures, atMost("CPU a server, 500 to 50", 1.3, ratio, (value) => value.toFixed(2))]
})

/** All rows, in the order of the table. */
export const rows: Readonly<
  Record<string, (given: Given) => Effect.Effect<ReadonlyArray<Figure>, unknown, Scope.Scope>>
> = { killed, ended, joins, outage, locks, frozen, partition, registry, reads, many }
