/**
 * Runners of a fleet in processes of Node, on as many machines as you like: the engine over TCP, with its locks in PostgreSQL.
 *
 * **Gotchas**
 *
 * This module needs `@effect/platform-node`. Runners talk to each other without encryption and without a password, so let them
 * listen on a private network only.
 *
 * **Example** (A runner among others, which follows its share of the servers)
 *
 * ```ts
 * import { Fleet, NodeFleet } from "@effect-ownet/hub"
 * import { NodeNetwork } from "@effect-ownet/node"
 * import { Effect, Layer } from "effect"
 *
 * // Still needs a `SqlClient`: a `PgClient.layer` of `@effect/sql-pg`.
 * const runner = NodeFleet.layerRunner({ runner: { host: "10.8.0.2", port: 34431 } }).pipe(
 *   Layer.provide(NodeNetwork.connectors)
 * )
 *
 * const program = Effect.andThen(Fleet.Fleet.use((fleet) => fleet.follow({ every: "10 seconds" })), Effect.never).pipe(
 *   Effect.provide(runner)
 * )
 * ```
 *
 * @since 0.1.0
 */
import type { Connector } from "@effect-ownet/core"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import type * as RunnerStorage from "effect/cluster/RunnerStorage"
import type { Sharding } from "effect/cluster/Sharding"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as SocketRunner from "effect/cluster/SocketRunner"
import * as SqlRunnerStorage from "effect/cluster/SqlRunnerStorage"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Fleet from "./Fleet.ts"
import type { HistoryError } from "./HistoryError.ts"
import * as HubRelay from "./HubRelay.ts"
import * as Connections from "./internal/fleet/Connections.ts"
import * as EngineLog from "./internal/fleet/EngineLog.ts"
import * as FleetClock from "./internal/fleet/FleetClock.ts"
import * as FleetTables from "./internal/fleet/FleetTables.ts"
import * as Identity from "./internal/fleet/Identity.ts"
import * as RunnerName from "./internal/fleet/RunnerName.ts"
import * as Sites from "./internal/fleet/Sites.ts"
import * as Sockets from "./internal/fleet/Sockets.ts"
import * as Whereabouts from "./internal/fleet/Whereabouts.ts"
import * as SqlFailure from "./internal/history/SqlFailure.ts"
import * as Journal from "./Journal.ts"
import * as Owserver from "./Owserver.ts"
import * as ServerRegistry from "./ServerRegistry.ts"

/**
 * A host and a port.
 *
 * @category models
 * @since 0.1.0
 */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * Options of a runner.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The address at which all other runners and programs reach this one. It is never read from the environment. */
  readonly runner: Address
  /** The address to listen on, if it differs, for example behind a tunnel. By default the address of `runner`. */
  readonly listen?: Address | undefined
  /**
   * The site of this runner. It follows the servers of that site, and those without a site. By default, it follows only those
   * without a site.
   */
  readonly site?: string | undefined
  /** Maximum time of a call to a server. By default, a call may last as long as the server keeps answering. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * This process cannot take part in a fleet.
 *
 * **Details**
 *
 * - `Listen`: the port is taken, or the address does not belong to this machine.
 * - `Missing`: the package `@effect/platform-node` is not installed, or cannot be loaded.
 *
 * @category errors
 * @since 0.1.0
 */
export class FleetError extends Schema.TaggedError<FleetError>()("FleetError", {
  reason: Schema.Literals(["Listen", "Missing"]),
  /** The operation that failed. */
  operation: Schema.String,
  problem: Schema.String
}) {
  /** One line: the operation, the reason, and a possible remedy. */
  override get message(): string {
    return `${this.operation}: ${this.problem}`
  }

  /** Whether the same operation may succeed later, without any change. */
  get isRetryable(): boolean {
    return this.reason === "Listen"
  }
}

/** Maximum size of a message between runners, in bytes. Enough for a snapshot of a hundred thousand places. */
const maxFrameSize = 64 * 1024 * 1024

const codeOf = (cause: unknown): unknown => Predicate.hasProperty(cause, "code") ? cause.code : undefined

const wordsOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)

const listenProblem = (cause: unknown): string => {
  switch (codeOf(cause)) {
    case "EADDRINUSE":
      return "another program listens there. Give each runner on a machine its own port"
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `this machine has no such address (${
        wordsOf(cause)
      }). If the others reach it at another address, such as that of a router, give its own address as --runner-listen`
    case "EACCES":
      return `the system does not allow it (${wordsOf(cause)}). Use a port of 1024 or above`
    default:
      return wordsOf(cause)
  }
}

const load = Effect.tryPromise({
  try: () =>
    Promise.all([import("@effect/platform-node/NodeClusterSocket"), import("@effect/platform-node/NodeSocket")]).then(
      ([cluster, socket]) => ({ ...cluster, ...socket })
    ),
  catch: (cause) =>
    new FleetError({
      reason: "Missing",
      operation: "Joining the fleet",
      problem: codeOf(cause) === "ERR_MODULE_NOT_FOUND"
        ? "a fleet needs a package that is not installed: npm install @effect/platform-node"
        : `@effect/platform-node cannot be loaded: ${wordsOf(cause)}`
    })
})

/** Name of the database in errors. Its address is known only to the caller, who made the client. */
const database = "PostgreSQL"

const historyError = SqlFailure.fromSql(database, "Joining the fleet")

/** Retries, in case two runners create the tables at the same moment. */
const again = { schedule: Schedule.spaced("200 millis"), times: 5 }

const storage: Layer.Layer<
  RunnerStorage.RunnerStorage,
  SqlError,
  SqlClient.SqlClient | ShardingConfig.ShardingConfig
> = Layer.effectContext(
  Effect.retry(Layer.build(Layer.fresh(SqlRunnerStorage.layerWith({ prefix: "ow_cluster" }))), again)
)

type Config = Partial<ShardingConfig.ShardingConfig["Service"]>

/** The engine. It takes no setting from the environment, because `PORT` and `HOST` belong to other programs. */
const layerEngine = (
  { layerClientProtocol, layerSocketServer, NetSocket }: Effect.Success<typeof load>,
  config: Config
) => {
  const socket = Layer.provide(layerClientProtocol, RpcSerialization.layerSchemaBinary({ maxFrameSize }))
  const { ending, server } = Sockets.make({ NetSocket })
  return ending.pipe(
    Layer.provideMerge(SocketRunner.layer),
    Layer.provide(Layer.provide(RunnerHealth.layerPing, Runners.layerRpc)),
    Layer.provide([Layer.provide(server, layerSocketServer), socket, MessageStorage.layerNoop, storage]),
    Layer.provide([RpcSerialization.layerSchemaBinary({ maxFrameSize }), EngineLog.layer]),
    Layer.provideMerge(ShardingConfig.layer(config))
  )
}

const layerEngineOf = (options: Options) =>
  Layer.unwrap(Effect.gen(function*() {
    const { runner, site } = options
    const listen = options.listen ?? runner
    const group = Identity.groupOf(site)
    const groups = site === undefined
      ? ["default"]
      : Sites.groups(group, yield* Effect.provide(Sites.numberOf(site), FleetTables.layer))
    return layerEngine(yield* load, {
      ...Fleet.engineSettings,
      runnerAddress: Option.some(RunnerAddress.make(runner.host, runner.port)),
      runnerListenAddress: Option.some(RunnerAddress.make(listen.host, listen.port)),
      availableShardGroups: groups,
      assignedShardGroups: site === undefined ? ["default"] : ["default", group]
    }).pipe(
      Layer.catchTag("SocketServerError", ({ reason }) =>
        Layer.effectContext(Effect.fail(
          new FleetError({
            reason: "Listen",
            operation: `Listening on ${RunnerName.of(listen)}`,
            problem: listenProblem(reason.cause)
          })
        )))
    )
  })).pipe(Layer.catchTag("SqlError", (error) => Layer.effectContext(Effect.fail(historyError(error)))))

/**
 * A runner. It follows the servers of the registry that are assigned to it, answers calls to them, and runs the parts that run
 * once in the fleet if they are assigned to it. Its `SqlClient` must be for PostgreSQL, with at least five connections, one of
 * which holds the locks.
 *
 * **Details**
 *
 * - It listens only on the given address. `HOST`, `PORT` and other environment variables have no effect.
 * - All runners of a fleet use one database, and reach each other at the addresses in their option `runner`.
 * - Layers built on it use the clock of the database, so the clocks of the machines may differ.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerRunner = (
  options: Options
): Layer.Layer<
  | Fleet.Fleet
  | Journal.Journal
  | ServerRegistry.ServerRegistry
  | Owserver.OwserverClients
  | HubRelay.LocalHub
  | Sharding,
  HistoryError | FleetError,
  SqlClient.SqlClient | Connector.Connectors
> => {
  const runner = RunnerName.of(options.runner)
  return Layer.mergeAll(Fleet.layer, Owserver.layerHandlers, HubRelay.layerLocalHub).pipe(
    Layer.provide([
      Connections.layer({ timeout: options.timeout }),
      Whereabouts.layerSql({ runner, site: options.site })
    ]),
    Layer.provideMerge(Journal.layerSql({ runner })),
    Layer.provideMerge(Owserver.layerClients),
    // The engine waits by a clock that nobody ever sets.
    Layer.provideMerge(FleetClock.layer),
    Layer.provideMerge(layerEngineOf(options)),
    // This comes before the engine, whose own tables fail silently if the user of the database may not create any.
    Layer.provideMerge(ServerRegistry.layerSql)
  )
}

/**
 * The fleet for a program that runs elsewhere and only makes calls. It provides the registry, the clients of the servers that
 * `Owserver.layerNetwork` needs, and the engine that `HubRelay.layer` needs. The program must be able to reach the database and
 * all runners.
 *
 * **Example** (A temperature, whichever runner follows its server)
 *
 * ```ts
 * import { Network } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { NodeFleet, Owserver } from "@effect-ownet/hub"
 * import { Effect, Layer } from "effect"
 *
 * const cellar = Effect.gen(function*() {
 *   const network = yield* Network.Network
 *   const device = yield* network.device(DS18B20, "cellar")
 *   return yield* device.read("temperature")
 * })
 *
 * // Still needs the `SqlClient` of the fleet: a `PgClient.layer` of `@effect/sql-pg`.
 * const program = Effect.provide(cellar, Layer.provide(Owserver.layerNetwork, NodeFleet.layerClient))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerClient: Layer.Layer<
  ServerRegistry.ServerRegistry | Owserver.OwserverClients | Sharding,
  HistoryError | FleetError,
  SqlClient.SqlClient
> = Owserver.layerClients.pipe(
  Layer.provideMerge(Layer.merge(
    ServerRegistry.layerSql,
    Layer.unwrap(Effect.map(load, ({ layerClientProtocol }) =>
      SocketRunner.layerClientOnly.pipe(
        Layer.provide([
          Layer.provide(layerClientProtocol, RpcSerialization.layerSchemaBinary({ maxFrameSize })),
          MessageStorage.layerNoop,
          storage
        ]),
        Layer.provide(EngineLog.layer),
        // A client holds no shard, so it needs no session for locks, which the database could end for being idle.
        Layer.provide(ShardingConfig.layer({
          ...Fleet.engineSettings,
          runnerAddress: Option.none(),
          shardLockDisableAdvisory: true
        }))
      ))).pipe(Layer.catchTag("SqlError", (error) => Layer.effectContext(Effect.fail(historyError(error)))))
  ))
)
