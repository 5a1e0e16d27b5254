/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Networks of many servers for programs without Effect, by `@effect-ownet/node/promise`.
 *
 * @since 0.1.0
 */
import * as OwError from "@effect-ownet/core/client/OwError"
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Family from "@effect-ownet/core/device/Family"
import * as Network from "@effect-ownet/core/network/Network"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Promises from "./internal/Promises.ts"
import * as NodeNetwork from "./NodeNetwork.ts"
import type { DeviceOf, DevicesOptions, Options, PromiseDevice } from "./PromiseClient.ts"

/**
 * Options of a network: those of the client of each server. It always connects when it is first asked.
 *
 * @category models
 * @since 0.1.0
 */
export interface NetworkOptions extends Omit<Options, "host" | "lazy" | "port" | "signal"> {}

/**
 * A server that a network is to have: `host`, `host:port`, `w1:` and the other forms that `connect` takes; or a host and a port, or
 * the folder of the kernel's own buses, with a name of your own.
 *
 * @category models
 * @since 0.1.0
 */
export type NetworkAddress = Network.Address

/**
 * A server of a network: its name there, and the state of its connections, as calls have shown it.
 *
 * @category models
 * @since 0.1.0
 */
export interface NetworkServer extends Pick<Network.Server, "name" | "state"> {}

/**
 * The devices of a network, each once and with the servers that show it, and what may be missing.
 *
 * @category models
 * @since 0.1.0
 */
export interface NetworkFound<out D = PromiseDevice> extends Pick<Network.Found<D>, "devices" | "failures"> {}

/**
 * The devices of any number of servers. A promise is rejected with the errors of a client.
 *
 * @category models
 * @since 0.1.0
 */
export interface PromiseNetwork extends AsyncDisposable {
  /** The servers, in the order in which they were added. Nothing is asked to find out. */
  readonly servers: () => Promise<ReadonlyArray<NetworkServer>>

  /** Adds a server, unless it is there. Another one of the same name is an `ArgumentError`. */
  readonly add: (address: NetworkAddress) => Promise<void>

  /** Removes a server by its name or its address, if it is there, and closes its connections. */
  readonly remove: (server: NetworkAddress) => Promise<void>

  /**
   * The device of a ROM id or an alias, on whichever server it is. It stays itself wherever it goes: each call takes the nearest
   * server that works, and goes on to the next if that one fails. A write is never sent a second time unless nothing of it was sent,
   * or the server refused it because the device is not there.
   */
  readonly device: <P extends Family.Properties>(
    family: Family.Family<P>,
    address: string
  ) => Promise<PromiseDevice<P>>

  /**
   * Searches all servers at the same time. Each device comes once, by its nearest server, and its reads and writes go by that server
   * alone. Servers and buses that could not be searched are among the `failures`.
   */
  readonly devices: <const F extends ReadonlyArray<Family.Family> = readonly []>(
    options?: Omit<DevicesOptions<F>, "bus">
  ) => Promise<NetworkFound<DeviceOf<F>>>

  /** Closes all connections. Calls that are under way or still come are rejected with a `ConnError` of reason `ClientClosed`. */
  readonly close: () => Promise<void>
}

/**
 * Makes a network of some servers. None of them is asked until something is wanted of it, so that it begins whichever of them work.
 *
 * A network keeps the process running until it is closed, once it has connected.
 *
 * **Example** (A device, on whichever server it is)
 *
 * ```ts
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { connectNetwork } from "@effect-ownet/node/promise"
 *
 * await using house = await connectNetwork(["raspberrypi", { name: "barn", host: "10.0.0.7" }])
 * const cellar = await house.device(DS18B20, "cellar")
 * console.log(await cellar.read("temperature"))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const connectNetwork = (
  servers: ReadonlyArray<NetworkAddress>,
  options?: NetworkOptions
): Promise<PromiseNetwork> => {
  const logging = Promises.loggingTo(options?.log)
  const run = Promises.runIn(logging)
  return run(options, (options) => {
    // Callers without types may give anything, and a text is made of texts.
    if (!Array.isArray(servers)) {
      return Effect.fail(
        new OwError.ArgumentError({
          operation: "connectNetwork",
          argument: "servers",
          problem: "must be an array of servers"
        })
      )
    }
    const runtime = ManagedRuntime.make(
      Layer.provide(NodeNetwork.layer({ ...options, servers }), Layer.succeedContext(logging))
    )
    return runtime.contextEffect.pipe(
      Effect.map((context) => networkOf(Context.get(context, Network.Network), run, runtime.dispose)),
      Effect.onError(() => runtime.disposeEffect)
    )
  })
}

const networkOf = (network: Network.Service, run: Promises.Run, close: () => Promise<void>): PromiseNetwork => {
  const deviceOf = Promises.deviceIn(run)
  const wayOf = ({ device, server }: Network.Way<Device.Device>): Network.Way<PromiseDevice> => ({
    server,
    device: deviceOf(device)
  })
  return {
    servers: () =>
      run(undefined, () => Effect.map(network.servers, (all) => all.map(({ name, state }) => ({ name, state })))),
    add: (address) => run(undefined, () => network.add(address)),
    remove: (server) => run(undefined, () => network.remove(server)),
    device: (family, address) => run(undefined, () => Effect.map(network.device(family, address), deviceOf)),
    devices: <const F extends ReadonlyArray<Family.Family> = readonly []>(options?: Omit<DevicesOptions<F>, "bus">) =>
      run(
        options,
        (options) =>
          Effect.map(network.devices<F>(options), ({ devices, failures }): NetworkFound<DeviceOf<F>> => ({
            failures,
            // Each is a device of one of the families, as the types of both say, and of any family if there are none.
            devices: (devices as ReadonlyArray<unknown> as ReadonlyArray<Network.Reached<Device.Device>>).map(
              ({ ways }) => {
                const all = ways.map(wayOf)
                return { ...all[0], ways: all }
              }
            ) as ReadonlyArray<unknown> as ReadonlyArray<Network.Reached<DeviceOf<F>>>
          }))
      ),
    close,
    [Symbol.asyncDispose]: close
  }
}
