/**
 * Code of every running hub, alone or in a fleet. Each of the two kinds is a bundle with a separate copy of Effect, so only plain
 * data goes in and out.
 */
import type * as OwError from "@effect-ownet/core/client/OwError"
import type * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import type * as Api from "@effect-ownet/hub/Api"
import type * as History from "@effect-ownet/hub/History"
import { HistoryError } from "@effect-ownet/hub/HistoryError"
import * as Hub from "@effect-ownet/hub/Hub"
import * as HubConfig from "@effect-ownet/hub/HubConfig"
import * as HubFile from "@effect-ownet/hub/HubFile"
import * as Influx from "@effect-ownet/hub/Influx"
import * as Mqtt from "@effect-ownet/hub/Mqtt"
import * as Notifier from "@effect-ownet/hub/Notifier"
import * as Otlp from "@effect-ownet/hub/Otlp"
import * as Page from "@effect-ownet/hub/Page"
import type * as Places from "@effect-ownet/hub/Places"
import * as Routes from "@effect-ownet/hub/Routes"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as NodeStdio from "@effect/platform-node/NodeStdio"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as NetAddress from "effect/net/NetAddress"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { createServer } from "node:http"
import { basename } from "node:path"
import type { Listen } from "../server/Listen.ts"
import * as Blocks from "./Blocks.ts"
import * as SystemdNotify from "./service/SystemdNotify.ts"
import * as SimulatedHouse from "./SimulatedHouse.ts"

export interface Options {
  readonly servers: ReadonlyArray<ServerAddress.ServerAddress>
  /** Whether the hub has no server and so runs a simulated house, whose history is in memory. */
  readonly isSimulated: boolean
  /** The place of this process in a fleet, to whose registry the servers are added. `undefined` for a hub that runs alone. */
  readonly fleet: {
    /** The address at which the other runners reach this one. */
    readonly runner: Listen
    readonly listen: Listen
    readonly site: string | undefined
  } | undefined
  /** Time limit of a call, in milliseconds. */
  readonly timeout: number | undefined
  /** A file, or the address of a PostgreSQL database. */
  readonly database: string
  readonly listen: Listen
  /** Whether to try the next ports if this one is in use. */
  readonly isPortOpen: boolean
  /** Interval, in milliseconds. */
  readonly every: number
  readonly flush: number
  readonly keep: number
  readonly allowWrite: ReadonlyArray<string>
  readonly token: string | undefined
  readonly hosts: ReadonlyArray<string>
  readonly title: string | undefined
  readonly notice: string | undefined
  /** The whole configuration of the file, for settings that have no flag. */
  readonly config: HubConfig.HubConfig
  /** Values of files of secrets, which appear nowhere. */
  readonly secrets: ReadonlyArray<string>
}

/** Contents of a file. */
export interface Contents {
  readonly config: HubConfig.HubConfig
  /** Line numbers of its keys, by their paths, separated by dots. */
  readonly lines: Readonly<Record<string, number>>
  readonly secrets: ReadonlyArray<string>
  readonly warnings: ReadonlyArray<string>
}

/** A file that is watched while the hub runs. */
export interface Source {
  readonly path: string
  /** Contents of the file when the hub started. */
  readonly contents: Contents
  /** The options of the hub for these contents after the previous ones, or the reason why the hub cannot run with them. */
  readonly settle: (
    contents: Contents,
    before: Options
  ) => Promise<
    | { readonly _tag: "Options"; readonly options: Options }
    | { readonly _tag: "Failed"; readonly problem: string }
  >
}

/** Callbacks for events while the hub runs. */
export interface Tell {
  readonly ready: (where: Listen) => void
  /** An event, on one line. */
  readonly event: (event: { readonly at: number; readonly text: string; readonly isBad: boolean }) => void
  /** A line of the log. */
  readonly log: (line: string) => void
}

/** Reason why the hub could not start or continue. */
export type Problem =
  | { readonly _tag: "Listen"; readonly code: string | undefined; readonly problem: string }
  | { readonly _tag: "History"; readonly reason: HistoryError["reason"]; readonly problem: string }
  | { readonly _tag: "Other"; readonly problem: string }

class ListenError
  extends Data.TaggedError("ListenError")<{ readonly code: string | undefined; readonly problem: string }>
{}

/** Changes that the file makes to the places as Home Assistant sees them. */
const overridesIn = (places: HubConfig.HubConfig["places"] = {}) =>
  Record.filterMap(
    places,
    ({ homeassistant }) => homeassistant === undefined ? Result.failVoid : Result.succeed({ homeassistant })
  )

declare const OW_VERSION: string

/** Settings that require a new bridge when they change. A running bridge applies all others. */
const bridgeOf = (
  mqtt: NonNullable<HubConfig.HubConfig["mqtt"]>,
  homeassistant: HubConfig.HubConfig["homeassistant"]
) => {
  const { announce: _, output: __, retain: ___, ...bridge } = Mqtt.fromConfig({ mqtt, homeassistant }, OW_VERSION)
  return bridge
}

/** Outlets of the hub, by the names under which they are reported. */
const blocksOf = (options: () => Options): Readonly<Record<string, Blocks.Block>> => ({
  MQTT: Blocks.block(
    ({ homeassistant, mqtt }) => mqtt && bridgeOf(mqtt, homeassistant),
    (settings) =>
      Mqtt.layer({
        ...settings,
        current: () => {
          const { config, secrets } = options()
          const { homeassistant, mqtt, places } = config
          return {
            ...mqtt && Mqtt.fromConfig({ homeassistant, mqtt, places: overridesIn(places) }, OW_VERSION),
            info: () => ({ version: OW_VERSION, config: HubConfig.shown(config, secrets) })
          }
        }
      }),
    // Retained messages would stay forever at another broker, or under another base topic.
    (settings, next) =>
      next !== undefined && Mqtt.isSamePlace(settings, next)
        ? Effect.void
        : Effect.catchIf(Mqtt.clear(settings), ({ isRetryable }) => !isRetryable, () => Effect.void)
  ),
  InfluxDB: Blocks.block(
    ({ influx }) => influx,
    (influx) => Layer.provide(Influx.layer(Influx.fromConfig(influx)), [FetchHttpClient.layer, NodeStdio.layer])
  ),
  OTLP: Blocks.block(
    ({ otlp }) => otlp,
    (otlp) => Layer.provide(Otlp.layer(Otlp.fromConfig(otlp)), FetchHttpClient.layer)
  )
})

/** Maximum time until a new hub replaces the previous one, in milliseconds. A history may need an upgrade. */
const longestRestart = 900_000

/** Interval between attempts to continue. */
const retryEvery = "10 seconds"

/** Maximum number of ports to try. */
const mostPorts = 20

/** A server that answers with status 503 while no hub runs, for example when the hub changes its history. */
const makeServer = () => {
  const server = createServer()
  server.on("request", (_, response) => {
    if (server.listenerCount("request") > 1) return
    response.writeHead(503, { "retry-after": "1", "content-type": "text/plain" }).end("The hub is starting.\n")
  })
  return server
}

/** Maximum time for clients to read their answers before their connections are closed. */
const patience = "250 millis"

const listen = ({ host, port }: Listen, isPortOpen: boolean) => {
  const at = Effect.fnUntraced(function*(port: number) {
    const node = makeServer()
    // The server outlives a hub that makes room for another one.
    const server = yield* NodeHttpServer.make(() => node, { host, port, disablePreemptiveShutdown: true }).pipe(
      Effect.mapError(({ cause }) =>
        new ListenError({
          code: Predicate.hasProperty(cause, "code") ? String(cause.code) : undefined,
          problem: messageOf(cause)
        })
      )
    )
    const closed = Effect.callback<void>((resume) => {
      node.close(() => resume(Effect.void))
    })
    yield* Effect.addFinalizer(() =>
      Effect.interruptible(closed).pipe(
        Effect.timeoutOption(patience),
        Effect.andThen(Effect.sync(() => node.closeAllConnections()))
      )
    )
    return server
  })
  const from = (offset: number): ReturnType<typeof at> =>
    Effect.catchIf(
      at(port + offset),
      ({ code }) => code === "EADDRINUSE" && isPortOpen && offset + 1 < mostPorts,
      () => from(offset + 1)
    )
  return from(0)
}

const messageOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

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
  ["Taken", false],
  ["Handed", true],
  ["Written", false]
])

/** A line for `systemctl status`. */
const statusOf = ({ historyFailing, places, servers }: Api.State, port: number): string => {
  const answering = servers.filter(({ failing }) => failing === undefined).length
  const history = historyFailing === undefined ? "" : `; the history cannot be written: ${historyFailing.message}`
  const found = servers.length === 0 ? "looking for servers" : `${answering} of ${servers.length} servers answer`
  return `Port ${port}; ${found}; ${places.length} places${history}`
}

/** Options of the hub. */
const hubOptions = (
  { allowWrite, config, every, fleet, flush, isSimulated, keep, notice, timeout, title }: Options,
  file: HubFile.HubFile | undefined
): Hub.Options => ({
  ...HubConfig.hubOptions(config),
  every,
  flush,
  keep,
  title,
  notice,
  timeout,
  allowWrite,
  ...(isSimulated ? { derived: SimulatedHouse.derived } : {}),
  ...(file === undefined ? {} : { savePlace: fleet === undefined ? savedIn(file) : unlessIn(config) })
})

const notSaved = (database: string, problem: string) =>
  new HistoryError({ reason: "Refused", operation: "edit of a place", database, problem })

const savedIn = (file: HubFile.HubFile) => (place: Places.Place) =>
  Effect.mapError(file.edit(place), ({ file, problem }) => notSaved(file, problem))

/**
 * In a fleet, the history keeps the places. Otherwise a place that the file of one machine sets would win each time the hub
 * moves.
 */
const unlessIn = ({ places = {} }: HubConfig.HubConfig) => ({ key }: Places.Place) =>
  Object.hasOwn(places, key)
    ? Effect.fail(notSaved("hub.yaml", `it sets ${key}: change that there, and in the file of each other runner`))
    : Effect.void

/** Options of the hub's routes. */
const routeOptions = ({ allowWrite, hosts, token }: Options): Routes.Options => ({
  hosts,
  token: token === undefined ? undefined : Redacted.make(token),
  allowWrite: allowWrite.length > 0
})

/** Settings of the network and the history, which need a new hub when they change. */
const baseOf = ({ database, isSimulated }: Options) => ({ isSimulated, database })

/** Context in which a hub starts. */
interface Parts {
  /** The current options. */
  readonly options: () => Options
  readonly hubOptions: () => Hub.Options
  /** Reports an event. */
  readonly say: (text: string, isBad: boolean) => Effect.Effect<void>
  /** Its routes, on the server of this process. */
  readonly serve: Layer.Layer<never, unknown, Hub.Hub | History.History>
  readonly notified: Layer.Layer<Notifier.Notifier, never, Hub.Hub | History.History>
  /** Feeds all outlets of a hub. Returns an effect that applies other options to them. */
  readonly feed: (
    context: Context.Context<Hub.Hub | Notifier.Notifier>
  ) => Effect.Effect<Effect.Effect<void, OwError.ArgumentError>, never, Scope.Scope>
}

/** Starts a hub, until the scope ends. `apply` applies other options. */
export type Starting = (
  parts: Parts
) => Effect.Effect<
  { readonly hub: Hub.Hub["Service"]; readonly apply: Effect.Effect<void, unknown> },
  unknown,
  Scope.Scope
>

const program = (starting: Starting, given: Options, source: Source | undefined, tell: Tell) =>
  Effect.gen(function*() {
    let options = given
    /** Time at which a hub began to make room for another one. */
    let restartedAt: number | undefined
    const file = source === undefined ? undefined : yield* HubFile.make(source.path)
    const name = source === undefined ? "" : basename(source.path)
    const say = (text: string, isBad: boolean) =>
      Effect.map(Clock.currentTimeMillis, (now) => tell.event({ at: now / 1000, text, isBad }))
    const server = yield* listen(options.listen, options.isPortOpen)

    const routes = Layer.merge(Routes.layer(() => routeOptions(options)), Page.layer)
    const web = Layer.merge(Layer.succeed(HttpServer.HttpServer, server), NodeHttpServer.layerHttpServices)
    const notified = Layer.provide(Notifier.layer, [FetchHttpClient.layer, NodeServices.layer])

    /** Feeds the outlets of a hub with the current options. Returns an effect that applies others. */
    const feed = Effect.fnUntraced(function*(context: Context.Context<Hub.Hub | Notifier.Notifier>) {
      const hub = Context.get(context, Hub.Hub)
      const notifier = Context.get(context, Notifier.Notifier)
      const outlets = yield* Effect.provideService(Blocks.make(blocksOf(() => options)), Hub.Hub, hub)
      const feedNow = Effect.gen(function*() {
        yield* notifier.configure(HubConfig.channels(options.config))
        yield* outlets.apply(options.config)
      })
      yield* feedNow
      yield* Effect.forkScoped(Stream.runForEach(hub.live, (message) =>
        Effect.sync(() => {
          if (message._tag !== "Change") return
          for (const { at, kind, text } of message.events) {
            const isBad = told.get(kind)
            if (isBad !== undefined) tell.event({ at, text, isBad })
          }
        })))
      return Effect.andThen(Effect.suspend(() => hub.configure(hubOptions(options, file))), feedNow)
    })

    const begin = starting({
      options: () => options,
      hubOptions: () => hubOptions(options, file),
      say,
      serve: Layer.provide(Routes.serve(routes), web),
      notified,
      feed
    })
    const start = Effect.gen(function*() {
      const scope = yield* Scope.make()
      return { scope, ...(yield* Effect.onError(Scope.provide(begin, scope), () => Scope.close(scope, Exit.void))) }
    })
    const ref: { current: Effect.Success<typeof start> } = { current: yield* start }
    yield* Effect.addFinalizer(() => Scope.close(ref.current.scope, Exit.void))

    /** Applies other options. Only another history, or servers instead of a simulated house, need a new hub. */
    const take = Effect.fnUntraced(function*(next: Options) {
      const before = options
      options = next
      if (!Equal.equals(before.listen, next.listen)) {
        yield* say(`${name}: another page.listen needs a restart`, true)
      }
      if (!Equal.equals(before.fleet, next.fleet)) {
        yield* say(`${name}: another fleet needs a restart`, true)
        options = { ...next, fleet: before.fleet, isSimulated: before.isSimulated, database: before.database }
      }
      if (Equal.equals(baseOf(before), baseOf(options))) return yield* ref.current.apply
      restartedAt = yield* Clock.currentTimeMillis
      yield* Scope.close(ref.current.scope, Exit.void)
      ref.current = yield* Effect.catchCause(start, (cause) => {
        if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
        options = before
        return Effect.andThen(
          say(`${name}: continues as before: ${messageOf(Cause.squash(cause))}`, true),
          Effect.tapCause(start, (cause) =>
            Cause.hasInterruptsOnly(cause)
              ? Effect.void
              : say(`the hub cannot continue, and is started again: ${messageOf(Cause.squash(cause))}`, true)).pipe(
              Effect.retry(Schedule.spaced(retryEvery))
            )
        )
      })
      restartedAt = undefined
    })

    let warnings = source?.contents.warnings ?? []
    const warn = Effect.fnUntraced(function*(next: Contents) {
      for (const warning of next.warnings) if (!warnings.includes(warning)) yield* say(`${name}: ${warning}`, true)
      warnings = next.warnings
    })

    const onChange = Effect.fnUntraced(function*(change: HubFile.Change) {
      if (change._tag === "Failed" || source === undefined) {
        const problem = change._tag === "Failed" ? change.error.message : ""
        yield* say(`${problem.replaceAll("\n", "; ")}; the hub continues with the previous settings`, true)
        return yield* ref.current.hub.report(name, problem)
      }
      const contents = contentsOf(change.contents)
      const settled = yield* Effect.promise(() => source.settle(contents, options))
      if (settled._tag === "Failed") {
        yield* say(`${name}: ${settled.problem}; the hub continues with the previous settings`, true)
        return yield* ref.current.hub.report(name, settled.problem)
      }
      yield* take(settled.options)
      yield* warn(contents)
      yield* say(`${name} was read again`, false)
      yield* ref.current.hub.report(name, undefined)
    })
    if (file !== undefined && source !== undefined) {
      // A start takes seconds, and the file may have changed meanwhile.
      const missed = Effect.map(
        file.contents,
        (contents) =>
          Equal.equals(contents.config, source.contents.config) ? [] : [{ _tag: "Changed", contents } as const]
      )
      yield* Stream.merge(file.changes, Stream.fromIterableEffect(missed)).pipe(
        Stream.runForEach((change) =>
          Effect.catchCause(
            onChange(change),
            (cause) =>
              Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.logError(`${name} could not be taken`, cause)
          )
        ),
        Effect.forkScoped({ startImmediately: true })
      )
    }
    const { address } = server
    const where = {
      host: options.listen.host,
      port: NetAddress.isInetAddress(address) ? address.port : options.listen.port
    }
    tell.ready(where)
    yield* SystemdNotify.follow({
      env: process.env,
      stopping: "Writing the rest of the history",
      pid: process.pid,
      status: Effect.suspend(() => Effect.map(ref.current.hub.state, (state) => statusOf(state, where.port))),
      problem: Effect.suspend(() =>
        restartedAt === undefined ?
          ref.current.hub.problem :
          Effect.map(Clock.currentTimeMillis, (now) =>
            now - (restartedAt ?? now) > longestRestart
              ? "it has not started again after a change of its configuration"
              : undefined)
      )
    })
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

const contentsOf = ({ config, lines, secrets, warnings }: HubFile.Contents): Contents => ({
  config,
  lines,
  secrets,
  warnings: warnings.map(({ problem }) => problem)
})

/** Reads a file. */
export const read = (
  path: string
): Promise<
  { readonly _tag: "Contents"; readonly contents: Contents } | { readonly _tag: "Failed"; readonly problem: string }
> =>
  Effect.runPromise(Effect.match(HubFile.read(path), {
    onFailure: ({ message }) => ({ _tag: "Failed", problem: message }) as const,
    onSuccess: (contents) => ({ _tag: "Contents", contents: contentsOf(contents) }) as const
  }))

/** A setting of a flag or the environment, by the key of the file that it overrides. */
export interface Setting {
  readonly key: string
  readonly source: string
  readonly value: unknown
}

/** The current configuration, as commented YAML without secrets. */
export const described = (
  file: { readonly path: string; readonly contents: Contents } | undefined,
  settings: ReadonlyArray<Setting>
): string => {
  const { config, lines, secrets } = file?.contents ?? { config: { version: 1 }, lines: {}, secrets: [] }
  const merged: HubConfig.HubConfig = structuredClone(config)
  const sources: Record<string, string> = file === undefined ? {} : Object.fromEntries(
    Object.entries(lines).map(([key, line]) => [key, `${basename(file.path)}:${line}`])
  )
  for (const { key, source, value } of settings) {
    const path = key.split(".")
    let around: Record<string, unknown> = merged
    for (const part of path.slice(0, -1)) around = (around[part] ??= {}) as Record<string, unknown> // A block.
    // Durations of flags are in milliseconds.
    around[path.at(-1)!] = typeof value === "number" ? value / 1000 : value
    sources[key] = source
  }
  const head = file === undefined
    ? "# There is no hub.yaml: these are the settings without one."
    : `# The configuration in force: ${file.path}, the flags, and the environment.`
  return `${head}\n\n${HubFile.commented(HubConfig.shown(merged, secrets), sources)}`
}

/** The JSON schema of a file. */
export const schema = (): string => `${JSON.stringify(HubConfig.jsonSchema(), undefined, 2)}\n`

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

/** Runs a hub until the signal. Resolves once everything is written and closed, with the problem if it ended by itself. */
export const run = (starting: Starting) =>
async (
  options: Options,
  source: Source | undefined,
  tell: Tell,
  signal: AbortSignal
): Promise<Problem | undefined> => {
  const exit = await Effect.runPromiseExit(program(starting, options, source, tell), { signal })
  return Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? undefined : problemOf(Cause.squash(exit.cause))
}
