/**
 * The operations of a client, on top of calls that another process makes.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { monotonicMillis } from "../../internal/clock.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as Payload from "../../protocol/Payload.ts"
import { maxPayload } from "../../protocol/Request.ts"
import type * as OwClient from "../OwClient.ts"
import * as OwError from "../OwError.ts"
import type * as RemoteClient from "../RemoteClient.ts"
import * as Argument from "./Argument.ts"
import * as Attempts from "./Attempts.ts"
import type { CallDefaults } from "./CallDefaults.ts"
import type { Progress } from "./exchange/Progress.ts"
import type { StateFeed } from "./StateFeed.ts"

/** Maximum reads of one `readMany` at a time: twice the other process's default number of connections. */
const concurrency = 8

export const make = (
  server: string,
  calls: RemoteClient.Calls,
  state: StateFeed,
  defaults: CallDefaults
): OwClient.Client => {
  const limited = <A>(
    call: Attempts.Limited,
    flags: number,
    progress: Progress | undefined,
    ask: (asked: RemoteClient.Asked) => Effect.Effect<A, OwError.OwError>
  ): Effect.Effect<A, OwError.OwError> =>
    Effect.flatMap(Clock.Clock, (clock) => {
      const { limit, operation } = call
      const path = typeof call.path === "string" ? call.path : undefined
      const now = () => monotonicMillis(clock)
      const far: Progress = progress ?? { startedAt: now(), requestSent: false }
      const left = far.startedAt + limit - now()
      const wasSent = far.requestSent
      const tooLate = () =>
        new OwError.OwnetTimeout({
          operation,
          path,
          server,
          reason: { _tag: "Call" },
          elapsed: now() - far.startedAt,
          limit,
          requestSent: far.requestSent
        })
      const asked = Effect.suspend(() =>
        ask({
          flags,
          timeout: limit === Infinity ? undefined : left,
          leaves: () => {
            far.requestSent = true
          }
        })
      ).pipe(Effect.mapError((error) => {
        if (error._tag !== "ConnError" && error._tag !== "OwnetTimeout") return error
        // The other process knows better whether it has sent this attempt, but knows nothing about earlier ones.
        far.requestSent = wasSent || error.requestSent
        if (error._tag === "OwnetTimeout" && error.reason._tag === "Call") return tooLate()
        return error.requestSent === far.requestSent ? error : error._tag === "ConnError"
          ? new OwError.ConnError({ ...error, requestSent: true })
          : new OwError.OwnetTimeout({ ...error, requestSent: true })
      }))
      return (limit === Infinity ? asked : Effect.timeoutOrElse(asked, {
        duration: Math.max(0, left),
        orElse: () => Effect.fail(tooLate())
      })).pipe(
        Effect.onExit((exit) =>
          Effect.sync(() => {
            const error = Exit.findErrorOption(exit)
            if (Exit.isSuccess(exit)) state.become({ _tag: "Connected" })
            else if (Option.isSome(error)) state.become(stateOf(error.value))
          })
        )
      )
    })

  /** Makes a call, in as many attempts as its schedule and limit allow. */
  const call = <A>(
    operation: OwError.Operation,
    path: string | Uint8Array,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    ask: (asked: RemoteClient.Asked) => Effect.Effect<A, OwError.OwError>,
    flags: () => number = () => defaults.flagsOf(options)
  ): Effect.Effect<A, OwError.OwError> => {
    const named: Attempts.Limited = { operation, path, limit: defaults.limitOf(options) }
    return Attempts.make(
      defaults,
      named,
      options,
      problem,
      (progress) => Effect.suspend(() => limited(named, flags(), progress, ask))
    )
  }

  const dir = (path: string, options: OwClient.DirOptions | undefined, slash: boolean) =>
    call(
      "dir",
      path,
      options,
      Argument.path(path),
      (asked) => calls.dir(path, { ...asked, slash }),
      () => defaults.listingFlagsOf(options)
    )

  const read = (path: string, options: OwClient.ReadOptions | undefined, flags: () => number) =>
    call(
      "read",
      path,
      options,
      Argument.path(path) ?? Argument.range(options, maxPayload),
      (asked) => calls.read(path, { ...asked, size: options?.size, offset: options?.offset ?? 0 }),
      flags
    )

  const readMany = <A>(
    paths: Iterable<string>,
    options: OwClient.ReadOptions | undefined,
    one: (path: string) => Effect.Effect<A, OwError.OwError>
  ) => {
    const refused = Attempts.refusal(
      defaults,
      { operation: "read", path: new Uint8Array(), limit: defaults.limitOf(options) },
      options,
      Argument.many(paths) ?? Argument.range(options, maxPayload)
    )
    return refused ?? Effect.map(
      Effect.forEach(
        new Set(paths),
        (path) => Effect.map(Effect.result(one(path)), (result) => [path, result] as const),
        { concurrency }
      ),
      (answers): ReadonlyMap<string, Result.Result<A, OwError.OwError>> => new Map(answers)
    )
  }

  const client: OwClient.Client = {
    server,
    flags: ControlFlags.decode(defaults.flags),
    state: state.changes,
    ping: (options) =>
      Effect.map(
        Effect.timed(call("ping", new Uint8Array(), options, undefined, calls.ping)),
        ([elapsed]) => elapsed
      ),
    present: (path, options) =>
      call("present", path, options, Argument.path(path), (asked) => calls.present(path, asked)),
    romId: (path, options) => call("romId", path, options, Argument.path(path), (asked) => calls.romId(path, asked)),
    dir: (path = "/", options) => dir(path, options, options?.slash ?? true),
    dirStream: (path = "/", options) => Stream.fromIterableEffect(dir(path, { ...options, retry: false }, false)),
    read: (path, options) => read(path, options, () => defaults.flagsOf(options)),
    readText: (path, options) => Effect.map(read(path, options, () => defaults.textFlagsOf(options)), textOf),
    readMany: (paths, options) => readMany(paths, options, (path) => client.read(path, options)),
    readTextMany: (paths, options) => readMany(paths, options, (path) => client.readText(path, options)),
    write: (path, data, options) => {
      // Encoded or copied now: the call may have to wait, and the caller may change the array meanwhile.
      const bytes = typeof data === "string" ? Payload.encodeText(data) : new Uint8Array(data)
      return call(
        "write",
        path,
        options,
        defaults.refusalOf(MessageType.Write) ?? Argument.path(path) ?? Argument.data(path, data, bytes, options),
        (asked) => calls.write(path, bytes, { ...asked, offset: options?.offset ?? 0 })
      )
    },
    get: (path, options) =>
      call(
        "get",
        path,
        options,
        Argument.path(path) ?? Argument.range(options, maxPayload),
        (asked) =>
          calls.get(path, {
            ...asked,
            size: options?.size,
            offset: options?.offset ?? 0,
            slash: options?.slash ?? true
          }),
        () => defaults.listingFlagsOf(options)
      ),
    sendMessage: (type, payload, options) => {
      const sent = typeof payload === "string" ? payload : new Uint8Array(payload)
      return call(
        "sendMessage",
        sent,
        options,
        defaults.refusalOf(type) ?? Argument.message(type, payload, options),
        (asked) => calls.sendMessage(type, sent, { ...asked, size: options?.size ?? 0, offset: options?.offset ?? 0 })
        // There, a refusal is a reply like any other.
      ) as Effect.Effect<OwClient.Reply, OwError.Unanswered>
    },
    with: (changes) =>
      Object.values(changes).every((change) => change === undefined)
        ? client
        : make(server, calls, state, defaults.with(changes))
  }
  return client
}

/** The text of a value, without the NULs that some servers append. */
const textOf = (bytes: Uint8Array): string => {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return Payload.decodeText(bytes, 0, end)
}

/** The state of the server that a failure shows. */
const stateOf = (error: OwError.OwError): OwClient.State => {
  switch (error._tag) {
    case "OwnetError":
      return { _tag: "Connected" }
    case "ConnError":
      return { _tag: error.reason._tag === "Closed" ? "Degraded" : "Disconnected", problem: error.message }
    default:
      return OwError.isServerFailure(error) ? { _tag: "Degraded", problem: error.message } : { _tag: "Connected" }
  }
}
