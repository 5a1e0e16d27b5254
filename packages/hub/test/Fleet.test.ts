/** Followers of servers in one process, in virtual time. */
import { TestNetwork } from "@effect-ownet/core/testing"
import { Fleet, Journal, ServerRegistry } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Logger, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"

const probe = { "28.000028D70100": { temperature: 8.5 } }

/** A fleet of one process, over servers that are there and are not followed yet. */
const fleet = (names: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(
      Layer.provideMerge(
        Fleet.layerSingle,
        TestNetwork.layer(Object.fromEntries(names.map((name) => [name, probe])), { servers: [] })
      )
    )
    const seen: Array<Journal.Seen> = []
    yield* Context.get(context, Journal.Journal).batches(undefined).pipe(
      Stream.runForEach(({ events }) => Effect.sync(() => seen.push(...events))),
      Effect.forkScoped({ startImmediately: true })
    )
    return {
      seen,
      fleet: Context.get(context, Fleet.Fleet),
      registry: Context.get(context, ServerRegistry.ServerRegistry),
      server: Context.get(context, TestNetwork.TestNetwork).server
    }
  })

describe("a fleet of one process", () => {
  it.effect("follows nothing before it is told how, and then what is registered, for as long as it is", () =>
    Effect.gen(function*() {
      const { fleet: one, registry, seen } = yield* fleet(["barn", "office"])
      yield* registry.add("barn")
      yield* TestClock.adjust("10 seconds")
      assert.lengthOf(seen, 0)
      yield* one.follow({ every: "10 seconds" })
      yield* TestClock.adjust("2 seconds")
      assert.isTrue(seen.some(({ _tag, server }) => _tag === "Reading" && server === "barn"))
      yield* registry.add("office")
      yield* TestClock.adjust("2 seconds")
      assert.isTrue(seen.some(({ _tag, server }) => _tag === "Reading" && server === "office"))
      yield* registry.remove("barn")
      yield* TestClock.adjust("2 seconds")
      const before = seen.length
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual([...new Set(seen.slice(before).map(({ server }) => server))], ["office"])
    }))

  it.effect("keeps nothing of a server that has come and gone a hundred times", () =>
    Effect.gen(function*() {
      const { fleet: one, registry, seen, server } = yield* fleet(["barn"])
      yield* one.follow({ every: "10 seconds" })
      yield* TestClock.adjust("5 seconds")
      const connections = Effect.map(server("barn").statistics, ({ connections }) => connections)
      for (let time = 0; time < 100; time++) {
        yield* registry.add("barn")
        yield* TestClock.adjust("500 millis")
        assert.isAtMost(yield* connections, 4)
        yield* registry.remove("barn")
        yield* TestClock.adjust("500 millis")
      }
      assert.strictEqual(seen.filter(({ _tag }) => _tag === "ServerAdded").length, 100)
      assert.strictEqual(yield* connections, 0)
      assert.deepStrictEqual((yield* one.where).servers, [])
    }))

  it.effect("follows nothing any longer once the network is closed, and says nothing of that", () =>
    Effect.gen(function*() {
      const closing = yield* Scope.make()
      const network = yield* Layer.buildWithScope(TestNetwork.layer({ barn: probe }), closing)
      const lines: Array<string> = []
      const context = yield* Layer.build(Fleet.layerSingle).pipe(
        Effect.provideContext(network),
        Effect.provide(Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))]))
      )
      const one = Context.get(context, Fleet.Fleet)
      yield* one.follow({ every: "10 seconds" })
      yield* TestClock.adjust("15 seconds")
      assert.lengthOf((yield* one.where).servers, 1)
      yield* Scope.close(closing, Exit.void)
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual((yield* one.where).servers, [])
      assert.deepStrictEqual(lines, [])
    }))
})
