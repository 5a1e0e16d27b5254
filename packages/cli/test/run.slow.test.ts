/**
 * Ends of commands: exit statuses, signals, and closed pipes.
 */
import { Fault } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as bundle from "./fixtures/bundle.ts"
import * as ow from "./fixtures/ow.ts"
import * as Process from "./fixtures/process.ts"

const timeout = 120_000

const id = "10.000010EF0000"
const temperature = `/${id}/temperature`
const temphigh = `/${id}/temphigh`

const serve = Effect.gen(function*() {
  const server = yield* NodeSimulatedServer.start({ [id]: { temperature: 21.5 } })
  return { server, run: ow.at(server), env: { OWSERVER: `${server.host}:${server.port}` } }
})

/** A server that works for an hour on each read, and tells when one has come. */
const serveSlowly = Effect.gen(function*() {
  const served = yield* serve
  const asked = yield* Deferred.make<void>()
  yield* served.server.setFaults(({ path }) => {
    if (path !== temperature) return undefined
    Deferred.doneUnsafe(asked, Effect.void)
    return Fault.Fault.Delay({ duration: "1 hour" })
  })
  return {
    ...served,
    asked: Effect.timeoutOrElse(Deferred.await(asked), {
      duration: "40 seconds",
      orElse: () => Effect.die(`nobody has read ${temperature}`)
    })
  }
})

/** One line, and no more. */
const isLine = (text: string): boolean => /^ow: [^\n]+\n$/.test(text)

describe("the status", () => {
  it.live("is 3 where there is no connection", () =>
    Effect.gen(function*() {
      const calls = [["ls"], ["cat", temperature], ["set", temperature, "1"], ["tree"], ["ping"]]
      yield* Effect.forEach(calls, (args) =>
        Effect.gen(function*() {
          const { status, stderr, stdout } = yield* ow.run([...args, "-s", "127.0.0.1:1"])
          assert.deepStrictEqual([status, stdout], [3, args[0] === "tree" ? "/\n" : ""])
          assert.match(
            stderr,
            /^ow: \w+ .*at 127\.0\.0\.1:1: cannot connect: .* \(ECONNREFUSED\)\. Is owserver running there, .*\?\n$/
          )
        }), { concurrency: 2 })
      const unknown = yield* ow.run(["ping", "-s", "nosuch.invalid", "--json"])
      assert.deepStrictEqual([unknown.status, unknown.stdout], [3, ""])
      const [told] = ow.jsonOf(unknown.stderr)
      assert.deepNestedInclude(told, { "error._tag": "ConnError", "error.reason._tag": "Resolve", "error.status": 3 })
      assert.notNestedProperty(told, "error.cause")
    }), timeout)

  it.live("is 4 where an answer takes too long", () =>
    Effect.gen(function*() {
      const { run, server } = yield* serve
      yield* server.setFaults(() => Fault.Fault.Silence())
      const text = yield* run(["cat", temperature, "--timeout", "100ms"])
      assert.deepStrictEqual([text.status, text.stdout], [4, ""])
      assert.match(text.stderr, /^ow: read \S+ at \S+: .*0\.1 s, the call's timeout.*\n$/)
      const json = yield* run(["ping", "--timeout=0.1", "--json"])
      assert.deepStrictEqual([json.status, json.stdout], [4, ""])
      assert.deepNestedInclude(ow.jsonOf(json.stderr)[0], { "error._tag": "OwnetTimeout", "error.limit": 100 })
    }), timeout)

  it.live("is 5 where what answers is no owserver", () =>
    Effect.gen(function*() {
      const { run, server } = yield* serve
      yield* server.setFaults(() => Fault.Fault.Http())
      const text = yield* run(["ls"])
      assert.deepStrictEqual([text.status, text.stdout, isLine(text.stderr)], [5, "", true])
      assert.include(text.stderr, "HTTP")
      const json = yield* run(["exists", temperature, "--json"])
      assert.deepStrictEqual([json.status, json.stdout], [5, ""])
      assert.deepNestedInclude(ow.jsonOf(json.stderr)[0], {
        "error._tag": "ProtocolError",
        "error.reason._tag": "MalformedHeader",
        "error.status": 5
      })
      assert.match(json.stderr, /"bytes":"485454502f[0-9a-f]+"/)
    }), timeout)

  it.live("is 1 where the server says no, and 0 where it was tried again", () =>
    Effect.gen(function*() {
      const { run, server } = yield* serve
      yield* server.setFaults(Fault.first(3, Fault.Fault.Refuse({ code: -5 })))
      const refused = yield* run(["cat", temperature])
      assert.deepStrictEqual([refused.status, refused.stdout, isLine(refused.stderr)], [1, "", true])
      assert.include(refused.stderr, "refused with -5 EIO")
      assert.strictEqual(ow.resultOf(yield* run(["cat", temperature, "--retries", "2"])), "21.5\n")
    }), timeout)

  it.live("of a write is 0 where it was tried again before anything was sent", () =>
    Effect.gen(function*() {
      const set = ["set", temphigh, "30", "--retries", "20"]
      const { port, run } = yield* Effect.scoped(Effect.gen(function*() {
        const { run, server } = yield* serve
        yield* server.setFaults(Fault.first(1, Fault.Fault.Refuse({ code: -5 })))
        assert.strictEqual((yield* run(set)).status, 1)
        return { port: server.port, run }
      }))
      assert.strictEqual((yield* run(["set", temphigh, "30"])).status, 3)
      const begun = yield* Effect.forkChild(run(set))
      yield* Effect.sleep("200 millis")
      yield* NodeSimulatedServer.start({ [id]: {} }, { port })
      assert.strictEqual(ow.resultOf(yield* Fiber.join(begun)), "")
      assert.strictEqual(ow.resultOf(yield* run(["cat", temphigh])), "30\n")
    }), timeout)
})

// Much of it is waiting.
describe.concurrent("a command", () => {
  it.live("is ended by Ctrl-C, with 130 and nothing to read", () =>
    Effect.gen(function*() {
      const { asked, env, server } = yield* serveSlowly
      const { exit, screen, send } = yield* ow.onTerminal(["cat", temperature], { env })
      yield* asked
      yield* send("\u0003")
      assert.strictEqual(yield* exit, 130)
      assert.strictEqual((yield* screen).join("\n").trim(), "^C")
      // Somebody else is served at once.
      yield* server.setFaults()
      assert.strictEqual(ow.resultOf(yield* ow.run(["cat", temperature], { env })), "21.5\n")
    }), timeout)

  it.live("is ended by a SIGTERM, with 143 and nothing to read", () =>
    Effect.gen(function*() {
      const { asked, env } = yield* serveSlowly
      const { exit, kill, output } = yield* ow.start(["cat", "--hex", temperature], { env })
      yield* asked
      yield* kill("SIGTERM")
      assert.strictEqual(yield* exit, 143)
      assert.deepInclude(yield* output, { stdout: "", stderr: "" })
    }), timeout)

  it.live("that runs until it is stopped ends well by a SIGTERM, as supervisors expect", () =>
    Effect.gen(function*() {
      const { env } = yield* serve
      const endless = [
        ["watch", "--every", "50ms"],
        ["watch", "--json"],
        ["log"],
        ["snoop", "--listen", "0", "--json"],
        ["serve", "--listen", "0"],
        [
          "devices",
          "--follow"
        ]
      ]
      for (const args of endless) {
        const { awaitLine, exit, kill } = yield* ow.start(args, { env })
        yield* awaitLine((line) => line !== "")
        yield* kill("SIGTERM")
        assert.strictEqual(yield* exit, 0, args.join(" "))
      }
      // Some rounds were wanted, and have not come.
      const { awaitLine, exit, kill } = yield* ow.start(["watch", "--count", "1000"], { env })
      yield* awaitLine((line) => line !== "")
      yield* kill("SIGTERM")
      assert.strictEqual(yield* exit, 143)
    }), timeout)

  it.live("is ended by a SIGHUP in good order", () =>
    Effect.gen(function*() {
      const { asked, env } = yield* serveSlowly
      const { exit, kill, output } = yield* ow.start(["cat", "--hex", temperature], { env })
      yield* asked
      yield* kill("SIGHUP")
      assert.strictEqual(yield* exit, 129)
      assert.deepInclude(yield* output, { stdout: "", stderr: "" })
    }), timeout)

  it.live("ends where its server does, in the midst of an answer", () =>
    Effect.gen(function*() {
      const { asked, env, server } = yield* serveSlowly
      const { exit, output } = yield* ow.start(["get", temperature], { env })
      yield* asked
      yield* server.stop
      assert.strictEqual(yield* exit, 3)
      const { stderr, stdout } = yield* output
      assert.deepStrictEqual([stdout, isLine(stderr)], ["", true])
    }), timeout)

  it.live("ends well where nobody reads any more", () =>
    Effect.gen(function*() {
      const { env, server } = yield* serve
      const { awaitLine, closeStdout, exit, lines, output } = yield* ow.start(["tree", "/structure"], { env })
      yield* awaitLine((line) => line.includes("address"))
      yield* server.pause
      yield* closeStdout
      yield* server.resume
      assert.strictEqual(yield* exit, 0)
      assert.strictEqual((yield* output).stderr, "")
      // There was more to come.
      assert.isBelow((yield* lines).length, 2000)
    }), timeout)

  it.live(
    "says so where its results could not be written, and keeps its status where its messages could not",
    () =>
      Effect.gen(function*() {
        const { env } = yield* serve
        const sh = (script: string) =>
          Process.run("sh", ["-c", script, process.execPath, bundle.ow], {
            env: { ...env, XDG_CACHE_HOME: ow.cache }
          })
        const full = yield* sh("\"$0\" \"$1\" ls > /dev/full")
        assert.deepInclude(full, {
          status: 1,
          stdout: "",
          stderr: "ow: cannot write the results: ENOSPC: no space left on device, write\n"
        })
        const silent = yield* sh("\"$0\" \"$1\" ls nosuch 2> /dev/full; \"$0\" \"$1\" ls -s localhost:1 2> /dev/full")
        assert.deepInclude(silent, { status: 3, stdout: "", stderr: "" })
      }),
    timeout
  )

  it.live("writes the same to a file and to a reader that is slow", () =>
    Effect.gen(function*() {
      const { env } = yield* serve
      const read = `"$0" "$1" cat --json $(yes ${temperature} | head -2000)`
      const [file = "", pipe] = yield* Effect.forEach([
        `${read} > $HOME/file; cat $HOME/file`,
        `${read} | (sleep 1; cat)`
      ], (script) =>
        Effect.map(
          Process.run("sh", ["-c", script, process.execPath, bundle.ow], { env: { ...env, XDG_CACHE_HOME: ow.cache } }),
          ow.resultOf
        ))
      // No pipe has room for all of it.
      assert.isAbove(file.length, 65_536)
      assert.strictEqual(pipe, file)
    }), timeout)

  it.live("loses nothing of what it has printed where it failed and its reader is slow", () =>
    Effect.gen(function*() {
      const { env } = yield* serve
      const read = `"$0" "$1" cat --json $(yes ${temperature} | head -2000) nosuch`
      const slow = "(sleep 1; cat)"
      const nothing: Process.Result = { status: -1, stdout: "", stdoutBytes: new Uint8Array(0), stderr: "" }
      const [file = nothing, pipe, both = nothing] = yield* Effect.forEach([
        `${read} > $HOME/file; status=$?; cat $HOME/file; exit $status`,
        `{ ${read}; echo $? > $HOME/status; } | ${slow}; exit $(cat $HOME/status)`,
        `{ ${read} 2>&1; echo $? > $HOME/status; } | ${slow}; exit $(cat $HOME/status)`
      ], (script) =>
        Process.run("sh", ["-c", script, process.execPath, bundle.ow], { env: { ...env, XDG_CACHE_HOME: ow.cache } }))
      assert.isAbove(file.stdout.length, 65_536)
      assert.strictEqual(file.status, 1)
      assert.deepStrictEqual(pipe, file)
      assert.strictEqual(both.stdout.length, file.stdout.length + file.stderr.length)
    }), timeout)

  it.live("is ended by a signal where it only waits for its reader", () =>
    Effect.gen(function*() {
      const { env } = yield* serve
      // The pipe has a reader that never reads.
      const script = `mkfifo $HOME/pipe; exec 3<> $HOME/pipe
        exec "$0" "$1" cat --json $(yes ${temperature} | head -2000) nosuch > $HOME/pipe`
      for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
        const running = yield* Process.start("sh", ["-c", script, process.execPath, bundle.ow], {
          env: { ...env, XDG_CACHE_HOME: ow.cache }
        })
        // It is told at the end.
        yield* running.awaitLine((line) => line.includes("nosuch"), "stderr")
        yield* running.kill(signal)
        assert.strictEqual(yield* running.exit, status)
      }
    }), timeout)

  it.live("tells a fault of its own as it tells any other", () =>
    Effect.gen(function*() {
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-test-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const file = join(directory, "break.cjs")
      // Made of the results just before they are written.
      const breakage = `const { from } = Buffer
        Buffer.from = (data, ...more) => {
          if (String(data).startsWith("/${id}")) throw new TypeError("broken")
          return from(data, ...more)
        }`
      writeFileSync(file, breakage)
      const { env } = yield* serve
      const result = yield* ow.run(["ls"], { env: { ...env, NODE_OPTIONS: `--require=${file}` } })
      assert.deepInclude(result, {
        status: 1,
        stdout: "",
        stderr: "ow: a fault of this command itself: TypeError: broken\n"
      })
    }), timeout)
})
