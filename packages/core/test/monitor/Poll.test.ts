import { Device, MessageType, OwClient, OwError } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import type * as Observation from "@effect-ownet/core/monitor/Observation"
import * as Poll from "@effect-ownet/core/monitor/Poll"
import { Fault, SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it, layer } from "@effect/vitest"
import { Clock, Cron, Duration, Effect, Fiber, Layer, Random, Schedule, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { expectTypeOf } from "vitest"
import { leavesNothing } from "../../../../test/fixtures/census.ts"

const { Close, Delay, Refuse } = Fault.Fault

/** A client, and the server that it is connected to. */
const house = (
  network: SimulatedNetwork.Description | SimulatedNetwork.SimulatedNetwork,
  options?: SimulatedServer.Options
) => OwClient.layer().pipe(Layer.provideMerge(SimulatedServer.layer(network, options)))

/** Lets fibers that wait for nothing but each other come to rest. */
const settle = Effect.repeat(Effect.yieldNow, { times: 100 })

/** Lets time pass in steps, so that whatever a step sets off is over before the next one. */
const pass = (duration: Duration.Input, step: Duration.Input = "1 second") =>
  Effect.repeat(Effect.andThen(TestClock.adjust(step), settle), {
    times: Duration.toMillis(duration) / Duration.toMillis(step) - 1
  })

const idOf = (n: number): string => `28.${n.toString(16).toUpperCase().padStart(12, "0")}`

const thermometers = (paths: ReadonlyArray<string>) =>
  Effect.forEach(
    paths,
    (path) => Effect.map(Device.make(Families.DS18B20, path), (device) => device.property("temperature"))
  )

/** Follows a stream while the test goes on. */
const follow = Effect.fnUntraced(function*<A, E>(stream: Stream.Stream<A, E>) {
  const seen: Array<A> = []
  const fiber = yield* Effect.forkChild(Stream.runForEach(stream, (one) => Effect.sync(() => seen.push(one))))
  yield* settle
  // Several buses begin a millisecond later.
  yield* TestClock.adjust("1 millis")
  yield* settle
  return { seen, fiber }
})

const secondOf = (date: Date): number => Math.floor(date.getTime() / 10) / 100

const reasonOf = (error: Device.Failure): string => "reason" in error ? error.reason._tag : error._tag

/** The second of an observation, and what it says. */
const said = (seen: Observation.Observation): string =>
  `${secondOf(seen.at)} ${seen._tag === "Failed" ? reasonOf(seen.error) : seen.value}`

const secondsOf = (seen: ReadonlyArray<Observation.Observation>): ReadonlyArray<number> =>
  seen.map(({ at }) => secondOf(at))

const of = (seen: ReadonlyArray<Observation.Observation>, path: string) =>
  seen.filter(({ device }) => device.path === path)

/** Which reads a server has at the same time: from when each comes to when its value is due. */
class Traffic {
  readonly reads: Array<string> = []
  private readonly busy = new Map<string, Set<string>>()
  private readonly most = new Map<string, number>()
  mostAtAll = 0

  readonly plan = (each: Fault.Plan): Fault.Plan => (asked) => {
    if (asked.type !== MessageType.Read || Fault.isOwn(asked.type, asked.path)) return undefined
    this.reads.push(asked.path)
    const [, bus = ""] = /^\/(bus\.\d+)/.exec(asked.path) ?? []
    const busy = this.busy.get(bus) ?? new Set<string>()
    this.busy.set(bus, busy.add(asked.path))
    this.most.set(bus, Math.max(this.most.get(bus) ?? 0, busy.size))
    this.mostAtAll = Math.max(this.mostAtAll, [...this.busy.values()].reduce((sum, { size }) => sum + size, 0))
    return each(asked)
  }

  readonly answer = (path: string, value: number) => (): number => {
    for (const busy of this.busy.values()) busy.delete(`${path}/temperature`)
    return value
  }

  get mostOfEach(): Record<string, number> {
    return Object.fromEntries(this.most)
  }
}

const seconds = (count: number) => Delay({ duration: Duration.seconds(count) })

const twoSensors = [`/bus.0/${idOf(1)}`, `/bus.0/${idOf(2)}`]

describe("poll", () => {
  for (const buses of [1, 2]) {
    it.effect(`keeps to the time where a test lets an hour pass at once, on ${buses === 1 ? "a bus" : "two buses"}`, () =>
      Effect.gen(function*() {
        const paths = Array.from({ length: 60 }, (_, n) => `/bus.${n % buses}/${idOf(n)}`)
        const network = Object.fromEntries(paths.map((path) => [path, { temperature: 20 }]))
        const program = Effect.gen(function*() {
          let rounds = 0
          const observations = Poll.poll(yield* thermometers(paths), "1 minute", { jitter: 0 })
          yield* Effect.forkChild(Stream.runForEach(observations, () => Effect.sync(() => rounds += 1 / paths.length)))
          yield* TestClock.adjust("1 hour")
          yield* TestClock.adjust("1 second")
          assert.strictEqual(Math.round(rounds), 61)
        })
        yield* Effect.provide(program, house(network))
      }))
  }

  it.effect("reads properties of any type at once, and then again and again", () =>
    Effect.gen(function*() {
      const kitchen = yield* Device.make(Families.DS18B20, "28.000028D70100")
      const relay = yield* Device.make(Families.DS2408, "29.000029D60300")
      const stream = Poll.poll([kitchen.property("temperature"), relay.property("PIO.ALL")], "10 seconds", {
        jitter: 0
      })
      expectTypeOf(stream).toEqualTypeOf<
        Stream.Stream<Observation.Observation<number | ReadonlyArray<boolean>>, OwError.ArgumentError>
      >()
      const any: ReadonlyArray<Device.DeviceProperty> = [kitchen.property("temperature"), relay.property("PIO.ALL")]
      expectTypeOf(Poll.poll(any, { minutes: 1 })).toEqualTypeOf<
        Stream.Stream<Observation.Observation, OwError.ArgumentError>
      >()
      const { seen } = yield* follow(stream)
      assert.deepStrictEqual(seen, [
        {
          _tag: "Reading",
          device: kitchen,
          property: "temperature",
          value: 21.5,
          unit: "°C",
          at: new Date(0),
          verdict: { _tag: "Plausible" }
        },
        {
          _tag: "Reading",
          device: relay,
          property: "PIO.ALL",
          value: [true, false, true, false, false, false, false, false],
          unit: undefined,
          at: new Date(0),
          verdict: { _tag: "Plausible" }
        }
      ])
      yield* pass("20 seconds")
      assert.deepStrictEqual(secondsOf(seen), [0, 0, 10, 10, 20, 20])
    }).pipe(Effect.provide(house({ "28.000028D70100": { temperature: 21.5 }, "29.000029D60300": { "PIO.BYTE": 5 } }))))

  it.effect("reads one thing after another on each bus, and on several buses at the same time", () =>
    Effect.gen(function*() {
      const traffic = new Traffic()
      const paths = Array.from({ length: 9 }, (_, n) => `/bus.${n % 3}/${idOf(n)}`)
      const network = Object.fromEntries(paths.map((path, n) => [path, { temperature: traffic.answer(path, n) }]))
      const program = Effect.gen(function*() {
        const { seen } = yield* follow(Poll.poll(yield* thermometers(paths), "10 seconds", { jitter: 0 }))
        yield* pass("1 minute")
        assert.deepStrictEqual(traffic.mostOfEach, { "bus.0": 1, "bus.1": 1, "bus.2": 1 })
        assert.strictEqual(traffic.mostAtAll, 3)
        assert.deepStrictEqual(secondsOf(of(seen, `/bus.1/${idOf(4)}`)), [2, 12, 22, 32, 42, 52])
        assert.strictEqual(seen.length, 6 * 9)
      })
      yield* Effect.provide(program, house(network, { faults: traffic.plan(() => seconds(1)) }))
    }))

  it.effect("takes devices whose bus is not known for one bus of each client, read as many at a time as is said", () =>
    Effect.gen(function*() {
      const paths = Array.from({ length: 6 }, (_, n) => `/${idOf(n)}`)
      const most = Effect.fnUntraced(function*(options?: Poll.Options) {
        const started = yield* Clock.currentTimeMillis
        const traffic = new Traffic()
        const network = Object.fromEntries(paths.map((path, n) => [path, { temperature: traffic.answer(path, n) }]))
        const program = Effect.gen(function*() {
          const own = yield* thermometers(paths.slice(0, 3))
          const other = yield* OwClient.make()
          const others = yield* Effect.provideService(thermometers(paths.slice(3)), OwClient.OwClient, other)
          const { seen } = yield* follow(Poll.poll([...own, ...others], "10 seconds", options))
          yield* pass("6 seconds")
          assert.strictEqual(seen.filter(({ _tag }) => _tag === "Reading").length, 6)
          return [traffic.mostAtAll, Math.round(Math.max(...secondsOf(seen)) - started / 1000)]
        })
        return yield* Effect.provide(program, house(network, { faults: traffic.plan(() => seconds(1)) }))
      })
      assert.deepStrictEqual(yield* most(), [2, 3])
      assert.deepStrictEqual(yield* most({ concurrency: 2 }), [4, 2])
      assert.deepStrictEqual(yield* most({ concurrency: 100 }), [6, 1])
    }))

  it.effect("begins no round before the last one is over, and makes up for none", () =>
    Effect.gen(function*() {
      const paths = [0, 1, 2].map((n) => `/bus.0/${idOf(n)}`)
      const program = Effect.gen(function*() {
        const { seen } = yield* follow(Poll.poll(yield* thermometers(paths), "4 seconds", { jitter: 0 }))
        yield* pass("20 seconds")
        assert.deepStrictEqual(seen.map(({ device }) => device.path), [...paths, ...paths, ...paths, ...paths])
        // The second round took nine seconds, from 4 on; the third one was due at 8.
        assert.deepStrictEqual(secondsOf(seen), [1, 2, 3, 11, 12, 13, 14, 15, 16, 18, 19, 20])
      })
      const network = Object.fromEntries(paths.map((path) => [path, { temperature: 20 }]))
      const faults = Fault.ofType(MessageType.Read, ({ index }) => seconds(index === 3 ? 7 : 1))
      yield* Effect.provide(program, house(network, { faults }))
    }))

  it.effect("waits for chips that measure", () =>
    Effect.gen(function*() {
      const traffic = new Traffic()
      const paths = [0, 1, 2, 3].map((n) => `/bus.0/${idOf(n)}`)
      const network = Object.fromEntries(paths.map((path, n) => [path, { temperature: traffic.answer(path, 20 + n) }]))
      const program = Effect.gen(function*() {
        const { seen } = yield* follow(Poll.poll(yield* thermometers(paths), "1 second"))
        yield* pass("30 seconds", "250 millis")
        assert.isAbove(seen.length, 4 * 5)
        for (const [at, one] of seen.entries()) {
          assert.strictEqual(one.device.path, paths[at % 4])
          assert.strictEqual(one._tag === "Reading" && one.value, 20 + at % 4)
        }
        assert.strictEqual(traffic.mostAtAll, 1)
      })
      const faults = traffic.plan(() => undefined)
      yield* Effect.provide(program, house(network, { conversions: "real", faults }))
    }))

  it.effect("lets no bus wait for a slow one", () =>
    Effect.gen(function*() {
      const [slow, quick] = [`/bus.0/${idOf(0)}`, `/bus.1/${idOf(1)}`]
      const program = Effect.gen(function*() {
        const { seen } = yield* follow(Poll.poll(yield* thermometers([slow, quick]), "5 seconds", { jitter: 0 }))
        yield* pass("1 minute")
        assert.deepStrictEqual(secondsOf(of(seen, slow)), [20, 40, 60])
        assert.deepStrictEqual(secondsOf(of(seen, quick)), [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60])
      })
      const faults: Fault.Plan = ({ path }) => path.startsWith(slow) ? seconds(20) : undefined
      yield* Effect.provide(program, house({ [slow]: {}, [quick]: {} }, { faults }))
    }))

  describe("schedules", () => {
    const network = { [twoSensors[0]]: { temperature: 20 } }
    /** When rounds were over that take a second each. */
    const rounds = Effect.fnUntraced(function*<E>(
      schedule: Duration.Input | Schedule.Schedule<unknown, unknown, E>,
      duration: Duration.Input,
      options: Poll.Options = { jitter: 0 }
    ) {
      const started = yield* Clock.currentTimeMillis
      const properties = yield* thermometers(twoSensors.slice(0, 1))
      const { fiber, seen } = yield* follow(Poll.poll(properties, schedule, options))
      yield* pass(duration)
      return { fiber, ends: seen.map(({ at }) => (at.getTime() - started) / 1000) }
    })
    const slowly = Effect.provide(house(network, { faults: Fault.every(1, seconds(1)) }))

    it.effect("takes a duration from the beginning of a round to that of the next", () =>
      Effect.gen(function*() {
        // One poll after the other: two that ask a device at the same time wait for each other.
        const endsOf = (schedule: Duration.Input, duration: Duration.Input) =>
          Effect.flatMap(rounds(schedule, duration), ({ ends, fiber }) => Effect.as(Fiber.interrupt(fiber), ends))
        assert.deepStrictEqual(yield* endsOf("10 seconds", "40 seconds"), [1, 11, 21, 31])
        assert.deepStrictEqual(yield* endsOf({ seconds: 5 }, "10 seconds"), [1, 6])
        assert.deepStrictEqual(yield* endsOf(Infinity, "30 seconds"), [1])
      }).pipe(slowly))

    it.effect("asks a schedule when a round is over", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* rounds(Schedule.spaced("10 seconds"), "40 seconds")).ends, [1, 12, 23, 34])
        const growing = Schedule.exponential("2 seconds")
        assert.deepStrictEqual((yield* rounds(growing, "40 seconds")).ends, [1, 4, 9, 18, 35])
      }).pipe(slowly))

    it.effect("keeps to the wall clock", () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(Date.UTC(2026, 0, 1, 12, 0, 50))
        const cron = Schedule.cron(Cron.parseUnsafe("* * * * *", "UTC"))
        assert.deepStrictEqual((yield* rounds(cron, "150 seconds")).ends, [1, 11, 71, 131])
      }).pipe(slowly))

    it.effect("ends with its schedule, or fails with it", () =>
      Effect.gen(function*() {
        const { ends, fiber } = yield* rounds(Schedule.recurs(2), "5 seconds")
        yield* Fiber.join(fiber)
        assert.deepStrictEqual(ends, [1, 2, 3])
        const broken = yield* rounds(Schedule.cron("every now and then"), "5 seconds")
        const error = yield* Effect.flip(Fiber.join(broken.fiber))
        assert.strictEqual(error._tag, "CronParseError")
        assert.deepStrictEqual(broken.ends, [1])
      }).pipe(slowly))

    it.effect("lets no clock that is set hold up a round", () =>
      Effect.gen(function*() {
        const clock = yield* Clock.Clock
        let correction = 0
        const currentTimeMillisUnsafe = () => clock.currentTimeMillisUnsafe() + correction
        const program = Effect.gen(function*() {
          const { fiber, seen } = yield* follow(Poll.poll(yield* thermometers(twoSensors.slice(0, 1)), "10 seconds"))
          yield* pass("25 seconds")
          correction = -3_600_000
          yield* pass("25 seconds")
          correction = 3_600_000
          yield* pass("25 seconds")
          yield* Fiber.interrupt(fiber)
          assert.strictEqual(seen.length, 8)
        })
        yield* Effect.provideService(program, Clock.Clock, {
          ...clock,
          currentTimeMillisUnsafe,
          currentTimeMillis: Effect.sync(currentTimeMillisUnsafe)
        })
      }).pipe(slowly))

    /** By how many milliseconds each of 25 rounds was late. */
    const lateness = (seed: string, schedule: Duration.Input, options?: Poll.Options) =>
      Effect.gen(function*() {
        const started = yield* Clock.currentTimeMillis
        const properties = yield* thermometers(twoSensors.slice(0, 1))
        const poll = Poll.poll(properties, schedule, options).pipe(Stream.take(25), Stream.runCollect)
        const fiber = yield* Effect.forkChild(Random.withSeed(poll, seed))
        yield* settle
        const period = Duration.toMillis(schedule)
        yield* pass(26 * period, period / 10)
        return (yield* Fiber.join(fiber)).map(({ at }, round) => at.getTime() - started - round * period)
      }).pipe(Effect.provide(house(network)))

    it.effect("begins rounds a bit later than due, each program by another bit", () =>
      Effect.gen(function*() {
        const late = yield* lateness("first", "10 seconds")
        assert.strictEqual(late[0], 0)
        for (const millis of late) assert.isTrue(millis >= 0 && millis <= 1000)
        assert.isAbove(Math.max(...late), 750)
        assert.isAbove(new Set(late).size, 20)
        assert.deepStrictEqual(yield* lateness("first", "10 seconds"), late)
        assert.notDeepEqual(yield* lateness("second", "10 seconds"), late)
        const later = yield* lateness("third", "10 seconds", { jitter: 0.5 })
        for (const millis of later) assert.isTrue(millis >= 0 && millis <= 5000)
        assert.isAbove(Math.max(...later), 3000)
      }))

    it.effect("begins no round more than five seconds late", () =>
      Effect.gen(function*() {
        const late = yield* lateness("late", "1 hour", { jitter: 1 })
        for (const millis of late) assert.isTrue(millis >= 0 && millis <= 5000)
        assert.isAbove(Math.max(...late), 4500)
      }))
  })

  it.effect("takes what the server remembers, unless it is told not to", () =>
    Effect.gen(function*() {
      const measured = Effect.fnUntraced(function*(options: Poll.Options) {
        let count = 0
        const program = Effect.gen(function*() {
          const poll = Poll.poll(yield* thermometers(twoSensors.slice(0, 1)), "5 seconds", { ...options, jitter: 0 })
          const { seen } = yield* follow(poll)
          yield* pass("1 minute")
          assert.strictEqual(seen.length, 13)
          return count
        })
        return yield* Effect.provide(
          program,
          house({ [twoSensors[0]]: { temperature: () => ++count } }, { cache: true })
        )
      })
      assert.strictEqual(yield* measured({}), 5)
      assert.strictEqual(yield* measured({ flags: { uncached: true } }), 13)
    }))

  describe("what fails", () => {
    const minutesOf = (seen: ReadonlyArray<Observation.Observation>) => secondsOf(seen).map((second) => second / 60)

    it.effect("is asked less and less often, and again in each round once it answers", () =>
      Effect.gen(function*() {
        const traffic = new Traffic()
        const [bad, good] = twoSensors
        const broken = SimulatedNetwork.refuse(-5)
        const temperature = SimulatedNetwork.script([
          ["0 seconds", broken],
          ["24 minutes", 20],
          ["34 minutes", broken],
          ["36 minutes", 21]
        ])
        const program = Effect.gen(function*() {
          const { seen } = yield* follow(Poll.poll(yield* thermometers(twoSensors), "1 minute", { jitter: 0 }))
          yield* pass("40 minutes", "1 minute")
          const failed = [0, 1, 3, 7, 15, 23]
          const read = [31, 32, 33]
          assert.deepStrictEqual(minutesOf(of(seen, bad)), [...failed, ...read, 34, 35, 37, 38, 39, 40])
          assert.deepStrictEqual(of(seen, bad).map((one) => one._tag === "Reading" ? one.value : reasonOf(one.error)), [
            ...failed.map(() => "BusFault"),
            ...read.map(() => 20),
            "BusFault",
            "BusFault",
            21,
            21,
            21,
            21
          ])
          assert.strictEqual(of(seen, good).length, 41)
          assert.strictEqual(traffic.reads.length, seen.length)
        })
        const faults = traffic.plan(() => undefined)
        yield* Effect.provide(program, house({ [bad]: { temperature }, [good]: {} }, { faults }))
      }))

    it.effect("is asked as often as is said", () =>
      Effect.gen(function*() {
        const asked = Effect.fnUntraced(function*(rest: number) {
          const { fiber, seen } = yield* follow(
            Poll.poll(yield* thermometers(twoSensors.slice(0, 1)), "1 minute", { jitter: 0, rest })
          )
          const started = minutesOf(seen)[0]
          yield* pass("14 minutes", "1 minute")
          yield* Fiber.interrupt(fiber)
          return minutesOf(seen).map((minute) => minute - started)
        })
        assert.deepStrictEqual(yield* asked(1), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
        assert.deepStrictEqual(yield* asked(3), [0, 1, 3, 6, 9, 12])
        assert.deepStrictEqual(yield* asked(1000), [0, 1, 3, 7])
      }).pipe(Effect.provide(house({ [twoSensors[0]]: { temperature: SimulatedNetwork.refuse(-5) } }))))

    it.effect("is what nobody has, too, and what makes no sense", () =>
      Effect.gen(function*() {
        const here = yield* Device.make(Families.DS18B20, idOf(1))
        const absent = yield* Device.make(Families.DS18B20, idOf(2))
        const properties = [here.property("temperature"), absent.property("temperature"), here.property("type")]
        const { seen } = yield* follow(Poll.poll(properties, "1 minute", { flags: { temperatureScale: "F" } }))
        assert.deepStrictEqual(seen.map(said), ["0 68", "0 NotFound", "0 DS18B20"])
        assert.strictEqual(seen[1].device, absent)
        assert.strictEqual(seen[1].property, "temperature")
      }).pipe(Effect.provide(house({ [idOf(1)]: { temperature: 20 } }))))

    it.effect("is told once of each property where there is no connection, and looked after in each round", () =>
      Effect.gen(function*() {
        const paths = Array.from({ length: 5 }, (_, n) => `/bus.${n % 2}/${idOf(n)}`)
        const program = Effect.gen(function*() {
          const server = yield* SimulatedServer.SimulatedServer
          const { seen } = yield* follow(Poll.poll(yield* thermometers(paths), "1 minute", { jitter: 0 }))
          yield* pass("2 minutes", "1 minute")
          assert.strictEqual(seen.length, 15)
          yield* server.stop
          yield* pass("1 minute", "1 minute")
          const lost = seen.splice(0).slice(15)
          assert.deepStrictEqual(lost.map(said), lost.map(() => "180 Connect"))
          assert.deepStrictEqual(lost.map(({ device }) => device.path).toSorted(), paths.toSorted())
          yield* pass("1 hour", "1 minute")
          const told = [4, 6, 10, 18, 26, 34, 42, 50, 58]
          assert.deepStrictEqual(minutesOf(of(seen, paths[0])), told)
          assert.deepStrictEqual(minutesOf(of(seen, paths[1])), told)
          assert.strictEqual(seen.splice(0).length, 2 * told.length)
          yield* server.start
          yield* pass("1 minute", "1 minute")
          assert.deepStrictEqual(seen.map(said).toSorted(), ["3840 0", "3840 1", "3840 2", "3840 3", "3840 4"])
          yield* server.stop
          yield* pass("4 minutes", "1 minute")
          // As the first time: in the second round and in the fourth it is told once more on each bus.
          assert.strictEqual(seen.length, 5 + 5 + 2 + 2)
        })
        yield* Effect.provide(
          program,
          house(Object.fromEntries(paths.map((path, temperature) => [path, { temperature }])))
        )
      }))

    it.effect("is told once of a property that was read before the connection was lost", () =>
      Effect.gen(function*() {
        const paths = [1, 2, 3].map((n) => `/bus.0/${idOf(n)}`)
        const program = Effect.gen(function*() {
          const server = yield* SimulatedServer.SimulatedServer
          const { seen } = yield* follow(Poll.poll(yield* thermometers(paths), "10 seconds", { jitter: 0 }))
          yield* pass("1 second")
          yield* server.stop
          yield* pass("99 seconds")
          // The second was on its way.
          assert.deepStrictEqual(of(seen, paths[0]).map(said), [
            "1 20",
            "10 Connect",
            "30 Connect",
            "70 Connect"
          ])
          assert.deepStrictEqual(of(seen, paths[1]).map(said), ["1 Connect"])
          const [lost, ...others] = of(seen, paths[2])
          assert.deepStrictEqual(others, [])
          assert.strictEqual(said(lost), "1 Connect")
          assert.match(
            lost._tag === "Failed" ? lost.error.message : "",
            /^read \/bus.0\/28.000000000003\/temperature at /
          )
        })
        const network = Object.fromEntries(paths.map((path) => [path, { temperature: 20 }]))
        yield* Effect.provide(program, house(network, { faults: Fault.every(1, seconds(1)) }))
      }))

    it.effect("takes no time for each property where the server has halted", () =>
      Effect.gen(function*() {
        const paths = Array.from({ length: 20 }, (_, n) => `/bus.0/${idOf(n)}`)
        const program = Effect.gen(function*() {
          const server = yield* SimulatedServer.SimulatedServer
          const { seen } = yield* follow(
            Poll.poll(yield* thermometers(paths), "30 seconds", { jitter: 0, timeout: "2 seconds" })
          )
          yield* server.pause
          yield* pass("40 seconds")
          assert.deepStrictEqual(seen.slice(20).map(said), [
            "32 Call",
            ...Array.from({ length: 19 }, () => "34 Call")
          ])
          const nothingSent = "no connection within 2 s, the call's timeout; nothing was sent"
          assert.deepStrictEqual(
            seen.slice(21).map((one) => one._tag === "Failed" && one.error.message),
            paths.slice(1).map((path) => `read ${path}/temperature at simulated:4304: ${nothingSent}`)
          )
          yield* server.resume
          seen.length = 0
          yield* pass("20 seconds")
          assert.strictEqual(seen.filter(({ _tag }) => _tag === "Reading").length, 20)
        })
        yield* Effect.provide(program, house(Object.fromEntries(paths.map((path) => [path, {}]))))
      }))

    it.effect("is one property where its connection ends", () =>
      Effect.gen(function*() {
        const { seen } = yield* follow(Poll.poll(yield* thermometers(twoSensors), "1 minute", { jitter: 0 }))
        yield* pass("2 minutes", "1 minute")
        assert.deepStrictEqual(seen.map(said), ["0 Closed", "0 20", "60 Closed", "60 20", "120 20"])
      }).pipe(Effect.provide(house(
        Object.fromEntries(twoSensors.map((path) => [path, { temperature: 20 }])),
        { faults: ({ path }) => path.startsWith(twoSensors[0]) ? Close({ at: "before" }) : undefined }
      ))))
  })

  describe("implausible values", () => {
    /** What comes of one property whose server reads such values, one by one. */
    const judged = (values: ReadonlyArray<number>, minutes: number, options: Poll.Options) => {
      let reads = 0
      const temperature = () => values[Math.min(reads++, values.length - 1)]
      return Effect.gen(function*() {
        const started = yield* Clock.currentTimeMillis
        const poll = Poll.poll(yield* thermometers(twoSensors.slice(0, 1)), "1 minute", { ...options, jitter: 0 })
        const { seen } = yield* follow(poll)
        yield* pass(Duration.minutes(minutes), "1 minute")
        return seen.map((one) =>
          `${(one.at.getTime() - started) / 60_000} ${
            one._tag === "Reading" ? `${one.value} ${one.verdict._tag}` : reasonOf(one.error)
          }`
        )
      }).pipe(Effect.provide(house({ [twoSensors[0]]: { temperature } })))
    }

    it.effect("are kept with their verdict, rejected, or read again", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* judged([20, 85, 20.5], 2, {}), [
          "0 20 Plausible",
          "1 85 PowerOn",
          "2 20.5 Plausible"
        ])
        assert.deepStrictEqual(yield* judged([20, 85, 85, 20.5], 5, { implausible: "reject" }), [
          "0 20 Plausible",
          "1 Implausible",
          "2 Implausible",
          "4 20.5 Plausible",
          "5 20.5 Plausible"
        ])
        assert.deepStrictEqual(yield* judged([20, 85, 21, 85, 85, 85, 22], 3, { implausible: "readAgain" }), [
          "0 20 Plausible",
          "1 21 Plausible",
          "2 85 PowerOn",
          "3 22 Plausible"
        ])
      }))

    it.effect("are plausible if the value before was near: a sensor in frost, a boiler", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* judged([0.5, -0.0625, -0.0625, -2.5, -0.0625], 4, {}), [
          "0 0.5 Plausible",
          "1 -0.0625 Plausible",
          "2 -0.0625 Plausible",
          "3 -2.5 Plausible",
          "4 -0.0625 NoAnswer"
        ])
        assert.deepStrictEqual(yield* judged([84.5, 85, 20, 85], 3, { implausible: "reject" }), [
          "0 84.5 Plausible",
          "1 85 Plausible",
          "2 20 Plausible",
          "3 Implausible"
        ])
      }))

    it.effect("are jumps from the last plausible value, which may be the further the longer ago that was", () =>
      Effect.gen(function*() {
        const values = [20, 40, 21.5, 30, 30, 30, 30, 30, 29, 20]
        assert.deepStrictEqual(yield* judged(values, 9, { maxJump: 2 }), [
          "0 20 Plausible",
          "1 40 Jump",
          "2 21.5 Plausible",
          "3 30 Jump",
          "4 30 Jump",
          "5 30 Jump",
          "6 30 Jump",
          "7 30 Plausible",
          "8 29 Plausible",
          "9 20 Jump"
        ])
        assert.deepStrictEqual(yield* judged([20, 30, 30, 30, 30, 30], 9, { maxJump: 2, implausible: "reject" }), [
          "0 20 Plausible",
          "1 Implausible",
          "2 Implausible",
          "4 Implausible",
          "8 30 Plausible",
          "9 30 Plausible"
        ])
        assert.deepStrictEqual(yield* judged([20, 85, 20, 20], 2, { maxJump: 2, implausible: "readAgain" }), [
          "0 20 Plausible",
          "1 20 Plausible",
          "2 20 Plausible"
        ])
      }))

    it.effect("of one property say nothing of another", () =>
      Effect.gen(function*() {
        const { seen } = yield* follow(
          Poll.poll(yield* thermometers(twoSensors), "1 minute", { jitter: 0, maxJump: 1 })
        )
        yield* pass("2 minutes", "1 minute")
        assert.deepStrictEqual(seen.map((one) => one._tag === "Reading" && one.verdict._tag), [
          "Plausible",
          "Plausible",
          "Jump",
          "Plausible",
          "Plausible",
          "Plausible"
        ])
      }).pipe(Effect.provide(house({
        [twoSensors[0]]: { temperature: SimulatedNetwork.script([["0 seconds", 20], ["1 minute", 22]]) },
        [twoSensors[1]]: { temperature: 60 }
      }))))
  })

  describe("demand", () => {
    const paths = Array.from({ length: 6 }, (_, n) => `/bus.${n % 3}/${idOf(n)}`)
    const network = Object.fromEntries(paths.map((path, temperature) => [path, { temperature }]))
    const requests = SimulatedServer.SimulatedServer.use(({ statistics }) =>
      Effect.map(statistics, ({ requests }) => requests)
    )

    it.effect("ends all traffic when it ends", () =>
      Effect.gen(function*() {
        const { fiber, seen } = yield* follow(Poll.poll(yield* thermometers(paths), "1 second"))
        yield* pass("10 seconds")
        assert.isAtLeast(seen.length, 60)
        yield* Fiber.interrupt(fiber)
        const before = yield* requests
        yield* pass("1 hour", "1 minute")
        assert.strictEqual(yield* requests, before)
      }).pipe(Effect.provide(house(network))))

    it.effect("is not run ahead of by more than one read of each bus", () =>
      Effect.gen(function*() {
        const pull = yield* Stream.toPull(Poll.poll(yield* thermometers(paths), "1 second"))
        const idle = yield* requests
        for (let pulled = 1; pulled <= 20; pulled++) {
          const fiber = yield* Effect.forkChild(pull)
          yield* pass("5 seconds")
          yield* Fiber.join(fiber)
          // Each bus has its connection, which began with a ping.
          assert.isAtMost((yield* requests) - idle, pulled + 3 + 2)
        }
        const before = yield* requests
        yield* pass("1 hour", "1 minute")
        assert.strictEqual(yield* requests, before)
      }).pipe(Effect.scoped, Effect.provide(house(network))))

    it.effect("slows the rounds down", () =>
      Effect.gen(function*() {
        const taken: Array<Observation.Observation> = []
        const before = yield* requests
        yield* Poll.poll(yield* thermometers(twoSensors), "1 second", { jitter: 0 }).pipe(
          Stream.runForEach((one) => Effect.andThen(Effect.sync(() => taken.push(one)), Effect.sleep("10 seconds"))),
          Effect.forkChild
        )
        yield* settle
        yield* pass("100 seconds")
        assert.strictEqual(taken.length, 11)
        assert.isAtMost((yield* requests) - before, taken.length + 1)
        // Nothing is older than the two that were taken before it.
        for (const [at, one] of taken.entries()) assert.isAtLeast(one.at.getTime() / 1000, 10 * (at - 1))
      }).pipe(Effect.provide(house(Object.fromEntries(twoSensors.map((path) => [path, {}]))))))

    it.live("leaves nothing behind", () =>
      Effect.gen(function*() {
        const seen = yield* leavesNothing(
          Effect.gen(function*() {
            const poll = Poll.poll(yield* thermometers(paths), "2 millis", { concurrency: 2 })
            const seen = yield* poll.pipe(Poll.changes(), Stream.take(6), Stream.runCollect)
            yield* Effect.timeoutOption(Stream.runDrain(poll), "30 millis")
            return seen
          }).pipe(Effect.provide(house(network)))
        )
        assert.strictEqual(seen.length, 6)
      }))
  })

  describe("what makes no sense", () => {
    it.effect("is an ArgumentError, before anything is sent", () =>
      Effect.gen(function*() {
        const properties = yield* thermometers(twoSensors)
        const server = yield* SimulatedServer.SimulatedServer
        const before = yield* server.statistics
        const problem = (schedule: Duration.Input, options?: Poll.Options) =>
          Effect.map(Effect.flip(Stream.runDrain(Poll.poll(properties, schedule, options))), ({ message }) => message)
        assert.strictEqual(
          yield* problem(0),
          "Poll.poll: schedule must be a duration above zero, not 0; nothing was sent"
        )
        assert.strictEqual(
          yield* problem("-1 seconds"),
          "Poll.poll: schedule must be a duration above zero, not -1 seconds; nothing was sent"
        )
        assert.strictEqual(
          yield* problem(Number.NaN),
          "Poll.poll: schedule must be a duration above zero, not NaN; nothing was sent"
        )
        assert.strictEqual(
          yield* problem("1 second", { timeout: 0 }),
          "Poll.poll: timeout must be a duration above zero, not 0; nothing was sent"
        )
        assert.strictEqual(
          yield* problem("1 second", { jitter: 1.1 }),
          "Poll.poll: jitter must be a fraction from 0 to 1, not 1.1; nothing was sent"
        )
        assert.include(yield* problem("1 second", { jitter: -0.1 }), "not -0.1")
        assert.include(yield* problem("1 second", { jitter: Number.NaN }), "not NaN")
        assert.strictEqual(
          yield* problem("1 second", { maxJump: Number.NaN }),
          "Poll.poll: maxJump must be a number of at least 0, not NaN; nothing was sent"
        )
        assert.strictEqual(
          yield* problem("1 second", { concurrency: 0 }),
          "Poll.poll: concurrency must be a whole number of at least 1, not 0; nothing was sent"
        )
        assert.strictEqual(
          yield* problem("1 second", { rest: 1.5 }),
          "Poll.poll: rest must be a whole number of at least 1, not 1.5; nothing was sent"
        )
        assert.deepStrictEqual(yield* server.statistics, before)
      }).pipe(Effect.provide(house({}))))

    it.effect("but nothing to poll is nothing to wait for", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* Stream.runCollect(Poll.poll([], "1 second")), [])
      }))
  })
})

describe("a night", () => {
  const minutes = 480
  const sensors = Array.from({ length: 24 }, (_, n) => `/bus.${n % 2}/${idOf(n)}`)
  const brokenBus = { from: 200, to: 230 }

  /** When each sensor is away: some never are, others up to three times, for up to two hours. */
  const dropOuts = Effect.forEach(sensors, (_, n) =>
    Effect.replicateEffect(
      Effect.gen(function*() {
        const from = yield* Random.nextIntBetween(1, minutes - 150)
        return { from, to: from + (yield* Random.nextIntBetween(1, 120)) }
      }),
      n % 4
    )).pipe(Random.withSeed("night"))

  /** The lengths of what is uninterrupted. */
  const lengthsOf = (flags: ReadonlyArray<boolean>): ReadonlyArray<number> =>
    flags.map((flag) => flag ? "x" : " ").join("").split(" ").map(({ length }) => length).filter((length) => length > 0)

  it.effect("of drop-outs ends nothing, floods nobody, and loses no sensor", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make(
        Object.fromEntries(sensors.map((path, temperature) => [path, { temperature }]))
      )
      const away = yield* dropOuts
      const isAway = (n: number, minute: number) => away[n].some(({ from, to }) => from <= minute && minute < to)
      const isDown = (n: number, minute: number) =>
        isAway(n, minute) || (n % 2 === 1 && brokenBus.from <= minute && minute < brokenBus.to)

      const program = Effect.gen(function*() {
        const server = yield* SimulatedServer.SimulatedServer
        const { fiber, seen } = yield* follow(Poll.poll(yield* thermometers(sensors), "1 minute", { jitter: 0 }))
        for (let minute = 1; minute <= minutes; minute++) {
          if (minute === brokenBus.from) yield* network.breakBus(1, -5)
          if (minute === brokenBus.to) yield* network.breakBus(1)
          for (const [n, path] of sensors.entries()) {
            if (isAway(n, minute) === isAway(n, minute - 1)) continue
            yield* isAway(n, minute) ? network.vanish(path) : network.appear(path)
          }
          if (minute === minutes - 5) yield* server.setFaults()
          yield* pass("1 minute", "1 minute")
        }
        assert.isUndefined(fiber.pollUnsafe())

        const { faults } = yield* server.statistics
        assert.isAbove(faults, 100)
        const isRead = ({ _tag }: Observation.Observation) => _tag === "Reading"
        let tolerated = 0
        let failures = 0
        for (const [n, path] of sensors.entries()) {
          const own = of(seen, path)
          const rounds = own.map(({ at }) => Math.floor(at.getTime() / 60_000))
          assert.strictEqual(new Set(rounds).size, own.length)
          const down = Array.from({ length: minutes + 1 }, (_, minute) => isDown(n, minute))
          const outages = lengthsOf(down)
          const reads = own.filter(isRead).length
          for (const [at, one] of own.entries()) {
            if (one._tag === "Failed") continue
            assert.isFalse(down[rounds[at]])
            assert.strictEqual(one.value, n)
          }
          // Whoever was away is asked again after eight rounds at most; and so few rounds were missed otherwise.
          const missed = minutes + 1 - reads
          const away = outages.reduce((sum, length) => sum + length, 0)
          assert.isAtMost(missed, away + 8 * outages.length + 30)
          assert.isTrue(own.slice(-1).every(isRead))
          assert.strictEqual(rounds[rounds.length - 1], minutes)
          tolerated += outages.reduce((sum, length) => sum + 4 + Math.floor(length / 8), 0)
          failures += own.length - reads
        }
        assert.isAbove(failures, 300)
        assert.isAtMost(failures, tolerated + faults)
        assert.isAbove(seen.filter(isRead).length, 0.75 * sensors.length * minutes)
      })
      const faults = Fault.seeded(7, 0.02, [Refuse({ code: -5 }), Close({ at: "before" }), Close({ at: "inside" })])
      yield* Effect.provide(program, house(network, { faults }))
    }))

  it.effect("without a sensor costs as little as it can", () =>
    Effect.gen(function*() {
      const traffic = new Traffic()
      const [gone, here] = twoSensors
      const program = Effect.gen(function*() {
        const { seen } = yield* follow(Poll.poll(yield* thermometers([gone, here]), "1 minute", { jitter: 0 }))
        yield* pass("8 hours", "1 minute")
        // In rounds 0, 1, 3 and 7, and in each eighth after that.
        assert.strictEqual(of(seen, gone).length, 4 + Math.floor((minutes - 7) / 8))
        assert.strictEqual(of(seen, here).length, minutes + 1)
        assert.strictEqual(traffic.reads.length, seen.length)
      })
      yield* Effect.provide(program, house({ [here]: {} }, { faults: traffic.plan(() => undefined) }))
    }))
})

describe("changes", () => {
  const bytes = (...values: ReadonlyArray<number>) => Uint8Array.from(values)

  layer(TestOwClient.layer({}))((it) => {
    const reading = (
      device: Device.AnyDevice,
      value: unknown,
      options: { readonly property?: string; readonly verdict?: Device.Reading["verdict"] } = {}
    ): Observation.Observation<unknown> => ({
      _tag: "Reading",
      device,
      property: options.property ?? "temperature",
      value,
      unit: undefined,
      at: new Date(0),
      verdict: options.verdict ?? { _tag: "Plausible" }
    })
    const failed = (
      device: Device.AnyDevice,
      error: Device.Failure,
      property = "temperature"
    ): Observation.Observation<never> => ({ _tag: "Failed", device, property, at: new Date(0), error })
    const call = { operation: "read", server: "simulated:4304" } as const
    const refused = (reason: "NotFound" | "BusFault", path = "/a") =>
      new OwError.OwnetError({
        ...call,
        reason: { _tag: reason },
        path,
        code: -5,
        codeName: "EIO",
        meaning: "the bus failed",
        isRetryable: true
      })
    const timedOut = (reason: "Call" | "Silence") =>
      new OwError.OwnetTimeout({ ...call, reason: { _tag: reason }, elapsed: 1, limit: 1, requestSent: true })
    const senseless = (argument: string) =>
      new OwError.ArgumentError({ operation: "read", argument, problem: "is odd" })
    const kitchen = Device.make(Families.DS18B20, idOf(1))
    const cellar = Device.make(Families.DS18B20, idOf(2))

    /** The places of what is let through. */
    const news = (seen: ReadonlyArray<Observation.Observation<unknown>>, options?: Poll.ChangesOptions) =>
      Stream.fromIterable(seen).pipe(
        Poll.changes(options),
        Stream.map((one) => seen.indexOf(one)),
        Stream.runCollect
      )

    it.effect("are numbers further away than the dead band from the last that was let through", () =>
      Effect.gen(function*() {
        const device = yield* kitchen
        const numbers = (...values: ReadonlyArray<number>) => values.map((value) => reading(device, value))
        assert.deepStrictEqual(yield* news(numbers(20, 20, 20.1, 20.1, 20)), [0, 2, 4])
        const drift = numbers(20, 20.25, 20.5, 20.75, 21, 20.5, 20.25, 20)
        assert.deepStrictEqual(yield* news(drift, { deadBand: 0.5 }), [0, 3, 7])
        assert.deepStrictEqual(yield* news(numbers(20, NaN, NaN, 20, Infinity, Infinity), { deadBand: 5 }), [
          0,
          1,
          3,
          4
        ])
        assert.deepStrictEqual(yield* news(numbers(0, 0, 3, -0), { deadBand: NaN }), [0, 2, 3])
        assert.deepStrictEqual(yield* news(numbers(0, 0, 3, 3), { deadBand: -1 }), [0, 2])
        const arrays = [[1, 2], [1.25, 2], [1.25, 2.75], [1.25, 2.75, 1], [1, 3]].map((value) => reading(device, value))
        assert.deepStrictEqual(yield* news(arrays, { deadBand: 0.5 }), [0, 2, 3, 4])
        const registers = [bytes(1, 2), bytes(1, 2), bytes(1, 3)].map((value) => reading(device, value))
        assert.deepStrictEqual(yield* news(registers, { deadBand: 5 }), [0, 2])
      }))

    it.effect("have a dead band for each property", () =>
      Effect.gen(function*() {
        const [one, other] = [yield* kitchen, yield* cellar]
        const seen = [0, 0.5, 1.5].flatMap((value) => [
          reading(one, value),
          reading(one, value, { property: "temphigh" }),
          reading(other, value)
        ])
        const deadBand = (device: Device.AnyDevice, property: string) =>
          device.id === one.id && property === "temperature" ? 1 : device.id === one.id ? 0 : 2
        assert.deepStrictEqual(yield* news(seen, { deadBand }), [0, 1, 2, 4, 6, 7])
      }))

    it.effect("are those of a property, and not of the object that stands for its device", () =>
      Effect.gen(function*() {
        const elsewhere = Effect.provide(kitchen, TestOwClient.layer({}))
        const seen = [reading(yield* kitchen, 20), reading(yield* kitchen, 20), reading(yield* elsewhere, 20)]
        assert.deepStrictEqual(yield* news(seen), [0, 2])
      }))

    it.effect("are those of each run of the stream", () =>
      Effect.gen(function*() {
        const changes = Poll.changes(Stream.make(reading(yield* kitchen, 20), reading(yield* kitchen, 20)))
        assert.strictEqual(yield* Stream.runCount(changes), 1)
        assert.strictEqual(yield* Stream.runCount(changes), 1)
      }))

    /** What may be seen: two elements of the same name are no news of each other. */
    const values: ReadonlyArray<readonly [name: string, make: () => unknown]> = [
      ["20", () => 20],
      ["20.5", () => 20.5],
      ["0", () => 0],
      ["0", () => -0],
      ["NaN", () => NaN],
      ["Infinity", () => Infinity],
      ["true", () => true],
      ["false", () => false],
      ["text 20", () => "20"],
      ["no text", () => ""],
      ["date 0", () => new Date(0)],
      ["date 1", () => new Date(1)],
      ["no date", () => new Date(NaN)],
      ["no bytes", () => bytes()],
      ["bytes 1, 2", () => bytes(1, 2)],
      ["bytes 1, 3", () => bytes(1, 3)],
      ["1, 2", () => [1, 2]],
      ["1, 3", () => [1, 3]],
      ["1, 2, 3", () => [1, 2, 3]],
      ["true, false", () => [true, false]],
      ["arrays of bytes", () => [bytes(1), bytes(2)]],
      ["other arrays of bytes", () => [bytes(1), bytes(3)]],
      ["dates", () => [new Date(0), new Date(1)]]
    ]
    const verdicts: ReadonlyArray<readonly [name: string, verdict: Device.Reading["verdict"]]> = [
      ["power-on", { _tag: "PowerOn" }],
      ["jump", { _tag: "Jump", from: 1 }],
      ["jump", { _tag: "Jump", from: 2 }],
      ["out of range", { _tag: "OutOfRange", least: 0, most: 1 }]
    ]
    const errors: ReadonlyArray<readonly [name: string, error: Device.Failure]> = [
      ["not found", refused("NotFound")],
      ["bus fault", refused("BusFault")],
      ["bus fault", refused("BusFault", "/b")],
      ["too late", timedOut("Call")],
      ["silent", timedOut("Silence")],
      ["senseless", senseless("size")],
      ["senseless", senseless("offset")]
    ]
    type Make = (device: Device.AnyDevice, property: string) => Observation.Observation<unknown>
    const choices: ReadonlyArray<readonly [name: string, make: Make]> = [
      ...values.map((
        [name, make]
      ): [string, Make] => [name, (device, property) => reading(device, make(), { property })]),
      ...verdicts.map(([name, verdict]): [string, Make] => [
        name,
        (device, property) => reading(device, 20, { property, verdict })
      ]),
      ...errors.map(([name, error]): [string, Make] => [name, (device, property) => failed(device, error, property)])
    ]
    const below = (count: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: count - 1 }))
    const properties = ["temperature", "temphigh"]

    it.effect.prop(
      "are what is not as it was the last time",
      [Schema.Array(Schema.Tuple([below(2), below(2), below(choices.length)]))],
      ([picks]) =>
        Effect.gen(function*() {
          const devices = [yield* kitchen, yield* cellar]
          const last = new Map<string, string>()
          const expected: Array<number> = []
          const seen = picks.map(([device, property, choice], at) => {
            const [name, make] = choices[choice]
            const key = `${device} ${property}`
            if (last.get(key) !== name) expected.push(at)
            last.set(key, name)
            return make(devices[device], properties[property])
          })
          assert.deepStrictEqual(yield* news(seen), expected)
        }),
      { arbitrary: { runs: 500, seed: "what is news" } }
    )

    const Temperature = Schema.Finite.check(Schema.isBetween({ minimum: -10, maximum: 10 }))

    it.effect.prop(
      "are far from what was let through before, and nothing else is",
      [Schema.Array(Temperature), Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 10 }))],
      ([numbers, deadBand]) =>
        Effect.gen(function*() {
          const device = yield* kitchen
          const found = yield* news(numbers.map((value) => reading(device, value)), { deadBand })
          let last = NaN
          for (const [at, value] of numbers.entries()) {
            const isNews = !(Math.abs(value - last) <= deadBand)
            assert.strictEqual(found.includes(at), isNews)
            if (isNews) last = value
          }
        }),
      { arbitrary: { runs: 300, seed: "dead band" } }
    )
  })

  it.effect("of a house are few", () =>
    Effect.gen(function*() {
      const [steady, noisy, away] = [1, 2, 3].map((n) => idOf(n))
      const program = Effect.gen(function*() {
        const { seen } = yield* follow(
          Poll.poll(yield* thermometers([steady, noisy, away]), "1 minute", { jitter: 0 }).pipe(
            Poll.changes({ deadBand: 0.5 })
          )
        )
        yield* pass("1 hour", "1 minute")
        assert.deepStrictEqual(seen.map((one) => `${said(one)} ${one.device.name}`), [
          `0 20 ${steady}`,
          `0 20 ${noisy}`,
          `0 20 ${away}`,
          `600 BusFault ${away}`,
          // It was asked in minutes 10, 11, 13 and 17.
          `1020 NotFound ${away}`,
          `1500 20 ${away}`,
          `2400 85 ${away}`,
          `2460 20.25 ${away}`
        ])
      })
      const network = {
        [steady]: { temperature: 20 },
        [noisy]: { temperature: (seconds: number) => 20 + (seconds % 180) / 400 },
        [away]: {
          temperature: SimulatedNetwork.script([
            ["0 seconds", 20],
            ["10 minutes", SimulatedNetwork.refuse(-5)],
            ["14 minutes", SimulatedNetwork.refuse(-1)],
            ["20 minutes", 20],
            ["40 minutes", 85],
            ["41 minutes", 20.25]
          ])
        }
      }
      yield* Effect.provide(program, house(network))
    }))
})
