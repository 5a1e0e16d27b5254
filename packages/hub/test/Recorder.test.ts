import { Device, type Follow, MessageType, OwError, type Plausibility, Printable, RomId } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import { TestOwClient } from "@effect-ownet/core/testing"
import { type History, Recorder } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

const kitchen = "28.000028D70100"
const relay = "12.000012AF0100"

const deviceAt = (address: string) => Device.at(Catalogue.of, address).pipe(Effect.provide(TestOwClient.layer({})))

const [thermometer, relays] = await Effect.runPromise(
  Effect.all([deviceAt(`/bus.0/${kitchen}`), deviceAt(`/bus.1/${relay}`)])
)

const plausible: Plausibility.Verdict = { _tag: "Plausible" }
const date = (second: number): Date => new Date(second * 1000)
const error = OwError.refused(-5, MessageType.Read, { operation: "read", path: "/", server: "pi:4304" })

/** A recorder, and all that it has said. */
const recorder = (
  options: Partial<Recorder.Options> = {},
  before: Partial<Recorder.Before> = {},
  start = 0
) => {
  const [state, begun] = Recorder.begin(
    { places: [], series: [], latest: [], lastSeen: undefined, lastEvent: undefined, ...before },
    start,
    {
      placeOf: (device) => ({ key: device, title: device === kitchen ? "kitchen" : "relay" }),
      ...options
    }
  )
  const rows = [...begun.rows]
  const events = [...begun.events]
  const said = ({ events: more, rows: kept }: Recorder.Taken) => {
    rows.push(...kept)
    events.push(...more)
  }
  const take = (event: Readonly<Record<string, unknown>> & { readonly _tag: Follow.Event["_tag"] }, second: number) =>
    // What is left out of an event is not asked for.
    said(Recorder.take(state, { server: "pi", at: date(second), ...event } as unknown as Follow.Event, second))
  return {
    take,
    read: (
      value: unknown,
      second: number,
      verdict: Plausibility.Verdict = plausible,
      property = "temperature",
      device = thermometer
    ) => take({ _tag: "Reading", device, property, value, unit: "°C", verdict }, second),
    fail: (second: number, property = "temperature", device = thermometer) =>
      take({ _tag: "Failed", device, property, error }, second),
    tick: (now: number) => said(Recorder.tick(state, now)),
    /** Time passes without anything to be told. */
    idle: (from: number, to: number) => {
      for (let now = from; now <= to; now += 10) said(Recorder.tick(state, now))
    },
    rows: () =>
      rows.map(({ at, property, value, verdict }) =>
        `${at} ${property === "temperature" ? "" : `${property} `}${value ?? "-"}${
          verdict === "Plausible" ? "" : ` ${verdict}`
        }`
      ),
    kinds: () => events.map(({ kind }) => kind).filter((kind) => kind !== "Started"),
    texts: () => events.map(({ text }) => text)
  }
}

describe("Recorder", () => {
  describe("rows", () => {
    it("keeps changes, and what merely stays each ten minutes", () => {
      const { read, rows } = recorder()
      for (let second = 0; second <= 1300; second += 10) read(second < 20 ? 20 : 20.5, second)
      assert.deepStrictEqual(rows(), ["0 20", "20 20.5", "620 20.5", "1220 20.5"])
    })

    it("keeps what differs from the last row by the dead band, and no slow drift is lost", () => {
      const { read, rows } = recorder({ deadBand: { temperature: 0.1 } })
      ;[20, 20.05, 20.1, 20.05, 20.2, 20.25, 20.29, 20.3].forEach((value, at) => read(value, at))
      assert.deepStrictEqual(rows(), ["0 20", "2 20.1", "4 20.2", "7 20.3"])
    })

    it("has no dead band for yes and no", () => {
      const { read, rows } = recorder({ deadBand: { PIO: 5 } })
      read([true, false], 0, plausible, "PIO.ALL", relays)
      read([true, true], 1, plausible, "PIO.ALL", relays)
      assert.deepStrictEqual(rows(), ["0 PIO.A 1", "0 PIO.B 0", "1 PIO.B 1"])
    })

    it("keeps numbers and yes and no, each element by itself, and nothing else", () => {
      const { read, rows } = recorder()
      read([1, 2.5], 0, plausible, "strange.ALL")
      read("text", 0, plausible, "text")
      read(new Uint8Array([1]), 0, plausible, "memory")
      read(new Date(0), 0, plausible, "date")
      read(["a", "b"], 0, plausible, "texts.ALL")
      read(true, 0, plausible, "power")
      assert.deepStrictEqual(rows(), ["0 strange.0 1", "0 strange.1 2.5", "0 power 1"])
    })

    it("keeps verdicts", () => {
      const { read, rows } = recorder()
      read(21, 0)
      read(85, 10, { _tag: "PowerOn" })
      read(85, 20, { _tag: "PowerOn" })
      read(85, 30)
      read(21, 40)
      assert.deepStrictEqual(rows(), ["0 21", "10 85 PowerOn", "30 85", "40 21"])
    })

    it("takes what is no number for nothing", () => {
      const { read, rows } = recorder()
      read(21, 0)
      read(Number.NaN, 10, { _tag: "OutOfRange", least: 0, most: 1 })
      read(Number.POSITIVE_INFINITY, 20)
      read(21, 30)
      assert.deepStrictEqual(rows(), ["0 21", "10 -", "30 21"])
    })

    it("says once that a property cannot be read", () => {
      const { fail, read, rows } = recorder()
      read(21, 0)
      fail(10)
      fail(20)
      read(21, 30)
      read([true, false], 30, plausible, "PIO.ALL", relays)
      fail(40, "PIO.ALL", relays)
      assert.deepStrictEqual(rows(), ["0 21", "10 -", "30 21", "30 PIO.A 1", "30 PIO.B 0", "40 PIO.A -", "40 PIO.B -"])
    })

    it("says that nothing is known on a bus or a server that fails, and of what has vanished", () => {
      const { read, rows, take } = recorder()
      const both = (second: number) => {
        read(21, second)
        read(5, second, plausible, "volt", relays)
      }
      both(0)
      take({ _tag: "BusFailed", bus: "bus.1", error }, 10)
      both(20)
      take({ _tag: "ServerFailed", error }, 30)
      both(40)
      take({ _tag: "Vanished", device: thermometer, lastSeen: date(40) }, 50)
      const [first, second, third] = [["0 21", "0 volt 5", "10 volt -"], ["20 volt 5", "30 -", "30 volt -"], ["40 21"]]
      assert.deepStrictEqual(rows(), [...first, ...second, ...third, "40 volt 5", "50 -"])
    })

    it("keeps nothing of a device that fills no place", () => {
      const { fail, kinds, read, rows, take } = recorder({ placeOf: () => undefined })
      take({ _tag: "Appeared", device: thermometer }, 0)
      read(21, 0)
      fail(10)
      fail(20)
      assert.deepStrictEqual([rows(), kinds()], [[], []])
    })
  })

  describe("after a restart", () => {
    const series: History.Series = {
      id: 7,
      place: kitchen,
      device: kitchen,
      property: "temperature",
      unit: "°C",
      since: 0
    }
    const before = (kind: string): Partial<Recorder.Before> => ({
      series: [series],
      latest: [{ series: 7, at: 100, value: 21, verdict: "Plausible" }],
      lastSeen: 160,
      lastEvent: { at: 160, kind, text: "" }
    })

    it("says that the program was off, from where the history ends", () => {
      const clean = recorder({}, before("Stopped"), 7360)
      clean.read(21, 7361)
      assert.deepStrictEqual(clean.rows(), ["160 -", "7361 21"])
      assert.deepStrictEqual(clean.texts(), ["The hub has started, after it was off for 2 hours"])
      const killed = recorder({}, before("Vanished"), 7360)
      assert.deepStrictEqual(killed.rows(), ["160 -"])
      assert.deepStrictEqual(killed.texts(), [
        "The hub was killed, or its power failed",
        "The hub has started, after it was off for 2 hours"
      ])
    })

    it("tells nobody again what is there, and what comes back later", () => {
      const { kinds, take, texts } = recorder({}, before("Stopped"), 7360)
      take({ _tag: "Appeared", device: thermometer }, 7361)
      take({ _tag: "Appeared", device: relays }, 7361)
      take({ _tag: "Found", properties: [], missing: [] }, 7361)
      assert.deepStrictEqual(kinds(), ["Appeared"])
      take({ _tag: "Vanished", device: thermometer, lastSeen: date(7361) }, 7400)
      take({ _tag: "Appeared", device: thermometer }, 7420)
      assert.deepStrictEqual(texts().slice(1), [
        "relay has appeared on bus.1 of pi",
        "kitchen is gone",
        "kitchen is back on bus.0 of pi"
      ])
    })
  })

  describe("a clock that jumps", () => {
    it("leaves a gap where nothing was seen for a minute", () => {
      const { idle, kinds, read, rows, texts } = recorder()
      read(21, 0)
      idle(10, 50)
      read(21, 30_000)
      assert.deepStrictEqual(rows(), ["0 21", "50 -", "30000 21"])
      assert.deepStrictEqual(kinds(), ["Slept"])
      assert.include(texts().at(-1), "8 hours")
    })

    it("keeps rows in the order of time if it is set back, and says so", () => {
      const { fail, idle, kinds, read, rows, tick } = recorder({}, {}, 100)
      read(21, 100)
      read(22, 150)
      read(23, 50)
      read(24, 60)
      fail(70)
      idle(80, 140)
      read(25, 149)
      tick(140)
      assert.deepStrictEqual(rows(), ["100 21", "150 22", "150 -"])
      assert.deepStrictEqual(kinds(), ["ClockBehind"])
      read(26, 151)
      assert.deepStrictEqual(rows().at(-1), "151 26")
    })

    it("makes nothing of a clock that is set back by seconds", () => {
      const { kinds, read, rows } = recorder()
      read(21, 10)
      read(22, 9)
      read(22, 19)
      assert.deepStrictEqual([rows(), kinds()], [["10 21", "19 22"], []])
    })
  })

  describe("events", () => {
    it("tells a failure that lasts once, and once that it is over", () => {
      const { fail, read, texts } = recorder()
      read(21, 0)
      fail(10)
      read(21, 20)
      fail(30)
      fail(40)
      fail(60)
      read(21, 90)
      assert.deepStrictEqual(texts().slice(1), [
        `kitchen: temperature cannot be read: ${error.message}`,
        "kitchen: temperature can be read again, after 60 seconds"
      ])
    })

    it("tells no failure that an outage explains", () => {
      const { fail, kinds, read, take } = recorder()
      read(21, 0)
      fail(1)
      take({ _tag: "BusFailed", bus: "bus.0", error }, 2)
      fail(10)
      fail(20)
      take({ _tag: "BusRecovered", bus: "bus.0", since: date(2) }, 30)
      read(21, 31)
      assert.deepStrictEqual(kinds(), ["BusFailed", "BusRecovered"])
    })

    it("has no line break or terminal command of a server or an alias in its lines", () => {
      const evil = "\u001b[2J\n\u202e"
      const { take, texts } = recorder({
        placeOf: (device) => ({ key: device, title: `kitchen${evil}` })
      })
      take({ _tag: "Appeared", device: thermometer, server: `pi${evil}` }, 0)
      take({ _tag: "Renamed", device: thermometer, from: evil, to: evil }, 0)
      take({ _tag: "BusFailed", bus: `bus.0${evil}`, error: new Error(evil) }, 0)
      assert.strictEqual(texts().length, 4)
      for (const text of texts()) assert.isTrue(Printable.isPrintable(text))
    })

    it("says what happens in plain words", () => {
      const { take, texts } = recorder()
      const device = thermometer
      take({ _tag: "Appeared", device }, 0)
      take({ _tag: "Raised", device }, 1)
      take({ _tag: "Cleared", device, since: date(1) }, 50)
      take({ _tag: "Moved", device, from: "bus.1", to: "bus.0" }, 50)
      take({ _tag: "Renamed", device, from: kitchen, to: "kitchen" }, 50)
      take({ _tag: "Rerouted", device, from: "barn", cause: "ServerFailed" }, 50)
      take({ _tag: "ServerRecovered", since: date(0) }, 60)
      take({ _tag: "Vanished", device, lastSeen: date(50) }, 60)
      assert.deepStrictEqual(texts(), [
        "The hub has started",
        "kitchen has appeared on bus.0 of pi",
        "kitchen is in alarm",
        "kitchen is no longer in alarm, after 49 seconds",
        "kitchen has moved from bus.1 to bus.0",
        `${kitchen} is now called kitchen`,
        "kitchen is now read by pi instead of barn, which does not answer",
        "pi works again, after 60 seconds",
        "kitchen is gone"
      ])
    })
  })

  it("knows devices by their ROM ids as people see them", () => {
    assert.strictEqual(RomId.format(thermometer.id), kitchen)
  })
})
