/**
 * Memories, as the drivers `w1_ds2431`, `w1_ds2433` and `w1_ds28e04` show them: one file with all bytes.
 */
import * as TypeRecord from "@effect-ownet/core/protocol/TypeRecord"
import type * as Bus from "@effect-ownet/core/server/Bus"
import * as Effect from "effect/Effect"
import * as Code from "./Code.ts"
import * as Driver from "./Driver.ts"
import * as Switches from "./Switches.ts"

const pageSize = 32

const file = "eeprom"

/** The bytes of a memory before an offset. */
const begin = (files: Driver.Files, size: number): Effect.Effect<Uint8Array, number> =>
  Effect.filterOrFail(files.bytes(file, size), ({ length }) => length === size, () => Code.fault)

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at])

/**
 * Writes bytes to a memory, starting at an offset, in whole pages: some drivers accept nothing else. A protected page keeps its
 * content, and only reading it shows that.
 */
const overwrite = Effect.fnUntraced(function*(files: Driver.Files, bytes: Uint8Array, at: number) {
  if (bytes.length === 0) return
  const first = Math.floor(at / pageSize) * pageSize
  const end = Math.ceil((at + bytes.length) / pageSize) * pageSize
  const all = (yield* begin(files, end)).slice()
  all.set(bytes, at)
  yield* files.write(file, all.subarray(first, end), first)
  const kept = yield* begin(files, end)
  if (!isSame(kept.subarray(first), all.subarray(first))) return yield* Effect.fail(Code.fault)
})

/** The bytes to write, if they fit into a place of this size. */
const fitting = (
  value: Bus.Value,
  offset: number,
  size: number
): Effect.Effect<Uint8Array, number> => {
  if (typeof value === "number" || !Number.isInteger(offset) || offset < 0) return Effect.fail(Code.invalid)
  return offset + value.length > size ? Effect.fail(Code.outOfRange) : Effect.succeed(value)
}

const whole: Driver.Access = {
  files: [file],
  read: (files, { property }) => Effect.map(begin(files, property.length), (bytes) => [bytes]),
  write: (files, { offset, property, values }) =>
    Effect.forEach(
      values,
      ([, value]) =>
        Effect.flatMap(fitting(value, offset, property.length), (bytes) => overwrite(files, bytes, offset)),
      {
        discard: true
      }
    )
}

const paged: Driver.Access = {
  files: [file],
  read: (files, { index, property: { elements, length } }) => {
    if (index === TypeRecord.all) {
      return Effect.map(
        begin(files, elements * length),
        (bytes) => Array.from({ length: elements }, (_, at) => bytes.subarray(at * length, (at + 1) * length))
      )
    }
    return index < 0 || index >= elements
      ? Effect.fail(Code.invalid)
      : Effect.map(begin(files, (index + 1) * length), (bytes) => [bytes.subarray(index * length)])
  },
  write: (files, { offset, property: { elements, length }, values }) =>
    Effect.forEach(values, ([index, value]) =>
      index < 0 || index >= elements
        ? Effect.fail(Code.invalid)
        : Effect.flatMap(fitting(value, offset, length), (bytes) => overwrite(files, bytes, index * length + offset)), {
      discard: true
    })
}

/** A DS2431, DS2433 or DS28EC20: 128, 512 or 2560 bytes. */
export const EEPROM: Driver.Driver = Driver.make({ memory: whole, "pages/page": paged })

/** A DS28E04, whose driver shows 512 of the 550 bytes that a server calls its memory. */
export const DS28E04: Driver.Driver = Driver.make({ "pages/page": paged, sensed: Switches.levels })
