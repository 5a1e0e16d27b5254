/**
 * Export of a hub's metrics to an OpenTelemetry collector. The metrics and their names are the same as on `/metrics` for
 * Prometheus.
 *
 * **Example** (A hub that feeds a collector)
 *
 * ```ts
 * import { History, Hub, Otlp } from "@effect-ownet/hub"
 * import { NodeNetwork } from "@effect-ownet/node"
 * import { Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const collected = Otlp.layer({ url: "http://localhost:4318" }).pipe(
 *   Layer.provideMerge(Hub.layer({ every: "30 seconds" })),
 *   Layer.provide([
 *     NodeNetwork.layer({ servers: ["raspberrypi"] }),
 *     History.layerSqlite("house.sqlite"),
 *     FetchHttpClient.layer
 *   ])
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpMetrics from "effect/observability/OtlpMetrics"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as Record from "effect/Record"
import * as Hub from "./Hub.ts"
import type { HubConfig } from "./HubConfig.ts"
import * as Credentials from "./internal/Credentials.ts"
import * as HttpAnswer from "./internal/HttpAnswer.ts"
import * as HttpProblem from "./internal/HttpProblem.ts"
import * as Metrics from "./internal/Metrics.ts"

/**
 * Options of the export.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** Address of the collector, such as `http://localhost:4318`. */
  readonly url: string
  /** Headers of each request, such as an authorization. None by default. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Time between exports. Default 1 minute. */
  readonly every?: Duration.Input | undefined
}

/**
 * Schema of the options in a configuration file.
 *
 * @category conversions
 * @since 0.1.0
 */
export const fromConfig = ({ every, headers, url }: NonNullable<HubConfig["otlp"]>): Options => ({
  url,
  headers,
  every: every === undefined ? undefined : every * 1000
})

const path = "/v1/metrics"

const addressOf = (url: string): string => url.endsWith(path) ? url : url.replace(/\/+$/, "") + path

type Registry = typeof Metric.MetricRegistry.Service

const updateOf = ({ help: description, name, type }: Metrics.Definition) => {
  if (type === "gauge") {
    const gauge = Metric.gauge(name, { description })
    return ({ labels, value }: Metrics.Sample) =>
      Metric.update(Metric.withAttributes(gauge, withoutEmpty(labels)), value)
  }
  const counter = Metric.counter(name, { description, incremental: true })
  return ({ labels, value }: Metrics.Sample) =>
    Metric.update(Metric.withAttributes(counter, withoutEmpty(labels)), value)
}

const withoutEmpty = (labels: Metrics.Sample["labels"]) => Record.filter(labels, (text) => text !== "")

/** Puts the metrics into a registry that the library exports, and replaces those that it held. */
const fill = (registry: Registry, families: ReadonlyArray<Metrics.Family>, own: Registry) =>
  Effect.suspend(() => {
    registry.clear()
    for (const [key, metric] of own) registry.set(key, metric)
    return Effect.forEach(
      families,
      ({ definition, samples }) => Effect.forEach(samples, updateOf(definition), { discard: true }),
      { discard: true }
    ).pipe(Effect.provideService(Metric.MetricRegistry, registry))
  })

/** The library would read an answer to its end, which may never come. */
const withoutBody = (response: HttpClientResponse.HttpClientResponse) =>
  Effect.map(HttpAnswer.beginning(response), () => {
    const { headers, request, status } = response
    return HttpClientResponse.fromWeb(request, new Response(null, { headers, status: status < 600 ? status : 500 }))
  })

const outlet = "OTLP"

/** Maximum time of an export, including the library's own retries. */
const patience = "20 seconds"

/**
 * Sends the metrics of a hub to a collector, as JSON over HTTP.
 *
 * **Details**
 *
 * - The metrics are those of `/metrics`, with the same names and attributes, and Effect's own metrics of the program.
 * - Series of places that are gone, and values that are not known, are left out.
 * - If the collector cannot be reached, the export is tried four times, and then again after a minute. The outlet `OTLP` of the
 *   hub shows the reason. Nothing is stored for later, because a gauge is always the current value.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<never, never, Hub.Hub | HttpClient.HttpClient> =>
  Layer.effectDiscard(Effect.gen(function*() {
    const hub = yield* Hub.Hub
    const client = yield* HttpClient.HttpClient
    const flusher = yield* OtlpExporter.Flusher
    const own = yield* Metric.MetricRegistry
    const registry: Registry = new Map()
    const url = addressOf(options.url)
    let problem: string | undefined
    const told = client.pipe(
      HttpClient.transformResponse(Effect.flatMap(withoutBody)),
      HttpClient.tap((response) =>
        Effect.sync(() => {
          problem = response.status < 300
            ? undefined
            : HttpAnswer.redirection(response) ?? `status ${response.status}`
        })
      ),
      HttpClient.tapError(({ reason }) =>
        Effect.sync(() => {
          problem = HttpProblem.ofReason(reason)
        })
      )
    )
    const to = Credentials.split(url)
    yield* OtlpMetrics.make({
      url: to.url,
      headers: { ...to.headers, ...options.headers },
      // The export is triggered explicitly, because the exporter cannot request the metrics.
      exportInterval: "1 day",
      shutdownTimeout: 0,
      resource: { serviceName: "effect-ownet-hub" }
    }).pipe(
      Effect.provideService(HttpClient.HttpClient, told),
      Effect.provideService(Metric.MetricRegistry, registry)
    )
    const exported = Effect.provideService(flusher.flush, FetchHttpClient.RequestInit, { redirect: "manual" })
    const round = Effect.gen(function*() {
      const [state, health, now] = yield* Effect.all([hub.state, hub.health, Clock.currentTimeMillis])
      yield* fill(registry, Metrics.families(state, health, now / 1000), own)
      yield* Effect.timeoutOrElse(exported, {
        duration: patience,
        orElse: () =>
          Effect.sync(() => {
            problem = `no answer within ${patience}`
          })
      })
      yield* hub.report(
        outlet,
        problem === undefined ? undefined : `POST ${HttpProblem.address(url)}: ${problem}`
      )
    })
    yield* Effect.forkScoped(Effect.forever(Effect.delay(round, options.every ?? "1 minute")))
  })).pipe(Layer.provide([OtlpExporter.layerFlusher, OtlpSerialization.layerJson]))
