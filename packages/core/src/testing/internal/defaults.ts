/**
 * Values of properties that have no description, computed from a device's ROM id like those of `owserver --tester`.
 */
import * as Result from "effect/Result"
import type { Property } from "../../device/Property.ts"
import * as FamilyCode from "../../onewire/FamilyCode.ts"
import * as RomId from "../../onewire/RomId.ts"
import { encodeText } from "../../protocol/Payload.ts"
import { byte } from "../../protocol/TypeRecord.ts"
import type { Value } from "../../server/Bus.ts"
import { isBytes } from "../../server/internal/StoredValue.ts"

/** Friday, 23 March 2007. */
const date = 1_174_622_400

const busFault = -22

/** Range of thermocouples, in degrees Celsius. The properties depend on the type of the thermocouple, not on the device. */
const thermocouples: Readonly<Record<string, readonly [low: number, high: number]>> = {
  typeB: [0, 1820],
  typeE: [-270, 1000],
  typeJ: [-210, 1200],
  typeK: [-270, 1370],
  typeN: [-270, 1300],
  typeR: [-50, 1760],
  typeS: [-50, 1760],
  typeT: [-270, 400]
}

/** Properties of a DS1921 that a server derives from the chip's version. A simulated chip has no version. */
const unknownOfVersion = /^(?:about\/(?:resolution|temphigh|templow)|histogram\/(?:gap|temperature))$/

const constant = (name: string, family: string): number | undefined => {
  const [, type, end] = /^(type.)\/range_(low|high)$/.exec(name) ?? []
  if (Object.hasOwn(thermocouples, type ?? "")) return thermocouples[type][end === "low" ? 0 : 1]
  return family === "21" && name === "histogram/elements" ? 63 : undefined
}

/** Gives the value of one element, or a return code. */
export const value = (
  id: RomId.RomId,
  { kind, length, name }: Property,
  index: number
): Result.Result<Value, number> => {
  const family = FamilyCode.driver(RomId.familyCode(id))
  const fixed = constant(name, family)
  if (fixed !== undefined) return Result.succeed(fixed)
  if (family === "21" && unknownOfVersion.test(name)) return Result.fail(busFault)
  if (kind === "d") return Result.succeed(date)
  const bytes = RomId.toBytes(id)
  if (name === "errata/die") return Result.succeed(encodeText(die(family, bytes)))
  if (isBytes(kind)) return Result.succeed(repeated(kind === "b" ? bytes : encodeText(id), length))
  const number = bytes[0] + (bytes[2] << 8) + bytes[1] + (bytes[6] << 8) + bytes[5] + index
  if (kind === "y") return Result.succeed(index === byte ? number : number & 1)
  return Result.succeed(kind === "i" || kind === "u" ? number : number * 0.1)
}

/** The last serial numbers of the first two revisions of a thermometer's die. owserver recognizes the revisions by them. */
const dies: Readonly<Record<string, readonly [lastB6: number, lastB7: number]>> = {
  10: [0x8_0059_1d20, 0x8_0080_8860],
  22: [0x8_978a, 0xc_b81a],
  28: [0x54_5010, 0x66_2b50]
}

const die = (family: string, bytes: Uint8Array): string => {
  const serial = bytes.subarray(1, 7).reduceRight((number, byte) => number * 256 + byte, 0)
  const [lastB6, lastB7] = dies[family] ?? [0, 0]
  return serial <= lastB6 ? "B6" : serial <= lastB7 ? "B7" : "C2"
}

const repeated = (bytes: Uint8Array, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => bytes[index % bytes.length])
