/**
 * A 1-Wire network as a server uses it: its devices, and how to read and write them. The simulated network is one, and the
 * kernel's w1 is another; `BusServer` serves either.
 *
 * Failures are the return codes of the protocol, such as -1 for an absent device and -5 for a failed exchange.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Property from "../device/Property.ts"
import * as RomId from "../onewire/RomId.ts"
import type { AliasTable } from "./AliasTable.ts"
import * as internal from "./internal/Contents.ts"

/**
 * The value of a property, or of one of its elements: a number, degrees Celsius, millibar, seconds since 1970, 0 or 1; or the
 * bytes of a text or a memory.
 *
 * @category models
 * @since 0.1.0
 */
export type Value = number | Uint8Array

/**
 * A property and one of its elements: the element's index, `TypeRecord.all` or `TypeRecord.byte`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Element {
  readonly property: Property.Property
  readonly index: number
}

/**
 * The properties of a holder, by name.
 *
 * @category models
 * @since 0.1.0
 */
export interface Contents {
  readonly properties: ReadonlyMap<string, Property.Property>
  /** The paths of the directories below the holder. */
  readonly directories: ReadonlySet<string>
}

/**
 * A chip, as a server knows it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Chip extends Contents {
  /** The name of the chip, such as `DS18B20`. Empty if it is read from the device. */
  readonly name: string
  /** Bits of the device classes that a listing reports. */
  readonly classes: number
}

/**
 * A device.
 *
 * @category models
 * @since 0.1.0
 */
export interface Device {
  readonly id: RomId.RomId
  /** The bus or the branch of a coupler on which the device is: `bus.0`, `bus.0/1F…/main`. */
  readonly place: string
  /** The chip, without the properties that this bus cannot read. */
  readonly chip: Chip
  /** Whether a property of the chip is listed. */
  readonly isListed: (property: Property.Property) => boolean
}

/**
 * A bus master.
 *
 * @category models
 * @since 0.1.0
 */
export interface Master {
  /** The name of its type, such as `w1` or `DS9490`. */
  readonly name: string
  /** The address of the bus master. */
  readonly address: string
}

/**
 * How to read a value.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading {
  /** Whether to read from the chip even if an earlier value is known. */
  readonly isUncached: boolean
  /** The time of the last simultaneous conversion at the place, if that was within the last seconds. */
  readonly convertedAt: number | undefined
}

/**
 * New values of a property.
 *
 * @category models
 * @since 0.1.0
 */
export interface Written {
  readonly property: Property.Property
  /** The new values, each with the index of its element. */
  readonly values: ReadonlyArray<readonly [index: number, value: Value]>
  /** Offset of the first byte, in a text or a memory. */
  readonly offset: number
}

/**
 * A 1-Wire network.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bus {
  /** The bus masters, in the order of their bus numbers, starting with `bus.0`. */
  readonly masters: ReadonlyArray<Master>

  /** Whether an answer may take so long that a client needs keepalives meanwhile. */
  readonly isSlow: boolean

  /** Updates the list of devices before the server answers a request. Omit it if the list is always up to date. */
  readonly look?: Effect.Effect<void> | undefined

  /** The device with a ROM id, if it is present. */
  readonly device: (id: RomId.RomId) => Device | undefined

  /** The devices that are present on a bus or a branch. */
  readonly devicesAt: (place: string) => ReadonlyArray<Device>

  /** Searches a bus or a branch. */
  readonly search: (place: string) => Effect.Effect<ReadonlyArray<Device>, number>

  /** Performs an alarm search on a bus or a branch. */
  readonly alarms: (place: string) => Effect.Effect<ReadonlyArray<Device>, number>

  /** Reads a property, or an element of one. For `TypeRecord.all`, it returns a value for each element. */
  readonly read: (device: Device, element: Element, reading: Reading) => Effect.Effect<ReadonlyArray<Value>, number>

  /** Writes to a device. */
  readonly write: (device: Device, written: Written) => Effect.Effect<void, number>

  /** Makes all chips of a bus or a branch convert, without waiting for them: `temperature` or `voltage`. */
  readonly convertAll: (what: string, place: string) => Effect.Effect<void, number>

  /** The aliases of the devices. */
  readonly aliases: AliasTable

  /** Gives a device an alias, or removes it if the text is empty. */
  readonly rename: (device: Device, alias: string) => Effect.Effect<void, number>

  /** Names below `/structure`: the families that the bus can read, and `simultaneous`. */
  readonly structures: ReadonlyArray<string>

  /** The properties below one of these names. */
  readonly structure: (name: string) => Contents | undefined
}

/**
 * Gives the chip of a family code, with all the properties that owserver knows of it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const chip: (code: string) => Chip = internal.chipOf

/**
 * Makes a chip with only some of its properties, for a bus that cannot read them all.
 *
 * **Example** (A thermometer whose memory cannot be read)
 *
 * ```ts
 * import { Bus } from "@effect-ownet/core"
 *
 * const thermometer = Bus.part(Bus.chip("28"), ({ name }) => name === "temperature" || name === "power")
 *
 * Array.from(thermometer.properties.keys()) // => ["power", "temperature"]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const part = (chip: Chip, has: (property: Property.Property) => boolean): Chip => ({
  name: chip.name,
  classes: chip.classes,
  ...internal.of([...chip.properties.values()].filter(has))
})

/**
 * Properties of the directory `simultaneous`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const simultaneous: () => Contents = internal.special.simultaneous

const reversed = (digits: string): string => (digits.match(/../g) ?? []).toReversed().join("")

/**
 * Gives a property that follows from the ROM id alone, in a server's words: `address`, `family`, `id`, `crc8`, `r_address`,
 * `r_id`, and the `type` of a chip whose family identifies it. `undefined` for any other property.
 *
 * **Example** (A ROM id in the byte order of the wire)
 *
 * ```ts
 * import { Bus, RomId } from "@effect-ownet/core"
 *
 * const id = RomId.fromStringUnsafe("28.000028D70100")
 *
 * Bus.identity(id, "family") // => "28"
 * Bus.identity(id, "r_id") // => "0001D7280000"
 * Bus.identity(id, "type") // => "DS18B20"
 * Bus.identity(id, "temperature") // => undefined
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const identity = (id: RomId.RomId, property: string): string | undefined => {
  switch (property) {
    case "address":
      return id
    case "family":
      return RomId.familyCode(id)
    case "id":
      return id.slice(2, 14)
    case "crc8":
      return id.slice(14)
    case "r_address":
      return reversed(id)
    case "r_id":
      return reversed(id.slice(2, 14))
    case "type": {
      const { name } = internal.chipOf(RomId.familyCode(id))
      return name === "" ? undefined : name
    }
    default:
      return undefined
  }
}
