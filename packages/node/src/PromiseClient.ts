/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The client for programs without Effect: its operations as promises. Import it from `@effect-ownet/node/promise`.
 *
 * @since 0.1.0
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as OwError from "@effect-ownet/core/client/OwError"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Device from "@effect-ownet/core/device/Device"
import * as Discovery from "@effect-ownet/core/device/Discovery"
import type * as Family from "@effect-ownet/core/device/Family"
import type * as ControlFlags from "@effect-ownet/core/protocol/ControlFlags"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Promises from "./internal/Promises.ts"
import * as NodeOwClient from "./NodeOwClient.ts"

/**
 * Many servers as one network.
 *
 * @category constructors
 * @since 0.1.0
 */
export {
  connectNetwork,
  type NetworkAddress,
  type NetworkFound,
  type NetworkOptions,
  type NetworkServer,
  type PromiseNetwork
} from "./PromiseNetwork.ts"

/**
 * The errors with which promises are rejected. Distinguish them by `instanceof` or by `_tag`.
 *
 * @category errors
 * @since 0.1.0
 */
export { ArgumentError, ConnError, OwnetError, OwnetTimeout, ProtocolError } from "@effect-ownet/core/client/OwError"

/**
 * The additional error with which promises of a device are rejected.
 *
 * @category errors
 * @since 0.1.0
 */
export { DeviceError } from "@effect-ownet/core/device/DeviceError"

/**
 * A duration: milliseconds, or words such as `"2 seconds"`.
 *
 * @category models
 * @since 0.1.0
 */
export type Time = number | `${number} ${"millis" | "second" | "seconds" | "minute" | "minutes" | "hour" | "hours"}`

/**
 * Options of every call.
 *
 * @category models
 * @since 0.1.0
 */
export interface CallOptions {
  /**
   * Flags to set or to clear: units, formats, `uncached`; and `persistence`, which is on unless you clear it. A number is a word
   * whose bits are all set: `0x2` means `{ busReturn: true }`.
   */
  readonly flags?: ControlFlags.Input | undefined
  /**
   * Time limit of the whole call: waiting for a connection, connecting, and the answer. None by default. `Infinity` removes the
   * limit of the client.
   */
  readonly timeout?: Time | undefined
  /**
   * Retries failures that may be temporary, as `OwRetry.transient` does: at most eight times, with pauses of 0.1 to 2 seconds. Default
   * `false`. The client's setting applies neither to `dirStream`, nor to `write` and `sendMessage`. These two are repeated only
   * if the call itself asks for it, and then even if the first attempt may have taken effect.
   */
  readonly retry?: boolean | undefined
  /**
   * Aborts the call. Its connection is closed, so that no reply reaches another call, and its promise is rejected with the
   * signal's reason.
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * Options of `dir`, and of `get`.
 *
 * @category models
 * @since 0.1.0
 */
export interface DirOptions extends CallOptions, Omit<OwClient.DirOptions, keyof OwClient.CallOptions> {}

/**
 * Options of `dirStream`.
 *
 * @category models
 * @since 0.1.0
 */
export interface DirStreamOptions extends CallOptions, Omit<OwClient.DirStreamOptions, keyof OwClient.CallOptions> {}

/**
 * Options of `read`, `readText` and `get`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReadOptions extends CallOptions, Omit<OwClient.ReadOptions, keyof OwClient.CallOptions> {}

/**
 * Options of `write`.
 *
 * @category models
 * @since 0.1.0
 */
export interface WriteOptions extends CallOptions, Omit<OwClient.WriteOptions, keyof OwClient.CallOptions> {}

/**
 * Options of `sendMessage`.
 *
 * @category models
 * @since 0.1.0
 */
export interface MessageOptions extends CallOptions, Omit<OwClient.MessageOptions, keyof OwClient.CallOptions> {}

/**
 * Options of a device's `write`.
 *
 * @category models
 * @since 0.1.0
 */
export interface DeviceWriteOptions extends CallOptions, Omit<Device.WriteOptions, keyof OwClient.CallOptions> {}

/**
 * Options of a device's `reading`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReadingOptions extends CallOptions, Omit<Device.ReadingOptions, keyof OwClient.CallOptions> {}

/**
 * Options of `devices`: which families, and where to search. The others apply to each of its calls.
 *
 * @category models
 * @since 0.1.0
 */
export interface DevicesOptions<F extends ReadonlyArray<Family.Family> = ReadonlyArray<Family.Family>>
  extends CallOptions, Omit<Discovery.Options<F>, keyof OwClient.CallOptions>
{}

/**
 * Address of the server, and options of the client. Flags, `timeout` and `retry` are defaults for each call; the `signal` applies
 * to connecting.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options
  extends
    CallOptions,
    Pick<NodeOwClient.Options, "host" | "port" | "lazy" | "maxConnections" | "maxPayload" | "readOnly">
{
  /** Time for which an idle connection is kept. Default 1 minute; a server closes it after 10. */
  readonly idleTimeout?: Time | undefined
  /**
   * Time limit of each step of opening a connection: resolving the name, connecting to an address, and the server's first answer
   * there. Default 5 seconds.
   */
  readonly connectTimeout?: Time | undefined
  /** Maximum silence of a working server, which sends a keepalive every second. Default 5 seconds. */
  readonly silenceTimeout?: Time | undefined
  /**
   * Receives a line for each frame sent or received, with its bytes in hexadecimal, and for each request that fails or is
   * aborted. A line is safe to print on a terminal.
   */
  readonly log?: ((line: string) => void) | undefined
}

/**
 * A value with its unit, the time of the answer, and a verdict that tells whether it can be a real measurement.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading<out A = Family.Value> extends Pick<Device.Reading<A>, "value" | "unit" | "at" | "verdict"> {}

/**
 * A device whose properties have the types of its family.
 *
 * @category models
 * @since 0.1.0
 */
export interface PromiseDevice<out P extends Family.Properties = Family.Unknown> {
  /** ROM id in sixteen hexadecimal digits. */
  readonly id: string
  /** Path on the server: `/28.000028D70100`. */
  readonly path: string
  /** Alias, if the device was found by one; otherwise its ROM id, as in `28.000028D70100`. */
  readonly name: string
  /** Bus, such as `bus.0`, if known. */
  readonly bus: string | undefined
  /** Family, if it was given when the device was made or found. */
  readonly family: Family.Family | undefined

  /** Reads a property. */
  readonly read: <N extends keyof P["read"] & string>(name: N, options?: ReadOptions) => Promise<P["read"][N]>

  /** Reads a property, and tells whether the value can be true: a thermometer returns 85 °C until it has measured. */
  readonly reading: <N extends keyof P["read"] & string>(
    name: N,
    options?: ReadingOptions
  ) => Promise<Reading<P["read"][N]>>

  /** Writes a property. An invalid value is refused before anything is sent. */
  // A method and not a function property, so that a device can also be used as one with fewer properties.
  write<N extends keyof P["write"] & string>(
    name: N,
    value: P["write"][N],
    options?: DeviceWriteOptions
  ): Promise<void>
}

/**
 * The type of a device of some families: with the properties of its family, or with those that the families have in common. The
 * compiler does not know the properties of any other device.
 *
 * @category models
 * @since 0.1.0
 */
export type DeviceOf<F extends ReadonlyArray<Family.Family>> = F extends readonly [] ? PromiseDevice
  // Families that the compiler does not know.
  : Family.Family extends F[number] ? PromiseDevice
  : F extends readonly [Family.Family<infer P>] ? PromiseDevice<P>
  : PromiseDevice<Family.Common<PropertiesOf<F[number]>>>

type PropertiesOf<F> = F extends Family.Family<infer P> ? P : never

/**
 * The devices found, and the parts of the network that could not be searched.
 *
 * @category models
 * @since 0.1.0
 */
export interface Found<out D = PromiseDevice> extends Discovery.Found<D> {}

/**
 * The operations of a client. A promise is rejected with a typed error, which has a `_tag`, a message of one line, and
 * `isRetryable`: whether it is safe to make the same call again, and whether it may then succeed.
 *
 * @category models
 * @since 0.1.0
 */
export interface PromiseClient extends AsyncDisposable {
  /** Address of the server, as you gave it. */
  readonly server: string

  /**
   * Sends the smallest possible request. Returns the milliseconds from the call to the answer, by the monotonic clock, including
   * any wait for a connection, connecting, and all attempts before the one that succeeded.
   */
  readonly ping: (options?: CallOptions) => Promise<number>

  /**
   * Whether a device, a directory or a property exists at a path. `false` always means absent: a bus that failed is an error.
   * Servers answer from their cache: a device that was unplugged stays for up to two minutes.
   */
  readonly present: (path: string, options?: CallOptions) => Promise<boolean>

  /**
   * The ROM id of the device that a path or an alias leads to, in sixteen hexadecimal digits. `undefined` if the path is absent
   * or leads to no device.
   */
  readonly romId: (path: string, options?: CallOptions) => Promise<string | undefined>

  /** The paths in a directory, `/` by default. A server with aliases lists them instead of ROM ids. */
  readonly dir: (path?: string, options?: DirOptions) => Promise<ReadonlyArray<string>>

  /**
   * The paths in a directory, one by one as the server finds them. Each iteration sends a new request, and leaving it early
   * closes its connection. Slower than `dir` if the server has cached them all.
   */
  readonly dirStream: (path?: string, options?: DirStreamOptions) => AsyncIterable<string>

  /** The bytes of a property. May be empty, as for an alias that is not set. */
  readonly read: (path: string, options?: ReadOptions) => Promise<Uint8Array>

  /** The text of a property. Numbers come without padding, unless `flags.trim` is false. */
  readonly readText: (path: string, options?: ReadOptions) => Promise<string>

  /**
   * Writes a property. If the server accepts fewer bytes, the promise is rejected with a `ProtocolError` of reason `ShortWrite`.
   */
  readonly write: (path: string, data: Uint8Array | string, options?: WriteOptions) => Promise<void>

  /** The content of a path: the entries of a directory, or the bytes of a property. */
  readonly get: (path: string, options?: DirOptions & ReadOptions) => Promise<OwClient.Content>

  /**
   * Sends any message and returns the reply unchanged, even if it is a refusal. A string payload is a path, and gets its NUL;
   * bytes are sent as they are. Never sent twice unless the message type changes nothing.
   */
  readonly sendMessage: (
    type: number,
    payload: Uint8Array | string,
    options?: MessageOptions
  ) => Promise<OwClient.Reply>

  /**
   * Makes a device of a known family from its ROM id in any format, or its path. Sends no request. Throws an `ArgumentError` if
   * there can be no such device: its CRC is wrong, or it is of another family.
   */
  readonly device: <P extends Family.Properties>(family: Family.Family<P>, address: string) => PromiseDevice<P>

  /**
   * Finds the devices of the server, bus by bus, including those behind couplers and other servers. Places that could not be
   * listed are in `failures`: check them, because a bus that fails hides its devices. The devices of `families` have the types of
   * their properties; for any other device, the server is asked for the types, once for each family.
   */
  readonly devices: <const F extends ReadonlyArray<Family.Family> = readonly []>(
    options?: DevicesOptions<F>
  ) => Promise<Found<DeviceOf<F>>>

  /**
   * A client with other flags, another timeout or other retries that shares the connections of this one: closing one closes both.
   */
  readonly with: (options: Omit<CallOptions, "signal">) => PromiseClient

  /** Closes all connections. Pending and later calls are rejected with a `ConnError` of reason `ClientClosed`. */
  readonly close: () => Promise<void>
}

/**
 * Connects to a server. Its address is `host`, `host:port`, `[::1]:4304` or `owserver://host:port`, or is in the options;
 * `localhost:4304` by default. `w1:` means the kernel's own bus, which is then read-only. Unless the client is `lazy`, the
 * promise is fulfilled after an owserver has answered.
 *
 * A client keeps the process running until it is closed.
 *
 * **Example** (Reading a temperature)
 *
 * ```ts
 * import { connect } from "@effect-ownet/node/promise"
 *
 * await using ow = await connect("owserver://raspberrypi.local:4304")
 * for (const path of await ow.dir("/")) console.log(path)
 * console.log(await ow.readText("/28.000028D70100/temperature", { signal: AbortSignal.timeout(2000) }))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const connect: {
  (server?: string | URL, options?: Omit<Options, "host" | "port">): Promise<PromiseClient>
  (options: Options): Promise<PromiseClient>
} = (first?: string | URL | Options, second?: Options): Promise<PromiseClient> => {
  const [server, given] = typeof first === "object" && !(first instanceof URL) ? [undefined, first] : [first, second]
  const logging = Promises.loggingTo(given?.log)
  const run = Promises.runIn(logging)
  return run(given, (options) => {
    const runtime = ManagedRuntime.make(Layer.provide(layerOf(server, options), Layer.succeedContext(logging)))
    return runtime.contextEffect.pipe(
      Effect.map((context) => clientOf(Context.get(context, OwClient.OwClient), runtime.dispose, logging)),
      Effect.onError(() => runtime.disposeEffect)
    )
  })
}

const layerOf = (server: string | URL | undefined, options: NodeOwClient.Options | undefined) =>
  server === undefined ? NodeOwClient.layer(options) : Layer.unwrap(
    // Untyped callers may pass anything.
    Effect.fromOption(ServerAddress.fromString(String(server))).pipe(
      Effect.mapError(() =>
        new OwError.ArgumentError({
          operation: "connect",
          argument: "server",
          problem: `${JSON.stringify(server)} is not a server: ${ServerAddress.problem(String(server))}`
        })
      ),
      Effect.map((address) => NodeOwClient.layer({ ...options, ...address }))
    )
  )

// Calls do not run in the runtime, which would interrupt them when it ends: they are rejected with the client's own error.
const clientOf = (
  ow: OwClient.Client,
  close: () => Promise<void>,
  logging: Context.Context<never>
): PromiseClient => {
  const run = Promises.runIn(logging)
  const iterate = Promises.iterateIn(logging)
  const ofServer = <A, E>(effect: Effect.Effect<A, E, OwClient.OwClient>): Effect.Effect<A, E> =>
    Effect.provideService(effect, OwClient.OwClient, ow)
  const deviceOf = Promises.deviceIn(run)
  return {
    server: ow.server,
    ping: (options) => run(options, (options) => Effect.map(ow.ping(options), Duration.toMillis)),
    present: (path, options) => run(options, (options) => ow.present(path, options)),
    romId: (path, options) => run(options, (options) => Effect.map(ow.romId(path, options), Option.getOrUndefined)),
    dir: (path, options) => run(options, (options) => ow.dir(path, options)),
    dirStream: (path, options) => iterate(options, (options) => ow.dirStream(path, options)),
    read: (path, options) => run(options, (options) => ow.read(path, options)),
    readText: (path, options) => run(options, (options) => ow.readText(path, options)),
    write: (path, data, options) => run(options, (options) => ow.write(path, data, options)),
    get: (path, options) => run(options, (options) => ow.get(path, options)),
    sendMessage: (type, payload, options) => run(options, (options) => ow.sendMessage(type, payload, options)),
    device: (family, address) => deviceOf(Effect.runSync(ofServer(Device.make(family, address)))),
    devices: <const F extends ReadonlyArray<Family.Family> = readonly []>(options?: DevicesOptions<F>) =>
      run(options, (options) =>
        Effect.map(ofServer(Discovery.devices<F>(options)), (found): Found<DeviceOf<F>> => ({
          ...found,
          // Each device is of one of the families, or of any family if there are none, as both types say.
          devices: (found.devices as ReadonlyArray<unknown> as ReadonlyArray<Device.Device>).map(
            deviceOf
          ) as ReadonlyArray<unknown> as ReadonlyArray<DeviceOf<F>>
        }))),
    with: (options) => clientOf(ow.with(Promises.coreOptions(options) ?? {}), close, logging),
    close,
    [Symbol.asyncDispose]: close
  }
}
