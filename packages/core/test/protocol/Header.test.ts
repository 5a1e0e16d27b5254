import { Header } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

const arbitrary = { runs: 300, seed: "header" }

describe("Header", () => {
  it.effect.prop("a request header survives the wire", [Header.RequestHeader], ([header]) =>
    Effect.gen(function*() {
      const bytes = yield* Schema.encodeEffect(Header.RequestHeaderFromBytes)(header)
      assert.strictEqual(bytes.length, 24)
      assert.deepStrictEqual(yield* Schema.decodeEffect(Header.RequestHeaderFromBytes)(bytes), header)
    }), { arbitrary })

  it.effect.prop("a reply header survives the wire", [Header.ReplyHeader], ([header]) =>
    Effect.gen(function*() {
      const bytes = yield* Schema.encodeEffect(Header.ReplyHeaderFromBytes)(header)
      assert.strictEqual(bytes.length, 24)
      assert.deepStrictEqual(yield* Schema.decodeEffect(Header.ReplyHeaderFromBytes)(bytes), header)
    }), { arbitrary })

  it.effect.prop(
    "schemas and functions agree, at any offset",
    [Header.RequestHeader, Header.ReplyHeader],
    ([q, r]) =>
      Effect.gen(function*() {
        const bytes = new Uint8Array(60).fill(0xaa)
        Header.encodeRequest(q, bytes, 5)
        Header.encodeReply(r, bytes, 31)
        assert.deepStrictEqual(bytes.slice(5, 29), yield* Schema.encodeEffect(Header.RequestHeaderFromBytes)(q))
        assert.deepStrictEqual(bytes.slice(31, 55), yield* Schema.encodeEffect(Header.ReplyHeaderFromBytes)(r))
        assert.deepStrictEqual(Header.decodeRequest(bytes, 5), q)
        assert.deepStrictEqual(Header.decodeReply(bytes, 31), r)
        assert.deepStrictEqual([bytes[4], bytes[29], bytes[30], bytes[55]], [0xaa, 0xaa, 0xaa, 0xaa])
      }),
    { arbitrary }
  )

  it.effect("is big-endian and signed", () =>
    Effect.gen(function*() {
      const bytes = Uint8Array.from([0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 2, 0, 0, 1, 6, 0, 1, 0, 0, 128, 0, 0, 0])
      assert.deepStrictEqual(yield* Schema.decodeEffect(Header.RequestHeaderFromBytes)(bytes), {
        version: 0,
        payload: -1,
        type: 2,
        flags: 0x106,
        size: 65_536,
        offset: -2_147_483_648
      })
    }))

  it.effect("has a reply's fields in their order", () =>
    Effect.gen(function*() {
      const bytes = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 12, 255, 255, 255, 251, 0, 0, 1, 4, 0, 0, 0, 7, 0, 0, 128, 2])
      assert.deepStrictEqual(yield* Schema.decodeEffect(Header.ReplyHeaderFromBytes)(bytes), {
        version: 0,
        payload: 12,
        ret: -5,
        flags: 0x104,
        size: 7,
        offset: 0x8002
      })
    }))

  it.effect("refuses any other length, and numbers that do not fit", () =>
    Effect.gen(function*() {
      for (const length of [0, 23, 25]) {
        const error = yield* Effect.flip(Schema.decodeEffect(Header.ReplyHeaderFromBytes)(new Uint8Array(length)))
        assert.include(error.message, `24 bytes, not ${length}`)
      }
      const header = Header.decodeReply(new Uint8Array(24))
      for (const size of [2 ** 31, 0.5, Number.NaN]) {
        yield* Effect.flip(Schema.encodeEffect(Header.ReplyHeaderFromBytes)({ ...header, size }))
      }
    }))
})
