import { Header, MessageType, Payload, Request, Transcript } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { exchanges } from "../../../../test/fixtures/exchanges.ts"
import { bytesOf } from "../../../../test/fixtures/wire.ts"
import { keepalive, reply } from "../fixtures/scripted.ts"

const empty: Uint8Array = new Uint8Array(0)

const collect = (options?: Transcript.Options) => {
  const entries: Array<Transcript.Entry> = []
  return { entries, transcript: Transcript.make((entry) => void entries.push(entry), options) }
}

const request = (type: number, path: string, data: Uint8Array = empty) =>
  Request.encode({ type, flags: 0x104, path, data, size: data.length, offset: 0 })

const answer = (bytes: Uint8Array, text: string) => reply(Header.decodeRequest(bytes), text)

describe("Transcript", () => {
  const read = request(MessageType.Read, "/28.000028D70100/temperature")
  const write = request(MessageType.Write, "/29.000029D60300/PIO.0", Payload.encodeText("1"))
  const dir = request(MessageType.Dir, "/")

  it("pairs replies with their requests, and times them", () => {
    const { entries, transcript } = collect()
    transcript.push("client", read, 1000)
    transcript.push("client", write, 1001)
    transcript.push("server", keepalive, 1900)
    transcript.push("server", answer(read, "21.5"), 2000)
    assert.strictEqual(transcript.pending(), 1)
    transcript.push("server", answer(write, ""), 2005)
    assert.strictEqual(transcript.pending(), 0)
    const [first, second, alive, ...replies] = entries
    const requestOf = (entry: Transcript.Entry | undefined) =>
      entry !== undefined && "request" in entry && entry.request
    assert.deepInclude(first, { _tag: "Request", path: "/28.000028D70100/temperature", dataLength: 0, tokens: 0 })
    assert.deepInclude(second, { path: "/29.000029D60300/PIO.0", data: Uint8Array.of(0x31), dataLength: 1 })
    assert.deepInclude(alive, { _tag: "Keepalive", elapsed: 900 })
    assert.deepInclude(replies[0], { _tag: "Reply", elapsed: 1000, isLast: true })
    assert.deepInclude(replies[1], { elapsed: 1004, isLast: true })
    assert.isTrue([first, first, second].every((one, at) => requestOf([alive, ...replies][at]) === one))
  })

  it("takes all frames of DIR for one answer", () => {
    const { entries, transcript } = collect()
    transcript.push("client", dir, 0)
    for (const text of ["/a", "/b", ""]) transcript.push("server", answer(dir, text), 1)
    assert.deepStrictEqual(entries.flatMap((entry) => entry._tag === "Reply" ? [entry.isLast] : []), [
      false,
      false,
      true
    ])
    assert.strictEqual(transcript.pending(), 0)
  })

  it("keeps the beginning of what is long, and counts all of it", () => {
    const { entries, transcript } = collect({ keep: 10 })
    const long = "x".repeat(1_000_000)
    transcript.push("client", read, 0)
    const bytes = answer(read, long)
    for (let at = 0; at < bytes.length; at += 65_536) transcript.push("server", bytes.subarray(at, at + 65_536), 1)
    transcript.push("client", request(MessageType.Write, "/1", Payload.encodeText(long)), 2)
    const [, whole, written] = entries
    assert.deepInclude(whole, { payload: 1_000_000, data: Payload.encodeText("x".repeat(10)) })
    assert.deepInclude(written, { path: "/1", dataLength: 1_000_000, data: Payload.encodeText("x".repeat(7)) })
  })

  it("goes over the marks of servers", () => {
    const { entries, transcript } = collect()
    const marked = new Uint8Array(read.length + 32)
    marked.set(read)
    marked.set([0, 1, 0, 2])
    transcript.push("client", marked, 0)
    transcript.push("client", read, 0)
    assert.deepStrictEqual(entries.map((entry) => entry._tag === "Request" && [entry.path, entry.tokens]), [
      ["/28.000028D70100/temperature", 2],
      ["/28.000028D70100/temperature", 0]
    ])
  })

  it("shows what is no message, and goes on with the other side", () => {
    const { entries, transcript } = collect()
    transcript.push("client", Payload.encodeText("GET / HTTP/1.1\r\n"), 0)
    transcript.push("client", read, 1)
    transcript.push("server", answer(read, "x"), 2)
    const [first, second, unasked] = entries
    assert.deepInclude(first, { _tag: "Stray", from: "client", bytes: Payload.encodeText("GET / HTTP/1.1\r\n") })
    assert.deepInclude(second, { _tag: "Stray", problem: undefined, length: read.length })
    assert.deepInclude(unasked, { _tag: "Reply", request: undefined, elapsed: undefined })
  })

  it("tells of an end inside a message", () => {
    const { entries, transcript } = collect()
    transcript.push("client", read.subarray(0, 30), 0)
    transcript.end("client", 1)
    transcript.push("server", answer(read, "21.5").subarray(0, 7), 2)
    transcript.end("server", 3)
    assert.deepStrictEqual(entries, [
      { _tag: "Torn", at: 1, from: "client", received: 30, expected: read.length },
      { _tag: "Torn", at: 3, from: "server", received: 7, expected: 24 }
    ])
  })

  it("forgets which reply belongs to which request rather than keep requests without end", () => {
    const { entries, transcript } = collect()
    const ping = request(MessageType.Nop, "")
    for (let sent = 0; sent < 10_000; sent++) transcript.push("client", ping, 0)
    transcript.push("server", answer(ping, ""), 1)
    assert.strictEqual(transcript.pending(), 0)
    assert.deepInclude(entries.at(-1), { _tag: "Reply", request: undefined })
  })

  it("understands all that was recorded, in one piece and byte by byte", () => {
    for (const { name, reply_hex, request_hex } of exchanges) {
      const seen = [1, Infinity].map((step) => {
        const { entries, transcript } = collect()
        for (const [from, hex] of [["client", request_hex], ["server", reply_hex]] as const) {
          const bytes = bytesOf(hex)
          for (let at = 0; at < bytes.length; at += step) transcript.push(from, bytes.subarray(at, at + step), 0)
          transcript.end(from, 0)
        }
        return entries.filter((entry) => entry._tag !== "Stray")
      })
      assert.deepStrictEqual(seen[0], seen[1], name)
      const replies = seen[0].filter((entry) => entry._tag === "Reply")
      const bytes = replies.reduce((sum, { payload }) => sum + Header.byteLength + payload, 0)
      const keepalives = seen[0].filter(({ _tag }) => _tag === "Keepalive").length
      assert.strictEqual(bytes + keepalives * Header.byteLength, reply_hex.length / 2, name)
    }
  })

  it.prop(
    "takes any bytes in any pieces, and accounts for each",
    [Schema.Array(Schema.Struct({
      from: Schema.Literals(["client", "server"]),
      bytes: Schema.Uint8Array,
      isZero: Schema.Boolean
    }))],
    ([chunks]) => {
      const sent = { client: 0, server: 0 }
      const { entries, transcript } = collect({ keep: 16 })
      for (const { bytes, from, isZero } of chunks) {
        const chunk = isZero ? new Uint8Array(bytes.length) : bytes
        sent[from] += chunk.length
        transcript.push(from, chunk, 0)
      }
      transcript.end("client", 0)
      transcript.end("server", 0)
      for (const entry of entries) {
        switch (entry._tag) {
          case "Request":
            sent.client -= Header.byteLength + entry.payload + 16 * entry.tokens
            break
          case "Reply":
            sent.server -= Header.byteLength + entry.payload
            break
          case "Keepalive":
            sent.server -= Header.byteLength
            break
          case "Stray":
            sent[entry.from] -= entry.length
            break
          case "Torn":
            sent[entry.from] -= entry.received
        }
      }
      assert.deepStrictEqual(sent, { client: 0, server: 0 })
    },
    { arbitrary: { runs: 500, seed: "transcript" } }
  )
})
