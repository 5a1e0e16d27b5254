/**
 * What can be read and written where: the properties of a device of each family, and of the server itself.
 */
import { common, families, simultaneous, thermostat } from "./families.ts"
import * as files from "./files.ts"

/** One property, or an array of them. */
export interface Property {
  /** Its path below its holder, without an extension. */
  readonly name: string
  /** The letter of its type, as in `/structure`. */
  readonly kind: string
  /** 1 for a scalar, -1 for an array keyed by any text, 0 for one keyed by any number. */
  readonly elements: number
  readonly isArray: boolean
  readonly isLettered: boolean
  readonly isBitField: boolean
  readonly isReadable: boolean
  readonly isWritable: boolean
  readonly access: string
  /** The longest value of one element, in bytes. */
  readonly length: number
  readonly change: string
  /** Not listed, unless the device is described to have it. */
  readonly isHidden: boolean
  /** Its directory is listed all the same. */
  readonly isDirectoryListed: boolean
}

/** The extension of a whole array, and of a bit field as one number. */
export const all = -1
export const byte = -2

/** A property, and which element of it is meant: `all`, `byte`, or its index. */
export interface Place {
  readonly property: Property
  readonly index: number
}

export interface Catalogue {
  readonly properties: ReadonlyMap<string, Property>
  /** The paths of the directories below the holder. */
  readonly directories: ReadonlySet<string>
}

const parse = (text: string): Catalogue => {
  const properties: Array<Property> = []
  for (const line of text.split("\n")) {
    if (line === "") continue
    const [path, type, access, length, change, mark] = line.split(" ")
    const [, kind, count, keys] = /^(.)(\d+|[xn])?([BL]+)?$/.exec(type) ?? []
    properties.push({
      name: path.replaceAll("%20", " "),
      kind,
      elements: count === undefined ? 1 : count === "x" ? -1 : count === "n" ? 0 : Number(count),
      isArray: count !== undefined,
      isLettered: keys?.includes("L") ?? false,
      isBitField: keys?.includes("B") ?? false,
      isReadable: access.startsWith("r"),
      isWritable: access.endsWith("w") || access === "wo",
      access,
      length: Number(length),
      change,
      isHidden: mark !== undefined,
      isDirectoryListed: mark === "="
    })
  }
  properties.sort((a, b) => a.name < b.name ? -1 : 1)
  const directories = new Set<string>()
  for (const { name } of properties) {
    for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1)) {
      directories.add(name.slice(0, slash))
    }
  }
  return { properties: new Map(properties.map((property) => [property.name, property])), directories }
}

export interface Family extends Catalogue {
  readonly chip: string
  /** What a device adds to the classes that a listing tells of. */
  readonly classes: number
}

/** A server knows of a chip that it has no driver for what every chip has. */
const unknown: Family = {
  chip: "",
  classes: 1,
  ...parse("address a ro 16 f\ncrc8 a ro 2 f\nfamily a ro 2 f\nid a ro 12 f\nr_address a ro 16 f\nr_id a ro 12 f")
}

const parsed = new Map<string, Family>()

// A path may be called like what every object has.
const isKnown = (code: string): boolean => Object.hasOwn(families, code)

export const family = (code: string): Family => {
  if (!isKnown(code)) return unknown
  let known = parsed.get(code)
  if (known === undefined) {
    const [chip, classes, text] = families[code]
    // A family's own line comes after the common one of that name, and replaces it.
    known = { chip, classes, ...parse(common + text) }
    parsed.set(code, known)
  }
  return known
}

const lazily = (text: string): () => Catalogue => {
  let made: Catalogue | undefined
  return () => made ??= parse(text)
}

const simultaneousCatalogue = lazily(simultaneous)
const thermostatCatalogue = lazily(thermostat)

/** What stands in the directories `simultaneous` and `thermostat`. */
export const special = { simultaneous: simultaneousCatalogue, thermostat: thermostatCatalogue }

/** What stands in the server's own directories, by their paths: `/settings/units`. */
export const own: ReadonlyMap<string, () => Catalogue> = new Map(
  Object.entries(files.files).map(([path, text]) => [path, lazily(text)])
)

/** The codes of all families that are known. */
export const codes: ReadonlyArray<string> = Object.keys(families).toSorted()

/** The codes and names below `/structure`. */
export const structures: ReadonlyArray<string> = [...codes, ...Object.keys(special)]

/** The records below one of them, in which a device's are all listed. */
export const structure = (name: string): Catalogue | undefined => {
  if (name === "simultaneous" || name === "thermostat") return special[name]()
  return isKnown(name) ? family(name) : undefined
}

/** Finds a property by its path below its holder, with its extension. */
export const find = ({ properties }: Catalogue, path: string): Place | undefined => {
  const dot = path.indexOf(".", path.lastIndexOf("/") + 1)
  const property = properties.get(dot < 0 ? path : path.slice(0, dot))
  if (property === undefined || property.isArray !== (dot >= 0)) return undefined
  if (dot < 0) return { property, index: 0 }
  // Of several extensions a server looks at the last.
  const index = indexOf(property, path.slice(path.lastIndexOf(".") + 1))
  return index === undefined ? undefined : { property, index }
}

const indexOf = (property: Property, key: string): number | undefined => {
  const upper = key.toUpperCase()
  if (property.elements === -1) return 0
  if (property.elements === 0) return /^\d+$/.test(key) ? Number(key) : undefined
  if (upper === "ALL") return all
  if (upper === "BYTE") return property.isBitField ? byte : undefined
  const index = property.isLettered
    ? upper.length === 1 ? upper.charCodeAt(0) - 65 : -1
    : /^\d+$/.test(key)
    ? Number(key)
    : -1
  return index >= 0 && index < property.elements ? index : undefined
}

/** What follows a property's name for an element of it. */
export const extension = ({ elements, isArray, isLettered }: Property, index: number): string => {
  if (!isArray) return ""
  if (index === all) return ".ALL"
  if (index === byte) return ".BYTE"
  if (elements === -1) return ".xxx"
  if (elements === 0) return ".000"
  return isLettered ? `.${String.fromCharCode(65 + index)}` : `.${index}`
}

/** The extensions of an array as a device lists them, or only the first of them, as `/structure` does. */
export const indices = (property: Property, isShort: boolean): ReadonlyArray<number> => {
  const { elements, isArray, isBitField } = property
  if (!isArray || elements <= 0) return [0]
  const count = isShort ? 1 : elements
  return [...(isBitField ? [byte] : []), all, ...Array.from({ length: count }, (_, index) => index)]
}

/** The most bytes that a value takes. */
export const fullLength = ({ elements, kind, length }: Property, index: number): number => {
  if (index === byte) return 12
  if (index !== all) return length
  return kind === "b" ? elements * length : elements * (length + 1) - 1
}

/** The type record, as `/structure` gives it. */
export const record = (property: Property, index: number): string => {
  const { access, change, elements, isArray, kind } = property
  return [
    kind,
    digits(isArray ? index : 0),
    digits(elements),
    access,
    digits(fullLength(property, index)),
    change,
    ""
  ].join(",")
}

const digits = (value: number): string => `${value < 0 ? "-" : ""}${String(Math.abs(value)).padStart(6, "0")}`
