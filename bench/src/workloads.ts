/** What is measured. */
import type { Request, Task } from "./task.ts"

export interface Workload {
  readonly id: string
  readonly title: string
  readonly server: "synthetic" | "real"
  /**
   * A wake-up on another core costs as much as several calls, and drifts. One caller therefore shares a core with the
   * server; for many callers the two are split.
   */
  readonly cores: "same" | "split"
  readonly task: Omit<Task, "port">
  /** From the ids of the server's devices. */
  readonly requests: (devices: ReadonlyArray<string>) => ReadonlyArray<Request>
  /** Which clients run it, where it is not for all. */
  readonly clients?: ReadonlyArray<string>
  readonly maxRounds?: number
}

export interface Pace {
  readonly rounds: number
  readonly seconds: number
}

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

/** What `owserver --tester` computes: a tenth of the family, the bus and the number of the device. */
const testerTemperature = (id: string): string => {
  const byte = (at: number) => parseInt(id.replace(".", "").slice(2 * at, 2 * at + 2), 16)
  return String((byte(0) + byte(1) + 256 * byte(2) + byte(5) + 256 * byte(6)) / 10)
}

const cycle = (requests: ReadonlyArray<Request>, length: number): ReadonlyArray<Request> =>
  Array.from({ length: Math.ceil(length / requests.length) }, () => requests).flat().slice(0, length)

export const workloads = ({ seconds }: Pace): ReadonlyArray<Workload> => {
  const reads: Workload["task"] = {
    connection: "kept",
    loop: "callers",
    callers: 1,
    check: "value",
    size: 8192,
    warm: 10_000,
    limit: 1_000_000,
    seconds
  }
  const sweeps: Workload["task"] = {
    ...reads,
    loop: "sweep",
    callers: 32,
    warm: sweepLength,
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
      task: { ...reads, check: "entries", warm: 300 },
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
      task: { ...reads, connection: "each", loop: "starts", warm: 1, limit: startsARound, seconds: 30 },
      requests: () => [["/settings/units/temperature_scale", "C"]],
      clients: ["floor", "constant", "ow", "ow-parser", "owread", "perl", "owfs", "owjs"]
    },
    {
      ...same,
      id: "W7",
      title: "100,000 small reads, and the memory that they leave in use",
      server: "synthetic",
      task: { ...reads, warm: 200, limit: 100_000, seconds: 120 },
      maxRounds: 2
    },
    {
      id: "W8",
      title: "10,000 devices, 32 callers at a time",
      server: "synthetic",
      cores: "split",
      task: sweeps,
      requests: sweep
    },
    {
      id: "W8r",
      title: "10,000 reads of 8 devices, 32 callers at a time",
      server: "real",
      cores: "split",
      task: sweeps,
      requests: sweep
    },
    ...burstSizes.map((size): Workload => ({
      id: `burst ${size}`,
      title: `${size} reads at once`,
      server: "real",
      cores: "split",
      task: { ...reads, loop: "bursts", callers: size, warm: 10, limit: 50 },
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
    }
  ]
}

/** What `--workloads` calls it: the bursts of all sizes go by one name. */
export const nameOf = ({ id }: Workload): string => id.split(" ")[0] ?? id
