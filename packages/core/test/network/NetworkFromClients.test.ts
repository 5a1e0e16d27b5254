/**
 * Networks whose clients are made by a function of the caller's.
 */
import { Connector, Network, OwClient, OwError, ServerAddress } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream, SubscriptionRef } from "effect"
import { TestClock } from "effect/testing"

/** Makes clients of simulated servers, and keeps a record of those that are open. */
const made = Effect.gen(function*() {
  const servers = new Map<string, SimulatedServer.Server>()
  for (
    const [host, id] of [["pi", "28.000028D70100"], ["barn", "28.000028D70200"], ["w1:", "28.000028D70300"]] as const
  ) {
    servers.set(host, yield* SimulatedServer.make({ [id]: { temperature: 21.5 } }))
  }
  const open: Array<string> = []
  const connect = Effect.fnUntraced(function*(address: ServerAddress.ServerAddress) {
    const server = servers.get(ServerAddress.nameOf(address))
    if (server === undefined) {
      return yield* new OwError.ArgumentError({ operation: "connect", argument: "host", problem: "is none" })
    }
    const name = ServerAddress.format(address)
    yield* Effect.acquireRelease(
      Effect.sync(() => open.push(name)),
      () => Effect.sync(() => open.splice(open.indexOf(name), 1))
    )
    return yield* Effect.provideService(OwClient.makeLazy(), Connector.Connector, { ...server.connector, server: name })
  })
  return { connect, open, servers }
})

const names = ({ servers }: Network.Service) => Effect.map(servers, (all) => all.map(({ name }) => name))

describe("a network of clients", () => {
  it.effect("has each device by the client whose server has it", () =>
    Effect.gen(function*() {
      const { connect } = yield* made
      const network = yield* Network.fromClients(connect, { servers: ["pi", "barn:4304"] })
      const { devices } = yield* network.devices()
      assert.deepStrictEqual(devices.map(({ server }) => server), ["pi", "barn"])
      const device = yield* network.device(DS18B20, "28.000028D70200")
      assert.strictEqual(yield* device.read("temperature"), 21.5)
    }))

  it.effect("ends a client with its server, and each with the network", () =>
    Effect.gen(function*() {
      const { connect, open, servers } = yield* made
      yield* Effect.scoped(Effect.gen(function*() {
        const network = yield* Network.fromClients(connect, { servers: ["pi", "barn"] })
        assert.deepStrictEqual(open, ["pi:4304", "barn:4304"])
        const [{ client }] = yield* network.servers
        yield* client.ping()
        yield* servers.get("pi")?.pause ?? Effect.void
        const waiting = yield* Effect.forkChild(Effect.flip(client.ping()), { startImmediately: true })
        yield* network.remove("pi")
        const error = yield* Fiber.join(waiting)
        assert.strictEqual(error._tag === "ConnError" && error.reason._tag, "ClientClosed")
        assert.deepStrictEqual(open, ["barn:4304"])
        yield* network.add("pi")
        assert.deepStrictEqual(open, ["barn:4304", "pi:4304"])
      }))
      assert.deepStrictEqual(open, [])
    }))

  it.effect("follows a stream of servers, and leaves out what makes no sense", () =>
    Effect.gen(function*() {
      const { connect, open } = yield* made
      const servers = yield* SubscriptionRef.make<ReadonlyArray<string>>(["pi", "nowhere", "http://x"])
      const network = yield* Network.fromClients(connect, { servers: SubscriptionRef.changes(servers) })
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* names(network), ["pi"])
      yield* SubscriptionRef.set(servers, ["barn"])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(yield* names(network), ["barn"])
      assert.deepStrictEqual(open, ["barn:4304"])
    }))

  it.effect("takes the kernel's own bus as a server, by its address or its folder", () =>
    Effect.gen(function*() {
      const { connect, open } = yield* made
      const network = yield* Network.fromClients(connect, { servers: ["pi", "w1:"] })
      assert.deepStrictEqual(yield* names(network), ["pi", "w1:"])
      yield* network.add({ w1: "/sys/bus/w1/" })
      assert.deepStrictEqual(open, ["pi:4304", "w1:"])
      const device = yield* network.device(DS18B20, "28.000028D70300")
      assert.strictEqual(yield* device.read("temperature"), 21.5)
      // A host may have that name.
      const host = yield* Effect.flip(network.add("w1"))
      assert.strictEqual(host.argument, "host")
      yield* network.remove("w1:")
      yield* network.add({ w1: "/sys/bus/w1", name: "here" })
      assert.deepStrictEqual(yield* names(network), ["pi", "here"])
      yield* network.remove("w1:/sys/bus/w1")
      assert.deepStrictEqual(yield* names(network), ["pi"])
      for (const w1 of ["", "sys", "/a\nb", 5]) {
        // Callers without types may give anything.
        const error = yield* Effect.flip(network.add({ w1 } as Network.Address))
        assert.strictEqual(error.problem, "must have an absolute path as w1, such as /sys/bus/w1")
      }
    }))

  it.effect("is not made of servers that make no sense, and leaves none open", () =>
    Effect.gen(function*() {
      const { connect, open } = yield* made
      const error = yield* Effect.flip(Network.fromClients(connect, { servers: ["pi", "nowhere"] }))
      assert.strictEqual(error._tag, "ArgumentError")
      assert.deepStrictEqual(open, [])
      yield* Network.fromClients(connect, { servers: Stream.succeed(["nowhere"]) })
    }))
})
