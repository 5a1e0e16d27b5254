import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Printable from "@effect-ownet/core/protocol/Printable"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import { resolve } from "node:path"
import * as Flags from "../Flags.ts"
import * as Given from "../hub/Given.ts"
import * as Home from "../hub/Home.ts"
import type * as Running from "../hub/Running.ts"
import * as Setup from "../hub/Setup.ts"
import * as Lifetime from "../Lifetime.ts"
import * as Listen from "../server/Listen.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"
import { command as backup } from "./hub/backup.ts"
import { command as downgrade } from "./hub/downgrade.ts"
import { command as exporting } from "./hub/export.ts"
import { command as install } from "./hub/install.ts"
import { command as restore } from "./hub/restore.ts"
import { command as uninstall } from "./hub/uninstall.ts"

interface Flagged {
  readonly single: { readonly [K in keyof typeof Given.single]: Option.Option<NonNullable<Given.Given[K]>> }
  readonly plural: { readonly [K in keyof typeof Given.plural]: ReadonlyArray<ReadonlyArray<string>> }
  readonly config: Option.Option<string>
  readonly demo: boolean
}

/** Settings of the flags. They override the environment. */
const askedBy = Effect.fnUntraced(function*({ demo, plural, single }: Omit<Flagged, "config">) {
  const flags = [
    ...Object.entries<Option.Option<unknown>>(single).map(([key, value]) => [key, Option.getOrUndefined(value)]),
    ...Object.entries(plural).map(([key, lists]) => [key, lists.length === 0 ? undefined : lists.flat()])
  ].filter(([, value]) => value !== undefined)
  const asked: Setup.Asked = {
    ...Object.fromEntries(flags),
    demo,
    token: yield* tokenOf(single),
    influx: yield* influxOf(single)
  }
  return asked
})

/** The file that the flag names, or the one next to the history. A simulated house has no file unless a flag names one. */
const fileOf = (config: Option.Option<string>, demo: boolean) => {
  const path = Option.getOrElse(
    Option.map(config, (path) => resolve(path)),
    () => demo ? undefined : Home.configOf(process.env, process.platform)
  )
  return path === undefined ? Effect.undefined : Setup.readFile(path)
}

const readText = (path: string): Effect.Effect<string, Failure.LocalError> =>
  Effect.try({
    try: () => Fs.readFileSync(path, "utf8").replace(/^\ufeff/, ""),
    catch: (cause) =>
      new Failure.LocalError({
        message: `${path}: cannot be read (${cause instanceof Error ? cause.message : String(cause)})`
      })
  })

const tokenOf = Effect.fnUntraced(function*(single: Flagged["single"]) {
  const { parse, takes } = Given.single.token
  const checked = (text: string, from: string) =>
    Effect.mapError(
      Effect.fromOption(parse(text)),
      () => new Failure.UsageError({ message: `the token in ${from} cannot be used. Expected: ${takes}` })
    )
  if (Option.isSome(single.token)) return single.token.value
  if (Option.isSome(single["token-file"])) {
    const path = single["token-file"].value
    return yield* checked((yield* readText(path)).trim(), path)
  }
  const variable = process.env["OW_HUB_TOKEN"]
  return variable === undefined || variable === "" ? undefined : yield* checked(variable, "OW_HUB_TOKEN")
})

const influxOf = Effect.fnUntraced(function*({ influx }: Flagged["single"]) {
  if (Option.isSome(influx)) return influx.value
  const variable = process.env["OW_HUB_INFLUX"]
  const { parse, takes } = Given.single.influx
  return variable === undefined || variable === ""
    ? undefined
    : yield* Effect.mapError(
      Effect.fromOption(parse(variable)),
      // The address may contain a password.
      () => new Failure.UsageError({ message: `the address in OW_HUB_INFLUX cannot be used. Expected: ${takes}` })
    )
})

const hub = Effect.fnUntraced(function*(flagged: Flagged) {
  const asked = yield* askedBy(flagged)
  const file = yield* fileOf(flagged.config, asked.demo)
  const options = yield* Setup.optionsOf(asked, file)
  yield* Lifetime.untilStopped
  return yield* Setup.run(options, file && { file, asked }, {
    ready: Effect.fnUntraced(function*(where) {
      const url = Setup.urlOf(where)
      const database = Setup.shownDatabase(options)
      const servers = options.servers.map((server) => ServerAddress.format(server))
      // Only line protocol may go to standard output.
      const isTaken = Setup.isOutputTaken(options)
      if (yield* Output.Json) {
        const told = { url, ...where, servers, database, ...runnerOf(options) }
        return yield* isTaken ? Output.note(Printable.json(told)) : Output.json(told)
      }
      yield* isTaken ? Output.note(url) : Output.line(url)
      if (where.port !== options.listen.port && options.listen.port !== 0) {
        yield* Output.note(
          `Another program uses port ${options.listen.port}, so the page is on port ${where.port}. Choose one with --listen.`
        )
      }
      const { fleet } = options
      if (fleet !== undefined) {
        yield* Output.note(
          `This is runner ${ServerAddress.format(fleet.runner)}${
            fleet.site === undefined ? "" : ` of site ${fleet.site}`
          } of the fleet in ${database}, until Ctrl-C. The page shows all of the fleet.`
        )
      } else if (options.isSimulated) {
        yield* Output.note(
          asked.demo
            ? "The page shows a simulated house until Ctrl-C. Its history is not kept."
            : "No owserver was found, so the page shows a simulated house until Ctrl-C, whose history is not kept. Name your server with -s, as in: ow hub -s raspberrypi" +
              (process.platform === "linux"
                ? ". To find out why the kernel shows no sensors of this machine: ow doctor -s w1:"
                : "")
        )
      } else {
        yield* Output.note(`The page shows ${servers.join(" and ")} until Ctrl-C. The history is in ${database}.`)
      }
      if (!Listen.isLoopback(where.host)) {
        const elsewhere = Setup.elsewhere(where).map((url) => ` at ${url}`).join("")
        yield* Output.note(
          options.token === undefined
            ? `Everyone on the network can view the page${elsewhere}. Nobody can make changes: those need a --token-file.`
            : `Everyone on the network can view the page${elsewhere}. Changes need the token.`
        )
      }
    })
  })
})

/** The place in a fleet, in a form for programs. */
const runnerOf = ({ fleet }: Running.Options) =>
  fleet === undefined ? {} : { runner: ServerAddress.format(fleet.runner), site: fleet.site ?? null }

const single = <K extends keyof typeof Given.single>(name: K, metavar: string, description: string) => {
  // TypeScript does not see that the key of a name parses the type of that name.
  const { parse, takes } = Given.single[name] as Given.Key<unknown> as Given.Key<NonNullable<Given.Given[K]>>
  return Flag.String(name).pipe(
    Flag.withMetavar(metavar),
    Flag.withDescription(description),
    Flag.filterMap(parse, () => takes),
    Flag.optional
  )
}

const plural = (name: keyof typeof Given.plural, metavar: string, description: string) => {
  const { parse, takes } = Given.plural[name]
  return Flag.String(name).pipe(
    Flag.withMetavar(metavar),
    Flag.withDescription(description),
    Flag.filterMap(parse, () => takes),
    Flag.atLeast(0)
  )
}

const flags = {
  single: {
    database: single(
      "database",
      "<file>",
      "The history: a file, or postgres://USER:PASSWORD@HOST/DATABASE; by default hub.sqlite in the user's data directory"
    ),
    listen: single(
      "listen",
      "<host:port>",
      "The address of the page: host:port, or a port, which only this machine can reach; 127.0.0.1:8080 by default, or the next free port"
    ),
    every: single("every", "<duration>", "Time between rounds of readings; 10s by default"),
    keep: single("keep", "<duration>", "How long to keep the history, such as 90d or 5y; 2y by default"),
    flush: single(
      "flush",
      "<duration>",
      "Time between writes of the history; a power cut loses what was not yet written; 1m by default"
    ),
    token: single(
      "token",
      "<token>",
      "A password for making changes, which then also works from other machines. Other users can see it here, but not in OW_HUB_TOKEN or --token-file"
    ),
    "token-file": single("token-file", "<file>", "A file that contains the token"),
    runner: single(
      "runner",
      "<host:port>",
      "Run as a runner of a fleet, at this address for the others; needs PostgreSQL as --database"
    ),
    "runner-listen": single(
      "runner-listen",
      "<host:port>",
      "The address that the runner listens on, if it differs from --runner"
    ),
    site: single("site", "<name>", "The site whose servers the runner follows, in addition to those without a site"),
    title: single("title", "<text>", "The title of the page; 1-Wire by default"),
    influx: single(
      "influx",
      "<url>",
      "Where to send readings in InfluxDB's line protocol; - is standard output. Other users can see it here, but not in OW_HUB_INFLUX"
    )
  },
  plural: {
    "allow-write": plural(
      "allow-write",
      "<properties>",
      "Properties that the page may write, such as 'PIO.*', separated by commas, or repeat the flag; none by default"
    ),
    host: plural(
      "host",
      "<name>",
      "Another host name that the page answers to, as behind a proxy; IP addresses, localhost and names that end in .local always work"
    )
  },
  config: Flag.String("config").pipe(
    Flag.withMetavar("<file>"),
    Flag.withDescription(
      "A configuration file; flags override it; by default hub.yaml in the user's data directory, if it exists"
    ),
    Flag.optional
  ),
  demo: Flags.present("demo", "A simulated house with a month of history")
}

const config = Command.make(
  "config",
  {
    ...flags,
    schema: Flags.present("schema", "The JSON schema of hub.yaml, with which an editor completes and explains it"),
    check: Flag.String("check").pipe(
      Flag.withMetavar("<file>"),
      Flag.withDescription("List only the mistakes of this file"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function*({ check, config, schema, ...flagged }) {
    if (schema) return yield* Output.bytes(yield* Setup.schema)
    if (Option.isSome(check)) return yield* Effect.asVoid(Setup.readFile(check.value))
    const asked = yield* askedBy(flagged)
    return yield* Output.bytes(yield* Setup.described(asked, yield* fileOf(config, asked.demo)))
  })
).pipe(
  Command.withDescription(
    "Prints the whole configuration as YAML with comments: each key with what it takes, its default, the value in force, and where"
      + " it was set. Secrets are not shown."
  ),
  Command.withShortDescription("Print the configuration, its schema, or its mistakes"),
  Command.withExamples([
    { command: "ow hub config > hub.yaml", description: "Create a file" },
    { command: "ow hub config --check hub.yaml", description: "List the mistakes of a file" },
    { command: "ow hub config --schema > hub.schema.json", description: "For an editor" }
  ])
)

export const command = Command.make("hub", flags, hub).pipe(
  Command.withDescription(
    "Shows all sensors on a web page, live and with their history, until Ctrl-C. It prints the address of the page. Without -s it uses"
      + " the server on this machine, else those that announce themselves, else the kernel's own bus, else a simulated house."
  ),
  Command.withShortDescription("Keep a history, and show a live page"),
  Command.withSubcommands([config, install, uninstall, backup, restore, exporting, downgrade]),
  Command.withExamples([
    { command: "ow hub -s raspberrypi", description: "Show the sensors of a server, on this machine only" },
    {
      command: "ow hub -s raspberrypi --listen 0.0.0.0:8080",
      description: "For the phone, too: everyone on the network can view the page"
    },
    { command: "ow hub --allow-write 'PIO.*'", description: "Let the page switch relays" },
    { command: "ow hub -s raspberrypi --influx -", description: "Print each reading in line protocol, for Telegraf" },
    {
      command: "ow hub --runner 10.8.0.2:34431 --database postgres://ow@db/ow",
      description: "One hub on several machines: ow fleet says which servers it follows"
    },
    { command: "ow hub --demo", description: "Try the page on a simulated house" }
  ])
)
