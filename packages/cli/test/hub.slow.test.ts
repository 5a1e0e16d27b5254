/**
 * `hub`: a history and a page, as a bundle that is loaded for it alone.
 */
import type { Api } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { isRequired } from "../../../test/fixtures/installed.ts"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as postgres from "../../hub/test/fixtures/postgres.ts"
import * as namespace from "./fixtures/namespace.ts"
import * as ow from "./fixtures/ow.ts"
import type * as Process from "./fixtures/process.ts"

const timeout = 60_000

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(Path.join(Os.tmpdir(), "ow-hub-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** Starts a hub on a free port, and gives the address of its page. */
const start = Effect.fnUntraced(function*(args: ReadonlyArray<string>, options?: Process.Options) {
  const running = yield* ow.start(["hub", ...args.includes("--listen") ? [] : ["--listen", "0"], ...args], options)
  const line = yield* running.awaitLine((line) => line !== "")
  return { running, line, url: args.includes("--json") ? "" : line }
})

const get = (url: string, init?: RequestInit) => Effect.promise(() => fetch(url, init))

/** What the API says there. */
const json = <A>(url: string): Effect.Effect<A> => Effect.promise(async () => (await fetch(url)).json())

const stateOf = (url: string) => json<Api.State>(`${url}api/v1/state`)

/** The key of the place that a chip fills, or one of that name. */
const keyOf = ({ places }: Api.State, name: string): string =>
  places.find(({ chip, title }) => chip === name || title === name)?.key ?? "none"

/** Reads a stream as a browser does that is slow, until the scope closes. */
const watch = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const { body } = await fetch(`${url}api/v1/live`)
      const reader = body!.getReader()
      await reader.read()
      return reader
    }),
    (reader) => Effect.promise(() => reader.cancel().catch(() => {}))
  )

/** Asks until the answer is so. */
const until = <A>(ask: Effect.Effect<A>, isSo: (answer: A) => boolean): Effect.Effect<A> =>
  Effect.repeat(ask, { until: isSo, schedule: Schedule.spaced("50 millis") })

/** What is wrong with a call of it, in one line. */
const refused = Effect.fnUntraced(
  function*(status: number, message: RegExp, args: ReadonlyArray<string>, options?: Process.Options) {
    const result = yield* ow.run(["hub", ...args.includes("--listen") ? [] : ["--listen", "0"], ...args], options)
    assert.match(result.stderr, message)
    assert.match(result.stderr, /^ow: .+\n$/)
    assert.deepInclude(result, { status, stdout: "" })
  }
)

const describeIsolated = namespace.isAllowed || isRequired
  ? describe
  : (name: string, suite: () => void) => describe.skip(`${name} (skipped: needs unshare, iproute2 and root)`, suite)

// Most of it is waiting.
describe.concurrent("a hub on the command line", () => {
  it.live(
    "prints nothing but line protocol if that is wanted on standard output",
    () =>
      Effect.gen(function*() {
        const running = yield* ow.start(["hub", "--demo", "--listen", "0", "--influx", "-"], {
          env: { OW_HUB_INFLUX: "http://127.0.0.1:1/" }
        })
        const lines = yield* Effect.forEach(
          [/ temperature=/, / PIO/, / temperature=/],
          (field) => running.awaitLine((line) => field.test(line))
        )
        for (const line of lines) assert.match(line, /^onewire,id=(?:\\ |\S)+ [\w./]+=\S+ \d{19}$/)
        yield* running.kill("SIGTERM")
        const { stderr, stdout } = yield* Effect.andThen(running.exit, running.output)
        assert.match(stderr, /^http:\/\/127\.0\.0\.1:\d+\/\nThe page shows a simulated house/)
        for (const line of stdout.trimEnd().split("\n")) assert.match(line, /^onewire,/)
        const config = yield* ow.run(["hub", "config", "--influx", "http://pi:8086/write?db=house&p=hunter2"])
        assert.match(config.stdout, /url: http:\S+db=house\S* # --influx$/m)
        assert.notInclude(config.stdout, "hunter2")
        yield* refused(2, /influx.*Expected: an address such as/, ["--influx", "pi:8086"])
        yield* refused(2, /the address in OW_HUB_INFLUX cannot be used\. Expected: an address/, ["--demo"], {
          env: { OW_HUB_INFLUX: "ftp://secret@pi" }
        })
      }),
    timeout
  )

  it.live(
    "shows a simulated house with a month of history, and ends at once with its viewers there",
    () =>
      Effect.gen(function*() {
        const { running, url } = yield* start(["--demo", "--title", "At <home>"])
        assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/)
        const page = yield* get(url)
        assert.strictEqual(page.status, 200)
        const html = yield* Effect.promise(() => page.text())
        const [, script = ""] = /src="\.\/(app-[^"]+\.js)"/.exec(html) ?? []
        assert.strictEqual((yield* get(url + script)).status, 200)
        const state = yield* until(stateOf(url), ({ places }) =>
          places.length > 12 && places.every(({ properties }) =>
            properties.every(({ reading }) => reading)
          ))
        assert.deepInclude(state, { title: "At <home>", notice: "This house is simulated." })
        const [derived, measured] = [true, false].map((isMade) =>
          state.places.filter(({ chip }) => (chip === "derived") === isMade)
        )
        assert.sameMembers([...new Set(measured?.map(({ bus }) => bus))], ["bus.0", "bus.1", "bus.2"])
        assert.sameMembers(derived?.map(({ title }) => title) ?? [], ["Bathroom dew point", "Whole house"])
        const made = yield* json<typeof Api.History.Encoded>(
          `${url}api/v1/history?series=bathroom-dew-point/dew_point,house-temperature/mean&from=${
            state.at - 86_400
          }&to=${state.at}&points=24`
        )
        for (const { mean } of made.series) assert.isAbove(mean.filter((value) => value !== null).length, 20)
        const attic = keyOf(state, "Attic")
        const { series: [past] } = yield* json<typeof Api.History.Encoded>(
          `${url}api/v1/history?series=${attic}/temperature&from=${state.at - 29 * 86_400}&to=${state.at}&points=700`
        )
        assert.isAbove((past?.mean ?? []).filter((value) => value !== null).length, 650)
        assert.include(past?.mean, null)
        assert.deepInclude(past?.marks[0], { value: 85, verdict: "PowerOn" })
        const events = yield* json<ReadonlyArray<Api.Event>>(`${url}api/v1/events?from=0&limit=200`)
        assert.includeMembers(events.map(({ kind }) => kind), ["BusFailed", "LimitExceeded", "Vanished"])
        const relays = keyOf(state, "DS2408")
        const written = yield* get(`${url}api/v1/devices/${relays}/PIO.1`, {
          method: "PUT",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ value: true })
        })
        assert.deepInclude(yield* Effect.promise(() => written.json()), { value: true })
        yield* Effect.all(Array.from({ length: 4 }, () => watch(url)), { concurrency: 4 })
        yield* running.kill("SIGTERM")
        assert.strictEqual(yield* running.exit, 0)
        const { stderr, stdout } = yield* running.output
        assert.strictEqual(stdout, `${url}\n`)
        assert.match(stderr, /^The page shows a simulated house until Ctrl-C\. Its history is not kept\.\n/)
      }),
    timeout
  )

  it.live("ends by Ctrl-C, and says what it tells programs in JSON", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const database = Path.join(directory, "hub.sqlite")
      const { line, running } = yield* start(["-s", "localhost:1", "--json", "--database", database])
      const { port, ...told } = JSON.parse(line)
      assert.deepStrictEqual(told, {
        url: `http://127.0.0.1:${port}/`,
        host: "127.0.0.1",
        servers: ["localhost:1"],
        database
      })
      // What fails is told at once, each in a line of its own.
      const failed = JSON.parse(yield* running.awaitLine((line) => line.includes("fails"), "stderr"))
      assert.match(failed.event, /^localhost:1 fails: .*ECONNREFUSED/)
      yield* running.kill("SIGINT")
      assert.strictEqual(yield* running.exit, 130)
    }), timeout)

  it.live("opens nothing beyond this machine unless it is told to, and says so", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      writeFileSync(Path.join(directory, "token"), "open-sesame\n")
      const { running, url } = yield* start([
        "-s",
        "localhost:1",
        "--database",
        Path.join(directory, "hub.sqlite"),
        "--listen",
        "0.0.0.0:0",
        "--token-file",
        Path.join(directory, "token")
      ])
      yield* running.awaitLine((line) => line.startsWith("Everyone on the network can view the page"), "stderr")
      const permission = (headers: Record<string, string>) =>
        Effect.promise(async () => (await (await fetch(`${url}api/v1/session`, { headers })).json()).permission)
      assert.strictEqual(yield* permission({}), "token")
      assert.strictEqual(yield* permission({ authorization: "Bearer wrong-token" }), "token")
      assert.strictEqual(yield* permission({ authorization: "Bearer open-sesame" }), "edit")
      yield* refused(2, /--allow-write needs a token if --listen is 0\.0\.0\.0:0/, [
        "-s",
        "localhost",
        "--listen",
        "0.0.0.0:0",
        "--allow-write",
        "PIO.*"
      ])
    }), timeout)

  it.live("takes the next port if 8080 is taken and none was given", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const own = (name: string) => ["-s", "localhost:1", "--database", Path.join(directory, name)]
      // Somebody else may have 8080, which is just as well.
      const one = yield* ow.start(["hub", ...own("one.sqlite")])
      const first = Number(new URL(yield* one.awaitLine((line) => line !== "")).port)
      const two = yield* ow.start(["hub", ...own("two.sqlite")])
      const second = Number(new URL(yield* two.awaitLine((line) => line !== "")).port)
      assert.isAbove(second, first)
      yield* two.awaitLine(
        (line) => line.startsWith(`Another program uses port 8080, so the page is on port ${second}.`),
        "stderr"
      )
      yield* refused(1, /cannot listen on 127\.0\.0\.1:\d+: another program uses that port/, [
        ...own("three.sqlite"),
        "--listen",
        String(first)
      ])
      yield* refused(1, /another hub uses .*one\.sqlite: stop that one/, own("one.sqlite"))
    }), timeout)

  it.live("says what is wrong with how it was called", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const at = (name: string) => Path.join(directory, name)
      writeFileSync(at("letter"), "Dear all,\n".repeat(100))
      const on = (database: string) => ["-s", "localhost:1", "--database", database]
      yield* Effect.all([
        refused(1, /letter is not the history of a hub .* was left as it is/, on(at("letter"))),
        refused(1, /letter is not a directory/, on(at("letter/hub.sqlite"))),
        refused(1, /there is no directory .*nowhere\. Create it/, on(at("nowhere/hub.sqlite"))),
        refused(1, /is a directory: name a file in it/, on(directory)),
        refused(1, /cannot open \/sys\/hub\.sqlite|may not write to \/sys/, on("/sys/hub.sqlite")),
        refused(
          1,
          /cannot open postgres:\/\/me@localhost:1\/x: .*ECONNREFUSED/,
          on("postgres://me:secret@localhost:1/x")
        ),
        refused(2, /Expected: a file, or postgres:\/\//, on("mysql://localhost/x")),
        refused(2, /Expected: 8 to 200 ASCII characters/, ["--token", "short"]),
        refused(2, /the token in OW_HUB_TOKEN cannot be used. Expected: 8 to 200/, ["--demo"], {
          env: { OW_HUB_TOKEN: "short" }
        }),
        refused(2, /Expected: a duration of at least 1 day/, ["--keep", "1h"]),
        refused(2, /--demo shows a simulated house/, ["--demo", "-s", "localhost"]),
        refused(2, /--demo keeps nothing/, ["--demo", "--database", at("x")]),
        refused(1, /this machine has no such address/, ["--demo", "--listen", "192.0.2.1:0"])
      ], { concurrency: 3 })
      assert.isFalse(existsSync(at("x")))
      const meant = yield* ow.run(["dashboard"])
      assert.match(meant.stderr, /^ow: dashboard is not a command; did you mean ow hub\?/)
    }), timeout)

  it.live("keeps its history in the directory of the user's data, or of the service", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const env = (name: string, path: string) => ({ env: { [name]: path } })
      const state = Path.join(directory, "state")
      mkdirSync(state)
      yield* start(["-s", "localhost:1"], env("XDG_DATA_HOME", Path.join(directory, "data")))
      yield* start(["-s", "localhost:1"], env("STATE_DIRECTORY", state))
      assert.isTrue(existsSync(Path.join(directory, "data/effect-ownet/hub.sqlite")))
      assert.isTrue(existsSync(Path.join(state, "hub.sqlite")))
    }), timeout)

  describeIsolated("a hub without a word about servers", () => {
    it.live(
      "shows the one on this machine, or else a simulated house that it owns up to",
      () =>
        Effect.gen(function*() {
          const net = yield* namespace.make("ip link set lo up")
          const nobody = yield* net.startOw(["hub", "--listen", "0"])
          yield* nobody.awaitLine(
            (line) => line.startsWith("No owserver was found, so the page shows a simulated house"),
            "stderr"
          )
          const serve = yield* net.startOw(["serve"])
          yield* serve.awaitLine((line) => line !== "")
          const hub = yield* net.startOw(["hub", "--listen", "0"])
          yield* hub.awaitLine((line) => line.startsWith("The page shows localhost:4304 until Ctrl-C."), "stderr")
        }),
      timeout
    )
  })

  owserver.describe("a hub at the real server", () => {
    it.live(
      "keeps what was measured over a restart, and a gap for the time off, also if it was killed",
      () =>
        Effect.gen(function*() {
          const server = yield* owserver.start(["--tester=10,28,29"])
          const directory = yield* folder
          const args = [
            "-s",
            `${server.host}:${server.port}`,
            "--every",
            "1s",
            "--flush",
            "1s",
            "--database",
            Path.join(directory, "hub.sqlite")
          ]
          const first = yield* start(args)
          const measured = ({ places }: Api.State) =>
            places.length === 3 && places.every(({ properties }) => properties.some(({ reading }) => reading))
          const key = keyOf(yield* until(stateOf(first.url), measured), "DS18B20")
          const kinds = (url: string) =>
            Effect.map(json<ReadonlyArray<Api.Event>>(`${url}api/v1/events?from=0`), (events) =>
              events.map(({ kind }) => kind))
          const history = (url: string) =>
            Effect.promise(async () =>
              (await (await fetch(`${url}api/v1/export.csv?series=${key}/temperature&from=0`)).text()).trim().split(
                /\r?\n/
              )
            )
          const timeOf = (line = ""): number =>
            Date.parse(line.split(",")[0]!)
          // Later than that, it was still measured.
          const kept = yield* until(history(first.url), ([, line]) => Date.now() - timeOf(line) > 3000)
          yield* first.running.kill("SIGKILL")
          assert.strictEqual(yield* first.running.exit, 137)

          const second = yield* start(args)
          const after = yield* until(history(second.url), (lines) => lines.length > 3)
          assert.strictEqual(after[1], kept[1])
          // A row without a value: measuring stopped there.
          assert.match(kept[1]!, /,temperature,[\d.]+,°C,Plausible$/)
          assert.match(after[2]!, /,temperature,,°C,$/)
          assert.isAbove(timeOf(after[2]), timeOf(kept[1]))
          yield* second.running.kill("SIGTERM")
          assert.strictEqual(yield* second.running.exit, 0)

          const third = yield* start(args)
          assert.includeMembers([...yield* kinds(third.url)], ["Started", "Stopped"])
          assert.deepStrictEqual((yield* history(third.url)).slice(0, 3), after.slice(0, 3))
        }),
      timeout
    )
  })

  postgres.describe("a hub with PostgreSQL", () => {
    it.live("needs nothing else, and shows no password", () =>
      Effect.gen(function*() {
        const server = yield* owserver.start(["--tester=28"])
        const { url } = yield* postgres.start
        const database = url.replace("ow@", "ow:secret@")
        const hub = yield* start(["-s", `${server.host}:${server.port}`, "--every", "1s", "--database", database])
        yield* until(stateOf(hub.url), ({ places }) => places.length === 1)
        yield* hub.running.kill("SIGTERM")
        assert.strictEqual(yield* hub.running.exit, 0)
        const { stderr } = yield* hub.running.output
        assert.include(stderr, `The history is in ${url}.`)
        assert.notInclude(stderr, "secret")
      }), timeout)
  })
})
