/**
 * Texts that are safe on a terminal.
 */
import { Printable } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

/** C0, DEL, C1, the ends of lines, the directions, and half a character. */
const hostile = [
  "\0",
  "\n",
  "\u001b",
  "\u007f",
  "\u009b",
  "\u2028",
  "\u2029",
  "\u061c",
  "\u200f",
  "\u202e",
  "\u2066",
  "\udc80"
]

describe("what is printed", () => {
  it("has nothing in it that a terminal would obey", () => {
    assert.strictEqual(Printable.printable("a\u001b[2J\n\u0085\u202Eb日"), "a\uFFFD[2J\uFFFD\uFFFD\uFFFDb日")
    for (const char of hostile) {
      assert.isFalse(Printable.isPrintable(`a${char}b`), JSON.stringify(char))
      assert.strictEqual(Printable.printable(`a${char}b`), "a\uFFFDb", JSON.stringify(char))
    }
  })

  it("keeps what is only text", () => {
    const text = "Küche 日本 👩‍👧 🇩🇪 می‌خواهم שלום 21.5 °C ▁█"
    assert.isTrue(Printable.isPrintable(text))
    assert.strictEqual(Printable.printable(text), text)
  })

  it.prop("is JSON of the same value", [Schema.String], ([text]) => {
    const value = { [text]: [`${text}${hostile.join(text)}`] }
    const json = Printable.json(value)
    assert.deepStrictEqual(JSON.parse(json), value)
    assert.isTrue(Printable.isPrintable(json), json)
  }, { arbitrary: { runs: 200, seed: "printable" } })
})
