/**
 * What a stream says of one property at one time: its value, or why there is none.
 *
 * @since 0.1.0
 */
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
  /** The name of the property, with the extension of an element. */
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
