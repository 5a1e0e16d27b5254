/**
 * The order of the page, and its judgment of places.
 */
import type { Api } from "@effect-ownet/hub"
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
    assert.deepStrictEqual(Look.count(seen), { all: 3, wanting: 1 })
  })

  it("shows the groups of people first, and in them what they have put in order", () => {
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
      [["Attic", "attic"], ["House", "last", "room 2", "room 10"], ["pi · bus.0", "z"]]
    )
    assert.deepStrictEqual(seen.hidden.map(({ key }) => key), ["away"])
    assert.deepStrictEqual(seen.troubled, [])
  })

  it("finds a sensor by name, chip, ROM id or group", () => {
    const all = known([place("28.0001", { title: "Freezer", group: "Cellar" }), place("28.0002", { title: "Wine" })])
    const found = (query: string) => Look.count(Look.overview(all, now, query)).all
    assert.deepStrictEqual(["FREE", "cellar", "0002", "ds18", "nothing"].map(found), [1, 1, 1, 2, 0])
  })
})
