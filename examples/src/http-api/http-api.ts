/**
 * A 1-Wire network over HTTP: `GET /devices`, `GET /devices/:id`, `GET` and `PUT /devices/:id/:property`, with a status for each
 * kind of failure, and described at `/openapi.json` and `/docs`. Whoever reaches it can switch everything, so that it listens on
 * the loopback interface. To run it, set `OWSERVER`, and perhaps `HOST` and `PORT`:
 *
 *     pnpm exec node examples/src/http-api/main.ts
 *     curl -X PUT -d '{"value":true}' -H 'content-type: application/json' localhost:3000/devices/29.000029D60300/PIO.0
 */
import { Device, Discovery, Family, OwClient, Place, RomId } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { ByteSize, Effect, Layer } from "effect"
import { Base64 } from "effect/encoding"
import { HttpRouter, HttpServerRequest } from "effect/http"
import { HttpApiBuilder, HttpApiScalar } from "effect/http-api"
import { Api, BusFailed, NotFound, Refused, ServerAway, TooSlow } from "./Api.ts"

/** JSON knows no moments, no bytes, and not all numbers. */
const toJson = (value: Family.Scalar): number | boolean | string => {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Base64.encode(value)
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value
}

const isList = (value: Family.Value): value is ReadonlyArray<Family.Scalar> => Array.isArray(value)

/** Of these, what a chip takes is known. The names come from outside, and so the compiler knows none of them. */
const known: ReadonlyMap<string, Family.Family<Family.Unknown>> = new Map(
  Object.values(Families).flatMap(({ chip, codes, records }) => codes.map((code) => [code, { chip, codes, records }]))
)

const familyOf = (id: RomId.RomId) => known.get(RomId.familyCode(id)) ?? Family.unknown

const withStatus = <A, R>(call: Effect.Effect<A, Device.Failure, R>) =>
  call.pipe(
    Effect.catchReasons("OwnetError", {
      NotFound: (_, { message }) => new NotFound({ message }),
      BusFault: (_, { message }) => new BusFailed({ message })
    }, (_, { message }) => new Refused({ message })),
    Effect.catchTags({
      ArgumentError: ({ message }) => new Refused({ message }),
      DeviceError: ({ message }) => new BusFailed({ message }),
      ProtocolError: ({ message }) => new BusFailed({ message }),
      ConnError: ({ message }) => new ServerAway({ message }),
      OwnetTimeout: ({ message }) => new TooSlow({ message })
    })
  )

const handlers = HttpApiBuilder.group(
  Api,
  "devices",
  Effect.fnUntraced(function*(handlers) {
    const ow = yield* OwClient.OwClient
    const at = (id: RomId.RomId) => Device.make(familyOf(id), id).pipe(Effect.provideService(OwClient.OwClient, ow))
    return handlers.handleAll({
      list: () =>
        Discovery.devices().pipe(
          Effect.provideService(OwClient.OwClient, ow),
          Effect.map(({ devices, failures }) => ({
            devices: devices.map(({ bus, id, name }) => ({ id, name, bus })),
            failures: failures.map(({ error, place }) => ({ path: Place.toPath(place), message: error.message }))
          })),
          withStatus
        ),
      properties: ({ params }) => at(params.id).pipe(Effect.flatMap((device) => device.names()), withStatus),
      read: ({ params }) =>
        at(params.id).pipe(
          Effect.flatMap((device) => device.reading(params.property)),
          Effect.map(({ at, unit, value, verdict }) => ({
            value: isList(value) ? value.map(toJson) : toJson(value),
            unit,
            at,
            verdict: verdict._tag
          })),
          withStatus
        ),
      write: ({ params, payload }) =>
        at(params.id).pipe(Effect.flatMap((device) => device.write(params.property, payload.value)), withStatus)
    })
  })
)

export const server = HttpRouter.serve(Layer.mergeAll(
  HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(Layer.provide(handlers)),
  HttpApiScalar.layer(Api, { path: "/docs" })
)).pipe(Layer.provide(Layer.succeed(HttpServerRequest.MaxBodySize, ByteSize.kibibytes(64))))
