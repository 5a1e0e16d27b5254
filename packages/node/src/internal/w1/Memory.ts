/**
 * Memories, as the drivers `w1_ds2431`, `w1_ds2433`, `w1_ds28e04` and `w1_ds250x` show them: a file of all bytes.
 */
import * as TypeRecord from "@effect-ownet/core/protocol/TypeRecord"
import type * as Bus from "@effect-ownet/core/server/Bus"
import * as Effect from "effect/Effect"
import * as Driver from "./Driver.ts"
import * as Failure from "./Failure.ts"
import * as Switches from "./Switches.ts"

const pageSize = 32

/** The bytes of a memory up to one of them. */
const begin = (files: Driver.Files, file: string, size: number): Effect.Effect<Uint8Array, number> =>
  Effect.filterOrFail(files.bytes(file, size), ({ length }) => length === size, () => Failure.fault)

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at])

/**
 * Writes bytes from one of the memory on, in whole pages: some drivers take nothing else. A page that is protected keeps what it
 * has, and only reading it tells.
 */
const overwrite = Effect.fnUntraced(function*(files: Driver.Files, file: string, bytes: Uint8Array, at: number) {
  if (bytes.length === 0) return
  const first = Math.floor(at / pageSize) * pageSize
  const end = Math.ceil((at + bytes.length) / pageSize) * pageSize
  const all = (yield* begin(files, file, end)).slice()
  all.set(bytes, at)
  yield* files.write(file, all.subarray(first, end), first)
  const kept = yield* begin(files, file, end)
  if (!isSame(kept.subarray(first), all.subarray(first))) return yield* Effect.fail(Failure.fault)
})

/** The bytes that are written, if they fit into a place of this size. */
const fitting = (
  value: Bus.Value,
  offset: number,
  size: number
): Effect.Effect<Uint8Array, number> => {
  if (typeof value === "number" || !Number.isInteger(offset) || offset < 0) return Effect.fail(Failure.invalid)
  return offset + value.length > size ? Effect.fail(Failure.outOfRange) : Effect.succeed(value)
}

const whole = (file: string, isWritable: boolean): Driver.Access => ({
  files: [file],
  read: (files, { property }) => Effect.map(begin(files, file, property.length), (bytes) => [bytes]),
  write: isWritable
    ? (files, { offset, property, values }) =>
      Effect.forEach(values, ([, value]) =>
        Effect.flatMap(
          fitting(value, offset, property.length),
          (bytes) => overwrite(files, file, bytes, offset)
        ), { discard: true })
    : undefined
})

const paged = (file: string, isWritable: boolean): Driver.Access => ({
  files: [file],
  read: (files, { index, property: { elements, length } }) => {
    const end = (index === TypeRecord.all ? elements : index + 1) * length
    if (index !== TypeRecord.all && (index < 0 || index >= elements)) return Effect.fail(Failure.invalid)
    return Effect.map(begin(files, file, end), (bytes) =>
      index === TypeRecord.all
        ? Array.from({ length: elements }, (_, at) => bytes.subarray(at * length, (at + 1) * length))
        : [bytes.subarray(index * length)])
  },
  write: isWritable
    ? (files, { offset, property: { elements, length }, values }) =>
      Effect.forEach(values, ([index, value]) =>
        index < 0 || index >= elements
          ? Effect.fail(Failure.invalid)
          : Effect.flatMap(
            fitting(value, offset, length),
            (bytes) => overwrite(files, file, bytes, index * length + offset)
          ), { discard: true })
    : undefined
})

const writable = { memory: whole("eeprom", true), "pages/page": paged("eeprom", true) }

/** A DS2431, DS2433 or DS28EC20: 128, 512 or 2560 bytes. */
export const EEPROM: Driver.Driver = Driver.make(writable)

/** A DS2502 or DS2505, 128 or 2048 bytes. Their driver writes none of them. */
export const EPROM: Driver.Driver = Driver.make({ memory: whole("nvmem", false), "pages/page": paged("nvmem", false) })

/** A DS28E04, whose driver shows 512 of the 550 bytes that a server calls its memory. */
export const DS28E04: Driver.Driver = Driver.make({ "pages/page": writable["pages/page"], sensed: Switches.levels })
