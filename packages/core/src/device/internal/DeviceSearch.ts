/**
 * A search for the devices of a server, and what it remembers for the next.
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
  /** As it was listed: an alias, or a ROM id in any format. */
  readonly name: string
  /** Nothing, for an alias that leads nowhere. */
  id: RomId.RomId | undefined
}

/** Maximum requests in flight at a time. */
const concurrency = 4

/** Maximum couplers behind each other that are entered. */
const deepest = 8

/** Maximum places that are listed in one search. A server that invents buses and couplers has no end of them. */
const mostPlaces = 1000

/** Maximum buses that a server is believed to have because it says so. One that makes up more is asked for its root. */
const mostCounted = 100

/** What a bus and a branch have beside devices. */
const own: ReadonlySet<string> = new Set(["interface", "simultaneous", "alarm"])

const coupler = "1F"

/** Finds the devices of a server, as `Discovery.devices` has them. */
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
  // All trunks before all branches, so that a device is found where it is nearest.
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
    // A bus is not part of it, so that a device is found wherever it is moved to.
    const path = below({ ...place, bus: undefined }, plain)
    return [deviceAt(family, { id, path, place, name: isAlias(name) ? name : plain, ow })]
  })
  const ghosts = [...search.ghosts.values()].toSorted((a, b) => Place.Order(a.place, b.place))
  // Each was made with one of the families, which is all that the type says.
  return {
    devices: devices as ReadonlyArray<unknown> as ReadonlyArray<Device.Of<F>>,
    buses,
    failures: search.failures,
    ghosts
  }
})

const settings = Checked.of("Discovery.devices")

/** A listing, and whose the aliases in it are that its server was asked for one by one. */
interface Read {
  readonly names: ReadonlyArray<string>
  /** One for each name. `undefined` for any other name, and for an alias that leads nowhere. */
  readonly ids: ReadonlyArray<RomId.RomId | undefined>
}

/** Whose aliases are, from one search to the next, so that each is asked for once that the server's list does not settle. */
export class Memory {
  private readonly isDoubted: (id: RomId.RomId) => boolean
  private read: ReadonlyMap<string, Read> = new Map()

  constructor(
    /** Whether there is reason to ask for a device again whose place is listed as before. */
    isDoubted: (id: RomId.RomId) => boolean
  ) {
    this.isDoubted = isDoubted
  }

  /** Takes over what a search has read. A place that it has not listed is forgotten. */
  keep(read: ReadonlyMap<string, Read>): void {
    this.read = new Map(
      Array.from(read, ([path, now]) => {
        const before = this.read.get(path)
        // The names of devices are those of the first of the same listings, so that they are kept once.
        const isKept = before !== undefined && isSame(before.names, now.names) && isSame(before.ids, now.ids)
        return [path, isKept ? before : now]
      })
    )
  }

  /**
   * Tells whose an alias in a listing is, if that is known and the server's list of aliases says the same. One that is not in it,
   * because it is another server's or the list is too long, is known as long as the whole listing stays as it was.
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

/** What has been found so far. */
class Search {
  failures: Array<Discovery.Failed> = []
  readonly listed: Array<Place.Place> = []
  readonly found = new Map<RomId.RomId, Entry>()
  /** By their names, each where it was met first. */
  readonly ghosts = new Map<string, Discovery.Ghost>()
  /** What the listings have shown that have aliases which no list settles, by the paths of their places. */
  readonly read = new Map<string, Read>()
  private readonly ow: OwClient.Client
  private readonly memory: Memory
  private readonly loops = new ServerLoops()
  /** By the paths of servers, whose each alias on them is. A server that is confused has one twice. */
  private readonly owners = new Map<string, ReadonlyMap<string, ReadonlySet<RomId.RomId>>>()
  private places = 0
  /** The paths of places that are not searched to the end. */
  private readonly told = new Set<string>()

  constructor(ow: OwClient.Client, memory: Memory) {
    this.ow = ow
    this.memory = memory
  }

  /** Lists all buses. To list its root a server searches all of them as well, so it is asked for that only if it has to be. */
  get trunks(): Effect.Effect<ReadonlyArray<Listing>, OwError.OwError> {
    return Effect.gen({ self: this }, function*() {
      const counted = yield* this.counted
      const listings = yield* this.trunksAt(counted)
      if (this.areAll(counted)) return listings
      const all = yield* this.root
      // A number that is not there is no bus that fails.
      this.failures = this.failures.filter(({ place }) => !isAmong(place, counted) || isAmong(place, all))
      const others = yield* this.trunksAt(all.filter((place) => !isAmong(place, counted)))
      // A device is found where it is nearest, and may have been met behind another server already.
      return [...listings, ...others].toSorted((a, b) => Place.distance(a.place) - Place.distance(b.place))
    })
  }

  /** Lists buses, and whose the aliases are there. */
  trunksAt(places: ReadonlyArray<Place.Place>): Effect.Effect<ReadonlyArray<Listing>> {
    // Of several buses, each has a connection of its own, so that a search takes no longer for the other. One needs no second one.
    return Effect.zipWith(this.buses(places), this.askOwners(places.map(serverOf)), (listings) => listings, {
      concurrent: places.length > 1
    })
  }

  /** The buses as a server numbers them, from 0, if it tells how many it has. That is what the root has, and costs no bus anything. */
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
   * Whether the buses are all that a server has: as many as it says, and each is there. One that was taken away leaves a gap in the
   * numbers. Whether a server that refuses to list any lists its root, it has to be asked.
   */
  private areAll(counted: ReadonlyArray<Place.Place>): boolean {
    const errors = this.failures.flatMap(({ error, place }) => isAmong(place, counted) ? [error] : [])
    const isRefused = errors.length === counted.length && errors.every(({ _tag }) => _tag === "OwnetError")
    return !isRefused && !errors.some(isNotFound)
  }

  /** The buses as the root has them: their names do not come from a cache. */
  private get root(): Effect.Effect<ReadonlyArray<Place.Place>, OwError.OwError> {
    return Effect.map(
      this.ow.dir("/", { slash: false, bus: true, flags: { uncached: false } }),
      (paths) => busesAmong(Place.server, paths.map(lastOf))
    )
  }

  /** Lists buses, and instead of another server the buses that it has. */
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

  /** Whether the server behind a bus is entered, and not one that has been seen on the way there. */
  private enters({ names, place }: Listing): boolean {
    const refused = this.loops.refused(Place.format(place), names)
    if (refused !== undefined) this.fail({ bus: refused.bus, branches: [] }, refused.meaning)
    return refused === undefined
  }

  /** Tells the client what is where, so that no bus keeps its calls to the others waiting. */
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

  /** Lists what is behind couplers. */
  branches(couplers: ReadonlyArray<Known>): Effect.Effect<ReadonlyArray<Listing>> {
    return Effect.suspend(() => {
      const near: Array<Known> = []
      for (const coupler of couplers) {
        if (coupler.place.branches.length < deepest) near.push(coupler)
        else this.fail(coupler.place, `there are more than ${deepest} couplers behind each other`)
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

  /** Tells once of a place that not all below it is searched. */
  private fail(place: Place.Place, meaning: string): void {
    const path = Place.toPath(place)
    if (this.told.has(path)) return
    this.told.add(path)
    this.failures.push({ place, error: endless(this.ow, path, meaning) })
  }

  private names(path: string): Effect.Effect<ReadonlyArray<string>, OwError.OwError> {
    return Effect.map(this.ow.dir(path, { slash: false }), (paths) => paths.map(lastOf))
  }

  /** Takes over what is new in some listings. */
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
   * Finds who the entries are. Of an alias that its list does not settle the server is asked, which costs the bus nothing. It may be
   * wrong: aliases that were taken away confuse it, one that begins as `alarm` does it takes for that, one that looks like a ROM id for the device
   * that has the id, and of two servers behind it that have the same it knows one. Then the place is searched again, without
   * aliases; and what is found by that may show that a place is wrong which seemed right before.
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

  /** Takes down whose the aliases of a listing are that no list settles. */
  private note({ names, place }: Listing, entries: ReadonlyArray<Entry>): void {
    const ids = new Map<string, RomId.RomId>()
    for (const entry of entries) {
      if (entry.id !== undefined && isAlias(entry.name) && this.ownerOf(entry) === undefined) {
        ids.set(entry.name, entry.id)
      }
    }
    if (ids.size > 0) this.read.set(Place.toPath(place), { names, ids: names.map((name) => ids.get(name)) })
  }

  /** Tells an entry with an alias that may lead to another device than the one that was listed. */
  private doubts(entries: ReadonlyArray<Entry>): (entry: Entry) => boolean {
    const counts = new Map<RomId.RomId | undefined, number>([...this.found.keys()].map((id) => [id, 1]))
    for (const { id } of entries) counts.set(id, (counts.get(id) ?? 0) + 1)
    return (entry) =>
      this.isLookalike(entry) ||
      (isAlias(entry.name) && (entry.id === undefined || counts.get(entry.id) !== 1 || this.isContradicted(entry)))
  }

  /** Asks servers once whose their aliases are. One that does not tell knows of none. */
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
   * Whose an alias is by the list alone. A server names a device as its list has it, unless two have the same alias; the device of a
   * server behind another is named by either.
   */
  private ownerOf(entry: Pick<Entry, "name" | "place">): RomId.RomId | undefined {
    if (serverOf(entry.place) !== "") return undefined
    const [owner, other] = this.ownersOf(entry) ?? []
    return other === undefined ? owner : undefined
  }

  private isLookalike(entry: Pick<Entry, "name" | "place">): boolean {
    return !isAlias(entry.name) && this.ownersOf(entry) !== undefined
  }

  /** Whether a server says of an alias that it is another's, too. */
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

  /** Searches a place once more, without aliases. The order is the same, unless something came or went between the two. */
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

/** An entry of which it is known who it is. */
interface Known extends Entry {
  readonly id: RomId.RomId
}

/** The path of what is listed in a place. */
const below = (place: Place.Place, name: string): string => {
  const path = Place.toPath(place)
  return `${path === "/" ? "" : path}/${name}`
}

/** The path of the server whose bus a place is on; empty for the one that is asked. */
const serverOf = ({ bus }: Place.Place): string => {
  const server = bus === undefined ? undefined : serversTo(bus).at(-1)
  return server === undefined ? "" : `/${server}`
}

/** The place that one is listed in. */
const aboveOf = ({ branches, bus }: Place.Place): Place.Place =>
  branches.length > 0
    ? { bus, branches: branches.slice(0, -1) }
    : { bus: bus === undefined ? undefined : serversTo(bus).at(-1), branches: [] }

/** The path of a place that is listed without aliases. Only with the bus in front does it reach one behind another server. */
const unaliased = ({ branches, bus }: Place.Place): string =>
  below({ bus, branches: [] }, "unaliased") + (branches.length === 0 ? "" : Place.toPath({ bus: undefined, branches }))

/** The same failure of a server as if its root had been listed: that a number was asked for says nothing to anybody. */
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

/** The buses that are listed in a place. */
const busesAmong = ({ bus }: Place.Place, names: ReadonlyArray<string>): ReadonlyArray<Place.Place> =>
  names.filter(isBus)
    .map((name) => ({ bus: bus === undefined ? name : `${bus}/${name}`, branches: [] }))
    .toSorted(Place.Order)
