/**
 * The operations of a client, over whatever exchanges messages.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { empty } from "../../internal/bytes.ts"
import { monotonicMillis } from "../../internal/clock.ts"
import * as RomId from "../../onewire/RomId.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import type { Frame } from "../../protocol/FrameDecoder.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as Payload from "../../protocol/Payload.ts"
import type { Request } from "../../protocol/Request.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type * as OwClient from "../OwClient.ts"
import * as OwError from "../OwError.ts"
import * as Argument from "./Argument.ts"
import * as Failure from "./Failure.ts"
import type { Memory } from "./Memory.ts"
import * as replies from "./replies.ts"
import { defaultFlags, type Transport } from "./Transport.ts"

/** What goes wrong inside a call, before it is said to the caller. */
type Inner =
  | Failure.Failure
  | Failure.Refused
  | { readonly _tag: "ShortWrite"; readonly accepted: number; readonly sent: number }
  | { readonly _tag: "TimedOut"; readonly elapsed: number; readonly limit: number; readonly requestSent: boolean }

/** One call: what it is called in its errors, and who wants to know that bytes of it have left. */
interface Call {
  readonly operation: OwError.Operation
  readonly path: string | undefined
  readonly onSent?: (() => void) | undefined
}

/** Slashes are asked for one entry at a time, with this many questions at once. */
const concurrency = 4

export const makeClient = (
  transport: Transport,
  memory: Memory,
  base: OwClient.CallOptions
): OwClient.Client => {
  const { exchange, maxPayload, server } = transport
  const baseFlags = ControlFlags.override(defaultFlags, base.flags ?? {})
  const baseTextFlags = ControlFlags.override(baseFlags, { trim: base.flags?.trim ?? true })
  const defaultSize = Math.min(65_536, maxPayload)

  const flagsOf = (options: OwClient.CallOptions | undefined): number =>
    options?.flags === undefined ? baseFlags : ControlFlags.override(baseFlags, options.flags)

  const textFlagsOf = (options: OwClient.CallOptions | undefined): number =>
    options?.flags === undefined ? baseTextFlags : ControlFlags.override(baseTextFlags, options.flags)

  const valueRequest = (
    type: number,
    path: string,
    flags: number,
    options: OwClient.ReadOptions | undefined
  ): Request => ({ type, flags, path, size: options?.size ?? defaultSize, offset: options?.offset ?? 0 })

  const listingFlags = (options: OwClient.DirStreamOptions | undefined): number =>
    options?.bus === undefined
      ? flagsOf(options)
      : ControlFlags.override(flagsOf(options), { busReturn: options.bus })

  const publish = (call: Call, inner: Inner, within: number): Effect.Effect<never, OwError.OwError> => {
    const { operation, path } = call
    switch (inner._tag) {
      case "Refused": {
        const { code, isTransient, meaning, name, reason } = ReturnCode.explain(inner.code, inner.type)
        return Effect.flatMap(memory.text(inner.code, within), (serverText) =>
          Effect.fail(
            new OwError.OwnetError({
              reason: { _tag: reason },
              code,
              codeName: name,
              meaning,
              serverText,
              isRetryable: isTransient && inner.type !== MessageType.Write,
              operation,
              path,
              server
            })
          ))
      }
      case "ShortWrite":
        return Effect.fail(
          new OwError.ProtocolError({
            reason: { _tag: "ShortWrite", accepted: inner.accepted, sent: inner.sent },
            problem: `the server accepted ${inner.accepted} of ${inner.sent} bytes; the property holds no more`,
            bytes: empty,
            attempts: [],
            operation,
            path,
            server
          })
        )
      case "TimedOut":
        return Effect.fail(
          new OwError.OwnetTimeout({
            reason: { _tag: "Call" },
            elapsed: inner.elapsed,
            limit: inner.limit,
            requestSent: inner.requestSent,
            operation,
            path,
            server
          })
        )
      default:
        return Effect.fail(Failure.toError(inner, { operation, path, server }))
    }
  }

  const run = <A>(
    operation: OwError.Operation,
    path: string | undefined,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    body: (call: Call) => Effect.Effect<A, Inner>
  ): Effect.Effect<A, OwError.OwError> => {
    if (problem !== undefined) return Effect.fail(new OwError.ArgumentError({ operation, ...problem }))
    const timeout = options?.timeout ?? base.timeout
    if (timeout === undefined) {
      const call: Call = { operation, path }
      return Effect.catch(body(call), (inner) => publish(call, inner, Infinity))
    }
    const limit = Argument.millis(timeout)
    if (limit === undefined) {
      return Effect.fail(new OwError.ArgumentError({ operation, ...Argument.notPositive("timeout", timeout) }))
    }
    return Effect.flatMap(Clock.Clock, (clock) => {
      const start = monotonicMillis(clock)
      const elapsed = () => Math.round(monotonicMillis(clock) - start)
      let requestSent = false
      const call: Call = {
        operation,
        path,
        onSent: () => {
          requestSent = true
        }
      }
      return body(call).pipe(
        Effect.timeoutOrElse({
          duration: limit,
          orElse: () => Effect.fail<Inner>({ _tag: "TimedOut", elapsed: elapsed(), limit, requestSent })
        }),
        Effect.catch((inner) => publish(call, inner, limit - elapsed()))
      )
    })
  }

  const read = <A>(
    { onSent }: Call,
    path: string,
    flags: number,
    options: OwClient.ReadOptions | undefined,
    decode: (bytes: Uint8Array) => A
  ): Effect.Effect<A, Inner> =>
    exchange({
      request: valueRequest(MessageType.Read, path, flags, options),
      check: replies.read,
      onSent,
      decode: (frame) => decode(frame.data)
    })

  const presence = <A>(
    { onSent }: Call,
    path: string,
    flags: number,
    decode: (frame: Frame) => A,
    absent: A
  ): Effect.Effect<A, Inner> =>
    Effect.catchIf(
      exchange({ request: pathRequest(MessageType.Presence, path, flags), check: replies.presence, onSent, decode }),
      (inner) => inner._tag === "Refused" && (inner.code === ReturnCode.absent || inner.code === ReturnCode.vanished),
      () => Effect.succeed(absent)
    )

  const listEach = (
    { onSent }: Call,
    path: string,
    flags: number,
    onPath: (path: string) => void
  ): Effect.Effect<void, Inner> =>
    exchange({
      request: pathRequest(MessageType.Dir, path, flags),
      check: replies.list,
      onEntry: (entry) => onPath(Payload.decodePath(entry.data)),
      onSent,
      decode: () => {}
    })

  const isDirectory = (call: Call, path: string, flags: number): Effect.Effect<boolean, Inner> =>
    Option.isSome(RomId.fromString(path.slice(path.lastIndexOf("/") + 1)))
      ? Effect.succeed(true)
      : listEach(call, path, flags, () => {}).pipe(
        Effect.as(true),
        Effect.catchIf(
          (inner) =>
            inner._tag === "Refused" && (inner.code === ReturnCode.notDirectory || inner.code === ReturnCode.absent),
          () => Effect.succeed(false)
        )
      )

  /** The listing of a server that knows DIR only, where slashes are had by asking for each entry. */
  const listByDir = Effect.fnUntraced(function*(
    call: Call,
    path: string,
    flags: number,
    slash: boolean
  ): Effect.fn.Return<ReadonlyArray<string>, Inner> {
    const paths: Array<string> = []
    yield* listEach(call, path, flags, (entry) => paths.push(entry))
    if (!slash) return paths
    return yield* Effect.forEach(
      paths,
      (entry) => Effect.map(isDirectory(call, entry, flags), (is) => is ? `${entry}/` : entry),
      { concurrency }
    )
  })

  const list = (call: Call, path: string, flags: number, slash: boolean): Effect.Effect<ReadonlyArray<string>, Inner> =>
    Effect.suspend(() => {
      if (memory.lacksDirAll) return listByDir(call, path, flags, slash)
      const { onSent } = call
      const request = pathRequest(slash ? MessageType.DirAllSlash : MessageType.DirAll, path, flags)
      return Effect.catchIf(
        exchange({ request, check: replies.list, onSent, decode: decodeList }),
        isUnsupported,
        () => {
          memory.lacksDirAll = true
          return listByDir(call, path, flags, slash)
        }
      )
    })

  /** What is at a path, on a server without GET: a property is no directory. */
  const getByList = (
    call: Call,
    path: string,
    flags: number,
    slash: boolean,
    value: Effect.Effect<OwClient.Content, Inner>
  ): Effect.Effect<OwClient.Content, Inner> =>
    Effect.catchIf(
      Effect.map(list(call, path, flags, slash), directory),
      (inner: Inner) => inner._tag === "Refused" && inner.code === ReturnCode.notDirectory,
      () => value
    )

  const get = (
    call: Call,
    path: string,
    flags: number,
    slash: boolean,
    options: OwClient.ReadOptions | undefined
  ): Effect.Effect<OwClient.Content, Inner> =>
    Effect.suspend(() => {
      const bytes = read(call, path, flags, options, value)
      if (memory.lacksGet) return getByList(call, path, flags, slash, bytes)
      return exchange({
        request: valueRequest(slash ? MessageType.GetSlash : MessageType.Get, path, flags, options),
        check: replies.get,
        onSent: call.onSent,
        decode: (frame) =>
          frame.ret > 0 ? value(frame.data) : frame.payload > 0 ? directory(decodeList(frame)) : undefined
      }).pipe(
        // An empty directory and an empty value look the same.
        Effect.filterOrElse(
          (node) => node !== undefined,
          () => getByList(call, path, flags, slash, Effect.succeed(value(empty)))
        ),
        Effect.catchIf(isUnsupported, () => {
          memory.lacksGet = true
          return getByList(call, path, flags, slash, bytes)
        })
      )
    })

  const write = (
    { onSent }: Call,
    path: string,
    flags: number,
    data: Uint8Array,
    options: OwClient.WriteOptions | undefined
  ): Effect.Effect<void, Inner> =>
    Effect.flatMap(
      exchange({
        request: { type: MessageType.Write, flags, path, data, size: data.length, offset: options?.offset ?? 0 },
        check: replies.write,
        onSent,
        decode: (frame) => frame.size
      }),
      (accepted): Effect.Effect<void, Inner> =>
        accepted === data.length ? Effect.void : Effect.fail({ _tag: "ShortWrite", accepted, sent: data.length })
    )

  const sendMessage = (
    { onSent }: Call,
    type: number,
    payload: Uint8Array | string,
    flags: number,
    options: OwClient.MessageOptions | undefined
  ): Effect.Effect<OwClient.Reply, Inner> =>
    Effect.suspend(() => {
      const entries: Array<Frame> = []
      return exchange({
        request: { type, flags, path: payload, size: options?.size ?? 0, offset: options?.offset ?? 0 },
        isRaw: true,
        onEntry: (entry) => entries.push(keep(entry)),
        onSent,
        decode: (frame) => ({ ...keep(frame), entries })
      })
    })

  return {
    server,

    ping: (options) =>
      run("ping", undefined, options, undefined, ({ onSent }) =>
        exchange({
          request: { type: MessageType.Nop, flags: flagsOf(options), path: empty, size: 0, offset: 0 },
          check: replies.nop,
          onSent,
          decode: () => {}
        })),

    present: (path, options) =>
      run(
        "present",
        path,
        options,
        Argument.path(path),
        (call) => presence(call, path, flagsOf(options), () => true, false)
      ),

    presence: (path, options) =>
      run(
        "presence",
        path,
        options,
        Argument.path(path),
        (call) => presence(call, path, flagsOf(options), decodeId, Option.none())
      ),

    dir: (path = "/", options) =>
      run(
        "dir",
        path,
        options,
        Argument.path(path),
        (call) => list(call, path, listingFlags(options), options?.slash ?? true)
      ),

    dirStream: (path = "/", options) =>
      Stream.callback<string, OwError.OwError>((queue) =>
        Effect.andThen(
          run("dir", path, options, Argument.path(path), (call) =>
            listEach(call, path, listingFlags(options), (entry) => Queue.offerUnsafe(queue, entry))),
          Queue.end(queue)
        )
      ),

    read: (path, options) =>
      run(
        "read",
        path,
        options,
        Argument.path(path) ?? Argument.range(options, maxPayload),
        (call) => read(call, path, flagsOf(options), options, copy)
      ),

    readText: (path, options) =>
      run(
        "read",
        path,
        options,
        Argument.path(path) ?? Argument.range(options, maxPayload),
        (call) => read(call, path, textFlagsOf(options), options, Payload.decodeText)
      ),

    write: (path, data, options) => {
      // Taken now: the call may have to wait, and the caller's array is the caller's.
      const bytes = typeof data === "string" ? Payload.encodeText(data) : copy(data)
      return run(
        "write",
        path,
        options,
        Argument.path(path) ?? Argument.data(path, data, bytes, options),
        (call) => write(call, path, flagsOf(options), bytes, options)
      )
    },

    get: (path, options) =>
      run(
        "get",
        path,
        options,
        Argument.path(path) ?? Argument.range(options, maxPayload),
        (call) => get(call, path, listingFlags(options), options?.slash ?? true, options)
      ),

    sendMessage: (type, payload, options) => {
      const bytes = typeof payload === "string" ? payload : copy(payload)
      return run(
        "sendMessage",
        typeof payload === "string" ? payload : undefined,
        options,
        Argument.message(type, payload, options),
        (call) => sendMessage(call, type, bytes, flagsOf(options), options)
        // A refusal is a reply like any other here, so that no `OwnetError` is made of one.
      ) as ReturnType<OwClient.Client["sendMessage"]>
    },

    with: (changes) =>
      makeClient(transport, memory, {
        flags: { ...base.flags, ...givenOf(changes.flags) },
        timeout: changes.timeout ?? base.timeout
      })
  }
}

const pathRequest = (type: number, path: string, flags: number): Request => ({ type, flags, path, size: 0, offset: 0 })

/** A flag left undefined changes nothing. */
const givenOf = (flags: ControlFlags.Overrides = {}): ControlFlags.Overrides =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))

const isUnsupported = (inner: Inner): boolean => inner._tag === "Refused" && inner.code === ReturnCode.unsupported

const decodeList = (frame: Frame): ReadonlyArray<string> => Payload.decodeList(frame.data.subarray(0, frame.size))

const decodeId = (frame: Frame): Option.Option<RomId.RomId> =>
  Option.flatMap(Option.fromUndefinedOr(Payload.decodePresence(frame.data)), RomId.fromBytes)

// Frames are views of bytes that are used again.
const copy = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

const keep = (frame: Frame): Frame => ({ ...frame, data: copy(frame.data) })

const directory = (entries: ReadonlyArray<string>): OwClient.Content => ({ _tag: "Directory", entries })

const value = (bytes: Uint8Array): OwClient.Content => ({ _tag: "Value", bytes: copy(bytes) })
