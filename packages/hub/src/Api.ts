/**
 * The HTTP API of the hub: what a server of it answers, and what a client derived from it can call. All times are seconds since
 * 1970 in UTC, with fractions.
 *
 * @since 0.1.0
 */
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import * as Places from "./Places.ts"

/** A failure that lasts. */
export const Failing = Schema.Struct({ since: Schema.Finite, message: Schema.String })
export type Failing = typeof Failing.Type

export const Scalar = Schema.Union([Schema.Finite, Schema.Boolean, Schema.String])

/** A value, when it was read, and what is wrong with it, if something is: `PowerOn`, `Disconnected`, `NoAnswer`, `OutOfRange`, `Jump`. */
export const Reading = Schema.Struct({
  value: Schema.Union([Scalar, Schema.Array(Scalar)]),
  at: Schema.Finite,
  verdict: Schema.optionalKey(Schema.String)
})
export type Reading = typeof Reading.Type

/** A property of a place, as it is known now. */
export const Property = Schema.Struct({
  name: Schema.String,
  unit: Schema.optionalKey(Schema.String),
  reading: Schema.optionalKey(Reading),
  failing: Schema.optionalKey(Failing),
  /** Whether it has a history: numbers, and what is yes or no. */
  isKept: Schema.Boolean,
  /** Whether this hub may write it. */
  isWritable: Schema.Boolean
})
export type Property = typeof Property.Type

/** A place, as it is known now. */
export const PlaceState = Schema.Struct({
  ...Places.Place.fields,
  /** What it is shown as: the name that was given, or the alias of its device, or its ROM id. */
  title: Schema.String,
  /** The chip, such as `DS18B20`. */
  chip: Schema.String,
  /** The server and the bus that its device is on, or was on. */
  server: Schema.optionalKey(Schema.String),
  bus: Schema.optionalKey(Schema.String),
  /** Since when its device is gone, if it is. */
  goneSince: Schema.optionalKey(Schema.Finite),
  /** Since when its device is in alarm, if it is. */
  alarmSince: Schema.optionalKey(Schema.Finite),
  properties: Schema.Array(Property)
})
export type PlaceState = typeof PlaceState.Type

export const ServerState = Schema.Struct({
  name: Schema.String,
  failing: Schema.optionalKey(Failing),
  /** The buses that fail. */
  buses: Schema.Array(Schema.Struct({ name: Schema.String, ...Failing.fields }))
})
export type ServerState = typeof ServerState.Type

/** All that is known now. */
export const State = Schema.Struct({
  at: Schema.Finite,
  /** The name of the hub. */
  title: Schema.String,
  /** Seconds from one reading to the next. */
  every: Schema.Finite,
  /** What is written, if the network is no real one. */
  notice: Schema.optionalKey(Schema.String),
  /** Why nothing is kept at present, if so. */
  historyFailing: Schema.optionalKey(Failing),
  servers: Schema.Array(ServerState),
  places: Schema.Array(PlaceState)
})
export type State = typeof State.Type

/** What a viewer may do: `edit` places and write what is writable; that with a `token` only; or `none` of it. */
export const Session = Schema.Struct({ permission: Schema.Literals(["none", "token", "edit"]) })
export type Session = typeof Session.Type

export const Event = Schema.Struct({
  at: Schema.Finite,
  kind: Schema.String,
  place: Schema.optionalKey(Schema.String),
  property: Schema.optionalKey(Schema.String),
  server: Schema.optionalKey(Schema.String),
  bus: Schema.optionalKey(Schema.String),
  text: Schema.String
})
export type Event = typeof Event.Type

/** A message of the stream: first all, and then what has changed, at most once a second. */
export const Live = Schema.Union([
  Schema.TaggedStruct("Snapshot", { state: State }),
  Schema.TaggedStruct("Change", {
    at: Schema.Finite,
    /** New readings only: by the keys of places, by the names of properties. */
    readings: Schema.Record(Schema.String, Schema.Record(Schema.String, Reading)),
    /** Places of which more has changed than readings, whole. */
    places: Schema.Array(PlaceState),
    /** Places that are no more. */
    removed: Schema.Array(Schema.String),
    /** All servers, if something of them has changed. */
    servers: Schema.optionalKey(Schema.Array(ServerState)),
    /** Why nothing is kept at present; `null` once it is again. */
    historyFailing: Schema.optionalKey(Schema.NullOr(Failing)),
    events: Schema.Array(Event)
  })
])
export type Live = typeof Live.Type

const Column = Schema.Array(Schema.NullOr(Schema.Finite))

/** Values of a property of a place, in buckets: `null` where nothing was measured. */
export const Buckets = Schema.Struct({
  place: Schema.String,
  property: Schema.String,
  unit: Schema.optionalKey(Schema.String),
  mean: Column,
  /** Left out where each bucket has one value only, so that it is its mean. */
  min: Schema.optionalKey(Column),
  max: Schema.optionalKey(Column),
  /** Values that are not plausible. */
  marks: Schema.Array(Schema.Struct({ at: Schema.Finite, value: Schema.Finite, verdict: Schema.String }))
})
export type Buckets = typeof Buckets.Type

export const History = Schema.Struct({
  /** When the first bucket begins. */
  from: Schema.Finite,
  /** Seconds of a bucket. */
  width: Schema.Finite,
  series: Schema.Array(Buckets)
})
export type History = typeof History.Type

/** A day of a place, by a local calendar. */
export const Day = Schema.Struct({
  /** Such as `2026-03-29`. */
  date: Schema.String,
  from: Schema.Finite,
  to: Schema.Finite,
  /** Seconds that something was known in. */
  covered: Schema.Finite,
  min: Schema.NullOr(Schema.Finite),
  mean: Schema.NullOr(Schema.Finite),
  max: Schema.NullOr(Schema.Finite)
})
export type Day = typeof Day.Type

void [HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi]
