import { Network } from "@effect-ownet/core"
import { Fault, SimulatedNetwork, TestOwClient } from "@effect-ownet/core/testing"
import { connect, OwnetError } from "@effect-ownet/node/promise"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it, vi } from "@effect/vitest"
import { Console, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Client } from "owfs"
import { eventually } from "../../../test/fixtures/census.ts"
import { before } from "./before.ts"
import { heat, temperatureOf, temperatures, watch } from "./owfs.ts"

const cellar = "28.000028D70100"
const attic = "28.000028D70200"
const relays = "29.000029D60300"

const withServer = (
  description: SimulatedNetwork.Description,
  program: (url: string) => Promise<void>,
  options?: NodeSimulatedServer.Options
) =>
  Effect.flatMap(
    NodeSimulatedServer.start(description, options),
    ({ host, port }) => Effect.promise(() => program(`owserver://${host}:${port}`))
  )

describe("before the move", () => {
  const start = Effect.map(
    NodeSimulatedServer.start({
      [cellar]: { temperature: 21.5 },
      [attic]: { temperature: SimulatedNetwork.refuse(-5) },
      [relays]: { "PIO.BYTE": 0b00 }
    }),
    (server) => ({ server, run: before("from-owfs.md", server), con: new Client(server.host, server.port) })
  )

  it.live("the script prints temperatures, and what is wrong", () =>
    Effect.gen(function*() {
      const { run } = yield* start
      const lines: Array<unknown> = []
      const say = (...words: ReadonlyArray<unknown>) => void lines.push(words)
      run(0, { console: { log: say, error: say } })
      yield* eventually(() => lines.length === 2)
      assert.sameDeepMembers(lines, [[`/${cellar}`, 21.5], ["Communication Error. Received -5"]])
    }))

  it.live("a refusal is a number in the error's header", () =>
    Effect.gen(function*() {
      const { con, run } = yield* start
      const temperatureOf = (device: string) =>
        Effect.callback<unknown, { readonly header: { readonly ret: number } }>((resume) => {
          const callback = (error: { readonly header: { readonly ret: number } } | null, value: unknown) =>
            resume(error ? Effect.fail(error) : Effect.succeed(value))
          run(1, { con, device, callback })
        })
      assert.strictEqual(yield* temperatureOf(`/${cellar}`), 21.5)
      assert.isUndefined(yield* temperatureOf("/28.0000000000FF"))
      assert.strictEqual((yield* Effect.flip(temperatureOf(`/${attic}`))).header.ret, -5)
    }))

  it.live("a relay is switched", () =>
    Effect.gen(function*() {
      const { con, run, server } = yield* start
      run(2, { con, console })
      const ow = yield* Effect.promise(() => connect(server))
      yield* Effect.promise(() => ow.readText(`/${relays}/PIO.0`)).pipe(
        Effect.repeat({ until: (text) => text === "1" }),
        Effect.timeout("10 seconds"),
        Effect.ensuring(Effect.promise(() => ow.close()))
      )
    }))
})

describe("temperatures", () => {
  it.live("are measured anew each time, and are numbers", () => {
    const values = [20, 21]
    return withServer(
      { [cellar]: { temperature: () => values.shift() ?? Number.NaN }, [relays]: {} },
      async (url) => {
        const lines: Array<unknown> = []
        const log = vi.spyOn(console, "log").mockImplementation((...words) => void lines.push(words))
        await temperatures(url).then(() => temperatures(url)).finally(() => log.mockRestore())
        assert.deepStrictEqual(lines, [[`/${cellar}`, 20], [`/${cellar}`, 21]])
      },
      { cache: true }
    )
  })
})

describe("temperatureOf", () => {
  it.live("is nothing where there is no device, and fails where the bus does", () =>
    withServer(
      { [cellar]: { temperature: 21.5 }, [attic]: { temperature: SimulatedNetwork.refuse(-5) } },
      async (url) => {
        await using ow = await connect(url)
        assert.strictEqual(await temperatureOf(ow, `/${cellar}`), 21.5)
        assert.isUndefined(await temperatureOf(ow, "/28.0000000000FF"))
        const error = await temperatureOf(ow, `/${attic}`).catch((error: unknown) => error)
        assert.isTrue(error instanceof OwnetError && error.reason._tag === "BusFault" && error.code === -5)
      }
    ))
})

describe("heat", () => {
  const cases = [[true, 0b11], [false, 0b00]] as const

  it.live.each(cases)(
    "%s is written to both relays",
    ([isOn, relaysThen]) =>
      withServer({ [relays]: { "PIO.BYTE": isOn ? 0b00 : 0b11 } }, async (url) => {
        await using ow = await connect(url)
        await heat(ow, isOn)
        assert.strictEqual(Number(await ow.readText(`/${relays}/PIO.BYTE`)), relaysThen)
      })
  )

  it.live("is sent once, and fails where it was refused", () =>
    withServer(
      { [relays]: { "PIO.BYTE": 0b00 } },
      async (url) => {
        await using ow = await connect(url, { retry: true })
        const error = await heat(ow, true).catch((error: unknown) => error)
        assert.instanceOf(error, OwnetError)
        assert.strictEqual(Number(await ow.readText(`/${relays}/PIO.BYTE`)), 0b00)
      },
      {
        faults: ({ indexOfType, type }) =>
          type === 3 && indexOfType === 0 ? Fault.Fault.Refuse({ code: -5 }) : undefined
      }
    ))
})

describe("watch", () => {
  it.effect("says what each thermometer says, every 30 seconds", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const say = (...words: ReadonlyArray<unknown>) => void lines.push(words.map(String).join(" "))
      const console = Layer.succeed(Console.Console, { ...globalThis.console, log: say, warn: say })
      const network = yield* SimulatedNetwork.make({
        [cellar]: { temperature: 21.5, alias: "cellar" },
        [attic]: { temperature: -4.5 }
      })
      const program = Effect.gen(function*() {
        yield* Effect.forkChild(watch)
        yield* TestClock.adjust("1 second")
        assert.sameMembers(lines.splice(0), ["cellar 21.5", `${attic} -4.5`])
        yield* network.vanish(attic)
        yield* TestClock.adjust("35 seconds")
        assert.lengthOf(lines, 2)
        assert.include(lines, "cellar 21.5")
        assert.match(lines.splice(0).join(), new RegExp(`${attic} read .*no such device`))
        yield* network.appear(`/bus.1/28.000028D70300`, { temperature: 3 })
        yield* TestClock.adjust("1 minute")
        assert.include(lines, "28.000028D70300 3")
      })
      yield* Effect.provide(program, [Layer.provide(Network.fromClient, TestOwClient.layer(network)), console])
    }))
})
