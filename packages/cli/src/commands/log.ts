import * as Printable from "@effect-ownet/core/protocol/Printable"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { extname } from "node:path"
import * as Flags from "../Flags.ts"
import * as Lifetime from "../Lifetime.ts"
import * as ControllingTerminal from "../log/ControllingTerminal.ts"
import * as Csv from "../log/Csv.ts"
import * as LogFile from "../log/LogFile.ts"
import * as Rotation from "../log/Rotation.ts"
import * as OneNetwork from "../server/OneNetwork.ts"
import type * as Server from "../server/Server.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"
import * as Time from "../terminal/Time.ts"
import * as Lines from "../watch/Lines.ts"
import * as Target from "../watch/Target.ts"
import * as Watch from "../watch/Watch.ts"

const formats = {
  csv: { title: "CSV", header: Csv.header, rowOf: Csv.rowOf },
  jsonl: { title: "JSON Lines", header: undefined, rowOf: (seen: Lines.Record) => Printable.json(seen) }
} as const

type Format = keyof typeof formats

interface Given extends Server.Options {
  readonly what: ReadonlyArray<string>
  readonly changes: boolean
  readonly count: Option.Option<number>
  readonly every: number
  readonly to: Option.Option<string>
  readonly as: Option.Option<Format>
  readonly rotate: Option.Option<Rotation.Rotation>
  readonly keep: Option.Option<number>
  readonly flush: Option.Option<number>
}

/** Destination of rows. */
type Sink = Pick<LogFile.LogFile, "add">

const formatOf = (path: string | undefined, isJson: boolean): Format => {
  if (path === undefined) return isJson ? "jsonl" : "csv"
  return /^\.(?:jsonl|ndjson|json)$/i.test(extname(path)) ? "jsonl" : "csv"
}

const usage = (message: string) => new Failure.UsageError({ message })

const log = Effect.fnUntraced(function*(given: Given) {
  const targets = yield* Effect.fromResult(Target.all(given.what))
  const isJson = yield* Output.Json
  const path = Option.getOrUndefined(Option.filter(given.to, (to) => to !== "-"))
  if (path === "") return yield* usage("--to needs the name of a file, or - for standard output")
  if (path === undefined && [given.rotate, given.keep, given.flush].some((option) => Option.isSome<unknown>(option))) {
    return yield* usage("--rotate, --keep and --flush need a file: name it with --to")
  }
  if (Option.isSome(given.keep) && Option.isNone(given.rotate)) {
    return yield* usage("--keep is the number of full files to keep: set with --rotate when a file is full")
  }
  const { header, rowOf, title } = formats[Option.getOrElse(given.as, () => formatOf(path, isJson))]
  const all = yield* OneNetwork.make(given)
  const sink = path === undefined ? printing : yield* writing(given, path, header)
  if (Option.isNone(given.count)) yield* Lifetime.untilStopped

  const seen = Watch.events(all, {
    targets,
    every: given.every,
    count: Option.getOrUndefined(given.count),
    changes: given.changes
  })
  const records = new Lines.Records(all)
  const notes = new Lines.WatchLines(all)
  let isBegun = false
  const begin = Effect.suspend(() => {
    if (isBegun) return Effect.void
    isBegun = true
    if (path !== undefined) {
      return isJson
        ? Effect.void
        : Output.note(
          `Appending to ${path} every ${Time.spanOf(given.every)}, as ${title}${
            Option.isNone(given.count) ? ", until Ctrl-C" : ""
          }.`
        )
    }
    return header === undefined ? Effect.void : Output.line(header)
  })
  yield* Output.withProgress(
    "looking for devices …",
    Stream.runForEach(seen, (event) =>
      Effect.gen(function*() {
        yield* Output.progressing("")
        yield* begin
        // Events that go to a file also appear on the terminal, without the values.
        if (path !== undefined && !isJson && event._tag !== "Reading") yield* notes.tell(event)
        for (const record of records.of(event)) yield* sink.add(record.time.getTime(), rowOf(record))
      }))
  )
}, Effect.scoped)

const printing: Sink = { add: (_, text) => Output.drawn(text) }

const writing = Effect.fnUntraced(function*(given: Given, path: string, header: string | undefined) {
  const file = yield* LogFile.make({
    path,
    header,
    flush: Option.getOrElse(given.flush, () => 1000),
    rotation: Option.getOrUndefined(given.rotate),
    keep: Option.getOrUndefined(given.keep)
  })
  const hadTerminal = ControllingTerminal.isThere()
  const run = Effect.runForkWith(yield* Effect.context<never>())
  yield* Lifetime.onHangUp(() => {
    if (hadTerminal && !ControllingTerminal.isThere()) return false
    run(file.reopen)
    return true
  })
  return file
})

export const command = Command.make(
  "log",
  {
    to: Flag.String("to").pipe(
      Flag.withMetavar("<file>"),
      Flag.withDescription("The file to append to; - is standard output, as by default"),
      Flag.optional
    ),
    as: Flag.Literals("format", ["csv", "jsonl"]).pipe(
      Flag.withDescription("CSV or JSON Lines; by default according to the file name, or else CSV"),
      Flag.optional
    ),
    rotate: Flag.String("rotate").pipe(
      Flag.withMetavar("<when>"),
      Flag.withDescription(
        "When to set the file aside and start a new one: after a time in UTC, such as 1d, or before a size, such as 10MB; never by default"
      ),
      Flag.filterMap(
        Rotation.fromString,
        () => "whole minutes, such as 1d, 1w or 12h, or a size from 1kB, such as 10MB"
      ),
      Flag.optional
    ),
    keep: Flags.whole("keep", 1, "Number of full files to keep; all by default").pipe(Flag.optional),
    flush: Flags.duration(
      "flush",
      "How long rows may wait to be written, which spares the SD card; 1s by default"
    ).pipe(Flag.optional),
    every: Flags.duration("every", "Time between rounds of readings; 10s by default").pipe(
      Flag.withDefault(10_000)
    ),
    ...Flags.watched
  },
  log
).pipe(
  Command.withDescription(
    "Writes what ow watch shows to a file: a row for each reading, each failure and each device that comes or goes, with times in UTC."
      + " It continues where an earlier run ended. Ctrl-C ends it."
  ),
  Command.withShortDescription("Log values to a file"),
  Command.withExamples([
    { command: "ow log --to house.csv", description: "All devices, every 10 seconds" },
    { command: "ow log kitchen DS18B20 --every 1m --to house.jsonl", description: "Some of them, as JSON Lines" },
    { command: "ow log --to /var/log/house.csv --rotate 1d --keep 30", description: "One file per day, for a month" },
    { command: "ow log --count 1 > now.csv", description: "One round, on standard output" }
  ])
)
