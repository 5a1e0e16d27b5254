/** A connection to a broker, through a package that is loaded only when needed. It is used until it fails, and then replaced. */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { IClientOptions, MqttClient } from "mqtt"
import { readFileSync } from "node:fs"
import { MqttError } from "../../MqttError.ts"
import type { Message } from "./Desired.ts"

export interface Options {
  readonly server: string
  readonly user: string | undefined
  readonly password: string | Redacted.Redacted | undefined
  readonly clientId: string
  readonly ca: string | undefined
  /** The message that the broker publishes if this connection ends without a farewell. */
  readonly will: Message | undefined
  /** The last message. */
  readonly farewell: Message | undefined
  readonly onMessage: (message: Received) => void
}

export interface Received {
  readonly topic: string
  readonly payload: Uint8Array
  /** Whether the broker had retained it. */
  readonly isRetained: boolean
}

export interface BrokerSession {
  /** Publishes a message, and waits until the broker has it. */
  readonly publish: (message: Message) => Effect.Effect<void, MqttError>
  readonly subscribe: (topics: ReadonlyArray<string>) => Effect.Effect<void, MqttError>
  /** Fails when the connection fails. */
  readonly closed: Effect.Effect<never, MqttError>
}

/** Maximum milliseconds for making a connection. */
const connectTimeout = 10_000

/** Seconds of silence after which the broker must show that it is alive. */
const keepalive = 30

/** Maximum time of an answer. */
const patience = Duration.seconds(20)

/** Maximum time of the farewell, and of the end of the connection. */
const lastWords = "2 seconds"

const protocols = new Set(["mqtt:", "mqtts:", "tcp:", "ssl:", "tls:", "ws:", "wss:"])

interface Address {
  /** The address for display, without user and password. */
  readonly shown: string
  readonly url: URL
}

/** Parses the address of a broker. */
export const parse = (server: string): Address | undefined => {
  if (!URL.canParse(server)) return undefined
  const url = new URL(server)
  if (!protocols.has(url.protocol) || url.host === "") return undefined
  return { url, shown: `${url.protocol}//${url.host}${url.pathname === "/" ? "" : url.pathname}` }
}

/** Ports of the protocols that have a port other than the default. */
const ports: ReadonlyMap<string, string> = new Map([
  ["mqtt:", "1883"],
  ["tcp:", "1883"],
  ["mqtts:", "8883"],
  ["ssl:", "8883"],
  ["tls:", "8883"]
])

const portOf = ({ port, protocol }: URL): string => port === "" ? ports.get(protocol) ?? "" : port

/** Whether two addresses lead to one listener, for any client. */
export const isSame = ({ url: one }: Address, { url: other }: Address): boolean =>
  one.hostname === other.hostname && portOf(one) === portOf(other)
  && (ports.has(one.protocol) || (one.protocol === other.protocol && one.pathname === other.pathname))

/** The address to connect to. The package would parse an address with a deprecated function of Node, which prints a warning. */
const placeOf = ({ hostname, password, pathname, port, protocol, search, username }: URL): IClientOptions => ({
  // The package knows the same protocols, without the colon.
  protocol: protocol.slice(0, -1) as NonNullable<IClientOptions["protocol"]>,
  hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
  host: hostname.replace(/^\[(.*)\]$/, "$1"),
  ...(port === "" ? {} : { port: Number(port) }),
  path: `${pathname}${search}`,
  ...(username === "" ? {} : { username: decodeURIComponent(username) }),
  ...(password === "" ? {} : { password: decodeURIComponent(password) })
})

const codeOf = (cause: unknown): unknown => Predicate.hasProperty(cause, "code") ? cause.code : undefined

/** Message of an error. A failure at several addresses has no message. */
const wordsOf = (cause: unknown): string => {
  const one: unknown = cause instanceof AggregateError ? cause.errors[0] : cause
  return one instanceof Error && one.message !== "" ? one.message : String(one)
}

/** Codes with which brokers refuse a connection. */
const refusals: ReadonlyMap<unknown, string> = new Map([
  [1, "the broker refuses MQTT 3.1.1, the version that the bridge speaks: update the broker"],
  [2, "the broker refuses the client id: set another client_id"],
  [4, "the broker refuses the user or the password: check user and password"],
  [5, "the broker does not accept this user: check user and password, and the rights of the user"]
])

/** Whether a broker has answered with a refusal. */
const isRefusal = (cause: unknown): boolean => {
  const code = codeOf(cause)
  return typeof code === "number" && code >= 128
}

const failureOf = (shown: string, cause: unknown, isConnected: boolean): MqttError => {
  const refusal = refusals.get(codeOf(cause))
  if (refusal !== undefined) return new MqttError({ reason: "Refused", server: shown, problem: refusal })
  return isConnected
    ? new MqttError({ reason: "Lost", server: shown, problem: `the connection has failed: ${wordsOf(cause)}` })
    : new MqttError({
      reason: "Unreachable",
      server: shown,
      problem: `the broker cannot be reached: ${wordsOf(cause)}. Check the address, and that the broker runs`
    })
}

const load = (shown: string) =>
  Effect.tryPromise({
    try: () => import("mqtt"),
    catch: (cause) =>
      new MqttError({
        reason: "Missing",
        server: shown,
        problem: codeOf(cause) === "ERR_MODULE_NOT_FOUND"
          ? "MQTT needs a package that is not installed: npm install mqtt"
          : `the package mqtt cannot be loaded: ${wordsOf(cause)}`
      })
  })

const certificate = (shown: string, file: string) =>
  Effect.try({
    try: () => readFileSync(file),
    catch: (cause) =>
      new MqttError({
        reason: "Unreachable",
        server: shown,
        problem: `the certificate ${JSON.stringify(file)} cannot be read: ${wordsOf(cause)}`
      })
  })

const packetOf = ({ payload, retain }: Message) => ({ payload: Buffer.from(payload), qos: 1 as const, retain })

/** Ends a connection: with a farewell if the broker accepts one, and otherwise so that it publishes the last will. */
const end = (client: MqttClient, farewell: Message | undefined): Effect.Effect<void> => {
  const closed = Effect.callback<void>((resume) => {
    client.end(false, () => resume(Effect.void))
  })
  const said = farewell === undefined ? Effect.succeed(true) : Effect.callback<boolean>((resume) => {
    client.publish(
      farewell.topic,
      farewell.payload,
      { qos: 1, retain: farewell.retain },
      (error) => resume(Effect.succeed(!error))
    )
  })
  return Effect.suspend(() => client.connected ? said : Effect.succeed(false)).pipe(
    Effect.flatMap((isSaid) => isSaid ? closed : Effect.void),
    Effect.interruptible,
    Effect.timeoutOption(lastWords),
    Effect.andThen(Effect.sync(() => {
      client.end(true)
      client.stream.destroy()
    }))
  )
}

/** Connects. The connection ends with the scope. */
export const open = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<BrokerSession, MqttError, Scope.Scope> {
  const { ca, clientId, farewell, onMessage, password, server, user, will } = options
  const address = parse(server)
  if (address === undefined) {
    return yield* new MqttError({
      reason: "Setting",
      server: "server",
      problem: "the address should look like mqtt://HOST:PORT, or mqtts:// for TLS"
    })
  }
  const { shown, url } = address
  const { connect } = yield* load(shown)
  const given: IClientOptions = {
    clientId,
    keepalive,
    connectTimeout,
    // The bridge itself makes the next connection, with the right state.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined
      ? {}
      : { password: Redacted.isRedacted(password) ? Redacted.value(password) : password }),
    ...(will === undefined ? {} : { will: { topic: will.topic, ...packetOf(will) } }),
    ...(ca === undefined ? {} : { ca: yield* certificate(shown, ca) })
  }
  const closed = Deferred.makeUnsafe<never, MqttError>()
  const connected = Deferred.makeUnsafe<void>()
  let isConnected = false
  const client = yield* Effect.acquireRelease(
    Effect.try({
      try: () => connect({ ...placeOf(url), ...given }),
      catch: (cause) => new MqttError({ reason: "Setting", server: shown, problem: wordsOf(cause) })
    }),
    (client) => end(client, isConnected ? farewell : undefined)
  )
  const fail = (error: MqttError): void => {
    Deferred.doneUnsafe(closed, Effect.fail(error))
  }
  client.on("error", (cause) => fail(failureOf(shown, cause, isConnected)))
  client.on("close", () =>
    fail(
      isConnected
        ? new MqttError({ reason: "Lost", server: shown, problem: "the broker has closed the connection" })
        : new MqttError({
          reason: "Unreachable",
          server: shown,
          problem: "the broker closed the connection before it was established"
        })
    ))
  client.on("connect", () => {
    isConnected = true
    Deferred.doneUnsafe(connected, Effect.void)
  })
  client.on("message", (topic, payload, { retain }) => onMessage({ topic, payload, isRetained: retain }))

  const answered = (what: string, ask: (resume: (cause: unknown) => void) => void): Effect.Effect<void, MqttError> =>
    Effect.callback<void, MqttError>((resume) => {
      ask((cause) =>
        resume(
          cause === null || cause === undefined
            ? Effect.void
            : Effect.fail(
              new MqttError({
                reason: isRefusal(cause) ? "Refused" : "Lost",
                server: shown,
                problem: `${what}: ${wordsOf(cause)}`
              })
            )
        )
      )
    }).pipe(
      Effect.raceFirst(Deferred.await(closed)),
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () =>
          Effect.fail(
            new MqttError({
              reason: "Silent",
              server: shown,
              problem: `${what}: the broker has not answered for ${Duration.toSeconds(patience)} seconds`
            })
          )
      })
    )

  yield* Effect.raceFirst(Deferred.await(connected), Deferred.await(closed))
  return {
    publish: (message) =>
      answered(`publish ${message.topic}`, (resume) => {
        const { payload, qos, retain } = packetOf(message)
        client.publish(message.topic, payload, { qos, retain }, resume)
      }),
    subscribe: (topics) =>
      answered(`subscribe to ${topics.join(", ")}`, (resume) => {
        client.subscribe([...topics], { qos: 1 }, resume)
      }),
    closed: Deferred.await(closed)
  }
})
