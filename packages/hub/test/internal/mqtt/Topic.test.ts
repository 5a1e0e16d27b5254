import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Topic from "../../../src/internal/mqtt/Topic.ts"

const named = (key: string, title = key, properties: ReadonlyArray<string> = ["temperature"]) => ({
  key,
  title,
  properties: properties.map((name) => ({ name }))
})

const nameOf = (title: string): string | undefined => Topic.names([named("28.01", title)]).byKey.get("28.01")

const hostile = [
  "a",
  "b",
  "/",
  "+",
  "#",
  "$",
  " ",
  "\0",
  "\n",
  "\u{7f}",
  "\u{85}",
  "\u{2028}",
  "\u{d800}",
  "\u{ffff}",
  "é",
  "😀"
]

describe("Topic", () => {
  it("is made of a title: without wildcards, characters that MQTT forbids, and empty levels", () => {
    assert.strictEqual(nameOf("cellar/freezer"), "cellar/freezer")
    assert.strictEqual(nameOf("a+b#c"), "a_b_c")
    assert.strictEqual(nameOf("$SYS/broker"), "_SYS/broker")
    assert.strictEqual(nameOf("/attic//north/"), "attic/north")
    assert.strictEqual(nameOf("a\0b\u{1b}[2Jc\n"), "a_b_[2Jc_")
    assert.strictEqual(nameOf("Küche 2"), "Küche 2")
  })

  it("is not made of what stands for something else", () => {
    for (
      const title of [
        "bridge",
        "bridge/state",
        "freezer/set",
        "set",
        "a/get/b",
        "freezer/availability",
        "freezer/temperature",
        "temperature",
        " / ",
        "x".repeat(201),
        "a/b/c/d/e/f/g/h/i"
      ]
    ) {
      const { byKey, unused } = Topic.names([named("28.01", title)])
      assert.strictEqual(byKey.get("28.01"), "28.01", title)
      assert.strictEqual(unused[0]?.key, "28.01", title)
    }
    assert.strictEqual(nameOf("bridges"), "bridges")
    assert.strictEqual(nameOf("freezer/humidity"), "freezer/humidity")
  })

  it("belongs to one place: another one that wants it keeps its ROM id", () => {
    const places = [named("28.02", "freezer"), named("28.01", "freezer"), named("28.03", "28.01")]
    assert.deepStrictEqual([...Topic.names(places).byKey], [["28.01", "freezer"], ["28.02", "28.02"], [
      "28.03",
      "28.03"
    ]])
    const nested = [named("28.01", "attic"), named("28.02", "attic/temperature", ["humidity"])]
    assert.strictEqual(Topic.names(nested).byKey.get("28.02"), "28.02")
    // A derived value may be called as the bridge is.
    assert.strictEqual(Topic.names([named("bridge")]).byKey.get("bridge"), "_bridge")
  })

  it("tells commands from all else", () => {
    assert.deepStrictEqual(Topic.address("house", "house/a/b/set"), { verb: "set", name: "a/b", property: undefined })
    assert.deepStrictEqual(Topic.address("house", "house/a/set/PIO.0"), { verb: "set", name: "a", property: "PIO.0" })
    assert.deepStrictEqual(Topic.address("house", "house/a/get/x/y"), { verb: "get", name: "a", property: "x/y" })
    for (
      const topic of ["house/a", "house/set", "houses/a/set", "house/bridge/response/set", "house/bridge/request/get"]
    ) {
      assert.isUndefined(Topic.address("house", topic), topic)
    }
  })

  it.prop(
    "is sound, and no two places share one, whatever their titles",
    [Schema.Array(Schema.Array(Schema.Literals(hostile)).check(Schema.isMaxLength(8))).check(Schema.isMaxLength(6))],
    ([titles]) => {
      const places = titles.map((letters, index) => named(`28.0${index}`, letters.join("")))
      const { byKey, byName } = Topic.names(places)
      assert.strictEqual(byName.size, places.length)
      for (const name of byKey.values()) assert.isTrue(Topic.isSound(`house/${name}`), JSON.stringify(name))
      const topics = places.flatMap(({ key }) =>
        ["", "/availability", "/temperature", "/last_seen"].map((part) => `${byKey.get(key)}${part}`)
      )
      assert.strictEqual(new Set(topics).size, topics.length)
      assert.deepStrictEqual(new Map(byKey), new Map(Topic.names(places.toReversed()).byKey))
    },
    { arbitrary: { runs: 300, seed: "topics" } }
  )
})
