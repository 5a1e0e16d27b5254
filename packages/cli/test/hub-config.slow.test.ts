/**
 * `hub` with a file: what is wrong in it is told, what changes in it counts at once, and edits of the page are written to it.
 */
import type { Api } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as ow from "./fixtures/ow.ts"

const timeout = 60_000

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(Path.join(Os.tmpdir(), "ow-hub-config-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const stateOf = (url: string): Effect.Effect<Api.State> =>
  Effect.promise(async () => {
    const answer = await fetch(`${url}api/v1/state`)
    return answer.ok ? answer.json() : { title: `status ${answer.status}`, servers: [], places: [], outlets: [] }
  })

const until = <A>(ask: Effect.Effect<A>, isSo: (answer: A) => boolean): Effect.Effect<A> =>
  Effect.repeat(ask, { until: isSo, schedule: Schedule.spaced("50 millis") })

describe.concurrent("a hub with a file", () => {
  it.live("tells each mistake with its line, and does not start", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const path = Path.join(directory, "hub.yaml")
      writeFileSync(path, "version: 1\nevry: 10s\nhistory: { keep: 1h }\nmqtt: { server: hunter2 }\n")
      const mistakes = [
        ":2:1: unknown key evry; did you mean every?",
        ":3:18: history.keep takes a duration of at least 1 day, such as 90d, 26w or 2y",
        ":4:17: mqtt.server takes an address, such as mqtt://localhost:1883"
      ]
      for (
        const args of [["--config", path, "--listen", "0"], ["config", "--check", path], ["config", "--config", path]]
      ) {
        const { status, stderr, stdout } = yield* ow.run(["hub", ...args])
        assert.strictEqual(status, 1)
        assert.strictEqual(stdout, "")
        assert.strictEqual(stderr, `ow: ${mistakes.map((mistake) => `${path}${mistake}\n`).join("")}`)
        assert.notInclude(stderr, "hunter2")
      }
      const none = yield* ow.run(["hub", "--config", Path.join(directory, "none.yaml")])
      assert.match(none.stderr, /none\.yaml: cannot be read: there is no such file/)
      assert.strictEqual(none.status, 1)
    }), timeout)

  it.live(
    "prints what is in force and where that was set, without secrets, and its schema",
    () =>
      Effect.gen(function*() {
        const directory = yield* folder
        const data = Path.join(directory, "effect-ownet")
        mkdirSync(data)
        const path = Path.join(data, "hub.yaml")
        writeFileSync(
          path,
          "version: 1\n# hello\ntitle: At home\nevery: 1m\npage: { auth_token: \"!secret.yaml token\" }\nplaces:\n  28.000028D70100: { name: freezer, limits: { temperature: { above: -15, for: 10m } } }\n"
        )
        writeFileSync(Path.join(data, "secret.yaml"), "token: hunter2-hunter2\n", { mode: 0o644 })
        const env = { XDG_DATA_HOME: directory, OW_HUB_TOKEN: "" }
        const { status, stderr, stdout } = yield* ow.run(["hub", "config", "--flush", "5m"], { env })
        assert.strictEqual(status, 0)
        assert.match(stderr, /all users of this machine can read secret\.yaml/)
        assert.notInclude(stdout, "hunter2")
        assert.include(stdout, "\ntitle: At home # hub.yaml:3\n")
        assert.include(stdout, "\nevery: 1m # hub.yaml:4\n")
        assert.include(stdout, "\n  flush: 5m # --flush\n")
        assert.include(stdout, "\n#   keep: 2y\n")
        assert.include(stdout, "for: 10m")
        assert.include(stdout, "# mqtt:\n")
        // What it prints without a file is a file.
        const own = Path.join(directory, "own.yaml")
        const fresh = yield* ow.run(["hub", "config", "--title", "Mine"], { env: { XDG_DATA_HOME: own } })
        writeFileSync(own, fresh.stdout)
        const checked = yield* ow.run(["hub", "config", "--check", own])
        assert.deepInclude(checked, { status: 0, stdout: "", stderr: "" })
        const schema = yield* ow.run(["hub", "config", "--schema"])
        assert.deepInclude(JSON.parse(schema.stdout), { $schema: "https://json-schema.org/draft/2020-12/schema" })
      }),
    timeout
  )

  it.live("writes nothing but line protocol to standard output if asked to", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const args = ["--influx", "-", "--listen", "0"]
      const env = { XDG_DATA_HOME: directory }
      for (const form of [[], ["--json"]]) {
        const hub = yield* ow.start(["hub", "--demo", ...args, ...form], { env })
        yield* hub.awaitLine((line) => line.includes("http://127.0.0.1:"), "stderr")
        assert.match(yield* hub.awaitLine((line) => line !== ""), /^onewire,id=\S+ \S+=\S+ \d{19}$/)
        yield* hub.kill("SIGTERM")
        assert.strictEqual(yield* hub.exit, 0)
      }
      const { stdout } = yield* ow.run(["hub", "config", ...args], { env })
      assert.include(stdout, "\ninflux:\n")
      assert.include(stdout, "\n  url: \"-\" # --influx\n")
      const mistake = yield* ow.run(["hub", "--influx", "ftp://a"], { env })
      assert.deepInclude(mistake, { status: 2, stdout: "" })
    }), timeout)

  it.live("takes what changes without a restart, and writes what the page edits", () =>
    Effect.gen(function*() {
      const serve = yield* ow.start(["serve", "--listen", "0"])
      const address = yield* serve.awaitLine((line) => line !== "")
      const server = /[\w.]+:\d+/.exec(address)?.[0] ?? ""
      const directory = yield* folder
      const path = Path.join(directory, "hub.yaml")
      const write = (lines: string) =>
        writeFileSync(path, `version: 1\nservers: ["${server}"]\nhistory: { database: house.sqlite }\n${lines}`)
      write("title: one # first\nevery: 1s\n")
      const hub = yield* ow.start(["hub", "--config", path, "--listen", "0"])
      const url = yield* hub.awaitLine((line) => line !== "")
      const state = yield* until(stateOf(url), ({ places }) => places.length > 0)
      assert.deepInclude(state, { title: "one", every: 1 })
      const key = state.places[0]!.key
      // The page's edit is a line of the file, and no comment is lost.
      const edited = yield* Effect.promise(() =>
        fetch(`${url}api/v1/places/${key}`, {
          method: "PUT",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ name: "Cellar" })
        })
      )
      assert.strictEqual(edited.status, 200)
      assert.include(
        readFileSync(path, "utf8"),
        `title: one # first\nevery: 1s\nplaces:\n  ${key}:\n    name: Cellar\n`
      )
      write(`title: two\nevery: 2s\ntimeout: 5s\npage: { hosts: [hub.example] }\nplaces: { ${key}: { name: Attic } }\n`)
      const changed = yield* until(stateOf(url), ({ title }) => title === "two")
      assert.deepInclude(changed, { every: 2 })
      assert.deepInclude(changed.places.find((place) => place.key === key), { name: "Attic" })
      // What is fed no more is not told of any more.
      const isTold = (outlet: string) => ({ outlets }: Api.State) => outlets.some(({ name }) => name === outlet)
      write("otlp: { url: http://127.0.0.1:9, every: 1s }\ninflux: { url: http://127.0.0.1:9/write }\n")
      yield* until(stateOf(url), (state) => isTold("OTLP")(state) && isTold("InfluxDB")(state))
      write("title: four\n")
      yield* until(stateOf(url), (state) =>
        state.title === "four" && !isTold("OTLP")(state) && !isTold("InfluxDB")(state))
      write("title: [\n")
      yield* hub.awaitLine((line) =>
        /hub\.yaml:\d+:\d+: .*continues with the previous settings/.test(line), "stderr")
      yield* until(stateOf(url), ({ outlets }) => outlets.some(({ failing, name }) => name === "hub.yaml" && failing))
      // Another history is another hub behind the same address.
      writeFileSync(path, `version: 1\nservers: ["${server}"]\nhistory: { database: other.sqlite }\ntitle: three\n`)
      yield* until(stateOf(url), ({ places, title }) => title === "three" && places.length > 0)
      yield* hub.kill("SIGTERM")
      assert.strictEqual(yield* hub.exit, 0)
    }), timeout)
})
