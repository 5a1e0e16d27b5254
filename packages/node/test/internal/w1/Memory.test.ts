import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chip, outcome } from "../../fixtures/DriverFiles.ts"

const counted = Uint8Array.from({ length: 128 }, (_, at) => at)

describe("a memory", () => {
  it.effect("is read whole, or by its pages", () =>
    Effect.gen(function*() {
      const one = chip("2D", { eeprom: counted })
      assert.deepStrictEqual(yield* one.read("memory"), [counted])
      assert.deepStrictEqual(yield* one.read("pages/page.1"), [counted.slice(32, 64)])
      const pages = [0, 32, 64, 96].map((at) => counted.slice(at, at + 32))
      assert.deepStrictEqual(yield* one.read("pages/page.ALL"), pages)
    }))

  it.effect("of another size is none", () =>
    Effect.gen(function*() {
      const short = chip("23", { eeprom: counted })
      for (const path of ["memory", "pages/page.4", "pages/page.ALL"]) {
        assert.strictEqual(yield* outcome(short.read(path)), -5)
      }
    }))

  it.effect("is written in whole pages", () =>
    Effect.gen(function*() {
      const one = chip("2D", { eeprom: counted })
      yield* one.write("memory", Uint8Array.of(0xa1, 0xa2), 31)
      yield* one.write("pages/page.3", Uint8Array.of(0xb1), 2)
      assert.deepStrictEqual(one.written, ["eeprom 64 bytes", "eeprom@96 32 bytes"])
      const expected = counted.slice()
      expected.set([0xa1, 0xa2], 31)
      expected.set([0xb1], 98)
      assert.deepStrictEqual(yield* one.read("memory"), [expected])
      const pages = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte))
      yield* one.write("pages/page.ALL", pages)
      assert.deepStrictEqual(yield* one.read("pages/page.ALL"), pages)
    }))

  it.effect("is not written beyond its end, nor if there is nothing to write", () =>
    Effect.gen(function*() {
      const one = chip("2D", { eeprom: counted })
      assert.strictEqual(yield* outcome(one.write("memory", Uint8Array.of(1, 2), 127)), -34)
      assert.strictEqual(yield* outcome(one.write("memory", Uint8Array.of(1), -1)), -22)
      yield* one.write("memory", new Uint8Array(0), 5)
      assert.deepStrictEqual(one.written, [])
    }))

  it.effect("fails to be written where it is protected", () =>
    Effect.gen(function*() {
      const one = chip("2D", { eeprom: counted }, { onWrite: { eeprom: () => {} } })
      assert.strictEqual(yield* outcome(one.write("memory", Uint8Array.of(9))), -5)
    }))
})
