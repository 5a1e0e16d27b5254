/**
 * Devices with typed properties, used through a client.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import { quoted } from "../internal/printable.ts"
import * as reversed from "../onewire/internal/reversed.ts"
import * as OwPath from "../onewire/OwPath.ts"
import type * as Place from "../onewire/Place.ts"
import * as RomId from "../onewire/RomId.ts"
import type { DeviceError } from "./DeviceError.ts"
import * as Family from "./Family.ts"
import { chipOf, familyOf, locate, owned, parse, refuse } from "./internal/address.ts"
import type { DevicePath } from "./internal/alias.ts"
import { deviceAt } from "./internal/device.ts"
import type * as Plausibility from "./Plausibility.ts"
import type * as Property from "./Property.ts"

/**
 * Any error of a call to a device.
 *
 * @category errors
 * @since 0.1.0
 */
export type Failure = OwError.OwError | DeviceError

/**
 * Options of `write`.
 *
 * @category models
 * @since 0.1.0
 */
export interface WriteOptions extends OwClient.WriteOptions {
  /**
   * Reads the value back after writing, bypassing the server's cache, and fails with a `DeviceError` of reason `NotVerified` if
   * it differs or cannot be read. A server's success only means that the bus took the bytes, not that the chip did. A clock may
   * have advanced by up to a minute meanwhile. Default `false`.
   */
  readonly verify?: boolean | undefined
}

/**
 * Options of `reading`: how to read, and how to treat an implausible value.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReadingOptions extends OwClient.ReadOptions, Plausibility.Policy {
  /** Previous value, from which a jump is measured. Within 2 °C of it, 85 °C and -0.0625 °C are plausible. */
  readonly previous?: Family.Value | undefined
}

/**
 * A value with its source, its time and a verdict.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading<out A = Family.Value> {
  readonly _tag: "Reading"
  readonly device: AnyDevice
  /** Name of the property, with the extension of an element. */
  readonly property: string
  readonly value: A
  /** Unit, as people print it: `°C`, `V`, `%RH`, in the scales of the call. `undefined` if it is unknown. */
  readonly unit: string | undefined
  /** Time of the answer. The server may have cached the value for up to 15 seconds, or for 5 minutes if it changes rarely. */
  readonly at: Date
  readonly verdict: Plausibility.Verdict
}

/**
 * One property of one device, for reading it repeatedly.
 *
 * **Example** (Passing a value on, from any device)
 *
 * ```ts
 * import { Device } from "@effect-ownet/core"
 * import { DS18B20, DS2438 } from "@effect-ownet/core/families"
 * import { Effect } from "effect"
 *
 * const mean = Effect.fnUntraced(function*(properties: ReadonlyArray<Device.DeviceProperty<number>>) {
 *   const values = yield* Effect.forEach(properties, (property) => property.read())
 *   return values.reduce((sum, value) => sum + value, 0) / values.length
 * })
 *
 * const indoors = Effect.gen(function*() {
 *   const kitchen = yield* Device.make(DS18B20, "28.000028D70100")
 *   const cellar = yield* Device.make(DS2438, "26.000026A10100")
 *   return yield* mean([kitchen.property("temperature"), cellar.property("temperature")])
 * })
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface DeviceProperty<out A = Family.Value> {
  readonly device: AnyDevice
  /** Name of the property, with the extension of an element. */
  readonly name: string
  /** Reads the property. */
  readonly read: (options?: OwClient.ReadOptions) => Effect.Effect<A, Failure>
  /** Reads the property, with the time and a verdict. */
  readonly reading: (options?: ReadingOptions) => Effect.Effect<Reading<A>, Failure>
}

/**
 * A device of any family.
 *
 * @category models
 * @since 0.1.0
 */
export interface AnyDevice {
  /**
   * ROM id in sixteen digits, `28000028D70100D5`, in whichever way the device was made. Use it as a key for maps. `name` has the
   * format of listings, and `RomId.fromString` reads any format.
   */
  readonly id: RomId.RomId
  /** Path on the server: `/28.000028D70100`; behind couplers `/1F.…/main/28.…`; with the bus if you gave it. */
  readonly path: string
  /** Bus, and the branches of couplers in front of the device, as far as they are known. */
  readonly place: Place.Place
  /** Bus of its place, such as `bus.0`, if known; behind another server `bus.1/bus.0`. */
  readonly bus: string | undefined
  /** Alias, if the device was found by one, or else its ROM id, as in `28.000028D70100`. */
  readonly name: string
  /** Family, if it was given when the device was made or found. */
  readonly family: Family.Family | undefined
  /** Client that reaches the device. */
  readonly ow: OwClient.Client
  /**
   * Whether the server has the device. The server may remember a device for two minutes after it is gone, and reports every
   * device as present if the path has a bus or a coupler. To be certain, use `Discovery`.
   */
  readonly present: (options?: OwClient.CallOptions) => Effect.Effect<boolean, OwError.OwError>
  /** Names of all properties that the device lists, with each element of an array. */
  readonly names: (options?: OwClient.CallOptions) => Effect.Effect<ReadonlyArray<string>, OwError.OwError>
}

/**
 * A device with the properties of its family. Properties have the names that servers use: `temperature`, `errata/die`. For an
 * array, `PIO.3` is one element, `PIO.ALL` the whole array in one request, and `PIO.BYTE` its bits as one number.
 *
 * **Details**
 *
 * | type on the server | value |
 * |---|---|
 * | integer, unsigned, float, `.BYTE` | `number` |
 * | temperature, temperature gap, pressure | `number` in the client's scale, or in that of the call |
 * | yes/no | `boolean` |
 * | text, alias | `string` |
 * | binary | `Uint8Array` |
 * | date | `Date`, from the seconds that the device counts, never from the server's local time |
 *
 * A value is checked before anything is sent: its type, its length, and its range if the chip's is known. An invalid value is an
 * `ArgumentError`.
 *
 * Some calls make more than one request: verifying, reading again, asking the server for the type of a property first, and
 * reading the end of an interval, a date that has no property for its seconds. Their options, including `timeout`, apply to each
 * request.
 *
 * @category models
 * @since 0.1.0
 */
export interface Device<out P extends Family.Properties = Family.Unknown> extends AnyDevice {
  /** Reads a property. */
  readonly read: <N extends keyof P["read"] & string>(
    name: N,
    options?: OwClient.ReadOptions
  ) => Effect.Effect<P["read"][N], Failure>

  /** Reads a property, and adds the time and a verdict. */
  readonly reading: <N extends keyof P["read"] & string>(
    name: N,
    options?: ReadingOptions
  ) => Effect.Effect<Reading<P["read"][N]>, Failure>

  /** Writes a property. */
  // A method and not a function property, so that a device can also be used as one with fewer properties.
  write<N extends keyof P["write"] & string>(
    name: N,
    value: P["write"][N],
    options?: WriteOptions
  ): Effect.Effect<void, Failure>

  /** One property, for polling it with others. */
  readonly property: <N extends keyof P["read"] & string>(name: N) => DeviceProperty<P["read"][N]>

  /** The type of a property, as the server reports it. */
  readonly describe: (
    name: (keyof P["read"] | keyof P["write"]) & string
  ) => Effect.Effect<Property.Element, Failure>
}

/**
 * The type of a device of some families: with the properties of its family, or with those that the families have in common.
 * Without families, any device.
 *
 * @category models
 * @since 0.1.0
 */
export type Of<F extends ReadonlyArray<Family.Family>> = F extends readonly [] ? AnyDevice
  // Families that the compiler does not know.
  : Family.Family extends F[number] ? AnyDevice
  : F extends readonly [Family.Family<infer P>] ? Device<P>
  : Device<Family.Common<PropertiesOf<F[number]>>>

type PropertiesOf<F> = F extends Family.Family<infer P> ? P : never

/**
 * Makes a device of a known family. `address` is its ROM id in any format, or its path: on a bus, or behind couplers. The parts
 * of a path that say how to read, `/uncached` and `/alarm`, are dropped: use `flags` for that. Sends no request.
 *
 * **Example** (Reading and writing a thermometer whose address comes from a configuration)
 *
 * ```ts
 * import { Device } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { Config, Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const kitchen = yield* Device.make(DS18B20, yield* Config.String("KITCHEN"))
 *   yield* kitchen.write("temphigh", 30)
 *   yield* Console.log(yield* kitchen.read("temperature"))
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*<P extends Family.Properties>(
  family: Family.Family<P>,
  address: string
): Effect.fn.Return<Device<P>, OwError.ArgumentError, OwClient.OwClient> {
  const of = yield* Effect.fromResult(addressed("Device.make", family, address))
  return of(yield* OwClient.OwClient)
})

/**
 * Makes a device of a client that you hold, synchronously. Use it for addresses that are literals in your program: it throws the
 * `ArgumentError` with which `make` would fail, for an invalid address or for an address of another family. For an address from
 * outside, use `make`.
 *
 * **Example** (Naming the devices of a house in one place)
 *
 * ```ts
 * import { Device, OwClient } from "@effect-ownet/core"
 * import { DS18B20, DS2408 } from "@effect-ownet/core/families"
 * import { TestOwClient } from "@effect-ownet/core/testing"
 * import { Effect } from "effect"
 *
 * const house = (ow: OwClient.Client) => ({
 *   kitchen: Device.makeUnsafe(DS18B20, "28.000028D70100", ow),
 *   heating: Device.makeUnsafe(DS2408, "29.000029D60300", ow)
 * })
 *
 * await OwClient.OwClient.pipe(
 *   Effect.flatMap((ow) => house(ow).kitchen.read("temperature")),
 *   Effect.provide(TestOwClient.layer({ "28.000028D70100": { temperature: 21.5 } })),
 *   Effect.runPromise
 * ) // => 21.5
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeUnsafe = <P extends Family.Properties>(
  family: Family.Family<P>,
  address: string,
  ow: OwClient.Client
): Device<P> => Result.getOrThrow(addressed("Device.makeUnsafe", family, address))(ow)

/**
 * Finds the device that an alias leads to now, or a path that ends in one, such as `/1F.37B104000000/main/boiler` behind a
 * coupler. From then on it is known by its ROM id: giving the alias to another device later does not change it.
 *
 * **Example** (Using aliases)
 *
 * ```ts
 * import { Device } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { Effect } from "effect"
 *
 * const kitchen = Device.find(DS18B20, "kitchen").pipe(Effect.flatMap((device) => device.read("temperature")))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const find = Effect.fnUntraced(function*<P extends Family.Properties>(
  family: Family.Family<P>,
  alias: string
): Effect.fn.Return<Device<P>, Failure, OwClient.OwClient> {
  const ow = yield* OwClient.OwClient
  return yield* owned(family, ow, yield* Effect.fromResult(parse("Device.find", alias)))
})

/**
 * Finds the device of a ROM id in any format, a path or an alias: `make` for the first two, `find` for an alias. The server is
 * asked only about an alias. Instead of a family you can pass a look-up such as `Catalogue.of`, if any family will do.
 *
 * **Example** (Accepting what somebody types)
 *
 * ```ts
 * import { Device } from "@effect-ownet/core"
 * import * as Catalogue from "@effect-ownet/core/device/Catalogue"
 * import { Effect } from "effect"
 *
 * const read = Effect.fnUntraced(function*(address: string, property: string) {
 *   const device = yield* Device.at(Catalogue.of, address) // "kitchen", "28.000028D70100", "/bus.1/28.000028D70100"
 *   return yield* device.read(property)
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const at = Effect.fnUntraced(function*<P extends Family.Properties = Family.Unknown>(
  families: Family.Family<P> | Family.Lookup,
  address: string
): Effect.fn.Return<Device<P>, Failure, OwClient.OwClient> {
  const ow = yield* OwClient.OwClient
  const path = yield* Effect.fromResult(parse("Device.at", address))
  const id = OwPath.romId(path)
  return Option.isNone(id)
    ? yield* owned(families, ow, path)
    : (yield* Effect.fromResult(identified("Device.at", families, path, id.value)))(ow)
})

/**
 * Identity and place of a device: everything that another process needs to make the same device.
 *
 * @category models
 * @since 0.1.0
 */
export interface Located extends Pick<AnyDevice, "id" | "path" | "place" | "name" | "ow"> {}

/**
 * Makes a device that was found before, perhaps by another process, with the alias and the place that it had then. Its path alone
 * may not tell these. Sends no request.
 *
 * **Example** (Restoring a device from a file)
 *
 * ```ts
 * import { Device, OwClient, Place, RomId } from "@effect-ownet/core"
 * import * as Catalogue from "@effect-ownet/core/device/Catalogue"
 *
 * const cellar = OwClient.OwClient.useSync((ow) =>
 *   Device.located(Catalogue.of, {
 *     id: RomId.fromStringUnsafe("28.000028D70100"),
 *     name: "cellar",
 *     path: "/28.000028D70100",
 *     place: Place.fromStringUnsafe("bus.0"),
 *     ow
 *   })
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const located = (families: Family.Lookup, device: Located): Device =>
  deviceAt(Option.getOrElse(families(RomId.familyCode(device.id)), () => Family.unknown), device)

/**
 * Whether a device is of a family. Its properties then have their types. With several families, it has those that they have in
 * common.
 *
 * **Example** (Selecting the thermometers among the devices found)
 *
 * ```ts
 * import { Device } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 *
 * declare const devices: ReadonlyArray<Device.AnyDevice>
 *
 * const thermometers = devices.filter(Device.is(DS18B20))
 * ```
 *
 * @category guards
 * @since 0.1.0
 */
export const is = <const F extends readonly [Family.Family, ...ReadonlyArray<Family.Family>]>(
  ...families: F
): (device: AnyDevice) => device is Of<F> =>
(device): device is Of<F> => families.some((family) => Family.has(family, RomId.familyCode(device.id)))

/** A device that still needs its client. */
type OnClient<P extends Family.Properties> = (ow: OwClient.Client) => Device<P>

/** Makes the device of an address with a ROM id. */
const addressed = <P extends Family.Properties>(
  operation: string,
  family: Family.Family<P>,
  address: string
): Result.Result<OnClient<P>, OwError.ArgumentError> =>
  Result.flatMap(parse(operation, address), (path) =>
    Option.match(OwPath.romId(path), {
      onNone: () =>
        refuse(
          operation,
          `${quoted(address)} has no ROM id${
            reversed.hint(RomId.fromReversed(path.device), "; an alias is looked up by Device.find")
          }`
        ),
      onSome: (id) => identified(operation, family, path, id)
    }))

/** Makes the device of a path with a ROM id. */
const identified = <P extends Family.Properties>(
  operation: string,
  families: Family.Family<P> | Family.Lookup,
  path: DevicePath,
  id: RomId.RomId
): Result.Result<OnClient<P>, OwError.ArgumentError> => {
  const code = RomId.familyCode(id)
  const family = familyOf(families, code)
  if (Option.isSome(family)) {
    const located = locate(path, id)
    return Result.succeed((ow) => deviceAt<P>(family.value, { ...located, ow }))
  }
  const codes = typeof families === "function" ? [] : families.codes
  return refuse(
    operation,
    `${RomId.format(id)} is of family ${code}, and a ${chipOf(families)} of ${codes.join(" or ")}`
  )
}
