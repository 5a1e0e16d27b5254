import { type ControlFlags, type Device, MessageType, OwClient, ServerSettings } from "@effect-ownet/core"
import { SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { expectTypeOf } from "vitest"

const provided = Effect.provide(TestOwClient.layer({ "28.000028D70100": { alias: "kitchen" } }))

describe("ServerSettings", () => {
  it.effect("reads and writes settings by their types", () =>
    Effect.gen(function*() {
      const settings = yield* ServerSettings.settings
      const seconds = yield* settings.read("timeout/volatile")
      expectTypeOf(seconds).toEqualTypeOf<number>()
      assert.strictEqual(seconds, 15)
      yield* settings.write("timeout/volatile", 20, { verify: true })
      assert.strictEqual(yield* settings.read("timeout/volatile"), 20)
      yield* settings.write("units/temperature_scale", "F")
      assert.strictEqual(yield* settings.read("units/temperature_scale"), "F")
      assert.strictEqual(yield* settings.read("timeout/uncached"), false)
      assert.strictEqual(yield* settings.read("alias/list"), "28000028D70100D5=kitchen\r\n")
      const texts = yield* settings.read("return_codes/text.ALL")
      expectTypeOf(texts).toEqualTypeOf<ReadonlyArray<string>>()
      assert.lengthOf(texts, 211)
      assert.strictEqual(yield* settings.read("return_codes/text.1"), texts[1])
    }).pipe(provided))

  it.effect("refuses what makes no sense before anything is sent", () =>
    Effect.gen(function*() {
      const written: Array<string> = []
      const server = SimulatedServer.layer({}, {
        faults: ({ path, type }) => {
          if (type === MessageType.Write) written.push(path)
          return undefined
        }
      })
      yield* Effect.gen(function*() {
        const settings = yield* ServerSettings.settings
        const statistics = yield* ServerSettings.statistics
        const system = yield* ServerSettings.system
        const problems = yield* Effect.forEach([
          // @ts-expect-error a scale that is none
          settings.write("units/temperature_scale", "X"),
          settings.write("units/pressure_scale", "kPa" as ControlFlags.PressureScale),
          settings.write("timeout/volatile", -1),
          settings.write("timeout/volatile", 1.5),
          settings.write("timeout/volatile", 2 ** 32),
          // @ts-expect-error a yes or no
          settings.write("timeout/uncached", 1),
          // @ts-expect-error what cannot be written
          settings.write("alias/list", "x"),
          // @ts-expect-error what cannot be written
          statistics.write("cache/flips", 0),
          // @ts-expect-error a misspelt name
          settings.read("timeout/volatil"),
          // @ts-expect-error one of the settings
          system.read("timeout/volatile")
        ] as ReadonlyArray<Effect.Effect<unknown, Device.Failure>>, (call) =>
          Effect.map(Effect.flip(call), ({ message }) => message))
        assert.deepStrictEqual(problems, [
          "write /settings/units/temperature_scale: value must be one of C, F, K, R, not \"X\"; nothing was sent",
          "write /settings/units/pressure_scale: value must be one of mbar, atm, mmHg, inHg, psi, Pa, not \"kPa\"; nothing was sent",
          "write /settings/timeout/volatile: value must be between 0 and 4294967295, not -1; nothing was sent",
          "write /settings/timeout/volatile: value must be a whole number, not 1.5; nothing was sent",
          "write /settings/timeout/volatile: value must be between 0 and 4294967295, not 4294967296; nothing was sent",
          "write /settings/timeout/uncached: value must be true or false, not 1; nothing was sent",
          "write /settings/alias/list: property cannot be written; nothing was sent",
          "write /statistics/cache/flips: property cannot be written; nothing was sent",
          "read /settings/timeout/volatil: property is not one of a server's settings; did you mean timeout/volatile?; nothing was sent",
          "read /system/timeout/volatile: property is not one of a server's system; nothing was sent"
        ])
        assert.deepStrictEqual(written, [])
      }).pipe(Effect.provide(Layer.provide(OwClient.layer(), server)))
    }))

  it.effect("reads statistics, what the server is, and the interface of a bus", () =>
    Effect.gen(function*() {
      const statistics = yield* ServerSettings.statistics
      expectTypeOf(yield* statistics.read("read/tries.ALL")).toEqualTypeOf<ReadonlyArray<number>>()
      assert.isNumber(yield* statistics.read("threads/overall/max"))
      assert.isNumber(yield* statistics.read("return_codes/responses.1"))
      const system = yield* ServerSettings.system
      assert.strictEqual(yield* system.read("configuration/version"), "3.2p4")
      const bus = yield* ServerSettings.bus("bus.0")
      assert.strictEqual(bus.path, "/bus.0/interface")
      assert.isNumber(yield* bus.read("statistics/shorts"))
      assert.isString(yield* bus.read("settings/name"))
      const behind = yield* ServerSettings.bus("/bus.1/bus.0")
      assert.strictEqual(behind.path, "/bus.1/bus.0/interface")
      for (const wrong of ["", "28.000028D70100", "1F.00001FE00400/main", 1 as unknown as string]) {
        const error = yield* Effect.flip(ServerSettings.bus(wrong))
        assert.strictEqual(error.operation, "ServerSettings.bus")
      }
    }).pipe(provided))

  it.effect("explains each property in a sentence, with its type and unit", () =>
    Effect.gen(function*() {
      const settings = yield* ServerSettings.settings
      const { meaning, record, unit } = yield* settings.explain("timeout/volatile")
      assert.strictEqual(meaning, "How long values that change are kept in the cache, such as temperatures.")
      assert.deepStrictEqual([record.kind, record.access, unit], ["u", "rw", "s"])
      const directories: ReadonlyArray<ServerSettings.ServerDirectory<ServerSettings.Bus>> = (yield* Effect.all([
        ServerSettings.settings,
        ServerSettings.statistics,
        ServerSettings.system,
        ServerSettings.bus("bus.0")
        // Names are taken as the server lists them.
      ])) as ReadonlyArray<unknown> as ReadonlyArray<ServerSettings.ServerDirectory<ServerSettings.Bus>>
      for (const directory of directories) {
        const names = yield* directory.names()
        assert.isNotEmpty(names)
        for (const name of names as ReadonlyArray<"settings/name">) {
          const { meaning } = yield* directory.explain(name)
          assert.match(meaning, /^[A-Z][^_]{15,}\.$/, name)
          assert.isFalse(meaning.startsWith(":"), name)
        }
      }
    }).pipe(provided))
})
