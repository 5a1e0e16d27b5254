/**
 * An owserver over any `Bus`. It speaks the protocol like a real one, with clients in the same process and on sockets.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as Socket from "effect/socket/Socket"
import * as Connector from "../client/Connector.ts"
import * as ReturnCode from "../protocol/ReturnCode.ts"
import type { Bus } from "./Bus.ts"
import { memorySocket, type Peer } from "./internal/memorySocket.ts"
import { Responder } from "./internal/Responder.ts"
import * as Session from "./internal/Session.ts"

export type { Peer } from "./internal/memorySocket.ts"

/**
 * Options of a server. The defaults are those of owserver 3.2p4.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * Whether the server caches as a real one does: values for 15 seconds, or 5 minutes if they hardly change, listings for 1
   * minute, and presence for 2 minutes. Default `false`.
   */
  readonly cache?: boolean | undefined
  /** Maximum number of persistent connections. The server closes further ones after their first reply. Default 20. */
  readonly persistentConnections?: number | undefined
  /** How long to keep an idle connection. Default 1 hour. */
  readonly idleTimeout?: Duration.Input | undefined
  /** How long to keep an idle connection while `crowd` or more connections are persistent. Default 10 minutes. */
  readonly crowdedIdleTimeout?: Duration.Input | undefined
  /** Number of persistent connections from which `crowdedIdleTimeout` applies. Default 10. */
  readonly crowd?: number | undefined
  /** Time limit for the first request, and for the rest of any request. Default 10 seconds. */
  readonly requestTimeout?: Duration.Input | undefined
  /** Whether to refuse all writes. Default `false`. */
  readonly readOnly?: boolean | undefined
  /**
   * Whether clients may start simultaneous conversions even if the server refuses all writes. Conversions change nothing. Default
   * `false`, as with `owserver --readonly`.
   */
  readonly simultaneous?: boolean | undefined
  /**
   * Whether to cancel a read, but not a write, once its client has gone, so that the bus is free for others. Default `false`:
   * owserver finishes what it has started.
   */
  readonly giveUp?: boolean | undefined
  /** Whether the server knows DIRALL and DIRALLSLASH. Default `true`. */
  readonly dirAll?: boolean | undefined
  /** Whether the server knows GET and GETSLASH. Default `true`. */
  readonly get?: boolean | undefined
  /** Whether to send a keepalive before every reply, as `owserver --pingcrazy` does. Default `false`. */
  readonly alwaysKeepalive?: boolean | undefined
  /** The version that the server reports. Default `3.2p4`. */
  readonly version?: string | undefined
  /** The texts of the return codes, indexed by the codes without their signs. By default the system's names, such as `EPERM`. */
  readonly returnCodes?: ReadonlyArray<string> | undefined
}

/**
 * A server.
 *
 * @category models
 * @since 0.1.0
 */
export interface Server {
  /** A connector to the server, without any socket. */
  readonly connector: Connector.Connector["Service"]

  /** Serves a connection until it ends. */
  readonly serve: (socket: Socket.Socket, peer?: Peer) => Effect.Effect<void>

  /** Closes all connections, as the end of the process would. The server accepts new ones. */
  readonly disconnect: Effect.Effect<void>

  /** Refuses new connections and closes existing ones, until `start`. */
  readonly stop: Effect.Effect<void>

  /** Accepts connections again. */
  readonly start: Effect.Effect<void>

  /** Answers nothing until `resume`, like a halted process. Then it also answers the requests that came meanwhile. */
  readonly pause: Effect.Effect<void>

  /** Answers requests again. */
  readonly resume: Effect.Effect<void>

  /** Number of connections now, and how many of them are persistent; number of requests so far. */
  readonly statistics: Effect.Effect<{
    readonly connections: number
    readonly persistent: number
    readonly requests: number
  }>
}

/**
 * Options that only a server for tests has.
 *
 * @internal
 */
export interface Simulation {
  readonly own: Readonly<Record<string, number | string>>
  readonly interfere: NonNullable<Session.Shared["interfere"]>
}

const names = Array.from({ length: 211 }, (_, code) => code === 0 ? "OK" : ReturnCode.explain(-code, 0).name)

/**
 * Makes a server for a bus. Its connections end when you `stop` it.
 *
 * **Example** (A client of a bus, without a socket)
 *
 * ```ts
 * import { type Bus, BusServer, Connector, OwClient } from "@effect-ownet/core"
 * import { Layer } from "effect"
 *
 * const clientOf = (bus: Bus.Bus) =>
 *   OwClient.layer().pipe(
 *     Layer.provide(Layer.succeed(Connector.Connector, BusServer.make("mine:", bus, { cache: true }).connector))
 *   )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  /** The name of the server in its connector, such as `w1:`. */
  name: string,
  bus: Bus,
  options: Options = {}
): Server => makeWith(name, bus, options, undefined)

/** @internal */
export const makeWith = (
  name: string,
  bus: Bus,
  options: Options,
  simulation: Simulation | undefined
): Server => {
  const idleTimeout = Duration.toMillis(options.idleTimeout ?? "1 hour")
  const shared: Session.Shared = {
    responder: new Responder(bus, {
      isReadOnly: options.readOnly ?? false,
      isConverting: options.simultaneous ?? false,
      isCached: options.cache ?? false,
      dirAll: options.dirAll ?? true,
      get: options.get ?? true,
      version: options.version ?? "3.2p4",
      returnCodes: options.returnCodes ?? names,
      own: simulation?.own
    }),
    persistentConnections: options.persistentConnections ?? 20,
    crowd: options.crowd ?? 10,
    crowdedIdleTimeout: Math.min(Duration.toMillis(options.crowdedIdleTimeout ?? "10 minutes"), idleTimeout),
    idleTimeout,
    requestTimeout: Duration.toMillis(options.requestTimeout ?? "10 seconds"),
    isAlwaysAlive: options.alwaysKeepalive ?? false,
    isGivingUp: options.giveUp ?? false,
    persistent: 0,
    requests: 0,
    interfere: simulation?.interfere,
    running: Latch.makeUnsafe(true)
  }
  const connections = new Set<Deferred.Deferred<void>>()
  let opened = 0
  let isServing = true

  const serve = (socket: Socket.Socket, peer?: Peer): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (!isServing) return peer?.reset ?? Effect.void
      const broken = Deferred.makeUnsafe<void>()
      connections.add(broken)
      return Session.serve(shared, opened++, socket, peer).pipe(
        Effect.raceFirst(Deferred.await(broken)),
        // No client can cause this, but a function in a simulated network's description or in its faults can.
        Effect.catchCauseIf(Cause.hasDies, (cause) => Effect.logError(`The server ${name} failed`, cause)),
        Effect.ensuring(Effect.sync(() => connections.delete(broken)))
      )
    })
  const disconnect = Effect.suspend(() =>
    Effect.forEach(connections, (connection) => Deferred.succeed(connection, undefined), { discard: true })
  )
  return {
    connector: Connector.fromSocket(name, memorySocket(serve, () => isServing)),
    serve,
    disconnect,
    stop: Effect.suspend(() => {
      isServing = false
      return disconnect
    }),
    start: Effect.sync(() => {
      isServing = true
    }),
    pause: Effect.asVoid(shared.running.close),
    resume: Effect.asVoid(shared.running.open),
    statistics: Effect.sync(() => ({
      connections: connections.size,
      persistent: shared.persistent,
      requests: shared.requests
    }))
  }
}
