/**
 * Arguments as `effect/cli` understands them.
 */
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import { commands } from "./commands.ts"
import { ow } from "./Ow.ts"
import { Settings } from "./server/Settings.ts"
import * as Failure from "./show/Failure.ts"
import * as Help from "./terminal/Help.ts"
import * as Output from "./terminal/Output.ts"

/** Replaced when the command is bundled. */
declare const OW_VERSION: string

const builtIns = [
  GlobalFlag.Help,
  GlobalFlag.Version,
  { ...GlobalFlag.Completions, flag: Flag.withMetavar(GlobalFlag.Completions.flag, "<shell>") }
]

/** Help is a result. A mistake is told in a line or two, not buried under the help. */
const presenter: CliOutput.Presenter = {
  present: (event) => {
    switch (event._tag) {
      case "Help":
        return Output.line(Help.format(event.helpDoc))
      case "Version":
        return Output.line(`${event.name} ${event.version}`)
      case "InvalidInvocation":
        return Failure.tell(
          new Failure.UsageError({
            message: `${event.errors.map(plain).join("; ").replace(/[^?]$/, "$&.")} See: ${
              event.commandPath.join(" ")
            } --help`
          })
        )
    }
  }
}

/** Mistakes come in sentences on lines of their own, with what may have been meant, one a line. */
const plain = ({ message }: CliError.CliError): string => {
  const [mistake, meant] = message.split("Did you mean this?").map((part) => part.trim().replace(/\s+/g, " "))
  return mistake.replace(/\.$/, "") + (meant === undefined ? "" : `; did you mean ${meant.replaceAll(" ", " or ")}?`)
}

/** Runs the command that the arguments name. Commands are loaded that they may name; help and what is no command load all. */
export const run = (
  args: ReadonlyArray<string>
): Effect.Effect<void, Failure.Failure | Failure.Ended> => {
  const leading = args.includes("--") ? args.slice(0, args.indexOf("--")) : args
  const all = Object.values(commands)
  const named = Object.entries(commands).flatMap(([name, load]) => leading.includes(name) ? [load] : [])
  const isAboutAll = named.length === 0
    || !(args[0].startsWith("-") || Object.hasOwn(commands, args[0]))
    || leading.some((arg) => arg.startsWith("--completions"))
  const program = Effect.gen(function*() {
    const loaded = yield* Effect.promise(() => Promise.all((isAboutAll ? all : named).map((load) => load())))
    const complete = ow.pipe(
      Command.withSubcommands(loaded.map(({ command }) => command)),
      Command.provideSync(Settings, (settings) => settings)
    )
    return yield* Command.runWith(complete, { version: OW_VERSION })(args)
  }).pipe(
    Effect.catchIf(
      CliError.isCliError,
      (error): Effect.Effect<void, Failure.Failure | Failure.Ended> =>
        error._tag !== "ShowHelp"
          ? Effect.fail(new Failure.UsageError({ message: plain(error) }))
          : error.errors.length === 0
          ? Effect.void
          : Effect.fail(new Failure.Ended({ status: Failure.statuses.usage }))
    ),
    Effect.provideService(CliOutput.Presenter, presenter),
    Effect.provideService(CliConfig.CliConfig, CliConfig.make({ builtIns }))
  )
  // The platform that the parser may ask for is for prompts, and for flags that name files: there are none of either.
  return program as Effect.Effect<void, Failure.Failure | Failure.Ended>
}
