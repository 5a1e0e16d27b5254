import { OwClient, OwMetrics } from "@effect-ownet/core"
import { Fault, SimulatedServer } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeHttpServer, NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, Metric, Stream } from "effect"
import { HttpClient, HttpServer } from "effect/http"
import { OtlpExporter } from "effect/observability"
import { ChildProcess } from "effect/process"
import { TestClock } from "effect/testing"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Collector from "./Collector.ts"
import { frames, layerOtlp, round, server } from "./observability.ts"

const cellar = "28.000028D70100"
const attic = "28.000028D70200"
const gone = "28.000028D7FF00"

/** Runs a program next to a collector, and returns all data that has arrived after the program has ended. */
const collect = <A, E>(program: Effect.Effect<A, E, OwClient.OwClient | OtlpExporter.Flusher>) =>
  Effect.gen(function*() {
    const received: Array<Collector.Signal> = []
    const layerExport = Layer.unwrap(HttpServer.addressFormattedWith((url) => Effect.succeed(layerOtlp(url)))).pipe(
      Layer.provide(Collector.layer((signal) => Effect.sync(() => void received.push(signal)))),
      Layer.provide(NodeHttpServer.layerTest),
      Layer.provide(Logger.layer([]))
    )
    const layerClient = NodeSimulatedServer.layerClient(
      { [cellar]: { temperature: 21.5 }, [`/bus.1/${attic}`]: { temperature: 11.25 } },
      { client: { metrics: true, maxConnections: 1 } }
    )
    yield* Effect.provide(program, Layer.provideMerge(layerClient, layerExport))
    return received
  }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))

const isSpan = Collector.Signal.$is("Span")
const isMetric = Collector.Signal.$is("Metric")
const isLog = Collector.Signal.$is("Log")

describe("the export", () => {
  it.live("has a span for each call, within the program's own", () =>
    Effect.gen(function*() {
      const spans = (yield* collect(round([cellar, attic, gone]))).filter(isSpan)
      const parent = spans.find(({ name }) => name === "house.round")
      assert.deepInclude(parent, { parentSpanId: undefined, attributes: { "house.thermometers": 3 }, status: "Ok" })
      const reads = spans.filter(({ name }) => name === "owserver.read")
      assert.strictEqual(spans.length, 4)
      for (const { attributes, kind, parentSpanId } of reads) {
        assert.strictEqual(parentSpanId, parent?.spanId)
        assert.strictEqual(kind, 3) // of a client
        assert.strictEqual(attributes["server.address"], "127.0.0.1")
        assert.isNumber(attributes["server.port"])
        assert.strictEqual(attributes["network.peer.address"], "127.0.0.1")
        assert.strictEqual(attributes["network.peer.port"], attributes["server.port"])
        assert.isNumber(attributes["owserver.wait_ms"])
      }
      assert.sameDeepMembers(
        reads.map(({ attributes, message, status }) => [
          attributes["owserver.path"],
          attributes["owserver.return_code"],
          status,
          message?.replace(/.*: refused/, "refused").split(":")[0]
        ]),
        [
          [`/${cellar}/temperature`, 4, "Ok", undefined],
          [`/${attic}/temperature`, 5, "Ok", undefined],
          [`/${gone}/temperature`, -1, "Error", "refused with -1 EPERM"]
        ]
      )
    }))

  it.live("has metrics that add up", () =>
    Effect.gen(function*() {
      const received = yield* collect(Effect.gen(function*() {
        for (let i = 0; i < 3; i++) yield* round([cellar, attic, gone])
        yield* Effect.andThen(OtlpExporter.Flusher, ({ flush }) => flush)
      }))
      const metrics = received.filter(isMetric)
      /** Values of a series: at the flush, and at the end. */
      const valuesOf = (name: string, attributes: Record<string, string> = {}) =>
        metrics.filter((metric) =>
          metric.name === `owserver_client_${name}` &&
          Object.entries(attributes).every(([key, value]) => metric.attributes[key] === value)
        ).map(({ value }) => value)
      // Nine reads, and one request for the server's own error texts.
      assert.deepStrictEqual(valuesOf("requests_total", { operation: "read" }), [10, 10])
      assert.deepStrictEqual(valuesOf("requests_total", { operation: "connect" }), [1, 1])
      assert.deepStrictEqual(valuesOf("requests_total"), [1, 10, 1, 10])
      assert.deepStrictEqual(valuesOf("request_duration_seconds", { operation: "read" }), [10, 10])
      assert.deepStrictEqual(valuesOf("wait_duration_seconds", { operation: "read" }), [10, 10])
      assert.deepStrictEqual(valuesOf("errors_total"), [3, 3])
      assert.deepStrictEqual(valuesOf("errors_total", { reason: "NotFound" }), [3, 3])
      assert.deepStrictEqual(valuesOf("connections_open"), [1, 0])
      assert.deepStrictEqual(valuesOf("keepalives_total"), [])
      for (const { attributes, name, type } of metrics) {
        assert.match(String(attributes["server"]), /^127\.0\.0\.1:\d+$/)
        assert.strictEqual(
          type,
          name.endsWith("_total") ? "counter" : name.endsWith("_seconds") ? "histogram" : "gauge"
        )
      }
    }))

  it.live("has what the program logs, and the frames of one call", () =>
    Effect.gen(function*() {
      const received = yield* collect(Effect.andThen(Effect.withSpan(frames, "show"), round([cellar, gone])))
      const spans = received.filter(isSpan)
      const idOf = (name: string) => spans.find((span) => span.name === name)?.spanId
      const logs = received.filter(isLog).map(({ body, level, spanId }) => ({
        level,
        spanId,
        body: body.replaceAll(/127\.0\.0\.1:\d+/g, "server")
      }))
      const debug = logs.filter(({ level }) => level === "Debug")
      assert.deepInclude(
        debug.map(({ body }) => body),
        "server <- DIRALLSLASH /  00000000 00000002 00000009 00000104 00000000 00000000 | 2F00"
      )
      assert.isTrue(debug.some(({ body }) => /^server -> ret 0, 36 bytes {2}00000000 00000024 .* \| 2F3238/.test(body)))
      assert.isTrue(debug.every(({ spanId }) => spanId === idOf("show")))
      const others = logs.filter(({ level }) => level !== "Debug")
      assert.sameMembers(others.map(({ body, level }) => `${level} ${body.split(" at ")[0]}`), [
        "Info 28.000028D70100: 21.5 °C",
        "Warn read /28.000028D7FF00/temperature"
      ])
      assert.isTrue(others.every(({ spanId }) => spanId === idOf("house.round")))
    }))

  it.live("is told in lines that a person can read", () =>
    Effect.gen(function*() {
      const lines = (yield* collect(round([gone]))).map(Collector.describe)
      assert.isTrue(lines.some((line) =>
        /^span {3}[0-9a-f]{4} in [0-9a-f]{4} {2}owserver\.read \d+\.\d ms Error .*owserver\.return_code=-1 .*EPERM/
          .test(line)
      ))
      assert.isTrue(lines.some((line) =>
        /^metric owserver_client_errors_total .*reason=NotFound {2}1$/.test(line)
      ))
      assert.isTrue(lines.some((line) => /^log {4}in [0-9a-f]{4} {2}Warn {2}read /.test(line)))
    }))
})

describe("the server", () => {
  const layer = server.pipe(
    Layer.provideMerge(OwClient.layer({ metrics: true, maxConnections: 1, lazy: true })),
    Layer.provideMerge([NodeHttpServer.layerTest, SimulatedServer.layer({ [cellar]: { temperature: 21.5 } })]),
    Layer.provide(Logger.layer([]))
  )

  it.effect("shows the metrics as Prometheus reads them", () =>
    Effect.gen(function*() {
      const { setFaults } = yield* SimulatedServer.SimulatedServer
      yield* round([cellar])
      yield* setFaults(Fault.first(1, Fault.Fault.Delay({ duration: "2 seconds" })))
      const fiber = yield* Effect.forkChild(round([cellar, gone]))
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(fiber)
      yield* setFaults(Fault.first(1, Fault.Fault.Close({ at: "before" })))
      yield* round([cellar])
      const families = parse(yield* Effect.flatMap(HttpClient.get("/metrics"), ({ text }) => text))
      const typesOf = Object.fromEntries(Array.from(families, ([name, { type }]) => [name, type]))
      assert.deepStrictEqual(typesOf, {
        owserver_client_requests_total: "counter",
        owserver_client_request_duration_seconds: "histogram",
        owserver_client_wait_duration_seconds: "histogram",
        owserver_client_connections_open: "gauge",
        owserver_client_keepalives_total: "counter",
        owserver_client_replays_total: "counter",
        owserver_client_errors_total: "counter"
      })
      const valueOf = (sample: string, labels: string = "") => {
        const family = sample.replace(/_(bucket|sum|count)$/, "")
        return families.get(family)?.samples.get(`${sample}{server="simulated:4304"${labels}}`)
      }
      const read = `,operation="read"`
      // Four reads, and one request for the server's own error texts.
      assert.strictEqual(valueOf("owserver_client_requests_total", read), 5)
      assert.strictEqual(valueOf("owserver_client_request_duration_seconds_count", read), 5)
      assert.strictEqual(valueOf("owserver_client_request_duration_seconds_sum", read), 2)
      assert.strictEqual(valueOf("owserver_client_request_duration_seconds_bucket", `${read},le="1"`), 4)
      assert.strictEqual(valueOf("owserver_client_request_duration_seconds_bucket", `${read},le="2.5"`), 5)
      assert.strictEqual(valueOf("owserver_client_request_duration_seconds_bucket", `${read},le="+Inf"`), 5)
      // While one was read, the other one waited.
      assert.strictEqual(valueOf("owserver_client_wait_duration_seconds_sum", read), 2)
      assert.strictEqual(valueOf("owserver_client_connections_open"), 1)
      assert.strictEqual(valueOf("owserver_client_keepalives_total"), 1)
      assert.strictEqual(valueOf("owserver_client_replays_total"), 1)
      assert.strictEqual(valueOf("owserver_client_errors_total", `,reason="NotFound"`), 1)
    }).pipe(Effect.provide(layer), Effect.provideService(Metric.MetricRegistry, new Map())))

  it.effect("is healthy as long as the client has a server", () =>
    Effect.gen(function*() {
      const { start, stop } = yield* SimulatedServer.SimulatedServer
      const health = Effect.flatMap(
        HttpClient.get("/health"),
        ({ json, status }) => Effect.map(json, (state) => ({ status, state }))
      )
      assert.deepStrictEqual(yield* health, {
        status: 503,
        state: { _tag: "Disconnected", problem: "no request has been sent yet" }
      })
      yield* round([cellar])
      assert.deepStrictEqual(yield* health, { status: 200, state: { _tag: "Connected" } })
      yield* stop
      yield* round([cellar])
      assert.strictEqual((yield* health).status, 503)
      yield* start
      yield* round([cellar])
      assert.strictEqual((yield* health).status, 200)
    }).pipe(Effect.provide(layer)))
})

const text = <E>(stream: Stream.Stream<Uint8Array, E>) => Stream.mkString(Stream.decodeText(stream))

describe("the house", () => {
  it.live("shows what it exports to itself, and ends", () =>
    Effect.gen(function*() {
      const main = fileURLToPath(new URL("main.ts", import.meta.url))
      const house = yield* ChildProcess.make(process.execPath, [main, "--rounds", "1"], {
        stdin: "ignore",
        env: { PATH: process.env["PATH"], PORT: "0" }
      })
      const [output, errors, status] = yield* Effect.all([text(house.stdout), text(house.stderr), house.exitCode], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual({ errors, status }, { errors: "", status: 0 })
      for (const line of output.trimEnd().split("\n")) assert.match(line, /^(span {3}|metric |log {4})/)
      assert.match(output, /^span .* owserver\.dir .* Ok /m)
      assert.match(output, /^span .* owserver\.read .* Error .* refused with -5 EIO/m)
      assert.match(output, /^metric owserver_client_connections_open .* 0$/m)
      assert.match(output, /^log .* Debug .* <- DIRALLSLASH /m)
    }).pipe(Effect.provide(NodeServices.layer)), { timeout: 120_000 })
})

/** The text format of Prometheus, version 0.0.4. A line is wrong unless its family was introduced. */
const parse = (text: string) => {
  const families = new Map<string, { readonly type: string; readonly samples: Map<string, number> }>()
  assert.isTrue(text.endsWith("\n"))
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("# HELP ")) continue
    const introduced = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line)
    if (introduced !== null) {
      const [, name = "", type = ""] = introduced
      assert.isFalse(families.has(name), line)
      families.set(name, { type, samples: new Map() })
      continue
    }
    const [, name = "", labels = "", value = ""] = /^(\w+)(\{(?:\w+="[^"\\]*",?)+\}) ([\d.e+-]+)$/.exec(line) ?? []
    const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ""))
    if (family === undefined) assert.fail(line)
    assert.isFalse(family.samples.has(name + labels), line)
    family.samples.set(name + labels, Number(value))
  }
  return families
}

describe("the guide", () => {
  it("names every metric, and no other", () => {
    const guide = readFileSync(new URL("../../../docs/observability.md", import.meta.url), "utf8")
    const named = guide.match(/\bowserver_client_\w+/g)?.map((name) => name.replace(/_(bucket|sum|count)$/, ""))
    assert.sameMembers([...new Set(named)], Object.values(OwMetrics).map(({ id }) => id))
  })
})
