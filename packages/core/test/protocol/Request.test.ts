import { Header, MessageType, Payload, Request } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

describe("Request", () => {
  it.prop(
    "is header, path, NUL and data, in a buffer of the caller's too where it fits",
    [Schema.String, Schema.Uint8Array, Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 80 }))],
    ([path, data, room]) => {
      const request = { type: MessageType.Write, flags: 0x104, path, data, size: data.length, offset: 3 }
      const bytes = Request.encode(request)
      const text = Payload.encodePath(path)
      assert.deepStrictEqual(Header.decodeRequest(bytes), {
        version: 0,
        payload: text.length + data.length,
        type: MessageType.Write,
        flags: 0x104,
        size: data.length,
        offset: 3
      })
      assert.deepStrictEqual(bytes.slice(24), Uint8Array.from([...text, ...data]))
      const buffer = new Uint8Array(room).fill(0xee)
      const length = Request.encodeInto(request, buffer)
      if (length > 0) assert.deepStrictEqual(buffer.subarray(0, length), bytes)
      else assert.isTrue(bytes.length > room || text.some((byte) => byte >= 0x80))
    },
    { arbitrary: { runs: 300, seed: "request" } }
  )

  it("sends a payload of bytes as it is", () => {
    const bytes = Request.encode({ type: 1, flags: 0, path: Uint8Array.of(1, 2), size: 0, offset: 0 })
    assert.deepStrictEqual(bytes.slice(24), Uint8Array.of(1, 2))
    assert.strictEqual(Header.decodeRequest(bytes).payload, 2)
  })
})
