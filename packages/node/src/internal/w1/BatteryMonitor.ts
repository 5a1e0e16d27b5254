/**
 * A DS2438, as the driver `w1_ds2438` shows it, and the sensors connected to it.
 */
import * as Humidity from "@effect-ownet/core/onewire/Humidity"
import type * as Bus from "@effect-ownet/core/server/Bus"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Code from "./Code.ts"
import * as Driver from "./Driver.ts"
import * as Numbers from "./Numbers.ts"

const one = <E>(value: Effect.Effect<Bus.Value, E>): Effect.Effect<ReadonlyArray<Bus.Value>, E> =>
  Effect.map(value, (value) => [value])

const measured: Driver.Access = { files: ["page0", "temperature"], read: (files) => one(temperature(files)) }

const pageSize = 8

const printed = (files: Driver.Files, file: "page0" | "page1"): Effect.Effect<Uint8Array, number> =>
  Effect.filterOrFail(files.bytes(file, pageSize), ({ length }) => length === pageSize, () => Code.fault)

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)

/**
 * The page with the measurements. While the wire is held low, all its bytes are 0, and so is their CRC; those of a chip are never
 * all 0.
 */
const page0 = (files: Driver.Files): Effect.Effect<Uint8Array, number> =>
  Effect.filterOrFail(printed(files, "page0"), (bytes) => !isBlank(bytes), () => Code.fault)

/** A chip that has lost its time also has a page of zeros, but its other page is not zero. */
const page1 = (files: Driver.Files): Effect.Effect<Uint8Array, number> =>
  Effect.tap(printed(files, "page1"), (bytes) => isBlank(bytes) ? page0(files) : Effect.void)

/** Values that the driver also prints while the wire is held low. */
const unlessBlank = (files: Driver.Files, value: Effect.Effect<number, number>): Effect.Effect<number, number> =>
  Effect.tap(value, (value) => value === 0 ? page0(files) : Effect.void)

/** The voltage at an input, which the driver prints in hundredths. */
const voltage = (files: Driver.Files, file: "vad" | "vdd"): Effect.Effect<number, number> =>
  Effect.map(
    unlessBlank(files, Effect.flatMap(files.text(file), (text) => Numbers.within(text, 0, 0xffff))),
    (hundredths) => hundredths / 100
  )

/** The temperature, which the driver prints in 1/256 °C. */
const temperature = (files: Driver.Files): Effect.Effect<number, number> =>
  unlessBlank(files, Effect.flatMap(files.text("temperature"), Numbers.integer)).pipe(
    Effect.filterOrFail((raw) => raw >= -(2 ** 15) && raw < 2 ** 15, () => Code.fault),
    Effect.map((raw) => raw / 256)
  )

/** A number of 16 bits with a sign, the low byte first. */
const signed = (bytes: Uint8Array, at: number): number => (bytes[at] | bytes[at + 1] << 8) << 16 >> 16

const currentBit = 0
const accumulatorBit = 1
const shadowBit = 2

const statusBit = (at: number): Driver.Access => ({
  files: ["page0"],
  read: (files) => one(Effect.map(page0(files), (bytes) => bytes[0] >> at & 1))
})

/** Volts for a unit of the register that holds the voltage across the resistor. */
const currentUnit = 0.0002441

/** The voltage across the resistor. The register keeps an old value while measuring is off. */
const current = (files: Driver.Files): Effect.Effect<number, number> =>
  page0(files).pipe(
    Effect.filterOrFail((bytes) => (bytes[0] >> currentBit & 1) === 1, () => Code.invalid),
    Effect.map((bytes) => signed(bytes, 5) * currentUnit)
  )

/** Resistor of Hobby Boards' solar sensor in ohms, and millionths of an ampere in an ampere. */
const solarResistor = 390
const micro = 1_000_000

const seconds = (files: Driver.Files): Effect.Effect<number, number> =>
  Effect.map(
    page1(files),
    (bytes) => (bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24) >>> 0
  )

const humidity = (of: (reading: Humidity.Reading) => Option.Option<number>): Driver.Access => ({
  files: ["page0", "temperature", "vad", "vdd"],
  read: (files) =>
    one(
      Effect.all({ VDD: voltage(files, "vdd"), VAD: voltage(files, "vad"), temperature: temperature(files) }).pipe(
        Effect.flatMap((reading) => Effect.mapError(Effect.fromOption(of(reading)), () => Code.invalid))
      )
    )
})

/**
 * `humidity` is that of a HIH-3600: the page that would identify a sensor by DataNAB cannot be read.
 */
export const DS2438: Driver.Driver = Driver.make({
  CA: statusBit(accumulatorBit),
  EE: statusBit(shadowBit),
  "HIH3600/humidity": humidity(Humidity.fromHIH3600),
  "HIH4000/humidity": humidity(Humidity.fromHIH4000),
  "HIH5030/humidity": humidity(Humidity.fromHIH5030),
  "HTM1735/humidity": {
    files: ["page0", "vad"],
    read: (files) => one(Effect.map(voltage(files, "vad"), (VAD) => Humidity.fromHTM1735({ VAD })))
  },
  IAD: {
    ...statusBit(currentBit),
    files: ["iad", "page0"],
    write: (files, written) =>
      Effect.flatMap(Numbers.written(written), (value) => files.write("iad", value === 0 ? "0" : "1"))
  },
  "S3-R1-A/current": {
    files: ["page0"],
    read: (files) => one(Effect.map(current(files), (volts) => volts * micro / solarResistor))
  },
  VAD: { files: ["page0", "vad"], read: (files) => one(voltage(files, "vad")) },
  VDD: { files: ["page0", "vdd"], read: (files) => one(voltage(files, "vdd")) },
  date: { files: ["page0", "page1"], read: (files) => one(seconds(files)) },
  humidity: humidity(Humidity.fromHIH3600),
  // The driver measures on each read, so this is also the latest value. Programs read it after a simultaneous conversion.
  latesttemp: measured,
  offset: {
    files: ["page0", "page1"],
    read: (files) => one(Effect.map(page1(files), (bytes) => signed(bytes, 5) >> 3))
  },
  temperature: measured,
  udate: { files: ["page0", "page1"], read: (files) => one(seconds(files)) },
  vis: { files: ["page0"], read: (files) => one(current(files)) }
})
