/** What systemd is told, over a socket as systemd has it, by the program that comes with it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schedule, Scope } from "effect"
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isRequired, isThere } from "../../../../../test/fixtures/installed.ts"
import * as FakeW1 from "../../../../node/test/fixtures/FakeW1.ts"
import * as SystemdNotify from "../../../src/hub/service/SystemdNotify.ts"
import * as ow from "../../fixtures/ow.ts"

/** Prints what comes to a socket of datagrams, which Node has not, in lines. Descriptors that come along are closed, as systemd does. */
const receive = "socket(S, AF_UNIX, SOCK_DGRAM, 0) && bind(S, sockaddr_un($ARGV[0])) or die $!; $| = 1;"
  + " while (defined recv(S, $text, 65536, 0)) { print $text, qq(\n) }"

/** A socket, and what came to it. */
const socket = Effect.gen(function*() {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-notify-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  const path = join(directory, "notify")
  const received: Array<string> = []
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const receiver = spawn("perl", ["-MSocket", "-e", receive, path], { stdio: ["ignore", "pipe", "inherit"] })
      receiver.stdout.on("data", (data: Buffer) => received.push(String(data)))
      return receiver
    }),
    (receiver) => Effect.sync(() => receiver.kill())
  )
  const until = (isSo: (text: string) => boolean) =>
    Effect.repeat(Effect.sync(() => received.join("\n")), { until: isSo, schedule: Schedule.spaced("20 millis") })
  yield* Effect.repeat(Effect.sync(() => existsSync(path)), {
    until: (isThere) => isThere,
    schedule: Schedule.spaced("20 millis")
  })
  return { path, received, until }
})

const isInstalled = isThere("systemd-notify") && isThere("perl")

const describeSystemd = isInstalled || isRequired
  ? describe
  : (name: string, suite: () => void) =>
    describe.skip(`${name} (skipped: not installed; on Debian: apt-get install systemd perl)`, suite)

const base = {
  pid: process.pid,
  status: Effect.succeed("1 of 1\nservers"),
  stopping: "Ending",
  problem: Effect.undefined
}

describe("without systemd", () => {
  it.effect("nobody is told anything", () =>
    SystemdNotify.follow({ ...base, env: {}, status: Effect.die("not asked for") }))
})

describeSystemd("systemd", () => {
  it.live("is told that the hub is ready, works and stops", () =>
    Effect.gen(function*() {
      const { path, received, until } = yield* socket
      const running = yield* ow.start(["hub", "--demo", "--listen", "0"], {
        env: { NOTIFY_SOCKET: path, WATCHDOG_USEC: "1000000" }
      })
      yield* until((text) => text.split("WATCHDOG=1").length > 3 && text.includes("1 of 1 servers"))
      assert.match(received[0] ?? "", /READY=1\nSTATUS=Port \d+; .+; \d+ places/)
      yield* running.kill("SIGTERM")
      assert.strictEqual(yield* running.exit, 0)
      yield* until((text) => text.includes("STOPPING=1"))
      const { stderr } = yield* running.output
      assert.notInclude(stderr, "systemd")
    }), 60_000)

  it.live("is told that a server of the kernel's buses is ready and ends", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make()
      const { path, received, until } = yield* socket
      const running = yield* ow.start(["serve", `--w1=${fake.folder}`, "--listen", "0"], {
        env: { NOTIFY_SOCKET: path }
      })
      yield* until((text) => text.includes("READY=1"))
      assert.match(received[0] ?? "", /READY=1\nSTATUS=Serves 1 bus of the kernel at 127\.0\.0\.1:\d+/)
      yield* running.kill("SIGTERM")
      assert.strictEqual(yield* running.exit, 0)
      yield* until((text) => text.includes("STOPPING=1\nSTATUS=Closing the connections"))
    }), 60_000)

  it.live("is told no longer that the hub works if it does not, and why", () =>
    Effect.gen(function*() {
      const { path, received, until } = yield* socket
      let problem: string | undefined
      const scope = yield* Scope.make()
      yield* SystemdNotify.follow({
        ...base,
        env: { ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: "200000", WATCHDOG_PID: String(process.pid) },
        problem: Effect.sync(() => problem)
      }).pipe(Scope.provide(scope))
      yield* until((text) => text.includes("WATCHDOG=1"))
      problem = "nothing is followed"
      yield* until((text) => text.includes("STATUS=It waits to be started again: nothing is followed"))
      received.length = 0
      yield* until((text) => text.split("nothing is followed").length > 3)
      assert.notInclude(received.join(""), "WATCHDOG=1")
      yield* Scope.close(scope, Exit.void)
      yield* until((text) => text.includes("STOPPING=1"))
    }), 60_000)

  it.live("is told nothing more if another process is watched", () =>
    Effect.gen(function*() {
      const { path, until } = yield* socket
      yield* Effect.scoped(
        Effect.andThen(
          SystemdNotify.follow({
            ...base,
            env: { ...process.env, NOTIFY_SOCKET: path, WATCHDOG_USEC: "20000", WATCHDOG_PID: "1" }
          }),
          Effect.sleep("100 millis")
        )
      )
      const told = yield* until((text) => text.includes("STOPPING=1"))
      assert.notInclude(told, "WATCHDOG=1")
    }))
})
