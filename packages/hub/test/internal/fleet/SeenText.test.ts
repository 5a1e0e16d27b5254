/** Events of a fleet as text: all that is said survives, and what makes no sense is told. */
import { Device, DeviceError, type Follow, OwError, Place, RomId } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import type { Journal } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Predicate, Schema } from "effect"
import * as SeenText from "../../../src/internal/fleet/SeenText.ts"
import { clientOf, deviceOf, reading } from "../../fixtures/seen.ts"

const through = (events: ReadonlyArray<Journal.Seen>) => {
  const { broken, text } = SeenText.encode(events)
  assert.strictEqual(broken, undefined)
  return SeenText.decode(text, clientOf)
}

const numbers = Schema.Finite
const dates = Schema.Date
const scalars = [numbers, Schema.Boolean, Schema.String, dates, Schema.Uint8Array] as const

const Value = Schema.Union([
  ...scalars,
  Schema.Array(numbers),
  Schema.Array(Schema.Boolean),
  Schema.Array(Schema.String),
  Schema.Array(dates),
  Schema.Array(Schema.Uint8Array)
])

const Failure = Schema.Union([...OwError.OwError.members, DeviceError.DeviceError])

const Verdict = Schema.Union([
  ...["Plausible", "PowerOn", "Disconnected", "NoAnswer"].map((tag) => Schema.TaggedStruct(tag, {})),
  Schema.TaggedStruct("OutOfRange", { least: Schema.Finite, most: Schema.Finite }),
  Schema.TaggedStruct("Jump", { from: Schema.Finite })
])

const Chip = Schema.Struct({
  code: Schema.Literals(["28", "A6", "1F", "29", "99"]),
  serial: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff })),
  name: Schema.String,
  bus: Schema.UndefinedOr(Schema.Literals(["bus.0", "bus.1/bus.0"])),
  branches: Schema.Array(Schema.Literals(["main", "aux"]))
})

const arbitrary = { runs: 200, seed: "wire" }

describe("the text of events", () => {
  it.prop(
    "keeps all that is said of devices",
    [
      Schema.Array(Chip).check(Schema.isMaxLength(8)),
      Value,
      Verdict,
      Failure,
      dates,
      dates,
      Schema.Struct({ a: Schema.String, b: Schema.String })
    ],
    ([chips, value, verdict, error, at, since, { a, b }]) => {
      const events = chips.flatMap(({ code, ...chip }, i): ReadonlyArray<Journal.Seen> => {
        const server = `pi${i % 3}`
        const device = deviceOf(server, code, chip)
        const of = { server, device, at }
        return [
          // The schema has tags that the compiler does not know of.
          { ...of, _tag: "Reading", property: a, value, unit: i % 2 === 0 ? b : undefined, verdict: verdict as never },
          { ...of, _tag: "Failed", property: a, error },
          { server, at, _tag: "Found", properties: [device.property(a), device.property(b)], missing: [] },
          { ...of, _tag: "Appeared" },
          { ...of, _tag: "Vanished", lastSeen: since },
          { ...of, _tag: "Moved", from: a, to: b },
          { ...of, _tag: "Renamed", from: a, to: b },
          { ...of, _tag: "Raised" },
          { ...of, _tag: "Reminded", since },
          { ...of, _tag: "Cleared", since },
          { ...of, _tag: "RearmFailed", error }
        ]
      })
      const decoded = through(events)
      assert.strictEqual(decoded.broken, undefined)
      assert.deepStrictEqual(decoded.events.map(plain), events.map(plain))
    },
    { arbitrary }
  )

  it.prop(
    "keeps all that is said of servers and buses, with errors of the same classes and words",
    [OwError.OwError, dates, dates, Schema.String],
    ([error, at, since, name]) => {
      const of = { server: name, at }
      const events: ReadonlyArray<Journal.Seen> = [
        { ...of, _tag: "ServerAdded" },
        { ...of, _tag: "ServerFailed", error },
        { ...of, _tag: "ServerRecovered", since },
        { ...of, _tag: "BusFailed", bus: name, error },
        { ...of, _tag: "BusRecovered", bus: name, since }
      ]
      const decoded = through(events)
      assert.deepStrictEqual(decoded.events.map(plain), events.map(plain))
      const failed = decoded.events.find((event) => event._tag === "ServerFailed")
      assert.instanceOf(failed?.error, Object.getPrototypeOf(error).constructor)
    },
    { arbitrary }
  )

  it.prop("tells of any text that is none", [Schema.String, Schema.Json], ([text, json]) => {
    for (const some of [text, JSON.stringify(json), `{"version":1,"devices":[],"events":[${JSON.stringify(json)}]}`]) {
      const { broken, events } = SeenText.decode(some, clientOf)
      assert.deepStrictEqual(events, [])
      assert.instanceOf(broken, SeenText.SeenTextError)
    }
  }, { arbitrary })

  it("reads what makes sense among what does not", () => {
    const server = "pi"
    const at = new Date(1_767_225_600_000)
    const device = deviceOf(server, "28", { serial: 1, name: "cellar", bus: "bus.0", branches: [] })
    const reading = {
      _tag: "Reading",
      server,
      at,
      device,
      property: "temperature",
      value: 21.5,
      unit: "°C",
      verdict: { _tag: "Plausible" }
    } as const
    const text: Readonly<Record<"devices" | "events", ReadonlyArray<object>>> = JSON.parse(
      SeenText.encode([reading]).text
    )
    const [first] = text.events
    const hostile = [
      { ...first, device: 7 },
      { ...first, device: -1 },
      { ...first, device: 0.5 },
      { ...first, device: "constructor" },
      { ...first, at: "yesterday" },
      { ...first, at: 1e300 },
      { ...first, value: { number: "eleven" } },
      { ...first, value: { bytes: "$" } },
      { ...first, value: [[1]] },
      { ...first, value: { is: 1 } },
      { ...first, verdict: { _tag: "Guessed" } },
      { ...first, _tag: "Foretold" },
      { ...first, _tag: "Failed", error: { _tag: "ConnError" } },
      { ...first, device: 1 },
      { ...first, device: 2 },
      { ...first, device: 3 }
    ]
    const devices = [
      ...text.devices,
      { ...text.devices[0], id: "28000028D70100D6" },
      { ...text.devices[0], path: "../.." },
      { ...text.devices[0], branches: [{ coupler: "1F", branch: "sideways" }] }
    ]
    const { broken, events } = SeenText.decode(
      JSON.stringify({ version: 1, devices, events: [...hostile, first] }),
      clientOf
    )
    assert.deepStrictEqual(events.map(plain), [plain(reading)])
    assert.strictEqual(broken?.count, hostile.length)
  })

  it("keeps numbers and dates that JSON does not have", () => {
    const values = [
      NaN,
      Infinity,
      -Infinity,
      0,
      -0,
      5e-324,
      [NaN, -0, 1],
      new Date(NaN),
      [new Date(NaN)],
      "",
      "\0\ud800",
      []
    ]
    const device = deviceOf("pi", "28", { serial: 1, name: "cellar", bus: "bus.0", branches: [] })
    const decoded = through(values.map((value) => ({
      _tag: "Reading",
      server: "pi",
      at: new Date(0),
      device,
      property: "temperature",
      value,
      unit: undefined,
      verdict: { _tag: "Plausible" }
    })))
    assert.deepStrictEqual(decoded.events.map((event) => event._tag === "Reading" && event.value), values)
  })

  it("refuses what a newer program has written, and says what to do", () => {
    const { broken, events } = SeenText.decode(`{"version":2,"devices":[],"events":[{},{}]}`, clientOf)
    assert.deepStrictEqual(events, [])
    assert.strictEqual(broken?.count, 2)
    assert.include(broken?.message, "of version 2, and this program reads version 1: update it")
  })

  it("makes devices that can be asked, with their families", () => {
    const device = Device.located(Catalogue.of, {
      id: RomId.fromStringUnsafe("28.000028D70100"),
      name: "cellar",
      path: "/28.000028D70100",
      place: Place.fromStringUnsafe("bus.0"),
      ow: clientOf("pi")
    })
    const at = new Date(0)
    const found: Follow.Of<Follow.Found> = {
      _tag: "Found",
      server: "pi",
      at,
      properties: [device.property("temperature")],
      missing: [{
        target: { _tag: "Named", family: Catalogue.of, address: "attic", properties: undefined },
        error: away
      }]
    }
    const [decoded] = through([found]).events
    assert(decoded?._tag === "Found")
    assert.deepStrictEqual(decoded.missing, [])
    const [property] = decoded.properties
    assert.strictEqual(property?.device.family?.chip, "DS18B20")
    assert.strictEqual(property?.device.ow, clientOf("pi"))
    assert.strictEqual(property?.device.bus, "bus.0")
    assert.strictEqual(property?.name, "temperature")
  })

  it("of what is known of a server leaves out what makes no sense", () => {
    const begins: Journal.Seen = { _tag: "ServerAdded", server: "pi", at: new Date(0) }
    const value = reading("pi", 20)
    const known: Journal.Known = { told: [value], pending: [begins, value], elsewhere: [value.device.id] }
    const { text } = SeenText.encodeKnown(known)
    const plainOf = ({ elsewhere, pending, told }: Journal.Known) => ({
      told: told.map(plain),
      pending: pending.map(plain),
      elsewhere
    })
    assert.deepStrictEqual(plainOf(SeenText.decodeKnown(text, clientOf).known), plainOf(known))
    const odd = JSON.stringify({ ...JSON.parse(text), pending: [1, { _tag: "ServerAdded" }], elsewhere: ["x", ""] })
    const read = SeenText.decodeKnown(odd, clientOf)
    assert.deepStrictEqual(plainOf(read.known), { told: [plain(value)], pending: [], elsewhere: [] })
    assert.strictEqual(read.broken?.count, 2)
    assert.deepStrictEqual(SeenText.decodeKnown("{", clientOf).known, { told: [], pending: [], elsewhere: [] })
  })
})

const away = new OwError.ArgumentError({ operation: "Device.find", argument: "address", problem: "is not there" })

/** An event without what cannot be compared. */
const plain = (event: Journal.Seen): unknown => {
  const device = ({ family, id, name, ow, path, place }: Device.AnyDevice) => ({ family, id, name, ow, path, place })
  return {
    ...event,
    ..."device" in event ? { device: device(event.device) } : {},
    ..."error" in event
      ? {
        error: {
          fields: fieldsOf(event.error),
          type: Object.getPrototypeOf(event.error),
          message: event.error.message,
          isRetryable: event.error.isRetryable
        }
      }
      : {},
    ...event._tag === "Found"
      ? { properties: event.properties.map((one) => ({ name: one.name, device: device(one.device) })) }
      : {}
  }
}

/** What an error has, except for what it was caused by. JSON knows neither `undefined` nor a zero below zero. */
const fieldsOf = (error: Device.Failure): unknown => even({ ...error, cause: undefined })

const even = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(even)
  if (Predicate.isUint8Array(value) || !Predicate.isObject(value)) return value === 0 ? 0 : value
  const known = Object.entries(value).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known.map(([name, value]) => [name, even(value)]))
}
