/** The arithmetic and the text of the tables. */
import type { Traffic } from "./house/House.ts"
import type { Measurement } from "./task.ts"

/** Result of one round of one client, and the traffic of its server, if it counts. */
export type Run = Measurement & { readonly traffic?: Traffic } | { readonly failed: string }

/** Summary of all rounds of a client. */
export interface Summary {
  /** The median of the calls per second. `undefined` unless all answers were right. */
  readonly rate: number | undefined
  /** The median of the times, if they are measured. `undefined` unless all answers were right. */
  readonly time: number | undefined
  readonly problem: { readonly mark: "wrong" | "failed"; readonly detail: string } | undefined
  readonly heapGrowth: number | undefined
  /** The medians of a call's requests and bytes. */
  readonly traffic: Traffic | undefined
  /** Milliseconds of the bursts, or starts, of all rounds. */
  readonly times: ReadonlyArray<number>
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  return (lower + upper) / 2
}

export const summarize = (runs: ReadonlyArray<Run>): Summary => {
  const done = runs.flatMap((run) => "failed" in run ? [] : [run])
  const growths = done.flatMap(({ heapGrowth }) => heapGrowth ?? [])
  const times = done.flatMap(({ times }) => times ?? [])
  const traffics = done.flatMap(({ calls, traffic }) =>
    traffic === undefined ? [] : [{ requests: traffic.requests / calls, bytes: traffic.bytes / calls }]
  )
  const problem = problemOf(runs)
  return {
    rate: problem === undefined ? median(done.map(({ calls, seconds }) => calls / seconds)) : undefined,
    time: problem === undefined && times.length > 0 ? median(times) : undefined,
    problem,
    heapGrowth: growths.length === 0 ? undefined : median(growths),
    traffic: traffics.length === 0
      ? undefined
      : {
        requests: median(traffics.map(({ requests }) => requests)),
        bytes: median(traffics.map(({ bytes }) => bytes))
      },
    times
  }
}

const problemOf = (runs: ReadonlyArray<Run>): Summary["problem"] => {
  for (const run of runs) {
    if ("failed" in run) return { mark: "failed", detail: run.failed }
    if (run.wrong > 0) return { mark: "wrong", detail: run.firstWrong ?? `${run.wrong} answers` }
  }
  return undefined
}

const none = "-"

const marked = (summary: Summary | undefined): string => summary?.problem?.mark ?? none

export const ratio = (
  summary: Summary | undefined,
  base: Summary | undefined,
  of: "rate" | "time" = "rate"
): string => {
  const value = summary?.[of]
  const unit = base?.[of]
  return value === undefined || unit === undefined ? marked(summary) : (value / unit).toFixed(2)
}

export const rate = (summary: Summary | undefined): string =>
  summary?.rate === undefined ? marked(summary) : Math.round(summary.rate).toLocaleString("en")

export const time = (summary: Summary | undefined): string =>
  summary?.time === undefined ? marked(summary) : milliseconds(summary.time)

/** Seconds that the given number of calls takes. */
export const seconds = (summary: Summary | undefined, calls: number): string =>
  summary?.rate === undefined ? marked(summary) : (calls / summary.rate).toFixed(2)

export const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? none : (bytes / 1024 / 1024).toFixed(2)

export const milliseconds = (value: number): string => value.toFixed(2)

const line = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

/** A Markdown table with aligned columns: the first one contains words, the others numbers. */
export const markdown = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)))
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  const [head = [], ...body] = rows.map((row) => line(row.map(pad)))
  const rule = line(widths.map((width, column) => column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`))
  return [head, rule, ...body].join("\n")
}
