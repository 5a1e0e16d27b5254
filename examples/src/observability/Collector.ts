/**
 * A collector of OTLP over HTTP, in JSON, in place of Jaeger, Grafana or an OpenTelemetry Collector. It understands only as much
 * of the protocol as it needs to show the data.
 */
import * as Hosts from "@effect-ownet/hub/Hosts"
import { Data, Effect, Layer, Schema } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import * as Settings from "../running/Settings.ts"

type Attributes = Readonly<Record<string, string | number | boolean>>

/** Received data. Ids are in hexadecimal, times in milliseconds. */
export type Signal = Data.TaggedEnum<{
  Span: {
    readonly name: string
    readonly kind: number
    readonly spanId: string
    readonly parentSpanId: string | undefined
    readonly millis: number
    readonly attributes: Attributes
    readonly status: "Unset" | "Ok" | "Error"
    readonly message: string | undefined
  }
  /** A histogram has its count as its value, and a separate sum. */
  Metric: {
    readonly name: string
    readonly type: "counter" | "gauge" | "histogram"
    readonly unit: string
    readonly attributes: Attributes
    readonly value: number
    readonly sum: number | undefined
  }
  Log: { readonly level: string; readonly body: string; readonly spanId: string | undefined }
}>

export const Signal = Data.taggedEnum<Signal>()

const Scalar = Schema.Struct({
  stringValue: Schema.optional(Schema.String),
  boolValue: Schema.optional(Schema.Boolean),
  intValue: Schema.optional(Schema.Finite),
  doubleValue: Schema.optional(Schema.Finite)
})

const scalarOf = ({ boolValue, doubleValue, intValue, stringValue }: typeof Scalar.Type) =>
  stringValue ?? boolValue ?? intValue ?? doubleValue ?? ""

const KeyValues = Schema.Array(Schema.Struct({ key: Schema.String, value: Scalar }))

const attributesOf = (pairs: typeof KeyValues.Type): Attributes =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, scalarOf(value)]))

const Traces = Schema.Struct({
  resourceSpans: Schema.Array(Schema.Struct({
    scopeSpans: Schema.Array(Schema.Struct({
      spans: Schema.Array(Schema.Struct({
        name: Schema.String,
        kind: Schema.Int,
        spanId: Schema.String,
        parentSpanId: Schema.optional(Schema.String),
        startTimeUnixNano: Schema.BigIntFromString,
        endTimeUnixNano: Schema.BigIntFromString,
        attributes: KeyValues,
        status: Schema.Struct({ code: Schema.Literals([0, 1, 2]), message: Schema.optional(Schema.String) })
      }))
    }))
  }))
})

const statuses = ["Unset", "Ok", "Error"] as const

const spansOf = ({ resourceSpans }: typeof Traces.Type) =>
  resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).flatMap(({ spans }) => spans).map((span) =>
    Signal.Span({
      name: span.name,
      kind: span.kind,
      spanId: span.spanId,
      parentSpanId: span.parentSpanId,
      millis: Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6,
      attributes: attributesOf(span.attributes),
      status: statuses[span.status.code],
      message: span.status.message
    })
  )

const NumberPoints = Schema.Struct({
  dataPoints: Schema.Array(Schema.Struct({ attributes: KeyValues, asDouble: Schema.Finite }))
})

const Metrics = Schema.Struct({
  resourceMetrics: Schema.Array(Schema.Struct({
    scopeMetrics: Schema.Array(Schema.Struct({
      metrics: Schema.Array(Schema.Struct({
        name: Schema.String,
        unit: Schema.String,
        sum: Schema.optional(NumberPoints),
        gauge: Schema.optional(NumberPoints),
        histogram: Schema.optional(Schema.Struct({
          dataPoints: Schema.Array(Schema.Struct({ attributes: KeyValues, count: Schema.Int, sum: Schema.Finite }))
        }))
      }))
    }))
  }))
})

const metricsOf = ({ resourceMetrics }: typeof Metrics.Type) =>
  resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) => metrics).flatMap((metric) => {
    const { gauge, histogram, name, sum, unit } = metric
    const numbers = (type: "counter" | "gauge", points: typeof NumberPoints.Type | undefined) =>
      (points?.dataPoints ?? []).map(({ asDouble, attributes }) =>
        Signal.Metric({ name, unit, type, attributes: attributesOf(attributes), value: asDouble, sum: undefined })
      )
    return [
      ...numbers("counter", sum),
      ...numbers("gauge", gauge),
      ...(histogram?.dataPoints ?? []).map(({ attributes, count, sum }) =>
        Signal.Metric({ name, unit, type: "histogram", attributes: attributesOf(attributes), value: count, sum })
      )
    ]
  })

const Logs = Schema.Struct({
  resourceLogs: Schema.Array(Schema.Struct({
    scopeLogs: Schema.Array(Schema.Struct({
      logRecords: Schema.Array(Schema.Struct({
        severityText: Schema.String,
        body: Scalar,
        spanId: Schema.optional(Schema.String)
      }))
    }))
  }))
})

const logsOf = ({ resourceLogs }: typeof Logs.Type) =>
  resourceLogs.flatMap(({ scopeLogs }) => scopeLogs).flatMap(({ logRecords }) => logRecords).map((record) =>
    Signal.Log({ level: record.severityText, body: String(scalarOf(record.body)), spanId: record.spanId })
  )

/** Passes on the data that it receives. It needs an HTTP server, and exports nothing itself. */
export const layer = (receive: (signal: Signal) => Effect.Effect<void>) => {
  const route = <A>(
    path: `/${string}`,
    schema: Schema.ConstraintDecoder<A>,
    signalsOf: (body: A) => ReadonlyArray<Signal>
  ) =>
    HttpRouter.add(
      "POST",
      path,
      HttpServerRequest.schemaBodyJson(schema).pipe(
        Effect.flatMap((body) => Effect.forEach(signalsOf(body), receive, { discard: true })),
        Effect.as(HttpServerResponse.jsonUnsafe({})),
        Effect.catchTag(
          "SchemaError",
          ({ message }) => Effect.succeed(HttpServerResponse.text(message, { status: 400 }))
        )
      )
    )
  return HttpRouter.serve(
    Layer.mergeAll(
      route("/v1/traces", Traces, spansOf),
      route("/v1/metrics", Metrics, metricsOf),
      route("/v1/logs", Logs, logsOf),
      Hosts.layerConfig(Settings.hosts)
    ),
    { disableLogger: true, disableListenLog: true }
  )
}

const shown = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([key, value]) => `${key}=${typeof value === "number" ? Number(value.toFixed(3)) : value}`)
    .join(" ")

/** Shortens an id for the reader. */
const short = (id: string): string => id.slice(0, 4)

/** One line for people. */
export const describe = Signal.$match({
  Span: ({ attributes, message, millis, name, parentSpanId, spanId, status }) =>
    [
      `span   ${short(spanId)}${parentSpanId === undefined ? "" : ` in ${short(parentSpanId)}`}`,
      `${name} ${millis.toFixed(1)} ms ${status}`,
      shown(attributes),
      message
    ].filter((part) => part).join("  "),
  Metric: ({ attributes, name, sum, value }) =>
    `metric ${name}  ${shown(attributes)}  ${value}${sum === undefined ? "" : ` in ${sum.toFixed(3)} s`}`,
  Log: ({ body, level, spanId }) => `log    ${spanId === undefined ? "" : `in ${short(spanId)}  `}${level}  ${body}`
})
