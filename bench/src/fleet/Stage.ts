/** Stage of a row of the table: an empty database, servers, runners, and their records. */
import { ServerRegistry } from "@effect-ownet/hub"
import { PgClient } from "@effect/sql-pg"
import { Clock, Context, Effect, Layer, Redacted, Schedule, Scope } from "effect"
import { database } from "../../../packages/hub/test/fixtures/postgresServer.ts"
import * as Field from "./Field.ts"
import * as Ledger from "./Ledger.ts"
import * as Records from "./Records.ts"
import * as RunnerProcess from "./RunnerProcess.ts"
import { view, type Viewer } from "./Viewer.ts"

export interface Options {
  /** The address of a PostgreSQL server. */
  readonly postgres: string
  readonly servers: number
  readonly every?: number | undefined
  /** Arguments of all runners. They may name files in a folder that lasts as long as the stage. */
  readonly args?: ((home: string) => ReadonlyArray<string>) | undefined
  /** A folder for compiled code. Default: one of the stage. */
  readonly cache?: string | undefined
}

/** Summary of the records between two times. */
export interface Account {
  /** Longest time without a reading of a server, in milliseconds. */
  readonly gap: number
  readonly overlaps: ReadonlyArray<Ledger.Given>
  readonly missing: Ledger.Missing
  /** The readings around the first lost one, as text. */
  readonly around: string
  /** The readings around the first one of a second follower, as text. */
  readonly beside: string
  /** Readings that are in the journal again, and the number of rows that are in the history again. */
  readonly repeated: ReadonlyArray<Ledger.Kept>
  readonly repeatedRows: number
  /** Readings of the journal that the history lacks. */
  readonly unrecorded: ReadonlyArray<Ledger.Unrecorded>
  readonly moves: number
  /** Numbers of readings that were returned, that are in the journal, and that are in the history. */
  readonly counts: readonly [given: number, kept: number, rows: number]
}

let databases = 0

/** Default interval between rounds, in milliseconds. */
const second = 1000

/** Seconds that a reading may take to reach the history: through the journal to the hub, which writes every few seconds. */
const settling = 25

export const make = Effect.fnUntraced(function*({ args, cache, every = second, postgres, servers: count }: Options) {
  const scope = yield* Scope.Scope
  const home = yield* RunnerProcess.home
  const url = yield* database(postgres, `fleet_${process.pid}_${++databases}`)
  const services = yield* Layer.build(
    ServerRegistry.layerSql.pipe(Layer.provideMerge(PgClient.layer({ url: Redacted.make(url), maxConnections: 3 })))
  )
  const registry = Context.get(services, ServerRegistry.ServerRegistry)
  const withSql = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.provideContext(self, services)
  const pids = new Set<number>()
  const field = yield* Field.make(count, pids)
  for (const { server } of field.servers) yield* registry.add(server)
  const copy = yield* withSql(Records.copy)
  const deaths = new Map<number, number>()
  const runners: Array<Runner> = []

  /** Starts a runner, and waits until it has joined. */
  const joined = Effect.fnUntraced(function*(options: Partial<RunnerProcess.Options>) {
    const process = yield* RunnerProcess.spawned({
      database: url,
      home,
      every: `${every / 1000}s`,
      cache,
      args: args?.(home),
      onPid: (pid) => pids.add(pid),
      ...options
    })
    yield* process.ready
    const runner: Runner = {
      ...process,
      kill: (signal) =>
        Effect.andThen(
          Effect.map(Clock.currentTimeMillis, (now) => {
            if (signal === "SIGKILL") deaths.set(process.pid, now)
          }),
          process.kill(signal)
        )
    }
    runners.push(runner)
    return runner
  })
  const join = (options: Partial<RunnerProcess.Options> = {}) => Scope.provide(joined(options), scope)

  const servers = () => field.servers.map(({ server }) => server)

  /** Waits until each server has been read after a given time, and returns the time of the last first reading. */
  const followed = (since: number, of: () => ReadonlyArray<string> = servers) =>
    Effect.suspend(() => {
      const first = new Map<string, number>()
      for (const { at, server } of field.given) if (at >= since && !first.has(server)) first.set(server, at)
      const missing = of().filter((server) => !first.has(server))
      return missing.length === 0
        ? Effect.succeed(Ledger.greatest(of().map((server) => first.get(server) ?? 0)))
        : Effect.fail(
          new RunnerProcess.ProcessError({
            message: `${missing.length} of ${of().length} servers are not followed: ${
              missing.slice(0, 3).join(", ")
            } …\n${runners.map(({ lines, runner }) => `${runner}: ${lines.slice(-8).join("\n  ")}`).join("\n")}`
          })
        )
    }).pipe(Effect.retry({ schedule: Schedule.spaced("50 millis"), times: 1200 }))

  /** The process that read a server last. */
  const readerOf = (server: string): number => field.given.findLast((one) => one.server === server)?.reader ?? 0

  /** The servers that a runner read last. */
  const serversOf = (runner: Runner): ReadonlyArray<string> =>
    servers().filter((server) => readerOf(server) === runner.pid)

  /** The runner that holds the hub. */
  const holder = Effect.gen(function*() {
    const address = yield* withSql(Records.holder)
    const found = runners.find(({ isRunning, runner }) => runner === address && isRunning())
    return found ?? (yield* new RunnerProcess.ProcessError({ message: `no runner holds the hub (${address})` }))
  }).pipe(Effect.retry({ schedule: Schedule.spaced("200 millis"), times: 150 }))

  /** Summarizes the records from `from` on. */
  const account = Effect.fnUntraced(function*(from: number, of: ReadonlyArray<string> = servers()) {
    const to = yield* Clock.currentTimeMillis
    const { given } = field
    const devices = new Map(field.servers.map(({ index, server }) => [Field.device(index), server]))
    const look = Effect.gen(function*() {
      yield* copy.look
      // The second that has just begun is not complete in the history.
      const last = Math.floor(to / 1000)
      const rows = (yield* Records.rows(url, devices)).filter(({ second }) => second < last)
      const kept = copy.kept.filter(({ at }) => Math.floor(at / 1000) < last)
      return { rows, kept, unrecorded: Ledger.unrecorded(kept, rows) }
    })
    yield* Effect.sleep("2 seconds")
    const { kept, rows, unrecorded } = yield* Effect.repeat(look, {
      schedule: Schedule.spaced("1 second"),
      until: ({ unrecorded }) => unrecorded.length === 0,
      times: settling
    })
    const begun = copy.begun.map(({ at, runner, server }) => ({
      at,
      server,
      reader: runners.find((one) => one.runner === runner)?.pid ?? 0
    }))
    const missing = Ledger.missing(given, copy.kept, to, deaths, begun)
    const result: Account = {
      beside: Ledger.overlaps(given, every).slice(0, 1)
        .map((one) => Ledger.around(one, given, copy.kept, rows, begun)).join(""),
      around: missing.lost.slice(0, 1).map((one) => Ledger.around(one, given, copy.kept, rows, begun)).join(""),
      gap: Ledger.greatest(Ledger.gaps(given, of, from, to).values()),
      overlaps: Ledger.overlaps(given, every),
      missing,
      repeated: Ledger.repeated(copy.kept),
      repeatedRows: Ledger.repeatedRows(rows) + (yield* withSql(Records.writtenTwice)),
      unrecorded,
      moves: Ledger.greatest(Ledger.moves(given.filter(({ at }) => at >= from)).values()),
      counts: [given.filter(({ at }) => at <= to).length, kept.length, rows.length]
    }
    return result
  })

  return {
    url,
    home,
    registry,
    withSql,
    field,
    copy,
    runners,
    every,
    join,
    servers,
    followed,
    readerOf,
    serversOf,
    holder,
    account,
    view: (runner: Runner): Effect.Effect<Viewer> => Scope.provide(view(runner.url), scope)
  }
})

export type Runner = RunnerProcess.RunnerProcess

export type Stage = Effect.Success<ReturnType<typeof make>>

export { device } from "./Field.ts"
