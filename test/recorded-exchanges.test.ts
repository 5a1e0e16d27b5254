/**
 * Exchanges recorded from the real server, byte for byte: through the decoder, through a client, and compared with the installed
 * server.
 */
import { ControlFlags, FrameDecoder, Header, MessageType, type OwClient } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as scripted from "../packages/core/test/fixtures/scripted.ts"
import { type Exchange, exchanges } from "./fixtures/exchanges.ts"
import * as owserver from "./fixtures/owserver.ts"
import { bytesOf } from "./fixtures/wire.ts"

const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => Uint8Array.from(Buffer.concat(parts))

const frameBytes = (frame: FrameDecoder.Frame): Uint8Array => {
  const header = new Uint8Array(Header.byteLength)
  Header.encodeReply(frame, header)
  return concat([header, frame.data])
}

/** Ways to send bytes: in two chunks, cut anywhere, and byte by byte. */
const ways = (bytes: Uint8Array): ReadonlyArray<ReadonlyArray<Uint8Array>> => [
  ...Array.from({ length: bytes.length + 1 }, (_, cut) => [bytes.slice(0, cut), bytes.slice(cut)]),
  Array.from(bytes, (byte) => Uint8Array.of(byte))
]

const withoutKeepalives = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from(Buffer.from(Buffer.from(bytes).toString("hex").replaceAll(keepalive, ""), "hex"))

const keepalive = "00000000ffffffff00000000000000000000000000000000"

/** Whether a client can send it: one whole request. */
const isSendable = ({ request_hex }: Exchange): boolean => {
  const bytes = bytesOf(request_hex)
  const header = Header.decodeRequest(bytes)
  return header.version === 0 && header.payload === bytes.length - Header.byteLength && header.payload >= 0 &&
    (header.type !== MessageType.Write || header.size < header.payload)
}

const send = (ow: OwClient.Client, { request_hex }: Exchange) => {
  const bytes = bytesOf(request_hex)
  const { flags, offset, size, type } = Header.decodeRequest(bytes)
  return ow.sendMessage(type, bytes.slice(Header.byteLength), { flags: ControlFlags.decode(flags), size, offset })
}

describe("recorded exchanges", () => {
  it("are 132", () => assert.strictEqual(exchanges.length, 132))

  for (const { name, reply_hex } of exchanges) {
    it(`${name}: the decoder gives back the same bytes, however they are cut`, () => {
      const bytes = bytesOf(reply_hex)
      for (const chunks of ways(bytes)) {
        const parts: Array<Uint8Array> = []
        const decoder = FrameDecoder.make({
          onFrame: (frame) => void parts.push(frameBytes(frame)),
          onKeepalive: () => void parts.push(bytesOf(keepalive))
        })
        for (const chunk of chunks) assert.isUndefined(decoder.push(chunk))
        assert.isUndefined(decoder.end())
        assert.deepStrictEqual(concat(parts), bytes)
      }
    })
  }

  for (const exchange of exchanges.filter(isSendable)) {
    it.effect(`${exchange.name}: a client sends the same request and gives the same reply, however it is cut`, () =>
      Effect.gen(function*() {
        const cuts = ways(bytesOf(exchange.reply_hex))
        let round = 0
        const sent: Array<string> = []
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.gen(function*() {
            const { header, payload } = yield* peer.receive
            const bytes = new Uint8Array(Header.byteLength)
            Header.encodeRequest(header, bytes)
            sent.push(Buffer.from(concat([bytes, payload])).toString("hex"))
            yield* Effect.forEach(cuts[round++], peer.send, { discard: true })
          }))
        )
        const ow = yield* scripted.client(server)
        for (const _ of cuts) {
          const reply = yield* send(ow, exchange)
          assert.deepStrictEqual(
            concat([...reply.entries, reply].map(frameBytes)),
            withoutKeepalives(bytesOf(exchange.reply_hex))
          )
        }
        assert.deepStrictEqual(new Set(sent), new Set([exchange.request_hex]))
      }))
  }

  // Servers whose answers follow entirely from their arguments and the request, and the devices they were started with.
  const servers: ReadonlyArray<readonly [server: string, devices: ReadonlyArray<string>]> = [
    ["owserver --tester=10,28,26,29,1F,20,14,1D,05", []],
    ["owserver --readonly", ["--tester=10,28,26,29,1F,20,14,1D,05"]],
    ["owserver --no_dirall --no_get", ["--tester=10,28"]],
    ["owserver --no_persistence", ["--tester=10,28"]],
    ["owserver --pingcrazy", ["--tester=28"]]
  ]
  // For a simulated memory read from an offset, the server returns bytes from its own memory.
  const undefinedBytes = new Set(["read-binary-offset"])

  for (const [server, devices] of servers) {
    const own = exchanges.filter((exchange) =>
      exchange.server === server && isSendable(exchange) && !undefinedBytes.has(exchange.name)
    )
    owserver.describe(`the server installed here, ${server}`, () => {
      it.live(`gives the ${own.length} recorded replies`, () =>
        Effect.gen(function*() {
          const { host, port } = yield* owserver.start([...devices, ...server.split(" ").slice(1)])
          const ow = yield* owserver.client(NodeOwClient.layer({ host, port }))
          for (const exchange of own) {
            const reply = yield* send(ow, exchange)
            assert.deepStrictEqual(
              concat([...reply.entries, reply].map(frameBytes)),
              withoutKeepalives(bytesOf(exchange.reply_hex)),
              exchange.name
            )
          }
        }))
    })
  }
})
