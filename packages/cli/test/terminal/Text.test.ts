/**
 * Text that fits its columns.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Text from "../../src/terminal/Text.ts"

describe("text on a terminal", () => {
  it("is as wide as what is seen of it", () => {
    assert.strictEqual(Text.columnsOf("21.5 °C ▁█"), 10)
    assert.strictEqual(Text.columnsOf("日本"), 4)
    assert.strictEqual(Text.columnsOf("e\u0301"), 1)
  })

  it("is cut with a mark, and never within a character", () => {
    assert.strictEqual(Text.cut("livingroom", 10), "livingroom")
    assert.strictEqual(Text.cut("livingroom", 9), "livingro…")
    assert.strictEqual(Text.cut("日本", 3), "日…")
    assert.strictEqual(Text.cut("日本", 2), "…")
    assert.strictEqual(Text.cut("日本", 0), "")
  })

  it("fills its room", () => {
    assert.strictEqual(Text.fit("日本", 5), "日本 ")
    assert.strictEqual(Text.fit("日本", 3), "日…")
    assert.strictEqual(Text.fit("日本語", 4), "日… ")
  })

  it("makes lines that are no wider than the terminal", () => {
    const spans = [{ text: "one  " }, { text: "two  " }, { text: "three" }]
    assert.strictEqual(Text.line(spans, 15), "one  two  three")
    assert.strictEqual(Text.line(spans, 12), "one  two  t…")
    assert.strictEqual(Text.line(spans, 4), "one…")
  })

  it("has nothing in it that a terminal would obey", () => {
    assert.strictEqual(Text.line([{ text: "a\u001b[2J\n" }, { text: "\u202Eb日" }], 80), "a\uFFFD[2J\uFFFD\uFFFDb日")
  })

  it("is measured little more than once to be cut, however long it is", () => {
    const { segment } = Intl.Segmenter.prototype
    let measured = 0
    Intl.Segmenter.prototype.segment = function(text) {
      measured += text.length
      return segment.call(this, text)
    }
    const long = `日${"a".repeat(50_000)}`
    try {
      assert.strictEqual(Text.cut(long, 20), `日${"a".repeat(17)}…`)
      assert.strictEqual(Text.cut(`日${"e\u0301".repeat(50)}`, 5), `日${"e\u0301".repeat(2)}…`)
    } finally {
      Intl.Segmenter.prototype.segment = segment
    }
    assert.isBelow(measured, 2 * long.length)
  })
})
