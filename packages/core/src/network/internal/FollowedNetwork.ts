/**
 * Follows each server of a network separately, and merges their events into one stream.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import { isFinal } from "../../monitor/internal/Outages.ts"
import { Pauses } from "../../monitor/internal/Pauses.ts"
import type * as RomId from "../../onewire/RomId.ts"
import type * as Follow from "../Follow.ts"
import type * as Network from "../Network.ts"
import { type Fibers, Following, type Rules, type Told } from "./Following.ts"
import { Ownership } from "./Ownership.ts"

/** A message of one of the fibers. */
type Incoming =
  | { readonly _tag: "Servers"; readonly servers: ReadonlyArray<Network.Server> }
  | { readonly _tag: "Told"; readonly from: Followed; readonly told: Told }
  /** A server that was removed has failed. */
  | { readonly _tag: "Gone"; readonly from: Followed }
  /** A device should be read at once. */
  | { readonly _tag: "Wanted"; readonly id: RomId.RomId }

/** A server that is followed. */
interface Followed {
  readonly server: string
  readonly client: OwClient.Client
  readonly following: Pick<Following<unknown, unknown>, "readNow" | "take" | "isOver">
  /** The scope of its fibers. */
  readonly scope: Scope.Closeable
  /** Whether it has no more rounds. */
  isOver: boolean
}

class FollowedNetwork<E, R> {
  private readonly network: Network.Service
  private readonly rules: Rules<E, R>
  private readonly shared: Follow.Shared | undefined
  /** Has no buffer, so that at most one element of each fiber waits. Elements are taken in order. */
  private readonly queue: Queue.Queue<Incoming, OwError.OwError | E>
  private readonly run: (effect: Effect.Effect<void, never, R>) => Fiber.Fiber<void>
  private readonly scope: Scope.Scope
  private readonly pauses: Pick<Fibers<never, never>, "rests" | "pauses">
  private readonly servers = new Map<string, Followed>()
  private readonly ownership: Ownership
  /** Number of servers with rounds to come. */
  private running = 0

  constructor(
    network: Network.Service,
    rules: Rules<E, R>,
    shared: Follow.Shared | undefined,
    queue: Queue.Queue<Incoming, OwError.OwError | E>,
    run: (effect: Effect.Effect<void, never, R>) => Fiber.Fiber<void>,
    scope: Scope.Scope,
    clock: Clock.Clock
  ) {
    this.network = network
    this.rules = rules
    this.shared = shared
    this.queue = queue
    this.run = run
    this.scope = scope
    const pauses = () => new Pauses(clock, (effect) => Fiber.runIn(run(effect), scope))
    this.pauses = { rests: pauses(), pauses: pauses() }
    this.ownership = new Ownership(rules.targets, (server, id) => this.servers.get(server)?.following.readNow(id))
  }

  get events(): Stream.Stream<Follow.Event, OwError.OwError | E> {
    const servers = Effect.andThen(
      Stream.runForEach(
        this.network.changes,
        (servers) => Queue.offer(this.queue, { _tag: "Servers", servers })
      ),
      Effect.suspend(() => Queue.fail(this.queue, closed()))
    )
    Fiber.runIn(this.run(servers), this.scope)
    if (this.shared !== undefined) {
      const wanted = Stream.runForEach(this.shared.readNow, (id) => Queue.offer(this.queue, { _tag: "Wanted", id }))
      Fiber.runIn(this.run(wanted), this.scope)
    }
    return Stream.fromEffectRepeat(Queue.take(this.queue)).pipe(
      // State changes only here, in the order of the events.
      Stream.mapEffect((incoming) => this.take(incoming)),
      Stream.takeUntil(() => this.servers.size > 0 && this.running === 0),
      Stream.flattenIterable
    )
  }

  private take(incoming: Incoming): Effect.Effect<ReadonlyArray<Follow.Event>> {
    if (incoming._tag === "Servers") return this.change(incoming.servers)
    if (incoming._tag === "Wanted") {
      for (const { following } of this.servers.values()) following.readNow(incoming.id)
      return Effect.succeed([])
    }
    const { from } = incoming
    if (incoming._tag === "Gone") return Effect.as(this.end(from), [])
    if (from.isOver) return Effect.succeed([])
    const events = from.following.take(incoming.told).flatMap((event) => this.ownership.take(from.server, event))
    return from.following.isOver ? Effect.as(this.end(from), events) : Effect.succeed(events)
  }

  /** Ends the fibers of a server. */
  private end(from: Followed): Effect.Effect<void> {
    if (!from.isOver) this.running--
    from.isOver = true
    return Scope.close(from.scope, Exit.void)
  }

  /** Starts following new servers, and stops following removed ones. */
  private readonly change = Effect.fnUntraced(function*(
    this: FollowedNetwork<E, R>,
    servers: ReadonlyArray<Network.Server>
  ): Effect.fn.Return<ReadonlyArray<Follow.Event>> {
    const at = yield* DateTime.nowAsDate
    const events: Array<Follow.Event> = []
    const clients = new Set(servers.map(({ client }) => client))
    for (const followed of this.servers.values()) {
      if (clients.has(followed.client)) continue
      const { server } = followed
      this.servers.delete(server)
      yield* this.end(followed)
      events.push(...this.ownership.removeServer(server, at))
    }
    for (const { client, name } of servers) {
      if (this.servers.has(name)) continue
      events.push(...this.ownership.addServer(name, at))
      this.begin(name, client)
    }
    return events
  })

  private begin(server: string, client: OwClient.Client): void {
    const scope = Scope.forkUnsafe(this.scope)
    const following = new Following(client, this.rules, {
      start: (effect) => {
        // Runs only after the current message has been taken completely.
        const whole = Effect.andThen(Effect.yieldNow, effect)
        Fiber.runIn(this.run(Effect.catchCause(whole, (cause) => this.onFailure(from, cause))), scope)
      },
      tell: (told) => Effect.asVoid(Queue.offer(this.queue, { _tag: "Told", from, told })),
      ...this.pauses,
      isRead: (id) => this.ownership.isRead(server, id) && this.shared?.isRead(id) !== false
    })
    const from: Followed = { server, client, following, scope, isOver: false }
    this.servers.set(server, from)
    this.running++
    following.start()
  }

  /** The client of a removed server may be closed before its removal is reported. */
  private onFailure(from: Followed, cause: Cause.Cause<OwError.OwError | E>): Effect.Effect<void> {
    // Its fibers were ended.
    if (from.isOver) return Effect.void
    const { queue } = this
    const error = Cause.findError(cause)
    const failed = Effect.asVoid(Queue.failCause(queue, cause))
    return Result.isSuccess(error) && isClosed(error.success)
      ? Effect.flatMap(
        this.network.servers,
        (servers) =>
          servers.some(({ client }) => client === from.client)
            ? failed
            : Effect.asVoid(Queue.offer(queue, { _tag: "Gone", from }))
      )
      : failed
  }
}

/** The error of a closed network, which may have had no server. */
const closed = (): OwError.ConnError =>
  new OwError.ConnError({
    reason: { _tag: "ClientClosed" },
    operation: "connect",
    server: "the servers of a network",
    problem: "this network has been closed",
    attempts: [],
    requestSent: false
  })

const isClosed = (error: unknown): error is OwError.ConnError => error instanceof OwError.ConnError && isFinal(error)

/** All events of a network, while the scope is open. */
export const events = Effect.fnUntraced(function*<E, R>(
  network: Network.Service,
  rules: Rules<E, R>,
  shared: Follow.Shared | undefined
): Effect.fn.Return<Stream.Stream<Follow.Event, OwError.OwError | E>, never, R | Scope.Scope> {
  const queue = yield* Queue.bounded<Incoming, OwError.OwError | E>(0)
  const run = Effect.runForkWith(yield* Effect.context<R>())
  return new FollowedNetwork(network, rules, shared, queue, run, yield* Effect.scope, yield* Clock.Clock).events
})
