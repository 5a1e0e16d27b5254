/**
 * A program that can be observed: spans, metrics and logs by OTLP, metrics for Prometheus, and a health endpoint.
 */
import { Device, OwClient } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import * as Hosts from "@effect-ownet/hub/Hosts"
import { Effect, Layer, Option, References, Stream } from "effect"
import { FetchHttpClient, HttpRouter, HttpServerResponse } from "effect/http"
import { Otlp, PrometheusMetrics } from "effect/observability"
import * as Settings from "../running/Settings.ts"

/** Reads each thermometer. Failures are logged, and the others are still read. */
export const round = Effect.fn("house.round")(function*(ids: ReadonlyArray<string>) {
  yield* Effect.annotateCurrentSpan("house.thermometers", ids.length)
  const look = Effect.fnUntraced(function*(id: string) {
    const thermometer = yield* Device.make(DS18B20, id)
    yield* Effect.logInfo(`${id}: ${yield* thermometer.read("temperature")} °C`)
  }, Effect.catch(({ message }) => Effect.logWarning(message)))
  yield* Effect.forEach(ids, look, { concurrency: "unbounded", discard: true })
})

/** One call, with its frames in the log. */
export const frames = Effect.gen(function*() {
  const ow = yield* OwClient.OwClient
  return yield* ow.dir("/").pipe(Effect.provideService(References.MinimumLogLevel, "Debug"))
})

/** Exports to a collector, such as `http://localhost:4318`. */
export const layerOtlp = (baseUrl: string) =>
  Otlp.layerJson({
    baseUrl,
    resource: { serviceName: "house", serviceVersion: "1.0.0" }
  }).pipe(Layer.provide(FetchHttpClient.layer))

/** State of the client's connection to its server: 503 if it has none. */
const health = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const ow = yield* OwClient.OwClient
  const answer = Stream.runHead(ow.state).pipe(
    Effect.map(Option.getOrThrow),
    Effect.map((state) => HttpServerResponse.jsonUnsafe(state, { status: state._tag === "Disconnected" ? 503 : 200 }))
  )
  yield* router.add("GET", "/health", answer)
}))

/** `/metrics` for Prometheus, and `/health` for other monitors. */
export const server = HttpRouter.serve(
  Layer.mergeAll(PrometheusMetrics.layerHttp(), health, Hosts.layerConfig(Settings.hosts)),
  {
    disableLogger: true
  }
)
