/**
 * The main values of a device: the properties that say most about it, and are shown if no others were asked for.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as OwError from "../client/OwError.ts"
import * as FamilyCode from "../onewire/FamilyCode.ts"
import * as RomId from "../onewire/RomId.ts"
import type * as Device from "./Device.ts"
import * as Family from "./Family.ts"

/** By family codes. Arrays are whole, so that each is one request. */
const main: { readonly [codes: string]: ReadonlyArray<string> } = {
  "04 24 27": ["date"],
  "05": ["PIO", "sensed"],
  "10 21 22 28 3B 42": ["temperature"],
  "12 1C 29 3A": ["PIO.ALL", "sensed.ALL"],
  "1B": ["temperature", "volts"],
  "1D": ["counter.ALL"],
  "1E": ["temperature", "VAD", "VDD"],
  "20": ["volt.ALL"],
  "26 A6": ["temperature", "humidity", "VAD", "VDD"],
  "2C": ["wiper"],
  "2E 30 51": ["temperature", "volt", "current"],
  "32 35 3D": ["temperature", "volt", "vis"],
  "36": ["vis"],
  "41": ["temperature", "humidity"],
  "A0": ["RPM"],
  "A2": ["current"],
  "A5": ["switch_closed.ALL"],
  "B2": ["current", "volts"],
  "FE": ["TH/temperature", "TH/humidity"]
}

const byCode: ReadonlyMap<string, ReadonlyArray<string>> = new Map(
  Object.entries(main).flatMap(([codes, names]) => codes.split(" ").map((code) => [code, names] as const))
)

/** Families of many kinds of device, each of which lists what it has. */
const byListing: ReadonlyMap<string, RegExp> = new Map([
  ["7E", /^EDS\d+\/(temperature|humidity|pressure|light|vib_level|resistance|(current|volts|input)\.ALL)$/],
  ["EE", /^(temperature|UVI\/UVI)$/],
  [
    "EF",
    /^(barometer\/(pressure|temperature)|humidity\/(humidity_corrected|temperature)|(moisture\/sensor|multitemp\/temperature|hub\/branch)\.ALL)$/
  ],
  ["FC", /^(910\/(adc|count|pio)|911\/(counters\/count|pio\/pio)\.ALL)$/]
])

/**
 * The names of a device's main properties, if it has any. The server is asked only if the family does not tell.
 *
 * **Example** (Showing what says most about a device)
 *
 * ```ts
 * import { Device } from "@effect-ownet/core"
 * import * as MainValues from "@effect-ownet/core/device/MainValues"
 * import { DS2438 } from "@effect-ownet/core/families"
 * import { TestOwClient } from "@effect-ownet/core/testing"
 * import { Effect } from "effect"
 *
 * await Device.makeUnsafe(DS2438, "26.000026A10100").pipe(
 *   Effect.flatMap(MainValues.of),
 *   Effect.provide(TestOwClient.layer({})),
 *   Effect.runPromise
 * ) // => ["temperature", "humidity", "VAD", "VDD"]
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const of = (device: Device.AnyDevice): Effect.Effect<ReadonlyArray<string>, OwError.OwError> => {
  const code = FamilyCode.driver(RomId.familyCode(device.id))
  const pattern = byListing.get(code)
  return pattern === undefined
    ? Effect.succeed(byCode.get(code) ?? [])
    : Effect.map(device.names(), (names) => names.filter((name) => pattern.test(name)))
}

/**
 * The names of the main properties of all devices of a family, in the order of `Family.names` if they differ from one to the next.
 *
 * **Example** (Listing what is shown of a family)
 *
 * ```ts
 * import * as MainValues from "@effect-ownet/core/device/MainValues"
 * import { DS2438 } from "@effect-ownet/core/families"
 *
 * MainValues.ofFamily(DS2438) // => ["temperature", "humidity", "VAD", "VDD"]
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const ofFamily = (family: Family.Family): ReadonlyArray<string> =>
  family.codes.flatMap((code) => {
    const pattern = byListing.get(code)
    return pattern === undefined ? byCode.get(code) ?? [] : Family.names(family).filter((name) => pattern.test(name))
  }).filter((name, index, names) => names.indexOf(name) === index)
