/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Networks of many servers for programs without Effect. Import them from `@effect-ownet/node/promise`.
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
 * Options of a network: those of the client of each server. Clients always connect on the first request.
 *
 * @category models
 * @since 0.1.0
 */
export interface NetworkOptions extends Omit<Options, "host" | "lazy" | "port" | "signal"> {}

/**
 * Address of a server of a network: `host`, `host:port`, `w1:` or another form that `connect` accepts. An object gives a host and
 * a port, or the folder of the kernel's own buses, and can also give the server a name.
 *
 * @category models
 * @since 0.1.0
 */
export type NetworkAddress = Network.Address

/**
 * A server of a network: its name, and the state of its connections, as the calls so far have shown it.
 *
 * @category models
 * @since 0.1.0
 */
export interface NetworkServer extends Pick<Network.Server, "name" | "state"> {}

/**
 * The devices of a network, each once and with the servers that show it, and the parts that could not be searched.
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
  /** The servers, in the order in which they were added. Sends no request. */
  readonly servers: () => Promise<ReadonlyArray<NetworkServer>>

  /** Adds a server, unless the network already has it. A different server with the same name is an `ArgumentError`. */
  readonly add: (address: NetworkAddress) => Promise<void>

  /** Removes a server by its name or its address, if there is one, and closes its connections. */
  readonly remove: (server: NetworkAddress) => Promise<void>

  /**
   * The device with a ROM id or an alias, on any server. The device object stays valid if the device moves: each call uses the
   * nearest server that works, and continues with the next one if that server fails. A write is sent a second time only if
   * nothing of it was sent, or if the server refused it because the device is not there.
   */
  readonly device: <P extends Family.Properties>(
    family: Family.Family<P>,
    address: string
  ) => Promise<PromiseDevice<P>>

  /**
   * Searches all servers at the same time. Each device is returned once, by its nearest server, and its reads and writes use that
   * server only. Servers and buses that could not be searched are in `failures`.
   */
  readonly devices: <const F extends ReadonlyArray<Family.Family> = readonly []>(
    options?: Omit<DevicesOptions<F>, "bus">
  ) => Promise<NetworkFound<DeviceOf<F>>>

  /** Closes all connections. Pending and later calls are rejected with a `ConnError` of reason `ClientClosed`. */
  readonly close: () => Promise<void>
}

/**
 * Makes a network of some servers. It connects to a server on the first request, so it starts even if some servers are down.
 *
 * After it has connected, a network keeps the process running until it is closed.
 *
 * **Example** (Reading a device on any server)
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
    // Untyped callers may pass anything, and a string is iterable too.
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
            // Each device is of one of the families, or of any family if there are none, as both types say.
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
