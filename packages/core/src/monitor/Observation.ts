/**
 * Result of one attempt to read a property: its value, or the reason for the failure.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Device from "../device/Device.ts"
import type * as Family from "../device/Family.ts"

/**
 * A property that could not be read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failed {
  readonly _tag: "Failed"
  readonly device: Device.AnyDevice
  /** Name of the property, with the extension of an element. */
  readonly property: string
  /** When it failed. */
  readonly at: Date
  readonly error: Device.Failure
}

/**
 * A reading, or a failure to read.
 *
 * **Example** (Printing either)
 *
 * ```ts
 * import type { Observation } from "@effect-ownet/core"
 *
 * const print = (seen: Observation.Observation): string =>
 *   seen._tag === "Failed"
 *     ? `${seen.device.name}/${seen.property}: ${seen.error.message}`
 *     : `${seen.device.name}/${seen.property} = ${seen.value}`
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export type Observation<A = Family.Value> = Device.Reading<A> | Failed

/**
 * Makes the observation that a property cannot be read, with the current time.
 *
 * **Example** (Keeping a failure among the readings)
 *
 * ```ts
 * import { type Device, Observation } from "@effect-ownet/core"
 * import { Effect } from "effect"
 *
 * const observe = ({ device, name, reading }: Device.DeviceProperty): Effect.Effect<Observation.Observation> =>
 *   Effect.catch(reading(), (error) => Observation.failed(device, name, error))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const failed = (device: Device.AnyDevice, property: string, error: Device.Failure): Effect.Effect<Failed> =>
  Effect.map(DateTime.nowAsDate, (at) => ({ _tag: "Failed", device, property, at, error }))
