/**
 * The properties of the devices of each family, and of the server itself.
 */
import * as Option from "effect/Option"
import * as Catalogue from "../../device/Catalogue.ts"
import * as ownProperties from "../../device/internal/ownProperties.ts"
import { indexOf, parse } from "../../device/internal/property.ts"
import type * as Property from "../../device/Property.ts"
import * as FamilyCode from "../../onewire/FamilyCode.ts"
import { all, byte } from "../../protocol/TypeRecord.ts"
import type { Chip, Contents, Element } from "../Bus.ts"
import { classes, simultaneous, thermostat } from "./recorded.ts"

/** Contents made of properties, in the order of their names. */
export const of = (properties: ReadonlyArray<Property.Property>): Contents => {
  const directories = new Set<string>()
  for (const { name } of properties) {
    for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1)) {
      directories.add(name.slice(0, slash))
    }
  }
  return { properties: new Map(properties.map((property) => [property.name, property])), directories }
}

const contents = (text: string): Contents => of(parse(text).toSorted((a, b) => a.name < b.name ? -1 : 1))

/** The chip of a family without a driver. It has only what every chip has. */
const unknown: Chip = {
  name: "",
  classes: 1,
  ...contents("address a ro 16 f\ncrc8 a ro 2 f\nfamily a ro 2 f\nid a ro 12 f\nr_address a ro 16 f\nr_id a ro 12 f")
}

const parsed = new Map<string, Chip>()

/** Gives the chip of a family code from `Catalogue`, or one with only what every chip has. */
export const chipOf = (code: string): Chip =>
  Option.match(Catalogue.of(code), {
    onNone: () => unknown,
    onSome: (family) => {
      const driver = FamilyCode.driver(code)
      let known = parsed.get(driver)
      if (known === undefined) {
        const own = contents(family.records)
        // A constant belongs to the chip, anything else to the device.
        const saysItself = own.properties.get("type")?.change !== "f"
        known = { name: saysItself ? "" : family.chip, classes: classes[driver] ?? 0, ...own }
        parsed.set(driver, known)
      }
      return known
    }
  })

const lazily = (text: string): () => Contents => {
  let made: Contents | undefined
  return () => made ??= contents(text)
}

const simultaneousContents = lazily(simultaneous)
const thermostatContents = lazily(thermostat)

/** The properties in the directories `simultaneous` and `thermostat`. */
export const special = { simultaneous: simultaneousContents, thermostat: thermostatContents }

/** The properties of one of the server's own directories, by the paths of its subdirectories. */
const divided = (root: string, text: string): ReadonlyArray<readonly [path: string, contents: () => Contents]> => {
  const lines = text.split("\n").filter((line) => line !== "")
  const names = new Set(lines.map((line) => line.slice(0, line.indexOf("/"))))
  return [...names].map((name) => {
    const inside = lines.filter((line) => line.startsWith(`${name}/`)).map((line) => line.slice(name.length + 1))
    return [`/${root}/${name}`, lazily(inside.join("\n"))] as const
  })
}

/** The properties in the server's own directories, by path: `/settings/units`. */
export const own: ReadonlyMap<string, () => Contents> = new Map([
  ...divided("settings", ownProperties.settings),
  ...divided("system", ownProperties.system),
  ...divided("statistics", ownProperties.statistics),
  ...divided("interface", ownProperties.busInterface)
])

/** The codes of all known families. */
export const codes: ReadonlyArray<string> = Catalogue.families.flatMap((family) => family.codes).toSorted()

/** The codes and names below `/structure` of a server that knows all of them. */
export const structures: ReadonlyArray<string> = [...codes, ...Object.keys(special)]

/** Gives the records below one of these names. A family needs its exact code, which lists all properties of a device. */
export const structure = (name: string): Contents | undefined => {
  if (name === "simultaneous" || name === "thermostat") return special[name]()
  return codes.includes(name) ? chipOf(name) : undefined
}

/** Finds a property by its path below its holder, including its extension. */
export const find = ({ properties }: Contents, path: string): Option.Option<Element> => {
  const dot = path.indexOf(".", path.lastIndexOf("/") + 1)
  const property = properties.get(dot < 0 ? path : path.slice(0, dot))
  if (property === undefined || property.isArray !== (dot >= 0)) return Option.none()
  if (dot < 0) return Option.some({ property, index: 0 })
  // If there are several extensions, a server uses the last.
  return Option.map(indexOf(property, path.slice(path.lastIndexOf(".") + 1)), (index) => ({ property, index }))
}

/** The extensions of an array as a device lists them, or only the first, as in `/structure`. */
export const indices = (property: Property.Property, isShort: boolean): ReadonlyArray<number> => {
  const { elements, isArray, isBitField } = property
  if (!isArray || elements <= 0) return [0]
  const count = isShort ? 1 : elements
  return [...(isBitField ? [byte] : []), all, ...Array.from({ length: count }, (_, index) => index)]
}
