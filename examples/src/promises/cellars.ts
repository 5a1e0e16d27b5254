/**
 * The plausible temperatures, without Effect: discovery, verdicts, and the raw bytes.
 */
import * as Plausibility from "@effect-ownet/core/device/Plausibility"
import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
import { connect, type PromiseClient } from "@effect-ownet/node/promise"

export const temperatures = async (ow: PromiseClient) => {
  const { devices, failures } = await ow.devices({ families: [DS18B20, DS18S20] })
  for (const { error } of failures) console.warn(error.message) // a bus that failed hides its devices
  const readings = await Promise.all(devices.map(async (device) => {
    const reading = await device.reading("temperature", { implausible: "readAgain" })
    return { name: device.name, ...reading }
  }))
  for (const { name, unit, value, verdict } of readings) {
    if (verdict._tag !== "Plausible") console.warn(`${name}: ${value} ${unit}: ${Plausibility.describe(verdict)}`)
  }
  return readings.filter(({ verdict }) => verdict._tag === "Plausible").map(({ name, value }) => [name, value] as const)
}

export const inFahrenheit = (ow: PromiseClient) => temperatures(ow.with({ flags: { temperatureScale: "F" } }))

export const traced = (server: string) => connect(server, { log: console.error })
