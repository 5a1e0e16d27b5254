import { OwClient } from "@effect-ownet/core"
import { Effect, Result } from "effect"

/**
 * Paths and texts, for everything without a typed property. `with` returns a client that cannot write, over the same connections.
 */
export const chips = Effect.gen(function*() {
  const client = yield* OwClient.OwClient
  const ow = client.with({ readOnly: true, timeout: "5 seconds" })
  const devices = yield* ow.dir("/") // "/kitchen/", by the alias, or "/28.000028D70100/"
  const types = yield* ow.readTextMany(devices.map((device) => `${device}type`))
  return Array.from(types, ([path, type]) =>
    Result.match(type, {
      onFailure: (error) => error.message,
      onSuccess: (type) => `${path}: ${type}`
    }))
})
