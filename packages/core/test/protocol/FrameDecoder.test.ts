import { FrameDecoder, type Header } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { keepalive, reply } from "../fixtures/scripted.ts"

const request: Header.RequestHeader = { version: 0, payload: 0, type: 2, flags: 0x104, size: 0, offset: 0 }

const collect = (options?: { readonly maxPayload?: number }) => {
  const frames: Array<FrameDecoder.Frame> = []
  let keepalives = 0
  const decoder = FrameDecoder.make({
    onFrame: (frame) => void frames.push({ ...frame, data: frame.data.slice() }),
    onKeepalive: () => void keepalives++
  }, options)
  return { decoder, frames, keepalives: () => keepalives }
}

const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]))

const text = (frame: FrameDecoder.Frame): string => new TextDecoder().decode(frame.data)

describe("FrameDecoder", () => {
  const stream = concat(
    keepalive,
    reply(request, "         4.1"),
    reply(request, ""),
    keepalive,
    keepalive,
    reply(request, "x".repeat(300)),
    reply(request, "end")
  )

  it("finds the same frames however the stream is cut in two", () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const { decoder, frames, keepalives } = collect()
      assert.isUndefined(decoder.push(stream.slice(0, cut)))
      assert.isUndefined(decoder.push(stream.slice(cut)))
      assert.deepStrictEqual(frames.map(text), ["         4.1", "", "x".repeat(300), "end"])
      assert.strictEqual(keepalives(), 3)
      assert.isUndefined(decoder.end())
    }
  })

  it.prop(
    "finds the same frames in chunks of any sizes",
    [Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 })))],
    ([sizes]) => {
      const { decoder, frames } = collect()
      let at = 0
      for (const size of sizes) {
        decoder.push(stream.slice(at, at + size))
        at += size
      }
      decoder.push(stream.slice(at))
      assert.deepStrictEqual(frames.map(text), ["         4.1", "", "x".repeat(300), "end"])
    },
    { arbitrary: { runs: 200, seed: "chunks" } }
  )

  it("reads no further than it is told, and keeps nothing of the caller's buffer", () => {
    const { decoder, frames } = collect()
    const buffer = new Uint8Array(200).fill(0xee)
    const bytes = reply(request, "first")
    buffer.set(bytes)
    decoder.push(buffer, bytes.length)
    buffer.fill(0xee)
    buffer.set(bytes.subarray(0, 26))
    decoder.push(buffer, 26)
    buffer.fill(0xee)
    buffer.set(bytes.subarray(26))
    decoder.push(buffer, bytes.length - 26)
    buffer.fill(0xee)
    assert.deepStrictEqual(frames.map(text), ["first", "first"])
  })

  const malformed: ReadonlyArray<readonly [string, Partial<Header.ReplyHeader>, string]> = [
    ["a version", { version: 1 }, "version 1"],
    ["a payload over the limit", { payload: 100_051 }, "100051 bytes"],
    ["a negative size", { size: -1 }, "size of -1"],
    ["a size over the payload", { size: 6 }, "size of 6 in a payload of 5"]
  ]
  for (const [name, fields, problem] of malformed) {
    it(`refuses ${name}, in one piece and byte by byte, and for good`, () => {
      const bytes = reply(request, "12345", fields)
      for (const size of [bytes.length, 1]) {
        const { decoder, frames } = collect()
        let error: FrameDecoder.FrameError | undefined
        for (let at = 0; at < 24 && error === undefined; at += size) error = decoder.push(bytes.slice(at, at + size))
        assert.strictEqual(error?._tag, "MalformedHeader")
        if (size !== 1) assert.include(error?._tag === "MalformedHeader" ? error.problem : "", problem)
        assert.strictEqual(decoder.push(reply(request, "fine")), error)
        assert.deepStrictEqual(frames, [])
      }
    })
  }

  it("a write's size may stand without a payload, and any negative payload is a keepalive", () => {
    const { decoder, frames, keepalives } = collect()
    assert.isUndefined(decoder.push(reply(request, "", { size: 32 })))
    assert.isUndefined(decoder.push(reply(request, "", { payload: -2 })))
    assert.strictEqual(frames[0].size, 32)
    assert.strictEqual(keepalives(), 1)
  })

  it("accepts a payload of just the limit", () => {
    for (const [options, limit] of [[undefined, 100_050], [{ maxPayload: 10 }, 10]] as const) {
      const { decoder, frames } = collect(options)
      assert.isUndefined(decoder.push(reply(request, new Uint8Array(limit))))
      assert.strictEqual(frames[0].data.length, limit)
      assert.strictEqual(decoder.push(reply(request, "", { payload: limit + 1 }))?._tag, "MalformedHeader")
    }
  })

  it("finds the value in a reply, whatever the server says of its length", () => {
    const decode = (ret: number, size: number, data: string) => {
      const found: Array<readonly [string, string]> = []
      const decoder = FrameDecoder.make({
        onFrame: (frame) => {
          const taken = { ...frame, data: frame.data }
          for (const each of [frame, taken]) {
            found.push([new TextDecoder().decode(FrameDecoder.value(each)), FrameDecoder.text(each)])
          }
        },
        onKeepalive: () => {}
      })
      decoder.push(reply(request, data, { ret, size }))
      assert.deepStrictEqual(found[0], found[1])
      return found[0]
    }
    assert.deepStrictEqual(decode(12, 12, "         4.1"), ["         4.1", "         4.1"])
    assert.deepStrictEqual(decode(0, 0, "4.1"), ["4.1", "4.1"])
    assert.deepStrictEqual(decode(2, 3, "4.1"), ["4.1", "4.1"])
    assert.deepStrictEqual(decode(2, 0, "4.1"), ["4.", "4."])
    assert.deepStrictEqual(decode(9, 0, "4.1"), ["4.1", "4.1"])
    assert.deepStrictEqual(decode(4, 4, "4.1\0"), ["4.1\0", "4.1"])
    assert.deepStrictEqual(decode(0, 0, "\0a\0\0"), ["\0a\0\0", "\0a"])
    assert.deepStrictEqual(decode(0, 0, "\0\0"), ["\0\0", "\0\0"])
    assert.deepStrictEqual(decode(0, 0, ""), ["", ""])
  })

  it("tells at the first bytes that this is no owserver", () => {
    const { decoder } = collect()
    const error = decoder.push(new TextEncoder().encode("HTTP/1.0 "))
    assert.strictEqual(error?._tag, "MalformedHeader")
    assert.strictEqual(new TextDecoder().decode(error!.bytes), "HTTP/1.0 ")
  })

  it("keeps nothing of a chunk in an error either, though it be a Buffer", () => {
    const { decoder } = collect()
    const chunk = Buffer.from("HTTP/1.0 400 Bad Request, and some more words")
    const error = decoder.push(chunk)
    chunk.fill(0)
    assert.strictEqual(new TextDecoder().decode(error!.bytes), "HTTP/1.0 400 Bad Request, and so")
    assert.isFalse(Buffer.isBuffer(error!.bytes))
  })

  it("says what is missing when the stream ends at any byte", () => {
    const bytes = reply(request, "         4.1")
    for (let cut = 1; cut < bytes.length; cut++) {
      const { decoder } = collect()
      decoder.push(bytes.slice(0, cut))
      const error = decoder.end()
      assert.strictEqual(error?._tag, "ShortRead")
      assert.deepInclude(error, { received: cut, expected: cut < 24 ? 24 : 36 })
    }
  })
})
