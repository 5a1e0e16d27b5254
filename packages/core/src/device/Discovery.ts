/**
 * What is connected: the devices of a server, bus by bus.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import type * as Place from "../onewire/Place.ts"
import type * as Device from "./Device.ts"
import type * as Family from "./Family.ts"
import { Memory, search } from "./internal/DeviceSearch.ts"

/**
 * Options of `devices`. `flags`, `timeout` and `retry` are those of each of its calls.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<F extends ReadonlyArray<Family.Family> = ReadonlyArray<Family.Family>>
  extends OwClient.CallOptions
{
  /** Looks at one bus only, such as `bus.1`, `bus.1/bus.0` or, as paths have it, `/bus.1`. All of them by default. */
  readonly bus?: string | undefined
  /** Looks behind the couplers (DS2409), too; that switches their branches. Default `true`. */
  readonly couplers?: boolean | undefined
  /** Gives the devices of these families only, with the types of their properties. All of them by default. */
  readonly families?: F | undefined
  /**
   * Looks up the family of each device that is not one of `families`: with `Catalogue.of`, no server is asked for types, and
   * units and ranges are known. By default a server is asked, once for each family.
   */
  readonly catalogue?: Family.Lookup | undefined
}

/**
 * A part of the network that could not be looked at.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failed {
  /** A bus or a branch: what is below it may not have been found. */
  readonly place: Place.Place
  readonly error: OwError.OwError
}

/**
 * A ROM id that no device has, and that a search gave all the same: one of family 00, or one with a wrong CRC. A search that was
 * disturbed invents them: the data line is held down, cables are long, or contacts are loose.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ghost {
  /** The ROM id, as in `00.000000000000`; as it was listed, if its CRC is wrong. */
  readonly name: string
  /** Where it was listed. */
  readonly place: Place.Place
}

/**
 * What was found, and what may be missing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Found<out D = Device.AnyDevice> {
  /** Each device once, in the order of the buses, and on each bus in that of the ROM ids. */
  readonly devices: ReadonlyArray<D>
  /** The buses that could be listed, such as `bus.0`, and `bus.1/bus.0` behind another server. */
  readonly buses: ReadonlyArray<string>
  /** What could not be listed. A device that is below none of these, and was not found, is not there. */
  readonly failures: ReadonlyArray<Failed>
  /** What was listed and is no device: each once, in the order of the places. Empty on a bus that works. */
  readonly ghosts: ReadonlyArray<Ghost>
}

/**
 * Finds the devices of a server.
 *
 * **Details**
 *
 * Each bus is listed by itself, because the listing of all leaves out the devices of a bus that fails, and says nothing of
 * it. What fails, fails alone, and is among the `failures`; the whole fails only if the server does not tell its buses, or if the
 * bus that was asked for cannot be listed. A server searches a bus that is listed by itself each time, which takes about 15
 * milliseconds a device, and never answers from its cache. Buses are searched at the same time, one on each connection.
 *
 * A bus that is another server is entered, and its buses are listed, up to eight servers behind each other. A server that has
 * itself behind one of its buses has no end: it is among the `failures`, as an `OwnetError` with the code -40, which the search
 * itself gives it. A device that is on two buses, or on a bus and behind a coupler, is given once: where it is nearest. Aliases are resolved, so that each device is known by its ROM id, also one whose
 * alias looks like the ROM id of another. What has a ROM id of family 00 is none: it is among the `ghosts`.
 *
 * **Example** (Reading all thermometers)
 *
 * ```ts
 * import { Discovery, Place } from "@effect-ownet/core"
 * import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { devices, failures } = yield* Discovery.devices({ families: [DS18B20, DS18S20] })
 *   for (const { error, place } of failures) yield* Console.warn(`${Place.format(place)}: ${error.message}`)
 *   for (const device of devices) yield* Console.log(device.name, yield* device.read("temperature"))
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const devices = <const F extends ReadonlyArray<Family.Family> = readonly []>(
  options: Options<F> = {}
): Effect.Effect<Found<Device.Of<F>>, OwError.OwError, OwClient.OwClient> =>
  // Nothing is remembered from one search to the next.
  Effect.suspend(() => search(options, new Memory(() => true)))
