/**
 * A network of servers for tests, on the test's own clock.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Connector from "../client/Connector.ts"
import type * as OwClient from "../client/OwClient.ts"
import * as OwError from "../client/OwError.ts"
import * as ServerAddress from "../client/ServerAddress.ts"
import { quoted } from "../internal/printable.ts"
import * as Network from "../network/Network.ts"
import type * as SimulatedNetwork from "./SimulatedNetwork.ts"
import * as SimulatedServer from "./SimulatedServer.ts"

/**
 * The simulated servers of a network, by name. They control which devices are plugged in, and how they fail.
 *
 * @category services
 * @since 0.1.0
 */
export class TestNetwork extends Context.Service<TestNetwork, {
  /** Gives a server by its name. An unknown name is a mistake in the test, and so a defect. */
  readonly server: (name: string) => SimulatedServer.Server
}>()("@effect-ownet/core/testing/TestNetwork") {}

/**
 * The content of each server, by its name, which is also its host: a description, an existing network or a server.
 *
 * @category models
 * @since 0.1.0
 */
export type Description = Readonly<
  Record<string, SimulatedNetwork.Description | SimulatedNetwork.SimulatedNetwork | SimulatedServer.Server>
>

/**
 * Options of a network for tests: those of each client, and the servers that belong to it at first.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Omit<OwClient.Options, "lazy"> {
  /** All described servers by default. */
  readonly servers?: Network.Options["servers"] | undefined
}

/**
 * Provides a network of simulated servers, in memory. It behaves like any other network; `TestNetwork` changes what is behind it.
 *
 * **Example** (A house with two servers)
 *
 * ```ts
 * import { Network } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { TestNetwork } from "@effect-ownet/core/testing"
 * import { Effect } from "effect"
 *
 * const cellar = Effect.gen(function*() {
 *   const network = yield* Network.Network
 *   const device = yield* network.device(DS18B20, "cellar")
 *   return yield* device.read("temperature")
 * })
 *
 * const house = TestNetwork.layer({
 *   "pi-1": { "28.000028D70100": { temperature: 21.5 } },
 *   "barn": { "28.000028D70200": { alias: "cellar", temperature: 8.25 } }
 * })
 *
 * await cellar.pipe(Effect.provide(house), Effect.runPromise) // => 8.25
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  servers: Description,
  { servers: some, ...options }: Options = {}
): Layer.Layer<Network.Network | TestNetwork, SimulatedNetwork.DescriptionError | OwError.ArgumentError> =>
  Layer.effectContext(Effect.gen(function*() {
    const made = new Map<string, SimulatedServer.Server>()
    for (const [name, described] of Object.entries(servers)) {
      made.set(name, isServer(described) ? described : yield* SimulatedServer.make(described))
    }
    const connectors = Connector.Connectors.of({
      to: (address) => {
        const host = ServerAddress.isW1(address) ? ServerAddress.format(address) : address.host
        const server = made.get(host)
        return server === undefined
          ? Effect.fail(
            new OwError.ArgumentError({
              operation: "connect",
              argument: "host",
              problem: `must be that of a simulated server, not ${quoted(host)}`
            })
          )
          : Effect.succeed({ ...server.connector, server: ServerAddress.format(address) })
      }
    })
    const network = yield* Effect.provideService(
      Network.make({ ...options, servers: some ?? [...made.keys()].map((name) => ({ name, host: name })) }),
      Connector.Connectors,
      connectors
    )
    return Context.make(Network.Network, network).pipe(
      Context.add(TestNetwork, {
        server: (name) => {
          const server = made.get(name)
          if (server === undefined) throw new TypeError(`no simulated server has the name ${quoted(name)}`)
          return server
        }
      })
    )
  }))

const isServer = (described: Description[string]): described is SimulatedServer.Server => "connector" in described
