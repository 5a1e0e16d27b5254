/**
 * What a failure is to whoever runs a command: a line on standard error, and an exit status.
 */
import type * as OwError from "@effect-ownet/core/client/OwError"
import type * as DeviceError from "@effect-ownet/core/device/DeviceError"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Runtime from "effect/Runtime"
import * as Output from "../terminal/Output.ts"

/** The command was called in a way that makes no sense. */
export class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}

/** Something of this machine did not work: a file, a port. */
export class LocalError extends Data.TaggedError("LocalError")<{ readonly message: string }> {}

/** A refusal, with what a closer look has found. */
export class Explained extends Data.TaggedError("Explained")<{
  readonly refusal: OwError.OwnetError
  readonly hint: string
}> {
  override get message(): string {
    return `${this.refusal.message}\n    ${this.hint}`
  }
}

export type Failure = OwError.OwError | DeviceError.DeviceError | Explained | UsageError | LocalError

/** The exit statuses, as they are documented. */
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
      return statuses.connection
    case "OwnetTimeout":
      return statuses.timeout
    case "ProtocolError":
      return statuses.protocol
  }
}

/** The command ends with a status other than 0; what there was to say has been said. */
export class Ended extends Data.TaggedError("Ended")<{ readonly status: number }> {
  override readonly [Runtime.errorExitCode] = this.status
  override readonly [Runtime.errorReported] = false
}

/** Says what failed, and goes on. */
export const tell = (failure: Failure): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) =>
    Output.note(
      isJson
        ? JSON.stringify({ error: { ...fieldsOf(failure), status: statusOf(failure) } })
        : `${Output.paintNote("red", "ow:")} ${failure.message}`
    ))

/** What is not for programs to read has no place here: a cause, and what the command makes of it. */
const fieldsOf = (failure: Failure): object => {
  if (failure._tag === "Explained") return { ...fieldsOf(failure.refusal), hint: failure.hint }
  const { cause: _, ...fields } = JSON.parse(JSON.stringify(failure, readable))
  return { ...fields, _tag: failure._tag, message: failure.message }
}

const readable = (_: string, value: unknown): unknown => value instanceof Uint8Array ? Hex.encode(value) : value

/** Says what failed, and ends the command. */
export const end = (failure: Failure): Effect.Effect<never, Ended> =>
  Effect.andThen(tell(failure), new Ended({ status: statusOf(failure) }))

/** Does something for each of several; says which failed, and goes on with the others. The first to fail has the status. */
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
