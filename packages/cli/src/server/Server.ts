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
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { Explained, UsageError } from "../show/Failure.ts"
import { Settings } from "./Settings.ts"

/** How a client asks, as the flags of a command say. */
export interface Options {
  /** Scales of temperatures and pressures. Default: degrees Celsius and mbar. */
  readonly units?: {
    readonly celsius: boolean
    readonly fahrenheit: boolean
    readonly kelvin: boolean
    readonly rankine: boolean
    readonly pressure: Option.Option<ControlFlags.PressureScale>
  } | undefined
  /** Format of ROM ids. Default `f.i`. */
  readonly format?: Option.Option<ControlFlags.DeviceFormat> | undefined
  /** Asks the devices themselves instead of the server's cache. Default `false`. */
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

/** Addresses of the servers: from `--server`, else from `OWSERVER`, else the default. */
export const addresses = Effect.gen(function*() {
  const { server } = yield* Settings
  if (server.length > 0) return yield* Effect.forEach(server, (one) => one === "auto" ? announced : Effect.succeed(one))
  const variable = process.env["OWSERVER"]
  if (variable === undefined || variable.trim() === "") return [{ host: "localhost", port: ServerAddress.defaultPort }]
  if (variable === "auto") return [yield* announced]
  const address = ServerAddress.fromString(variable)
  if (Option.isSome(address)) return [address.value]
  return yield* new UsageError({
    message: `OWSERVER is ${JSON.stringify(variable)}, which is no server: ${ServerAddress.problem(variable)}`
  })
})

/** Address of the only server that announces itself. */
const announced = Effect.flatMap(Effect.promise(() => import("./Nearby.ts")), ({ only }) => only)

/** A client of one server. It connects on first use. */
export const connect = Effect.fnUntraced(function*(
  address: ServerAddress.ServerAddress,
  options: Options = {}
) {
  const { retries, timeout } = yield* Settings
  return yield* Effect.provideServiceEffect(
    OwClient.make({
      lazy: true,
      flags: yield* toOverrides(options),
      timeout: Option.getOrUndefined(timeout),
      retry: retries === 0 ? undefined : again(retries)
    }),
    Connector.Connector,
    NodeConnector.make(address)
  )
})

/** Retries of a write: only if none of it was sent. */
export const unsent = Effect.map(
  Settings,
  ({ retries }) => Schedule.while(again(retries), ({ input }) => Effect.succeed(input.isRetryable))
)

/** Schedule of `--retries`. */
const again = (times: number): Schedule.Schedule<unknown, OwError.OwError> => OwRetry.times(times)

/** The client of the only server of a command. */
const client = Effect.fnUntraced(function*(options?: Options) {
  const [address, ...others] = yield* addresses
  if (others.length > 0) {
    return yield* new UsageError({ message: "this command talks to one server: give --server once" })
  }
  return yield* connect(address, options)
})

/** Works with a client of the only server of a command, and closes it afterwards. */
export const use = Effect.fnUntraced(function*<A, E, R>(
  options: Options,
  work: (ow: OwClient.Client) => Effect.Effect<A, E, R>
) {
  return yield* work(yield* client(options))
}, Effect.scoped)

/** Explains a failed call if the server says that its path is not there: a closer look may find out why. */
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
