/**
 * Walks, long values, shared reads, sweeps and the server's own settings, on the real server and on the simulated one.
 */
import { type Family, LongValue, OwClient, OwRequest, ServerSettings, Sweep, Walk } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { assert, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import * as owserver from "./fixtures/owserver.ts"

const paths = (path: string, options?: Walk.Options) =>
  Effect.map(
    Stream.runCollect(Walk.walk(path, options)),
    (found) => found.map((one) => one._tag === "Failed" ? `! ${one.path}` : one.path)
  )

for (const backend of owserver.everyBackend) {
  const serve = owserver.serveBy(backend)
  /** Runs a program with a client of a server with some devices. */
  const using = <A, E>(program: Effect.Effect<A, E, OwClient.OwClient>) =>
    Effect.flatMap(
      serve(["--tester=28,10,26,29,1F"]),
      ({ ow }) => Effect.provideService(program, OwClient.OwClient, ow)
    )

  backend.describe(`calls on ${backend.name}`, () => {
    it.live("walk below a directory, into each device once", () =>
      using(Effect.gen(function*() {
        const found = yield* paths("/")
        assert.includeMembers(found, [
          "/26.000026D90200/HIH4000/humidity",
          "/29.000029D60300/PIO.7",
          // The kernel shows nothing behind a coupler.
          ...(backend === owserver.kernel ? [] : ["/1F.00001FE00400/main"])
        ])
        assert.isFalse(found.some((path) => path.startsWith("!")))
        // In tester mode, a branch of the real server lists the whole bus, including its own coupler.
        if (backend === owserver.real) assert.include(found, "/1F.00001FE00400/main/1F.00001FE00400")
        assert.isFalse(found.some((path) => path.startsWith("/1F.00001FE00400/main/1F.00001FE00400/")))
        assert.deepStrictEqual(
          new Set(yield* paths("/", { depth: 1 })),
          new Set(yield* (yield* OwClient.OwClient).dir("/", { slash: false }))
        )
        const bus = yield* paths("/bus.0", { depth: 2 })
        assert.includeMembers(bus, ["/bus.0/interface", "/bus.0/28.000028D70000/temperature"])
        assert.isFalse(bus.some((path) => path.startsWith("/bus.0/interface/")))
        assert.include(yield* paths("/bus.0/interface"), "/bus.0/interface/settings/name")
      })))

    // A server other than OWFS keeps few settings.
    if (backend !== owserver.kernel) {
      it.live("read and write the settings of the server, and explain all that it has", () =>
        using(Effect.gen(function*() {
          const settings = yield* ServerSettings.settings
          for (const name of ["directory", "network", "presence", "stable", "volatile"] as const) {
            const before = yield* settings.read(`timeout/${name}`)
            yield* settings.write(`timeout/${name}`, before + 1, { verify: true })
            assert.strictEqual(yield* settings.read(`timeout/${name}`), before + 1)
          }
          yield* settings.write("timeout/volatile", 2 ** 32 - 1, { verify: true })
          for (const scale of ["F", "K", "R", "C"] as const) {
            yield* settings.write("units/temperature_scale", scale, { verify: true })
          }
          for (const scale of ["atm", "mmHg", "inHg", "psi", "Pa", "mbar"] as const) {
            yield* settings.write("units/pressure_scale", scale, { verify: true })
          }
          yield* settings.write("alias/unaliased", true, { verify: true })
          yield* settings.write("timeout/uncached", true, { verify: true })
          const directories = [
            settings,
            yield* ServerSettings.statistics,
            yield* ServerSettings.system,
            yield* ServerSettings.bus("bus.0")
            // The compiler does not know the names that a server lists.
          ] as ReadonlyArray<unknown> as ReadonlyArray<ServerSettings.ServerDirectory<Family.Unknown>>
          for (const { explain, names, read } of directories) {
            const listed = yield* names()
            assert.isNotEmpty(listed)
            // A few elements of arrays of hundreds are enough.
            for (const name of listed.filter((name) => !/\.\d\d/.test(name))) {
              yield* explain(name)
              yield* read(name)
            }
          }
        })))
    }

    it.live("share reads", () =>
      using(Effect.gen(function*() {
        const ow = yield* OwClient.OwClient
        const calls = Effect.flatMap(ServerSettings.statistics, ({ read }) => read("read/calls"))
        const shared = yield* OwRequest.share(ow, { timeToLive: "1 minute" })
        // Reading a counter also counts.
        const before = yield* calls
        const own = (yield* calls) - before
        const values = yield* Effect.replicateEffect(shared.readText("/28.000028D70000/temperature"), 10, {
          concurrency: "unbounded"
        })
        const after = yield* calls
        assert.lengthOf(new Set(values), 1)
        if (backend === owserver.real) assert.strictEqual(after - before - own, own + 1)
      })))

    it.live("read a property of all devices of a family", () =>
      using(Effect.gen(function*() {
        const { readings } = yield* Sweep.read([DS18B20], "temperature")
        assert.deepStrictEqual(readings.map(({ device, reading }) => [device.name, Result.isSuccess(reading)]), [
          ["28.000028D70000", true]
        ])
      })))
  })
}

const aliases = Array.from(
  { length: 2000 },
  (_, at) => `28.${at.toString(16).toUpperCase().padStart(12, "0")}=sensor of the house ${at}`
)

owserver.describe("a long value of the real server", () => {
  it.live("is read whole", () =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "aliases-"))),
        (folder) => Effect.sync(() => NodeFs.rmSync(folder, { recursive: true }))
      )
      const file = NodePath.join(folder, "aliases")
      NodeFs.writeFileSync(file, aliases.map((line) => `${line}\n`).join(""))
      const { ow } = yield* owserver.serve(["--tester=28", `--alias=${file}`])
      const path = "/settings/alias/list"
      const text = yield* Effect.provideService(LongValue.readText(path), OwClient.OwClient, ow)
      assert.lengthOf(yield* ow.read(path), 65_536)
      assert.deepStrictEqual(
        text.trimEnd().split("\r\n").map((line) => line.slice(line.indexOf("=") + 1)).toSorted(),
        aliases.map((line) => line.slice(line.indexOf("=") + 1)).toSorted()
      )
      assert.strictEqual(
        yield* Effect.provideService(LongValue.readText(path, { size: 1000 }), OwClient.OwClient, ow),
        text
      )
    }))
})
