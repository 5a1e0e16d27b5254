/**
 * The HTTP API of the hub: the answers of its server, and the calls of a client derived from it. All times are seconds since 1970
 * in UTC, with fractions.
 *
 * **Example** (Listening from a program)
 *
 * ```ts
 * import { Api } from "@effect-ownet/hub"
 * import { Console, Effect, Stream } from "effect"
 * import { HttpApiClient } from "effect/http-api"
 *
 * const program = Effect.gen(function*() {
 *   const hub = yield* HttpApiClient.make(Api.Api, { baseUrl: "http://raspberrypi.local:8080" })
 *   const live = yield* hub.live()
 *   yield* Stream.runForEach(live, (message) => Console.log(message._tag))
 * })
 * ```
 *
 * @since 0.1.0
 */
import { RomId } from "@effect-ownet/core"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as HttpApiSecurity from "effect/http-api/HttpApiSecurity"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import { Notice } from "./Notices.ts"
import * as Places from "./Places.ts"

/**
 * Schema of a lasting failure.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Failing = Schema.Struct({ since: Schema.Finite, message: Schema.String })

/**
 * A lasting failure.
 *
 * @category models
 * @since 0.1.0
 */
export type Failing = typeof Failing.Type

/**
 * Schema of a value that JSON can represent.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Scalar = Schema.Union([Schema.Finite, Schema.Boolean, Schema.String])

/**
 * Schema of a value, the time it was read, and its problem, if it has one: `PowerOn`, `Disconnected`, `NoAnswer`, `OutOfRange`,
 * `Jump`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Reading = Schema.Struct({
  value: Schema.Union([Scalar, Schema.Array(Scalar)]),
  at: Schema.Finite,
  verdict: Schema.optionalKey(Schema.String)
})

/**
 * A value, the time it was read, and its problem, if it has one: `PowerOn`, `Disconnected`, `NoAnswer`, `OutOfRange`, `Jump`.
 *
 * @category models
 * @since 0.1.0
 */
export type Reading = typeof Reading.Type

/**
 * Schema of the current state of a property of a place.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Property = Schema.Struct({
  name: Schema.String,
  unit: Schema.optionalKey(Schema.String),
  reading: Schema.optionalKey(Reading),
  failing: Schema.optionalKey(Failing),
  /** Whether the property has a history: numbers, and yes or no. */
  isKept: Schema.Boolean,
  /** Whether this hub may write the property. */
  isWritable: Schema.Boolean
})

/**
 * The current state of a property of a place.
 *
 * @category models
 * @since 0.1.0
 */
export type Property = typeof Property.Type

/**
 * Schema of the properties of a device, whether or not they are followed.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Described = Schema.Struct({
  /** The chip, such as `DS18B20`. */
  chip: Schema.String,
  /**
   * The properties; empty if the chip is not known. Each element of an array is a property, if the elements are numbers, or yes
   * and no.
   */
  properties: Schema.Array(Schema.Struct({
    name: Schema.String,
    /** Unit of the values: degrees Celsius, millibar, or a unit specific to the property. */
    unit: Schema.optionalKey(Schema.String),
    kind: Schema.Literals(["number", "boolean", "text", "bytes", "date"]),
    isReadable: Schema.Boolean,
    /** Whether this hub may write the property. */
    isWritable: Schema.Boolean,
    /** Whether some devices with this chip lack the property. */
    isOptional: Schema.Boolean
  }))
})

/**
 * The properties of a device, whether or not they are followed.
 *
 * @category models
 * @since 0.1.0
 */
export type Described = typeof Described.Type

/**
 * Schema of the current state of a place.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PlaceState = Schema.Struct({
  ...Places.Place.fields,
  /** Title of the place: its given name, the alias of its device, or its ROM id. */
  title: Schema.String,
  /** The chip, such as `DS18B20`; `derived` if the values are derived from others. */
  chip: Schema.String,
  /** Description of how the values are derived, if they are: `dew point of Bathroom`. */
  derived: Schema.optionalKey(Schema.String),
  /** The server and the bus that the device is on, or was on. */
  server: Schema.optionalKey(Schema.String),
  bus: Schema.optionalKey(Schema.String),
  /** Time at which the device vanished, if it is gone. */
  goneSince: Schema.optionalKey(Schema.Finite),
  /** Time at which the device went into alarm, if it is in alarm. */
  alarmSince: Schema.optionalKey(Schema.Finite),
  properties: Schema.Array(Property)
})

/**
 * The current state of a place.
 *
 * @category models
 * @since 0.1.0
 */
export type PlaceState = typeof PlaceState.Type

/**
 * Schema of the current state of a server.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ServerState = Schema.Struct({
  name: Schema.String,
  /** In a fleet, the runner that follows the server, and the site whose runners do. */
  runner: Schema.optionalKey(Schema.String),
  site: Schema.optionalKey(Schema.String),
  failing: Schema.optionalKey(Failing),
  /** The buses that currently fail. */
  buses: Schema.Array(Schema.Struct({ name: Schema.String, ...Failing.fields }))
})

/**
 * The current state of a server.
 *
 * @category models
 * @since 0.1.0
 */
export type ServerState = typeof ServerState.Type

/**
 * Schema of an outlet: a destination that the hub feeds, such as `MQTT`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Outlet = Schema.Struct({ name: Schema.String, failing: Schema.optionalKey(Failing) })

/**
 * An outlet: a destination that the hub feeds, such as `MQTT`.
 *
 * @category models
 * @since 0.1.0
 */
export type Outlet = typeof Outlet.Type

/**
 * Schema of a fleet: the runners that follow its servers.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Fleet = Schema.Struct({
  /** The runner that holds the hub: its history, rules, notices and outlets. Absent while the hub moves. */
  runner: Schema.optionalKey(Schema.String),
  /** Runners that have sent a sign of life within a day. */
  runners: Schema.Array(Schema.Struct({
    /** Its address, `host:port`. */
    runner: Schema.String,
    site: Schema.optionalKey(Schema.String),
    /** Time of the last sign of life, and whether that is at most 20 seconds before the last one of any runner. */
    seen: Schema.Finite,
    isThere: Schema.Boolean,
    /** Number of servers that the runner follows. */
    servers: Schema.Int,
    /** Events that wait to be written on the runner, and events dropped since its start. */
    waiting: Schema.Int,
    dropped: Schema.Int
  })),
  /** Servers that no runner follows, for example because no runner of their site is running. */
  unfollowed: Schema.Array(Schema.Struct({ server: Schema.String, site: Schema.optionalKey(Schema.String) }))
})

/**
 * A fleet: the runners that follow its servers.
 *
 * @category models
 * @since 0.1.0
 */
export type Fleet = typeof Fleet.Type

/**
 * Schema of the whole current state.
 *
 * @category schemas
 * @since 0.1.0
 */
export const State = Schema.Struct({
  at: Schema.Finite,
  /** Name of the hub. */
  title: Schema.String,
  /** Seconds between readings. */
  every: Schema.Finite,
  /** A line for all pages, if the network is not a real one. */
  notice: Schema.optionalKey(Schema.String),
  /** The reason why nothing is kept at present, if so. */
  historyFailing: Schema.optionalKey(Failing),
  servers: Schema.Array(ServerState),
  /** The runners, if the servers are followed by a fleet. */
  fleet: Schema.optionalKey(Fleet),
  /** Notices that have not ended. */
  notices: Schema.Array(Notice),
  outlets: Schema.Array(Outlet),
  places: Schema.Array(PlaceState)
})

/**
 * The whole current state.
 *
 * @category models
 * @since 0.1.0
 */
export type State = typeof State.Type

/**
 * Schema of the permission of a viewer: `edit` to edit places and write writable properties, `token` if that needs a token, or
 * `none`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Session = Schema.Struct({ permission: Schema.Literals(["none", "token", "edit"]) })

/**
 * Permission of a viewer: `edit` to edit places and write writable properties, `token` if that needs a token, or `none`.
 *
 * @category models
 * @since 0.1.0
 */
export type Session = typeof Session.Type

/**
 * Schema of an event.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Event = Schema.Struct({
  at: Schema.Finite,
  kind: Schema.String,
  place: Schema.optional(Schema.String),
  property: Schema.optional(Schema.String),
  server: Schema.optional(Schema.String),
  bus: Schema.optional(Schema.String),
  text: Schema.String
})

/**
 * An event.
 *
 * @category models
 * @since 0.1.0
 */
export type Event = typeof Event.Type

/**
 * Schema of a message of the stream: the whole state first, then changes, at most once a second.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Live = Schema.Union([
  Schema.TaggedStruct("Snapshot", { state: State }),
  Schema.TaggedStruct("Change", {
    at: Schema.Finite,
    /** New readings only: by the keys of places, then by the names of properties. */
    readings: Schema.Record(Schema.String, Schema.Record(Schema.String, Reading)),
    /** Whole places in which more has changed than readings. */
    places: Schema.Array(PlaceState),
    /** Places that no longer exist. */
    removed: Schema.Array(Schema.String),
    /** All servers, if any of them has changed. */
    servers: Schema.optionalKey(Schema.Array(ServerState)),
    /** All runners, if any of them has changed. */
    fleet: Schema.optionalKey(Fleet),
    /** All notices that have not ended, if one of them is new, acknowledged, or has ended. */
    notices: Schema.optionalKey(Schema.Array(Notice)),
    /** All outlets, if any of them has changed. */
    outlets: Schema.optionalKey(Schema.Array(Outlet)),
    /** The reason why nothing is kept at present; `null` once values are kept again. */
    historyFailing: Schema.optionalKey(Schema.NullOr(Failing)),
    events: Schema.Array(Event)
  })
])

/**
 * A message of the stream: the whole state first, then changes, at most once a second.
 *
 * @category models
 * @since 0.1.0
 */
export type Live = typeof Live.Type

const Column = Schema.Array(Schema.NullOr(Schema.Finite))

/**
 * Schema of values of a property of a place, in buckets: `null` if nothing was measured.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Buckets = Schema.Struct({
  place: Schema.String,
  property: Schema.String,
  unit: Schema.optionalKey(Schema.String),
  mean: Column,
  /** Absent if each bucket has only one value, which is then its mean. */
  min: Schema.optionalKey(Column),
  max: Schema.optionalKey(Column),
  /** Values that are not plausible. */
  marks: Schema.Array(Schema.Struct({ at: Schema.Finite, value: Schema.Finite, verdict: Schema.String }))
})

/**
 * Values of a property of a place, in buckets: `null` if nothing was measured.
 *
 * @category models
 * @since 0.1.0
 */
export type Buckets = typeof Buckets.Type

/**
 * Schema of the values of properties of places, in buckets of one width.
 *
 * @category schemas
 * @since 0.1.0
 */
export const History = Schema.Struct({
  /** Start of the first bucket. */
  from: Schema.Finite,
  /** Width of a bucket, in seconds. */
  width: Schema.Finite,
  series: Schema.Array(Buckets)
})

/**
 * The values of properties of places, in buckets of one width.
 *
 * @category models
 * @since 0.1.0
 */
export type History = typeof History.Type

/**
 * Schema of one day of a place, in a local calendar.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Day = Schema.Struct({
  /** The date, such as `2026-03-29`. */
  date: Schema.String,
  from: Schema.Finite,
  to: Schema.Finite,
  /** Seconds in which a value was known. */
  covered: Schema.Finite,
  min: Schema.NullOr(Schema.Finite),
  mean: Schema.NullOr(Schema.Finite),
  max: Schema.NullOr(Schema.Finite)
})

/**
 * One day of a place, in a local calendar.
 *
 * @category models
 * @since 0.1.0
 */
export type Day = typeof Day.Type

/**
 * Schema of the days of a property of a place, in a local calendar.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Days = Schema.Struct({
  place: Schema.String,
  property: Schema.String,
  unit: Schema.optionalKey(Schema.String),
  days: Schema.Array(Day)
})

/**
 * The days of a property of a place, in a local calendar.
 *
 * @category models
 * @since 0.1.0
 */
export type Days = typeof Days.Type

/**
 * Schema of a row of an export: from this time on, the property of the place has this value.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ExportRow = Schema.Struct({
  /** Time in ISO 8601, in UTC, such as `2026-03-29T01:00:00Z`. */
  time: Schema.String,
  /** The key of the place. */
  place: Schema.String,
  /** The title of the place. */
  name: Schema.String,
  property: Schema.String,
  /** The value, or `null` if nothing is known from here on. */
  value: Schema.NullOr(Schema.Finite),
  unit: Schema.String,
  /** `Plausible`, or the problem of the value; empty if there is no value. */
  verdict: Schema.String
})

/**
 * A row of an export: from this time on, the property of the place has this value.
 *
 * @category models
 * @since 0.1.0
 */
export type ExportRow = typeof ExportRow.Type

const fields = { message: Schema.String }

/**
 * The request is invalid, and the message says why. Status 400.
 *
 * @category errors
 * @since 0.1.0
 */
export class BadRequest extends Schema.TaggedError<BadRequest>()("BadRequest", fields, { httpApiStatus: 400 }) {}

/**
 * The request needs the token of the hub, and has no token or a wrong one. Status 401.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", fields, { httpApiStatus: 401 }) {}

/**
 * The hub does not allow this at all, or not from that address. Status 403.
 *
 * @category errors
 * @since 0.1.0
 */
export class Forbidden extends Schema.TaggedError<Forbidden>()("Forbidden", fields, { httpApiStatus: 403 }) {}

/**
 * The hub knows no such place or device. Status 404.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", fields, { httpApiStatus: 404 }) {}

/**
 * A notice could not be delivered, and the message has the reply. Status 502.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotDelivered extends Schema.TaggedError<NotDelivered>()("NotDelivered", fields, { httpApiStatus: 502 }) {}

/**
 * The body of the request has more than 64 KiB. Status 413.
 *
 * @category errors
 * @since 0.1.0
 */
export class TooLarge extends Schema.TaggedError<TooLarge>()("TooLarge", fields, { httpApiStatus: 413 }) {}

/**
 * The body of the request is not declared as JSON. Status 415.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnsupportedMediaType extends Schema.TaggedError<UnsupportedMediaType>()(
  "UnsupportedMediaType",
  fields,
  { httpApiStatus: 415 }
) {}

/**
 * The request is meant for a server of another name. Status 421.
 *
 * @category errors
 * @since 0.1.0
 */
export class Misdirected extends Schema.TaggedError<Misdirected>()("Misdirected", fields, { httpApiStatus: 421 }) {}

/**
 * The device has no such property, or the property cannot be read, or cannot be written, or not with this value; or a place takes
 * no device. Status 422.
 *
 * @category errors
 * @since 0.1.0
 */
export class Refused extends Schema.TaggedError<Refused>()("Refused", fields, { httpApiStatus: 422 }) {}

/**
 * Too many wrong tokens wait for their answers. Status 429.
 *
 * @category errors
 * @since 0.1.0
 */
export class TooManyTries extends Schema.TaggedError<TooManyTries>()("TooManyTries", fields, { httpApiStatus: 429 }) {}

/**
 * The bus or the device fails. Status 502.
 *
 * @category errors
 * @since 0.1.0
 */
export class BusFailed extends Schema.TaggedError<BusFailed>()("BusFailed", fields, { httpApiStatus: 502 }) {}

/**
 * The server of the device, or the history, cannot be reached. Status 503.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", fields, { httpApiStatus: 503 }) {}

/**
 * The device has not answered in time. Status 504.
 *
 * @category errors
 * @since 0.1.0
 */
export class TooSlow extends Schema.TaggedError<TooSlow>()("TooSlow", fields, { httpApiStatus: 504 }) {}

/**
 * Checks of each request to the API: it must come from a page of the hub or from no page, and be small and well-formed.
 *
 * @category middleware
 * @since 0.1.0
 */
export class Guard extends HttpApiMiddleware.Service<Guard>()("@effect-ownet/hub/Api/Guard", {
  error: [BadRequest, Forbidden, TooLarge, UnsupportedMediaType, Misdirected]
}) {}

/**
 * Check of each request that changes something: by the token of the hub, as `Authorization: Bearer` or in the cookie that
 * `POST session` sets. Without a token, requests must come from the hub's own machine.
 *
 * @category middleware
 * @since 0.1.0
 */
// A middleware needs the request that it stands before.
// @effect-diagnostics-next-line leakingRequirements:off
export class Permission extends HttpApiMiddleware.Service<Permission>()("@effect-ownet/hub/Api/Permission", {
  security: {
    bearer: HttpApiSecurity.bearer,
    cookie: HttpApiSecurity.apiKey({ in: "cookie", key: "ow-hub" })
  },
  error: [Unauthorized, Forbidden, TooManyTries]
}) {}

/** Text of one line. */
const Text = Schema.String.check(
  Schema.isMinLength(1),
  Schema.isMaxLength(100),
  Schema.isPattern(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u)
)

/** A ROM id in any format, which is converted to the format of the hub. */
const DeviceId = Schema.String.annotate({ description: "A ROM id, such as `28.000028D70100`." }).check(
  Schema.isMaxLength(64)
).pipe(Schema.decodeTo(Schema.String, {
  decode: SchemaGetter.transformEffect((text: string, options) =>
    Option.match(RomId.fromString(text), {
      onNone: () =>
        Effect.fail(new SchemaIssue.InvalidValue({ message: "not a ROM id, or its CRC is wrong" }, text, options)),
      onSome: (id) => Effect.succeed(RomId.format(id))
    })
  ),
  encode: SchemaGetter.passthrough()
}))

const keyOf = (text: string): Option.Option<string> =>
  Places.isDerived(text) ? Option.some(text) : Option.map(RomId.fromString(text), RomId.format)

/** The key of a place: a ROM id in any format, which is converted to the format of the hub, or the name of a derived value. */
const PlaceKey = Schema.String.annotate({
  description: "A ROM id, such as `28.000028D70100`, or the name of a derived value, such as `dew-point`."
}).check(Schema.isMaxLength(64)).pipe(Schema.decodeTo(Schema.String, {
  decode: SchemaGetter.transformEffect((text: string, options) =>
    Effect.mapError(Effect.fromOption(keyOf(text)), () =>
      new SchemaIssue.InvalidValue(
        { message: "neither a ROM id with a right CRC nor the name of a derived value" },
        text,
        options
      ))
  ),
  encode: SchemaGetter.passthrough()
}))

const last = Date.UTC(9999, 11, 31) / 1000

const moment = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/

/** Seconds since 1970. `NaN` for a text that is not a time, such as the 31st of February. */
const secondsOf = (text: string): number => {
  const [, date] = moment.exec(text) ?? []
  if (date === undefined) return /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
  const midnight = new Date(date)
  const isDate = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date)
  return isDate ? Date.parse(text) / 1000 : NaN
}

/** A time in seconds since 1970, or in ISO 8601. */
const Time = Schema.String.annotate({ description: "Seconds since 1970 in UTC, or a time in ISO 8601." }).check(
  Schema.isMaxLength(40)
).pipe(Schema.decodeTo(
  Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: last })),
  {
    decode: SchemaGetter.transform(secondsOf),
    encode: SchemaGetter.transform(String)
  }
))

/** Start and end of a range: the last day by default. */
const range = { from: Schema.optionalKey(Time), to: Schema.optionalKey(Time) }

const PlaceProperty = Schema.Struct({ place: Schema.String, property: Schema.String })

/** Properties of places, each as `PLACE/PROPERTY`: a repeated parameter, or one with commas. */
const PlaceProperties = Schema.Array(
  Schema.String.annotate({
    description: "A property of a place, such as `28.000028D70100/temperature`, or several, separated by commas."
  })
).pipe(Schema.decodeTo(
  Schema.Array(PlaceProperty).check(Schema.isMinLength(1), Schema.isMaxLength(100)),
  {
    decode: SchemaGetter.transformEffect((texts: ReadonlyArray<string>, options) => {
      const found: Array<typeof PlaceProperty.Type> = []
      for (const text of new Set(texts.flatMap((list) => list.split(",")))) {
        const [, key = "", property = ""] = /^([^/]{1,64})\/(.{1,100})$/s.exec(text) ?? []
        const place = keyOf(key)
        if (Option.isNone(place)) {
          return Effect.fail(new SchemaIssue.InvalidValue({ message: "not PLACE/PROPERTY" }, text, options))
        }
        found.push({ place: place.value, property })
      }
      return Effect.succeed(found)
    }),
    encode: SchemaGetter.transform((of: ReadonlyArray<typeof PlaceProperty.Type>) =>
      of.map(({ place, property }) => `${place}/${property}`)
    )
  }
))

const Change = Schema.Struct({
  name: Schema.optionalKey(Schema.NullOr(Text)),
  group: Schema.optionalKey(Schema.NullOr(Text)),
  order: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  isHidden: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
  limits: Schema.optionalKey(Schema.NullOr(Places.Place.fields.limits)),
  noNewsFor: Schema.optionalKey(Schema.NullOr(Places.Place.fields.noNewsFor.schema))
})

const ofDevices = [NotFound, Refused, BusFailed, Unavailable, TooSlow] as const

const described = (description: string) => OpenApi.annotations({ description })

/**
 * Endpoints below `/api/v1`.
 *
 * @category groups
 * @since 0.1.0
 */
export class HubGroup extends HttpApiGroup.make("hub", { topLevel: true })
  .add(
    HttpApiEndpoint.get("state", "/state", { success: State })
      .annotateMerge(described("Everything that is known now. Answers at once, without asking a bus.")),
    HttpApiEndpoint.get("live", "/live", { success: HttpApiSchema.StreamSse({ data: Live }) })
      .annotateMerge(described(
        "First everything that is known, then the changes, at most once a second. A viewer that is too slow gets a new snapshot. "
          + "A hub that stops sends `retry: 3000` first."
      )),
    HttpApiEndpoint.get("history", "/history", {
      query: {
        series: PlaceProperties,
        ...range,
        points: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 10, maximum: 4000 })))
      },
      success: History,
      error: Unavailable
    }).annotateMerge(described(
      "Values in buckets of equal width: at most `points` of them, and one more if the range begins within a bucket. 500 by default."
    )),
    HttpApiEndpoint.get("days", "/days", {
      query: { series: PlaceProperties, ...range, zone: Schema.optionalKey(Schema.TimeZoneNamedFromString) },
      success: Schema.Array(Days),
      error: Unavailable
    }).annotateMerge(described(
      "Values by calendar day, in `UTC` by default. The first day is the one of `from`, the last the one before `to`."
    )),
    HttpApiEndpoint.get("exportCsv", "/export.csv", {
      query: { series: Schema.optionalKey(PlaceProperties), ...range },
      success: HttpApiSchema.StreamUint8Array({ contentType: "text/csv; charset=utf-8" }),
      error: Unavailable
    }).annotateMerge(described("All rows, by series and time; of all series if you name none.")),
    HttpApiEndpoint.get("exportNdjson", "/export.ndjson", {
      query: { series: Schema.optionalKey(PlaceProperties), ...range },
      success: HttpApiSchema.StreamNdjson({ schema: ExportRow }),
      error: Unavailable
    }).annotateMerge(described("All rows, by series and time; of all series if you name none.")),
    HttpApiEndpoint.get("events", "/events", {
      query: {
        ...range,
        place: Schema.optionalKey(PlaceKey),
        limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })))
      },
      success: Schema.Array(Event),
      error: Unavailable
    }).annotateMerge(described("Events, the latest first; 200 by default.")),
    HttpApiEndpoint.get("notices", "/notices", {
      query: {
        ...range,
        place: Schema.optionalKey(PlaceKey),
        limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })))
      },
      success: Schema.Array(Notice),
      error: Unavailable
    }).annotateMerge(
      described(
        "Notices of a place, or of all places, that were open within a range, the latest first; 200 by default."
      )
    ),
    HttpApiEndpoint.put("acknowledge", "/notices/:id/acknowledgement", {
      params: { id: Text },
      success: Notice,
      error: [NotFound, Unavailable]
    }).middleware(Permission).annotateMerge(described("Acknowledges an open notice.")),
    HttpApiEndpoint.get("channels", "/channels", { success: Schema.Array(Schema.String) })
      .annotateMerge(described("The names of the channels that notices are sent to.")),
    HttpApiEndpoint.post("testChannel", "/channels/:name/test", {
      params: { name: Text },
      error: [NotFound, NotDelivered]
    }).middleware(Permission).annotateMerge(described("Sends a test notice.")),
    HttpApiEndpoint.get("places", "/places", { success: Schema.Array(Places.Place) }),
    HttpApiEndpoint.put("edit", "/places/:key", {
      params: { key: PlaceKey },
      payload: Change,
      success: Places.Place,
      error: [NotFound, Unavailable]
    }).middleware(Permission).annotateMerge(described("Changes the given settings of a place; `null` clears one.")),
    HttpApiEndpoint.put("fill", "/places/:key/device", {
      params: { key: PlaceKey },
      payload: Schema.Struct({ device: DeviceId }),
      success: Places.Place,
      error: [NotFound, Refused, Unavailable]
    }).middleware(Permission).annotateMerge(
      described("Assigns another device to a place, which keeps its name and history.")
    ),
    HttpApiEndpoint.get("describe", "/devices/:id", { params: { id: DeviceId }, success: Described }).annotateMerge(
      described("The properties of a device that can be read and written, by its family code. Asks no bus.")
    ),
    HttpApiEndpoint.get("read", "/devices/:id/:property", {
      params: { id: DeviceId, property: Text },
      success: Reading,
      error: ofDevices
    }).annotateMerge(described("Reads a property now, bypassing the server's cache.")),
    HttpApiEndpoint.put("write", "/devices/:id/:property", {
      params: { id: DeviceId, property: Text },
      payload: Schema.Struct({ value: Reading.fields.value }),
      success: Reading,
      error: ofDevices
    }).middleware(Permission).annotateMerge(
      described("Writes a property, if the hub may, and returns what it reads back.")
    ),
    HttpApiEndpoint.get("session", "/session", { success: Session, error: TooManyTries }),
    HttpApiEndpoint.post("open", "/session", {
      payload: Schema.Struct({ token: Schema.String }),
      success: Session,
      error: [Unauthorized, TooManyTries]
    }).annotateMerge(described("Sets the cookie that stands for the token."))
  )
  .prefix("/api/v1")
{}

/**
 * Health of a hub.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Health = Schema.Struct({
  /** Whether the history is kept. */
  isKept: Schema.Boolean,
  /** Servers that answer. */
  answering: Schema.Int,
  servers: Schema.Int,
  /** The problem, if only a restart of the hub helps, with status 503. */
  problem: Schema.optionalKey(Schema.String)
})

/**
 * Endpoints at the root, for monitoring programs.
 *
 * @category groups
 * @since 0.1.0
 */
export class RootGroup extends HttpApiGroup.make("root", { topLevel: true }).add(
  HttpApiEndpoint.get("metrics", "/metrics", {
    success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/plain; version=0.0.4; charset=utf-8" }))
  }).annotateMerge(described("Everything that is known now, for Prometheus.")),
  HttpApiEndpoint.get("health", "/healthz", {
    success: Health
  }).annotateMerge(described("Whether the hub runs, its servers answer, and its history is kept."))
) {}

/**
 * The API of the hub.
 *
 * @category APIs
 * @since 0.1.0
 */
export class Api extends HttpApi.make("hub")
  .add(HubGroup)
  .add(RootGroup)
  .middleware(Guard)
  .annotateMerge(OpenApi.annotations({ title: "effect-ownet hub", version: "1" }))
{}
