import { Device, OwRetry, Poll } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { Console, Effect, Stream } from "effect"

/** All readings of one thermometer, as a stream. A read that fails is tried again for about 9 seconds before it counts as failed. */
const readings = Stream.unwrap(Effect.gen(function*() {
  const kitchen = yield* Device.make(DS18B20, "28.000028D70100")
  return Poll.poll([kitchen.property("temperature")], "30 seconds", {
    retry: OwRetry.transient,
    implausible: "readAgain"
  })
}))

/** Logs each reading. While the server is unreachable it logs one line, and the readings continue when the server is back. */
export const log = readings.pipe(
  Stream.changesWith((before, now) => before._tag === "Failed" && now._tag === "Failed"), // one line for an outage
  Stream.runForEach((seen) =>
    seen._tag === "Reading"
      ? Console.log(seen.at.toISOString(), seen.device.name, seen.value) // seen.value is a number
      : Console.warn(seen.error.message) // Failed: the stream continues
  )
)
