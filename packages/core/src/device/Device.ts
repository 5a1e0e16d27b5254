/**
 * Devices with typed properties, over a client.
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
 * What can go wrong with a device.
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
   * Reads back what was written, past the server's cache, and fails with a `DeviceError` of reason `NotVerified` where it is
   * not the same, or cannot be read. A server's success says that the bus took the bytes, not that the chip did. A clock may
   * have run on meanwhile, by a minute. Default `false`.
   */
  readonly verify?: boolean | undefined
}

/**
 * Options of `reading`: how to read, and what to do about an implausible value.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReadingOptions extends OwClient.ReadOptions, Plausibility.Policy {
  /** The value before, from which a jump is measured. */
  readonly previous?: Family.Value | undefined
}

/**
 * A value with where it comes from, when it was read, and what is to be thought of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading<out A = Family.Value> {
  readonly _tag: "Reading"
  readonly device: AnyDevice
  /** The name of the property, with the extension of an element. */
  readonly property: string
  readonly value: A
  /** What the value is in, as people print it: `°C`, `V`, `%RH`, in the scales of the call; nothing where that is not known. */
  readonly unit: string | undefined
  /** When the answer came. The server may have kept the value for up to 15 seconds, or 5 minutes where it changes rarely. */
  readonly at: Date
  readonly verdict: Plausibility.Verdict
}

/**
 * One property of one device, to be read again and again.
 *
 * **Example** (Handing a value on, wherever it is from)
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
 *   const kitchen = yield* Device.makeUnsafe(DS18B20, "28.000028D70100")
 *   const cellar = yield* Device.makeUnsafe(DS2438, "26.000026A10100")
 *   return yield* mean([kitchen.property("temperature"), cellar.property("temperature")])
 * })
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface DeviceProperty<out A = Family.Value> {
  readonly device: AnyDevice
  /** The name of the property, with the extension of an element. */
  readonly name: string
  /** Reads it. */
  readonly read: (options?: OwClient.ReadOptions) => Effect.Effect<A, Failure>
  /** Reads it, with the time and a verdict. */
  readonly reading: (options?: ReadingOptions) => Effect.Effect<Reading<A>, Failure>
}

/**
 * A device, whatever its family.
 *
 * @category models
 * @since 0.1.0
 */
export interface AnyDevice {
  /**
   * The ROM id in sixteen digits, `28000028D70100D5`, whatever the device was made of: a key for maps. `name` is what listings
   * show, and `RomId.fromString` reads any format.
   */
  readonly id: RomId.RomId
  /** Where it is for the server: `/28.000028D70100`; behind couplers `/1F.…/main/28.…`; or with the bus, where that was given. */
  readonly path: string
  /** Its bus, and the branches of couplers in front of it, as far as they are known. */
  readonly place: Place.Place
  /** The bus of its place, such as `bus.0`, if that is known; behind another server `bus.1/bus.0`. */
  readonly bus: string | undefined
  /** Its alias, where it was found by one; or else its ROM id, as in `28.000028D70100`. */
  readonly name: string
  /** Its family, if that was given when it was made or found. */
  readonly family: Family.Family | undefined
  /** The client through which it is reached. */
  readonly ow: OwClient.Client
  /**
   * Whether the server knows of it. It may remember a device for two minutes that is gone, and takes any for present whose
   * path goes by a bus or a coupler: `Discovery` looks.
   */
  readonly present: (options?: OwClient.CallOptions) => Effect.Effect<boolean, OwError.OwError>
  /** The names of all properties that the device lists, with each element of an array: what there is to choose from. */
  readonly names: (options?: OwClient.CallOptions) => Effect.Effect<ReadonlyArray<string>, OwError.OwError>
}

/**
 * A device with the properties of its family. Properties have the names that servers give them: `temperature`,
 * `errata/die`, and `PIO.3`, `PIO.ALL` and `PIO.BYTE` for an element of an array, for the whole of it in one request, and
 * for its bits as one number.
 *
 * **Details**
 *
 * | server's type | value |
 * |---|---|
 * | integer, unsigned, float, `.BYTE` | `number` |
 * | temperature, temperature gap, pressure | `number` in the client's scale, or in that of the call |
 * | yes/no | `boolean` |
 * | text, alias | `string` |
 * | binary | `Uint8Array` |
 * | date | `Date`, by the seconds that the device counts and never by the server's local time |
 *
 * What is written is checked before anything is sent: its type, its length, and its range where the chip's is known. What
 * makes no sense is an `ArgumentError`.
 *
 * Some calls make more than one request: one that verifies or reads again, one of a property whose type the server is asked
 * first, and the end of an interval, which is a date without seconds beside it. Their options, `timeout` too, are those of each.
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

  /** Reads a property, and says when that was and what is to be thought of it. */
  readonly reading: <N extends keyof P["read"] & string>(
    name: N,
    options?: ReadingOptions
  ) => Effect.Effect<Reading<P["read"][N]>, Failure>

  /** Writes a property. */
  // A method, and no function: so a device is also one of whatever has fewer properties.
  write<N extends keyof P["write"] & string>(
    name: N,
    value: P["write"][N],
    options?: WriteOptions
  ): Effect.Effect<void, Failure>

  /** A property by itself, to be polled with others. */
  readonly property: <N extends keyof P["read"] & string>(name: N) => DeviceProperty<P["read"][N]>

  /** The type of a property, as the server has it. */
  readonly describe: (
    name: (keyof P["read"] | keyof P["write"]) & string
  ) => Effect.Effect<Property.Element, Failure>
}

/**
 * The type of a device of one of some families: with the properties of the family, or with what the families have in common. Of
 * none, it is any device.
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
 * A device of a known family. `address` is its ROM id in any format, or its path: on a bus, or behind couplers. What a path
 * says of how to read, `/uncached` and `/alarm`, is left out: that is for `flags`. Nothing is asked of the server. For an address
 * that is written in the program there is `makeUnsafe`.
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
 * A device whose address is known when the program is written: `make` without an error to handle. What `make` fails with, this
 * throws at once, when it is called: an `ArgumentError` for an address that is none, or that is one of another family. Take `make`
 * for an address that comes from outside.
 *
 * **Example** (Naming the devices of a house once)
 *
 * ```ts
 * import { Device } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { TestOwClient } from "@effect-ownet/core/testing"
 * import { Effect } from "effect"
 *
 * const kitchen = Device.makeUnsafe(DS18B20, "28.000028D70100") // Effect<Device<…>, never, OwClient>
 *
 * await kitchen.pipe(
 *   Effect.flatMap((device) => device.read("temperature")),
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
  address: string
): Effect.Effect<Device<P>, never, OwClient.OwClient> =>
  Effect.map(OwClient.OwClient, Result.getOrThrow(addressed("Device.makeUnsafe", family, address)))

/**
 * The device that an alias leads to now, or a path that ends in one, such as `/1F.37B104000000/main/boiler` behind a coupler.
 * It is known by its ROM id from then on: an alias that is given to another device later does not move it.
 *
 * **Example** (Naming devices as people do)
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
 * The device that people mean by a ROM id in any format, a path or an alias: `make` of the first two, `find` of an alias. Only of
 * an alias is the server asked. Instead of a family it takes a look-up such as `Catalogue.of`, if any family will do.
 *
 * **Example** (Taking what was typed)
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
 * Identity and place of a device: all that another process needs to make the same device.
 *
 * @category models
 * @since 0.1.0
 */
export interface Located extends Pick<AnyDevice, "id" | "path" | "place" | "name" | "ow"> {}

/**
 * Makes a device that was found before, perhaps by another process, with the alias and the place that it had then: its path may not
 * tell them. No request is sent.
 *
 * **Example** (A device that is known from a file)
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
 * Whether a device is of a family; then its properties have their types. Of several families, it has what they have in common.
 *
 * **Example** (Choosing the thermometers among what was found)
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

/** A device, once there is a client. */
type OnClient<P extends Family.Properties> = (ow: OwClient.Client) => Device<P>

/** The device of an address with a ROM id. */
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

/** The device of a path with a ROM id. */
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
