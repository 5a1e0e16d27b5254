import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import * as Flags from "../../Flags.ts"
import * as Given from "../../hub/Given.ts"
import * as Home from "../../hub/Home.ts"
import * as Setup from "../../hub/Setup.ts"
import * as Task from "../../hub/Task.ts"
import * as Server from "../../server/Server.ts"
import { Settings } from "../../server/Settings.ts"

/** The flags of a hub, as text that goes to the service unchanged. */
const textFlag = (name: string, { parse, takes }: Given.Key<unknown>) =>
  Flag.String(name).pipe(
    Flag.withMetavar("<value>"),
    Flag.withDescription(`As for ow hub: ${takes}`),
    Flag.filter((text) => Option.isSome(parse(text)), () => takes)
  )

const keysOf = <A extends object>(record: A) =>
  // The record has no other keys.
  Object.keys(record) as Array<keyof A & string>

// TypeScript loses the keys here, and the type of each key does not matter.
const singleFlags = Object.fromEntries(
  keysOf(Given.single).map((name) => [name, Flag.optional(textFlag(name, Given.single[name] as Given.Key<unknown>))])
) as Record<keyof typeof Given.single, Flag.Flag<Option.Option<string>>>
const pluralFlags = Object.fromEntries(
  keysOf(Given.plural).map((name) => [name, Flag.atLeast(textFlag(name, Given.plural[name]), 0)])
) as Record<keyof typeof Given.plural, Flag.Flag<ReadonlyArray<string>>>

interface Flagged {
  readonly single: Readonly<Record<keyof typeof Given.single, Option.Option<string>>>
  readonly plural: Readonly<Record<keyof typeof Given.plural, ReadonlyArray<string>>>
  readonly config: Option.Option<string>
  readonly print: boolean
  readonly yes: boolean
}

/** Servers that flags or the environment name. */
const serversOf = Effect.gen(function*() {
  const { server } = yield* Settings
  if (server.length > 0) return server.map((one) => one === "auto" ? one : ServerAddress.format(one))
  return Server.isNamed(server) ? (yield* Server.addresses).map((one) => ServerAddress.format(one)) : []
})

const textsOf = (single: Flagged["single"]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(single).flatMap(([name, text]) => Option.toArray(text).map((text) => [name, text]))
  )

/** Settings of a file that the unit depends on. A mistake in the file would make every start of the service fail. */
const fileOf = Effect.fnUntraced(function*(config: Option.Option<string>) {
  const path = Option.getOrElse(config, Home.serviceConfig)
  if (path === undefined || !existsSync(path)) return undefined
  const { contents } = yield* Setup.readFile(resolve(path))
  const { history, page } = contents.config
  return { listen: page?.listen, database: history?.database }
})

const install = Effect.fnUntraced(function*({ config, plural, print, single, yes }: Flagged) {
  const { retries, timeout } = yield* Settings
  yield* Task.run({
    _tag: "Install",
    task: {
      servers: yield* serversOf,
      local: ServerAddress.format(yield* Server.ofThisMachine),
      timeout: Option.getOrUndefined(timeout),
      retries,
      single: textsOf(single),
      plural,
      config: Option.getOrUndefined(config),
      file: yield* fileOf(config),
      isPrinted: print
    }
  }, { isAgreed: yes })
})

export const command = Command.make(
  "install",
  {
    single: singleFlags,
    plural: pluralFlags,
    config: Flag.String("config").pipe(
      Flag.withMetavar("<file>"),
      Flag.withDescription("As for ow hub: a file with these settings"),
      Flag.optional
    ),
    print: Flags.present("print", "Only print the unit"),
    yes: Flags.yes
  },
  install
).pipe(
  Command.withDescription(
    "Installs the hub as a systemd service with a watchdog, which starts with the computer. It shows the unit and what it does, asks,"
      + " and starts it. The flags are those of the hub. It needs root."
  ),
  Command.withShortDescription("Start the hub with the computer, by systemd"),
  Command.withExamples([
    {
      command: "sudo ow hub install -s raspberrypi --listen 0.0.0.0:8080",
      description: "A page for the network"
    },
    { command: "ow hub install -s raspberrypi --print > ow-hub.service", description: "Print the unit, to edit it" }
  ])
)
