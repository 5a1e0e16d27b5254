import * as Connector from "@effect-ownet/core/client/Connector"
import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as NodeConnector from "@effect-ownet/node/NodeConnector"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Round from "../bench/Round.ts"
import * as Flags from "../Flags.ts"
import * as Server from "../server/Server.ts"
import { Settings } from "../server/Settings.ts"
import * as Content from "../show/Content.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"

/** A property that every server has. Reading it causes no bus traffic. */
const defaultPath = "/system/configuration/version"

/** Maximum connections. A server keeps only 20, for all of its clients. */
const mostConnections = 8

const mostMillis = 60_000

/** Default time limit of a read, in milliseconds, so that a server that hangs ends the benchmark. */
const defaultTimeout = 10_000

const bench = Effect.fnUntraced(function*(options: {
  readonly path: string
  readonly seconds: number
  readonly connections: number
}) {
  const { server: _, timeout } = yield* Settings
  const [address, ...others] = yield* Server.addresses
  if (others.length > 0) {
    return yield* new Failure.UsageError({ message: "bench measures one server: give --server once" })
  }
  const { connections, seconds: duration } = options
  const path = Content.pathOf(options.path)
  const ow = yield* Effect.provideServiceEffect(
    OwClient.make({
      lazy: true,
      maxConnections: connections,
      timeout: Option.getOrElse(timeout, () => defaultTimeout)
    }),
    Connector.Connector,
    NodeConnector.make(address)
  )
  // If the property cannot be read at all, it fails here, before any measurement.
  const bytes = (yield* Server.explained(ow, ow.read(path))).length
  const isJson = yield* Output.Json
  const server = ServerAddress.format(address)
  if (!isJson) {
    yield* Output.line(`${path} at ${server}, ${bytes} bytes; times in milliseconds`)
    yield* Output.drawn(Output.paint("dim", row("", "reads", "a second", "p50", "p90", "p99", "max", "errors")))
  }
  let firstError: Round.Round["firstError"]
  for (const count of new Set([1, connections])) {
    const { firstError: error, ...round } = yield* Round.run(ow, { path, connections: count, duration })
    firstError ??= error
    const { count: reads, errors, max, p50, p90, p99, perSecond } = round
    yield* isJson
      ? Output.json({ server, path, phase: count === 1 ? "sequential" : "concurrent", ...round })
      : Output.line(row(Round.connectionsOf(count), reads, perSecond, p50, p90, p99, max, errors))
  }
  if (firstError !== undefined) return yield* firstError
}, Effect.scoped)

const row = (name: string, ...cells: ReadonlyArray<string | number>): string =>
  name.padEnd(14) + cells.map((cell) => String(cell).padStart(10)).join("")

export const command = Command.make(
  "bench",
  {
    path: Argument.String("path").pipe(
      Argument.withDescription("A property to read; the server's version by default, which takes no time on a bus"),
      Argument.withDefault(defaultPath)
    ),
    seconds: Flags.duration("seconds", "How long to read, each way; 2 seconds by default, 60 at most").pipe(
      Flag.filter((millis) => millis <= mostMillis, () => "60 seconds at most"),
      Flag.withDefault(2000)
    ),
    connections: Flags.whole("connections", 1, "How many connections to read on at a time; 4 by default, 8 at most")
      .pipe(
        Flag.filter(
          (count) => count <= mostConnections,
          () => `at most ${mostConnections}: a server keeps 20 for all clients together`
        ),
        Flag.withDefault(4)
      )
  },
  bench
).pipe(
  Command.withDescription(
    "Reads a property over and over: first one read after another, then on several connections at a time. It shows how many " +
      "reads there were, how many per second, and how long they took: half of them no longer than p50, 90 in 100 no longer " +
      "than p90. It never retries, even with --retries."
  ),
  Command.withShortDescription("Measure how fast it answers"),
  Command.withExamples([
    { command: "ow bench -s raspberrypi", description: "How long the network and the server take" },
    {
      command: "ow bench /uncached/28.000028D70100/temperature --connections 1 --seconds 10",
      description: "How long a measurement takes"
    },
    { command: "ow bench --json | jq .p99", description: "For a program" }
  ])
)
