/**
 * Followers of servers, spread over any number of processes. Exactly one process follows each server.
 *
 * @since 0.1.0
 */
import { Follow, Network, OwClient, type RomId } from "@effect-ownet/core"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import type { HistoryError } from "./HistoryError.ts"
import * as Connections from "./internal/fleet/Connections.ts"
import { groupOf, idOf } from "./internal/fleet/Identity.ts"
import * as Once from "./internal/fleet/Once.ts"
import * as Whereabouts from "./internal/fleet/Whereabouts.ts"
import * as Followed from "./internal/Followed.ts"
import * as Journal from "./Journal.ts"
import * as ServerRegistry from "./ServerRegistry.ts"

/**
 * Settings for following servers.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings extends Pick<Follow.Options, "alarms" | "search" | "timeout"> {
  /** Time from the start of one round of readings to the start of the next. */
  readonly every: Duration.Input
}

/**
 * The location of all parts of a fleet.
 *
 * @category models
 * @since 0.1.0
 */
export interface Where {
  /** The runners that have sent a sign of life within a day, in the order of their addresses. None in a fleet of one process. */
  readonly runners: ReadonlyArray<{
    /** Address of the runner, `host:port`. */
    readonly runner: string
    readonly site: string | undefined
    /** Start of the runner, and its last sign of life, in seconds since 1970 by the clock of the database. */
    readonly since: number
    readonly seen: number
    /** Events that wait there to be written to the journal, and events dropped since the start of the runner. */
    readonly waiting: number
    readonly dropped: number
  }>
  /** Runners of the parts that run once in the fleet. */
  readonly once: ReadonlyArray<{ readonly name: string; readonly runner: string }>
  /** The servers of the registry, in the order of their names. */
  readonly servers: ReadonlyArray<{
    readonly server: string
    readonly site: string | undefined
    /** The runner that follows the server, or followed it last. `undefined` if none has yet. */
    readonly runner: string | undefined
    /** Time since when it follows the server, and when that was last confirmed. */
    readonly since: number | undefined
    readonly seen: number | undefined
    /** The runner that followed the server before, and when that was last confirmed. It may be the same runner. */
    readonly before: { readonly runner: string; readonly seen: number } | undefined
  }>
}

/**
 * A fleet, as one of its runners sees it.
 *
 * @category services
 * @since 0.1.0
 */
export class Fleet extends Context.Service<Fleet, {
  /** The address of this runner. `undefined` in a fleet of one process. */
  readonly runner: string | undefined
  /**
   * Follows the servers assigned to this runner with these settings from now on. Before that, it follows none. If several servers
   * show a device, `isRead` decides which of them read it; by default all do.
   */
  readonly follow: (
    settings: Settings,
    isRead?: (server: string, id: RomId.RomId) => boolean
  ) => Effect.Effect<void>
  /** Makes a server read a device at once, if this runner follows the server. */
  readonly readNow: (server: string, id: RomId.RomId) => void
  readonly where: Effect.Effect<Where, HistoryError>
  /** Runs a program in exactly one runner of the fleet at a time, until the scope ends. `Fleet.once` does that for a layer. */
  readonly once: <E, R>(name: string, run: Effect.Effect<unknown, E, R>) => Effect.Effect<void, never, R | Scope.Scope>
}>()("@effect-ownet/hub/Fleet") {}

/** Scales of the history and the API. Views may convert. */
const flags = { temperatureScale: "C", pressureScale: "mbar" } as const

type IsRead = (server: string, id: RomId.RomId) => boolean

const all: IsRead = () => true

const make = Effect.gen(function*() {
  const sharding = yield* Sharding.Sharding
  const connections = yield* Connections.Connections
  const whereabouts = yield* Whereabouts.Whereabouts
  const journal = yield* Journal.Journal
  const registry = yield* ServerRegistry.ServerRegistry
  const settings = yield* SubscriptionRef.make<Settings | undefined>(undefined)
  let isRead = all
  /** Devices for servers to read at once. */
  const wanted = new Map<string, Queue.Queue<RomId.RomId>>()

  const follow = Effect.fnUntraced(function*(server: string, { alarms, every, search, timeout }: Settings) {
    const client = yield* connections.of(server)
    const queue = yield* Effect.acquireRelease(Queue.unbounded<RomId.RomId>(), (queue) =>
      Effect.andThen(
        Effect.sync(() => {
          if (wanted.get(server) === queue) wanted.delete(server)
        }),
        Queue.shutdown(queue)
      ))
    wanted.set(server, queue)
    const events = Follow.follow(Followed.targets, every, {
      alarms,
      flags,
      timeout,
      implausible: "readAgain",
      search,
      together: true,
      shared: { isRead: (id) => isRead(server, id), readNow: Stream.fromQueue(queue) }
    })
    yield* Stream.runForEach(
      events,
      (event) =>
        event._tag === "Rerouted" || event._tag === "ServerRemoved" ? Effect.void : journal.append({ ...event, server })
    ).pipe(
      Effect.provide(Layer.provide(Network.fromClient, Layer.succeed(OwClient.OwClient, client)))
    )
  }, Effect.scoped)

  /** Follows a server while it is assigned to this runner. */
  const follower = (server: string) => {
    const held = { _tag: "Server", server } as const
    return Effect.acquireUseRelease(
      whereabouts.holds(held),
      () =>
        SubscriptionRef.changes(settings).pipe(
          Stream.switchMap((settings) =>
            settings === undefined
              ? Stream.empty
              : Stream.fromEffectDrain(Once.lasting(`The follower of ${server}`, follow(server, settings)))
          ),
          Stream.runDrain
        ),
      () => whereabouts.leaves(held)
    )
  }

  const followers = new Map<string, { readonly id: string; readonly scope: Scope.Closeable }>()
  const scope = yield* Effect.scope
  yield* Stream.runForEach(registry.changes, (servers) =>
    Effect.gen(function*() {
      const wanted = new Map(servers.map((one) => [one.server, one]))
      for (const [server, { id, scope }] of followers) {
        const one = wanted.get(server)
        if (one !== undefined && idOf(one) === id) continue
        followers.delete(server)
        yield* Scope.close(scope, Exit.void)
      }
      for (const one of servers) {
        if (followers.has(one.server)) continue
        const own = yield* Scope.fork(scope)
        followers.set(one.server, { id: idOf(one), scope: own })
        yield* sharding.registerSingleton(
          idOf(one),
          Once.lasting(`The follower of ${one.server}`, follower(one.server)),
          { shardGroup: groupOf(one.site) }
        ).pipe(Scope.provide(own))
      }
    })).pipe(
      // After the registry has ended, its servers are no longer followed.
      Effect.andThen(
        Effect.suspend(() =>
          Effect.forEach(followers.values(), ({ scope }) => Scope.close(scope, Exit.void), { discard: true })
        )
      ),
      Effect.forkScoped
    )

  return {
    runner: whereabouts.runner,
    follow: (next: Settings, isReadNext = all) => {
      isRead = isReadNext
      return SubscriptionRef.updateSome(
        settings,
        (before) => Equal.equals(before, next) ? Option.none() : Option.some(next)
      )
    },
    readNow: (server: string, id: RomId.RomId) => {
      const queue = wanted.get(server)
      if (queue !== undefined) Queue.offerUnsafe(queue, id)
    },
    where: whereabouts.where,
    once: <E, R>(name: string, run: Effect.Effect<unknown, E, R>) => {
      const held = { _tag: "Once", name } as const
      return sharding.registerSingleton(
        name,
        Once.lasting(
          name,
          Once.bounded(Effect.acquireUseRelease(whereabouts.holds(held), () => run, () => whereabouts.leaves(held)))
        )
      )
    }
  }
})

/**
 * A fleet over a running engine, such as that of `layerSingle` or `NodeFleet.layerRunner`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<
  Fleet,
  never,
  | Sharding.Sharding
  | Connections.Connections
  | Whereabouts.Whereabouts
  | Journal.Journal
  | ServerRegistry.ServerRegistry
> = Layer.effect(Fleet, make)

/**
 * Keeps a layer built in exactly one runner of a fleet at a time. Use it for parts that may exist only once, such as rules or a
 * bridge to a broker. If the runner ends, the next runner builds the layer again; if the layer fails, the same runner does. Each
 * build starts from scratch.
 *
 * **Details**
 *
 * - A failed build is logged. The next attempt comes after a second, and further ones after longer pauses, up to half a minute.
 * - A runner that ends, or loses its lock, gives the layer one second to end. Finalizers can write until then.
 * - The name must be the same in all runners. An entity with the same id and the group `default` is in the same process.
 *
 * **Example** (A log of the fleet's events, written once)
 *
 * ```ts
 * import { Fleet, Journal } from "@effect-ownet/hub"
 * import { Console, Effect, Layer, Stream } from "effect"
 *
 * const log = Journal.Journal.use((journal) =>
 *   Effect.forkScoped(Stream.runForEach(journal.batches(undefined), ({ events }) => Console.log(events.length)))
 * )
 *
 * const layer = Fleet.once("log", Layer.effectDiscard(log))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const once = <A, E, R>(name: string, layer: Layer.Layer<A, E, R>): Layer.Layer<never, never, Fleet | R> =>
  Layer.effectDiscard(Fleet.use((fleet) =>
    fleet.once(
      name,
      Effect.scoped(Effect.flatMap(
        Effect.scope,
        (scope) => Effect.andThen(Layer.buildWithMemoMap(layer, Layer.makeMemoMapUnsafe(), scope), Effect.never)
      ))
    )
  ))

/**
 * Settings of the engine (`effect/cluster`) of a fleet with more than one runner.
 *
 * **Details**
 *
 * A server whose runner dies is followed again after at most `shardLockExpiration`, mostly much sooner. The shorter that time,
 * the sooner followers stop if the database cannot be reached. Never change `shardsPerGroup` while a fleet runs.
 *
 * @category settings
 * @since 0.1.0
 */
export const engineSettings = {
  shardsPerGroup: 300,
  shardLockExpiration: "12 seconds",
  shardLockRefreshInterval: "4 seconds",
  refreshAssignmentsInterval: "1 second",
  runnerHealthCheckInterval: "2 seconds",
  entityTerminationTimeout: "500 millis"
} satisfies Partial<ShardingConfig.ShardingConfig["Service"]>

/** The engine in one process, without a database or a socket. */
const single = Sharding.layer.pipe(
  Layer.provide([Runners.layerNoop, RunnerStorage.layerMemory, RunnerHealth.layerNoop]),
  Layer.provide(MessageStorage.layerNoop),
  // No other process changes anything or waits for the end, so the engine need not check.
  Layer.provide(ShardingConfig.layer({
    shardsPerGroup: 1,
    shardLockExpiration: "3 days",
    shardLockRefreshInterval: "1 day",
    refreshAssignmentsInterval: "1 day",
    entityMessagePollInterval: "1 day",
    runnerHealthCheckInterval: "1 day",
    entityTerminationTimeout: engineSettings.entityTerminationTimeout
  })),
  // The layer is ready once it holds its shard, so that parts built on it begin at once.
  Layer.tap((context) =>
    Effect.gen(function*() {
      const isReady = Latch.makeUnsafe(false)
      yield* Context.get(context, Sharding.Sharding).registerSingleton("ready", isReady.open)
      yield* isReady.await
    })
  )
)

/**
 * A fleet of one process, over the servers of its network. It needs no database and no socket, and has the same followers as any
 * other fleet.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSingle: Layer.Layer<
  Fleet | Journal.Journal | ServerRegistry.ServerRegistry,
  never,
  Network.Network
> = layer.pipe(
  Layer.provide([single, Connections.layerNetwork, Whereabouts.layerMemory]),
  Layer.provideMerge(Layer.merge(Journal.layerMemory, ServerRegistry.layerNetwork))
)
