import { TestNetwork } from "@effect-ownet/core/testing"
import { type Api, History, Hub, Otlp } from "@effect-ownet/hub"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Queue, Schema } from "effect"
import {
  FetchHttpClient,
  HttpClient,
  HttpClientResponse,
  HttpRouter,
  HttpServerRequest,
  HttpServerResponse
} from "effect/http"
import { TestClock } from "effect/testing"
import { createServer } from "node:http"
import { definitions } from "../src/internal/Metrics.ts"
import * as Processes from "./fixtures/processes.ts"

const cellar = "28.000028D70100"
const attic = "28.000028D70200"

const Points = Schema.Struct({
  dataPoints: Schema.Array(Schema.Struct({
    attributes: Schema.Array(
      Schema.Struct({ key: Schema.String, value: Schema.Struct({ stringValue: Schema.String }) })
    ),
    asDouble: Schema.optionalKey(Schema.Finite),
    asInt: Schema.optionalKey(Schema.Union([Schema.Int, Schema.String]))
  }))
})

const Export = Schema.Struct({
  resourceMetrics: Schema.Array(Schema.Struct({
    scopeMetrics: Schema.Array(Schema.Struct({
      metrics: Schema.Array(Schema.Struct({
        name: Schema.String,
        description: Schema.optionalKey(Schema.String),
        sum: Schema.optionalKey(Schema.Struct({ ...Points.fields, isMonotonic: Schema.Literal(true) })),
        gauge: Schema.optionalKey(Points)
      }))
    }))
  }))
})

interface Point {
  readonly name: string
  readonly type: string
  readonly attributes: Readonly<Record<string, string>>
  readonly value: number
}

const pointsOf = ({ resourceMetrics }: typeof Export.Type): ReadonlyArray<Point> =>
  resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) => metrics).flatMap((metric) =>
    (metric.gauge ?? metric.sum)?.dataPoints.map(({ asDouble, asInt, attributes }) => ({
      name: metric.name,
      type: metric.gauge === undefined ? "counter" : "gauge",
      attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue])),
      value: Number(asDouble ?? asInt)
    })) ?? []
  )

/** A collector, which hands on what each export has. */
const collector = (port: number, exports: Queue.Queue<ReadonlyArray<Point>>) =>
  HttpRouter.serve(
    HttpRouter.add(
      "POST",
      "/v1/metrics",
      HttpServerRequest.schemaBodyJson(Export).pipe(
        Effect.tap((body) => Queue.offer(exports, pointsOf(body))),
        Effect.as(HttpServerResponse.jsonUnsafe({})),
        Effect.catchTag(
          "SchemaError",
          ({ message }) => Effect.succeed(HttpServerResponse.text(message, { status: 400 }))
        )
      )
    ),
    { disableLogger: true, disableListenLog: true }
  ).pipe(
    Layer.provide(NodeHttpServer.layer(() => createServer(), { host: "127.0.0.1", port, gracefulShutdownTimeout: 1 }))
  )

/** The body of a response is read outside the program, between the seconds of its clock. */
const threeMinutes = Effect.andThen(
  TestClock.adjust("1 second"),
  Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
).pipe(Effect.repeat({ times: 179 }))

describe("a collector of OpenTelemetry", () => {
  it.live("has what /metrics says, and nothing of what is gone", () =>
    Effect.gen(function*() {
      const port = yield* Processes.freePort
      const exports = yield* Queue.unbounded<ReadonlyArray<Point>>()
      const hub = Hub.layer({
        every: "100 millis",
        search: { every: "200 millis", absences: 1, grace: "10 millis" }
      }).pipe(
        Layer.provide(History.layerMemory),
        Layer.provideMerge(TestNetwork.layer({
          pi: { [cellar]: { alias: "cellar", temperature: 11.5 }, [attic]: { temperature: 17 } }
        }))
      )
      yield* Effect.gen(function*() {
        const { edit } = yield* Hub.Hub
        const { network } = (yield* TestNetwork.TestNetwork).server("pi")
        const next = (isMeant: (points: ReadonlyArray<Point>) => boolean) =>
          Queue.take(exports).pipe(Effect.repeat({ until: isMeant }), Effect.timeout("20 seconds"))
        const valuesOf = (points: ReadonlyArray<Point>) => points.filter(({ name }) => name === "onewire_value")
        const points = yield* next((points) => valuesOf(points).length === 2)
        const types = new Map(Object.values(definitions).map(({ name, type }) => [name, type]))
        // What the process measures beside the hub is exported, too.
        for (const { name, type } of points.filter(({ name }) => name.startsWith("onewire_"))) {
          assert.strictEqual(type, types.get(name), name)
        }
        yield* edit(cellar, { name: "Keller" })
        yield* network.vanish(attic)
        const values = valuesOf(
          yield* next((points) => valuesOf(points).length === 1 && valuesOf(points)[0]?.attributes["name"] === "Keller")
        )
        assert.deepStrictEqual(values, [{
          name: "onewire_value",
          type: "gauge",
          attributes: {
            place: cellar,
            id: cellar,
            name: "Keller",
            server: "pi",
            bus: "bus.0",
            property: "temperature"
          },
          value: 11.5
        }])
      }).pipe(Effect.provide(
        Otlp.layer({ url: `http://127.0.0.1:${port}/`, every: "100 millis" }).pipe(
          Layer.provideMerge(hub),
          Layer.provide([FetchHttpClient.layer, collector(port, exports)])
        )
      ))
    }))

  it.effect("is fed again once it is back, and the hub tells that it was away", () =>
    Effect.gen(function*() {
      const reports: Array<string | undefined> = []
      const state: Api.State = { at: 0, title: "", every: 10, servers: [], notices: [], outlets: [], places: [] }
      const hub = Layer.mock(Hub.Hub, {
        state: Effect.succeed(state),
        health: Effect.succeed({ uptime: 1, memory: 1, waiting: 0, dropped: 0, counts: [] }),
        report: (_, problem) =>
          Effect.sync(() => {
            if (reports.length === 0 || reports.at(-1) !== problem) reports.push(problem)
          })
      })
      let answer = (): number | undefined => 200
      let received = 0
      const client = HttpClient.make((request) =>
        Effect.suspend(() => {
          const status = answer()
          if (status === undefined) return Effect.never
          if (status === 200) received++
          return Effect.succeed(HttpClientResponse.fromWeb(request, new Response("{}", { status })))
        })
      )
      yield* Effect.gen(function*() {
        yield* threeMinutes
        assert.deepStrictEqual([received, reports], [3, [undefined]])
        answer = () => 503
        yield* threeMinutes
        answer = () => undefined
        yield* threeMinutes
        answer = () => 200
        yield* threeMinutes
        assert.isAbove(received, 4)
        const where = "POST https://collector/otlp/v1/metrics: "
        assert.deepStrictEqual(reports, [
          undefined,
          `${where}status 503`,
          `${where}no answer within 20 seconds`,
          undefined
        ])
      }).pipe(Effect.provide(
        Otlp.layer({ url: "https://user:secret@collector/otlp" }).pipe(
          Layer.provide([hub, Layer.succeed(HttpClient.HttpClient, client)])
        )
      ))
    }))
})
