/**
 * Histories that are younger than the range of a chart.
 */
import type { Api } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import * as Beginning from "../../page/beginning.ts"

const day = 86_400
const now = 1_700_000_000
const span = { from: now - day, to: now }

/** A hub whose series are measured from a given time on, and the requests that it has answered. */
const hub = (begins: Readonly<Record<string, number>>) => {
  const asked: Array<readonly [names: ReadonlyArray<string>, from: number]> = []
  const ask: Beginning.Ask = (names, { from, to }, points) => {
    asked.push([names, from])
    const width = (to - from) / points
    const history: Api.History = {
      from,
      width,
      series: names.map((name) => ({
        place: name.slice(0, name.indexOf("/")),
        property: "temperature",
        mean: Array.from({ length: points }, (_, index) => from + (index + 1) * width > begins[name] ? 20 : null),
        marks: []
      }))
    }
    return Promise.resolve(history)
  }
  return { ask, asked }
}

describe("the beginning of a history", () => {
  it("is that of the range if the history is older, and takes one request", async () => {
    const { ask, asked } = hub({ "a/temperature": now - 2 * day })
    const [a] = await Beginning.fetch(ask, ["a/temperature"], span, 160, false)
    assert.isUndefined(a.begin)
    assert.strictEqual(asked.length, 1)
  })

  it("is near the first value of a young history, in any range", async () => {
    for (const width of [day, 30 * day, 365 * day]) {
      const { ask, asked } = hub({ "a/temperature": now - 1800 })
      // oxlint-disable-next-line no-await-in-loop -- one range after the other
      const [a] = await Beginning.fetch(ask, ["a/temperature"], { from: now - width, to: now }, 160, false)
      assert.closeTo(a.begin ?? 0, now - 1800, 60)
      assert.isAtMost(a.history.width, 30)
      assert.isAtMost(asked.length, 6)
    }
  })

  it("leaves a history as it is that has a gap at the start of the range", async () => {
    const { ask } = hub({ "a/temperature": now - 1800 })
    const gone: Beginning.Ask = async (names, of, points) => {
      const found = await ask(names, of, points)
      return of.from === 0 ? { ...found, series: found.series.map((one) => ({ ...one, mean: [20, null] })) } : found
    }
    const [a] = await Beginning.fetch(gone, ["a/temperature"], span, 160, false)
    assert.isUndefined(a.begin)
  })

  it("is that of each chart, and of all series of a shared one", async () => {
    const names = ["old/temperature", "new/temperature"]
    const begins = { "old/temperature": now - 2 * day, "new/temperature": now - 1800 }
    const alone = await Beginning.fetch(hub(begins).ask, names, span, 160, false)
    assert.deepStrictEqual(alone.map(({ begin }) => begin === undefined), [true, false])
    const shared = await Beginning.fetch(hub(begins).ask, names, span, 160, true)
    assert.deepStrictEqual(shared.map(({ begin }) => begin), [undefined, undefined])
    const young = hub({ "old/temperature": now - 7200, "new/temperature": now - 1800 })
    const both = await Beginning.fetch(young.ask, names, span, 160, true)
    assert.strictEqual(both[0].begin, both[1].begin)
    assert.closeTo(both[0].begin ?? 0, now - 7200, 120)
  })

  it("has nothing to say of a series without values", async () => {
    const { ask, asked } = hub({ "a/temperature": Infinity })
    const [a] = await Beginning.fetch(ask, ["a/temperature"], span, 160, false)
    assert.isUndefined(a.begin)
    assert.strictEqual(asked.length, 1)
  })
})
