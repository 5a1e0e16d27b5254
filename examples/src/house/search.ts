/**
 * Finding the devices of a house, and their problems.
 */
import { Device, Diagnosis, Discovery, Family, OwClient, Place } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import { DS18B20, DS2408, DS2438 } from "@effect-ownet/core/families"
import { Console, Effect } from "effect"

/** All connected devices, of any family. */
export const inventory = Effect.gen(function*() {
  const { devices, failures } = yield* Discovery.devices({ catalogue: Catalogue.of })
  for (const { error, place } of failures) {
    yield* Console.warn(`${Place.format(place)} could not be looked at: ${error.message}`)
  }
  return devices.map(({ family, id, name, place }) => ({ id, name, chip: family?.chip, place: Place.format(place) }))
})

/** The main values of a device, by its family. */
export const mainValues = Effect.gen(function*() {
  const { devices } = yield* Discovery.devices({ families: [DS18B20, DS2408, DS2438] })
  return yield* Effect.forEach(
    devices,
    Effect.fnUntraced(function*(device) {
      if (Device.is(DS2408)(device)) return yield* device.read("PIO.ALL")
      if (Device.is(DS2438)(device)) return yield* device.read("humidity")
      return yield* device.read("type")
    })
  )
})

/** A chip that no catalogue contains: its types come from the server. */
export const version = Effect.gen(function*() {
  const device = yield* Device.make(Family.unknown, "FC.0000FCF60000")
  return yield* device.read("version")
})

/** Explains why a path does not exist, where a server returns only -1. */
export const explained = (path: string) =>
  OwClient.OwClient.use((ow) => ow.readText(path)).pipe(
    Effect.catchReason(
      "OwnetError",
      "NotFound",
      () => Effect.map(Diagnosis.diagnose(path), ({ message }) => message)
    )
  )
