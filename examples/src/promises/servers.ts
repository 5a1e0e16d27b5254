/**
 * Several servers, without Effect: a device on any of them, and all thermometers of a house.
 */
import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
import { connectNetwork, type NetworkAddress, type PromiseNetwork } from "@effect-ownet/node/promise"

export const cellar = async (servers: ReadonlyArray<NetworkAddress>) => {
  await using house = await connectNetwork(servers, { timeout: "10 seconds" }) // such as ["raspberrypi", "barn:4305"]
  const thermometer = await house.device(DS18B20, "cellar")
  return await thermometer.read("temperature") // a number
}

export const thermometers = async (house: PromiseNetwork) => {
  const { devices, failures } = await house.devices({ families: [DS18B20, DS18S20] })
  for (const { error, server } of failures) console.warn(`${server}: ${error.message}`)
  return devices.map(({ device, server }) => `${device.name} is on ${server}`)
}
