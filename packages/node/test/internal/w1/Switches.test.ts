import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Chip, chip, type Content, hex, outcome } from "../../fixtures/DriverFiles.ts"
import { healthy } from "../../fixtures/healthyChips.ts"

const reads = Effect.fnUntraced(function*(chip: Chip, expected: Readonly<Record<string, unknown>>) {
  for (const [path, values] of Object.entries(expected)) {
    const found = yield* outcome(chip.read(path))
    assert.deepStrictEqual(typeof found === "number" || found.length > 1 ? found : found[0], values, path)
  }
})

describe("a DS2405", () => {
  it.effect("is on while its pin is low", () =>
    Effect.gen(function*() {
      yield* reads(chip("05", { output: "1", state: "1" }), { PIO: 0, sensed: 1 })
      yield* reads(chip("05", { output: "0", state: "0" }), { PIO: 1, sensed: 0 })
      yield* reads(chip("05", { output: -1, state: "2" }), { PIO: -1, sensed: -5 })
    }))

  it.effect("is told nothing but a digit", () =>
    Effect.gen(function*() {
      const one = chip("05", healthy["05"])
      yield* one.write("PIO", 1)
      yield* reads(one, { PIO: 1 })
      yield* one.write("PIO", 0)
      assert.deepStrictEqual(one.written, [`output "0"`, `output "1"`])
    }))
})

describe("a DS2406", () => {
  const two = (state: Content) =>
    chip("12", { output: -13, state }, {
      onWrite: { output: (files, [byte]) => void files.set("state", Uint8Array.of(0x30 | (byte & 0x03))) }
    })

  it.effect("is on where its flip-flop is not set", () =>
    Effect.gen(function*() {
      yield* reads(two("3"), { "PIO.ALL": [0, 0], "PIO.BYTE": 0 })
      yield* reads(two("2"), { "PIO.A": 1, "PIO.B": 0, "PIO.BYTE": 1 })
      for (const state of ["", "7", hex("03"), hex("ff")]) yield* reads(two(state), { "PIO.A": -5 })
    }))

  it.effect("keeps the channel that is not written", () =>
    Effect.gen(function*() {
      const one = two("1")
      yield* one.write("PIO.A", 1)
      yield* reads(one, { "PIO.ALL": [1, 1] })
      yield* one.write("PIO.B", 0)
      yield* reads(one, { "PIO.ALL": [1, 0] })
      yield* one.write("PIO.BYTE", 2)
      yield* reads(one, { "PIO.ALL": [0, 1] })
      assert.deepStrictEqual(one.written, [`output "0"`, `output "2"`, `output "1"`])
    }))

  it.effect("is not written if the other channel cannot be read", () =>
    Effect.gen(function*() {
      const one = two(-5)
      assert.strictEqual(yield* outcome(one.write("PIO.A", 1)), -5)
      assert.deepStrictEqual(one.written, [])
      yield* one.write("PIO.ALL", [1, 1])
      assert.deepStrictEqual(one.written, [`output "0"`])
    }))
})

describe("a DS2413", () => {
  it.effect("has a pin and a latch for each channel", () =>
    Effect.gen(function*() {
      // Recorded with A off and pulled low, and B off and high.
      yield* reads(chip("3A", healthy["3A"]), { "PIO.ALL": [0, 0], "sensed.ALL": [0, 1], "sensed.BYTE": 2 })
      yield* reads(chip("3A", { output: -13, state: hex("b4") }), { "PIO.ALL": [1, 1], "sensed.ALL": [0, 1] })
      yield* reads(chip("3A", { output: -13, state: hex("96") }), { "PIO.ALL": [0, 1], "sensed.ALL": [0, 1] })
    }))

  it.effect("has no value if the halves of the byte do not complement each other", () =>
    Effect.gen(function*() {
      for (const state of [hex("ff"), hex("00"), hex("1f"), ""]) {
        yield* reads(chip("3A", { output: -13, state }), { "PIO.BYTE": -5, "sensed.A": -5 })
      }
    }))

  it.effect("keeps the channel that is not written", () =>
    Effect.gen(function*() {
      const one = chip("3A", { output: -13, state: hex("96") }) // A off, B on
      yield* one.write("PIO.A", 1)
      yield* one.write("PIO.BYTE", 1)
      assert.deepStrictEqual(one.written, ["output fc", "output fe"])
      for (const value of [4, -1]) assert.strictEqual(yield* outcome(one.write("PIO.BYTE", value)), -34)
    }))
})

describe("a DS2408", () => {
  const files = healthy["29"]

  it.effect("shows its registers", () =>
    Effect.gen(function*() {
      // Recorded after power came back, with two pins pulled low.
      yield* reads(chip("29", files), {
        "PIO.BYTE": 0,
        "sensed.ALL": [1, 1, 0, 0, 1, 1, 1, 1],
        "sensed.2": 0,
        "latch.BYTE": 0,
        power: 1,
        por: 1,
        strobe: 0
      })
      yield* reads(chip("29", { ...files, output: hex("fa"), activity: hex("81") }), {
        "PIO.ALL": [1, 0, 1, 0, 0, 0, 0, 0],
        "PIO.BYTE": 5,
        "latch.ALL": [1, 0, 0, 0, 0, 0, 0, 1]
      })
    }))

  it.effect("has no value if it does not answer, which its driver does not find out", () =>
    Effect.gen(function*() {
      const failures = { "PIO.BYTE": -5, "sensed.ALL": -5, "latch.0": -5, power: -5, por: -5, strobe: -5 }
      for (const byte of [hex("ff"), hex("62"), hex("00")]) {
        yield* reads(chip("29", { activity: byte, output: byte, state: byte, status_control: byte }), failures)
      }
    }))

  it.effect("has values if its supply is the wire", () =>
    reads(
      chip("29", { ...files, output: hex("00"), state: hex("00"), activity: hex("01"), status_control: hex("00") }),
      {
        "PIO.BYTE": 255,
        "sensed.BYTE": 0,
        power: 0
      }
    ))

  it.effect("keeps the channels that are not written", () =>
    Effect.gen(function*() {
      const one = chip("29", files)
      yield* one.write("PIO.7", 1)
      yield* one.write("PIO.0", 1)
      yield* reads(one, { "PIO.BYTE": 0x81 })
      yield* one.write("PIO.7", 0)
      yield* one.write("PIO.BYTE", 0xf0)
      yield* one.write("PIO.ALL", [1, 0, 0, 0, 0, 0, 0, 0])
      assert.deepStrictEqual(one.written, ["output 7f", `output "~"`, "output fe", "output 0f", "output fe"])
      assert.strictEqual(yield* outcome(one.write("PIO.BYTE", 256)), -34)
    }))

  it.effect("resets all latches by a write to any", () =>
    Effect.gen(function*() {
      const one = chip("29", files)
      yield* one.write("latch.3", 1)
      yield* one.write("latch.BYTE", 0)
      assert.deepStrictEqual(one.written, ["activity 00", "activity 00"])
    }))

  it.effect("changes one bit of its status, and leaves that of its supply as it is", () =>
    Effect.gen(function*() {
      const one = chip("29", files)
      yield* one.write("strobe", 1)
      yield* one.write("por", 0)
      yield* reads(one, { strobe: 1, por: 0, power: 1 })
      assert.deepStrictEqual(one.written, ["status_control 8c", "status_control 84"])
      assert.strictEqual(yield* outcome(one.write("por", 1)), -22)
      assert.strictEqual(yield* outcome(one.write("power", 1)), -95)
    }))
})

describe("a DS28E04", () => {
  it.effect("shows the levels of its pins", () =>
    Effect.gen(function*() {
      yield* reads(chip("1C", healthy["1C"]), { "sensed.ALL": [0, 1], "sensed.BYTE": 2 })
      assert.strictEqual(yield* outcome(chip("1C", healthy["1C"]).write("PIO.0", 1)), -95)
    }))
})
