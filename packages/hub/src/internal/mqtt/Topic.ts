/**
 * Topics, and the names of places in them. Titles come from outside, and brokers close the connection of a client whose topics
 * have wildcards or characters that MQTT forbids.
 */
import { Printable } from "@effect-ownet/core"
import type * as Api from "../../Api.ts"

/** Maximum levels of a name, because the bridge subscribes to commands level by level. */
const mostLevels = 8

const mostCharacters = 200

/** Characters that no topic may have, or that brokers and shells treat specially. */
const forbidden = /[+#$\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u{fffd}]/gu

/** A text as a topic; `undefined` if nothing is left of it. */
export const safe = (text: string): string | undefined => {
  const levels = text.replace(forbidden, "_").split("/").map((level) => level.trim()).filter((level) => level !== "")
  return levels.length === 0 ? undefined : levels.join("/")
}

/** Whether a topic can be published to unchanged. */
export const isSound = (topic: string): boolean => topic.length <= 1000 && safe(topic) === topic

/** Levels with a special meaning in the topics of a place. */
const isReserved = (level: string): boolean => level === "set" || level === "get"

/** A name that cannot be used, and the reason. */
export interface Unused {
  readonly key: string
  readonly title: string
  readonly problem: string
}

export interface Names {
  /** The names of places, by their keys. */
  readonly byKey: ReadonlyMap<string, string>
  /** The keys of places, by their names. */
  readonly byName: ReadonlyMap<string, string>
  readonly unused: ReadonlyArray<Unused>
}

type Named = Pick<Api.PlaceState, "key" | "title"> & {
  readonly properties: ReadonlyArray<Pick<Api.Property, "name">>
}

/** The fallback name of a place. No title begins a name with an underscore and a key. */
const ownName = (key: string): string => {
  const name = safe(key)?.replaceAll("/", "_") ?? "_"
  return name === "bridge" || name === "availability" || isReserved(name) ? `_${name}` : name
}

const problemOf = (name: string, place: Named, owns: ReadonlySet<string>): string | undefined => {
  const levels = name.split("/")
  const last = levels.at(-1)
  if (name.length > mostCharacters) return `it has more than ${mostCharacters} characters`
  if (levels.length > mostLevels) return `it has more than ${mostLevels} levels`
  if (levels[0] === "bridge") return "bridge is the bridge itself"
  const reserved = levels.find(isReserved)
  if (reserved !== undefined) return `${reserved} is for commands`
  if (last === "availability") return "it ends like a topic of availability"
  if (place.properties.some((property) => name === property.name || name.endsWith(`/${property.name}`))) {
    return "it ends with one of its own properties"
  }
  return owns.has(levels[0] ?? "") ? "it begins with the topic of another place" : undefined
}

/** Topics that belong to a place below its base topic. */
const claims = (name: string, { properties }: Named): ReadonlyArray<string> => [
  name,
  `${name}/availability`,
  ...[...properties.map((property) => property.name), "last_seen"].map((property) => `${name}/${property}`)
]

/**
 * Names of all places: their titles if those can be topics and are unique, and their keys otherwise. If two places have the same
 * title, the one with the lower key gets it.
 */
export const names = (places: ReadonlyArray<Named>): Names => {
  const owns = new Set(places.map(({ key }) => ownName(key)))
  const claimed = new Set<string>()
  const byKey = new Map<string, string>()
  const unused: Array<Unused> = []
  for (const place of places.toSorted((a, b) => a.key < b.key ? -1 : 1)) {
    const { key, title } = place
    const own = ownName(key)
    const wanted = title === key ? own : safe(title)
    let name = own
    if (wanted !== undefined && wanted !== own) {
      const problem = problemOf(wanted, place, owns)
        ?? (claims(wanted, place).some((topic) => claimed.has(topic)) ? "another place has it" : undefined)
      if (problem === undefined) name = wanted
      else unused.push({ key, title: Printable.printable(title), problem })
    } else if (wanted === undefined) {
      unused.push({ key, title: Printable.printable(title), problem: "it has no character for a topic" })
    }
    for (const topic of claims(name, place)) claimed.add(topic)
    byKey.set(key, name)
  }
  return { byKey, byName: new Map([...byKey].map(([key, name]) => [name, key])), unused }
}

/** A command to a place: `property` is `undefined` for the place as a whole. */
export interface Address {
  readonly verb: "get" | "set"
  readonly name: string
  readonly property: string | undefined
}

/** The command that a topic below a base topic stands for. */
export const address = (base: string, topic: string): Address | undefined => {
  if (!topic.startsWith(`${base}/`)) return undefined
  const levels = topic.slice(base.length + 1).split("/")
  const at = levels.findIndex(isReserved)
  const verb = levels[at]
  // The bridge receives its own answers.
  if (at < 1 || levels[0] === "bridge" || (verb !== "set" && verb !== "get")) return undefined
  const property = levels.slice(at + 1).join("/")
  return { verb, name: levels.slice(0, at).join("/"), property: property === "" ? undefined : property }
}

/** Subscriptions to all commands and requests below a base topic. */
export const subscriptions = (base: string): ReadonlyArray<string> => [
  `${base}/bridge/request/#`,
  ...Array.from({ length: mostLevels }, (_, index) => "+/".repeat(index + 1)).flatMap((levels) => [
    `${base}/${levels}set/#`,
    `${base}/${levels}get/#`
  ])
]
