import { Humidity } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { type Chip, chip, hex, outcome } from "../../fixtures/DriverFiles.ts"
import { healthy } from "../../fixtures/healthyChips.ts"

const files = healthy["26"]

const reads = Effect.fnUntraced(function*(chip: Chip, expected: Readonly<Record<string, number>>) {
  for (const [path, value] of Object.entries(expected)) {
    const found = yield* outcome(chip.read(path))
    assert.strictEqual(typeof found === "number" ? found : found[0], value, path)
  }
})

describe("a DS2438", () => {
  it.effect("measures voltages and the temperature", () =>
    Effect.gen(function*() {
      yield* reads(chip("26", files), { VAD: 3.12, VDD: 5.02, temperature: 22.34375 })
      yield* reads(chip("26", { ...files, temperature: "-2848\n" }), { temperature: -11.125 })
      yield* reads(chip("26", { ...files, temperature: "70000\n", vad: "-5\n", vdd: "x\n" }), {
        temperature: -5,
        VAD: -5,
        VDD: -5,
        humidity: -5
      })
    }))

  it.effect("measures the current by the voltage at a resistor, unless that is off", () =>
    Effect.gen(function*() {
      yield* reads(chip("26", files), { vis: -12 * 0.0002441, "S3-R1-A/current": -12 * 0.0002441 * 1e6 / 390 })
      const off = chip("26", { ...files, page0: hex("0e 00 00 00 00 f4 ff 00") })
      yield* reads(off, { vis: -22, "S3-R1-A/current": -22, IAD: 0, CA: 1, EE: 1 })
      yield* reads(chip("26", { ...files, page0: hex("09 00 00 00 00 ff 03 00") }), {
        vis: 1023 * 0.0002441,
        IAD: 1,
        CA: 0,
        EE: 0
      })
    }))

  it.effect("knows the seconds, and what is added to the current", () =>
    Effect.gen(function*() {
      const page1 = hex("15 cd 5b 87 00 f8 ff ff")
      yield* reads(chip("26", { ...files, page1 }), { udate: 0x875bcd15, date: 0x875bcd15, offset: -1 })
      yield* reads(chip("26", { ...files, page1: hex("00 00 00 00") }), { udate: -5, date: -5, offset: -5 })
    }))

  it.effect("gives the humidity of each kind of sensor by the same formulas as other servers", () =>
    Effect.gen(function*() {
      const reading = { VAD: 3.12, VDD: 5.02, temperature: 22.34375 }
      yield* reads(chip("26", files), {
        humidity: Option.getOrThrow(Humidity.fromHIH3600(reading)),
        "HIH3600/humidity": Option.getOrThrow(Humidity.fromHIH3600(reading)),
        "HIH4000/humidity": Option.getOrThrow(Humidity.fromHIH4000(reading)),
        "HIH5030/humidity": Option.getOrThrow(Humidity.fromHIH5030(reading)),
        "HTM1735/humidity": Humidity.fromHTM1735(reading)
      })
      yield* reads(chip("26", { ...files, vdd: "0\n" }), { humidity: -22, "HIH4000/humidity": -22 })
    }))

  it.effect("has no value while the wire is held low", () =>
    Effect.gen(function*() {
      const blank = hex("00 00 00 00 00 00 00 00")
      const low = { ...files, page0: blank, page1: blank, temperature: "0\n", vad: "0\n", vdd: "0\n" }
      const one = chip("26", low)
      yield* reads(one, Object.fromEntries(one.has.map((name) => [name, -5])))
      yield* reads(chip("26", { ...low, page0: hex("01 00 00 00 00 00 00 00") }), {
        temperature: 0,
        VAD: 0,
        udate: 0,
        vis: 0
      })
    }))

  it.effect("is told to measure the current or not by one digit", () =>
    Effect.gen(function*() {
      const one = chip("26", files)
      yield* one.write("IAD", 0)
      yield* one.write("IAD", 1)
      assert.deepStrictEqual(one.written, [`iad "0"`, `iad "1"`])
      for (const path of ["CA", "EE", "offset", "udate"]) assert.strictEqual(yield* outcome(one.write(path, 1)), -95)
    }))
})
