/**
 * Readings in the line protocol of InfluxDB, sent to a server that accepts it, or written to standard output for Telegraf.
 *
 * **Example** (A hub that feeds an InfluxDB)
 *
 * ```ts
 * import { History, Hub, Influx } from "@effect-ownet/hub"
 * import { NodeNetwork } from "@effect-ownet/node"
 * import { NodeStdio } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const influx = Influx.layer({ url: "http://localhost:8086/write?db=house" }).pipe(
 *   Layer.provideMerge(Hub.layer({ every: "30 seconds" })),
 *   Layer.provide([
 *     NodeNetwork.layer({ servers: ["raspberrypi"] }),
 *     History.layerSqlite("house.sqlite"),
 *     FetchHttpClient.layer,
 *     NodeStdio.layer
 *   ])
 * )
 * ```
 *
 * @since 0.1.0
 */
import { Printable } from "@effect-ownet/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Hub from "./Hub.ts"
import type { HubConfig } from "./HubConfig.ts"
import { Backlog } from "./internal/Backlog.ts"
import * as Credentials from "./internal/Credentials.ts"
import * as HttpAnswer from "./internal/HttpAnswer.ts"
import * as HttpProblem from "./internal/HttpProblem.ts"

/**
 * Options of the lines, and of the server that receives them.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /**
   * Address that accepts line protocol by POST, or `-` for standard output:
   *
   * - InfluxDB 1, VictoriaMetrics and Telegraf's `influxdb_listener`: `http://localhost:8086/write?db=house`
   * - InfluxDB 2 and 3: `http://localhost:8086/api/v2/write?org=home&bucket=house`, with a token
   *
   * Its parameter `precision`, such as `precision=s`, sets the precision of the times. Nanoseconds by default.
   */
  readonly url: string
  /** Token of InfluxDB 2 and 3. None by default. */
  readonly token?: Redacted.Redacted | undefined
  /** Name of a user of InfluxDB 1. None by default. */
  readonly user?: string | undefined
  /** Password of that user. Empty by default. */
  readonly password?: Redacted.Redacted | undefined
  /** The measurement. Default `onewire`. */
  readonly measurement?: string | undefined
}

/**
 * The unit of times in line protocol.
 *
 * @category models
 * @since 0.1.0
 */
export type Precision = "ns" | "us" | "ms" | "s"

/** Tags and keys can escape neither a line break nor a backslash at their end. */
const withoutEnd = (text: string): string => Printable.printable(text).replace(/\\+$/, "")

const escapedTag = (text: string): string => withoutEnd(text).replaceAll(/[,= ]/g, "\\$&")

const escapedMeasurement = (text: string): string => withoutEnd(text).replaceAll(/[, ]/g, "\\$&")

/** Maximum characters of a text that every server accepts: 64 KiB at most, at three bytes each. */
const longestText = 20_000

const fieldOf = (value: number | boolean | string): string =>
  typeof value === "string"
    ? `"${value.slice(0, longestText).toWellFormed().replaceAll(/["\\]/g, "\\$&")}"`
    : String(value)

const timeOf = (seconds: number, precision: Precision): string => {
  const millis = Math.round(seconds * 1000)
  return precision === "ns"
    ? `${millis}000000`
    : precision === "us"
    ? `${millis}000`
    : String(precision === "ms" ? millis : Math.floor(millis / 1000))
}

/**
 * A reading as a line, without a line break at its end. `undefined` if it is not plausible, or a list, or if its place is hidden.
 *
 * **Details**
 *
 * The tags are `id`, `name`, `group`, `server` and `bus`; tags without a value are left out. The property is the field: numbers
 * are floats, yes and no are booleans, and everything else is text. A name cannot end in a backslash, and U+FFFD replaces
 * characters that break a line.
 *
 * **Example** (A temperature)
 *
 * ```ts
 * import { Influx } from "@effect-ownet/hub"
 *
 * Influx.line({
 *   place: { key: "28.000028D70100", device: "28.000028D70100", title: "Wine cellar", isHidden: false, server: "pi" },
 *   property: "temperature",
 *   unit: "°C",
 *   reading: { value: 11.5, at: 1_700_000_000.25 }
 * }) // => "onewire,id=28.000028D70100,name=Wine\\ cellar,server=pi temperature=11.5 1700000000250000000"
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export const line = (
  { place, property, reading: { at, value, verdict } }: Hub.Measured,
  { measurement = "onewire", precision = "ns" }: Pick<Options, "measurement"> & {
    /** Precision of the times. Default `ns`. */
    readonly precision?: Precision | undefined
  } = {}
): string | undefined => {
  if (place.isHidden || verdict !== undefined || typeof value === "object") return undefined
  if (typeof value === "number" && !Number.isFinite(value)) return undefined
  const tags = Object.entries({
    id: place.device,
    name: place.title,
    group: place.group,
    server: place.server,
    bus: place.bus
  }).flatMap(([tag, text]) => {
    const escaped = escapedTag(text ?? "")
    return escaped === "" ? [] : [`,${tag}=${escaped}`]
  })
  return `${escapedMeasurement(measurement)}${tags.join("")} ${escapedTag(property)}=${fieldOf(value)} ${
    timeOf(at, precision)
  }`
}

/**
 * Schema of the options in a configuration file.
 *
 * @category conversions
 * @since 0.1.0
 */
export const fromConfig = (
  { measurement, password, token, url, user }: NonNullable<HubConfig["influx"]>
): Options => ({
  url,
  token: token === undefined ? undefined : Redacted.make(token),
  user,
  password: password === undefined ? undefined : Redacted.make(password),
  measurement
})

const precisions: Readonly<Record<string, Precision>> = {
  us: "us",
  u: "us",
  microsecond: "us",
  ms: "ms",
  millisecond: "ms",
  s: "s",
  second: "s"
}

const precisionOf = (url: string): Precision => precisions[URL.parse(url)?.searchParams.get("precision") ?? ""] ?? "ns"

/** Maximum number of waiting lines. */
const mostWaiting = 100_000

/** Maximum lines of a request. */
const mostAtOnce = 5000

/** Time between batches of lines. */
const gathering = "1 second"

/** Maximum time of a request. */
const patience = "10 seconds"

/** Maximum time of the last request when the hub ends. */
const lastWords = "2 seconds"

/** Maximum seconds between attempts. */
const longestPause = 60

/** Seconds for which a refusal is shown, so that a sensor that is always refused is reported once. */
const refusedFor = 300

const gather = Effect.fnUntraced(function*({ measurement, url }: Options) {
  const hub = yield* Hub.Hub
  const backlog = new Backlog<string>(mostWaiting)
  const precision = precisionOf(url)
  const collect = Stream.runForEach(hub.readings, (measured) =>
    Effect.sync(() => {
      const text = line(measured, { measurement, precision })
      if (text !== undefined) backlog.push(text)
    }))
  return { hub, backlog, collect }
})

/** Outcome of a request. */
type Outcome =
  | { readonly _tag: "Sent" }
  /** The server would refuse the same lines again. */
  | { readonly _tag: "Refused"; readonly problem: string }
  | { readonly _tag: "TooLarge" }
  | { readonly _tag: "Failed"; readonly problem: string; readonly pause: number | undefined }

/** Answers to a bad request: of InfluxDB 1, and of 2 and 3. */
const Answer = Schema.fromJsonString(
  Schema.Union([Schema.Struct({ error: Schema.String }), Schema.Struct({ message: Schema.String })])
)

const longestProblem = 300

const problemOf = (body: string): string => {
  const answer = Option.getOrUndefined(Schema.decodeOption(Answer)(body))
  return HttpAnswer.quoted(
    answer === undefined ? body : "error" in answer ? answer.error : answer.message,
    longestProblem
  )
}

const outcomeOf = Effect.fnUntraced(function*(url: string, response: HttpClientResponse.HttpClientResponse) {
  const { headers, status } = response
  // The body is read even if it is not needed, to free the connection.
  const body = yield* HttpAnswer.beginning(response)
  if (status >= 200 && status < 300) return { _tag: "Sent" } satisfies Outcome
  if (status === 413) return { _tag: "TooLarge" } satisfies Outcome
  const said = problemOf(body)
  const problem = `POST ${HttpProblem.address(url)}: ${
    HttpAnswer.redirection(response) ?? `status ${status}${said === "" ? "" : `, ${said}`}`
  }`
  if (status === 400 || status === 422) return { _tag: "Refused", problem } satisfies Outcome
  const pause = Number(headers["retry-after"])
  return {
    _tag: "Failed",
    problem,
    pause: Number.isFinite(pause) && pause > 0 ? Math.min(pause, 5 * longestPause) : undefined
  } satisfies Outcome
})

const send = (
  client: HttpClient.HttpClient,
  { password, token, url, user }: Options,
  lines: ReadonlyArray<string>
): Effect.Effect<Outcome> => {
  const failed = (problem: string): Outcome => ({
    _tag: "Failed",
    problem: `POST ${HttpProblem.address(url)}: ${problem}`,
    pause: undefined
  })
  const to = Credentials.split(url)
  const plain = HttpClientRequest.post(to.url, { headers: to.headers }).pipe(
    HttpClientRequest.bodyText(`${lines.join("\n")}\n`, "text/plain; charset=utf-8")
  )
  const request = token !== undefined
    ? HttpClientRequest.setHeader(plain, "authorization", `Token ${Redacted.value(token)}`)
    : user !== undefined
    ? HttpClientRequest.basicAuth(plain, user, password ?? Redacted.make(""))
    : plain
  return HttpClientRequest.compressBody(request, "gzip").pipe(
    Effect.flatMap(client.execute),
    Effect.flatMap((response) => outcomeOf(url, response)),
    Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () => Effect.succeed(failed(`no answer within ${patience}`))
    }),
    Effect.catchTag("HttpClientError", (error) => Effect.succeed(failed(HttpProblem.ofReason(error.reason)))),
    Effect.withTracerEnabled(false)
  )
}

const outlet = "InfluxDB"

const layerServer = (options: Options) =>
  Layer.effectDiscard(Effect.gen(function*() {
    const client = yield* HttpClient.HttpClient
    const clock = yield* Clock.Clock
    const { backlog, collect, hub } = yield* gather(options)
    let atOnce = mostAtOnce
    let failures = 0
    let refused: { readonly problem: string; readonly at: number } | undefined

    /** Sends the oldest lines, and returns the seconds to wait before the next attempt. */
    const attempt = Effect.gen(function*() {
      const batch = backlog.peek(atOnce)
      const outcome = yield* send(client, options, batch.items)
      const now = Number(clock.monotonicTimeNanosUnsafe()) / 1e9
      if (outcome._tag === "Failed") {
        failures = Math.min(failures + 1, 20)
        yield* hub.report(outlet, outcome.problem)
        return outcome.pause ?? Math.min(2 ** (failures - 1), longestPause)
      }
      failures = 0
      if (outcome._tag === "TooLarge" && batch.items.length > 1) {
        atOnce = Math.ceil(batch.items.length / 2)
        return 0
      }
      backlog.remove(batch)
      atOnce = Math.min(atOnce * 2, mostAtOnce)
      if (outcome._tag === "Refused") refused = { problem: outcome.problem, at: now }
      else if (outcome._tag === "TooLarge") refused = { problem: "a reading is too large for the server", at: now }
      else if (refused !== undefined && now - refused.at >= refusedFor) refused = undefined
      yield* hub.report(outlet, refused?.problem)
      const dropped = backlog.takeDropped()
      if (dropped > 0) {
        yield* Effect.logWarning(`${outlet}: ${dropped} readings were dropped while nothing could be sent`)
      }
      return 0
    })

    const rest = Effect.whileLoop({
      while: () => backlog.size > 0,
      body: () => Effect.flatMap(attempt, (pause) => pause === 0 ? Effect.void : Effect.sleep(pause * 1000)),
      step: () => {}
    })

    // When the hub ends, waiting lines are sent, unless the last attempt failed.
    yield* Effect.addFinalizer(() =>
      Effect.interruptible(failures === 0 ? rest : Effect.void).pipe(
        Effect.timeoutOption(lastWords),
        Effect.andThen(Effect.suspend(() =>
          backlog.size === 0
            ? Effect.void
            : Effect.logWarning(`${outlet}: ${backlog.size} readings could not be sent any more`)
        ))
      )
    )
    yield* Effect.forkScoped(collect, { startImmediately: true })
    yield* Effect.forkScoped(
      Effect.forever(backlog.some.pipe(Effect.andThen(Effect.sleep(gathering)), Effect.andThen(rest)))
    )
  }))

/** Maximum number of lines that are handed over at a time. */
const mostWritten = 500

const layerOutput = (options: Options) =>
  Layer.effectDiscard(Effect.gen(function*() {
    const { stdout } = yield* Stdio.Stdio
    const { backlog, collect } = yield* gather(options)
    const next = Effect.sync(() => {
      const batch = backlog.peek(mostWritten)
      backlog.remove(batch)
      return batch.items.map((text) => `${text}\n`).join("")
    })
    // A slow reader is waited for. A reader that is gone needs no lines.
    yield* Stream.fromEffectRepeat(Effect.andThen(backlog.some, next)).pipe(
      Stream.run(stdout({ endOnDone: false })),
      Effect.catch(({ message }) => Effect.logDebug(message)),
      Effect.raceFirst(collect),
      Effect.forkScoped({ startImmediately: true })
    )
  }))

/**
 * Sends each plausible reading of a hub once, with the time at which it was read. Sends every second, in batches of at most
 * 5,000.
 *
 * **Details**
 *
 * - While the server cannot be reached, up to 100,000 readings wait. The layer tries again after 1 second, then 2, and up to 60.
 *   If more readings wait, the oldest are dropped, which is logged. The outlet `InfluxDB` of the hub shows the reason.
 * - Lines that the server refuses as invalid (status 400 or 422), such as a field that had another type before, are not sent
 *   again. The outlet shows that for 5 minutes. InfluxDB has kept the rest of the batch.
 * - Redirects are not followed, because the body would be lost on the way. The outlet shows them.
 * - A batch whose answer was lost is sent again. Points with the same tags and times replace each other.
 * - When the hub ends, waiting lines are sent if that takes no more than 2 seconds.
 * - Bodies above 1 KiB are compressed.
 * - On standard output, lines wait for a slow reader in the same way. Once the reader is gone, nothing is written.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options
): Layer.Layer<never, never, Hub.Hub | HttpClient.HttpClient | Stdio.Stdio> =>
  options.url === "-" ? layerOutput(options) : layerServer(options)
