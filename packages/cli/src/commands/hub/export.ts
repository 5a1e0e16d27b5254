import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { resolve } from "node:path"
import * as Flags from "../../Flags.ts"
import * as Task from "../../hub/Task.ts"
import * as Failure from "../../show/Failure.ts"

/** Seconds since 1970 of a day or a time in UTC, or of a number of such seconds. */
const momentOf = (text: string): Option.Option<number> => {
  const seconds = /^\d{1,12}$/.test(text)
    ? Number(text)
    : /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?Z)?$/.test(text)
    ? Date.parse(text) / 1000
    : NaN
  return Number.isFinite(seconds) ? Option.some(seconds) : Option.none()
}

const moment = (name: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("<time>"),
    Flag.withDescription(description),
    Flag.filterMap(
      momentOf,
      () => "a day such as 2026-01-31, a moment such as 2026-01-31T12:00Z, or seconds since 1970"
    ),
    Flag.optional
  )

export const command = Command.make(
  "export",
  {
    what: Argument.Literals("what", ["rows", "places", "events"]).pipe(
      Argument.withDescription("rows (the default), places or events"),
      Argument.withDefault("rows" as const)
    ),
    format: Flag.Literals("format", ["csv", "ndjson"]).pipe(
      Flag.withDescription("csv (the default), or ndjson, one line of JSON each"),
      Flag.withDefault("csv" as const)
    ),
    from: moment("from", "The start; by default that of the history"),
    to: moment("to", "The end, exclusive; by default that of the history"),
    place: Flag.String("place").pipe(
      Flag.withMetavar("<key>"),
      Flag.withDescription("Only this place, by its key or its name"),
      Flag.optional
    ),
    output: Flag.String("output").pipe(
      Flag.withAlias("o"),
      Flag.withMetavar("<file>"),
      Flag.withDescription("The file to write to; standard output by default"),
      Flag.optional
    ),
    database: Flags.history
  },
  Effect.fnUntraced(function*({ database, format, from, output, place, to, what }) {
    const file = yield* Task.fileOf(Option.getOrUndefined(database))
    if (file !== (yield* Task.fileOnly(file).pipe(Effect.orElseSucceed(() => "")))) {
      return yield* new Failure.UsageError({
        message:
          "a PostgreSQL is exported by a hub that runs (/api/v1/export.csv), or by psql: its tables begin with ow_"
      })
    }
    yield* Task.run({
      _tag: "Export",
      task: {
        file,
        what,
        format,
        from: Option.getOrUndefined(from),
        to: Option.getOrUndefined(to),
        place: Option.getOrUndefined(place),
        output: Option.getOrUndefined(Option.map(output, (path) => resolve(path)))
      }
    })
  })
).pipe(
  Command.withDescription(
    "Prints the history as text, whether or not the hub runs: rows of all properties, ordered by time; places; or events, the"
      + " latest first."
  ),
  Command.withShortDescription("Print the history as CSV or JSON lines"),
  Command.withExamples([
    {
      command: "ow hub export --place freezer --from 2026-01-01 --to 2026-02-01 -o freezer.csv",
      description: "One month of one place"
    }
  ])
)
