import { Device, MessageType, OwClient, OwRequest, OwRetry } from "@effect-ownet/core"
import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import * as devices from "../fixtures/devices.ts"
import * as scripted from "../fixtures/scripted.ts"
import { reason, settle } from "../fixtures/scripted.ts"

const path = `/${devices.thermometer}/temperature`

/** A simulated server, a client that shares, and what the server was asked. */
const serve = Effect.fnUntraced(function*(options?: OwRequest.Options) {
  const { asked, ow } = yield* devices.serve({
    [devices.thermometer]: { temperature: 21.5, templow: 5 },
    [devices.relay]: {}
  })
  return { asked, plain: ow, ow: yield* OwRequest.share(ow, options) }
})

/** A server that answers a READ once it may, with the number of the READ. */
const gated = Effect.fnUntraced(function*(options?: OwRequest.Options) {
  const gate = yield* Deferred.make<void>()
  let reads = 0
  const server = yield* scripted.make((peer) =>
    Effect.forever(Effect.flatMap(peer.receive, ({ header }) => {
      const value = String(++reads)
      return Effect.andThen(Deferred.await(gate), peer.send(scripted.reply(header, value)))
    }))
  )
  const plain = yield* scripted.client(server)
  const ow = yield* OwRequest.share(plain, options)
  return { server, plain, ow, gate, open: Deferred.succeed(gate, undefined), reads: () => reads }
})

const ten = <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.replicateEffect(call, 10, { concurrency: "unbounded" })

describe("OwRequest", () => {
  it.effect("makes one READ of equal reads at the same time, and keeps nothing", () =>
    Effect.gen(function*() {
      const { asked, ow } = yield* serve()
      assert.deepStrictEqual(yield* ten(ow.readText(path)), Array(10).fill("21.5"))
      assert.deepStrictEqual(asked, [`read ${path}`])
      yield* ow.readText(path)
      assert.lengthOf(asked, 2)
    }))

  it.effect("is no matter of one tick: who comes while the READ is on its way joins it", () =>
    Effect.gen(function*() {
      const { open, ow, reads } = yield* gated()
      const first = yield* Effect.forkChild(ow.readText(path))
      yield* settle
      const second = yield* Effect.forkChild(ow.readText(path))
      yield* settle
      yield* open
      assert.deepStrictEqual(yield* Fiber.joinAll([first, second]), ["1", "1"])
      assert.strictEqual(reads(), 1)
    }))

  it.effect("leaves a plain client what it is", () =>
    Effect.gen(function*() {
      const { asked, plain } = yield* serve({ timeToLive: "1 hour" })
      yield* ten(plain.readText(path))
      assert.lengthOf(asked, 10)
    }))

  it.effect("makes a READ for each kind of read", () =>
    Effect.gen(function*() {
      const { asked, ow } = yield* serve({ timeToLive: "1 hour" })
      const fahrenheit = { flags: { temperatureScale: "F" } } as const
      const reads: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        ow.readText(path),
        ow.read(path),
        ow.readText(`/${devices.thermometer}/templow`),
        ow.readText(path, fahrenheit),
        ow.readText(path, { size: 2 }),
        ow.readText(path, { offset: 1 }),
        ow.readText(path, { timeout: "1 minute" }),
        ow.readText(path, { retry: OwRetry.transient }),
        ow.readText(path, { flags: { trim: false } })
      ]
      const values = yield* Effect.all([...reads, ...reads], { concurrency: "unbounded" })
      assert.lengthOf(asked, reads.length)
      assert.deepStrictEqual([values[0], values[3], values[4], values[8]], ["21.5", "70.7", "21", "        21.5"])
      assert.deepStrictEqual(values.slice(reads.length), values.slice(0, reads.length))
      // Other clients over the same connections ask the same, and something else.
      assert.strictEqual(yield* ow.with({ timeout: "1 minute" }).readText(path), "21.5")
      assert.strictEqual(yield* ow.with({}).readText(path), "21.5")
      assert.lengthOf(asked, reads.length)
      assert.strictEqual(yield* ow.with({ flags: { trim: false } }).readText(path), "        21.5")
      assert.strictEqual(yield* ow.with({ flags: { pressureScale: "Pa" } }).readText(path), "21.5")
      assert.lengthOf(asked, reads.length + 1)
    }))

  it.effect("keeps an answer for its time", () =>
    Effect.gen(function*() {
      const { asked, ow } = yield* serve({ timeToLive: "10 seconds" })
      yield* ow.readText(path)
      yield* TestClock.adjust("9 seconds")
      yield* ow.readText(path)
      assert.lengthOf(asked, 1)
      yield* TestClock.adjust("1 second")
      yield* ten(ow.readText(path))
      assert.lengthOf(asked, 2)
      yield* TestClock.adjust("9 seconds")
      yield* ow.readText(path)
      assert.lengthOf(asked, 2)
    }))

  it.effect("gives a late answer to those who waited for it, and keeps it from then on", () =>
    Effect.gen(function*() {
      const { open, ow, reads } = yield* gated({ timeToLive: "1 second" })
      const early = yield* Effect.forkChild(ow.readText(path))
      yield* settle
      yield* TestClock.adjust("3 seconds")
      const late = yield* Effect.forkChild(ow.readText(path))
      yield* settle
      yield* open
      assert.deepStrictEqual(yield* Fiber.joinAll([early, late]), ["1", "1"])
      assert.strictEqual(yield* ow.readText(path), "1")
      assert.strictEqual(reads(), 1)
    }))

  it.effect("never keeps what was read past the server's cache, and shares it on its way", () =>
    Effect.gen(function*() {
      const { asked, ow } = yield* serve({ timeToLive: "1 hour" })
      for (
        const read of [
          ow.readText(path, { flags: { uncached: true } }),
          ow.with({ flags: { uncached: true } }).readText(path),
          ow.readText(`/uncached${path}`),
          ow.readText(`/bus.0/Uncached${path}`)
        ]
      ) {
        const before = asked.length
        yield* ten(read)
        assert.strictEqual(asked.length, before + 1)
        yield* read
        assert.strictEqual(asked.length, before + 2)
      }
    }))

  it.effect("shares a failure, and does not keep it", () =>
    Effect.gen(function*() {
      const { asked, ow } = yield* serve({ timeToLive: "1 hour" })
      const failures = yield* ten(Effect.map(Effect.flip(ow.readText("/28.000028D70100/nothing")), reason))
      assert.deepStrictEqual(failures, Array(10).fill("NotFound"))
      assert.lengthOf(asked, 1)
      yield* Effect.flip(ow.readText("/28.000028D70100/nothing"))
      assert.lengthOf(asked, 2)
    }))

  it.effect("refuses what makes no sense, whatever is kept", () =>
    Effect.gen(function*() {
      const { asked, ow } = yield* serve({ timeToLive: "1 hour" })
      yield* ow.readText(path)
      const misspelt = { flags: { uncachd: true } } as { readonly flags: object }
      for (
        const call of [
          ow.readText(path, misspelt),
          ow.with(misspelt).readText(path),
          ow.readText(path, { timeout: "0 seconds" }),
          ow.with({ timeout: -1 }).readText(path),
          ow.readText(path, { size: 0 }),
          ow.readText(path, { offset: Number.NaN }),
          ow.readText(undefined as unknown as string)
        ]
      ) assert.strictEqual((yield* Effect.flip(call))._tag, "ArgumentError")
      assert.lengthOf(asked, 1)
      const { argument } = yield* Effect.flip(OwRequest.share(ow, { timeToLive: "0 seconds" }))
      assert.strictEqual(argument, "timeToLive")
    }))

  it.effect("goes on for nine if one is interrupted, be it the first", () =>
    Effect.gen(function*() {
      const { open, ow, reads, server } = yield* gated()
      const fibers = yield* Effect.replicateEffect(Effect.forkChild(ow.readText(path)), 10)
      yield* settle
      const [first, ...others] = fibers
      if (first !== undefined) yield* Fiber.interrupt(first)
      yield* settle
      yield* open
      assert.deepStrictEqual(yield* Fiber.joinAll(others), Array(9).fill("1"))
      assert.strictEqual(reads(), 1)
      assert.strictEqual(server.open(), 1)
    }))

  it.effect("gives the READ up if all are interrupted, and asks anew for who comes then", () =>
    Effect.gen(function*() {
      const { open, ow, reads, server } = yield* gated({ timeToLive: "1 hour" })
      const fibers = yield* Effect.replicateEffect(Effect.forkChild(ow.readText(path)), 10)
      yield* settle
      assert.strictEqual(server.open(), 1)
      yield* Fiber.interruptAll(fibers)
      yield* settle
      // An interrupted READ costs its connection.
      assert.strictEqual(server.open(), 0)
      yield* open
      assert.strictEqual(yield* ow.readText(path), "2")
      assert.strictEqual(reads(), 2)
    }))

  it.effect("takes the limit of one caller for that caller's", () =>
    Effect.gen(function*() {
      const { open, ow, reads } = yield* gated()
      const patient = yield* Effect.forkChild(ow.readText(path))
      const hasty = yield* Effect.forkChild(Effect.result(Effect.timeout(ow.readText(path), "1 second")))
      yield* scripted.pass("1 second")
      assert.isTrue(Result.isFailure(yield* Fiber.join(hasty)))
      yield* open
      assert.strictEqual(yield* Fiber.join(patient), "1")
      assert.strictEqual(reads(), 1)
    }))

  it.effect("drops what is kept once something is written", () =>
    Effect.gen(function*() {
      const { asked, ow } = yield* serve({ timeToLive: "1 hour" })
      const limit = `/${devices.thermometer}/templow`
      assert.strictEqual(yield* ow.readText(limit), "5")
      assert.deepStrictEqual(yield* ow.read(limit), new TextEncoder().encode("           5"))
      yield* ow.write(limit, "7")
      assert.strictEqual(yield* ow.readText(limit), "7")
      assert.deepStrictEqual(yield* ow.read(limit), new TextEncoder().encode("           7"))
      const before = asked.length
      yield* ow.sendMessage(MessageType.Nop, "")
      yield* ow.readText(limit)
      assert.strictEqual(asked.length, before + 1)
      yield* Effect.flip(ow.with({}).write("/28.000028D70100/type", "x"))
      yield* ow.readText(limit)
      assert.strictEqual(asked.length, before + 3)
    }))

  it.effect("does not let a read after a write join one from before", () =>
    Effect.gen(function*() {
      // On a bus the write would wait for the read.
      const path = "/settings/units/temperature_scale"
      const gate = yield* Deferred.make<void>()
      let limit = "5"
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) => {
          if (header.type === MessageType.Write) {
            limit = new TextDecoder().decode(payload.slice(-header.size))
            return peer.send(scripted.reply(header, "", { size: header.size }))
          }
          const value = limit
          const wait = value === "5" ? Deferred.await(gate) : Effect.void
          return Effect.andThen(wait, peer.send(scripted.reply(header, value)))
        }))
      )
      const ow = yield* OwRequest.share(yield* scripted.client(server), { timeToLive: "1 hour" })
      const before = yield* Effect.forkChild(ow.readText(path))
      yield* settle
      yield* ow.write(path, "7")
      assert.strictEqual(yield* ow.readText(path), "7")
      yield* Deferred.succeed(gate, undefined)
      assert.strictEqual(yield* Fiber.join(before), "5")
      assert.strictEqual(yield* ow.readText(path), "7")
    }))

  it.effect("gives each caller bytes of its own", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({ timeToLive: "1 hour" })
      const [one, other] = yield* Effect.all([ow.read(path), ow.read(path)], { concurrency: 2 })
      one?.fill(0)
      assert.deepStrictEqual(other, yield* ow.read(path))
      assert.notDeepEqual(one, other)
    }))

  it.effect("shares what devices read, and verifies what they write", () =>
    Effect.gen(function*() {
      const { asked, plain } = yield* serve()
      const layer = OwRequest.layer({ timeToLive: "1 minute" }).pipe(
        Layer.provide(Layer.succeed(OwClient.OwClient, plain))
      )
      yield* Effect.gen(function*() {
        const viewer = Device.make(DS18B20, devices.thermometer).pipe(
          Effect.flatMap((device) => device.read("temperature"))
        )
        assert.deepStrictEqual(yield* ten(viewer), Array(10).fill(21.5))
        assert.deepStrictEqual(asked, [`read ${path}`])
        const relay = yield* Device.make(DS2408, devices.relay)
        yield* relay.write("PIO.0", true, { verify: true })
        assert.strictEqual((yield* relay.read("PIO.ALL"))[0], true)
        yield* relay.write("PIO.0", false, { verify: true })
        assert.strictEqual((yield* relay.read("PIO.ALL"))[0], false)
      }).pipe(Effect.provide(layer))
    }))

  describe("requests", () => {
    it.effect("of ten readers are one READ, in one tick and after it, and the next one asks again", () =>
      Effect.gen(function*() {
        const { asked, ow } = yield* devices.serve({ [devices.thermometer]: { temperature: 21.5 } })
        const read = Effect.provideService(OwRequest.readText(path), OwClient.OwClient, ow)
        assert.deepStrictEqual(yield* ten(read), Array(10).fill("21.5"))
        assert.deepStrictEqual(asked, [`read ${path}`])
        const bytes = yield* ten(Effect.provideService(OwRequest.read(path), OwClient.OwClient, ow))
        assert.notStrictEqual(bytes[0], bytes[1])
        assert.strictEqual(new TextDecoder().decode(bytes[9]).trim(), "21.5")
        assert.lengthOf(asked, 2)
      }))

    it.effect("join a READ that is on its way, and leave those who were interrupted", () =>
      Effect.gen(function*() {
        const { open, plain, reads } = yield* gated()
        const read = Effect.provideService(OwRequest.readText(path), OwClient.OwClient, plain)
        const first = yield* Effect.forkChild(read)
        yield* settle
        const second = yield* Effect.forkChild(read)
        yield* settle
        yield* Fiber.interrupt(first)
        yield* open
        assert.strictEqual(yield* Fiber.join(second), "1")
        assert.strictEqual(reads(), 1)
      }))

    it.effect("of a client that keeps answers take those", () =>
      Effect.gen(function*() {
        const { asked, ow } = yield* serve({ timeToLive: "1 second" })
        const read = Effect.provideService(OwRequest.readText(path), OwClient.OwClient, ow)
        yield* read
        yield* read
        assert.lengthOf(asked, 1)
        yield* TestClock.adjust("1 second")
        yield* read
        assert.lengthOf(asked, 2)
      }))

    it.effect("fail together, and are refused like any read", () =>
      Effect.gen(function*() {
        const { asked, ow } = yield* devices.serve({ [devices.thermometer]: {} })
        const read = (path: string) => Effect.provideService(OwRequest.readText(path), OwClient.OwClient, ow)
        const failures = yield* ten(Effect.flip(read(`/${devices.thermometer}/nothing`)))
        assert.deepStrictEqual([...new Set(failures.map(({ _tag }) => _tag))], ["OwnetError"])
        assert.lengthOf(asked.filter((line) => line.startsWith("read")), 1)
        assert.strictEqual((yield* Effect.flip(read("/a\u0000b")))._tag, "ArgumentError")
      }))
  })
})
