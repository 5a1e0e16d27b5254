/**
 * Faults as a command line names them.
 */
import { Fault } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Faults from "../../src/serve/Faults.ts"

describe("faults on a command line", () => {
  const asked = (index: number) => ({ index, indexOfType: index, connection: 0, type: 2, path: "/28.000028D70000" })
  const plan = (text: string, seed = 0) => {
    const parsed = Result.getOrThrow(Faults.parse(text, seed))
    return Array.from({ length: 1000 }, (_, index) => [parsed(asked(index)) ?? []].flat().map(({ _tag }) => _tag))
  }

  it("befall the share that is given, and one request in twenty where none is", () => {
    const counts = (faults: ReadonlyArray<ReadonlyArray<string>>, tag: string) =>
      faults.filter((tags) => tags.includes(tag)).length
    assert.strictEqual(counts(plan("http=1"), "Http"), 1000)
    assert.isTrue(Math.abs(counts(plan("reset"), "Reset") - 50) < 25)
    const both = plan("silence=0.5,drop=0.5")
    assert.isTrue(Math.abs(counts(both, "Silence") - 500) < 100)
    // Each has a chance of its own.
    assert.isAbove(both.filter((tags) => tags.length === 0).length, 100)
    assert.isAbove(both.filter((tags) => tags.length === 2).length, 100)
  })

  it("are the same for the same seed", () => {
    assert.deepStrictEqual(plan("reset,garbage", 7), plan("reset,garbage", 7))
    assert.notDeepEqual(plan("reset,garbage", 7), plan("reset,garbage", 8))
  })

  it("leave alone what a client asks on its own account", () => {
    const parsed = Result.getOrThrow(Faults.parse("delay=1s,reset=1", 0))
    assert.deepStrictEqual([parsed({ ...asked(0), type: 1, path: "" }) ?? []].flat(), [])
    assert.isTrue(Fault.isOwn(1, ""))
  })
})
