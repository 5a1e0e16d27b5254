/**
 * The main values of a device: its most informative properties, which are shown by default.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import * as FamilyCode from "../onewire/FamilyCode.ts"
import * as RomId from "../onewire/RomId.ts"
import type * as Device from "./Device.ts"
import * as Family from "./Family.ts"

/** Main properties by family code. Arrays are read as a whole, in one request. */
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

/** Families with many kinds of device, each of which lists its own properties. */
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
 * The names of a device's main properties, if it has any. If the family does not tell, the server is asked. The server is also
 * asked once whether it supports everything that owserver does: the kernel's own buses have fewer properties of many chips, and
 * only the ROM id of some.
 *
 * **Example** (Showing the main values of a device)
 *
 * ```ts
 * import { Device } from "@effect-ownet/core"
 * import * as MainValues from "@effect-ownet/core/device/MainValues"
 * import { DS2438 } from "@effect-ownet/core/families"
 * import { TestOwClient } from "@effect-ownet/core/testing"
 * import { Effect } from "effect"
 *
 * await Device.make(DS2438, "26.000026A10100").pipe(
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
  if (pattern !== undefined) return Effect.map(device.names(), (names) => names.filter((name) => pattern.test(name)))
  const names = byCode.get(code) ?? []
  return names.length === 0 ? Effect.succeed(names) : Effect.flatMap(
    isWhole(device.ow),
    (isWhole) => isWhole ? Effect.succeed(names) : Effect.map(listed(device), (has) => names.filter(has))
  )
}

/**
 * Whether owserver has more main properties of such a device than these. A driver of the kernel may be loaded later.
 *
 * @internal
 */
export const isLess = ({ id }: Device.AnyDevice, names: ReadonlyArray<string>): boolean =>
  names.length < (byCode.get(FamilyCode.driver(RomId.familyCode(id)))?.length ?? 0)

/** Whether a client's server supports every family, as owserver does. */
const whole = new WeakMap<OwClient.Client, boolean>()

const isWhole = (ow: OwClient.Client): Effect.Effect<boolean, OwError.OwError> =>
  Effect.suspend(() => {
    const known = whole.get(ow)
    if (known !== undefined) return Effect.succeed(known)
    // The kernel has no driver for this family, but every owserver supports it.
    return Effect.tap(ow.present("/structure/20"), (isPresent) => Effect.sync(() => whole.set(ow, isPresent)))
  })

/** Makes a function that tells whether the device lists a name. */
const listed = ({ ow, path }: Device.AnyDevice): Effect.Effect<(name: string) => boolean, OwError.OwError> =>
  Effect.map(ow.dir(path, { slash: false }), (paths) => {
    const first = new Set(paths.map((entry) => entry.slice(entry.lastIndexOf("/") + 1)))
    return (name) => first.has(name.replace(/\/.*/, ""))
  })

/**
 * The names of the main properties of all devices of a family. If they differ from device to device, in the order of
 * `Family.names`.
 *
 * **Example** (Listing the main properties of a family)
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
