/** The hub of a fleet, from a process that does not keep it: in one process, by the engine without sockets. */
import { OwError } from "@effect-ownet/core"
import { Hub, HubRelay, type Notices } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Context, Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import { MessageStorage, RunnerHealth, Runners, RunnerStorage, Sharding, ShardingConfig } from "effect/cluster"
import { TestClock } from "effect/testing"
import * as Houses from "./fixtures/houses.ts"

const engine = Sharding.layer.pipe(
  Layer.provide([Runners.layerNoop, RunnerStorage.layerMemory, RunnerHealth.layerNoop]),
  Layer.provide(MessageStorage.layerNoop),
  Layer.provide(ShardingConfig.layer({ shardsPerGroup: 1, entityTerminationTimeout: "500 millis" }))
)

const cellar = "28.000028D70100"

/** A relay, and a seat for the hub that it asks. */
const relay = Effect.gen(function*() {
  const context = yield* Layer.build(
    Layer.provideMerge(HubRelay.layer, Layer.provideMerge(HubRelay.layerLocalHub, engine))
  )
  const keep = Effect.fnUntraced(function*(hub: Hub.Hub["Service"]) {
    const scope = yield* Scope.make()
    yield* Layer.buildWithScope(
      HubRelay.layerHandlers.pipe(
        Layer.provide([Layer.succeed(Hub.Hub, hub), Layer.succeedContext(Context.pick(HubRelay.LocalHub)(context))])
      ),
      scope
    )
    return { leave: Scope.close(scope, Exit.void) }
  })
  return { relay: Context.get(context, Hub.Hub), keep }
})

const noticeOf = (hub: Hub.Hub["Service"]) => Effect.map(hub.state, ({ notice }) => notice)

describe("a hub in another process", () => {
  it.effect("is shown as it is, and changes as it does", () =>
    Effect.gen(function*() {
      const house = yield* Houses.house({ [cellar]: { temperature: 8.5 } }, { title: "Home", every: "10 seconds" })
      const { keep, relay: hub } = yield* relay
      assert.include(yield* noticeOf(hub), "The fleet is starting")
      yield* keep(house.hub)
      yield* TestClock.adjust("5 seconds")
      const own = yield* house.hub.state
      assert.deepStrictEqual({ ...(yield* hub.state), at: own.at }, own)
      assert.lengthOf(own.places, 1)
      const messages = yield* hub.live.pipe(
        Stream.take(3),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      yield* house.network.set(`/${cellar}/temperature`, 9.5)
      yield* TestClock.adjust("30 seconds")
      const [first, ...others] = yield* Fiber.join(messages)
      assert.strictEqual(first?._tag, "Snapshot")
      assert.deepStrictEqual(others.map(({ _tag }) => _tag), ["Change", "Change"])
      assert.deepStrictEqual((yield* hub.state).places, (yield* house.hub.state).places)
    }))

  it.effect("answers, and refuses in its own words", () =>
    Effect.gen(function*() {
      const house = yield* Houses.house({ [cellar]: { temperature: 8.5 } })
      const { keep, relay: hub } = yield* relay
      yield* keep(house.hub)
      yield* TestClock.adjust("15 seconds")
      const edited = yield* hub.edit(cellar, {
        name: "Cellar \uD800",
        limits: { temperature: { above: 12 } },
        order: null
      })
      assert.strictEqual(edited?.name, "Cellar \uD800")
      assert.isUndefined(yield* hub.edit("28.000028D70200", { name: "none" }))
      assert.deepStrictEqual(
        yield* Effect.flip(hub.edit(cellar, { limits: { temperature: { above: 2, below: 8 } } })),
        yield* Effect.flip(house.hub.edit(cellar, { limits: { temperature: { above: 2, below: 8 } } }))
      )
      const reading = yield* hub.read(cellar, "temperature")
      assert.strictEqual(reading.value, 8.5)
      assert.instanceOf(reading.at, Date)
      const refused = yield* Effect.flip(hub.write(cellar, "temperature", 3))
      assert.instanceOf(refused, Hub.WriteRefused)
      assert.strictEqual(refused.message, (yield* Effect.flip(house.hub.write(cellar, "temperature", 3))).message)
      const unknown = yield* Effect.flip(hub.read("28.000028D70900", "temperature"))
      const own = yield* Effect.flip(house.hub.read("28.000028D70900", "temperature"))
      assert.strictEqual(unknown._tag, own._tag)
      assert.strictEqual(unknown.message, own.message)
      assert.deepStrictEqual(yield* hub.describe(cellar), yield* house.hub.describe(cellar))
      assert.deepStrictEqual((yield* hub.health).counts, (yield* house.hub.health).counts)
      assert.isUndefined(yield* hub.acknowledge("none"))
    }))

  it.effect("shows what was known while it moves, says so, and goes on", () =>
    Effect.gen(function*() {
      const one = yield* Houses.house({ [cellar]: { temperature: 8.5 } }, { title: "Home" })
      const { keep, relay: hub } = yield* relay
      const { leave } = yield* keep(one.hub)
      yield* TestClock.adjust("15 seconds")
      const told = yield* hub.live.pipe(
        Stream.map((message) =>
          message._tag === "Snapshot" ? message.state.notice ?? message.state.title : message._tag
        ),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      yield* leave
      yield* TestClock.adjust("2 seconds")
      assert.isUndefined(yield* noticeOf(hub))
      yield* TestClock.adjust("2 seconds")
      assert.match(
        (yield* noticeOf(hub)) ?? "",
        /^The hub of this fleet is moving to another runner, or its database is unreachable; values are as of \d\d:\d\d:\d\d UTC\.$/
      )
      assert.lengthOf((yield* hub.state).places, 1)
      const call = yield* Effect.forkChild(Effect.flip(hub.edit(cellar, { name: "Cellar" })), {
        startImmediately: true
      })
      const read = yield* Effect.forkChild(Effect.flip(hub.read(cellar, "temperature")), { startImmediately: true })
      const write = yield* Effect.forkChild(Effect.flip(hub.write(cellar, "temperature", 1)), {
        startImmediately: true
      })
      yield* TestClock.adjust("10 seconds")
      const error = yield* Fiber.join(call)
      assert.strictEqual(error._tag, "HistoryError")
      assert.isTrue(error._tag === "HistoryError" && error.isRetryable)
      const failures = [yield* Fiber.join(read), yield* Fiber.join(write)]
      for (const failure of failures) {
        assert.strictEqual(failure._tag, "ConnError")
        assert.isTrue(failure._tag === "ConnError" && failure.isRetryable, failure.message)
      }
      const other = yield* Houses.house({ [cellar]: { temperature: 7.5 } }, { title: "Home again" })
      yield* keep(other.hub)
      yield* TestClock.adjust("15 seconds")
      const { notice, title } = yield* hub.state
      assert.deepStrictEqual([notice, title], [undefined, "Home again"])
      yield* Fiber.interrupt(told)
    }))

  it.effect("tells each turn of a notice once, wherever the hub is", () =>
    Effect.gen(function*() {
      const house = yield* Houses.house({ [cellar]: { temperature: 8.5 } })
      const { keep, relay: hub } = yield* relay
      const notice = { id: "a", kind: "Limit", text: "too warm", isUrgent: false, since: 1 } as const
      const other = { ...notice, id: "b" }
      const seen = { ...notice, acknowledgedAt: 2 }
      const began = (notice: Notices.Notice): Notices.Turn => ({ phase: "Began", notice })
      const telling = (...turns: ReadonlyArray<Notices.Turn>) => ({
        ...house.hub,
        notices: Stream.concat(Stream.fromIterable(turns), Stream.never)
      })
      const told: Array<string> = []
      yield* Effect.forkChild(
        Stream.runForEach(
          hub.notices,
          ({ notice, phase }) => Effect.sync(() => told.push(`${notice.id} ${phase}`))
        ),
        { startImmediately: true }
      )
      const hubs: ReadonlyArray<ReadonlyArray<Notices.Turn>> = [
        [began(notice), began(other)],
        [began(notice), began(other), { phase: "Acknowledged", notice: seen }],
        // The second is acknowledged while the hub moves.
        [began(seen), began({ ...other, acknowledgedAt: 3 })],
        [began(seen), began({ ...other, acknowledgedAt: 3 }), { phase: "Ended", notice: { ...seen, until: 4 } }]
      ]
      for (const turns of hubs) {
        const { leave } = yield* keep(telling(...turns))
        yield* TestClock.adjust("3 seconds")
        yield* leave
      }
      assert.deepStrictEqual(told, ["a Began", "b Began", "a Acknowledged", "b Acknowledged", "a Ended"])
    }))

  it.effect("gives the readings of the hub, and goes on with those of the next", () =>
    Effect.gen(function*() {
      const house = yield* Houses.house({ [cellar]: { temperature: 8.5 } }, { every: "10 seconds" })
      const { keep, relay: hub } = yield* relay
      const measured: Array<unknown> = []
      yield* Effect.forkChild(
        Stream.runForEach(hub.readings, (one) => Effect.sync(() => measured.push(one))),
        { startImmediately: true }
      )
      const own: Array<unknown> = []
      yield* Effect.forkChild(
        Stream.runForEach(house.hub.readings, (one) => Effect.sync(() => own.push(one))),
        { startImmediately: true }
      )
      const { leave } = yield* keep(house.hub)
      yield* TestClock.adjust("35 seconds")
      yield* leave
      yield* keep(house.hub)
      yield* TestClock.adjust("30 seconds")
      assert.isAtLeast(own.length, 6)
      assert.deepStrictEqual(measured, own.slice(own.length - measured.length))
      assert.isAtLeast(measured.length, own.length - 1)
    }))

  it.effect("that leaves with a call in flight closes its own client, and not that of the caller", () =>
    Effect.gen(function*() {
      const house = yield* Houses.house({ [cellar]: { temperature: 8.5 } })
      const { keep, relay: hub } = yield* relay
      const closed = (operation: "read" | "write", requestSent: boolean) =>
        Effect.fail(
          new OwError.ConnError({
            operation,
            path: `/${cellar}/temperature`,
            server: "pi:4304",
            reason: { _tag: "ClientClosed" },
            problem: "this client has been closed",
            attempts: [],
            requestSent
          })
        )
      yield* keep({ ...house.hub, read: () => closed("read", true), write: () => closed("write", true) })
      yield* TestClock.adjust("5 seconds")
      const read = yield* Effect.flip(hub.read(cellar, "temperature"))
      assert.isTrue(read._tag === "ConnError" && read.isRetryable)
      assert.notInclude(read.message, "this client")
      const write = yield* Effect.flip(hub.write(cellar, "temperature", 1))
      assert.isTrue(write._tag === "ConnError" && write.requestSent && !write.isRetryable)
      assert.include(write.message, "the request may have taken effect")
    }))

  it.effect("never writes twice what the engine sends again", () =>
    Effect.gen(function*() {
      const house = yield* Houses.house({ "3A.00003AD70100": { "PIO.A": false } }, { allowWrite: ["PIO.*"] })
      const { keep, relay: hub } = yield* relay
      let writes = 0
      // The runner ends with the write in flight: the engine keeps the message for the next.
      const { leave } = yield* keep({
        ...house.hub,
        write: () => Effect.andThen(Effect.sync(() => writes++), Effect.never)
      })
      yield* TestClock.adjust("5 seconds")
      const write = yield* Effect.forkChild(Effect.exit(hub.write("3A.00003AD70100", "PIO.A", true)), {
        startImmediately: true
      })
      yield* TestClock.adjust("1 second")
      yield* leave
      yield* keep({
        ...house.hub,
        write: (...given) => Effect.andThen(Effect.sync(() => writes++), house.hub.write(...given))
      })
      yield* TestClock.adjust("10 seconds")
      const exit = yield* Fiber.join(write)
      assert.strictEqual(writes, 1)
      const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      assert.include(String(error), "the request may have taken effect")
    }))
})
