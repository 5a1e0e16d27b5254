import { NodeConnector } from "@effect-ownet/node"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Net from "node:net"

const connections = 40
const length = 150_000

/** The byte that one of the connections has at an index. */
const byteAt = (connection: number, at: number): number => (connection * 31 + at * 7) & 0xff

/** Sends each connection, named by its first byte, bytes of its own, in pieces that mix with those of the others. */
const server = Effect.acquireRelease(
  Effect.callback<{ readonly port: number; readonly close: () => void }>((resume) => {
    const server = Net.createServer((socket) => {
      socket.on("error", () => {})
      socket.once("data", ([connection]) => {
        let sent = 0
        const send = (): void => {
          const piece = Buffer.from(
            Array.from(
              { length: Math.min(1 + ((connection * 997 + sent) % 9000), length - sent) },
              (_, at) => byteAt(connection, sent + at)
            )
          )
          sent += piece.length
          socket.write(piece)
          if (sent < length) setImmediate(send)
        }
        send()
      })
    })
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      resume(Effect.succeed({ port, close: () => server.close() }))
    })
  }),
  ({ close }) => Effect.sync(close)
)

it.live("gives each connection its own bytes, also if many receive at the same time", () =>
  Effect.gen(function*() {
    const { port } = yield* server
    const memories = new Set<ArrayBufferLike>()
    const receive = Effect.fnUntraced(function*(connection: number) {
      const connector = yield* NodeConnector.make({ host: "127.0.0.1", port })
      const [endpoint] = yield* connector.resolve
      let received = 0
      let wrong = 0
      yield* Effect.callback<void, unknown>((resume) => {
        const link = endpoint.connect({
          onOpen: () => link.write(Uint8Array.of(connection)),
          onData: (chunk, size) => {
            memories.add(chunk.buffer)
            for (let at = 0; at < size; at++) if (chunk[at] !== byteAt(connection, received + at)) wrong++
            received += size
            if (received >= length) {
              link.close()
              resume(Effect.void)
            }
          },
          onEnd: (cause) => resume(Effect.fail(cause))
        })
        return Effect.sync(() => link.close())
      })
      return { received, wrong }
    })
    const all = yield* Effect.forEach(Array.from({ length: connections }, (_, at) => at), receive, {
      concurrency: "unbounded"
    })
    assert.deepStrictEqual(all, all.map(() => ({ received: length, wrong: 0 })))
    assert.strictEqual(memories.size, process.platform === "win32" ? connections : 1)
  }))
