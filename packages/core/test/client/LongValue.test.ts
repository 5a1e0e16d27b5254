import { LongValue, OwClient } from "@effect-ownet/core"
import { TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as devices from "../fixtures/devices.ts"
import * as scripted from "../fixtures/scripted.ts"
import { reason } from "../fixtures/scripted.ts"

/** A server of one value, which it gives from the offset on. */
const serve = Effect.fnUntraced(function*(value: Uint8Array | "endless") {
  const server = yield* scripted.make((peer) =>
    Effect.forever(Effect.flatMap(peer.receive, ({ header }) => {
      const { offset, size } = header
      return peer.send(scripted.reply(
        header,
        value === "endless" ? new Uint8Array(size) : value.slice(offset, offset + size),
        { offset }
      ))
    }))
  )
  const ow = yield* scripted.client(server)
  return {
    server,
    read: (options?: LongValue.Options) =>
      Effect.provideService(LongValue.read("/long", options), OwClient.OwClient, ow),
    readText: (options?: LongValue.Options) =>
      Effect.provideService(LongValue.readText("/long", options), OwClient.OwClient, ow)
  }
})

const bytes = (length: number) => Uint8Array.from({ length }, (_, at) => at * 7 + (at >> 8))

describe("LongValue", () => {
  it.effect("reads on until less comes than was asked for", () =>
    Effect.gen(function*() {
      for (
        const [length, size, reads] of [
          [0, undefined, 1],
          [65_535, undefined, 1],
          [65_536, undefined, 2],
          [200_000, undefined, 4],
          [200_000, 100_050, 2],
          [30, 10, 4],
          [31, 10, 4]
        ] as const
      ) {
        const { read, server } = yield* serve(bytes(length))
        assert.deepStrictEqual(yield* read({ size }), bytes(length))
        assert.lengthOf(server.requests, reads)
      }
    }))

  it.effect("begins where it is told to", () =>
    Effect.gen(function*() {
      const { read, server } = yield* serve(bytes(100))
      assert.deepStrictEqual(yield* read({ offset: 13, size: 40 }), bytes(100).slice(13))
      assert.deepStrictEqual(server.requests.map(({ offset }) => offset), [13, 53, 93])
    }))

  it.effect("does not break a character that two parts share", () =>
    Effect.gen(function*() {
      const text = "Küche €".repeat(10)
      const { readText } = yield* serve(new TextEncoder().encode(text))
      for (let size = 1; size < 12; size++) assert.strictEqual(yield* readText({ size }), text)
    }))

  it.effect("fails as a whole if a part fails", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
          peer.send(
            header.offset === 0
              ? scripted.reply(header, new Uint8Array(header.size))
              : scripted.reply(header, "", { ret: -5 })
          )))
      )
      const ow = yield* scripted.client(server)
      const read = Effect.provideService(LongValue.read("/long"), OwClient.OwClient, ow)
      assert.strictEqual(reason(yield* Effect.flip(read)), "BusFault")
    }))

  it.effect("gives up on a server that gives the same again and again", () =>
    Effect.gen(function*() {
      const { read } = yield* serve("endless")
      const error = yield* Effect.flip(read({ size: 100_050 }))
      assert.match(error.message, /^read \/long at .*ELOOP.*more than 16777216 bytes/)
    }))

  it.effect("refuses what makes no sense", () =>
    Effect.gen(function*() {
      const { read, server } = yield* serve(bytes(10))
      for (const options of [{ size: 0 }, { size: 100_051 }, { offset: -1 }]) {
        assert.strictEqual((yield* Effect.flip(read(options)))._tag, "ArgumentError")
      }
      assert.lengthOf(server.requests, 0)
    }))

  it.effect("has the whole of what a simulated server has", () =>
    Effect.gen(function*() {
      const memory = bytes(512)
      const ow = yield* OwClient.OwClient
      const path = `/${devices.logger}/memory`
      yield* ow.write(path, memory)
      assert.deepStrictEqual(yield* LongValue.read(path, { size: 100 }), memory)
      assert.strictEqual(yield* LongValue.readText("/28.000028D70100/temperature", { size: 2 }), "21.5")
    }).pipe(Effect.provide(TestOwClient.layer({
      [devices.logger]: {},
      "28.000028D70100": { temperature: 21.5 }
    }))))
})
