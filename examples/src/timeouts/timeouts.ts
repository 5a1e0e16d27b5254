/**
 * Time limits of programs: for a call, for several, for a bus that measures, and for a server that has not started yet.
 */
import { Conversion, type Device, OwClient, OwRetry } from "@effect-ownet/core"
import type { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { Effect, Schedule, Stream } from "effect"

/** A page that somebody looks at. No value is better than a late one. */
export const page: OwClient.Options = { connectTimeout: "1 second", timeout: "2 seconds" }

/** A program on a Raspberry Pi or near it. */
export const local: OwClient.Options = { timeout: "15 seconds", retry: OwRetry.transient }

/** A server behind a VPN or a mobile link, where bytes may be delayed for some seconds. */
export const remote: OwClient.Options = {
  connectTimeout: "15 seconds",
  silenceTimeout: "15 seconds",
  timeout: "45 seconds",
  retry: OwRetry.transient
}

/** A nightly job, which must be done by the morning. */
export const nightly: OwClient.Options = {
  lazy: true,
  retry: Schedule.spaced("1 minute").pipe(Schedule.upTo({ duration: "4 hours" }))
}

/** Two seconds for one call. The error names the limit. */
export const quick = (thermometer: Device.Device<DS18B20>) => thermometer.read("temperature", { timeout: "2 seconds" })

/** Two seconds for all calls inside. */
export const both = (thermometer: Device.Device<DS18B20>, relay: Device.Device<DS2408>) =>
  Effect.all([thermometer.read("temperature"), relay.read("PIO.ALL")]).pipe(
    Effect.timeout("2 seconds")
  )

/** Five seconds for all attempts together. */
export const within = (thermometer: Device.Device<DS18B20>) =>
  thermometer.read("temperature", { retry: OwRetry.transient, timeout: "5 seconds" })

/** Two seconds for each attempt, and one minute for all. */
export const each = (thermometer: Device.Device<DS18B20>) =>
  thermometer.read("temperature", { timeout: "2 seconds", retry: false }).pipe(
    Effect.retry({
      schedule: Schedule.spaced("1 second").pipe(Schedule.upTo({ duration: "1 minute" })),
      while: OwRetry.isTransient
    })
  )

/** A bus measures one temperature after another, and each call has a separate limit of two seconds. */
export const oneByOne = (thermometers: ReadonlyArray<Device.Device<DS18B20>>) =>
  Effect.forEach(
    thermometers,
    (thermometer) => thermometer.read("temperature", { flags: { uncached: true }, timeout: "2 seconds" })
  )

/** All at the same time, in one or two seconds. */
export const together = (thermometers: ReadonlyArray<Device.Device<DS18B20>>) =>
  Stream.runCollect(Conversion.convertAll(thermometers, { timeout: "2 seconds" }))

/** Waits for a server that is still starting, for at most two minutes. The client is `lazy`. */
export const served = OwClient.OwClient.use((ow) => ow.ping()).pipe(
  Effect.retry({ schedule: Schedule.spaced("2 seconds"), while: OwRetry.isTransient }),
  Effect.timeout("2 minutes")
)

/** The first value of two thermometers. The slower call is given up. */
export const either = (one: Device.Device<DS18B20>, other: Device.Device<DS18B20>) =>
  Effect.race(one.read("temperature"), other.read("temperature"))
