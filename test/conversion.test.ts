/**
 * Thermometers that measure together, on the real server, the simulated one and one over the kernel's bus. None of these has
 * chips with a real conversion time.
 */
import { Conversion, Device, type Family, OwClient } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { NodeOwClient } from "@effect-ownet/node"
import { assert, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as owserver from "./fixtures/owserver.ts"

type Chip =
  | Families.DS18B20
  | Families.DS18S20
  | Families.DS1822
  | Families.DS1825
  | Families.DS28EA00
  | Families.DS2438

const families: ReadonlyArray<Family.Family<Chip>> = [
  Families.DS18B20,
  Families.DS18S20,
  Families.DS1822,
  Families.DS1825,
  Families.DS28EA00,
  Families.DS2438
]

const connect = ({ host, port }: { readonly host: string; readonly port: number }) =>
  owserver.client(NodeOwClient.layer({ host, port }))

/** Measures with all thermometers of a bus, and compares the results with the value of each alone. */
const compare = Effect.fnUntraced(function*(ow: OwClient.Client, bus: string) {
  const paths = yield* ow.dir(bus, { slash: false })
  const sensors = yield* Effect.forEach(
    paths.flatMap((path) => {
      const code = path.slice(bus.length + 1, bus.length + 3)
      const family = families.find(({ codes }) => codes.includes(code))
      return family === undefined ? [] : [{ family, path }]
    }),
    ({ family, path }) => Effect.provideService(Device.make(family, path), OwClient.OwClient, ow)
  )
  const seen = yield* Stream.runCollect(
    Conversion.convertAll(sensors, { wait: "10 millis", flags: { temperatureScale: "F" } })
  )
  const expected = yield* Effect.forEach(
    sensors,
    ({ path }) => ow.readText(`${path}/temperature`, { flags: { temperatureScale: "F" } })
  )
  assert.deepStrictEqual(
    new Map(seen.map((one) => [one.device.path, one._tag === "Reading" ? one.value : one.error.message])),
    new Map(sensors.map(({ path }, index) => [path, Number(expected[index])]))
  )
  return sensors.length
})

const writes = (ow: OwClient.Client) => Effect.map(ow.readText("/statistics/write/calls"), Number)

for (const backend of owserver.everyBackend) {
  backend.describe(`convertAll, with ${backend.name}`, () => {
    // A tester's device has external power if its position in the list is odd.
    for (
      const [list, what, written] of [
        // The kernel makes its thermometers convert together only if nothing else is on their bus.
        ["26,10,26,22,26,28,26,42", "all together", backend === owserver.kernel ? 0 : 1],
        ["3B,10,3B,22,3B,28,3B,42", "all together, with nothing else", 1],
        ["28,10,22,42,26", "one after another, as some are on parasite power", 0]
      ] as const
    ) {
      it.live(`gives what each thermometer gives by itself: ${what}`, () =>
        Effect.gen(function*() {
          const ow = yield* connect(yield* backend.start([`--tester=${list}`]))
          assert.strictEqual(yield* compare(ow, "/bus.0"), list.split(",").length)
          assert.strictEqual(yield* writes(ow), written)
        }))
    }
  })
}

owserver.describe("convertAll, with a server behind another", () => {
  it.live("has one bus of it measure", () =>
    Effect.gen(function*() {
      // Here the devices with external power are at odd positions of one list, and at even positions of the other.
      const behind = yield* owserver.start(["--tester=28,26,22,26", "--tester=26,28"])
      const front = yield* owserver.start(["-s", `${behind.host}:${behind.port}`])
      const ow = yield* connect(front)
      for (const [bus, count] of [["/bus.0/bus.0", 4], ["/bus.0/bus.1", 2], ["/bus.0", 6]] as const) {
        assert.strictEqual(yield* compare(ow, bus), count)
      }
      assert.strictEqual(yield* writes(yield* connect(behind)), 3)
    }))
})
