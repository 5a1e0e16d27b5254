/**
 * What is often done with `owfs`, with promises and with Effect.
 */
import { Discovery, Poll } from "@effect-ownet/core"
import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { connect, OwnetError, type PromiseClient } from "@effect-ownet/node/promise"
import { Console, Effect, Stream } from "effect"

/** Reads the thermometers of a network. */
export const temperatures = async (server: string) => {
  await using ow = await connect(server, { flags: { uncached: true } })
  const paths = await ow.dir("/", { slash: false })
  const thermometers = paths.filter((path) => path.startsWith("/28."))
  await Promise.all(thermometers.map(async (path) => {
    console.log(path, Number(await ow.readText(`${path}/temperature`)))
  }))
}

/** A temperature, or nothing where there is no such device. */
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

/** Reads the thermometers of a network every 30 seconds, whatever fails meanwhile. */
export const watch = Effect.gen(function*() {
  const { devices, failures } = yield* Discovery.devices({ families: [DS18B20] })
  for (const { error } of failures) yield* Console.warn(error.message)
  yield* Poll.poll(devices.map((device) => device.property("temperature")), "30 seconds").pipe(
    Stream.runForEach((seen) =>
      seen._tag === "Reading"
        ? Console.log(seen.device.name, seen.value)
        : Console.warn(seen.device.name, seen.error.message)
    )
  )
})
