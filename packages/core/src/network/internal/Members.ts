/**
 * The servers of a network, which come and go.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as Checked from "../../client/internal/Checked.ts"
import type * as OwClient from "../../client/OwClient.ts"
import type * as OwError from "../../client/OwError.ts"
import * as ServerAddress from "../../client/ServerAddress.ts"
import { monotonicMillis } from "../../internal/clock.ts"
import { quoted } from "../../internal/printable.ts"
import type * as Network from "../Network.ts"

/** Milliseconds from one attempt to reach a server that fails to the next, while others are asked in its place. */
const probeEvery = 5000

/** A server, as long as it is in the network. */
export class Member {
  readonly name: string
  readonly client: OwClient.Client
  /** Where it stands among all that have been added. */
  readonly order: number
  isRemoved = false
  readonly address: string
  private readonly scope: Scope.Closeable
  /** From when on it is tried again, on the monotonic clock. `undefined` while it works. */
  private retryAt: number | undefined

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

  /** It has not answered. */
  readonly fails: Effect.Effect<void> = Effect.map(Clock.Clock, (clock) => {
    this.retryAt ??= monotonicMillis(clock) + probeEvery
  })

  /** Asks it in the background whether it works again, if it is time for that. Nobody waits for it. */
  readonly probe: Effect.Effect<void> = Effect.flatMap(Clock.Clock, (clock) => {
    const now = monotonicMillis(clock)
    if (this.retryAt === undefined || now < this.retryAt) return Effect.void
    this.retryAt = now + probeEvery
    return Effect.asVoid(Effect.forkIn(
      Effect.match(this.client.ping({ retry: false }), { onFailure: () => undefined, onSuccess: () => this.works() }),
      this.scope
    ))
  })

  /** Closes what is open, and ends what was asked. */
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
}

export class Members {
  private readonly connect: Connect
  private readonly scope: Scope.Scope
  private readonly ref: SubscriptionRef.SubscriptionRef<ReadonlyArray<Member>>
  /** One change at a time. */
  private readonly turn = Semaphore.makeUnsafe(1)
  private added = 0

  private constructor(
    connect: Connect,
    scope: Scope.Scope,
    ref: SubscriptionRef.SubscriptionRef<ReadonlyArray<Member>>
  ) {
    this.connect = connect
    this.scope = scope
    this.ref = ref
  }

  static make(connect: Connect): Effect.Effect<Members, never, Scope.Scope> {
    return Effect.zipWith(
      Effect.scope,
      SubscriptionRef.make<ReadonlyArray<Member>>([]),
      (scope, ref) => new Members(connect, scope, ref)
    )
  }

  /** Those of a network of one client that is not the network's own. */
  static of(client: OwClient.Client): Effect.Effect<Members> {
    const scope = Scope.makeUnsafe()
    const member = new Member(client.server, client.server, client, 0, scope)
    return Effect.map(
      SubscriptionRef.make<ReadonlyArray<Member>>([member]),
      (ref) =>
        new Members(
          () => adding.refuse("address", `is one too many: the network is that of ${client.server}`),
          scope,
          ref
        )
    )
  }

  get now(): ReadonlyArray<Member> {
    return SubscriptionRef.getUnsafe(this.ref)
  }

  get changes() {
    return SubscriptionRef.changes(this.ref)
  }

  find(name: string): Member | undefined {
    return this.now.find((member) => member.name === name)
  }

  readonly add = (address: Network.Address): Effect.Effect<void, OwError.ArgumentError> =>
    this.turn.withPermit(Effect.flatMap(parse(adding, address), (named) => this.insert(adding, named)))

  readonly remove = (server: Network.Address): Effect.Effect<void, OwError.ArgumentError> =>
    this.turn.withPermit(Effect.suspend(() => {
      const byName = typeof server === "string" ? this.find(server) : undefined
      return byName !== undefined ?
        this.delete(byName) :
        Effect.flatMap(parse(removing, server), ({ address, name }) => {
          const member = this.find(name)
          return member?.address === ServerAddress.format(address) ? this.delete(member) : Effect.void
        })
    }))

  readonly set = (addresses: ReadonlyArray<Network.Address>): Effect.Effect<void, OwError.ArgumentError> =>
    this.turn.withPermit(
      Effect.flatMap(Effect.forEach(addresses, (address) => parse(setting, address)), (named) => this.replace(named))
    )

  /** The same, with a warning for each address that makes no sense. */
  readonly setAll = (addresses: ReadonlyArray<Network.Address>): Effect.Effect<void> =>
    this.turn.withPermit(Effect.gen({ self: this }, function*() {
      const [named, problems] = yield* Effect.partition(addresses, (address) => parse(setting, address))
      for (const { message } of problems) yield* Effect.logWarning(message)
      yield* Effect.catch(this.replace(named), ({ message }) => Effect.logWarning(message))
    }))

  private replace(named: ReadonlyArray<Named>): Effect.Effect<void, OwError.ArgumentError> {
    const isKept = (member: Member): boolean =>
      named.some(({ address, name }) => name === member.name && ServerAddress.format(address) === member.address)
    return Effect.gen({ self: this }, function*() {
      for (const member of this.now) if (!isKept(member)) yield* this.delete(member)
      for (const one of named) yield* this.insert(setting, one)
    })
  }

  private insert(
    checked: ReturnType<typeof Checked.of>,
    { address, name }: Named
  ): Effect.Effect<void, OwError.ArgumentError> {
    return Effect.suspend(() => {
      const formatted = ServerAddress.format(address)
      const other = this.find(name)
      if (other !== undefined) {
        return other.address === formatted
          ? Effect.void
          : checked.refuse("address", `${quoted(formatted)} has the name of ${quoted(other.address)}: ${quoted(name)}`)
      }
      return Effect.flatMap(Scope.fork(this.scope), (scope) =>
        Effect.flatMap(
          Scope.provide(this.connect(address), scope),
          (client) =>
            SubscriptionRef.update(
              this.ref,
              (members) => [...members, new Member(name, formatted, client, this.added++, scope)]
            )
        ))
    })
  }

  private delete(member: Member): Effect.Effect<void> {
    return Effect.andThen(
      SubscriptionRef.update(this.ref, (members) => members.filter((one) => one !== member)),
      member.close
    )
  }
}

const adding = Checked.of("Network.add")
const removing = Checked.of("Network.remove")
const setting = Checked.of("Network.set")

const parse = (
  checked: ReturnType<typeof Checked.of>,
  given: Network.Address
): Effect.Effect<Named, OwError.ArgumentError> => {
  if (typeof given === "string") {
    return Option.match(ServerAddress.fromString(given), {
      onNone: () => checked.refuse("address", `${quoted(given)} is no server: ${ServerAddress.problem(given)}`),
      onSome: (address) => Effect.succeed({ name: nameOf(address), address })
    })
  }
  const { host, name, port = ServerAddress.defaultPort } = given
  if (typeof host !== "string" || host === "") return checked.refuse("address", "must have a host")
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return checked.refuse("address", `must have a port from 1 to 65535, not ${String(port)}`)
  }
  const address = { host, port }
  return Effect.succeed({ name: name ?? nameOf(address), address })
}

/** An address as people write it. */
const nameOf = (address: ServerAddress.ServerAddress): string =>
  address.port === ServerAddress.defaultPort && !address.host.includes(":")
    ? address.host
    : ServerAddress.format(address)
