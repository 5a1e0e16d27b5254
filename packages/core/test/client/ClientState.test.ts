import { Connector, OwClient } from "@effect-ownet/core"
import { TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope, Stream } from "effect"
import * as scripted from "../fixtures/scripted.ts"

const { echo, pass, settle } = scripted

/** What a client says of itself, gathered while the test goes on. */
const follow = Effect.fnUntraced(function*(ow: OwClient.Client) {
  const seen: Array<OwClient.State> = []
  const fiber = yield* Effect.forkChild(Stream.runForEach(ow.state, (state) => Effect.sync(() => seen.push(state))), {
    startImmediately: true
  })
  yield* settle
  return { seen, fiber, tags: () => seen.map(({ _tag }) => _tag) }
})

describe("state", () => {
  it.effect("begins where the client stands, for each who looks", () =>
    Effect.gen(function*() {
      const ow = yield* scripted.client(yield* scripted.make(echo), { lazy: true })
      const early = yield* follow(ow)
      assert.deepStrictEqual(early.seen, [{ _tag: "Disconnected", problem: "no request has been sent yet" }])
      yield* ow.read("/a")
      yield* ow.read("/b")
      yield* settle
      assert.deepStrictEqual(early.tags(), ["Disconnected", "Connected"])
      const late = yield* follow(ow.with({ timeout: "1 second" }))
      assert.deepStrictEqual(late.tags(), ["Connected"])
    }))

  it.effect("tells a server that went away, and that it is back", () =>
    Effect.gen(function*() {
      let isUp = true
      let kill: Effect.Effect<void> = Effect.void
      const server = yield* scripted.make(
        (peer) => {
          kill = peer.close
          return echo(peer)
        },
        { onOpen: () => isUp ? Effect.void : Effect.fail(scripted.refused) }
      )
      const ow = yield* scripted.client(server)
      yield* ow.read("/a")
      const { seen, tags } = yield* follow(ow)
      isUp = false
      yield* kill
      yield* settle
      assert.deepStrictEqual(seen[1], { _tag: "Degraded", problem: "a connection was closed (by the server)" })
      yield* Effect.flip(ow.read("/b"))
      yield* settle
      assert.deepStrictEqual(seen[2], {
        _tag: "Disconnected",
        problem: "scripted:4304 refused the connection (ECONNREFUSED)"
      })
      yield* Effect.flip(ow.read("/c"))
      isUp = true
      yield* ow.read("/d")
      yield* settle
      assert.deepStrictEqual(tags(), ["Connected", "Degraded", "Disconnected", "Connected"])
    }))

  it.effect("says what is wrong now, not what was wrong first", () =>
    Effect.gen(function*() {
      let problem = "refused the connection (ECONNREFUSED)"
      const server = yield* scripted.make(echo, {
        onOpen: () => Effect.suspend(() => Effect.fail(new Connector.LinkError({ problem })))
      })
      const ow = yield* scripted.client(server, { lazy: true })
      const { seen } = yield* follow(ow)
      yield* Effect.flip(ow.read("/a"))
      yield* Effect.flip(ow.read("/a"))
      problem = "cannot be reached (EHOSTUNREACH)"
      yield* Effect.flip(ow.read("/a"))
      yield* settle
      assert.deepStrictEqual(seen.map((state) => "problem" in state && state.problem), [
        "no request has been sent yet",
        "scripted:4304 refused the connection (ECONNREFUSED)",
        "scripted:4304 cannot be reached (EHOSTUNREACH)"
      ])
    }))

  it.effect("is degraded while some connections serve and no other can be opened", () =>
    Effect.gen(function*() {
      let isFull = false
      const server = yield* scripted.make(
        (peer) =>
          Effect.forever(
            Effect.flatMap(
              peer.receive,
              ({ header, payload }) =>
                Effect.delay(peer.send(scripted.reply(header, payload.slice(0, -1))), "10 millis")
            )
          ),
        { onOpen: () => isFull ? Effect.fail(scripted.refused) : Effect.void }
      )
      const ow = yield* scripted.client(server, { maxConnections: 2 })
      const { tags } = yield* follow(ow)
      isFull = true
      const both = () =>
        Effect.forEach(["/a", "/b"], (path) => Effect.forkChild(ow.read(path), { startImmediately: true }))
      const first = yield* both()
      yield* pass("50 millis")
      yield* Fiber.awaitAll(first)
      assert.deepStrictEqual(tags(), ["Connected", "Degraded"])
      // That the old connection still answers does not mend it.
      isFull = false
      yield* pass("1 second")
      const second = yield* both()
      yield* pass("50 millis")
      yield* Fiber.awaitAll(second)
      assert.deepStrictEqual(tags(), ["Connected", "Degraded", "Connected"])
    }))

  it.effect("is degraded by a silent server until it answers", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) => peer.index === 0 ? Effect.forever(peer.receive) : echo(peer))
      const ow = yield* scripted.client(server)
      const { seen, tags } = yield* follow(ow)
      yield* Effect.forkChild(Effect.ignore(ow.read("/a")), { startImmediately: true })
      yield* pass("5 seconds")
      assert.deepStrictEqual(seen[1], { _tag: "Degraded", problem: "the server was silent for 5 s" })
      yield* ow.read("/b")
      yield* settle
      assert.deepStrictEqual(tags(), ["Connected", "Degraded", "Connected"])
    }))

  it.effect("is connected where every call has a connection of its own", () =>
    Effect.gen(function*() {
      const ow = yield* scripted.client(yield* scripted.make(echo), { flags: { persistence: false } })
      const { tags } = yield* follow(ow)
      for (let i = 0; i < 3; i++) yield* ow.read("/a")
      yield* settle
      assert.deepStrictEqual(tags(), ["Connected"])
    }))

  it.effect("ends with the client", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const ow = yield* Scope.provide(scripted.client(yield* scripted.make(echo)), scope)
      const { fiber, seen } = yield* follow(ow)
      yield* Scope.close(scope, Exit.void)
      yield* settle
      assert.isDefined(fiber.pollUnsafe())
      assert.deepStrictEqual(seen.at(-1), { _tag: "Disconnected", problem: "this client has been closed" })
    }))

  it.effect("of a simulated server is connected, and stays so", () =>
    Effect.gen(function*() {
      const { fiber, tags } = yield* follow(yield* OwClient.OwClient)
      assert.deepStrictEqual(tags(), ["Connected"])
      assert.isUndefined(fiber.pollUnsafe())
    }).pipe(Effect.provide(TestOwClient.layer({}))))
})
