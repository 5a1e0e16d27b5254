import { SimulatedNetwork, TestOwClient } from "@effect-ownet/core/testing"
import { connect, OwnetError } from "@effect-ownet/node/promise"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import { Client } from "owjs"
import { eventually } from "../../../test/fixtures/census.ts"
import { before } from "./before.ts"
import { readFamily, set, show, temperatures } from "./owjs.ts"

const cellar = "28.000028D70100"
const attic = "28.000028D70200"
const boiler = "10.000010EF0000"

const withServer = (description: SimulatedNetwork.Description, program: (url: string) => Promise<void>) =>
  Effect.flatMap(
    NodeSimulatedServer.start(description, { cache: true }),
    ({ host, port }) => Effect.promise(() => program(`owserver://${host}:${port}`))
  )

/** Values, one for each request. */
const inTurn = (...values: ReadonlyArray<number>) => {
  const rest = [...values]
  return () => rest.shift() ?? Number.NaN
}

describe("before the move", () => {
  const start = Effect.map(
    NodeSimulatedServer.start({ [cellar]: { temperature: 21.5, temphigh: 75 }, [attic]: { temperature: -4.5 } }),
    (server) => {
      const lines: Array<unknown> = []
      const say = (...words: ReadonlyArray<unknown>) => void lines.push(words)
      const client = new Client(server)
      const run = before("from-owjs.md", server)
      return { server, lines, run: (block: number) => run(block, { console: { log: say, error: say }, client }) }
    }
  )

  it.live("the script prints values", () =>
    Effect.gen(function*() {
      const { lines, run } = yield* start
      run(0)
      yield* eventually(() => lines.length === 2)
      assert.deepStrictEqual(lines, [[`/${cellar}/temperature`, "21.5"], [`/${cellar}/type`, "DS18B20"]])
    }))

  it.live("a family is read", () =>
    Effect.gen(function*() {
      const { lines, run } = yield* start
      run(1)
      yield* eventually(() => lines.length === 1)
      assert.deepEqual(lines, [[[21.5, -4.5]]])
    }))

  it.live("a write gives true, or false where there is nothing", () =>
    Effect.gen(function*() {
      const { run, server } = yield* start
      const write = Effect.promise(async () => await run(2))
      assert.isTrue(yield* write)
      yield* server.network.vanish(cellar)
      assert.isFalse(yield* write)
    }))
})

describe("show", () => {
  it.live("reads anew each time, and prints no padding", () =>
    withServer(
      { [cellar]: { temperature: inTurn(20, 21) }, [boiler]: { temperature: inTurn(60, 61) } },
      async (url) => {
        const lines: Array<unknown> = []
        const log = vi.spyOn(console, "log").mockImplementation((...words) => void lines.push(words.join(" ")))
        const paths = [`/${cellar}/temperature`, `/${boiler}/temperature`]
        await show(url, paths).then(() => show(url, paths)).finally(() => log.mockRestore())
        assert.deepStrictEqual(lines, [
          `/${cellar}/temperature 20`,
          `/${boiler}/temperature 60`,
          `/${cellar}/temperature 21`,
          `/${boiler}/temperature 61`
        ])
      }
    ))
})

describe("readFamily", () => {
  it.live("finds devices with an alias, too, and no other family's", () =>
    withServer(
      { [cellar]: { alias: "cellar", temperature: 11 }, [attic]: { temperature: -4.5 }, [boiler]: { temperature: 60 } },
      async (url) => {
        await using ow = await connect(url)
        assert.sameMembers(await readFamily(ow, "28", "temperature"), ["11", "-4.5"])
        assert.deepStrictEqual(await readFamily(ow, "05", "PIO"), [])
      }
    ))
})

describe("set", () => {
  it.live("is true, false where there is nothing, and fails otherwise", () =>
    withServer({ [cellar]: { temphigh: 75 } }, async (url) => {
      await using ow = await connect(url)
      assert.isTrue(await set(ow, `/${cellar}/temphigh`, 30))
      assert.strictEqual(await ow.readText(`/${cellar}/temphigh`, { flags: { uncached: true } }), "30")
      assert.isFalse(await set(ow, `/${attic}/temphigh`, 30))
      const error = await set(ow, `/${cellar}/temperature`, 30).catch((error: unknown) => error)
      assert.isTrue(error instanceof OwnetError && error.reason._tag === "ReadOnly")
    }))
})

describe("temperatures", () => {
  it.effect("has each thermometer, whatever is wrong with another", () =>
    Effect.gen(function*() {
      const lines = yield* temperatures
      assert.lengthOf(lines, 3)
      assert.includeMembers([...lines], ["cellar 11 °C", `${boiler} 60 °C`])
      assert.match(lines.join(), new RegExp(`${attic} read .*-22 EINVAL`))
    }).pipe(Effect.provide(TestOwClient.layer({
      [cellar]: { alias: "cellar", temperature: 11 },
      [attic]: { temperature: SimulatedNetwork.refuse(-22) },
      [boiler]: { temperature: 60 }
    }))))
})
