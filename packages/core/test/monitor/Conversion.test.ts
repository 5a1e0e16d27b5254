import { Conversion, Device, Family, MessageType, type Observation, OwClient } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { Fault, type SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Clock, Context, Effect, Fiber, Layer, Schedule, Stream } from "effect"
import { pass, reason } from "../fixtures/scripted.ts"

/** A network whose chips take their time, a server for it, and a client of that. */
const serve = Effect.fnUntraced(function*(
  description: SimulatedNetwork.Description,
  options?: SimulatedServer.Options,
  client?: OwClient.Options
) {
  const context = yield* Layer.build(
    OwClient.layer(client).pipe(
      Layer.provideMerge(SimulatedServer.layer(description, { conversions: "real", ...options }))
    )
  )
  const server = Context.get(context, SimulatedServer.SimulatedServer)
  const ow = Context.get(context, OwClient.OwClient)
  /** What the server is asked for from now on. */
  const asked: Array<string> = []
  const plan = (faults: Fault.Plan) =>
    server.setFaults((request) => {
      const { path, type } = request
      if (!Fault.isOwn(type, path)) asked.push(`${type === MessageType.Write ? "write " : ""}${path}`)
      return faults(request)
    })
  yield* plan(() => undefined)
  const thermometers = (paths: ReadonlyArray<string>) =>
    Effect.provide(Effect.forEach(paths, (path) => Device.make(Families.DS18B20, path)), context)
  return { ow, network: server.network, server, asked, plan, thermometers, context }
})

const idOf = (n: number): string => `28.${n.toString(16).toUpperCase().padStart(12, "0")}`

const a = "28.00000000000A"
const b = "28.00000000000B"
const c = "28.00000000000C"

/** Lets time pass in steps, after each of which all that it set off has come to rest. */
const elapse = (millis: number) => Effect.repeat(pass("10 millis"), { times: millis / 10 - 1 })

/** All that comes of a stream, and how long that takes by the test's clock. */
const run = Effect.fnUntraced(function*<A, E>(stream: Stream.Stream<A, E>) {
  const startedAt = yield* Clock.currentTimeMillis
  const fiber = yield* Effect.forkChild(Effect.all([Stream.runCollect(stream), Clock.currentTimeMillis]))
  while (fiber.pollUnsafe() === undefined) yield* pass("10 millis")
  const [seen, endedAt] = yield* Fiber.join(fiber)
  return { seen, took: endedAt - startedAt }
})

/** The value of each device, or why there is none. */
const valuesOf = (seen: ReadonlyArray<Observation.Observation<number>>): Readonly<Record<string, number | string>> =>
  Object.fromEntries(seen.map((one) => [
    one.device.name,
    one._tag === "Reading" ? one.value : one.error._tag === "DeviceError" ? one.error.reason._tag : reason(one.error)
  ]))

/** What was written, and what was read by itself. */
const conversionsOf = (asked: ReadonlyArray<string>): ReadonlyArray<string> =>
  asked.filter((path) => path.startsWith("write ") || path.endsWith("/temperature"))

describe("convertAll", () => {
  it.effect("has a hundred thermometers of a bus measure in the time of one", () =>
    Effect.gen(function*() {
      const ids = Arr.makeBy(100, idOf)
      const { asked, network, thermometers } = yield* serve(
        Object.fromEntries(ids.map((id, n) => [id, { temperature: n / 2 }])),
        { cache: true }
      )
      const sensors = yield* thermometers(ids.map((id) => `/bus.0/${id}`))
      const { seen, took } = yield* run(Conversion.convertAll(sensors))
      assert.deepStrictEqual(valuesOf(seen), Object.fromEntries(ids.map((id, n) => [id, n / 2])))
      assert.isTrue(seen.every((one) => one.property === "temperature"))
      assert.deepStrictEqual(conversionsOf(asked), ["write /bus.0/simultaneous/temperature"])
      // A second for all to measure, and ten milliseconds on the bus for the power and for the value of each.
      assert.strictEqual(took, 10 + 1000 + 100 * (10 + 10))

      // While the server remembers how they are powered, it need not ask.
      yield* network.set(`${idOf(7)}/temperature`, -7)
      const again = yield* run(Conversion.convertAll(sensors, { flags: { uncached: true } }))
      assert.deepStrictEqual([valuesOf(again.seen)[idOf(7)], again.took], [-7, 10 + 1000 + 100 * 10])
    }))

  it.effect("waits for the slowest of the chips, whatever they were set to meanwhile", () =>
    Effect.gen(function*() {
      const { network, ow, thermometers } = yield* serve({
        [a]: { temperature: 1, tempres: 9 },
        [b]: { temperature: 2, tempres: 12 },
        [c]: { temperature: 3, tempres: 10 }
      })
      const sensors = yield* thermometers([a, b, c])
      assert.deepStrictEqual(valuesOf((yield* run(Conversion.convertAll(sensors))).seen), { [a]: 1, [b]: 2, [c]: 3 })

      const quick = [sensors[0], sensors[2]]
      yield* network.set(`${a}/temperature`, 4)
      yield* network.set(`${c}/temperature`, 6)
      const early = yield* run(Conversion.convertAll(quick, { wait: "200 millis" }))
      assert.deepStrictEqual([valuesOf(early.seen), early.took], [{ [a]: 4, [c]: 6 }, 230])

      // Somebody reads its temperature, and with that the server sets it to 12 bits.
      yield* run(Stream.fromEffect(ow.readText(`/${a}/temperature`)))
      yield* network.set(`${a}/temperature`, 7)
      assert.deepStrictEqual(valuesOf((yield* run(Conversion.convertAll(quick))).seen), { [a]: 7, [c]: 6 })
      yield* network.set(`${a}/temperature`, 8)
      const late = yield* run(Conversion.convertAll(quick, { wait: "200 millis" }))
      assert.deepStrictEqual(valuesOf(late.seen), { [a]: 7, [c]: 6 })
    }))

  it.effect("has other families measure too, and waits no longer than they need", () =>
    Effect.gen(function*() {
      const { context } = yield* serve({
        "10.000010EF0000": { temperature: 1 },
        "22.000022DD0000": { temperature: 2 },
        "3B.00003BC40000": { temperature: 3 },
        "42.000042BD0000": { temperature: 4 },
        "26.000026D90000": { temperature: 5 },
        "1E.00001EE10000": { temperature: 6 }
      })
      const [monitor, other, ...rest] = yield* Effect.provide(
        Effect.all([
          Device.make(Families.DS2438, "26.000026D90000"),
          Device.make(Families.DS2437, "1E.00001EE10000"),
          Device.make(Families.DS18S20, "10.000010EF0000"),
          Device.make(Families.DS1822, "22.000022DD0000"),
          Device.make(Families.DS1825, "3B.00003BC40000"),
          Device.make(Families.DS28EA00, "42.000042BD0000")
        ]),
        context
      )
      const all = yield* run(Conversion.convertAll([monitor, other, ...rest]))
      assert.deepStrictEqual(Object.values(valuesOf(all.seen)), [5, 6, 1, 2, 3, 4])
      assert.strictEqual((yield* run(Conversion.convertAll([monitor, other]))).took, 10 + 10 + 2 * 10)
    }))

  it.effect("has several buses measure side by side", () =>
    Effect.gen(function*() {
      const paths = Arr.makeBy(30, (n) => `/bus.${n % 3}/${idOf(n)}`)
      const { asked, thermometers } = yield* serve(
        Object.fromEntries(paths.map((path, n) => [path, { temperature: n }]))
      )
      const { seen, took } = yield* run(Conversion.convertAll(yield* thermometers(paths)))
      assert.deepStrictEqual(
        new Map(Object.entries(valuesOf(seen))),
        new Map(paths.map((_, n) => [idOf(n), n]))
      )
      assert.strictEqual(took, 10 + 1000 + 10 * (10 + 10))
      assert.deepStrictEqual(
        conversionsOf(asked).toSorted(),
        [0, 1, 2].map((bus) => `write /bus.${bus}/simultaneous/temperature`)
      )
    }))

  it.effect("takes all buses of a server for one where it does not know them", () =>
    Effect.gen(function*() {
      const { asked, thermometers } = yield* serve({
        [a]: { temperature: 1 },
        [`/bus.1/${b}`]: { temperature: 2 },
        [`/bus.2/${c}`]: { temperature: 3 }
      })
      const sensors = yield* thermometers([a, `/bus.1/${b}`, c])
      const { seen } = yield* run(Conversion.convertAll(sensors))
      assert.deepStrictEqual(valuesOf(seen), { [a]: 1, [b]: 2, [c]: 3 })
      assert.deepStrictEqual(conversionsOf(asked), ["write /simultaneous/temperature"])
    }))

  it.effect("does not tell a bus behind another server what it has told all of them", () =>
    Effect.gen(function*() {
      const { asked, context } = yield* serve({})
      const sensors = yield* Effect.provide(
        Effect.forEach(
          ["/bus.1/bus.0", "/bus.1", "/bus.10", "/bus.2/bus.0", "/bus.2/bus.1"],
          (bus) => Device.make(Families.DS2438, `${bus}/26.000026D90000`)
        ),
        context
      )
      yield* run(Conversion.convertAll(sensors))
      assert.deepStrictEqual(
        asked.filter((path) => path.startsWith("write")).toSorted(),
        ["bus.1", "bus.10", "bus.2/bus.0", "bus.2/bus.1"].map((bus) => `write /${bus}/simultaneous/temperature`)
      )
    }))

  it.effect("has one after another measure where one is on parasite power", () =>
    Effect.gen(function*() {
      const { asked, thermometers } = yield* serve({
        [a]: { temperature: 1 },
        [b]: { temperature: 2, power: false },
        [`/bus.1/${c}`]: { temperature: 3 }
      })
      const sensors = yield* thermometers([`/bus.0/${a}`, `/bus.0/${b}`, `/bus.1/${c}`])
      const { seen, took } = yield* run(Conversion.convertAll(sensors))
      assert.deepStrictEqual(seen.map(({ device }) => device.name), [a, c, b])
      assert.deepStrictEqual(valuesOf(seen), { [a]: 1, [b]: 2, [c]: 3 })
      assert.strictEqual(took, 2 * 10 + 2 * 760)
      assert.deepStrictEqual(conversionsOf(asked), [
        "write /bus.1/simultaneous/temperature",
        `/bus.0/${a}/temperature`,
        `/bus.0/${b}/temperature`
      ])
    }))

  describe("asks for the power of a chip", () => {
    const serveTwo = Effect.gen(function*() {
      const { asked, network, server, thermometers } = yield* serve(
        { [a]: { temperature: 1 }, [b]: { temperature: 2 } },
        { cache: true }
      )
      const sensors = yield* thermometers([`/bus.0/${a}`, `/bus.0/${b}`])
      const asks = Effect.fnUntraced(function*(options?: Conversion.Options) {
        const { seen } = yield* run(Conversion.convertAll(sensors, options))
        const about = asked.splice(0)
        return {
          values: valuesOf(seen),
          power: about.filter((path) => path.endsWith("/power")),
          alone: conversionsOf(about).filter((path) => !path.startsWith("write "))
        }
      })
      return { asks, network, server }
    })
    const [ofA, ofB] = [a, b].map((id) => `/bus.0/${id}/power`)
    const fine = { values: { [a]: 1, [b]: 2 }, power: [], alone: [] }

    it.effect("when it is seen first, and every five minutes", () =>
      Effect.gen(function*() {
        const { asks, network } = yield* serveTwo
        assert.deepStrictEqual(yield* asks(), { ...fine, power: [ofA, ofB] })
        // Somebody takes its supply away.
        yield* network.set(`${b}/power`, false)
        yield* pass("200 seconds")
        yield* asks()
        yield* pass("99 seconds")
        // What the server remembers has grown old, too.
        const starved = yield* asks()
        assert.deepStrictEqual(starved.power, [ofA, ofB])
        assert.deepStrictEqual(starved.alone, [`/bus.0/${a}/temperature`, `/bus.0/${b}/temperature`])
        assert.deepStrictEqual(starved.values, { [a]: 1, [b]: 2 })
        assert.deepStrictEqual((yield* asks()).power, [])
      }))

    for (const implausible of ["keep", "readAgain", "reject"] as const) {
      it.effect(`when it shows what is implausible, past the server's cache, also to ${implausible} it`, () =>
        Effect.gen(function*() {
          const { asks, network } = yield* serveTwo
          yield* asks({ implausible })
          assert.deepStrictEqual(yield* asks({ implausible }), fine)
          // It has lost its supply: it takes part in the command, and shows what it began with.
          yield* network.set(`${b}/power`, false)
          yield* network.set(`${b}/latesttemp`, 85)
          assert.deepStrictEqual((yield* asks({ implausible })).power, [])
          const { alone, power } = yield* asks({ implausible })
          assert.deepStrictEqual(power, [ofB])
          assert.deepStrictEqual(alone, [`/bus.0/${a}/temperature`, `/bus.0/${b}/temperature`])
        }))
    }

    it.effect("when it has failed by itself, and not when the server has", () =>
      Effect.gen(function*() {
        const { asks, network, server } = yield* serveTwo
        yield* asks()
        yield* server.stop
        assert.deepStrictEqual((yield* asks()).values, { [a]: "Connect", [b]: "Connect" })
        yield* server.start
        yield* pass("10 seconds")
        assert.deepStrictEqual(yield* asks(), fine)
        yield* network.vanish(b)
        assert.deepStrictEqual(yield* asks(), { ...fine, values: { [a]: 1, [b]: "NotFound" } })
        yield* network.appear(`/bus.0/${b}`)
        assert.deepStrictEqual(yield* asks(), { ...fine, power: [ofB] })
        assert.deepStrictEqual(yield* asks(), fine)
      }))
  })

  it.effect("reads one by one what is behind couplers, after the others of its bus", () =>
    Effect.gen(function*() {
      const inner = `/1F.00001FE00400/main/${a}`
      const { asked, thermometers } = yield* serve({
        [inner]: { temperature: 1, power: false },
        [b]: { temperature: 2 },
        [`/bus.1/${c}`]: { temperature: 3 }
      })
      const sensors = yield* thermometers([`/bus.0${inner}`, `/bus.0/${b}`, `/bus.1/${c}`, inner])
      const { seen, took } = yield* run(Conversion.convertAll(sensors))
      assert.deepStrictEqual(valuesOf(seen), { [a]: 1, [b]: 2, [c]: 3 })
      assert.strictEqual(seen.length, 4)
      assert.deepStrictEqual(conversionsOf(asked), [
        `${inner}/temperature`,
        "write /bus.0/simultaneous/temperature",
        "write /bus.1/simultaneous/temperature",
        `/bus.0${inner}/temperature`
      ])
      assert.isBelow(took, 3000)
    }))

  describe("tells of", () => {
    it.effect("a thermometer that is not there, and of the others' values", () =>
      Effect.gen(function*() {
        const { network, thermometers } = yield* serve(
          { [a]: { temperature: 1 }, [b]: { temperature: 2 } },
          { cache: true }
        )
        const sensors = yield* thermometers([a, b, c])
        const measured = Effect.map(run(Conversion.convertAll(sensors)), ({ seen, took }) => [valuesOf(seen), took])
        assert.deepStrictEqual(yield* measured, [{ [a]: 1, [b]: 2, [c]: "NotFound" }, 10 + 1000 + 2 * (10 + 10)])

        // The server remembers its power, and that it is there.
        yield* network.vanish(a)
        assert.deepStrictEqual(yield* measured, [{ [a]: "NotFound", [b]: 2, [c]: "NotFound" }, 10 + 1000 + 2 * 10])
      }))

    it.effect("each thermometer of a bus that does not work", () =>
      Effect.gen(function*() {
        const { network, thermometers } = yield* serve({
          [a]: { temperature: 1 },
          [b]: { temperature: 2 },
          [`/bus.1/${c}`]: { temperature: 3 }
        })
        const sensors = yield* thermometers([`/bus.0/${a}`, `/bus.0/${b}`, `/bus.1/${c}`])
        yield* network.breakBus(0, -5)
        const { seen } = yield* run(Conversion.convertAll(sensors))
        assert.deepStrictEqual(valuesOf(seen), { [a]: "BusFault", [b]: "BusFault", [c]: 3 })
        const failure = seen.find((one) => one.device.name === a)
        assert.deepInclude(failure, { _tag: "Failed", property: "temperature", device: sensors[0] })
      }))

    it.effect("a bus that breaks while its chips measure", () =>
      Effect.gen(function*() {
        const { network, thermometers } = yield* serve({ [a]: { temperature: 1 } })
        const stream = Conversion.convertAll(yield* thermometers([a]))
        const fiber = yield* Effect.forkChild(Stream.runCollect(stream))
        yield* elapse(500)
        yield* network.breakBus(0, -5)
        yield* elapse(1000)
        assert.deepStrictEqual(valuesOf(yield* Fiber.join(fiber)), { [a]: "BusFault" })
      }))

    it.effect("a server that does not answer, once for all", () =>
      Effect.gen(function*() {
        const ids = Arr.makeBy(50, idOf)
        const { asked, plan, server, thermometers } = yield* serve(Object.fromEntries(ids.map((id) => [id, {}])))
        const sensors = yield* thermometers(ids)
        const all = (why: string) => Object.fromEntries(ids.map((id) => [id, why]))

        // Whether they measure is not known, and nothing is asked of them.
        yield* plan(Fault.ofType(MessageType.Write, Fault.every(1, Fault.Fault.Silence())))
        const silent = yield* run(Conversion.convertAll(sensors))
        assert.deepStrictEqual(valuesOf(silent.seen), all("Silence"))
        assert.deepStrictEqual(asked.filter((path) => !path.endsWith("/power")), ["write /simultaneous/temperature"])

        // To find out takes five seconds.
        yield* server.pause
        const gone = yield* run(Conversion.convertAll(sensors))
        assert.deepStrictEqual([valuesOf(gone.seen), gone.took], [all("Silent"), 5000])
      }))

    it.effect("a wait that makes no sense, before anything is asked", () =>
      Effect.gen(function*() {
        const { asked, thermometers } = yield* serve({ [a]: { temperature: 1 } })
        for (const sensors of [yield* thermometers([a]), []]) {
          for (const wait of ["soon", -1, 0] as const) {
            // What has no types to tell it may say anything.
            const stream = Conversion.convertAll(sensors, { wait: wait as number })
            const error = yield* Effect.flip(Stream.runDrain(stream))
            assert.match(error.message, /^Conversion\.convertAll: wait must be a duration above zero, not /)
          }
        }
        assert.deepStrictEqual(asked, [])
      }))
  })

  it.effect("has each measure by itself where the server does not have them measure together", () =>
    Effect.gen(function*() {
      const { asked, plan, thermometers } = yield* serve({ [a]: { temperature: 1 }, [b]: { temperature: 2 } })
      yield* plan(Fault.ofType(MessageType.Write, Fault.every(1, Fault.Fault.Refuse({ code: -30 }))))
      const { seen } = yield* run(Conversion.convertAll(yield* thermometers([a, b])))
      assert.deepStrictEqual(valuesOf(seen), { [a]: 1, [b]: 2 })
      assert.deepStrictEqual(conversionsOf(asked), [
        "write /simultaneous/temperature",
        `/${a}/temperature`,
        `/${b}/temperature`
      ])
    }))

  it.effect("tries to have them measure together as often as the call is told to", () =>
    Effect.gen(function*() {
      const { asked, plan, thermometers } = yield* serve({ [a]: { temperature: 1 } })
      yield* plan(Fault.ofType(MessageType.Write, Fault.first(2, Fault.Fault.Refuse({ code: -5 }))))
      const stream = Conversion.convertAll(yield* thermometers([a]), { retry: Schedule.spaced("10 millis") })
      assert.deepStrictEqual(valuesOf((yield* run(stream)).seen), { [a]: 1 })
      assert.deepStrictEqual(conversionsOf(asked), Arr.replicate("write /simultaneous/temperature", 3))
    }))

  it.effect("reads what was measured, and not what the server remembers", () =>
    Effect.gen(function*() {
      const { network, thermometers } = yield* serve({ [a]: { temperature: 1 } }, { cache: true })
      const sensors = yield* thermometers([a])
      for (const temperature of [2, 3]) {
        yield* network.set(`${a}/temperature`, temperature)
        const options = { flags: { temperatureScale: "K", uncached: false } } as const
        const { seen } = yield* run(Conversion.convertAll(sensors, options))
        assert.deepStrictEqual(valuesOf(seen), { [a]: 273.15 + temperature })
      }
    }))

  describe("takes an implausible value", () => {
    /** One whose power is too weak to measure together with others, though it says that it has some. */
    const network = {
      [a]: { temperature: 1, latesttemp: 85 },
      [b]: { temperature: 2 },
      [c]: { temperature: 85 }
    }
    const measured = (options?: Conversion.Options) =>
      Effect.gen(function*() {
        const { asked, thermometers } = yield* serve(network)
        const { seen } = yield* run(Conversion.convertAll(yield* thermometers([a, b, c]), options))
        const verdicts = seen.map((one) => one._tag === "Reading" ? one.verdict._tag : one._tag)
        return { values: Object.values(valuesOf(seen)), verdicts, alone: conversionsOf(asked).slice(1) }
      })

    it.effect("for what it is, unless it is told otherwise", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* measured(), {
          values: [85, 2, 85],
          verdicts: ["PowerOn", "Plausible", "PowerOn"],
          alone: []
        })
      }))

    it.effect("for a failure", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* measured({ implausible: "reject" }), {
          values: ["Implausible", 2, "Implausible"],
          verdicts: ["Failed", "Plausible", "Failed"],
          alone: []
        })
      }))

    it.effect("for a reason to have the chip measure once more by itself", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* measured({ implausible: "readAgain" }), {
          values: [1, 2, 85],
          verdicts: ["Plausible", "Plausible", "PowerOn"],
          alone: [`/${a}/temperature`, `/${c}/temperature`]
        })
      }))
  })

  it.effect("is repeated by any schedule, and keeps quiet in between and when nobody listens", () =>
    Effect.gen(function*() {
      const { asked, network, thermometers } = yield* serve({ [a]: { temperature: 1 }, [b]: { temperature: 2 } })
      const seen: Array<Observation.Observation<number>> = []
      const stream = Stream.repeat(Conversion.convertAll(yield* thermometers([a, b])), Schedule.spaced("1 minute"))
      const fiber = yield* Effect.forkChild(Stream.runForEach(stream, (one) => Effect.sync(() => seen.push(one))))
      yield* elapse(2000)
      assert.deepStrictEqual([seen.length, asked.length], [2, 5])
      yield* network.breakBus(0, -5)
      yield* pass("57 seconds")
      assert.strictEqual(asked.length, 5)
      yield* elapse(4000)
      assert.deepStrictEqual(valuesOf(seen.slice(2)), { [a]: "BusFault", [b]: "BusFault" })
      yield* network.breakBus(0)
      yield* pass("57 seconds")
      yield* elapse(4000)
      assert.deepStrictEqual(valuesOf(seen.slice(4)), { [a]: 1, [b]: 2 })

      // The command is out, and nobody will ask for the values.
      yield* pass("57 seconds")
      while (!asked.at(-1)?.startsWith("write")) yield* pass("10 millis")
      const before = asked.length
      yield* Fiber.interrupt(fiber)
      yield* pass("10 minutes")
      assert.deepStrictEqual([seen.length, asked.length], [6, before])
    }))

  it.effect("asks for no more than is taken", () =>
    Effect.gen(function*() {
      const ids = Arr.makeBy(40, idOf)
      const { asked, thermometers } = yield* serve(Object.fromEntries(ids.map((id) => [id, { temperature: 1 }])))
      const { seen } = yield* run(
        Conversion.convertAll(yield* thermometers(ids)).pipe(
          Stream.tap(() => Effect.sleep("1 second")),
          Stream.take(3)
        )
      )
      assert.strictEqual(seen.length, 3)
      assert.isAtMost(asked.filter((path) => path.endsWith("/latesttemp")).length, 5)
    }))

  it.effect("has nothing to do with devices that do not measure on command", () =>
    Effect.gen(function*() {
      const { asked, context } = yield* serve({ [a]: {} })
      const relay = yield* Effect.provide(Device.make(Families.DS2408, "29.000029D60300"), context)
      const anything = yield* Effect.provide(Device.make(Family.unknown, a), context)
      const streams = [
        // @ts-expect-error It has no temperature.
        Conversion.convertAll([relay]),
        // @ts-expect-error Whether it has one is not known.
        Conversion.convertAll([anything]),
        Conversion.convertAll([])
      ]
      assert.deepStrictEqual([(yield* run(streams[2])).seen, asked], [[], []])
    }))
})
