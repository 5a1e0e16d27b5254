/**
 * The client as a ready-made layer for Node.
 *
 * @since 0.1.0
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Variable from "./internal/Variable.ts"
import * as NodeConnector from "./NodeConnector.ts"

/**
 * Address of the server, and options of the client.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends OwClient.Options {
  /** Host name or address. Default `localhost`. */
  readonly host?: string | undefined
  /** TCP port. Default 4304. */
  readonly port?: number | undefined
  /** Folder in which the kernel of this machine shows its own buses, such as `/sys/bus/w1`. Replaces the server. */
  readonly w1?: string | undefined
}

/**
 * A client of one server. Unless it is `lazy`, building the layer proves that an owserver answers.
 *
 * **Example** (Fahrenheit, and at most two seconds for each call)
 *
 * ```ts
 * import { NodeOwClient } from "@effect-ownet/node"
 *
 * const client = NodeOwClient.layer({
 *   host: "raspberrypi.local",
 *   flags: { temperatureScale: "F" },
 *   timeout: "2 seconds"
 * })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<OwClient.OwClient, OwError.Unanswered> =>
  OwClient.layer(options).pipe(
    Layer.provide(
      NodeConnector.layer(
        options.w1 !== undefined
          ? { w1: options.w1 }
          : { host: options.host ?? "localhost", port: options.port ?? ServerAddress.defaultPort }
      )
    )
  )

/**
 * The address of the server from the configuration: `OWSERVER` as `owserver://host:port`, or else `OWSERVER_HOST` and
 * `OWSERVER_PORT`, or else `localhost:4304`. `OWSERVER=w1:` means the kernel's own buses. For a service with the name `owserver`,
 * Kubernetes and Docker set `OWSERVER_PORT` to `tcp://host:port`, which is understood.
 *
 * @category configuration
 * @since 0.1.0
 */
export const server: Config.Config<ServerAddress.ServerAddress> = Config.all({
  whole: Variable.text("OWSERVER"),
  host: Variable.text("OWSERVER_HOST"),
  port: Variable.text("OWSERVER_PORT")
}).pipe(
  Config.flatMap(({ host, port, whole }) => {
    if (whole !== "") return Variable.address("OWSERVER", whole)
    if (port !== "" && !/^\d+$/.test(port) && !port.includes("://")) {
      return Variable.wrong(
        `OWSERVER_PORT is ${JSON.stringify(port)}, which is not a port: write a number from 1 to 65535`
      )
    }
    return Config.map(
      port === ""
        ? Config.succeed({ host: "localhost", port: ServerAddress.defaultPort })
        : Variable.address("OWSERVER_PORT", port),
      (given) => host === "" || ServerAddress.isW1(given) ? given : { ...given, host }
    )
  })
)

/**
 * A client whose options come from the configuration. If neither a host nor a port is given, they come from `server`.
 *
 * **Example** (Configuring the client by environment variables)
 *
 * ```ts
 * import { NodeOwClient } from "@effect-ownet/node"
 * import { Config } from "effect"
 *
 * const client = NodeOwClient.layerConfig({
 *   timeout: Config.Duration("OWSERVER_TIMEOUT").pipe(Config.withDefault("5 seconds"))
 * })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: Config.Wrap<Options> = {}
): Layer.Layer<OwClient.OwClient, OwError.Unanswered | Config.ConfigError> =>
  Layer.unwrap(Effect.gen(function*() {
    const given = yield* Config.unwrap(options)
    if (given.w1 !== undefined || (given.host !== undefined && given.port !== undefined)) return layer(given)
    const address = yield* server
    if (ServerAddress.isW1(address)) {
      // A host or a port that the program gives itself means a server.
      return layer(given.host === undefined && given.port === undefined ? { ...given, ...address } : given)
    }
    return layer({ ...given, host: given.host ?? address.host, port: given.port ?? address.port })
  }))
