/**
 * Deliveries to a real server on loopback, and to real processes, in virtual time.
 */
import type { SimulatedNetwork } from "@effect-ownet/core/testing"
import { Hub, type Notices, Notifier } from "@effect-ownet/hub"
import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Context, type Duration, Effect, Exit, FileSystem, Layer, PubSub, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { createServer, type IncomingHttpHeaders, type Server } from "node:http"
import { text } from "node:stream/consumers"
import { full, house, type Notebook, notebook, start } from "./fixtures/houses.ts"

const freezer = "28.000028D70100"
const attic = "28.000028D70200"

const description: SimulatedNetwork.Description = {
  [freezer]: { temperature: -20, alias: "freezer" },
  [attic]: { temperature: 20, alias: "attic" }
}

const pass = TestClock.adjust

/** Waits for what happens in real time. */
const until = (what: string, condition: () => boolean): Effect.Effect<void> => {
  const again: Effect.Effect<void> = Effect.suspend(() =>
    condition() ? Effect.void : Effect.andThen(Effect.sleep("2 millis"), again)
  )
  const waited = Effect.timeoutOrElse(again, { duration: "40 seconds", orElse: () => Effect.die(`no ${what}`) })
  return TestClock.withLive(waited)
}

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly json: Readonly<Record<string, unknown>>
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A server that keeps what it gets, and answers as it is told; `undefined` is never. */
const webhook = Effect.gen(function*() {
  const received: Array<Received> = []
  let answer: ((received: Received) => Answer | undefined) | Answer | undefined = { status: 200, body: "ok" }
  const server = yield* Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const server = createServer((request, response) => {
        void text(request).then((body) => {
          const one: Received = { path: request.url ?? "", headers: request.headers, json: JSON.parse(body) }
          received.push(one)
          const given = typeof answer === "function" ? answer(one) : answer
          if (given === undefined) return
          response.writeHead(given.status, given.headers).end(given.body)
        })
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.closeAllConnections()
        server.close(() => resume(Effect.void))
      })
  )
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    received,
    port,
    url: `http://127.0.0.1:${port}/hook`,
    answer: (next: typeof answer) => void (answer = next),
    /** Takes what has come, once that much has. */
    take: (count: number) =>
      Effect.map(
        until(`${count} messages`, () => received.length >= count),
        () => received.splice(0).map(({ json }) => `${String(json["phase"])}: ${String(json["message"])}`)
      )
  }
})

const notifierOf = Effect.fnUntraced(function*(
  { book, hub }: { readonly book: Notebook; readonly hub: Layer.Layer<Hub.Hub> },
  channels: ReadonlyArray<Notifier.Channel>
) {
  const scope = yield* Scope.make()
  yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
  const context = yield* Layer.buildWithScope(
    Notifier.layer.pipe(Layer.provide([hub, book.layer, NodeHttpClient.layerUndici, NodeServices.layer])),
    scope
  )
  const notifier = Context.get(context, Notifier.Notifier)
  yield* notifier.configure(channels)
  return { notifier, stop: Scope.close(scope, Exit.void) }
})

const phone = (to: Notifier.Channel["to"], more: Partial<Notifier.Channel> = {}): Notifier.Channel => ({
  name: "phone",
  to,
  ...more
})

/** A hub that follows nothing: its notices are those that a test tells. A real one would need seconds for each hour. */
const desk = Effect.fnUntraced(function*(channel: Notifier.Channel, book?: Notebook) {
  const kept = book ?? (yield* notebook)
  const turns = yield* PubSub.unbounded<Notices.Turn>()
  const reports: Array<string | undefined> = []
  const forgotten: Array<string> = []
  const hub = Layer.mock(Hub.Hub, {
    state: Effect.succeed({ at: 0, title: "", every: 10, servers: [], notices: [], outlets: [], places: [] }),
    notices: Stream.fromPubSub(turns),
    report: (_, problem) => Effect.sync(() => void reports.push(problem)),
    forget: (outlet) => Effect.sync(() => void forgotten.push(outlet))
  })
  const notifier = yield* notifierOf({ book: kept, hub }, [channel])
  yield* pass("1 second")
  const tell = Effect.fnUntraced(function*(turn: Notices.Turn) {
    yield* Effect.orDie(kept.memory.keepTurn({ turn, tell: ["phone"] }))
    yield* PubSub.publish(turns, turn)
    yield* pass("1 millis")
  })
  return {
    ...notifier,
    book: kept,
    forgotten,
    begin: (notice: Notices.Notice) => tell({ phase: "Began", notice }),
    end: (notice: Notices.Notice) =>
      tell({ phase: "Ended", notice: { ...notice, until: 3600, endText: "it is over" } }),
    /** Waits until what has been sent is taken in, and gives what was reported of it. */
    reported: Effect.map(until("report", () => reports.length > 0), () => reports.splice(0).at(-1)),
    forget: Effect.sync(() => void reports.splice(0)),
    waits: Effect.map(Effect.orDie(kept.memory.untold), (turns) => turns.length),
    /** Waits until answers have been taken in, as many as that. */
    marked: (count: number) => until("mark", () => kept.tells() >= count)
  }
})

const notice = (title: string, more: Partial<Notices.Notice> = {}): Notices.Notice => ({
  id: title,
  kind: "NoNews",
  title,
  isUrgent: false,
  since: 0,
  text: `${title} has no news`,
  ...more
})

const hubOptions: Hub.Options = { tell: ["phone"] }

/** A house with a limit, and a channel. */
const notifying = Effect.fnUntraced(function*(channel: Notifier.Channel) {
  const all = yield* house(description, hubOptions)
  const { hub, network } = all
  yield* pass("15 seconds")
  yield* hub.edit(freezer, { limits: { temperature: { above: -15, hysteresis: 1 } } })
  yield* hub.edit(attic, { limits: { temperature: { above: 30, hysteresis: 1 } } })
  return {
    ...all,
    stopHub: all.stop,
    ...yield* notifierOf({ book: all.book, hub: Layer.succeed(Hub.Hub, hub) }, [channel]),
    set: (device: string, temperature: number, during: Duration.Input = "12 seconds") =>
      Effect.andThen(network.set(`${device}/temperature`, temperature), pass(during)),
    waits: Effect.map(Effect.orDie(all.book.memory.untold), (turns) => turns.length),
    /** Waits until answers have been taken in, as many as that. */
    marked: (count: number) => until("mark", () => all.book.tells() >= count)
  }
})

const tooWarm = "Began: freezer: temperature is -9 °C, above -15 °C"
const cold = "Ended: freezer: temperature is -20 °C, within its limits again"
const tooHot = "Began: attic: temperature is 40 °C, above 30 °C"

describe("Notifier", () => {
  it.effect("tells once that something begins, and once that it ends", () =>
    Effect.gen(function*() {
      const { answer, port, received, take, url } = yield* webhook
      const headers = { authorization: "Bearer secret" }
      const { book, marked, notifier, set } = yield* notifying(
        phone({ _tag: "Webhook", url, headers, fields: { topic: "house" } })
      )
      yield* set(freezer, -9)
      yield* until("a message", () => received.length > 0)
      assert.deepInclude(received[0]?.headers, { ...headers, "content-type": "application/json" })
      assert.deepInclude(received[0]?.json, { topic: "house", name: "freezer", value: -9, limit: -15, phase: "Began" })
      assert.notProperty(received[0]?.headers, "traceparent")
      assert.deepStrictEqual(yield* take(1), [tooWarm])
      yield* marked(1)
      yield* set(freezer, -20)
      assert.deepStrictEqual(yield* take(1), [cold])
      yield* marked(2)
      yield* pass("2 minutes")
      assert.deepStrictEqual(received, [])
      assert.deepStrictEqual(yield* Effect.orDie(book.memory.untold), [])
      assert.deepStrictEqual(yield* notifier.channels, ["phone"])
      assert.deepStrictEqual(book.kinds().slice(-2), ["LimitExceeded", "LimitKept"])
      // The other host has the same address, but another name.
      answer(({ path }) => path === "/hook" ? { status: 307, headers: { location: "/there" } } : { status: 204 })
      yield* notifier.test("phone")
      assert.deepStrictEqual(received.splice(0).map(({ path }) => path), ["/hook", "/there"])
      answer({ status: 307, headers: { location: `http://localhost:${port}/there` } })
      const refused = yield* Effect.flip(notifier.test("phone"))
      assert.include(refused.message, `redirects to http://localhost:${port}: give that address instead`)
      assert.strictEqual(received.length, 1)
    }))

  it.effect("waits for a server that is down for hours, and then says in one line what is over", () =>
    Effect.gen(function*() {
      const { answer, received, take, url } = yield* webhook
      const { begin, end, forget, marked, reported, waits } = yield* desk(phone({ _tag: "Webhook", url }))
      yield* forget
      answer({ status: 503, body: "<b>down\u001b</b>\n" })
      yield* begin(notice("freezer"))
      assert.include(yield* reported, "status 503: <b>down\uFFFD</b>")
      assert.strictEqual((yield* take(1)).length, 1)
      for (const pause of [5, 10, 20, 40, 80, 160, 320, 600, 600]) {
        yield* pass(pause * 1000 - 1)
        assert.deepStrictEqual(received, [])
        yield* pass("1 millis")
        yield* reported
        assert.strictEqual((yield* take(1)).length, 1)
      }
      yield* end(notice("freezer"))
      yield* begin(notice("attic"))
      for (let i = 0; i < 30; i++) {
        yield* pass("10 minutes")
        yield* reported
      }
      assert.strictEqual((yield* take(30)).length, 30)
      answer({ status: 200 })
      yield* pass("10 minutes")
      const told = yield* take(2)
      assert.match(told[0] ?? "", /^Ended: freezer has no news \(.* to .*\); over: it is over$/)
      assert.match(told[1] ?? "", /^Began: attic has no news \(since .*\)$/)
      // Two of them, and nothing waits.
      yield* marked(2)
      assert.strictEqual(yield* waits, 0)
      assert.isUndefined(yield* reported)
    }))

  it.effect("gives up what a server refuses, and leaves it alone for as long as it says", () =>
    Effect.gen(function*() {
      const { answer, received, take, url } = yield* webhook
      const { begin, forget, reported } = yield* desk(phone({ _tag: "Webhook", url }))
      yield* forget
      answer({ status: 404, body: "no such topic" })
      yield* begin(notice("freezer"))
      for (const pause of [5, 10, 20, 40]) {
        assert.match((yield* reported) ?? "", /status 404: no such topic$/)
        yield* pass(pause * 1000)
      }
      assert.match((yield* reported) ?? "", /given up after 5 attempts$/)
      assert.strictEqual((yield* take(5)).length, 5)
      answer({ status: 429, headers: { "retry-after": "1200" } })
      yield* pass("2 minutes")
      yield* begin(notice("attic"))
      assert.match((yield* reported) ?? "", /status 429$/)
      yield* take(1)
      answer({ status: 200 })
      yield* pass("1199 seconds")
      assert.deepStrictEqual(received, [])
      yield* pass("1 second")
      assert.match((yield* take(1))[0] ?? "", /^Began: attic/)
    }))

  it.effect("counts what is too much also over a restart", () =>
    Effect.gen(function*() {
      const { answer, take, url } = yield* webhook
      const channel = phone({ _tag: "Webhook", url })
      answer({ status: 500 })
      const first = yield* desk(channel)
      yield* first.begin(notice("attic"))
      for (let index = 0; index < 502; index++) {
        yield* first.begin(notice(`place ${index}`))
        yield* first.end(notice(`place ${index}`))
      }
      yield* first.stop
      const second = yield* desk(channel, first.book)
      yield* second.begin(notice("cellar"))
      yield* take(2)
      assert.deepStrictEqual([...yield* Effect.orDie(first.book.memory.dropped)], [["phone", 3]])
      const tells = second.book.tells()
      answer({ status: 200 })
      yield* pass("10 minutes")
      const [told] = yield* take(1)
      assert.match(told ?? "", /^Began: attic .* … and 3 more that began and ended before$/)
      yield* until("an end of the count", () => second.book.tells() > tells)
      assert.deepStrictEqual([...yield* Effect.orDie(first.book.memory.dropped)], [])
    }))

  it.effect("tells nothing twice, and forgets nothing, over restarts", () =>
    Effect.gen(function*() {
      const { answer, received, take, url } = yield* webhook
      const channel = phone({ _tag: "Webhook", url })
      const first = yield* notifying(channel)
      yield* first.set(freezer, -9)
      assert.deepStrictEqual(yield* take(1), [tooWarm])
      yield* first.marked(1)
      answer({ status: 500 })
      yield* first.set(attic, 40)
      yield* take(1)
      yield* first.stop
      yield* first.book.kill
      yield* first.stopHub
      answer({ status: 200 })
      yield* pass("1 hour")
      const { hub, stop: stopHub } = yield* start(first.book, first.context, hubOptions)
      const second = yield* notifierOf({ book: first.book, hub: Layer.succeed(Hub.Hub, hub) }, [channel])
      yield* pass("30 seconds")
      const [told] = yield* take(1)
      assert.include(told, `${tooHot} (since`)
      yield* first.marked(2)
      yield* pass("30 seconds")
      assert.deepStrictEqual((yield* hub.state).notices.map(({ title }) => title), ["freezer", "attic"])
      yield* second.stop
      yield* stopHub
      yield* first.network.set(`${freezer}/temperature`, -20)
      yield* pass("1 hour")
      const last = yield* start(first.book, first.context, hubOptions)
      yield* notifierOf({ book: first.book, hub: Layer.succeed(Hub.Hub, last.hub) }, [channel])
      yield* pass("30 seconds")
      assert.deepStrictEqual(yield* take(1), [cold])
      yield* first.marked(3)
      yield* pass("1 minute")
      assert.deepStrictEqual(received, [])
    }))

  it.effect("ends with a message that is on its way, and tells it again only if nobody knows whether it arrived", () =>
    Effect.gen(function*() {
      const { answer, take, url } = yield* webhook
      const channel = phone({ _tag: "Webhook", url })
      const { begin, book, stop, waits } = yield* desk(channel)
      answer(undefined)
      yield* begin(notice("freezer"))
      yield* take(1)
      const stopping = yield* Effect.forkScoped(stop)
      yield* pass("1 second")
      yield* until("end", () => stopping.pollUnsafe() !== undefined)
      assert.strictEqual(yield* waits, 1)
      answer({ status: 200 })
      const { marked } = yield* desk(channel, book)
      assert.strictEqual((yield* take(1)).length, 1)
      yield* marked(1)
      assert.strictEqual(yield* waits, 0)
    }))

  it.effect("tells what cannot be kept, and marks it once it can be", () =>
    Effect.gen(function*() {
      const { received, take, url } = yield* webhook
      const { book, marked, set, waits } = yield* notifying(phone({ _tag: "Webhook", url }))
      yield* book.fail(full)
      yield* set(freezer, -9)
      assert.deepStrictEqual(yield* take(1), [tooWarm])
      yield* marked(1)
      yield* book.fail("silent")
      yield* set(attic, 40, "17 seconds")
      assert.deepStrictEqual(yield* take(1), [tooHot])
      yield* marked(2)
      yield* book.fail(undefined)
      yield* pass("3 minutes")
      assert.strictEqual((yield* Effect.orDie(book.memory.openNotices)).length, 2)
      assert.strictEqual(yield* waits, 0)
      assert.deepStrictEqual(received, [])
    }))

  it.effect("says in quiet hours what is urgent, and afterwards what is still so, and what came and went", () =>
    Effect.gen(function*() {
      const { received, take, url } = yield* webhook
      // The test begins at midnight.
      const quietHours = { from: 22 * 60, to: 7 * 60, zone: "UTC" }
      const { begin, end, notifier } = yield* desk(phone({ _tag: "Webhook", url }, { quietHours }))
      yield* begin(notice("freezer"))
      yield* begin(notice("attic", { isUrgent: true }))
      assert.deepStrictEqual(yield* take(1), ["Began: attic has no news"])
      yield* end(notice("freezer"))
      yield* begin(notice("cellar"))
      yield* pass("6 hours")
      yield* notifier.test("phone")
      assert.deepStrictEqual(received.splice(0).map(({ json }) => json["kind"]), ["Test"])
      yield* pass("59 minutes")
      assert.deepStrictEqual(received, [])
      yield* pass("1 minute")
      assert.deepStrictEqual(yield* take(2), [
        "Ended: freezer has no news (00:00 to 01:00); over: it is over",
        "Began: cellar has no news (since 00:00)"
      ])
    }))

  it.effect("says which channel fails, and why, and knows no other ones", () =>
    Effect.gen(function*() {
      const { forgotten, notifier, reported } = yield* desk(phone({ _tag: "Webhook", url: "ftp://example.com/s3cr3t" }))
      const said = (channel: Notifier.Channel) =>
        Effect.gen(function*() {
          yield* notifier.configure([channel])
          const { message } = yield* Effect.flip(notifier.test("phone"))
          assert.notInclude(message, "s3cr3t")
          return message
        })
      assert.include(yield* reported, "http:// or https://")
      const to = { _tag: "Webhook", url: "http://127.0.0.1:1/s3cr3t" } as const
      assert.include(yield* said(phone(to)), "POST to 127.0.0.1:1: connect ECONNREFUSED")
      assert.include(yield* said(phone({ ...to, headers: { "x y\n": "\u0000\n" } })), "phone")
      assert.include(
        yield* said(phone({ _tag: "Command", command: ["/nowhere/at/all"] })),
        "/nowhere/at/all cannot be run"
      )
      assert.include(yield* said(phone({ _tag: "Command", command: [] })), "the command is empty")
      yield* notifier.configure([phone(to, { quietHours: { from: 0, to: 1, zone: "Mars/Olympus" } })])
      assert.include(yield* reported, "Mars/Olympus")
      yield* notifier.configure([])
      assert.deepStrictEqual(yield* notifier.channels, [])
      assert.deepStrictEqual(forgotten, ["channel phone"])
      assert.include((yield* Effect.flip(notifier.test("phone"))).message, "there is no such channel")
    }))

  describe("a command", () => {
    const script = (code: string, ...args: ReadonlyArray<string>): Notifier.Channel["to"] => ({
      _tag: "Command",
      command: [process.execPath, "-e", code, "--", ...args]
    })

    it.effect("gets its arguments one by one, whatever names say, and JSON on its standard input", () =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const file = `${yield* files.makeTempDirectoryScoped()}/told`
        const code = `const { readFileSync, appendFileSync } = require("node:fs")
          const told = { arguments: process.argv.slice(2), json: JSON.parse(readFileSync(0, "utf8")) }
          appendFileSync(process.argv[1], JSON.stringify(told) + "\\n")`
        const evil = "--help; reboot $(x) `y` <!here>\n\u001b{id}"
        const { begin } = yield* desk(phone(script(code, file, "{title}", "name={name}", "{text} {value}")))
        yield* begin(notice(evil))
        let lines: ReadonlyArray<string> = []
        while (lines.length === 0) {
          yield* TestClock.withLive(Effect.sleep("10 millis"))
          const content = yield* Effect.orElseSucceed(files.readFileString(file), () => "")
          lines = content.split("\n").slice(0, -1)
        }
        const told = JSON.parse(lines[0] ?? "")
        const name = "--help; reboot $(x) `y` <!here>\uFFFD\uFFFD{id}"
        assert.deepStrictEqual(told.arguments.slice(0, 2), [` ${name}: no news`, `name=${name}`])
        assert.strictEqual(told.arguments.length, 3)
        assert.strictEqual(told.json.name, name)
      }).pipe(Effect.provide(NodeServices.layer)))

    it.effect("may leave its input alone; how it ends, and what it says last, is told", () =>
      Effect.gen(function*() {
        const { notifier } = yield* desk(phone(script("process.exit(0)")))
        yield* notifier.test("phone")
        yield* notifier.configure([phone(script(`console.error("first\\nno \\u001b[31mroute"); process.exit(3)`))])
        const { message } = yield* Effect.flip(notifier.test("phone"))
        assert.include(message, "has ended with 3: no \uFFFD[31mroute")
      }))

    it.effect("that always fails is given up, unless it says that it is worth trying again", () =>
      Effect.gen(function*() {
        const { begin, forget, notifier, reported, waits } = yield* desk(
          phone({ _tag: "Command", command: ["/no/such/program"] })
        )
        yield* forget
        yield* begin(notice("freezer"))
        for (const pause of [5, 10, 20, 40, 80, 160, 320, 600, 600]) {
          const problem = (yield* reported) ?? ""
          assert.match(problem, /^\/no\/such\/program cannot be run: /)
          assert.notInclude(problem, "given up")
          yield* pass(pause * 1000)
        }
        assert.match((yield* reported) ?? "", /; given up after 10 attempts$/)
        assert.strictEqual(yield* waits, 0)
        yield* notifier.configure([phone({ _tag: "Command", command: ["/bin/sh", "-c", "exit 75"] })])
        yield* forget
        yield* begin(notice("attic"))
        for (let attempt = 1; attempt <= 12; attempt++) {
          assert.match((yield* reported) ?? "", / has ended with 75$/)
          yield* pass("10 minutes")
        }
        assert.strictEqual(yield* waits, 1)
      }))

    it.effect("is killed after 30 seconds", () =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const file = `${yield* files.makeTempDirectoryScoped()}/pid`
        const code =
          `require("node:fs").writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1000)`
        const { notifier } = yield* desk(phone(script(code, file)))
        const fiber = yield* Effect.forkScoped(Effect.flip(notifier.test("phone")))
        let pid = 0
        while (pid === 0) {
          yield* TestClock.withLive(Effect.sleep("10 millis"))
          pid = Number(yield* Effect.orElseSucceed(files.readFileString(file), () => ""))
        }
        yield* pass("30 seconds")
        yield* until("the end", () => fiber.pollUnsafe() !== undefined)
        const exit = fiber.pollUnsafe()
        assert.include(exit?._tag === "Success" ? exit.value.message : "", "within 30 seconds, and was killed")
        assert.throws(() => process.kill(pid, 0), /ESRCH/)
      }).pipe(Effect.provide(NodeServices.layer)))
  })
})
