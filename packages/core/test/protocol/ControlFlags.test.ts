import { ControlFlags } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

const arbitrary = { runs: 500, seed: "flags" }
const Word = Schema.Int.check(Schema.isBetween({ minimum: -(2 ** 31), maximum: 2 ** 31 - 1 }))

describe("ControlFlags", () => {
  it.prop(
    "sets the bits of a word, and no others",
    [Word],
    ([word]) => {
      assert.strictEqual(ControlFlags.override(0, ControlFlags.fromWord(word)), word)
      assert.strictEqual(ControlFlags.override(0x104, ControlFlags.fromWord(word & 0x1ff)), 0x104 | (word & 0x1ff))
    },
    { arbitrary }
  )

  it.prop(
    "merges what sets and clears, as if one came after the other",
    [Word, Word, Word],
    ([word, first, second]) => {
      const pairs: ReadonlyArray<readonly [ControlFlags.Input, ControlFlags.Input]> = [
        [first, second],
        [first, { uncached: (second & 1) === 0, temperatureScale: "K", pressureScale: "psi", trim: undefined }],
        [{ uncached: false, busReturn: (first & 1) === 0, deviceFormat: "fic" }, second]
      ]
      for (const [one, other] of pairs) {
        const both = ControlFlags.override(word, ControlFlags.merge(one, other))
        assert.strictEqual(both, ControlFlags.override(ControlFlags.override(word, one), other))
      }
      assert.deepStrictEqual(ControlFlags.merge(first, undefined), ControlFlags.fromWord(first))
      assert.deepStrictEqual(ControlFlags.merge(undefined, { trim: undefined }), {})
    },
    { arbitrary }
  )

  it("tells a word of 32 bits from other numbers", () => {
    for (const word of [0, 0x2, -1, 2 ** 31, 2 ** 32 - 1, -(2 ** 31)]) assert.isTrue(ControlFlags.isWord(word))
    for (const none of [0.5, 2 ** 32, -(2 ** 31) - 1, Number.NaN, Infinity]) {
      assert.isFalse(ControlFlags.isWord(none))
      assert.deepStrictEqual(ControlFlags.fromWord(none), { other: none })
    }
    assert.strictEqual(ControlFlags.override(0, 0xff00_0000), 0xff00_0000 | 0)
  })

  it.effect.prop("no bit of a word is lost by taking it apart", [Word], ([word]) =>
    Effect.gen(function*() {
      const flags = yield* Schema.decodeEffect(ControlFlags.ControlFlagsFromNumber)(word)
      assert.strictEqual(yield* Schema.encodeEffect(ControlFlags.ControlFlagsFromNumber)(flags), word)
    }), { arbitrary })

  it("knows each scale, format and bit by its place in the word", () => {
    const words: ReadonlyArray<readonly [number, Partial<ControlFlags.ControlFlags>]> = [
      [0x0000_0000, { temperatureScale: "C", pressureScale: "mbar", deviceFormat: "f.i" }],
      [0x0001_0000, { temperatureScale: "F" }],
      [0x0002_0000, { temperatureScale: "K" }],
      [0x0003_0000, { temperatureScale: "R" }],
      [0x0004_0000, { pressureScale: "atm" }],
      [0x0008_0000, { pressureScale: "mmHg" }],
      [0x000c_0000, { pressureScale: "inHg" }],
      [0x0010_0000, { pressureScale: "psi" }],
      [0x0014_0000, { pressureScale: "Pa" }],
      [0x0100_0000, { deviceFormat: "fi" }],
      [0x0200_0000, { deviceFormat: "f.i.c" }],
      [0x0300_0000, { deviceFormat: "f.ic" }],
      [0x0400_0000, { deviceFormat: "fi.c" }],
      [0x0500_0000, { deviceFormat: "fic" }],
      [0x0000_0002, { busReturn: true }],
      [0x0000_0004, { persistence: true }],
      [0x0000_0008, { alias: true }],
      [0x0000_0010, { safemode: true }],
      [0x0000_0020, { uncached: true }],
      [0x0000_0040, { trim: true }],
      [0x0000_0100, { ownet: true }]
    ]
    for (const [word, flags] of words) {
      assert.strictEqual(ControlFlags.override(0, flags), word)
      assert.deepInclude(ControlFlags.decode(word), flags)
    }
  })

  it.prop("an override changes what it names, and nothing else", [Word], ([word]) => {
    const set = ControlFlags.override(word, { uncached: true, trim: false, temperatureScale: "K" })
    const { other, ...named } = ControlFlags.decode(set)
    const { other: otherBefore, ...before } = ControlFlags.decode(word)
    assert.deepStrictEqual(named, { ...before, uncached: true, trim: false, temperatureScale: "K" })
    assert.strictEqual(other, otherBefore)
    assert.strictEqual(ControlFlags.override(word, {}), word)
    assert.strictEqual(ControlFlags.override(word, { uncached: undefined }), word)
  }, { arbitrary })

  it("takes scales and formats without a name for what servers take them for", () => {
    const flags = ControlFlags.decode(0x0018_0000 | 0x0700_0000)
    assert.strictEqual(flags.pressureScale, "mbar")
    assert.strictEqual(flags.deviceFormat, "f.i")
    assert.strictEqual(flags.other, 0x0718_0000)
  })

  it.prop("an override of `other` sets what has no name, and nothing that has one", [Word, Word], ([word, other]) => {
    const { other: _, ...before } = ControlFlags.decode(word)
    const { other: set, ...after } = ControlFlags.decode(ControlFlags.override(word, { other }))
    // A scale or a format without a name takes the place of the one that has.
    const isScale = (set & 0x001c_0000) !== 0
    const isFormat = (set & 0xff00_0000) !== 0
    assert.deepStrictEqual(after, {
      ...before,
      ...(isScale ? { pressureScale: "mbar" } : {}),
      ...(isFormat ? { deviceFormat: "f.i" } : {})
    })
    assert.strictEqual(set, ControlFlags.decode(other).other)
  }, { arbitrary })

  it.effect("refuses `other` bits that have a name", () =>
    Effect.gen(function*() {
      const flags = ControlFlags.decode(0)
      for (const other of [0x20, 0x0001_0000, 0x0004_0000, 0x0100_0000]) {
        const error = yield* Effect.flip(Schema.encodeEffect(ControlFlags.ControlFlagsFromNumber)({ ...flags, other }))
        assert.include(error.message, "`other`")
      }
    }))

  it("reads persistence from a word", () => {
    assert.isTrue(ControlFlags.isPersistent(0x106))
    assert.isFalse(ControlFlags.isPersistent(0x102))
  })
})
