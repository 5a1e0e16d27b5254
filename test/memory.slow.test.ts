/**
 * Memory that replies can make a decoder or a client hold, regardless of the sizes that they announce.
 */
import { Connector, FrameDecoder, OwClient } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { collectGarbage, heldBy } from "./fixtures/heap.ts"
import * as mutate from "./fixtures/mutate.ts"
import { connectTimeout, drive, makeServer, silenceTimeout, tagShift } from "./fixtures/mutatingServer.ts"

const silent: FrameDecoder.Sink = { onFrame: () => {}, onKeepalive: () => {} }

/** Bytes that a decoder may hold in addition to a payload: a header, and the first bytes of an error. */
const besides = 512

const mebibyte = 2 ** 20

describe("the memory of a decoder", () => {
  const limit = 4096

  it("holds one payload of the accepted length at most, whatever is announced", () => {
    const dice = mutate.dice(1)
    const announced = [limit, limit, limit + 1, 2 ** 16, 2 ** 24, 2 ** 30, 2 ** 31 - 1]
    const [held, decoders] = heldBy(() =>
      Array.from({ length: 3000 }, () => {
        const decoder = FrameDecoder.make(silent, { maxPayload: limit })
        const start = mutate.frame({ payload: dice.pick(announced), size: 0 }, dice.bytes(dice.below(60)))
        for (const chunk of mutate.chunks(dice, start)) decoder.push(chunk)
        return decoder
      })
    )
    assert.isBelow(held, decoders.length * (limit + besides))
  })

  it("grows by no payload that came before", () => {
    const dice = mutate.dice(2)
    let frames = 0
    const decoder = FrameDecoder.make({ ...silent, onFrame: () => void frames++ })
    const [held] = heldBy(() => {
      for (let round = 0; round < 300; round++) {
        const stream = mutate.frame({}, new Uint8Array(dice.pick([10, 3000, mutate.maxPayload])))
        for (const chunk of mutate.chunks(dice, stream)) decoder.push(chunk)
      }
    })
    assert.strictEqual(frames, 300)
    // One payload is the decoder's, and the last one sent may still be referenced.
    assert.isBelow(held, 2 * (mutate.maxPayload + besides))
  })

  it("keeps hold of no chunk: not by a frame in pieces, and not by an error", () => {
    const whole = mutate.frame({}, new Uint8Array(mebibyte))
    const tails = [mutate.frame({}, mutate.bytesOf("in pieces")).subarray(0, 30), mutate.bytesOf("HTTP/1.0 400")]
    const [held, kept] = heldBy(() =>
      Array.from({ length: 16 }, (_, index) => {
        const decoder = FrameDecoder.make(silent, { maxPayload: mebibyte })
        return [decoder, decoder.push(mutate.concat([whole, tails[index % 2]]))] as const
      })
    )
    assert.strictEqual(kept.filter(([, error]) => error !== undefined).length, 8)
    // The last payload may still be referenced.
    assert.isBelow(held, 3 * mebibyte)
  })
})

describe("the memory of a client", () => {
  it.effect("holds one payload a connection at most, whatever is announced", () =>
    Effect.gen(function*() {
      const dice = mutate.dice(3)
      const maxConnections = 4
      const announced = [mutate.maxPayload, mutate.maxPayload, mutate.maxPayload + 1, 2 ** 24, 2 ** 31 - 1]
      const server = makeServer(dice, yield* Clock.Clock, {
        limit: mutate.maxPayload,
        maxConnections,
        mostMutated: Infinity,
        isRaw: () => false,
        knowsDirOnly: false,
        reply: () => ({
          bytes: mutate.frame({ payload: dice.pick(announced), size: 0 }, dice.bytes(dice.below(60))),
          mutations: ["announced"]
        })
      })
      const ow = yield* Effect.provideService(
        OwClient.make({
          lazy: true,
          maxConnections,
          connectTimeout,
          silenceTimeout,
          maxPayload: mutate.maxPayload
        }),
        Connector.Connector,
        server.connector
      )
      collectGarbage()
      const before = process.memoryUsage().arrayBuffers
      // Until its stack is read, an error keeps everything alive in which it was created, so the test keeps no error.
      const calls = yield* Effect.forEach(
        Array.from({ length: 400 }, (_, index) => `/${index}`),
        (path) => Effect.ignore(ow.read(path, { flags: { other: 1 << tagShift } })),
        { concurrency: 6 }
      ).pipe(Effect.forkChild)
      assert.isTrue(yield* drive(server, [calls]))
      assert.isAbove(server.exchanges.length, 400)
      // The server's records refer to the links, which refer to the client's connections.
      server.forget()
      collectGarbage()
      const held = process.memoryUsage().arrayBuffers - before
      assert.isBelow(held, 2 * maxConnections * (mutate.maxPayload + besides))
    }))
})
