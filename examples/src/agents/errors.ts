import { type Device, OwError, OwRetry } from "@effect-ownet/core"
import type { DS18B20 } from "@effect-ownet/core/families"
import { Effect, Option } from "effect"

/** The thing that a person must check if a thermometer cannot be read. */
export const status = (thermometer: Device.Device<DS18B20>) =>
  thermometer.read("temperature", { retry: OwRetry.transient, timeout: "15 seconds" }).pipe(
    Effect.map((celsius) => `${celsius} °C`),
    // The reasons of one error; the error itself is the second argument.
    Effect.catchReasons("OwnetError", {
      NotFound: () => Effect.succeed("the device does not answer"),
      BusFault: (_, error) => Effect.succeed(`the bus failed: ${error.codeName}`)
    }),
    // Whole errors, by their tags.
    Effect.catchTag(["ConnError", "OwnetTimeout"], (error) => Effect.succeed(`no answer from ${error.server}`))
  )

/** Reads all thermometers, continues if a device fails, and ends if the server itself is unreachable. */
export const all = (thermometers: ReadonlyArray<Device.Device<DS18B20>>) =>
  Effect.forEach(thermometers, (thermometer) =>
    thermometer.reading("temperature").pipe(
      Effect.asSome,
      Effect.catchIf(
        (error) => !OwError.isServerFailure(error),
        (error) => Effect.as(Effect.logWarning(error.message), Option.none())
      )
    ))
