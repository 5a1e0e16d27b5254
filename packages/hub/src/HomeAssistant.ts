/**
 * Discovery messages for Home Assistant 2024.11 or later: one for each place, and one for the hub itself. Each describes a device
 * with all its entities. Publish them as retained messages.
 *
 * **Example** (Announcing a hub and all its places)
 *
 * ```ts
 * import { type Api, HomeAssistant } from "@effect-ownet/hub"
 *
 * const announce = (state: Api.State, topicOf: (key: string) => string) => [
 *   ...HomeAssistant.hubMessages(state, { version: "1.0.0" }),
 *   ...state.places.flatMap((place) =>
 *     HomeAssistant.messages(place, { version: "1.0.0", topic: topicOf(place.key) })
 *   )
 * ]
 * ```
 *
 * @since 0.1.0
 */
import { Family, Property } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import type * as Api from "./Api.ts"
import * as Followed from "./internal/Followed.ts"
import * as Parts from "./internal/Parts.ts"
import * as Places from "./Places.ts"

/**
 * A message to retain on the broker.
 *
 * @category models
 * @since 0.1.0
 */
export type Message = readonly [topic: string, payload: string]

/**
 * Options of the messages of a hub.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The first part of all topics of the hub. Default `onewire`. */
  readonly baseTopic?: string | undefined
  /** The first part of the topics on which Home Assistant listens. Default `homeassistant`. */
  readonly discoveryTopic?: string | undefined
  /** The address of the hub's page, for the links of devices: `http:` or `https:`. Default none. */
  readonly pageUrl?: string | undefined
  /** The version of the hub. */
  readonly version: string
}

/**
 * Changes to the announcement of a place, by its properties: keys to set in an entity, with `null` to remove a key. `null`
 * instead of the keys removes the entity, and `null` instead of all properties removes the whole place.
 *
 * @category models
 * @since 0.1.0
 */
export type Overrides =
  | { readonly [property: string]: { readonly [key: string]: Schema.Json } | null }
  | null

/**
 * Options of the message of a place.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlaceOptions extends Options {
  /** The topic of the place, such as `onewire/cellar/freezer`. */
  readonly topic: string
  /**
   * Form of the values: `json` for all values in one object on the topic of the place, or `attribute` for the JSON of each value
   * on a topic below that. With both, entities use the object. Default `json`.
   */
  readonly output?: "json" | "attribute" | "attribute_and_json" | undefined
  /** Changes by the user. Default none. */
  readonly overrides?: Overrides | undefined
}

type Platform = "binary_sensor" | "number" | "sensor" | "switch" | "text"

type Keys = Readonly<Record<string, Schema.Json>>

/** Maximum numbers of values and words in a message. */
const mostComponents = 256
const mostNameLength = 100

/** A text as one readable line. */
const lineOf = (text: string, otherwise: string, most = mostNameLength): string => {
  const line = text.toWellFormed().replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim()
  return Array.from(line === "" ? otherwise : line).slice(0, most).join("")
}

/** A hash of eight hexadecimal digits (FNV-1a). */
const digest = (text: string): string => {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, "0")
}

/** A text with only the letters that ids may have. */
const spelled = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/g, "_")

/** An id that no other text has. */
const idOf = (text: string): string => /^\w{1,64}$/.test(text) ? text : `${spelled(text).slice(0, 40)}-${digest(text)}`

/** The id of a place. The name of a derived value has no capitals, so two keys never give the same id. */
const placeId = (base: string, key: string): string =>
  `${idOf(base)}_${Places.isDerived(key) ? `DERIVED_${key}` : spelled(key)}`

const hubId = (base: string): string => `${idOf(base)}_bridge`

/** The id of a property within its place. Names within a known family already differ in letters, digits and underscores. */
const propertyId = (name: string, isKnown: boolean): string => isKnown ? spelled(name) : idOf(name)

/** A name in the form of entity ids: small letters, digits, and single underscores between them. */
const slugOf = (text: string): string =>
  text.toWellFormed().normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_").slice(0, mostNameLength).replaceAll(/^_+|_+$/g, "")

/** Methods of a dictionary, which a template would find before its keys. */
const methods = /^(?:clear|copy|fromkeys|get|items|keys|pop|popitem|setdefault|update|values)$/

/** A template that takes a property out of a JSON object. The name is pure data: nothing in it can end the template. */
const memberTemplate = (name: string): string => {
  if (/^[A-Za-z]\w*$/.test(name) && !methods.test(name)) return `{{ value_json.${name} }}`
  const quoted = Array.from(name.toWellFormed(), (character) => {
    if (/[\w ./-]/.test(character)) return character
    const code = character.codePointAt(0) ?? 0
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`
  })
  return `{{ value_json['${quoted.join("")}'] }}`
}

/** Whether a name can be part of a topic for subscribing or publishing. */
const fitsTopic = (name: string): boolean => name !== "" && name.length <= 200 && !/[+#\p{Cc}\p{Cs}]/u.test(name)

const kinds: Readonly<Record<Property.Property["kind"], "boolean" | "date" | "number" | "text" | undefined>> = {
  i: "number",
  u: "number",
  f: "number",
  t: "number",
  g: "number",
  p: "number",
  y: "boolean",
  a: "text",
  l: "text",
  b: undefined,
  d: "date",
  D: undefined
}

/** Facts about a property: from its family, or else from its value. */
interface Facts {
  readonly name: string
  readonly kind: "boolean" | "date" | "number" | "text"
  readonly unit: string | undefined
  readonly range: readonly [least: number, most: number] | undefined
  readonly isInteger: boolean
  readonly isTemperature: boolean
  /** Length of a text in bytes. */
  readonly length: number
  readonly isReadable: boolean
  readonly isWritable: boolean
  /** Whether an entity could take commands, if the hub allowed it. */
  readonly couldBeWritable: boolean
  /** Whether the hub follows the property, so that it is not a detail. */
  readonly isMain: boolean
}

const scales: Property.Scales = { temperatureScale: "C", pressureScale: "mbar" }

const kindOf = (value: Api.Reading["value"] | undefined): Facts["kind"] | undefined =>
  typeof value === "string"
    ? "text"
    : typeof value === "number"
    ? "number"
    : typeof value === "boolean"
    ? "boolean"
    : undefined

const factsOf = (family: Family.Family | undefined, property: Api.Property, isDerived: boolean): Facts | undefined => {
  const { isWritable, name, reading, unit } = property
  const element = family && Option.getOrUndefined(Family.find(family, name))
  if (family === undefined || element === undefined) {
    const kind = kindOf(reading?.value) ?? (isDerived ? "number" : undefined)
    return kind && { ...plain(name, kind, unit), isWritable, couldBeWritable: !isDerived }
  }
  const { access, kind: letter, length } = element.record
  const kind = kinds[letter]
  // Each element of an array is a property, and the array as a whole is none.
  if (kind === undefined || name.endsWith(".ALL")) return undefined
  return {
    name,
    kind,
    unit: Option.getOrUndefined(Property.unitOf({ kind: letter, unit: element.unit }, scales)) ?? unit,
    range: element.range,
    isInteger: letter === "i" || letter === "u",
    isTemperature: letter === "t" || letter === "g",
    length,
    isReadable: access.startsWith("r"),
    isWritable: isWritable && access.includes("w"),
    couldBeWritable: access === "rw",
    isMain: Followed.of(family).has(name)
  }
}

const plain = (name: string, kind: Facts["kind"], unit: string | undefined): Facts => ({
  name,
  kind,
  unit,
  range: undefined,
  isInteger: false,
  isTemperature: false,
  length: 255,
  isReadable: true,
  isWritable: false,
  couldBeWritable: false,
  isMain: true
})

/** The last word of a property, without the extension of an element. */
const wordOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "").trim()

/** Words for a difference, which has no zero point. As a temperature, it would be shown wrongly in other units. */
const isDifference = (name: string): boolean => /offset|gain|difference|delta|gap|resolution/.test(name)

const isCounter = (name: string): boolean => /^(?:counter|count|pulses|seconds|cycles)$/.test(wordOf(name))

/** Home Assistant's classes and units for a unit of the hub. */
const measures: ReadonlyMap<string, readonly [unit: string, deviceClass: string | undefined, precision?: number]> =
  new Map([
    ["°C", ["°C", "temperature", 1]],
    ["%RH", ["%", "humidity", 1]],
    ["V", ["V", "voltage"]],
    ["A", ["A", "current"]],
    ["mbar", ["mbar", "pressure", 1]],
    ["inHg", ["inHg", "pressure", 2]],
    ["lux", ["lx", "illuminance"]],
    ["lux/µA", ["lx/µA", undefined]],
    ["h", ["h", "duration"]],
    ["min", ["min", "duration"]],
    ["s", ["s", "duration"]]
  ])

const measureOf = ({ name, unit }: Facts) => {
  if (unit === undefined || unit.trim() === "") return { unit: undefined, deviceClass: undefined, precision: undefined }
  const [told, deviceClass, precision] = measures.get(unit) ?? [lineOf(unit, unit, 20), undefined]
  const own = unit === "ppm" && name === "CO2/ppm" ? "carbon_dioxide" : deviceClass
  return isDifference(name)
    ? { unit: told, deviceClass: undefined, precision: undefined }
    : { unit: told, deviceClass: own, precision }
}

const isFault = (name: string): boolean =>
  /(?:^|\/)alarm\//.test(name) ||
  /^(?:fault|open_circuit|ground_short|vdd_short|short|loop_shorted)$/.test(wordOf(name))

const keysOf = (keys: Readonly<Record<string, Schema.Json | undefined>>): Keys =>
  // Keys without a value have just been left out.
  Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined)) as Keys

/** Minimum, maximum and step of a number that can be written; `undefined` if Home Assistant has no step that is fine enough. */
const entryOf = ({ isInteger, isTemperature, range }: Facts): Keys | undefined => {
  const [min, max] = range ?? (isInteger ? [-2_147_483_648, 4_294_967_295] : [-1_000_000, 1_000_000])
  const step = isInteger ? 1 : isTemperature ? 0.5 : 0.001
  return max - min < (isInteger ? step : 10 * step) ? undefined : { min, max, step, mode: "box" }
}

/** The platform of a property, and its keys on that platform. */
const entityOf = (facts: Facts): readonly [platform: Platform, keys: Keys] => {
  const { isMain, isWritable, kind, length, name } = facts
  const { deviceClass, precision, unit } = measureOf(facts)
  const category = isMain ? (wordOf(name) === "VDD" ? "diagnostic" : undefined) : isWritable ? "config" : "diagnostic"
  const common = {
    entity_category: category,
    // If a detail may be written, the user has requested it.
    enabled_by_default: isMain || isWritable ? undefined : false
  }
  if (kind === "boolean") {
    return isWritable
      ? ["switch", keysOf({ ...common, payload_on: "ON", payload_off: "OFF", state_on: "True", state_off: "False" })]
      : [
        "binary_sensor",
        keysOf({
          device_class: wordOf(name) === "power" ? "power" : isFault(name) ? "problem" : undefined,
          ...common,
          payload_on: "True",
          payload_off: "False"
        })
      ]
  }
  if (kind === "number") {
    const entry = isWritable ? entryOf(facts) : undefined
    if (entry !== undefined) {
      return ["number", keysOf({ device_class: deviceClass, unit_of_measurement: unit, ...common, ...entry })]
    }
    return [
      "sensor",
      keysOf({
        device_class: deviceClass,
        unit_of_measurement: unit,
        state_class: isCounter(name) ? "total_increasing" : isMain || unit !== undefined ? "measurement" : undefined,
        suggested_display_precision: precision,
        ...common,
        ...(category === "config" ? { entity_category: "diagnostic" } : {})
      })
    ]
  }
  if (kind === "text" && isWritable) return ["text", keysOf({ ...common, max: Math.max(1, Math.min(length, 255)) })]
  return [
    "sensor",
    keysOf({
      device_class: kind === "date" ? "timestamp" : undefined,
      ...common,
      ...(category === "config" ? { entity_category: "diagnostic" } : {})
    })
  ]
}

/** The platform that the property has if the hub starts or stops allowing writes. */
const otherPlatform = (facts: Facts, platform: Platform): Platform | undefined => {
  if (!facts.couldBeWritable) return undefined
  const [other] = entityOf({ ...facts, isWritable: !facts.isWritable })
  return other === platform ? undefined : other
}

/** The readable name of a property. */
const titleOf = (name: string): string => {
  const words = name.replace(/^(?:EDS\d+|TH|UVI)\//, "").replace(/^volts?(?=\.|$)/, "voltage").replaceAll(
    /[/._]+/g,
    " "
  )
  const line = lineOf(words, "Value")
  return line.charAt(0).toUpperCase() + line.slice(1)
}

/** Keys that identify an entity, which no user may change. */
const identity: ReadonlySet<string> = new Set(["platform", "unique_id"])

const overridden = (component: Keys, changes: Keys): Keys => {
  const kept = new Map(Object.entries(component))
  for (const [key, value] of Object.entries(changes)) {
    if (identity.has(key)) continue
    if (value === null) kept.delete(key)
    else kept.set(key, value)
  }
  return Object.fromEntries(kept)
}

const makers: ReadonlyArray<readonly [chip: RegExp, maker: string]> = [
  [/^DS/, "Maxim Integrated"],
  [/^EDS/, "Embedded Data Systems"],
  [/^HobbyBoards/, "Hobby Boards"],
  [/^IBLSS/, "iButtonLink"],
  [/^InfernoEmbedded/, "Inferno Embedded"]
]

const urlOf = (pageUrl: string | undefined, path: string): string | undefined => {
  const url = pageUrl === undefined || !URL.canParse(pageUrl) ? undefined : new URL(pageUrl)
  if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined
  return url.origin + url.pathname.replace(/\/+$/, "") + path
}

const originOf = (version: string): Keys => ({
  name: "effect-ownet",
  sw_version: lineOf(version, "unknown"),
  support_url: "https://github.com/effect-ownet/effect-ownet"
})

/** A topic with `{"state":"online"}` or `{"state":"offline"}`. */
const stateOf = (topic: string): Keys => ({ topic, value_template: "{{ value_json.state }}" })

/** A component that Home Assistant should remove has its platform and nothing else. */
const removed = (platform: Platform): Keys => ({ platform })

/**
 * The message of a place: its device, and an entity for each property that can be read. None for a place that is hidden, or that
 * the user has removed.
 *
 * **Details**
 *
 * - Entities are identified by the key of the place, the property and the base topic, so they survive a new name and a new
 *   device.
 * - Numbers are sensors, and yes or no is a binary sensor. Properties that the hub may write are a number, a switch or a text,
 *   and their commands go to `TOPIC/set/PROPERTY`.
 * - Values that are `null` are unknown. Details that few people need, such as the ROM id, are disabled until the user enables
 *   them. Bytes and arrays have no entity.
 *
 * **Example** (Announcing a place with a custom icon)
 *
 * ```ts
 * import { type Api, HomeAssistant } from "@effect-ownet/hub"
 *
 * const announce = (freezer: Api.PlaceState) =>
 *   HomeAssistant.messages(freezer, {
 *     version: "1.0.0",
 *     topic: "onewire/cellar/freezer",
 *     overrides: { temperature: { icon: "mdi:fridge" } }
 *   })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const messages = (place: Api.PlaceState, options: PlaceOptions): ReadonlyArray<Message> => {
  const { baseTopic = "onewire", discoveryTopic = "homeassistant", output = "json", overrides, topic } = options
  if (place.isHidden || overrides === null) return []
  const isDerived = Places.isDerived(place.key)
  const family = isDerived ? undefined : Option.getOrUndefined(Catalogue.of(place.device.slice(0, 2)))
  const id = placeId(baseTopic, place.key)
  const title = lineOf(place.title, place.key)
  const slug = slugOf(place.title) || slugOf(place.key)

  const components = new Map<string, Keys>()
  const add = (facts: Facts): void => {
    const { name } = facts
    if (!facts.isReadable || !fitsTopic(name) || components.size >= mostComponents) return
    const changes = overrides !== undefined && Object.hasOwn(overrides, name) ? overrides[name] : undefined
    const own = propertyId(name, family !== undefined && Parts.element(family, name) !== undefined)
    const [platform, keys] = entityOf(facts)
    const object = `${slug}_${slugOf(name) || slugOf(own)}`
    const component: Keys = {
      platform,
      unique_id: `${id}_${own}`,
      name: titleOf(name),
      default_entity_id: `${platform}.${object}`,
      object_id: object,
      ...(output === "attribute"
        ? {
          state_topic: `${topic}/${name}`,
          value_template: facts.kind === "text" ? "{{ value }}" : "{{ value_json }}"
        }
        : { value_template: memberTemplate(name) }),
      ...(platform === "number" || platform === "switch" || platform === "text"
        ? { command_topic: `${topic}/set/${name}` }
        : {}),
      ...keys
    }
    const key = (platform: Platform) => `${platform}_${own}`
    components.set(key(platform), changes === null ? removed(platform) : overridden(component, changes ?? {}))
    const other = otherPlatform(facts, platform)
    if (other !== undefined) components.set(key(other), removed(other))
  }
  for (const property of place.properties) {
    const facts = factsOf(family, property, isDerived)
    if (facts !== undefined) add(facts)
  }
  if (components.size === 0) return []
  if (output !== "attribute") add({ ...plain("last_seen", "date", undefined), isMain: false })

  const maker = makers.find(([chip]) => chip.test(place.chip))?.[1]
  return [[
    `${discoveryTopic}/device/${id}/config`,
    JSON.stringify({
      device: keysOf({
        identifiers: [id],
        name: title,
        manufacturer: isDerived ? "effect-ownet" : maker,
        model: lineOf(place.chip, "unknown"),
        model_id: isDerived ? undefined : place.device.slice(0, 2),
        serial_number: isDerived ? undefined : place.device,
        configuration_url: urlOf(options.pageUrl, `/s/${encodeURIComponent(place.key)}`),
        via_device: hubId(baseTopic)
      }),
      origin: originOf(options.version),
      availability: [stateOf(`${baseTopic}/bridge/state`), stateOf(`${topic}/availability`)],
      availability_mode: "all",
      ...(output === "attribute" ? {} : { state_topic: topic }),
      components: Object.fromEntries(components)
    })
  ]]
}

/**
 * The message of the hub itself: its connection, its version, and the number of its open notices.
 *
 * **Example** (Announcing a hub)
 *
 * ```ts
 * import { type Api, HomeAssistant } from "@effect-ownet/hub"
 *
 * const announce = (state: Api.State) =>
 *   HomeAssistant.hubMessages(state, { version: "1.0.0", pageUrl: "http://raspberrypi.local:8080" })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const hubMessages = (state: Pick<Api.State, "title">, options: Options): ReadonlyArray<Message> => {
  const { baseTopic = "onewire", discoveryTopic = "homeassistant" } = options
  const id = hubId(baseTopic)
  const component = (platform: Platform, own: string, keys: Keys): readonly [string, Keys] => {
    const object = `${slugOf(state.title) || slugOf(id)}_${own}`
    return [`${platform}_${own}`, {
      platform,
      unique_id: `${id}_${own}`,
      default_entity_id: `${platform}.${object}`,
      object_id: object,
      ...keys
    }]
  }
  const bridge = `${baseTopic}/bridge/state`
  const availability = [stateOf(bridge)]
  return [[
    `${discoveryTopic}/device/${id}/config`,
    JSON.stringify({
      device: keysOf({
        identifiers: [id],
        name: lineOf(state.title, "1-Wire"),
        manufacturer: "effect-ownet",
        model: "hub",
        sw_version: lineOf(options.version, "unknown"),
        configuration_url: urlOf(options.pageUrl, "/")
      }),
      origin: originOf(options.version),
      components: Object.fromEntries([
        // Its own state reports that the hub is gone, so it must stay available.
        component("binary_sensor", "connection", {
          name: "Connection",
          state_topic: bridge,
          value_template: "{{ value_json.state }}",
          payload_on: "online",
          payload_off: "offline",
          device_class: "connectivity",
          entity_category: "diagnostic"
        }),
        component("sensor", "version", {
          name: "Version",
          state_topic: `${baseTopic}/bridge/info`,
          value_template: "{{ value_json.version }}",
          availability,
          entity_category: "diagnostic"
        }),
        component("sensor", "notices", {
          name: "Open notices",
          state_topic: `${baseTopic}/bridge/notices`,
          value_template: "{{ value_json | length }}",
          availability,
          state_class: "measurement"
        })
      ])
    })
  ]]
}

/**
 * Options of all announcements of a hub.
 *
 * @category models
 * @since 0.1.0
 */
export interface AllOptions extends Options, Pick<PlaceOptions, "output"> {
  /** Changes by the user, by the key of a place. Default none. */
  readonly overridesOf?: ((key: string) => Overrides | undefined) | undefined
}

/**
 * Announcements of a hub and all of its places, for `Mqtt.layer`.
 *
 * **Example** (A bridge that Home Assistant finds)
 *
 * ```ts
 * import { HomeAssistant, Mqtt } from "@effect-ownet/hub"
 *
 * const bridge = Mqtt.layer({
 *   server: "mqtt://localhost",
 *   statusTopic: "homeassistant/status",
 *   announce: HomeAssistant.announcements({ version: "1.0.0" })
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const announcements =
  ({ overridesOf, ...options }: AllOptions) =>
  (state: Api.State, topicOf: (key: string) => string): ReadonlyArray<Message> => [
    ...hubMessages(state, options),
    ...state.places.flatMap((place) =>
      messages(place, { ...options, topic: topicOf(place.key), overrides: overridesOf?.(place.key) })
    )
  ]
