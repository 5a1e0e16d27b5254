/**
 * Servers of a fleet, asked from another process over the engine's real sockets, while their runners come and go.
 */
import { type Family, MessageType, OwError, type Plausibility, RomId } from "@effect-ownet/core"
import { DeviceError, DeviceReason } from "@effect-ownet/core/device/DeviceError"
import { Fault } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Schedule, Scope } from "effect"
import * as Connections from "../src/internal/fleet/Connections.ts"
import * as Owserver from "../src/Owserver.ts"
import * as ServerRegistry from "../src/ServerRegistry.ts"
import * as fleet from "./fixtures/askedFleet.ts"
import * as runners from "./fixtures/callers.ts"

const relay = "/29.000029D60300/PIO.0"

const house = { pi: { "28.000028D70100": { temperature: 21.5 }, "29.000029D60300": {} } }

/** Two runners that are connected to the same servers, and a process beside them that asks. */
const world = Effect.gen(function*() {
  const storage = runners.storage()
  const servers = yield* Layer.build(fleet.behind(house))
  const shared = Layer.merge(
    Layer.succeedContext(servers),
    Layer.orDie(ServerRegistry.layerMemory(Object.keys(house)))
  )
  const start = Effect.gen(function*() {
    const { address, cut, engine } = yield* runners.runner(storage.layer)
    const scope = yield* Scope.fork(yield* Effect.scope)
    yield* Owserver.layerHandlers.pipe(
      Layer.provide(engine),
      Layer.provide(Connections.layer()),
      Layer.provide(fleet.connectors),
      Layer.provide(shared),
      Layer.build,
      Scope.provide(scope)
    )
    return { address, cut, stop: Scope.close(scope, Exit.void) }
  })
  const all = [yield* start, yield* start]
  const asking = yield* Layer.build(
    Owserver.layerClients.pipe(Layer.provide(runners.asking(storage.layer)), Layer.provide(shared))
  )
  const ow = Context.get(asking, Owserver.OwserverClients).of("pi")
  yield* ow.ping({ timeout: "10 seconds" })
  const owner = all.find(({ address }) => address === storage.owner())
  assert.isDefined(owner)
  const server = Context.get(servers, fleet.Behind).get("pi")
  assert.isDefined(server)
  /** Requests of a type that came to the server since, and each of them is answered late. */
  const slow = Effect.fnUntraced(function*(type: number) {
    const state = { came: 0 }
    yield* server.setFaults((asked) => {
      if (asked.type !== type || Fault.isOwn(asked.type, asked.path)) return undefined
      state.came++
      return Fault.Fault.Delay({ duration: "1 second" })
    })
    return state
  })
  const came = (state: { readonly came: number }) =>
    Effect.suspend(() => state.came > 0 ? Effect.void : Effect.fail("nothing has come")).pipe(
      Effect.retry(Schedule.spaced("5 millis"))
    )
  const die = Effect.sync(() => {
    owner.cut()
    storage.bury(owner.address)
  })
  return { came, die, ow, owner, server, slow }
})

const call = { operation: "write", path: "/k\udcfcche", server: "pi:4304" } as const
const outcomes = [true, false]

const errors: ReadonlyArray<OwError.OwError> = [
  ...[-1, -2, -5, -19, -20, -21, -22, -30, -42, -75, -103].map((code) =>
    OwError.refused(code, MessageType.Write, { ...call, serverText: "\u001b[31m\0" })
  ),
  ...OwError.ConnReason.members.flatMap((reason) =>
    outcomes.map((requestSent) =>
      new OwError.ConnError({
        ...call,
        reason: reason.make({}),
        problem: "it was so",
        attempts: [{ address: "10.0.0.7:4304", problem: "refused" }],
        requestSent,
        cause: new TypeError("ECONNREFUSED")
      })
    )
  ),
  ...OwError.TimeoutReason.members.flatMap((reason) =>
    outcomes.map((requestSent) =>
      new OwError.OwnetTimeout({ ...call, reason: reason.make({}), elapsed: 2000.5, limit: 2000, requestSent })
    )
  ),
  ...([
    { _tag: "MalformedHeader" },
    { _tag: "ShortRead", received: 3, expected: 24 },
    { _tag: "ShortWrite", accepted: 1, sent: 2 },
    { _tag: "UnexpectedReply" }
  ] as const).map((reason) =>
    new OwError.ProtocolError({ ...call, reason, problem: "no", bytes: Uint8Array.of(0, 255), attempts: [] })
  ),
  new OwError.ArgumentError({ operation: "write", argument: "data", problem: "must be less" })
]

const deviceErrors = DeviceReason.members.map((reason) =>
  new DeviceError({ ...call, reason: reason.make({}), problem: "it is 85" })
)

const verdicts: ReadonlyArray<Plausibility.Verdict> = [
  { _tag: "Plausible" },
  { _tag: "PowerOn" },
  { _tag: "Disconnected" },
  { _tag: "NoAnswer" },
  { _tag: "OutOfRange", least: -55, most: Number.MAX_VALUE },
  { _tag: "Jump", from: 85 }
]

const values: ReadonlyArray<Family.Value> = [
  21.5,
  -0,
  NaN,
  true,
  "K\udcfcche",
  Uint8Array.of(0, 255),
  new Date(0),
  [],
  [1, 2.5],
  [true, false],
  ["a", "b"],
  [new Date(1)]
]

const readings = values.flatMap((value) =>
  verdicts.map((verdict) => ({
    server: "pi",
    device: RomId.fromStringUnsafe("28.000028D70100"),
    property: "temperature",
    value,
    unit: "°C",
    at: new Date(1_700_000_000_123),
    verdict
  }))
)

/** A server that fails, or gives readings, as its caller says by a number. */
const prepared = Owserver.Owserver.toLayer({
  Here: () => Effect.void,
  Ticket: () => Effect.never,
  Ping: () => Effect.never,
  Present: () => Effect.never,
  RomId: () => Effect.never,
  List: () => Effect.never,
  Read: ({ payload }) => Effect.fail(errors[payload.offset]),
  Write: () => Effect.never,
  Get: () => Effect.never,
  Send: () => Effect.never,
  Reading: ({ payload: { device, property } }) =>
    device === "" ? Effect.succeed(readings[Number(property)]) : Effect.fail(deviceErrors[Number(property)])
})

describe("a server of a fleet, from another process", () => {
  it.live("fails with the same error, of any class, and gives the same readings", () =>
    Effect.gen(function*() {
      const storage = runners.storage()
      const { engine } = yield* runners.runner(storage.layer)
      yield* Layer.build(Layer.provide(prepared, engine))
      const asking = yield* Layer.build(runners.asking(storage.layer))
      const entity = (yield* Effect.provide(Owserver.Owserver.client, asking))("/pi")
      const same = (arrived: OwError.OwError | DeviceError, error: OwError.OwError | DeviceError) => {
        assert.strictEqual(Object.getPrototypeOf(arrived), Object.getPrototypeOf(error))
        assert.strictEqual(arrived.message, error.message)
        assert.strictEqual(arrived.isRetryable, error.isRetryable)
        assert.deepStrictEqual(JSON.parse(JSON.stringify(arrived)), JSON.parse(JSON.stringify(error)))
      }
      for (const [offset, error] of errors.entries()) {
        same(yield* Effect.flip(entity.Read({ path: "/x", flags: 0, offset })) as Effect.Effect<OwError.OwError>, error)
      }
      for (const [index, error] of deviceErrors.entries()) {
        const asked = entity.Reading({ device: "x", property: String(index), flags: 0 })
        same(yield* Effect.flip(asked) as Effect.Effect<DeviceError>, error)
      }
      for (const [index, reading] of readings.entries()) {
        assert.deepStrictEqual(yield* entity.Reading({ device: "", property: String(index), flags: 0 }), reading)
      }
    }))

  it.live("answers, and refuses with the same errors", () =>
    Effect.gen(function*() {
      const { ow } = yield* world
      assert.strictEqual(yield* ow.readText("/28.000028D70100/temperature"), "21.5")
      assert.deepStrictEqual(yield* ow.dir(), ["/28.000028D70100/", "/29.000029D60300/"])
      yield* ow.write(relay, "1")
      assert.strictEqual(yield* ow.readText(relay), "1")
      const error = yield* Effect.flip(ow.read("/k\udcfcche"))
      assert.instanceOf(error, OwError.OwnetError)
      assert.deepInclude(error, { path: "/k\udcfcche", server: "pi:4304", reason: { _tag: "NotFound" } })
    }))

  it.live("goes on with a read at another runner when its own has died", () =>
    Effect.gen(function*() {
      const { came, die, ow, slow } = yield* world
      const reads = yield* slow(MessageType.Read)
      const read = yield* Effect.forkChild(ow.readText("/28.000028D70100/temperature", { timeout: "20 seconds" }))
      yield* came(reads)
      yield* die
      assert.strictEqual(yield* Fiber.join(read), "21.5")
      // The engine has asked again by itself: that is why what writes needs a ticket.
      assert.strictEqual(reads.came, 2)
    }))

  it.live("is not written to again when its runner has died over a write, which is told as in doubt", () =>
    Effect.gen(function*() {
      const { came, die, ow, slow } = yield* world
      const writes = yield* slow(MessageType.Write)
      const write = yield* Effect.forkChild(Effect.flip(ow.write(relay, "1", { timeout: "20 seconds" })))
      yield* came(writes)
      yield* die
      const error = yield* Fiber.join(write)
      assert.deepInclude(error, { _tag: "ConnError", requestSent: true, reason: { _tag: "Unreachable" } })
      assert.isFalse(error.isRetryable)
      assert.include(error.message, "the request may have taken effect")
      assert.strictEqual(writes.came, 1)
      // A write that comes later finds the other runner.
      yield* ow.write(relay, "1", { timeout: "20 seconds" })
    }))

  it.live("waits for another runner when its own stops, and loses no call without an error", () =>
    Effect.gen(function*() {
      const { ow, owner, server } = yield* world
      yield* server.setFaults(Fault.every(1, Fault.Fault.Delay({ duration: "20 millis" })))
      const calls = yield* Effect.forkChild(Effect.forEach(
        Array.from({ length: 40 }, (_, i) => i),
        (i) => Effect.exit(i % 2 === 0 ? Effect.asVoid(ow.readText(relay)) : ow.write(relay, "1")),
        { concurrency: 20 }
      ))
      yield* Effect.sleep("30 millis")
      yield* owner.stop
      for (const exit of yield* Fiber.join(calls)) {
        if (Exit.isSuccess(exit)) continue
        const error = exit.cause.reasons.find(({ _tag }) => _tag === "Fail")
        assert.strictEqual(error?._tag === "Fail" && error.error._tag, "ConnError")
      }
      assert.strictEqual(yield* ow.readText(relay), "1")
    }))

  it.live("is given up at once at the caller's limit, though its runner is gone", () =>
    Effect.gen(function*() {
      const { die, ow, owner } = yield* world
      owner.cut()
      const error = yield* Effect.flip(ow.write(relay, "1", { timeout: "300 millis" }))
      assert.deepInclude(error, { _tag: "OwnetTimeout", limit: 300, requestSent: false })
      assert.isTrue(error.isRetryable)
      yield* die
      yield* ow.write(relay, "1", { timeout: "20 seconds" })
    }))
})
