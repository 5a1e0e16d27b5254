/** What the server offers, and what a client derived from it can call. */
import { RomId } from "@effect-ownet/core"
import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"

const fields = { message: Schema.String }

export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", fields, { httpApiStatus: 404 }) {}

/** There is no such property, or it cannot be read, or not be written, or not with this value. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", fields, { httpApiStatus: 422 }) {}

export class BusFailed extends Schema.TaggedError<BusFailed>()("BusFailed", fields, { httpApiStatus: 502 }) {}

export class ServerAway extends Schema.TaggedError<ServerAway>()("ServerAway", fields, { httpApiStatus: 503 }) {}

export class TooSlow extends Schema.TaggedError<TooSlow>()("TooSlow", fields, { httpApiStatus: 504 }) {}

const error = [NotFound, Refused, BusFailed, ServerAway, TooSlow] as const

const Scalar = Schema.Union([Schema.Finite, Schema.Boolean, Schema.String])

const Value = Schema.Union([Scalar, Schema.Array(Scalar)])

const params = { id: RomId.RomIdFromString }

class Devices extends HttpApiGroup.make("devices")
  .add(
    HttpApiEndpoint.get("list", "/", {
      success: Schema.Struct({
        devices: Schema.Array(
          Schema.Struct({ id: RomId.RomIdFromString, name: Schema.String, bus: Schema.optional(Schema.String) })
        ),
        /** What could not be looked at: what is below it may be missing. */
        failures: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String }))
      }),
      error
    }),
    HttpApiEndpoint.get("properties", "/:id", { params, success: Schema.Array(Schema.String), error }),
    HttpApiEndpoint.get("read", "/:id/:property", {
      params: { ...params, property: Schema.String },
      success: Schema.Struct({
        value: Value,
        unit: Schema.optional(Schema.String),
        at: Schema.Date,
        /** `Plausible`, or why not. */
        verdict: Schema.String
      }),
      error
    }),
    HttpApiEndpoint.put("write", "/:id/:property", {
      params: { ...params, property: Schema.String },
      payload: Schema.Struct({ value: Value }),
      success: HttpApiSchema.NoContent,
      error
    })
  )
  .prefix("/devices")
{}

export class Api extends HttpApi.make("onewire").add(Devices).annotateMerge(OpenApi.annotations({ title: "1-Wire" })) {}
