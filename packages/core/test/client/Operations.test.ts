import { type Header, MessageType, type OwError, RomId } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Option, Schedule, Stream } from "effect"
import * as scripted from "../fixtures/scripted.ts"

const { answers, ended, keepalive, pass, pathOf, reason, reply, settle } = scripted

describe("operations", () => {
  it.effect("present is false for absence alone", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(answers((_, path) => Number(path.slice(1))))
      const ow = yield* scripted.client(server)
      assert.isFalse(yield* ow.present("/-1"))
      assert.isFalse(yield* ow.present("/-2"))
      assert.isTrue(yield* ow.present("/0"))
      for (const code of [-5, -42, -103]) {
        const error = yield* Effect.flip(ow.present(`/${code}`))
        assert.deepInclude(error, { _tag: "OwnetError", code, operation: "present" })
      }
    }))

  it.effect("presence gives the ROM id, or none", () =>
    Effect.gen(function*() {
      const id = Uint8Array.from([0x28, 0, 0, 0x28, 0xd7, 1, 0, 0xd5])
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) => {
          const path = pathOf(payload)
          const bytes = path === "/id" ? id : path === "/none" ? new Uint8Array(8) : id.with(7, 0)
          return peer.send(reply(header, bytes, { size: 0, ret: path === "/absent" ? -1 : 0 }))
        }))
      )
      const ow = yield* scripted.client(server)
      assert.deepStrictEqual(yield* ow.romId("/id"), Option.some("28000028D70100D5"))
      assert.deepStrictEqual(yield* ow.romId("/none"), Option.none())
      assert.deepStrictEqual(yield* ow.romId("/absent"), Option.none())
      assert.strictEqual(reason(yield* Effect.flip(ow.romId("/ghost"))), "UnexpectedReply")
    }))

  it.effect("a presence without an id leaves it to the address, which only a device has", () =>
    Effect.gen(function*() {
      const texts: Readonly<Record<string, string | number>> = {
        "/28.000028D70100/address": "28000028D70100D5",
        "/kitchen/address": "28000028d70100d5",
        "/bus.0/interface/settings/address": "/dev/i2c-1",
        "/wrong/address": "28000028D7010000",
        "/zeros/address": "0000000000000000",
        "/28.000028D70100/type/address": -20,
        "/nested/address": -21,
        "/settings/address": -1,
        "/gone/address": -2,
        "/faulty/address": -5
      }
      const server = yield* scripted.make(
        answers((type, path) => type === MessageType.Read ? texts[path] ?? -1 : path === "/absent" ? -1 : 0)
      )
      const ow = yield* scripted.client(server)
      const id = Option.some("28000028D70100D5")
      assert.deepStrictEqual(yield* ow.romId("/28.000028D70100"), id)
      assert.deepStrictEqual(yield* ow.romId("/28.000028D70100/"), id)
      assert.deepStrictEqual(yield* ow.romId("/kitchen"), id)
      const others = ["/", "/absent", "/bus.0/interface/settings", "/wrong", "/zeros", "/settings", "/gone", "/nested"]
      for (const path of [...others, "/28.000028D70100/type"]) {
        assert.deepStrictEqual(yield* ow.romId(path), Option.none(), path)
      }
      const error = yield* Effect.flip(ow.romId("/faulty"))
      assert.deepInclude(error, { _tag: "OwnetError", code: -5, operation: "romId", path: "/faulty" })
      const asked = server.requests.filter(({ text }) => text.startsWith("/kitchen") || text.startsWith("/absent"))
      assert.deepStrictEqual(asked.map(({ text, type }) => [type, text]), [
        [MessageType.Presence, "/kitchen|"],
        [MessageType.Read, "/kitchen/address|"],
        [MessageType.Presence, "/absent|"]
      ])
    }))

  it.effect("the limit of romId is that of both its requests", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(
          Effect.flatMap(peer.receive, ({ header }) => Effect.delay(peer.send(reply(header)), "2 seconds"))
        )
      )
      const ow = yield* scripted.client(server)
      const asked = yield* Effect.forkChild(Effect.flip(ow.romId("/kitchen", { timeout: "3 seconds" })), {
        startImmediately: true
      })
      yield* pass("2 seconds")
      yield* pass("1 seconds")
      assert.deepInclude(yield* ended(asked), { _tag: "OwnetTimeout", limit: 3000, operation: "romId" })
    }))

  it.effect("ping tells the time from the call to the answer", () =>
    Effect.gen(function*() {
      let failing = false
      const server = yield* scripted.make(
        (peer) =>
          Effect.forever(Effect.flatMap(peer.receive, ({ header }) => {
            // The texts of return codes come at once.
            if (header.type !== MessageType.Nop) return peer.send(reply(header))
            const ret = failing ? -5 : 0
            failing = false
            return Effect.delay(peer.send(reply(header, "", { ret })), "30 millis")
          })),
        { onOpen: () => Effect.sleep("100 millis") }
      )
      const ow = yield* scripted.client(server, { lazy: true })
      const elapsed = (ping: Effect.Effect<Duration.Duration, OwError.OwError>) =>
        Effect.gen(function*() {
          const fiber = yield* Effect.forkChild(ping, { startImmediately: true })
          for (const wait of ["100 millis", "30 millis", "1 second", "30 millis"] as const) yield* pass(wait)
          return Exit.map(fiber.pollUnsafe() ?? Exit.die("no answer"), Duration.toMillis)
        })
      assert.deepStrictEqual(yield* elapsed(ow.ping()), Exit.succeed(130))
      assert.deepStrictEqual(yield* elapsed(ow.ping()), Exit.succeed(30))
      failing = true
      assert.deepStrictEqual(yield* elapsed(ow.ping({ retry: Schedule.spaced("1 second") })), Exit.succeed(1060))
    }))

  it.effect("dir falls back to DIR, asks for the slashes, and remembers", () =>
    Effect.gen(function*() {
      const directories = new Set(["/", "/10.67C6697351FF", "/10.67C6697351FF/errata", "/settings"])
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header, payload } = yield* peer.receive
          const path = pathOf(payload)
          if (header.type !== MessageType.Dir) return yield* peer.send(reply(header, "", { ret: -42 }))
          if (!directories.has(path)) return yield* peer.send(reply(header, "", { ret: -20 }))
          const names = path === "/" ? ["10.67C6697351FF", "settings"] : ["errata", "type"]
          for (const name of names) {
            const entry = `${path === "/" ? "" : path}/${name}`
            yield* peer.send(reply(header, `${entry}\0`, { size: entry.length }))
            yield* peer.send(keepalive)
          }
          yield* peer.send(reply(header))
        }))
      )
      const ow = yield* scripted.client(server)
      assert.deepStrictEqual(yield* ow.dir("/", { slash: false }), ["/10.67C6697351FF", "/settings"])
      assert.deepStrictEqual(yield* ow.dir(), ["/10.67C6697351FF/", "/settings/"])
      assert.deepStrictEqual(yield* ow.with({}).dir("/10.67C6697351FF"), [
        "/10.67C6697351FF/errata/",
        "/10.67C6697351FF/type"
      ])
      assert.deepStrictEqual(yield* ow.get("/10.67C6697351FF", { slash: false }), {
        _tag: "Directory",
        entries: ["/10.67C6697351FF/errata", "/10.67C6697351FF/type"]
      })
      const types = server.requests.map(({ type }) => type)
      assert.strictEqual(
        types.filter((type) => type === MessageType.DirAll || type === MessageType.DirAllSlash).length,
        1
      )
      assert.strictEqual(types.filter((type) => type === MessageType.Get).length, 1)
    }))

  it.effect("the fallback of dir has the limit of the call", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
          Effect.delay(
            peer.send(reply(header, "", { ret: header.type === MessageType.DirAllSlash ? -42 : 0 })),
            "2 seconds"
          )))
      )
      const ow = yield* scripted.client(server)
      const listed = yield* Effect.forkChild(Effect.flip(ow.dir("/", { timeout: "3 seconds" })), {
        startImmediately: true
      })
      yield* pass("2 seconds")
      yield* pass("1 seconds")
      assert.deepInclude(yield* ended(listed), { _tag: "OwnetTimeout", limit: 3000, operation: "dir", path: "/" })
    }))

  it.effect("dir asks by DIR alone once it has been refused, also in another attempt or an effect made before", () =>
    Effect.gen(function*() {
      let failures = 2
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
          peer.send(
            reply(header, "", { ret: header.type !== MessageType.Dir ? -42 : failures-- > 0 ? -5 : 0 })
          )))
      )
      const ow = yield* scripted.client(server)
      const listing = ow.dir("/", { slash: false, retry: Schedule.recurs(1) })
      assert.deepInclude(yield* Effect.flip(listing), { _tag: "OwnetError", code: -5, operation: "dir", path: "/" })
      assert.deepStrictEqual(yield* listing, [])
      const { Dir, DirAll } = MessageType
      assert.deepStrictEqual(
        server.requests.map(({ type }) => type).filter((type) => type === Dir || type === DirAll),
        [DirAll, Dir, Dir, Dir]
      )
    }))

  it.effect("dir says that a request has left, also when its fallback could not be sent", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(
        (peer) =>
          Effect.flatMap(peer.receive, ({ header }) =>
            Effect.andThen(
              // The server goes away behind its answer.
              peer.send(reply(header, "", { ret: -42, flags: header.flags & ~4 })),
              peer.close
            )),
        { onOpen: (index) => index === 0 ? Effect.void : scripted.refused }
      )
      const ow = yield* scripted.client(server)
      const error = yield* Effect.flip(ow.dir())
      assert.deepInclude(error, { _tag: "ConnError", operation: "dir", path: "/", requestSent: true })
      assert.strictEqual(reason(error), "Connect")
      assert.strictEqual(server.requests.length, 1)
    }))

  it.effect("dir does not take a failing directory for a property", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header, payload } = yield* peer.receive
          if (header.type !== MessageType.Dir) return yield* peer.send(reply(header, "", { ret: -42 }))
          if (pathOf(payload) !== "/") return yield* peer.send(reply(header, "", { ret: -5 }))
          yield* peer.send(reply(header, "/alias\0", { size: 6 }))
          yield* peer.send(reply(header))
        }))
      )
      const ow = yield* scripted.client(server)
      assert.strictEqual(reason(yield* Effect.flip(ow.dir())), "BusFault")
    }))

  it.effect("dirStream emits what was found, and then how it ended", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header, payload } = yield* peer.receive
          for (const name of ["/a", "/b"]) {
            yield* peer.send(reply(header, `${name}\0`, { size: 2 }))
            yield* Effect.sleep("1 second")
          }
          yield* peer.send(reply(header, "", { ret: pathOf(payload) === "/" ? 0 : -5 }))
        }))
      )
      const ow = yield* scripted.client(server)
      const seen: Array<string> = []
      const fiber = yield* ow.dirStream().pipe(
        Stream.runForEach((path) => Effect.sync(() => seen.push(path))),
        Effect.forkChild({ startImmediately: true })
      )
      yield* pass("500 millis")
      assert.deepStrictEqual(seen, ["/a"])
      yield* pass("1 second")
      assert.deepStrictEqual(seen, ["/a", "/b"])
      yield* pass("1 second")
      yield* ended(fiber)

      const failing = yield* ow.dirStream("/bus.0").pipe(
        Stream.map((path) => seen.push(path)),
        Stream.runDrain,
        Effect.flip,
        Effect.forkChild({ startImmediately: true })
      )
      yield* pass("3 seconds")
      assert.strictEqual(reason(yield* ended(failing)), "BusFault")
      assert.deepStrictEqual(seen, ["/a", "/b", "/a", "/b"])
    }))

  it.effect("dirStream closes its connection when it is left early, and only then", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header } = yield* peer.receive
          yield* peer.send(reply(header, "/a\0", { size: 2 }))
          yield* Effect.sleep("1 second")
          yield* peer.send(reply(header))
        }))
      )
      const ow = yield* scripted.client(server)
      assert.deepStrictEqual(yield* Stream.runCollect(Stream.take(ow.dirStream(), 1)), ["/a"])
      yield* settle
      assert.strictEqual(server.open(), 0)
      const whole = yield* Effect.forkChild(Stream.runCollect(ow.dirStream()), { startImmediately: true })
      yield* pass("1 second")
      assert.deepStrictEqual(yield* ended(whole), ["/a"])
      assert.strictEqual(server.open(), 1)
    }))

  it.effect("get tells an empty directory from an empty value", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(
        answers((type, path) => path === "/alias" && type === MessageType.DirAllSlash ? -20 : 0)
      )
      const ow = yield* scripted.client(server)
      assert.deepStrictEqual(yield* ow.get("/alarm"), { _tag: "Directory", entries: [] })
      assert.deepStrictEqual(yield* ow.get("/alias"), { _tag: "Value", bytes: new Uint8Array(0) })
    }))

  it.effect("get asks for the bytes that are wanted", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
          peer.send(
            header.type === MessageType.Read
              ? reply(header, "ab")
              : reply(header, "", { ret: -42 + (header.type === MessageType.DirAllSlash ? 22 : 0) })
          )))
      )
      const ow = yield* scripted.client(server)
      yield* ow.get("/a", { size: 2, offset: 7 })
      assert.deepStrictEqual(server.requests.map(({ offset, size, type }) => [type, size, offset]), [
        [MessageType.GetSlash, 2, 7],
        [MessageType.DirAllSlash, 0, 0],
        [MessageType.Read, 2, 7]
      ])
    }))

  it.effect("never asks for more than is accepted", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(
          Effect.flatMap(peer.receive, ({ header }) => peer.send(reply(header, "x".repeat(header.size))))
        )
      )
      const ow = yield* scripted.client(server, { maxPayload: 10 })
      assert.strictEqual((yield* ow.read("/a")).length, 10)
      assert.strictEqual((yield* Effect.flip(ow.read("/a", { size: 11 })))._tag, "ArgumentError")
      const refusing = yield* scripted.make(answers(() => -90))
      yield* Effect.flip((yield* scripted.client(refusing, { maxPayload: 10 })).read("/a"))
      assert.deepStrictEqual(refusing.requests.map(({ size }) => size), [10, 10])
    }))

  it.effect("write says when the server accepted less", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header }) => peer.send(reply(header, "", { size: 2 }))))
      )
      const ow = yield* scripted.client(server)
      const error = yield* Effect.flip(ow.write("/memory", "abc"))
      assert.deepInclude(error, { _tag: "ProtocolError", operation: "write", path: "/memory" })
      assert.deepStrictEqual(error._tag === "ProtocolError" && error.reason, {
        _tag: "ShortWrite",
        accepted: 2,
        sent: 3
      })
      assert.strictEqual(server.open(), 1)
    }))

  it.effect("sendMessage gives the reply as it came, refusals and frames too", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header } = yield* peer.receive
          if (header.type === MessageType.Dir) yield* peer.send(reply(header, "/a\0", { size: 2 }))
          yield* peer.send(reply(header, "", { ret: -5, offset: 0x8002 }))
        }))
      )
      const ow = yield* scripted.client(server)
      const raw = yield* ow.sendMessage(MessageType.Dir, "/", { flags: { busReturn: true } })
      assert.deepInclude(raw, { ret: -5, offset: 0x8002, flags: 0x106, payload: 0 })
      assert.deepStrictEqual(raw.entries.map(({ data }) => new TextDecoder().decode(data)), ["/a\0"])
      assert.strictEqual((yield* ow.sendMessage(99, "/")).ret, -5)
    }))

  it.effect("a reply that answers another question is an error, and costs the connection", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
          peer.send(
            header.type === MessageType.Nop
              ? reply(header, "x")
              : header.type === MessageType.Write
              ? reply(header, "", { size: header.size + 1 })
              : header.type === MessageType.Presence
              ? reply(header, "x")
              : header.size > 4
              // A length, and nothing that is so long.
              ? reply(header, "", { size: 5 })
              : reply(header, "nonsense", { ret: 1 })
          )))
      )
      const ow = yield* scripted.client(server)
      const calls = [
        ow.ping(),
        ow.present("/a"),
        ow.romId("/a"),
        ow.dir(),
        Stream.runDrain(ow.dirStream()),
        ow.read("/a"),
        ow.read("/a", { size: 4 }),
        ow.write("/a", "1"),
        ow.get("/a")
      ]
      for (const [index, call] of calls.entries()) {
        const error = yield* Effect.flip(call)
        assert.strictEqual(reason(error), "UnexpectedReply", `call ${index}`)
        yield* settle
        assert.strictEqual(server.open(), 0, `call ${index}`)
      }
    }))

  it.effect("a value is what its server means by it, however it says how long that is", () =>
    Effect.gen(function*() {
      const value = "        23.5"
      const replies: ReadonlyArray<readonly [ret: number, payload: number, size: number, read: string, text: string]> =
        [
          [12, 12, 12, value, value],
          [0, 12, 12, value, value],
          [12, 12, 0, value, value],
          [0, 12, 0, value, value],
          [1, 12, 12, value, value],
          [13, 12, 0, value, value],
          // A NUL that counts, and one that does not.
          [13, 13, 13, `${value}\0`, value],
          [12, 13, 12, value, value],
          [0, 13, 0, `${value}\0`, value],
          // Padding, up to what was asked for.
          [12, 64, 12, value, value],
          [12, 64, 0, value, value],
          [0, 64, 12, value, value],
          [0, 0, 0, "", ""],
          [1, 0, 0, "", ""]
        ]
      for (const [ret, payload, size, bytes, text] of replies) {
        const shown = `${ret}/${payload}/${size}`
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
            peer.send(
              header.type === MessageType.DirAllSlash
                ? reply(header, "", { ret: -20 })
                : reply(header, `${value}${"\0".repeat(52)}`.slice(0, payload), { ret, size })
            )))
        )
        const ow = yield* scripted.client(server)
        assert.strictEqual(new TextDecoder().decode(yield* ow.read("/a", { size: 64 })), bytes, shown)
        assert.strictEqual(yield* ow.readText("/a", { size: 64 }), text, shown)
        const content = yield* ow.get("/a", { size: 64 })
        assert.strictEqual(
          content._tag === "Value" ? new TextDecoder().decode(content.bytes) : content._tag,
          bytes,
          shown
        )
        assert.strictEqual(server.opened(), 1)
        const longest = yield* Effect.result(ow.read("/a", { size: 11 }))
        assert.strictEqual(longest._tag, bytes === "" ? "Success" : "Failure", shown)
      }
    }))

  it.effect("listings, writes and presence are what they mean, too", () =>
    Effect.gen(function*() {
      const id = Buffer.from(Option.getOrThrow(RomId.fromString("28.000028D70100")), "hex")
      const list = "/28.000028D70100/,/bus.0/"
      const frames: ReadonlyArray<(header: Header.RequestHeader) => Uint8Array> = [
        (header) => reply(header, `${list}\0`, { size: list.length }),
        (header) => reply(header, list),
        (header) => reply(header, `${list}\0`),
        (header) => reply(header, `${list}\0\0\0\0`, { size: 0 })
      ]
      for (const frame of frames) {
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) =>
            peer.send(
              header.type === MessageType.Write
                ? reply(header, "", { ret: 1, size: pathOf(payload) === "/counted" ? header.size : 0 })
                : header.type === MessageType.Presence
                ? pathOf(payload) === "/absent"
                  ? reply(header, "", { ret: -2 })
                  : pathOf(payload) === "/bare"
                  ? reply(header)
                  : reply(header, id, { ret: 1, size: 0 })
                : frame(header)
            )))
        )
        const ow = yield* scripted.client(server)
        assert.deepStrictEqual(yield* ow.dir(), list.split(","))
        assert.deepStrictEqual(yield* ow.get("/"), { _tag: "Directory", entries: list.split(",") })
        yield* ow.write("/counted", "21.5")
        yield* ow.write("/a", "21.5")
        assert.isTrue(yield* ow.present("/a"))
        assert.isTrue(yield* ow.present("/bare"))
        assert.isFalse(yield* ow.present("/absent"))
        assert.deepStrictEqual(yield* ow.romId("/a"), RomId.fromString("28.000028D70100"))
        assert.strictEqual(server.opened(), 1)
      }
    }))
})
