import type * as OwClient from "@effect-ownet/core/client/OwClient"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import * as Server from "../server/Server.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"
import * as Screen from "../terminal/Screen.ts"
import { WatchTable } from "../watch/Dashboard.ts"
import * as Lines from "../watch/Lines.ts"
import * as Target from "../watch/Target.ts"
import * as Watch from "../watch/Watch.ts"

interface Given extends Server.Options {
  readonly what: ReadonlyArray<string>
  readonly every: number
  readonly changes: boolean
  readonly count: Option.Option<number>
}

const watch = Effect.fnUntraced(function*(given: Given) {
  const targets = given.what.length === 0
    ? [Target.all]
    : yield* Effect.forEach(given.what, (text) => Effect.fromResult(Target.fromString(text)))
  const clients = yield* Effect.forEach(yield* Server.addresses, (address) => Server.connect(address, given))
  const sources = yield* Output.withProgress("looking for devices …", findFirst(clients, targets))
  const options: Watch.Options = {
    targets,
    every: given.every,
    count: Option.getOrUndefined(given.count),
    changes: given.changes
  }
  const events = Watch.events(sources, options)
  const isJson = yield* Output.Json
  if (isJson) return yield* Stream.runForEach(events, Lines.json)
  if (!Output.isTerminal() || options.changes) return yield* Stream.runForEach(events, new Lines.WatchLines().tell)
  const table = new WatchTable(clients.map(({ server }) => server), options.every)
  return yield* show(table, Stream.runForEach(events, (event) => Effect.sync(() => table.take(event))))
}, Effect.scoped)

/** Asks each server what there is to watch. It fails where there is nothing. */
const findFirst = Effect.fnUntraced(function*(
  clients: ReadonlyArray<OwClient.Client>,
  targets: ReadonlyArray<Target.Target>
): Effect.fn.Return<ReadonlyArray<Watch.Source>, Failure.Failure | Failure.Ended> {
  const sources = yield* Effect.forEach(
    clients,
    (ow) => Effect.map(Effect.result(Target.resolve(ow, targets)), (first): Watch.Source => ({ ow, first })),
    { concurrency: "unbounded" }
  )
  const failures = sources.flatMap(({ first }) => Result.isFailure(first) ? [first.failure] : [])
  const found = sources.flatMap(({ first, ow }) => Result.isSuccess(first) ? [{ ow, ...first.success }] : [])
  if (found.length === 0) yield* Failure.forEach(failures, Effect.fail)
  // What one server does not have, another one may; one that does not answer yet, too.
  if (failures.length > 0) return sources
  const missing = targets.flatMap((target) => {
    const refusals = found.flatMap(({ missing, ow }) => {
      const error = missing.get(target)
      return error === undefined ? [] : [{ ow, error }]
    })
    return refusals.length === found.length ? refusals : []
  })
  yield* Failure.forEach(missing, ({ error, ow }) => Server.explained(ow, Effect.fail(error)))
  if (found.some(({ properties }) => properties.length > 0)) return sources
  const problems = found.flatMap(({ failures }) => failures.map(({ error }) => error))
  yield* Failure.forEach(problems, Effect.fail)
  return yield* new Failure.LocalError({
    message: `nothing to watch at ${
      clients.map(({ server }) => server).join(", ")
    }: no such device, or none that measures`
  })
})

/** Keeps a table on the terminal. */
const show = Effect.fnUntraced(function*<A, E, R>(table: WatchTable, work: Effect.Effect<A, E, R>) {
  const screen = yield* Screen.make
  const draw = Effect.flatMap(DateTime.nowAsDate, (now) => screen.show((size) => table.lines(size, now)))
  const drawing = Effect.repeat(draw, Schedule.spaced("100 millis"))
  yield* Effect.raceFirst(drawing, work).pipe(Effect.ensuring(draw))
})

export const command = Command.make(
  "watch",
  {
    what: Argument.String("what").pipe(
      Argument.withDescription(
        "Properties, such as livingroom/humidity; devices, by alias or ROM id; families, such as 28 or DS18B20"
      ),
      Argument.variadic()
    ),
    every: Flags.duration("every", "From one round of readings to the next; 2s by default").pipe(
      Flag.withDefault(2000)
    ),
    changes: Flags.present("changes", "Only what is new: a line for each value that differs from the one before"),
    count: Flags.whole("count", 1, "End after so many rounds").pipe(Flag.optional),
    uncached: Flag.Boolean("uncached").pipe(
      Flag.withDescription(
        "Ask the devices themselves, as by default; --no-uncached takes what the server has, for 15 seconds, of a value"
      ),
      Flag.withDefault(true)
    ),
    units: Flags.units
  },
  watch
).pipe(
  Command.withDescription(
    "Reads values again and again: of all devices what they measure, or what is named. On a terminal it shows a table with"
      + " charts, elsewhere a line for each reading. Ctrl-C ends it."
  ),
  Command.withShortDescription("Watch values"),
  Command.withExamples([
    { command: "ow watch", description: "All devices" },
    { command: "ow watch livingroom DS18B20 --every 10s", description: "A device by alias, and all of one kind" },
    { command: "ow watch 29.000029D60300/sensed.0 --changes", description: "A contact, whenever it opens or closes" },
    { command: "ow watch -s attic -s cellar", description: "The devices of two servers" },
    { command: "ow watch 28.000028D70100 --json --count 10 > log.jsonl", description: "Ten readings for a program" }
  ])
)
