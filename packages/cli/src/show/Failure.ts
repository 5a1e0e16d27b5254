/**
 * Failures of commands: one line on standard error, and an exit status.
 */
import type * as OwError from "@effect-ownet/core/client/OwError"
import type * as DeviceError from "@effect-ownet/core/device/DeviceError"
import * as Printable from "@effect-ownet/core/protocol/Printable"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Runtime from "effect/Runtime"
import * as Output from "../terminal/Output.ts"

/** An invalid call. */
export class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

/** A failure on this machine, such as of a file or a port. */
export class LocalError extends Data.TaggedError("LocalError")<{
  readonly message: string
  /** Lines of the message, such as one for each mistake in a file. Default: the message is one line. */
  readonly lines?: ReadonlyArray<string> | undefined
}> {}

/** No server to talk to. */
export class NoServer extends Data.TaggedError("NoServer")<{ readonly message: string }> {}

/** An operation of many calls that did not finish within `--timeout`. */
export class TimedOut extends Data.TaggedError("TimedOut")<{
  readonly doing: string
  /** The limit, in milliseconds. */
  readonly limit: number
}> {
  override get message(): string {
    return `${this.doing}: not done within ${this.limit / 1000} s, the --timeout`
  }
}

/** A refusal, with the result of a closer look. */
export class Explained extends Data.TaggedError("Explained")<{
  readonly refusal: OwError.OwnetError
  readonly hint: string
}> {
  override get message(): string {
    return `${this.refusal.message}\n    ${this.hint}`
  }
}

export type Failure =
  | OwError.OwError
  | DeviceError.DeviceError
  | Explained
  | UsageError
  | LocalError
  | NoServer
  | TimedOut

/** Exit statuses, documented in the guide to the command. */
export const statuses = { refused: 1, usage: 2, connection: 3, timeout: 4, protocol: 5 } as const

export const statusOf = (failure: Failure): number => {
  switch (failure._tag) {
    case "OwnetError":
    case "DeviceError":
    case "Explained":
    case "LocalError":
      return statuses.refused
    case "ArgumentError":
    case "UsageError":
      return statuses.usage
    case "ConnError":
    case "NoServer":
      return statuses.connection
    case "OwnetTimeout":
    case "TimedOut":
      return statuses.timeout
    case "ProtocolError":
      return statuses.protocol
  }
}

/** The end of a command with a status other than 0, after all output is printed. */
export class Ended extends Data.TaggedError("Ended")<{ readonly status: number }> {
  override readonly [Runtime.errorExitCode] = this.status
  override readonly [Runtime.errorReported] = false
}

/** Advice on a failure, requested before the failure is printed. */
export const Advice = Context.Reference<(failure: Failure) => Effect.Effect<string | undefined>>(
  "@effect-ownet/cli/Failure/Advice",
  { defaultValue: () => () => Effect.undefined }
)

/** Prints a failure, and continues. */
export const tell = (failure: Failure): Effect.Effect<void> =>
  Effect.gen(function*() {
    const known = failure._tag === "Explained" ? failure.refusal : failure
    const hint = failure._tag === "Explained" ? failure.hint : yield* (yield* Advice)(failure)
    return yield* (yield* Output.Json)
      ? Output.note(Printable.json({ error: { ...fieldsOf(known), hint, status: statusOf(failure) } }))
      : Output.problem("ow:", [...linesOf(known), ...hint === undefined ? [] : [`    ${hint}`]])
  })

const linesOf = (failure: Failure): ReadonlyArray<string> =>
  failure._tag === "LocalError" && failure.lines !== undefined ? failure.lines : [failure.message]

/** The fields of a failure for programs, without its cause. */
const fieldsOf = (failure: Exclude<Failure, Explained>): object => {
  const { cause: _, ...fields } = JSON.parse(JSON.stringify(failure, readable))
  return { ...fields, _tag: failure._tag, message: failure.message }
}

const readable = (_: string, value: unknown): unknown => value instanceof Uint8Array ? Hex.encode(value) : value

/** Prints a failure, and ends the command. */
export const end = (failure: Failure): Effect.Effect<never, Ended> =>
  Effect.andThen(tell(failure), new Ended({ status: statusOf(failure) }))

/** Runs an effect for each item, prints the failures, and continues. The first failure decides the exit status. */
export const forEach = <A, R>(
  all: ReadonlyArray<A>,
  each: (one: A) => Effect.Effect<void, Failure, R>
): Effect.Effect<void, Ended, R> =>
  Effect.gen(function*() {
    let status: number | undefined
    for (const one of all) {
      yield* Effect.catch(each(one), (failure) => {
        status ??= statusOf(failure)
        return tell(failure)
      })
    }
    if (status !== undefined) return yield* new Ended({ status })
  })
