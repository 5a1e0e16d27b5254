import type { Api } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import * as Desired from "../../../src/internal/mqtt/Desired.ts"
import { now, place, property, state } from "../../fixtures/states.ts"

const options: Desired.Options = { base: "house", output: "json", retain: true, info: () => ({}), announce: undefined }

const desired = (of: Api.State, more: Partial<Desired.Options> = {}): ReadonlyMap<string, string> =>
  new Map(
    Desired.of(of, Desired.remember(new Map(), of), { ...options, ...more }).messages.map(({ payload, topic }) =>
      [topic, payload] as const
    )
  )

const available = (of: Api.State, lastGood?: number): boolean => {
  const [first] = of.places
  assert.isDefined(first)
  return Desired.isAvailable(of, first, lastGood ?? Desired.remember(new Map(), of).get(first.key))
}

describe("Desired", () => {
  it("has all values of a place in one message, and null for what is not known", () => {
    const cellar = place("26.01", {
      name: "cellar",
      properties: [
        property("temperature", 11.5),
        property("humidity", 85, { reading: { value: 85, at: now, verdict: "PowerOn" } }),
        property("VDD", 5, { failing: { since: now, message: "no answer" } }),
        property("PIO", true),
        property("VAD")
      ]
    })
    const seen = new Date((now - 5) * 1000).toISOString()
    assert.deepStrictEqual([...desired(state([cellar]))].slice(4), [
      ["house/cellar/availability", `{"state":"online"}`],
      [
        "house/cellar",
        `{"temperature":11.5,"humidity":null,"VDD":null,"PIO":true,"VAD":null,"last_seen":"${seen}"}`
      ]
    ])
    assert.deepStrictEqual([...desired(state([cellar]), { output: "attribute" })].slice(5), [
      ["house/cellar/temperature", "11.5"],
      ["house/cellar/humidity", "null"],
      ["house/cellar/VDD", "null"],
      ["house/cellar/PIO", "true"],
      ["house/cellar/VAD", "null"],
      ["house/cellar/last_seen", seen]
    ])
    assert.strictEqual(desired(state([cellar]), { output: "attribute_and_json" }).size, 12)
  })

  it("begins with the bridge, and has availability before values", () => {
    const topics = [...desired(state([place("28.01"), place("28.02")])).keys()]
    assert.deepStrictEqual(topics, [
      "house/bridge/state",
      "house/bridge/info",
      "house/bridge/devices",
      "house/bridge/notices",
      "house/28.01/availability",
      "house/28.02/availability",
      "house/28.01",
      "house/28.02"
    ])
  })

  it("leaves out what is hidden, also for those who announce", () => {
    const of = state([place("28.01", { isHidden: true }), place("28.02", { name: "attic" })])
    const all = desired(of, {
      announce: ({ places }, topicOf) => places.map(({ key }) => [`homeassistant/device/${key}/config`, topicOf(key)])
    })
    assert.isFalse([...all.keys()].some((topic) => topic.includes("28.01")))
    assert.strictEqual(all.get("homeassistant/device/28.02/config"), "house/attic")
  })

  it("publishes nothing under a topic that a broker would refuse, and nothing of the bridge twice", () => {
    const all = desired(state([]), {
      announce: () => [["a/#", "x"], ["b/\n", "x"], ["house/bridge/state", "x"], ["c", "x"]]
    })
    assert.deepStrictEqual([...all.keys()].slice(4), ["c"])
    assert.strictEqual(all.get("house/bridge/state"), Desired.online)
  })

  it("knows when a place is available", () => {
    assert.isTrue(available(state([place("28.01")])))
    assert.isTrue(available(state([place("28.01")]), now - 60))
    assert.isFalse(available(state([place("28.01")]), now - 61))
    assert.isTrue(available(state([place("28.01")], { every: 60 }), now - 180))
    assert.isFalse(available(state([place("28.01", { goneSince: now })])))
    assert.isFalse(
      available(state([place("28.01")], { servers: [{ name: "pi", buses: [], failing: { since: 1, message: "" } }] }))
    )
    const broken = [{ name: "pi", buses: [{ name: "bus.0", since: 1, message: "" }] }]
    assert.isFalse(available(state([place("28.01")], { servers: broken })))
    assert.isTrue(available(state([place("28.01", { bus: "bus.1" })], { servers: broken })))
    // A serial number has nothing to be measured.
    assert.isTrue(available(state([place("01.01", { properties: [] })])))
  })

  it("remembers the last good value through those that are not plausible", () => {
    const good = Desired.remember(new Map(), state([place("28.01")]))
    const bad = state([
      place("28.01", {
        properties: [property("temperature", 85, { reading: { value: 85, at: now, verdict: "PowerOn" } })]
      })
    ])
    const after = Desired.remember(good, bad)
    assert.strictEqual(after.get("28.01"), now - 5)
    assert.strictEqual(Desired.remember(after, state([])).size, 0)
  })
})
