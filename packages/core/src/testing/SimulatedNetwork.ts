/**
 * A 1-Wire network without hardware: devices of any family, on one or several buses, with the values that a test sets.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import { toSeconds } from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as RomId from "../onewire/RomId.ts"
import { codes } from "../server/internal/Contents.ts"
import { type Made, NetworkState } from "./internal/NetworkState.ts"
import type { SimulatedDevice } from "./internal/SimulatedDevice.ts"

/**
 * The value of a property: a number, in degrees Celsius or millibar for a temperature or a pressure; yes or no; a text; bytes; or
 * a time.
 *
 * @category models
 * @since 0.1.0
 */
export type Value = string | number | boolean | Uint8Array | Date

/**
 * A refusal in place of a value.
 *
 * @category models
 * @since 0.1.0
 */
export interface Refusal {
  readonly _tag: "Refusal"
  /** The return code, a negative number. */
  readonly code: number
}

/**
 * The source of a property's values. A single value stays until it is written or set. A list is for a whole array, such as
 * `PIO.ALL`. A function computes values from the seconds since the network began; the server acknowledges writes to such a
 * property, but they change nothing.
 *
 * @category models
 * @since 0.1.0
 */
export type Property =
  | Value
  | ReadonlyArray<Value>
  | Refusal
  | ((seconds: number) => Value | ReadonlyArray<Value> | Refusal)

/**
 * A device: its properties, by the names in a server's listing.
 *
 * @category models
 * @since 0.1.0
 */
export interface DeviceDescription {
  readonly [property: string]: Property
}

/**
 * A network: its devices, or single properties, by their paths.
 *
 * **Details**
 *
 * - `"28.000028D70100"`: a device on the first bus, with a ROM id of any format and any family.
 * - `"/bus.1/28.000028D70100"`: a device on another bus.
 * - `"/1F.00001FE00400/main/28.000028D70100"`: a device behind a coupler. The path also adds the coupler.
 * - `"/28.000028D70100/temperature"`: a property. The path also adds its device.
 *
 * Values that you do not describe are computed from the ROM id, as `owserver --tester` does.
 *
 * @category models
 * @since 0.1.0
 */
export interface Description {
  readonly [path: string]: DeviceDescription | Property
}

/**
 * A description is invalid: the property does not exist, or cannot have this value.
 *
 * @category errors
 * @since 0.1.0
 */
export class DescriptionError extends Data.TaggedError("DescriptionError")<{
  /** The path in the description. */
  readonly path: string
  readonly problem: string
}> {
  /** One line that names the path and the problem. */
  override get message(): string {
    return `${this.path}: ${this.problem}`
  }

  /** All its fields and its message, ready for a log. */
  override toJSON(): unknown {
    return { ...this, message: this.message }
  }
}

/**
 * Options of a network, for `make` or for a server that gets a description.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * `real`: a measurement takes as long as the chip needs, 94 to 750 ms, and occupies the bus; a thermometer shows 85 °C until it
   * has measured. A simultaneous conversion is started without waiting for it; chips on parasite power and those behind couplers
   * do not take part. Default `instant`: none of this applies.
   */
  readonly conversions?: "instant" | "real" | undefined
}

const TypeId = "~@effect-ownet/core/testing/SimulatedNetwork"

/**
 * A simulated network. Changes to it apply to all servers that use it.
 *
 * @category models
 * @since 0.1.0
 */
export interface SimulatedNetwork {
  /** @hidden */
  readonly [TypeId]: typeof TypeId

  /** Sets the value of a property, or the function that computes it. */
  readonly set: (path: string, property: Property) => Effect.Effect<void, DescriptionError>

  /** Adds a device at a path, or brings it back there, freshly powered. */
  readonly appear: (path: string, properties?: DeviceDescription) => Effect.Effect<void, DescriptionError>

  /** Makes a device stop answering. Name it by its path, its ROM id or its alias. Its description is kept. */
  readonly vanish: (path: string) => Effect.Effect<void, DescriptionError>

  /** Sets whether a device answers alarm searches, regardless of its limits. */
  readonly alarm: (path: string, isInAlarm: boolean) => Effect.Effect<void, DescriptionError>

  /** Makes a bus refuse every request that needs it, with a return code such as -5. Without a code, the bus works again. */
  readonly breakBus: (bus: number, code?: number) => Effect.Effect<void, DescriptionError>
}

/**
 * Makes a network from its description.
 *
 * **Example** (Two thermometers, one of which drifts)
 *
 * ```ts
 * import { SimulatedNetwork } from "@effect-ownet/core/testing"
 *
 * const network = SimulatedNetwork.make({
 *   "28.000028D70100": { temperature: 21.5, alias: "kitchen" },
 *   "10.000010EF0000": { temperature: (seconds) => 20 + seconds / 60 }
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  description: Description,
  options?: Options
): Effect.fn.Return<SimulatedNetwork, DescriptionError> {
  const network = new NetworkState(options?.conversions === "real", yield* Clock.currentTimeMillis)
  const problem = network.describe(description)
  if (problem !== undefined) return yield* new DescriptionError(problem)

  const add = (path: string, given: DeviceDescription | Property): Effect.Effect<void, DescriptionError> =>
    Effect.suspend(() => {
      const problem = network.add(path, given)
      return problem === undefined ? Effect.void : Effect.fail(new DescriptionError({ path, problem }))
    })
  const withDevice = (path: string, change: (device: SimulatedDevice) => void): Effect.Effect<void, DescriptionError> =>
    Effect.suspend(() => {
      const id = network.aliases.resolve(path.split("/").findLast((segment) => segment !== "") ?? "")
      const device = Option.isNone(id) ? undefined : network.devices.get(id.value)
      if (device === undefined) {
        return Effect.fail(new DescriptionError({ path, problem: "not a device of this network" }))
      }
      change(device)
      return Effect.void
    })
  const made: Made = {
    [TypeId]: TypeId,
    network,
    set: add,
    appear: (path, properties = {}) => add(path, properties),
    vanish: (path) =>
      withDevice(path, (device) => {
        device.isPresent = false
      }),
    alarm: (path, isInAlarm) =>
      withDevice(path, (device) => {
        device.alarm = isInAlarm
      }),
    breakBus: (bus, code) =>
      Effect.suspend(() => {
        const broken = network.buses[bus]
        if (broken === undefined) {
          return Effect.fail(new DescriptionError({ path: `bus.${bus}`, problem: "not a bus of this network" }))
        }
        broken.fault = code === undefined ? undefined : -Math.abs(code)
        return Effect.void
      })
  }
  return made
})

/**
 * Whether a value is a network, not the description of one.
 *
 * @category guards
 * @since 0.1.0
 */
export const isSimulatedNetwork = (value: unknown): value is SimulatedNetwork => Predicate.hasProperty(value, TypeId)

/**
 * Makes a refusal, for a property that cannot be read now.
 *
 * **Example** (A sensor with a bad contact)
 *
 * ```ts
 * import { SimulatedNetwork } from "@effect-ownet/core/testing"
 *
 * const network = SimulatedNetwork.make({ "28.000028D70100": { temperature: SimulatedNetwork.refuse(-5) } })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const refuse = (code: number): Refusal => ({ _tag: "Refusal", code: -Math.abs(code) })

/**
 * Makes a source of values over time. Each value applies from its time on, counted from the start of the network.
 *
 * **Example** (A thermometer that loses power after a minute)
 *
 * ```ts
 * import { SimulatedNetwork } from "@effect-ownet/core/testing"
 *
 * const temperature = SimulatedNetwork.script([["0 seconds", 21.5], ["1 minute", 85], ["2 minutes", 21.6]])
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const script = (
  moments: readonly [
    readonly [from: Duration.Input, value: Value | Refusal],
    ...ReadonlyArray<readonly [from: Duration.Input, value: Value | Refusal]>
  ]
): (seconds: number) => Value | Refusal => {
  const steps = moments.map(([from, value]) => [toSeconds(from), value] as const).toSorted(([a], [b]) => a - b)
  return (seconds) => {
    const step = steps.findLast(([from]) => from <= seconds) ?? steps[0]
    return step[1]
  }
}

/**
 * The codes of all families that owserver has a driver for. A device of any other family has only the properties that all devices
 * have.
 *
 * @category constants
 * @since 0.1.0
 */
export const families: ReadonlyArray<string> = codes

/**
 * Describes devices of the given families, with the ROM ids that `owserver --tester` gives them.
 *
 * **Example** (What `owserver --tester=28,10` simulates)
 *
 * ```ts
 * import { SimulatedNetwork } from "@effect-ownet/core/testing"
 *
 * SimulatedNetwork.tester(["28", "10"]) // => { "/28.000028D70000": {}, "/10.000010EF0100": {} }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const tester = (families: ReadonlyArray<string>): Description =>
  Object.fromEntries(families.map((code, index) => {
    const family = parseInt(code, 16)
    const bytes = Uint8Array.of(family, 0, 0, family, ~family, index & 0xff, index >> 8, 0)
    bytes[7] = RomId.crc8(bytes.subarray(0, 7))
    const digits = Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join("")
    return [`/${digits.slice(0, 2)}.${digits.slice(2, 14)}`, {}]
  }))
