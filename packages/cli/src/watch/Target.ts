/**
 * What there is to watch: a property, a device, or a family.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as OwError from "@effect-ownet/core/client/OwError"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Device from "@effect-ownet/core/device/Device"
import * as Discovery from "@effect-ownet/core/device/Discovery"
import * as Family from "@effect-ownet/core/device/Family"
import * as MainValues from "@effect-ownet/core/device/MainValues"
import * as Families from "@effect-ownet/core/families"
import * as OwPath from "@effect-ownet/core/onewire/OwPath"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as TypeRecord from "@effect-ownet/core/protocol/TypeRecord"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Failure from "../show/Failure.ts"

export type Target = Data.TaggedEnum<{
  /** All devices of some family codes, or of any. */
  Devices: { readonly codes: ReadonlyArray<string> | undefined }
  /** A device, or one property of it. */
  Device: { readonly path: OwPath.OwPath; readonly property: string | undefined }
}>

const Target = Data.taggedEnum<Target>()

/** Any device. */
export const all: Target = Target.Devices({ codes: undefined })

/** Whether there may be more of it later. */
export const isOpen: (target: Target) => boolean = Target.$is("Devices")

/** What somebody has written: a family code, the name of a chip, or a path. */
export const fromString = (text: string): Result.Result<Target, Failure.UsageError> => {
  const codes = codesOf(text)
  if (codes !== undefined) return Result.succeed(Target.Devices({ codes }))
  const parsed = OwPath.parse(text)
  if (Result.isFailure(parsed)) return refuse(parsed.failure.message)
  const { device, property, ...place } = parsed.success
  if (device === undefined) return refuse(`${JSON.stringify(text)} is no device, no property of one, and no family`)
  const path = { ...place, device, property: undefined, uncached: false, unaliased: false, alarm: false }
  return Result.succeed(Target.Device({ path, property }))
}

const refuse = (message: string) => Result.fail(new Failure.UsageError({ message }))

const codesOf = (text: string): ReadonlyArray<string> | undefined => {
  if (/^[\dA-F]{2}$/i.test(text)) return [text.toUpperCase()]
  const family = Object.values(Families).find(({ chip }) => chip.toUpperCase() === text.toUpperCase())
  return family?.codes
}

/** What a server has of what is wanted. */
export interface Resolved {
  readonly properties: ReadonlyArray<Device.DeviceProperty>
  /** What could not be searched. */
  readonly failures: ReadonlyArray<Discovery.Failed>
  /** What is not there, and why. */
  readonly missing: ReadonlyMap<Target, Device.Failure>
}

/** Finds out what to read. It fails where the server cannot be asked. */
export const resolve = (
  ow: OwClient.Client,
  targets: ReadonlyArray<Target>
): Effect.Effect<Resolved, Device.Failure> => Effect.provideService(resolveAll(targets), OwClient.OwClient, ow)

const resolveAll = Effect.fnUntraced(function*(
  targets: ReadonlyArray<Target>
): Effect.fn.Return<Resolved, Device.Failure, OwClient.OwClient> {
  const found = targets.some(isOpen) ? yield* Discovery.devices({ catalogue: Catalogue.of }) : undefined
  const properties = new Map<string, Device.DeviceProperty>()
  const missing = new Map<Target, Device.Failure>()
  for (const target of targets) {
    const result = yield* Effect.result(propertiesOf(target, (found?.devices ?? []).filter(Device.is(Family.unknown))))
    if (Result.isSuccess(result)) { for (const property of result.success) properties.set(pathOf(property), property) }
    else if (isAbsence(result.failure)) missing.set(target, result.failure)
    else return yield* result.failure
  }
  return { properties: [...properties.values()], failures: found?.failures ?? [], missing }
})

/** Another server may have it. */
const isAbsence = (error: Device.Failure): boolean => error._tag === "OwnetError" && error.reason._tag === "NotFound"

/** The path of a property on its server. */
export const pathOf = ({ device, name }: Pick<Device.DeviceProperty, "device" | "name">): string =>
  `${device.path}/${name}`

const propertiesOf = Effect.fnUntraced(function*(
  target: Target,
  found: ReadonlyArray<Device.Device>
): Effect.fn.Return<ReadonlyArray<Device.DeviceProperty>, Device.Failure, OwClient.OwClient> {
  if (target._tag === "Devices") {
    const { codes } = target
    const wanted = found.filter(({ id }) => codes?.includes(RomId.familyCode(id)) ?? true)
    return (yield* Effect.forEach(wanted, mainProperties)).flat()
  }
  const device = yield* named(target.path)
  if (target.property === undefined) return yield* mainProperties(device)
  const { name, record } = yield* device.describe(target.property)
  if (!TypeRecord.isReadable(record)) {
    return yield* new OwError.ArgumentError({
      operation: "read",
      path: `${device.path}/${name}`,
      argument: "property",
      problem: "cannot be read"
    })
  }
  return [device.property(name)]
})

const mainProperties = (device: Device.Device) =>
  Effect.map(MainValues.of(device), (names) => names.map((name) => device.property(name)))

/** A device with its alias, whether it was called by that or by its ROM id. */
const named = Effect.fnUntraced(function*(
  path: OwPath.OwPath
): Effect.fn.Return<Device.Device, Device.Failure, OwClient.OwClient> {
  const ow = yield* OwClient.OwClient
  const address = OwPath.format(path)
  if (Option.isNone(OwPath.romId(path))) return yield* Device.at(Catalogue.of, address)
  const device = yield* Device.at(Catalogue.of, address)
  const alias = yield* ow.readText(`${device.path}/alias`)
  if (alias === "") return device
  // Where the server does not find it by its alias, it is known by its ROM id.
  return yield* Effect.catchTag(
    Device.at(Catalogue.of, address.replace(/[^/]*$/, alias)),
    ["OwnetError", "ArgumentError", "DeviceError"],
    () => Effect.succeed(device)
  )
})
