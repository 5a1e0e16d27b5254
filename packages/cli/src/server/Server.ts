/**
 * Servers that commands talk to.
 */
import * as Connector from "@effect-ownet/core/client/Connector"
import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as OwError from "@effect-ownet/core/client/OwError"
import * as OwRetry from "@effect-ownet/core/client/OwRetry"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import type * as ControlFlags from "@effect-ownet/core/protocol/ControlFlags"
import * as NodeConnector from "@effect-ownet/node/NodeConnector"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { Explained, type Failure, type LocalError, type NoServer, UsageError } from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"
import * as Addresses from "./Addresses.ts"
import * as KernelBus from "./KernelBus.ts"
import { Settings } from "./Settings.ts"

/** Settings of a client, from the flags of a command. */
export interface Options {
  /** Scales of temperatures and pressures. Default: degrees Celsius and mbar. */
  readonly units?: {
    readonly celsius: boolean
    readonly fahrenheit: boolean
    readonly kelvin: boolean
    readonly rankine: boolean
    readonly pressure: Option.Option<ControlFlags.PressureScale>
  } | undefined
  /** Format of ROM ids. Default: `f.i`. */
  readonly format?: Option.Option<ControlFlags.DeviceFormat> | undefined
  /** Asks the devices themselves instead of the server's cache. Default: `false`. */
  readonly uncached?: boolean | undefined
}

/** Flags that a client sends with each request. */
const toOverrides = ({ format, uncached, units }: Options): Effect.Effect<ControlFlags.Overrides, UsageError> => {
  const scales: Array<ControlFlags.TemperatureScale> = []
  if (units?.celsius) scales.push("C")
  if (units?.fahrenheit) scales.push("F")
  if (units?.kelvin) scales.push("K")
  if (units?.rankine) scales.push("R")
  if (scales.length > 1) {
    return new UsageError({
      message: "temperatures come in one scale at a time: --celsius, --fahrenheit, --kelvin or --rankine"
    })
  }
  return Effect.succeed({
    temperatureScale: scales[0],
    pressureScale: units && Option.getOrUndefined(units.pressure),
    deviceFormat: format && Option.getOrUndefined(format),
    uncached: uncached === true ? true : undefined
  })
}

/**
 * Addresses of the servers, each once: from `--server`, else from `OWSERVERS` or `OWSERVER`, else the default with a note that
 * names it.
 */
export const addresses = Effect.tap(
  Effect.suspend(() => quietAddresses),
  ([first]) =>
    first === KernelBus.address
      ? Output.note(
        `ow: no owserver is at localhost:${ServerAddress.defaultPort}, so this is the kernel's own bus (-s w1:)`
      )
      : Effect.void
)

/** The same, without the note. */
export const quietAddresses = Effect.gen(function*(): Effect.fn.Return<
  ReadonlyArray<ServerAddress.ServerAddress>,
  UsageError | NoServer | LocalError,
  Settings
> {
  const { server } = yield* Settings
  if (server.length > 0) return yield* resolved(server)
  const many = variable("OWSERVERS")
  if (many !== undefined) {
    const list = Addresses.fromString(many)
    if (Option.isSome(list)) return yield* resolved(list.value)
    return yield* new UsageError({
      message: `OWSERVERS is ${JSON.stringify(many)}, which is not a list of servers: ${Addresses.problem(many)}`
    })
  }
  const one = variable("OWSERVER")
  if (one === undefined) return [yield* ofThisMachine]
  if (one === "auto") return [yield* announced]
  const address = ServerAddress.fromString(one)
  if (Option.isSome(address)) return [address.value]
  return yield* new UsageError({
    message: `OWSERVER is ${JSON.stringify(one)}, which is not a server: ${ServerAddress.problem(one)}`
  })
})

const local: ServerAddress.ServerAddress = { host: "localhost", port: ServerAddress.defaultPort }

/** The owserver of this machine, or the kernel's own bus if there is one and no server takes a connection. */
export const ofThisMachine: Effect.Effect<ServerAddress.ServerAddress> = Effect.gen(function*() {
  if (!KernelBus.isThere()) return local
  const { answer } = yield* Effect.promise(() => import("./Nearby.ts"))
  const answered = yield* answer(local)
  return Result.isFailure(answered) && answered.failure._tag === "ConnError" &&
      answered.failure.reason._tag === "Connect"
    ? KernelBus.address
    : local
})

/** Address of the only server that announces itself. */
const announced = Effect.flatMap(Effect.promise(() => import("./Nearby.ts")), ({ only }) => only)

/** Addresses, each once. `auto` becomes the address of the only server that announces itself. */
const resolved = (named: ReadonlyArray<Addresses.Address>) =>
  Effect.map(
    Effect.forEach(named, (one) => one === "auto" ? announced : Effect.succeed(one)),
    (all): ReadonlyArray<ServerAddress.ServerAddress> => [
      ...new Map(all.map((address) => [ServerAddress.format(address).toLowerCase(), address])).values()
    ]
  )

/** A variable of the environment. An empty one counts as not set. */
const variable = (name: string): string | undefined => {
  const value = process.env[name]?.trim()
  return value === "" ? undefined : value
}

/** Whether the flags or the environment name a server. */
export const isNamed = (named: ReadonlyArray<Addresses.Address>): boolean =>
  named.length > 0 || variable("OWSERVERS") !== undefined || variable("OWSERVER") !== undefined

/** Whether a call names several servers, in its flags or in the environment. */
export const isSeveral = (named: ReadonlyArray<Addresses.Address>): boolean =>
  named.length > 1 || (named.length === 0 && variable("OWSERVERS")?.includes(",") === true)

/** Options of the command's clients. */
export const clientOptions = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<OwClient.Options, UsageError, Settings> {
  const { retries, timeout } = yield* Settings
  return {
    flags: yield* toOverrides(options),
    timeout: Option.getOrUndefined(timeout),
    retry: retries === 0 ? undefined : again(retries)
  }
})

/** A client of one server. It connects on first use. */
export const connect = Effect.fnUntraced(function*(
  address: ServerAddress.ServerAddress,
  options: Options = {}
) {
  return yield* Effect.provideServiceEffect(
    OwClient.make({ ...(yield* clientOptions(options)), lazy: true }),
    Connector.Connector,
    Effect.provideService(NodeConnector.make(address), NodeConnector.W1Options, KernelBus.options())
  )
})

/** Retries of a write, only if no part of it was sent. */
export const unsent = Effect.map(
  Settings,
  ({ retries }) => Schedule.while(again(retries), ({ input }) => Effect.succeed(input.isRetryable))
)

/** Schedule of `--retries`. */
const again = (times: number): Schedule.Schedule<unknown, OwError.OwError> => OwRetry.times(times)

/** A path, with the server that it leads to. */
export interface Located {
  readonly ow: OwClient.Client
  readonly path: string
}

/** Finds the server that a path leads to. */
export type Locate = (path: string, patience?: Duration.Input) => Effect.Effect<Located, Failure>

/** Creates a function that finds paths on several servers. */
export type Locator = (
  addresses: ReadonlyArray<ServerAddress.ServerAddress>,
  options: OwClient.Options
) => Effect.Effect<Locate, Failure, Scope.Scope>

/**
 * The locator of the whole command line. The bundle for plain calls has none, because a call that names several servers is not
 * plain.
 */
export const Several = Context.Reference<Locator>("@effect-ownet/cli/Server/Several", {
  defaultValue: () => () => new UsageError({ message: "this command talks to one server: give --server once" })
})

/** Works with paths of the servers of a command, and closes the connections afterwards. A single server has all paths. */
export const use = Effect.fnUntraced(function*<A, E, R>(
  options: Options,
  work: (at: Locate) => Effect.Effect<A, E, R>
) {
  const [address, ...others] = yield* addresses
  if (others.length > 0) {
    const locator = yield* Several
    return yield* work(yield* locator([address, ...others], yield* clientOptions(options)))
  }
  const ow = yield* connect(address, options)
  return yield* work((path) => Effect.succeed({ ow, path }))
}, Effect.scoped)

/** Explains a failed call if the server reports that its path does not exist. A closer look may find the reason. */
export const explained = <A, E, R>(
  ow: OwClient.Client,
  call: Effect.Effect<A, E | OwError.OwnetError, R>
): Effect.Effect<A, E | OwError.OwnetError | Explained, R> =>
  Effect.catchIf(call, isAbsent, (refusal) =>
    Effect.gen(function*() {
      const { hintOf } = yield* Effect.promise(() => import("./Hint.ts"))
      const hint = yield* hintOf(ow, refusal)
      return yield* hint === undefined ? refusal : new Explained({ refusal, hint })
    }))

const isAbsent = (error: unknown): error is OwError.OwnetError =>
  error instanceof OwError.OwnetError && error.reason._tag === "NotFound"
