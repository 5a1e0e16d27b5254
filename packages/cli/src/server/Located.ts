/**
 * Paths of devices, with the server that has the device.
 */
import * as OwPath from "@effect-ownet/core/onewire/OwPath"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Failure from "../show/Failure.ts"
import * as OneNetwork from "./OneNetwork.ts"
import type * as Server from "./Server.ts"

/** Finds paths in a network. A single server has all paths. */
export const of = ({ network, servers: [first, ...others] }: OneNetwork.OneNetwork): Server.Locate => {
  if (others.length === 0) return (path) => Effect.succeed({ ow: first.client, path })
  return Effect.fnUntraced(function*(path, patience): Effect.fn.Return<Server.Located, Failure.Failure> {
    const parsed = OwPath.parse(path)
    if (Result.isFailure(parsed)) return yield* new Failure.UsageError({ message: parsed.failure.message })
    const { alarm, device, property, unaliased, uncached, ...place } = parsed.success
    if (device === undefined) {
      return yield* new Failure.UsageError({
        message: `${path} belongs to a server, not to a device: name the server, as in --server ${first.name}`
      })
    }
    const address = OwPath.format({ ...place, device, alarm, unaliased, uncached, property: undefined })
    const [way] = yield* network.ways(address, { patience })
    const found = OwPath.parseUnsafe(way.device.path)
    return { ow: way.device.ow, path: OwPath.format({ ...found, alarm, unaliased, uncached, property }) }
  })
}

/** Finds paths on several servers. */
export const locator: Server.Locator = (addresses, options) => Effect.map(OneNetwork.of(addresses, options), of)
