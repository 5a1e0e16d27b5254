/**
 * Texts that are safe on a terminal.
 */
import { Printable } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { hostile } from "../fixtures/hostile.ts"

/** Half a character is no text, either. */
const unsafe = [...hostile, "\udc80"]

describe("what is printed", () => {
  it("has nothing in it that a terminal would obey", () => {
    assert.strictEqual(Printable.printable("a\u001b[2J\n\u0085\u202Eb日"), "a\uFFFD[2J\uFFFD\uFFFD\uFFFDb日")
    for (const char of unsafe) {
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
    const value = { [text]: [`${text}${unsafe.join(text)}`] }
    const json = Printable.json(value)
    assert.deepStrictEqual(JSON.parse(json), value)
    assert.isTrue(Printable.isPrintable(json), json)
  }, { arbitrary: { runs: 200, seed: "printable" } })
})
