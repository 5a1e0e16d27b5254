import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Printable from "@effect-ownet/core/protocol/Printable"
import * as NodeSimulatedServer from "@effect-ownet/node/testing/NodeSimulatedServer"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import * as Flags from "../Flags.ts"
import * as SystemdNotify from "../hub/service/SystemdNotify.ts"
import * as Lifetime from "../Lifetime.ts"
import * as Devices from "../serve/Devices.ts"
import * as Faults from "../serve/Faults.ts"
import * as KernelMasters from "../serve/KernelMasters.ts"
import * as AliasPath from "../server/AliasPath.ts"
import * as Listen from "../server/Listen.ts"
import * as Overlay from "../server/Overlay.ts"
import { Settings } from "../server/Settings.ts"
import * as Failure from "../show/Failure.ts"
import * as ListenProblem from "../show/ListenProblem.ts"
import * as Output from "../terminal/Output.ts"
import * as Time from "../terminal/Time.ts"

/** Family codes of the default devices: thermometers, a battery monitor that measures humidity, switches. */
const defaultDevices = "28,28,10,26,29"

/** Default seed, so that the shares of faults are repeatable. */
const defaultSeed = 0

interface Simulated {
  readonly devices: Option.Option<string>
  readonly alive: boolean
  readonly faults: Option.Option<string>
  readonly seed: Option.Option<number>
}

interface Kernel {
  readonly w1: Option.Option<string>
  readonly writable: boolean
  readonly aliases: Option.Option<string>
}

const usage = (message: string) => new Failure.UsageError({ message })

const serve = Effect.fnUntraced(function*(
  { aliases, alive, devices, faults, listen, seed, w1, writable }: Simulated & Kernel & {
    readonly listen: Listen.Listen
  }
) {
  if ((yield* Settings).server.length > 0) {
    return yield* usage("serve is a server and asks none: set its address with --listen")
  }
  if (Option.isNone(w1)) {
    const flag = writable ? "--writable" : Option.isSome(aliases) ? "--aliases" : undefined
    if (flag !== undefined) return yield* usage(`${flag} is for the kernel's own buses: add --w1`)
    return yield* simulate({ alive, devices, faults, seed }, listen)
  }
  const flag = alive
    ? "--alive"
    : Option.isSome(devices)
    ? "--devices"
    : Option.isSome(faults)
    ? "--faults"
    : Option.isSome(seed)
    ? "--seed"
    : undefined
  if (flag !== undefined) {
    return yield* usage(
      `${flag} is for simulated devices, but --w1 serves real ones: use one or the other`
    )
  }
  if (w1.value.trim() === "") return yield* usage("--w1= names no folder: leave out the =, or name one")
  return yield* serveKernel(resolve(w1.value), { aliases, writable }, listen)
})

const simulate = Effect.fnUntraced(
  function*({ alive, devices, faults: given, seed }: Simulated, listen: Listen.Listen) {
    const faults = Option.map(given, (text) => Faults.parse(text, Option.getOrElse(seed, () => defaultSeed)))
    if (Option.isSome(faults) && Result.isFailure(faults.value)) {
      return yield* usage(`--faults: ${faults.value.failure}`)
    }
    const described = yield* Devices.parse(Option.getOrElse(devices, () => defaultDevices))
    const { host, port } = yield* NodeSimulatedServer.start(
      alive ? Devices.enliven(described) : described,
      { ...listen, faults: Option.isSome(faults) ? Result.getOrUndefined(faults.value) : undefined }
    ).pipe(
      Effect.catchTags({
        DescriptionError: ({ message }) => new Failure.LocalError({ message: `--devices: ${message}` }),
        OwserverError: ({ cause }) =>
          cannotListen(
            listen,
            cause instanceof Error && "code" in cause ? cause.code : undefined,
            String(cause)
          )
      })
    )
    const where = ServerAddress.format({ host, port })
    if (yield* Output.Json) yield* Output.json({ host, port })
    else yield* Output.line(where)
    yield* Output.note(`A simulated owserver listens there until Ctrl-C. Try: ow tree -s ${where}`)
    yield* Lifetime.untilStopped
    return yield* Effect.never
  },
  Effect.scoped
)

const cannotListen = (listen: Listen.Listen, code: unknown, problem: string) =>
  new Failure.LocalError({
    message: `cannot listen on ${ServerAddress.format(listen)}: ${ListenProblem.of(code, problem)}`
  })

/** The file of aliases. A service that only reads cannot create one. */
const aliasFile = Effect.fnUntraced(function*({ aliases, writable }: Omit<Kernel, "w1">) {
  if (Option.isNone(aliases)) return AliasPath.path(process.env)
  const path = resolve(aliases.value)
  if (writable || existsSync(path)) return path
  return yield* new Failure.LocalError({
    message:
      `--aliases: there is no file ${path}, or this user may not read it. With --writable, it is created when the first device gets a name`
  })
})

/** Serves the kernel's own buses. */
const serveKernel = Effect.fnUntraced(function*(
  folder: string,
  options: Omit<Kernel, "w1">,
  listen: Listen.Listen
) {
  const { writable } = options
  const aliases = yield* aliasFile(options)
  const { run } = yield* Effect.promise(() => import("../serve/W1Serving.ts"))
  const masters = yield* KernelMasters.list(folder)
  yield* Lifetime.untilStopped
  const listening = Deferred.makeUnsafe<Listen.Listen>()
  const serving = Effect.callback<never, Failure.LocalError>((resume) => {
    const controller = new AbortController()
    const ended = run({ folder, writable, aliases, listen }, {
      log: (text) => Effect.runSync(Output.problem("ow:", [text])),
      onReady: (where) => Deferred.doneUnsafe(listening, Effect.succeed(where)),
      onFailure: ({ code, problem }) => resume(cannotListen(listen, code, problem))
    }, controller.signal).catch((cause: unknown) => resume(Effect.die(cause)))
    return Effect.promise(() => {
      controller.abort()
      return ended
    })
  })
  const telling = Effect.gen(function*() {
    const where = yield* Deferred.await(listening)
    yield* tellReady(where, { folder, writable, aliases, masters })
    const status = Effect.map(
      KernelMasters.list(folder),
      ({ length }) => `Serves ${busesOf(length)} at ${ServerAddress.format(where)}`
    )
    yield* SystemdNotify.follow({
      env: process.env,
      pid: process.pid,
      status,
      problem: Effect.undefined,
      stopping: "Closing the connections"
    })
    return yield* KernelMasters.follow(folder, masters, tellChange)
  })
  return yield* Effect.raceFirst(serving, telling)
}, Effect.scoped)

const busesOf = (count: number): string => count === 1 ? "1 bus of the kernel" : `${count} buses of the kernel`

const tellReady = Effect.fnUntraced(function*(where: Listen.Listen, { aliases, folder, masters, writable }: {
  readonly folder: string
  readonly writable: boolean
  readonly aliases: string | undefined
  readonly masters: ReadonlyArray<string>
}) {
  const { host, port } = where
  if (yield* Output.Json) {
    yield* Output.json({ host, port, w1: folder, writable, aliases: aliases ?? null, masters })
  } else yield* Output.line(ServerAddress.format(where))
  yield* Output.note(
    `An owserver for the kernel's own 1-Wire buses listens there until Ctrl-C${
      writable ? "" : ", and refuses writes"
    }. Try: ow scan -s ${Listen.here(where)}`
  )
  if (masters.length === 0) {
    yield* Output.problem("ow:", [
      `The kernel shows no bus in ${folder} yet. It is served as soon as it appears.`,
      ...folder === ServerAddress.defaultW1 ? [`    ${Overlay.advice(yield* Overlay.read())}`] : []
    ])
  }
  if (!Listen.isLoopback(host)) {
    const elsewhere = Listen.elsewhere(where)
    yield* Output.note(
      `Everyone on the network can read${writable ? ", switch and rename" : ""} the devices${
        elsewhere === undefined ? "" : ` at ${ServerAddress.format(elsewhere)}`
      }: the protocol has no passwords.`
    )
  }
})

const tellChange = Effect.fnUntraced(function*({ came, went }: KernelMasters.Change) {
  const at = yield* DateTime.nowAsDate
  const isJson = yield* Output.Json
  const tell = (event: string, name: string, text: string) =>
    Output.note(isJson ? Printable.json({ time: at, event, master: name }) : `ow: ${Time.momentOf(at)} ${text}`)
  for (const name of came) yield* tell("came", name, `the bus master ${name} is there`)
  for (const name of went) yield* tell("went", name, `the bus master ${name} is gone`)
})

export const command = Command.make(
  "serve",
  {
    listen: Flag.String("listen").pipe(
      Flag.withMetavar("<host:port>"),
      Flag.withDescription(
        "The address to listen on: host:port, or a port of 127.0.0.1; 127.0.0.1:4304 by default, port 0 finds a free one"
      ),
      Flag.filterMap(Listen.fromString, () => "host:port, [::1]:4304, or a port alone"),
      Flag.withDefault({ host: "127.0.0.1", port: ServerAddress.defaultPort })
    ),
    devices: Flag.String("devices").pipe(
      Flag.withMetavar("<list>"),
      Flag.withDescription(
        `Family codes and ROM ids, separated by commas, such as 28,10,28.000028D70100=21.5 with its temperature; or a .json file; ${defaultDevices} by default`
      ),
      Flag.optional
    ),
    alive: Flags.present("alive", "Let temperatures change"),
    faults: Flag.String("faults").pipe(
      Flag.withMetavar("<list>"),
      Flag.withDescription(
        `Faults, and the share of requests that they affect (0.05 by default), such as delay=200ms,silence=0.01,busFault: ${
          Faults.names.join(", ")
        }`
      ),
      Flag.optional
    ),
    seed: Flags.whole("seed", 0, "The seed of random choices: the same number makes the same choices; 0 by default")
      .pipe(
        Flag.optional
      ),
    w1: Flag.String("w1").pipe(
      Flag.withMetavar("folder"),
      Flag.withOptionalValue(ServerAddress.defaultW1),
      Flag.withDescription(
        `Serve the Linux kernel's own 1-Wire buses instead of simulated ones; --w1=FOLDER if it shows them elsewhere than in ${ServerAddress.defaultW1}`
      ),
      Flag.optional
    ),
    writable: Flags.present("writable", "With --w1: let clients switch outputs, set devices and give names"),
    aliases: Flag.String("aliases").pipe(
      Flag.withMetavar("<file>"),
      Flag.withDescription(
        "With --w1: the names of devices, as in owserver's own file; ~/.config/ow/aliases by default, or one in the state directory of a service"
      ),
      Flag.optional
    )
  },
  serve
).pipe(
  Command.withDescription(
    "Runs an owserver until Ctrl-C: a simulated one, for trying things out without a bus master, and for testing programs of any " +
      "language; or, with --w1, one for the sensors that the Linux kernel finds itself, as on a Raspberry Pi. It prints the address " +
      "once it listens."
  ),
  Command.withShortDescription("Run a server: a simulated one, or the kernel's bus"),
  Command.withExamples([
    { command: "ow serve --alive", description: "Some devices, with temperatures to watch" },
    {
      command: "ow serve --listen 0 --devices 28,28,1D",
      description: "Two thermometers and a counter, on a free port"
    },
    { command: "ow serve --devices house.json --faults delay=200ms,busFault=0.1", description: "A house on a bad bus" },
    { command: "ow serve --w1 --listen 0.0.0.0:4304", description: "The sensors of a Raspberry Pi, for its network" }
  ])
)
