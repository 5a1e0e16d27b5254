import { Device, type Follow, MessageType, OwError, type Plausibility, Printable } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import { TestOwClient } from "@effect-ownet/core/testing"
import { type Derived, type Notices, type Places, Rules } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

const freezer = "28.000028D70100"
const attic = "28.000028D70200"

const deviceAt = (address: string) => Device.at(Catalogue.of, address).pipe(Effect.provide(TestOwClient.layer({})))

const [thermometer, other] = await Effect.runPromise(
  Effect.all([deviceAt(`/bus.0/${freezer}`), deviceAt(`/bus.1/${attic}`)])
)

const error = OwError.refused(-5, MessageType.Read, { operation: "read", path: "/", server: "pi:4304" })
const date = (second: number): Date => new Date(second * 1000)

interface Given {
  readonly limits?: Places.Place["limits"]
  readonly noNewsFor?: number
  readonly settings?: Rules.Settings
  readonly open?: ReadonlyArray<Notices.Notice>
  readonly start?: number
}

/** Rules over two places, and all that they have told. Time passes in seconds. */
const watching = ({ limits = {}, noNewsFor, open = [], settings: given = {}, start = 0 }: Given = {}) => {
  const places = new Map<string, Rules.Subject>([
    [freezer, {
      key: freezer,
      device: freezer,
      title: "freezer",
      limits,
      ...(noNewsFor === undefined ? {} : { noNewsFor })
    }],
    [attic, { key: attic, device: attic, title: "attic", limits: {} }]
  ])
  let settings = given
  let now = start
  const state = Rules.begin(open, now, {
    settings: () => settings,
    placeOf: (device) => [...places.values()].find((place) => place.device === device),
    places: () => places.values()
  })
  const turns: Array<Notices.Turn> = []
  const told = (some: ReadonlyArray<Notices.Turn>) => void turns.push(...some)
  const pass = (seconds: number) => {
    for (let i = 0; i < seconds; i++) told(Rules.tick(state, ++now))
  }
  const take = (event: Readonly<Record<string, unknown>> & { readonly _tag: Follow.Event["_tag"] }) =>
    // What is left out of an event is not asked for.
    told(Rules.take(state, { server: "pi", at: date(now), ...event } as unknown as Follow.Event, now))
  const read = (
    value: unknown,
    { device = thermometer, property = "temperature", verdict = { _tag: "Plausible" } }: {
      readonly device?: Device.AnyDevice
      readonly property?: string
      readonly verdict?: Plausibility.Verdict
    } = {}
  ) => take({ _tag: "Reading", device, property, value, unit: "°C", verdict })
  return {
    state,
    pass,
    take,
    read,
    /** Readings each ten seconds, each followed by that time. */
    readAll: (...values: ReadonlyArray<unknown>) => {
      for (const value of values) {
        read(value)
        pass(10)
      }
    },
    derive: (value: Derived.Value["value"]) =>
      told(
        Rules.derive(state, { place: freezer, property: "temperature", unit: "°C", at: now, value }, now)
      ),
    jump: (seconds: number) => void (now += seconds),
    place: (change: Partial<Rules.Subject>) => void places.set(freezer, { ...places.get(freezer)!, ...change }),
    remove: () => void places.delete(freezer),
    set: (next: Rules.Settings) => void (settings = next),
    /** What has been told since the last call. */
    texts: () => turns.splice(0).map(({ notice, phase }) => `${phase}: ${notice.endText ?? notice.text}`),
    turns,
    open: () => [...state.open.values()],
    now: () => now
  }
}

const tooWarm = "Began: freezer: temperature is -9 °C, above -15 °C"
const above = { temperature: { above: -15 } }

describe("Rules", () => {
  describe("limits", () => {
    it("are told once, and calmly", () => {
      const { readAll, texts } = watching({ limits: { temperature: { above: 8, below: 2 } } })
      readAll(5, 8, 8.5, 9, 7.9, 8.1, 7, 7, 7, 7, 7, 7)
      assert.deepStrictEqual(texts(), ["Began: freezer: temperature is 8.5 °C, above 8 °C"])
      readAll(7, 1)
      assert.deepStrictEqual(texts(), [
        "Ended: freezer: temperature is 7 °C, within its limits again",
        "Began: freezer: temperature is 1 °C, below 2 °C"
      ])
      readAll(9)
      assert.deepStrictEqual(texts(), [
        "Began: freezer: temperature is 9 °C, above 8 °C",
        "Ended: freezer: temperature is 9 °C, within its limits again"
      ])
    })

    it("are exceeded once a value has been beyond for long enough, and by readings only", () => {
      const { open, pass, read, readAll, texts } = watching({ limits: { temperature: { above: -15, for: 30 } } })
      readAll(-9, -9, -9, -16, -9, -9, -9)
      assert.deepStrictEqual(texts(), [])
      // Nothing is known of the time in between.
      pass(600)
      read("text")
      read(-9, { verdict: { _tag: "PowerOn" } })
      read(Number.NaN)
      assert.deepStrictEqual(texts(), [])
      read(-8)
      assert.deepStrictEqual(texts(), ["Began: freezer: temperature is -8 °C, above -15 °C, for 30 seconds now"])
      assert.deepInclude(open()[0], { since: 40, value: -8, limit: -15, side: "above", unit: "°C" })
    })

    it("are kept once a value is back by the hysteresis", () => {
      const { readAll, texts } = watching({ limits: { temperature: { above: -15, hysteresis: 2 } } })
      readAll(-9, -16, -16, -16, -16, -16, -16, -16, -16)
      assert.deepStrictEqual(texts(), [tooWarm])
      readAll(-17)
      assert.deepStrictEqual(texts(), ["Ended: freezer: temperature is -17 °C, within its limits again"])
    })

    it("stay exceeded as long as nothing is known", () => {
      const { pass, read, take, texts } = watching({ limits: above, settings: { noNewsFor: 600 } })
      read(-9)
      read(21, { device: other })
      texts()
      take({ _tag: "Vanished", device: thermometer, lastSeen: date(0) })
      for (let i = 0; i < 100; i++) {
        pass(10)
        read(21, { device: other })
      }
      assert.deepStrictEqual(texts(), ["Began: freezer: no good reading for 10 minutes"])
      read(85, { verdict: { _tag: "PowerOn" } })
      assert.deepStrictEqual(texts(), [])
      read(-20)
      pass(60)
      read(-20)
      assert.deepStrictEqual(texts(), [
        "Ended: freezer is measured again, after 17 minutes",
        "Ended: freezer: temperature is -20 °C, within its limits again"
      ])
    })

    it("are those of each element, and of what is yes or no", () => {
      const { read, texts } = watching({ limits: { "volt.0": { above: 1 }, power: { below: 0.5 } } })
      read([2, 0], { property: "volt.ALL" })
      read(false, { property: "power" })
      assert.deepStrictEqual(texts(), [
        "Began: freezer: volt.0 is 2 °C, above 1 °C",
        "Began: freezer: power is 0 °C, below 0.5 °C"
      ])
    })

    it("that are edited or taken away end what was told of them", () => {
      const { pass, place, read, readAll, texts } = watching({ limits: above })
      read(-9)
      place({ limits: { temperature: { above: -15, hysteresis: 1, isUrgent: true } } })
      readAll(-9)
      assert.deepStrictEqual(texts(), [tooWarm])
      place({ limits: { temperature: { above: -10 } } })
      pass(1)
      assert.deepStrictEqual(texts(), ["Ended: freezer: the limit of temperature was changed to -10 °C"])
      read(-9)
      assert.deepStrictEqual(texts(), ["Began: freezer: temperature is -9 °C, above -10 °C"])
      place({ limits: {} })
      read(-9)
      assert.deepStrictEqual(texts(), ["Ended: freezer: the limit of temperature was removed"])
    })

    it("end with their place, and if another device fills it", () => {
      const filled = watching({ limits: above })
      filled.read(-9)
      filled.place({ device: attic })
      filled.pass(1)
      assert.deepStrictEqual(filled.texts(), [tooWarm, `Ended: freezer is now measured by ${attic}`])
      const removed = watching({ limits: above })
      removed.read(-9)
      removed.remove()
      removed.pass(1)
      assert.deepStrictEqual(removed.texts(), [tooWarm, "Ended: freezer is no longer a place"])
      assert.deepStrictEqual(removed.open(), [])
    })

    it("count derived values for as long as they hold", () => {
      const { derive, pass, texts } = watching({ limits: { temperature: { above: -15, for: 60 } }, noNewsFor: 300 })
      derive(-9)
      pass(61)
      assert.deepStrictEqual(texts(), ["Began: freezer: temperature is -9 °C, above -15 °C, for 60 seconds now"])
      pass(600)
      derive(undefined)
      pass(299)
      assert.deepStrictEqual(texts(), [])
      pass(2)
      derive(-20)
      pass(61)
      assert.deepStrictEqual(texts(), [
        "Began: freezer: no good reading for 5 minutes",
        "Ended: freezer is measured again, after 5 minutes",
        "Ended: freezer: temperature is -20 °C, within its limits again"
      ])
    })
  })

  describe("a place without news", () => {
    it("is told after its own time, or that of all, or never", () => {
      const { pass, place, read, texts } = watching({ noNewsFor: 120, settings: { noNewsFor: 60 } })
      read(20)
      pass(70)
      assert.deepStrictEqual(texts(), ["Began: attic: no good reading for 60 seconds"])
      read(21, { device: other })
      pass(51)
      assert.deepStrictEqual(texts(), [
        "Ended: attic is measured again, after 70 seconds",
        "Began: freezer: no good reading for 2 minutes"
      ])
      place({ noNewsFor: 0 })
      pass(1)
      assert.deepStrictEqual(texts(), ["Ended: freezer: missing readings are no longer reported"])
    })

    it("is explained by a bus or a server that fails, unless outages are not told", () => {
      const { pass, read, set, take, texts } = watching({ noNewsFor: 60, settings: { outagesFor: 10 } })
      read(20)
      pass(50)
      take({ _tag: "BusFailed", bus: "bus.0", error })
      pass(600)
      assert.deepStrictEqual(texts(), [`Began: bus.0 of pi fails: ${error.message}`])
      take({ _tag: "BusRecovered", bus: "bus.0", since: date(50) })
      pass(9)
      assert.deepStrictEqual(texts(), ["Ended: bus.0 of pi works again, after 10 minutes"])
      pass(2)
      assert.deepStrictEqual(texts(), ["Began: freezer: no good reading for 60 seconds"])
      read(20)
      take({ _tag: "ServerFailed", error })
      set({ outages: false })
      texts()
      pass(61)
      assert.deepStrictEqual(texts(), ["Began: freezer: no good reading for 60 seconds"])
    })
  })

  describe("outages", () => {
    it("are told once they have lasted, a server's before those of its buses", () => {
      const { pass, take, texts } = watching()
      take({ _tag: "BusFailed", bus: "bus.0", error })
      pass(29)
      take({ _tag: "BusRecovered", bus: "bus.0", since: date(0) })
      pass(60)
      assert.deepStrictEqual(texts(), [])
      take({ _tag: "BusFailed", bus: "bus.0", error })
      take({ _tag: "BusFailed", bus: "bus.0/1F.00001FE00400/main", error })
      take({ _tag: "ServerFailed", error })
      pass(40)
      assert.deepStrictEqual(texts(), [`Began: pi fails: ${error.message}`])
      take({ _tag: "ServerRecovered", since: date(89) })
      pass(29)
      assert.deepStrictEqual(texts(), ["Ended: pi works again, after 40 seconds"])
      pass(2)
      assert.deepStrictEqual(texts(), [`Began: bus.0 of pi fails: ${error.message}`])
      take({ _tag: "ServerRemoved" })
      assert.deepStrictEqual(texts(), ["Ended: pi is no longer followed"])
    })

    it("end if they are not told any longer", () => {
      const { pass, set, take, texts } = watching({ settings: { outagesFor: 0 } })
      take({ _tag: "ServerFailed", error })
      assert.strictEqual(texts().length, 1)
      set({ outages: false })
      pass(1)
      assert.deepStrictEqual(texts(), ["Ended: pi: outages are no longer reported"])
    })
  })

  describe("alarms", () => {
    it("are over once the chip can be read, as it may have been unplugged", () => {
      const { pass, read, take, texts } = watching()
      read(20)
      take({ _tag: "Raised", device: thermometer })
      take({ _tag: "Cleared", device: thermometer, since: date(0) })
      pass(90)
      assert.deepStrictEqual(texts(), ["Began: freezer is in alarm"])
      read(20)
      assert.deepStrictEqual(texts(), ["Ended: freezer is no longer in alarm, after 90 seconds"])
    })

    it("of a chip of which nothing is read are over at once, and all are if nobody wants to know", () => {
      const { pass, set, take, texts } = watching()
      take({ _tag: "Raised", device: thermometer })
      take({ _tag: "Cleared", device: thermometer, since: date(0) })
      take({ _tag: "Raised", device: other })
      texts()
      set({ alarms: false })
      pass(1)
      take({ _tag: "Raised", device: thermometer })
      assert.deepStrictEqual(texts(), ["Ended: attic: alarms are no longer reported"])
    })
  })

  describe("after a restart", () => {
    /** What is open after some time, for the next program. */
    const kept = (given: Given, before: (watched: ReturnType<typeof watching>) => void, off = 7200) => {
      const first = watching(given)
      before(first)
      const open = first.open()
      return watching({ ...given, open, start: first.now() + off })
    }

    it("tells nothing again, and ends it at the first evidence", () => {
      const { pass, read, readAll, texts } = kept({ limits: above }, ({ read }) => read(-9))
      pass(600)
      readAll(-9, -9)
      read(85, { verdict: { _tag: "PowerOn" } })
      readAll(-20, -20, -20, -20, -20, -20)
      assert.deepStrictEqual(texts(), [])
      readAll(-20)
      assert.deepStrictEqual(texts(), ["Ended: freezer: temperature is -20 °C, within its limits again"])
    })

    it("invents nothing that happened meanwhile", () => {
      const given = { limits: { temperature: { above: -15, for: 60 } }, noNewsFor: 60 }
      const { pass, read, texts } = kept(given, ({ read }) => read(-9))
      read(-9)
      pass(59)
      assert.deepStrictEqual(texts(), [])
      read(-9)
      pass(1)
      read(-9)
      assert.deepStrictEqual(texts(), ["Began: freezer: temperature is -9 °C, above -15 °C, for 60 seconds now"])
    })

    it("finds limits that were edited in between", () => {
      const first = watching({ limits: above })
      first.read(-9)
      const { pass, texts } = watching({ limits: { temperature: { above: -5 } }, open: first.open(), start: 100 })
      pass(1)
      assert.deepStrictEqual(texts(), ["Ended: freezer: the limit of temperature was changed to -5 °C"])
    })

    it("knows of a bus that works by its devices, or by the search", () => {
      const fails = ({ pass, take }: ReturnType<typeof watching>) => {
        take({ _tag: "BusFailed", bus: "bus.0", error })
        pass(31)
      }
      const works = kept({}, fails)
      works.take({ _tag: "ServerAdded" })
      works.take({ _tag: "Found", properties: [], missing: [] })
      works.read(21, { device: other })
      works.pass(59)
      assert.deepStrictEqual(works.texts(), [])
      works.pass(1)
      assert.deepStrictEqual(works.texts(), ["Ended: bus.0 of pi works again, after 2 hours"])
      const read = kept({}, fails)
      read.read(85, { verdict: { _tag: "PowerOn" } })
      assert.strictEqual(read.texts().length, 1)
      const failing = kept({}, fails)
      fails(failing)
      failing.pass(600)
      assert.deepStrictEqual(failing.texts(), [])
      const removed = kept({}, fails)
      removed.pass(60)
      assert.deepStrictEqual(removed.texts(), ["Ended: pi is no longer followed"])
    })

    it("knows of a server that works by its answers", () => {
      const fails = ({ pass, take }: ReturnType<typeof watching>) => {
        take({ _tag: "ServerFailed", error })
        pass(31)
      }
      const works = kept({}, fails)
      works.take({ _tag: "ServerAdded" })
      works.pass(90)
      assert.deepStrictEqual(works.texts(), [])
      works.take({ _tag: "Found", properties: [], missing: [] })
      assert.deepStrictEqual(works.texts(), ["Ended: pi works again, after 2 hours"])
      const failing = kept({}, fails)
      fails(failing)
      failing.take({ _tag: "ServerRecovered", since: date(7231) })
      assert.deepStrictEqual(failing.texts(), ["Ended: pi works again, after 2 hours"])
    })

    it("knows of an alarm that is over once the chip has been read for a while", () => {
      const raised = ({ take }: ReturnType<typeof watching>) => take({ _tag: "Raised", device: thermometer })
      const over = kept({}, raised)
      over.pass(100)
      over.readAll(20, 20, 20, 20, 20, 20)
      assert.deepStrictEqual(over.texts(), ["Ended: freezer is no longer in alarm, after 2 hours"])
      const still = kept({}, raised)
      raised(still)
      still.readAll(20, 20, 20, 20, 20, 20, 20, 20)
      assert.deepStrictEqual(still.texts(), [])
    })
  })

  it("is not misled by a clock that is set, or a computer that has slept", () => {
    const { jump, open, pass, read, readAll, texts } = watching({
      limits: { temperature: { above: -15, for: 60 } },
      noNewsFor: 300,
      start: 100_000
    })
    read(-9)
    jump(3600)
    read(-9)
    pass(200)
    jump(-7200)
    pass(90)
    assert.deepStrictEqual(texts(), [])
    read(-9)
    assert.strictEqual(open()[0]?.since, 100_000)
    jump(-7200)
    readAll(-20, -20, -20, -20, -20, -20, -20)
    assert.deepStrictEqual(texts().map((text) => text.slice(0, 5)), ["Began", "Ended"])
  })

  it("acknowledges what is open, once", () => {
    const { now, open, read, state } = watching({ limits: above })
    read(-9)
    const [{ id } = { id: "" }] = open()
    assert.match(id, /^[a-z0-9-]+$/)
    const turn = Rules.acknowledge(state, id, now() + 5)
    assert.deepInclude(turn, { phase: "Acknowledged" })
    assert.strictEqual(open()[0]?.acknowledgedAt, 5)
    assert.strictEqual(Rules.acknowledge(state, id, now() + 9)?.notice.acknowledgedAt, 5)
    assert.isUndefined(Rules.acknowledge(state, "nothing", now()))
  })

  it("has no line break or terminal command of a server or an alias in its lines", () => {
    const evil = "\u001b[2J\n\u202e"
    const { pass, place, read, take, turns } = watching({ limits: above, noNewsFor: 60, settings: { outagesFor: 0 } })
    place({ title: `freezer${evil}` })
    read(-9)
    take({ _tag: "Raised", device: thermometer })
    pass(120)
    take({ _tag: "BusFailed", bus: `bus.0${evil}`, server: evil, error: new Error(evil) })
    take({ _tag: "ServerFailed", server: evil, error: new Error(evil) })
    place({ limits: {}, noNewsFor: 0 })
    take({ _tag: "ServerRecovered", server: evil, since: date(0) })
    pass(1)
    assert.isAbove(turns.length, 5)
    for (const { notice } of turns) assert.isTrue(Printable.isPrintable(notice.endText ?? notice.text))
  })
})
