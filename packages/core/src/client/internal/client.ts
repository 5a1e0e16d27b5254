/**
 * The operations of a client, over whatever exchanges messages.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { empty } from "../../internal/bytes.ts"
import { monotonicMillis } from "../../internal/clock.ts"
import * as RomId from "../../onewire/RomId.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import * as FrameDecoder from "../../protocol/FrameDecoder.ts"
import type { Frame } from "../../protocol/FrameDecoder.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as Payload from "../../protocol/Payload.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type * as OwClient from "../OwClient.ts"
import * as OwError from "../OwError.ts"
import * as OwRetry from "../OwRetry.ts"
import * as Argument from "./Argument.ts"
import type { Capabilities } from "./Capabilities.ts"
import * as ExchangeFailure from "./ExchangeFailure.ts"
import type { Progress, Run } from "./Progress.ts"
import * as replies from "./replies.ts"
import { defaultFlags, type Exchange, type Recover, type Transport } from "./Transport.ts"

/** Whose call it is, as its errors and its span say. */
interface Named {
  readonly operation: OwError.Operation
  readonly path: string | Uint8Array
}

/** Slashes are asked for one entry at a time, with this many questions at once. */
const concurrency = 4

export const makeClient = (
  transport: Transport,
  capabilities: Capabilities,
  base: OwClient.CallOptions
): OwClient.Client => {
  const { begin, exchange, maxPayload, observers, server } = transport
  const baseFlags = ControlFlags.override(defaultFlags, base.flags ?? {})
  const baseTextFlags = ControlFlags.override(baseFlags, { trim: base.flags?.trim ?? true })
  const baseLimit = Argument.limit(base.timeout)
  const baseProblem = Argument.call(base)
  const defaultSize = Math.min(65_536, maxPayload)

  const flagsOf = (options: OwClient.CallOptions | undefined): number =>
    options?.flags === undefined ? baseFlags : ControlFlags.override(baseFlags, options.flags)

  const textFlagsOf = (options: OwClient.CallOptions | undefined): number =>
    options?.flags === undefined ? baseTextFlags : ControlFlags.override(baseTextFlags, options.flags)

  const listingFlags = (options: OwClient.DirStreamOptions | undefined): number =>
    options?.bus === undefined
      ? flagsOf(options)
      : ControlFlags.override(flagsOf(options), { busReturn: options.bus })

  const limitOf = (options: OwClient.CallOptions | undefined): number =>
    options?.timeout === undefined ? baseLimit : Argument.limit(options.timeout)

  const sizeOf = (options: OwClient.ReadOptions | undefined): number => options?.size ?? defaultSize

  const fail = <E extends OwError.OwError>(error: E, run: Run | undefined): Effect.Effect<never, E> => {
    observers.onError(error, run)
    return Effect.fail(error)
  }

  /** Says to the caller what went wrong. */
  const publish = (
    failure: ExchangeFailure.ExchangeFailure,
    { operation, path: at }: Named,
    run: Run | undefined
  ): Effect.Effect<never, OwError.OwError> => {
    const path = typeof at === "string" ? at : undefined
    if (failure._tag !== "Refused") {
      return fail(ExchangeFailure.toError(failure, { operation, path, server }, run?.progress.requestSent), run)
    }
    return Effect.flatMap(
      capabilities.text(failure.code, run),
      (serverText) => fail(OwError.refused(failure.code, failure.type, { operation, path, server, serverText }), run)
    )
  }

  /** What the failure of a presence query comes to: absence is an answer. */
  const orAbsent = <A>(absent: A): Recover<A, A, OwError.OwError> => (failure, exchange, run) =>
    failure._tag === "Refused" && (failure.code === ReturnCode.absent || failure.code === ReturnCode.vanished)
      ? Effect.succeed(absent)
      : publish(failure, exchange, run)
  const orFalse = orAbsent(false)
  const orNone = orAbsent<Option.Option<RomId.RomId>>(Option.none())

  /** Makes a call as often as its schedule wants and its time allows. Each attempt is told how far the call has come. */
  const attempts = <A>(
    { operation }: Named,
    options: OwClient.CallOptions | undefined,
    limit: number,
    attempt: (progress: Progress | undefined) => Effect.Effect<A, OwError.OwError>
  ): Effect.Effect<A, OwError.OwError> => {
    const isWrite = operation === "write" || operation === "sendMessage"
    const schedule = options?.retry ?? (isWrite ? undefined : base.retry)
    if (schedule === undefined || schedule === false) return attempt(undefined)
    return Effect.flatMap(Clock.Clock, (clock) => {
      const startedAt = monotonicMillis(clock)
      const progress: Progress = { startedAt, requestSent: false }
      return Effect.retry(
        Effect.suspend(() => attempt(progress)),
        // A pause that would outlast the call is not begun: what went wrong is known now.
        Schedule.while(
          schedule,
          ({ duration, input }) =>
            Effect.sync(() =>
              (isWrite ? OwRetry.isTransient(input) : input.isRetryable) &&
              monotonicMillis(clock) + Duration.toMillis(duration) < startedAt + limit
            )
        )
      )
    })
  }

  const refuse = (
    { operation, path }: Named,
    problem: Argument.Problem | undefined,
    options: OwClient.CallOptions | undefined
  ): Effect.Effect<never, OwError.ArgumentError> =>
    Effect.fail(
      new OwError.ArgumentError({
        operation,
        // A path that is at fault is in the problem.
        path: typeof path === "string" && problem?.argument !== "path" ? path : undefined,
        ...(problem ?? Argument.notPositive("timeout", options?.timeout ?? base.timeout ?? 0))
      })
    )

  /** A call of one request: one suspended callback, and nothing else in its way. */
  const ask = <A>(
    message: Exchange<A>,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    recover: Recover<A, A, OwError.OwError> = publish
  ): Effect.Effect<A, OwError.OwError> => {
    const wrong = problem ?? Argument.call(options) ?? baseProblem
    if (wrong !== undefined || Number.isNaN(message.limit)) return refuse(message, wrong, options)
    return options?.retry === undefined && base.retry === undefined
      ? exchange(message, recover)
      : attempts(
        message,
        options,
        message.limit,
        (progress) => exchange({ ...message, progress }, recover)
      )
  }

  /** A call of several requests, as far as it needs them. */
  const askAll = <A>(
    named: Named,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    body: (run: Run) => Effect.Effect<A, ExchangeFailure.ExchangeFailure>
  ): Effect.Effect<A, OwError.OwError> => {
    const limit = limitOf(options)
    const wrong = problem ?? Argument.call(options) ?? baseProblem
    if (wrong !== undefined || Number.isNaN(limit)) return refuse(named, wrong, options)
    return attempts(named, options, limit, (progress) =>
      observers.withSpan(named, (span) =>
        Effect.suspend(() => {
          const run = begin(limit, progress, span)
          return Effect.catch(body(run), (failure) => publish(failure, named, run))
        })))
  }

  const part = <A>(message: Exchange<A>, run: Run): Effect.Effect<A, ExchangeFailure.ExchangeFailure> =>
    exchange(message, Effect.fail, run)

  const readMessage = <A>(
    operation: OwError.Operation,
    path: string,
    flags: number,
    options: OwClient.ReadOptions | undefined,
    decode: (frame: Frame) => A
  ): Exchange<A> =>
    messageOf(
      operation,
      MessageType.Read,
      flags,
      path,
      sizeOf(options),
      options?.offset ?? 0,
      limitOf(options),
      replies.read,
      decode
    )

  const pathMessage = <A>(
    operation: OwError.Operation,
    type: number,
    flags: number,
    path: string,
    options: OwClient.CallOptions | undefined,
    check: replies.Check,
    decode: (frame: Frame) => A
  ): Exchange<A> => messageOf(operation, type, flags, path, 0, 0, limitOf(options), check, decode)

  const dirMessage = (
    path: string,
    flags: number,
    options: OwClient.CallOptions | undefined,
    onPath: (path: string) => void
  ): Exchange<void> => ({
    ...pathMessage("dir", MessageType.Dir, flags, path, options, replies.list, () => {}),
    onEntry: (entry) => onPath(Payload.decodePath(entry.data))
  })

  const isDirectory = (
    path: string,
    flags: number,
    run: Run
  ): Effect.Effect<boolean, ExchangeFailure.ExchangeFailure> =>
    Option.isSome(RomId.fromString(path.slice(path.lastIndexOf("/") + 1)))
      ? Effect.succeed(true)
      : part(dirMessage(path, flags, undefined, () => {}), run).pipe(
        Effect.as(true),
        Effect.catchIf(
          (failure) =>
            failure._tag === "Refused" &&
            (failure.code === ReturnCode.notDirectory || failure.code === ReturnCode.absent),
          () => Effect.succeed(false)
        )
      )

  /** The listing of a server that knows DIR only, where slashes are had by asking for each entry. */
  const listByDir = Effect.fnUntraced(function*(
    path: string,
    flags: number,
    slash: boolean,
    run: Run
  ): Effect.fn.Return<ReadonlyArray<string>, ExchangeFailure.ExchangeFailure> {
    const paths: Array<string> = []
    yield* part(dirMessage(path, flags, undefined, (entry) => paths.push(entry)), run)
    if (!slash) return paths
    return yield* Effect.forEach(
      paths,
      (entry) => Effect.map(isDirectory(entry, flags, run), (is) => is ? `${entry}/` : entry),
      { concurrency }
    )
  })

  const list = (
    path: string,
    flags: number,
    slash: boolean,
    run: Run
  ): Effect.Effect<ReadonlyArray<string>, ExchangeFailure.ExchangeFailure> => {
    if (capabilities.lacksDirAll) return listByDir(path, flags, slash, run)
    const type = slash ? MessageType.DirAllSlash : MessageType.DirAll
    return Effect.catchIf(
      part(pathMessage("dir", type, flags, path, undefined, replies.list, decodeList), run),
      isUnsupported,
      () => {
        capabilities.lacksDirAll = true
        return listByDir(path, flags, slash, run)
      }
    )
  }

  /** What is at a path, on a server without GET: a property is no directory. */
  const getByList = (
    path: string,
    flags: number,
    slash: boolean,
    value: Effect.Effect<OwClient.Content, ExchangeFailure.ExchangeFailure>,
    run: Run
  ): Effect.Effect<OwClient.Content, ExchangeFailure.ExchangeFailure> =>
    Effect.catchIf(
      Effect.map(list(path, flags, slash, run), directory),
      (failure: ExchangeFailure.ExchangeFailure) =>
        failure._tag === "Refused" && failure.code === ReturnCode.notDirectory,
      () => value
    )

  const get = (
    path: string,
    flags: number,
    slash: boolean,
    options: OwClient.ReadOptions | undefined,
    run: Run
  ): Effect.Effect<OwClient.Content, ExchangeFailure.ExchangeFailure> => {
    const bytes = part(readMessage("get", path, flags, options, (frame) => value(frame.data)), run)
    if (capabilities.lacksGet) return getByList(path, flags, slash, bytes, run)
    const message: Exchange<OwClient.Content | undefined> = {
      ...readMessage(
        "get",
        path,
        flags,
        options,
        (frame) => frame.ret > 0 ? value(frame.data) : frame.payload > 0 ? directory(decodeList(frame)) : undefined
      ),
      type: slash ? MessageType.GetSlash : MessageType.Get,
      check: replies.get
    }
    return Effect.matchEffect(part(message, run), {
      // Only what GET itself is refused with says anything of it.
      onFailure: (failure) => {
        if (!isUnsupported(failure)) return Effect.fail(failure)
        capabilities.lacksGet = true
        return getByList(path, flags, slash, bytes, run)
      },
      // An empty directory and an empty value look the same.
      onSuccess: (node) =>
        node === undefined
          ? getByList(path, flags, slash, Effect.succeed(value(empty)), run)
          : Effect.succeed(node)
    })
  }

  return {
    server,
    flags: ControlFlags.decode(baseFlags),
    state: transport.state,

    ping: (options) =>
      ask(
        messageOf("ping", MessageType.Nop, flagsOf(options), empty, 0, 0, limitOf(options), replies.nop, () => {}),
        options,
        undefined
      ),

    present: (path, options) =>
      ask(
        pathMessage("present", MessageType.Presence, flagsOf(options), path, options, replies.presence, () => true),
        options,
        Argument.path(path),
        orFalse
      ),

    romId: (path, options) =>
      ask(
        pathMessage("romId", MessageType.Presence, flagsOf(options), path, options, replies.presence, decodeId),
        options,
        Argument.path(path),
        orNone
      ),

    dir: (path = "/", options) =>
      askAll(
        { operation: "dir", path },
        options,
        Argument.path(path),
        (run) => list(path, listingFlags(options), options?.slash ?? true, run)
      ),

    dirStream: (path = "/", options) =>
      Stream.callback<string, OwError.OwError>((queue) =>
        Effect.andThen(
          ask(
            dirMessage(path, listingFlags(options), options, (entry) => Queue.offerUnsafe(queue, entry)),
            // What was handed on cannot be taken back.
            { ...options, retry: false },
            Argument.path(path)
          ),
          Queue.end(queue)
        )
      ),

    read: (path, options) =>
      ask(
        readMessage("read", path, flagsOf(options), options, copyData),
        options,
        Argument.path(path) ?? Argument.range(options, maxPayload)
      ),

    readText: (path, options) =>
      ask(
        readMessage("read", path, textFlagsOf(options), options, FrameDecoder.text),
        options,
        Argument.path(path) ?? Argument.range(options, maxPayload)
      ),

    write: (path, data, options) => {
      // Taken now: the call may have to wait, and the caller's array is the caller's.
      const bytes = typeof data === "string" ? Payload.encodeText(data) : copy(data)
      const message: Exchange<void> = {
        ...messageOf(
          "write",
          MessageType.Write,
          flagsOf(options),
          path,
          bytes.length,
          options?.offset ?? 0,
          limitOf(options),
          replies.write,
          () => {}
        ),
        data: bytes,
        judge: replies.shortWrite
      }
      return ask(message, options, Argument.path(path) ?? Argument.data(path, data, bytes, options))
    },

    get: (path, options) =>
      askAll(
        { operation: "get", path },
        options,
        Argument.path(path) ?? Argument.range(options, maxPayload),
        (run) => get(path, listingFlags(options), options?.slash ?? true, options, run)
      ),

    sendMessage: (type, payload, options) => {
      const bytes = typeof payload === "string" ? payload : copy(payload)
      const message = messageOf(
        "sendMessage",
        type,
        flagsOf(options),
        bytes,
        options?.size ?? 0,
        options?.offset ?? 0,
        limitOf(options),
        undefined,
        keep
      )
      const problem = Argument.message(type, payload, options) ?? Argument.call(options) ?? baseProblem
      if (problem !== undefined || Number.isNaN(message.limit)) return refuse(message, problem, options)
      return attempts(message, options, message.limit, (progress) =>
        Effect.suspend(() => {
          // Each attempt gathers its own.
          const entries: Array<Frame> = []
          const attempt: Exchange<OwClient.Reply> = {
            ...message,
            progress,
            judge: replies.none,
            decode: (frame) => ({ ...keep(frame), entries }),
            onEntry: (entry) => entries.push(keep(entry))
          }
          return exchange(attempt, publish)
          // A refusal is a reply like any other here, so that no `OwnetError` is made of one.
        })) as ReturnType<OwClient.Client["sendMessage"]>
    },

    with: (changes) =>
      makeClient(transport, capabilities, {
        flags: { ...base.flags, ...givenOf(changes.flags) },
        timeout: changes.timeout ?? base.timeout,
        retry: changes.retry ?? base.retry
      })
  }
}

/** All of one shape, so that what handles them stays fast. */
const messageOf = <A>(
  operation: OwError.Operation,
  type: number,
  flags: number,
  path: string | Uint8Array,
  size: number,
  offset: number,
  limit: number,
  check: replies.Check | undefined,
  decode: (frame: Frame) => A
): Exchange<A> => ({
  operation,
  type,
  flags,
  path,
  data: undefined,
  size,
  offset,
  limit,
  progress: undefined,
  check,
  judge: replies.refusal,
  decode,
  onEntry: undefined
})

/** A flag left undefined changes nothing. */
const givenOf = (flags: ControlFlags.Overrides = {}): ControlFlags.Overrides =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))

const isUnsupported = (failure: ExchangeFailure.ExchangeFailure): boolean =>
  failure._tag === "Refused" && failure.code === ReturnCode.unsupported

const decodeList = (frame: Frame): ReadonlyArray<string> => Payload.decodeList(frame.data.subarray(0, frame.size))

const decodeId = (frame: Frame): Option.Option<RomId.RomId> =>
  Option.flatMap(Option.fromUndefinedOr(Payload.decodePresence(frame.data)), RomId.fromBytes)

// Frames are views of bytes that are used again.
const copy = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

const copyData = (frame: Frame): Uint8Array => copy(frame.data)

const keep = ({ data, flags, offset, payload, ret, size, version }: Frame): Frame => ({
  version,
  payload,
  ret,
  flags,
  size,
  offset,
  data: copy(data)
})

const directory = (entries: ReadonlyArray<string>): OwClient.Content => ({ _tag: "Directory", entries })

const value = (bytes: Uint8Array): OwClient.Content => ({ _tag: "Value", bytes: copy(bytes) })
