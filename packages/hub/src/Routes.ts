/**
 * The routes of the hub: its API, on any `HttpRouter`, and a guard for it and all other routes of that router.
 *
 * **Example** (A hub in a server of your own)
 *
 * ```ts
 * import { Routes } from "@effect-ownet/hub"
 * import { NodeHttpServer } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { createServer } from "node:http"
 *
 * const server = Routes.serve(Routes.layer({ hosts: ["hub.example"] })).pipe(
 *   Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 8080, gracefulShutdownTimeout: "250 millis" }))
 * )
 * ```
 *
 * @since 0.1.0
 */
import type { Device } from "@effect-ownet/core"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type * as HttpMethod from "effect/http/HttpMethod"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import type * as Stream from "effect/Stream"
import * as Api from "./Api.ts"
import * as History from "./History.ts"
import type { HistoryError } from "./HistoryError.ts"
import * as Hub from "./Hub.ts"
import { readingOf } from "./internal/Board.ts"
import * as Access from "./internal/routes/Access.ts"
import * as Columns from "./internal/routes/Columns.ts"
import * as Export from "./internal/routes/Export.ts"
import * as Prometheus from "./internal/routes/Prometheus.ts"
import * as Security from "./internal/routes/Security.ts"
import * as Viewers from "./internal/routes/Viewers.ts"
import * as Notifier from "./Notifier.ts"

/**
 * Names that clients may use for the hub, and permission to change it.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /**
   * Names that clients may use for the hub. Addresses, `localhost` and names below `.local` are always accepted. A request for
   * any other name is refused with status 421. None by default.
   */
  readonly hosts?: ReadonlyArray<string> | undefined
  /**
   * Token that permits a client to edit places and to write properties. Without a token, only requests from the hub's own machine
   * have that permission, and only if the server listens on loopback.
   */
  readonly token?: Redacted.Redacted | undefined
  /** Adds a route that writes the properties that the hub may write. `false` by default. */
  readonly allowWrite?: boolean | undefined
}

/** A reading in the form of an answer. */
const shown = (call: Effect.Effect<Hub.Answer, Device.Failure | Hub.WriteRefused>) =>
  withStatus(call).pipe(
    Effect.map((reading) => readingOf(reading, reading.value)),
    Effect.filterOrFail(
      Predicate.isNotUndefined,
      () => new Api.BusFailed({ message: "The device did not answer with a number or a date." })
    )
  )

const withStatus = <A, R>(call: Effect.Effect<A, Device.Failure | Hub.WriteRefused, R>) =>
  call.pipe(
    Effect.catchReasons("OwnetError", {
      NotFound: (_, { message }) => new Api.NotFound({ message }),
      BusFault: (_, { message }) => new Api.BusFailed({ message })
    }, (_, { message }) => new Api.Refused({ message })),
    Effect.catchTags({
      WriteRefused: ({ message }) => new Api.Forbidden({ message }),
      ArgumentError: ({ message }) => new Api.Refused({ message }),
      DeviceError: ({ message }) => new Api.BusFailed({ message }),
      ProtocolError: ({ message }) => new Api.BusFailed({ message }),
      ConnError: ({ message }) => new Api.Unavailable({ message }),
      OwnetTimeout: ({ message }) => new Api.TooSlow({ message })
    })
  )

const kept = <A, R>(call: Effect.Effect<A, HistoryError, R>) =>
  Effect.mapError(call, ({ message }) => new Api.Unavailable({ message }))

const day = 86_400

/** Maximum number of fresh values that are read at a time, so that requests do not hold up the rounds of readings. */
const mostReading = 4

/** Maximum number of rows of a table of days. */
const mostDays = 4000

const rangeOf = Effect.fnUntraced(function*(query: { readonly from?: number; readonly to?: number }) {
  const now = (yield* Clock.currentTimeMillis) / 1000
  const to = query.to ?? now
  const from = query.from ?? Math.max(0, to - day)
  return from < to ? { from, to, now } : yield* new Api.BadRequest({ message: "Query: from must be before to." })
})

const noPlace = (key: string) => new Api.NotFound({ message: `There is no place ${key}.` })

const attachment = <E>(body: Stream.Stream<Uint8Array, E>, contentType: string, filename: string) =>
  HttpServerResponse.stream(body, {
    contentType,
    headers: { "content-disposition": `attachment; filename="${filename}"` }
  })

const decodeWrite = HttpServerRequest.schemaBodyJson(Schema.Struct({ value: Api.Reading.fields.value }))

/** The value to write. A body that is too large is reported as on other routes. */
const bodyOf = (request: HttpServerRequest.HttpServerRequest) =>
  decodeWrite.pipe(
    Effect.provideService(HttpServerRequest.HttpServerRequest, request),
    Effect.catchTags({
      HttpServerError: (error) =>
        error.reason._tag === "RequestParseError" && error.reason.reason === "BodyTooLarge"
          ? Effect.die(error)
          : Effect.fail(new Api.BadRequest({ message: "Payload: is not JSON." })),
      SchemaError: ({ message }) => Effect.fail(new Api.BadRequest({ message: `Payload: ${message}`.slice(0, 500) }))
    })
  )

const hubHandlers = (options: () => Options) =>
  HttpApiBuilder.group(
    Api.Api,
    "hub",
    Effect.fnUntraced(function*(handlers) {
      const hub = yield* Hub.Hub
      const history = yield* History.History
      const notifier = yield* Effect.serviceOption(Notifier.Notifier)
      const live = yield* Viewers.stream
      const { open, permission } = yield* Access.Access
      const reading = yield* Semaphore.make(mostReading)
      const rows = Effect.fnUntraced(function*(query: {
        readonly series?: ReadonlyArray<History.PlaceProperty>
        readonly from?: number
        readonly to?: number
      }) {
        const { from, to } = yield* rangeOf(query)
        const { places } = yield* hub.state
        return yield* kept(Export.rows(history, { series: query.series, from, to, places }))
      })

      const all = handlers.handleAll({
        state: () => hub.state,
        live: () =>
          Effect.succeed(HttpServerResponse.stream(live, {
            contentType: "text/event-stream",
            headers: {
              "cache-control": "no-store, no-transform",
              // A connection that stays open for a next request would keep the server from ending.
              connection: "close"
            }
          })),
        history: Effect.fnUntraced(function*({ query }) {
          const { from, now, to } = yield* rangeOf(query)
          const { edges, width } = Columns.edges(from, to, query.points ?? 500)
          const series = yield* kept(history.buckets({ of: query.series, edges, now }))
          const found: typeof Api.History.Encoded = { from: edges[0]!, width, series: series.map(Columns.buckets) }
          // The result is JSON already, and too large to check by a schema.
          return HttpServerResponse.jsonUnsafe(found)
        }),
        days: Effect.fnUntraced(function*({ query }) {
          const { from, now, to } = yield* rangeOf(query)
          if (to - from > mostDays * day) {
            return yield* new Api.BadRequest({ message: `Query: more than ${mostDays} days.` })
          }
          const midnights = yield* Columns.midnights(from, to, query.zone ?? DateTime.zoneMakeOffset(0))
          const edges = Columns.secondsOfAll(midnights)
          const series = yield* kept(history.buckets({ of: query.series, edges, now }))
          return series.map((buckets) => Columns.days(buckets, midnights))
        }),
        exportCsv: ({ query }) =>
          Effect.map(rows(query), (rows) => attachment(Export.csv(rows), "text/csv; charset=utf-8", "history.csv")),
        exportNdjson: ({ query }) =>
          Effect.map(rows(query), (rows) => attachment(Export.ndjson(rows), "application/x-ndjson", "history.ndjson")),
        events: Effect.fnUntraced(function*({ query }) {
          const { from, to } = yield* rangeOf(query)
          return yield* kept(history.events({ from, to, place: query.place, limit: query.limit ?? 200 }))
        }),
        notices: Effect.fnUntraced(function*({ query }) {
          const { from, to } = yield* rangeOf(query)
          return yield* kept(history.notices({ from, to, place: query.place, limit: query.limit ?? 200 }))
        }),
        acknowledge: ({ params: { id } }) =>
          Effect.filterOrFail(
            kept(hub.acknowledge(id)),
            Predicate.isNotUndefined,
            () => new Api.NotFound({ message: `There is no open notice ${id}.` })
          ),
        channels: () => Option.isNone(notifier) ? Effect.succeed([]) : notifier.value.channels,
        testChannel: Effect.fnUntraced(function*({ params: { name } }) {
          const names = Option.isNone(notifier) ? [] : yield* notifier.value.channels
          if (Option.isNone(notifier) || !names.includes(name)) {
            return yield* new Api.NotFound({ message: `There is no channel ${name}.` })
          }
          yield* Effect.mapError(notifier.value.test(name), ({ message }) => new Api.NotDelivered({ message }))
        }),
        places: () => Effect.map(hub.state, ({ places }) => places),
        edit: ({ params: { key }, payload }) =>
          Effect.filterOrFail(
            Effect.mapError(
              hub.edit(key, payload),
              ({ _tag, message }) =>
                _tag === "ArgumentError" ? new Api.BadRequest({ message }) : new Api.Unavailable({ message })
            ),
            Predicate.isNotUndefined,
            () => noPlace(key)
          ),
        fill: ({ params: { key }, payload: { device } }) =>
          hub.fill(key, device).pipe(
            Effect.catchTags({
              HistoryError: ({ message }) => new Api.Unavailable({ message }),
              ArgumentError: ({ message }) => new Api.Refused({ message })
            }),
            Effect.filterOrFail(Predicate.isNotUndefined, () => noPlace(key))
          ),
        describe: ({ params: { id } }) => hub.describe(id),
        read: ({ params: { id, property } }) => reading.withPermit(shown(hub.read(id, property))),
        session: ({ request }) => Effect.map(permission(request), (permission) => ({ permission })),
        open: ({ payload: { token }, request }) => Effect.map(open(request, token), (permission) => ({ permission }))
      })
      // A hub that writes nothing answers before it reads the body.
      return all.handleRaw(
        "write",
        Effect.fnUntraced(function*({ params: { id, property }, request }) {
          if (options().allowWrite !== true) return yield* new Api.Forbidden({ message: "This hub does not write." })
          const { value } = yield* bodyOf(request)
          return yield* shown(hub.write(id, property, value))
        })
      )
    })
  )

const rootHandlers = HttpApiBuilder.group(
  Api.Api,
  "root",
  Effect.fnUntraced(function*(handlers) {
    const hub = yield* Hub.Hub
    return handlers.handleAll({
      metrics: () => Prometheus.answer(hub),
      health: Effect.fnUntraced(function*() {
        const { historyFailing, servers } = yield* hub.state
        const problem = yield* hub.problem
        const found: typeof Api.Health.Encoded = {
          isKept: historyFailing === undefined,
          answering: servers.filter(({ failing }) => failing === undefined).length,
          servers: servers.length,
          ...problem === undefined ? {} : { problem }
        }
        // Only a restart helps then, and this status requests one.
        return problem === undefined ? found : HttpServerResponse.jsonUnsafe(found, { status: 503 })
      })
    })
  })
)

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const

/** Refuses methods that no route of a known path has. */
const otherMethods = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const known = new Map<HttpRouter.PathInput, Set<HttpMethod.HttpMethod>>([["/openapi.json", new Set(["GET"])]])
  for (const { endpoints } of Object.values(Api.Api.groups)) {
    for (const { method, path } of Object.values(endpoints)) {
      known.set(path, (known.get(path) ?? new Set()).add(method))
    }
  }
  for (const [path, allowed] of known) {
    const allow = [...allowed, ...allowed.has("GET") ? ["HEAD"] : []].join(", ")
    const refusal = HttpServerResponse.jsonUnsafe({ _tag: "MethodNotAllowed", message: `Allowed: ${allow}.` }, {
      status: 405,
      headers: { allow }
    })
    for (const method of methods) {
      if (!allowed.has(method)) yield* router.add(method, path, refusal)
    }
  }
}))

/**
 * All routes of the hub, below `/api/v1`, and at `/metrics`, `/healthz` and `/openapi.json`.
 *
 * **Details**
 *
 * All routes of the router are guarded, including your own. A request must name the server by one of its accepted names (status
 * 421). A page from another server can neither change nor fetch anything (403). Each answer tells browsers to run only scripts
 * that the hub serves. Your routes may set stricter or looser headers, and these are kept. Answers are compressed.
 *
 * If you pass a function, it is called for each request, so the options may change at any time.
 *
 * **Example** (The hub below a path, next to your own routes)
 *
 * ```ts
 * import { Page, Routes } from "@effect-ownet/hub"
 * import { Effect, Layer } from "effect"
 * import { HttpRouter, HttpServerResponse } from "effect/http"
 *
 * const below = (path: string) =>
 *   Layer.effect(HttpRouter.HttpRouter, Effect.map(HttpRouter.HttpRouter, (router) => router.prefixed(path)))
 *
 * const hub = Layer.merge(Routes.layer(), Page.layer).pipe(Layer.provide(below("/hub")))
 *
 * const server = Routes.serve(Layer.merge(hub, HttpRouter.add("GET", "/hello", HttpServerResponse.text("hello"))))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options | (() => Options) = {}) => {
  const now = typeof options === "function" ? options : () => options
  return Layer.mergeAll(
    HttpApiBuilder.layer(Api.Api, { openapiPath: "/openapi.json" }).pipe(
      Layer.provide([hubHandlers(now), rootHandlers])
    ),
    otherMethods,
    Security.layerRouter(() => now().hosts ?? [])
  ).pipe(
    Layer.provide([Security.layerApi, Access.layer(() => now().token)])
  )
}

/**
 * Serves the routes of the hub on an `HttpServer`, with other routes if you merge them. When the server ends, streams end first,
 * because the server would wait for them: for 20 seconds, unless its `gracefulShutdownTimeout` says otherwise. Set that to
 * `250 millis`, for viewers that no longer read.
 *
 * @category layers
 * @since 0.1.0
 */
export const serve = <A, E, R>(routes: Layer.Layer<A, E, R>) =>
  Layer.unwrap(Effect.map(Latch.make(), (ending) =>
    Layer.effectDiscard(Effect.addFinalizer(() => ending.open)).pipe(
      Layer.provideMerge(HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true })),
      Layer.provide(Layer.succeed(Viewers.Ending, ending))
    )))
