/**
 * Faults that fuzzing has found, with a separate case for each.
 */
import { MessageType, ReturnCode } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as scripted from "../packages/core/test/fixtures/scripted.ts"
import { isLine } from "./fixtures/cases.ts"

describe("what has been found", () => {
  const messageOf = (path: string, serverText: string) =>
    Effect.gen(function*() {
      const server = yield* scripted.make(
        scripted.answers((_, path) => path === ReturnCode.tablePath ? ",".repeat(200) + serverText : -200)
      )
      const ow = yield* scripted.client(server)
      return (yield* Effect.flip(ow.read(path))).message
    })

  it.effect("an error's message is one line, whatever the server calls the code", () =>
    Effect.map(messageOf("/path", "two\nlines"), (message) => assert.isTrue(isLine(message), message)))

  it.effect("an error's message is one line, whatever the path", () =>
    Effect.gen(function*() {
      for (const path of ["/next\u0085line", "/line\u2028separator"]) {
        const message = yield* messageOf(path, "a text")
        assert.isTrue(isLine(message), message)
      }
    }))

  it.effect("a server that refuses DIR has not refused GET", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
          // Here the listing does not distinguish an empty value from an empty directory.
          peer.send(scripted.reply(header, "", { ret: header.type === MessageType.Get ? 0 : -42 }))))
      )
      const ow = yield* scripted.client(server)
      yield* Effect.flip(ow.get("/path", { slash: false }))
      assert.deepStrictEqual(
        server.requests.flatMap(({ text, type }) => text === "/path|" ? [type] : []),
        [MessageType.Get, MessageType.DirAll, MessageType.Dir]
      )
    }))
})
