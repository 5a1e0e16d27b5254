import { Connector, Header, MessageType, OwClient, type OwError, OwRetry, Payload, Request } from "@effect-ownet/core"
import { Fault, SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Logger, Queue, Scope } from "effect"
import { Socket } from "effect/socket"
import { TestClock } from "effect/testing"
import { reason } from "../fixtures/scripted.ts"

const {
  Close,
  Coalesce,
  Delay,
  Deny,
  Drop,
  Garbage,
  Http,
  Keepalives,
  Oversize,
  Refuse,
  Reset,
  Short,
  Silence,
  Split,
  Version
} = Fault.Fault

const sensor = "/28.000028D70100"
const tree = { [sensor]: { temperature: 21.5 } }

const serve = Effect.fnUntraced(function*(options?: SimulatedServer.Options, client?: OwClient.Options) {
  const context = yield* Layer.build(
    Layer.provideMerge(OwClient.layer(client), SimulatedServer.layer(tree, options))
  )
  return {
    server: yield* Effect.provide(SimulatedServer.SimulatedServer, context),
    ow: yield* Effect.provide(OwClient.OwClient, context)
  }
})

const temperature = (ow: OwClient.Client, options?: OwClient.ReadOptions) =>
  ow.readText(`${sensor}/temperature`, options)

/** What becomes of a call in the next ten seconds. */
const outcome = <A>(call: Effect.Effect<A, OwError.OwError>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(Effect.result(call))
    yield* TestClock.adjust("10 seconds")
    const result = yield* Fiber.join(fiber)
    return result._tag === "Success" ? String(result.success) : reason(result.failure)
  })

/** A plain connection to a server: what it sends is what was written by hand. */
const connect = Effect.fnUntraced(function*(server: SimulatedServer.Server) {
  const inbox = yield* Queue.unbounded<Uint8Array>()
  const outbox = yield* Queue.unbounded<Uint8Array | undefined>()
  const socket = Socket.make({
    reader: Effect.succeed({
      pull: Effect.map(Queue.take(inbox), (bytes) => [bytes] as const),
      upgrade: Socket.SocketUpgradeError.unsupported
    }),
    writer: Effect.succeed({
      write: (chunk) => Effect.asVoid(Queue.offer(outbox, chunk instanceof Uint8Array ? chunk : undefined)),
      writeAll: (chunks) =>
        Effect.forEach(chunks, (chunk) => Queue.offer(outbox, chunk instanceof Uint8Array ? chunk : undefined), {
          discard: true
        })
    })
  })
  yield* server.serve(socket).pipe(
    Effect.andThen(Queue.offer(outbox, undefined)),
    Effect.forkScoped({ startImmediately: true })
  )
  return {
    send: (bytes: Uint8Array) => Queue.offer(inbox, bytes),
    /** The next chunk, or nothing once the server has closed. */
    receive: Queue.take(outbox),
    waiting: Queue.size(outbox)
  }
})

const request = (given: Partial<Request.Request>): Uint8Array =>
  Request.encode({ type: MessageType.Nop, flags: 0x104, path: "/", size: 0, offset: 0, ...given })

const read = request({ type: MessageType.Read, path: `${sensor}/temperature`, size: 100 })

const retOf = (bytes: Uint8Array | undefined): number | undefined =>
  bytes === undefined ? undefined : Header.decodeReply(bytes).ret

describe("SimulatedServer", () => {
  describe("with a fault", () => {
    /** What a read comes to by itself, and with the retries of a patient program. */
    const cases: ReadonlyArray<readonly [name: string, faults: ReadonlyArray<Fault.Fault>, alone: string]> = [
      ["a delay below the client's patience", [Delay({ duration: "3 seconds" })], "21.5"],
      ["silence", [Silence()], "Silence"],
      ["a reply that is lost", [Drop()], "Silence"],
      ["a close before the reply", [Close({ at: "before" })], "21.5"],
      ["a close inside the reply", [Close({ at: "inside" })], "ShortRead"],
      ["a close after the reply", [Close({ at: "after" })], "21.5"],
      ["a reset before the reply", [Reset({ at: "before" })], "21.5"],
      ["a reset inside the reply", [Reset({ at: "inside" })], "ShortRead"],
      ["a reset after the reply", [Reset({ at: "after" })], "21.5"],
      ["a bus that fails", [Refuse({ code: -5 })], "BusFault"],
      ["persistence denied", [Deny()], "21.5"],
      ["a flood of keepalives", [Keepalives({ count: 1000 })], "21.5"],
      ["a reply byte by byte", [Split({ size: 1 })], "21.5"],
      ["keepalives and reply in one", [Keepalives({ count: 3 }), Coalesce()], "21.5"],
      ["another version", [Version({ version: 1 })], "MalformedHeader"],
      ["a payload that is too long", [Oversize({ payload: 2 ** 31 - 1 })], "MalformedHeader"],
      ["a payload that is too short", [Short({ missing: 3 })], "Silence"],
      ["a payload that is cut off", [Short({ missing: 3 }), Close({ at: "after" })], "ShortRead"],
      [
        "garbage",
        [Garbage({ bytes: Uint8Array.from({ length: 64 }, (_, index) => index * 7 + 1) })],
        "MalformedHeader"
      ],
      ["a web server", [Http(), Close({ at: "after" })], "MalformedHeader"]
    ]
    for (const [name, faults, alone] of cases) {
      it.effect(`${name}: ${alone}, and the right answer by a retry`, () =>
        Effect.gen(function*() {
          const { ow, server } = yield* serve()
          yield* server.setFaults(Fault.first(1, ...faults))
          assert.strictEqual(yield* outcome(temperature(ow)), alone)
          assert.strictEqual(yield* outcome(temperature(ow)), "21.5")
          yield* server.setFaults(Fault.first(1, ...faults))
          assert.strictEqual(
            yield* outcome(temperature(ow, { retry: OwRetry.transient })),
            alone === "MalformedHeader" ? alone : "21.5"
          )
          const { connections } = yield* server.statistics
          assert.isAtMost(connections, 4)
        }))
    }

    it.effect("for every n-th request, or by a seed that says which", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve()
        const ten = Effect.forEach(Array.from({ length: 30 }), () =>
          Effect.match(temperature(ow), { onSuccess: () => 0, onFailure: () => 1 }))
        yield* server.setFaults(Fault.every(3, Refuse({ code: -5 })))
        assert.deepStrictEqual((yield* ten).slice(0, 7), [0, 0, 1, 0, 0, 1, 0])
        const seeded = (seed: number) =>
          Effect.andThen(server.setFaults(Fault.seeded(seed, 0.3, [Refuse({ code: -5 }), Refuse({ code: -22 })])), ten)
        const first = yield* seeded(1)
        assert.deepStrictEqual(yield* seeded(1), first)
        const second = yield* seeded(2)
        assert.notDeepEqual(second, first)
        const sum = first.reduce((sum, count) =>
          sum + count, 0)
        assert.strictEqual(
          (yield* server.statistics).faults,
          10 + 2 * sum + second.reduce((sum, count) => sum + count, 0)
        )
        assert.isAbove(sum, 3)
        assert.isBelow(sum, 15)
        yield* server.setFaults()
        assert.deepStrictEqual(new Set(yield* ten), new Set([0]))
      }))

    it.effect("for the requests that a plan of one's own picks", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve()
        const asked: Array<Fault.Asked> = []
        yield* server.setFaults((request) => {
          if (!Fault.isOwn(request.type, request.path)) asked.push(request)
          return request.path.endsWith("/type") ? Refuse({ code: -5 }) : undefined
        })
        assert.strictEqual(yield* temperature(ow), "21.5")
        assert.strictEqual(yield* Effect.map(Effect.flip(ow.read(`${sensor}/type`)), reason), "BusFault")
        assert.deepStrictEqual(asked, [
          { index: 0, indexOfType: 0, connection: 0, type: MessageType.Read, path: `${sensor}/temperature` },
          { index: 1, indexOfType: 1, connection: 0, type: MessageType.Read, path: `${sensor}/type` }
        ])
      }))

    it.effect("for every n-th request of a type, however many others there are", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve()
        yield* server.setFaults(Fault.ofType(MessageType.Read, Fault.every(3, Refuse({ code: -22 }))))
        const outcomes: Array<string> = []
        for (let count = 0; count < 7; count++) {
          yield* ow.write(`${sensor}/templow`, "1")
          yield* ow.dir()
          outcomes.push(yield* Effect.match(temperature(ow), { onSuccess: (text) => text, onFailure: reason }))
        }
        assert.deepStrictEqual(outcomes, ["21.5", "21.5", "BusFault", "21.5", "21.5", "BusFault", "21.5"])
      }))

    it.effect("that a refused write has no effect, and a lost reply has", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve()
        const templow = ow.readText(`${sensor}/templow`)
        yield* ow.write(`${sensor}/templow`, "1")
        yield* server.setFaults(Fault.first(1, Refuse({ code: -5 })))
        yield* Effect.flip(ow.write(`${sensor}/templow`, "2"))
        assert.strictEqual(yield* templow, "1")
        yield* server.setFaults(Fault.first(1, Close({ at: "before" })))
        const lost = yield* Effect.flip(ow.write(`${sensor}/templow`, "3"))
        assert.strictEqual(reason(lost), "Closed")
        assert.include(lost.message, "the request may have taken effect")
        assert.strictEqual(yield* templow, "3")
      }))
  })

  it.effect("sends a keepalive each second while it is busy", () =>
    Effect.gen(function*() {
      const { server } = yield* serve()
      const peer = yield* connect(server)
      yield* server.setFaults(Fault.first(1, Delay({ duration: "3500 millis" })))
      yield* peer.send(read)
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(yield* peer.waiting, 0)
      yield* TestClock.adjust("2001 millis")
      assert.strictEqual(yield* peer.waiting, 3)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* peer.waiting, 4)
      for (let i = 0; i < 3; i++) {
        assert.strictEqual(Header.decodeReply((yield* peer.receive) ?? assert.fail()).payload, -1)
      }
      assert.strictEqual(retOf(yield* peer.receive), 12)
    }))

  it.effect("grants so many connections to be kept, and each again once it is free", () =>
    Effect.gen(function*() {
      const { server } = yield* serve({ persistentConnections: 3 }, { lazy: true })
      const scope = yield* Scope.make()
      const first = yield* Scope.provide(connect(server), scope)
      const others = yield* Effect.forEach([1, 2, 3], () => connect(server))
      const flags = (bytes: Uint8Array | undefined) => bytes && Header.decodeReply(bytes).flags
      const granted: Array<number | undefined> = []
      for (const peer of [first, ...others]) {
        yield* peer.send(read)
        granted.push(flags(yield* peer.receive))
      }
      assert.deepStrictEqual(granted, [0x104, 0x104, 0x104, 0x100])
      assert.isUndefined(yield* (others[2] ?? assert.fail()).receive)
      assert.deepStrictEqual(yield* server.statistics, { connections: 3, persistent: 3, requests: 4, faults: 0 })
      yield* Scope.close(scope, Exit.void)
      const late = yield* connect(server)
      yield* late.send(read)
      assert.strictEqual(flags(yield* late.receive), 0x104)
    }))

  it.effect("closes what says nothing, what stops in the middle, and what has idled too long", () =>
    Effect.gen(function*() {
      const { server } = yield* serve(undefined, { lazy: true })
      const silent = yield* connect(server)
      const half = yield* connect(server)
      yield* half.send(read.slice(0, 30))
      const idle = yield* connect(server)
      yield* idle.send(read)
      yield* idle.receive
      yield* TestClock.adjust("9 seconds")
      // Each byte gives it another ten seconds.
      yield* half.send(read.slice(30, 31))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([yield* silent.waiting, yield* half.waiting, yield* idle.waiting], [1, 0, 0])
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual([yield* half.waiting, yield* idle.waiting], [1, 0])
      yield* TestClock.adjust("3580 seconds")
      assert.strictEqual(yield* idle.waiting, 0)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* idle.waiting, 1)
      assert.deepStrictEqual(yield* server.statistics, { connections: 0, persistent: 0, requests: 1, faults: 0 })
    }))

  it.effect("gives up idle connections earlier while it has many", () =>
    Effect.gen(function*() {
      const { server } = yield* serve(
        { crowd: 2, crowdedIdleTimeout: "2 seconds", idleTimeout: "5 seconds" },
        { lazy: true }
      )
      const [a, b] = [yield* connect(server), yield* connect(server)]
      for (const peer of [a, b]) {
        yield* peer.send(read)
        yield* peer.receive
        yield* TestClock.adjust("100 millis")
      }
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual([yield* a.waiting, yield* b.waiting], [1, 0])
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual(yield* b.waiting, 1)
    }))

  it.effect("gives up idle connections by the shorter of its limits", () =>
    Effect.gen(function*() {
      const { server } = yield* serve({ idleTimeout: "300 millis" }, { lazy: true })
      const peer = yield* connect(server)
      yield* peer.send(read)
      yield* peer.receive
      yield* TestClock.adjust("300 millis")
      assert.isUndefined(yield* peer.receive)
    }))

  it.effect("outlives a function of the test's that throws, and logs what it threw", () =>
    Effect.gen(function*() {
      const logged: Array<string> = []
      const logger = Logger.make(({ cause }) => void logged.push(Cause.pretty(cause)))
      const attempt = Effect.gen(function*() {
        const { ow, server } = yield* serve()
        yield* server.setFaults(({ path }) =>
          path.endsWith("/type") ? assert.fail("the plan has a mistake") : undefined
        )
        assert.strictEqual(yield* Effect.map(Effect.flip(ow.read(`${sensor}/type`)), reason), "Closed")
        assert.strictEqual(yield* temperature(ow), "21.5")
      })
      yield* Effect.provide(attempt, Logger.layer([logger]))
      assert.include(logged[0], "the plan has a mistake")
    }))

  it.effect("stops, breaks its connections, and starts again", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* serve()
      assert.strictEqual(yield* temperature(ow), "21.5")
      yield* server.disconnect
      assert.strictEqual(yield* temperature(ow), "21.5")
      yield* server.stop
      const refused = yield* Effect.flip(temperature(ow))
      assert.strictEqual(reason(refused), "Connect")
      assert.include(refused.message, "simulated:4304")
      assert.strictEqual((yield* server.statistics).connections, 0)
      yield* server.start
      assert.strictEqual(yield* temperature(ow), "21.5")
    }))

  it.effect("is shared by clients, and leaves nothing of one that has closed", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* serve()
      yield* Effect.forEach(Array.from({ length: 5 }), () =>
        Effect.gen(function*() {
          const other = yield* Layer.build(
            OwClient.layer().pipe(Layer.provide(Layer.succeed(Connector.Connector, server.connector)))
          )
          yield* Effect.provide(Effect.flatMap(OwClient.OwClient, temperature), other)
        }).pipe(Effect.scoped), { concurrency: "unbounded" })
      yield* temperature(ow)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* server.statistics).connections, 1)
    }))

  describe("that caches", () => {
    it.effect("shows values for as long as they are fresh, unless it is asked for others", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({ cache: true })
        const set = (value: number) => server.network.set(`${sensor}/temperature`, value)
        assert.strictEqual(yield* temperature(ow), "21.5")
        yield* set(22)
        assert.strictEqual(yield* temperature(ow), "21.5")
        assert.strictEqual(yield* temperature(ow, { flags: { uncached: true } }), "22")
        yield* set(23)
        assert.strictEqual(yield* temperature(ow), "22")
        assert.strictEqual(yield* ow.readText(`/uncached${sensor}/temperature`), "23")
        yield* set(24)
        yield* TestClock.adjust("15 seconds")
        assert.strictEqual(yield* temperature(ow), "24")
        yield* set(25)
        yield* ow.write("/simultaneous/temperature", "1")
        assert.strictEqual(yield* temperature(ow), "25")
        yield* set(26)
        yield* ow.write("/settings/timeout/volatile", "0")
        assert.strictEqual(yield* temperature(ow), "26")
        yield* set(27)
        assert.strictEqual(yield* temperature(ow), "27")
      }))

    it.effect("takes a device that has gone for present, until it is asked for it", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({ cache: true })
        const codeOf = <A>(call: Effect.Effect<A, OwError.OwError>) =>
          Effect.map(Effect.flip(call), (error) => error._tag === "OwnetError" ? error.code : 0)
        assert.deepStrictEqual(yield* ow.dir(), [`${sensor}/`])
        yield* server.network.vanish(sensor)
        assert.deepStrictEqual(yield* ow.dir(), [`${sensor}/`])
        assert.deepStrictEqual(yield* ow.dir("/uncached"), [])
        assert.isTrue(yield* ow.present(sensor))
        assert.strictEqual(yield* codeOf(temperature(ow)), -2)
        assert.strictEqual(yield* codeOf(temperature(ow)), -1)
        assert.isFalse(yield* ow.present(sensor))
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(yield* ow.dir(), [])
      }))
  })

  it.effect("counts what it reads and writes", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve()
      const counts = (what: string) =>
        Effect.forEach(["calls", "success", "bytes"], (name) =>
          Effect.map(ow.readText(`/statistics/${what}/${name}`), Number))
      yield* temperature(ow)
      yield* ow.write(`${sensor}/templow`, "-5")
      yield* Effect.flip(ow.write(`${sensor}/templow`, "cold"))
      assert.deepStrictEqual(yield* counts("write"), [1, 1, 2])
      assert.strictEqual((yield* counts("read"))[1], 6)
    }))

  it.effect("tells return codes by texts of its own, or by those it is given", () =>
    Effect.gen(function*() {
      const one = yield* serve()
      assert.strictEqual(yield* one.ow.readText("/settings/return_codes/text.1"), "EPERM")
      const other = yield* serve({ returnCodes: ["fine", "no"] })
      assert.strictEqual(yield* other.ow.readText("/settings/return_codes/text.1"), "no")
      const error = yield* Effect.flip(other.ow.read("/nosuch"))
      assert.strictEqual(error._tag === "OwnetError" ? error.serverText : "", "no")
    }))

  it.effect("has the size of its lists bounded by nothing but the devices", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.make(
        Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [
          `28.${index.toString(16).toUpperCase().padStart(12, "0")}`,
          {}
        ]))
      )
      const peer = yield* connect(server)
      yield* peer.send(request({ type: MessageType.DirAll }))
      const reply = (yield* peer.receive) ?? assert.fail()
      assert.strictEqual(Payload.decodeList(reply.subarray(Header.byteLength)).length, 2000)
      assert.strictEqual(SimulatedNetwork.families.length, 64)
    }))
})
