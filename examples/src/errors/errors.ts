/**
 * Handling of errors in programs: tell them apart, retry, use the last known value, and report them.
 */
import { type Device, OwClient, OwError, OwRetry } from "@effect-ownet/core"
import type { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { Clock, Effect, Option, Ref, Schedule } from "effect"

/** Three failures that a person would handle differently. */
export const status = (thermometer: Device.Device<DS18B20>) =>
  thermometer.read("temperature").pipe(
    Effect.map((celsius) => `${celsius} °C`),
    Effect.catchReasons("OwnetError", {
      NotFound: () => Effect.succeed(`look at the plug of ${thermometer.name}`),
      BusFault: (_, { codeName }) => Effect.succeed(`look at the bus and its master (${codeName})`)
    }),
    Effect.catchTag(["ConnError", "OwnetTimeout"], ({ server }) => Effect.succeed(`look at the server ${server}`))
  )

/** The answer of a gateway to the client that requested a call. */
export const httpStatus = <A, R>(call: Effect.Effect<A, OwError.OwError, R>) =>
  call.pipe(
    Effect.as(200),
    Effect.unwrapReason("OwnetError"),
    Effect.catchTags({
      NotFound: () => Effect.succeed(404),
      ReadOnly: () => Effect.succeed(403),
      InvalidValue: () => Effect.succeed(422),
      ArgumentError: () => Effect.succeed(400),
      OwnetTimeout: () => Effect.succeed(504)
    }, () => Effect.succeed(502))
  )

/** Repeats one call every minute, for at most an hour. */
export const patient = (thermometer: Device.Device<DS18B20>) =>
  thermometer.read("temperature", {
    retry: Schedule.spaced("1 minute").pipe(Schedule.upTo({ duration: "1 hour" }))
  })

/** Repeats all calls of a program except writes. It shares the connections of the rest. */
export const healing = Effect.updateService(OwClient.OwClient, (ow) => ow.with({ retry: OwRetry.transient }))

/** Also repeats a call if the bus works but the result is not a temperature. */
export const trusted = (thermometer: Device.Device<DS18B20>) =>
  thermometer.reading("temperature", { implausible: "reject", retry: false }).pipe(
    Effect.retry({ schedule: OwRetry.transient, while: OwRetry.isTransient })
  )

/** Switching on twice does no harm, so it is repeated after any failure, and checked at the end. */
export const heat = (relay: Device.Device<DS2408>, isOn: boolean) =>
  relay.write("PIO.0", isOn, { verify: true, retry: OwRetry.transient })

/** Each write is another push on the button of a gate, so it is repeated only if nothing was sent. */
export const push = (relay: Device.Device<DS2408>) =>
  relay.write("PIO.1", true).pipe(
    Effect.retry({ schedule: OwRetry.transient, while: (error) => error.isRetryable })
  )

/** A reading that is some minutes old is better than none. Its `at` says when it was read. */
export const remembering = (thermometer: Device.Device<DS18B20>) =>
  Effect.map(
    Ref.make(Option.none<Device.Reading<number>>()),
    (last) =>
      thermometer.reading("temperature", { implausible: "reject" }).pipe(
        Effect.tap((reading) => Ref.set(last, Option.some(reading))),
        Effect.catchIf(OwRetry.isTransient, (error) =>
          Effect.gen(function*() {
            const now = yield* Clock.currentTimeMillis
            const recent = Option.filter(yield* Ref.get(last), ({ at }) => now - at.getTime() < 10 * 60_000)
            return yield* Effect.fromOption(recent, () => error)
          }))
      )
  )

/** Reads every thermometer that works, and reports the others. */
export const round = Effect.fnUntraced(function*(thermometers: ReadonlyArray<Device.Device<DS18B20>>) {
  const [readings, errors] = yield* Effect.partition(
    thermometers,
    (thermometer) => thermometer.reading("temperature", { retry: OwRetry.transient })
  )
  for (const error of errors) yield* Effect.logWarning(error.message)
  return readings
})

/** The same, as long as the server answers. If it is unreachable, the other reads would fail as well. */
export const reachable = (thermometers: ReadonlyArray<Device.Device<DS18B20>>) =>
  Effect.forEach(thermometers, (thermometer) =>
    thermometer.reading("temperature").pipe(
      Effect.asSome,
      Effect.catchIf(
        (error) => !OwError.isServerFailure(error),
        (error) => Effect.as(Effect.logWarning(error.message), Option.none())
      )
    ))
