/**
 * Types of a device's properties, from the catalogue or from the server.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as OwClient from "../../client/OwClient.ts"
import type * as OwError from "../../client/OwError.ts"
import * as FamilyCode from "../../onewire/FamilyCode.ts"
import * as TypeRecord from "../../protocol/TypeRecord.ts"
import { DeviceError } from "../DeviceError.ts"
import * as Family from "../Family.ts"
import type * as Property from "../Property.ts"
import { shown } from "./Value.ts"

export interface Records {
  /** Name of the device in an error. */
  readonly what: string
  /** Looks up a property without a request. */
  readonly known: (name: string) => Option.Option<Property.Element>
  /** Looks up a property with requests to the server, within the time of the call that needs it. */
  readonly find: (
    name: string,
    options: OwClient.CallOptions | undefined
  ) => Effect.Effect<Option.Option<Property.Element>, OwError.OwError | DeviceError>
  /** Names that are known without a request. */
  readonly names: () => ReadonlyArray<string>
}

const catalogued = new WeakMap<Family.Family, Records>()

/** Shared by all devices of a family. */
export const ofFamily = (family: Family.Family): Records =>
  getOrMake(catalogued, family, () => ({
    what: `a ${family.chip}`,
    known: (name) => Family.find(family, name),
    find: () => Effect.succeedNone,
    names: () => Family.names(family)
  }))

/** Properties that every device has, even if the server does not know its family. */
const plainest: Family.Family = {
  codes: [],
  chip: "",
  records: "address a ro 16 f\ncrc8 a ro 2 f\nfamily a ro 2 f\nid a ro 12 f\nr_address a ro 16 f\nr_id a ro 12 f"
}

/** Types that a server has reported, as long as its client exists. */
const said = new WeakMap<OwClient.Client, Map<string, Map<string, Option.Option<Property.Element>>>>()

const saidOf = (ow: OwClient.Client, code: string): Map<string, Option.Option<Property.Element>> => {
  const codes = getOrMake(said, ow, () => new Map<string, Map<string, Option.Option<Property.Element>>>())
  return getOrMake(codes, code, () => new Map<string, Option.Option<Property.Element>>())
}

const asked = new WeakMap<OwClient.Client, Map<string, Records>>()

/** Shared by all devices of a family on one client. */
export const ofServer = (ow: OwClient.Client, code: string): Records => {
  const codes = getOrMake(asked, ow, () => new Map<string, Records>())
  return getOrMake(codes, code, () => askedOf(ow, code))
}

const getOrMake = <K, V>(
  map: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V
): V => {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

/** A server returns this for a name that does not exist, and for a directory. */
const isUnknown = (error: OwError.OwError): boolean =>
  error._tag === "OwnetError" && (error.reason._tag === "NotFound" || error.reason._tag === "IsDirectory")

const askedOf = (ow: OwClient.Client, code: string): Records => {
  // A server lists the properties of a driver only under the code of the driver.
  const driver = FamilyCode.driver(code)
  const elements = saidOf(ow, driver)
  const known = (name: string) => elements.get(name) ?? Family.find(plainest, name)
  return {
    what: `a device of family ${code}`,
    known,
    names: () => [...elements.keys()],
    find: Effect.fnUntraced(function*(name, options) {
      // An effect may run more than once; after the first run the answer is known.
      const element = known(name)
      if (Option.isSome(element)) return element
      const path = `/structure/${driver}/${name}`
      const text = yield* Effect.catchIf(
        Effect.asSome(ow.readText(path, { timeout: options?.timeout, retry: options?.retry })),
        isUnknown,
        () => Effect.succeedNone
      )
      if (Option.isNone(text)) return Option.none()
      const record = Option.getOrUndefined(TypeRecord.fromString(text.value))
      if (record === undefined) {
        return yield* new DeviceError({
          reason: { _tag: "Malformed" },
          operation: "read",
          path,
          server: ow.server,
          problem: `${shown(text.value)} is not a type record`
        })
      }
      const found = Option.some<Property.Element>({ name, record, range: undefined, unit: undefined })
      // An array that is keyed by anything has endless names.
      if (record.elements > 0) elements.set(name, found)
      return found
    })
  }
}
