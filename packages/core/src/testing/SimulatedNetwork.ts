/**
 * A 1-Wire network that needs no hardware: devices of any family, on one bus or several, with the values that a test says.
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
 * What a property is worth: a number, in degrees Celsius or millibar where it is a temperature or a pressure; yes or no; a
 * text; bytes; or a moment.
 *
 * @category models
 * @since 0.1.0
 */
export type Value = string | number | boolean | Uint8Array | Date

/**
 * A refusal instead of a value.
 *
 * @category models
 * @since 0.1.0
 */
export interface Refusal {
  readonly _tag: "Refusal"
  /** The return code, negative. */
  readonly code: number
}

/**
 * Where a property's values come from. A value stays until it is written or set. A list is for a whole array, such as
 * `PIO.ALL`. A function computes them from the seconds since the network began; what is written to such a property is
 * acknowledged, and changes nothing.
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
 * A device: its properties, by the names that a server lists them under.
 *
 * @category models
 * @since 0.1.0
 */
export interface DeviceDescription {
  readonly [property: string]: Property
}

/**
 * A network: its devices by their paths, or single properties by theirs.
 *
 * **Details**
 *
 * - `"28.000028D70100"`: a device on the first bus. Any format of a ROM id will do, and any family.
 * - `"/bus.1/28.000028D70100"`: one on another bus.
 * - `"/1F.00001FE00400/main/28.000028D70100"`: one behind a coupler, which is there by that.
 * - `"/28.000028D70100/temperature"`: a property, and with it its device.
 *
 * What a device is not said to be worth is computed from its ROM id, as `owserver --tester` does.
 *
 * @category models
 * @since 0.1.0
 */
export interface Description {
  readonly [path: string]: DeviceDescription | Property
}

/**
 * A description makes no sense: there is no such property, or it cannot have that value.
 *
 * @category errors
 * @since 0.1.0
 */
export class DescriptionError extends Data.TaggedError("DescriptionError")<{
  /** The path that was described. */
  readonly path: string
  readonly problem: string
}> {
  /** One line: where, and what is wrong there. */
  override get message(): string {
    return `${this.path}: ${this.problem}`
  }

  /** All that it knows, its message among that, ready for a log. */
  override toJSON(): unknown {
    return { ...this, message: this.message }
  }
}

/**
 * How a network is made, by `make` or by the server that is given a description.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /**
   * `real`: a measurement takes as long as the chip needs for it, 94 to 750 ms, and has the bus for itself; a thermometer
   * shows 85 °C until it has measured. A simultaneous conversion is begun and not waited for; chips on parasite power and
   * those behind couplers do not take part in it. Default `instant`: none of that.
   */
  readonly conversions?: "instant" | "real" | undefined
}

const TypeId = "~@effect-ownet/core/testing/SimulatedNetwork"

/**
 * A simulated network. Whatever changes here, changes for all servers that have it.
 *
 * @category models
 * @since 0.1.0
 */
export interface SimulatedNetwork {
  /** @hidden */
  readonly [TypeId]: typeof TypeId

  /** Gives a property another value, or another way to compute it. */
  readonly set: (path: string, property: Property) => Effect.Effect<void, DescriptionError>

  /** A device appears at a path, or comes back there, freshly powered. */
  readonly appear: (path: string, properties?: DeviceDescription) => Effect.Effect<void, DescriptionError>

  /** A device, by its path, its ROM id or its alias, stops answering. It keeps what is described of it. */
  readonly vanish: (path: string) => Effect.Effect<void, DescriptionError>

  /** A device answers alarm searches, or does not, whatever its limits are. */
  readonly alarm: (path: string, isInAlarm: boolean) => Effect.Effect<void, DescriptionError>

  /** A bus refuses with a return code whatever needs it, such as -5; without one it works again. */
  readonly breakBus: (bus: number, code?: number) => Effect.Effect<void, DescriptionError>
}

/**
 * Makes a network of its description.
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
      if (device === undefined) return Effect.fail(new DescriptionError({ path, problem: "no device of this network" }))
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
          return Effect.fail(new DescriptionError({ path: `bus.${bus}`, problem: "no bus of this network" }))
        }
        broken.fault = code === undefined ? undefined : -Math.abs(code)
        return Effect.void
      })
  }
  return made
})

/**
 * Whether a value is a network, and not the description of one.
 *
 * @category guards
 * @since 0.1.0
 */
export const isSimulatedNetwork = (value: unknown): value is SimulatedNetwork => Predicate.hasProperty(value, TypeId)

/**
 * A refusal, for a property that cannot be read now.
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
 * Values over time: each holds from its moment on, counted from when the network began.
 *
 * **Example** (A thermometer that loses its power after a minute)
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
 * The codes of all families that owserver has a driver for. A device of any other has what all devices have.
 *
 * @category constants
 * @since 0.1.0
 */
export const families: ReadonlyArray<string> = codes

/**
 * Devices of the given families, with the ROM ids that `owserver --tester` gives them.
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
