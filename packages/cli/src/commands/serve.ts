import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as NodeSimulatedServer from "@effect-ownet/node/testing/NodeSimulatedServer"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Flags from "../Flags.ts"
import * as Lifetime from "../Lifetime.ts"
import * as Devices from "../serve/Devices.ts"
import * as Faults from "../serve/Faults.ts"
import * as Listen from "../server/Listen.ts"
import { Settings } from "../server/Settings.ts"
import * as Failure from "../show/Failure.ts"
import * as ListenProblem from "../show/ListenProblem.ts"
import * as Output from "../terminal/Output.ts"

/** Family codes of devices that a house may have: thermometers, a battery monitor that measures humidity, switches. */
const defaultDevices = "28,28,10,26,29"

const serve = Effect.fnUntraced(function*(options: {
  readonly listen: { readonly host: string; readonly port: number }
  readonly devices: string
  readonly alive: boolean
  readonly faults: Option.Option<string>
  readonly seed: number
}) {
  if ((yield* Settings).server.length > 0) {
    return yield* new Failure.UsageError({
      message: "serve talks to no server, it is one: say where it listens by --listen"
    })
  }
  const faults = Option.map(options.faults, (text) => Faults.parse(text, options.seed))
  if (Option.isSome(faults) && Result.isFailure(faults.value)) {
    return yield* new Failure.UsageError({ message: `--faults: ${faults.value.failure}` })
  }
  const described = yield* Devices.parse(options.devices)
  const { host, port } = yield* NodeSimulatedServer.start(
    options.alive ? Devices.enliven(described) : described,
    { ...options.listen, faults: Option.isSome(faults) ? Result.getOrUndefined(faults.value) : undefined }
  ).pipe(
    Effect.catchTags({
      DescriptionError: ({ message }) => new Failure.LocalError({ message: `--devices: ${message}` }),
      OwserverError: ({ cause }) =>
        new Failure.LocalError({
          message: `cannot listen on ${ServerAddress.format(options.listen)}: ${problemOf(cause)}`
        })
    })
  )
  const where = ServerAddress.format({ host, port })
  if (yield* Output.Json) yield* Output.json({ host, port })
  else yield* Output.line(where)
  yield* Output.note(`A simulated owserver listens there until Ctrl-C. Try: ow tree -s ${where}`)
  yield* Lifetime.untilStopped
  return yield* Effect.never
}, Effect.scoped)

const problemOf = (cause: unknown): string =>
  ListenProblem.of(cause instanceof Error && "code" in cause ? cause.code : undefined, String(cause))

export const command = Command.make(
  "serve",
  {
    listen: Flag.String("listen").pipe(
      Flag.withMetavar("<host:port>"),
      Flag.withDescription(
        "Where to listen: host:port, or a port of 127.0.0.1; 127.0.0.1:4304 by default, port 0 finds a free one"
      ),
      Flag.filterMap(Listen.fromString, () => "host:port, [::1]:4304, or a port alone"),
      Flag.withDefault({ host: "127.0.0.1", port: ServerAddress.defaultPort })
    ),
    devices: Flag.String("devices").pipe(
      Flag.withMetavar("<list>"),
      Flag.withDescription(
        `Family codes and ROM ids with commas, such as 28,10,28.000028D70100=21.5 with its temperature; or a .json file; ${defaultDevices} by default`
      ),
      Flag.withDefault(defaultDevices)
    ),
    alive: Flags.present("alive", "Temperatures wander"),
    faults: Flag.String("faults").pipe(
      Flag.withMetavar("<list>"),
      Flag.withDescription(
        `What goes wrong, and for which share of the requests (0.05 by default), such as delay=200ms,silence=0.01,busFault: ${
          Faults.names.join(", ")
        }`
      ),
      Flag.optional
    ),
    seed: Flags.whole("seed", 0, "The same number makes the same choices of chance; 0 by default").pipe(
      Flag.withDefault(0)
    )
  },
  serve
).pipe(
  Command.withDescription(
    "Runs a simulated owserver until Ctrl-C: for trying things out without a bus master, and for testing programs of any " +
      "language. It prints where it listens, once it does."
  ),
  Command.withShortDescription("Run a simulated server"),
  Command.withExamples([
    { command: "ow serve --alive", description: "Some devices, with temperatures to watch" },
    {
      command: "ow serve --listen 0 --devices 28,28,1D",
      description: "Two thermometers and a counter, on a free port"
    },
    { command: "ow serve --devices house.json --faults delay=200ms,busFault=0.1", description: "A house on a bad bus" }
  ])
)
