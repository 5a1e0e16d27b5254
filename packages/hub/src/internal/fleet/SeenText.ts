/**
 * Events of a fleet as text, to keep in a database for other processes.
 *
 * The text is JSON: a version, the devices, and the events, which refer to their devices by number. Values that JSON does not
 * have are objects: `{"number":"NaN"}`, `{"date":1767225600000}`, `{"bytes":"AAE="}`.
 *
 * Knowledge of a server has the same form. Its events are those of `told`; `pending` and `elsewhere` are included if they are not
 * empty.
 */
import {
  Device,
  DeviceError,
  type Family,
  type OwClient,
  OwError,
  OwPath,
  type Plausibility,
  RomId
} from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Base64 from "effect/encoding/Base64"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Known, Seen } from "../../Journal.ts"

/** Events that cannot be written as text, or read from it. */
export class SeenTextError extends Schema.TaggedError<SeenTextError>()("SeenTextError", {
  /** Number of the events. `undefined` if not known. */
  count: Schema.optional(Schema.Int),
  /** The problem with the first of them. */
  problem: Schema.String
}) {
  override get message(): string {
    const { count } = this
    const what = count === undefined ? "a batch of events" : `${count} ${count === 1 ? "event" : "events"}`
    return `${what} of the fleet had to be left out: ${this.problem}`
  }
}

/** Version of the text. */
const version = 1

const DeviceText = Schema.Struct({
  server: Schema.String,
  id: RomId.RomId,
  name: Schema.String,
  path: Schema.String.check(Schema.isPattern(/^\//)),
  bus: Schema.optionalKey(Schema.String),
  branches: Schema.optionalKey(Schema.Array(OwPath.Branch))
})

const Verdict = Schema.Union([
  Schema.TaggedStruct("PowerOn", {}),
  Schema.TaggedStruct("Disconnected", {}),
  Schema.TaggedStruct("NoAnswer", {}),
  Schema.TaggedStruct("OutOfRange", { least: Schema.Finite, most: Schema.Finite }),
  Schema.TaggedStruct("Jump", { from: Schema.Finite })
])

const Failure = Schema.Union([...OwError.OwError.members, DeviceError.DeviceError])

const of = { server: Schema.String, at: Schema.DateFromMillis }

/** Events of devices refer to their devices by number. */
const ofDevice = { ...of, device: Schema.Int }

const since = Schema.DateFromMillis

const Event = Schema.Union([
  Schema.TaggedStruct("Reading", {
    ...ofDevice,
    property: Schema.String,
    value: Schema.Json,
    unit: Schema.optionalKey(Schema.String),
    /** Absent for a plausible reading, which is the usual case. */
    verdict: Schema.optionalKey(Verdict)
  }),
  Schema.TaggedStruct("Failed", { ...ofDevice, property: Schema.String, error: Failure }),
  // `missing` is left out, because it belongs to the targets of the following process.
  Schema.TaggedStruct("Found", {
    ...of,
    properties: Schema.Array(Schema.Struct({ device: Schema.Int, name: Schema.String }))
  }),
  Schema.TaggedStruct("Appeared", ofDevice),
  Schema.TaggedStruct("Vanished", { ...ofDevice, lastSeen: since }),
  Schema.TaggedStruct("Moved", { ...ofDevice, from: Schema.String, to: Schema.String }),
  Schema.TaggedStruct("Renamed", { ...ofDevice, from: Schema.String, to: Schema.String }),
  Schema.TaggedStruct("Raised", ofDevice),
  Schema.TaggedStruct("Reminded", { ...ofDevice, since }),
  Schema.TaggedStruct("Cleared", { ...ofDevice, since }),
  Schema.TaggedStruct("RearmFailed", { ...ofDevice, error: Failure }),
  Schema.TaggedStruct("ServerAdded", of),
  Schema.TaggedStruct("ServerFailed", { ...of, error: OwError.OwError }),
  Schema.TaggedStruct("ServerRecovered", { ...of, since }),
  Schema.TaggedStruct("BusFailed", { ...of, bus: Schema.String, error: OwError.OwError }),
  Schema.TaggedStruct("BusRecovered", { ...of, bus: Schema.String, since })
])

type Event = typeof Event.Type

const Batch = Schema.fromJsonString(Schema.Struct({
  version: Schema.Int,
  devices: Schema.Array(Schema.Unknown),
  events: Schema.Array(Schema.Unknown),
  pending: Schema.optionalKey(Schema.Array(Schema.Unknown)),
  elsewhere: Schema.optionalKey(Schema.Array(Schema.String))
}))

const encodeEvent = Schema.encodeUnknownResult(Schema.toCodecJson(Event))
const decodeEvent = Schema.decodeUnknownResult(Schema.toCodecJson(Event))
const decodeDevice = Schema.decodeUnknownResult(DeviceText)
const decodeBatch = Schema.decodeUnknownResult(Batch)

/** Values that JSON does not have. */
const Special = Schema.Union([
  Schema.Struct({ number: Schema.Literals(["NaN", "Infinity", "-Infinity", "-0"]) }),
  Schema.Struct({ date: Schema.NullOr(Schema.Finite) }),
  Schema.Struct({ bytes: Schema.String })
])

const decodeSpecial = Schema.decodeUnknownOption(Special)

const textOf = (value: Family.Value): Schema.Json => {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { number: Object.is(value, -0) ? "-0" : String(value) }
    case "object":
      if (isDate(value)) return { date: Number.isNaN(value.getTime()) ? null : value.getTime() }
      return Predicate.isUint8Array(value) ? { bytes: Base64.encode(value) } : value.map(textOf)
    default:
      return value
  }
}

// An array of values is none of these.
const isDate = (value: Family.Value): value is Date => Predicate.isDate(value)

const scalarOf = (text: unknown): Family.Scalar | undefined => {
  switch (typeof text) {
    case "number":
    case "string":
    case "boolean":
      return text
  }
  const special = Option.getOrUndefined(decodeSpecial(text))
  if (special === undefined) return undefined
  if ("number" in special) return Number(special.number)
  if ("date" in special) return new Date(special.date ?? NaN)
  return Option.getOrUndefined(Result.getSuccess(Base64.decode(special.bytes)))
}

const valueOf = (text: Schema.Json): Family.Value | undefined => {
  if (!Array.isArray(text)) return scalarOf(text)
  const scalars = text.map(scalarOf)
  return scalars.every(Predicate.isNotUndefined) ? scalars : undefined
}

/** Devices of a text that is being written. */
class Devices {
  readonly texts: Array<typeof DeviceText.Encoded> = []
  private readonly numbers = new Map<Device.AnyDevice, number>()

  numberOf(device: Device.AnyDevice, server: string): number {
    const known = this.numbers.get(device)
    if (known !== undefined) return known
    const { id, name, path, place: { branches, bus } } = device
    const number = this.texts.length
    this.numbers.set(device, number)
    this.texts.push({
      server,
      id,
      name,
      path,
      ...(bus === undefined ? {} : { bus }),
      ...(branches.length === 0 ? {} : { branches })
    })
    return number
  }
}

const plausible: Plausibility.Verdict = { _tag: "Plausible" }

const eventOf = (seen: Seen, devices: Devices): Event => {
  const { server } = seen
  switch (seen._tag) {
    case "Found": {
      const { _tag, at, properties } = seen
      return {
        _tag,
        server,
        at,
        properties: properties.map(({ device, name }) => ({ device: devices.numberOf(device, server), name }))
      }
    }
    case "Reading": {
      const { _tag, at, property, unit, value, verdict } = seen
      return {
        _tag,
        server,
        at,
        device: devices.numberOf(seen.device, server),
        property,
        value: textOf(value),
        ...(unit === undefined ? {} : { unit }),
        ...(verdict._tag === "Plausible" ? {} : { verdict })
      }
    }
    case "ServerAdded":
    case "ServerFailed":
    case "ServerRecovered":
    case "BusFailed":
    case "BusRecovered":
      return seen
    default:
      return { ...seen, device: devices.numberOf(seen.device, server) }
  }
}

/** An event with its devices, unless its device is missing or its value is invalid. */
const seenOf = (event: Event, devices: ReadonlyArray<Device.Device | undefined>): Seen | undefined => {
  switch (event._tag) {
    case "Found": {
      const properties = event.properties.map(({ device, name }) => devices[device]?.property(name))
      return properties.every(Predicate.isNotUndefined) ? { ...event, properties, missing: [] } : undefined
    }
    case "Reading": {
      const device = devices[event.device]
      const value = valueOf(event.value)
      return device === undefined || value === undefined
        ? undefined
        : { ...event, device, value, unit: event.unit, verdict: event.verdict ?? plausible }
    }
    case "ServerAdded":
    case "ServerFailed":
    case "ServerRecovered":
    case "BusFailed":
    case "BusRecovered":
      return event
    default: {
      const device = devices[event.device]
      return device === undefined ? undefined : { ...event, device }
    }
  }
}

/** Counts the events that are left out. */
class Broken {
  private count = 0
  private problem = ""

  add(problem: string): void {
    if (this.count++ === 0) this.problem = problem
  }

  get error(): SeenTextError | undefined {
    const { count, problem } = this
    return count === 0 ? undefined : new SeenTextError({ count, problem })
  }
}

/** Text of events, and an error for those that had to be left out. */
export interface Encoded {
  readonly text: string
  readonly broken: SeenTextError | undefined
}

/** Writes events as one text. */
export const encode = (seen: ReadonlyArray<Seen>): Encoded => {
  const devices = new Devices()
  const broken = new Broken()
  const events = textsOf(seen, devices, broken)
  return { text: JSON.stringify({ version, devices: devices.texts, events }), broken: broken.error }
}

/** Writes the knowledge of a server. */
export const encodeKnown = (known: Known): Encoded => {
  const devices = new Devices()
  const broken = new Broken()
  const events = textsOf(known.told, devices, broken)
  const pending = textsOf(known.pending, devices, broken)
  const elsewhere = known.elsewhere.map((id) => RomId.format(id))
  const text = JSON.stringify({
    version,
    devices: devices.texts,
    events,
    ...(pending.length === 0 ? {} : { pending }),
    ...(elsewhere.length === 0 ? {} : { elsewhere })
  })
  return { text, broken: broken.error }
}

const textsOf = (seen: ReadonlyArray<Seen>, devices: Devices, broken: Broken): ReadonlyArray<unknown> => {
  const texts: Array<unknown> = []
  for (const one of seen) {
    const encoded = encodeEvent(eventOf(one, devices))
    if (Result.isSuccess(encoded)) texts.push(encoded.success)
    else broken.add(`${one._tag} of ${one.server}: ${encoded.failure.message}`)
  }
  return texts
}

/** Events of a text, and an error for those that had to be left out. */
export interface Decoded {
  readonly events: ReadonlyArray<Seen>
  readonly broken: SeenTextError | undefined
}

/** Reads a text from `encode`, which another version of this program may have written, or any other text. */
export const decode = (text: string, clientOf: (server: string) => OwClient.Client): Decoded => {
  const { broken, known } = decodeKnown(text, clientOf)
  return { events: known.told, broken }
}

const nothing: Known = { told: [], pending: [], elsewhere: [] }

/** Reads a text from `encodeKnown`, in the same way as `decode`, and returns an error for the events that had to be left out. */
export const decodeKnown = (
  text: string,
  clientOf: (server: string) => OwClient.Client
): { readonly known: Known; readonly broken: SeenTextError | undefined } => {
  const batch = decodeBatch(text)
  if (Result.isFailure(batch)) {
    return { known: nothing, broken: new SeenTextError({ problem: `it is not a batch: ${batch.failure.message}` }) }
  }
  if (batch.success.version !== version) {
    const problem = `it is of version ${batch.success.version}, and this program reads version ${version}: update it`
    return { known: nothing, broken: new SeenTextError({ count: batch.success.events.length, problem }) }
  }
  const clients = new Map<string, OwClient.Client>()
  const devices = batch.success.devices.map((text) => {
    const decoded = decodeDevice(text)
    if (Result.isFailure(decoded)) return undefined
    const { branches = [], bus, id, name, path, server } = decoded.success
    let ow = clients.get(server)
    if (ow === undefined) clients.set(server, ow = clientOf(server))
    return Device.located(Catalogue.of, { id, name, path, place: { bus, branches }, ow })
  })
  const broken = new Broken()
  const { elsewhere = [], events, pending = [] } = batch.success
  const known = {
    told: eventsOf(events, devices, broken),
    pending: eventsOf(pending, devices, broken),
    elsewhere: elsewhere.flatMap((id) => Option.toArray(RomId.fromString(id)))
  }
  return { known, broken: broken.error }
}

const eventsOf = (
  texts: ReadonlyArray<unknown>,
  devices: ReadonlyArray<Device.Device | undefined>,
  broken: Broken
): ReadonlyArray<Seen> => {
  const events: Array<Seen> = []
  for (const text of texts) {
    const decoded = decodeEvent(text)
    if (Result.isFailure(decoded)) {
      broken.add(decoded.failure.message)
      continue
    }
    const seen = seenOf(decoded.success, devices)
    if (seen === undefined) broken.add(`${decoded.success._tag} of ${decoded.success.server} makes no sense`)
    else events.push(seen)
  }
  return events
}
