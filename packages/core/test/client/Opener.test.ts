import { Connector, type OwClient, type OwError } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as scripted from "../fixtures/scripted.ts"

const { echo, ended, pass, pathOf, reason, refused, reply, settle } = scripted

/** A connection for each call. */
const oneCall: OwClient.Options = { flags: { persistence: false } }

/** A server with a name that leads to any of its addresses, and counts how often it is looked up. */
const named = Effect.fnUntraced(function*(
  script: (peer: scripted.Peer) => Effect.Effect<unknown>,
  options?: Parameters<typeof scripted.make>[1]
) {
  const server = yield* scripted.make(script, { ...options, addresses: options?.addresses ?? ["a:1", "b:2"] })
  const all = yield* server.connector.resolve
  let lookUps = 0
  let current: ReadonlyArray<string> = ["a:1"]
  let found: Effect.Effect<void, Connector.LinkError> = Effect.void
  const resolve = Effect.suspend(() => {
    lookUps++
    const [first, ...others] = all.filter(({ address }) => current.includes(address))
    const endpoints: NonEmptyReadonlyArray<Connector.Endpoint> = [first, ...others]
    return Effect.as(found, endpoints)
  })
  return {
    ...server,
    connector: { ...server.connector, resolve },
    /** Leads to all addresses, and needs no look-up. */
    atHand: server.connector,
    lookUps: () => lookUps,
    /** Makes the name lead to other addresses from now on. */
    move: (...addresses: ReadonlyArray<string>) => Effect.sync(() => void (current = addresses)),
    /** Has every look-up wait for this from now on. */
    find: (effect: Effect.Effect<void, Connector.LinkError>) => Effect.sync(() => void (found = effect))
  }
})

const begin = <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.forkChild(call, { startImmediately: true })

/** What an error says of the way to the server. */
const told = (error: OwError.OwError) => ({
  message: error.message,
  reason: reason(error),
  attempts: "attempts" in error ? error.attempts : undefined,
  isRetryable: error.isRetryable,
  requestSent: "requestSent" in error ? error.requestSent : undefined
})

describe("the address of a name", () => {
  it.effect("is kept while it serves, however many connections are opened", () =>
    Effect.gen(function*() {
      const server = yield* named(echo)
      const ow = yield* scripted.client(server, oneCall)
      for (const path of ["/a", "/b", "/c", "/d"]) assert.strictEqual(yield* ow.readText(path), path)
      const paths = Array.from({ length: 20 }, (_, i) => `/${i}`)
      const texts = yield* Effect.forEach(paths, (path) => ow.readText(path), { concurrency: "unbounded" })
      assert.deepStrictEqual(texts, paths)
      yield* settle
      assert.deepStrictEqual([server.lookUps(), server.pings(), server.links()], [1, 1, 0])
    }))

  it.effect("is kept for the other connections of a client that keeps them, which are asked who they are", () =>
    Effect.gen(function*() {
      const server = yield* named(
        (peer) =>
          Effect.forever(Effect.flatMap(peer.receive, ({ header }) => Effect.delay(peer.send(reply(header)), 10)))
      )
      const ow = yield* scripted.client(server)
      const calls = yield* Effect.forEach(["/a", "/b", "/c", "/d"], (path) => begin(ow.read(path)))
      yield* pass(10)
      yield* Effect.forEach(calls, ended)
      assert.deepStrictEqual([server.lookUps(), server.open(), server.pings()], [1, 4, 4])
    }))

  it.effect("is looked up again after 5 seconds", () =>
    Effect.gen(function*() {
      const server = yield* named(echo)
      const ow = yield* scripted.client(server, oneCall)
      for (const lookUps of [1, 2, 3]) {
        yield* ow.read("/a")
        yield* pass("4999 millis")
        yield* ow.read("/a")
        assert.strictEqual(server.lookUps(), lookUps)
        yield* pass("1 millis")
      }
      yield* server.move("b:2")
      yield* ow.read("/a")
      assert.deepStrictEqual([server.lookUps(), server.pings()], [4, 2])
    }))

  it.effect("is found within the call that finds it left", () =>
    Effect.gen(function*() {
      let isLeft = false
      const leaves: ReadonlyArray<readonly [Effect.Effect<void, Connector.LinkError>, seconds: number]> = [
        [refused, 0],
        // It does not answer: the limit of connecting goes by first.
        [Effect.never, 5]
      ]
      for (const [left, seconds] of leaves) {
        const server = yield* named(echo, {
          onOpen: (_, address) => isLeft && address === "a:1" ? left : Effect.void
        })
        isLeft = false
        const ow = yield* scripted.client(server, oneCall)
        yield* ow.read("/a")
        isLeft = true
        yield* server.move("b:2")
        const call = yield* begin(ow.readText("/b"))
        yield* pass(seconds * 1000)
        assert.strictEqual(yield* ended(call), "/b")
        assert.deepStrictEqual([server.lookUps(), server.opened(), server.pings()], [2, 3, 2])
        // The new one is kept in turn.
        assert.strictEqual(yield* ow.readText("/c"), "/c")
        assert.deepStrictEqual([server.lookUps(), server.opened(), server.pings()], [2, 4, 2])
      }
    }))

  it.effect("is looked up again after a connection that came to a bad end", () =>
    Effect.gen(function*() {
      const server = yield* named((peer) =>
        Effect.flatMap(peer.receive, ({ header, payload }) => {
          switch (pathOf(payload)) {
            case "/garbage":
              return peer.send(new TextEncoder().encode("HTTP/1.0 400 Bad Request\r\n\r\n"))
            case "/part":
              return Effect.andThen(peer.send(reply(header, "12").slice(0, 25)), peer.close)
            case "/reset":
              return peer.reset
            case "/mute":
              return Effect.never
            default:
              return peer.send(reply(header, payload.slice(0, -1)))
          }
        })
      )
      const ow = yield* scripted.client(server, { ...oneCall, silenceTimeout: "1 second" })
      const ends: ReadonlyArray<readonly [string, Effect.Effect<unknown, OwError.OwError | "interrupted">]> = [
        ["MalformedHeader", ow.read("/garbage")],
        ["ShortRead", ow.read("/part")],
        ["Closed", ow.write("/reset", "1")],
        ["Silence", ow.read("/mute")],
        ["Call", ow.read("/mute", { timeout: "500 millis" })],
        [
          "interrupted",
          Effect.timeoutOrElse(ow.read("/mute"), {
            duration: "500 millis",
            orElse: () => Effect.fail("interrupted" as const)
          })
        ]
      ]
      for (const [expected, call] of ends) {
        yield* ow.read("/a")
        const before = server.lookUps()
        const fiber = yield* begin(Effect.flip(call))
        yield* pass("1 second")
        const error = yield* ended(fiber)
        assert.strictEqual(error === "interrupted" ? error : reason(error), expected)
        yield* Effect.andThen(ow.read("/b"), ow.read("/c"))
        assert.strictEqual(server.lookUps(), before + 1, expected)
      }
      yield* settle
      assert.strictEqual(server.links(), 0)
    }))

  it.effect("that served is asked alone while it does, and before the others once it does not", () =>
    Effect.gen(function*() {
      const dead = new Set(["a:1"])
      const asked: Array<string> = []
      const server = yield* named(echo, {
        addresses: ["a:1", "b:2", "c:3"],
        onOpen: (_, address) => {
          asked.push(address)
          return dead.has(address) ? refused : Effect.void
        }
      })
      yield* server.move("a:1", "b:2", "c:3")
      const ow = yield* scripted.client(server, oneCall)
      yield* ow.read("/a")
      yield* ow.read("/b")
      dead.add("b:2")
      yield* ow.read("/c")
      yield* ow.read("/d")
      dead.add("c:3")
      yield* Effect.flip(ow.read("/e"))
      assert.deepStrictEqual(asked, ["a:1", "b:2", "b:2", "b:2", "a:1", "c:3", "c:3", "c:3", "a:1", "b:2"])
    }))
})

describe("an address that served, and serves no more", () => {
  it.effect("gives the error of one that never did", () =>
    Effect.gen(function*() {
      const outcomes = (isName: boolean, addresses: ReadonlyArray<string>, hasServed: boolean) =>
        Effect.gen(function*() {
          let isDead = !hasServed
          const onOpen = () => isDead ? refused : Effect.void
          const server = yield* named(echo, { addresses, onOpen })
          yield* server.move(...addresses)
          const ow = yield* scripted.client(isName ? server : { ...server, connector: server.atHand }, {
            ...oneCall,
            lazy: true
          })
          if (hasServed) yield* Effect.andThen(ow.read("/a"), ow.read("/a"))
          isDead = true
          const before = server.opened()
          return [told(yield* Effect.flip(ow.read("/b"))), server.opened() - before]
        })
      for (const isName of [false, true]) {
        for (const addresses of [["a:1"], ["a:1", "b:2"]]) {
          const expected = yield* outcomes(isName, addresses, false)
          assert.deepStrictEqual(yield* outcomes(isName, addresses, true), expected)
          assert.strictEqual(expected[1], addresses.length)
        }
      }
    }))

  it.effect("is no attempt once the name leads elsewhere, or nowhere", () =>
    Effect.gen(function*() {
      let isDead = false
      const server = yield* named(echo, { onOpen: () => isDead ? refused : Effect.void })
      const ow = yield* scripted.client(server, oneCall)
      yield* ow.read("/a")
      isDead = true
      yield* server.move("b:2")
      assert.deepStrictEqual(told(yield* Effect.flip(ow.read("/a"))).attempts, [
        { address: "b:2", problem: "refused the connection (ECONNREFUSED)" }
      ])
      isDead = false
      yield* ow.read("/a")
      isDead = true
      yield* server.find(new Connector.LinkError({ problem: "scripted has no address (ENOTFOUND)" }))
      const error = yield* Effect.flip(ow.read("/a"))
      assert.strictEqual(reason(error), "Resolve")
      assert.include(error.message, "ENOTFOUND")
    }))

  it.effect("does not hang a client that is closed meanwhile", () =>
    Effect.gen(function*() {
      for (const isResolving of [false, true]) {
        let isDead = false
        const server = yield* named(echo, {
          onOpen: () => !isDead ? Effect.void : isResolving ? refused : Effect.never
        })
        const scope = yield* Scope.make()
        const ow = yield* scripted.client(server, oneCall).pipe(Scope.provide(scope))
        yield* ow.read("/a")
        isDead = true
        yield* server.find(Effect.never)
        const call = yield* begin(Effect.flip(ow.read("/b")))
        yield* settle
        assert.deepStrictEqual([server.links(), server.lookUps()], isResolving ? [0, 2] : [1, 1])
        yield* Scope.close(scope, Exit.void)
        assert.strictEqual(reason(yield* ended(call)), "ClientClosed")
        yield* settle
        assert.deepStrictEqual([server.links(), server.lookUps()], isResolving ? [0, 2] : [0, 1])
      }
    }))
})

describe("interruption", () => {
  it.effect("of the making of a client ends the look-up, and closes the socket, at once", () =>
    Effect.gen(function*() {
      let isLookingUp = false
      const phases: ReadonlyArray<readonly [lookUp: Effect.Effect<void>, onOpen: Effect.Effect<void>]> = [
        [Effect.never, Effect.void],
        [Effect.void, Effect.never],
        // The handshake is not answered.
        [Effect.void, Effect.void]
      ]
      for (const [lookUp, onOpen] of phases) {
        const server = yield* named((peer) => Effect.forever(peer.receive), { handshake: false, onOpen: () => onOpen })
        yield* server.find(
          Effect.acquireUseRelease(
            Effect.sync(() => void (isLookingUp = true)),
            () => lookUp,
            () => Effect.sync(() => void (isLookingUp = false))
          )
        )
        const making = yield* begin(scripted.client(server))
        yield* settle
        assert.deepStrictEqual([isLookingUp, server.links()], lookUp === Effect.never ? [true, 0] : [false, 1])
        yield* Fiber.interrupt(making)
        assert.deepStrictEqual([isLookingUp, server.links()], [false, 0])
      }
    }))

  it.effect("of a call closes the socket that it used, and leaves one that is being opened to the next", () =>
    Effect.gen(function*() {
      let isSlow = false
      const server = yield* named(
        (peer) =>
          Effect.forever(
            Effect.flatMap(peer.receive, ({ header, payload }) =>
              pathOf(payload) === "/mute" ? Effect.never : peer.send(reply(header, payload.slice(0, -1))))
          ),
        { onOpen: () => isSlow ? Effect.sleep("1 second") : Effect.void }
      )
      const ow = yield* scripted.client(server, { ...oneCall, idleTimeout: "10 seconds" })
      yield* ow.read("/a")
      // It waits for its answer.
      const waiting = yield* begin(ow.read("/mute"))
      yield* settle
      assert.strictEqual(server.open(), 1)
      yield* Fiber.interrupt(waiting)
      assert.strictEqual(server.links(), 0)
      yield* ow.read("/a")
      // Its connection is being opened.
      isSlow = true
      const opened = server.opened()
      yield* Fiber.interrupt(yield* begin(ow.read("/b")))
      const next = yield* begin(ow.readText("/c"))
      yield* pass("1 second")
      assert.strictEqual(yield* ended(next), "/c")
      assert.deepStrictEqual([server.opened(), server.links()], [opened + 1, 0])
      // Nobody comes for this one.
      yield* Fiber.interrupt(yield* begin(ow.read("/b")))
      yield* pass("1 second")
      assert.strictEqual(server.links(), 1)
      yield* pass("20 seconds")
      assert.strictEqual(server.links(), 0)
    }))
})
