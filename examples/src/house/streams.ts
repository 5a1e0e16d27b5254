/**
 * Streams of a house: the values of its sensors, devices that come and go, and alarms.
 */
import { Alarms, Arrivals, Conversion, Device, Discovery, Follow, Poll, Snapshot } from "@effect-ownet/core"
import { DS18B20, DS18S20, DS2408, DS2438 } from "@effect-ownet/core/families"
import { Console, Effect, Match, Option, Schedule, Stream } from "effect"

/** All events of a house: values that change by half a degree, devices that come and go, and failures. */
export const everything = Follow.follow(Follow.all(), "30 seconds", { implausible: "readAgain" }).pipe(
  Poll.changes({ deadBand: 0.5 }),
  Stream.map((event) =>
    Match.value(event).pipe(
      Match.tags({
        Reading: ({ device, property, unit = "", value }) => `${device.name}: ${property} ${value} ${unit}`,
        Failed: ({ error }) => error.message,
        Appeared: ({ device }) => `${device.name} is there`,
        Vanished: ({ device }) => `${device.name} is gone`,
        ServerFailed: ({ error }) => error.message
      }),
      Match.orElse(({ _tag }) => _tag)
    )
  )
)

/** The temperatures of all thermometers, including those that appear later, and without those that depart. */
export const everywhere = Follow.follow(Follow.families([DS18B20, DS18S20], ["temperature"]), "30 seconds").pipe(
  Stream.filter((event) => event._tag === "Reading"),
  Stream.map(({ device, value }) => [device.name, value] as const) // a number
)

const say = (house: Snapshot.Snapshot<number>): ReadonlyArray<string> =>
  Snapshot.devices(house).map(({ device }) =>
    Option.match(Snapshot.reading(house, device.id, "temperature"), {
      onNone: () => `${device.name}: unknown`,
      onSome: ({ value }) => `${device.name}: ${value} °C`
    })
  )

/** The current values of all thermometers, as long as a scope is open. */
export const temperatures = Snapshot.hold(
  Follow.follow(Follow.families([DS18B20, DS18S20], ["temperature"]), "30 seconds", { together: true })
).pipe(Effect.map(({ ready }) => Effect.map(ready, say)))

/** Changes in the values of the sensors that a house has now: by half a degree, or half a percent. */
export const news = Effect.gen(function*() {
  const { devices, failures } = yield* Discovery.devices({ families: [DS18B20, DS2438] })
  for (const { error } of failures) yield* Console.warn(error.message)
  const properties = devices.flatMap((device) => [
    device.property("temperature"),
    ...(Device.is(DS2438)(device) ? [device.property("humidity")] : [])
  ])
  return Poll.poll(properties, "30 seconds", { implausible: "readAgain", maxJump: 10 }).pipe(
    Poll.changes({ deadBand: 0.5 })
  )
}).pipe(Stream.unwrap)

/** One line for each change. */
export const sayNews = news.pipe(
  Stream.runForEach((seen) =>
    seen._tag === "Reading"
      ? Console.log(seen.at, seen.device.name, seen.property, seen.value, seen.verdict._tag)
      : Console.warn(seen.at, seen.error.message)
  )
)

/** All temperatures of a house once a minute, measured at the same time. */
export const minutely = Effect.gen(function*() {
  const { devices, failures } = yield* Discovery.devices({ families: [DS18B20, DS18S20] })
  for (const { error } of failures) yield* Console.warn(error.message)
  return Conversion.convertAll(devices, { implausible: "readAgain" }).pipe(
    Stream.repeat(Schedule.fixed("1 minute"))
  )
}).pipe(Stream.unwrap)

/** Devices that appear on the network, and devices that depart. */
export const comings = Arrivals.arrivals({ every: "1 minute" }).pipe(
  Stream.retry(Schedule.spaced("10 seconds")),
  Stream.map((event) =>
    Match.value(event).pipe(
      Match.tags({
        Appeared: ({ device }) => `${device.name} is on ${device.bus}`,
        Vanished: ({ device, lastSeen }) => `${device.name} is gone since ${lastSeen.toISOString()}`,
        Moved: ({ device, from, to }) => `${device.name} moved from ${from} to ${to}`,
        Renamed: ({ from, to }) => `${from} is now called ${to}`,
        BusFailed: ({ bus, error }) => `${bus} fails: ${error.message}`,
        BusRecovered: ({ bus }) => `${bus} works again`
      }),
      Match.orElse(({ _tag }) => _tag)
    )
  )
)

/** Reports which DS2408 has a pressed door bell, and makes it ready for the next ring. */
export const rings = Alarms.alarms({ rearm: Alarms.rearm }).pipe(
  Stream.filter((event) => event._tag === "Raised"),
  Stream.map(({ device }) => device),
  Stream.filter(Device.is(DS2408))
)
