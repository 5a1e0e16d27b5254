/**
 * Resolves paths on a server.
 */
import * as Option from "effect/Option"
import * as Property from "../../device/Property.ts"
import * as RomId from "../../onewire/RomId.ts"
import type * as Bus from "../Bus.ts"
import * as Contents from "./Contents.ts"

/** A directory of devices: of all buses, of one bus or of a branch. */
export interface Listing {
  readonly _tag: "Listing"
  readonly path: string
  /** `undefined` for all buses. */
  readonly place: string | undefined
  readonly isAlarm: boolean
  readonly isUncached: boolean
  readonly isUnaliased: boolean
  /** The coupler that has the branch. */
  readonly coupler: Bus.Device | undefined
}

/** A directory with known entries. */
interface Folder {
  readonly _tag: "Folder"
  readonly path: string
  readonly entries: ReadonlyArray<Entry>
  readonly device: Bus.Device | undefined
}

interface Entry {
  readonly name: string
  readonly isDirectory: boolean
}

/** The holder of a property. */
export type Holder =
  | { readonly _tag: "Device"; readonly device: Bus.Device }
  | { readonly _tag: "Simultaneous"; readonly place: string | undefined }
  | { readonly _tag: "Interface"; readonly bus: number; readonly path: string }
  | { readonly _tag: "Own"; readonly path: string }
  | { readonly _tag: "Thermostat" }
  | { readonly _tag: "Structure" }

export interface Leaf {
  readonly _tag: "Leaf"
  readonly holder: Holder
  readonly element: Bus.Element
  readonly isUncached: boolean
}

export type Node = Listing | Folder | Leaf

const ownDirectories = ["settings", "system", "statistics"] as const

/** Entries of the server's own directories, by their paths. */
export type Own = ReadonlyMap<string, () => Bus.Contents>

/** Finds a device, if a server would still consider it present. */
export type Locate = (name: string, place: string | undefined) => Bus.Device | undefined

/** Finds what a path leads to. */
export const resolve = (
  path: string,
  isUncached: boolean,
  bus: Bus.Bus,
  own: Own,
  locate: Locate
): Node | undefined => {
  const text = path.startsWith("/") ? path.slice(1) : path
  const endsInSlash = text.endsWith("/")
  const segments = text === "" ? [] : (endsInSlash ? text.slice(0, -1) : text).split("/")
  if (segments.includes("")) return undefined
  return new Walk(segments, endsInSlash, isUncached, bus, own, locate).start()
}

/** Follows a path, segment by segment. */
class Walk {
  private readonly segments: ReadonlyArray<string>
  private readonly endsInSlash: boolean
  private readonly bus: Bus.Bus
  private readonly own: Own
  private readonly locate: Locate
  private at = 0
  /** The part of the path followed so far, as listings repeat it. */
  private path = ""
  private place: string | undefined = undefined
  private coupler: Bus.Device | undefined = undefined
  private isAlarm = false
  private isUncached: boolean
  private isUnaliased = false
  private namesBus = false

  constructor(
    segments: ReadonlyArray<string>,
    endsInSlash: boolean,
    isUncached: boolean,
    bus: Bus.Bus,
    own: Own,
    locate: Locate
  ) {
    this.segments = segments
    this.endsInSlash = endsInSlash
    this.isUncached = isUncached
    this.bus = bus
    this.own = own
    this.locate = locate
  }

  /** Resolves an entry of the root or of a bus. */
  start(): Node | undefined {
    this.skipModes()
    if (this.isAtEnd) return this.listing()
    const bus = /^bus\.(\d+)/i.exec(this.segment)
    if (bus !== null) {
      if (this.place !== undefined || Number(bus[1]) >= this.bus.masters.length) return undefined
      this.place = `bus.${Number(bus[1])}`
      this.namesBus = true
      this.next()
      return this.start()
    }
    if (this.place !== undefined) {
      return this.is("interface") ? this.inOwn("interface") : this.onBus()
    }
    if (this.is("structure")) return this.inStructure()
    const own = ownDirectories.find((word) => this.is(word))
    return own === undefined ? this.onBus() : this.inOwn(own)
  }

  private get segment(): string {
    return this.segments[this.at]
  }

  private get isAtEnd(): boolean {
    return this.at === this.segments.length
  }

  /** A server compares only the beginning of its own words. */
  private is(word: string): boolean {
    return this.segment.toLowerCase().startsWith(word)
  }

  private next(): string {
    const segment = this.segments[this.at++]
    this.path += `/${segment}`
    return segment
  }

  /** Skips words that change how the rest is shown, but not what it is. */
  private skipModes(): void {
    for (; !this.isAtEnd; this.next()) {
      if (this.is("uncached")) this.isUncached = true
      else if (this.is("unaliased")) this.isUnaliased = true
      else if (!this.is("text") && !this.is("json")) return
    }
  }

  private listing(): Listing {
    const { coupler, isAlarm, isUnaliased, namesBus, path, place } = this
    // If the path names a bus, a server searches that bus, regardless of its cache.
    const isUncached = this.isUncached || namesBus
    return { _tag: "Listing", path, place, coupler, isAlarm, isUncached, isUnaliased }
  }

  private names(words: ReadonlyArray<string>): Folder {
    const entries = words.map((name) => ({ name, isDirectory: true }))
    return { _tag: "Folder", path: this.path, entries, device: undefined }
  }

  private inStructure(): Node | undefined {
    this.next()
    this.skipModes()
    if (this.isAtEnd) return this.names(this.bus.structures)
    const contents = this.bus.structure(this.next())
    return contents === undefined ? undefined : this.inContents(contents, { _tag: "Structure" })
  }

  private inOwn(root: string): Node | undefined {
    this.next()
    this.skipModes()
    const prefix = `/${root}/`
    if (this.isAtEnd) {
      const paths = [...this.own.keys()].filter((path) => path.startsWith(prefix))
      return this.names(paths.map((path) => path.slice(prefix.length)))
    }
    const path = prefix + this.next()
    const bus = this.place === undefined ? undefined : Number(this.place.slice("bus.".length))
    const contents = this.own.get(path)?.()
    const holder: Holder = bus === undefined ? { _tag: "Own", path } : { _tag: "Interface", bus, path }
    return contents === undefined ? undefined : this.inContents(contents, holder)
  }

  /** Resolves devices, and the other entries of a bus or a branch. */
  private onBus(): Node | undefined {
    if (this.is("alarm")) {
      this.isAlarm = true
      this.next()
      this.skipModes()
      if (this.isAtEnd) return this.listing()
    }
    if (this.is("simultaneous")) {
      return this.inSpecial("simultaneous", { _tag: "Simultaneous", place: this.place })
    }
    if (this.is("thermostat")) {
      return this.inSpecial("thermostat", { _tag: "Thermostat" })
    }
    const device = this.locate(this.segment, this.place)
    if (device === undefined) return undefined
    this.next()
    if (this.isAtEnd || device.chip.properties.get(this.segment)?.kind !== "D") return this.inDevice(device)
    this.place = `${device.place}/${device.id}/${this.next()}`
    this.coupler = device
    this.skipModes()
    return this.isAtEnd ? this.listing() : this.onBus()
  }

  private inSpecial(name: string, holder: Holder): Node | undefined {
    this.next()
    const contents = this.bus.structure(name)
    return contents === undefined ? undefined : this.inContents(contents, holder)
  }

  private inDevice(device: Bus.Device): Node | undefined {
    const { at, endsInSlash, isUncached, segments } = this
    const holder: Holder = { _tag: "Device", device }
    if (segments[at] === present.property.name && at + 1 === segments.length) {
      return endsInSlash ? undefined : { _tag: "Leaf", holder, element: present, isUncached }
    }
    return this.inContents(device.chip, holder, device.isListed)
  }

  /** Resolves the rest of the path among the properties of a holder. */
  private inContents(
    contents: Bus.Contents,
    holder: Holder,
    isListed: Bus.Device["isListed"] = () => true
  ): Node | undefined {
    const below = this.segments.slice(this.at).join("/")
    if (below === "" || contents.directories.has(below)) {
      return {
        _tag: "Folder",
        path: below === "" ? this.path : `${this.path}/${below}`,
        entries: entriesOf(contents, below, holder._tag === "Structure", isListed),
        device: holder._tag === "Device" ? holder.device : undefined
      }
    }
    const element = Contents.find(contents, below)
    return Option.isNone(element) || this.endsInSlash
      ? undefined
      : { _tag: "Leaf", holder, element: element.value, isUncached: this.isUncached }
  }
}

/** Every device has this property, but none lists it. */
const present: Bus.Element = {
  index: 0,
  property: {
    name: "present",
    kind: "y",
    elements: 1,
    isArray: false,
    isLettered: false,
    isBitField: false,
    access: "ro",
    length: 1,
    change: "v",
    range: undefined,
    unit: undefined,
    isOptional: true,
    isDirectoryListed: false
  }
}

const entriesOf = (
  { directories, properties }: Bus.Contents,
  below: string,
  isShort: boolean,
  isListed: Bus.Device["isListed"]
): ReadonlyArray<Entry> => {
  const prefix = below === "" ? "" : `${below}/`
  const named = new Map<string, ReadonlyArray<Entry>>()
  for (const property of properties.values()) {
    const { isDirectoryListed, kind, name } = property
    if (!name.startsWith(prefix)) continue
    const rest = name.slice(prefix.length)
    const slash = rest.indexOf("/")
    if (!isListed(property) && !(isDirectoryListed && slash >= 0)) continue
    if (slash >= 0) {
      const directory = rest.slice(0, slash)
      named.set(directory, [{ name: directory, isDirectory: directories.has(prefix + directory) }])
    } else {
      named.set(
        rest,
        Contents.indices(property, isShort).map((index) => ({
          name: rest + Property.extension(property, index),
          isDirectory: kind === "D"
        }))
      )
    }
  }
  return [...named].toSorted(([a], [b]) => a < b ? -1 : 1).flatMap(([, entries]) => entries)
}

/** The name under which a device is listed. */
export const nameOf = (
  { id }: Bus.Device,
  { aliases }: Bus.Bus,
  isUnaliased: boolean,
  format: Parameters<typeof RomId.format>[1]
): string => (isUnaliased ? undefined : aliases.aliasOf(id)) ?? RomId.format(id, format)
