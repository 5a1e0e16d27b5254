import { Connector, Device, MessageType, OwClient } from "@effect-ownet/core"
import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { Fault, SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { type Duration, Effect, Fiber, Layer, Logger, Option, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { readFileSync } from "node:fs"
import * as errors from "./errors.ts"

const { Close, Http, Refuse, Silence } = Fault.Fault

const attic = "28.000028D70100"
const cellar = "/bus.1/28.000028D70200"
const door = "29.000029D60300"

const house: SimulatedNetwork.Description = {
  [attic]: { temperature: 21.5 },
  [cellar]: { temperature: 11 },
  [door]: { "PIO.BYTE": 0 }
}

/** A simulated server, and a client that considers it one on a Raspberry Pi. */
const layer = (options?: OwClient.Options) =>
  OwClient.layer(options).pipe(
    Layer.provide(Layer.effect(
      Connector.Connector,
      Effect.map(SimulatedServer.SimulatedServer, ({ connector }) => ({
        ...connector,
        server: "raspberrypi.local:4304"
      }))
    )),
    Layer.provideMerge(SimulatedServer.layer(house))
  )

const thermometer = Device.make(DS18B20, attic)
const relay = Device.make(DS2408, door)

/** Injects these faults into requests, and counts the requests by path. */
const counting = Effect.fnUntraced(function*(plan: Fault.Plan = () => undefined) {
  const server = yield* SimulatedServer.SimulatedServer
  const asked: Array<string> = []
  yield* server.setFaults((request) => {
    asked.push(`${request.type === MessageType.Write ? "write " : ""}${request.path}`)
    return plan(request)
  })
  return asked
})

/** Lets fibers that wait only for each other settle. */
const settle = Effect.repeat(Effect.yieldNow, { times: 100 })

/** The outcome of an effect, while the test clock advances. */
const within = <A, E, R>(effect: Effect.Effect<A, E, R>, duration: Duration.Input) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* settle
    yield* TestClock.adjust(duration)
    return yield* Fiber.join(fiber)
  })

describe("errors", () => {
  it.effect("status says where to look", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const status = errors.status(yield* thermometer)
      assert.strictEqual(yield* status, "21.5 °C")
      yield* server.network.vanish(attic)
      assert.strictEqual(yield* status, `look at the plug of ${attic}`)
      yield* server.network.appear(attic)
      yield* server.network.breakBus(0, -5)
      assert.strictEqual(yield* status, "look at the bus and its master (EIO)")
      yield* server.pause
      assert.strictEqual(yield* within(status, "5 seconds"), "look at the server raspberrypi.local:4304")
      yield* server.stop
      assert.strictEqual(yield* status, "look at the server raspberrypi.local:4304")
    }).pipe(Effect.provide(layer())))

  it.effect("httpStatus has a number for each outcome", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const ow = yield* OwClient.OwClient
      const path = `/${attic}/templow`
      assert.strictEqual(yield* errors.httpStatus(ow.read(path)), 200)
      assert.strictEqual(yield* errors.httpStatus(ow.read(`/${attic}/temprature`)), 404)
      assert.strictEqual(yield* errors.httpStatus(ow.read("/\0")), 400)
      assert.strictEqual(yield* errors.httpStatus(ow.write(path, "cold")), 422)
      assert.strictEqual(yield* errors.httpStatus(ow.write(`/${attic}/type`, "DS2408")), 403)
      yield* server.network.breakBus(0, -5)
      assert.strictEqual(yield* errors.httpStatus(ow.read(path)), 502)
      yield* server.pause
      assert.strictEqual(yield* within(errors.httpStatus(ow.read(path)), "5 seconds"), 504)
      yield* server.stop
      assert.strictEqual(yield* errors.httpStatus(ow.read(path)), 502)
    }).pipe(Effect.provide(layer())))
})

describe("retries", () => {
  it.effect("transient is about nine seconds of patience, and none with what does not pass", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      const asked = yield* counting()
      const read = errors.healing(Effect.flatMap(OwClient.OwClient, (ow) => ow.readText(`/${attic}/temperature`)))
      yield* network.breakBus(0, -5)
      const fiber = yield* Effect.forkChild(Effect.flip(read))
      yield* settle
      yield* TestClock.adjust("7 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("4 seconds")
      assert.isDefined(fiber.pollUnsafe())
      assert.lengthOf(asked.filter((path) => path.endsWith("/temperature")), 9)
      yield* network.breakBus(0)
      yield* network.vanish(attic)
      asked.length = 0
      yield* Effect.flip(read)
      assert.lengthOf(asked, 1)
    }).pipe(Effect.provide(layer())))

  it.effect("healing repeats no writes", () =>
    Effect.gen(function*() {
      const asked = yield* counting(Fault.every(1, Refuse({ code: -5 })))
      const write = errors.healing(Effect.flatMap(relay, (relay) => Effect.flip(relay.write("PIO.0", true))))
      assert.isFalse((yield* write).isRetryable)
      assert.lengthOf(asked.filter((path) => path.startsWith("write")), 1)
    }).pipe(Effect.provide(layer())))

  it.effect("patient waits for an hour, and not for an absent device", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const read = errors.patient(yield* thermometer)
      yield* server.stop
      const fiber = yield* Effect.forkChild(read)
      yield* TestClock.adjust("50 minutes")
      yield* server.start
      assert.strictEqual(yield* within(Fiber.join(fiber), "1 minute"), 21.5)
      yield* server.stop
      assert.deepInclude(yield* within(Effect.flip(read), "61 minutes"), { _tag: "ConnError", isRetryable: true })
      yield* server.start
      yield* server.network.vanish(attic)
      assert.deepInclude(yield* Effect.flip(read), { _tag: "OwnetError", isRetryable: false })
    }).pipe(Effect.provide(layer())))

  it.effect("trusted waits for a thermometer that has not measured", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      yield* server.network.set(
        `${attic}/temperature`,
        SimulatedNetwork.script([["0 seconds", 85], ["1 second", SimulatedNetwork.refuse(-22)], ["2 seconds", 21.5]])
      )
      const { value } = yield* within(errors.trusted(yield* thermometer), "4 seconds")
      assert.strictEqual(value, 21.5)
    }).pipe(Effect.provide(layer())))

  it.effect("trusted tries nine times, and not nine times nine", () =>
    Effect.gen(function*() {
      const asked = yield* counting(Fault.every(1, Refuse({ code: -5 })))
      yield* within(Effect.flip(errors.trusted(yield* thermometer)), "3 minutes")
      assert.lengthOf(asked.filter((path) => path.endsWith("/temperature")), 9)
    }).pipe(Effect.provide(layer({ retry: Schedule.recurs(8) }))))
})

const writes = (asked: ReadonlyArray<string>) => asked.filter((path) => path.startsWith("write")).length
const lost = Fault.ofType(MessageType.Write, Fault.first(1, Close({ at: "before" })))
const isOn = Effect.flatMap(relay, (relay) => relay.read("PIO.ALL"))

describe("writes", () => {
  it.effect("heat writes again where the answer was lost, and looks", () =>
    Effect.gen(function*() {
      const asked = yield* counting(lost)
      yield* within(errors.heat(yield* relay, true), "1 second")
      assert.strictEqual(writes(asked), 2)
      assert.isTrue((yield* isOn)[0])
      const { network } = yield* SimulatedServer.SimulatedServer
      yield* network.set(`${door}/PIO.BYTE`, () => 0)
      const error = yield* Effect.flip(errors.heat(yield* relay, true))
      assert.deepInclude(error, { _tag: "DeviceError", isRetryable: false })
      assert.include(error.message, "wrote 1, and read back 0")
      assert.strictEqual(writes(asked), 3)
    }).pipe(Effect.provide(layer())))

  it.effect("push waits for a server, and does not push again where it may have pushed", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const asked = yield* counting()
      yield* server.stop
      const fiber = yield* Effect.forkChild(errors.push(yield* relay))
      yield* settle
      yield* TestClock.adjust("3 seconds")
      yield* server.start
      yield* within(Fiber.join(fiber), "3 seconds")
      assert.strictEqual(writes(asked), 1)

      const again = yield* counting(lost)
      const error = yield* within(Effect.flip(errors.push(yield* relay)), "1 minute")
      assert.deepInclude(error, { _tag: "ConnError", requestSent: true })
      assert.strictEqual(writes(again), 1)
      assert.isTrue((yield* isOn)[1])
    }).pipe(Effect.provide(layer())))
})

describe("failures that are lived with", () => {
  it.effect("remembering has ten minutes of memory", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      const read = yield* errors.remembering(yield* thermometer)
      yield* network.breakBus(0, -5)
      assert.strictEqual((yield* Effect.flip(read))._tag, "OwnetError")
      yield* network.breakBus(0)
      yield* TestClock.adjust("1 minute")
      yield* read
      yield* network.set(`${attic}/temperature`, 85)
      yield* TestClock.adjust("9 minutes")
      assert.deepInclude(yield* read, { value: 21.5, at: new Date(60_000) })
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Effect.flip(read))._tag, "DeviceError")
      yield* network.set(`${attic}/temperature`, 22)
      assert.deepInclude(yield* read, { value: 22 })
      yield* network.vanish(attic)
      assert.strictEqual((yield* Effect.flip(read))._tag, "OwnetError")
    }).pipe(Effect.provide(layer())))

  it.effect("round reads what can be read, and warns of the rest", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      yield* network.breakBus(1, -5)
      const lines: Array<unknown> = []
      const round = Effect.flatMap(
        Effect.forEach([attic, "28.0000000000AA", cellar], (id) => Device.make(DS18B20, id)),
        errors.round
      ).pipe(Effect.provide(Logger.layer([Logger.make(({ message }) => lines.push(message))])))
      const readings = yield* within(round, "20 seconds")
      assert.deepStrictEqual(readings.map(({ device, value }) => [device.name, value]), [[attic, 21.5]])
      assert.match(lines.join("\n"), /^read \/28\.0000.* -1 EPERM.*\nread \/bus\.1.* -5 EIO/)
    }).pipe(Effect.provide(layer())))
})

describe("reachable", () => {
  it.effect("has a gap for what cannot be read, and ends if the server is away", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      yield* server.network.breakBus(1, -5)
      const thermometers = yield* Effect.forEach([cellar, attic], (path) => Device.make(DS18B20, path))
      const lines: Array<unknown> = []
      const read = errors.reachable(thermometers).pipe(
        Effect.provide(Logger.layer([Logger.make(({ message }) => lines.push(message))]))
      )
      const values = (yield* read).map((reading) => Option.getOrUndefined(reading)?.value)
      assert.deepStrictEqual(values, [undefined, 21.5])
      assert.match(lines.join("\n"), /^read \/bus\.1.* -5 EIO/)
      yield* server.stop
      assert.strictEqual((yield* Effect.flip(read))._tag, "ConnError")
      assert.strictEqual(lines.length, 1)
    }).pipe(Effect.provide(layer())))
})

describe("the log of a night", () => {
  it.effect("is what the guide shows", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const { network } = server
      const ow = yield* OwClient.OwClient
      const [sensor, switches] = [yield* thermometer, yield* relay]
      const read = sensor.reading("temperature", { implausible: "reject" })
      const lines: Array<string> = []
      const say = (
        call: Effect.Effect<unknown, Device.Failure>,
        fault?: Fault.Fault
      ) =>
        Effect.gen(function*() {
          yield* server.setFaults(fault === undefined ? undefined : Fault.every(1, fault))
          const error = yield* within(Effect.flip(call), "10 seconds")
          lines.push(String(error))
        })
      yield* say(read, Refuse({ code: -5 }))
      yield* network.vanish(attic)
      yield* say(read)
      yield* network.appear(attic, { temperature: 85 })
      yield* say(read)
      yield* say(switches.write("PIO.0", true), Silence())
      yield* say(switches.write("PIO.0", true), Close({ at: "before" }))
      yield* network.set(`${door}/PIO.BYTE`, () => 0)
      yield* say(switches.write("PIO.0", true, { verify: true }))
      yield* say(ow.dir(), Http())
      const guide = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8")
      const [, shown = ""] = /^```text\n(.*?)^```$/ms.exec(guide) ?? []
      assert.deepStrictEqual(lines, shown.trimEnd().split("\n"))
    }).pipe(Effect.provide(layer())))
})
