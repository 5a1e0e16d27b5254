/**
 * Common tasks of `owfs`, with promises and with Effect.
 */
import { Follow } from "@effect-ownet/core"
import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { connect, OwnetError, type PromiseClient } from "@effect-ownet/node/promise"
import { Console, Effect, Match, Stream } from "effect"

/** Reads the thermometers of a network. */
export const temperatures = async (server: string) => {
  await using ow = await connect(server, { flags: { uncached: true } })
  const paths = await ow.dir("/", { slash: false })
  const thermometers = paths.filter((path) => path.startsWith("/28."))
  await Promise.all(thermometers.map(async (path) => {
    console.log(path, Number(await ow.readText(`${path}/temperature`)))
  }))
}

/** A temperature, or `undefined` if there is no such device. */
export const temperatureOf = async (ow: PromiseClient, device: string) => {
  try {
    return Number(await ow.readText(`${device}/temperature`))
  } catch (error) {
    if (error instanceof OwnetError && error.reason._tag === "NotFound") return undefined // error.code is -1
    throw error
  }
}

/** Switches a relay. */
export const heat = async (ow: PromiseClient, isOn: boolean) => {
  await ow.write("/29.000029D60300/PIO.0", isOn ? "1" : "0")
  await ow.device(DS2408, "29.000029D60300").write("PIO.1", isOn) // the type is known, and checked
}

/** Reads the thermometers of a network every 30 seconds, including those that appear later, and continues after any failure. */
export const watch = Follow.follow(Follow.families([DS18B20], ["temperature"]), "30 seconds").pipe(
  Stream.runForEach((event) =>
    Match.value(event).pipe(
      Match.tags({
        Reading: ({ device, value }) => Console.log(device.name, value),
        Failed: ({ device, error }) => Console.warn(device.name, error.message),
        ServerFailed: ({ error }) => Console.warn(error.message)
      }),
      Match.orElse(() => Effect.void)
    )
  )
)
