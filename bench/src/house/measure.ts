/** The cost of following a house: with some devices, with ten times as many, and with many servers. */
import { Effect, Schema, Stream } from "effect"
import { fileURLToPath } from "node:url"
import * as Placement from "../placement.ts"
import { markdown } from "../table.ts"
import { Figures, First, type House, type Job } from "./House.ts"

const follower = fileURLToPath(new URL("follower.ts", import.meta.url))

/** A house takes a minute. A house with a failing device is never read completely. */
const patience = "4 minutes"

/** Runs a job in a process that inherits nothing from earlier ones. */
const run = <A>(job: Job, core: number | undefined, figures: Schema.Codec<A>) =>
  Effect.gen(function*() {
    const argv = [process.execPath, "--no-warnings", "--expose-gc", follower, JSON.stringify(job)]
    const handle = yield* Placement.command(core, argv)
    const [out, err] = yield* Effect.all(
      [Stream.mkString(Stream.decodeText(handle.stdout)), Stream.mkString(Stream.decodeText(handle.stderr))],
      { concurrency: "unbounded" }
    )
    const code = yield* handle.exitCode
    if (code !== 0) return yield* Effect.fail(`a house was not measured: status ${code}: ${err.trim()}`)
    return yield* Schema.decodeEffect(Schema.fromJsonString(figures))(out)
  }).pipe(
    Effect.scoped,
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () => Effect.fail("a house was not measured: not everything was read in time")
    })
  )

/** Number of whole rounds to measure of each house. */
const rounds = 2

interface Column {
  readonly title: string
  readonly house: House
  readonly figures: Figures
}

const count = (value: number): string => value.toLocaleString("en")

/** Measures all houses, or smaller ones for a quick run, and returns their table. */
export const houses = Effect.fnUntraced(function*(
  isQuick: boolean,
  placement: Placement.Placement,
  progress: (text: string) => Effect.Effect<void>
) {
  const [some, servers] = isQuick ? [100, 30] : [1000, 300]
  const core = placement.server("split")
  const house: House = { servers: 1, buses: 4, devices: some, named: false, conversions: "instant" }
  const follow = Effect.fnUntraced(function*(title: string, house: House, together = false) {
    yield* progress(`house: ${title}`)
    const figures = yield* run({ house, refusing: 0, together, rounds, core }, placement.client, Figures)
    return { title, house, figures } satisfies Column
  })
  const small = yield* follow(count(some), house)
  const large = yield* follow(count(10 * some), { ...house, devices: 10 * some })
  const others = [
    yield* follow(`${count(10 * some)} with aliases`, { ...house, devices: 10 * some, named: true }),
    yield* follow(`${count(some)} together`, { ...house, conversions: "real" }, true),
    yield* follow(`${count(servers)} servers`, { ...house, servers, buses: 1, devices: 1 })
  ]
  const dead = servers / 3
  yield* progress("house: servers that refuse connections")
  const { firstCpu, firstTime } = yield* run(
    {
      house: { ...house, servers: servers - dead, buses: 1, devices: 1 },
      refusing: dead,
      together: false,
      rounds: 0,
      core
    },
    placement.client,
    First
  )
  return [
    "Houses of thermometers, followed and searched every 10 seconds:",
    table(small, large, others),
    `First values of ${servers - dead} servers, while ${dead} others refuse connections: after ${
      firstTime.toFixed(0)
    } ms, of which ${firstCpu.toFixed(0)} ms of CPU`
  ].join("\n\n")
})

interface Row {
  readonly title: string
  readonly of: (figures: Figures, house: House) => number
  readonly digits: number
  /** Whether the figure is per device, and should not grow with their number. */
  readonly isOfDevice: boolean
}

const devicesOf = ({ devices, servers }: House): number => servers * devices

const kilo = 1024

const rows: ReadonlyArray<Row> = [
  { title: "first values of all, ms", of: ({ firstTime }) => firstTime, digits: 0, isOfDevice: false },
  {
    title: "CPU of them a device, us",
    of: ({ firstCpu }, house) => 1000 * firstCpu / devicesOf(house),
    digits: 0,
    isOfDevice: true
  },
  {
    title: "requests for them a device",
    of: ({ firstRequests }, house) => firstRequests / devicesOf(house),
    digits: 3,
    isOfDevice: true
  },
  {
    title: "heap a device, kB",
    of: ({ heap }, house) => heap / kilo / devicesOf(house),
    digits: 2,
    isOfDevice: true
  },
  {
    title: "requests a device and round",
    of: ({ readings, requests }) => requests / readings,
    digits: 3,
    isOfDevice: true
  },
  {
    title: "bytes a device and round",
    of: ({ bytes, readings }) => bytes / readings,
    digits: 0,
    isOfDevice: true
  },
  {
    title: "CPU a reading, us",
    of: ({ cpu, readings }) => 1000 * cpu / readings,
    digits: 0,
    isOfDevice: true
  },
  { title: "failures", of: ({ failures }) => failures, digits: 0, isOfDevice: false },
  {
    title: "buffers a server, kB",
    of: ({ buffers }, { servers }) => buffers / kilo / servers,
    digits: 1,
    isOfDevice: false
  },
  { title: "timers", of: ({ timers }) => timers, digits: 0, isOfDevice: false },
  {
    title: "CPU of an idle server in 6 s, ms",
    of: ({ idleCpu }, { servers }) => idleCpu / servers,
    digits: 3,
    isOfDevice: false
  }
]

/** The houses next to each other, with the ratio of the cost per device for ten times as many devices. */
const table = (small: Column, large: Column, others: ReadonlyArray<Column>): string => {
  const cell = ({ digits, of }: Row, { figures, house }: Column): string => of(figures, house).toFixed(digits)
  const ratio = ({ isOfDevice, of }: Row): string =>
    isOfDevice ? (of(large.figures, large.house) / of(small.figures, small.house)).toFixed(2) : "-"
  return markdown([
    ["", small.title, large.title, "ratio", ...others.map(({ title }) => title)],
    ...rows.map((row) => [
      row.title,
      cell(row, small),
      cell(row, large),
      ratio(row),
      ...others.map((column) => cell(row, column))
    ])
  ])
}
