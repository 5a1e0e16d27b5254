import type * as OwClient from "@effect-ownet/core/client/OwClient"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Server from "../server/Server.ts"
import * as Bytes from "../show/Bytes.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"

export interface Given extends Server.Given {
  readonly path: string
  readonly value: Option.Option<string>
  readonly hex: boolean
  readonly file: Option.Option<string>
  readonly offset: number
}

export const set = (given: Given) =>
  Server.use(given, (ow: OwClient.Client) =>
    Effect.gen(function*() {
      const path = Bytes.pathOf(given.path)
      const data = yield* dataOf(given)
      const retry = yield* Server.unsent
      yield* Server.explained(ow, ow.write(path, data, { offset: given.offset, retry }))
      const bytes = typeof data === "string" ? Buffer.byteLength(data) : data.length
      if (yield* Output.Json) yield* Output.json({ path, bytes })
    }))

const dataOf = ({ file, hex, value }: Given): Effect.Effect<string | Uint8Array, Failure.Failure> => {
  if (Option.isSome(value) === Option.isSome(file)) {
    return new Failure.UsageError({ message: "give a value, or --file with what to write: one of both" })
  }
  const given = Option.isSome(file) ? contents(file.value) : Effect.succeed(Option.getOrThrow(value))
  return hex ? Effect.flatMap(given, fromHex) : given
}

/** Spaces and lines are how people keep long numbers readable. */
const fromHex = (given: string | Uint8Array): Effect.Effect<Uint8Array, Failure.UsageError> => {
  const text = typeof given === "string" ? given : new TextDecoder().decode(given)
  const bytes = Hex.decode(text.replace(/\s+/g, ""))
  return Result.isSuccess(bytes)
    ? Effect.succeed(bytes.success)
    : new Failure.UsageError({ message: "--hex takes pairs of hexadecimal digits, such as 0102ff" })
}

const contents = (file: string): Effect.Effect<Uint8Array, Failure.LocalError> =>
  Effect.tryPromise({
    try: async () => {
      if (file !== "-") return new Uint8Array(await (await import("node:fs/promises")).readFile(file))
      // Whatever it is, a pipe or a socket: its name in the file system would not do for all.
      return new Uint8Array(await (await import("node:stream/consumers")).buffer(process.stdin))
    },
    catch: (cause) =>
      new Failure.LocalError({
        message: `cannot read ${file === "-" ? "standard input" : file}: ${
          cause instanceof Error ? cause.message : cause
        }`
      })
  })
