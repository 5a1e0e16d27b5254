/**
 * An owserver over any `Bus`: the protocol as the real one speaks it, for clients in the same process and on sockets.
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
   * Whether the server caches as a real one does: values for 15 seconds, or 5 minutes if they hardly change, listings for
   * 1 minute, and presence for 2 minutes. Default `false`.
   */
  readonly cache?: boolean | undefined
  /** Maximum number of connections that are kept; further ones are closed after their first reply. Default 20. */
  readonly persistentConnections?: number | undefined
  /** How long an idle connection is kept. Default 1 hour. */
  readonly idleTimeout?: Duration.Input | undefined
  /** How long an idle connection is kept while `crowd` or more are. Default 10 minutes. */
  readonly crowdedIdleTimeout?: Duration.Input | undefined
  /** Number of kept connections from which on `crowdedIdleTimeout` holds. Default 10. */
  readonly crowd?: number | undefined
  /** How long the first request, or the rest of any request, may take to come. Default 10 seconds. */
  readonly requestTimeout?: Duration.Input | undefined
  /** Refuses all writes. Default `false`. */
  readonly readOnly?: boolean | undefined
  /**
   * Lets clients begin simultaneous conversions although it refuses all writes: they change nothing. Default `false`, as with
   * `owserver --readonly`.
   */
  readonly simultaneous?: boolean | undefined
  /**
   * Gives up a read, but no write, once its client has gone, so that the bus is free for others. Default `false`: owserver finishes what it
   * has begun.
   */
  readonly giveUp?: boolean | undefined
  /** Knows DIRALL and DIRALLSLASH. Default `true`. */
  readonly dirAll?: boolean | undefined
  /** Knows GET and GETSLASH. Default `true`. */
  readonly get?: boolean | undefined
  /** Sends a keepalive in front of every reply, as `owserver --pingcrazy` does. Default `false`. */
  readonly alwaysKeepalive?: boolean | undefined
  /** The version that it reports. Default `3.2p4`. */
  readonly version?: string | undefined
  /** The texts of the return codes, by the codes without their signs. By default the systems' names, such as `EPERM`. */
  readonly returnCodes?: ReadonlyArray<string> | undefined
}

/**
 * A server.
 *
 * @category models
 * @since 0.1.0
 */
export interface Server {
  /** A connector to it, without any socket. */
  readonly connector: Connector.Connector["Service"]

  /** Serves a connection until its end. */
  readonly serve: (socket: Socket.Socket, peer?: Peer) => Effect.Effect<void>

  /** Closes all connections, as the end of the process would. New ones are served. */
  readonly disconnect: Effect.Effect<void>

  /** Refuses connections and closes those that it has, until `start`. */
  readonly stop: Effect.Effect<void>

  /** Serves again. */
  readonly start: Effect.Effect<void>

  /** Answers nothing until `resume`, as a process that is halted. Then it also answers what came meanwhile. */
  readonly pause: Effect.Effect<void>

  /** Answers again. */
  readonly resume: Effect.Effect<void>

  /** Connections now, and how many of them are kept; requests so far. */
  readonly statistics: Effect.Effect<{
    readonly connections: number
    readonly persistent: number
    readonly requests: number
  }>
}

/**
 * What only a server for tests has.
 *
 * @internal
 */
export interface Simulation {
  readonly own: Readonly<Record<string, number | string>>
  readonly interfere: NonNullable<Session.Shared["interfere"]>
}

const names = Array.from({ length: 211 }, (_, code) => code === 0 ? "OK" : ReturnCode.explain(-code, 0).name)

/**
 * Makes a server for a bus. Its connections end when it is told to `stop`.
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
  /** The server as its connector names it, such as `w1:`. */
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
        // No client can cause this, but a function in the description of a simulated network or in its faults can.
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
