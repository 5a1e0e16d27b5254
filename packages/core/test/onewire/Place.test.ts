import { Device, OwPath, Place, RomId } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Equal, Option, Result, Schema } from "effect"

const place = (text: string): Place.Place => Option.getOrThrow(Place.fromString(text))

const coupler = Option.getOrThrow(RomId.fromString("1F.00001FE00400"))

const BusNumber = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 }))

const Branch = Schema.Struct({
  coupler: Schema.Literals(["1F.00001FE00400", "1F.01001FE00100", "hub"]),
  branch: OwPath.BranchName
})

const Options = Schema.Struct({
  bus: Schema.Array(BusNumber).check(Schema.isMaxLength(2)),
  branches: Schema.Array(Branch).check(Schema.isMaxLength(2))
})

const placeOf = (options: OwPath.Options): Place.Place => Place.ofPath(Result.getOrThrow(OwPath.make(options)))

const arbitrary = { seed: 20261104, runs: 300 }

describe("Place", () => {
  it("is read in every form in which it is written", () => {
    const branch: Place.Place = { bus: "bus.0", branches: [{ coupler, branch: "main" }] }
    assert.deepStrictEqual(place("bus.0"), { bus: "bus.0", branches: [] })
    assert.deepStrictEqual(place("/bus.1/bus.0"), { bus: "bus.1/bus.0", branches: [] })
    assert.deepStrictEqual(place("bus.0/1F.00001FE00400/main"), branch)
    assert.deepStrictEqual(place("/bus.0/1F00001FE00400/main/"), branch)
    assert.deepStrictEqual(place("/1F.00001FE00400/main"), { ...branch, bus: undefined })
    assert.deepStrictEqual(place("/uncached/bus.0/alarm"), place("bus.0"))
    assert.deepStrictEqual([place(""), place("/")], [Place.server, Place.server])
  })

  it("is none if a text leads to a device, to the server's own, or nowhere", () => {
    for (
      const text of ["28.010028D70000", "/bus.0/boiler", "/settings", "bus.0/interface", "28.010028D70000/main", "//"]
    ) {
      assert.deepStrictEqual(Place.fromString(text), Option.none(), text)
    }
  })

  it("is had at once from a constant, which throws if it is none", () => {
    assert.deepStrictEqual(Place.fromStringUnsafe("/bus.0"), place("bus.0"))
    assert.throws(() => Place.fromStringUnsafe("/settings"), "\"/settings\" is neither a bus nor a branch of a coupler")
  })

  it("is written for people, and as a path", () => {
    const branch = place("/bus.0/1F.00001FE00400/main/hub/aux")
    assert.strictEqual(Place.format(branch), "bus.0/1F.00001FE00400/main/hub/aux")
    assert.strictEqual(Place.toPath(branch), "/bus.0/1F.00001FE00400/main/hub/aux")
    assert.deepStrictEqual([Place.format(Place.server), Place.toPath(Place.server)], ["", "/"])
  })

  it.prop("is read back from what was written", [Options], ([options]) => {
    const given = placeOf(options)
    assert.deepStrictEqual(place(Place.format(given)), given)
    assert.deepStrictEqual(place(Place.toPath(given)), given)
  }, { arbitrary })

  it("contains what is below it", () => {
    const contains = (outer: string, inner: string) => Place.contains(place(outer), place(inner))
    assert.isTrue(contains("bus.1", "bus.1"))
    assert.isTrue(contains("bus.1", "bus.1/bus.0"))
    assert.isTrue(contains("bus.0", "bus.0/1F.00001FE00400/main"))
    assert.isTrue(contains("bus.0/1F.00001FE00400/main", "bus.0/1F.00001FE00400/main/hub/aux"))
    assert.isTrue(contains("", "bus.0"))
    assert.isTrue(contains("1F.00001FE00400/main", "bus.0/1F.00001FE00400/main"))
    assert.isFalse(contains("bus.1", "bus.10"))
    assert.isFalse(contains("bus.1/bus.0", "bus.1"))
    assert.isFalse(contains("bus.1", ""))
    assert.isFalse(contains("bus.0/1F.00001FE00400/main", "bus.0/1F.00001FE00400/aux"))
    assert.isFalse(contains("bus.0/1F.00001FE00400/main", "bus.0"))
    assert.isFalse(contains("bus.0/1F.00001FE00400/main", "bus.1/1F.00001FE00400/main"))
  })

  it.prop("contains itself, and what it contains comes after it", [Options, Options], ([one, other]) => {
    const outer = placeOf(one)
    const inner = placeOf({
      bus: [...one.bus, ...other.bus],
      branches: [...one.branches, ...other.branches]
    })
    assert.isTrue(Place.contains(outer, outer))
    assert.isTrue(Place.contains(outer, inner))
    assert.isAtMost(Place.Order(outer, inner), 0)
    assert.strictEqual(Place.contains(inner, outer), Place.Equivalence(inner, outer))
  }, { arbitrary })

  it("comes in the order of numbers, and a bus before what is behind it", () => {
    const sorted = [
      "1F.00001FE00400/main",
      "bus.0",
      "bus.0/1F.00001FE00400/aux",
      "bus.0/1F.00001FE00400/main",
      "bus.0/1F.00001FE00400/main/1F.01001FE00100/main",
      "bus.1",
      "bus.1/bus.2",
      "bus.1/bus.10",
      "bus.2",
      "bus.10"
    ]
    assert.deepStrictEqual(Array.sort(sorted.toReversed().map(place), Place.Order).map(Place.format), sorted)
  })

  it.prop("is equal exactly to what is written the same", [Options, Options], ([one, other]) => {
    const [a, b] = [placeOf(one), placeOf(other)]
    const isSame = Place.format(a) === Place.format(b)
    assert.strictEqual(Place.Equivalence(a, b), isSame)
    assert.strictEqual(Equal.equals(a, b), isSame)
    assert.strictEqual(Place.Order(a, b) === 0, isSame)
  }, { arbitrary })

  it.effect("is told by a device", () =>
    Effect.gen(function*() {
      const device = yield* Device.make(DS18B20, "/bus.0/1F.00001FE00400/main/28.000028D70100")
      const plain = yield* Device.make(DS18B20, "28.000028D70100")
      assert.strictEqual(Place.format(device.place), "bus.0/1F.00001FE00400/main")
      assert.strictEqual(device.bus, "bus.0")
      assert.deepStrictEqual(plain.place, Place.server)
    }).pipe(Effect.provide(TestOwClient.layer({}))))
})
