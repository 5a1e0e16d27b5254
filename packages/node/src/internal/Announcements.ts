/**
 * Tracks servers that announce themselves: what is known from received packets, how long it is valid, and what to query next. It
 * uses neither sockets nor clocks: times are milliseconds of any monotonic clock.
 */
import * as MulticastDns from "@effect-ownet/core/protocol/MulticastDns"
import * as Arr from "effect/Array"
import * as NetAddress from "effect/net/NetAddress"
import type * as NodeBrowse from "../NodeBrowse.ts"

/** A change of the announcements. */
export type Change =
  | { readonly _tag: "Announced"; readonly server: NodeBrowse.Server }
  | { readonly _tag: "Changed"; readonly server: NodeBrowse.Server; readonly before: NodeBrowse.Server }
  | { readonly _tag: "Withdrawn"; readonly server: NodeBrowse.Server }

/** Host that sent a packet: its address, with its zone if that is link-local. */
export interface Source {
  readonly address: string
  /** Interface that received a packet, if it came from a link-local address. */
  readonly zone: string | undefined
}

const service: MulticastDns.Name = ["_owserver", "_tcp", "local"]
const serviceKey = MulticastDns.nameKey(service)

/** Maximum number of servers, and of addresses of each: anybody on the network may announce anything. */
const mostServers = 256
const mostAddresses = 16

/** Maximum number of questions in a packet, and of known answers, so that it fits the packets of most networks. */
const mostQuestions = 12
const mostKnown = 20

/** Milliseconds for which a withdrawn record stays valid, in case another host has the same. */
const grace = 1000

/** Milliseconds to collect the addresses of a new server, which arrive separately on each interface. */
const gathering = 100

/** Milliseconds to wait for a host to announce an address. After that, the address it has sent from is used. */
const patience = 500

/** Fractions of a record's lifetime after which it is queried again. */
const renewals = [0.8, 0.85, 0.9, 0.95]

const longestPause = 3_600_000

/** Times of a query that is not answered yet: at once, and then after pauses that grow from one second to one hour. */
class Question {
  next: number
  pause = 1000

  constructor(now: number) {
    this.next = now
  }

  isDue(now: number): boolean {
    return this.next <= now
  }

  asked(now: number): void {
    this.next = now + this.pause
    this.pause = Math.min(3 * this.pause, longestPause)
  }
}

/** Lifetime of a record. */
class Lease {
  readonly since: number
  readonly millis: number
  readonly end: number
  /** Number of times that it was queried again. */
  private count = 0

  constructor(now: number, ttl: number) {
    this.since = now
    this.millis = ttl * 1000
    this.end = now + (ttl === 0 ? grace : this.millis)
  }

  /** Time of the next query: at most once per second, however short its lifetime is. */
  get next(): number {
    const share = this.millis === 0 ? undefined : renewals[this.count]
    return share === undefined ? Infinity : this.since + Math.max((this.count + 1) * 1000, share * this.millis)
  }

  isDue(now: number): boolean {
    return this.next <= now
  }

  asked(): void {
    this.count++
  }

  /** Whether more than half of its lifetime is left, so that no host needs to repeat it. */
  isFresh(now: number): boolean {
    return this.millis > 0 && this.end - now > this.millis / 2
  }
}

interface Location {
  readonly host: MulticastDns.Name
  readonly port: number
  /** Address of the host that sent it first. */
  readonly source: string
  /** Time since which this is known. */
  readonly since: number
  readonly lease: Lease
}

/** An instance of the service. */
interface Instance {
  readonly name: MulticastDns.Name
  lease: Lease
  location: Location | undefined
  locating: Question
  /** The server as last reported. */
  told: NodeBrowse.Server | undefined
}

interface Host {
  readonly name: MulticastDns.Name
  readonly addresses: Map<string, { readonly lease: Lease; readonly rank: number }>
  readonly asking: Question
}

export class Announcements {
  private readonly instances = new Map<string, Instance>()
  private readonly hosts = new Map<string, Host>()
  private readonly browsing: Question

  constructor(now: number) {
    this.browsing = new Question(now)
  }

  /** Takes the records of a packet. */
  receive({ isResponse, records }: MulticastDns.Packet, source: Source, now: number): void {
    if (!isResponse) return
    // A record may come before the one that makes it relevant.
    for (const record of records) if (record._tag === "PTR") this.receiveInstance(record, now)
    for (const record of records) if (record._tag === "SRV") this.receiveLocation(record, source, now)
    for (const record of records) {
      if (record._tag === "A" || record._tag === "AAAA") this.receiveAddress(record, source, now)
    }
  }

  private receiveInstance({ name, target, ttl }: MulticastDns.Ptr, now: number): void {
    if (MulticastDns.nameKey(name) !== serviceKey || MulticastDns.nameKey(target.slice(1)) !== serviceKey) return
    const key = MulticastDns.nameKey(target)
    const instance = this.instances.get(key)
    const lease = new Lease(now, ttl)
    if (instance !== undefined) instance.lease = lease
    else if (ttl > 0 && this.instances.size < mostServers) {
      this.instances.set(key, {
        name: target,
        lease,
        location: undefined,
        locating: new Question(now),
        told: undefined
      })
    }
  }

  private receiveLocation({ name, port, target, ttl }: MulticastDns.Srv, source: Source, now: number): void {
    const instance = this.instances.get(MulticastDns.nameKey(name))
    const { location } = instance ?? {}
    if (instance === undefined || port === 0 || (ttl === 0 && location === undefined)) return
    const lease = new Lease(now, ttl)
    const key = MulticastDns.nameKey(target)
    if (location?.port === port && MulticastDns.nameKey(location.host) === key) {
      instance.location = { ...location, lease }
      return
    }
    if (ttl === 0) return
    instance.location = { host: target, port, source: source.address, since: now, lease }
    if (!this.hosts.has(key)) this.hosts.set(key, { name: target, addresses: new Map(), asking: new Question(now) })
  }

  // A host has different addresses on its interfaces, and each packet contains those of one: they do not replace each other.
  private receiveAddress(
    record: MulticastDns.A | MulticastDns.Aaaa,
    { address: source, zone }: Source,
    now: number
  ): void {
    const host = this.hosts.get(MulticastDns.nameKey(record.name))
    if (host === undefined) return
    // A loopback address from another host would lead back to this machine.
    if (NetAddress.isLoopback(record.address) && !/^(?:127\.|::1$)/.test(source)) return
    const isLocal = record._tag === "AAAA" && NetAddress.isLinkLocal(record.address)
    // A link-local address is useless if its interface is unknown.
    if (isLocal && zone === undefined) return
    const text = NetAddress.formatIp(record.address)
    const address = isLocal ? `${text}%${zone}` : text
    const isKnown = host.addresses.has(address)
    if (!isKnown && (record.ttl === 0 || host.addresses.size >= mostAddresses)) return
    host.addresses.set(address, {
      lease: new Lease(now, record.ttl),
      rank: record._tag === "A" ? 0 : isLocal ? 2 : 1
    })
  }

  /** Drops expired records, and returns the changes since the last call. */
  changes(now: number): ReadonlyArray<Change> {
    for (const host of this.hosts.values()) {
      for (const [address, { lease }] of host.addresses) if (lease.end <= now) host.addresses.delete(address)
    }
    const changes = [...this.instances].flatMap(([key, instance]) => {
      if (instance.location !== undefined && instance.location.lease.end <= now) {
        instance.location = undefined
        instance.locating = new Question(now)
      }
      const isOver = instance.lease.end <= now
      if (isOver) this.instances.delete(key)
      const server = isOver ? undefined : this.serverOf(instance, now)
      const change = changeOf(instance.told, server)
      instance.told = server
      return change
    })
    const used = new Set(
      [...this.instances.values()].flatMap(({ location }) =>
        location === undefined ? [] : [MulticastDns.nameKey(location.host)]
      )
    )
    for (const key of this.hosts.keys()) if (!used.has(key)) this.hosts.delete(key)
    return changes
  }

  /** The server of an instance. `undefined` if too little is known. */
  private serverOf({ location, name: [label], name, told }: Instance, now: number): NodeBrowse.Server | undefined {
    if (location === undefined) return undefined
    const known = this.addressesOf(location)
    if (told === undefined && now < tellingAt(location, known)) return undefined
    const addresses = Arr.isReadonlyArrayNonEmpty(known) ? known : Arr.of(location.source)
    return {
      name: label ?? MulticastDns.formatName(name),
      host: MulticastDns.formatName(location.host),
      port: portOf(label ?? "", location.port),
      addresses
    }
  }

  private addressesOf({ host }: Location): ReadonlyArray<string> {
    return [...this.hosts.get(MulticastDns.nameKey(host))?.addresses ?? []]
      .toSorted(([, a], [, b]) => a.rank - b.rank)
      .map(([address]) => address)
  }

  /** The queries that are due now, if any. They count as sent. */
  ask(now: number): MulticastDns.Packet | undefined {
    const questions: Array<MulticastDns.Question> = []
    const hasRoom = () => questions.length < mostQuestions - 1
    const add = (name: MulticastDns.Name, type: MulticastDns.Question["type"]) =>
      // Other programs of this host share the port, and only one of them receives a unicast packet.
      void questions.push({ name, type, unicast: false })

    const instances = [...this.instances.values()]
    const ending = instances.filter(({ lease }) => lease.isDue(now))
    if (this.browsing.isDue(now) || ending.length > 0) {
      if (this.browsing.isDue(now)) this.browsing.asked(now)
      for (const { lease } of ending) lease.asked()
      add(service, "PTR")
    }
    for (const { locating, location, name } of instances) {
      const due = location?.lease ?? locating
      if (!hasRoom() || !due.isDue(now)) continue
      due.asked(now)
      add(name, "SRV")
    }
    for (const { addresses, asking, name } of this.hosts.values()) {
      const leases = [...addresses.values()].map(({ lease }) => lease)
      const due = (leases.length === 0 ? [asking] : leases).filter((one) => one.isDue(now))
      if (!hasRoom() || due.length === 0) continue
      for (const one of due) one.asked(now)
      add(name, "A")
      add(name, "AAAA")
    }
    if (questions.length === 0) return undefined
    const known = questions[0].type === "PTR" ? instances.filter(({ lease }) => lease.isFresh(now)) : []
    return {
      isResponse: false,
      questions,
      records: known.slice(0, mostKnown).map(({ lease, name }) => ({
        _tag: "PTR",
        name: service,
        ttl: Math.floor((lease.end - now) / 1000),
        target: name
      }))
    }
  }

  /** Time of the next query or expiry. */
  get next(): number {
    const times = [this.browsing.next]
    for (const { lease, locating, location, told } of this.instances.values()) {
      times.push(lease.end, lease.next)
      if (location === undefined) times.push(locating.next)
      else {
        times.push(location.lease.end, location.lease.next)
        if (told === undefined) times.push(tellingAt(location, this.addressesOf(location)))
      }
    }
    for (const { addresses, asking } of this.hosts.values()) {
      if (addresses.size === 0) times.push(asking.next)
      for (const { lease } of addresses.values()) times.push(lease.end, lease.next)
    }
    return Math.min(...times)
  }
}

/** Time at which a server is reported. */
const tellingAt = ({ since }: Location, addresses: ReadonlyArray<string>): number =>
  since + (addresses.length > 0 ? gathering : patience)

const changeOf = (
  before: NodeBrowse.Server | undefined,
  server: NodeBrowse.Server | undefined
): ReadonlyArray<Change> => {
  if (server === undefined) return before === undefined ? [] : [{ _tag: "Withdrawn", server: before }]
  if (before === undefined) return [{ _tag: "Announced", server }]
  const isSame = before.host === server.host && before.port === server.port
    && before.addresses.join() === server.addresses.join()
  return isSame ? [] : [{ _tag: "Changed", server, before }]
}

/**
 * The port of a server, from its name and its announcement. owserver announces its port with the two bytes exchanged, and has the
 * correct port in its name: `OWFS (1-wire) Server <4304>`, or the value of `--announce` followed by the port. A number after that
 * distinguishes equal names.
 */
const portOf = (name: string, announced: number): number => {
  const [, port] = / <(\d{1,5})>(?: #\d+| \(\d+\))?$/.exec(name) ?? []
  const exchanged = (announced & 0xff) * 0x100 + (announced >>> 8)
  return Number(port) === exchanged ? exchanged : announced
}
