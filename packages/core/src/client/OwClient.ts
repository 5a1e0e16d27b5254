/**
 * The client: every operation of the owserver protocol as an Effect, behind one service.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Result from "effect/Result"
import type * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type * as RomId from "../onewire/RomId.ts"
import type * as ControlFlags from "../protocol/ControlFlags.ts"
import type { Frame } from "../protocol/FrameDecoder.ts"
import type * as Connector from "./Connector.ts"
import { CallDefaults } from "./internal/CallDefaults.ts"
import * as Capabilities from "./internal/Capabilities.ts"
import * as Checked from "./internal/Checked.ts"
import { makeClient } from "./internal/client.ts"
import * as ConnectionPool from "./internal/connections/ConnectionPool.ts"
import { toError } from "./internal/exchange/ExchangeFailure.ts"
import type * as OwError from "./OwError.ts"

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
  readonly timeout?: Duration.Input | undefined
  /**
   * When to try again after a failure that may pass: `OwRetry.transient`, or a schedule of your own. None by default; `false`
   * turns a client's off. A schedule of the client does not apply to `write` and `sendMessage`, which are repeated only if the
   * call itself has one, and then even if the first attempt may have taken effect. Nor does it apply to `dirStream`, for which
   * there is `Stream.retry`. The call's `timeout` covers all attempts and the pauses between them.
   */
  readonly retry?: Schedule.Schedule<unknown, OwError.OwError> | false | undefined
}

/**
 * Options of `dir`, and of `get`.
 *
 * @category models
 * @since 0.1.0
 */
export interface DirOptions extends CallOptions {
  /** Ends the path of each directory in a slash. Default `true`. */
  readonly slash?: boolean | undefined
  /** Lists the server's own directories (`/settings`, `/bus.0`, …) in `/` too. Default `false`. */
  readonly bus?: boolean | undefined
}

/**
 * Options of `dirStream`. The server does not mark directories there.
 *
 * @category models
 * @since 0.1.0
 */
export interface DirStreamOptions extends CallOptions {
  /** Lists the server's own directories (`/settings`, `/bus.0`, …) in `/` too. Default `false`. */
  readonly bus?: boolean | undefined
}

/**
 * Options of `read`, `readText` and `get`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReadOptions extends CallOptions {
  /** Maximum number of bytes to read, 1 to 100,050. Default 65,536. */
  readonly size?: number | undefined
  /** The first byte to read. Default 0. */
  readonly offset?: number | undefined
}

/**
 * Options of `write`.
 *
 * @category models
 * @since 0.1.0
 */
export interface WriteOptions extends CallOptions {
  /** Where in the property to write. Default 0. */
  readonly offset?: number | undefined
}

/**
 * Options of `sendMessage`.
 *
 * @category models
 * @since 0.1.0
 */
export interface MessageOptions extends CallOptions {
  /** READ and GET: maximum number of bytes. WRITE: length of the data at the end of the payload. Default 0. */
  readonly size?: number | undefined
  /** The first byte of the value. Default 0. */
  readonly offset?: number | undefined
}

/**
 * The content of a path: a directory or a value.
 *
 * @category models
 * @since 0.1.0
 */
export type Content =
  | { readonly _tag: "Directory"; readonly entries: ReadonlyArray<string> }
  | { readonly _tag: "Value"; readonly bytes: Uint8Array }

/**
 * A reply as it came, with the frames of a DIR that came before it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reply extends Frame {
  /** DIR: one frame an entry. Empty for all other messages. */
  readonly entries: ReadonlyArray<Frame>
}

/**
 * Options of all calls of a client, and of one that is derived from it by `with`.
 *
 * @category models
 * @since 0.1.0
 */
export interface DefaultOptions extends CallOptions {
  /**
   * Refuses `write`, and `sendMessage` of any type that may change something, with an `ArgumentError` before a byte is sent. A
   * client that is derived from one that is read-only is read-only, too. Default `false`.
   */
  readonly readOnly?: boolean | undefined
}

/**
 * Options of a client.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends DefaultOptions {
  /** Sends nothing when the layer is built, so that the server may start later. Default `false`. */
  readonly lazy?: boolean | undefined
  /**
   * Maximum number of connections at a time; a server keeps 20 for all its clients together. No bus holds all of them, unless
   * there is one. Default 4.
   */
  readonly maxConnections?: number | undefined
  /** How long an idle connection is kept. Default 1 minute; a server closes it after 10. */
  readonly idleTimeout?: Duration.Input | undefined
  /**
   * The limit of each step of opening a connection: resolving the name, connecting to an address, and the server's first
   * answer. Default 5 seconds.
   */
  readonly connectTimeout?: Duration.Input | undefined
  /** How long a server may be silent while it works; it sends a keepalive each second. Default 5 seconds. */
  readonly silenceTimeout?: Duration.Input | undefined
  /**
   * The longest payload to accept, in bytes. Default 1,048,576: a server gives at most 100,050 bytes of a value, but the
   * listing of a logger's memory is twice as long.
   */
  readonly maxPayload?: number | undefined
  /** Updates the metrics of `OwMetrics`. Default `false`. */
  readonly metrics?: boolean | undefined
}

/**
 * State of a client's connections to its server, as its calls have shown it: nothing is sent to find out.
 *
 * **Details**
 *
 * - `Connected`: the server answers.
 * - `Degraded`: a connection was lost or could not be opened, and no answer has come since; or calls are answered, by fewer
 *   connections than are wanted.
 * - `Disconnected`: no address has a server that answers, or nothing has been asked yet.
 *
 * @category models
 * @since 0.1.0
 */
export type State =
  | { readonly _tag: "Connected" }
  | { readonly _tag: "Degraded"; readonly problem: string }
  | { readonly _tag: "Disconnected"; readonly problem: string }

/**
 * The operations of a client.
 *
 * @category models
 * @since 0.1.0
 */
export interface Client {
  /** The server, as it was asked for. */
  readonly server: string

  /** The flags of its calls, unless a call has its own: they tell the scales of temperatures and pressures. */
  readonly flags: ControlFlags.ControlFlags

  /** The current state, and then each change. A slow reader sees the latest. */
  readonly state: Stream.Stream<State>

  /**
   * Asks the server to answer, and nothing else. Gives the time from the call to the answer, by the monotonic clock: that includes
   * any wait for a connection, connecting, and every attempt before the one that succeeded, with the pauses between them.
   */
  readonly ping: (options?: CallOptions) => Effect.Effect<Duration.Duration, OwError.OwError>

  /**
   * Whether a device, a directory or a property is at a path. `false` means absent, and nothing else: a bus that failed
   * is an error. Servers answer from their cache: a device that was unplugged stays for up to two minutes.
   */
  readonly present: (path: string, options?: CallOptions) => Effect.Effect<boolean, OwError.OwError>

  /** The ROM id of the device that a path or an alias leads to. `None` if the path is absent or leads to no device. */
  readonly romId: (
    path: string,
    options?: CallOptions
  ) => Effect.Effect<Option.Option<RomId.RomId>, OwError.OwError>

  /** The paths in a directory, `/` by default. A server with aliases lists those instead of ROM ids. */
  readonly dir: (path?: string, options?: DirOptions) => Effect.Effect<ReadonlyArray<string>, OwError.OwError>

  /** The paths in a directory, one by one as the server finds them. Slower than `dir` if the server knows them all. */
  readonly dirStream: (path?: string, options?: DirStreamOptions) => Stream.Stream<string, OwError.OwError>

  /** The bytes of a property. There may be none, for example of an alias that is not set. */
  readonly read: (path: string, options?: ReadOptions) => Effect.Effect<Uint8Array, OwError.OwError>

  /**
   * The text of a property. Numbers come without padding, unless `flags.trim` is false. NULs at the end are no part of a text: one of
   * NULs alone is empty.
   */
  readonly readText: (path: string, options?: ReadOptions) => Effect.Effect<string, OwError.OwError>

  /**
   * The bytes of many properties: of each path, asked once, its value or the error that a `read` of it alone would fail with. The
   * `timeout` is that of each read, from when its turn comes. It fails itself only if an option makes no sense.
   */
  readonly readMany: (
    paths: Iterable<string>,
    options?: ReadOptions
  ) => Effect.Effect<ReadonlyMap<string, Result.Result<Uint8Array, OwError.OwError>>, OwError.ArgumentError>

  /**
   * The texts of many properties: to `readText` what `readMany` is to `read`.
   *
   * It has no fiber for each read, so it costs less than `Effect.forEach` over `readText`. As many reads are under way as the
   * client has connections, those of different buses at the same time, whatever the order of the paths. Interrupting it gives up
   * all reads that are left.
   */
  readonly readTextMany: (
    paths: Iterable<string>,
    options?: ReadOptions
  ) => Effect.Effect<ReadonlyMap<string, Result.Result<string, OwError.OwError>>, OwError.ArgumentError>

  /** Writes a property. If the server accepts fewer bytes, it fails with a `ProtocolError` of reason `ShortWrite`. */
  readonly write: (
    path: string,
    data: Uint8Array | string,
    options?: WriteOptions
  ) => Effect.Effect<void, OwError.OwError>

  /** The entries of a directory, or the bytes of a property, whichever is at the path. */
  readonly get: (path: string, options?: DirOptions & ReadOptions) => Effect.Effect<Content, OwError.OwError>

  /**
   * Sends any message and gives the reply as it came, even a refusal. A payload given as a string is a path, and gets its
   * NUL; bytes are sent as they are. It is never sent twice unless its type changes nothing.
   *
   * The data are the bytes behind the header, with the NUL that ends a listing: `Payload.decodeList` reads those, `Payload.decodePath`
   * the entries of a DIR, and `FrameDecoder.value` finds the value of a READ.
   */
  readonly sendMessage: (
    type: number,
    payload: Uint8Array | string,
    options?: MessageOptions
  ) => Effect.Effect<Reply, OwError.Unanswered>

  /**
   * A client with other flags, another timeout or another schedule of retries, or one that is read-only, which shares this one's
   * connections.
   */
  readonly with: (options: DefaultOptions) => Client
}

/**
 * Access to a 1-Wire network behind an owserver. A {@link Client} is behind it.
 *
 * **Details**
 *
 * Any number of fibers may share a client. Interrupting a call closes the connection it used, so that no reply can reach
 * another caller. Reads, listings and presence queries that meet a connection which the server had closed while it was
 * idle are repeated on another; a write is repeated only if nothing of it was sent.
 *
 * **Example** (Reading a temperature)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { NodeOwClient } from "@effect-ownet/node"
 * import { NodeRuntime } from "@effect/platform-node"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const ow = yield* OwClient.OwClient
 *   for (const device of yield* ow.dir()) yield* Console.log(device)
 *   yield* Console.log(yield* ow.readText("/28.000028D70100/temperature"))
 * })
 *
 * program.pipe(Effect.provide(NodeOwClient.layer({ host: "localhost", port: 4304 })), NodeRuntime.runMain)
 * ```
 *
 * **Example** (Reading many values at once)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { Console, Effect, Result } from "effect"
 *
 * const temperatures = Effect.gen(function*() {
 *   const ow = yield* OwClient.OwClient
 *   const answers = yield* ow.readTextMany(["/28.000028D70100/temperature", "/10.000010EF0000/temperature"])
 *   for (const [path, answer] of answers) {
 *     yield* Console.log(path, Result.match(answer, { onSuccess: Number, onFailure: ({ message }) => message }))
 *   }
 * })
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class OwClient extends Context.Service<OwClient, Client>()("@effect-ownet/core/client/OwClient") {}

/**
 * Makes a client over a connector.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options = {}
): Effect.fn.Return<
  Client,
  OwError.Unanswered,
  Connector.Connector | Scope.Scope
> {
  const { client, pool } = yield* assemble(options)
  if (options.lazy !== true) {
    yield* Effect.mapError(pool.connect, (failure) => toError(failure, { operation: "connect", server: pool.server }))
  }
  return client
})

/**
 * Makes a client over a connector, and sends nothing: `make` with `lazy`, which can only fail by its options.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeLazy = (
  options: Omit<Options, "lazy"> = {}
): Effect.Effect<Client, OwError.ArgumentError, Connector.Connector | Scope.Scope> =>
  Effect.map(assemble(options), ({ client }) => client)

const assemble = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<
  { readonly client: Client; readonly pool: ConnectionPool.ConnectionPool },
  OwError.ArgumentError,
  Connector.Connector | Scope.Scope
> {
  const pool = yield* ConnectionPool.make({
    maxConnections: yield* checked.times("maxConnections", options.maxConnections ?? 4),
    idleTimeout: yield* checked.millis("idleTimeout", options.idleTimeout ?? "1 minute"),
    connectTimeout: yield* checked.millis("connectTimeout", options.connectTimeout ?? "5 seconds"),
    silenceTimeout: yield* checked.millis("silenceTimeout", options.silenceTimeout ?? "5 seconds"),
    maxPayload: yield* checked.times("maxPayload", options.maxPayload ?? longestReply, 0),
    metrics: options.metrics ?? false
  })
  yield* checked.call(options)
  return { client: makeClient(pool, Capabilities.make(pool), new CallDefaults(options)), pool }
})

const longestReply = 2 ** 20

const checked = Checked.of("connect")

/**
 * A client over a connector. Unless it is `lazy`, building it proves that an owserver answers: otherwise the layer fails with a
 * `ConnError` or a `ProtocolError`. It fails with an `ArgumentError` if an option makes no sense. All connections are closed
 * with the layer.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<OwClient, OwError.Unanswered, Connector.Connector> => Layer.effect(OwClient, make(options))
