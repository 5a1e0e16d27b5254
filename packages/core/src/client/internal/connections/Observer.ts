/**
 * Spans, metrics and the log of frames. If none of them is on, a call has no observer and no cost.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as References from "effect/References"
import type * as Tracer from "effect/Tracer"
import { toHex } from "../../../internal/bytes.ts"
import type { Frame } from "../../../protocol/FrameDecoder.ts"
import * as Header from "../../../protocol/Header.ts"
import * as MessageType from "../../../protocol/MessageType.ts"
import type * as OwError from "../../OwError.ts"
import * as OwMetrics from "../../OwMetrics.ts"
import * as ServerAddress from "../../ServerAddress.ts"
import type { Exchange } from "../exchange/Exchange.ts"
import type * as ExchangeFailure from "../exchange/ExchangeFailure.ts"
import type { Run } from "../exchange/Progress.ts"
import type { Deadlines } from "./Deadlines.ts"

/** Observes one request, from its waiting to its end. */
export interface Observer {
  readonly onSent: (address: string, now: number, bytes: Uint8Array) => void
  readonly onFrame: (frame: Frame) => void
  readonly onKeepalive: () => void
  readonly onReplay: () => void
  readonly onAnswer: (ret: number) => void
  readonly onFailure: (failure: ExchangeFailure.ExchangeFailure) => void
  /** Reports that the caller has cancelled it. */
  readonly onInterrupt: () => void
}

/** Observes a client as a whole. */
export interface Observers {
  /** Makes the observer of one request, unless nothing is on. A request without a fiber is the client's own. */
  readonly of: (
    exchange: Exchange<unknown>,
    fiber: Fiber.Fiber<unknown, unknown> | undefined,
    run: Run | undefined
  ) => Observer | undefined
  /** Whether spans are recorded. Without a tracer of the program, nobody would see them. */
  readonly isTraced: (fiber: Fiber.Fiber<unknown, unknown> | undefined) => boolean
  /** Runs a call in its own span, if spans are recorded. */
  readonly withSpan: <A, E>(
    call: { readonly operation: OwError.Operation; readonly path: string | Uint8Array },
    body: (span: Tracer.Span | undefined) => Effect.Effect<A, E>
  ) => Effect.Effect<A, E>
  readonly onConnections: (change: 1 | -1) => void
  readonly onError: (error: OwError.OwError, run: Run | undefined) => void
}

export const make = (options: {
  readonly server: string
  readonly deadlines: Deadlines
  /** The context in which metrics are registered. */
  readonly context: Context.Context<never>
  readonly hasMetrics: boolean
}): Observers => {
  const { context, hasMetrics, server, deadlines } = options
  let attributes: Record<string, string | number> | undefined
  const series = hasMetrics ? new Series(server, context) : undefined
  const ownLog = isLogged(Context.get(context, References.MinimumLogLevel)) ? logger(context) : undefined
  return {
    isTraced,
    of: (exchange, fiber, run) => {
      const log = fiber === undefined
        ? ownLog
        : isLogged(fiber.cache.minimumLogLevel)
        ? logger(fiber.context)
        : undefined
      return run?.span === undefined && log === undefined && series === undefined
        ? undefined
        : new Observing(exchange, run, log, { server, deadlines, series })
    },
    withSpan: ({ operation, path }, body) =>
      Effect.withFiber((fiber) =>
        isTraced(fiber)
          ? Effect.useSpan(
            `owserver.${operation}`,
            {
              kind: "client",
              attributes: {
                ...(attributes ??= serverAttributes(server)),
                ...(typeof path === "string" ? { "owserver.path": path } : undefined)
              }
            },
            body
          )
          : body(undefined)
      ),
    onConnections: (change) => {
      if (series !== undefined) OwMetrics.connections.modifyUnsafe(change, series.of(undefined))
    },
    onError: (error, run) => {
      run?.span?.attribute("error.type", reasonOf(error))
      if (series !== undefined) {
        OwMetrics.errors.updateUnsafe(1, series.of("reason", reasonOf(error)))
      }
    }
  }
}

/** The series of one client's metrics. */
class Series {
  private readonly server: string
  /** The context in which the metrics are registered. */
  private readonly context: Context.Context<never>
  private readonly known = new Map<string, Context.Context<never>>()

  constructor(server: string, context: Context.Context<never>) {
    this.server = server
    this.context = context
  }

  /** The context that adds its attributes to the metrics updated in it. It is kept, because metrics recognize it. */
  of(key: "operation" | "reason" | undefined, value = ""): Context.Context<never> {
    const known = this.known.get(value)
    if (known !== undefined) return known
    const attributes = {
      ...Context.get(this.context, Metric.CurrentMetricAttributes),
      server: this.server,
      ...(key === undefined ? undefined : { [key]: value })
    }
    const made = Context.add(this.context, Metric.CurrentMetricAttributes, attributes)
    this.known.set(value, made)
    return made
  }
}

/** What the observers of one client share. */
interface Observed {
  readonly server: string
  readonly deadlines: Deadlines
  /** `undefined` without metrics. */
  readonly series: Series | undefined
}

class Observing implements Observer {
  private readonly exchange: Exchange<unknown>
  private readonly run: Run | undefined
  private readonly log: ((line: string) => void) | undefined
  private readonly client: Observed
  private queuedAt: number
  private sentAt: number | undefined
  private waited = 0
  /** The server as the program named it; its address once the request was sent. */
  private peer: string

  constructor(
    exchange: Exchange<unknown>,
    run: Run | undefined,
    log: ((line: string) => void) | undefined,
    client: Observed
  ) {
    this.exchange = exchange
    this.run = run
    this.log = log
    this.client = client
    this.queuedAt = client.deadlines.now()
    this.peer = client.server
  }

  onSent(address: string, now: number, bytes: Uint8Array): void {
    this.waited += now - this.queuedAt
    this.sentAt = now
    this.peer = address
    if (this.run?.span !== undefined) {
      for (const [name, value] of peerAttributes(address)) this.run.span.attribute(name, value)
    }
    this.log?.(`${address} <- ${describeRequest(this.exchange)}  ${dump(bytes)}`)
  }

  onFrame(frame: Frame): void {
    if (this.log === undefined) return
    const bytes = new Uint8Array(Header.byteLength + frame.data.length)
    Header.encodeReply(frame, bytes)
    bytes.set(frame.data, Header.byteLength)
    this.log(`${this.peer} -> ret ${frame.ret}, ${frame.payload} bytes  ${dump(bytes)}`)
  }

  onKeepalive(): void {
    const { series } = this.client
    if (this.run !== undefined) this.run.keepalives++
    if (series !== undefined) OwMetrics.keepalives.updateUnsafe(1, series.of(undefined))
    this.log?.(`${this.peer} -> keepalive`)
  }

  onReplay(): void {
    const { series } = this.client
    if (this.run !== undefined) this.run.replays++
    this.queuedAt = this.client.deadlines.now()
    this.sentAt = undefined
    if (series !== undefined) OwMetrics.replays.updateUnsafe(1, series.of(undefined))
    this.log?.(`${this.peer} closed the connection as ${describeRequest(this.exchange)} was sent; it is sent again`)
  }

  onAnswer(ret: number): void {
    this.run?.span?.attribute("owserver.return_code", ret)
    this.end()
  }

  onFailure(failure: ExchangeFailure.ExchangeFailure): void {
    this.log?.(`${this.peer}: ${describeRequest(this.exchange)} failed: ${failure._tag}`)
    this.end()
  }

  onInterrupt(): void {
    const { series } = this.client
    this.log?.(`${this.peer}: ${describeRequest(this.exchange)} was given up`)
    if (series !== undefined) OwMetrics.errors.updateUnsafe(1, series.of("reason", "Interrupted"))
    this.end()
  }

  private end(): void {
    const { client, exchange, run, sentAt } = this
    const now = client.deadlines.now()
    if (sentAt === undefined) this.waited += now - this.queuedAt
    if (run?.span !== undefined) {
      run.waited += this.waited
      run.span.attribute("owserver.wait_ms", Math.round(run.waited * 1000) / 1000)
      if (run.keepalives > 0) run.span.attribute("owserver.keepalives", run.keepalives)
      if (run.replays > 0) run.span.attribute("owserver.replays", run.replays)
    }
    if (client.series !== undefined) {
      const series = client.series.of("operation", exchange.operation)
      OwMetrics.requests.updateUnsafe(1, series)
      OwMetrics.waitDuration.updateUnsafe(this.waited / 1000, series)
      if (sentAt !== undefined) OwMetrics.requestDuration.updateUnsafe((now - sentAt) / 1000, series)
    }
  }
}

const isTraced: Observers["isTraced"] = (fiber) =>
  fiber !== undefined && fiber.cache.tracer !== undefined && fiber.cache.tracerEnabled

const isLogged = (minimum: LogLevel.LogLevel): boolean =>
  minimum === "Debug" || minimum === "Trace" || minimum === "All"

const logger = (context: Context.Context<never>) => {
  const runFork = Effect.runForkWith(context)
  return (line: string): void => void runFork(Effect.logDebug(line))
}

const reasonOf = (error: OwError.OwError): string => "reason" in error ? error.reason._tag : error._tag

const serverAttributes = (server: string): Record<string, string | number> =>
  Option.match(ServerAddress.fromString(server), {
    onNone: () => ({ "server.address": server }),
    onSome: (address): Record<string, string | number> =>
      ServerAddress.isW1(address)
        ? { "server.address": server }
        : { "server.address": address.host, "server.port": address.port }
  })

/** Address and port, separately. */
const peerAttributes = (address: string): ReadonlyArray<readonly [name: string, value: string | number]> =>
  Option.match(ServerAddress.fromString(address), {
    onNone: () => [["network.peer.address", address]],
    onSome: (found) =>
      ServerAddress.isW1(found)
        ? [["network.peer.address", address]]
        : [["network.peer.address", found.host], ["network.peer.port", found.port]]
  })

const describeRequest = ({ path, type }: Exchange<unknown>): string =>
  typeof path === "string" ? `${MessageType.name(type)} ${path}` : MessageType.name(type)

/** Maximum number of bytes after a header that a line shows. */
const shownBytes = 64

/** A frame in hexadecimal: the six words of its header, and the bytes after it. */
const dump = (frame: Uint8Array): string => {
  const words: Array<string> = []
  for (let at = 0; at < Header.byteLength; at += 4) words.push(toHex(frame.subarray(at, at + 4)))
  const payload = frame.subarray(Header.byteLength)
  if (payload.length === 0) return words.join(" ")
  const rest = payload.length > shownBytes ? `… (${payload.length} bytes)` : ""
  return `${words.join(" ")} | ${toHex(payload.subarray(0, shownBytes))}${rest}`
}
