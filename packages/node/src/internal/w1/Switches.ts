/**
 * Switches, as the drivers `w1_ds2405`, `w1_ds2406`, `w1_ds2408`, `w1_ds2413` and `w1_ds28e04` show them.
 *
 * A bit of a chip's output latch is 0 if the transistor of the channel conducts. A server reports that as `PIO` 1.
 */
import type * as Bus from "@effect-ownet/core/server/Bus"
import * as Effect from "effect/Effect"
import * as BitField from "./BitField.ts"
import * as Code from "./Code.ts"
import * as Driver from "./Driver.ts"
import * as Numbers from "./Numbers.ts"

/** Reads the byte of a register. The drivers refuse to read more than that. */
const register = (files: Driver.Files, file: string): Effect.Effect<number, number> =>
  Effect.flatMap(
    files.bytes(file, 1),
    (bytes) => bytes.length === 1 ? Effect.succeed(bytes[0]) : Effect.fail(Code.fault)
  )

type Register = (files: Driver.Files) => Effect.Effect<number, number>

const bits = (register: Register) => (files: Driver.Files, element: Bus.Element) =>
  Effect.map(register(files), (bits) => BitField.values(element, bits))

/** Writes to some channels and leaves the others unchanged. */
const writeBits =
  (before: Register, write: (files: Driver.Files, bits: number) => Effect.Effect<void, number>) =>
  (files: Driver.Files, written: Bus.Written): Effect.Effect<void, number> =>
    (BitField.isWhole(written) ? Effect.succeed(0) : before(files)).pipe(
      Effect.flatMap((before) => BitField.written(written, before)),
      Effect.flatMap((bits) => write(files, bits))
    )

const inverted = (register: Register, mask: number): Register => (files) =>
  Effect.map(register(files), (bits) => ~bits & mask)

/** A level or a latch that the driver of a DS2405 prints. */
const level = (file: string): Register => (files) =>
  Effect.flatMap(files.text(file), (text) => Numbers.within(text, 0, 1))

/** A DS2405, one channel. */
export const DS2405: Driver.Driver = Driver.make({
  PIO: {
    files: ["output"],
    read: bits(inverted(level("output"), 1)),
    // The driver interprets a line feed as a second value, and refuses that.
    write: writeBits(inverted(level("output"), 1), (files, on) => files.write("output", on === 0 ? "1" : "0"))
  },
  sensed: { files: ["state"], read: bits(level("state")) }
})

/** The driver of a DS2406 adds these bits to those of its flip-flops, so that the byte is a digit. */
const digit = 0x30

const flipFlops: Register = (files) =>
  Effect.flatMap(
    register(files, "state"),
    (byte) => (byte & ~0x03) === digit ? Effect.succeed(byte & 0x03) : Effect.fail(Code.fault)
  )

/** A DS2406, with one channel or two. The driver reads the flip-flops, not the level of the pins. */
export const DS2406: Driver.Driver = Driver.make({
  PIO: {
    files: ["output", "state"],
    read: bits(inverted(flipFlops, 0x03)),
    write: writeBits(
      inverted(flipFlops, 0x03),
      (files, on) => files.write("output", Uint8Array.of(digit | ~on & 0x03))
    )
  }
})

/** The upper half of the byte is the complement of the lower half. If it is not, the byte does not come from the chip. */
const access: Register = (files) =>
  Effect.filterOrFail(
    register(files, "state"),
    (byte) => ((byte ^ byte >> 4) & 0x0f) === 0x0f,
    () => Code.fault
  )

/** The bits of both channels. Each channel has its pin and then its latch. */
const everyOther = (first: number): Register => (files) =>
  Effect.map(access(files), (byte) => byte >> first & 1 | (byte >> first + 2 & 1) << 1)

/** A DS2413, two channels. */
export const DS2413: Driver.Driver = Driver.make({
  PIO: {
    files: ["output", "state"],
    read: bits(inverted(everyOther(1), 0x03)),
    write: writeBits(inverted(everyOther(1), 0x03), (files, on) => files.write("output", Uint8Array.of(~on & 0xff)))
  },
  sensed: { files: ["state"], read: bits(everyOther(0)) }
})

const supplyBit = 7
const powerOnBit = 3
const strobeBit = 2

/** These bits of the register for control and status are always 0. */
const zeros = 0x70

const registers = ["state", "output", "activity"]

/** The registers that show whether the chip answers. */
const eight = [...registers, "status_control"]

/**
 * The register for control and status. The driver checks no CRC. In all registers, a chip that does not answer reads as all ones,
 * and a wire that is held low as zeros. A chip reads like that only if the transistors of all its channels are on and it also
 * lacks a supply.
 */
const status: Register = Effect.fnUntraced(function*(files) {
  const byte = yield* register(files, "status_control")
  if ((byte & zeros) !== 0) return yield* Effect.fail(Code.fault)
  if (byte !== 0) return byte
  const others = yield* Effect.forEach(registers, (file) => register(files, file))
  return others.some((other) => other !== 0) ? byte : yield* Effect.fail(Code.fault)
})

const checked = (file: string): Register => (files) => Effect.tap(register(files, file), () => status(files))

const statusBit = (at: number) => (files: Driver.Files): Effect.Effect<ReadonlyArray<Bus.Value>, number> =>
  Effect.map(status(files), (byte) => [byte >> at & 1])

const writeStatusBit = (at: number, canBeSet: boolean) =>
  Effect.fnUntraced(function*(files: Driver.Files, written: Bus.Written) {
    const isSet = (yield* Numbers.written(written)) !== 0
    const before = yield* status(files)
    if (isSet && !canBeSet && (before >> at & 1) === 0) return yield* Effect.fail(Code.invalid)
    // The driver compares all bits with those that the chip then returns, including the supply bit.
    yield* files.write("status_control", Uint8Array.of(isSet ? before | 1 << at : before & ~(1 << at)))
  })

/** A DS2408, eight channels. */
export const DS2408: Driver.Driver = Driver.make({
  PIO: {
    files: eight,
    read: bits(inverted(checked("output"), 0xff)),
    write: writeBits(
      inverted(checked("output"), 0xff),
      (files, on) => files.write("output", Uint8Array.of(~on & 0xff))
    )
  },
  latch: {
    files: eight,
    read: bits(checked("activity")),
    // Any write resets all of them, as in the chip.
    write: (files) => files.write("activity", Uint8Array.of(0))
  },
  por: {
    files: eight,
    read: statusBit(powerOnBit),
    // Only the chip itself sets it.
    write: writeStatusBit(powerOnBit, false)
  },
  power: { files: eight, read: statusBit(supplyBit) },
  sensed: { files: eight, read: bits(checked("state")) },
  strobe: { files: eight, read: statusBit(strobeBit), write: writeStatusBit(strobeBit, true) }
})

/** The level of a DS28E04's pins. Its driver cannot read the output latches, so it cannot set one of them alone. */
export const levels: Driver.Access = { files: ["pio"], read: bits((files) => register(files, "pio")) }
