/**
 * The servers of a command as one network.
 */
import * as Connector from "@effect-ownet/core/client/Connector"
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import type * as Device from "@effect-ownet/core/device/Device"
import * as Network from "@effect-ownet/core/network/Network"
import * as Place from "@effect-ownet/core/onewire/Place"
import type * as RomId from "@effect-ownet/core/onewire/RomId"
import * as NodeConnector from "@effect-ownet/node/NodeConnector"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Failure from "../show/Failure.ts"
import * as ServerNames from "../show/ServerNames.ts"
import * as KernelBus from "./KernelBus.ts"
import * as Server from "./Server.ts"
import type { Settings } from "./Settings.ts"

export interface OneNetwork extends ServerNames.ServerNames {
  readonly network: Network.Service
  /** Servers, in the order in which they were named. */
  readonly servers: readonly [Network.Server, ...ReadonlyArray<Network.Server>]
  /** All names, joined by a word. */
  readonly names: (word: string) => string
}

/** The network of some servers. The name of a server is short if there are several. */
export const of = Effect.fnUntraced(function*(
  addresses: ReadonlyArray<ServerAddress.ServerAddress>,
  options: OwClient.Options
): Effect.fn.Return<OneNetwork, OwError.ArgumentError, Scope.Scope> {
  const isOnly = addresses.length === 1
  const network = yield* Effect.provideService(
    Network.make({
      ...options,
      servers: addresses.map((address) => isOnly ? { ...address, name: ServerAddress.format(address) } : address)
    }),
    Connector.Connectors,
    {
      to: (address) => Effect.provideService(NodeConnector.make(address), NodeConnector.W1Options, KernelBus.options())
    }
  )
  const [first, ...others] = yield* network.servers
  if (first === undefined) return yield* Effect.die("a command has at least one server")
  const servers = [first, ...others] as const
  return {
    network,
    servers,
    names: (word) => servers.map(({ name }) => name).join(word),
    ...ServerNames.make(new Map(servers.map(({ client, name }) => [name, client.server])))
  }
})

/** The network of the servers that the flags or the environment name. */
export const make = Effect.fnUntraced(function*(
  options: Server.Options
): Effect.fn.Return<
  OneNetwork,
  Failure.UsageError | Failure.NoServer | Failure.LocalError | OwError.ArgumentError,
  Scope.Scope | Settings
> {
  return yield* of(yield* Server.addresses, yield* Server.clientOptions(options))
})

/** Asks all servers at the same time. */
export const ask = <A, E>(
  { servers }: OneNetwork,
  work: (name: string) => Effect.Effect<A, E, OwClient.OwClient>
): Effect.Effect<ReadonlyArray<A>, E> =>
  Effect.forEach(
    servers,
    ({ client, name }) => Effect.provideService(work(name), OwClient.OwClient, client),
    { concurrency: "unbounded" }
  )

/** Each device once, through the server that is nearest to it. */
export const once = <A extends Device.AnyDevice>(devices: ReadonlyArray<A>): ReadonlyArray<A> => {
  const nearest = new Map<RomId.RomId, A>()
  for (const device of devices) {
    const known = nearest.get(device.id)
    if (known === undefined || Place.distance(device.place) < Place.distance(known.place)) {
      nearest.set(device.id, device)
    }
  }
  return devices.filter((device) => nearest.get(device.id) === device)
}
