/**
 * The client on the real server, the simulated one and one over the kernel's bus, all started with the same devices.
 */
import { ControlFlags, MessageType, type OwClient, type OwError, RomId } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Option, Random, Schedule, Scope, Stream } from "effect"
import { sockets } from "./fixtures/census.ts"
import * as owserver from "./fixtures/owserver.ts"
import { reason } from "./fixtures/owserver.ts"
import { devices } from "./fixtures/questions.ts"

const sensor = "/28.000028D70100"
const octuple = "/29.000029D60300"
const eeprom = "/2D.00002DD20600"

const failure = <A>(call: Effect.Effect<A, OwError.OwError>) => Effect.flip(call)

for (const backend of owserver.everyBackend) {
  backend.describe(backend.name, () => {
    const { start } = backend
    const serve = owserver.serveBy(backend)
    it.live("answers every method", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve([devices])
        assert.strictEqual(ow.server, `127.0.0.1:${server.port}`)
        yield* ow.ping()

        const marked = yield* ow.dir()
        const plain = yield* ow.dir("/", { slash: false })
        assert.include(plain, sensor)
        assert.strictEqual(plain.length, 9)
        assert.deepStrictEqual(marked, plain.map((path) => `${path}/`))
        const all = yield* ow.dir("/", { slash: false, bus: true })
        assert.includeMembers([...all], [...plain, "/bus.0", "/settings", "/structure", "/alarm", "/uncached"])
        assert.deepStrictEqual(yield* Stream.runCollect(ow.dirStream()), plain)
        assert.deepStrictEqual(yield* Stream.runCollect(ow.dirStream("/", { bus: true })), all)
        assert.deepStrictEqual(yield* ow.dir("/alarm"), [])
        assert.include(yield* ow.dir(eeprom), `${eeprom}/pages/`)
        assert.include(yield* ow.dir(sensor), `${sensor}/temperature`)

        for (const path of plain) {
          assert.isTrue(yield* ow.present(path))
          const address = yield* ow.readText(`${path}/address`)
          assert.deepStrictEqual(yield* ow.romId(path), Option.some(address))
          assert.deepStrictEqual(yield* ow.romId(`${path}/type`), Option.some(address))
          assert.deepStrictEqual(RomId.fromString(path.slice(1)), Option.some(address))
        }
        assert.isFalse(yield* ow.present("/28.FFFFFFFFFFFF"))
        assert.isTrue(yield* ow.present("/"))
        assert.isTrue(yield* ow.present("/settings/units/temperature_scale"))
        assert.deepStrictEqual(yield* ow.romId("/"), Option.none())
        assert.deepStrictEqual(yield* ow.romId("/28.FFFFFFFFFFFF"), Option.none())

        assert.deepStrictEqual(yield* ow.read(`${sensor}/type`), new TextEncoder().encode("DS18B20"))
        assert.strictEqual(yield* ow.readText(`${sensor}/type`, { size: 3, offset: 2 }), "18B")
        assert.strictEqual(yield* ow.readText(`${sensor}/temperature`), "4.1")
        assert.strictEqual(yield* ow.readText(`${sensor}/temperature`, { flags: { trim: false } }), "         4.1")
        assert.strictEqual((yield* ow.read(`${eeprom}/memory`)).length, 128)
        assert.strictEqual((yield* ow.read(`${sensor}/alias`)).length, 0)
        yield* ow.write(`${sensor}/templow`, "-10")
        yield* ow.write(`${octuple}/PIO.ALL`, "0,1,0,1,0,1,0,1")
        yield* ow.write(`${eeprom}/memory`, Uint8Array.of(1, 2, 3), { offset: 4 })

        assert.deepStrictEqual(yield* ow.get(sensor, { slash: false }), {
          _tag: "Directory",
          entries: yield* ow.dir(sensor, { slash: false })
        })
        assert.deepStrictEqual(yield* ow.get(`${sensor}/type`), {
          _tag: "Value",
          bytes: new TextEncoder().encode("DS18B20")
        })
        assert.deepStrictEqual(yield* ow.get("/alarm"), { _tag: "Directory", entries: [] })
        assert.deepStrictEqual(yield* ow.get(`${sensor}/alias`), { _tag: "Value", bytes: new Uint8Array(0) })

        const raw = yield* ow.sendMessage(MessageType.Dir, "/")
        assert.deepStrictEqual(raw.entries.length, plain.length)
        assert.notStrictEqual(raw.offset, 0)
        assert.strictEqual((yield* ow.sendMessage(MessageType.Read, "/nosuch", { size: 100 })).ret, -1)
        assert.strictEqual((yield* ow.sendMessage(99, "/")).ret, -42)
      }))

    // No family with a kernel driver has so many properties, or a pressure.
    if (backend !== owserver.kernel) {
      it.live("lists what is longer than any value", () =>
        Effect.gen(function*() {
          const { ow } = yield* serve(["--tester=21"])
          const entries = yield* ow.dir("/21.000021DE0000/log")
          assert.strictEqual(entries.length, 6148)
          assert.strictEqual(entries.at(-1), "/21.000021DE0000/log/udate.2047")
        }))

      it.live("gives pressures in every scale", () =>
        Effect.gen(function*() {
          const { ow } = yield* serve([devices])
          const pressures = yield* Effect.forEach(
            ControlFlags.PressureScale.literals,
            (pressureScale) => ow.with({ flags: { pressureScale } }).readText("/26.000026D90200/B1-R1-A/pressure")
          )
          assert.deepStrictEqual(pressures, ["4", "0.00394769", "3.00025", "0.11812", "0.0580151", "400"])
        }))
    }

    it.live("gives temperatures in every scale", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve([devices])
        const temperatures = yield* Effect.forEach(
          ControlFlags.TemperatureScale.literals,
          (temperatureScale) => ow.readText(`${sensor}/temperature`, { flags: { temperatureScale } })
        )
        assert.deepStrictEqual(temperatures, ["4.1", "39.38", "277.25", "499.05"])
      }))

    it.live("names devices in every format, and knows them by each", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve([devices])
        const id = Option.getOrThrow(RomId.fromString("28000028D70100D5"))
        for (const deviceFormat of ControlFlags.DeviceFormat.literals) {
          const names = yield* ow.dir("/", { slash: false, flags: { deviceFormat } })
          const name = `/${RomId.format(id, deviceFormat)}`
          assert.include(names, name)
          assert.strictEqual(yield* ow.readText(`${name.toLowerCase()}/address`), id)
        }
      }))

    it.live("reads past the cache, by flag and by path", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve([devices])
        assert.strictEqual(yield* ow.readText(`${sensor}/temperature`, { flags: { uncached: true } }), "4.1")
        assert.strictEqual(yield* ow.readText(`/uncached${sensor}/temperature`), "4.1")
      }))

    it.live("keeps what is written, in the scale of the writer", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve(["--mock=28.000028D70100,26.000026D70100"])
        yield* ow.with({ flags: { temperatureScale: "F" } }).write(`${sensor}/templow`, "77")
        assert.strictEqual(yield* ow.readText(`${sensor}/templow`), "25")
        yield* ow.write(`${sensor}/alias`, "a,b Küche")
        assert.include(yield* ow.dir("/", { slash: false }), "/a,b Küche")
        assert.deepStrictEqual(yield* ow.romId("/a,b Küche"), Option.some("28000028D70100D5"))
        assert.strictEqual(yield* ow.readText("/a,b Küche/address"), "28000028D70100D5")
        yield* ow.write(`${sensor}/alias`, Uint8Array.of(0x4b, 0xfc))
        const odd = (yield* ow.dir("/", { slash: false })).find((path) => !path.startsWith("/26"))
        assert.strictEqual(odd, "/K\udcfc")
        assert.strictEqual(yield* ow.readText(`${odd}/address`), "28000028D70100D5")
        assert.include(yield* ow.dir("/unaliased", { slash: false }), `/unaliased${sensor}`)
      }))

    it.live("refuses, and each refusal says why", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve([devices])
        const cases: ReadonlyArray<readonly [Effect.Effect<unknown, OwError.OwError>, number, string, boolean]> = [
          [ow.read("/nosuch"), -1, "NotFound", false],
          [ow.read("/28.FFFFFFFFFFFF/temperature"), -1, "NotFound", false],
          [ow.dir("/28.FFFFFFFFFFFF"), -1, "NotFound", false],
          [Stream.runDrain(ow.dirStream("/28.FFFFFFFFFFFF")), -1, "NotFound", false],
          [ow.dir(`${sensor}/type`), -20, "NotDirectory", false],
          [ow.read(sensor), -21, "IsDirectory", false],
          [ow.write(sensor, "1"), -21, "IsDirectory", false],
          [ow.write(`${sensor}/templow`, "abc"), -22, "InvalidValue", false],
          [ow.write(`${octuple}/PIO.0`, ""), -14, "InvalidValue", false],
          [ow.write(`${sensor}/templow`, "1e400"), -34, "InvalidValue", false],
          [ow.read(`${octuple}/sensed.ALL`, { size: 5 }), -34, "TooLarge", false],
          [ow.read("/26.000026D90200/date", { size: 10 }), -90, "TooLarge", false],
          [ow.write(`${sensor}/temperature`, "1"), -95, "ReadOnly", false],
          // The kernel shows nothing behind a coupler.
          backend === owserver.kernel
            ? [ow.read("/1F.00001FE00400/discharge"), -1, "NotFound", false]
            : [ow.read("/1F.00001FE00400/discharge"), -95, "Unsupported", false]
        ]
        for (const [call, code, expected, isRetryable] of cases) {
          const error = yield* failure(call)
          assert.deepInclude(error, { _tag: "OwnetError", code, isRetryable })
          assert.strictEqual(reason(error), expected, error.message)
          assert.isString(error._tag === "OwnetError" ? error.serverText : undefined)
          assert.notInclude(error.message, "\n")
        }
        const short = yield* failure(ow.write(`${eeprom}/memory`, "x".repeat(140)))
        assert.deepStrictEqual("reason" in short && short.reason, { _tag: "ShortWrite", accepted: 128, sent: 140 })
      }))

    // Servers behind a bus are not simulated.
    if (backend === owserver.real) {
      it.live("that stands before a dead one tells a bus fault, and a device that was there", () =>
        Effect.gen(function*() {
          const upstream = yield* start([devices])
          const { ow } = yield* serve(["-s", `127.0.0.1:${upstream.port}`])
          assert.strictEqual(yield* ow.readText(`${sensor}/temperature`), "4.1")
          yield* upstream.kill
          const gone = yield* failure(ow.read(`${sensor}/temperature`, { flags: { uncached: true } }))
          assert.deepInclude(gone, { _tag: "OwnetError", code: -2, isRetryable: true })
          assert.strictEqual(reason(gone), "NotFound")
          const fault = yield* failure(ow.dir())
          assert.strictEqual(reason(fault), "BusFault")
          assert.isTrue(fault.isRetryable)
        }))
    }

    // The results of a program must not depend on how its server was started.
    const variants: ReadonlyArray<readonly [string, ReadonlyArray<string>, NodeOwClient.Options]> = [
      ["that sends a keepalive before every reply", ["--pingcrazy"], {}],
      ["that knows neither DIRALL nor GET", ["--no_dirall", "--no_get"], {}],
      ["that refuses persistence", ["--no_persistence"], {}],
      ["that keeps one connection for everybody", ["--clients_persistent_high=1"], {}],
      ["asked for no persistence", [], { flags: { persistence: false } }]
    ]
    for (const [name, args, options] of variants) {
      it.live(`${name} serves as any other`, () =>
        Effect.gen(function*() {
          const { ow: reference } = yield* serve([devices])
          const { ow } = yield* serve([devices, ...args], options)
          const views = (ow: OwClient.Client) =>
            Effect.all([
              ow.dir(),
              ow.dir("/", { slash: false, bus: true }),
              ow.dir(sensor),
              ow.dir("/settings"),
              ow.dir("/structure/28"),
              ow.get(sensor),
              ow.get(`${sensor}/type`),
              ow.get("/alarm"),
              ow.get(`${sensor}/alias`),
              Stream.runCollect(ow.dirStream(sensor)),
              ow.romId(sensor),
              ow.present("/nosuch"),
              ow.readText(`${sensor}/temperature`),
              ow.write(`${sensor}/templow`, "12"),
              Effect.asVoid(ow.ping()),
              Effect.map(failure(ow.read("/nosuch")), reason),
              Effect.map(failure(ow.get("/nosuch")), reason),
              Effect.map(failure(ow.dir(`${sensor}/type`)), reason),
              Effect.map(failure(ow.read(sensor)), reason)
            ], { concurrency: 6 })
          assert.deepStrictEqual(yield* views(ow), yield* views(reference))
          assert.deepStrictEqual(yield* views(ow), yield* views(reference))
        }))
    }

    it.live("started read-only refuses every write", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve([devices, "--readonly"])
        const error = yield* failure(ow.write(`${sensor}/templow`, "-10"))
        assert.deepInclude(error, { _tag: "OwnetError", code: -30 })
        assert.strictEqual(reason(error), "ReadOnly")
        assert.strictEqual(yield* ow.readText(`${sensor}/temperature`), "4.1")
      }))

    it.live("that closes idle connections is not noticed, by a write either", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve([devices, "--timeout_persistent_low=1", "--timeout_persistent_high=1"])
        yield* ow.read(`${sensor}/type`)
        yield* Effect.sleep("1300 millis")
        yield* ow.write(`${sensor}/templow`, "-10")
        yield* Effect.sleep("1300 millis")
        assert.strictEqual(yield* ow.readText(`${sensor}/type`), "DS18B20")
      }))

    it.live("that is killed and started again between two reads is found again", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve([devices])
        yield* Effect.all(Array.from({ length: 4 }, () => ow.read(`${sensor}/type`)), { concurrency: 4 })
        yield* server.kill
        const error = yield* failure(ow.read(`${sensor}/type`))
        assert.strictEqual(reason(error), "Connect")
        assert.include(error.message, `127.0.0.1:${server.port} refused the connection (ECONNREFUSED)`)
        yield* start([devices], server.port)
        assert.strictEqual(yield* ow.readText(`${sensor}/type`), "DS18B20")
        yield* ow.write(`${sensor}/templow`, "-10")
      }))

    it.live("that is replaced without a pause costs no read", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve([devices])
        yield* Effect.all(Array.from({ length: 4 }, () => ow.read(`${sensor}/type`)), { concurrency: 4 })
        yield* server.kill
        yield* start([devices], server.port)
        const types = yield* Effect.all(Array.from({ length: 20 }, () => ow.readText(`${sensor}/type`)), {
          concurrency: 20
        })
        assert.deepStrictEqual(new Set(types), new Set(["DS18B20"]))
      }))

    it.live("that is shutting down is served by the connection it has", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve([devices], { silenceTimeout: "500 millis" })
        yield* ow.ping()
        yield* server.signal("SIGTERM")
        yield* Effect.sleep("200 millis")
        const types = yield* Effect.all(Array.from({ length: 50 }, () => ow.readText(`${sensor}/type`)), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(new Set(types), new Set(["DS18B20"]))
      }))

    it.live("that is stopped is a timeout, and none once it goes on", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve([devices], { silenceTimeout: "300 millis", connectTimeout: "300 millis" })
        yield* ow.ping()
        yield* server.signal("SIGSTOP")
        const silent = yield* failure(ow.read(`${sensor}/type`))
        assert.deepInclude(silent, { _tag: "OwnetTimeout", limit: 300, operation: "read" })
        assert.strictEqual(reason(silent), "Silence")
        const slow = yield* failure(ow.read(`${sensor}/type`, { timeout: "100 millis" }))
        assert.strictEqual(reason(slow), "Call")
        yield* server.signal("SIGCONT")
        assert.strictEqual(yield* ow.readText(`${sensor}/type`), "DS18B20")
      }))

    it.live("gives each of 200 fibers its own answers, while others are interrupted", () =>
      Effect.gen(function*() {
        const scope = yield* Scope.make()
        const server = yield* start([devices])
        const before = sockets()
        const ow = yield* Scope.provide(
          owserver.client(NodeOwClient.layer({ host: server.host, port: server.port })),
          scope
        )
        const addresses = yield* Effect.forEach(yield* ow.dir("/", { slash: false }), (path) =>
          Effect.map(ow.readText(`${path}/address`), (address) => [path, address] as const))
        let answers = 0
        let interrupted = 0
        const ask = Effect.gen(function*() {
          const [path, address] = addresses[yield* Random.nextIntBetween(0, addresses.length - 1)]
          switch (yield* Random.nextIntBetween(0, 3)) {
            case 0:
              assert.strictEqual(yield* ow.readText(`${path}/address`), address)
              break
            case 1:
              assert.deepStrictEqual(yield* ow.romId(path), Option.some(address))
              break
            case 2:
              assert.strictEqual(yield* ow.readText(`${path}/family`), address.slice(0, 2))
              break
            default:
              assert.strictEqual(reason(yield* failure(ow.read(path))), "IsDirectory")
          }
          answers++
        })
        const worker = (index: number) =>
          Effect.gen(function*() {
            for (let round = 0; round < 25; round++) {
              if ((index + round) % 10 !== 0) {
                yield* ask
              } else {
                const fiber = yield* Effect.forkChild(ask)
                yield* Effect.sleep(yield* Random.nextIntBetween(0, 2))
                if (Exit.hasInterrupts(yield* Fiber.interrupt(fiber).pipe(Effect.andThen(Fiber.await(fiber))))) {
                  interrupted++
                }
              }
            }
          })
        yield* Effect.forEach(
          Array.from({ length: 200 }, (_, index) =>
            index),
          worker,
          { concurrency: "unbounded" }
        )
          .pipe(
            Random.withSeed("fibers")
          )
        assert.isAtLeast(answers, 4500)
        assert.isAbove(interrupted, 50)
        assert.isAtMost(sockets() - before, backend.mostSockets(4))
        yield* Scope.close(scope, Exit.void)
        yield* Effect.suspend(() => sockets() > before ? Effect.fail("still open") : Effect.void).pipe(
          Effect.retry(Schedule.upTo(Schedule.spaced("10 millis"), { times: 1000 }))
        )
      }), 60_000)
  })
}
