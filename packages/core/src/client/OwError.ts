/**
 * The errors of a client, and the facts in each.
 *
 * | error | says |
 * |---|---|
 * | `OwnetError` | the server answered, and refused |
 * | `OwnetTimeout` | a time limit ran out |
 * | `ConnError` | there is no connection, or it was lost |
 * | `ProtocolError` | the exchange did not go as the protocol says |
 * | `ArgumentError` | the call makes no sense, and nothing was sent |
 *
 * All of them have `isRetryable`: whether it is safe to repeat the same call, and the repetition may succeed. A write is
 * retryable only if nothing of it was sent.
 *
 * An error is created where the reply is read, far from the call. If the call is in an `Effect.fn`, `Cause.pretty` and Effect's
 * loggers also show its place in your program.
 *
 * **Example** (The place of a call in a log)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { Effect } from "effect"
 *
 * const cellar = Effect.fn("cellar")(function*() {
 *   const ow = yield* OwClient.OwClient
 *   return yield* ow.readText("/28.000028D70100/temperature")
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { quoted, shownName } from "../internal/printable.ts"
import * as MessageType from "../protocol/MessageType.ts"
import * as ReturnCode from "../protocol/ReturnCode.ts"
import { where } from "./internal/where.ts"
import * as ServerAddress from "./ServerAddress.ts"

/**
 * Schema of the operations of a client, as errors name them.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Operation = Schema.Literals([
  "connect",
  "ping",
  "present",
  "romId",
  "dir",
  "read",
  "write",
  "get",
  "sendMessage"
])

/**
 * An operation of a client. `connect` is the building of its layer.
 *
 * @category models
 * @since 0.1.0
 */
export type Operation = typeof Operation.Type

const callFields = {
  /** The attempted operation. */
  operation: Operation,
  /** The path of the operation, if it has one. */
  path: Schema.optional(Schema.String),
  /** The server, as the program named it. */
  server: Schema.String
}

const seconds = (millis: number): string => `${Number((millis / 1000).toFixed(3))} s`

const mayWrite = (operation: Operation): boolean => operation === "write" || operation === "sendMessage"

/** Whether it is safe to repeat the call. A write may have taken effect. */
const isSafe = (error: { readonly operation: Operation; readonly requestSent: boolean }): boolean =>
  !error.requestSent || !mayWrite(error.operation)

const outcome = (error: { readonly operation: Operation; readonly requestSent: boolean }): string =>
  isSafe(error) ? "" : notKnown

/** Whether the server is the kernel's own bus, which has no host. The problem itself then says what to do. */
const isKernel = (server: string): boolean => Option.exists(ServerAddress.fromString(server), ServerAddress.isW1)

const notKnown = "; the request may have taken effect"

/** An error as logs and `JSON.stringify` show it: its fields and the values derived from them. */
const shown = (error: Error & { readonly isRetryable: boolean }): unknown => ({
  ...error,
  message: error.message,
  isRetryable: error.isRetryable
})

/**
 * Schema of the reasons of an `OwnetError`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const OwnetReason = Schema.Union([
  Schema.TaggedStruct("NotFound", {}),
  Schema.TaggedStruct("NotDirectory", {}),
  Schema.TaggedStruct("IsDirectory", {}),
  Schema.TaggedStruct("ReadOnly", {}),
  Schema.TaggedStruct("InvalidValue", {}),
  Schema.TaggedStruct("BusFault", {}),
  Schema.TaggedStruct("Unsupported", {}),
  Schema.TaggedStruct("TooLarge", {}),
  Schema.TaggedStruct("Other", {})
])

/**
 * The reason for a refusal.
 *
 * @category models
 * @since 0.1.0
 */
export type OwnetReason = typeof OwnetReason.Type

/**
 * The server answered with a refusal. The connection still works.
 *
 * **Details**
 *
 * - `NotFound`: nothing is at the path now. A misspelt path and a device that left the bus look the same.
 * - `NotDirectory`, `IsDirectory`: the call listed a property, or read or wrote a directory.
 * - `ReadOnly`: the property or the whole server is read-only.
 * - `InvalidValue`: the property does not accept this value.
 * - `BusFault`: the bus, its bus master or the device failed. This is the usual transient failure.
 * - `Unsupported`: the server does not know the message, or the property cannot be read.
 * - `TooLarge`: the requested size does not fit the value.
 * - `Other`: any other code. The message then shows the server's own text.
 *
 * The reason is only a tag. A handler of `catchReason` gets the facts of the call as its second argument.
 *
 * **Example** (Treating an absent device as no failure)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { Effect } from "effect"
 *
 * const temperature = (path: string) =>
 *   OwClient.OwClient.use((ow) => ow.readText(path)).pipe(
 *     Effect.catchReason("OwnetError", "NotFound", (_, error) => Effect.succeed(`nothing at ${error.path}`))
 *   )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class OwnetError extends Schema.TaggedError<OwnetError>()(
  "OwnetError",
  {
    reason: OwnetReason,
    /** The return code, a negative number. */
    code: Schema.Int,
    /** The system's name for the code, such as `EPERM`. */
    codeName: Schema.String,
    /** The meaning of the code for this call, in plain words. */
    meaning: Schema.String,
    /** The server's own text for the code, if available. It is misleading for common codes. */
    serverText: Schema.optional(Schema.String),
    /** Whether the same call may succeed later if nothing else changes. */
    isRetryable: Schema.Boolean,
    ...callFields
  }
) {
  /** One line that names the call, the server and the failure, and says what may help. */
  override get message(): string {
    const { serverText } = this
    const text = this.reason._tag === "Other" && serverText !== undefined
      ? `; the server calls it ${quoted(serverText.slice(0, 200))}`
      : ""
    // A server never performs what it refuses outright.
    const doubt = mayWrite(this.operation) && ReturnCode.explain(this.code, MessageType.Write).isTransient
      ? notKnown
      : ""
    return `${where(this)}: refused with ${this.code} ${this.codeName}: ${this.meaning}${text}${doubt}`
  }

  /** All its fields and its message, ready for a log. */
  override toJSON(): unknown {
    return shown(this)
  }
}

/**
 * Makes the error of a refusal from the return code and the type of the refused message. It explains the code, unless you pass a
 * better `meaning`.
 *
 * **Example** (The error of a thermometer without power)
 *
 * ```ts
 * import { MessageType, OwError } from "@effect-ownet/core"
 *
 * const call = { operation: "read", path: "/28.000028D70100/temperature", server: "localhost:4304" } as const
 *
 * OwError.refused(-22, MessageType.Read, call).reason._tag // => "BusFault"
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const refused = (
  code: number,
  type: number,
  call: Pick<OwnetError, "operation" | "path" | "server" | "serverText"> & Partial<Pick<OwnetError, "meaning">>
): OwnetError => {
  const { isTransient, meaning, name, reason } = ReturnCode.explain(code, type)
  return new OwnetError({
    meaning,
    ...call,
    reason: { _tag: reason },
    code,
    codeName: name,
    isRetryable: isTransient && type !== MessageType.Write
  })
}

/**
 * Schema of the reasons of an `OwnetTimeout`: the limit that ran out.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TimeoutReason = Schema.Union([
  Schema.TaggedStruct("Call", {}),
  Schema.TaggedStruct("Silence", {})
])

/**
 * The limit that ran out.
 *
 * @category models
 * @since 0.1.0
 */
export type TimeoutReason = typeof TimeoutReason.Type

/**
 * A time limit ran out. If the request had been sent, the client closed its connection, and the server may still be working on
 * it.
 *
 * **Details**
 *
 * - `Call`: the call's `timeout`, which covers everything: waiting for a connection, connecting and the answer.
 * - `Silence`: the client's `silenceTimeout`. Not even a keepalive came, and a working server sends one every second.
 *
 * If the limit of connecting runs out, the error is a `ConnError`, which reports it for each address.
 *
 * **Example** (Telling whether a write may have taken effect)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { Console, Effect } from "effect"
 *
 * const on = OwClient.OwClient.use((ow) => ow.write("/29.000029D60300/PIO.0", "1", { timeout: "2 seconds" })).pipe(
 *   Effect.catchTag("OwnetTimeout", ({ requestSent }) =>
 *     Console.warn(requestSent ? "it may be on, or not" : "nothing was sent, it is as it was"))
 * )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class OwnetTimeout extends Schema.TaggedError<OwnetTimeout>()(
  "OwnetTimeout",
  {
    reason: TimeoutReason,
    /** Milliseconds from the start of the call, or of the silence, to its end. */
    elapsed: Schema.Finite,
    /** The limit in milliseconds. */
    limit: Schema.Finite,
    /** Whether bytes of the request may have left. */
    requestSent: Schema.Boolean,
    ...callFields
  }
) {
  /** One line that names the call, the server and the failure, and says what may help. */
  override get message(): string {
    const what = this.reason._tag === "Silence"
      ? `the server was silent for ${seconds(this.limit)}, and sent no keepalive either; it may have stopped`
      : this.requestSent
      ? `no answer within ${seconds(this.limit)}, the call's timeout`
      : `no connection within ${seconds(this.limit)}, the call's timeout; nothing was sent`
    return `${where(this)}: ${what}${outcome(this)}`
  }

  /** Whether it is safe to repeat the call. A write may have taken effect. */
  get isRetryable(): boolean {
    return isSafe(this)
  }

  /** All its fields and its message, ready for a log. */
  override toJSON(): unknown {
    return shown(this)
  }
}

/**
 * Schema of an attempt to connect to one address, and its result.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Attempt = Schema.Struct({ address: Schema.String, problem: Schema.String })

/**
 * An attempt to connect to one address, and its result.
 *
 * @category models
 * @since 0.1.0
 */
export interface Attempt extends Schema.Schema.Type<typeof Attempt> {}

const attemptsOf = (attempts: ReadonlyArray<Attempt>): string =>
  attempts.map(({ address, problem }) => `${address} ${problem}`).join("; ")

/**
 * Schema of the reasons of a `ConnError`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ConnReason = Schema.Union([
  Schema.TaggedStruct("Resolve", {}),
  Schema.TaggedStruct("Connect", {}),
  Schema.TaggedStruct("Exhausted", {}),
  Schema.TaggedStruct("Closed", {}),
  Schema.TaggedStruct("Silent", {}),
  Schema.TaggedStruct("Unreachable", {}),
  Schema.TaggedStruct("ClientClosed", {})
])

/**
 * The reason that there is no connection.
 *
 * @category models
 * @since 0.1.0
 */
export type ConnReason = typeof ConnReason.Type

/**
 * No connection could be made, or it was lost.
 *
 * **Details**
 *
 * - `Resolve`: the host name has no address.
 * - `Connect`: no address accepted a connection. `attempts` lists them all.
 * - `Exhausted`: this process, or its system, has no room for another connection, such as a file handle.
 * - `Silent`: an address accepted the connection, but never answered.
 * - `Closed`: the connection ended before the answer came.
 * - `Unreachable`: another process makes the call, as in a fleet, and it cannot be reached or does not answer.
 * - `ClientClosed`: the client itself is closed, because its layer or scope is. It stays closed.
 *
 * **Example** (Showing which addresses were tried)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { Console, Effect } from "effect"
 *
 * const ping = OwClient.OwClient.use((ow) => ow.ping()).pipe(
 *   Effect.catchReason("ConnError", "Connect", (_, { attempts }) =>
 *     Effect.forEach(attempts, ({ address, problem }) => Console.warn(address, problem)))
 * )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class ConnError extends Schema.TaggedError<ConnError>()(
  "ConnError",
  {
    reason: ConnReason,
    /** The failure, in a few words. */
    problem: Schema.String,
    /** Every address that was tried, with its result. */
    attempts: Schema.Array(Attempt),
    /** Whether bytes of the request may have left. */
    requestSent: Schema.Boolean,
    cause: Schema.optional(Schema.Defect()),
    ...callFields
  }
) {
  /** One line that names the call, the server and the failure, and says what may help. */
  override get message(): string {
    return `${where(this)}: ${this.describe()}${outcome(this)}`
  }

  private describe(): string {
    switch (this.reason._tag) {
      case "Resolve":
        if (isKernel(this.server)) return this.problem
        return `cannot resolve the host: ${this.problem}. Check the name, or give an IP address`
      case "Connect":
        return `cannot connect: ${
          attemptsOf(this.attempts)
        }. Is owserver running there, and does it listen on this address?`
      case "Exhausted":
        return `cannot connect: ${this.problem}. Close files or connections, or raise the limit (ulimit -n)`
      case "Silent":
        return `connected, but no owserver answered: ${
          attemptsOf(this.attempts)
        }. It may hang, or be a server of another kind`
      case "Closed":
        return `the connection was closed before the answer (${this.problem})`
      case "Unreachable":
        return this.problem
      case "ClientClosed":
        return `${this.problem}; its layer or scope has ended`
    }
  }

  /** Whether it is safe to repeat the call. A write may have taken effect, and a closed client stays closed. */
  get isRetryable(): boolean {
    return this.reason._tag !== "ClientClosed" && isSafe(this)
  }

  /** All its fields and its message, ready for a log. */
  override toJSON(): unknown {
    return shown(this)
  }
}

/**
 * Schema of the reasons of a `ProtocolError`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ProtocolReason = Schema.Union([
  Schema.TaggedStruct("MalformedHeader", {}),
  Schema.TaggedStruct("ShortRead", { received: Schema.Int, expected: Schema.Int }),
  Schema.TaggedStruct("ShortWrite", { accepted: Schema.Int, sent: Schema.Int }),
  Schema.TaggedStruct("UnexpectedReply", {})
])

/**
 * The kind of fault.
 *
 * @category models
 * @since 0.1.0
 */
export type ProtocolReason = typeof ProtocolReason.Type

/**
 * The exchange did not follow the protocol.
 *
 * **Details**
 *
 * - `MalformedHeader`: the bytes are not the header of a reply. Most often, another kind of server listens on that port.
 * - `ShortRead`: the connection ended inside a reply. It is safe to read again.
 * - `ShortWrite`: the server accepted fewer bytes than were sent. The rest was not written.
 * - `UnexpectedReply`: the reply is well-formed, but does not answer this request.
 *
 * All except `ShortWrite` close the connection.
 *
 * **Example** (Noticing that another kind of server listens)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { Console, Effect } from "effect"
 *
 * const ping = OwClient.OwClient.use((ow) => ow.ping()).pipe(
 *   Effect.catchReason("ProtocolError", "MalformedHeader", (_, { bytes }) => Console.warn("no owserver:", bytes))
 * )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class ProtocolError extends Schema.TaggedError<ProtocolError>()(
  "ProtocolError",
  {
    reason: ProtocolReason,
    /** The failure, in a few words, with the first bytes and what they look like. */
    problem: Schema.String,
    /** The first bytes received, at most 32. */
    bytes: Schema.Uint8Array,
    /** The other addresses that were tried, with their results. */
    attempts: Schema.Array(Attempt),
    ...callFields
  }
) {
  /** One line that names the call, the server and the failure, and says what may help. */
  override get message(): string {
    const others = this.attempts.length === 0 ? "" : ` (also tried: ${attemptsOf(this.attempts)})`
    const known = this.reason._tag === "ShortWrite" ? "" : outcome({ operation: this.operation, requestSent: true })
    return `${where(this)}: ${this.problem}${others}${known}`
  }

  /** Whether it is safe to repeat the call, and a reply was cut short. No other fault is worth another try. */
  get isRetryable(): boolean {
    return this.reason._tag === "ShortRead" && !mayWrite(this.operation)
  }

  /** All its fields and its message, ready for a log. */
  override toJSON(): unknown {
    return shown(this)
  }
}

/**
 * The call is invalid. Nothing was sent.
 *
 * **Example** (Refusing a value that a person typed)
 *
 * ```ts
 * import { Device } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { Effect } from "effect"
 *
 * const temperature = (typed: string) =>
 *   Device.make(DS18B20, typed).pipe(
 *     Effect.flatMap((device) => device.read("temperature")),
 *     Effect.catchTag("ArgumentError", ({ problem }) => Effect.succeed(`The ROM id ${problem}`))
 *   )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class ArgumentError extends Schema.TaggedError<ArgumentError>()(
  "ArgumentError",
  {
    /**
     * The operation of a client or device that refused the argument, such as `read`, or the function, such as `Alarms.alarms`.
     */
    operation: Schema.String,
    /** The path of the operation, if it has one. */
    path: Schema.optional(Schema.String),
    /** The name of the invalid argument. */
    argument: Schema.String,
    /** What is wrong with the argument. */
    problem: Schema.String
  }
) {
  /** One line that names the call and says what is wrong with it. */
  override get message(): string {
    const { path } = this
    const at = path === undefined ? "" : ` ${shownName(path)}`
    return `${this.operation}${at}: ${this.argument} ${this.problem}; nothing was sent`
  }

  /** Always false: the same call fails the same way. */
  get isRetryable(): boolean {
    return false
  }

  /** All its fields and its message, ready for a log. */
  override toJSON(): unknown {
    return shown(this)
  }
}

/**
 * Schema of the errors of a call.
 *
 * @category schemas
 * @since 0.1.0
 */
export const OwError = Schema.Union([OwnetError, OwnetTimeout, ConnError, ProtocolError, ArgumentError])

/**
 * The errors of a call.
 *
 * **Example** (Turning each error into words)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { Effect } from "effect"
 *
 * const status = OwClient.OwClient.use((ow) => ow.readText("/28.000028D70100/temperature")).pipe(
 *   Effect.catchTags({
 *     OwnetError: ({ meaning }) => Effect.succeed(meaning),
 *     OwnetTimeout: ({ limit }) => Effect.succeed(`no answer within ${limit} ms`),
 *     ConnError: ({ problem }) => Effect.succeed(problem),
 *     ProtocolError: ({ problem }) => Effect.succeed(problem)
 *   })
 * )
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export type OwError = OwnetError | OwnetTimeout | ConnError | ProtocolError | ArgumentError

/**
 * The errors of a call that got no answer: all except the server's own refusal.
 *
 * @category errors
 * @since 0.1.0
 */
export type Unanswered = OwnetTimeout | ConnError | ProtocolError | ArgumentError

/**
 * Whether a failure affects the whole server: no answer came, and none would have come for another device or bus. A refusal, or a
 * fault of one value or one call, does not affect the server. `OwRetry.isTransient` checks whether the failure may be temporary.
 *
 * **Example** (Skipping one device, or the whole server)
 *
 * ```ts
 * import { type Device, OwError } from "@effect-ownet/core"
 * import { Effect } from "effect"
 *
 * const readAll = (devices: ReadonlyArray<Device.Device>) =>
 *   Effect.forEach(devices, (device) =>
 *     device.read("temperature").pipe(
 *       Effect.map((value) => `${device.name}: ${value}`),
 *       Effect.catchIf((error) => !OwError.isServerFailure(error), (error) => Effect.succeed(error.message))
 *     ))
 * ```
 *
 * @category predicates
 * @since 0.1.0
 */
export const isServerFailure = (error: OwError | { readonly _tag: "DeviceError" }): boolean => {
  switch (error._tag) {
    case "ConnError":
      return true
    case "OwnetTimeout":
      // A server that works on a slow bus is not silent, but may still exceed the call's own limit.
      return error.reason._tag === "Silence" || !error.requestSent
    case "ProtocolError":
      return error.reason._tag !== "ShortWrite" && error.reason._tag !== "ShortRead"
    default:
      return false
  }
}
