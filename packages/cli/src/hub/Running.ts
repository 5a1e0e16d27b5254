/**
 * The hub that runs: a bundle of its own with an Effect of its own, so only plain data goes in and out.
 */
import type * as Network from "@effect-ownet/core/network/Network"
import type * as Api from "@effect-ownet/hub/Api"
import * as History from "@effect-ownet/hub/History"
import type { HistoryError } from "@effect-ownet/hub/HistoryError"
import * as Hub from "@effect-ownet/hub/Hub"
import * as Page from "@effect-ownet/hub/Page"
import * as Routes from "@effect-ownet/hub/Routes"
import * as NodeNetwork from "@effect-ownet/node/NodeNetwork"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as NetAddress from "effect/net/NetAddress"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import * as Stream from "effect/Stream"
import { createServer } from "node:http"
import type { Listen } from "../server/Listen.ts"
import * as Past from "./Past.ts"
import * as Notify from "./service/Notify.ts"
import * as SimulatedHouse from "./SimulatedHouse.ts"

export interface Options {
  /** None for a simulated house, whose history is in memory. */
  readonly servers: ReadonlyArray<{ readonly host: string; readonly port: number }>
  /** Maximum milliseconds of a call. */
  readonly timeout: number | undefined
  /** A file, or the address of a PostgreSQL. */
  readonly database: string
  readonly listen: Listen
  /** Whether to try the next ports if that one is not free. */
  readonly isPortOpen: boolean
  /** Milliseconds. */
  readonly every: number
  readonly flush: number
  readonly keep: number
  readonly allowWrite: ReadonlyArray<string>
  readonly token: string | undefined
  readonly hosts: ReadonlyArray<string>
  readonly title: string | undefined
  readonly notice: string | undefined
}

/** Callbacks for what happens while it runs. */
export interface Tell {
  readonly ready: (where: Listen) => void
  /** Something that happened, in a line. */
  readonly event: (event: { readonly at: number; readonly text: string; readonly isBad: boolean }) => void
  /** A line of the log. */
  readonly log: (line: string) => void
}

/** Reason why it could not start or go on. */
export type Problem =
  | { readonly _tag: "Listen"; readonly code: string | undefined; readonly problem: string }
  | { readonly _tag: "History"; readonly reason: HistoryError["reason"]; readonly problem: string }
  | { readonly _tag: "Other"; readonly problem: string }

class ListenError
  extends Data.TaggedError("ListenError")<{ readonly code: string | undefined; readonly problem: string }>
{}

/** Maximum number of ports to try. */
const mostPorts = 20

const listen = ({ host, port }: Listen, isPortOpen: boolean) => {
  const at = (port: number) =>
    NodeHttpServer.make(() => createServer(), { host, port, gracefulShutdownTimeout: "250 millis" }).pipe(
      Effect.mapError(({ cause }) =>
        new ListenError({
          code: Predicate.hasProperty(cause, "code") ? String(cause.code) : undefined,
          problem: messageOf(cause)
        })
      )
    )
  const from = (offset: number): ReturnType<typeof at> =>
    Effect.catchIf(
      at(port + offset),
      ({ code }) => code === "EADDRINUSE" && isPortOpen && offset + 1 < mostPorts,
      () => from(offset + 1)
    )
  return from(0)
}

const messageOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

const kept = (database: string) =>
  /^postgres(?:ql)?:/i.test(database) ? History.layerPostgres(Redacted.make(database)) : History.layerSqlite(database)

/** The network, and its history. */
const followed = (options: Options) =>
  Effect.gen(function*() {
    if (options.servers.length === 0) {
      const context = yield* Layer.build(Layer.merge(SimulatedHouse.layer, History.layerMemory))
      yield* Effect.provideContext(Past.remember, context)
      yield* Effect.forkScoped(Effect.provideContext(SimulatedHouse.live, context))
      return context
    }
    const { servers, timeout } = options
    const context: Context.Context<Network.Network | History.History> = yield* Layer.build(
      Layer.merge(NodeNetwork.layer({ servers, timeout }), kept(options.database))
    )
    return context
  })

/** Kinds of events that belong in the log, and whether they are bad. */
const told = new Map([
  ["ServerFailed", true],
  ["ServerRecovered", false],
  ["BusFailed", true],
  ["BusRecovered", false],
  ["Raised", true],
  ["Cleared", false],
  ["Vanished", true],
  ["Appeared", false],
  ["LimitExceeded", true],
  ["LimitKept", false],
  ["NewsLost", true],
  ["NewsBack", false],
  ["HistoryFailed", true],
  ["HistoryRecovered", false],
  ["Slept", true],
  ["ClockBehind", true],
  ["Written", false]
])

/** A line for `systemctl status`. */
const statusOf = ({ historyFailing, places, servers }: Api.State, port: number): string => {
  const answering = servers.filter(({ failing }) => failing === undefined).length
  const history = historyFailing === undefined ? "" : `; the history cannot be written: ${historyFailing.message}`
  const found = servers.length === 0 ? "looking for servers" : `${answering} of ${servers.length} servers answer`
  return `Port ${port}; ${found}; ${places.length} places${history}`
}

const program = (options: Options, tell: Tell) =>
  Effect.gen(function*() {
    const server = yield* listen(options.listen, options.isPortOpen)
    const context = yield* followed(options)
    const { allowWrite, every, flush, hosts, keep, notice, title, token } = options
    const isSimulated = options.servers.length === 0
    const derived = isSimulated ? SimulatedHouse.derived : undefined
    const hub = Hub.layer({ every, flush, keep, title, notice, allowWrite, derived })
    const routes = Layer.merge(
      Routes.layer({
        hosts,
        token: token === undefined ? undefined : Redacted.make(token),
        allowWrite: allowWrite.length > 0
      }),
      Page.layer
    )
    const served = yield* Layer.build(
      Routes.serve(routes).pipe(
        Layer.provide([Layer.succeed(HttpServer.HttpServer, server), NodeHttpServer.layerHttpServices]),
        Layer.provideMerge(hub),
        Layer.provide(Layer.succeedContext(context))
      )
    )
    const { address } = server
    const where = {
      host: options.listen.host,
      port: NetAddress.isInetAddress(address) ? address.port : options.listen.port
    }
    tell.ready(where)
    const running = Context.get(served, Hub.Hub)
    yield* Notify.follow({
      env: process.env,
      pid: process.pid,
      status: Effect.map(running.state, (state) => statusOf(state, where.port)),
      problem: running.problem
    })
    yield* Stream.runForEach(running.live, (message) =>
      Effect.sync(() => {
        if (message._tag !== "Change") return
        for (const { at, kind, text } of message.events) {
          const isBad = told.get(kind)
          if (isBad !== undefined) tell.event({ at, text, isBad })
        }
      }))
    return yield* Effect.never
  }).pipe(
    Effect.scoped,
    Effect.provide(Logger.layer([
      Logger.make(({ cause, message }) => {
        const words = [message].flat().map((part) => typeof part === "string" ? part : messageOf(part)).join(" ")
        tell.log(cause.reasons.length === 0 ? words : `${words}: ${messageOf(Cause.squash(cause))}`)
      })
    ])),
    Effect.provideService(References.MinimumLogLevel, "Warn")
  )

const problemOf = (error: unknown): Problem => {
  if (Predicate.isTagged(error, "ListenError")) {
    const { code, problem } = error as ListenError
    return { _tag: "Listen", code, problem }
  }
  if (Predicate.isTagged(error, "HistoryError")) {
    const { problem, reason } = error as HistoryError
    return { _tag: "History", reason, problem }
  }
  return { _tag: "Other", problem: messageOf(error) }
}

/** Runs a hub until the signal. Resolves once all is written and closed, with the problem if it ended by itself. */
export const run = async (options: Options, tell: Tell, signal: AbortSignal): Promise<Problem | undefined> => {
  const exit = await Effect.runPromiseExit(program(options, tell), { signal })
  return Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? undefined : problemOf(Cause.squash(exit.cause))
}
