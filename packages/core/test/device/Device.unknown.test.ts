import { type Device, Family } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Option } from "effect"
import { answering, devicesOf, failure, message, reason, serve, thermometer } from "../fixtures/devices.ts"
import * as scripted from "../fixtures/scripted.ts"

describe("Device", () => {
  describe("of a family that nobody knows", () => {
    const stranger = "99.000099660100"
    const structure = "/structure/99"

    it.effect("has what every device has, without asking for its type", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({ [stranger]: {} })
        const device = yield* make(Family.unknown, stranger)
        assert.deepStrictEqual(
          yield* Effect.all([device.read("address"), device.read("family"), device.read("crc8")]),
          [device.id, "99", device.id.slice(14)]
        )
        assert.deepStrictEqual(asked, [
          `read /${stranger}/address`,
          `read /${stranger}/family`,
          `read /${stranger}/crc8`
        ])
        assert.strictEqual(
          yield* message(device.read("temperature")),
          `read /${stranger}/temperature: property is not one of a device of family 99; nothing was sent`
        )
        assert.strictEqual(yield* failure(device.write("alias", "x")), "ArgumentError")
        assert.strictEqual(yield* failure(device.write("address", "x")), "ArgumentError")
      }))

    it.effect("has the types that the server says, and is asked for each once", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({
          [`${structure}/speed`]: "f,000000,000001,rw,000012,v,",
          [`${structure}/PIO.ALL`]: "y,-000001,000003,rw,000005,v,",
          [`${structure}/PIO.BYTE`]: "y,-000002,000003,rw,000012,v,",
          [`${structure}/set/date`]: "d,000000,000001,ro,000024,v,",
          [`${structure}/set/udate`]: "u,000000,000001,ro,000012,v,",
          [`${structure}/key.one`]: "b,000000,-000001,ro,000008,s,",
          [`/${stranger}/speed`]: "        12.5",
          [`/${stranger}/PIO.ALL`]: "1,0,1",
          [`/${stranger}/PIO.BYTE`]: "5",
          [`/${stranger}/set/udate`]: "1767323045",
          [`/${stranger}/key.one`]: Uint8Array.of(1, 2)
        })
        const device = yield* make(Family.unknown, stranger)
        const speed = device.read("speed")
        assert.strictEqual(yield* speed, 12.5)
        assert.strictEqual(yield* speed, 12.5)
        assert.strictEqual(yield* Effect.map(device.reading("speed"), ({ value }) => value), 12.5)
        assert.deepStrictEqual(yield* device.read("PIO.ALL"), [true, false, true])
        assert.strictEqual(yield* device.read("PIO.BYTE"), 5)
        yield* device.write("PIO.BYTE", 7)
        assert.strictEqual(
          yield* message(device.write("PIO.BYTE", 8)),
          `write /${stranger}/PIO.BYTE: value must be between 0 and 7, not 8; nothing was sent`
        )
        assert.deepStrictEqual(yield* device.read("set/date"), new Date("2026-01-02T03:04:05Z"))
        assert.deepStrictEqual(yield* device.read("set/date"), new Date("2026-01-02T03:04:05Z"))
        // Other devices of the same client are told, too.
        const same = yield* make(Family.unknown, "99.000000000007")
        assert.strictEqual((yield* same.describe("speed")).record.kind, "f")
        assert.deepStrictEqual(
          server.requests.map(({ text }) => text.slice(0, -1)).filter((path) => path.startsWith("/structure")),
          ["speed", "PIO.ALL", "PIO.BYTE", "set/date", "set/udate"].map((name) => `${structure}/${name}`)
        )
        assert.strictEqual(
          yield* message(device.read("sped")),
          `read /${stranger}/sped: property is not one of a device of family 99; did you mean speed?; nothing was sent`
        )
      }))

    it.effect("does not remember the names of an array that has any", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({
          [`${structure}/key.one`]: "b,000000,-000001,ro,000008,s,",
          [`/${stranger}/key.one`]: "1"
        })
        const device = yield* make(Family.unknown, stranger)
        yield* device.read("key.one")
        yield* device.read("key.one")
        assert.strictEqual(server.requests.length, 4)
      }))

    it.effect("is judged by what is known of its kind", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({ [thermometer]: { temperature: 85, latesttemp: -127, temperature9: 400 } })
        const device = yield* make(Family.unknown, thermometer)
        const verdict = (name: string) => Effect.map(device.reading(name), ({ verdict }) => verdict._tag)
        assert.deepStrictEqual(
          yield* Effect.forEach(["temperature", "latesttemp", "temperature9"], verdict),
          ["PowerOn", "Disconnected", "Plausible"]
        )
      }))

    for (
      const garbage of [
        "",
        "temperature",
        "?,000000,000001,ro,000012,v,",
        "f,000000,000001,ro,000012,v",
        "f;0;1;ro;12;v;",
        "\0\0\0",
        "f,000000,000001,ro,000012,v,\n<html>"
      ]
    ) {
      it.effect(`says so where a type is ${JSON.stringify(garbage)}`, () =>
        Effect.gen(function*() {
          const { make, server } = yield* answering({
            [`${structure}/speed`]: [garbage, garbage, "f,000000,000001,ro,000012,v,"],
            [`/${stranger}/speed`]: "12.5"
          })
          const device = yield* make(Family.unknown, stranger)
          const speed = device.read("speed")
          const error = yield* Effect.flip(speed)
          assert.strictEqual(reason(error), "Malformed")
          assert.strictEqual(
            error.message,
            `read ${structure}/speed at scripted:4304: ${
              JSON.stringify(garbage.replace(/\0+$/, ""))
            } is not a type record`
          )
          assert.strictEqual(yield* failure(device.write("speed", 1)), "Malformed")
          assert.strictEqual(yield* speed, 12.5)
          assert.strictEqual(server.requests.length, 4)
        }))
    }

    it.effect("takes a record that makes no sense for what it says", () =>
      Effect.gen(function*() {
        const records: Readonly<Record<string, string>> = {
          none: "f,-000001,000000,rw,000012,v,",
          less: "b,-000001,-000001,rw,000012,v,",
          many: "b,-000001,999999999999,rw,000000,v,",
          short: "b,-000001,000005,rw,000012,v,",
          negative: "a,000000,000001,rw,-000005,v,",
          bits: "y,-000002,-000003,rw,000012,v,"
        }
        const { make } = yield* answering(Object.fromEntries(
          Object.entries(records).flatMap(([name, record]) => [
            [`${structure}/${name}`, record],
            [`/${stranger}/${name}`, "123456789012"]
          ])
        ))
        const device = yield* make(Family.unknown, stranger)
        for (const name of Object.keys(records)) {
          const calls: ReadonlyArray<Effect.Effect<unknown, Device.Failure>> = [
            device.read(name),
            device.write(name, 1),
            device.write(name, [new Uint8Array(3)])
          ]
          for (const call of calls) {
            const exit = yield* Effect.exit(call)
            assert.isTrue(Exit.isSuccess(exit) || Option.isSome(Exit.findErrorOption(exit)), name)
          }
        }
      }))

    it.effect("fails with what kept the server from saying a type", () =>
      Effect.gen(function*() {
        const { make } = yield* answering({ [`${structure}/speed`]: [-5], [`${structure}/errata`]: -21 })
        const device = yield* make(Family.unknown, stranger)
        assert.strictEqual(yield* failure(device.read("speed")), "BusFault")
        assert.strictEqual(yield* failure(device.read("errata")), "ArgumentError")
        assert.strictEqual(yield* failure(device.read("\0")), "ArgumentError")
      }))

    it.effect("asks for a type within the time of the call", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) => Effect.andThen(peer.receive, Effect.never))
        const { make } = devicesOf(yield* scripted.client(server, { silenceTimeout: "1 hour" }))
        const device = yield* make(Family.unknown, stranger)
        const fiber = yield* Effect.forkChild(Effect.flip(device.read("speed", { timeout: "2 seconds" })))
        yield* scripted.pass("2 seconds")
        const error = yield* Fiber.join(fiber)
        assert.strictEqual(error._tag, "OwnetTimeout")
        assert.include(error.message, `read ${structure}/speed`)
      }))
  })
})
