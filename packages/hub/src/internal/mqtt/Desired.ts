/**
 * The retained messages that should be on the broker, as a function of the state of the hub. After any change of names, places or
 * options, the difference between two results gives the topics to clear.
 */
import type * as Api from "../../Api.ts"
import * as Topic from "./Topic.ts"

export interface Options {
  readonly base: string
  readonly output: "json" | "attribute" | "attribute_and_json"
  /** Whether values are retained. All other messages are. */
  readonly retain: boolean
  /** Additional fields of `bridge/info`. */
  readonly info: () => Readonly<Record<string, unknown>>
  /** Additional retained messages, such as discovery messages for Home Assistant. */
  readonly announce:
    | ((state: Api.State, topicOf: (key: string) => string) => ReadonlyArray<readonly [topic: string, payload: string]>)
    | undefined
}

export interface Message {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
}

export interface Desired {
  /** Messages in publishing order, one per topic. */
  readonly messages: ReadonlyArray<Message>
  readonly names: Topic.Names
}

/** Time of the last good reading of each place, by the keys of places. A value that is not plausible replaces a good one. */
export type LastGood = ReadonlyMap<string, number>

/** Minimum seconds for which a place is available without news. */
const leastPatience = 60

const periods = 3

export const online = JSON.stringify({ state: "online" })
export const offline = JSON.stringify({ state: "offline" })

const isGood = ({ failing, reading }: Api.Property): boolean =>
  failing === undefined && reading !== undefined && reading.verdict === undefined

/** Updates the times of the last good readings. Places that no longer exist are forgotten. */
export const remember = (before: LastGood, { places }: Api.State): LastGood =>
  new Map(places.flatMap(({ key, properties }) => {
    const times = properties.flatMap((property) => isGood(property) && property.reading ? [property.reading.at] : [])
    const last = Math.max(before.get(key) ?? -Infinity, ...times)
    return last === -Infinity ? [] : [[key, last] as const]
  }))

const isOut = ({ servers }: Api.State, { bus, server }: Api.PlaceState): boolean =>
  servers.some(({ buses, failing, name }) =>
    name === server && (failing !== undefined || buses.some((one) => one.name === bus))
  )

/**
 * Whether a place is available. It must be present, its bus and its server must work, and its last good reading must be within
 * three periods, with a minimum of one minute. A chip without properties needs no reading.
 */
export const isAvailable = (state: Api.State, place: Api.PlaceState, lastGood: number | undefined): boolean => {
  if (place.goneSince !== undefined || isOut(state, place)) return false
  if (place.properties.length === 0) return place.server !== undefined
  return lastGood !== undefined && state.at - lastGood <= Math.max(leastPatience, periods * state.every)
}

/** The value of a property, or `null` if it is not known. */
const valueOf = (property: Api.Property): Api.Reading["value"] | null =>
  isGood(property) ? property.reading?.value ?? null : null

const iso = (seconds: number | undefined): string | null => {
  const date = new Date((seconds ?? NaN) * 1000)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

const bare = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value)

/** All values of a place by their properties, and the time of the last good one. */
const values = (
  { properties }: Api.PlaceState,
  lastGood: number | undefined
): ReadonlyArray<readonly [property: string, value: unknown]> => [
  ...properties.map((property) => [property.name, valueOf(property)] as const),
  ["last_seen", iso(lastGood)]
]

/** The list of places for `bridge/devices`. */
export const devices = (
  { places }: Api.State,
  names: Topic.Names
): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  places.map(({ bus, chip, device, group, key, limits, properties, server, title }) => ({
    id: key,
    name: names.byKey.get(key) ?? key,
    title,
    device,
    family: device.slice(0, 2),
    chip,
    group,
    server,
    bus,
    properties: properties.map(({ isWritable, name, unit }) => ({
      name,
      unit,
      writable: isWritable,
      limits: Object.hasOwn(limits, name) ? limits[name] : undefined
    }))
  }))

/** The state without hidden places. */
export const visible = (state: Api.State): Api.State => ({
  ...state,
  places: state.places.filter(({ isHidden }) => !isHidden)
})

/** All messages that should be on the broker. */
export const of = (all: Api.State, lastGood: LastGood, options: Options): Desired => {
  const state = visible(all)
  const { announce, base, info, output, retain } = options
  const names = Topic.names(state.places)
  const nameOf = (key: string): string => names.byKey.get(key) ?? key
  const topicOf = (key: string): string => `${base}/${nameOf(key)}`
  const messages = new Map<string, Message>()
  const say = (topic: string, payload: string, retain = true): void => {
    // An empty payload would clear the topic.
    if (payload !== "" && Topic.isSound(topic) && !messages.has(topic)) messages.set(topic, { topic, payload, retain })
  }
  say(`${base}/bridge/state`, online)
  say(
    `${base}/bridge/info`,
    JSON.stringify({
      title: state.title,
      every: state.every,
      servers: state.servers.map(({ failing, name }) => ({ name, problem: failing?.message })),
      ...info()
    })
  )
  say(`${base}/bridge/devices`, JSON.stringify(devices(state, names)))
  say(`${base}/bridge/notices`, JSON.stringify(state.notices))
  for (const place of state.places) {
    say(`${topicOf(place.key)}/availability`, isAvailable(state, place, lastGood.get(place.key)) ? online : offline)
  }
  for (const place of state.places) {
    const topic = topicOf(place.key)
    const all = values(place, lastGood.get(place.key))
    if (output !== "attribute") say(topic, JSON.stringify(Object.fromEntries(all)), retain)
    if (output !== "json") { for (const [property, value] of all) say(`${topic}/${property}`, bare(value), retain) }
  }
  for (const [topic, payload] of announce?.(state, topicOf) ?? []) say(topic, payload)
  return { messages: [...messages.values()], names }
}
