/**
 * The cost of a history: bytes written and kept, times of answers, and how long it blocks the process.
 *
 *     pnpm bench:hub
 *     pnpm bench:hub --days 365 --sensors 100
 */
import { History, layerSqlite } from "@effect-ownet/hub/History"
import type { Row, Series } from "@effect-ownet/hub/History"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem, Stream } from "effect"
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync } from "node:fs"
import { parseArgs } from "node:util"

const { values: options } = parseArgs({
  options: { days: { type: "string", default: "365" }, sensors: { type: "string", default: "100" } }
})
const sensors = Number(options.sensors)
const days = Number(options.days)

const begin = Date.UTC(2025, 0, 1) / 1000
const flushSeconds = 60
const heartbeatSeconds = 600
/** Share of a DS18B20's readings that differ from the previous one, measured on a wall. */
const changing = 0.34

/** Bytes that this process has made the system write to its disks. */
const writtenBytes = (): number => Number(/^write_bytes: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1])

/** Syncs the log of the database to the disk, which the system would do by itself within half a minute. */
const sync = (file: string): void => {
  if (!existsSync(`${file}-wal`)) return
  const log = openSync(`${file}-wal`, "r")
  fsyncSync(log)
  closeSync(log)
}

/** Seed, so that every run has the same numbers. */
let state = 1
const random = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
  return (state >>> 0) / 4_294_967_296
}

/** Longest turn of the event loop, in milliseconds: by the clock, and in CPU time. */
const watchTurns = () => {
  const longest = { clock: 0, cpu: 0 }
  let at = performance.now()
  let spent = cpuMillis()
  let isOn = true
  const look = (): void => {
    const now = performance.now()
    const used = cpuMillis()
    longest.clock = Math.max(longest.clock, now - at)
    longest.cpu = Math.max(longest.cpu, used - spent)
    at = now
    spent = used
    if (isOn) setImmediate(look)
  }
  setImmediate(look)
  return { longest, reset: () => Object.assign(longest, { clock: 0, cpu: 0 }), stop: () => void (isOn = false) }
}

const cpuMillis = (): number => {
  const { system, user } = process.threadCpuUsage()
  return (system + user) / 1000
}

/** Simulates some time: readings of every sensor. A row is kept if the value changed, or else every ten minutes. */
const recorder = Effect.gen(function*() {
  const history = yield* History
  const series: Array<Series> = []
  for (let i = 0; i < sensors; i++) {
    series.push(
      yield* history.open({
        device: `28.${String(i).padStart(12, "0")}`,
        property: "temperature",
        unit: "°C",
        since: begin
      })
    )
  }
  const level = series.map(() => 320 + Math.floor(random() * 200))
  const written = series.map(() => 0)
  let count = 0
  let now = begin
  return {
    series,
    count: () => count,
    now: () => now,
    live: Effect.fnUntraced(function*(seconds: number, every: number, flushEvery: number, onFlush: () => void) {
      const end = now + seconds
      let rows: Array<Row> = []
      while (now < end) {
        now += every
        for (let i = 0; i < sensors; i++) {
          const isChanged = random() < changing
          if (isChanged) level[i]! += (random() < 0.5 ? -1 : 1) * (random() < 0.1 ? 2 : 1)
          if (!isChanged && now - written[i]! < heartbeatSeconds) continue
          written[i] = now
          count++
          // Sensors answer one after another.
          rows.push({ series: series[i]!.id, at: now + i % every, value: level[i]! / 16, verdict: "Plausible" })
        }
        if (now % flushEvery !== 0) continue
        const batch = rows
        rows = []
        yield* Effect.yieldNow
        yield* history.append({ at: now, rows: batch, events: [] })
        onFlush()
        yield* Effect.yieldNow
        yield* history.maintain({ now, keep: 10 ** 9 })
      }
    })
  }
})

const fileOf = (name: string) =>
  Effect.map(
    Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped()),
    (folder) => `${folder}/${name}.db`
  )

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`

const written = (every: number, bound: number) =>
  Effect.gen(function*() {
    const file = yield* fileOf("written")
    yield* Effect.gen(function*() {
      const { live } = yield* recorder
      yield* live(86_400, every, flushSeconds, () => undefined)
      const before = writtenBytes()
      const turns = watchTurns()
      yield* Effect.sleep("100 millis")
      turns.reset()
      yield* live(6 * 3600, every, flushSeconds, () => sync(file))
      turns.stop()
      yield* Console.log(
        `a reading every ${every} s: ${megabytes((writtenBytes() - before) / 6)} written an hour (at most ${bound}), `
          + `longest turn ${turns.longest.cpu.toFixed(1)} ms of the processor, ${turns.longest.clock.toFixed(1)} ms`
      )
    }).pipe(Effect.provide(layerSqlite(file)))
  }).pipe(Effect.scoped)

/** The median of some runs, in milliseconds. */
const timed = <A, E, R>(name: string, bound: number, self: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const times: Array<number> = []
    for (let i = 0; i < 15; i++) {
      yield* Effect.yieldNow
      const at = performance.now()
      yield* self
      times.push(performance.now() - at)
    }
    times.sort((a, b) => a - b)
    yield* Console.log(
      `${name}: ${times[7]!.toFixed(2)} ms, fastest ${times[0]!.toFixed(2)} (at most ${bound})`
    )
  })

const year = Effect.gen(function*() {
  const file = yield* fileOf("year")
  yield* Effect.gen(function*() {
    const history = yield* History
    const { count, live, now, series } = yield* recorder
    const from = performance.now()
    for (let day = 0; day < days; day++) yield* live(86_400, 60, 3600, () => undefined)
    yield* live(40_000, 60, 60, () => undefined)
    const seconds = (performance.now() - from) / 1000
    const bytes = statSync(file).size
    yield* Console.log(
      `${days} days a minute: ${count()} rows, ${megabytes(bytes)}, ${
        megabytes(bytes * 365 / days)
      } a year (at most 130), `
        + `${(bytes / count()).toFixed(2)} bytes a row, filled in ${seconds.toFixed(0)} s`
    )
    const until = now()
    const cellar = [{ place: series[40]!.place, property: "temperature" }]
    const all = series.map(({ place, property }) => ({ place, property }))
    const edges = (seconds: number, points: number) =>
      Array.from({ length: points + 1 }, (_, i) => until - seconds + seconds / points * i)
    const hourly = (seconds: number, width: number) => {
      const last = Math.ceil(until / width) * width
      return Array.from({ length: Math.ceil(seconds / width) + 1 }, (_, i) => last - seconds + width * i)
    }
    yield* timed(
      "24 h of a series, rows",
      2,
      Stream.runCollect(history.rows({ ...cellar[0]!, from: until - 86_400, to: until }))
    )
    yield* timed(
      "24 h of a series, 288 points",
      2,
      history.buckets({ of: cellar, edges: edges(86_400, 288), now: until })
    )
    yield* timed(
      "30 days of a series, 1,000 points",
      20,
      history.buckets({ of: cellar, edges: edges(30 * 86_400, 1000), now: until })
    )
    yield* timed(
      "a year of a series, 1,000 points that lie anywhere",
      20,
      history.buckets({ of: cellar, edges: edges(365 * 86_400, 1000), now: until })
    )
    yield* timed(
      "a year of a series, 973 points of 9 h",
      20,
      history.buckets({ of: cellar, edges: hourly(365 * 86_400, 9 * 3600), now: until })
    )
    yield* timed(
      `the last day of ${sensors} sensors, 288 points`,
      60,
      history.buckets({ of: all, edges: edges(86_400, 288), now: until })
    )
    yield* timed(
      `the last hour of ${sensors} sensors, 288 points`,
      60,
      history.buckets({ of: all, edges: edges(3600, 288), now: until })
    )
  }).pipe(Effect.provide(layerSqlite(file)))
}).pipe(Effect.scoped)

Effect.gen(function*() {
  yield* Console.log(`${sensors} sensors, of which ${changing * 100} % change from one reading to the next`)
  yield* written(60, 1.5)
  yield* written(10, 4)
  yield* year
}).pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
