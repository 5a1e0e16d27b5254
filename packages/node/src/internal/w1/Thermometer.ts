/**
 * Thermometers, as the driver `w1_therm` shows them.
 */
import type * as Bus from "@effect-ownet/core/server/Bus"
import * as Effect from "effect/Effect"
import * as Code from "./Code.ts"
import * as Driver from "./Driver.ts"
import * as Numbers from "./Numbers.ts"

/** Units per degree in which the chips count. */
const countsPerDegree = 16

/** Maximum difference in degrees between a sixteenth and its printed thousandths. */
const cut = 0.0011

/**
 * The temperature in the units of the chip. The driver prints thousandths of a degree and cuts off the rest: 21.562 for 21.5625
 * °C.
 */
const counted = (degrees: number): number => {
  const nearest = Math.round(degrees * countsPerDegree) / countsPerDegree
  return Math.abs(nearest - degrees) < cut ? nearest + 0 : degrees
}

const one = <E>(value: Effect.Effect<Bus.Value, E>): Effect.Effect<ReadonlyArray<Bus.Value>, E> =>
  Effect.map(value, (value) => [value])

/** The nine bytes of the first line. The last one is their CRC, which the driver has checked. */
const scratchpadLine = /^((?:[\da-f]{2} ){9}): crc=[\da-f]{2} YES(?:\n|$)/i

/** The bytes of the chip's scratchpad, after a conversion. */
const scratchpadOf = (text: string): Uint8Array | undefined => {
  const digits = scratchpadLine.exec(text)?.[1]
  return digits === undefined
    ? undefined
    : Uint8Array.from(digits.trimEnd().split(" "), (byte) => Number.parseInt(byte, 16))
}

/** While the wire is held low, all bytes are 0, and so is their CRC. A chip never returns that. */
const converted = (files: Driver.Files): Effect.Effect<Uint8Array, number> =>
  Effect.flatMap(files.text("w1_slave"), (text) => {
    const bytes = scratchpadOf(text)
    return bytes?.some((byte) => byte !== 0) === true ? Effect.succeed(bytes) : Effect.fail(Code.fault)
  })

interface Limits {
  readonly low: number
  readonly high: number
}

const leastBits = 9
const mostBits = 12

const printedResolution = (files: Driver.Files): Effect.Effect<number, number> =>
  Effect.flatMap(files.text("resolution"), (text) => Numbers.within(text, leastBits, mostBits))

/** Files that together show whether the chip answers. */
const witnesses = ["alarms", "w1_slave"]

/**
 * Limits of the alarm. The driver also prints `0 0` for a chip that does not answer, and while the wire is held low. The
 * resolution shows the difference, unless it is the lowest one or the chip has none; then a conversion does.
 */
const limits = (files: Driver.Files): Effect.Effect<Limits, number> =>
  Effect.flatMap(files.text("alarms"), (text) => {
    const [, low, high] = /^(-?\d{1,3}) (-?\d{1,3})$/.exec(text) ?? []
    if (low === undefined || high === undefined) return Effect.fail(Code.fault)
    const found: Limits = { low: Number(low) + 0, high: Number(high) + 0 }
    if (![found.low, found.high].every((limit) => limit >= -128 && limit <= 127)) return Effect.fail(Code.fault)
    if (found.low !== 0 || found.high !== 0) return Effect.succeed(found)
    return (files.has("resolution") ? printedResolution(files) : Effect.succeed(leastBits)).pipe(
      Effect.flatMap((bits) => bits > leastBits ? Effect.void : converted(files)),
      Effect.as(found)
    )
  })

/** A value that the driver also prints if the chip does not answer. It is accepted only if the chip answers. */
const doubted = (files: Driver.Files, value: Effect.Effect<number, number>, isDoubtful: (value: number) => boolean) =>
  Effect.tap(value, (value) => isDoubtful(value) ? limits(files) : Effect.void)

/** A wire that is held low reads as 0 °C. */
const measured = (files: Driver.Files, which: "now" | "latest"): Effect.Effect<number, number> =>
  doubted(
    files,
    Effect.map(Effect.filterOrFail(files.temperature(which), Number.isFinite, () => Code.fault), counted),
    (degrees) => degrees === 0
  )

const temperature = (which: "now" | "latest"): Driver.Access => ({
  files: ["temperature", ...witnesses],
  read: (files) => one(measured(files, which))
})

const resolution = (files: Driver.Files): Effect.Effect<number, number> =>
  doubted(files, printedResolution(files), (bits) => bits === leastBits)

/** Sets the resolution. The driver reports success even if the chip keeps its resolution, so the result is read back. */
const setResolution = (files: Driver.Files, bits: number, refusal: number): Effect.Effect<void, number> =>
  files.write("resolution", `${bits}\n`).pipe(
    Effect.andThen(resolution(files)),
    Effect.flatMap((now) => now === bits ? Effect.void : Effect.fail(refusal))
  )

/** A chip drops the last bits for a coarser resolution, which rounds towards minus infinity. */
const coarser = (degrees: number, bits: number): number => {
  const steps = 2 ** (bits - 8)
  return Math.floor(degrees * steps) / steps
}

/** Current temperature of a chip, and whether its resolution can be made coarser. */
interface Measured {
  readonly degrees: number
  readonly isFixed: boolean
}

const ofThermometer = (files: Driver.Files): Effect.Effect<Measured, number> =>
  Effect.map(measured(files, "now"), (degrees) => ({ degrees, isFixed: false }))

/**
 * The temperature in a resolution of these bits. A chip with a lower resolution is set to these bits for one measurement and then
 * set back: its own resolution is the value of another property.
 */
const temperatureOf = (
  bits: number,
  file: string,
  measure: (files: Driver.Files) => Effect.Effect<Measured, number>
): Driver.Access => ({
  files: [file, "resolution", ...witnesses],
  read: (files) =>
    one(Effect.flatMap(resolution(files), (set) => {
      const value = Effect.map(
        measure(files),
        ({ degrees, isFixed }) => isFixed ? degrees : coarser(degrees, bits)
      )
      if (set >= bits) return value
      return files.isWritable
        ? Effect.acquireUseRelease(
          setResolution(files, bits, Code.unsupported),
          () => value,
          // The value is valid even if the chip keeps the finer resolution.
          () => Effect.ignore(setResolution(files, set, Code.fault))
        )
        : Effect.fail(Code.unsupported)
    }))
})

const temperatures = (file: string, measure: (files: Driver.Files) => Effect.Effect<Measured, number>) => ({
  fasttemp: temperatureOf(9, file, measure),
  temperature9: temperatureOf(9, file, measure),
  temperature10: temperatureOf(10, file, measure),
  temperature11: temperatureOf(11, file, measure),
  temperature12: temperatureOf(12, file, measure)
})

const power: Driver.Access = {
  files: ["ext_power", ...witnesses],
  // An idle wire reads as 1, and one that is held low as 0.
  read: (files) =>
    one(doubted(files, Effect.flatMap(files.text("ext_power"), (text) => Numbers.within(text, 0, 1)), () => true))
}

const scratchpad: Driver.Access = { files: ["w1_slave"], read: (files) => one(converted(files)) }

/** Lowest and highest limits that the driver accepts. It changes others to these. */
const leastLimit = -55
const mostLimit = 125

/** The chip loses its settings when it loses power, unless it is told to save them. */
const save = (files: Driver.Files): Effect.Effect<void, number> => {
  // Older kernels use the name of the memory for this file.
  const file = ["eeprom_cmd", "eeprom"].find(files.has)
  return file === undefined ? Effect.void : files.write(file, "save\n")
}

const limit = (which: "low" | "high"): Driver.Access => ({
  files: witnesses,
  read: (files) => one(Effect.map(limits(files), (limits) => limits[which])),
  write: Effect.fnUntraced(function*(files, written) {
    // Degrees that were converted from Fahrenheit are whole except for rounding.
    const value = Math.round(yield* Numbers.written(written)) + 0
    if (value < leastLimit || value > mostLimit) return yield* Effect.fail(Code.outOfRange)
    const before = yield* limits(files)
    const { high, low } = which === "high" ? { ...before, high: value } : { ...before, low: value }
    // The driver would exchange the two, or change the other one.
    if (low > high || low < leastLimit || high > mostLimit) return yield* Effect.fail(Code.invalid)
    yield* files.write("alarms", `${low} ${high}\n`)
    // The driver reports success even if the write failed on the bus.
    const set = yield* limits(files)
    if (set.low !== low || set.high !== high) return yield* Effect.fail(Code.fault)
    yield* save(files)
  })
})

const tempres: Driver.Access = {
  files: ["resolution", ...witnesses],
  read: (files) => one(resolution(files)),
  write: Effect.fnUntraced(function*(files, written) {
    const bits = yield* Numbers.written(written)
    if (!Number.isInteger(bits) || bits < leastBits || bits > mostBits) return yield* Effect.fail(Code.outOfRange)
    yield* setResolution(files, bits, Code.invalid)
    yield* save(files)
  })
}

const common = {
  latesttemp: temperature("latest"),
  power,
  temperature: temperature("now"),
  temphigh: limit("high"),
  templow: limit("low")
}

const withResolution = { ...common, ...temperatures("temperature", ofThermometer), tempres }

/** A number of 16 bits with a sign, the low byte first. */
const signed = (bytes: Uint8Array, at: number): number => (bytes[at] | bytes[at + 1] << 8) << 16 >> 16

/** The upper half of this byte is all ones in a MAX31850 or MAX31851, and begins with a zero in other chips of the family. */
const configuration = 4

const isThermocouple = (bytes: Uint8Array): boolean => bytes[configuration] >= 0xf0

/** The temperature of the chip itself. For a chip with a thermocouple, the driver shows that of the thermocouple. */
const ofChip = (bytes: Uint8Array): Measured => {
  const isFixed = isThermocouple(bytes)
  // The last four bits of the cold junction's temperature report faults.
  return { degrees: isFixed ? (signed(bytes, 2) >> 4) / 16 : signed(bytes, 0) / 16, isFixed }
}

const fromScratchpad = (valueOf: (bytes: Uint8Array) => number): Driver.Access => ({
  files: ["w1_slave"],
  read: (files) => one(Effect.map(converted(files), valueOf))
})

const ofThermocouple = (valueOf: (bytes: Uint8Array) => number): Driver.Access => ({
  files: ["w1_slave"],
  read: (files) =>
    one(
      Effect.map(Effect.filterOrFail(converted(files), isThermocouple, () => Code.unsupported), valueOf)
    )
})

const faultBit = (byte: number, bit: number): Driver.Access => ofThermocouple((bytes) => bytes[byte] >> bit & 1)

const ofChipItself = fromScratchpad((bytes) => ofChip(bytes).degrees)

/** A DS18S20, which has one resolution. */
export const DS18S20: Driver.Driver = Driver.make({ ...common, scratchpad })

export const DS18B20: Driver.Driver = Driver.make({ ...withResolution, scratchpad })

/**
 * A DS1825, or one of the chips that share its family code: a MAX31826, or a MAX31850 or MAX31851 with a thermocouple. Only the
 * scratchpad shows which one it is. The bytes that the driver shows as limits have another meaning in the other chips, so limits
 * are left out.
 */
export const DS1825: Driver.Driver = Driver.make({
  ...temperatures("w1_slave", (files) => Effect.map(converted(files), ofChip)),
  fault: faultBit(0, 0),
  ground_short: faultBit(2, 1),
  // After a simultaneous conversion, the scratchpad contains its result.
  latesttemp: ofChipItself,
  open_circuit: faultBit(2, 0),
  power,
  prog_addr: fromScratchpad((bytes) => bytes[configuration] & 0x0f),
  scratchpad,
  temperature: ofChipItself,
  tempres,
  thermocouple: ofThermocouple((bytes) => (signed(bytes, 0) >> 2) / 4),
  vdd_short: faultBit(2, 2)
})

/** A DS28EA00, whose switches the driver does not support, and whose scratchpad a server does not show. */
export const DS28EA00: Driver.Driver = Driver.make(withResolution)
