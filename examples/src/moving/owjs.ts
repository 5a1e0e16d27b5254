/**
 * Common tasks of `owjs`, with promises and with Effect.
 */
import { Discovery } from "@effect-ownet/core"
import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
import { connect, OwnetError, type PromiseClient } from "@effect-ownet/node/promise"
import { Effect } from "effect"

/** Reads several properties at the same time. */
export const show = async (server: string, paths: ReadonlyArray<string>) => {
  await using ow = await connect(server, { flags: { uncached: true } })
  const values = await Promise.all(paths.map((path) => ow.readText(path)))
  for (const [i, path] of paths.entries()) console.log(path, values[i])
}

/** A property of all devices of a family, including those with an alias. */
export const readFamily = async (ow: PromiseClient, family: string, property: string) => {
  const paths = await ow.dir("/unaliased", { slash: false })
  const devices = paths.filter((path) => path.startsWith(`/unaliased/${family}.`))
  return Promise.all(devices.map((device) => ow.readText(`${device}/${property}`)))
}

/** Writes to a device that may be unplugged, and returns whether it accepted the write. */
export const set = async (ow: PromiseClient, path: string, value: number) => {
  try {
    await ow.write(path, String(value))
    return true
  } catch (error) {
    if (error instanceof OwnetError && error.reason._tag === "NotFound") return false // error.code is -1
    throw error
  }
}

/** The temperatures of all thermometers, with a separate reason for each missing one. */
export const temperatures = Effect.gen(function*() {
  const { devices } = yield* Discovery.devices({ families: [DS18B20, DS18S20] })
  return yield* Effect.forEach(devices, (device) =>
    device.read("temperature").pipe(
      Effect.match({
        onSuccess: (celsius) => `${device.name} ${celsius} °C`,
        onFailure: (error) => `${device.name} ${error.message}`
      })
    ))
})
