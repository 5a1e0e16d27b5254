/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The client for programs without Effect: its operations as promises, by `@effect-ownet/node/promise`.
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
 * What promises are rejected with. `instanceof` tells one from another, and so does `_tag`.
 *
 * @category errors
 * @since 0.1.0
 */
export { ArgumentError, ConnError, OwnetError, OwnetTimeout, ProtocolError } from "@effect-ownet/core/client/OwError"

/**
 * What the promises of a device are rejected with, beside those.
 *
 * @category errors
 * @since 0.1.0
 */
export { DeviceError } from "@effect-ownet/core/device/DeviceError"

/**
 * A length of time: milliseconds, or words such as `"2 seconds"`.
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
   * Flags to set or to clear: units, formats, `uncached`; and `persistence`, which is on unless it is cleared. A number is a
   * word whose bits are all set: `0x2` means `{ busReturn: true }`.
   */
  readonly flags?: ControlFlags.Input | undefined
  /**
   * The limit of the whole call: waiting for a connection, connecting, and the answer. None by default; `Infinity` takes
   * a client's away.
   */
  readonly timeout?: Time | undefined
  /**
   * Tries again what may pass by itself, as `OwRetry.transient` does: eight times at most, with pauses of 0.1 to 2 seconds.
   * Default `false`. A client's does not apply to `write` and `sendMessage`, which are repeated only where the call itself says
   * so, and then also where the first attempt may have taken effect; nor to `dirStream`.
   */
  readonly retry?: boolean | undefined
  /**
   * Gives the call up. Its connection is closed, so that no reply reaches another call, and its promise is rejected with the
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
 * Options of `devices`: which families, and where to look. The others are those of each of its calls.
 *
 * @category models
 * @since 0.1.0
 */
export interface DevicesOptions<F extends ReadonlyArray<Family.Family> = ReadonlyArray<Family.Family>>
  extends CallOptions, Omit<Discovery.Options<F>, keyof OwClient.CallOptions>
{}

/**
 * Where the server is, and how the client is made. Flags, `timeout` and `retry` are those of each call that says nothing
 * else; the `signal` is that of connecting.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options
  extends
    CallOptions,
    Pick<NodeOwClient.Options, "host" | "port" | "lazy" | "maxConnections" | "maxPayload" | "readOnly">
{
  /** How long an idle connection is kept. Default 1 minute; a server closes it after 10. */
  readonly idleTimeout?: Time | undefined
  /**
   * The limit of each step of opening a connection: resolving the name, connecting to an address, and the server's first
   * answer there. Default 5 seconds.
   */
  readonly connectTimeout?: Time | undefined
  /** How long a server at work may be silent; it sends a keepalive each second. Default 5 seconds. */
  readonly silenceTimeout?: Time | undefined
  /**
   * Takes a line for each frame that is sent or comes, with its bytes in hexadecimal, and for each request that fails or is given
   * up. A line is safe on a terminal.
   */
  readonly log?: ((line: string) => void) | undefined
}

/**
 * A value with its unit, the time of the answer, and a verdict: whether it can be a real measurement.
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
  /** Its ROM id in sixteen hexadecimal digits. */
  readonly id: string
  /** Where it is for the server: `/28.000028D70100`. */
  readonly path: string
  /** Its alias, if it was found by one; otherwise its ROM id, as in `28.000028D70100`. */
  readonly name: string
  /** Its bus, such as `bus.0`, if that is known. */
  readonly bus: string | undefined
  /** Its family, if that was given when it was made or found. */
  readonly family: Family.Family | undefined

  /** Reads a property. */
  readonly read: <N extends keyof P["read"] & string>(name: N, options?: ReadOptions) => Promise<P["read"][N]>

  /** Reads a property, and says whether the value can be true: 85 °C is what a thermometer gives until it has measured. */
  readonly reading: <N extends keyof P["read"] & string>(
    name: N,
    options?: ReadingOptions
  ) => Promise<Reading<P["read"][N]>>

  /** Writes a property: a value that makes no sense is refused before anything is sent. */
  // A method, and no function: so a device is also one of whatever has fewer properties.
  write<N extends keyof P["write"] & string>(
    name: N,
    value: P["write"][N],
    options?: DeviceWriteOptions
  ): Promise<void>
}

/**
 * The type of a device of one of some families: with the properties of the family, or with those that the families have in
 * common. The properties of any other device are unknown to the compiler.
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
 * The devices that were found, and what may be missing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Found<out D = PromiseDevice> extends Discovery.Found<D> {}

/**
 * What a client can do. A promise is rejected with a typed error, which has a `_tag`, a message of one line, and
 * `isRetryable`: whether the same call, made again, is safe and may succeed.
 *
 * @category models
 * @since 0.1.0
 */
export interface PromiseClient extends AsyncDisposable {
  /** The server, as it was asked for. */
  readonly server: string

  /**
   * Asks the server to answer, and nothing else. Gives the milliseconds from the call to the answer, by the monotonic clock: that
   * includes any wait for a connection, connecting, and every attempt before the one that succeeded.
   */
  readonly ping: (options?: CallOptions) => Promise<number>

  /**
   * Whether a device, a directory or a property is at a path. `false` means absent, and nothing else: a bus that failed
   * is an error. Servers answer from their cache: a device that was unplugged stays for up to two minutes.
   */
  readonly present: (path: string, options?: CallOptions) => Promise<boolean>

  /**
   * The ROM id of the device that a path or an alias leads to, in sixteen hexadecimal digits. Nothing where the path is
   * absent or leads to no device.
   */
  readonly romId: (path: string, options?: CallOptions) => Promise<string | undefined>

  /** The paths in a directory, `/` by default. A server with aliases lists those instead of ROM ids. */
  readonly dir: (path?: string, options?: DirOptions) => Promise<ReadonlyArray<string>>

  /**
   * The paths in a directory, one by one as the server finds them. Each iteration asks anew, and who leaves it early closes
   * its connection. Slower than `dir` where the server knows them all.
   */
  readonly dirStream: (path?: string, options?: DirStreamOptions) => AsyncIterable<string>

  /** The bytes of a property. There may be none, as of an alias that is not set. */
  readonly read: (path: string, options?: ReadOptions) => Promise<Uint8Array>

  /** The text of a property. Numbers come without padding, unless `flags.trim` is false. */
  readonly readText: (path: string, options?: ReadOptions) => Promise<string>

  /** Writes a property. That the server accepted fewer bytes is a `ProtocolError` of reason `ShortWrite`. */
  readonly write: (path: string, data: Uint8Array | string, options?: WriteOptions) => Promise<void>

  /** What is at a path: the entries of a directory, or the bytes of a property. */
  readonly get: (path: string, options?: DirOptions & ReadOptions) => Promise<OwClient.Content>

  /**
   * Sends any message and gives the reply as it came, refusals too. A payload given as a string is a path, and gets its
   * NUL; bytes are sent as they are. Never sent twice unless the message type changes nothing.
   */
  readonly sendMessage: (
    type: number,
    payload: Uint8Array | string,
    options?: MessageOptions
  ) => Promise<OwClient.Reply>

  /**
   * A device of a known family, by its ROM id in any format, or its path. Nothing is asked of the server. Throws an
   * `ArgumentError` where there is no such device: a wrong CRC, another family.
   */
  readonly device: <P extends Family.Properties>(family: Family.Family<P>, address: string) => PromiseDevice<P>

  /**
   * Finds the devices of the server, bus by bus, also behind couplers and other servers. What could not be listed is among the
   * `failures`: they are to be looked at, because a bus that fails hides its devices. The devices of `families` have the types of
   * their properties; the server is asked for those of any other, once for each family.
   */
  readonly devices: <const F extends ReadonlyArray<Family.Family> = readonly []>(
    options?: DevicesOptions<F>
  ) => Promise<Found<DeviceOf<F>>>

  /** A client with other flags, another timeout or other retries, which shares this one's connections: closing one closes both. */
  readonly with: (options: Omit<CallOptions, "signal">) => PromiseClient

  /** Closes all connections. Calls that are under way or still come are rejected with a `ConnError` of reason `ClientClosed`. */
  readonly close: () => Promise<void>
}

/**
 * Connects to a server, which is written `host`, `host:port`, `[::1]:4304` or `owserver://host:port`, or is in the options;
 * `localhost:4304` by default. `w1:` means the kernel's own bus, which is then only read. Unless `lazy`, the promise is kept when an owserver has answered there.
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
    // Callers without types may give anything.
    Effect.fromOption(ServerAddress.fromString(String(server))).pipe(
      Effect.mapError(() =>
        new OwError.ArgumentError({
          operation: "connect",
          argument: "server",
          problem: `${JSON.stringify(server)} is none: ${ServerAddress.problem(String(server))}`
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
          // Each is a device of one of the families, as the types of both say, and of any family if there are none.
          devices: (found.devices as ReadonlyArray<unknown> as ReadonlyArray<Device.Device>).map(
            deviceOf
          ) as ReadonlyArray<unknown> as ReadonlyArray<DeviceOf<F>>
        }))),
    with: (options) => clientOf(ow.with(Promises.coreOptions(options) ?? {}), close, logging),
    close,
    [Symbol.asyncDispose]: close
  }
}
