/**
 * Reads and writes the properties of a device by their types.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { endless } from "../../client/internal/endless.ts"
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import { isDate, isUint8Array } from "../../internal/brand.ts"
import type * as Place from "../../onewire/Place.ts"
import * as RomId from "../../onewire/RomId.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import { encodeText } from "../../protocol/Payload.ts"
import * as TypeRecord from "../../protocol/TypeRecord.ts"
import type * as Device from "../Device.ts"
import { DeviceError, type DeviceReason } from "../DeviceError.ts"
import type * as Family from "../Family.ts"
import * as Plausibility from "../Plausibility.ts"
import type * as Property from "../Property.ts"
import { closestProperty, question, stemOf } from "./closest.ts"
import { inScale, judge } from "./plausibility.ts"
import { unitIn } from "./property.ts"
import { ofFamily, ofServer, type Records } from "./Records.ts"
import * as Value from "./Value.ts"

/** Minimum size of a read, so that an unexpectedly long value arrives whole. */
const room = 8192

/** Maximum nesting and maximum number of a device's directories. A chip has up to three levels and about thirty directories. */
const deepestDirectory = 8
const mostDirectories = 500

/** Maximum number of times that an implausible value is read again. */
const moreReads = 2

class DeviceImpl extends Inspectable.Class implements Device.AnyDevice {
  readonly id: RomId.RomId
  readonly path: string
  readonly place: Place.Place
  readonly bus: string | undefined
  readonly name: string
  readonly ow: OwClient.Client
  readonly family: Family.Family | undefined
  private readonly records: Records

  constructor({ id, name, ow, path, place }: Device.Located, family: Family.Family) {
    super()
    this.id = id
    this.path = path
    this.place = place
    this.bus = place.bus
    this.name = name
    this.ow = ow
    const isKnown = family.codes.length > 0
    this.family = isKnown ? family : undefined
    this.records = isKnown ? ofFamily(family) : ofServer(ow, RomId.familyCode(id))
  }

  /** Its identity, without the client. */
  override toJSON(): unknown {
    const { bus, id, name, path } = this
    return { id, path, bus, name }
  }

  // A method that is taken off its object stays bound to the device. The functions are made on access, because a network has
  // thousands of devices.

  get present() {
    return (options?: OwClient.CallOptions): Effect.Effect<boolean, OwError.OwError> =>
      this.ow.present(this.path, options)
  }

  get describe() {
    return (name: string): Effect.Effect<Property.Element, Device.Failure> => this.find("read", name, undefined)
  }

  get names() {
    return (options?: OwClient.CallOptions): Effect.Effect<ReadonlyArray<string>, OwError.OwError> =>
      Effect.suspend(() => this.namesIn([], options, { left: mostDirectories }))
  }

  get property() {
    return (name: string): Device.DeviceProperty => new DevicePropertyImpl(this, name)
  }

  get read() {
    return (name: string, options?: OwClient.ReadOptions): Effect.Effect<Family.Value, Device.Failure> =>
      this.readValue(name, options)
  }

  get reading() {
    return (name: string, options?: Device.ReadingOptions): Effect.Effect<Device.Reading, Device.Failure> =>
      this.readingOf(name, options)
  }

  get write() {
    return (name: string, value: unknown, options?: Device.WriteOptions): Effect.Effect<void, Device.Failure> =>
      this.change(name, value, options)
  }

  /** Names listed in one of its directories. */
  private namesIn(
    directory: ReadonlyArray<string>,
    options: OwClient.CallOptions | undefined,
    directories: { left: number }
  ): Effect.Effect<ReadonlyArray<string>, OwError.OwError> {
    const at = [this.path, ...directory].join("/")
    if (directory.length > deepestDirectory || directories.left-- === 0) {
      return Effect.fail(endless(this.ow, at, "no device has so many nested directories"))
    }
    return Effect.flatMap(
      this.ow.dir(at, { ...options, slash: true }),
      (paths) =>
        Effect.map(
          Effect.forEach(paths, (path) => {
            const isDirectory = path.endsWith("/")
            const whole = isDirectory ? path.slice(0, -1) : path
            const name = whole.slice(whole.lastIndexOf("/") + 1)
            if (!isDirectory) return Effect.succeed([[...directory, name].join("/")])
            // The branches of a coupler contain devices.
            const isBranch = directory.length === 0 && (name === "main" || name === "aux")
            return isBranch ? Effect.succeed([]) : this.namesIn([...directory, name], options, directories)
          }),
          (names) => names.flat()
        )
    )
  }

  readValue(name: string, options: OwClient.ReadOptions | undefined): Effect.Effect<Family.Value, Device.Failure> {
    const known = typeof name === "string" ? this.records.known(name) : Option.none()
    return Option.isSome(known)
      ? this.readAt(known.value, options)
      : Effect.flatMap(this.find("read", name, options), (element) => this.readAt(element, options))
  }

  readingOf(
    name: string,
    options: Device.ReadingOptions = {}
  ): Effect.Effect<Device.Reading, Device.Failure> {
    return Effect.flatMap(this.find("read", name, options), (element) =>
      Effect.flatMap(Clock.Clock, (clock) => {
        const scales = this.scalesOf(options)
        const unit = unitIn(element.record.kind, element.unit, scales)
        const attempt = (options: Device.ReadingOptions) =>
          Effect.map(this.readAt(element, options), (value): Device.Reading => ({
            _tag: "Reading",
            device: this,
            property: name,
            value,
            unit,
            at: new Date(clock.currentTimeMillisUnsafe()),
            verdict: judge(RomId.familyCode(this.id), element, value, scales, options)
          }))
        const first = attempt(options)
        switch (options.implausible) {
          case "readAgain":
            return Effect.flatMap(first, orAgain(attempt(fresh(options)), moreReads))
          case "reject":
            return Effect.filterOrElse(first, isPlausible, (reading) => this.implausible(reading))
          default:
            return first
        }
      }))
  }

  private implausible({ property, value, verdict }: Device.Reading): Effect.Effect<never, DeviceError> {
    return this.fail(
      "read",
      property,
      "Implausible",
      `${Value.shown(value)} is implausible: ${Plausibility.describe(verdict)}`
    )
  }

  private change(
    name: string,
    value: unknown,
    options: Device.WriteOptions = {}
  ): Effect.Effect<void, Device.Failure> {
    return Effect.flatMap(this.find("write", name, options), (element) => {
      const written = element.record.kind === "d"
        ? this.writeDate(element, value, options)
        : this.writeAt(element, value, options)
      return options.verify === true ? Effect.andThen(written, this.verify(element, value, options)) : written
    })
  }

  private writeAt(
    { name, range, record }: Property.Element,
    value: unknown,
    options: Device.WriteOptions
  ): Effect.Effect<void, Device.Failure> {
    if (!TypeRecord.isWritable(record)) return this.refuse("write", name, "property", "cannot be written")
    if (options.verify === true && !TypeRecord.isReadable(record)) {
      return this.refuse("write", name, "verify", "needs a property that can be read")
    }
    const offset = options.offset ?? 0
    // A server takes an alias for a whole one at any offset.
    if (offset !== 0 && (!isPartial(record) || record.kind === "l")) {
      return this.refuse("write", name, "offset", "is for texts and bytes: any other value is written as a whole")
    }
    const limits = inScale(record.kind, range, this.scalesOf(options))
    const encoded = Value.encode(record, limits, value)
    if (Result.isFailure(encoded)) return this.refuse("write", name, "value", encoded.failure)
    // A value that does not fit is refused as a whole, because a server would write the part that fits.
    const length = byteLength(encoded.success)
    return offset !== 0 && length + offset > record.length
      ? this.refuse("write", name, "value", `of ${length} bytes does not fit at offset ${offset} of ${record.length}`)
      : this.ow.write(this.pathOf(name), encoded.success, options)
  }

  /** Reads the value back. If that fails, the value may still have been written. */
  private verify(
    element: Property.Element,
    value: unknown,
    options: Device.WriteOptions
  ): Effect.Effect<void, Device.Failure> {
    const { name, record } = element
    const offset = options.offset ?? 0
    // The previous text may have been longer, and a memory is longer than the part written to it.
    const isPart = isUint8Array(value) || offset !== 0
    const size = isPart && (isUint8Array(value) || typeof value === "string") ? byteLength(value) : undefined
    if (size === 0) return Effect.void
    return Effect.matchEffect(this.readAt(element, fresh({ ...options, size, offset: isPart ? offset : undefined })), {
      onFailure: (error) =>
        this.fail(
          "write",
          name,
          "NotVerified",
          `wrote ${Value.written(value)}, and could not read it back: ${error.message}`
        ),
      onSuccess: (found) =>
        Value.isSame(record, value, found)
          ? Effect.void
          : this.fail(
            "write",
            name,
            "NotVerified",
            `wrote ${Value.written(value)}, and read back ${Value.written(found)}`
          )
    })
  }

  private readAt(
    { name, record }: Property.Element,
    options: OwClient.ReadOptions | undefined
  ): Effect.Effect<Family.Value, Device.Failure> {
    if (!TypeRecord.isReadable(record)) return this.refuse("read", name, "property", "cannot be read")
    if (options !== undefined && !isPartial(record) && (options.size !== undefined || (options.offset ?? 0) !== 0)) {
      return this.refuse(
        "read",
        name,
        options.size === undefined ? "offset" : "size",
        "is for texts and bytes: any other value is read as a whole"
      )
    }
    // A server allocates and clears as many bytes as requested: for 64 KiB that takes longer than everything else.
    const sized = isPartial(record) ? options : { ...options, size: Math.max(record.length, room) }
    switch (record.kind) {
      case "b":
        return Effect.flatMap(
          this.ow.read(this.pathOf(name), sized),
          (bytes) => this.decoded(name, Value.fromBytes(record, bytes), bytes)
        )
      case "d":
        return this.readDate(name, options)
      default:
        return Effect.flatMap(
          this.ow.readText(this.pathOf(name), sized),
          (text) => this.decoded(name, Value.fromText(record, text), text)
        )
    }
  }

  /** The decoded value, or the reason why it could not be decoded. */
  private decoded<A>(
    name: string,
    value: A | undefined,
    found: string | Uint8Array
  ): Effect.Effect<A, DeviceError> {
    if (value !== undefined) return Effect.succeed(value)
    return found.length === 0
      ? this.fail("read", name, "NoValue", "the server returned nothing; the device may not have answered")
      : this.fail("read", name, "Malformed", `${Value.shown(found)} is not a value of this property`)
  }

  /** Dates come in the server's local time, and next to each there is a property with the same time in seconds. */
  private readDate(
    name: string,
    options: OwClient.ReadOptions | undefined
  ): Effect.Effect<Family.Value, Device.Failure> {
    const seconds = secondsOf(name)
    return seconds === undefined
      ? this.readEnd(name, options)
      : Effect.map(
        Effect.flatMap(this.find("read", seconds, options), (element) => this.readAt(element, options)),
        (value) => Array.isArray(value) ? value.map(dateOf) : dateOf(value)
      )
  }

  /** The end of an interval whose beginning exists in both forms. They show the offset of the server's clock. */
  private readEnd(
    name: string,
    options: OwClient.ReadOptions | undefined
  ): Effect.Effect<Family.Value, Device.Failure> {
    const stem = stemOf(name)
    const begin = `${stem.slice(0, stem.lastIndexOf("/") + 1)}date${name.slice(stem.length)}`
    return Effect.flatMap(
      Effect.all([
        this.ow.readText(this.pathOf(name), options),
        this.ow.readText(this.pathOf(begin), options),
        this.readDate(begin, options)
      ]),
      ([text, beginsText, dates]) => {
        const known = Array.isArray(dates) ? dates : [dates]
        const begins = beginsText.split(",")
        const ends = text.split(",").map((end, at) =>
          Value.localMillis(end) - Value.localMillis(begins[at] ?? "") + Number(known[at])
        )
        const found = ends.map((millis) => new Date(millis))
        const isWhole = ends.length === known.length && !ends.some(Number.isNaN)
        return this.decoded(name, isWhole ? Array.isArray(dates) ? found : found[0] : undefined, text)
      }
    )
  }

  private writeDate(
    { name, record }: Property.Element,
    value: unknown,
    options: Device.WriteOptions
  ): Effect.Effect<void, Device.Failure> {
    const seconds = secondsOf(name)
    if (!TypeRecord.isWritable(record) || seconds === undefined) {
      return this.refuse("write", name, "property", "cannot be written")
    }
    if (!isDate(value) || Number.isNaN(value.getTime())) {
      return this.refuse("write", name, "value", `must be a date, not ${Value.shown(value)}`)
    }
    const written = Value.wholeSeconds(value)
    if (written < 0 || written > lastSecond) {
      const last = Value.shown(dateOf(lastSecond))
      return this.refuse("write", name, "value", `must be from 1970 to ${last}, not ${Value.shown(value)}`)
    }
    return Effect.flatMap(
      this.find("write", seconds, options),
      (element) => this.writeAt(element, written, { ...options, verify: false })
    )
  }

  private find(
    operation: "read" | "write",
    name: string,
    options: OwClient.CallOptions | undefined
  ): Effect.Effect<Property.Element, Device.Failure> {
    // Tells untyped callers before anything is sent.
    if (typeof name !== "string") return this.refuse(operation, "", "property", `must be a string, not ${typeof name}`)
    const known = this.records.known(name)
    if (Option.isSome(known)) return Effect.succeed(known.value)
    return Effect.flatMap(this.records.find(name, options), (element) => {
      if (Option.isSome(element)) return Effect.succeed(element.value)
      const { known, names, what } = this.records
      const meant = closestProperty(name, names(), (other) => Option.isSome(known(other)))
      return this.refuse(operation, name, "property", `is not one of ${what}${question(Option.getOrUndefined(meant))}`)
    })
  }

  private pathOf(name: string): string {
    return `${this.path}/${name}`
  }

  private scalesOf({ flags }: OwClient.CallOptions): Property.Scales {
    if (flags === undefined) return this.ow.flags
    const { pressureScale, temperatureScale } = this.ow.flags
    const asked = ControlFlags.merge(flags, undefined)
    // The client refuses an invalid scale, with its own message.
    return {
      temperatureScale: known(ControlFlags.TemperatureScale.literals, asked.temperatureScale) ?? temperatureScale,
      pressureScale: known(ControlFlags.PressureScale.literals, asked.pressureScale) ?? pressureScale
    }
  }

  private refuse(
    operation: "read" | "write",
    name: string,
    argument: string,
    problem: string
  ): Effect.Effect<never, OwError.ArgumentError> {
    return Effect.fail(new OwError.ArgumentError({ operation, path: this.pathOf(name), argument, problem }))
  }

  private fail(
    operation: "read" | "write",
    name: string,
    reason: DeviceReason["_tag"],
    problem: string
  ): Effect.Effect<never, DeviceError> {
    return Effect.fail(
      new DeviceError({
        reason: { _tag: reason },
        operation,
        path: this.pathOf(name),
        server: this.ow.server,
        problem
      })
    )
  }
}

/** Its functions are made on access, as in the device. */
class DevicePropertyImpl implements Device.DeviceProperty {
  readonly device: DeviceImpl
  readonly name: string

  constructor(device: DeviceImpl, name: string) {
    this.device = device
    this.name = name
  }

  get read() {
    return (options?: OwClient.ReadOptions) => this.device.readValue(this.name, options)
  }

  get reading() {
    return (options?: Device.ReadingOptions) => this.device.readingOf(this.name, options)
  }
}

/** Reads again until the value is plausible, up to a number of times. */
const orAgain =
  (next: Effect.Effect<Device.Reading, Device.Failure>, times: number) =>
  (reading: Device.Reading): Effect.Effect<Device.Reading, Device.Failure> =>
    times === 0 || isPlausible(reading) ? Effect.succeed(reading) : Effect.flatMap(next, orAgain(next, times - 1))

/** The same options, bypassing the server's cache. */
const fresh = <A extends OwClient.CallOptions>(options: A): A => ({
  ...options,
  flags: ControlFlags.merge(options.flags, { uncached: true })
})

const known = <A>(names: ReadonlyArray<A>, name: A | undefined): A | undefined =>
  name === undefined ? undefined : names.find((one) => one === name)

const isPlausible = ({ verdict }: Device.Reading): boolean => verdict._tag === "Plausible"

/** Only texts and bytes can be read or written in part. */
const isPartial = ({ index, kind }: TypeRecord.TypeRecord): boolean =>
  index !== TypeRecord.all && (kind === "b" || kind === "a" || kind === "l")

const byteLength = (data: string | Uint8Array): number =>
  typeof data === "string" ? encodeText(data).length : data.length

/** Last second that a chip can count. */
const lastSecond = 2 ** 32 - 1

/** The name of the property with the seconds of a date. */
const secondsOf = (name: string): string | undefined => {
  const stem = stemOf(name)
  return stem.endsWith("date") ? `${stem.slice(0, -"date".length)}udate${name.slice(stem.length)}` : undefined
}

const dateOf = (seconds: Family.Value): Date => new Date(Number(seconds) * 1000)

/** Makes a device at a known place. */
export const deviceAt = <P extends Family.Properties>(
  family: Family.Family,
  located: Device.Located
): Device.Device<P> =>
  // The family describes the same properties at run time as its type does.
  new DeviceImpl(located, family) as unknown as Device.Device<P>
