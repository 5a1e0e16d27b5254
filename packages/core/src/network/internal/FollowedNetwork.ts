/**
 * The servers of a network, each of which is followed by itself, as one stream of events.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import { isFinal } from "../../monitor/internal/Outages.ts"
import type * as RomId from "../../onewire/RomId.ts"
import type * as Follow from "../Follow.ts"
import type * as Network from "../Network.ts"
import { Following, type Rules, type ServerEvent } from "./Following.ts"
import { Ownership } from "./Ownership.ts"

/** An element of one of the streams that are merged. */
type Incoming =
  | { readonly _tag: "Servers"; readonly servers: ReadonlyArray<Network.Server> }
  | { readonly _tag: "Event"; readonly from: Followed; readonly event: ServerEvent }
  /** The rounds of a server are over, or it was removed. */
  | { readonly _tag: "Over"; readonly from: Followed }

/** A server that is followed. */
interface Followed {
  readonly server: string
  readonly client: OwClient.Client
  readonly following: Pick<Following<unknown, unknown>, "readNow">
  /** Opens when the server is no longer in the network. */
  readonly removed: Latch.Latch
}

type Sources<E, R> = Queue.Queue<Stream.Stream<Incoming, OwError.OwError | E, R>>

class FollowedNetwork<E, R> {
  private readonly network: Network.Service
  private readonly rules: Rules<E, R>
  private readonly sources: Sources<E, R>
  private readonly servers = new Map<string, Followed>()
  private readonly ownership: Ownership
  /** Number of servers with rounds to come. */
  private running = 0

  constructor(network: Network.Service, rules: Rules<E, R>, sources: Sources<E, R>) {
    this.network = network
    this.rules = rules
    this.sources = sources
    this.ownership = new Ownership(rules.targets, (server, id) => this.servers.get(server)?.following.readNow(id))
  }

  get events(): Stream.Stream<Follow.Event, OwError.OwError | E, R> {
    const servers = Stream.map(this.network.changes, (servers): Incoming => ({ _tag: "Servers", servers }))
    Queue.offerUnsafe(this.sources, Stream.concat(servers, Stream.suspend(() => Stream.fail(closed()))))
    return Stream.fromQueue(this.sources).pipe(
      // Without a buffer, one element of each source waits at most. All sources are merged at once, so that what came first is told
      // first.
      Stream.flatMap((source) => source, { concurrency: "unbounded", bufferSize: 0 }),
      // State changes only here, in the order of the events.
      Stream.mapEffect((incoming) => this.take(incoming)),
      Stream.takeUntil(() => this.servers.size > 0 && this.running === 0),
      Stream.flattenIterable
    )
  }

  private take(incoming: Incoming): Effect.Effect<ReadonlyArray<Follow.Event>> {
    switch (incoming._tag) {
      case "Servers":
        return this.change(incoming.servers)
      case "Event": {
        const { event, from } = incoming
        const isFollowed = this.servers.get(from.server) === from
        return Effect.sync(() => isFollowed ? this.ownership.take(from.server, event) : [])
      }
      case "Over":
        return Effect.sync(() => {
          this.running--
          return []
        })
    }
  }

  /** The client of a server that is removed may be closed before that is told. */
  private unlessRemoved<Error>(client: OwClient.Client, error: Error): Effect.Effect<void, Error> {
    return Effect.flatMap(
      this.network.servers,
      (servers) => servers.some((one) => one.client === client) ? Effect.fail(error) : Effect.void
    )
  }

  /** Begins to follow the servers that are new, and ends with those that are gone. */
  private readonly change = Effect.fnUntraced(function*(
    this: FollowedNetwork<E, R>,
    servers: ReadonlyArray<Network.Server>
  ): Effect.fn.Return<ReadonlyArray<Follow.Event>> {
    const at = yield* DateTime.nowAsDate
    const events: Array<Follow.Event> = []
    for (const { client, removed, server } of [...this.servers.values()]) {
      if (servers.some((one) => one.client === client)) continue
      removed.openUnsafe()
      this.servers.delete(server)
      events.push(...this.ownership.removeServer(server, at))
    }
    for (const { client, name } of servers) {
      if (this.servers.has(name)) continue
      events.push(...this.ownership.addServer(name, at))
      yield* this.begin(name, client)
    }
    return events
  })

  private begin(server: string, client: OwClient.Client): Effect.Effect<void> {
    const { rounds, ...rules } = this.rules
    const isRead = (id: RomId.RomId): boolean => this.ownership.isRead(server, id)
    return Effect.map(
      Following.make(client, { ...rules, rounds: { ...rounds, bus: { ...rounds.bus, isRead } } }),
      (following) => {
        const from: Followed = { server, client, following, removed: Latch.makeUnsafe(false) }
        this.servers.set(server, from)
        this.running++
        const events = following.events.pipe(
          Stream.map((event): Incoming => ({ _tag: "Event", from, event })),
          Stream.interruptWhen(from.removed.await),
          Stream.catchIf(isClosed, (error) => Stream.fromEffectDrain(this.unlessRemoved(client, error))),
          Stream.concat(Stream.succeed<Incoming>({ _tag: "Over", from }))
        )
        Queue.offerUnsafe(this.sources, events)
      }
    )
  }
}

/** The end of a network, which may have had no server. */
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

/** All that is seen of a network. */
export const events = <E, R>(
  network: Network.Service,
  rules: Rules<E, R>
): Effect.Effect<Stream.Stream<Follow.Event, OwError.OwError | E, R>> =>
  Effect.map(
    Queue.unbounded<Stream.Stream<Incoming, OwError.OwError | E, R>>(),
    (sources) => new FollowedNetwork(network, rules, sources).events
  )
