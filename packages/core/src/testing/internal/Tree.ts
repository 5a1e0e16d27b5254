/**
 * What a path leads to on a simulated server.
 */
import * as RomId from "../../onewire/RomId.ts"
import * as Catalogue from "./Catalogue.ts"
import type { Device } from "./Device.ts"
import type { Network } from "./Network.ts"

/** A directory of devices: of all buses, of one, or of a branch. */
export interface Listing {
  readonly _tag: "Listing"
  readonly path: string
  /** `undefined` for all buses. */
  readonly place: string | undefined
  readonly isAlarm: boolean
  readonly isUncached: boolean
  readonly isUnaliased: boolean
  /** The coupler whose branch it is. */
  readonly coupler: Device | undefined
}

/** A directory whose entries are known. */
interface Folder {
  readonly _tag: "Folder"
  readonly path: string
  readonly entries: ReadonlyArray<Entry>
  readonly device: Device | undefined
}

interface Entry {
  readonly name: string
  readonly isDirectory: boolean
}

/** Whose property it is. */
export type Holder =
  | { readonly _tag: "Device"; readonly device: Device }
  | { readonly _tag: "Simultaneous"; readonly place: string | undefined }
  | { readonly _tag: "Interface"; readonly bus: number; readonly path: string }
  | { readonly _tag: "Own"; readonly path: string }
  | { readonly _tag: "Thermostat" }
  | { readonly _tag: "Structure" }

export interface Leaf {
  readonly _tag: "Leaf"
  readonly holder: Holder
  readonly place: Catalogue.Place
  readonly isUncached: boolean
}

export type Node = Listing | Folder | Leaf

const ownDirectories = ["settings", "system", "statistics"] as const

const keyword = (segment: string, word: string): boolean => segment.toLowerCase().startsWith(word)

/** Finds a device, if a server would still take it for present. */
export type Locate = (name: string, place: string | undefined) => Device | undefined

export const resolve = (
  path: string,
  isUncached: boolean,
  { buses }: Network,
  locate: Locate
): Node | undefined => {
  const text = path.startsWith("/") ? path.slice(1) : path
  const endsInSlash = text.endsWith("/")
  const segments = text === "" ? [] : (endsInSlash ? text.slice(0, -1) : text).split("/")
  if (segments.includes("")) return undefined
  let bus: number | undefined
  let place: string | undefined
  let isAlarm = false
  let isUnaliased = false
  let coupler: Device | undefined
  let shown = ""
  let at = 0

  const listing = (): Listing => ({
    _tag: "Listing",
    path: shown,
    place,
    isAlarm,
    isUncached,
    isUnaliased,
    coupler
  })

  /** What stands at the rest of the path in the catalogue of a holder. */
  const inCatalogue = (
    catalogue: Catalogue.Catalogue,
    holder: Holder,
    isListed: (name: string) => boolean
  ): Node | undefined => {
    const below = segments.slice(at).join("/")
    const device = holder._tag === "Device" ? holder.device : undefined
    if (below === "" || catalogue.directories.has(below)) {
      const isShort = holder._tag === "Structure"
      const here = below === "" ? shown : `${shown}/${below}`
      return { _tag: "Folder", path: here, entries: entriesOf(catalogue, below, isShort, isListed), device }
    }
    const found = Catalogue.find(catalogue, below)
    return found === undefined || endsInSlash ? undefined : { _tag: "Leaf", holder, place: found, isUncached }
  }

  const names = (words: ReadonlyArray<string>): Folder => ({
    _tag: "Folder",
    path: shown,
    entries: words.map((name) => ({ name, isDirectory: true })),
    device: undefined
  })

  /** Skips what changes how the rest is seen, and not what it is. */
  const skipModes = (): void => {
    for (; at < segments.length; at++) {
      const segment = segments[at]
      if (keyword(segment, "uncached")) isUncached = true
      else if (keyword(segment, "unaliased")) isUnaliased = true
      else if (!keyword(segment, "text") && !keyword(segment, "json")) return
      shown += `/${segment}`
    }
  }

  for (;;) {
    skipModes()
    if (at === segments.length) return listing()
    const segment = segments[at]
    const number = /^bus\.(\d+)/i.exec(segment)
    if (number !== null && place === undefined) {
      bus = Number(number[1])
      if (bus >= buses.length) return undefined
      place = `bus.${bus}`
      shown += `/${segment}`
      at++
      continue
    }
    if (bus !== undefined && keyword(segment, "interface")) {
      shown += `/${segment}`
      at++
      return inOwn("/interface", bus)
    }
    if (place === undefined) {
      if (keyword(segment, "structure")) {
        shown += `/${segment}`
        at++
        skipModes()
        if (at === segments.length) return names(Catalogue.structures)
        const catalogue = Catalogue.structure(segments[at])
        shown += `/${segments[at++]}`
        return catalogue === undefined ? undefined : inCatalogue(catalogue, { _tag: "Structure" }, () => true)
      }
      const own = ownDirectories.find((word) => keyword(segment, word))
      if (own !== undefined) {
        shown += `/${segment}`
        at++
        skipModes()
        return inOwn(`/${own}`, undefined)
      }
    }
    return real()
  }

  function inOwn(root: string, bus: number | undefined): Node | undefined {
    if (at === segments.length) {
      return names(
        [...Catalogue.own.keys()].filter((path) => path.startsWith(`${root}/`)).map((path) =>
          path.slice(root.length + 1)
        )
      )
    }
    const path = `${root}/${segments[at]}`
    const catalogue = Catalogue.own.get(path)
    if (catalogue === undefined) return undefined
    shown += `/${segments[at++]}`
    return inCatalogue(
      catalogue(),
      bus === undefined ? { _tag: "Own", path } : { _tag: "Interface", bus, path },
      () => true
    )
  }

  /** Devices, and what there is beside them on a bus and on a branch. */
  function real(): Node | undefined {
    if (keyword(segments[at], "alarm")) {
      isAlarm = true
      shown += `/${segments[at++]}`
      skipModes()
      if (at === segments.length) return listing()
    }
    const segment = segments[at]
    for (const word of ["simultaneous", "thermostat"] as const) {
      if (!keyword(segment, word)) continue
      shown += `/${segment}`
      at++
      return inCatalogue(
        Catalogue.special[word](),
        word === "simultaneous" ? { _tag: "Simultaneous", place } : { _tag: "Thermostat" },
        () => true
      )
    }
    const device = locate(segment, place)
    if (device === undefined) return undefined
    shown += `/${segment}`
    at++
    const next = segments[at]
    if (at < segments.length && device.family.properties.get(next)?.kind === "D") {
      place = `${device.place}/${device.id}/${next}`
      coupler = device
      shown += `/${next}`
      at++
      skipModes()
      return at === segments.length ? listing() : real()
    }
    if (next === "present" && at + 1 === segments.length) {
      const found: Leaf = { _tag: "Leaf", holder: { _tag: "Device", device }, place: present, isUncached }
      return endsInSlash ? undefined : found
    }
    return inCatalogue(
      device.family,
      { _tag: "Device", device },
      (name) => device.family.properties.get(name)?.isHidden !== true || device.isDescribed(name)
    )
  }
}

/** Every device has this one, and none lists it. */
const present: Catalogue.Place = {
  index: 0,
  property: {
    name: "present",
    kind: "y",
    elements: 1,
    isArray: false,
    isLettered: false,
    isBitField: false,
    isReadable: true,
    isWritable: false,
    access: "ro",
    length: 1,
    change: "v",
    isHidden: true,
    isDirectoryListed: false
  }
}

const entriesOf = (
  { directories, properties }: Catalogue.Catalogue,
  below: string,
  isShort: boolean,
  isListed: (name: string) => boolean
): ReadonlyArray<Entry> => {
  const prefix = below === "" ? "" : `${below}/`
  const named = new Map<string, ReadonlyArray<Entry>>()
  for (const property of properties.values()) {
    const { isDirectoryListed, kind, name } = property
    if (!name.startsWith(prefix)) continue
    const rest = name.slice(prefix.length)
    const slash = rest.indexOf("/")
    if (!isListed(name) && !(isDirectoryListed && slash >= 0)) continue
    if (slash >= 0) {
      const directory = rest.slice(0, slash)
      named.set(directory, [{ name: directory, isDirectory: directories.has(prefix + directory) }])
    } else {
      named.set(
        rest,
        Catalogue.indices(property, isShort).map((index) => ({
          name: rest + Catalogue.extension(property, index),
          isDirectory: kind === "D"
        }))
      )
    }
  }
  return [...named].toSorted(([a], [b]) => a < b ? -1 : 1).flatMap(([, entries]) => entries)
}

/** The name under which a device is listed. */
export const nameOf = (
  { id }: Device,
  { aliases }: Network,
  isUnaliased: boolean,
  format: Parameters<typeof RomId.format>[1]
): string => (isUnaliased ? undefined : aliases.get(id)) ?? RomId.format(id, format)
