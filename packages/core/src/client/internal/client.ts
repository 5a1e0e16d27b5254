/**
 * The operations of a client, over whatever exchanges messages.
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { empty } from "../../internal/bytes.ts"
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
import type { Exchange, Transport } from "./Transport.ts"

/** What goes wrong inside a call, before it is said to the caller. */
type Inner =
  | Failure.Failure
  | { readonly _tag: "Refused"; readonly code: number; readonly type: number }
  | { readonly _tag: "ShortWrite"; readonly accepted: number; readonly sent: number }
  | { readonly _tag: "TimedOut"; readonly elapsed: number; readonly limit: number; readonly requestSent: boolean }

/** One call: what it is, for its errors, and what is told to whoever watches it. */
interface Call {
  readonly operation: OwError.Operation
  readonly path: string | undefined
  readonly onSent?: (() => void) | undefined
}

/** How long an error waits for the server's own words at most. */
const textTimeout = 1000

const defaultSize = 65_536

/** Slashes are asked for one entry at a time, with this many questions at once. */
const concurrency = 4

export const makeClient = (
  transport: Transport,
  memory: Memory,
  baseFlags: number,
  baseTimeout: Duration.Input | undefined
): OwClient.Client => {
  const { server } = transport

  const flagsOf = (call: OwClient.CallOptions | undefined): number =>
    call?.flags === undefined ? baseFlags : ControlFlags.override(baseFlags, call.flags)

  const send = (
    call: Call,
    request: Request,
    check: replies.Check,
    onEntry?: Exchange["onEntry"]
  ): Effect.Effect<Frame, Inner> =>
    Effect.filterOrFail(
      transport.exchange({ request, check, onEntry, onSent: call.onSent }),
      (frame) => frame.ret >= 0,
      (frame): Inner => ({ _tag: "Refused", code: frame.ret, type: request.type })
    )

  const publish = (call: Call, inner: Inner, within: number): Effect.Effect<never, OwError.OwError> => {
    const { operation, path } = call
    switch (inner._tag) {
      case "Refused": {
        const { code, isTransient, meaning, name, reason } = ReturnCode.explain(inner.code, inner.type)
        return Effect.flatMap(memory.text(inner.code, Math.min(within, textTimeout)), (serverText) =>
          Effect.fail(
            new OwError.OwnetError({
              reason: { _tag: reason },
              code,
              codeName: name,
              meaning,
              serverText,
              isRetryable: isTransient,
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
    const timeout = options?.timeout ?? baseTimeout
    if (timeout === undefined) {
      const call: Call = { operation, path }
      return Effect.catch(body(call), (inner) => publish(call, inner, Infinity))
    }
    const limit = Argument.millis(timeout)
    if (limit === undefined) {
      return Effect.fail(new OwError.ArgumentError({ operation, ...Argument.notPositive("timeout", timeout) }))
    }
    return Effect.flatMap(Clock.Clock, (clock) => {
      const start = clock.currentTimeMillisUnsafe()
      const elapsed = () => clock.currentTimeMillisUnsafe() - start
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

  const listOnce = (
    call: Call,
    type: number,
    path: string,
    flags: number
  ): Effect.Effect<ReadonlyArray<string>, Inner> =>
    Effect.map(
      send(call, { type, flags, path, size: 0, offset: 0 }, replies.list),
      (frame) => Payload.decodeList(frame.data.subarray(0, frame.size))
    )

  const listSlowly = (
    call: Call,
    path: string,
    flags: number,
    onPath: (path: string) => void
  ): Effect.Effect<Frame, Inner> =>
    send(
      call,
      { type: MessageType.Dir, flags, path, size: 0, offset: 0 },
      replies.list,
      (entry) => onPath(Payload.decodePath(entry.data))
    )

  const isDirectory = (call: Call, path: string, flags: number): Effect.Effect<boolean, Inner> =>
    Option.isSome(RomId.fromString(path.slice(path.lastIndexOf("/") + 1)))
      ? Effect.succeed(true)
      : listSlowly(call, path, flags, () => {}).pipe(
        Effect.as(true),
        Effect.catchIf((inner) => inner._tag === "Refused", () => Effect.succeed(false))
      )

  /** The listing of a server that knows DIR only, where slashes are had by asking for each entry. */
  const listOld = Effect.fnUntraced(function*(
    call: Call,
    path: string,
    flags: number,
    slash: boolean
  ): Effect.fn.Return<ReadonlyArray<string>, Inner> {
    const paths: Array<string> = []
    yield* listSlowly(call, path, flags, (entry) => paths.push(entry))
    if (!slash) return paths
    return yield* Effect.forEach(
      paths,
      (entry) => Effect.map(isDirectory(call, entry, flags), (is) => is ? `${entry}/` : entry),
      { concurrency }
    )
  })

  const list = (call: Call, path: string, flags: number, slash: boolean): Effect.Effect<ReadonlyArray<string>, Inner> =>
    Effect.suspend(() =>
      memory.lacksDirAll
        ? listOld(call, path, flags, slash)
        : Effect.catchIf(
          listOnce(call, slash ? MessageType.DirAllSlash : MessageType.DirAll, path, flags),
          isUnsupported,
          () => {
            memory.lacksDirAll = true
            return listOld(call, path, flags, slash)
          }
        )
    )

  const readBytes = (
    call: Call,
    path: string,
    flags: number,
    options: OwClient.ReadOptions | undefined
  ): Effect.Effect<Uint8Array, Inner> =>
    Effect.map(
      send(
        call,
        {
          type: MessageType.Read,
          flags,
          path,
          size: options?.size ?? defaultSize,
          offset: options?.offset ?? 0
        },
        replies.read
      ),
      (frame) => frame.data
    )

  /** What is at a path, on a server without GET: a property is no directory. */
  const getByList = (
    call: Call,
    path: string,
    flags: number,
    slash: boolean,
    bytes: Effect.Effect<Uint8Array, Inner>
  ): Effect.Effect<OwClient.Node, Inner> =>
    Effect.catchIf(
      Effect.map(list(call, path, flags, slash), directory),
      (inner: Inner) => inner._tag === "Refused" && inner.code === -20,
      () => Effect.map(bytes, value)
    )

  return {
    server,

    ping: (options) =>
      run("ping", undefined, options, undefined, (call) =>
        Effect.asVoid(
          send(call, { type: MessageType.Nop, flags: flagsOf(options), path: empty, size: 0, offset: 0 }, replies.nop)
        )),

    present: (path, options) =>
      run("present", path, options, Argument.path(path), (call) =>
        Effect.catchIf(
          Effect.as(send(call, presenceOf(path, flagsOf(options)), replies.presence), true),
          isAbsent,
          () => Effect.succeed(false)
        )),

    presence: (path, options) =>
      run("presence", path, options, Argument.path(path), (call) =>
        Effect.catchIf(
          Effect.map(send(call, presenceOf(path, flagsOf(options)), replies.presence), (frame) => {
            const id = Payload.decodePresence(frame.data)
            return id === undefined ? Option.none<RomId.RomId>() : RomId.fromBytes(id)
          }),
          isAbsent,
          () => Effect.succeedNone
        )),

    dir: (path = "/", options) =>
      run(
        "dir",
        path,
        options,
        Argument.path(path),
        (call) => list(call, path, busReturn(flagsOf(options), options), options?.slash ?? true)
      ),

    dirStream: (path = "/", options) =>
      Stream.callback<string, OwError.OwError>((queue) =>
        Effect.andThen(
          run("dir", path, options, Argument.path(path), (call) =>
            listSlowly(call, path, busReturn(flagsOf(options), options), (entry) => Queue.offerUnsafe(queue, entry))),
          Queue.end(queue)
        )
      ),

    read: (path, options) =>
      run(
        "read",
        path,
        options,
        Argument.path(path) ?? Argument.range(options),
        (call) => readBytes(call, path, flagsOf(options), options)
      ),

    readText: (path, options) =>
      run("read", path, options, Argument.path(path) ?? Argument.range(options), (call) =>
        Effect.map(
          readBytes(
            call,
            path,
            ControlFlags.override(flagsOf(options), { trim: options?.flags?.trim ?? true }),
            options
          ),
          Payload.decodeText
        )),

    write: (path, data, options) => {
      const bytes = typeof data === "string" ? Payload.encodeText(data) : data
      return run(
        "write",
        path,
        options,
        Argument.path(path) ?? Argument.data(path, data, bytes, options),
        (call) =>
          Effect.flatMap(
            send(
              call,
              {
                type: MessageType.Write,
                flags: flagsOf(options),
                path,
                data: bytes,
                size: bytes.length,
                offset: options?.offset ?? 0
              },
              replies.write
            ),
            (frame): Effect.Effect<void, Inner> =>
              frame.size === bytes.length
                ? Effect.void
                : Effect.fail({ _tag: "ShortWrite", accepted: frame.size, sent: bytes.length })
          )
      )
    },

    get: (path, options) =>
      run("get", path, options, Argument.path(path) ?? Argument.range(options), (call) =>
        Effect.suspend(() => {
          const slash = options?.slash ?? true
          const flags = busReturn(flagsOf(options), options)
          const bytes = readBytes(call, path, flags, options)
          if (memory.lacksGet) return getByList(call, path, flags, slash, bytes)
          return send(
            call,
            {
              type: slash ? MessageType.GetSlash : MessageType.Get,
              flags,
              path,
              size: options?.size ?? defaultSize,
              offset: options?.offset ?? 0
            },
            replies.get
          ).pipe(
            Effect.flatMap((frame) =>
              frame.ret > 0
                ? Effect.succeed(value(frame.data))
                : frame.payload > 0
                ? Effect.succeed(directory(Payload.decodeList(frame.data.subarray(0, frame.size))))
                // An empty directory and an empty value look the same.
                : getByList(call, path, flags, slash, Effect.succeed(empty))
            ),
            Effect.catchIf(isUnsupported, () => {
              memory.lacksGet = true
              return getByList(call, path, flags, slash, bytes)
            })
          )
        })),

    sendMessage: (type, payload, options) =>
      run(
        "sendMessage",
        typeof payload === "string" ? payload : undefined,
        options,
        Argument.message(type, payload, options),
        (
          call
        ) =>
          Effect.suspend(() => {
            const entries: Array<Frame> = []
            return Effect.map(
              transport.exchange({
                request: {
                  type,
                  flags: flagsOf(options),
                  path: payload,
                  size: options?.size ?? 0,
                  offset: options?.offset ?? 0
                },
                onEntry: (entry) => entries.push(entry),
                onSent: call.onSent
              }),
              (frame): OwClient.Reply => ({ ...frame, entries })
            )
            // No `Refused` is made here: a refusal is a reply like any other.
          })
      ) as ReturnType<OwClient.Client["sendMessage"]>,

    with: (changes) =>
      makeClient(
        transport,
        memory,
        changes.flags === undefined ? baseFlags : ControlFlags.override(baseFlags, changes.flags),
        changes.timeout ?? baseTimeout
      )
  }
}

const directory = (entries: ReadonlyArray<string>): OwClient.Node => ({ _tag: "Directory", entries })

const value = (bytes: Uint8Array): OwClient.Node => ({ _tag: "Value", bytes })

const presenceOf = (path: string, flags: number): Request => ({
  type: MessageType.Presence,
  flags,
  path,
  size: 0,
  offset: 0
})

const busReturn = (flags: number, options: OwClient.DirStreamOptions | undefined): number =>
  options?.bus === undefined ? flags : ControlFlags.override(flags, { busReturn: options.bus })

const isAbsent = (inner: Inner): boolean => inner._tag === "Refused" && (inner.code === -1 || inner.code === -2)

const isUnsupported = (inner: Inner): boolean => inner._tag === "Refused" && inner.code === -42
