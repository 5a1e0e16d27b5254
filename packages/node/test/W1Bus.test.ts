import { type Bus, BusServer, Connector, OwClient, type OwError, RomId } from "@effect-ownet/core"
import { W1Bus } from "@effect-ownet/node"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { KernelBus, type Options } from "../src/internal/w1/KernelBus.ts"
import * as FakeW1 from "./fixtures/FakeW1.ts"

const attic = "28.000028D70100"
const cellar = "28.000028D70200"
const garage = "10.67C6697351FF"
const switches = "29.010000000000"

/** Everything is looked at for each request. */
const times = { look: 0, lookLimit: 30_000, files: 0, work: 30_000 }

const busOf = (fake: FakeW1.FakeW1, options: Partial<Options> = {}): KernelBus =>
  new KernelBus({ folder: fake.folder, isWritable: false, aliases: undefined, times, ...options })

/** A client without retries, so that each failure is seen. */
const clientOf = (bus: Bus.Bus, options: BusServer.Options = {}) =>
  Effect.map(
    Layer.build(
      OwClient.layer({ retry: false }).pipe(
        Layer.provide(Layer.succeed(Connector.Connector, BusServer.make("w1:", bus, options).connector))
      )
    ),
    (context) => Context.get(context, OwClient.OwClient)
  )

const setUp = Effect.fnUntraced(function*(
  chips: Readonly<Record<string, FakeW1.Files>>,
  options: Partial<Options> = {}
) {
  const fake = yield* FakeW1.make(chips)
  const bus = busOf(fake, options)
  return { fake, bus, ow: yield* clientOf(bus) }
})

/** The code of a refusal, or else what went wrong. */
const refusal = <A>(effect: Effect.Effect<A, OwError.OwError>) =>
  Effect.map(
    Effect.flip(effect),
    (error) => error._tag === "OwnetError" ? error.code : error.message
  )

/** The paths in a directory, without the slashes behind them. */
const dir = (ow: OwClient.Client, path: string) =>
  Effect.map(ow.dir(path), (paths) => paths.map((path) => path.replace(/\/$/, "")))

describe("W1Bus", () => {
  it.live("gives thermometers as an owserver does", () =>
    Effect.gen(function*() {
      const { ow } = yield* setUp({ [attic]: FakeW1.thermometer(21.5625, { high: 30, low: -10 }), [garage]: {} })
      assert.deepStrictEqual((yield* dir(ow, "/")).filter((path) => /^\/\d/.test(path)), [`/${garage}`, `/${attic}`])
      const values = yield* Effect.forEach(
        ["temperature", "temperature9", "temphigh", "templow", "tempres", "power", "type", "r_address", "family"],
        (property) => ow.readText(`/${attic}/${property}`)
      )
      assert.deepStrictEqual(values.map((text) => text.trim()), [
        "21.5625",
        "21.5",
        "30",
        "-10",
        "12",
        "1",
        "DS18B20",
        RomId.toBytes(RomId.fromStringUnsafe(attic)).toReversed().reduce(
          (text, byte) => text + byte.toString(16).padStart(2, "0").toUpperCase(),
          ""
        ),
        "28"
      ])
      assert.include(yield* dir(ow, "/bus.0"), `/bus.0/${attic}`)
      assert.strictEqual(yield* ow.readText("/bus.0/interface/settings/name"), "w1")
    }))

  it.live("is read-only unless it is told otherwise", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [attic]: {} })
      const readOnly = yield* clientOf(yield* W1Bus.make({ folder: fake.folder }))
      assert.strictEqual(yield* refusal(readOnly.write(`/${attic}/temphigh`, "40")), -30)
      assert.strictEqual(yield* refusal(readOnly.write(`/${attic}/alias`, "attic")), -30)
      const writable = yield* clientOf(yield* W1Bus.make({ folder: fake.folder, writable: true }))
      yield* writable.write(`/${attic}/temphigh`, "80")
      assert.strictEqual(Buffer.from(fake.get(attic, "alarms")).toString(), "70 80\n")
      yield* writable.write(`/${attic}/alias`, "attic")
      assert.strictEqual((yield* writable.readText("/attic/temphigh")).trim(), "80")
    }))

  it.live("has the devices that are there now, and knows those that were", () =>
    Effect.gen(function*() {
      const { bus, fake, ow } = yield* setUp({ [attic]: {}, [cellar]: {} })
      const before = yield* bus.look.pipe(Effect.map(() => bus.device(RomId.fromStringUnsafe(attic))))
      assert.isDefined(before)
      fake.remove(attic)
      assert.strictEqual(yield* refusal(ow.readText(`/${attic}/temperature`)), -1)
      assert.deepStrictEqual(bus.devicesAt("bus.0").map(({ id }) => RomId.format(id)), [cellar])
      // A server that still takes it for present hears that it has gone.
      const property = before.chip.properties.get("temperature")
      assert.isDefined(property)
      const reading = { isUncached: false, convertedAt: undefined }
      assert.strictEqual(yield* Effect.flip(bus.read(before, { property, index: 0 }, reading)), -2)
      fake.restore(attic)
      assert.strictEqual((yield* ow.readText(`/${attic}/temperature`)).trim(), "21.5625")
    }))

  it.live("keeps the number of a bus while bus masters come and go", () =>
    Effect.gen(function*() {
      const { bus, fake, ow } = yield* setUp({})
      fake.addMaster(3)
      fake.add(attic, {}, 3)
      yield* dir(ow, "/")
      const addresses = () => bus.masters.map(({ address }) => Path.basename(address))
      assert.deepStrictEqual(addresses(), ["w1_bus_master1", "w1_bus_master3"])
      assert.include(yield* dir(ow, "/bus.1"), `/bus.1/${attic}`)
      fake.removeMaster(1)
      fake.addMaster(2)
      fake.add(cellar, {}, 2)
      assert.include(yield* dir(ow, "/bus.1"), `/bus.1/${attic}`)
      assert.include(yield* dir(ow, "/bus.2"), `/bus.2/${cellar}`)
      assert.deepStrictEqual(addresses(), ["w1_bus_master1", "w1_bus_master3", "w1_bus_master2"])
      assert.strictEqual(yield* Effect.flip(bus.search("bus.0")), -19)
      fake.removeMaster(3)
      assert.strictEqual(yield* refusal(ow.readText(`/${attic}/temperature`)), -1)
      fake.addMaster(1)
      fake.add(garage, {}, 1)
      assert.include(yield* dir(ow, "/bus.0"), `/bus.0/${garage}`)
    }))

  it.live("waits for what is not there yet", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [attic]: {} })
      const parent = Path.dirname(fake.folder)
      const bus = busOf(fake, { folder: Path.join(parent, "later") })
      const ow = yield* clientOf(bus)
      assert.notInclude((yield* dir(ow, "/")).join(), "bus.0")
      assert.strictEqual(yield* refusal(ow.readText(`/${attic}/temperature`)), -1)
      Fs.renameSync(fake.folder, Path.join(parent, "later"))
      assert.strictEqual((yield* ow.readText(`/${attic}/temperature`)).trim(), "21.5625")
      Fs.renameSync(Path.join(parent, "later"), fake.folder)
      assert.strictEqual(yield* refusal(ow.readText(`/${attic}/temperature`)), -1)
    }))

  it.live("has the properties whose files are there, when they come", () =>
    Effect.gen(function*() {
      const { fake, ow } = yield* setUp({ [attic]: { temperature: null, w1_slave: null, alarms: null } })
      assert.strictEqual(yield* refusal(ow.readText(`/${attic}/temperature`)), -1)
      assert.notInclude(yield* dir(ow, `/${attic}`), `/${attic}/temphigh`)
      assert.include(yield* dir(ow, `/${attic}`), `/${attic}/family`)
      const files: FakeW1.Files = FakeW1.thermometer(85)
      for (const [file, content] of Object.entries(files)) fake.set(attic, file, content)
      assert.strictEqual((yield* ow.readText(`/${attic}/temperature`)).trim(), "85")
    }))

  it.live("knows only the identity of a chip without a driver", () =>
    Effect.gen(function*() {
      const { ow } = yield* setUp({ "20.000000000001": {}, "01.000000000002": {} })
      assert.strictEqual(yield* ow.readText("/20.000000000001/type"), "DS2450")
      assert.deepStrictEqual(
        (yield* dir(ow, "/20.000000000001")).map((path) => Path.basename(path)),
        ["address", "alias", "crc8", "family", "id", "r_address", "r_id", "type"]
      )
      assert.strictEqual(yield* refusal(ow.readText("/20.000000000001/volt.A")), -1)
      assert.strictEqual(yield* ow.readText("/01.000000000002/family"), "01")
    }))

  it.live("leaves out ghosts, and chips whose ROM id is not their name", () =>
    Effect.gen(function*() {
      const { bus, fake, ow } = yield* setUp({ [attic]: {}, [cellar]: { id: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) } })
      fake.add("00.000000000000")
      yield* dir(ow, "/")
      assert.deepStrictEqual(bus.devicesAt("bus.0").map(({ id }) => RomId.format(id)), [attic])
      // A search that was disturbed may be right the next time.
      fake.set(cellar, "id", RomId.toBytes(RomId.fromStringUnsafe(cellar)))
      yield* dir(ow, "/")
      assert.strictEqual(bus.devicesAt("bus.0").length, 2)
    }))

  it.live("takes the texts of failing drivers for failures", () =>
    Effect.gen(function*() {
      const { fake, ow } = yield* setUp({ [attic]: FakeW1.failing(attic, -19), [cellar]: FakeW1.failing(cellar, -5) })
      const codes = (id: string) =>
        Effect.forEach(
          ["temperature", "scratchpad", "tempres", "temphigh", "power"],
          (property) => refusal(ow.readText(`/${id}/${property}`))
        )
      assert.deepStrictEqual(yield* codes(attic), [-5, -5, -1, -1, -1])
      assert.deepStrictEqual(yield* codes(cellar), [-5, -5, -5, -5, -5])
      fake.set(attic, "w1_slave", FakeW1.scratchpad(Uint8Array.of(0, 5, 70, 75, 127, 255, 12, 16), 80_000, 0))
      assert.strictEqual(yield* refusal(ow.readText(`/${attic}/scratchpad`)), -5)
      for (const text of ["abc\n", "21.5\n", "\u0000\u0001", "9".repeat(9999), FakeW1.broken] as const) {
        fake.set(attic, "temperature", text)
        assert.strictEqual(yield* refusal(ow.readText(`/${attic}/temperature`)), -5)
      }
    }))

  it.live("works for one at a time on a bus, and for others on other buses meanwhile", () =>
    Effect.gen(function*() {
      const { fake, ow } = yield* setUp({ [attic]: {}, [cellar]: {} })
      fake.addMaster(2)
      fake.add(garage, {}, 2)
      const pipe = fake.pipe(attic, "temperature")
      const first = yield* Effect.forkChild(ow.readText(`/${attic}/temperature`))
      const { answer } = yield* pipe.asked
      const second = yield* Effect.forkChild(ow.readText(`/${cellar}/temperature`))
      assert.strictEqual((yield* ow.readText(`/${garage}/temperature`)).trim(), "-3.3125")
      assert.isUndefined(second.pollUnsafe())
      answer("-62\n")
      assert.strictEqual((yield* Fiber.join(first)).trim(), "-0.0625")
      assert.strictEqual((yield* Fiber.join(second)).trim(), "21.5625")
    }))

  it.live("lets a bus go on when a client has gone and the chip has answered", () =>
    Effect.gen(function*() {
      const { fake, ow } = yield* setUp({ [attic]: {}, [cellar]: {} })
      const pipe = fake.pipe(attic, "temperature")
      const left = yield* Effect.forkChild(ow.readText(`/${attic}/temperature`))
      const { answer } = yield* pipe.asked
      yield* Fiber.interrupt(left)
      const next = yield* Effect.forkChild(ow.readText(`/${cellar}/temperature`))
      answer("21562\n")
      assert.strictEqual((yield* Fiber.join(next)).trim(), "21.5625")
    }))

  it.live("refuses a bus as busy while a driver does not answer", () =>
    Effect.gen(function*() {
      const { fake, ow } = yield* setUp({ [attic]: {}, [cellar]: {} }, { times: { ...times, work: 100 } })
      const pipe = fake.pipe(attic, "temperature")
      assert.strictEqual(yield* refusal(ow.readText(`/${attic}/temperature`)), -16)
      assert.strictEqual(yield* refusal(ow.readText(`/${cellar}/temperature`)), -16)
      assert.strictEqual(yield* refusal(ow.readText(`/uncached/${cellar}/latesttemp`)), -16)
      // What needs no bus is answered.
      assert.include(yield* dir(ow, "/"), `/${attic}`)
      ;(yield* pipe.asked).answer("1\n")
      const isBack = ow.readText(`/${cellar}/temperature`).pipe(
        Effect.retry({ while: ({ _tag }) => _tag === "OwnetError" })
      )
      assert.strictEqual((yield* isBack).trim(), "21.5625")
    }))

  it.live("gives no more than three files to threads at a time, and answers others meanwhile", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make()
      const ids = Array.from({ length: 6 }, (_, index) => `28.00000000000${index}`)
      for (const [index, id] of ids.entries()) {
        fake.addMaster(index + 2)
        fake.add(id, {}, index + 2)
      }
      const pipes = ids.map((id) => fake.pipe(id, "temperature"))
      const bus = busOf(fake)
      const ow = yield* clientOf(bus)
      yield* bus.look
      const reading = yield* Effect.forkChild(
        Effect.forEach(bus.masters.slice(1), (_, index) => {
          const [device] = bus.devicesAt(`bus.${index + 1}`)
          const property = device.chip.properties.get("temperature")
          assert.isDefined(property)
          return bus.read(device, { property, index: 0 }, { isUncached: false, convertedAt: undefined })
        }, { concurrency: "unbounded" })
      )
      const first = yield* Effect.forEach(pipes.slice(0, 3), ({ asked }) => asked)
      assert.strictEqual(yield* ow.readText(`/${ids[5]}/family`), "28")
      const others = yield* Effect.forkChild(Effect.forEach(pipes.slice(3), ({ asked }) => asked, { concurrency: 3 }))
      assert.isUndefined(others.pollUnsafe())
      for (const { answer } of first) answer("1000\n")
      for (const { answer } of yield* Fiber.join(others)) answer("2000\n")
      assert.deepStrictEqual((yield* Fiber.join(reading)).flat(), [1, 1, 1, 2, 2, 2])
    }))

  describe("simultaneous", () => {
    /** Has the chips convert, and completes that. */
    const convert = Effect.fnUntraced(function*(fake: FakeW1.FakeW1, ow: OwClient.Client) {
      const written = yield* Effect.forkChild(fake.bulk(1), { startImmediately: true })
      yield* ow.write("/simultaneous/temperature", "1")
      assert.strictEqual(yield* Fiber.join(written), "trigger\n")
    })

    it.live("has all chips convert, and gives what they have measured", () =>
      Effect.gen(function*() {
        const { fake, ow } = yield* setUp({ [attic]: {}, [cellar]: {} })
        assert.include(yield* dir(ow, "/bus.0"), "/bus.0/simultaneous")
        assert.strictEqual((yield* ow.readText(`/${attic}/latesttemp`)).trim(), "21.5625")
        // The server answers at once, while the kernel waits for the chips.
        const bulk = fake.bulk(1)
        yield* ow.write("/simultaneous/temperature", "1")
        const reading = yield* Effect.forkChild(ow.readText(`/${attic}/latesttemp`))
        assert.isUndefined(reading.pollUnsafe())
        fake.set(attic, "temperature", "4000\n")
        yield* bulk
        assert.strictEqual((yield* Fiber.join(reading)).trim(), "4")
        // The driver would measure anew now, and it is not asked.
        fake.set(attic, "temperature", FakeW1.broken)
        assert.strictEqual((yield* ow.readText(`/${attic}/latesttemp`)).trim(), "4")
      }))

    it.live("is not there beside any other chip: the driver refuses it then, and says so nowhere", () =>
      Effect.gen(function*() {
        const { fake, ow } = yield* setUp({ [attic]: {} })
        const isThere = Effect.map(dir(ow, "/bus.0"), (names) => names.includes("/bus.0/simultaneous"))
        assert.isTrue(yield* isThere)
        fake.add(switches)
        assert.isFalse(yield* isThere)
        fake.remove(switches)
        assert.isTrue(yield* isThere)
        // A ghost is a chip to the driver.
        fake.setMaster(1, "w1_master_slaves", `${FakeW1.kernelName(attic)}\n00-700000000000\n`)
        assert.isFalse(yield* isThere)
        fake.setMaster(1, "w1_master_slaves", `${FakeW1.kernelName(attic)}\n42-000000000001\n`)
        assert.isTrue(yield* isThere)
      }))

    it.live("waits for the conversion of another program, and drops the result that one has left", () =>
      Effect.gen(function*() {
        const { fake, ow } = yield* setUp({ [attic]: {}, [cellar]: {} })
        // While chips convert, the driver gives nothing.
        fake.setMaster(1, "therm_bulk_read", "-1\n")
        const converting = fake.pipe(attic, "temperature")
        const reading = yield* Effect.forkChild(ow.readText(`/${attic}/temperature`))
        ;(yield* converting.asked).answer("")
        const again = yield* converting.asked
        fake.setMaster(1, "therm_bulk_read", "1\n")
        again.answer("3000\n")
        assert.strictEqual((yield* Fiber.join(reading)).trim(), "3")
        // That of the other chip may be old. The driver gives it once.
        const left = fake.pipe(cellar, "temperature")
        const fresh = yield* Effect.forkChild(ow.readText(`/${cellar}/latesttemp`))
        ;(yield* left.asked).answer("85000\n")
        ;(yield* left.asked).answer("4000\n")
        assert.strictEqual((yield* Fiber.join(fresh)).trim(), "4")
        // Another's that is never read is no reason to measure twice from now on.
        const once = yield* Effect.forkChild(ow.readText(`/${cellar}/temperature`))
        ;(yield* left.asked).answer("5000\n")
        assert.strictEqual((yield* Fiber.join(once)).trim(), "5")
        // Nothing at all is a failure if nothing converts.
        const empty = yield* Effect.forkChild(refusal(ow.readText(`/${cellar}/temperature`)))
        ;(yield* left.asked).answer("")
        assert.strictEqual(yield* Fiber.join(empty), -5)
      }))

    it.live("measures anew for a request past the cache", () =>
      Effect.gen(function*() {
        const { fake, ow } = yield* setUp({ [attic]: {} })
        yield* convert(fake, ow)
        const { asked } = fake.pipe(attic, "temperature")
        const reading = yield* Effect.forkChild(ow.readText(`/uncached/${attic}/temperature`))
        ;(yield* asked).answer("1000\n")
        ;(yield* asked).answer("2000\n")
        assert.strictEqual((yield* Fiber.join(reading)).trim(), "2")
      }))

    it.effect("takes no result from long before for a measurement", () =>
      Effect.gen(function*() {
        const { bus, fake } = yield* setUp({ [attic]: {} }, { times: { ...times, work: 600_000 } })
        yield* bus.look
        const device = bus.device(RomId.fromStringUnsafe(attic))
        assert.isDefined(device)
        const property = device.chip.properties.get("temperature")
        assert.isDefined(property)
        const read = bus.read(device, { property, index: 0 }, { isUncached: false, convertedAt: undefined })
        // The pipes of the folder are watched by the clock of the system.
        const live = <A>(effect: Effect.Effect<A>) => TestClock.withLive(effect)
        const convert = Effect.gen(function*() {
          const written = yield* Effect.forkChild(live(fake.bulk(1)), { startImmediately: true })
          yield* bus.convertAll("temperature", "bus.0")
          yield* Fiber.join(written)
          // It has ended when the bus works for others.
          yield* bus.read(
            device,
            { property: device.chip.properties.get("power") ?? property, index: 0 },
            { isUncached: false, convertedAt: undefined }
          )
        })
        yield* convert
        yield* TestClock.adjust("15 seconds")
        const pipe = fake.pipe(attic, "temperature")
        const fresh = yield* Effect.forkChild(read)
        ;(yield* live(pipe.asked)).answer("1000\n")
        assert.deepStrictEqual(yield* Fiber.join(fresh), [1])
        // Nor does it take an old one for a sign of life.
        const latest = device.chip.properties.get("latesttemp")
        assert.isDefined(latest)
        const readLatest = (isUncached: boolean) =>
          bus.read(device, { property: latest, index: 0 }, { isUncached, convertedAt: undefined })
        yield* TestClock.adjust("15 seconds")
        assert.deepStrictEqual(yield* readLatest(true), [1])
        yield* TestClock.adjust(1)
        assert.deepStrictEqual(yield* readLatest(false), [1])
        const uncached = yield* Effect.forkChild(readLatest(true))
        ;(yield* live(pipe.asked)).answer("1500\n")
        assert.deepStrictEqual(yield* Fiber.join(uncached), [1.5])
        yield* convert
        yield* TestClock.adjust("16 seconds")
        const stale = yield* Effect.forkChild(read)
        ;(yield* live(pipe.asked)).answer("2000\n")
        ;(yield* live(pipe.asked)).answer("3000\n")
        assert.deepStrictEqual(yield* Fiber.join(stale), [3])
      }))

    it.live("measures anew if the chips could not be told", () =>
      Effect.gen(function*() {
        const { fake, ow } = yield* setUp({ [attic]: {} })
        assert.strictEqual((yield* ow.readText(`/${attic}/latesttemp`)).trim(), "21.5625")
        fake.setMaster(1, "therm_bulk_read", FakeW1.broken)
        fake.set(attic, "temperature", "4000\n")
        yield* ow.write("/simultaneous/temperature", "1")
        assert.strictEqual((yield* ow.readText(`/${attic}/latesttemp`)).trim(), "4")
      }))

    it.live("is not there if no bus can do it", () =>
      Effect.gen(function*() {
        const { ow } = yield* setUp({ [switches]: {} })
        assert.notInclude(yield* dir(ow, "/bus.0"), "/bus.0/simultaneous")
        assert.strictEqual(yield* refusal(ow.write("/simultaneous/temperature", "1")), -1)
      }))
  })

  it.live("lists the thermometers that were measured beyond their limits", () =>
    Effect.gen(function*() {
      const { bus, fake, ow } = yield* setUp({
        [attic]: FakeW1.thermometer(40, { high: 30, low: -10 }),
        [cellar]: FakeW1.thermometer(20, { high: 30, low: -10 }),
        [garage]: FakeW1.thermometer(-20, { high: 30, low: -10 }),
        "28.000028D70300": { ...FakeW1.thermometer(40), alarms: FakeW1.broken },
        [switches]: {}
      }, { isWritable: true })
      assert.deepStrictEqual(yield* dir(ow, "/alarm"), [])
      yield* Effect.forEach(
        [attic, cellar, garage, "28.000028D70300"],
        (id) => ow.readText(`/${id}/temperature`)
      )
      assert.deepStrictEqual((yield* dir(ow, "/alarm")).toSorted(), [`/alarm/${garage}`, `/alarm/${attic}`])
      yield* ow.write(`/${attic}/temphigh`, "41")
      assert.deepStrictEqual(yield* dir(ow, "/alarm"), [`/alarm/${garage}`])
      fake.remove(garage)
      assert.deepStrictEqual(yield* dir(ow, "/alarm"), [])
      assert.strictEqual(yield* Effect.flip(bus.alarms("bus.7")), -19)
    }))

  it.live("forgets what was no measurement", () =>
    Effect.gen(function*() {
      const { fake, ow } = yield* setUp({ [attic]: FakeW1.thermometer(20, { high: 30, low: 10 }) })
      yield* ow.readText(`/${attic}/temperature`)
      assert.deepStrictEqual(yield* dir(ow, "/alarm"), [])
      // The wire is held low.
      const low = Object.entries({ temperature: "0\n", alarms: "0 0\n", resolution: "9\n", w1_slave: "" })
      const before = low.map(([file]) => [file, fake.get(attic, file)] as const)
      for (const [file, content] of low) fake.set(attic, file, content)
      assert.strictEqual(yield* refusal(ow.readText(`/${attic}/temperature`)), -5)
      assert.strictEqual(yield* refusal(ow.readText(`/${attic}/latesttemp`)), -5)
      for (const [file, content] of before) fake.set(attic, file, content)
      assert.deepStrictEqual(yield* dir(ow, "/alarm"), [])
      assert.strictEqual((yield* ow.readText(`/${attic}/latesttemp`)).trim(), "20")
    }))

  it.live("reads names of devices from a file, and writes them there", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [attic]: {}, [cellar]: {} })
      const aliases = Path.join(Path.dirname(fake.folder), "aliases")
      Fs.writeFileSync(aliases, `# ours\n${attic} = attic\n`)
      const ow = yield* clientOf(busOf(fake, { aliases, isWritable: true }))
      assert.include(yield* dir(ow, "/"), "/attic")
      yield* ow.write(`/${cellar}/alias`, "cellar")
      assert.strictEqual(Fs.readFileSync(aliases, "utf8"), `# ours\n${attic} = attic\n${cellar} = cellar\n`)
      assert.strictEqual((yield* ow.readText("/cellar/temperature")).trim(), "21.5625")
      assert.strictEqual(yield* refusal(ow.write(`/${cellar}/alias`, "a\nb")), -22)
    }))

  it.live("keeps all names that several servers write into one file at the same time", () =>
    Effect.gen(function*() {
      const ids = Array.from({ length: 10 }, (_, at) => `28.0000000000${at}0`)
      const fake = yield* FakeW1.make(Object.fromEntries(ids.map((id) => [id, {}])))
      const aliases = Path.join(Path.dirname(fake.folder), "aliases")
      const one = yield* clientOf(busOf(fake, { aliases, isWritable: true }))
      const other = yield* clientOf(busOf(fake, { aliases, isWritable: true }))
      yield* Effect.forEach(
        ids,
        (id, at) => (at % 2 === 0 ? one : other).write(`/${id}/alias`, `name${at}`),
        { concurrency: 4 }
      )
      const lines = Fs.readFileSync(aliases, "utf8").trimEnd().split("\n")
      assert.deepStrictEqual(lines.toSorted(), ids.map((id, at) => `${id} = name${at}`))
      assert.isFalse(Fs.existsSync(`${aliases}.lock`))
    }))

  it.live("says that an answer may take time, so that a server sends keepalives", () =>
    Effect.gen(function*() {
      const { bus } = yield* setUp({})
      assert.isTrue(bus.isSlow)
    }))

  describe("in a hostile folder", () => {
    /** Asks for all that a client may ask for. The answers are values and codes. */
    const askAll = Effect.fnUntraced(function*(ow: OwClient.Client) {
      const names = [attic, cellar, garage, switches, "26.000000000001", "1D.000000000001", "23.000000000001"]
      const paths = ["/", "/bus.0", "/alarm", "/uncached", "/structure", ...names.map((name) => `/${name}`)]
      const outcomes: Array<string> = []
      for (const path of paths) {
        const found = yield* Effect.result(dir(ow, path))
        outcomes.push(
          found._tag === "Success" ? "ok" : yield* refusal(Effect.fail(found.failure)).pipe(Effect.map(String))
        )
        if (found._tag === "Failure" || !/\/\w\w\.\w{12}$/.test(path)) continue
        for (const property of found.success) {
          const text = yield* Effect.result(ow.read(property))
          outcomes.push(
            text._tag === "Success" ? "ok" : yield* refusal(Effect.fail(text.failure)).pipe(Effect.map(String))
          )
        }
      }
      return outcomes
    })

    const isTyped = (outcome: string): boolean => /^(?:ok|-\d+)$/.test(outcome)

    const chips = Object.fromEntries(
      [attic, cellar, garage, switches, "26.000000000001", "1D.000000000001", "23.000000000001"].map((id) => [id, {}])
    )

    const fills: Readonly<Record<string, FakeW1.Content>> = {
      "nothing": "",
      "a lot": Buffer.alloc(1_000_000, "1 "),
      "rubbish": Buffer.from(Array.from({ length: 700 }, (_, index) => (index * 7919) & 0xff)),
      "zeros": new Uint8Array(600),
      "a directory": FakeW1.broken,
      "control characters": "\u001b[2J\n\u0000\n",
      "a number that is none": "-\n",
      "a long number": `${"9".repeat(400)}\n`
    }

    for (const [name, content] of Object.entries(fills)) {
      it.live(`has an answer to everything with ${name} in each file`, () =>
        Effect.gen(function*() {
          const { fake, ow } = yield* setUp(chips, {
            isWritable: true,
            times: { ...times, look: 60_000, files: 60_000 }
          })
          for (const id of Object.keys(chips)) {
            for (const file of Fs.readdirSync(fake.path(id))) if (file !== "id") fake.set(id, file, content)
          }
          const outcomes = yield* askAll(ow)
          assert.isAbove(outcomes.length, 50)
          assert.deepStrictEqual(outcomes.filter((outcome) => !isTyped(outcome)), [])
          for (const id of [attic, switches]) {
            for (const property of ["temphigh", "tempres", "PIO.0", "latch.ALL"]) {
              const written = yield* Effect.result(ow.write(`/${id}/${property}`, "11"))
              if (written._tag === "Failure") assert.isBelow(Number(yield* refusal(Effect.fail(written.failure))), 0)
            }
          }
        }))
    }

    const masters: Readonly<Record<string, FakeW1.Content>> = {
      "nothing": null,
      "a directory": FakeW1.broken,
      "rubbish": Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) & 0xff)),
      "paths": "../../../etc\n28-0001d7280000/..\n/\n28-0001D7280000\n",
      "a lot": Buffer.alloc(1_000_000, "28-0001d7280000\n")
    }

    for (const [name, content] of Object.entries(masters)) {
      it.live(`has an answer to everything with ${name} in the list of devices`, () =>
        Effect.gen(function*() {
          const { fake, ow } = yield* setUp(chips, { times: { ...times, look: 60_000, files: 60_000 } })
          fake.setMaster(1, "w1_master_slaves", content)
          const outcomes = yield* askAll(ow)
          assert.deepStrictEqual(outcomes.filter((outcome) => !isTyped(outcome)), [])
        }))
    }

    it.live("ignores strange names", () =>
      Effect.gen(function*() {
        const { bus, fake, ow } = yield* setUp({ [attic]: {} })
        const devices = Path.join(fake.folder, "devices")
        Fs.symlinkSync("w1_bus_master9", Path.join(devices, "w1_bus_master9"))
        Fs.writeFileSync(Path.join(devices, "w1_bus_master8"), "")
        Fs.mkdirSync(Path.join(devices, "w1_bus_master7\n"))
        Fs.mkdirSync(fake.path(attic, "a\nb"))
        Fs.symlinkSync("loop", fake.path(attic, "loop"))
        assert.strictEqual((yield* ow.readText(`/${attic}/temperature`)).trim(), "21.5625")
        assert.strictEqual(bus.masters.length, 3)
        assert.strictEqual(yield* Effect.flip(bus.search("bus.1")), -19)
        assert.strictEqual(yield* Effect.flip(bus.search("bus.2")), -5)
      }))

    it.live("lets go of a bus master that vanishes while a chip measures", () =>
      Effect.gen(function*() {
        const { fake, ow } = yield* setUp({ [attic]: {}, [cellar]: {} }, {
          times: { ...times, look: 60_000, files: 60_000 }
        })
        yield* dir(ow, "/")
        const pipe = fake.pipe(attic, "temperature")
        const reading = yield* Effect.forkChild(refusal(ow.readText(`/${attic}/temperature`)))
        const { answer } = yield* pipe.asked
        const next = yield* Effect.forkChild(refusal(ow.readText(`/${cellar}/temperature`)))
        fake.removeMaster(1)
        answer("")
        assert.strictEqual(yield* Fiber.join(reading), -5)
        assert.strictEqual(yield* Fiber.join(next), -2)
        assert.strictEqual(yield* refusal(ow.readText(`/${cellar}/temperature`)), -1)
      }))

    it.live("answers from what it knows while the list of devices does not answer", () =>
      Effect.gen(function*() {
        const { fake, ow } = yield* setUp({ [attic]: {} }, { times: { ...times, lookLimit: 100 } })
        yield* dir(ow, "/")
        fake.pipeAt(fake.masterPath(1, "w1_master_slaves"))
        assert.strictEqual((yield* ow.readText(`/${attic}/temperature`)).trim(), "21.5625")
        assert.include(yield* dir(ow, "/"), `/${attic}`)
      }))

    it.live("has two hundred devices", () =>
      Effect.gen(function*() {
        const ids = Array.from(
          { length: 200 },
          (_, index) => `28.${index.toString(16).padStart(12, "0").toUpperCase()}`
        )
        const { bus, ow } = yield* setUp(Object.fromEntries(ids.map((id) => [id, {}])), {
          times: { ...times, look: 60_000, files: 60_000 }
        })
        const listed = (yield* dir(ow, "/")).filter((path) => path.startsWith("/28."))
        assert.strictEqual(listed.length, 200)
        const texts = yield* Effect.forEach(
          listed.slice(0, 50),
          (path) => ow.readText(`${path}/temperature`),
          { concurrency: "unbounded" }
        )
        assert.isTrue(texts.every((text) => text.trim() === "21.5625"))
        assert.strictEqual(bus.devicesAt("bus.0").length, 200)
      }))
  })
})
