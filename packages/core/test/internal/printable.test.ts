/**
 * Texts from outside in messages.
 */
import { assert, describe, it } from "@effect/vitest"
import { where } from "../../src/client/internal/where.ts"
import { quoted, shownName } from "../../src/internal/printable.ts"

describe("a name in a message", () => {
  const unsafe = ["\0", "\n", "\u001b", "\u007f", "\u009b", "\u2028", "\u2029", "\u061c", "\u200f", "\u202e", "\u2066"]

  it("has nothing that a terminal would obey, or that turns the direction of a line", () => {
    for (const char of unsafe) {
      const path = `/a${char}b`
      assert.strictEqual(shownName(path), quoted(path))
      assert.notInclude(quoted(path), char)
      assert.strictEqual(JSON.parse(quoted(path)), path)
      assert.notInclude(where({ operation: "read", path, server: "pi:4304" }), char)
    }
  })

  it("has all other text as it is", () => {
    for (const path of ["/Küche/temperature", "/日本", "/שלום", "/👩‍👧"]) assert.strictEqual(shownName(path), path)
  })

  it("has the beginning of a path that is long", () => {
    assert.isBelow(shownName(`/${"a".repeat(4000)}`).length, 600)
    assert.isTrue(shownName(`/${"a".repeat(198)}👩👩`).isWellFormed())
    assert.strictEqual(shownName(`/${"a".repeat(100)}`).length, 101)
  })
})
