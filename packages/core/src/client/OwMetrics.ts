/**
 * The metrics of a client whose layer has `metrics: true`.
 *
 * Each series has the attribute `server`. Series of requests also have `operation` (`read`, `dir`, …), and errors have `reason`
 * (`BusFault`, `Silence`, `Closed`, …). Clients of the same server share their series.
 *
 * **Example** (Showing them in Prometheus format)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { NodeOwClient } from "@effect-ownet/node"
 * import { Console, Effect } from "effect"
 * import { PrometheusMetrics } from "effect/observability"
 *
 * const program = Effect.gen(function*() {
 *   const ow = yield* OwClient.OwClient
 *   yield* ow.readText("/28.000028D70100/temperature")
 *   yield* Console.log(yield* PrometheusMetrics.format())
 * }).pipe(Effect.provide(NodeOwClient.layer({ metrics: true })))
 * ```
 *
 * @since 0.1.0
 */
import * as Metric from "effect/Metric"

/** From half a millisecond, for a cached value, to half a minute, for a large directory on a slow bus. */
const boundaries = Metric.boundariesFromIterable([
  0.0005,
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
  30
])

/** The unit for OTLP. In Prometheus, the name contains it. */
const seconds = { time_unit: "seconds" }

/**
 * Finished requests: answered, refused, failed or cancelled. Operation `connect` is the ping that starts a connection.
 *
 * @category metrics
 * @since 0.1.0
 */
export const requests = Metric.counter("owserver_client_requests_total", {
  description: "Requests that were answered, refused, given up, or failed",
  incremental: true
})

/**
 * Seconds from sending a request to the end of its reply: the time that the server and the network took.
 *
 * @category metrics
 * @since 0.1.0
 */
export const requestDuration = Metric.histogram("owserver_client_request_duration_seconds", {
  description: "Time from sending a request to the end of its reply",
  attributes: seconds,
  boundaries
})

/**
 * Seconds that a request waited for a connection of this client before it was sent.
 *
 * @category metrics
 * @since 0.1.0
 */
export const waitDuration = Metric.histogram("owserver_client_wait_duration_seconds", {
  description: "Time that a request waited for a connection",
  attributes: seconds,
  boundaries
})

/**
 * Connections that are open now or opening.
 *
 * @category metrics
 * @since 0.1.0
 */
export const connections = Metric.gauge("owserver_client_connections_open", {
  description: "Connections that are open, or being opened",
  attributes: { unit: "{connection}" }
})

/**
 * Keepalives received: roughly the seconds that servers have worked on slow requests.
 *
 * @category metrics
 * @since 0.1.0
 */
export const keepalives = Metric.counter("owserver_client_keepalives_total", {
  description: "Keepalives received",
  incremental: true
})

/**
 * Requests sent again on another connection, because the server had closed the first one.
 *
 * @category metrics
 * @since 0.1.0
 */
export const replays = Metric.counter("owserver_client_replays_total", {
  description: "Requests sent again because their connection was closed",
  incremental: true
})

/**
 * Errors that calls failed with, including each attempt of a retried call. An `ArgumentError` is not counted, because nothing was
 * sent. Reason `Interrupted` counts calls that the program itself cancelled, for example with `Effect.timeout`.
 *
 * @category metrics
 * @since 0.1.0
 */
export const errors = Metric.counter("owserver_client_errors_total", {
  description: "Errors that calls failed with",
  incremental: true
})
