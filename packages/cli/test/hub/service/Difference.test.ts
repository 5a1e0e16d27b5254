import { assert, describe, it } from "@effect/vitest"
import * as Difference from "../../../src/hub/service/Difference.ts"

describe("the difference of two texts", () => {
  it("is empty if there is none", () => assert.deepStrictEqual(Difference.of("a\nb", "a\nb"), []))

  it("has what is gone, and what is new, where it is", () => {
    assert.deepStrictEqual(Difference.of("a\nb\nc\nd", "a\nx\nc\nd\ne"), ["- b", "+ x", "+ e"])
    assert.deepStrictEqual(Difference.of("a\nb\nc", "b"), ["- a", "- c"])
    assert.deepStrictEqual(Difference.of("", "b"), ["- ", "+ b"])
  })
})
