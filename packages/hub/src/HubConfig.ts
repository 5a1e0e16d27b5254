/**
 * The configuration of a hub, as in its file `hub.yaml`: all keys, their values and their defaults. `HubFile` reads and edits the
 * file.
 *
 * **Example** (A configuration without its secrets)
 *
 * ```ts
 * import { HubConfig } from "@effect-ownet/hub"
 *
 * const config: HubConfig.HubConfig = {
 *   version: 1,
 *   servers: ["raspberrypi"],
 *   mqtt: { server: "mqtt://localhost:1883", user: "ow", password: "letmein" }
 * }
 *
 * HubConfig.shown(config).mqtt?.password // => "***"
 * ```
 *
 * @since 0.1.0
 */
import { RomId, ServerAddress } from "@effect-ownet/core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Derived from "./Derived.ts"
import * as DurationText from "./DurationText.ts"
import type * as Hub from "./Hub.ts"
import * as ConfigShape from "./internal/ConfigShape.ts"
import * as Topic from "./internal/mqtt/Topic.ts"
import type * as Notifier from "./Notifier.ts"
import * as Places from "./Places.ts"

/** A duration such as `10s` or `90d`, with a minimum, in seconds. */
const seconds = (least: number, takes: string) =>
  Schema.Union([Schema.String, Schema.Finite]).pipe(Schema.decodeTo(
    Schema.Finite.check(Schema.isGreaterThanOrEqualTo(least)),
    {
      decode: SchemaGetter.transformEffect((given: string | number, options) =>
        Option.match(DurationText.parse(String(given)), {
          onNone: () => Effect.fail(new SchemaIssue.InvalidValue({ message: "no duration" }, given, options)),
          onSome: (millis) => Effect.succeed(millis / 1000)
        })
      ),
      encode: SchemaGetter.transform((seconds: number): string | number =>
        DurationText.format(Math.max(1, Math.round(seconds * 1000)))
      )
    }
  )).annotate({ takes })

const Duration = seconds(0, "a duration, such as 10s, 5m, 12h or 90d")
const Period = seconds(1, "a duration of at least 1 second, such as 10s or 5m")

const text = (longest: number, takes: string, isMeant: (text: string) => boolean = () => true) =>
  Schema.String.check(
    Schema.makeFilter((text) => text.trim() !== "" && text.length <= longest && !text.includes("\0") && isMeant(text))
  ).annotate({ takes })

const Text = text(200, "text of up to 200 characters")

const matching = (form: RegExp, takes: string, longest = 1000) => text(longest, takes, (text) => form.test(text))

/** A topic, or the beginning of topics. */
const topic = (example: string) =>
  text(200, `a topic without +, #, $ and empty levels, such as ${example}`, Topic.isSound)

const Decimal = Schema.Finite.annotate({ takes: "a number, such as -15" })

const Flag = Schema.Boolean.annotate({ takes: "true or false" })

/** A web address that a program can call, and nothing else. */
const url = (schemes: ReadonlyArray<string>, example: string, isOther: (text: string) => boolean = () => false) =>
  text(
    2000,
    `an address, such as ${example}`,
    (text) => isOther(text) || (URL.canParse(text) && schemes.includes(new URL(text).protocol))
  )

const web = ["http:", "https:"]

/** Description of a key: its meaning and its default. */
interface Said {
  /** The default value. */
  readonly otherwise?: string
  readonly isSecret?: boolean
}

const optional = <S extends Schema.Top>(schema: S, description: string, said: Said = {}) =>
  Schema.optionalKey(schema).annotateKey({ description, ...said })

const required = <S extends Schema.Top>(schema: S, description: string, said: Said = {}) =>
  schema.annotateKey({ description, ...said })

const Limits = Schema.Struct({
  above: optional(Decimal, "The highest value that is allowed, in the unit of the property."),
  below: optional(Decimal, "The lowest value that is allowed, in the unit of the property."),
  for: optional(Duration, "How long a value must stay beyond a limit before a notice is sent.", {
    otherwise: "at once"
  }),
  hysteresis: optional(
    Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)).annotate({ takes: "a number, 0 or greater, such as 0.5" }),
    "How far a value must come back inside a limit before the notice ends.",
    { otherwise: "0" }
  ),
  urgent: optional(Flag, "Whether to send its notices during quiet hours, too.", { otherwise: "false" })
}).annotate({ takes: "limits, such as { above: -15, for: 10m }" })

/**
 * Entities of Home Assistant for the properties of a place. These settings override the hub's announcements; `null` announces
 * nothing.
 */
const HomeAssistantPlace = Schema.NullOr(
  Schema.Record(
    Schema.String,
    Schema.NullOr(Schema.Record(Schema.String, Schema.Json)).annotate({
      takes: "settings of an entity, such as { icon: mdi:fridge }, or null"
    })
  ).annotate({ keys: "PROPERTY" })
).annotate({ takes: "settings by property, such as { temperature: { icon: mdi:fridge } }, or null" })

const Key = Schema.String.check(
  Schema.makeFilter((key) => Option.isSome(RomId.fromString(key)) || Places.isDerived(key))
)

const RomIdText = text(40, "a ROM id, such as 28.000028D70200", (text) => Option.isSome(RomId.fromString(text)))

const Place = Schema.Struct({
  name: optional(Text, "The name of the place.", { otherwise: "the alias of its device, or its ROM id" }),
  group: optional(Text, "The group to show it in.", { otherwise: "its server and bus" }),
  order: optional(
    Schema.Finite.annotate({ takes: "a number, such as 3" }),
    "Its position among all places: lower numbers come first.",
    {
      otherwise: "sorted by name"
    }
  ),
  hidden: optional(Flag, "Whether to hide it: the page shows it only on request, and bridges leave it out.", {
    otherwise: "false"
  }),
  device: optional(RomIdText, "The device that fills this place, if its first device was replaced.", {
    otherwise: "the device whose ROM id is the key of the place"
  }),
  limits: optional(
    Schema.Record(Schema.String, Limits).annotate({
      keys: "PROPERTY",
      takes: "limits by property, such as { temperature: { above: -15 } }"
    }),
    "Limits of its values."
  ),
  no_news_for: optional(
    Schema.NullOr(Duration).annotate({ takes: "a duration, such as 30m, or null for never" }),
    "How long the place may go without a good reading before a notice is sent.",
    { otherwise: "notices.no_news_for" }
  ),
  homeassistant: optional(
    HomeAssistantPlace,
    "What to announce to Home Assistant, by property. null announces nothing.",
    {
      otherwise: "all its values"
    }
  ),
  derived: optional(
    Derived.Definition.annotate({
      takes:
        "one of dew_point, absolute_humidity, difference, rate, and group with property, such as { difference: [28.000028D70100/temperature, 28.000028D70200/temperature] }"
    }),
    "How to calculate its values from other places, for a place that is not a device."
  )
}).annotate({ takes: "settings, such as { name: freezer, group: Cellar }" })

const headers = optional(
  Schema.Record(Schema.String, Schema.String).annotate({
    keys: "HEADER",
    takes: "values by header name, such as { Authorization: Bearer … }"
  }),
  "Headers to add to each request.",
  { isSecret: true }
)

const Channel = Schema.Struct({
  webhook: optional(
    Schema.Struct({
      url: required(url(web, "https://ntfy.sh/my-house"), "The address to send a POST request to.", { isSecret: true }),
      headers,
      fields: optional(
        Schema.Record(Schema.String, Schema.Json).annotate({
          keys: "FIELD",
          takes: "values by field name, such as { topic: my-house }"
        }),
        "Fields to add to the JSON of each message, or to replace in it.",
        { isSecret: true }
      )
    }).annotate({ takes: "an address, such as { url: https://ntfy.sh/my-house }" }),
    "An address that receives each message as JSON in a POST request: ntfy, Slack, Gotify and Home Assistant accept it as it is."
  ),
  command: optional(
    Schema.Array(Schema.String).check(Schema.isMinLength(1)).annotate({
      takes: "a program and its arguments, such as [notify-send, \"{text}\"]"
    }),
    "A program and its arguments. {text} and other fields are replaced in the arguments, and the JSON is on standard input."
  ),
  quiet_hours: optional(
    matching(/^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/, "hours, such as 22:00-07:00"),
    "Hours in which only urgent notices are sent. The others follow at the end.",
    { otherwise: "none" }
  ),
  zone: optional(
    text(100, "a time zone, such as Europe/Berlin", isZone),
    "The time zone of the quiet hours.",
    { otherwise: "the time zone of the system" }
  )
}).check(
  Schema.makeFilter(({ command, webhook }) => (command === undefined) !== (webhook === undefined))
).annotate({ takes: "either webhook or command" })

function isZone(zone: string): boolean {
  return Option.isSome(Option.liftThrowable(() => new Intl.DateTimeFormat("en", { timeZone: zone }))())
}

const Property = matching(
  /^[\w*-][\w.*-]*(?:\/[\w*-][\w.*-]*)*$/,
  "the name of a property, such as PIO.*, where * is any text",
  200
)

const host = /(?:\[[^[\]]+\]|[^\s:/?#@[\]]+)/.source
const port = /(?:\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])/.source

const addressed = new RegExp(`^${host}:${port}$`)

/** An address of one machine, with one port. */
const RunnerAddress = text(
  300,
  "host:port, such as 10.8.0.2:34431",
  (text) => addressed.test(text) && !/^(?:0\.0\.0\.0|\[::\]):|:0+$/.test(text)
)

const listOf = <S extends Schema.Top>(one: S, takes: string) => Schema.Array(one).annotate({ takes })

/**
 * Schema of the configuration: the contents of a file, with durations in seconds and with its secrets filled in.
 *
 * @category schemas
 * @since 0.1.0
 */
export const HubConfig = Schema.Struct({
  version: required(Schema.Literal(1).annotate({ takes: "1" }), "The version of the format of this file."),
  title: optional(Text, "The title of the page.", { otherwise: "1-Wire" }),
  servers: optional(
    listOf(
      text(
        300,
        "a server, such as raspberrypi or 192.168.1.5:4304, or auto, or w1:",
        (text) => text === "auto" || ServerAddress.problem(text) === undefined
      ),
      "a list of servers, such as [raspberrypi, 192.168.1.5:4304], or [auto], or [\"w1:\"] for the kernel's own bus"
    ),
    "The servers to follow.",
    {
      otherwise:
        "the first that is found: the owserver on this machine, those that announce themselves on the network, the kernel's own bus, a simulated house"
    }
  ),
  timeout: optional(Duration, "How long a reading or a search may take.", {
    otherwise: "no limit, as long as the server keeps answering"
  }),
  every: optional(Period, "How often to read all values.", { otherwise: "10s" }),
  history: optional(
    Schema.Struct({
      database: optional(
        text(
          1000,
          "a file, or postgres://USER:PASSWORD@HOST/DATABASE",
          (text) => !/^[a-z][\w+.-]+:\/\//i.test(text) || /^postgres(?:ql)?:\/\/./i.test(text)
        ),
        "The file or database that stores the history. A path is relative to the directory of this file.",
        { otherwise: "hub.sqlite in the user's data directory", isSecret: true }
      ),
      keep: optional(
        seconds(86_400, "a duration of at least 1 day, such as 90d, 26w or 2y"),
        "How long to keep the history.",
        { otherwise: "2y" }
      ),
      flush: optional(
        Period,
        "How often to write to the history. A power cut loses what was read since the last write.",
        {
          otherwise: "1m"
        }
      ),
      dead_band: optional(
        Schema.Record(
          Schema.String,
          Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)).annotate({
            takes: "a number, 0 or greater, such as 0.1"
          })
        ).annotate({ keys: "PROPERTY", takes: "numbers by property, such as { temperature: 0.1 }" }),
        "The smallest change of a value to record.",
        { otherwise: "every change" }
      )
    }),
    "The history."
  ),
  page: optional(
    Schema.Struct({
      listen: optional(
        matching(
          new RegExp(`^(?:${host}:)?${port}$`),
          "host:port, such as 0.0.0.0:8080, or a port, which only this machine can reach"
        ),
        "The address of the page and the API. Changing it requires a restart.",
        { otherwise: "127.0.0.1:8080, or the next free port" }
      ),
      hosts: optional(
        listOf(
          matching(/^[\w-]+(?:\.[\w-]+)*$/, "a name, such as hub.example.org, without a port"),
          "a list of names, such as [hub.example.org]"
        ),
        "Other host names that the page answers to, as behind a proxy. IP addresses, localhost and names that end in .local always work.",
        { otherwise: "none" }
      ),
      auth_token: optional(
        // ASCII without spaces, because the token travels in a header and a cookie.
        matching(/^[!-~]{8,200}$/, "8 to 200 ASCII characters without spaces"),
        "A password for making changes, which then also works from other machines.",
        { otherwise: "none, so that only this machine can make changes", isSecret: true }
      ),
      allow_write: optional(
        listOf(Property, "a list of properties, such as [PIO.*]"),
        "Properties that the page, the API and MQTT may write.",
        { otherwise: "none" }
      )
    }),
    "The page and the API."
  ),
  fleet: optional(
    Schema.Struct({
      runner: optional(
        RunnerAddress,
        "The address at which the other runners reach this one.",
        { otherwise: "none, so that this hub runs on its own" }
      ),
      listen: optional(
        matching(addressed, "host:port, such as 0.0.0.0:34431"),
        "The address that this runner listens on, if it differs from fleet.runner.",
        { otherwise: "the address in fleet.runner" }
      ),
      site: optional(
        matching(/^[\w-]{1,40}$/, "a name of letters, digits, - and _, such as barn"),
        "The site whose servers this runner follows, in addition to those without a site.",
        { otherwise: "none" }
      )
    }),
    "A fleet: this hub is one of several that share one PostgreSQL. Changing it requires a restart."
  ),
  places: optional(
    Schema.Record(Key, Place).annotate({
      keys: "PLACE",
      takes: "settings by ROM id, such as 28.000028D70100, or by the name of a derived value, such as dew-point"
    }),
    "Places, by the ROM ids of their first devices, or by the names of derived values. Settings here override those that were made on the page before."
  ),
  notices: optional(
    Schema.Struct({
      alarms: optional(Flag, "Whether to send a notice when a chip is in alarm.", { otherwise: "true" }),
      outages: optional(Flag, "Whether to send a notice when a bus or a server fails.", { otherwise: "true" }),
      outages_for: optional(Duration, "How long a bus or a server must fail before a notice is sent.", {
        otherwise: "30s"
      }),
      no_news_for: optional(Duration, "How long any place may go without a good reading before a notice is sent.", {
        otherwise: "forever"
      }),
      to: optional(
        Schema.Record(Schema.String.check(Schema.isPattern(/^[\w -]{1,40}$/)), Channel).annotate({
          keys: "CHANNEL",
          takes: "channels by names that you choose, of letters, digits, spaces, - and _"
        }),
        "Channels that notices are sent to, by names that you choose."
      )
    }),
    "Which notices to send, and where."
  ),
  mqtt: optional(
    Schema.Struct({
      server: required(
        url(["mqtt:", "mqtts:", "tcp:", "ssl:", "tls:", "ws:", "wss:"], "mqtt://localhost:1883"),
        "The address of the broker.",
        { isSecret: true }
      ),
      base_topic: optional(
        topic("onewire"),
        "The first part of every topic.",
        { otherwise: "onewire" }
      ),
      user: optional(Text, "The user name.", { otherwise: "none" }),
      password: optional(text(1000, "text"), "The password of that user.", { otherwise: "none", isSecret: true }),
      client_id: optional(Text, "The client id of the connection.", { otherwise: "made from base_topic" }),
      ca: optional(
        text(1000, "a file"),
        "A file with the certificate of the authority that signed the broker's certificate.",
        { otherwise: "the authorities that the system trusts" }
      ),
      output: optional(
        Schema.Literals(["json", "attribute", "attribute_and_json"]).annotate({
          takes: "json, attribute or attribute_and_json"
        }),
        "The form of the values: json publishes one message for each place, attribute one for each property.",
        { otherwise: "json" }
      ),
      retain: optional(Flag, "Whether the broker retains the values for later subscribers.", { otherwise: "true" })
    }),
    "The MQTT bridge."
  ),
  homeassistant: optional(
    Schema.Struct({
      enabled: optional(Flag, "Whether to announce places to Home Assistant.", {
        otherwise: "true, if the homeassistant block is present"
      }),
      discovery_topic: optional(
        topic("homeassistant"),
        "The first part of the topics for announcements.",
        { otherwise: "homeassistant" }
      ),
      status_topic: optional(
        topic("homeassistant/status"),
        "The topic on which Home Assistant reports that it has started.",
        { otherwise: "homeassistant/status" }
      ),
      page_url: optional(
        url(web, "http://raspberrypi.local:8080"),
        "The address of the page, for links in Home Assistant.",
        {
          otherwise: "no links"
        }
      )
    }),
    "Announcements to Home Assistant over MQTT."
  ),
  influx: optional(
    Schema.Struct({
      url: required(
        url(web, "http://localhost:8086/write?db=house, or - for standard output", (text) => text === "-"),
        "The address to send readings to, in line protocol.",
        { isSecret: true }
      ),
      token: optional(text(1000, "text"), "The token, for InfluxDB 2 or later.", { otherwise: "none", isSecret: true }),
      user: optional(Text, "The user name, for InfluxDB 1.", { otherwise: "none" }),
      password: optional(text(1000, "text"), "The password, for InfluxDB 1.", { otherwise: "none", isSecret: true }),
      measurement: optional(Text, "The name of the measurement.", { otherwise: "onewire" })
    }),
    "Readings in line protocol, for InfluxDB, Telegraf and others."
  ),
  otlp: optional(
    Schema.Struct({
      url: required(url(web, "http://localhost:4318"), "The address of the collector.", { isSecret: true }),
      headers,
      every: optional(Period, "How often to export.", { otherwise: "1m" })
    }),
    "Metrics for an OpenTelemetry collector."
  )
}).annotate({ takes: "keys with values, such as version: 1" })

/**
 * The configuration of a hub.
 *
 * @category models
 * @since 0.1.0
 */
export type HubConfig = typeof HubConfig.Type

/**
 * A key of the configuration, for a reference.
 *
 * @category models
 * @since 0.1.0
 */
export interface Key {
  /** Path of the key. A part in capitals stands for a key that the user chooses, such as `PLACE` and `PROPERTY`. */
  readonly path: ReadonlyArray<string>
  readonly description: string
  /** Description of accepted values, such as "a number, such as -15". */
  readonly takes: string
  /** The default. */
  readonly otherwise: string | undefined
  readonly isRequired: boolean
  /** Whether `shown` hides the value, or secrets within it. */
  readonly isSecret: boolean
  /** Whether the reference has keys below this one. */
  readonly isBlock: boolean
}

const keysOf = (shape: ConfigShape.Shape, path: ReadonlyArray<string>): ReadonlyArray<Key> => {
  const any = ConfigShape.anyKey(shape)
  const named = ConfigShape.children(shape).flatMap((child): ReadonlyArray<Key> => {
    const own = [...path, child.name]
    const { default: otherwise, description, isSecret } = ConfigShape.said(child.shape)
    // The keys of derived values have a page of their own.
    if (description === undefined) return []
    const below = keysOf(child.shape, own)
    const key: Key = {
      path: own,
      description,
      takes: ConfigShape.takes(child.shape),
      otherwise,
      isRequired: !child.isOptional,
      isSecret,
      isBlock: below.length > 0
    }
    return [key, ...below]
  })
  return any === undefined ? named : [...named, ...keysOf(any.shape, [...path, any.name])]
}

/**
 * All keys, in the order of the reference.
 *
 * **Example** (The default of a key)
 *
 * ```ts
 * import { HubConfig } from "@effect-ownet/hub"
 *
 * HubConfig.keys.find(({ path }) => path.join(".") === "history.keep")?.otherwise // => "2y"
 * ```
 *
 * @category constants
 * @since 0.1.0
 */
export const keys: ReadonlyArray<Key> = keysOf(HubConfig.ast, [])

/**
 * The JSON schema of the file, in draft 2020-12, which lets an editor complete and explain keys. To use it, put
 * `# yaml-language-server: $schema=hub.schema.json` in the first line of the file.
 *
 * @category converting
 * @since 0.1.0
 */
export const jsonSchema = (): Readonly<Record<string, unknown>> => {
  const { schema } = Schema.toJsonSchemaDocument(HubConfig, { onExcessProperty: "error" })
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "The configuration of ow hub",
    ...described(schema, HubConfig.ast, [])
  }
}

type Json = Readonly<Record<string, unknown>>

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

/** Adds the description of each key to a schema. */
const described = (schema: Json, shape: ConfigShape.Shape, path: ReadonlyArray<string>): Json => {
  const key = keys.find((key) => key.path.join("\0") === path.join("\0"))
  const { allOf: _, ...bare } = schema
  const { properties } = schema
  const any = ConfigShape.anyKey(shape)
  const below = (child: unknown, name: string): unknown => {
    const next = ConfigShape.below(shape, name)
    return isJson(child) && next !== undefined ? described(child, next, [...path, name]) : child
  }
  return {
    ...(key === undefined && path.at(-1) !== any?.name ? schema : bare),
    ...(key === undefined ? {} : {
      description: sentenceOf(key),
      ...defaultOf(key)
    }),
    ...(isJson(properties)
      ? {
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, child]) => [name, below(child, name)])
        )
      }
      : {}),
    ...(any !== undefined && isJson(schema["additionalProperties"])
      ? { additionalProperties: below(schema["additionalProperties"], any.name) }
      : {})
  }
}

const sentenceOf = ({ description, isBlock, otherwise, takes }: Key): string =>
  [
    description,
    ...(isBlock ? [] : [`Takes ${takes}.`]),
    ...(otherwise === undefined ? [] : [`Default: ${otherwise}.`])
  ].join(" ")

/** The default, if it is a value and not an explanation. */
const defaultOf = ({ otherwise }: Key): { readonly default?: unknown } =>
  otherwise === undefined || !/^(?:true|false|\d+|\d+[smhdwy]|[a-z_]+(?:\/[a-z]+)?|1-Wire)$/.test(otherwise)
    || ["none", "forever"].includes(otherwise)
    ? {}
    : { default: /^(?:true|false|\d+)$/.test(otherwise) ? JSON.parse(otherwise) : otherwise }

/** Replacement for a secret. */
const hidden = "***"

/** An address without its password and its query, which may contain keys. */
const withoutPassword = (text: string): string => {
  if (!URL.canParse(text)) return /:\/\//.test(text) ? hidden : text
  const url = new URL(text)
  if (url.password !== "") url.password = hidden
  for (const name of new Set(url.searchParams.keys())) {
    if (!/^(?:db|bucket|org|precision|rp|u)$/.test(name)) url.searchParams.set(name, hidden)
  }
  return url.href
}

/** Secrets that are addresses, whose host may be shown. */
const addresses = new Set(["mqtt.server", "influx.url", "otlp.url", "history.database"])

const hide = (
  value: unknown,
  shape: ConfigShape.Shape,
  path: ReadonlyArray<string>,
  secrets: ReadonlyArray<string>
): unknown => {
  if (typeof value === "string") {
    if (secrets.some((secret) => value.includes(secret))) return hidden
    if (!ConfigShape.said(shape).isSecret) return value
    return addresses.has(path.join(".")) ? withoutPassword(value) : hidden
  }
  if (Array.isArray(value)) {
    return value.map((one, index) => hide(one, ConfigShape.below(shape, index) ?? shape, path, secrets))
  }
  if (!isJson(value)) return value
  const isSecret = ConfigShape.said(shape).isSecret
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      const below = ConfigShape.below(shape, name)
      return [
        name,
        isSecret ? hidden : below === undefined ? hideAny(one, secrets) : hide(one, below, [...path, name], secrets)
      ]
    })
  )
}

/** Hides secrets below a value of any shape. */
const hideAny = (value: unknown, secrets: ReadonlyArray<string>): unknown =>
  typeof value === "string"
    ? secrets.some((secret) => value.includes(secret)) ? hidden : value
    : Array.isArray(value)
    ? value.map((one) => hideAny(one, secrets))
    : isJson(value)
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hideAny(one, secrets)]))
    : value

/**
 * A configuration that is safe to print. Passwords, tokens, headers and the addresses of webhooks become `***`, and so does any
 * other text that contains one of `secrets`, such as those that `HubFile` has read from their own files.
 *
 * @category converting
 * @since 0.1.0
 */
export const shown = (config: HubConfig, secrets: ReadonlyArray<string> = []): HubConfig =>
  // Only texts have been replaced, by other texts.
  hide(config, HubConfig.ast, [], secrets.filter((secret) => secret !== "")) as HubConfig

/** Seconds of a time that practically never ends. */
const never = 100 * 365 * 86_400

/**
 * Settings of a place in a configuration.
 *
 * @category models
 * @since 0.1.0
 */
export type Place = NonNullable<HubConfig["places"]>[string]

/**
 * The settings of a place in the form of a configuration. Settings with their default are left out.
 *
 * @category converting
 * @since 0.1.0
 */
export const ofPlace = ({ device, group, isHidden, key, limits, name, noNewsFor, order }: Places.Place): Place => ({
  ...(name === undefined ? {} : { name }),
  ...(group === undefined ? {} : { group }),
  ...(order === undefined ? {} : { order }),
  ...(isHidden ? { hidden: true } : {}),
  ...(device === key ? {} : { device }),
  ...(Object.keys(limits).length === 0 ? {} : {
    limits: Object.fromEntries(
      Object.entries(limits).map(([property, { isUrgent, ...limit }]) => [
        property,
        { ...limit, ...(isUrgent === undefined ? {} : { urgent: isUrgent }) }
      ])
    )
  }),
  ...(noNewsFor === undefined ? {} : { no_news_for: noNewsFor >= never ? null : noNewsFor })
})

const placeOf = (
  { device, group, hidden = false, limits = {}, name, no_news_for, order }: Place
): Hub.PlaceSettings => ({
  ...(name === undefined ? {} : { name }),
  ...(group === undefined ? {} : { group }),
  ...(order === undefined ? {} : { order }),
  isHidden: hidden,
  ...(device === undefined ? {} : { device: canonical(device) }),
  limits: Object.fromEntries(
    Object.entries(limits).map(([property, { urgent, ...limit }]) => [
      property,
      { ...limit, ...(urgent === undefined ? {} : { isUrgent: urgent }) }
    ])
  ),
  ...(no_news_for === undefined ? {} : { noNewsFor: no_news_for ?? never })
})

/** A ROM id in its printable form, or the name of a derived value. */
const canonical = (key: string): string =>
  Option.match(RomId.fromString(key), { onNone: () => key, onSome: RomId.format })

const millis = (seconds: number | undefined): number | undefined => seconds === undefined ? undefined : seconds * 1000

/**
 * The options of a hub that a configuration sets. Pass them to `Hub.configure` at any time.
 *
 * @category converting
 * @since 0.1.0
 */
export const hubOptions = (config: HubConfig): Hub.Options => {
  const { every, history = {}, notices = {}, page = {}, places = {}, timeout, title } = config
  return {
    title,
    every: millis(every),
    timeout: millis(timeout),
    keep: millis(history.keep),
    flush: millis(history.flush),
    deadBand: history.dead_band,
    allowWrite: page.allow_write,
    places: Object.fromEntries(Object.entries(places).map(([key, place]) => [canonical(key), placeOf(place)])),
    derived: Object.fromEntries(
      Object.entries(places).flatMap(([key, { derived }]) => derived === undefined ? [] : [[key, derived]])
    ),
    rules: {
      alarms: notices.alarms,
      outages: notices.outages,
      outagesFor: notices.outages_for,
      noNewsFor: notices.no_news_for
    },
    tell: Object.keys(notices.to ?? {})
  }
}

/**
 * The notice channels of a configuration.
 *
 * @category converting
 * @since 0.1.0
 */
export const channels = ({ notices }: HubConfig): ReadonlyArray<Notifier.Channel> =>
  Object.entries(notices?.to ?? {}).flatMap(
    ([name, { command, quiet_hours, webhook, zone }]): ReadonlyArray<Notifier.Channel> => {
      const [from, to] = (quiet_hours ?? "").split("-").map(minutesOf)
      const quietHours = from === undefined || to === undefined ? undefined : { from, to, zone }
      if (webhook !== undefined) return [{ name, to: { _tag: "Webhook", ...webhook }, quietHours }]
      return command === undefined ? [] : [{ name, to: { _tag: "Command", command }, quietHours }]
    }
  )

/** Minutes since midnight of a time such as `22:00`. */
const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
