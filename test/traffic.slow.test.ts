/**
 * The cost of a house in requests and bytes: counts, which are the same on a busy machine, while the bench has times.
 */
import { Connector, Conversion, Device, Follow, Header, MessageType, OwClient } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { Fault, type SimulatedNetwork, SimulatedServer, TestNetwork } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Result, Stream } from "effect"
import { pass } from "../packages/core/test/fixtures/scripted.ts"

/** Traffic to a server and back. */
interface Traffic {
  connections: number
  /** Requests, without the pings that open connections. */
  requests: number
  sent: number
  received: number
}

/** A server whose traffic is counted, by request. */
const counted = Effect.fnUntraced(function*(
  description: SimulatedNetwork.Description,
  options?: SimulatedServer.Options
) {
  const server = yield* SimulatedServer.make(description, options)
  let asked: Array<string> = []
  const traffic: Traffic = { connections: 0, requests: 0, sent: 0, received: 0 }
  yield* server.setFaults(({ path, type }) => {
    if (Fault.isOwn(type, path)) return undefined
    traffic.requests++
    asked.push(`${type === MessageType.Write ? "write " : ""}${path}`)
    return undefined
  })
  const counting = ({ address, connect }: Connector.Endpoint): Connector.Endpoint => ({
    address,
    connect: (receiver) => {
      traffic.connections++
      const link = connect({
        ...receiver,
        onOpen: () => receiver.onOpen(),
        onData: (chunk, length) => {
          traffic.received += length
          receiver.onData(chunk, length)
        },
        onEnd: (cause) => receiver.onEnd(cause)
      })
      return {
        buffer: link.buffer,
        write: (bytes) => {
          traffic.sent += bytes.length
          link.write(bytes)
        },
        close: () => link.close()
      }
    }
  })
  const connector: Connector.Connector["Service"] = {
    ...server.connector,
    resolve: Effect.map(server.connector.resolve, ([first, ...others]) => [counting(first), ...others.map(counting)])
  }
  return {
    ...server,
    connector,
    traffic,
    /** Returns the requests since the last call. */
    since: Effect.sync(() => {
      const before = asked
      asked = []
      return before
    })
  }
})

const difference = (after: Traffic, before: Traffic): Traffic => ({
  connections: after.connections - before.connections,
  requests: after.requests - before.requests,
  sent: after.sent - before.sent,
  received: after.received - before.received
})

/** The traffic that an effect adds. */
const costOf = <A, E, R>(traffic: Traffic, effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const before = { ...traffic }
    return Effect.map(effect, () => difference(traffic, before))
  })

const clientOf = (connector: Connector.Connector["Service"]) =>
  Effect.provideService(OwClient.make(), Connector.Connector, connector)

const idOf = (n: number): string => `28.${n.toString(16).toUpperCase().padStart(12, "0")}`

/** Thermometers distributed over some buses. */
const thermometers = (count: number, buses: number, named = false): SimulatedNetwork.Description =>
  Object.fromEntries(
    Array.from({ length: count }, (_, n) => [
      `/bus.${n % buses}/${idOf(n)}`,
      { temperature: 20.5, ...named ? { alias: `room-${n}` } : {} }
    ])
  )

/** Lets time pass until a fiber ends. */
const finish = Effect.fnUntraced(function*<A, E>(fiber: Fiber.Fiber<A, E>) {
  while (fiber.pollUnsafe() === undefined) yield* pass("10 millis")
  return yield* Fiber.join(fiber)
})

describe("calls", () => {
  it.effect("cost a request each, of a header and a path, and nothing besides", () =>
    Effect.gen(function*() {
      const { connector, traffic } = yield* counted(thermometers(1, 1))
      const ow = yield* clientOf(connector)
      const path = `/${idOf(0)}/temperature`
      const cost = yield* costOf(traffic, Effect.repeat(ow.readText(path), { times: 99 }))
      assert.deepStrictEqual(cost, {
        connections: 0,
        requests: 100,
        sent: 100 * (Header.byteLength + path.length + 1),
        received: 100 * (Header.byteLength + "20.5".length)
      })
      assert.strictEqual(traffic.connections, 1)
      const listing = yield* costOf(traffic, ow.dir("/bus.0"))
      assert.strictEqual(listing.requests, 1)
    }))

  it.effect("of many ask for each path once, and open no more connections than a client has", () =>
    Effect.gen(function*() {
      const { connector, since, traffic } = yield* counted(thermometers(200, 4))
      const ow = yield* clientOf(connector)
      const paths = Array.from({ length: 200 }, (_, n) => `/bus.${n % 4}/${idOf(n)}/temperature`)
      const cost = yield* costOf(
        traffic,
        Effect.map(ow.readTextMany([...paths, ...paths]), (answers) => {
          assert.deepStrictEqual([...new Set(Array.from(answers.values(), Result.getOrThrow))], ["20.5"])
        })
      )
      assert.strictEqual(cost.requests, 200)
      assert.isAtMost(traffic.connections, 4)
      assert.deepStrictEqual((yield* since).toSorted(), paths.toSorted())
    }))
})

describe("a simultaneous conversion", () => {
  it.effect("costs a write for each bus, a request for each thermometer, and another the first time", () =>
    Effect.gen(function*() {
      const { connector, since, traffic } = yield* counted(thermometers(10, 2), { conversions: "real", cache: true })
      const ow = yield* clientOf(connector)
      const sensors = yield* Effect.provideService(
        Effect.forEach(Object.keys(thermometers(10, 2)), (path) => Device.make(DS18B20, path)),
        OwClient.OwClient,
        ow
      )
      const round = Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(costOf(traffic, Stream.runDrain(Conversion.convertAll(sensors))))
        const cost = yield* finish(fiber)
        const asked = yield* since
        const of = (end: string) => asked.filter((path) => path.endsWith(end)).length
        return {
          cost,
          writes: asked.filter((path) => path.startsWith("write ")).length,
          latest: of("/latesttemp"),
          power: of("/power"),
          all: asked.length
        }
      })
      for (const [asked, bytes] of [[10, 185], [0, 110]]) {
        const { all, cost, latest, power, writes } = yield* round
        assert.deepStrictEqual([writes, latest, power, all], [2, 10, asked, 12 + asked])
        assert.isAtMost((cost.sent + cost.received) / 10, bytes)
      }
      assert.isAtMost(traffic.connections, 2)
    }))
})

describe("a house that is followed", () => {
  /** Follows servers, and returns the cost of the first values, and then of each round. */
  const follow = Effect.fnUntraced(function*(
    descriptions: Readonly<Record<string, SimulatedNetwork.Description>>,
    { search = "1 hour", ...options }: { readonly together?: boolean; readonly search?: "1 hour" | "10 seconds" } = {}
  ) {
    const servers = yield* Effect.forEach(
      Object.entries(descriptions),
      ([name, description]) =>
        Effect.map(
          counted(description, options.together === true ? { conversions: "real", cache: true } : {}),
          (server) => [name, server] as const
        )
    )
    const sum = () =>
      servers.reduce<Traffic>((sum, [, { traffic }]) => ({
        connections: sum.connections + traffic.connections,
        requests: sum.requests + traffic.requests,
        sent: sum.sent + traffic.sent,
        received: sum.received + traffic.received
      }), { connections: 0, requests: 0, sent: 0, received: 0 })
    const devices = Object.values(descriptions).reduce((sum, description) => sum + Object.keys(description).length, 0)
    let readings = 0
    const program = Effect.gen(function*() {
      yield* Follow.follow(Follow.families([DS18B20], ["temperature"]), "10 seconds", {
        ...options,
        jitter: 0,
        search: { every: search }
      }).pipe(
        Stream.runForEach((event) => {
          assert.notInclude(["Failed", "ServerFailed", "BusFailed"], event._tag)
          if (event._tag === "Reading") readings++
          return Effect.void
        }),
        Effect.forkChild
      )
      const costs: Array<Traffic> = []
      for (const round of [1, 2, 3]) {
        const before = sum()
        // A whole round, in steps after which everything settles.
        yield* Effect.repeat(pass("500 millis"), { times: 19 })
        assert.strictEqual(readings, round * devices)
        costs.push(difference(sum(), before))
      }
      const [first, ...rounds] = costs
      return { first, rounds, devices, all: sum() }
    })
    return yield* Effect.provide(program, TestNetwork.layer(Object.fromEntries(servers)))
  })

  const one = (devices: number, named = false) => ({ pi: thermometers(devices, 4, named) })

  it.effect("costs a request for each device and round, and for the search as many as before, however many there are", () =>
    Effect.gen(function*() {
      const small = yield* follow(one(20))
      const large = yield* follow(one(200))
      for (const { all, devices, rounds } of [small, large]) {
        for (const { connections, received, requests, sent } of rounds) {
          assert.deepStrictEqual([connections, requests], [0, devices])
          assert.isAtMost(sent, devices * (Header.byteLength + `/${idOf(0)}/temperature`.length + 1))
          assert.isAtMost(received, devices * (Header.byteLength + "20.5".length))
        }
        assert.isAtMost(all.connections, 4)
      }
      assert.strictEqual(large.first.requests - large.devices, small.first.requests - small.devices)
      assert.isAtMost(large.first.requests, large.devices + 6)
    }))

  it.effect("costs a listing of each bus for a search, with aliases or without", () =>
    Effect.gen(function*() {
      for (const named of [false, true]) {
        for (const devices of [20, 200]) {
          const { first, rounds } = yield* follow(one(devices, named), { search: "10 seconds" })
          assert.isAtMost(first.requests, devices + 6)
          for (const { requests } of rounds) assert.isAtMost(requests - devices, 6)
        }
      }
    }))

  it.effect("costs a write for each bus and round more, and at first the power of each, if all measure at once", () =>
    Effect.gen(function*() {
      const { devices, first, rounds } = yield* follow(one(20), { together: true })
      assert.isAtMost(first.requests, 2 * devices + 4 + 6)
      for (const { requests } of rounds) assert.isAtMost(requests, devices + 4)
    }))

  it.effect("has its first values, measured at once, in the time of the slowest bus", () =>
    Effect.gen(function*() {
      for (const [buses, millis] of [[4, 100], [2, 200], [1, 400]]) {
        const server = yield* counted(thermometers(40, buses), { conversions: "real", cache: true })
        const startedAt = yield* Clock.currentTimeMillis
        const fiber = yield* Follow.follow(Follow.families([DS18B20], ["temperature"]), "1 hour", { together: true })
          .pipe(
            Stream.filter(({ _tag }) => _tag === "Reading"),
            Stream.take(40),
            Stream.runDrain,
            Effect.andThen(Clock.currentTimeMillis),
            Effect.provide(TestNetwork.layer({ pi: server })),
            Effect.forkChild
          )
        const took = (yield* finish(fiber)) - startedAt
        // Each chip is found, asked for its power and read. Each bus is told to make all chips measure, which takes a second.
        assert.isAtLeast(took, 3 * millis + 10 + 1000)
        assert.isAtMost(took, 3 * millis + 10 + 1000 + 20)
      }
    }))

  it.effect("costs each of many servers a connection, and as much as one alone", () =>
    Effect.gen(function*() {
      const servers = (count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, n) => [`pi-${n}`, { [`/bus.0/${idOf(n)}`]: {} }]))
      const alone = yield* follow(servers(1))
      const many = yield* follow(servers(30))
      assert.strictEqual(many.all.connections, 30)
      assert.strictEqual(many.first.requests, 30 * alone.first.requests)
      assert.isAtMost(alone.first.requests, 4)
      assert.deepStrictEqual(many.rounds.map(({ requests }) => requests), [30, 30])
    }))
})
