/**
 * Parses the names of buses.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Checked from "../../client/internal/Checked.ts"
import type * as OwError from "../../client/OwError.ts"
import { quoted } from "../../internal/printable.ts"
import * as Place from "../../onewire/Place.ts"

/** The place of a bus: `bus.1`, `/bus.1` or `bus.1/bus.0`. */
export const parseBus = (
  { refuse }: ReturnType<typeof Checked.of>,
  bus: string
): Effect.Effect<Place.Place, OwError.ArgumentError> => {
  const place = typeof bus === "string" ? Option.getOrUndefined(Place.fromString(bus)) : undefined
  return place?.bus !== undefined && place.branches.length === 0
    ? Effect.succeed(place)
    : refuse("bus", `must be one such as bus.0 or bus.1/bus.0, not ${quoted(String(bus))}`)
}
