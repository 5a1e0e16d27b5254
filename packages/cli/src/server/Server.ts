/**
 * The servers that a command talks to.
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

/** What is given of the flags that tell a client how to ask. */
export interface Given {
  readonly units?: {
    readonly celsius: boolean
    readonly fahrenheit: boolean
    readonly kelvin: boolean
    readonly rankine: boolean
    readonly pressure: Option.Option<ControlFlags.PressureScale>
  } | undefined
  readonly format?: Option.Option<ControlFlags.DeviceFormat> | undefined
  readonly uncached?: boolean | undefined
}

/** The flags of a client. */
const toOverrides = ({ format, uncached, units }: Given): Effect.Effect<ControlFlags.Overrides, UsageError> => {
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

/** The servers that were named: by the flag, or the environment, or nobody. */
export const addresses = Effect.gen(function*() {
  const { server } = yield* Settings
  if (server.length > 0) return server
  const variable = process.env["OWSERVER"]
  if (variable === undefined || variable === "") return [{ host: "localhost", port: ServerAddress.defaultPort }]
  const address = ServerAddress.fromString(variable)
  if (Option.isSome(address)) return [address.value]
  return yield* new UsageError({
    message: `OWSERVER is ${
      JSON.stringify(variable)
    }, which is no server: write host, host:port, [::1]:4304 or owserver://host:port`
  })
})

/** A client of one server. It connects when it is first used. */
export const connect = Effect.fnUntraced(function*(
  address: ServerAddress.ServerAddress,
  given: Given = {}
) {
  const { retries, timeout } = yield* Settings
  return yield* Effect.provideServiceEffect(
    OwClient.make({
      lazy: true,
      flags: yield* toOverrides(given),
      timeout: Option.getOrUndefined(timeout),
      retry: retries === 0 ? undefined : again(retries)
    }),
    Connector.Connector,
    NodeConnector.make(address)
  )
})

/** How a write is tried again: only where nothing of it was sent. */
export const unsent = Effect.map(
  Settings,
  ({ retries }) => Schedule.while(again(retries), ({ input }) => Effect.succeed(input.isRetryable))
)

/** Schedule of `--retries`. */
const again = (times: number): Schedule.Schedule<unknown, OwError.OwError> => OwRetry.times(times)

/** The client of the one server that a command talks to. */
const client = Effect.fnUntraced(function*(given?: Given) {
  const [address, ...others] = yield* addresses
  if (others.length > 0) {
    return yield* new UsageError({ message: "this command talks to one server: give --server once" })
  }
  return yield* connect(address, given)
})

/** A command's work with the client of its one server, which is closed afterwards. */
export const use = Effect.fnUntraced(function*<A, E, R>(
  given: Given,
  work: (ow: OwClient.Client) => Effect.Effect<A, E, R>
) {
  return yield* work(yield* client(given))
}, Effect.scoped)

/** Has a closer look at what a server says is not there. */
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
