import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Printable from "@effect-ownet/core/protocol/Printable"
import * as NodeConnector from "@effect-ownet/node/NodeConnector"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Lifetime from "../Lifetime.ts"
import * as KernelBus from "../server/KernelBus.ts"
import * as Listen from "../server/Listen.ts"
import * as Server from "../server/Server.ts"
import { Settings } from "../server/Settings.ts"
import * as Failure from "../show/Failure.ts"
import * as ListenProblem from "../show/ListenProblem.ts"
import type * as Snooping from "../snoop/Snooping.ts"
import * as LineBuffer from "../terminal/LineBuffer.ts"
import * as Output from "../terminal/Output.ts"
import * as Text from "../terminal/Text.ts"
import * as Time from "../terminal/Time.ts"

/** Default time limit of a connection to the server, in milliseconds. */
const patience = 10_000

const defaultPort = 14_304

const snoop = Effect.fnUntraced(function*({ listen }: { readonly listen: Listen.Anywhere }) {
  const { timeout } = yield* Settings
  const [server, ...others] = yield* Server.addresses
  if (server === undefined || others.length > 0) {
    return yield* new Failure.UsageError({ message: "snoop relays to one server: give --server once" })
  }
  const isJson = yield* Output.Json
  const name = ServerAddress.format(server)
  const target = ServerAddress.isW1(server) ? yield* endpointOf(server) : server
  const { start } = yield* Effect.promise(() => import("../snoop/Snooping.ts"))
  const lines = LineBuffer.make((count) =>
    isJson
      ? Printable.json({ event: "left-out", lines: count })
      : `${count} ${count === 1 ? "line was" : "lines were"} left out, because nobody read them in time`
  )
  const run = Effect.runSyncWith(yield* Effect.context<never>())
  const show = (connection: number, line: Snooping.Line): void => {
    const now = run(DateTime.nowAsDate)
    lines.add(
      "json" in line
        ? Printable.json({ time: now, connection, ...line.json })
        : Text.line(
          [{ text: `${Time.timeOf(now)}.${String(now.getMilliseconds()).padStart(3, "0")}`, color: "dim" }, {
            text: `  #${connection}  `
          }, ...line.spans],
          Output.isTerminal() ? Output.columns() : Infinity
        )
    )
  }
  yield* Lifetime.untilStopped
  const relay = Effect.callback<never, Snooping.Problem>((resume) => {
    const stop = start({
      ...listen,
      server: target,
      name,
      isJson,
      connectTimeout: Option.getOrElse(timeout, () => patience)
    }, {
      onReady: (port) => run(ready(listen.host, port, name)),
      onFailure: (problem) => resume(Effect.fail(problem)),
      onLine: show
    })
    return Effect.sync(stop)
  })
  const flushing = Effect.repeat(Effect.sync(lines.flush), Schedule.spaced("50 millis"))
  yield* Effect.raceFirst(relay, flushing).pipe(
    Effect.ensuring(Effect.sync(lines.flush)),
    Effect.catch((problem) => failureOf(problem, listen, name))
  )
})

/** The kernel's own bus, which this process serves itself. A link to it is made of plain calls, as the relay needs it. */
const endpointOf = (address: ServerAddress.W1Address) =>
  NodeConnector.make(address).pipe(
    Effect.flatMap(({ resolve }) => resolve),
    Effect.provideService(NodeConnector.W1Options, KernelBus.options()),
    Effect.mapBoth({
      onSuccess: ([endpoint]) => endpoint,
      onFailure: ({ message }) => new Failure.NoServer({ message })
    })
  )

/** Reports where it listens: first to programs, and to people next to the messages. */
const ready = Effect.fnUntraced(function*(host: string | undefined, port: number, server: string) {
  const where = host === undefined ? `:${port}` : ServerAddress.format({ host, port })
  if (yield* Output.Json) {
    return yield* Output.json({ time: yield* DateTime.nowAsDate, event: "listening", host: host ?? null, port, server })
  }
  yield* Output.note(`Relaying ${where} to ${server} until Ctrl-C.`)
  yield* Output.note(`Try: ow scan -s ${ServerAddress.format({ host: host ?? "localhost", port })}`)
  if (host === undefined) yield* Output.note("Everyone on the network can use the server through it.")
})

const failureOf = (
  problem: Snooping.Problem,
  { host, port }: Listen.Anywhere,
  server: string
): Effect.Effect<never, Failure.UsageError | Failure.LocalError> => {
  const where = host === undefined ? `:${port}` : ServerAddress.format({ host, port })
  return problem._tag === "Circle"
    ? new Failure.UsageError({
      message: `${where} and the server ${server} are the same: choose another port with --listen`
    })
    : new Failure.LocalError({
      message: `cannot listen on ${where}: ${ListenProblem.of(problem.code, problem.problem)}`
    })
}

export const command = Command.make(
  "snoop",
  {
    listen: Flag.String("listen").pipe(
      Flag.withMetavar("<host:port>"),
      Flag.withDescription(
        `The address for clients: host:port, a port of 127.0.0.1, or :port for all addresses; 127.0.0.1:${defaultPort} by default, port 0 finds a free one`
      ),
      Flag.filterMap(Listen.anywhere, () => "host:port, [::1]:14304, a port alone, or :14304 for all addresses"),
      Flag.withDefault<Listen.Anywhere>({ host: "127.0.0.1", port: defaultPort })
    )
  },
  snoop
).pipe(
  Command.withDescription(
    "Relays any owserver clients to a server, and shows every message between them, decoded, one per line, until Ctrl-C."
      + " Bytes pass unchanged, even those that are not a message."
  ),
  Command.withShortDescription("Show what clients and a server say"),
  Command.withExamples([
    { command: "ow snoop -s raspberrypi", description: "Show what clients of 127.0.0.1:14304 ask, and what they get" },
    { command: "ow scan -s localhost:14304", description: "A client, in another terminal; any other one will do" },
    { command: "ow snoop -s raspberrypi --listen :4304", description: "For clients on other machines, too" },
    {
      command: "ow snoop -s raspberrypi --json | jq 'select(.millis > 1000)'",
      description: "Answers that took more than a second"
    }
  ])
)
