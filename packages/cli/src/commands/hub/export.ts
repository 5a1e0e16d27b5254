import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as OwPath from "@effect-ownet/core/onewire/OwPath"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import * as Flags from "../../Flags.ts"
import * as Setup from "../../hub/Setup.ts"
import * as Task from "../../hub/Task.ts"
import type * as Upkeep from "../../hub/Upkeep.ts"
import * as Addresses from "../../server/Addresses.ts"
import * as OneNetwork from "../../server/OneNetwork.ts"
import * as Server from "../../server/Server.ts"
import { Settings } from "../../server/Settings.ts"
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

/** The configuration of the hub that keeps the history. */
const settingsOf = Effect.fnUntraced(function*(given: Option.Option<string>, history: string) {
  const path = Option.isSome(given) ? resolve(given.value) : join(dirname(history), "hub.yaml")
  if (Option.isNone(given) && !existsSync(path)) return undefined
  return (yield* Setup.readFile(path)).contents.config
})

/** Asks for an alias the servers that the flags or the environment name, or else those of the configuration. */
const asked = Effect.fnUntraced(function*(configured: ReadonlyArray<string> | undefined) {
  const settings = yield* Settings
  const server = Server.isNamed(settings.server)
    ? settings.server
    : Option.getOrElse(Addresses.fromString((configured ?? []).join(",")), () => [])
  return (alias: string): Effect.Effect<Upkeep.Aliased> =>
    !OwPath.isAlias(alias) ? Effect.succeed({}) : Effect.gen(function*() {
      const { network } = yield* OneNetwork.of(yield* Server.quietAddresses, yield* Server.clientOptions({}))
      return { id: RomId.format((yield* network.device(Catalogue.of, `/${alias}`)).id) }
    }).pipe(
      Effect.catch((error) =>
        Effect.succeed(
          error._tag === "OwnetError" && error.reason._tag === "NotFound" ? {} : { problem: error.message }
        )
      ),
      Effect.scoped,
      Effect.provideService(Settings, { ...settings, server })
    )
})

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
      Flag.withMetavar("<place>"),
      Flag.withDescription(
        "Only this place, by its ROM id, its name on the page or in hub.yaml, or the alias of its device on a server"
      ),
      Flag.optional
    ),
    output: Flag.String("output").pipe(
      Flag.withAlias("o"),
      Flag.withMetavar("<file>"),
      Flag.withDescription("The file to write to; standard output by default"),
      Flag.optional
    ),
    database: Flags.history,
    config: Flag.String("config").pipe(
      Flag.withMetavar("<file>"),
      Flag.withDescription("The hub.yaml with the names of places; by default the one next to the history"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function*({ config, database, format, from, output, place, to, what }) {
    const file = yield* Task.fileOf(Option.getOrUndefined(database))
    if (file !== (yield* Task.fileOnly(file).pipe(Effect.orElseSucceed(() => "")))) {
      return yield* new Failure.UsageError({
        message:
          "export a history in PostgreSQL from a running hub (/api/v1/export.csv), or with psql: its tables begin with ow_"
      })
    }
    const settings = Option.isSome(place) ? yield* settingsOf(config, file) : undefined
    const task: Upkeep.Task = {
      _tag: "Export",
      task: {
        file,
        byKey: settings?.places ?? {},
        what,
        format,
        from: Option.getOrUndefined(from),
        to: Option.getOrUndefined(to),
        place: Option.getOrUndefined(place),
        output: Option.getOrUndefined(Option.map(output, (path) => resolve(path)))
      }
    }
    const deviceOf = yield* asked(settings?.servers)
    yield* Task.run(task, { deviceOf })
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
