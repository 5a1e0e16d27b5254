/**
 * Reads one property of all devices of a family, once.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import * as Checked from "../client/internal/Checked.ts"
import type * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import type * as Device from "./Device.ts"
import * as Discovery from "./Discovery.ts"
import type * as Family from "./Family.ts"

/**
 * One or more families.
 *
 * @category models
 * @since 0.1.0
 */
export type Families = readonly [Family.Family, ...ReadonlyArray<Family.Family>]

/**
 * The properties that all of some families have, with the types of their values.
 *
 * @category models
 * @since 0.1.0
 */
export type Readable<F extends Families> = Device.Of<F> extends Device.Device<infer P> ? P["read"] : never

/**
 * Options of a sweep: where to search, and how to read. `flags`, `timeout` and `retry` apply to each of its calls.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Pick<Discovery.Options, "bus" | "couplers">, Device.ReadingOptions {
  /** Maximum number of devices that are read at a time. A bus does one thing at a time. Default 4. */
  readonly concurrency?: number | undefined
}

/**
 * The devices found, and the result of reading each one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Swept<out D = Device.AnyDevice, out A = Family.Value> extends Discovery.Found<D> {
  /** One result for each of the `devices`, in their order. */
  readonly readings: ReadonlyArray<{
    readonly device: D
    readonly reading: Result.Result<Device.Reading<A>, Device.Failure>
  }>
}

/**
 * Finds all devices of some families, and reads the same property of each: one search, and one READ for each device.
 *
 * **Details**
 *
 * A device that cannot be read has its error in `readings`, and a bus that cannot be listed is in `failures`; everything else is
 * returned as usual. The whole call fails only as `Discovery.devices` does, and with an `ArgumentError` for an invalid option.
 * The search takes about 15 milliseconds for each device: to read the same devices again and again, keep them, or use `Poll`.
 *
 * **Example** (Reading the temperature of every thermometer)
 *
 * ```ts
 * import { Sweep } from "@effect-ownet/core"
 * import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
 * import { TestOwClient } from "@effect-ownet/core/testing"
 * import { Effect, Result } from "effect"
 *
 * const temperatures = Effect.gen(function*() {
 *   const { readings } = yield* Sweep.read([DS18B20, DS18S20], "temperature")
 *   return readings.map(({ device, reading }) =>
 *     Result.match(reading, {
 *       onFailure: (error) => `${device.name}: ${error.message}`,
 *       onSuccess: ({ unit, value }) => `${device.name}: ${value} ${unit}`
 *     })
 *   )
 * })
 *
 * await temperatures.pipe(
 *   Effect.provide(TestOwClient.layer({ "28.000028D70100": { temperature: 21.5 } })),
 *   Effect.runPromise
 * ) // => ["28.000028D70100: 21.5 °C"]
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(function*<const F extends Families, N extends keyof Readable<F> & string>(
  families: F,
  property: N,
  options: Options = {}
): Effect.fn.Return<Swept<Device.Of<F>, Readable<F>[N]>, OwError.OwError, OwClient.OwClient> {
  const { bus, concurrency = 4, couplers, flags, retry, timeout, ...reading } = options
  yield* checked.times("concurrency", concurrency)
  const found = yield* Discovery.devices({ families, bus, couplers, flags, retry, timeout })
  const readings = yield* Effect.forEach(
    // Each was made with one of the families, which all have the property. The types say no more than that.
    found.devices as ReadonlyArray<unknown> as ReadonlyArray<Device.Device>,
    (device) =>
      Effect.map(
        Effect.result(device.reading(property, { ...reading, flags, retry, timeout })),
        (reading) => ({ device, reading })
      ),
    { concurrency }
  )
  return { ...found, readings: readings as ReadonlyArray<unknown> as Swept<Device.Of<F>, Readable<F>[N]>["readings"] }
})

const checked = Checked.of("Sweep.read")
