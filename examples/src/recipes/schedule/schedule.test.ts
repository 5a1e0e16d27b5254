import { Device, OwClient } from "@effect-ownet/core"
import { DS2408 } from "@effect-ownet/core/families"
import { SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Cron, DateTime, Effect, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { isOnAt, schedule } from "./schedule.ts"

const relay = "29.000029D60300"

const timetable = { on: Cron.parseUnsafe("0 6 * * *", "UTC"), off: Cron.parseUnsafe("0 22 * * *", "UTC") }

const inBerlin = {
  on: Cron.parseUnsafe("0 6 * * *", "Europe/Berlin"),
  off: Cron.parseUnsafe("0 22 * * *", "Europe/Berlin")
}

const start = (time: string) =>
  Effect.andThen(TestClock.setTime(Date.parse(time)), Effect.forkChild(schedule({ relay, timetable })))

const read = Effect.flatMap(Device.make(DS2408, relay), (device) => device.read("PIO.0"))

const write = (isOn: boolean) => Effect.flatMap(Device.make(DS2408, relay), (device) => device.write("PIO.0", isOn))

describe("isOnAt", () => {
  for (
    const [moment, isOn] of [
      ["2026-12-01T05:59:59.999Z", false],
      ["2026-12-01T06:00:00.000Z", true],
      ["2026-12-01T21:59:59.999Z", true],
      ["2026-12-01T22:00:00.000Z", false],
      ["2026-12-01T00:00:00.000Z", false]
    ] as const
  ) {
    it(`is ${isOn ? "on" : "off"} at ${moment}`, () => assert.strictEqual(isOnAt(timetable, new Date(moment)), isOn))
  }

  it("goes by the clock on the wall when summer time begins and ends", () => {
    assert.isFalse(isOnAt(inBerlin, new Date("2026-03-28T04:59:00Z")))
    assert.isTrue(isOnAt(inBerlin, new Date("2026-03-28T05:00:00Z")))
    assert.isTrue(isOnAt(inBerlin, new Date("2026-03-29T04:00:00Z")))
    assert.isFalse(isOnAt(inBerlin, new Date("2026-10-25T04:59:00Z")))
    assert.isTrue(isOnAt(inBerlin, new Date("2026-10-25T05:00:00Z")))
  })
})

describe("schedule", () => {
  it.effect("switches on at six", () =>
    Effect.gen(function*() {
      yield* start("2026-12-01T05:58:30Z")
      yield* TestClock.adjust("1 minute")
      assert.isFalse(yield* read)
      yield* TestClock.adjust("1 minute")
      assert.isTrue(yield* read)
    }).pipe(Effect.provide(TestOwClient.layer({ [relay]: { "PIO.BYTE": 1 } }))))

  it.effect("switches off at ten in the evening", () =>
    Effect.gen(function*() {
      yield* start("2026-12-01T21:58:30Z")
      yield* TestClock.adjust("1 minute")
      assert.isTrue(yield* read)
      yield* TestClock.adjust("1 minute")
      assert.isFalse(yield* read)
    }).pipe(Effect.provide(TestOwClient.layer({ [relay]: { "PIO.BYTE": 0 } }))))

  it.effect("is right at once if it starts at noon, and within a minute if the relay has lost its power", () =>
    Effect.gen(function*() {
      yield* start("2026-12-01T12:00:30Z")
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* read)
      yield* write(false)
      yield* TestClock.adjust("1 minute")
      assert.isTrue(yield* read)
    }).pipe(Effect.provide(TestOwClient.layer({ [relay]: { "PIO.BYTE": 0 } }))))

  it.effect("switches when the server is back, and says why it could not", () =>
    Effect.gen(function*() {
      const said: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => {
        said.push(`${logLevel} ${String(message)}`)
      })
      yield* Effect.gen(function*() {
        const server = yield* SimulatedServer.SimulatedServer
        yield* start("2026-12-01T05:50:00Z")
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(said.splice(0), ["Info the relay is off"])
        yield* server.stop
        yield* TestClock.adjust("30 minutes")
        assert.isAbove(said.length, 10)
        assert.match(said.splice(0)[0] ?? "", /^Warn write .*PIO\.0 at simulated:4304: /)
        yield* server.start
        yield* TestClock.adjust("2 minutes")
        assert.isTrue(yield* read)
        assert.strictEqual(said.at(-1), "Info the relay is on")
        assert.isBelow((yield* DateTime.nowAsDate).getTime(), Date.parse("2026-12-01T06:30:00Z"))
      }).pipe(Effect.provide(Logger.layer([logger])))
    }).pipe(
      Effect.provide(
        OwClient.layer().pipe(Layer.provideMerge(SimulatedServer.layer({ [relay]: { "PIO.BYTE": 0 } })))
      )
    ))
})
