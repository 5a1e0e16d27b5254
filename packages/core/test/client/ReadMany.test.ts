import { Discovery, MessageType, OwClient, type OwError, OwRetry } from "@effect-ownet/core"
import { Fault, type SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Exit, Fiber, Layer, Result, Scope, Tracer } from "effect"
import * as scripted from "../fixtures/scripted.ts"

const { pass, reason, reply, settle } = scripted

const outcomeOf = <A>(result: Result.Result<A, OwError.OwError> | undefined): unknown =>
  result === undefined ? undefined : Result.isSuccess(result) ? result.success : reason(result.failure)

const outcomes = <A>(answers: ReadonlyMap<string, Result.Result<A, OwError.OwError>>) =>
  Array.from(answers, ([path, result]) => [path, outcomeOf(result)] as const)

const begin = <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.forkChild(call, { startImmediately: true })

const serve = Effect.fnUntraced(function*(
  description: SimulatedNetwork.Description,
  server?: SimulatedServer.Options,
  options?: OwClient.Options
) {
  const context = yield* Layer.build(
    Layer.provideMerge(OwClient.layer(options), SimulatedServer.layer(description, server))
  )
  return { ow: Context.get(context, OwClient.OwClient), server: Context.get(context, SimulatedServer.SimulatedServer) }
})

const id = (bus: number, device = 0): string => `28.0000000${bus}${device.toString(16).toUpperCase().padStart(4, "0")}`

describe("many reads", () => {
  it.effect("give each path its value or its error, in the order of the paths, each asked once", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* serve({ "28.000028D70100": { temperature: 21.5, alias: "kitchen" } })
      const asked: Array<string> = []
      yield* server.setFaults(({ path, type }) => {
        if (!Fault.isOwn(type, path)) asked.push(path)
        return undefined
      })
      const paths = [
        "/28.000028D70100/temperature",
        "/28.000028D70100/nothing",
        "/nul\0",
        "/28.000028D70100",
        "/settings/units/temperature_scale",
        "/28.000028D70100/temperature",
        "/28.000028D70100/alias"
      ]
      assert.deepStrictEqual(outcomes(yield* ow.readTextMany(paths)), [
        ["/28.000028D70100/temperature", "21.5"],
        ["/28.000028D70100/nothing", "NotFound"],
        ["/nul\0", "ArgumentError"],
        ["/28.000028D70100", "IsDirectory"],
        ["/settings/units/temperature_scale", "C"],
        ["/28.000028D70100/alias", "kitchen"]
      ])
      assert.deepStrictEqual(asked.toSorted(), [...new Set(paths)].filter((path) => path !== "/nul\0").toSorted())
      assert.deepStrictEqual(
        outcomes(yield* ow.readMany(new Set(["/28.000028D70100/alias"]), { offset: 1, size: 3 })),
        [
          ["/28.000028D70100/alias", new TextEncoder().encode("itc")]
        ]
      )
      assert.strictEqual((yield* ow.readMany([])).size, 0)
      assert.deepStrictEqual(outcomes(yield* ow.readTextMany(["\0"])), [["\0", "ArgumentError"]])
    }))

  it.effect("fail with the same errors as single reads", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({})
      const path = "/28.000028D70100/temperature"
      const alone = yield* Effect.flip(ow.read(path))
      const among = (yield* ow.readMany([path])).get(path)
      assert.deepStrictEqual(
        among === undefined || Result.isSuccess(among) ? undefined : among.failure.toJSON(),
        alone.toJSON()
      )
    }))

  it.effect("refuse options that make no sense, and what is no list of paths", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* serve({})
      const before = (yield* server.statistics).requests
      for (const options of [{ size: 0 }, { offset: -1 }, { timeout: 0 }, { flags: { nothing: true } as object }]) {
        assert.strictEqual((yield* Effect.flip(ow.readMany(["/a"], options)))._tag, "ArgumentError")
      }
      for (const paths of ["/28.000028D70100/type", null, 1, undefined, {}]) {
        // As callers without types may give it.
        const error = yield* Effect.flip(ow.readTextMany(paths as Iterable<string>))
        assert.strictEqual(error.argument, "paths")
      }
      const untyped = yield* ow.readMany([1] as Iterable<unknown> as Iterable<string>)
      assert.deepStrictEqual(Array.from(untyped.values(), outcomeOf), ["ArgumentError"])
      assert.strictEqual((yield* server.statistics).requests, before)
    }))

  it.effect("ask the buses at the same time, whatever their order, and let other callers have their turns", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* serve(
        Object.fromEntries(
          [0, 1, 2].flatMap((bus) => Array.from({ length: 40 }, (_, device) => [`/bus.${bus}/${id(bus, device)}`, {}]))
        ),
        { conversions: "real" }
      )
      const paths = [0, 1, 2].flatMap((bus) =>
        Array.from({ length: bus === 2 ? 1 : 40 }, (_, device) => `/bus.${bus}/${id(bus, device)}/temperature`)
      )
      const batch = yield* begin(Effect.timed(ow.readTextMany(paths)))
      const read = yield* begin(Effect.timed(ow.read(`/bus.0/${id(0, 39)}/temperature`)))
      const idle = yield* begin(Effect.timed(ow.read(`/bus.2/${id(2, 1)}/temperature`)))
      yield* pass("1 minute")
      const [whole, answers] = yield* Fiber.join(batch)
      assert.strictEqual(Duration.toMillis(whole), 31_160)
      assert.strictEqual(answers.size, 81)
      assert.isTrue([...answers.values()].every(Result.isSuccess))
      // Behind the four that the batch had begun on that bus.
      assert.strictEqual(Duration.toMillis((yield* Fiber.join(read))[0]), 3800)
      assert.strictEqual(Duration.toMillis((yield* Fiber.join(idle))[0]), 1520)
      assert.strictEqual((yield* server.statistics).connections, 3)
    }))

  it.effect("have a timeout each, from when their turn comes", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) =>
          Effect.delay(
            peer.send(reply(header, payload.slice(0, -1))),
            scripted.pathOf(payload) === "/a/3" ? "3 seconds" : "1 second"
          )))
      )
      const ow = yield* scripted.client(server, { maxConnections: 1 })
      const paths = Array.from({ length: 6 }, (_, at) => `/a/${at}`)
      const batch = yield* begin(ow.readTextMany(paths, { timeout: "2 seconds" }))
      for (let second = 0; second < 10; second++) yield* pass("1 second")
      assert.deepStrictEqual(
        outcomes(yield* Fiber.join(batch)),
        paths.map((path, at) => [path, at === 3 ? "Call" : path])
      )
    }))

  it.effect("are each tried again, within their timeouts", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* serve({ [id(0)]: {}, [id(0, 1)]: {}, [id(0, 2)]: {} }, {}, {
        retry: OwRetry.transient
      })
      const times = new Map<string, number>()
      yield* server.setFaults(({ path }) => {
        const time = (times.get(path) ?? 0) + 1
        times.set(path, time)
        const isBroken = path.includes(id(0, 1)) ? time <= 2 : path.includes(id(0, 2))
        return isBroken ? Fault.Fault.Refuse({ code: -5 }) : undefined
      })
      const paths = [0, 1, 2].map((device) => `/${id(0, device)}/type`)
      const batch = yield* begin(ow.readTextMany(paths, { timeout: "1 second" }))
      for (let time = 0; time < 30; time++) yield* pass("100 millis")
      assert.deepStrictEqual(outcomes(yield* Fiber.join(batch)), [
        [paths[0], "DS18B20"],
        [paths[1], "DS18B20"],
        [paths[2], "BusFault"]
      ])
      assert.deepStrictEqual([times.get(paths[0]), times.get(paths[1])], [1, 3])
      assert.isAbove(times.get(paths[2]) ?? 0, 2)
      const once = yield* begin(ow.readTextMany([paths[2]], { retry: false }))
      yield* settle
      assert.deepStrictEqual(outcomes(yield* Fiber.join(once)), [[paths[2], "BusFault"]])
    }))

  it.effect("are all given up with their caller", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) =>
          scripted.pathOf(payload).startsWith("/slow") ? Effect.void : peer.send(reply(header, payload.slice(0, -1)))))
      )
      const ow = yield* scripted.client(server)
      const batch = yield* begin(ow.readTextMany(Array.from({ length: 1000 }, (_, at) =>
        `/slow${at}`)))
      yield* settle
      assert.strictEqual(server.open(), 4)
      yield* Fiber.interrupt(batch)
      yield* settle
      assert.deepStrictEqual([server.open(), server.requests.length], [0, 4])
      assert.strictEqual(yield* ow.readText("/a"), "/a")
    }))

  it.effect("end with the client, and are told so if it is closed", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) => Effect.andThen(peer.receive, Effect.never))
      const scope = yield* Scope.make()
      const ow = yield* Scope.provide(scripted.client(server), scope)
      const paths = Array.from({ length: 20_000 }, (_, at) => `/${at % 3}/${at}`)
      const batch = yield* begin(ow.readMany(paths))
      yield* settle
      yield* Scope.close(scope, Exit.void)
      for (const answers of [yield* Fiber.join(batch), yield* ow.readMany(paths)]) {
        assert.strictEqual(answers.size, paths.length)
        assert.deepStrictEqual(new Set(Array.from(answers.values(), outcomeOf)), new Set(["ClientClosed"]))
      }
    }))

  it.effect("have a span each", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({ [id(0)]: {} })
      const spans: Array<string> = []
      const tracer = Tracer.make({
        span: (options) => {
          spans.push(`${options.name} in ${
            options.parent._tag === "Some" && options.parent.value._tag === "Span"
              ? options.parent.value.name
              : "nothing"
          }`)
          return new Tracer.NativeSpan(options)
        }
      })
      const answers = yield* ow.readTextMany([`/${id(0)}/type`, `/${id(0)}/family`]).pipe(
        Effect.withSpan("batch"),
        Effect.withTracer(tracer)
      )
      assert.deepStrictEqual(
        outcomes(answers).map(([, value]) => value),
        ["DS18B20", "28"]
      )
      assert.deepStrictEqual(spans.toSorted(), ["batch in nothing", "owserver.read in batch", "owserver.read in batch"])
    }))
})

describe("a client that is read-only", () => {
  it.effect("refuses what may change something, before a byte is sent", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* serve({ "29.000029D60000": {} }, {}, { readOnly: true })
      const writable = yield* serve({ "29.000029D60000": {} })
      const before = (yield* server.statistics).requests
      for (
        const client of [
          ow,
          ow.with({}),
          ow.with({ readOnly: false }),
          ow.with({ timeout: "1 second" }).with({ readOnly: false })
        ]
      ) {
        const refused: ReadonlyArray<Effect.Effect<unknown, OwError.OwError>> = [
          client.write("/29.000029D60000/PIO.0", "1"),
          client.write("/29.000029D60000/PIO.0", "1", { retry: OwRetry.transient }),
          client.sendMessage(MessageType.Write, new Uint8Array(40), { size: 1 }),
          client.sendMessage(MessageType.Error, "/"),
          client.sendMessage(99, "/")
        ]
        for (const call of refused) {
          const error = yield* Effect.flip(call)
          assert.strictEqual(error._tag, "ArgumentError")
          assert.include(error.message, "read-only")
          assert.isFalse(error.isRetryable)
        }
      }
      assert.strictEqual((yield* server.statistics).requests, before)
      const error = yield* Effect.flip(ow.write("/29.000029D60000/PIO.0", "1"))
      assert.strictEqual(
        error.message,
        "write /29.000029D60000/PIO.0: readOnly is set: this client is read-only, and sends nothing that can change a value; nothing was sent"
      )
      const derived = writable.ow.with({ readOnly: true })
      assert.strictEqual((yield* Effect.flip(derived.write("/29.000029D60000/PIO.0", "1")))._tag, "ArgumentError")
      yield* writable.ow.write("/29.000029D60000/PIO.0", "1")
    }))

  it.effect("reads, lists and finds as any other", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({ "29.000029D60000": {} }, {}, { readOnly: true })
      yield* ow.ping()
      assert.strictEqual(yield* ow.readText("/29.000029D60000/type"), "DS2408")
      yield* ow.get("/29.000029D60000")
      yield* ow.dir()
      for (
        const type of [MessageType.Read, MessageType.Dir, MessageType.Presence, MessageType.DirAll, MessageType.Get]
      ) {
        yield* ow.sendMessage(type, "/29.000029D60000/type", { size: 100 })
      }
      const { devices } = yield* Effect.provideService(Discovery.devices(), OwClient.OwClient, ow)
      assert.lengthOf(devices, 1)
    }))
})
