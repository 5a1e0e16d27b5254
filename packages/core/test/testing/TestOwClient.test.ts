import { OwClient } from "@effect-ownet/core"
import { type SimulatedNetwork, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Option, Stream } from "effect"
import { runInNewContext } from "node:vm"
import * as scripted from "../fixtures/scripted.ts"

const { reason } = scripted

describe("TestOwClient.layer", () => {
  const tree = {
    "28.000028D70100": { temperature: 21.5, alias: "kitchen" },
    "/10.000010EF0000/temperature": "20.25"
  }

  it.effect("lists, reads and writes", () =>
    Effect.gen(function*() {
      const ow = yield* OwClient.OwClient
      yield* ow.ping()
      assert.deepStrictEqual(yield* ow.dir(), ["/kitchen/", "/10.000010EF0000/"])
      assert.include(yield* ow.dir("/28.000028D70100"), "/kitchen/errata/")
      assert.include(yield* Stream.runCollect(ow.dirStream("/10.000010EF0000/")), "/10.000010EF0000/type")
      assert.strictEqual(yield* ow.readText("/kitchen/temperature"), "21.5")
      assert.strictEqual(yield* ow.readText("/10.000010EF0000/temperature", { size: 2, offset: 1 }), "0.")
      assert.strictEqual(
        yield* ow.readText("/10.000010EF0000/temperature", { flags: { temperatureScale: "F" } }),
        "68.45"
      )
      yield* ow.write("/kitchen/templow", "-5")
      assert.deepStrictEqual(yield* ow.get("/28.000028D70100/templow", { flags: { trim: true } }), {
        _tag: "Value",
        bytes: new TextEncoder().encode("-5")
      })
      assert.deepStrictEqual(yield* ow.romId("/kitchen"), Option.some("28000028D70100D5"))
      assert.deepStrictEqual(yield* ow.romId("/settings"), Option.none())
      assert.isTrue(yield* ow.present("/settings/units"))
      assert.isFalse(yield* ow.present("/29.000029D60300"))
    }).pipe(Effect.provide(TestOwClient.layer(tree))))

  it.effect("refuses as a server does", () =>
    Effect.gen(function*() {
      const ow = yield* OwClient.OwClient
      assert.strictEqual(reason(yield* Effect.flip(ow.read("/28.000028D70100"))), "IsDirectory")
      assert.strictEqual(reason(yield* Effect.flip(ow.dir("/10.000010EF0000/type"))), "NotDirectory")
      assert.strictEqual(reason(yield* Effect.flip(ow.read("/10.000010EF0000/nosuch"))), "NotFound")
      assert.strictEqual(reason(yield* Effect.flip(ow.write("/28.000028D70100/errata", "1"))), "IsDirectory")
      assert.strictEqual(reason(yield* Effect.flip(ow.write("/kitchen/temperature", "1"))), "ReadOnly")
      assert.strictEqual(reason(yield* Effect.flip(ow.write("/kitchen/templow", "cold"))), "InvalidValue")
      assert.strictEqual((yield* Effect.flip(ow.read("/\0")))._tag, "ArgumentError")
      assert.strictEqual((yield* ow.sendMessage(99, "/")).ret, -42)
    }).pipe(Effect.provide(TestOwClient.layer(tree))))

  it.effect("is built anew from its description", () =>
    Effect.gen(function*() {
      const path = "/28.000028D70100/templow"
      const set = OwClient.OwClient.use((ow) =>
        Effect.andThen(ow.readText(path), (text) => Effect.as(ow.write(path, "2"), text))
      )
      const layer = TestOwClient.layer({ [path]: 1 })
      assert.strictEqual(yield* Effect.provide(set, layer, { local: true }), "1")
      assert.strictEqual(yield* Effect.provide(set, layer, { local: true }), "1")
    }))

  it.effect("takes records of another realm, as test runners make them, and those without a prototype", () =>
    Effect.gen(function*() {
      const made: unknown = runInNewContext(`({
        "26.000026D90000": { temperature: 21.5, date: new Date(1e12), "pages/page.0": new Uint8Array([65, 66]) }
      })`)
      // Values of another realm count as those of this one.
      const foreign = made as SimulatedNetwork.Description
      const bare = Object.assign(Object.create(null), {
        "28.000028D70100": Object.assign(Object.create(null), { temperature: 3 })
      })
      const ow = Context.get(yield* Layer.build(TestOwClient.layer({ ...foreign, ...bare })), OwClient.OwClient)
      assert.strictEqual(yield* ow.readText("/26.000026D90000/temperature"), "21.5")
      assert.strictEqual(yield* ow.readText("/26.000026D90000/udate"), "1000000000")
      assert.strictEqual((yield* ow.readText("/26.000026D90000/pages/page.0")).slice(0, 2), "AB")
      assert.strictEqual(yield* ow.readText("/28.000028D70100/temperature"), "3")
      for (const none of [new Map(), [1], new Date(), 21]) {
        // Callers without types are told.
        const description = { "28.000028D70100": none } as unknown as SimulatedNetwork.Description
        const error = yield* Effect.flip(Layer.build(TestOwClient.layer(description)))
        assert.include(error.message, "takes a record of its properties")
      }
    }))

  it.effect("takes the options of a client", () =>
    Effect.gen(function*() {
      const ow = yield* OwClient.OwClient
      assert.strictEqual(yield* ow.readText("/kitchen/temperature"), "294.65")
    }).pipe(Effect.provide(TestOwClient.layer(tree, { flags: { temperatureScale: "K" } }))))

  it.effect("says what is wrong with a description", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Layer.build(TestOwClient.layer({ "28.000028D70100": { temprature: 1 } })))
      assert.strictEqual(
        error.message,
        "28.000028D70100: temprature: not a property of a DS18B20; did you mean temperature?"
      )
    }))
})
