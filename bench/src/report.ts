/** The printed results. */
import { type Client, clients, floor } from "./clients.ts"
import { markdown, median, megabytes, milliseconds, rate, ratio, seconds, type Summary, time } from "./table.ts"
import { freshHouse, nameOf, type Workload } from "./workloads.ts"

export interface Result {
  readonly workload: Workload
  /** Summaries by the client's id. */
  readonly summaries: ReadonlyMap<string, Summary>
}

export const report = (results: ReadonlyArray<Result>): string => {
  const bursts = results.filter(({ workload }) => nameOf(workload) === "burst")
  const observed = results.filter(({ workload }) => workload.id === "observed")
  const typed = results.filter(({ workload }) => workload.clients?.includes("typed"))
  const starts = results.filter(({ workload }) => workload.task.loop === "starts")
  const fresh = results.filter(({ workload }) => nameOf(workload) === "fresh")
  const compared = results.filter((result) => ![...bursts, ...observed, ...typed, ...starts, ...fresh].includes(result))
  return [
    ...ratios(compared),
    ...heap(compared.filter(({ workload }) => workload.id === "W7")),
    ...startTimes(starts),
    ...burstTimes(bursts),
    ...freshTimes(fresh),
    ...forms("The cost of being observed, in W1r:", observed),
    ...forms("The cost of a type, one read after the other, on the synthetic server or the real one:", typed),
    ...problems(results)
  ].join("\n\n")
}

const section = (text: string, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => [
  text,
  markdown(rows)
]

const takingPart = (results: ReadonlyArray<Pick<Result, "summaries">>): ReadonlyArray<Client> =>
  clients.filter(({ id }) => results.some(({ summaries }) => summaries.has(id)))

const ratios = (results: ReadonlyArray<Result>): ReadonlyArray<string> => {
  if (results.length === 0) return []
  const taking = takingPart(results)
  const rows = taking.map(({ connects, id, label }) => [
    connects === "each" ? `${label} ¹` : label,
    ...results.map(({ summaries }) => ratio(summaries.get(id), summaries.get(floor)))
  ])
  const absolute = results.map(({ summaries }) => rate(summaries.get(floor)))
  return [
    ...section("Calls a second, as a ratio to the floor's:", [
      ["", ...results.map(({ workload }) => workload.id)],
      ...rows,
      ["FLOOR node:net, calls/s", ...absolute]
    ]),
    [
      ...results.map(({ workload: { id, server, title } }) => `${id.padEnd(4)}${title}; ${String(server)} server`),
      ...taking.some(({ connects }) => connects === "each")
        ? ["¹   opens a connection for each call, in every workload"]
        : []
    ].join("\n")
  ]
}

const heap = (results: ReadonlyArray<Result>): ReadonlyArray<string> =>
  results.flatMap(({ summaries }) =>
    section("Growth of the heap over 100,000 reads:", [
      ["W7", "MB"],
      ...clients.flatMap(({ id, label }) => {
        const growth = summaries.get(id)?.heapGrowth
        return growth === undefined ? [] : [[label, megabytes(growth)]]
      })
    ])
  )

const startTimes = (results: ReadonlyArray<Result>): ReadonlyArray<string> =>
  results.flatMap(({ summaries, workload: { id } }) =>
    section("From the start of a process to the first byte of a value, as a ratio to the floor's time:", [
      [id, "ratio to floor", "median ms"],
      ...takingPart(results).map(({ id, label }) => [
        label,
        ratio(summaries.get(id), summaries.get(floor), "time"),
        time(summaries.get(id))
      ])
    ])
  )

const burstTimes = (results: ReadonlyArray<Result>): ReadonlyArray<string> => {
  const rows = results.flatMap(({ summaries, workload: { title } }) =>
    [...summaries.values()].map(({ problem, times }) =>
      times.length === 0
        ? [title, "0", problem?.mark ?? "-", "-"]
        : [title, `${times.length}`, milliseconds(median(times)), milliseconds(Math.max(...times))]
    )
  )
  return rows.length === 0
    ? []
    : section("From the first request of a burst to its last answer, effect-ownet on the real server:", [
      ["burst", "times", "median ms", "slowest ms"],
      ...rows
    ])
}

const freshTimes = (results: ReadonlyArray<Result>): ReadonlyArray<string> => {
  const all = freshHouse.devices
  const rows = results.flatMap(({ summaries, workload: { task } }) =>
    takingPart([{ summaries }]).map(({ id, label }) => {
      const summary = summaries.get(id)
      const traffic = summary?.traffic
      return [
        label,
        `${task.limit}`,
        traffic === undefined ? "-" : (task.limit * traffic.requests).toFixed(0),
        traffic === undefined ? "-" : traffic.bytes.toFixed(0),
        seconds(summary, task.limit),
        seconds(summary, all)
      ]
    })
  )
  return rows.length === 0 ? [] : [
    ...section(`Fresh temperatures of ${all} thermometers on two buses, whose chips take 750 ms to measure:`, [
      ["fresh", "measured", "requests", "bytes each", "s", `s for ${all}`],
      ...rows
    ]),
    [
      "Rows but the first read past the cache, one after another, readTextMany one on each bus at a time. They were measured on",
      `fewer thermometers: what ${all} take is computed from that.`
    ].join("\n")
  ]
}

const forms = (title: string, results: ReadonlyArray<Result>): ReadonlyArray<string> =>
  results.flatMap(({ summaries, workload: { id } }) =>
    section(title, [
      [id, "ratio to plain", "ratio to floor", "calls/s"],
      ...takingPart(results).map(({ id, label }) => [
        label,
        ratio(summaries.get(id), summaries.get("effect-ownet")),
        ratio(summaries.get(id), summaries.get(floor)),
        rate(summaries.get(id))
      ])
    ])
  )

const problems = (results: ReadonlyArray<Result>): ReadonlyArray<string> => {
  const lines = results.flatMap(({ summaries, workload }) =>
    [...summaries].flatMap(([id, { problem }]) =>
      problem === undefined ? [] : [`${id}, ${workload.id}: ${problem.mark}: ${problem.detail}`]
    )
  )
  return lines.length === 0 ? [] : [lines.join("\n")]
}
