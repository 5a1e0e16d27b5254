/**
 * A room that must not freeze, without Effect: typed devices, typed errors, listings, and time limits.
 */
import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { OwnetError, type PromiseClient } from "@effect-ownet/node/promise"

export const guard = async (ow: PromiseClient) => {
  const cellar = ow.device(DS18B20, "28.000028D70100")
  const relays = ow.device(DS2408, "29.000029D60300")

  const celsius = await cellar.read("temperature", { retry: true }) // a number
  await relays.write("PIO.0", celsius < 3, { timeout: "2 seconds" }) // a boolean
}

export const temperatureOf = async (ow: PromiseClient, path: string) => {
  try {
    return Number(await ow.readText(`${path}/temperature`))
  } catch (error) {
    if (error instanceof OwnetError && error.reason._tag === "NotFound") return undefined
    throw error
  }
}

export const firstOfFamily = async (ow: PromiseClient, family: string) => {
  for await (const path of ow.dirStream()) {
    if (path.startsWith(`/${family}.`)) return path
  }
  return undefined
}
