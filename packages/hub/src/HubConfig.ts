/**
 * The configuration of a hub, as its file `hub.yaml` has it: all keys, what they take, and their defaults. `HubFile` reads and edits
 * such a file.
 *
 * @since 0.1.0
 */
import { RomId } from "@effect-ownet/core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Derived from "./Derived.ts"
import * as DurationText from "./DurationText.ts"
import * as Places from "./Places.ts"

/** A duration such as `10s` or `90d`, in seconds. */
const Seconds = Schema.Union([Schema.String, Schema.Finite]).annotate({
  description: "a duration such as 10s, 5m, 12h or 90d"
}).pipe(Schema.decodeTo(
  Schema.Finite,
  {
    decode: SchemaGetter.transformEffect((given: string | number, options) =>
      Option.match(DurationText.parse(String(given)), {
        onNone: () => Effect.fail(new SchemaIssue.InvalidValue({ message: "no duration" }, given, options)),
        onSome: (millis) => Effect.succeed(millis / 1000)
      })
    ),
    encode: SchemaGetter.transform((seconds: number): string | number => DurationText.format(seconds * 1000))
  }
))

const Text = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(200))

const optional = <S extends Schema.Top>(schema: S, description: string) =>
  Schema.optionalKey(schema).annotateKey({ description })

const Limits = Schema.Struct({
  above: optional(Schema.Finite, "the greatest value that needs no look, in the unit of the property"),
  below: optional(Schema.Finite, "the least value that needs no look"),
  for: optional(Seconds, "how long a value has to be beyond the limit before that is told; at once by default"),
  hysteresis: optional(
    Schema.Finite,
    "how far a value has to come back over the limit to be within it again; 0 by default"
  ),
  urgent: optional(Schema.Boolean, "whether it is told in quiet hours, too; false by default")
})

/** Entities of Home Assistant for the properties of a place: what is said here wins over what the hub announces; `null` for none. */
const HomeAssistantPlace = Schema.NullOr(
  Schema.Record(Schema.String, Schema.NullOr(Schema.Record(Schema.String, Schema.Json)))
)

const Key = Schema.String.check(
  Schema.makeFilter((key) => Option.isSome(RomId.fromString(key)) || Places.isDerived(key), {
    description: "a ROM id such as 28.000028D70100, or the name of a derived value such as dew-point"
  })
)

const Place = Schema.Struct({
  name: optional(Text, "its name; the alias of its device by default"),
  group: optional(Text, "the group that it is shown in; its server and bus by default"),
  order: optional(Schema.Finite, "its position among all places"),
  hidden: optional(
    Schema.Boolean,
    "whether the page shows it on request only, and bridges leave it out; false by default"
  ),
  device: optional(Schema.String, "the ROM id of the device that fills it, if that is not the first one"),
  limits: optional(Schema.Record(Schema.String, Limits), "its limits, by the names of its properties"),
  no_news_for: optional(
    Schema.NullOr(Seconds),
    "how long it may have no good reading before that is told; null for ever"
  ),
  homeassistant: optional(HomeAssistantPlace, "what Home Assistant is told of it, by its properties; null for nothing"),
  derived: optional(Derived.Definition, "how its values are made from those of others, if it is not a device")
})

const Channel = Schema.Struct({
  webhook: optional(
    Schema.Struct({
      url: Schema.String,
      headers: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
      /** More fields of the JSON that is sent. */
      fields: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
    }),
    "an address that gets a POST with JSON: ntfy, Slack, Gotify and Home Assistant take it as it is"
  ),
  command: optional(
    Schema.Array(Schema.String).check(Schema.isMinLength(1)),
    "a program and its arguments, in which {text} and other fields are put; it gets the JSON on its standard input"
  ),
  quiet_hours: optional(
    Schema.String.check(Schema.isPattern(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/)),
    "hours without notices, such as 22:00-07:00; what happens in them is told at their end, unless it is urgent"
  ),
  zone: optional(Schema.String, "the time zone of the quiet hours; that of the system by default")
})

/**
 * Schema of the configuration: what a file says, in seconds and with its secrets in place.
 *
 * @category schemas
 * @since 0.1.0
 */
export const HubConfig = Schema.Struct({
  version: Schema.Literal(1).annotateKey({ description: "1" }),
  title: optional(Text, "the heading of the page; 1-Wire by default"),
  servers: optional(Schema.Array(Schema.String), "the servers, such as raspberrypi:4304, or auto"),
  timeout: optional(Seconds, "how long a call may take"),
  every: optional(Seconds, "from one round of readings to the next; 10s by default"),
  history: optional(
    Schema.Struct({
      database: optional(Schema.String, "a file, or postgres://USER:PASSWORD@HOST/DATABASE"),
      keep: optional(Seconds, "how long it is kept; 2y by default"),
      flush: optional(Seconds, "from one writing to the next; 1m by default"),
      dead_band: optional(
        Schema.Record(Schema.String, Schema.Finite),
        "the least change of a value that is kept, by property"
      )
    }),
    "the history"
  ),
  page: optional(
    Schema.Struct({
      listen: optional(Schema.String, "the address, as 127.0.0.1:8080; it needs a restart"),
      hosts: optional(Schema.Array(Schema.String), "more names that the page is reached by"),
      auth_token: optional(Schema.String, "a password for changes"),
      allow_write: optional(
        Schema.Array(Schema.String),
        "the properties that may be written, such as PIO.*; none by default"
      )
    }),
    "the page and the API"
  ),
  places: optional(Schema.Record(Key, Place), "places, by the ROM ids of their devices or the names of derived values"),
  notices: optional(
    Schema.Struct({
      alarms: optional(Schema.Boolean, "whether alarms of chips are told; true by default"),
      outages: optional(Schema.Boolean, "whether it is told that a bus or a server fails; true by default"),
      outages_for: optional(Seconds, "how long a bus or a server has to fail before that is told; 30s by default"),
      no_news_for: optional(
        Seconds,
        "how long any place may have no good reading before that is told; never by default"
      ),
      to: optional(Schema.Record(Schema.String, Channel), "where notices go, by names of your own")
    }),
    "what is told, and where"
  ),
  mqtt: optional(
    Schema.Struct({
      server: Schema.String.annotateKey({ description: "the broker, such as mqtt://localhost:1883" }),
      base_topic: optional(Schema.String, "the first part of all topics; onewire by default"),
      user: optional(Schema.String, "the user"),
      password: optional(Schema.String, "the password"),
      client_id: optional(Schema.String, "the name of the connection; made from base_topic by default"),
      ca: optional(Schema.String, "a file with the certificate of the authority that signs that of the broker"),
      output: optional(
        Schema.Literals(["json", "attribute", "attribute_and_json"]),
        "json: one message a place; attribute: one a property; json by default"
      ),
      retain: optional(Schema.Boolean, "whether values are retained; true by default")
    }),
    "the bridge to MQTT"
  ),
  homeassistant: optional(
    Schema.Struct({
      enabled: optional(Schema.Boolean, "whether places are announced; true by default if this block is there"),
      discovery_topic: optional(Schema.String, "homeassistant by default"),
      status_topic: optional(Schema.String, "homeassistant/status by default"),
      page_url: optional(Schema.String, "the address of the page, for the links of devices")
    }),
    "what Home Assistant is told by MQTT"
  ),
  influx: optional(
    Schema.Struct({
      url: Schema.String.annotateKey({
        description: "where line protocol is sent, such as http://localhost:8086/write?db=house; - for standard output"
      }),
      token: optional(Schema.String, "the token of InfluxDB 2 or later"),
      user: optional(Schema.String, "the user of InfluxDB 1"),
      password: optional(Schema.String, "the password"),
      measurement: optional(Text, "the measurement; onewire by default")
    }),
    "line protocol for InfluxDB, Telegraf and others"
  ),
  otlp: optional(
    Schema.Struct({
      url: Schema.String.annotateKey({ description: "the collector, such as http://localhost:4318" }),
      headers: optional(Schema.Record(Schema.String, Schema.String), "headers of each request"),
      every: optional(Seconds, "from one export to the next; 1m by default")
    }),
    "metrics for a collector of OpenTelemetry"
  )
})

/**
 * The configuration of a hub.
 *
 * @category models
 * @since 0.1.0
 */
export type HubConfig = typeof HubConfig.Type
