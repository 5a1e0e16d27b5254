import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chip, outcome } from "../../fixtures/DriverFiles.ts"
import { counts } from "../../fixtures/healthyChips.ts"

const read = (text: string, path: string) => outcome(chip("1D", { w1_slave: text }).read(path))

describe("the counters of a DS2423", () => {
  it.effect("are those of the last two pages, without a sign", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* read(counts, "counter.ALL"), [4294967295, 42])
      assert.deepStrictEqual(yield* read(counts, "counter.A"), [4294967295])
      assert.deepStrictEqual(yield* read(counts, "counter.B"), [42])
    }))

  it.effect("fail if the CRC of their page is wrong, and not if that of another is", () =>
    Effect.gen(function*() {
      const wrong = counts.replace("crc=YES c=42", "crc=NO").replace("crc=YES c=1\n", "crc=NO\n")
      assert.strictEqual(yield* read(wrong, "counter.B"), -5)
      assert.deepStrictEqual(yield* read(wrong, "counter.A"), [4294967295])
      assert.strictEqual(yield* read(wrong, "counter.ALL"), -5)
    }))

  it.effect("fail if the driver gives only a message", () =>
    Effect.gen(function*() {
      for (const text of ["Connection error", "", counts.split("\n").slice(1).join("\n"), `${counts}${counts}`]) {
        assert.strictEqual(yield* read(text, "counter.A"), -5)
      }
    }))
})
