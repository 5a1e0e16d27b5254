/** The workloads. */
import { type House, temperatureOf } from "./house/House.ts"
import type { Request, Task } from "./task.ts"

export interface Workload {
  readonly id: string
  readonly title: string
  /** The servers of a house restart for each run, so that no chip has measured before, and their traffic is counted. */
  readonly server: "synthetic" | "real" | House
  /**
   * A wake-up on another core costs as much as several calls, and drifts. One caller therefore shares a core with the server.
   * With many callers, each side has a core.
   */
  readonly cores: "same" | "split"
  readonly task: Omit<Task, "port">
  /** Creates the requests from the ids of the server's devices. */
  readonly requests: (devices: ReadonlyArray<string>) => ReadonlyArray<Request>
  /** Clients that run it, if it is not for all. */
  readonly clients?: ReadonlyArray<string>
  /** Variants of clients that also run it. */
  readonly forms?: ReadonlyArray<string>
  readonly maxRounds?: number
}

export interface Pace {
  readonly rounds: number
  readonly seconds: number
  /** Warms clients up for seconds, on the core where they run, until V8 has compiled all code that they run. */
  readonly isWarmed: boolean
}

/** Seconds after which V8 has compiled everything. */
export const warmedSeconds = 5

const sweepLength = 10_000
const listingLength = 1000
const bigValue = 65_536
const startsARound = 8
const burstSizes = [2, 4, 8, 16, 32, 64, 128]

const smallReads: Workload["requests"] = (devices) => [
  [`/${devices.find((id) => id.startsWith("28."))}/type`, "DS18B20"],
  ["/settings/units/temperature_scale", "C"]
]

const sweep: Workload["requests"] = (devices) =>
  Array.from({ length: sweepLength }, (_, index) => {
    const id = devices[index % devices.length] ?? ""
    return [`/${id}/id`, id.slice(3)]
  })

/** The value that `owserver --tester` computes: a tenth of the family, the bus and the number of the device. */
const testerTemperature = (id: string): string => {
  const byte = (at: number) => parseInt(id.replace(".", "").slice(2 * at, 2 * at + 2), 16)
  return String((byte(0) + byte(1) + 256 * byte(2) + byte(5) + 256 * byte(6)) / 10)
}

const cycle = (requests: ReadonlyArray<Request>, length: number): ReadonlyArray<Request> =>
  Array.from({ length: Math.ceil(length / requests.length) }, () => requests).flat().slice(0, length)

/** Thermometers on two buses, with the same number on each. */
export const freshHouse: House = { servers: 1, buses: 2, devices: 100, named: false, conversions: "real" }

/** Number of thermometers to read one after another. Each takes the same time, so a few, on both buses, give the time of all. */
const freshSample = 6

const freshReads: Workload["requests"] = (paths) =>
  paths.map((path, at) => [`/uncached${path}/temperature`, `${temperatureOf(at)}`])

export const workloads = ({ isWarmed, seconds }: Pace): ReadonlyArray<Workload> => {
  const warmed = (calls: number): Pick<Task, "warm" | "warmSeconds"> =>
    isWarmed ? { warm: Number.MAX_SAFE_INTEGER, warmSeconds: warmedSeconds } : { warm: calls, warmSeconds: 2 }
  const reads: Workload["task"] = {
    connection: "kept",
    loop: "callers",
    callers: 1,
    check: "value",
    size: 8192,
    ...warmed(10_000),
    limit: 1_000_000,
    seconds
  }
  const sweeps: Workload["task"] = {
    ...reads,
    loop: "sweep",
    callers: 32,
    ...warmed(sweepLength),
    limit: sweepLength,
    seconds: 30
  }
  const same = { cores: "same", requests: smallReads, task: reads } as const
  return [
    { ...same, id: "W1", title: "small reads, one after the other", server: "synthetic" },
    { ...same, id: "W1r", title: "small reads, one after the other", server: "real" },
    {
      ...same,
      id: "W2r",
      title: "a connection for each read",
      server: "real",
      task: { ...reads, connection: "each" }
    },
    {
      ...same,
      id: "W3",
      title: `listings of ${listingLength} entries`,
      server: "synthetic",
      task: { ...reads, check: "entries", ...warmed(300) },
      requests: () => [[`/bus.${listingLength}`, `${listingLength}`]]
    },
    {
      id: "W4r",
      title: "small reads of 16 callers at a time",
      server: "real",
      cores: "split",
      task: { ...reads, callers: 16 },
      requests: smallReads
    },
    {
      ...same,
      id: "W5",
      title: "reads of 64 KiB",
      server: "synthetic",
      task: { ...reads, check: "length", size: bigValue },
      requests: () => [[`/big/${bigValue}`, `${bigValue}`]]
    },
    {
      ...same,
      id: "W6",
      title: "starts of a process, until the first byte of a value",
      server: "synthetic",
      task: { ...reads, connection: "each", loop: "starts", warm: 1, warmSeconds: 2, limit: startsARound, seconds: 30 },
      requests: () => [["/settings/units/temperature_scale", "C"]],
      clients: ["floor", "constant", "ow", "ow-parser", "owread", "perl", "owfs", "owjs"]
    },
    {
      ...same,
      id: "W7",
      title: "100,000 small reads, and the memory that they leave in use",
      server: "synthetic",
      task: { ...reads, warm: 200, warmSeconds: 2, limit: 100_000, seconds: 120 },
      maxRounds: 2
    },
    {
      id: "W8",
      title: "10,000 devices, 32 callers at a time",
      server: "synthetic",
      cores: "split",
      task: sweeps,
      requests: sweep,
      forms: ["many"]
    },
    {
      id: "W8r",
      title: "10,000 reads of 8 devices, 32 callers at a time",
      server: "real",
      cores: "split",
      task: sweeps,
      requests: sweep,
      forms: ["many"]
    },
    ...burstSizes.map((size): Workload => ({
      id: `burst ${size}`,
      title: `${size} reads at once`,
      server: "real",
      cores: "split",
      task: { ...reads, loop: "bursts", callers: size, ...warmed(10), limit: 50 },
      requests: (devices) => cycle(smallReads(devices), size),
      clients: ["effect-ownet"]
    })),
    {
      ...same,
      id: "typed",
      title: "reads of a temperature, as a text and as a number",
      server: "synthetic",
      requests: (devices) => [[`/${devices[0]}/temperature`, "21.4375"]],
      clients: ["floor", "effect-ownet", "typed"]
    },
    {
      ...same,
      id: "typedr",
      title: "the same",
      server: "real",
      requests: (devices) => {
        const id = devices.find((id) => id.startsWith("28.")) ?? ""
        return [[`/${id}/temperature`, testerTemperature(id)]]
      },
      clients: ["floor", "effect-ownet", "typed"]
    },
    {
      ...same,
      id: "observed",
      title: "W1r with what observes the calls turned on",
      server: "real",
      clients: ["floor", "effect-ownet", "metrics", "tracer"]
    },
    ...[
      { devices: freshHouse.devices, clients: ["convert"] },
      { devices: freshSample, clients: ["effect-ownet", "many", "perl", "pyownet", "owfs", "owjs", "owread-loop"] }
    ].map(({ clients, devices }): Workload => ({
      id: `fresh ${devices}`,
      title: "fresh temperatures",
      server: freshHouse,
      cores: "split",
      task: { ...reads, loop: "sweep", warm: 0, warmSeconds: 0, limit: devices, seconds: 120 },
      requests: freshReads,
      clients,
      maxRounds: 1
    }))
  ]
}

/** The name for `--workloads`. Bursts of all sizes share one name, and so do fresh values. */
export const nameOf = ({ id }: Workload): string => id.split(" ")[0] ?? id
