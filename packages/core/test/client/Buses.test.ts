import { RomId } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Buses } from "../../src/client/internal/Buses.ts"
import { type Named, Names } from "../../src/client/internal/connections/Names.ts"

class Entry implements Named<Entry> {
  sibling: Entry | undefined = undefined
  readonly name: string
  readonly hash: number

  constructor(name: string, hash: number) {
    this.name = name
    this.hash = hash
  }
}

const entries = () => new Names((name, hash) => new Entry(name, hash))

const id = RomId.fromStringUnsafe("28.000028D70100")

describe("the bus of a call", () => {
  const nameOf = (buses: Buses, path: string | Uint8Array) => buses.find(path, entries())?.name

  it("is in its path", () => {
    const buses = new Buses()
    const names: Readonly<Record<string, string | undefined>> = {
      "/bus.1/28.000028D70100/temperature": "bus.1",
      "bus.1/28.000028D70100/temperature": "bus.1",
      "/BUS.1": "bus.1",
      "/bus.01/": "bus.1",
      "/bus.1/bus.0/28.000028D70100": "bus.1/bus.0",
      "/bus.1/uncached/bus.0/kitchen": "bus.1/bus.0",
      "/uncached/bus.2/alarm/28.000028D70100": "bus.2",
      "/text/Unaliased/bus.3/interface/statistics": "bus.3",
      "/28.000028D70100/temperature": "28.000028D70100",
      "/uncached/alarm/28.000028D70100": "28.000028D70100",
      "/FC.000000000000/type": "FC.000000000000",
      "/1F.00001FE00400/main/28.000028D70100/temperature": "1F.00001FE00400",
      "/kitchen": "kitchen",
      "/": undefined,
      "": undefined,
      "/uncached": undefined,
      "/uncached/": undefined,
      "/alarm": undefined,
      "/settings/units/temperature_scale": undefined,
      "/uncached/statistics/read/calls": undefined,
      "/simultaneous/temperature": undefined
    }
    for (const [path, name] of Object.entries(names)) assert.strictEqual(nameOf(buses, path), name, path)
    assert.strictEqual(nameOf(buses, new TextEncoder().encode("/bus.1/kitchen/name\0value")), "bus.1")
    assert.isUndefined(nameOf(buses, new Uint8Array(0)))
  })

  it("is known of a device by whatever leads to it, once it was found", () => {
    const buses = new Buses()
    buses.learn(id, "kitchen", "bus.1/bus.0")
    const formats = [RomId.format(id), id, RomId.format(id, "f.i.c"), id.toLowerCase()]
    for (const name of [...formats, "kitchen"]) {
      assert.strictEqual(nameOf(buses, `/uncached/${name}/temperature`), "bus.1/bus.0", name)
    }
    assert.strictEqual(nameOf(buses, "/28.000028D70000/temperature"), "28.000028D70000")
    buses.learn(id, "kitchen", "bus.2")
    assert.strictEqual(nameOf(buses, "/kitchen"), "bus.2")
    buses.forget()
    assert.strictEqual(nameOf(buses, "/kitchen"), "kitchen")
  })

  it("is forgotten of the devices that were found first, when there are too many", () => {
    const buses = new Buses()
    buses.learn(id, "first", "bus.1")
    for (let device = 0; device < 10_000; device++) buses.learn(id, `alias ${device}`, "bus.2")
    assert.strictEqual(nameOf(buses, "/first"), "first")
    assert.strictEqual(nameOf(buses, "/alias 9999"), "bus.2")
    assert.strictEqual(nameOf(buses, "/28.000028D70100"), "bus.2")
  })
})

describe("names", () => {
  it("find what they made until it is deleted", () => {
    const names = entries()
    const made = Array.from({ length: 2000 }, (_, at) => names.at(`/${at}/x`, 1, 1 + String(at).length))
    for (const [at, entry] of made.entries()) {
      assert.strictEqual(entry.name, String(at))
      assert.strictEqual(names.at(`${at}`, 0, String(at).length), entry)
      assert.strictEqual(names.get(String(at)), entry)
    }
    for (const [at, entry] of made.entries()) if (at % 3 > 0) names.delete(entry)
    for (const [at, entry] of made.entries()) {
      assert.strictEqual(names.get(String(at)), at % 3 > 0 ? undefined : entry)
    }
  })
})
