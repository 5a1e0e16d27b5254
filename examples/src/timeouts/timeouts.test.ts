import { Connector, Device, OwClient, OwRetry } from "@effect-ownet/core"
import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { Fault, type SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import { readFileSync } from "node:fs"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as timeouts from "./timeouts.ts"

const { Delay, Refuse, Silence } = Fault.Fault

const attic = "28.000028D70000"
const cellar = "/bus.1/28.000028D71000"
const door = "29.000029D60300"

const ids = Array.from({ length: 10 }, (_, index) => `28.000028D70${index}00`)

/** Ten slow thermometers on one bus, and one on another. */
const house: SimulatedNetwork.Description = {
  ...Object.fromEntries(ids.map((id) => [id, { temperature: 21.5 }])),
  [cellar]: { temperature: 11 },
  [door]: { "PIO.BYTE": 0 }
}

const layer = (options?: OwClient.Options) =>
  OwClient.layer(options).pipe(Layer.provideMerge(SimulatedServer.layer(house, { conversions: "real" })))

/** A server with a name as people would give it. */
const named = () =>
  OwClient.layer().pipe(
    Layer.provide(Layer.effect(
      Connector.Connector,
      Effect.map(SimulatedServer.SimulatedServer, ({ connector }) => ({
        ...connector,
        server: "raspberrypi.local:4304"
      }))
    )),
    Layer.provideMerge(SimulatedServer.layer(house))
  )

const endpoint = (address: string): Connector.Endpoint => ({
  address,
  connect: () => ({ buffer: new Uint8Array(0), write: () => {}, close: () => {} })
})

/** A server whose addresses neither accept nor refuse a connection, as behind a firewall. */
const unreachable = (options?: OwClient.Options, ...others: ReadonlyArray<string>) =>
  OwClient.layer({ ...options, lazy: true }).pipe(Layer.provide(Layer.succeed(Connector.Connector, {
    server: "raspberrypi.local:4304",
    resolve: Effect.succeed([endpoint("192.168.1.20:4304"), ...others.map(endpoint)] as const)
  })))

const thermometer = Device.make(DS18B20, attic)
const relay = Device.make(DS2408, door)
const ten = Effect.forEach(ids, (id) => Device.make(DS18B20, id))

/** Lets fibers that wait only for each other settle. */
const settle = Effect.repeat(Effect.yieldNow, { times: 100 })

/** The outcome of an effect, and the milliseconds that it took. */
const timed = <A, E, R>(effect: Effect.Effect<A, E, R>, duration: Duration.Input) =>
  Effect.gen(function*() {
    const begins = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.forkChild(Effect.zip(Effect.result(effect), Clock.currentTimeMillis))
    yield* settle
    yield* TestClock.adjust(duration)
    assert.isDefined(fiber.pollUnsafe(), "it still waits")
    const [result, ends] = yield* Fiber.join(fiber)
    return { result, millis: Math.round(ends - begins) }
  })

const failed = <A, E, R>(effect: Effect.Effect<A, E, R>, duration: Duration.Input) =>
  Effect.map(timed(effect, duration), ({ millis, result }) => {
    if (Result.isSuccess(result)) return assert.fail("it succeeded")
    return { millis, error: result.failure }
  })

describe("three clocks", () => {
  it.effect("say what the guide shows", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const say = <R>(call: Effect.Effect<unknown, Device.Failure, R>) =>
        Effect.map(failed(call, "1 minute"), ({ error }) => void lines.push(String(error)))
      const read = OwClient.OwClient.use((ow) => ow.readText(`/${attic}/temperature`))
      yield* say(read).pipe(Effect.provide(unreachable()))
      yield* Effect.gen(function*() {
        const server = yield* SimulatedServer.SimulatedServer
        yield* server.setFaults(Fault.every(1, Silence()))
        yield* say(read)
      }).pipe(Effect.provide(named()))
      yield* Effect.gen(function*() {
        const server = yield* SimulatedServer.SimulatedServer
        yield* server.setFaults(Fault.every(1, Delay({ duration: "1 hour" })))
        const slow = yield* thermometer
        yield* say(slow.read("temperature", { timeout: "10 seconds" }))
        yield* say(slow.write("temphigh", 30, { timeout: "10 seconds" }))
        for (let busy = 0; busy < 4; busy++) yield* Effect.forkChild(slow.read("temperature"))
        yield* settle
        yield* say(slow.write("temphigh", 30, { timeout: "10 seconds" }))
      }).pipe(Effect.provide(named()))
      const guide = readFileSync(new URL("../../../docs/timeouts.md", import.meta.url), "utf8")
      const [, shown = ""] = /^```text\n(.*?)^```$/ms.exec(guide) ?? []
      assert.deepStrictEqual(lines, shown.trimEnd().split("\n"))
    }))

  it.effect("keepalives keep a slow server from being taken for a silent one", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const { read } = yield* thermometer
      yield* server.setFaults(Fault.first(1, Delay({ duration: "1 minute" })))
      assert.deepInclude((yield* timed(read("power"), "2 minutes")).result, { success: true })
      yield* server.setFaults(Fault.first(1, Silence()))
      assert.strictEqual((yield* failed(read("power"), "1 minute")).millis, 5000)
    }).pipe(Effect.provide(layer())))

  it.effect("connecting has its limit for each address", () =>
    Effect.gen(function*() {
      const ping = OwClient.OwClient.use((ow) => ow.ping())
      const { error, millis } = yield* failed(ping, "1 minute").pipe(
        Effect.provide(unreachable({}, "[fd00::20]:4304"))
      )
      assert.deepStrictEqual([error._tag, millis], ["ConnError", 10_000])
    }))

  it.effect("a timeout shorter than that of connecting hides why there is no connection", () =>
    Effect.gen(function*() {
      const ping = OwClient.OwClient.use((ow) => ow.ping())
      const long = yield* failed(ping, "1 minute").pipe(Effect.provide(unreachable({ timeout: "6 seconds" })))
      assert.strictEqual(long.error._tag, "ConnError")
      assert.strictEqual(long.millis, 5000)
      const short = yield* failed(ping, "1 minute").pipe(Effect.provide(unreachable({ timeout: "4 seconds" })))
      assert.strictEqual(short.error._tag, "OwnetTimeout")
    }))
})

describe("the timeout of a call", () => {
  it.effect("is exact, and Effect.timeout knows less", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      yield* server.setFaults(Fault.every(1, Delay({ duration: "1 minute" })))
      const quick = yield* failed(timeouts.quick(yield* thermometer), "5 seconds")
      assert.strictEqual(quick.millis, 2000)
      assert.deepInclude(quick.error, { _tag: "OwnetTimeout", requestSent: true, isRetryable: true })
      const both = yield* failed(timeouts.both(yield* thermometer, yield* relay), "5 seconds")
      assert.strictEqual(both.millis, 2000)
      assert.strictEqual(both.error._tag, "TimeoutError")
      yield* server.setFaults()
      const { result } = yield* timed(timeouts.both(yield* thermometer, yield* relay), "2 seconds")
      assert.isTrue(Result.isSuccess(result))
    }).pipe(Effect.provide(layer())))

  it.effect("is that of each request where a device makes several", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      yield* server.setFaults(Fault.every(1, Delay({ duration: "1500 millis" })))
      const { write } = yield* relay
      const { millis, result } = yield* timed(
        Effect.suspend(() => write("PIO.0", true, { verify: true, timeout: "2 seconds" })),
        "5 seconds"
      )
      assert.isTrue(Result.isSuccess(result))
      assert.strictEqual(Math.floor(millis / 100), 30)
    }).pipe(Effect.provide(layer())))

  it.effect("covers all attempts, and no pause is begun that would outlast it", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      yield* server.setFaults(Fault.every(1, Refuse({ code: -5 })))
      const { error, millis } = yield* failed(timeouts.within(yield* thermometer), "10 seconds")
      assert.deepInclude(error, { _tag: "OwnetError", codeName: "EIO" })
      assert.isBelow(millis, 5000)
      assert.isAbove(millis, 2400)
    }).pipe(Effect.provide(layer())))

  it.effect("is that of each attempt where the attempts are made around it", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      yield* server.setFaults(Fault.first(3, Silence()))
      const { millis, result } = yield* timed(timeouts.each(yield* thermometer), "1 minute")
      assert.deepInclude(result, { success: 21.5 })
      assert.strictEqual(Math.floor(millis / 1000), 3 * (2 + 1))
      let asked = 0
      yield* server.setFaults(() => {
        asked++
        return Refuse({ code: -5 })
      })
      assert.deepInclude((yield* failed(timeouts.each(yield* thermometer), "2 minutes")).error, { codeName: "EIO" })
      // One of these requests asks for the server's own text for the code.
      assert.isAtMost(asked, 63)
    }).pipe(Effect.provide(layer({ retry: OwRetry.transient }))))
})

const uncached = (timeout?: Duration.Input) => ({ flags: { uncached: true }, timeout })

describe("a bus that measures", () => {
  it.effect("measures for one after the other, whoever else waits", () =>
    Effect.gen(function*() {
      const thermometers = yield* ten
      const { result } = yield* timed(
        Effect.partition(thermometers, ({ read }) => read("temperature", uncached("2 seconds")), {
          concurrency: "unbounded"
        }),
        "2 seconds"
      )
      const [values, errors] = Result.getOrThrow(result)
      assert.lengthOf(values, 2)
      assert.lengthOf(errors.filter((error) => error._tag === "OwnetTimeout" && error.requestSent), 4)
      assert.lengthOf(errors.filter((error) => error._tag === "OwnetTimeout" && !error.requestSent), 4)
      // The bus is still busy with the calls that were given up.
      const next = yield* timed(thermometers[0].read("temperature", uncached()), "1 minute")
      assert.isAbove(next.millis, 3000)
      assert.isBelow(next.millis, 4000)
    }).pipe(Effect.provide(layer())))

  it.effect("is read one by one, each with its own limit, or all at once", () =>
    Effect.gen(function*() {
      const thermometers = yield* ten
      const slow = yield* timed(timeouts.oneByOne(thermometers), "1 minute")
      assert.lengthOf(Result.getOrThrow(slow.result), 10)
      assert.isAbove(slow.millis, 7500)
      const fast = yield* timed(timeouts.together(thermometers), "1 minute")
      assert.isTrue(Result.getOrThrow(fast.result).every(({ _tag }) => _tag === "Reading"))
      assert.isBelow(fast.millis, 2000)
    }).pipe(Effect.provide(layer())))
})

describe("options for", () => {
  it.effect("a page: a value in two seconds, or none", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const { read } = yield* thermometer
      assert.deepInclude((yield* timed(read("temperature"), "1 second")).result, { success: 21.5 })
      yield* server.setFaults(Fault.every(1, Delay({ duration: "10 seconds" })))
      const slow = yield* failed(read("temperature"), "1 minute")
      assert.strictEqual(slow.millis, 2000)
      const none = yield* failed(OwClient.OwClient.use((ow) => ow.ping()), "1 minute").pipe(
        Effect.provide(unreachable(timeouts.page))
      )
      assert.deepStrictEqual([none.error._tag, none.millis], ["ConnError", 1000])
    }).pipe(Effect.provide(layer(timeouts.page))))

  it.effect("a local program: a bus may fail for some seconds, and be busy for some more", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const { read } = yield* thermometer
      yield* server.setFaults(Fault.first(3, Refuse({ code: -5 }), Delay({ duration: "4 seconds" })))
      assert.deepInclude((yield* timed(read("temperature"), "20 seconds")).result, { success: 21.5 })
      yield* server.setFaults(Fault.every(1, Delay({ duration: "1 hour" })))
      assert.strictEqual((yield* failed(read("temperature"), "1 minute")).millis, 15_000)
    }).pipe(Effect.provide(layer(timeouts.local))))

  it.effect("a remote server: a link may hang for ten seconds, and nothing is asked twice", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const { read } = yield* thermometer
      yield* Effect.ignore(timed(read("power"), "1 second"))
      const before = (yield* server.statistics).requests
      yield* server.pause
      yield* Effect.forkChild(Effect.delay(server.resume, "12 seconds"))
      assert.deepInclude((yield* timed(read("temperature"), "20 seconds")).result, { success: 21.5 })
      assert.strictEqual((yield* server.statistics).requests - before, 1)
    }).pipe(Effect.provide(layer(timeouts.remote))))

  it.effect("a night: hours without a server", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.make(house)
      const client = Layer.provide(
        OwClient.layer(timeouts.nightly),
        Layer.succeed(Connector.Connector, server.connector)
      )
      yield* server.stop
      yield* Effect.gen(function*() {
        const { read } = yield* thermometer
        yield* Effect.forkChild(Effect.delay(server.start, "30 minutes"))
        assert.deepInclude((yield* timed(read("temperature"), "1 hour")).result, { success: 21.5 })
        yield* server.stop
        const { error, millis } = yield* failed(read("temperature"), "5 hours")
        assert.strictEqual(error._tag, "ConnError")
        assert.isAtLeast(millis, Duration.toMillis("239 minutes"))
      }).pipe(Effect.provide(client))
    }))
})

/** The result of a program whose server starts later. */
const starting = (starts: Duration.Input) =>
  Effect.gen(function*() {
    const server = yield* SimulatedServer.make(house)
    const connector = Layer.succeed(Connector.Connector, server.connector)
    yield* server.stop
    yield* Effect.forkChild(Effect.delay(server.start, starts))
    return yield* timed(timeouts.served, "5 minutes").pipe(
      Effect.provide(Layer.provide(OwClient.layer({ lazy: true }), connector))
    )
  })

describe("a server that is not there yet", () => {
  it.effect("is waited for", () =>
    Effect.map(starting("31 seconds"), ({ millis, result }) => {
      assert.isTrue(Result.isSuccess(result))
      assert.strictEqual(millis, 32_000)
    }))

  it.effect("is not waited for where another kind of server answers", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      yield* server.setFaults(() => Fault.Fault.Http())
      const { error, millis } = yield* failed(timeouts.served, "1 second")
      assert.deepStrictEqual([error._tag, millis], ["ProtocolError", 0])
    }).pipe(Effect.provide(layer({ lazy: true }))))

  it.effect("is not waited for without end", () =>
    Effect.map(starting("3 minutes"), ({ millis, result }) => {
      assert.isTrue(Result.isFailure(result))
      assert.strictEqual(millis, 120_000)
    }))
})

describe("a call that is given up", () => {
  it.effect("closes its connection, and no other", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const warm = yield* thermometer
      const other = yield* Device.make(DS18B20, cellar)
      yield* server.setFaults(({ path }) => path.startsWith("/bus.1") ? Silence() : undefined)
      const { millis, result } = yield* timed(timeouts.either(other, warm), "4 seconds")
      assert.deepInclude(result, { success: 21.5 })
      assert.isBelow(millis, 1000)
      yield* settle
      assert.strictEqual((yield* server.statistics).connections, 1)
    }).pipe(Effect.provide(layer())))

  it.effect("is given up for a value, and not for an error", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const [one, other] = [yield* thermometer, yield* Device.make(DS18B20, cellar)]
      yield* server.setFaults(({ path }) => path.startsWith("/bus.1") ? Refuse({ code: -5 }) : undefined)
      assert.deepInclude((yield* timed(timeouts.either(other, one), "4 seconds")).result, { success: 21.5 })
    }).pipe(Effect.provide(layer())))

  it.effect("goes on at the server, which writes what it was told", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const { read, write } = yield* thermometer
      yield* server.setFaults(Fault.first(1, Delay({ duration: "3 seconds" })))
      const { error } = yield* failed(Effect.suspend(() => write("temphigh", 31, { timeout: "1 second" })), "1 second")
      assert.deepInclude(error, { _tag: "OwnetTimeout", requestSent: true, isRetryable: false })
      yield* TestClock.adjust("3 seconds")
      assert.deepInclude((yield* timed(read("temphigh"), "1 second")).result, { success: 31 })
    }).pipe(Effect.provide(layer())))
})

owserver.describe("a call that is given up by the real server's client", () => {
  it.live("goes on at the server, which writes what it was told", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* owserver.serve([`--mock=${attic}`])
      yield* ow.write(`/${attic}/temphigh`, "30")
      yield* server.signal("SIGSTOP")
      const error = yield* Effect.flip(ow.write(`/${attic}/temphigh`, "31", { timeout: "50 millis" }))
      assert.deepInclude(error, { _tag: "OwnetTimeout", requestSent: true })
      yield* server.signal("SIGCONT")
      // A read on another connection may be answered before the write is done.
      yield* ow.readText(`/${attic}/temphigh`).pipe(
        Effect.repeat({ until: (text) => text === "31" }),
        Effect.timeout("10 seconds")
      )
    }))
})
