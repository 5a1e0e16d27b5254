/**
 * Finds servers that announce themselves by multicast DNS on the networks of this machine.
 *
 * Debian's owserver does not announce itself; a file for Avahi makes it known. An announced server need not be reachable, and
 * anybody on the network can announce anything.
 *
 * This module needs `@effect/platform-node` and has its own import: `@effect-ownet/node/NodeBrowse`.
 *
 * @since 0.1.0
 */
import * as NodeDatagramSocket from "@effect/platform-node/NodeDatagramSocket"
import * as Arr from "effect/Array"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type * as DatagramSocket from "effect/socket/DatagramSocket"
import * as Stream from "effect/Stream"
import * as Os from "node:os"
import * as Browsing from "./internal/Browsing.ts"

/**
 * A server that announces itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface Server {
  /** Name of the announcement, such as `owserver on raspberrypi`. Anybody on the network chooses it. */
  readonly name: string
  /** Name of its host, such as `raspberrypi.local`. Not every system can resolve it. */
  readonly host: string
  readonly port: number
  /**
   * Addresses of its host: IPv4 first, link-local ones last and with the interface that they are reached by, as in
   * `fe80::1%eth0`.
   */
  readonly addresses: Arr.NonEmptyReadonlyArray<string>
}

/**
 * A server is announced for the first time, or again after it was withdrawn.
 *
 * @category models
 * @since 0.1.0
 */
export interface Announced {
  readonly _tag: "Announced"
  readonly server: Server
  readonly at: Date
}

/**
 * A server is announced with another host, port or address than before.
 *
 * @category models
 * @since 0.1.0
 */
export interface Changed {
  readonly _tag: "Changed"
  readonly server: Server
  readonly before: Server
  readonly at: Date
}

/**
 * A server has withdrawn its announcement, or has not renewed it in time.
 *
 * @category models
 * @since 0.1.0
 */
export interface Withdrawn {
  readonly _tag: "Withdrawn"
  /** The server, as it was last announced. */
  readonly server: Server
  readonly at: Date
}

/**
 * A change of announcements.
 *
 * @category models
 * @since 0.1.0
 */
export type Event = Announced | Changed | Withdrawn

/**
 * No interface of this machine can receive or send multicast DNS.
 *
 * @category errors
 * @since 0.1.0
 */
export class BrowseError extends Data.TaggedError("BrowseError")<{
  readonly problem: string
  readonly cause?: unknown
}> {
  /** The attempt and its result, in one line. */
  override get message(): string {
    return `cannot look for servers by multicast DNS: ${this.problem}`
  }
}

const failed = (cause: DatagramSocket.DatagramSocketError): BrowseError => {
  const { reason } = cause
  const native = "cause" in reason && reason.cause instanceof Error ? reason.cause : cause
  return new BrowseError({ problem: native.message, cause })
}

/**
 * Servers that announce themselves, as they come and go. An announcement is reported once, even if it arrives on several
 * interfaces.
 *
 * **Details**
 *
 * - It listens on every interface, by IPv4 and IPv6, or on the loopback interface if there is no other. Interfaces that come up
 *   later are not included.
 * - It sends a query at once, after 1 second, after 4, and then less and less often.
 * - The stream fails if no interface works, or if the last one stops working. `Stream.retry` starts again, with the interfaces
 *   that exist then.
 *
 * **Example** (Logging servers that come and go)
 *
 * ```ts
 * import * as NodeBrowse from "@effect-ownet/node/NodeBrowse"
 * import { Console, Stream } from "effect"
 *
 * const log = NodeBrowse.browse.pipe(
 *   Stream.runForEach(({ _tag, server }) => Console.log(`${_tag}: ${server.name} at ${server.addresses[0]}, port ${server.port}`))
 * )
 * ```
 *
 * @category streams
 * @since 0.1.0
 */
export const browse: Stream.Stream<Event, BrowseError> = Stream.unwrap(Effect.gen(function*() {
  const interfaces = yield* Effect.try({
    try: () => Object.entries(Os.networkInterfaces()),
    catch: (cause) => new BrowseError({ problem: "the system does not list its interfaces", cause })
  })
  const zones = NetAddress.scopeIdsFromInterfaces(interfaces)
  const all = interfaces.map(([, addresses = []]) => addresses)
  const outer = all.filter((addresses) => addresses.some(({ internal }) => !internal))
  const ways = waysOf(outer.length > 0 ? outer : all)
  const [links, failures] = Arr.separate(
    yield* Effect.forEach(ways, (way) => Effect.result(Effect.mapError(open(way, zones), failed)), {
      concurrency: "unbounded"
    })
  )
  if (Arr.isReadonlyArrayNonEmpty(links)) return Browsing.follow(links)
  return Stream.fail(failures[0] ?? new BrowseError({ problem: "this machine has no network" }))
}))

/** Port of multicast DNS. Answers are accepted only from this port. */
const port = 5353

/** Multicast groups of multicast DNS. */
const groups = {
  ipv4: NetAddress.ipFromStringUnsafe("224.0.0.251") as NetAddress.MulticastAddress<NetAddress.Ipv4Address>,
  ipv6: NetAddress.ipFromStringUnsafe("ff02::fb") as NetAddress.MulticastAddress<NetAddress.Ipv6Address>
}

/** An interface with one version of IP. */
type Way =
  | { readonly family: "ipv4"; readonly interface: NetAddress.Ipv4Address }
  | { readonly family: "ipv6"; readonly interface: number }

const waysOf = (interfaces: ReadonlyArray<ReadonlyArray<Os.NetworkInterfaceInfo>>): ReadonlyArray<Way> =>
  interfaces.flatMap((addresses) => {
    const ipv4 = addresses.find(({ family }) => family === "IPv4")?.address
    return [
      ...Arr.fromOption(
        Option.map(
          Option.flatMap(
            Option.fromUndefinedOr(ipv4),
            (address) => Result.getSuccess(NetAddress.ipv4FromString(address))
          ),
          (address): Way => ({ family: "ipv4", interface: address })
        )
      ),
      ...Arr.fromOption(
        Option.map(NetAddress.scopeIdFromInterface(addresses), (index): Way => ({ family: "ipv6", interface: index }))
      )
    ]
  })

/** Opens a socket on an interface, next to those of other programs. */
const open = Effect.fnUntraced(function*(
  way: Way,
  zones: ReadonlyMap<string, number>
): Effect.fn.Return<Browsing.Link<BrowseError>, DatagramSocket.DatagramSocketError, Scope.Scope> {
  const socket = yield* NodeDatagramSocket.make({
    family: way.family,
    bind: { port },
    reuseAddress: true,
    ipv6Only: way.family === "ipv6" ? true : undefined,
    multicast: { interface: way.interface, ttl: 255 },
    peer: { address: groups[way.family], port }
  })
  const reader = yield* socket.reader
  const writer = yield* socket.writer
  yield* way.family === "ipv4"
    ? reader.joinMulticast({ group: groups.ipv4, interface: way.interface })
    : reader.joinMulticast({ group: groups.ipv6, interface: way.interface })
  return {
    send: (payload) => Effect.mapError(writer.write({ payload }), failed),
    receive: Effect.mapBoth(reader.pull, { onFailure: failed, onSuccess: Arr.flatMap((one) => receivedOf(one, zones)) })
  }
})

/** A packet with its source, if that may answer. The address of an interface that came up later cannot be read. */
const receivedOf = (
  datagram: DatagramSocket.Datagram,
  zones: ReadonlyMap<string, number>
): ReadonlyArray<Browsing.Received> => {
  const source = Option.getOrUndefined(Option.liftThrowable(() => datagram.address)())
  if (source?.port !== port) return []
  const address = NetAddress.formatNativeHost(source, zones, process.platform)
  return [{ payload: datagram.payload, source: { address, zone: address.split("%")[1] } }]
}

/**
 * Servers that are announced within a time, by their names. Most servers answer within a second; some miss the first query.
 *
 * **Example** (Finding the only server of a network)
 *
 * ```ts
 * import { NodeOwClient } from "@effect-ownet/node"
 * import * as NodeBrowse from "@effect-ownet/node/NodeBrowse"
 * import { Effect, Layer } from "effect"
 *
 * const client = NodeBrowse.find("1.5 seconds").pipe(
 *   Effect.filterOrFail((servers) => servers.length === 1, (servers) => `${servers.length} servers are announced`),
 *   Effect.map(([{ addresses, port }]) => NodeOwClient.layer({ host: addresses[0], port })),
 *   Layer.unwrap
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const find = (within: Duration.Input): Effect.Effect<ReadonlyArray<Server>, BrowseError> =>
  Effect.suspend(() => {
    const found = new Map<string, Server>()
    return browse.pipe(
      Stream.runForEach((event) =>
        Effect.sync(() => {
          if (event._tag === "Withdrawn") found.delete(event.server.name)
          else found.set(event.server.name, event.server)
        })
      ),
      Effect.timeoutOption(within),
      Effect.map(() => [...found.values()].toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })))
    )
  })
