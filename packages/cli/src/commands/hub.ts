import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flags from "../Flags.ts"
import * as ConfigFile from "../hub/ConfigFile.ts"
import * as Given from "../hub/Given.ts"
import * as Hub from "../hub/Hub.ts"
import * as Lifetime from "../Lifetime.ts"
import { Settings } from "../server/Settings.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"

interface Flagged {
  readonly single: { readonly [K in keyof typeof Given.single]: Option.Option<NonNullable<Given.Given[K]>> }
  readonly plural: { readonly [K in keyof typeof Given.plural]: ReadonlyArray<ReadonlyArray<string>> }
  readonly config: Option.Option<string>
  readonly demo: boolean
}

/** What the flags say, then the environment, then the file. */
const givenBy = Effect.fnUntraced(function*({ config, demo, plural, single }: Flagged) {
  const file = Option.isNone(config) ? {} : yield* ConfigFile.read(config.value)
  const flags = [
    ...Object.entries<Option.Option<unknown>>(single).map(([key, value]) => [key, Option.getOrUndefined(value)]),
    ...Object.entries(plural).map(([key, lists]) => [key, lists.length === 0 ? undefined : lists.flat()])
  ].filter(([, value]) => value !== undefined)
  const given: ConfigFile.Contents = { ...file, ...Object.fromEntries(flags) }
  const settings = yield* Settings
  return {
    given: { ...given, demo: demo || file.demo === true, token: yield* tokenOf(single, file) },
    settings: { ...settings, server: settings.server.length > 0 ? settings.server : file.server ?? [] }
  }
})

const tokenOf = Effect.fnUntraced(function*(single: Flagged["single"], file: ConfigFile.Contents) {
  const { parse, takes } = Given.single.token
  const checked = (text: string, from: string) =>
    Effect.mapError(
      Effect.fromOption(parse(text)),
      () => new Failure.UsageError({ message: `the token of ${from} is not one: it takes ${takes}` })
    )
  const fromFile = (path: string) => Effect.flatMap(ConfigFile.readText(path), (text) => checked(text.trim(), path))
  if (Option.isSome(single.token)) return single.token.value
  if (Option.isSome(single["token-file"])) return yield* fromFile(single["token-file"].value)
  const variable = process.env["OW_HUB_TOKEN"]
  if (variable !== undefined && variable !== "") return yield* checked(variable, "OW_HUB_TOKEN")
  return file.token ?? (file["token-file"] === undefined ? undefined : yield* fromFile(file["token-file"]))
})

const hub = Effect.fnUntraced(function*(flagged: Flagged) {
  const { given, settings } = yield* givenBy(flagged)
  const options = yield* Effect.provideService(Hub.optionsOf(given), Settings, settings)
  yield* Lifetime.untilStopped
  return yield* Hub.run(options, {
    ready: Effect.fnUntraced(function*(where) {
      const url = Hub.urlOf(where)
      const database = Hub.shownDatabase(options)
      const servers = options.servers.map((server) => ServerAddress.format(server))
      if (yield* Output.Json) return yield* Output.json({ url, ...where, servers, database })
      yield* Output.line(url)
      if (where.port !== options.listen.port && options.listen.port !== 0) {
        yield* Output.note(
          `Another program has port ${options.listen.port}, so it is ${where.port}. --listen takes one for good.`
        )
      }
      if (servers.length === 0) {
        yield* Output.note(
          given.demo
            ? "The page shows a simulated house until Ctrl-C. Nothing of it is kept."
            : "No owserver was found, so the page shows a simulated house until Ctrl-C, and nothing of it is kept. Name yours by -s."
        )
      } else {
        yield* Output.note(`The page shows ${servers.join(" and ")} until Ctrl-C. The history is in ${database}.`)
      }
      if (!Hub.isLoopback(where.host)) {
        const elsewhere = Hub.elsewhere(where).map((url) => `, at ${url}`).join("")
        yield* Output.note(
          options.token === undefined
            ? `Everybody in the network can look${elsewhere}; changes from there need a --token.`
            : `Everybody in the network can look${elsewhere}, and change things with the token.`
        )
      }
    })
  })
})

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

export const command = Command.make(
  "hub",
  {
    single: {
      database: single(
        "database",
        "<file>",
        "Where the history is: a file, or postgres://USER:PASSWORD@HOST/DATABASE; hub.sqlite in the user's data by default"
      ),
      listen: single(
        "listen",
        "<host:port>",
        "Where the page is: host:port, or a port of this machine alone; 127.0.0.1:8080 by default, or the next free port"
      ),
      every: single("every", "<duration>", "From one round of readings to the next; 10s by default"),
      keep: single("keep", "<duration>", "How long the history is kept, such as 90d or 5y; 2y by default"),
      flush: single(
        "flush",
        "<duration>",
        "From one writing of the history to the next, which is what a power cut may cost; 1m by default"
      ),
      token: single(
        "token",
        "<token>",
        "What permits changes, also from elsewhere; OW_HUB_TOKEN and --token-file do not show it to other users"
      ),
      "token-file": single("token-file", "<file>", "A file with the token"),
      title: single("title", "<text>", "The name of the page")
    },
    plural: {
      "allow-write": plural(
        "allow-write",
        "<properties>",
        "What the page may switch, such as 'PIO.*'; several with commas between them, or by the flag again; nothing by default"
      ),
      host: plural(
        "host",
        "<name>",
        "A name that the page is reached by; addresses, localhost and names that end in .local need not be said"
      )
    },
    config: Flag.String("config").pipe(
      Flag.withMetavar("<file>"),
      Flag.withDescription("A JSON file with the same keys as these flags, which win over it"),
      Flag.optional
    ),
    demo: Flags.present("demo", "A simulated house with a month of history")
  },
  hub
).pipe(
  Command.withDescription(
    "Keeps a history of all sensors, and shows it with what they measure now on a page for the browser, until Ctrl-C. Without -s it"
      + " takes the server on this machine, else those that announce themselves, else a simulated house. It prints where the page is."
  ),
  Command.withShortDescription("Keep a history, and show a live page"),
  Command.withExamples([
    { command: "ow hub -s raspberrypi", description: "The page of a server, for this machine alone" },
    {
      command: "ow hub -s raspberrypi --listen 0.0.0.0:8080",
      description: "For the phone, too: everybody at home can look"
    },
    { command: "ow hub --allow-write 'PIO.*'", description: "With switches for relays" },
    { command: "ow hub --demo", description: "A simulated house, to try the page" }
  ])
)
