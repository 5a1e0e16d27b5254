/**
 * Servers of a fleet, asked by way of its engine in one process: each call is what it is on a client that is connected itself.
 */
import { Connector, MessageType, Network, OwClient, OwError, OwRetry, RomId } from "@effect-ownet/core"
import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { Fault } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option, Result, Schedule, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Connections } from "../src/internal/fleet/Connections.ts"
import { idOf } from "../src/internal/fleet/Identity.ts"
import * as Owserver from "../src/Owserver.ts"
import * as ServerRegistry from "../src/ServerRegistry.ts"
import * as fleet from "./fixtures/askedFleet.ts"

const thermometer = "/28.000028D70100"
const relay = "/29.000029D60300"

const house = {
  pi: {
    "28.000028D70100": { temperature: 21.5, alias: "kitchen" },
    "29.000029D60300": {},
    "26.000026A10100": { VAD: 4.5 }
  },
  barn: { "28.000028D70200": { temperature: 8.25 } }
}

const { run, simulated } = fleet

const client = (server = "pi") => Owserver.OwserverClients.use(({ of }) => Effect.sync(() => of(server)))

/** A client that is connected to a server itself. */
const direct = Effect.fnUntraced(function*(server: string) {
  const { connector } = yield* simulated(server)
  return yield* Effect.provideService(OwClient.makeLazy(), Connector.Connector, {
    ...connector,
    server: `${server}:4304`
  })
})

const classes = [
  OwError.OwnetError,
  OwError.OwnetTimeout,
  OwError.ConnError,
  OwError.ProtocolError,
  OwError.ArgumentError
]

/** What became of a call, as its caller sees it. */
const outcome = <A, E extends OwError.OwError>(effect: Effect.Effect<A, E>) =>
  Effect.map(
    Effect.result(effect),
    Result.match({
      onSuccess: (value): unknown => ({ value }),
      onFailure: (error): unknown => ({
        isClass: classes.some((one) => error instanceof one && error._tag === one.identifier),
        message: error.message,
        isRetryable: error.isRetryable,
        fields: error.toJSON()
      })
    })
  )

/** Calls of each kind, with good and bad arguments. */
const calls: Readonly<Record<string, (ow: OwClient.Client) => Effect.Effect<unknown, OwError.OwError>>> = {
  read: (ow) => ow.read(`${thermometer}/temperature`),
  "a part of a value": (ow) => ow.read(`${thermometer}/address`, { size: 4, offset: 2 }),
  readText: (ow) => ow.readText(`${thermometer}/temperature`),
  "a padded text": (ow) => ow.readText(`${thermometer}/temperature`, { flags: { trim: false } }),
  "another scale": (ow) => ow.readText(`${thermometer}/temperature`, { flags: { temperatureScale: "F" } }),
  "a word of flags": (ow) => ow.with({ flags: 0x10020 }).readText(`${thermometer}/temperature`),
  uncached: (ow) => ow.readText(`/uncached${thermometer}/temperature`, { flags: { uncached: true } }),
  "an absent property": (ow) => ow.read(`${thermometer}/temperture`),
  "a directory that is read": (ow) => ow.read(thermometer),
  readMany: (ow) => ow.readMany([`${thermometer}/temperature`, "/absent", `${relay}/PIO.0`, "no\0path"]),
  readTextMany: (ow) => ow.readTextMany(new Set([`${thermometer}/temperature`, `${thermometer}/family`])),
  "no list of paths": (ow) => ow.readMany("/28" as never as Array<string>).pipe(Effect.map(() => "accepted")),
  dir: (ow) => ow.dir(),
  "dir without slashes, with the server's own": (ow) => ow.dir("/", { slash: false, bus: true }),
  "a property that is listed": (ow) => ow.dir(`${thermometer}/temperature`),
  dirStream: (ow) => Stream.runCollect(ow.dirStream(thermometer)),
  present: (ow) => Effect.all([ow.present(thermometer), ow.present("/28.000028D70900")]),
  romId: (ow) => Effect.all([ow.romId("/kitchen"), ow.romId("/absent"), ow.romId(`${thermometer}/temperature`)]),
  ping: (ow) => Effect.asVoid(ow.ping()),
  "get of a value": (ow) => ow.get(`${thermometer}/temperature`),
  "get of a directory": (ow) => ow.get(thermometer),
  write: (ow) => Effect.andThen(ow.write(`${relay}/PIO.0`, "1"), ow.readText(`${relay}/PIO.0`)),
  "bytes that are written": (ow) => ow.write(`${relay}/PIO.0`, Uint8Array.of(0x30)),
  "a write that is refused": (ow) => ow.write(`${thermometer}/type`, "x"),
  "a write by a client that is read-only": (ow) => ow.with({ readOnly: true }).write(`${relay}/PIO.0`, "1"),
  "a message": (ow) => ow.sendMessage(MessageType.Read, `${thermometer}/temperature`, { size: 100 }),
  "a message of an entry each": (ow) => ow.sendMessage(MessageType.Dir, "/"),
  "a message that writes": (ow) =>
    ow.sendMessage(MessageType.Write, new TextEncoder().encode(`${relay}/PIO.0\u{0}1`), { size: 1 }),
  "a message that is refused": (ow) => ow.sendMessage(MessageType.Read, "/absent", { size: 100 }),
  "an unknown message": (ow) => ow.sendMessage(99, "/"),
  "no message": (ow) => ow.sendMessage(-1, "/"),
  "a path with NUL": (ow) => ow.read("/\0"),
  "a path that is none": (ow) => ow.read(7 as never as string),
  "a path of bytes that are no UTF-8": (ow) => ow.read("/k\udcfcche"),
  "half a character": (ow) => ow.read("/\ud800"),
  "a size that is none": (ow) => ow.read(thermometer, { size: 0 }),
  "an offset that is none": (ow) => ow.write(`${relay}/PIO.0`, "1", { offset: -1 }),
  "data that are none": (ow) => ow.write(`${relay}/PIO.0`, null as never as string),
  "a timeout that is none": (ow) => ow.read(thermometer, { timeout: -1 }),
  "a misspelt flag": (ow) => ow.read(thermometer, { flags: { uncashed: true } as object }),
  "a schedule that is none": (ow) => ow.read(thermometer, { retry: 3 as never as false })
}

describe("a server of a fleet", () => {
  it.effect("answers as it does to a client that is connected itself, and refuses what that would", () =>
    Effect.gen(function*() {
      const far = yield* client()
      const near = yield* direct("pi")
      assert.strictEqual(far.server, near.server)
      assert.deepStrictEqual(far.flags, near.flags)
      for (const [name, call] of Object.entries(calls)) {
        assert.deepStrictEqual(yield* outcome(run(call(far))), yield* outcome(run(call(near))), name)
      }
    }).pipe(Effect.provide(fleet.layer(house))))

  it.effect("sends nothing that makes no sense", () =>
    Effect.gen(function*() {
      const ow = yield* client()
      const server = yield* simulated("pi")
      for (const call of [ow.read("/\0"), ow.write("/x", "1", { offset: -1 }), ow.ping({ timeout: 0 })]) {
        assert.strictEqual((yield* Effect.flip(call))._tag, "ArgumentError")
      }
      assert.strictEqual((yield* server.statistics).connections, 0)
    }).pipe(Effect.provide(fleet.layer(house))))

  it.effect("is one of the registry, and no other is connected to", () =>
    Effect.gen(function*() {
      const error = yield* run(Effect.flip((yield* client("barn")).read("/")))
      assert.strictEqual(
        error.message,
        "read: server \"barn\" is not in the fleet: its registry has no such server; nothing was sent"
      )
      // A caller that knows no registry is told by the runner.
      const entity = yield* Owserver.Owserver.client
      for (const id of ["/barn", "", "/", "/ pi", "/PI", "pi"]) {
        const refused = yield* run(Effect.flip(entity(id).Read({ path: "/x", flags: 0, offset: 0 })))
        assert.strictEqual(refused._tag, "ArgumentError", id)
      }
      assert.strictEqual((yield* (yield* simulated("barn")).statistics).connections, 0)
      const registry = yield* ServerRegistry.ServerRegistry
      yield* registry.add("barn")
      assert.strictEqual(yield* run((yield* client("barn")).readText("/28.000028D70200/temperature")), "8.25")
      yield* registry.remove("barn")
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual((yield* run(Effect.flip((yield* client("barn")).read("/x"))))._tag, "ArgumentError")
    }).pipe(Effect.provide(fleet.layer(house, { registered: ["pi"] }))))

  it.effect("is connected to once by all who ask, and a minute longer", () =>
    Effect.gen(function*() {
      const ow = yield* client()
      const server = yield* simulated("pi")
      yield* run(Effect.all(
        Array.from({ length: 20 }, () => ow.readText(`${thermometer}/temperature`)),
        { concurrency: "unbounded" }
      ))
      const { connections } = yield* server.statistics
      assert.isAtMost(connections, 4)
      yield* TestClock.adjust("50 seconds")
      assert.isAtLeast((yield* server.statistics).connections, 1)
      yield* TestClock.adjust("3 minutes")
      assert.strictEqual((yield* server.statistics).connections, 0)
      assert.strictEqual(yield* run(ow.readText(`${thermometer}/temperature`)), "21.5")
    }).pipe(Effect.provide(fleet.layer(house))))

  it.effect("that is down fails as it does for the runner, and tells its state", () =>
    Effect.gen(function*() {
      const ow = yield* client()
      const server = yield* simulated("pi")
      const state = Effect.map(Stream.runHead(ow.state), (state) => Option.getOrThrow(state)._tag)
      assert.strictEqual(yield* state, "Disconnected")
      yield* run(ow.ping())
      assert.strictEqual(yield* state, "Connected")
      yield* server.stop
      yield* TestClock.adjust("1 second")
      const error = yield* run(Effect.flip(ow.write(`${relay}/PIO.0`, "1")))
      assert.strictEqual(error._tag === "ConnError" && error.reason._tag, "Connect")
      assert.isTrue(error.isRetryable)
      assert.strictEqual(yield* state, "Disconnected")
      yield* server.start
      yield* run(ow.readText(`${thermometer}/temperature`, { retry: OwRetry.transient }))
      assert.strictEqual(yield* state, "Connected")
    }).pipe(Effect.provide(fleet.layer(house))))

  it.effect("ends a call when its time is up, and says whether it may have taken effect", () =>
    Effect.gen(function*() {
      const ow = (yield* client()).with({ timeout: "2 seconds" })
      const server = yield* simulated("pi")
      yield* run(ow.ping())
      yield* server.setFaults(Fault.every(1, Fault.Fault.Delay({ duration: "10 seconds" })))
      for (const call of [ow.read(`${thermometer}/temperature`), ow.write(`${relay}/PIO.0`, "1")]) {
        const fiber = yield* Effect.forkChild(Effect.flip(call as Effect.Effect<unknown, OwError.OwError>), {
          startImmediately: true
        })
        yield* TestClock.adjust("1900 millis")
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust("100 millis")
        const error = yield* Fiber.join(fiber)
        assert.deepInclude(error, { _tag: "OwnetTimeout", limit: 2000, requestSent: true, reason: { _tag: "Call" } })
      }
      // The calls were given up there, too.
      yield* TestClock.adjust("1 minute")
      yield* server.setFaults()
      assert.strictEqual(yield* run(ow.readText(`${thermometer}/temperature`)), "21.5")
    }).pipe(Effect.provide(fleet.layer(house))))

  it.effect("without a runner keeps a call waiting for as long as its caller wants, or half a minute", () =>
    Effect.gen(function*() {
      const ow = yield* client()
      const limited = yield* Effect.forkChild(Effect.flip(ow.write(`${relay}/PIO.0`, "1", { timeout: "3 seconds" })), {
        startImmediately: true
      })
      const patient = yield* Effect.forkChild(Effect.flip(ow.read("/x")), { startImmediately: true })
      yield* TestClock.adjust("3 seconds")
      const error = yield* Fiber.join(limited)
      assert.deepInclude(error, { _tag: "OwnetTimeout", limit: 3000, requestSent: false })
      assert.isTrue(error.isRetryable)
      yield* TestClock.adjust("31 seconds")
      assert.isUndefined(patient.pollUnsafe())
      yield* TestClock.adjust("1 seconds")
      const unreachable = yield* Fiber.join(patient)
      assert.strictEqual(
        unreachable.message,
        "read /x at pi:4304: no runner of the fleet answers for \"pi\": it has had none for 30s"
      )
      assert.isTrue(unreachable.isRetryable)
    }).pipe(Effect.provide(fleet.layer(house, { isRunner: false }))))

  it.effect("is told of a defect of its runner as of a failure, and goes on", () =>
    Effect.gen(function*() {
      const ow = yield* client()
      const error = yield* run(Effect.flip(ow.write(`${relay}/PIO.0`, "1")))
      assert.strictEqual(error._tag === "ConnError" && error.reason._tag, "Unreachable")
      assert.include(error.message, "the request may have taken effect")
      assert.isFalse(error.isRetryable)
      assert.strictEqual((yield* run(Effect.flip(ow.read("/x"))))._tag, "ConnError")
    }).pipe(Effect.provide(fleet.layer(house, {
      handlers: Layer.provide(
        Owserver.layerHandlers,
        Layer.succeed(Connections, { of: () => Effect.die("a defect of the test") })
      )
    }))))

  it.effect("is asked again if its runner has closed its own client, as one that stops does", () =>
    Effect.gen(function*() {
      const ow = yield* client()
      const read = yield* run(Effect.flip(ow.read("/x")))
      assert.deepInclude(read, { _tag: "ConnError", requestSent: false, isRetryable: true })
      assert.strictEqual(read._tag === "ConnError" && read.reason._tag, "Unreachable")
      const write = yield* run(Effect.flip(ow.write(`${relay}/PIO.0`, "1")))
      assert.deepInclude(write, { _tag: "ConnError", requestSent: false, isRetryable: true })
    }).pipe(Effect.provide(fleet.layer(house, {
      handlers: Layer.provide(
        Owserver.layerHandlers,
        Layer.succeed(Connections, {
          of: () =>
            Effect.fail(
              new OwError.ConnError({
                operation: "read",
                server: "pi:4304",
                reason: { _tag: "ClientClosed" },
                problem: "this client has been closed",
                attempts: [],
                requestSent: false
              })
            )
        })
      )
    }))))

  it.effect("writes by a ticket, and never twice by the same", () =>
    Effect.gen(function*() {
      const entity = (yield* Owserver.Owserver.client)(idOf({ server: "pi", site: undefined }))
      const server = yield* simulated("pi")
      const ticket = yield* run(entity.Ticket())
      const write = { ticket, path: `${relay}/PIO.0`, flags: 0x104, offset: 0, data: Uint8Array.of(0x31) }
      yield* run(entity.Write(write))
      const { requests } = yield* server.statistics
      for (const one of [ticket, "", "forged"]) {
        const error = yield* run(Effect.flip(entity.Write({ ...write, ticket: one })))
        assert.deepInclude(error, { _tag: "ConnError", requestSent: true })
      }
      assert.strictEqual((yield* server.statistics).requests, requests)
    }).pipe(Effect.provide(fleet.layer(house))))

  it.effect("repeats a read as its schedule wants, and no write by that of the client", () =>
    Effect.gen(function*() {
      const ow = (yield* client()).with({ retry: Schedule.spaced("1 second").pipe(Schedule.upTo({ times: 3 })) })
      const server = yield* simulated("pi")
      yield* server.setFaults(Fault.first(2, Fault.Fault.Refuse({ code: -5 })))
      assert.strictEqual(yield* run(ow.readText(`${thermometer}/temperature`)), "21.5")
      yield* server.setFaults(Fault.first(1, Fault.Fault.Refuse({ code: -5 })))
      const error = yield* run(Effect.flip(ow.write(`${relay}/PIO.0`, "1")))
      assert.deepInclude(error, { _tag: "OwnetError", code: -5 })
    }).pipe(Effect.provide(fleet.layer(house))))

  it.effect("gives a reading of a device, decoded where it is", () =>
    Effect.gen(function*() {
      const { reading } = yield* Owserver.OwserverClients
      const read = (device: string, property: string, options?: object) => run(reading("pi", device, property, options))
      assert.deepInclude(yield* read("kitchen", "temperature"), {
        server: "pi",
        device: RomId.fromStringUnsafe("28.000028D70100"),
        property: "temperature",
        value: 21.5,
        unit: "°C",
        verdict: { _tag: "Plausible" }
      })
      assert.deepInclude(yield* read("28.000028D70100", "temperature", { flags: { temperatureScale: "F" } }), {
        value: 70.7,
        unit: "°F"
      })
      assert.deepInclude(yield* read("26.000026A10100", "VAD"), { value: 4.5, unit: "V" })
      assert.isArray((yield* read("29.000029D60300", "PIO.ALL")).value)
      const tags = yield* Effect.forEach([
        read("28.000028D70900", "temperature"),
        read("28.000028D70100", "temperture"),
        read("28.000028D70100\0", "temperature"),
        read("28.000028D70100", "temperature", { timeout: -1 })
      ], (call) => Effect.map(Effect.flip(call), ({ _tag }) => _tag))
      assert.deepStrictEqual(tags, ["OwnetError", "ArgumentError", "ArgumentError", "ArgumentError"])
    }).pipe(Effect.provide(fleet.layer(house))))
})

describe("the servers of a fleet as a network", () => {
  const layer = Owserver.layerNetwork.pipe(Layer.provideMerge(fleet.layer(house)))

  it.effect("have each device by whichever leads to it, and come and go with the registry", () =>
    Effect.gen(function*() {
      const network = yield* Network.Network
      // A program that asks at once finds them all.
      assert.sameMembers((yield* network.servers).map(({ name }) => name), ["pi", "barn"])
      const { devices, failures } = yield* run(network.devices())
      assert.deepStrictEqual(failures, [])
      assert.sameMembers(devices.map(({ device: { id }, server }) => `${server} ${id}`), [
        "pi 28000028D70100D5",
        "pi 29000029D603005D",
        "pi 26000026A1010081",
        "barn 28000028D7020080"
      ])
      const kitchen = yield* run(network.device(DS18B20, "kitchen"))
      assert.strictEqual(yield* run(kitchen.read("temperature")), 21.5)
      const ways = yield* run(network.ways("28.000028D70200"))
      assert.deepStrictEqual(ways.map(({ server }) => server), ["barn"])
      const switches = yield* run(network.device(DS2408, "29.000029D60300"))
      yield* run(switches.write("PIO.0", true, { verify: true }))
      const registry = yield* ServerRegistry.ServerRegistry
      yield* registry.remove("barn")
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual((yield* network.servers).map(({ name }) => name), ["pi"])
      const error = yield* run(Effect.flip(network.device(DS18B20, "28.000028D70200")))
      assert.strictEqual(error._tag === "OwnetError" && error.reason._tag, "NotFound")
    }).pipe(Effect.provide(layer)))

  it.effect("end what waits for one that is removed", () =>
    Effect.gen(function*() {
      const network = yield* Network.Network
      yield* TestClock.adjust("2 seconds")
      const barn = (yield* network.servers).find(({ name }) => name === "barn")
      assert.isDefined(barn)
      yield* run(barn.client.ping())
      const server = yield* simulated("barn")
      yield* server.pause
      const waiting = yield* Effect.forkChild(Effect.flip(barn.client.read("/28.000028D70200/temperature")), {
        startImmediately: true
      })
      yield* TestClock.adjust("100 millis")
      yield* (yield* ServerRegistry.ServerRegistry).remove("barn")
      yield* TestClock.adjust("2 seconds")
      const error = yield* Fiber.join(waiting)
      yield* server.resume
      assert.strictEqual(error._tag === "ConnError" && error.reason._tag, "ClientClosed")
    }).pipe(Effect.provide(layer)))
})
