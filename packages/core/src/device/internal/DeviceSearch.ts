/**
 * Searches for the devices of a server, and remembers results for the next search.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Buses from "../../client/internal/Buses.ts"
import * as Checked from "../../client/internal/Checked.ts"
import { endless } from "../../client/internal/endless.ts"
import { isBus, ServerLoops, serversTo } from "../../client/internal/ServerLoops.ts"
import * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import * as FamilyCode from "../../onewire/FamilyCode.ts"
import * as OwPath from "../../onewire/OwPath.ts"
import * as Place from "../../onewire/Place.ts"
import * as RomId from "../../onewire/RomId.ts"
import type * as Device from "../Device.ts"
import type * as Discovery from "../Discovery.ts"
import * as Family from "../Family.ts"
import { isAlias, list } from "./alias.ts"
import { deviceAt } from "./device.ts"
import { parseBus } from "./parseBus.ts"

interface Listing {
  readonly place: Place.Place
  readonly names: ReadonlyArray<string>
}

interface Entry {
  readonly place: Place.Place
  /** Name as it was listed: an alias, or a ROM id in any format. */
  readonly name: string
  /** `undefined` for an alias that leads nowhere. */
  id: RomId.RomId | undefined
}

/** Maximum number of requests in flight. */
const concurrency = 4

/** Maximum number of couplers behind each other that are searched. */
const deepest = 8

/** Maximum number of places that are listed in one search. A confused server can invent any number of buses and couplers. */
const mostPlaces = 1000

/** Maximum number of buses that is accepted from a server's count. If it reports more, its root is listed instead. */
const mostCounted = 100

/** Entries of a bus or a branch that are not devices. */
const own: ReadonlySet<string> = new Set(["interface", "simultaneous", "alarm"])

const coupler = "1F"

/** Finds the devices of a server, as described at `Discovery.devices`. */
export const search = Effect.fnUntraced(function*<const F extends ReadonlyArray<Family.Family> = readonly []>(
  options: Discovery.Options<F>,
  memory: Memory
): Effect.fn.Return<Discovery.Found<Device.Of<F>>, OwError.OwError, OwClient.OwClient> {
  const ow = yield* OwClient.OwClient
  const search = new Search(ow.with(options), memory)
  const only = options.bus === undefined ? undefined : yield* parseBus(settings, options.bus)
  let listings = yield* (only === undefined ? search.trunks : search.trunksAt([only]))
  const refused = search.failures.find(({ place }) => only !== undefined && Place.Equivalence(place, only))
  if (refused !== undefined) return yield* refused.error
  // Searches all trunks before all branches, so that a device is found at its nearest place.
  while (listings.length > 0) {
    const couplers = (yield* search.take(listings)).filter(({ id }) =>
      FamilyCode.driver(RomId.familyCode(id)) === coupler
    )
    listings = options.couplers === false ? [] : yield* search.branches(couplers)
  }
  search.tell(Buses.of(ow), only)
  const buses = search.listed.toSorted(Place.Order).map(Place.format)
  const ranks = new Map<string | undefined, number>(buses.map((bus, rank) => [bus, rank]))
  const rankOf = ({ bus }: Place.Place): number => ranks.get(bus) ?? -1
  const found = [...search.found].toSorted(([a, { place: at }], [b, { place: bt }]) =>
    rankOf(at) - rankOf(bt) || RomId.Order(a, b)
  )
  memory.keep(search.read)
  const devices = found.flatMap(([id, { name, place }]): ReadonlyArray<Device.AnyDevice> => {
    const code = RomId.familyCode(id)
    const family = options.families === undefined
      ? Option.getOrElse(options.catalogue?.(code) ?? Option.none(), () => Family.unknown)
      : options.families.find((family) => Family.has(family, code))
    if (family === undefined) return []
    const plain = RomId.format(id)
    // The path has no bus, so that a device is still found after it was moved.
    const path = below({ ...place, bus: undefined }, plain)
    return [deviceAt(family, { id, path, place, name: isAlias(name) ? name : plain, ow })]
  })
  const ghosts = [...search.ghosts.values()].toSorted((a, b) => Place.Order(a.place, b.place))
  // Each was made with one of the families. The type says no more than that.
  return {
    devices: devices as ReadonlyArray<unknown> as ReadonlyArray<Device.Of<F>>,
    buses,
    failures: search.failures,
    ghosts
  }
})

const settings = Checked.of("Discovery.devices")

/** A listing, with the devices of those aliases that had to be requested one by one. */
interface Read {
  readonly names: ReadonlyArray<string>
  /** One for each name. `undefined` for any other name, and for an alias that leads nowhere. */
  readonly ids: ReadonlyArray<RomId.RomId | undefined>
}

/**
 * Remembers the devices of aliases from one search to the next, so that an alias that the server's list does not settle is
 * requested only once.
 */
export class Memory {
  private readonly isDoubted: (id: RomId.RomId) => boolean
  private read: ReadonlyMap<string, Read> = new Map()

  constructor(
    /** Whether there is reason to request a device again although the listing of its place has not changed. */
    isDoubted: (id: RomId.RomId) => boolean
  ) {
    this.isDoubted = isDoubted
  }

  /** Stores the listings of a search. A place that it has not listed is forgotten. */
  keep(read: ReadonlyMap<string, Read>): void {
    this.read = new Map(
      Array.from(read, ([path, now]) => {
        const before = this.read.get(path)
        // Names of devices come from the first of equal listings, so that they are stored once.
        const isKept = before !== undefined && isSame(before.names, now.names) && isSame(before.ids, now.ids)
        return [path, isKept ? before : now]
      })
    )
  }

  /**
   * Returns the device of an alias in a listing, if it is known and the server's list of aliases agrees. An alias that is not in
   * the list, because it is another server's or the list is too long, stays known as long as the whole listing is unchanged.
   */
  of(
    path: string,
    names: ReadonlyArray<string>
  ): (name: string, owners: ReadonlySet<RomId.RomId> | undefined) => RomId.RomId | undefined {
    const before = this.read.get(path)
    if (before === undefined) return () => undefined
    const isUnchanged = isSame(before.names, names)
    const ids = new Map(before.names.map((name, at) => [name, before.ids[at]]))
    return (name, owners) => {
      const id = ids.get(name)
      if (id === undefined) return undefined
      const isKnown = owners === undefined ? isUnchanged && !this.isDoubted(id) : owners.size === 1 && owners.has(id)
      return isKnown ? id : undefined
    }
  }
}

/** One search and its results so far. */
class Search {
  failures: Array<Discovery.Failed> = []
  readonly listed: Array<Place.Place> = []
  readonly found = new Map<RomId.RomId, Entry>()
  /** By their names, each with its first place. */
  readonly ghosts = new Map<string, Discovery.Ghost>()
  /** Listings with aliases that no list settles, by the paths of their places. */
  readonly read = new Map<string, Read>()
  private readonly ow: OwClient.Client
  private readonly memory: Memory
  private readonly loops = new ServerLoops()
  /** The devices of each alias, by the paths of servers. A confused server lists an alias twice. */
  private readonly owners = new Map<string, ReadonlyMap<string, ReadonlySet<RomId.RomId>>>()
  private places = 0
  /** Paths of places that are not searched completely. */
  private readonly told = new Set<string>()

  constructor(ow: OwClient.Client, memory: Memory) {
    this.ow = ow
    this.memory = memory
  }

  /** Lists all buses. A server searches all of them again to list its root, so the root is requested only if necessary. */
  get trunks(): Effect.Effect<ReadonlyArray<Listing>, OwError.OwError> {
    return Effect.gen({ self: this }, function*() {
      const counted = yield* this.counted
      const listings = yield* this.trunksAt(counted)
      if (this.areAll(counted)) return listings
      const all = yield* this.root
      // A number without a bus is not a bus that fails.
      this.failures = this.failures.filter(({ place }) => !isAmong(place, counted) || isAmong(place, all))
      const others = yield* this.trunksAt(all.filter((place) => !isAmong(place, counted)))
      // A device is found at its nearest place, and may already have been found behind another server.
      return [...listings, ...others].toSorted((a, b) => Place.distance(a.place) - Place.distance(b.place))
    })
  }

  /** Lists buses, and finds the devices of their aliases. */
  trunksAt(places: ReadonlyArray<Place.Place>): Effect.Effect<ReadonlyArray<Listing>> {
    // If there are several buses, each has its own connection, so that searches run in parallel. One bus needs no second
    // connection.
    return Effect.zipWith(this.buses(places), this.askOwners(places.map(serverOf)), (listings) => listings, {
      concurrent: places.length > 1
    })
  }

  /**
   * The buses as a server numbers them, from 0, if it reports how many it has. The root has the same buses, but this request
   * costs no bus anything.
   */
  private get counted(): Effect.Effect<ReadonlyArray<Place.Place>, OwError.OwError> {
    return this.ow.readText("/system/connections/count_current_buses", { flags: { uncached: false } }).pipe(
      Effect.catchIf((error) => !OwError.isServerFailure(error), () => Effect.succeed("")),
      Effect.mapError(ofRoot),
      Effect.map((text) => {
        const count = Number(text)
        return Array.from(
          { length: Number.isInteger(count) && count <= mostCounted ? Math.max(0, count) : 0 },
          (_, at): Place.Place => ({ bus: `bus.${at}`, branches: [] })
        )
      })
    )
  }

  /**
   * Whether these are all buses of a server: as many as it reports, and all present. A removed bus leaves a gap in the numbers.
   * If a server refuses to list every bus, its root must be requested to learn whether it lists that.
   */
  private areAll(counted: ReadonlyArray<Place.Place>): boolean {
    const errors = this.failures.flatMap(({ error, place }) => isAmong(place, counted) ? [error] : [])
    const isRefused = errors.length === counted.length && errors.every(({ _tag }) => _tag === "OwnetError")
    return !isRefused && !errors.some(isNotFound)
  }

  /** The buses that the root lists. Their names do not come from a cache. */
  private get root(): Effect.Effect<ReadonlyArray<Place.Place>, OwError.OwError> {
    return Effect.map(
      this.ow.dir("/", { slash: false, bus: true, flags: { uncached: false } }),
      (paths) => busesAmong(Place.server, paths.map(lastOf))
    )
  }

  /** Lists buses. A bus that is another server is replaced by the buses of that server. */
  private buses(places: ReadonlyArray<Place.Place>): Effect.Effect<ReadonlyArray<Listing>> {
    return Effect.flatMap(this.list(places), (listings) => {
      const leaves: Array<Listing> = []
      const inner: Array<Place.Place> = []
      for (const listing of listings) {
        const behind = busesAmong(listing.place, listing.names)
        if (behind.length > 0) {
          if (this.enters(listing)) inner.push(...behind)
        } else {
          this.listed.push(listing.place)
          leaves.push(listing)
        }
      }
      return inner.length === 0
        ? Effect.succeed(leaves)
        : Effect.map(this.buses(inner), (listings) => [...leaves, ...listings])
    })
  }

  /** Whether to search the server behind a bus: false if it was already met on the way there. */
  private enters({ names, place }: Listing): boolean {
    const refused = this.loops.refused(Place.format(place), names)
    if (refused !== undefined) this.fail({ bus: refused.bus, branches: [] }, refused.meaning)
    return refused === undefined
  }

  /** Tells the client which bus each device is on, so that calls to one bus do not wait for another. */
  tell(buses: Buses.Buses | undefined, only: Place.Place | undefined): void {
    if (buses === undefined) return
    if (only === undefined) {
      const all = new Set([...this.listed, ...this.failures.map(({ place }) => place)].map(({ bus }) => bus))
      const named = [...all].filter((bus) => bus !== undefined)
      buses.all = named.length === all.size ? named : undefined
      if (this.failures.length === 0) buses.forget()
    }
    // All devices of a server with one bus are on that bus.
    if (buses.all?.length === 1) return
    for (const [id, { name, place: { bus } }] of this.found) if (bus !== undefined) buses.learn(id, name, bus)
  }

  /** Lists the branches of couplers. */
  branches(couplers: ReadonlyArray<Known>): Effect.Effect<ReadonlyArray<Listing>> {
    return Effect.suspend(() => {
      const near: Array<Known> = []
      for (const coupler of couplers) {
        if (coupler.place.branches.length < deepest) near.push(coupler)
        else this.fail(coupler.place, `couplers are nested more than ${deepest} deep`)
      }
      return this.list(near.flatMap(branchesOf))
    })
  }

  private list(places: ReadonlyArray<Place.Place>): Effect.Effect<ReadonlyArray<Listing>> {
    return Effect.suspend(() => {
      const some = places.slice(0, mostPlaces - this.places)
      this.places += some.length
      for (const place of places.slice(some.length)) {
        this.fail(aboveOf(place), `there are more than ${mostPlaces} buses and branches`)
      }
      return Effect.map(
        Effect.forEach(some, (place) => Effect.result(this.names(Place.toPath(place))), { concurrency }),
        (results) =>
          results.flatMap((names, at) => {
            if (Result.isSuccess(names)) return [{ place: some[at], names: names.success }]
            this.failures.push({ place: some[at], error: names.failure })
            return []
          })
      )
    })
  }

  /** Reports once that a place is not searched completely. */
  private fail(place: Place.Place, meaning: string): void {
    const path = Place.toPath(place)
    if (this.told.has(path)) return
    this.told.add(path)
    this.failures.push({ place, error: endless(this.ow, path, meaning) })
  }

  private names(path: string): Effect.Effect<ReadonlyArray<string>, OwError.OwError> {
    return Effect.map(this.ow.dir(path, { slash: false }), (paths) => paths.map(lastOf))
  }

  /** Adds new devices from some listings. */
  take(listings: ReadonlyArray<Listing>): Effect.Effect<ReadonlyArray<Known>> {
    return Effect.map(this.resolve(listings), (entries) => {
      const isNew = (entry: Entry): entry is Known =>
        entry.id !== undefined && !RomId.isGhost(entry.id) && !this.found.has(entry.id)
      const taken: Array<Known> = []
      for (const entry of entries) {
        if (isGhost(entry)) this.meet(entry)
        if (!isNew(entry)) continue
        this.found.set(entry.id, entry)
        taken.push(entry)
      }
      return taken
    })
  }

  private meet({ id, name, place }: Entry): void {
    const ghost = id === undefined ? name : RomId.format(id)
    if (!this.ghosts.has(ghost)) this.ghosts.set(ghost, { name: ghost, place })
  }

  /**
   * Finds the devices of the entries. If the list does not settle an alias, the server is asked about it, which costs the bus
   * nothing. The server may be wrong: removed aliases confuse it. It takes an alias that begins like `alarm` for that directory,
   * and one that looks like a ROM id for the device with that id; and if two servers behind it use the same alias, it knows only
   * one. In these cases the place is searched again, without aliases. The result may show that another place is wrong too.
   */
  private readonly resolve = Effect.fnUntraced(function*(this: Search, listings: ReadonlyArray<Listing>) {
    yield* this.askOwners(listings.map(({ place }) => serverOf(place)))
    const known = new Map<Place.Place, ReadonlyArray<Entry>>(
      listings.map((listing) => [listing.place, this.entriesOf(listing)])
    )
    const unknown = [...known.values()].flat().filter((entry) => entry.id === undefined && !isGhost(entry))
    yield* Effect.forEach(unknown, (entry) => this.identify(entry), { concurrency, discard: true })
    for (let left = listings;;) {
      const isDoubtful = this.doubts([...known.values()].flat())
      const doubtful = new Set(left.filter(({ place }) => known.get(place)?.some(isDoubtful) === true))
      if (doubtful.size === 0) break
      left = left.filter((listing) => !doubtful.has(listing))
      const again = yield* Effect.forEach(
        doubtful,
        (listing) => Effect.map(Effect.result(this.again(listing)), (result) => [listing, result] as const),
        { concurrency }
      )
      for (const [{ place }, result] of again) {
        if (Result.isFailure(result)) this.failures.push({ place, error: result.failure })
        known.set(
          place,
          Result.getOrElse(result, () => known.get(place)?.filter((entry) => !this.isLookalike(entry)) ?? [])
        )
      }
    }
    for (const listing of listings) this.note(listing, known.get(listing.place) ?? [])
    return [...known.values()].flat()
  })

  /** Remembers the devices of those aliases in a listing that no list settles. */
  private note({ names, place }: Listing, entries: ReadonlyArray<Entry>): void {
    const ids = new Map<string, RomId.RomId>()
    for (const entry of entries) {
      if (entry.id !== undefined && isAlias(entry.name) && this.ownerOf(entry) === undefined) {
        ids.set(entry.name, entry.id)
      }
    }
    if (ids.size > 0) this.read.set(Place.toPath(place), { names, ids: names.map((name) => ids.get(name)) })
  }

  /** Whether an entry has an alias that may lead to a device other than the listed one. */
  private doubts(entries: ReadonlyArray<Entry>): (entry: Entry) => boolean {
    const counts = new Map<RomId.RomId | undefined, number>([...this.found.keys()].map((id) => [id, 1]))
    for (const { id } of entries) counts.set(id, (counts.get(id) ?? 0) + 1)
    return (entry) =>
      this.isLookalike(entry) ||
      (isAlias(entry.name) && (entry.id === undefined || counts.get(entry.id) !== 1 || this.isContradicted(entry)))
  }

  /** Requests the list of aliases once from each server. A server that does not return one is treated as having none. */
  askOwners(servers: ReadonlyArray<string>): Effect.Effect<void> {
    return Effect.forEach(
      [...new Set(servers)].filter((server) => !this.owners.has(server)),
      (server) =>
        Effect.map(
          Effect.orElseSucceed(list(this.ow, server, { retry: false }), () => []),
          (given) => {
            const owners = new Map<string, Set<RomId.RomId>>()
            for (const { alias, id } of given) owners.set(alias, (owners.get(alias) ?? new Set()).add(id))
            this.owners.set(server, owners)
          }
        ),
      { concurrency, discard: true }
    )
  }

  private ownersOf({ name, place }: Pick<Entry, "name" | "place">): ReadonlySet<RomId.RomId> | undefined {
    return this.owners.get(serverOf(place))?.get(name)
  }

  /**
   * The device of an alias according to the list alone. A server names a device as its list does, unless two devices have the
   * same alias. The alias of a device on a server behind another may come from either server's list.
   */
  private ownerOf(entry: Pick<Entry, "name" | "place">): RomId.RomId | undefined {
    if (serverOf(entry.place) !== "") return undefined
    const [owner, other] = this.ownersOf(entry) ?? []
    return other === undefined ? owner : undefined
  }

  private isLookalike(entry: Pick<Entry, "name" | "place">): boolean {
    return !isAlias(entry.name) && this.ownersOf(entry) !== undefined
  }

  /** Whether a server also assigns the alias to another device. */
  private isContradicted(entry: Entry): boolean {
    const owners = this.ownersOf(entry)
    return owners !== undefined && (owners.size > 1 || entry.id === undefined || !owners.has(entry.id))
  }

  private entriesOf({ names, place }: Listing): ReadonlyArray<Entry> {
    const remembered = this.memory.of(Place.toPath(place), names)
    return names.filter((name) => !own.has(name)).map((name) => ({
      place,
      name,
      id: Option.getOrUndefined(RomId.fromString(name)) ?? this.ownerOf({ name, place }) ??
        remembered(name, this.ownersOf({ name, place }))
    }))
  }

  private identify(entry: Entry): Effect.Effect<void> {
    return Effect.match(this.ow.romId(below(entry.place, entry.name)), {
      onFailure: () => undefined,
      onSuccess: (id) => {
        entry.id = Option.getOrUndefined(id)
      }
    })
  }

  /** Searches a place again, without aliases. The order is the same, unless a device came or went between the two searches. */
  private again({ names, place }: Listing): Effect.Effect<ReadonlyArray<Entry>, OwError.OwError> {
    return Effect.map(this.names(unaliased(place)), (plain) => {
      const isNamed = (name: string): boolean => isAlias(name) || this.isLookalike({ name, place })
      const isSame = names.length === plain.length && names.every((name, at) => isNamed(name) || name === plain[at])
      return plain.flatMap((name, at) =>
        isAlias(name)
          ? []
          : [{ place, name: isSame ? names[at] : name, id: Option.getOrUndefined(RomId.fromString(name)) }]
      )
    })
  }
}

const isSame = <A>(a: ReadonlyArray<A>, b: ReadonlyArray<A>): boolean =>
  a.length === b.length && a.every((one, at) => one === b[at])

/** An entry whose device is known. */
interface Known extends Entry {
  readonly id: RomId.RomId
}

/** The path of an entry of a place. */
const below = (place: Place.Place, name: string): string => {
  const path = Place.toPath(place)
  return `${path === "/" ? "" : path}/${name}`
}

/** The path of the server that a place's bus belongs to. Empty for the client's own server. */
const serverOf = ({ bus }: Place.Place): string => {
  const server = bus === undefined ? undefined : serversTo(bus).at(-1)
  return server === undefined ? "" : `/${server}`
}

/** The place whose listing contains this one. */
const aboveOf = ({ branches, bus }: Place.Place): Place.Place =>
  branches.length > 0
    ? { bus, branches: branches.slice(0, -1) }
    : { bus: bus === undefined ? undefined : serversTo(bus).at(-1), branches: [] }

/** The path of a place that is listed without aliases. It needs the bus in front to reach a place behind another server. */
const unaliased = ({ branches, bus }: Place.Place): string =>
  below({ bus, branches: [] }, "unaliased") + (branches.length === 0 ? "" : Place.toPath({ bus: undefined, branches }))

/** The same failure, reported as one of listing the root: the request for the number of buses is an internal detail. */
const ofRoot = (error: OwError.OwError): OwError.OwError => {
  const call = { operation: "dir", path: "/" } as const
  switch (error._tag) {
    case "ConnError":
      return new OwError.ConnError({ ...error, ...call })
    case "OwnetTimeout":
      return new OwError.OwnetTimeout({ ...error, ...call })
    case "ProtocolError":
      return new OwError.ProtocolError({ ...error, ...call })
    default:
      return error
  }
}

const isAmong = (place: Place.Place, places: ReadonlyArray<Place.Place>): boolean =>
  places.some((one) => Place.Equivalence(one, place))

const isNotFound = (error: OwError.OwError): boolean => error._tag === "OwnetError" && error.reason._tag === "NotFound"

const lastOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

const isGhost = ({ id, name }: Entry): boolean =>
  id === undefined ? RomId.inspect(name)._tag === "WrongCrc" : RomId.isGhost(id)

const branchesOf = ({ id, place: { branches, bus } }: Known): ReadonlyArray<Place.Place> =>
  OwPath.BranchName.literals.map((branch) => ({ bus, branches: [...branches, { coupler: id, branch }] }))

/** The buses that a place lists. */
const busesAmong = ({ bus }: Place.Place, names: ReadonlyArray<string>): ReadonlyArray<Place.Place> =>
  names.filter(isBus)
    .map((name) => ({ bus: bus === undefined ? name : `${bus}/${name}`, branches: [] }))
    .toSorted(Place.Order)
