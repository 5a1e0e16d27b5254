import { NodeOwserver } from "@effect-ownet/node"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { eventually, isAlive } from "./fixtures/census.ts"
import * as owserver from "./fixtures/owserver.ts"

/** Runs an effect that looks for programs in these folders. */
const withPath = <A, E, R>(path: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const before = process.env["PATH"]
    process.env["PATH"] = path
    return Effect.ensuring(effect, Effect.sync(() => void (process.env["PATH"] = before)))
  })

owserver.describe("NodeOwserver", () => {
  it.live("says why a server did not start", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(owserver.start(["--no-such-option"]))
      assert.strictEqual(error.reason._tag, "Failed")
      assert.include(error.message, "owserver --no-such-option")
      assert.match(error.message, /ended at once, with status \d+: owserver: .*--no-such-option/)
    }))

  it.live("does not take another server for its own", () =>
    Effect.gen(function*() {
      const { pid, port } = yield* owserver.start(["--tester=28"])
      const error = yield* Effect.flip(owserver.start(["--tester=10"], port))
      assert.strictEqual(error.reason._tag, "Failed")
      assert.match(error.message, new RegExp(`process ${pid}, listens on port ${port} already|ended at once`))
    }))

  it.live("says which process listens there already, if its own goes on", () =>
    Effect.gen(function*() {
      const { pid, port } = yield* owserver.start(["--tester=28"])
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "owserver-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      writeFileSync(join(folder, "owserver"), "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 })
      const error = yield* withPath(
        `${folder}:${process.env["PATH"]}`,
        Effect.flip(owserver.start(["--mock=28"], port))
      )
      assert.strictEqual(error.reason._tag, "Failed")
      assert.strictEqual(error.message, `another owserver, process ${pid}, listens on port ${port} already`)
    }))

  it.live("signals a process that is gone without complaint", () =>
    Effect.gen(function*() {
      const server = yield* owserver.start(["--tester=28"])
      assert.isTrue(isAlive(server.pid))
      yield* server.kill
      yield* eventually(() => !isAlive(server.pid))
      assert.isTrue(Exit.isSuccess(yield* Effect.exit(server.signal("SIGTERM"))))
      assert.isTrue(Exit.isSuccess(yield* Effect.exit(server.kill)))
    }))
})

describe("NodeOwserver without an owserver", () => {
  it.live("says how to get one", () =>
    Effect.gen(function*() {
      const error = yield* withPath(
        "/nowhere",
        Effect.flip(Effect.provide(NodeOwserver.start({ args: [] }), NodeServices.layer))
      )
      assert.strictEqual(error.reason._tag, "NotInstalled")
      assert.include(error.message, "apt-get install owserver")
    }))
})
