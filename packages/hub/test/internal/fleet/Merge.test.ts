import { assert, describe, it } from "@effect/vitest"
import { Merge } from "../../../src/internal/fleet/Merge.ts"

describe("a server that nobody follows", () => {
  it("fails with the reason, and once", () => {
    const merge = new Merge([], () => undefined)
    merge.register(["barn:4305"], 0)
    const problem = "no runner of the site barn follows it"
    const told = merge.miss("barn:4305", problem, 20)
    assert.deepStrictEqual(
      told.map((event) => event._tag === "ServerFailed" ? event.error.message : event._tag),
      [`connect to barn:4305: ${problem}`]
    )
    assert.deepStrictEqual(merge.miss("barn:4305", problem, 25), [])
  })
})
