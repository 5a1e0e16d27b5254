/** The task of one process of the bench, and its report. Its requests come on its standard input. */
import { Schema } from "effect"

/** A path, and the expected result: the value, its length, or the number of entries. */
export type Request = readonly [path: string, expected: string]

export const Task = Schema.Struct({
  port: Schema.FiniteFromString,
  /** Keep connections, or open one for each call. A client that supports only one of them does that. */
  connection: Schema.Literals(["kept", "each"]),
  /**
   * `callers` take the requests in turn; a `sweep` goes over them once; `bursts` send all of them at the same time; `starts`
   * start a process for each call, with the first request.
   */
  loop: Schema.Literals(["callers", "sweep", "bursts", "starts"]),
  callers: Schema.FiniteFromString,
  check: Schema.Literals(["value", "length", "entries"]),
  /** Maximum bytes of a value. */
  size: Schema.FiniteFromString,
  /** Maximum calls before the clock starts, and maximum seconds for them. */
  warm: Schema.FiniteFromString,
  warmSeconds: Schema.FiniteFromString,
  /** The calls, bursts or starts end at this number or after this time, whichever comes first. */
  limit: Schema.FiniteFromString,
  seconds: Schema.FiniteFromString
})

export type Task = typeof Task.Type

export const toArguments = (task: Task): ReadonlyArray<string> =>
  Object.entries(Schema.encodeSync(Task)(task)).map(([key, value]) => `${key}=${value}`)

export const fromArguments = (args: ReadonlyArray<string>): Task =>
  Schema.decodeUnknownSync(Task)(Object.fromEntries(args.map((argument) => argument.split("="))))

export const toLines = (requests: ReadonlyArray<Request>): string =>
  requests.map((request) => `${request.join("\t")}\n`).join("")

export const fromLines = (text: string): ReadonlyArray<Request> =>
  text.trimEnd().split("\n").map((line) => {
    const [path = "", expected = ""] = line.split("\t")
    return [path, expected]
  })

export const Measurement = Schema.Struct({
  calls: Schema.Finite,
  seconds: Schema.Finite,
  /** Number of wrong answers, and the first of them. */
  wrong: Schema.Finite,
  firstWrong: Schema.optionalKey(Schema.String),
  /** Increase of the heap in use over the calls, in bytes. */
  heapGrowth: Schema.optionalKey(Schema.Finite),
  /** Milliseconds of each burst, or of each start until its first byte. */
  times: Schema.optionalKey(Schema.Array(Schema.Finite))
})

export type Measurement = typeof Measurement.Type
