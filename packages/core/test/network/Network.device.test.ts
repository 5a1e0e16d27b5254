/**
 * A device of a network whose servers fail, and which moves between them, while it is called.
 */
import { type Device, MessageType, Network } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { Fault, TestNetwork } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Option, Stream } from "effect"
import { TestClock } from "effect/testing"

const coupler = "1F.37B104000000"
const kitchen = "28.000028D70100"
const cellar = "28.000028D70200"
const attic = "28.000028D70300"
const relay = "29.000029D60300"

const server = (name: string) => TestNetwork.TestNetwork.useSync((test) => test.server(name))

/** Advances the test's clock until an effect has ended. */
const within = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect)
  yield* TestClock.adjust("30 seconds")
  return yield* Fiber.join(fiber)
})

const device = (address: string) =>
  Effect.flatMap(Network.Network, (network) => within(network.device(Families.DS18B20, address)))

/** Milliseconds that an effect takes on the test's clock. */
const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  within(Effect.map(Effect.timed(effect), ([elapsed, value]) => ({ value, millis: Duration.toMillis(elapsed) })))

/** Number of requests that a server has had. */
const requests = (name: string) =>
  Effect.flatMap(server(name), ({ statistics }) => Effect.map(statistics, ({ requests }) => requests))

const two = { "pi-1": { [kitchen]: { temperature: 1 } }, barn: { [kitchen]: { temperature: 2 }, [cellar]: {} } }

describe("A device of a network", () => {
  it.effect("is looked for once for all calls that have lost it", () =>
    Effect.gen(function*() {
      const found = yield* device(kitchen)
      const network = yield* Network.Network
      const pi = yield* server("pi-1")
      yield* network.add("barn")
      yield* pi.stop
      const values = yield* within(Effect.replicateEffect(found.read("temperature"), 3, { concurrency: "unbounded" }))
      assert.deepStrictEqual(values, [2, 2, 2])
    }).pipe(Effect.provide(TestNetwork.layer(two, { servers: ["pi-1"] }))))

  it.effect("is asked no longer than the call may take, on however many servers", () =>
    Effect.gen(function*() {
      const found = yield* device(kitchen)
      for (const name of ["pi-1", "barn"]) {
        const { setFaults } = yield* server(name)
        yield* setFaults(({ path }) => path.endsWith("temperature") ? Fault.Fault.Silence() : undefined)
      }
      const ways: ReadonlyArray<Effect.Effect<unknown, Device.Failure>> = [
        found.read("temperature", { timeout: "8 seconds" }),
        found.ow.with({ timeout: "8 seconds" }).read(`${found.path}/temperature`)
      ]
      for (const ask of ways) {
        const { millis, value } = yield* timed(Effect.flip(ask))
        assert.strictEqual(millis, 8000)
        assert.isTrue(value._tag === "OwnetTimeout" && value.limit === 8000 && value.elapsed === 8000)
      }
    }).pipe(Effect.provide(TestNetwork.layer(two))))

  it.effect("may have been written if the second server was sent anything", () =>
    Effect.gen(function*() {
      const found = yield* device(kitchen)
      const [pi, barn] = [yield* server("pi-1"), yield* server("barn")]
      yield* within(found.read("temperature"))
      yield* pi.stop
      yield* barn.setFaults(Fault.ofType(MessageType.Write, () => Fault.Fault.Close({ at: "before" })))
      const error = yield* Effect.flip(within(found.write("temphigh", 30)))
      assert.isFalse(error.isRetryable)
    }).pipe(Effect.provide(TestNetwork.layer(two))))

  it.effect("refuses what is no path", () =>
    Effect.gen(function*() {
      const { ow } = yield* device(kitchen)
      for (
        const call of [
          ow.read(undefined as never),
          ow.dir(7 as never),
          ow.write(null as never, "1"),
          ow.sendMessage(2, null as never),
          Stream.runDrain(ow.dirStream(7 as never))
        ]
      ) {
        const error = yield* Effect.flip(call)
        assert.strictEqual(error._tag, "ArgumentError")
      }
    }).pipe(Effect.provide(TestNetwork.layer(two))))

  it.effect("is listed by paths that lead to it on any server", () =>
    Effect.gen(function*() {
      const { ow, path } = yield* device(attic)
      const content = yield* within(ow.get(path))
      assert.isTrue(content._tag === "Directory")
      for (
        const entries of [
          yield* within(ow.dir(path)),
          yield* within(Stream.runCollect(ow.dirStream(path))),
          content._tag === "Directory" ? content.entries : []
        ]
      ) {
        assert.include(entries, `${path}/temperature`)
        for (const entry of entries) assert.isTrue(entry.startsWith(`${path}/`), entry)
      }
    }).pipe(
      Effect.provide(
        TestNetwork.layer({ barn: { [`/${coupler}`]: {}, [`/${coupler}/main/${attic}`]: { temperature: 4 } } })
      )
    ))

  it.effect("is still known to servers that do not know its alias", () =>
    Effect.gen(function*() {
      const network = yield* Network.Network
      yield* within(network.devices())
      const found = yield* device("room")
      assert.strictEqual(found.name, "room")
      const pi = yield* server("pi-1")
      yield* pi.stop
      const before = yield* requests("barn")
      assert.strictEqual(yield* within(found.read("temperature")), 2)
      assert.strictEqual((yield* requests("barn")) - before, 1)
    }).pipe(
      Effect.provide(
        TestNetwork.layer({
          "pi-1": { [kitchen]: { alias: "room", temperature: 1 } },
          barn: { [kitchen]: { temperature: 2 } }
        })
      )
    ))

  it.effect("is taken where it is, and not where it was behind a coupler", () =>
    Effect.gen(function*() {
      const found = yield* device(kitchen)
      const [pi, barn] = [yield* server("pi-1"), yield* server("barn")]
      assert.strictEqual(yield* within(found.read("temperature")), 1)
      yield* pi.network.vanish(kitchen)
      yield* barn.network.appear(`/1F.38B104000000/main/${kitchen}`, { temperature: 2 })
      assert.strictEqual(yield* within(found.read("temperature")), 2)
      const before = yield* requests("pi-1")
      assert.strictEqual(yield* within(found.read("temperature")), 2)
      assert.strictEqual((yield* requests("pi-1")) - before, 0)
    }).pipe(
      Effect.provide(
        TestNetwork.layer({
          "pi-1": { [`/${coupler}/main/${kitchen}`]: { temperature: 1 } },
          barn: { "/1F.38B104000000": {} }
        })
      )
    ))

  it.effect("is no longer asked for where it is no longer", () =>
    Effect.gen(function*() {
      const network = yield* Network.Network
      yield* within(network.devices())
      const found = yield* device(kitchen)
      const pi = yield* server("pi-1")
      yield* pi.network.vanish(kitchen)
      assert.strictEqual(yield* within(found.read("temperature")), 2)
      const before = yield* requests("pi-1")
      assert.strictEqual(yield* within(found.read("temperature")), 2)
      assert.strictEqual((yield* requests("pi-1")) - before, 0)
    }).pipe(Effect.provide(TestNetwork.layer(two))))

  it.effect("is told in one line, whatever its servers are called", () =>
    Effect.gen(function*() {
      const network = yield* Network.Network
      yield* network.set([{ name: "a\u001b[2J", host: "pi-1" }, { name: "b\n", host: "barn" }])
      for (const address of ["nothing", "room"]) {
        const { message } = yield* Effect.flip(device(address))
        assert.isTrue(/^[ -~]*$/.test(message), JSON.stringify(message))
      }
    }).pipe(
      Effect.provide(
        TestNetwork.layer({ "pi-1": { [kitchen]: { alias: "room" } }, barn: { [cellar]: { alias: "room" } } })
      )
    ))

  it.effect("is present wherever it is", () =>
    Effect.gen(function*() {
      const found = yield* device(kitchen)
      const [pi, barn] = [yield* server("pi-1"), yield* server("barn")]
      yield* pi.network.vanish(kitchen)
      assert.isFalse(yield* within(found.present()))
      yield* TestClock.adjust("10 seconds")
      yield* barn.network.appear(kitchen)
      assert.isTrue(yield* within(found.present()))
      assert.isTrue(Option.isSome(yield* within(found.ow.romId(found.path))))
      assert.isFalse(yield* within(found.ow.present(`${found.path}/nothing`)))
    }).pipe(Effect.provide(TestNetwork.layer({ "pi-1": { [kitchen]: { temperature: 1 } }, barn: {} }))))

  it.effect("is ambiguous also while one of its servers is slow to be searched", () =>
    Effect.gen(function*() {
      const barn = yield* server("barn")
      yield* barn.setFaults(({ type }) =>
        type === MessageType.DirAllSlash || type === MessageType.DirAll
          ? Fault.Fault.Delay({ duration: "3 seconds" })
          : undefined
      )
      const error = yield* Effect.flip(device("room"))
      assert.strictEqual(error._tag === "DeviceError" && error.reason._tag, "Ambiguous", error.message)
    }).pipe(
      Effect.provide(
        TestNetwork.layer({ "pi-1": { [kitchen]: { alias: "room" } }, barn: { [cellar]: { alias: "room" } } })
      )
    ))

  it.effect("that may be on a bus that fails is not said to be nowhere", () =>
    Effect.gen(function*() {
      const barn = yield* server("barn")
      yield* barn.network.breakBus(1, -5)
      const error = yield* Effect.flip(device(attic))
      assert.isTrue(error._tag === "OwnetError" && error.reason._tag === "NotFound" && error.isRetryable)
      assert.include(error.message, "could not be searched")
    }).pipe(
      Effect.provide(
        TestNetwork.layer({ "pi-1": { [kitchen]: { alias: "room" } }, barn: { [cellar]: {}, [`/bus.1/${relay}`]: {} } })
      )
    ))

  it.effect("is listed by another server if the first one fails", () =>
    Effect.gen(function*() {
      const found = yield* device(kitchen)
      const pi = yield* server("pi-1")
      const names = yield* within(found.names())
      yield* pi.stop
      assert.deepStrictEqual(yield* within(found.names()), names)
      assert.isAbove((yield* within(Stream.runCollect(found.ow.dirStream(found.path)))).length, 5)
    }).pipe(Effect.provide(TestNetwork.layer({ "pi-1": { [kitchen]: { temperature: 1 } }, barn: { [kitchen]: {} } }))))

  it.effect("is given up by one call while another still looks for it", () =>
    Effect.gen(function*() {
      const found = yield* device(kitchen)
      const network = yield* Network.Network
      const pi = yield* server("pi-1")
      const barn = yield* server("barn")
      yield* network.add("barn")
      yield* pi.stop
      yield* barn.setFaults(() => Fault.Fault.Delay({ duration: "1 second" }))
      const first = yield* Effect.forkChild(found.read("temperature"))
      yield* TestClock.adjust("100 millis")
      const second = yield* Effect.forkChild(found.read("temperature"))
      yield* TestClock.adjust("100 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* Fiber.join(second), 2)
    }).pipe(Effect.provide(TestNetwork.layer(two, { servers: ["pi-1"] }))))

  it.effect("is had while one of many servers hangs, and an error names a few of them", () =>
    Effect.gen(function*() {
      const { pause } = yield* server("pi-15")
      yield* pause
      const network = yield* Network.Network
      const { millis } = yield* timed(network.device(Families.DS18B20, "room"))
      assert.strictEqual(millis, 250)
      const error = yield* Effect.flip(within(network.device(Families.DS18B20, "nothing")))
      assert.include(error.message, "\"pi-15\" did not answer")
      assert.include(error.message, "and 22 more")
      assert.notInclude(error.message, "pi-9")
    }).pipe(
      Effect.provide(
        TestNetwork.layer(
          Object.fromEntries(
            Array.from({ length: 30 }, (_, at) => [`pi-${at}`, at === 7 ? { [kitchen]: { alias: "room" } } : {}])
          )
        )
      )
    ))
})
