import { Discovery, MessageType, OwClient, type OwError } from "@effect-ownet/core"
import { Fault, type SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Exit, Fiber, Layer, Result, Scope } from "effect"
import * as scripted from "../fixtures/scripted.ts"

const { pass, reason, reply, settle } = scripted

/** A conversion, and what the bus takes for an exchange besides. */
const conversion = 760

const buses = [0, 1, 2, 3]

const id = (bus: number, device = 0): string => `28.0000000${bus}${device.toString(16).toUpperCase().padStart(4, "0")}`

const network: SimulatedNetwork.Description = Object.fromEntries(
  buses.flatMap((bus) => Array.from({ length: 12 }, (_, device) => [`/bus.${bus}/${id(bus, device)}`, {}]))
)

const build = Effect.fnUntraced(function*(
  description: SimulatedNetwork.Description,
  options?: OwClient.Options,
  server: SimulatedServer.Options = { conversions: "real" }
) {
  const context = yield* Layer.build(
    Layer.provideMerge(OwClient.layer(options), SimulatedServer.layer(description, server))
  )
  return { ow: Context.get(context, OwClient.OwClient), server: Context.get(context, SimulatedServer.SimulatedServer) }
})

const discover = (ow: OwClient.Client) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(Effect.provideService(Discovery.devices(), OwClient.OwClient, ow))
    yield* pass("10 seconds")
    return yield* Fiber.join(fiber)
  })

const begin = <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.forkChild(call, { startImmediately: true })

/** Milliseconds that a call takes while time passes. */
const taken = <A>(call: Effect.Effect<A, OwError.OwError>) =>
  Effect.gen(function*() {
    const fiber = yield* begin(Effect.timed(call))
    yield* pass("10 seconds")
    const [duration] = yield* Fiber.join(fiber)
    return Duration.toMillis(duration)
  })

/** Milliseconds that a call takes, if that is less than one. */
const quick = (call: Effect.Effect<unknown, OwError.OwError>) =>
  Effect.gen(function*() {
    const fiber = yield* begin(Effect.timed(call))
    yield* settle
    return Duration.toMillis((yield* Fiber.join(fiber))[0])
  })

describe("a bus that is slow", () => {
  const waysToSay: ReadonlyArray<
    readonly [name: string, path: (bus: number, device?: number) => string, isDiscovered: boolean, devices: number]
  > = [
    ["by the paths of buses", (bus, device) => `/bus.${bus}/${id(bus, device)}/temperature`, false, 12],
    ["past the cache", (bus, device) => `/uncached/bus.${bus}/${id(bus, device)}/temperature`, false, 12],
    ["by ROM ids after a discovery", (bus, device) => `/${id(bus, device)}/temperature`, true, 12],
    [
      "by ROM ids in any format",
      (bus, device) => `/text/${id(bus, device).replace(".", "").toLowerCase()}/temperature`,
      true,
      12
    ],
    ["with one device each, of whose bus nothing is known", (bus) => `/${id(bus)}/temperature`, false, 1]
  ]
  for (const [name, path, isDiscovered, devices] of waysToSay) {
    for (const slow of [1, 2, 3]) {
      it.effect(`keeps no other waiting: ${slow} of them, ${name}`, () =>
        Effect.gen(function*() {
          const { ow } = yield* build(network)
          if (isDiscovered) yield* discover(ow)
          const order: Array<string> = []
          const read = (bus: number, device: number) =>
            Effect.tap(ow.read(path(bus, device)), () => Effect.sync(() => order.push(`${bus} ${device}`)))
          const queued = yield* Effect.forEach(
            Array.from({ length: 12 }, (_, at) => Array.from({ length: slow }, (_, bus) => [bus + 1, at] as const))
              .flat(),
            ([bus, at]) => begin(read(bus, at % devices))
          )
          assert.strictEqual(yield* taken(ow.read(path(0))), conversion)
          yield* pass("30 seconds")
          yield* Effect.forEach(queued, Fiber.join)
          // Each bus answers its calls in their order.
          for (let bus = 1; bus <= slow; bus++) {
            assert.deepStrictEqual(
              order.filter((call) => call.startsWith(`${bus} `)),
              Array.from({ length: 12 }, (_, at) => `${bus} ${at % devices}`)
            )
          }
        }))
    }
  }

  it.effect("keeps nothing waiting that concerns no bus", () =>
    Effect.gen(function*() {
      const { ow } = yield* build(network)
      for (let bus = 1; bus <= 3; bus++) {
        for (let device = 0; device < 12; device++) yield* begin(ow.read(`/bus.${bus}/${id(bus, device)}/temperature`))
      }
      assert.strictEqual(yield* quick(ow.ping()), 0)
      assert.strictEqual(yield* quick(ow.read("/settings/units/temperature_scale")), 0)
      assert.strictEqual(yield* quick(ow.dir("/structure/28")), 0)
      // A message of bytes concerns the bus that they name, and waits behind eleven conversions.
      const path = new TextEncoder().encode(`/bus.1/${id(1, 11)}/type\0`)
      const message = yield* begin(ow.sendMessage(MessageType.Read, path, { size: 100 }))
      yield* pass("1 millis")
      assert.isUndefined(message.pollUnsafe())
    }))

  it.effect("opens no connection for calls that may not have one", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* build(network)
      for (let device = 0; device < 12; device++) yield* begin(ow.read(`/bus.1/${id(1, device)}/temperature`))
      yield* pass("5 seconds")
      assert.strictEqual((yield* server.statistics).connections, 1)
      yield* begin(ow.read(`/bus.2/${id(2)}/temperature`))
      yield* pass("1 millis")
      assert.strictEqual((yield* server.statistics).connections, 2)
    }))

  it.effect("waits for the bus alone when its calls are given up", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* build(network)
      const asked: Array<string> = []
      yield* server.setFaults(({ path, type }) => {
        if (type === MessageType.Read) asked.push(path)
        return undefined
      })
      const read = (device: number, timeout?: Duration.Input) =>
        begin(Effect.result(ow.read(`/bus.1/${id(1, device)}/temperature`, { timeout })))
      const fibers = [yield* read(0), yield* read(1), yield* read(2, "1 second"), yield* read(3), yield* read(4)]
      yield* pass("100 millis")
      yield* Fiber.interrupt(fibers[1])
      yield* Fiber.interrupt(fibers[0])
      yield* pass("10 seconds")
      const late = yield* Fiber.join(fibers[2])
      assert.strictEqual(Result.isFailure(late) ? reason(late.failure) : "", "Call")
      assert.isTrue(Result.isSuccess(yield* Fiber.join(fibers[3])))
      assert.isTrue(Result.isSuccess(yield* Fiber.join(fibers[4])))
      assert.deepStrictEqual(asked.map((path) => path.slice(7, 22)), [0, 2, 3, 4].map((device) => id(1, device)))
    }))

  it.effect("fails all that wait when the client is closed", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { ow } = yield* Scope.provide(build(network), scope)
      const fibers = yield* Effect.forEach(
        buses.flatMap((bus) => Array.from({ length: 12 }, (_, device) => `/bus.${bus}/${id(bus, device)}/temperature`)),
        (path) => begin(Effect.flip(ow.read(path)))
      )
      yield* pass("100 millis")
      yield* Scope.close(scope, Exit.void)
      const errors = yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(new Set(errors.map(reason)), new Set(["ClientClosed"]))
      assert.strictEqual(errors.filter((error) => "requestSent" in error && error.requestSent).length, 4)
    }))

  it.effect("has the first of its calls sent again first", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.gen(function*() {
          const { header } = yield* peer.receive
          yield* peer.send(reply(header))
          for (;;) {
            const { header } = yield* peer.receive
            yield* Effect.sleep("1 second")
            if (peer.index === 0) return yield* peer.close
            yield* peer.send(reply(header))
          }
        })
      )
      const ow = yield* scripted.client(server)
      yield* ow.read("/bus.1/first")
      const fibers = yield* Effect.forEach(["a", "b", "c"], (name) => begin(ow.read(`/bus.1/${name}`)))
      for (let second = 0; second < 4; second++) yield* pass("1 second")
      yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(
        server.requests.map(({ text }) => text.slice(7, -1)),
        ["first", "a", "a", "b", "c"]
      )
    }))
})

describe("buses", () => {
  /** A server that answers each request after a time, and counts those under way. */
  const counting = Effect.fnUntraced(function*(
    wait: (text: string) => Duration.Input | undefined,
    options?: OwClient.Options
  ) {
    const busy = { now: 0, most: 0 }
    const server = yield* scripted.make((peer) =>
      Effect.forever(Effect.gen(function*() {
        const { header, payload } = yield* peer.receive
        busy.most = Math.max(busy.most, ++busy.now)
        const duration = wait(scripted.pathOf(payload))
        yield* duration === undefined ? Effect.yieldNow : Effect.sleep(duration)
        busy.now--
        yield* peer.send(header.type === MessageType.Read ? reply(header, payload.slice(0, -1)) : reply(header))
      }))
    )
    return { busy, server, ow: yield* scripted.client(server, options) }
  })

  const all = (calls: ReadonlyArray<Effect.Effect<unknown, OwError.OwError>>) =>
    Effect.gen(function*() {
      const fiber = yield* begin(Effect.all(calls, { concurrency: "unbounded", discard: true }))
      for (let turn = 0; turn < 10; turn++) yield* settle
      yield* pass("1 minute")
      yield* Fiber.join(fiber)
    })

  it.effect("that answer fast have several connections each, and never all", () =>
    Effect.gen(function*() {
      for (const path of ["/bus.1/a", "/28.000028D70100/a"]) {
        const { busy, ow } = yield* counting(() => undefined)
        yield* all(Array.from({ length: 100 }, () => ow.read(path)))
        assert.strictEqual(busy.most, 3)
      }
    }))

  it.effect("have them for reads that are answered fast, and not for listings", () =>
    Effect.gen(function*() {
      const { busy, ow } = yield* counting(() => undefined)
      yield* all(Array.from({ length: 100 }, () => ow.dir("/bus.1")))
      assert.strictEqual(busy.most, 1)
    }))

  it.effect("that are fast but far away have several, too", () =>
    Effect.gen(function*() {
      const { busy, ow } = yield* counting(() => "80 millis")
      // Each handshake takes as long.
      const far = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header, payload } = yield* peer.receive
          busy.most = Math.max(busy.most, ++busy.now)
          yield* Effect.sleep("80 millis")
          busy.now--
          yield* peer.send(reply(header, payload.slice(0, -1)))
        })), { handshake: false })
      const building = yield* begin(scripted.client(far))
      yield* pass("80 millis")
      const distant = yield* Fiber.join(building)
      yield* all(Array.from({ length: 20 }, () => ow.read("/bus.1/a")))
      assert.strictEqual(busy.most, 1)
      yield* all(Array.from({ length: 20 }, () => distant.read("/bus.1/a")))
      assert.strictEqual(busy.most, 3)
    }))

  it.effect("that turn slow keep others waiting for one answer at most", () =>
    Effect.gen(function*() {
      let isSlow = false
      const { busy, ow } = yield* counting((path) => isSlow && path.startsWith("/bus.1") ? "1 second" : undefined)
      const keepOn = Effect.forever(ow.read("/bus.1/a"))
      for (let caller = 0; caller < 12; caller++) yield* begin(keepOn)
      for (let caller = 0; caller < 12; caller++) yield* begin(ow.read("/bus.1/a"))
      yield* settle
      assert.strictEqual(busy.now, 3)
      isSlow = true
      yield* pass("900 millis")
      // All three are still under way, and then one.
      assert.strictEqual(busy.now, 3)
      yield* pass("1 second")
      assert.strictEqual(busy.now, 1)
      for (const bus of [2, 3, 4]) assert.strictEqual(yield* quick(ow.read(`/bus.${bus}/a`)), 0)
    }))

  it.effect("that are all known have what the others leave", () =>
    Effect.gen(function*() {
      for (const [count, most] of [[1, 3], [2, 2], [3, 1], [4, 1]] as const) {
        const { ow, server } = yield* build(
          Object.fromEntries(Array.from({ length: count }, (_, bus) => [`/bus.${bus}/${id(bus)}`, {}])),
          {},
          {}
        )
        yield* discover(ow)
        yield* server.setFaults(Fault.ofType(MessageType.Read, ({ path }) =>
          path.includes(id(0)) ? Fault.Fault.Delay({ duration: "1 second" }) : undefined))
        let done = 0
        for (let call = 0; call < 12; call++) {
          yield* begin(Effect.tap(ow.read(`/${id(0)}/temperature`), () =>
            Effect.sync(() => done++)))
        }
        yield* pass("1 second")
        assert.strictEqual(done, most)
        for (let bus = 1; bus < count; bus++) assert.strictEqual(yield* quick(ow.read(`/${id(bus)}/temperature`)), 0)
        assert.strictEqual(yield* quick(ow.ping()), 0)
      }
    }))

  it.effect("are served in turn, each in its own order", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* counting(() => "1 second", { maxConnections: 2 })
      const paths = [..."12341234"].map((bus, at) => `/bus.${bus}/${at}`)
      yield* all(["/bus.1/a", "/bus.1/b", "/bus.1/c", ...paths].map((path) => ow.read(path)))
      assert.deepStrictEqual(
        server.requests.map(({ text }) => text.slice(0, -1)),
        [
          "/bus.1/a",
          "/bus.2/1",
          "/bus.3/2",
          "/bus.4/3",
          "/bus.1/b",
          "/bus.2/5",
          "/bus.3/6",
          "/bus.4/7",
          "/bus.1/c",
          "/bus.1/0",
          "/bus.1/4"
        ]
      )
    }))

  it.effect("share one connection in the order of their calls", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* counting(() => "1 second", { maxConnections: 1 })
      const paths = ["/bus.1/a", "/bus.1/b", "/bus.2/a", "/", "/bus.1/c", "/28.000028D70100/a"]
      yield* all(paths.map((path) => ow.read(path)))
      assert.deepStrictEqual(server.requests.map(({ text }) => text.slice(0, -1)), paths)
    }))
})
