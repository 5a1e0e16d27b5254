/**
 * The 64-bit identity that is lasered into every 1-Wire device: family code, serial number, CRC.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import { toHex } from "../internal/bytes.ts"
import type { DeviceFormat } from "../protocol/ControlFlags.ts"

/**
 * Schema of a ROM id in its canonical form: sixteen upper-case hexadecimal digits, whose CRC is right.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RomId = Schema.String.check(
  Schema.makeFilter((text) =>
    (/^[0-9A-F]{16}$/.test(text) && isIntact(toBytes(text))) || "a ROM id of 16 upper-case hexadecimal digits"
  )
).pipe(Schema.brand("@effect-ownet/core/RomId"))

/**
 * A ROM id in its canonical form, such as `1067C6697351FF8D`: what a server calls `address`. Two ids are equal when
 * their strings are, and sort by family code first.
 *
 * @category models
 * @since 0.1.0
 */
export type RomId = typeof RomId.Type

/**
 * The CRC-8 of the 1-Wire bus over bytes. Over the first seven bytes of a ROM id it equals the eighth.
 *
 * @category CRC
 * @since 0.1.0
 */
export const crc8 = (bytes: Uint8Array): number => {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0x8c : crc >> 1
  }
  return crc
}

const isIntact = (bytes: Uint8Array): boolean => crc8(bytes) === 0

/**
 * Reads a ROM id from its eight bytes. `None` where there are not eight, or where the CRC is wrong.
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromBytes = (bytes: Uint8Array): Option.Option<RomId> =>
  // The cast is the brand, and the condition is what it stands for.
  bytes.length === 8 && isIntact(bytes) ? Option.some(toHex(bytes) as RomId) : Option.none()

/**
 * The eight bytes of a ROM id.
 *
 * @category encoding
 * @since 0.1.0
 */
export const toBytes = (id: string): Uint8Array => {
  const bytes = new Uint8Array(id.length >> 1)
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(id.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/**
 * Reads a ROM id in any of the six formats and any case. Where the text has no CRC it is computed, where it has one it
 * must be right; `None` otherwise.
 *
 * **Example** (One device, three spellings)
 *
 * ```ts
 * import { RomId } from "@effect-ownet/core"
 *
 * RomId.fromString("10.67c6697351ff") // => Option.some("1067C6697351FF8D")
 * RomId.fromString("10.67C6697351FF.8D") // => Option.some("1067C6697351FF8D")
 * RomId.fromString("1067C6697351FF8E") // => Option.none()
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromString = (text: string): Option.Option<RomId> => {
  const match = /^([0-9A-F]{2})\.?([0-9A-F]{12})(?:\.?([0-9A-F]{2}))?$/i.exec(text)
  if (match === null) return Option.none()
  const bytes = new Uint8Array(8)
  bytes.set(toBytes(match[1] + match[2]))
  bytes[7] = match[3] === undefined ? crc8(bytes.subarray(0, 7)) : parseInt(match[3], 16)
  return fromBytes(bytes)
}

/**
 * Writes a ROM id in a format, `f.i` by default.
 *
 * @category encoding
 * @since 0.1.0
 */
export const format = (id: RomId, format: DeviceFormat = "f.i"): string =>
  format.replace("f", familyCode(id)).replace("i", id.slice(2, 14)).replace("c", id.slice(14))

/**
 * The family code of a device, which tells its kind: `28` is a DS18B20.
 *
 * @category getters
 * @since 0.1.0
 */
export const familyCode = (id: RomId): string => id.slice(0, 2)

/**
 * Schema between a ROM id in any format and its canonical form; it is written in the format `f.i`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RomIdFromString = Schema.String.pipe(
  Schema.decodeTo(RomId, {
    decode: SchemaGetter.transformEffect((text: string, options) =>
      Effect.mapError(
        Effect.fromOption(fromString(text)),
        () => new SchemaIssue.InvalidValue({ message: "no ROM id, or one with a wrong CRC" }, text, options)
      )
    ),
    encode: SchemaGetter.transform((id: string) => format(id as RomId))
  })
)
