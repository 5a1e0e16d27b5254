/**
 * A 1-Wire network over HTTP: `GET /devices`, `GET /devices/:id`, `GET` and `PUT /devices/:id/:property`, with a status for each
 * kind of failure, and described at `/openapi.json` and `/docs`. Whoever reaches it can switch everything, so that it listens on
 * the loopback interface, and answers only to names of that (`Hosts`). To run it, set `OWSERVER`, and perhaps `HOST`, `HOSTS`
 * (the names that it is reached by) and `PORT`:
 *
 *     pnpm exec node examples/src/http-api/main.ts
 *     curl -X PUT -d '{"value":true}' -H 'content-type: application/json' localhost:3000/devices/29.000029D60300/PIO.0
 */
import { type Device, type Family, Follow, Network, type RomId, Snapshot } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Hosts from "@effect-ownet/hub/Hosts"
import { ByteSize, Effect, Layer } from "effect"
import { Base64 } from "effect/encoding"
import { HttpRouter, HttpServerRequest } from "effect/http"
import { HttpApiBuilder, HttpApiScalar } from "effect/http-api"
import * as Settings from "../running/Settings.ts"
import { Api, BusFailed, NotFound, Refused, ServerAway, TooSlow } from "./Api.ts"

/** JSON knows no moments, no bytes, and not all numbers. */
const toJson = (value: Family.Scalar): number | boolean | string => {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Base64.encode(value)
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value
}

const isList = (value: Family.Value): value is ReadonlyArray<Family.Scalar> => Array.isArray(value)

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

/** Fails if no server answers. */
const isThere = ({ servers }: Snapshot.Snapshot) => {
  const failing = Array.from(servers.values(), ({ failing }) => failing)
  const [first] = failing
  return first === undefined || failing.includes(undefined) ? Effect.void : Effect.fail(first.error)
}

const failuresOf = ({ buses, failing }: Snapshot.ServerState) => [
  ...failing === undefined ? [] : [{ path: "/", message: failing.error.message }],
  ...Array.from(buses, ([bus, { error }]) => ({ path: `/${bus}`, message: error.message }))
]

const handlers = HttpApiBuilder.group(
  Api,
  "devices",
  Effect.fnUntraced(function*(handlers) {
    const network = yield* Network.Network
    const house = yield* Snapshot.hold(Follow.follow(Follow.all([]), "1 minute"))
    const at = (id: RomId.RomId) => network.device(Catalogue.of, id)
    return handlers.handleAll({
      list: () =>
        house.ready.pipe(
          Effect.tap(isThere),
          Effect.map((snapshot) => ({
            devices: Snapshot.devices(snapshot).map(({ device: { bus, id, name } }) => ({ id, name, bus })),
            failures: Array.from(snapshot.servers.values()).flatMap(failuresOf)
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
  HttpApiScalar.layer(Api, { path: "/docs" }),
  Hosts.layerConfig(Settings.hosts)
)).pipe(Layer.provide(Layer.succeed(HttpServerRequest.MaxBodySize, ByteSize.kibibytes(64))))
