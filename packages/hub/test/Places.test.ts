import { Places } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"

const titlesOf = (places: ReadonlyArray<Partial<Places.Shown>>): ReadonlyArray<string> =>
  Places.arrange(places.map((place, index) => ({ key: String(index), title: "", ...place }))).map(({ title }) => title)

describe("Places", () => {
  it("that are similar to a misspelt name come first, after those that contain it", () => {
    const names = ["Garden", "Old kitchen", "Kitchen", "Attic"]
    assert.deepStrictEqual(Places.similar("kitchn", names), ["Kitchen", "Garden", "Old kitchen", "Attic"])
    assert.deepStrictEqual(Places.similar("KITCHEN", names), ["Old kitchen", "Kitchen", "Garden", "Attic"])
  })

  it("are shown with a group where its first place stands", () => {
    assert.deepStrictEqual(
      titlesOf([
        { title: "kitchen", group: "House", order: 3 },
        { title: "bedroom", group: "House" },
        { title: "boiler", group: "Heating", order: 7 },
        { title: "return", group: "Heating", order: 1 },
        { title: "relay", server: "pi", bus: "bus.0", order: 2 },
        { title: "other", server: "pi", bus: "bus.0" },
        { title: "coal", group: "Cellar" }
      ]),
      ["return", "boiler", "relay", "other", "kitchen", "bedroom", "coal"]
    )
  })

  it("are shown by group, in the order that people have given them, and then by title", () => {
    assert.deepStrictEqual(
      titlesOf([
        { title: "other 2", server: "pi", bus: "bus.1" },
        { title: "other 1", server: "pi", bus: "bus.0" },
        { title: "barn", server: "barn", bus: "bus.7" },
        { title: "gone" },
        { title: "room 10", group: "House", bus: "bus.9" },
        { title: "room 2", group: "House", bus: "bus.10" },
        { title: "last", group: "House", order: 2 },
        { title: "first", group: "House", order: -1 },
        { title: "wine", group: "Cellar 10" },
        { title: "coal", group: "Cellar 9" }
      ]),
      ["first", "last", "room 2", "room 10", "coal", "wine", "barn", "other 1", "other 2", "gone"]
    )
  })
})
