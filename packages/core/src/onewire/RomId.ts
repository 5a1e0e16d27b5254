/**
 * The 64-bit identity that is lasered into every 1-Wire device: family code, serial number and CRC.
 *
 * @since 0.1.0
 */
import type * as Brand from "effect/Brand"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as order from "effect/Order"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import { toHex } from "../internal/bytes.ts"
import { quoted } from "../internal/printable.ts"
import type { DeviceFormat } from "../protocol/ControlFlags.ts"
import * as reversed from "./internal/reversed.ts"

/**
 * Schema of a ROM id in its canonical form: sixteen upper-case hexadecimal digits with a correct CRC.
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
 * A ROM id in its canonical form, such as `1067C6697351FF8D`. A server calls it `address`. Two ids are equal if their strings
 * are, so they work as keys of any map and members of any set.
 *
 * @category models
 * @since 0.1.0
 */
export type RomId = string & Brand.Brand<"@effect-ownet/core/RomId">

/**
 * Order of ROM ids: by family code, and within a family by serial number as written.
 *
 * @category ordering
 * @since 0.1.0
 */
export const Order: order.Order<RomId> = order.String

/**
 * Computes the CRC-8 of the 1-Wire bus over bytes. Over the first seven bytes of a ROM id it equals the eighth.
 *
 * @category checksums
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
 * Makes a ROM id from its eight bytes. `None` if there are not exactly eight, or if the CRC is wrong.
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromBytes = (bytes: Uint8Array): Option.Option<RomId> =>
  // The cast adds the brand, which means this condition.
  bytes.length === 8 && isIntact(bytes) ? Option.some(toHex(bytes) as RomId) : Option.none()

/**
 * Gives the eight bytes of a ROM id.
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
 * What a text contains: a ROM id, or the reason that it has none.
 *
 * **Details**
 *
 * - `Good`: an id, with a correct CRC or without one.
 * - `Ghost`: an id of family 00. No device has it, although the CRC of all zeros is correct.
 * - `WrongCrc`: an id with a wrong CRC. `expected` is the id with the right one.
 * - `NoRomId`: not an id in any format. It may be an alias.
 *
 * @category models
 * @since 0.1.0
 */
export type Inspection =
  | { readonly _tag: "Good"; readonly id: RomId }
  | { readonly _tag: "Ghost"; readonly id: RomId }
  | { readonly _tag: "WrongCrc"; readonly expected: RomId }
  | { readonly _tag: "NoRomId" }

/**
 * Parses a ROM id as `fromString` does, and reports what is wrong if it fails. A noisy bus search produces false ids: their CRC
 * is wrong, or they are ghosts.
 *
 * **Example** (Checking the results of a bus search)
 *
 * ```ts
 * import { RomId } from "@effect-ownet/core"
 *
 * RomId.inspect("10.67C6697351FF") // => { _tag: "Good", id: "1067C6697351FF8D" }
 * RomId.inspect("00.000000000000") // => { _tag: "Ghost", id: "0000000000000000" }
 * RomId.inspect("10.67C6697351FF.8E") // => { _tag: "WrongCrc", expected: "1067C6697351FF8D" }
 * RomId.inspect("boiler") // => { _tag: "NoRomId" }
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const inspect = (text: string): Inspection => {
  const match = spelling.exec(text)
  if (match === null) return { _tag: "NoRomId" }
  const bytes = toBytes(match[1] + match[2])
  // The cast adds the brand: the CRC was computed from these bytes.
  const id = toHex(Uint8Array.of(...bytes, crc8(bytes))) as RomId
  if (match[3] !== undefined && match[3].toUpperCase() !== id.slice(14)) return { _tag: "WrongCrc", expected: id }
  return { _tag: isGhost(id) ? "Ghost" : "Good", id }
}

/**
 * Parses a ROM id whose bytes are written backwards: the whole id with the CRC in front, as engraved on an iButton, or its serial
 * number after a dash, as Linux names devices. `None` for any other text, and if the CRC is wrong. `fromString` accepts neither
 * form: a server takes the first for another ROM id, and the second for an alias.
 *
 * **Example** (Parsing an iButton's lid and a name in `/sys/bus/w1/devices`)
 *
 * ```ts
 * import { RomId } from "@effect-ownet/core"
 *
 * RomId.fromReversed("8DFF517369C66710") // => Option.some("1067C6697351FF8D")
 * RomId.fromReversed("10-ff517369c667") // => Option.some("1067C6697351FF8D")
 * RomId.fromReversed("10.67C6697351FF") // => Option.none()
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromReversed = (text: string): Option.Option<RomId> => {
  const [, code, serial] = /^([0-9A-F]{2})-([0-9A-F]{12})$/i.exec(text) ?? []
  if (code !== undefined) {
    return fromString(code + toHex(toBytes(serial).toReversed()))
  }
  return /^[0-9A-F]{16}$/i.test(text)
    ? Option.filter(fromBytes(toBytes(text).toReversed()), (id) => !isGhost(id))
    : Option.none()
}

/** The six formats. Like servers, it also accepts a dot after an id without its CRC. */
const spelling = /^([0-9A-F]{2})\.?([0-9A-F]{12})\.?([0-9A-F]{2})?$/i

/**
 * Parses a ROM id in any of the six formats and any case. If the text has no CRC, it is computed; if it has one, it must be
 * correct. `None` otherwise. An id of family 00 is accepted too: check it with `isGhost`. For an id that is a constant in the
 * program, use `fromStringUnsafe`.
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
  const found = inspect(text)
  return found._tag === "Good" || found._tag === "Ghost" ? Option.some(found.id) : Option.none()
}

/**
 * Parses a ROM id that is a constant in the program. It throws an `IllegalArgumentError` if the text is not a ROM id. Use
 * `fromString` for a text from outside.
 *
 * **Example** (Naming a device in a program)
 *
 * ```ts
 * import { RomId } from "@effect-ownet/core"
 *
 * const boiler = RomId.fromStringUnsafe("10.67C6697351FF")
 *
 * boiler // => "1067C6697351FF8D"
 * RomId.format(boiler, "f.i.c") // => "10.67C6697351FF.8D"
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromStringUnsafe = (text: string): RomId => {
  const found = inspect(text)
  switch (found._tag) {
    case "Good":
    case "Ghost":
      return found.id
    case "WrongCrc":
      throw new Cause.IllegalArgumentError(
        `${quoted(text)} has a wrong CRC${
          reversed.hint(fromReversed(text), `; with the right one it is ${format(found.expected, "f.i.c")}`)
        }`
      )
    case "NoRomId":
      throw new Cause.IllegalArgumentError(`${quoted(text)} is not a ROM id${reversed.hint(fromReversed(text), "")}`)
  }
}

/**
 * Whether an id is of family 00, which no device has. A bus that is held low reads as zeros, and their CRC is correct.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isGhost = (id: RomId): boolean => familyCode(id) === "00"

/**
 * Formats a ROM id, as `f.i` by default.
 *
 * **Example** (Formatting an id for a label)
 *
 * ```ts
 * import { RomId } from "@effect-ownet/core"
 *
 * const id = RomId.fromStringUnsafe("1067C6697351FF8D")
 *
 * RomId.format(id) // => "10.67C6697351FF"
 * RomId.format(id, "f.i.c") // => "10.67C6697351FF.8D"
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const format = (id: RomId, format: DeviceFormat = "f.i"): string =>
  format.replace("f", familyCode(id)).replace("i", id.slice(2, 14)).replace("c", id.slice(14))

/**
 * Gives the family code of a device, which identifies its kind: `28` is a DS18B20.
 *
 * @category getters
 * @since 0.1.0
 */
export const familyCode = (id: RomId): string => id.slice(0, 2)

/**
 * Schema that decodes a ROM id in any format to its canonical form, and encodes it in the format `f.i`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RomIdFromString = Schema.String.pipe(
  Schema.decodeTo(RomId, {
    decode: SchemaGetter.transformEffect((text: string, options) =>
      Effect.mapError(
        Effect.fromOption(fromString(text)),
        () => new SchemaIssue.InvalidValue({ message: "not a ROM id, or its CRC is wrong" }, text, options)
      )
    ),
    encode: SchemaGetter.transform((id: string) => format(id as RomId))
  })
)
