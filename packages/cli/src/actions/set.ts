import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Write } from "../server/CheckedWrite.ts"
import * as Server from "../server/Server.ts"
import * as Content from "../show/Content.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"

export interface Options extends Server.Options {
  readonly path: string
  /** Value to write, unless a file contains it. */
  readonly value: Option.Option<string>
  /** File with the value; `-` is standard input. Default: none. */
  readonly file?: Option.Option<string> | undefined
  /** Reads the value as hexadecimal digits. Default: `false`. */
  readonly hex?: boolean | undefined
  /** First byte to write. Default: 0. */
  readonly offset?: number | undefined
}

const writeUnchecked: Write = (ow, path, data, options) => ow.write(path, data, options)

/** Writes the given value. By default it checks nothing, because the bundle for plain calls lacks the types of properties. */
export const set = (options: Options, write: Write = writeUnchecked) =>
  Server.use(options, (at) =>
    Effect.gen(function*() {
      const asked = Content.pathOf(options.path)
      const data = yield* dataOf(options)
      // An alias may lead to another device on a server that is slow to report it.
      const { ow, path } = yield* at(asked, Infinity)
      const retry = yield* Server.unsent
      yield* Server.explained(ow, write(ow, path, data, { offset: options.offset, retry }))
      const bytes = typeof data === "string" ? Buffer.byteLength(data) : data.length
      if (yield* Output.Json) yield* Output.json({ path: asked, bytes })
    }))

const dataOf = (
  { file = Option.none(), hex = false, value }: Options
): Effect.Effect<string | Uint8Array, Failure.Failure> => {
  if (Option.isSome(value) === Option.isSome(file)) {
    return new Failure.UsageError({ message: "give either a value, or --file with what to write" })
  }
  const data = Option.isSome(file) ? contents(file.value) : Effect.succeed(Option.getOrThrow(value))
  return hex ? Effect.flatMap(data, fromHex) : data
}

/** Decodes hexadecimal digits. Spaces and line breaks are ignored; they keep long numbers readable. */
const fromHex = (data: string | Uint8Array): Effect.Effect<Uint8Array, Failure.UsageError> => {
  const text = typeof data === "string" ? data : new TextDecoder().decode(data)
  const bytes = Hex.decode(text.replace(/\s+/g, ""))
  return Result.isSuccess(bytes)
    ? Effect.succeed(bytes.success)
    : new Failure.UsageError({ message: "--hex takes pairs of hexadecimal digits, such as 0102ff" })
}

const contents = (file: string): Effect.Effect<Uint8Array, Failure.LocalError> =>
  Effect.tryPromise({
    try: async () => {
      if (file !== "-") return new Uint8Array(await (await import("node:fs/promises")).readFile(file))
      // Standard input may be a socket, which /dev/stdin cannot open.
      return new Uint8Array(await (await import("node:stream/consumers")).buffer(process.stdin))
    },
    catch: (cause) =>
      new Failure.LocalError({
        message: `cannot read ${file === "-" ? "standard input" : file}: ${
          cause instanceof Error ? cause.message : cause
        }`
      })
  })
