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
   * Flags to set or clear, for units, formats and `uncached`. `persistence` is on unless you clear it. A number is a word whose
   * set bits are all turned on: `0x2` means `{ busReturn: true }`.
   */
  readonly flags?: ControlFlags.Input | undefined
  /**
   * Time limit of the whole call: waiting for a connection, connecting and the answer. None by default; `Infinity` removes a
   * client's limit.
   */
  readonly timeout?: Duration.Input | undefined
  /**
   * When to retry after a failure that may be temporary: `OwRetry.transient`, or your own schedule. None by default; `false` turns off a
   * client's schedule. A client's schedule does not apply to `write` and `sendMessage`: they are repeated only if the call itself
   * has a schedule, and then even if the first attempt may have taken effect. It does not apply to `dirStream` either; use
   * `Stream.retry` there. The call's `timeout` covers all attempts and the pauses between them.
   */
  readonly retry?: Schedule.Schedule<unknown, OwError.OwError> | false | undefined
}

/**
 * Options of `dir` and `get`.
 *
 * @category models
 * @since 0.1.0
 */
export interface DirOptions extends CallOptions {
  /** Whether the path of each directory ends in a slash. Default `true`. */
  readonly slash?: boolean | undefined
  /** Whether `/` also lists the server's own directories (`/settings`, `/bus.0`, …). Default `false`. */
  readonly bus?: boolean | undefined
}

/**
 * Options of `dirStream`. The server does not mark directories in its answer.
 *
 * @category models
 * @since 0.1.0
 */
export interface DirStreamOptions extends CallOptions {
  /** Whether `/` also lists the server's own directories (`/settings`, `/bus.0`, …). Default `false`. */
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
  /** Offset of the first byte to read. Default 0. */
  readonly offset?: number | undefined
}

/**
 * Options of `write`.
 *
 * @category models
 * @since 0.1.0
 */
export interface WriteOptions extends CallOptions {
  /** Offset in the property at which to write. Default 0. */
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
  /** Offset of the first byte of the value. Default 0. */
  readonly offset?: number | undefined
}

/**
 * What is at a path: a directory or a value.
 *
 * @category models
 * @since 0.1.0
 */
export type Content =
  | { readonly _tag: "Directory"; readonly entries: ReadonlyArray<string> }
  | { readonly _tag: "Value"; readonly bytes: Uint8Array }

/**
 * A reply exactly as received, with the frames that precede it in the answer to a DIR.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reply extends Frame {
  /** DIR: one frame for each entry. Empty for all other messages. */
  readonly entries: ReadonlyArray<Frame>
}

/**
 * Options of all calls of a client, or of a client derived from it by `with`.
 *
 * @category models
 * @since 0.1.0
 */
export interface DefaultOptions extends CallOptions {
  /**
   * Whether to refuse `write`, and `sendMessage` of any type that may change something, with an `ArgumentError` before sending a
   * byte. A client derived from a read-only one is also read-only. Default `false`.
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
  /** Whether to send nothing when the layer is built, so that the server may start later. Default `false`. */
  readonly lazy?: boolean | undefined
  /**
   * Maximum number of connections at a time. A server keeps 20 for all its clients together. No bus holds all of them, unless
   * there is only one bus. Default 4.
   */
  readonly maxConnections?: number | undefined
  /** How long to keep an idle connection. Default 1 minute; a server closes it after 10 minutes. */
  readonly idleTimeout?: Duration.Input | undefined
  /**
   * Time limit of each step of opening a connection: resolving the name, connecting to an address, and the server's first answer.
   * Default 5 seconds.
   */
  readonly connectTimeout?: Duration.Input | undefined
  /** How long a server may be silent while it works. It sends a keepalive every second. Default 5 seconds. */
  readonly silenceTimeout?: Duration.Input | undefined
  /**
   * Maximum length of an accepted payload, in bytes. Default 1,048,576: a server sends at most 100,050 bytes of a value, but the
   * listing of a logger's memory is twice as long.
   */
  readonly maxPayload?: number | undefined
  /** Whether to update the metrics of `OwMetrics`. Default `false`. */
  readonly metrics?: boolean | undefined
}

/**
 * State of a client's connections to its server, as its calls have found it. The client sends nothing just to find out.
 *
 * **Details**
 *
 * - `Connected`: the server answers.
 * - `Degraded`: a connection was lost or could not be opened, and no answer has come since; or the server answers, but over fewer
 *   connections than the calls need.
 * - `Disconnected`: no address has a server that answers, or no call has been made yet.
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
  /** The server, as the program named it. */
  readonly server: string

  /** The flags of calls that set none themselves. They include the scales of temperatures and pressures. */
  readonly flags: ControlFlags.ControlFlags

  /** The current state, followed by each change. A slow reader gets only the latest. */
  readonly state: Stream.Stream<State>

  /**
   * Checks that the server answers. Returns the time from the call to the answer, by the monotonic clock. The time includes
   * waiting for a connection, connecting, and all earlier attempts with the pauses between them.
   */
  readonly ping: (options?: CallOptions) => Effect.Effect<Duration.Duration, OwError.OwError>

  /**
   * Checks whether a device, a directory or a property is at a path. `false` always means absent: a bus that failed is an error.
   * Servers answer from their cache, so an unplugged device still counts as present for up to two minutes.
   */
  readonly present: (path: string, options?: CallOptions) => Effect.Effect<boolean, OwError.OwError>

  /** Finds the ROM id of the device that a path or an alias leads to. `None` if the path is absent or leads to no device. */
  readonly romId: (
    path: string,
    options?: CallOptions
  ) => Effect.Effect<Option.Option<RomId.RomId>, OwError.OwError>

  /** Lists the paths in a directory, `/` by default. A server with aliases lists those instead of ROM ids. */
  readonly dir: (path?: string, options?: DirOptions) => Effect.Effect<ReadonlyArray<string>, OwError.OwError>

  /**
   * Lists the paths in a directory one by one, as the server finds them. It is slower than `dir` if the server already knows all
   * of them.
   */
  readonly dirStream: (path?: string, options?: DirStreamOptions) => Stream.Stream<string, OwError.OwError>

  /** Reads the bytes of a property. The result may be empty, for example for an alias that is not set. */
  readonly read: (path: string, options?: ReadOptions) => Effect.Effect<Uint8Array, OwError.OwError>

  /**
   * Reads the text of a property. Numbers come without padding, unless `flags.trim` is false. NULs at the end are not part of the
   * text, so a value of only NULs is empty.
   */
  readonly readText: (path: string, options?: ReadOptions) => Effect.Effect<string, OwError.OwError>

  /**
   * Reads the bytes of many properties. The result has each path once, with its value or the error that a `read` of this path
   * alone would fail with. The `timeout` applies to each read, from when its turn comes. The effect itself fails only if an
   * option is invalid.
   */
  readonly readMany: (
    paths: Iterable<string>,
    options?: ReadOptions
  ) => Effect.Effect<ReadonlyMap<string, Result.Result<Uint8Array, OwError.OwError>>, OwError.ArgumentError>

  /**
   * Reads the texts of many properties, as `readMany` reads their bytes.
   *
   * It needs no fiber for each read, so it costs less than `Effect.forEach` over `readText`. The client has as many reads under
   * way as it has connections, and reads different buses at the same time, regardless of the order of the paths. An interruption
   * cancels all remaining reads.
   */
  readonly readTextMany: (
    paths: Iterable<string>,
    options?: ReadOptions
  ) => Effect.Effect<ReadonlyMap<string, Result.Result<string, OwError.OwError>>, OwError.ArgumentError>

  /** Writes a property. If the server accepts only part of the bytes, it fails with a `ProtocolError` of reason `ShortWrite`. */
  readonly write: (
    path: string,
    data: Uint8Array | string,
    options?: WriteOptions
  ) => Effect.Effect<void, OwError.OwError>

  /** Gets the entries of a directory or the bytes of a property, depending on what is at the path. */
  readonly get: (path: string, options?: DirOptions & ReadOptions) => Effect.Effect<Content, OwError.OwError>

  /**
   * Sends any message, and returns the reply exactly as received, even a refusal. A string payload is a path, and gets its final
   * NUL; bytes are sent unchanged. The client never sends the message twice unless its type changes nothing.
   *
   * The data are the bytes after the header, including the NUL that ends a listing. `Payload.decodeList` decodes a listing,
   * `Payload.decodePath` an entry of a DIR, and `FrameDecoder.value` finds the value of a READ.
   */
  readonly sendMessage: (
    type: number,
    payload: Uint8Array | string,
    options?: MessageOptions
  ) => Effect.Effect<Reply, OwError.Unanswered>

  /**
   * Derives a client with other flags, another timeout, another retry schedule, or read-only access. It shares this client's
   * connections.
   */
  readonly with: (options: DefaultOptions) => Client
}

/**
 * Access to a 1-Wire network through an owserver. The service is a {@link Client}.
 *
 * **Details**
 *
 * Any number of fibers may share a client. An interrupted call closes the connection it used, so that no reply can reach another
 * caller. If a server has closed an idle connection, reads, listings and presence checks are repeated on another connection. A
 * write is repeated only if nothing of it was sent.
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
 * Makes a client that uses a connector.
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
 * Makes a client that uses a connector, and sends nothing. It is `make` with `lazy`, so it fails only if an option is invalid.
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
 * Provides a client that uses a connector. Unless it is `lazy`, building the layer checks that an owserver answers; otherwise it
 * fails with a `ConnError` or a `ProtocolError`. An invalid option fails with an `ArgumentError`. Closing the layer closes all
 * connections.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<OwClient, OwError.Unanswered, Connector.Connector> => Layer.effect(OwClient, make(options))
