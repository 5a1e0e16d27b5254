/**
 * The whole command line, as `effect/cli` understands it.
 */
import * as CliConfig from "effect/cli/CliConfig"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { commands } from "./commands.ts"
import * as Flags from "./Flags.ts"
import * as Server from "./server/Server.ts"
import { Settings } from "./server/Settings.ts"
import * as Failure from "./show/Failure.ts"
import * as Help from "./terminal/Help.ts"
import * as Output from "./terminal/Output.ts"

/** Version of `ow`. The bundler replaces it. */
declare const OW_VERSION: string

/** The command `ow` without its subcommands: the flags that all of them take. */
const ow = Command.make("ow").pipe(
  Command.withDescription(
    "Reads, writes and watches the devices of a 1-Wire network, behind an owserver or on the kernel's own bus."
  ),
  Command.withSharedFlags({
    server: Flags.servers,
    timeout: Flags.duration(
      "timeout",
      "Time limit of a call, including all attempts, and of a whole scan or search; no limit by default"
    )
      .pipe(Flag.optional),
    retries: Flags.whole("retries", 0, "How often to try again after a temporary failure; 0 by default").pipe(
      Flag.withDefault(0)
    ),
    json: Flags.present("json", "Results as JSON, one value a line")
  })
)

const builtIns = [
  GlobalFlag.Help,
  GlobalFlag.Version,
  {
    ...GlobalFlag.Completions,
    flag: Flag.withMetavar(GlobalFlag.Completions.flag, "<shell>"),
    run: (shell, { command }) =>
      Option.isNone(shell)
        ? Effect.void
        : Effect.flatMap(
          Effect.promise(() => import("./completion/Script.ts")),
          (Script) => Output.drawn(Script.make(command, shell.value))
        )
  } satisfies typeof GlobalFlag.Completions
]

/** Prints help as a result, and a usage error as one or two lines, without the help around it. */
const presenter: CliOutput.Presenter = {
  present: (event) => {
    switch (event._tag) {
      case "Help":
        return Output.drawn(Help.format(event.helpDoc))
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

/** Hides the password of an address in a text. */
const withoutPassword = (text: string): string => text.replace(/:.*@/s, ":***@")

/** A usage error on one line, without secrets. Effect writes it on several lines, with one for each suggestion. */
const plain = (error: CliError.CliError): string => {
  const message = error._tag === "InvalidValue"
    ? error.message.replace(error.value, () => withoutPassword(error.value))
    : error.message
  const [mistake, meant] = message.split("Did you mean this?").map((part) => part.trim().replace(/\s+/g, " "))
  return mistake.replace(/\.$/, "") + (meant === undefined ? "" : `; did you mean ${meant.replaceAll(" ", " or ")}?`)
}

/** Commands that people know from other programs, and the commands that do the same here. */
const meant: ReadonlyMap<string, string> = new Map([
  ["read", "cat"],
  ["owread", "cat"],
  ["write", "set"],
  ["owwrite", "set"],
  ["dir", "ls"],
  ["owdir", "ls"],
  ["owget", "get"],
  ["list", "ls"],
  ["present", "exists"],
  ["owpresent", "exists"],
  ["owtree", "tree"],
  ["temperature", "convert"],
  ["temperatures", "convert"],
  ["temp", "convert"],
  ["search", "scan"],
  ["sensors", "scan"],
  ["find", "scan"],
  ["browse", "servers"],
  ["discover", "servers"],
  ["monitor", "watch"],
  ["poll", "watch"],
  ["follow", "watch"],
  ["alias", "set"],
  ["alarm", "alarms"],
  ["page", "hub"],
  ["dashboard", "hub"],
  ["web", "hub"],
  ["history", "hub"],
  ["csv", "log"],
  ["record", "log"],
  ["proxy", "snoop"],
  ["relay", "snoop"],
  ["sniff", "snoop"],
  ["trace", "snoop"],
  ["simulate", "serve"],
  ["server", "serve"]
])

/** Turns `ow help` and `ow help scan` into `--help`. */
const withHelp = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args[0] === "help" ? [...args.slice(1).filter((arg) => Object.hasOwn(commands, arg)).slice(0, 1), "--help"] : args

/**
 * Runs the command that the arguments name. It loads only the commands that they may name; for help and usage errors it loads
 * all.
 */
export const run = (
  given: ReadonlyArray<string>
): Effect.Effect<void, Failure.Failure | Failure.Ended> => {
  const args = withHelp(given)
  const command = meant.get(args[0])
  if (command !== undefined) {
    return Effect.fail(
      new Failure.UsageError({
        message: `${args[0]} is not a command; did you mean ow ${command}? See: ow ${command} --help`
      })
    )
  }
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
    Effect.provideService(Server.Several, (addresses, options) =>
      Effect.flatMap(
        Effect.promise(() => import("./server/Located.ts")),
        (Located) => Located.locator(addresses, options)
      )),
    Effect.provideService(CliOutput.Presenter, presenter),
    Effect.provideService(CliConfig.CliConfig, CliConfig.make({ builtIns }))
  )
  // `effect/cli` needs a platform only for prompts and for flags that name files. No command has either.
  return program as Effect.Effect<void, Failure.Failure | Failure.Ended>
}
