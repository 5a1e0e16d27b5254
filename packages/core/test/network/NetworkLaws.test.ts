/**
 * What holds of the calls of a device, whatever happens to the servers of its network.
 */
import { type Device, MessageType, Network, OwRetry } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { Fault, TestNetwork } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"

const kitchen = "28.000028D70100"
const names = ["a", "b", "c"]
const behindCoupler = 2

const couplerOf = (server: number): string => `1F.0${server}001FE00400`

/** Where the device may be on a server: on two buses, and behind a coupler. */
const places = (server: number): ReadonlyArray<string> => ["/bus.0", "/bus.1", `/${couplerOf(server)}/main`]

const house = Object.fromEntries(names.map((name, at) => [name, {
  [`/bus.0/${couplerOf(at)}`]: {},
  [`/bus.1/29.0${at}0029D60300`]: {},
  ...at > 1 ? {} : { [`${places(at)[at === 0 ? 0 : behindCoupler]}/${kitchen}`]: { temperature: at } }
}]))

const { Close, Delay, Drop, Refuse, Silence } = Fault.Fault

const faults = [
  Close({ at: "before" }),
  Close({ at: "inside" }),
  Close({ at: "after" }),
  Delay({ duration: "3 seconds" }),
  Refuse({ code: 5 }),
  Silence(),
  Drop()
]

const below = (count: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: count - 1 }))

const Step = Schema.Struct({
  what: below(16),
  server: below(names.length),
  place: below(3),
  fault: below(faults.length),
  millis: below(20_000)
})

const options: ReadonlyArray<readonly [client: TestNetwork.Options, call: Device.ReadingOptions]> = [
  [{}, { timeout: "4 seconds" }],
  [{}, { timeout: "4 seconds", retry: OwRetry.transient }],
  [{ timeout: "4 seconds", silenceTimeout: "2 seconds" }, {}]
]

/** Advances the test's clock until a call has ended. */
const calmly = Effect.fnUntraced(function*<A, E, R>(call: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(call)
  yield* TestClock.adjust("30 seconds")
  return yield* Fiber.await(fiber)
})

describe("A device of a network holds its laws", () => {
  it.effect.prop(
    "in any weather, and is read by the nearest server when it has cleared",
    [Schema.Array(Step).check(Schema.isMinLength(10), Schema.isMaxLength(30)), below(options.length)],
    ([steps, option]) => {
      const [client, call] = options[option]
      return Effect.gen(function*() {
        const network = yield* Network.Network
        const test = yield* TestNetwork.TestNetwork
        const here: Array<number | undefined> = [0, behindCoupler, undefined]
        const failing: Array<Fault.Fault | undefined> = []
        let writes = 0
        for (const [at, name] of names.entries()) {
          yield* test.server(name).setFaults(({ path, type }) => {
            if (!path.includes(kitchen)) return undefined
            // A write to where the device is not is refused.
            const isThere = here[at] !== undefined && (here[at] === behindCoupler) === path.includes(couplerOf(at))
            if (type === MessageType.Write && isThere) writes++
            return failing[at]
          })
        }
        const opened = yield* calmly(network.device(Families.DS18B20, kitchen))
        const device = yield* opened
        const calls: Array<Fiber.Fiber<unknown, Device.Failure>> = []
        /** Milliseconds that each of them has taken. */
        const taken: Array<number> = []
        const start = Effect.fnUntraced(function*(call: Effect.Effect<unknown, Device.Failure>) {
          const began = yield* Clock.currentTimeMillis
          const end = Effect.map(Clock.currentTimeMillis, (now) => void taken.push(now - began))
          calls.push(yield* Effect.forkChild(Effect.ensuring(call, end)))
        })
        let written = Effect.void
        for (const { fault, millis, place, server: at, what } of steps) {
          const server = test.server(names[at])
          switch (what) {
            case 0:
              if (here[at] !== undefined) break
              here[at] = place
              yield* server.network.appear(`${places(at)[place]}/${kitchen}`, { temperature: at })
              break
            case 1:
              if (here[at] === undefined) break
              here[at] = undefined
              yield* server.network.vanish(kitchen)
              break
            case 2:
              yield* server.stop
              break
            case 3:
              yield* server.start
              break
            case 4:
              yield* server.pause
              break
            case 5:
              yield* server.resume
              break
            case 6:
              yield* network.remove(names[at])
              break
            case 7:
              yield* network.add(names[at])
              break
            case 8:
              yield* server.network.breakBus(place === 0 ? 0 : 1, -5)
              break
            case 9:
              yield* Effect.andThen(server.network.breakBus(0), server.network.breakBus(1))
              break
            case 10:
              failing[at] = faults[fault]
              break
            case 11:
              failing[at] = undefined
              break
            case 12:
              for (const fiber of calls.slice(-1)) yield* Effect.forkChild(Fiber.interrupt(fiber))
              break
            case 13:
              // Its requests are counted, so that it is the only one.
              yield* written
              writes = 0
              yield* start(device.write("temphigh", 30, { timeout: "4 seconds" }))
              written = Effect.andThen(TestClock.adjust("20 seconds"), Effect.sync(() => assert.isAtMost(writes, 1)))
              break
            default:
              yield* start(device.reading("temperature", call))
          }
          yield* TestClock.adjust(millis)
        }
        yield* written
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(taken.length, calls.length)
        for (const millis of taken) assert.isAtMost(millis, 4000)
        for (const [at, name] of names.entries()) {
          const { network: plugged, resume, start } = test.server(name)
          failing[at] = undefined
          yield* Effect.all([start, resume, plugged.breakBus(0), plugged.breakBus(1), network.add(name)])
        }
        const distances = here.map((place) => place === undefined ? Infinity : place === behindCoupler ? 1 : 0)
        const nearest = Math.min(...distances)
        yield* calmly(device.read("temperature"))
        const found = yield* calmly(device.read("temperature"))
        if (nearest === Infinity) return assert.isTrue(Exit.isFailure(found))
        assert.notStrictEqual(distances[yield* found], Infinity)
        yield* calmly(network.devices())
        const value = yield* yield* calmly(device.read("temperature"))
        assert.strictEqual(distances[value], nearest)
        writes = 0
        yield* yield* calmly(device.write("temphigh", 31, { verify: true }))
        assert.strictEqual(writes, 1)
      }).pipe(Effect.provide(TestNetwork.layer(house, client)))
    },
    { arbitrary: { runs: process.env["FUZZ_CASES"] === undefined ? 20 : 1000, seed: "calls" }, timeout: 600_000 }
  )
})
