import { Follow, Poll } from "@effect-ownet/core"
import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
import { Console, Effect, Match, Stream } from "effect"

const thermometers = Follow.families([DS18B20, DS18S20], ["temperature"])

/** Logs all thermometers, including those that appear later, until it is interrupted. It needs a `Network`. */
export const log = Follow.follow(thermometers, "30 seconds", { together: true, implausible: "readAgain" }).pipe(
  Poll.changes({ deadBand: 0.2 }),
  Stream.runForEach((event) =>
    Match.value(event).pipe(
      Match.tags({
        Reading: ({ at, device, value, verdict }) =>
          Console.log(at.toISOString(), device.name, value, verdict._tag === "Plausible" ? "" : verdict._tag),
        Vanished: ({ device }) => Console.warn(`${device.name} is gone`)
      }),
      // All other failures: a property, a bus, a server. Each is reported once.
      Match.orElse((other) => "error" in other ? Console.warn(other.error.message) : Effect.void)
    )
  )
)
