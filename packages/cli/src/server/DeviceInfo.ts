/**
 * All information that a server has about a device.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as OwError from "@effect-ownet/core/client/OwError"
import type * as Device from "@effect-ownet/core/device/Device"
import * as Diagnosis from "@effect-ownet/core/device/Diagnosis"
import * as Discovery from "@effect-ownet/core/device/Discovery"
import * as Property from "@effect-ownet/core/device/Property"
import * as Observation from "@effect-ownet/core/monitor/Observation"
import * as Place from "@effect-ownet/core/onewire/Place"
import * as Pressure from "@effect-ownet/core/onewire/Pressure"
import * as Temperature from "@effect-ownet/core/onewire/Temperature"
import * as MessageType from "@effect-ownet/core/protocol/MessageType"
import * as ReturnCode from "@effect-ownet/core/protocol/ReturnCode"
import * as TypeRecord from "@effect-ownet/core/protocol/TypeRecord"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Failure from "../show/Failure.ts"
import * as Addressed from "./Addressed.ts"
import * as Server from "./Server.ts"

/** Elements of an array property. */
export interface Elements {
  /** Number of elements, or `undefined` if they can have any name. */
  readonly count: number | undefined
  readonly first: string | undefined
  readonly last: string | undefined
  /** Whether the array has `.BYTE`, which is all of its bits as one number. */
  readonly byte: boolean
}

/** Type of a property. */
export interface PropertyType {
  readonly kind: string
  readonly access: "read" | "write" | "both" | "none"
  readonly unit: string | undefined
  /** Limits in the scale of the client. */
  readonly range: readonly [least: number, most: number] | undefined
  readonly elements: Elements | undefined
  /** Maximum bytes of a value. */
  readonly length: number
}

/** A property, or a whole array of them. */
export interface PropertyInfo {
  readonly name: string
  /** `undefined` if the server does not report it. */
  readonly type: PropertyType | undefined
  /** `undefined` if it was not read. */
  readonly seen: Observation.Observation | undefined
}

export interface DeviceInfo {
  readonly device: Device.Device
  readonly chip: string | undefined
  readonly alias: string | undefined
  readonly bus: string | undefined
  readonly locator: string | undefined
  readonly properties: ReadonlyArray<PropertyInfo>
}

export interface Options {
  /** Reads values. */
  readonly values: boolean
  /** Also reads long values: memories and logs. */
  readonly all: boolean
  /** Runs before each property. */
  readonly onRead: (count: number, of: number) => Effect.Effect<void>
}

/** Describes a device, and reads its properties. */
export const make = Effect.fnUntraced(function*(
  device: Device.Device,
  { all, onRead, values }: Options
): Effect.fn.Return<DeviceInfo, Failure.Failure> {
  const { ow, path } = device
  const bus = yield* Effect.provideService(busOf(device), OwClient.OwClient, ow)
  const groups = groupsOf(yield* Server.explained(ow, device.names()))
  const text = (name: string) => Effect.orElseSucceed(ow.readText(`${path}/${name}`), () => undefined)
  const chip = device.family?.chip ?? (yield* text("type"))
  const locator = yield* text("locator")
  const properties = yield* Effect.forEach(groups, ({ elements, name }, at) =>
    Effect.gen(function*() {
      yield* onRead(at, groups.length)
      const place = yield* Effect.result(device.describe(name))
      if (place._tag === "Failure") {
        return { name, type: undefined, seen: yield* Observation.failed(device, name, place.failure) }
      }
      const type = typeOf(place.success, elements, ow.flags)
      const seen = values && isRead(place.success, type, all) ? yield* observe(device, name) : undefined
      return { name, type, seen }
    }))
  return { device, chip, alias: yield* Addressed.alias(device), bus, locator, properties }
})

/** The bus of a device. A path is diagnosed first, because servers accept the path of any ROM id. */
const busOf = Effect.fnUntraced(function*(
  { id, ow, path, place }: Device.AnyDevice
): Effect.fn.Return<string | undefined, Failure.Failure, OwClient.OwClient> {
  if (Place.Equivalence(place, Place.server)) {
    const { devices } = yield* Discovery.devices({ couplers: false }).pipe(
      Effect.catchTag("OwnetError", () => Effect.succeed({ devices: [] }))
    )
    return devices.find((device) => device.id === id)?.bus
  }
  const { _tag, message } = yield* Diagnosis.diagnose(path)
  if (_tag === "Nothing") return place.bus
  return yield* new Failure.Explained({
    refusal: OwError.refused(ReturnCode.absent, MessageType.Presence, {
      operation: "romId",
      path,
      server: ow.server
    }),
    hint: message
  })
})

interface Group {
  readonly name: string
  readonly elements: Elements | undefined
}

/** Groups the names of a listing: an array is one group. */
const groupsOf = (names: ReadonlyArray<string>): ReadonlyArray<Group> => {
  const arrays = new Map<string, Array<string>>()
  for (const name of names) {
    const [stem, extension] = split(name)
    if (extension !== undefined) arrays.set(stem, [...arrays.get(stem) ?? [], extension])
  }
  return names.flatMap((name): ReadonlyArray<Group> => {
    const [stem, extension] = split(name)
    if (extension === undefined) return [{ name, elements: undefined }]
    const extensions = arrays.get(stem) ?? []
    const own = extensions.filter((extension) => extension !== "ALL" && extension !== "BYTE")
    const isWhole = extensions.includes("ALL")
    if (isWhole && extension !== "ALL") return []
    const elements: Elements = isWhole
      ? { count: own.length, first: own[0], last: own.at(-1), byte: extensions.includes("BYTE") }
      : { count: undefined, first: undefined, last: undefined, byte: false }
    return [{ name, elements }]
  })
}

const split = (name: string): readonly [stem: string, extension: string | undefined] => {
  const dot = name.indexOf(".", name.lastIndexOf("/") + 1)
  return dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)]
}

const kinds: Readonly<Record<TypeRecord.Kind, string>> = {
  i: "number",
  u: "number",
  f: "number",
  t: "temperature",
  g: "gap",
  p: "pressure",
  y: "yes-or-no",
  a: "text",
  l: "text",
  b: "bytes",
  d: "date",
  D: "directory"
}

const typeOf = (
  { range, record, unit }: Property.Element,
  elements: Elements | undefined,
  scales: Property.Scales
): PropertyType => {
  const { kind, length } = record
  const [isReadable, isWritable] = [TypeRecord.isReadable(record), TypeRecord.isWritable(record)]
  return {
    kind: kinds[kind],
    access: isReadable && isWritable ? "both" : isReadable ? "read" : isWritable ? "write" : "none",
    unit: Option.getOrUndefined(Property.unitOf({ kind, unit }, scales)),
    range: range && [inScale(kind, range[0], scales), inScale(kind, range[1], scales)],
    elements,
    length
  }
}

/** A limit in the scale of the client, with the precision of a server. */
const inScale = (
  kind: TypeRecord.Kind,
  limit: number,
  { pressureScale, temperatureScale }: Property.Scales
): number => {
  const scale = { from: "C", to: temperatureScale } as const
  const converted = kind === "t"
    ? Temperature.convert(limit, scale)
    : kind === "g"
    ? Temperature.convertGap(limit, scale)
    : kind === "p"
    ? Pressure.convert(limit, { from: "mbar", to: pressureScale })
    : undefined
  return converted === undefined ? limit : Number(converted.toPrecision(6))
}

/**
 * Whether to read a property. Memories and logs take long. An array whose elements can have any name cannot be read as a whole.
 */
const isRead = ({ record }: Property.Element, { access, elements, length }: PropertyType, all: boolean): boolean => {
  if (access !== "read" && access !== "both" || record.elements < 1) return false
  return all || (record.kind === "b" ? length <= 64 : (elements?.count ?? 1) <= 32)
}

/** Reads a property. A failure becomes an observation, unless the whole server fails. */
const observe = (
  device: Device.Device,
  name: string
): Effect.Effect<Observation.Observation, Device.Failure> =>
  Effect.catchIf(
    device.reading(name),
    (error) => !OwError.isServerFailure(error),
    (error) => Observation.failed(device, name, error)
  )
