/**
 * The order of the page, and its judgment of places.
 */
import type { Api, Notices } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import * as Look from "../../page/look.ts"
import type { Known } from "../../page/store.ts"

const now = 1_700_000_000

const place = (
  key: string,
  more: Partial<Api.PlaceState> = {},
  property: Partial<Api.Property> = {}
): Api.PlaceState => ({
  key,
  device: key,
  isHidden: false,
  limits: {},
  title: key,
  chip: "DS18B20",
  server: "pi",
  bus: "bus.0",
  ...more,
  properties: [
    {
      name: "temperature",
      unit: "°C",
      isKept: true,
      isWritable: false,
      reading: { value: 20, at: now - 2 },
      ...property
    }
  ]
})

const known = (places: ReadonlyArray<Api.PlaceState>, server: Partial<Api.ServerState> = {}): Known => ({
  title: "test",
  every: 10,
  notice: undefined,
  historyFailing: undefined,
  notices: [],
  outlets: [],
  servers: [{ name: "pi", buses: [], ...server }],
  places: new Map(places.map((place) => [place.key, place]))
})

const labelOf = (one: Api.PlaceState): string | undefined => Look.troubleOf(one, known([one]), now)?.label

describe("a look", () => {
  it("finds what is the matter with a place, the worst first", () => {
    const limits = { temperature: { above: 19 } }
    assert.isUndefined(labelOf(place("well")))
    assert.strictEqual(labelOf(place("a", { limits })), "too high")
    assert.strictEqual(labelOf(place("b", { limits: { temperature: { below: 21 } } })), "too low")
    assert.strictEqual(labelOf(place("c", { limits, alarmSince: now })), "alarm")
    assert.strictEqual(labelOf(place("d", { alarmSince: now, goneSince: now })), "vanished")
    assert.strictEqual(labelOf(place("e", {}, { failing: { since: now, message: "no answer" } })), "no answer")
    assert.strictEqual(
      labelOf(place("f", { limits }, { reading: { value: 85, at: now, verdict: "PowerOn" } })),
      "not plausible"
    )
    assert.strictEqual(labelOf(place("g", {}, { reading: { value: 20, at: now - 61 } })), "old value")
  })

  it("says in a few words what is wrong, and keeps the whole message for the place itself", () => {
    const message = "read /28.000028D70100/temperature at pi:4304: refused with -5 EIO"
    const failing = place("a", {}, { failing: { since: now - 60, message } })
    assert.match(Look.troubleOf(failing, known([failing]), now)?.detail ?? "", /^since \d\d:\d\d( [AP]M)?$/)
    assert.strictEqual(Look.failureOf(failing)?.message, message)
    const derived = place("dew", { derived: "dew point of a" }, {
      failing: { since: now - 60, message: "temperature of a is not known" }
    })
    assert.match(
      Look.troubleOf(derived, known([derived]), now)?.detail ?? "",
      /^since .*: temperature of a is not known$/
    )
    assert.isUndefined(Look.failureOf(derived))
  })

  it("folds what hangs on a bus that fails under its outage, and nothing else", () => {
    const failing = { name: "bus.1", since: now, message: "EIO" }
    const seen = Look.overview(
      known(
        [place("a"), place("b", { bus: "bus.1", alarmSince: now }), place("c", { server: "attic", bus: "bus.1" })],
        {
          buses: [failing]
        }
      ),
      now,
      ""
    )
    assert.deepStrictEqual(seen.outages.map(({ bus, places }) => [bus, places.map(({ key }) => key)]), [["bus.1", [
      "b"
    ]]])
    assert.deepStrictEqual(seen.troubled, [])
    assert.deepStrictEqual(Look.count(seen), { all: 3, wanting: 1, known: 0 })
  })

  it("shows groups where their first place stands, those of people first, and in them what they have put in order", () => {
    const seen = Look.overview(
      known([
        place("z"),
        place("room 10", { group: "House" }),
        place("room 2", { group: "House" }),
        place("last", { group: "House", order: 1 }),
        place("attic", { group: "Attic" }),
        place("away", { isHidden: true, alarmSince: now })
      ]),
      now,
      ""
    )
    assert.deepStrictEqual(
      seen.groups.map(({ places, title }) => [title, ...places.map(({ key }) => key)]),
      [["House", "last", "room 2", "room 10"], ["Attic", "attic"], ["pi · bus.0", "z"]]
    )
    assert.deepStrictEqual(seen.hidden.map(({ key }) => key), ["away"])
    assert.deepStrictEqual(seen.troubled, [])
  })

  it("shows each notice once: with its place, with its outage, or by itself", () => {
    const notice = (id: string, more: Partial<Notices.Notice>): Notices.Notice => ({
      id,
      kind: "Limit",
      isUrgent: false,
      since: now - 600,
      text: id,
      ...more
    })
    const warm = notice("warm", { place: "freezer", property: "temperature", side: "above", limit: -15, unit: "°C" })
    const all: Known = {
      ...known(
        [
          place("freezer", { limits: { temperature: { above: -15 } } }, { reading: { value: -16, at: now } }),
          place("wine"),
          place("attic", { isHidden: true }),
          place("cellar", { bus: "bus.1" })
        ],
        { buses: [{ name: "bus.1", since: now - 60, message: "-5" }] }
      ),
      notices: [
        warm,
        notice("silent", { kind: "NoNews", place: "wine", acknowledgedAt: now - 60 }),
        notice("hidden", { place: "attic" }),
        notice("bus", { kind: "BusOut", server: "pi", bus: "bus.1" }),
        notice("server", { kind: "ServerOut", server: "gone" }),
        notice("over", { place: "wine", until: now - 10 })
      ]
    }
    const seen = Look.overview(all, now, "")
    // It is within its limit again, but not by as much as it has to be.
    assert.deepStrictEqual(seen.troubled.map(({ key }) => key), ["freezer", "wine"])
    assert.deepStrictEqual(seen.outages.map(({ notices }) => notices.map(({ id }) => id)), [["bus"]])
    assert.deepStrictEqual(seen.notices.map(({ id }) => id), ["hidden", "server"])
    assert.deepStrictEqual(Look.count(seen), { all: 3, wanting: 4, known: 1 })
    const quiet = all.notices.map((one) => ({ ...one, acknowledgedAt: now }))
    assert.deepStrictEqual(Look.count(Look.overview({ ...all, notices: quiet }, now, "")), {
      all: 3,
      wanting: 0,
      known: 5
    })
  })

  it("does not blame a derived value for its sources", () => {
    const derived = { chip: "derived", derived: "dew point of Bathroom", group: "House" }
    const failing = { failing: { since: now, message: "humidity of Bathroom is not known" } }
    const dew = place("dew", derived, failing)
    assert.strictEqual(labelOf(dew), "not known")
    const seen = Look.overview(
      known([dew, place("high", { ...derived, limits: { temperature: { above: 1 } } })]),
      now,
      ""
    )
    assert.deepStrictEqual(seen.troubled.map(({ key }) => key), ["high"])
    assert.deepStrictEqual(Look.count(seen), { all: 0, wanting: 1, known: 0 })
  })

  it("moves a place in its group, and a group among all, and leaves the rest without an order", () => {
    const places = [
      place("a1", { group: "A" }),
      place("a2", { group: "A", goneSince: now }),
      place("a3", { group: "A" }),
      place("b1", { group: "B", isHidden: true }),
      place("c1", { group: "C" }),
      place("d1", { group: "D" })
    ]
    const after = (changes: ReadonlyMap<string, number>, of = places) =>
      of.map((one) => changes.has(one.key) ? { ...one, order: changes.get(one.key) ?? NaN } : one)
    const titles = (of: ReadonlyArray<Api.PlaceState>) =>
      Look.overview(known(of), now, "").groups.map(({ places, title }) => [title, ...places.map(({ key }) => key)])
    const swapped = Look.moved(known(places), "a3", "place", -1)
    assert.deepStrictEqual([...swapped], [["a1", 1], ["a3", 2], ["a2", 3]])
    const first = Look.moved(known(places), "d1", "group", -1)
    const put = after(first)
    assert.deepStrictEqual(titles(put), [["A", "a1", "a3"], ["D", "d1"], ["C", "c1"]])
    const again = after(Look.moved(known(put), "a1", "group", 1), put)
    assert.deepStrictEqual(titles(again), [["D", "d1"], ["A", "a1", "a3"], ["C", "c1"]])
    assert.deepStrictEqual(Look.positionOf(known(again), "a3"), { index: 2, of: 3, groupIndex: 1, groups: 3 })
    assert.strictEqual(Look.moved(known(again), "d1", "group", -1).size, 0)
    assert.strictEqual(Look.moved(known(again), "b1", "place", 1).size, 0)
    assert.isUndefined(Look.positionOf(known(again), "b1"))
  })

  it("finds a sensor by name, chip, ROM id or group", () => {
    const all = known([place("28.0001", { title: "Freezer", group: "Cellar" }), place("28.0002", { title: "Wine" })])
    const found = (query: string) => Look.count(Look.overview(all, now, query)).all
    assert.deepStrictEqual(["FREE", "cellar", "0002", "ds18", "nothing"].map(found), [1, 1, 1, 2, 0])
  })
})
