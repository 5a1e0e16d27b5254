/**
 * Values longer than one reply, such as a long list of aliases or a logger's memory.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as ControlFlags from "../protocol/ControlFlags.ts"
import * as Payload from "../protocol/Payload.ts"
import { endless } from "./internal/endless.ts"
import * as OwClient from "./OwClient.ts"
import type * as OwError from "./OwError.ts"

/**
 * Options of long reads. `timeout` and `retry` apply to each READ.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends OwClient.ReadOptions {
  /** Maximum bytes of each READ, 1 to 100,050. Default 65,536. */
  readonly size?: number | undefined
  /** Offset of the first byte to read. Default 0. */
  readonly offset?: number | undefined
}

/** Maximum bytes of a value. Without a limit, a server that returns the beginning again and again would never end. */
const longest = 2 ** 24

/**
 * Reads the bytes of a property, of any length. A client's own `read` returns what fits into one reply, and does not report that
 * more would follow. This reads on until a reply is shorter than requested.
 *
 * **Details**
 *
 * You get the whole value or an error. A value longer than `size` takes several READs, so if it changes in the meantime, the
 * result may be part old and part new. A server does not send a whole array in parts: an array longer than `size` fails with an
 * `OwnetError`. A value of more than 16 MiB also fails; no property has one. The server itself cuts a list of aliases off after
 * 100,050 bytes.
 *
 * **Example** (Listing the aliases of a large network)
 *
 * ```ts
 * import { LongValue } from "@effect-ownet/core"
 * import { TestOwClient } from "@effect-ownet/core/testing"
 * import { Effect } from "effect"
 *
 * await LongValue.readText("/settings/alias/list", { size: 8 }).pipe(
 *   Effect.provide(TestOwClient.layer({ "28.000028D70100": { alias: "kitchen" } })),
 *   Effect.runPromise
 * ) // => "28000028D70100D5=kitchen\r\n"
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(function*(
  path: string,
  options: Options = {}
): Effect.fn.Return<Uint8Array, OwError.OwError, OwClient.OwClient> {
  const ow = yield* OwClient.OwClient
  const { offset = 0, size = 65_536 } = options
  const parts: Array<Uint8Array> = []
  let length = 0
  while (length <= longest) {
    const part = yield* ow.read(path, { ...options, size, offset: offset + length })
    parts.push(part)
    length += part.length
    if (part.length < size) return join(parts, length)
  }
  return yield* endless(ow, path, `the value has more than ${longest} bytes, or the server does not read on`, "read")
})

/**
 * Reads the text of a property, of any length: `read`, as text. Numbers come without padding, unless `flags.trim` is false.
 *
 * @category reading
 * @since 0.1.0
 */
export const readText = (
  path: string,
  options: Options = {}
): Effect.Effect<string, OwError.OwError, OwClient.OwClient> =>
  Effect.map(
    read(path, { ...options, flags: ControlFlags.merge({ trim: true }, options.flags) }),
    (bytes) => Payload.decodeText(bytes)
  )

const join = (parts: ReadonlyArray<Uint8Array>, length: number): Uint8Array => {
  if (parts.length === 1) return parts[0]
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
