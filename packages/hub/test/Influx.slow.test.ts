import { TestNetwork } from "@effect-ownet/core/testing"
import { History, Hub, Influx } from "@effect-ownet/hub"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, PubSub, Redacted, Schedule, Schema, Scope, Stdio, Stream } from "effect"
import { FetchHttpClient, type HttpBody, HttpClient, HttpClientRequest, HttpClientResponse } from "effect/http"
import * as ChildProcess from "effect/process/ChildProcess"
import { TestClock } from "effect/testing"
import { fileURLToPath } from "node:url"
import { gunzipSync } from "node:zlib"
import { Backlog } from "../src/internal/Backlog.ts"
import * as Processes from "./fixtures/processes.ts"

const id = "28.000028D70100"

const measured = (
  title: string,
  value: number | boolean | string,
  more: Partial<Hub.Measured> & { readonly at?: number; readonly group?: string } = {}
): Hub.Measured => ({
  place: { key: id, device: id, title, isHidden: false, ...more.group === undefined ? {} : { group: more.group } },
  property: "temperature",
  unit: "°C",
  ...more,
  reading: { value, at: more.at ?? 1_700_000_000.25 }
})

describe("a line", () => {
  it("has numbers, yes and no, and texts", () => {
    const of = (value: number | boolean | string) => Influx.line(measured("a", value))?.split(" ")[1]
    assert.strictEqual(of(-21.5), "temperature=-21.5")
    assert.strictEqual(of(3), "temperature=3")
    assert.strictEqual(of(true), "temperature=true")
    assert.strictEqual(of("a\"\\"), String.raw`temperature="a\"\\"`)
  })

  it("has the time in the precision that is asked for", () => {
    const of = (precision: Influx.Precision) => Influx.line(measured("a", 1), { precision })?.split(" ").at(-1)
    assert.deepStrictEqual((["ns", "us", "ms", "s"] as const).map(of), [
      "1700000000250000000",
      "1700000000250000",
      "1700000000250",
      "1700000000"
    ])
  })

  it("leaves out what is hidden, doubtful, or a list", () => {
    const reading = measured("a", 85)
    assert.isUndefined(Influx.line({ ...reading, place: { ...reading.place, isHidden: true } }))
    assert.isUndefined(Influx.line({ ...reading, reading: { value: 85, at: 1, verdict: "PowerOn" } }))
    assert.isUndefined(Influx.line({ ...reading, reading: { value: ["a"], at: 1 } }))
  })

  it("is one line with one field, whatever things are called", () => {
    const name = "\u0000\n\r\u2028, =\\"
    const line = Influx.line(measured(name, 1, { property: name, group: "\\" }), { measurement: name })
    assert.strictEqual(
      line,
      String.raw`${"\uFFFD".repeat(4)}\,\ =,id=${id},name=${"\uFFFD".repeat(4)}\,\ \= ${
        "\uFFFD".repeat(4)
      }\,\ \==1 1700000000250000000`
    )
  })
})

describe("what waits to be sent", () => {
  it("drops the oldest, and nothing of what came while a batch was under way", () => {
    const backlog = new Backlog<number>(5)
    for (let i = 0; i < 4; i++) backlog.push(i)
    const batch = backlog.peek(3)
    assert.deepStrictEqual(batch.items, [0, 1, 2])
    for (let i = 4; i < 7; i++) backlog.push(i)
    assert.strictEqual(backlog.takeDropped(), 2)
    backlog.remove(batch)
    assert.deepStrictEqual(backlog.peek(9).items, [3, 4, 5, 6])
    backlog.remove(batch)
    assert.strictEqual(backlog.size, 4)
    for (let i = 0; i < 10_000; i++) backlog.push(i)
    assert.deepStrictEqual(backlog.peek(9).items, [9995, 9996, 9997, 9998, 9999])
    assert.deepStrictEqual([backlog.takeDropped(), backlog.takeDropped()], [9999, 0])
    backlog.remove(backlog.peek(9))
    assert.strictEqual(backlog.size, 0)
  })
})

/** A hub that has only readings, and tells its reports. */
const reporting = Effect.gen(function*() {
  const readings = yield* PubSub.unbounded<Hub.Measured>()
  const reports: Array<string | undefined> = []
  const hub = Layer.mock(Hub.Hub, {
    readings: Stream.fromPubSub(readings),
    report: (outlet, problem) =>
      Effect.sync(() => {
        assert.strictEqual(outlet, "InfluxDB")
        if (reports.length === 0 || reports.at(-1) !== problem) reports.push(problem)
      })
  })
  return { hub, reports, measure: (readings_: ReadonlyArray<Hub.Measured>) => PubSub.publishAll(readings, readings_) }
})

/** A server that answers as it is told, and what it was sent. */
const answering = (answer: (lines: ReadonlyArray<string>) => Response | "lost") => {
  const requests: Array<{ readonly lines: ReadonlyArray<string>; readonly headers: Readonly<Record<string, string>> }> =
    []
  const client = HttpClient.make((request) =>
    Effect.suspend(() => {
      assert.strictEqual(request.body._tag, "Uint8Array")
      const body = request.body as HttpBody.Uint8Array
      const bytes = request.headers["content-encoding"] === "gzip" ? gunzipSync(body.body) : body.body
      const lines = new TextDecoder().decode(bytes).trimEnd().split("\n")
      requests.push({ lines, headers: { ...request.headers } })
      const response = answer(lines)
      return response === "lost" ? Effect.never : Effect.succeed(HttpClientResponse.fromWeb(request, response))
    })
  )
  return { layer: Layer.merge(Layer.succeed(HttpClient.HttpClient, client), Stdio.layerTest({})), requests }
}

const url = "http://user:secret@influx:8086/write?db=house&precision=s&p=secret"

const noContent = () => new Response(null, { status: 204 })

describe("the readings", () => {
  it.effect("are sent each second, together", () =>
    Effect.gen(function*() {
      const { hub, measure, reports } = yield* reporting
      const server = answering(noContent)
      yield* Effect.gen(function*() {
        yield* measure([measured("a", 1), measured("a", 2)])
        yield* TestClock.adjust("500 millis")
        yield* measure([measured("a", 3)])
        yield* TestClock.adjust("499 millis")
        assert.lengthOf(server.requests, 0)
        yield* TestClock.adjust("1 millis")
        assert.deepStrictEqual(server.requests.map(({ lines }) => lines.map((line) => line.slice(-23))), [[
          "temperature=1 1700000000",
          "temperature=2 1700000000",
          "temperature=3 1700000000"
        ].map((line) => line.slice(-23))])
        const many = Array.from({ length: 12_000 }, (_, i) => measured("a", i))
        yield* measure(many)
        yield* TestClock.adjust("1 second")
        // They are compressed outside the program.
        while (server.requests.length < 4) yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        const sizes = server.requests.slice(1).map(({ lines }) => lines.length)
        assert.strictEqual(Math.max(...sizes), 5000)
        assert.strictEqual(sizes.reduce((sum, size) => sum + size), 12_000)
        assert.strictEqual(server.requests[1]!.headers["content-encoding"], "gzip")
        assert.deepStrictEqual(reports, [undefined])
      }).pipe(Effect.provide(Influx.layer({ url }).pipe(Layer.provide([hub, server.layer]))))
    }))

  it.effect("wait while the server fails, which is told without what is secret", () =>
    Effect.gen(function*() {
      const { hub, measure, reports } = yield* reporting
      let answer = (): Response | "lost" => new Response(`{"error":"database not found: \\"house\\""}`, { status: 404 })
      const server = answering(() => answer())
      yield* Effect.gen(function*() {
        yield* measure([measured("a", 1)])
        // After 1 second, and pauses of 1, 2, 4, …, 32, 60 and 60.
        yield* TestClock.adjust("64 seconds")
        assert.lengthOf(server.requests, 7)
        yield* TestClock.adjust("120 seconds")
        assert.lengthOf(server.requests, 9)
        yield* measure([measured("a", 2)])
        answer = () => "lost"
        yield* TestClock.adjust("60 seconds")
        yield* TestClock.adjust("10 seconds")
        answer = noContent
        yield* TestClock.adjust("60 seconds")
        assert.strictEqual(server.requests.at(-1)?.lines.length, 2)
        yield* TestClock.adjust("1 hour")
        assert.lengthOf(server.requests, 11)
        assert.deepStrictEqual(reports, [
          `POST http://influx:8086/write: status 404, database not found: "house"`,
          "POST http://influx:8086/write: no answer within 10 seconds",
          undefined
        ])
      }).pipe(Effect.provide(Influx.layer({ url }).pipe(Layer.provide([hub, server.layer]))))
    }))

  it.effect("are not sent again if they are refused", () =>
    Effect.gen(function*() {
      const { hub, measure, reports } = yield* reporting
      const problem = "partial write: field type conflict\u001B[2J"
      const server = answering((lines) =>
        lines.some((line) => line.includes("bad")) ? Response.json({ error: problem }, { status: 400 }) : noContent()
      )
      yield* Effect.gen(function*() {
        for (const name of ["bad", "good", "bad", "good"]) {
          yield* measure([measured(name, 1)])
          yield* TestClock.adjust("10 seconds")
        }
        assert.lengthOf(server.requests, 4)
        const told = "POST http://influx:8086/write: status 400, partial write: field type conflict\uFFFD[2J"
        assert.deepStrictEqual(reports, [told])
        yield* TestClock.adjust("5 minutes")
        yield* measure([measured("good", 1)])
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(reports, [told, undefined])
      }).pipe(Effect.provide(Influx.layer({ url }).pipe(Layer.provide([hub, server.layer]))))
    }))

  it.effect("are sent in smaller parts to a server that takes no large ones, and the last ones at the end", () =>
    Effect.gen(function*() {
      const { hub, measure, reports } = yield* reporting
      const server = answering((lines) => lines.length > 2 ? new Response(null, { status: 413 }) : noContent())
      const scope = yield* Scope.make()
      yield* Layer.buildWithScope(
        Influx.layer({ url, token: Redacted.make("token") }).pipe(Layer.provide([hub, server.layer])),
        scope
      )
      yield* measure(Array.from({ length: 7 }, (_, i) => measured("a", i)))
      yield* TestClock.adjust("1 second")
      const taken = () =>
        server.requests.map(({ lines }) => lines).filter(({ length }) => length <= 2).flat().map((line) =>
          Number(/temperature=(\d+)/.exec(line)?.[1])
        )
      assert.deepStrictEqual(taken(), [0, 1, 2, 3, 4, 5, 6])
      assert.strictEqual(server.requests[0]!.headers["authorization"], "Token token")
      yield* measure([measured("a", 7)])
      yield* Effect.yieldNow
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(taken(), [0, 1, 2, 3, 4, 5, 6, 7])
      assert.deepStrictEqual(reports, [undefined])
    }))
})

const pieces = [",", "=", " ", "\\", "\"", "'", "#", "\n", "\uD800", "a", "ö", "\u{1F525}"]

/** Some names of pieces, the same in every run. */
const pieced = (count: number): ReadonlyArray<string> => {
  let state = 7
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor(state / 2 ** 32 * below)
  }
  return Array.from(
    { length: count },
    () => Array.from({ length: 1 + next(8) }, () => pieces[next(pieces.length)]).join("")
  )
}

const Found = Schema.Struct({
  results: Schema.Array(Schema.Struct({
    error: Schema.optionalKey(Schema.String),
    series: Schema.optionalKey(Schema.Array(Schema.Struct({
      tags: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
      columns: Schema.Array(Schema.String),
      values: Schema.Array(Schema.Array(Schema.Json))
    })))
  }))
})

const ask = (url: string, q: string) =>
  HttpClient.execute(
    HttpClientRequest.post(`${url}/query`).pipe(
      HttpClientRequest.bodyUrlParams({ q, db: "house", epoch: "ms" })
    )
  ).pipe(
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Found)),
    Effect.map(({ results: [result] }) =>
      result?.error === undefined ? result?.series ?? [] : assert.fail(result.error)
    )
  )

Processes.describeInflux("InfluxDB", () => {
  it.live("has each reading once, although it was away", () =>
    Effect.gen(function*() {
      const influx = yield* Processes.influx
      yield* ask(influx.url, "CREATE DATABASE house")
      const scope = yield* Scope.make()
      const house = Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [`28.0000000000${String(i).padStart(2, "0")}`, { temperature: i }])
      )
      const hub = Hub.layer({ every: "100 millis" }).pipe(
        Layer.provide([History.layerMemory, TestNetwork.layer({ pi: house })])
      )
      const context = yield* Layer.buildWithScope(
        Influx.layer({ url: `${influx.url}/write?db=house` }).pipe(
          Layer.provideMerge(hub),
          Layer.provide([FetchHttpClient.layer, Stdio.layerTest({})])
        ),
        scope
      )
      const { readings, state } = Context.get(context, Hub.Hub)
      const seen: Array<Hub.Measured> = []
      yield* Effect.forkIn(
        Stream.runForEach(readings, (one) => Effect.sync(() => void seen.push(one))),
        scope,
        { startImmediately: true }
      )
      const outlet = Effect.map(state, ({ outlets }) => outlets.find(({ name }) => name === "InfluxDB"))
      const until = (isWell: boolean) =>
        outlet.pipe(
          Effect.filterOrFail((found) => found !== undefined && (found.failing === undefined) === isWell),
          Effect.retry({ schedule: Schedule.spaced("20 millis"), times: 2000 })
        )
      yield* until(true)
      yield* influx.stop
      assert.match((yield* until(false))?.failing?.message ?? "", /^POST http:\/\/127\.0\.0\.1:\d+\/write: ./)
      yield* influx.start
      yield* until(true)
      yield* Scope.close(scope, Exit.void)
      assert.isAbove(seen.length, 100)
      const series = yield* ask(influx.url, `SELECT temperature FROM onewire GROUP BY id`)
      const points = series.flatMap(({ tags, values }) => values.map(([at, value]) => `${tags?.["id"]} ${at} ${value}`))
      assert.sameMembers(
        points,
        seen.map(({ place, reading }) => `${place.device} ${Math.round(reading.at * 1000)} ${String(reading.value)}`)
      )
    }).pipe(Effect.provide(FetchHttpClient.layer)))

  it.live("gives names and texts back as they were", () =>
    Effect.gen(function*() {
      const influx = yield* Processes.influx
      yield* ask(influx.url, "CREATE DATABASE house")
      const { hub, measure, reports } = yield* reporting
      const names = [
        ",",
        "=",
        " ",
        "a,b=c d",
        "\\,",
        "\\\\ =",
        "'; DROP MEASUREMENT onewire",
        "\t",
        "\\n",
        ...pieced(50)
      ]
      yield* Effect.gen(function*() {
        yield* measure(names.flatMap((name, i) => [
          measured(name, name, { group: name, property: "text", at: 1_700_000_000 + i }),
          measured(name, i, { group: name, at: 1_700_000_000 + i })
        ]))
        yield* Effect.suspend(() => reports.length > 0 ? Effect.void : Effect.fail("nothing was sent")).pipe(
          Effect.retry({ schedule: Schedule.spaced("50 millis"), times: 800 })
        )
      }).pipe(Effect.provide(
        Influx.layer({ url: `${influx.url}/write?db=house` }).pipe(
          Layer.provide([hub, FetchHttpClient.layer, Stdio.layerTest({})])
        )
      ))
      assert.deepStrictEqual(reports, [undefined])
      const series = yield* ask(influx.url, `SELECT temperature, text FROM onewire GROUP BY "name", "group"`)
      const found = new Map(series.flatMap(({ tags, values }) =>
        values.map(([at, number, text]) => [number, { at, text, name: tags?.["name"], group: tags?.["group"] }])
      ))
      for (const [i, name] of names.entries()) {
        const tag = [...name].map((char) =>
          /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(char) ? "\uFFFD" : char
        ).join("").replace(/\\+$/, "")
        assert.deepStrictEqual(found.get(i), {
          at: (1_700_000_000 + i) * 1000,
          text: name.toWellFormed(),
          name: tag,
          group: tag
        }, JSON.stringify(name))
      }
    }).pipe(Effect.provide(FetchHttpClient.layer)))
})

describe("the lines on standard output", () => {
  it.live("hold up nothing if they are read slowly, or not any more", () =>
    Effect.gen(function*() {
      const program = fileURLToPath(new URL("fixtures/execd.ts", import.meta.url))
      const child = yield* ChildProcess.make(process.execPath, [program], {
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe"
      })
      const counts: Array<number> = []
      const told = yield* Effect.forkChild(child.stderr.pipe(
        Stream.decodeText,
        Stream.splitLines,
        Stream.runForEach((line) => Effect.sync(() => void counts.push(Number(line))))
      ))
      const goesOn = Effect.suspend(() => {
        const before = counts.at(-1) ?? 0
        // More than fit into the pipe.
        return Effect.suspend(() => (counts.at(-1) ?? 0) > before + 2000 ? Effect.void : Effect.fail("it stands still"))
          .pipe(Effect.retry({ schedule: Schedule.spaced("50 millis"), times: 800 }))
      })
      // Nobody reads.
      yield* goesOn
      const lines = yield* child.stdout.pipe(Stream.decodeText, Stream.splitLines, Stream.take(2500), Stream.runCollect)
      for (const line of lines) {
        assert.match(line, /^onewire,id=28\.\w+,name=28\.\w+,server=pi,bus=bus\.0 temperature=\d+ \d{19}$/)
      }
      // Nobody will ever read again.
      yield* goesOn
      assert.isTrue(
        counts.every((count) => Number.isFinite(count)),
        String(counts)
      )
      yield* child.kill()
      yield* Fiber.join(told)
    }).pipe(Effect.provide(NodeServices.layer)))
})
