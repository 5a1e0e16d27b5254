import type * as Follow from "@effect-ownet/core/network/Follow"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import * as Lifetime from "../Lifetime.ts"
import * as OneNetwork from "../server/OneNetwork.ts"
import type * as Server from "../server/Server.ts"
import * as Keys from "../terminal/Keys.ts"
import * as Output from "../terminal/Output.ts"
import * as Screen from "../terminal/Screen.ts"
import { Dashboard } from "../watch/Dashboard.ts"
import * as Lines from "../watch/Lines.ts"
import * as Target from "../watch/Target.ts"
import * as Watch from "../watch/Watch.ts"

interface Given extends Server.Options {
  readonly what: ReadonlyArray<string>
  readonly changes: boolean
  readonly count: Option.Option<number>
  readonly every: number
}

const watch = Effect.fnUntraced(function*(given: Given) {
  const targets = yield* Effect.fromResult(Target.all(given.what))
  const all = yield* OneNetwork.make(given)
  const { changes, every } = given
  if (Option.isNone(given.count)) yield* Lifetime.untilStopped
  const seen = Watch.events(all, { targets, every, count: Option.getOrUndefined(given.count), changes })
  const events = Stream.tap(seen, () => Output.progressing(""))
  const isJson = yield* Output.Json
  const isTable = Output.isTerminal() && !isJson && !changes
  const table = new Dashboard(all.servers.map(({ name }) => name), every)
  const lines = new Lines.WatchLines(all)
  const records = new Lines.Records(all)
  const tell = isJson
    ? (event: Follow.Event) => Effect.forEach(records.of(event), Output.json, { discard: true })
    : lines.tell
  yield* Output.withProgress(
    "looking for devices …",
    isTable ? show(table, events) : Stream.runForEach(events, tell)
  )
}, Effect.scoped)

/** Keeps a table on the terminal, once it has something to show. */
const show = Effect.fnUntraced(function*<E, R>(table: Dashboard, events: Stream.Stream<Follow.Event, E, R>) {
  const begun = yield* Deferred.make<void>()
  const work = Stream.runForEach(events, (seen) =>
    Effect.sync(() => {
      table.take(seen)
      Deferred.doneUnsafe(begun, Effect.void)
    }))
  const drawing = Effect.gen(function*() {
    yield* Deferred.await(begun)
    const ended = yield* Deferred.make<void>()
    const run = Effect.runForkWith(yield* Effect.context<never>())
    let draw = Effect.void
    // This comes before the screen: in the background of a shell it stops the process until it is called to the foreground.
    yield* Keys.listen((key) => {
      if (table.press(key)) Deferred.doneUnsafe(ended, Effect.void)
      else run(draw)
    })
    const screen = yield* Screen.make
    draw = Effect.flatMap(DateTime.nowAsDate, (now) => screen.show((size) => table.lines(size, now)))
    const drawing = Effect.repeat(draw, Schedule.spaced("100 millis"))
    yield* Effect.ensuring(Effect.raceFirst(drawing, Deferred.await(ended)), draw)
  })
  yield* Effect.raceFirst(Effect.scoped(drawing), work)
})

export const command = Command.make(
  "watch",
  {
    every: Flags.duration("every", "Time between rounds of readings; 2s by default").pipe(
      Flag.withDefault(2000)
    ),
    ...Flags.watched
  },
  watch
).pipe(
  Command.withDescription(
    "Reads values again and again: what all devices measure, or what you name. On a terminal it shows a table with"
      + " charts, elsewhere one line per reading. Stop it with Ctrl-C."
  ),
  Command.withShortDescription("Watch values"),
  Command.withExamples([
    { command: "ow watch", description: "All devices" },
    { command: "ow watch livingroom DS18B20 --every 10s", description: "A device by alias, and all of one kind" },
    { command: "ow watch 29.000029D60300/sensed.0 --changes", description: "A contact, each time it opens or closes" },
    { command: "ow watch -s attic,cellar", description: "The devices of two servers" },
    { command: "ow watch 28.000028D70100 --json --count 10 > log.jsonl", description: "Ten readings for a program" }
  ])
)
