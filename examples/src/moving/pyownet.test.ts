import { MessageType, OwClient } from "@effect-ownet/core"
import { Fault, SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { hasty, inFahrenheit, raw, readAll, scan, temperature, watch } from "./pyownet.ts"

const cellar = "28.000028D70100"
const relays = "29.000029D60300"
const path = `/${cellar}/temperature`

/** The lines that a program prints. */
const listen = () => {
  const lines: Array<string> = []
  const say = (...words: ReadonlyArray<unknown>) => void lines.push(words.map(String).join(" "))
  return { lines, layer: Layer.succeed(Console.Console, { ...globalThis.console, log: say, warn: say }) }
}

/** A client of a simulated server that records the requests, and can be given faults. */
const serve = (network: SimulatedNetwork.Description, options?: SimulatedServer.Options) =>
  OwClient.layer().pipe(Layer.provideMerge(SimulatedServer.layer(network, options)))

describe("scan", () => {
  it.live("reads each thermometer that is listed, and nothing else", () =>
    Effect.gen(function*() {
      const { layer, lines } = listen()
      const { host, port } = yield* NodeSimulatedServer.start({
        [cellar]: { temperature: 21.5 },
        [relays]: {},
        "28.000028D70200": { temperature: -4.5 }
      })
      yield* Effect.provide(scan(host, port), layer)
      assert.sameMembers(lines, [`/${cellar}/ 21.5`, "/28.000028D70200/ -4.5"])
    }))
})

describe("readAll", () => {
  const eight = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`28.000028D7010${n}`, { temperature: 21.5 }]))

  it.effect("asks over four connections at a time", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const connections = new Set<number>()
      yield* server.setFaults(({ connection }) => {
        connections.add(connection)
        return Fault.Fault.Delay({ duration: "500 millis" })
      })
      const fiber = yield* Effect.forkChild(readAll(Object.keys(eight).map((id) => `/${id}/temperature`)))
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), Array.from({ length: 8 }, () => "21.5"))
      assert.strictEqual(connections.size, 4)
    }).pipe(Effect.provide(serve(eight))))
})

describe("inFahrenheit", () => {
  it.effect("has a thermometer measure, and then takes what the server remembers", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* inFahrenheit(path), { measured: "68", remembered: "68" })
      // A read past the cache makes the thermometer measure again.
      assert.deepStrictEqual(yield* inFahrenheit(path), { measured: "86", remembered: "86" })
    }).pipe(Effect.provide(serve({ [cellar]: { temperature: inTurn(20, 30, 40) } }, { cache: true }))))
})

/** Values, one for each request. */
const inTurn = (...values: ReadonlyArray<number>) => {
  const rest = [...values]
  return () => rest.shift() ?? Number.NaN
}

describe("temperature", () => {
  it.effect("is a number, or nothing where there is no such device", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* temperature(`/${cellar}`), 21.5)
      assert.isUndefined(yield* temperature("/28.0000000000FF"))
    }).pipe(Effect.provide(TestOwClient.layer({ [cellar]: { temperature: 21.5 } }))))

  it.effect("fails where the bus does", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(temperature(`/${cellar}`))
      assert.isTrue(error._tag === "OwnetError" && error.reason._tag === "BusFault")
    }).pipe(Effect.provide(TestOwClient.layer({ [cellar]: { temperature: SimulatedNetwork.refuse(-5) } }))))

  it.effect("says that there is no server", () =>
    Effect.gen(function*() {
      const { layer, lines } = listen()
      const server = yield* SimulatedServer.SimulatedServer
      yield* server.stop
      assert.isUndefined(yield* Effect.provide(temperature(`/${cellar}`), layer))
      assert.match(lines.join(), /^read \/28\.000028D70100\/temperature at simulated:4304: cannot connect/)
    }).pipe(Effect.provide(serve({ [cellar]: { temperature: 21.5 } }))))
})

describe("hasty", () => {
  it.effect("waits two seconds, and no longer", () =>
    Effect.gen(function*() {
      const { layer, lines } = listen()
      const server = yield* SimulatedServer.SimulatedServer
      const read = Effect.fnUntraced(function*(seconds: number) {
        yield* server.setFaults(() => Fault.Fault.Delay({ duration: `${seconds} seconds` }))
        const fiber = yield* Effect.forkChild(Effect.provide(hasty(path), layer))
        yield* TestClock.adjust("1990 millis")
        const early = fiber.pollUnsafe() === undefined
        yield* TestClock.adjust("10 millis")
        return { early, value: yield* Fiber.join(fiber) }
      })
      assert.deepStrictEqual(yield* read(1.5), { early: false, value: "21.5" })
      assert.deepStrictEqual(yield* read(30), { early: true, value: undefined })
      assert.deepStrictEqual(lines, ["no value within 2000 ms"])
    }).pipe(Effect.provide(serve({ [cellar]: { temperature: 21.5 } }))))
})

describe("watch", () => {
  it.effect("goes on whatever fails", () =>
    Effect.gen(function*() {
      const { layer, lines } = listen()
      const network = yield* SimulatedNetwork.make({ [cellar]: { temperature: 21.5 } })
      const program = Effect.gen(function*() {
        yield* Effect.forkChild(watch)
        yield* TestClock.adjust("1 second")
        assert.match(lines.splice(0).join(), / 21\.5$/)
        yield* network.vanish(cellar)
        yield* TestClock.adjust("40 seconds")
        assert.match(lines.splice(0).join(), /no such device/)
        yield* network.appear(cellar, { temperature: 22 })
        yield* TestClock.adjust("80 seconds")
        assert.match(lines.splice(0).join(), / 22$/)
      })
      yield* Effect.provide(program, [TestOwClient.layer(network), layer])
    }))
})

describe("raw", () => {
  it.effect("lists the server's own directories, too", () =>
    Effect.gen(function*() {
      const { paths, ret } = yield* raw
      assert.strictEqual(ret, 0)
      assert.includeMembers([...paths], [`/${cellar}`, "/bus.0", "/settings"])
    }).pipe(Effect.provide(TestOwClient.layer({ [cellar]: {} }))))

  it.effect("gives a refusal as it is", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* raw, { ret: -5, paths: [] })
    }).pipe(Effect.provide(serve({ [cellar]: {} }, {
      faults: Fault.ofType(MessageType.DirAll, () => Fault.Fault.Refuse({ code: -5 }))
    }))))
})
