import { Fault, type SimulatedNetwork } from "@effect-ownet/core/testing"
import { connect, connectNetwork, OwnetError } from "@effect-ownet/node/promise"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import { inFahrenheit, temperatures, traced } from "./cellars.ts"
import { firstOfFamily, guard, temperatureOf } from "./frostGuard.ts"
import { cellar as cellarOf, thermometers } from "./servers.ts"
import { show } from "./show.ts"

const cellar = "28.000028D70100"
const relays = "29.000029D60300"

const withServer = (
  description: SimulatedNetwork.Description,
  program: (url: string) => Promise<void>,
  options?: NodeSimulatedServer.Options
) =>
  Effect.flatMap(
    NodeSimulatedServer.start(description, options),
    ({ host, port }) => Effect.promise(() => program(`owserver://${host}:${port}`))
  )

describe("show", () => {
  it.live("prints what is there, and a temperature", () =>
    withServer({ [cellar]: { temperature: 21.5 }, [relays]: {} }, async (url) => {
      const lines: Array<unknown> = []
      const log = vi.spyOn(console, "log").mockImplementation((line) => void lines.push(line))
      await show(url).finally(() => log.mockRestore())
      assert.deepStrictEqual(lines, [`/${cellar}/`, `/${relays}/`, "21.5"])
    }))
})

describe("guard", () => {
  const cases = [[-1.5, true], [3, false]] as const

  it.live.each(cases)("at %d °C, the heating is on: %s", ([temperature, heating]) =>
    withServer(
      { [cellar]: { temperature }, [relays]: { "PIO.0": !heating } },
      async (url) => {
        await using ow = await connect(url)
        await guard(ow)
        assert.strictEqual(await ow.readText(`/${relays}/PIO.0`), heating ? "1" : "0")
      },
      { faults: Fault.first(1, Fault.Fault.Refuse({ code: -5 })) }
    ))
})

describe("temperatureOf", () => {
  it.live("is nothing where there is no device, and fails where the bus does", () =>
    withServer(
      { [cellar]: { temperature: 21.5 } },
      async (url) => {
        await using ow = await connect(url)
        assert.strictEqual(await temperatureOf(ow, `/${cellar}`), 21.5)
        assert.isUndefined(await temperatureOf(ow, "/28.0000000000FF"))
        const error = await temperatureOf(ow, `/${cellar}`).catch((error: unknown) => error)
        assert.instanceOf(error, OwnetError)
        assert.strictEqual(error.reason._tag, "BusFault")
      },
      {
        faults: ({ indexOfType, path }) =>
          path.startsWith(`/${cellar}`) && indexOfType > 0 ? Fault.Fault.Refuse({ code: -5 }) : undefined
      }
    ))
})

describe("firstOfFamily", () => {
  it.live("is the first path of a family, or nothing", () =>
    withServer({ [cellar]: {}, [relays]: {} }, async (url) => {
      await using ow = await connect(url)
      assert.strictEqual(await firstOfFamily(ow, "29"), `/${relays}`)
      assert.isUndefined(await firstOfFamily(ow, "10"))
    }))
})

describe("temperatures", () => {
  it.live("are those that can be true, of the buses that answer", () =>
    withServer(
      {
        [cellar]: { alias: "cellar", temperature: 21.5 },
        "28.000028D70200": { temperature: 85 },
        "10.000010EF0000": { temperature: -3.5 },
        "/bus.1/28.000028D70300": { temperature: 7 },
        [relays]: {}
      },
      async (url) => {
        const warnings: Array<unknown> = []
        const warn = vi.spyOn(console, "warn").mockImplementation((line) => void warnings.push(line))
        const lines: Array<unknown> = []
        const log = vi.spyOn(console, "error").mockImplementation((line) => void lines.push(line))
        try {
          await using ow = await traced(url)
          assert.deepStrictEqual(await temperatures(ow), [["10.000010EF0000", -3.5], ["cellar", 21.5]])
          assert.lengthOf(warnings, 2)
          assert.match(String(warnings[0]), /^dir \/bus\.1 at .*: refused with -5 EIO/)
          assert.match(
            String(warnings[1]),
            /^28\.000028D70200: 85 °C: 85 °C is what a thermometer reports until it has measured/
          )
          assert.deepStrictEqual(await inFahrenheit(ow), [["10.000010EF0000", 25.7], ["cellar", 70.7]])
          assert.isAbove(lines.filter((line) => / <- READ .*\/temperature /.test(String(line))).length, 4)
        } finally {
          warn.mockRestore()
          log.mockRestore()
        }
      },
      { faults: ({ path }) => path === "/bus.1" ? Fault.Fault.Refuse({ code: -5 }) : undefined }
    ))
})

describe("several servers", () => {
  const houses = Effect.all([
    NodeSimulatedServer.start({ [relays]: {} }),
    NodeSimulatedServer.start({ [cellar]: { alias: "cellar", temperature: 8 } })
  ])

  it.live("have a device on one of them", () =>
    Effect.gen(function*() {
      const [raspberrypi, barn] = yield* houses
      const addresses = [
        { name: "raspberrypi", host: raspberrypi.host, port: raspberrypi.port },
        { name: "barn", host: barn.host, port: barn.port }
      ]
      assert.strictEqual(yield* Effect.promise(() => cellarOf(addresses)), 8)
      yield* raspberrypi.stop
      yield* Effect.promise(async () => {
        const warnings: Array<unknown> = []
        const warn = vi.spyOn(console, "warn").mockImplementation((line) => void warnings.push(line))
        try {
          await using house = await connectNetwork(addresses)
          assert.deepStrictEqual(await thermometers(house), ["cellar is on barn"])
          assert.match(warnings.join(), /^raspberrypi: dir \/ at /)
        } finally {
          warn.mockRestore()
        }
      })
    }))
})
