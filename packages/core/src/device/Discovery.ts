/**
 * Finds the devices that are connected to a server, bus by bus.
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
 * Options of `devices`. `flags`, `timeout` and `retry` apply to each of its calls.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<F extends ReadonlyArray<Family.Family> = ReadonlyArray<Family.Family>>
  extends OwClient.CallOptions
{
  /** The only bus to search, such as `bus.1`, `bus.1/bus.0` or, as in paths, `/bus.1`. All buses by default. */
  readonly bus?: string | undefined
  /** Whether to search behind couplers (DS2409) as well, which switches their branches. Default `true`. */
  readonly couplers?: boolean | undefined
  /** Families of the devices to return, with the types of their properties. All devices by default. */
  readonly families?: F | undefined
  /**
   * Looks up the family of each device that is not in `families`. With `Catalogue.of`, no types are requested from the server,
   * and units and ranges are known. By default the server is asked, once for each family.
   */
  readonly catalogue?: Family.Lookup | undefined
}

/**
 * A part of the network that could not be searched.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failed {
  /** A bus or a branch. Devices below it may be missing. */
  readonly place: Place.Place
  readonly error: OwError.OwError
}

/**
 * A ROM id that a search returned although no device has it: its family code is 00, or its CRC is wrong. A disturbed search
 * invents such ids: the data line is held down, cables are long, or contacts are loose.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ghost {
  /** ROM id, as in `00.000000000000`. If its CRC is wrong, as it was listed. */
  readonly name: string
  /** Place where it was listed. */
  readonly place: Place.Place
}

/**
 * The result of a search, and the parts that could not be searched.
 *
 * @category models
 * @since 0.1.0
 */
export interface Found<out D = Device.AnyDevice> {
  /** Each device once, in the order of the buses, and by ROM id on each bus. */
  readonly devices: ReadonlyArray<D>
  /** Buses that could be listed, such as `bus.0`, and `bus.1/bus.0` behind another server. */
  readonly buses: ReadonlyArray<string>
  /** Places that could not be listed. A device that is not below one of these, and was not found, is not there. */
  readonly failures: ReadonlyArray<Failed>
  /** Listed ROM ids that are not devices, each once, in the order of their places. Empty if the buses work. */
  readonly ghosts: ReadonlyArray<Ghost>
}

/**
 * Finds the devices of a server.
 *
 * **Details**
 *
 * Each bus is listed separately, because the listing of all buses silently leaves out the devices of a bus that fails. A failure
 * affects only its own place, and is listed in `failures`. The whole search fails only if the server does not list its buses, or
 * if the requested bus cannot be listed. A server searches a bus each time it is listed separately, which takes about 15
 * milliseconds for each device; it never answers from its cache. Buses are searched at the same time, one on each connection.
 *
 * The search follows a bus that is another server, and lists its buses, up to eight servers behind each other. A server that has
 * itself behind one of its buses would have no end: the search itself reports it in `failures`, as an `OwnetError` with the code
 * -40. A device that is on two buses, or both on a bus and behind a coupler, is returned once, at the nearest place. Aliases are
 * resolved, so that each device is known by its ROM id, even if its alias looks like the ROM id of another device. A ROM id of
 * family 00 is not a device: it is listed in `ghosts`.
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
  // Each search starts without a memory of the one before.
  Effect.suspend(() => search(options, new Memory(() => true)))
