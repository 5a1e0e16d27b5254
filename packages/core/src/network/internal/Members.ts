/**
 * The servers of a network, which can be added and removed.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as Checked from "../../client/internal/Checked.ts"
import type * as OwClient from "../../client/OwClient.ts"
import type * as OwError from "../../client/OwError.ts"
import * as ServerAddress from "../../client/ServerAddress.ts"
import { monotonicMillis } from "../../internal/clock.ts"
import { quoted } from "../../internal/printable.ts"
import type * as Network from "../Network.ts"

/** Milliseconds between two attempts to reach a failing server while others are used in its place. */
const probeEvery = 5000

/** A server, as long as it belongs to the network. */
export class Member {
  readonly name: string
  readonly client: OwClient.Client
  /** Number of servers that were added before it. */
  readonly order: number
  isRemoved = false
  readonly address: string
  private readonly scope: Scope.Closeable
  /** Time on the monotonic clock from which it is tried again. `undefined` while it works. */
  private retryAt: number | undefined
  private isProbed = false

  constructor(name: string, address: string, client: OwClient.Client, order: number, scope: Scope.Closeable) {
    this.name = name
    this.address = address
    this.client = client
    this.order = order
    this.scope = scope
  }

  get isFailing(): boolean {
    return this.retryAt !== undefined
  }

  works(): void {
    this.retryAt = undefined
  }

  /** Records that the server has not answered. */
  readonly fails: Effect.Effect<void> = Effect.map(Clock.Clock, (clock) => {
    this.retryAt ??= monotonicMillis(clock) + probeEvery
  })

  /** Checks in the background whether the server works again, if that is due. No call waits for it. */
  readonly probe: Effect.Effect<void> = Effect.flatMap(Clock.Clock, (clock) => {
    const now = monotonicMillis(clock)
    if (this.isProbed || this.retryAt === undefined || now < this.retryAt) return Effect.void
    this.retryAt = now + probeEvery
    this.isProbed = true
    return Effect.asVoid(Effect.forkIn(
      Effect.match(this.client.ping({ retry: false }), {
        onFailure: () => void (this.isProbed = false),
        onSuccess: () => {
          this.isProbed = false
          this.works()
        }
      }),
      this.scope
    ))
  })

  /** Closes its connections and ends its calls. */
  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    this.isRemoved = true
    return Scope.close(this.scope, Exit.void)
  })
}

type Connect = (
  address: ServerAddress.ServerAddress
) => Effect.Effect<OwClient.Client, OwError.ArgumentError, Scope.Scope>

interface Named {
  readonly name: string
  readonly address: ServerAddress.ServerAddress
  readonly formatted: string
}

export class Members {
  private readonly connect: Connect
  private readonly scope: Scope.Scope
  /** Keeps the latest list for slow readers. */
  private readonly published: PubSub.PubSub<ReadonlyArray<Member>>
  /** Allows one change at a time. */
  private readonly turn = Semaphore.makeUnsafe(1)
  private all: ReadonlyArray<Member>
  private added = 0
  /** Called with each server that was removed. */
  onRemoved: (member: Member) => void = () => undefined

  private constructor(
    connect: Connect,
    scope: Scope.Scope,
    published: PubSub.PubSub<ReadonlyArray<Member>>,
    all: ReadonlyArray<Member>
  ) {
    this.connect = connect
    this.scope = scope
    this.published = published
    this.all = all
    PubSub.publishUnsafe(published, all)
  }

  static make(connect: Connect): Effect.Effect<Members, never, Scope.Scope> {
    return Effect.zipWith(
      Effect.scope,
      Effect.acquireRelease(latest, PubSub.shutdown),
      (scope, published) => new Members(connect, scope, published, [])
    )
  }

  /** The members of a network of one client, which the network does not own. */
  static of(client: OwClient.Client): Effect.Effect<Members> {
    const scope = Scope.makeUnsafe()
    const name = Option.match(ServerAddress.fromString(client.server), {
      onNone: () => client.server,
      onSome: ServerAddress.nameOf
    })
    const member = new Member(name, client.server, client, 0, scope)
    return Effect.map(
      latest,
      (published) =>
        new Members(
          () => adding.refuse("address", `is one too many: the network is that of ${client.server}`),
          scope,
          published,
          [member]
        )
    )
  }

  get now(): ReadonlyArray<Member> {
    return this.all
  }

  get changes(): Stream.Stream<ReadonlyArray<Member>> {
    return Stream.fromPubSub(this.published)
  }

  readonly add = (address: Network.Address): Effect.Effect<void, OwError.ArgumentError> =>
    this.inTurn(() =>
      Effect.flatMap(parse(adding, address), (named) => {
        const other = this.all.find(({ name }) => name === named.name)
        if (other === undefined) return Effect.flatMap(this.open(named), (member) => this.put([...this.all, member]))
        return other.address === named.formatted ? Effect.void : isTaken(adding, named, other.address)
      })
    )

  readonly remove = (server: Network.Address): Effect.Effect<void, OwError.ArgumentError> =>
    this.inTurn(() => {
      if (typeof server === "string") {
        const others = this.all.filter(({ name }) => name !== server)
        // A name that is not, or no longer, in the network need not be an address.
        if (others.length < this.all.length || Option.isNone(ServerAddress.fromString(server))) return this.put(others)
      }
      return Effect.flatMap(parse(removing, server), ({ formatted }) => {
        const given = typeof server === "string" ? undefined : server.name
        return this.put(
          this.all.filter(({ address, name }) => address !== formatted || (given !== undefined && given !== name))
        )
      })
    })

  readonly set = (addresses: ReadonlyArray<Network.Address>): Effect.Effect<void, OwError.ArgumentError> =>
    this.inTurn(() =>
      Effect.flatMap(
        Effect.forEach(addresses, (address) => parse(setting, address)),
        (named) => this.replace(named, Effect.fail)
      )
    )

  /** Like `set`, with a warning for each invalid address. */
  readonly setAll = (addresses: ReadonlyArray<Network.Address>): Effect.Effect<void> =>
    this.inTurn(() =>
      Effect.flatMap(
        Effect.partition(addresses, (address) => parse(setting, address)),
        ([named, problems]) =>
          Effect.andThen(Effect.forEach(problems, warn, { discard: true }), this.replace(named, warn))
      )
    )

  /** A change that has begun is completed, so that removed servers are closed. */
  private inTurn<E>(change: () => Effect.Effect<void, E>): Effect.Effect<void, E> {
    return this.turn.withPermit(Effect.uninterruptible(Effect.suspend(change)))
  }

  /** Replaces all servers. Reports problems before it changes anything. */
  private replace<E>(
    named: ReadonlyArray<Named>,
    onProblem: (error: OwError.ArgumentError) => Effect.Effect<void, E>
  ): Effect.Effect<void, E> {
    return Effect.gen({ self: this }, function*() {
      const wanted = new Map<string, Named>()
      for (const one of named) {
        const other = wanted.get(one.name)
        if (other === undefined) wanted.set(one.name, one)
        else if (other.formatted !== one.formatted) {
          yield* Effect.catch(isTaken(setting, one, other.formatted), onProblem)
        }
      }
      const kept = this.all.filter(({ address, name }) => wanted.get(name)?.formatted === address)
      for (const { name } of kept) wanted.delete(name)
      const opened: Array<Member> = []
      yield* Effect.forEach(
        wanted.values(),
        (one) => Effect.catch(Effect.map(this.open(one), (member) => void opened.push(member)), onProblem),
        { discard: true }
      ).pipe(Effect.onError(() => Effect.forEach(opened, ({ close }) => close, { discard: true })))
      yield* this.put([...kept, ...opened])
    })
  }

  /** Opens a client of a server. If that fails, everything it has opened is closed. */
  private open({ address, formatted, name }: Named): Effect.Effect<Member, OwError.ArgumentError> {
    return Effect.flatMap(Scope.fork(this.scope), (scope) =>
      Scope.provide(this.connect(address), scope).pipe(
        Effect.map((client) => new Member(name, formatted, client, this.added++, scope)),
        Effect.onError(() => Scope.close(scope, Exit.void))
      ))
  }

  /** Replaces the list of servers, and closes the others. */
  private put(members: ReadonlyArray<Member>): Effect.Effect<void> {
    return Effect.suspend(() => {
      const before = this.all
      if (members.length === before.length && members.every((member, at) => member === before[at])) return Effect.void
      this.all = members
      const removed = before.filter((member) => !members.includes(member))
      return Effect.andThen(
        PubSub.publish(this.published, members),
        Effect.forEach(
          removed,
          (member) => Effect.andThen(member.close, Effect.sync(() => this.onRemoved(member))),
          { discard: true }
        )
      )
    })
  }
}

const latest = PubSub.sliding<ReadonlyArray<Member>>({ capacity: 1, replay: 1 })

const warn = ({ message }: OwError.ArgumentError): Effect.Effect<void> => Effect.logWarning(message)

const adding = Checked.of("Network.add")
const removing = Checked.of("Network.remove")
const setting = Checked.of("Network.set")

const isTaken = (
  checked: ReturnType<typeof Checked.of>,
  { formatted, name }: Named,
  other: string
): Effect.Effect<never, OwError.ArgumentError> =>
  checked.refuse("address", `${quoted(formatted)} has the same name as ${quoted(other)}: ${quoted(name)}`)

const parse = (
  checked: ReturnType<typeof Checked.of>,
  given: Network.Address
): Effect.Effect<Named, OwError.ArgumentError> => {
  if (typeof given === "string") {
    return Option.match(ServerAddress.fromString(given), {
      onNone: () =>
        checked.refuse("address", `${quoted(given)} is not a server address: ${ServerAddress.problem(given)}`),
      onSome: (address) => Effect.succeed(named(address, undefined))
    })
  }
  // Tells untyped callers too.
  const address = given ?? { host: "" }
  const { name } = address
  if (name !== undefined && (typeof name !== "string" || name === "")) {
    return checked.refuse("address", "must have a string as its name, or none")
  }
  if (address.w1 !== undefined) {
    const { w1 } = address
    return Option.match(typeof w1 === "string" && w1 !== "" ? ServerAddress.fromString(`w1:${w1}`) : Option.none(), {
      onNone: () => checked.refuse("address", "must have an absolute path as w1, such as /sys/bus/w1"),
      onSome: (address) => Effect.succeed(named(address, name))
    })
  }
  const { host, port = ServerAddress.defaultPort } = address
  if (typeof host !== "string" || host === "") return checked.refuse("address", "must have a host")
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return checked.refuse("address", `must have a port from 1 to 65535, not ${String(port)}`)
  }
  return Effect.succeed(named({ host, port }, name))
}

const named = (address: ServerAddress.ServerAddress, name: string | undefined): Named => ({
  name: name ?? ServerAddress.nameOf(address),
  address,
  formatted: ServerAddress.format(address)
})
