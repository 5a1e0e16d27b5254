import { NodeOwserver } from "@effect-ownet/node"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as owserver from "./fixtures/owserver.ts"

owserver.describe("NodeOwserver", () => {
  it.live("says why a server did not start", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(owserver.start(["--no-such-option"]))
      assert.strictEqual(error.reason._tag, "Failed")
      assert.include(error.message, "owserver --no-such-option")
      assert.include(error.message, "ended at once")
    }))

  it.live("does not take another server for its own", () =>
    Effect.gen(function*() {
      const { pid, port } = yield* owserver.start(["--tester=28"])
      const error = yield* Effect.flip(owserver.start(["--tester=10"], port))
      assert.strictEqual(error.reason._tag, "Failed")
      assert.match(error.message, new RegExp(`process ${pid}, listens on port ${port} already|ended at once`))
    }))

  it.live("signals a process that is gone without complaint", () =>
    Effect.gen(function*() {
      const server = yield* owserver.start(["--tester=28"])
      yield* server.kill
      yield* server.signal("SIGTERM")
    }))
})

describe("NodeOwserver without an owserver", () => {
  it.live("says how to get one", () =>
    Effect.gen(function*() {
      const path = process.env["PATH"]
      process.env["PATH"] = "/nowhere"
      const error = yield* NodeOwserver.start({ args: [] }).pipe(
        Effect.provide(NodeServices.layer),
        Effect.flip,
        Effect.ensuring(Effect.sync(() => {
          process.env["PATH"] = path
        }))
      )
      assert.strictEqual(error.reason._tag, "NotInstalled")
      assert.include(error.message, "apt-get install owserver")
    }))
})
