/**
 * Reading and writing the properties of a device, by their types.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import * as RomId from "../../onewire/RomId.ts"
import * as TypeRecord from "../../protocol/TypeRecord.ts"
import type * as Device from "../Device.ts"
import { DeviceError, type DeviceReason } from "../DeviceError.ts"
import type * as Family from "../Family.ts"
import * as Plausibility from "../Plausibility.ts"
import { closest } from "./closest.ts"
import type { Records } from "./Records.ts"
import * as Value from "./Value.ts"

/** How often an implausible value is read again at most. */
const moreReads = 2

export class DeviceImpl implements Device.AnyDevice {
  readonly id: RomId.RomId
  readonly path: string
  readonly bus: string | undefined
  readonly name: string
  readonly ow: OwClient.Client
  private readonly records: Records

  constructor({ bus, id, name, ow, path }: Device.Located, records: Records) {
    this.id = id
    this.path = path
    this.bus = bus
    this.name = name
    this.ow = ow
    this.records = records
  }

  present(options?: OwClient.CallOptions): Effect.Effect<boolean, OwError.OwError> {
    return this.ow.present(this.path, options)
  }

  describe(name: string): Effect.Effect<Family.Place, Device.Failure> {
    return this.find("read", name)
  }

  property(name: string): Device.DeviceProperty {
    return {
      device: this,
      name,
      read: (options) => this.read(name, options),
      reading: (options) => this.reading(name, options)
    }
  }

  read(name: string, options?: OwClient.ReadOptions): Effect.Effect<Family.Value, Device.Failure> {
    const place = this.records.known(name)
    return place === undefined
      ? Effect.flatMap(this.find("read", name), (place) => this.readAt(place, options))
      : this.readAt(place, options)
  }

  reading(name: string, options: Device.ReadingOptions = {}): Effect.Effect<Device.Reading, Device.Failure> {
    return Effect.flatMap(this.find("read", name), (place) =>
      Effect.flatMap(Clock.Clock, (clock) => {
        const scales = this.scalesOf(options)
        const attempt = (options: Device.ReadingOptions) =>
          Effect.map(this.readAt(place, options), (value): Device.Reading => ({
            _tag: "Reading",
            device: this,
            property: name,
            value,
            at: new Date(clock.currentTimeMillisUnsafe()),
            verdict: Plausibility.judge(RomId.familyCode(this.id), place, value, scales, options)
          }))
        const first = attempt(options)
        switch (options.implausible) {
          case "readAgain":
            return this.again(first, attempt({ ...options, flags: { ...options.flags, uncached: true } }), moreReads)
          case "reject":
            return Effect.filterOrElse(first, isPlausible, (reading) => this.implausible(reading))
          default:
            return first
        }
      }))
  }

  /** Reads until the value is plausible, or it has been read often enough. */
  private again(
    now: Effect.Effect<Device.Reading, Device.Failure>,
    next: Effect.Effect<Device.Reading, Device.Failure>,
    left: number
  ): Effect.Effect<Device.Reading, Device.Failure> {
    return Effect.filterOrElse(
      now,
      (reading) => left === 0 || isPlausible(reading),
      () => this.again(next, next, left - 1)
    )
  }

  private implausible({ property, value, verdict }: Device.Reading): Effect.Effect<never, DeviceError> {
    return this.fail(
      "read",
      property,
      "Implausible",
      `${Value.shown(value)} is implausible: ${Plausibility.describe(verdict)}`
    )
  }

  write(name: string, value: unknown, options: Device.WriteOptions = {}): Effect.Effect<void, Device.Failure> {
    return Effect.flatMap(this.find("write", name), (place) =>
      Effect.andThen(
        place.record.kind === "d"
          ? this.writeDate(place, value, options)
          : this.writeAt(place, value, options),
        options.verify === true ? this.verify(place, value, options) : Effect.void
      ))
  }

  private writeAt(
    place: Family.Place,
    value: unknown,
    options: Device.WriteOptions
  ): Effect.Effect<void, Device.Failure> {
    const { name, record } = place
    if (!TypeRecord.isWritable(record)) return this.refuse("write", name, "property", "cannot be written")
    if (options.verify === true && !TypeRecord.isReadable(record)) {
      return this.refuse("write", name, "verify", "is no use: the property cannot be read")
    }
    const offset = options.offset ?? 0
    if (offset !== 0 && !isPartial(record)) {
      return this.refuse("write", name, "offset", "is for texts and bytes: any other value is written as a whole")
    }
    const range = Plausibility.inScale(record.kind, place.range, this.scalesOf(options))
    const encoded = Value.encode(record, range, value)
    if (Result.isFailure(encoded)) return this.refuse("write", name, "value", encoded.failure)
    // What does not fit is refused whole: a server would write the part that does.
    return encoded.success.length + offset > record.length && record.kind === "b"
      ? this.refuse("write", name, "value", `of ${encoded.success.length} bytes does not fit behind ${offset}`)
      : this.ow.write(this.pathOf(name), encoded.success, options)
  }

  /** Reads back what was written. */
  private verify(
    place: Family.Place,
    value: unknown,
    options: Device.WriteOptions
  ): Effect.Effect<void, Device.Failure> {
    const range = value instanceof Uint8Array && options.offset !== undefined
      ? { size: value.length, offset: options.offset }
      : {}
    const fresh = { ...options, ...range, flags: { ...options.flags, uncached: true } }
    return Effect.flatMap(this.readAt(place, fresh), (found) =>
      Value.isSame(value, found)
        ? Effect.void
        : this.fail(
          "write",
          place.name,
          "NotVerified",
          `wrote ${Value.shown(value)}, and read back ${Value.shown(found)}`
        ))
  }

  private readAt(
    { name, record }: Family.Place,
    options: OwClient.ReadOptions | undefined
  ): Effect.Effect<Family.Value, Device.Failure> {
    if (!TypeRecord.isReadable(record)) return this.refuse("read", name, "property", "cannot be read")
    if (!isPartial(record) && (options?.size !== undefined || options?.offset !== undefined)) {
      return this.refuse("read", name, "size or offset", "is for texts and bytes: any other value is read as a whole")
    }
    switch (record.kind) {
      case "b":
        return Effect.flatMap(
          this.ow.read(this.pathOf(name), options),
          (bytes) => this.decoded(name, Value.fromBytes(record, bytes), bytes)
        )
      case "d":
        return this.readDate(name, options)
      default:
        return Effect.flatMap(
          this.ow.readText(this.pathOf(name), options),
          (text) => this.decoded(name, Value.fromText(record, text), text)
        )
    }
  }

  /** A value that could be read, or why it could not. */
  private decoded<A>(
    name: string,
    value: A | undefined,
    found: string | Uint8Array
  ): Effect.Effect<A, DeviceError> {
    if (value !== undefined) return Effect.succeed(value)
    return found.length === 0
      ? this.fail("read", name, "NoValue", "the server gave nothing; the device may not have answered")
      : this.fail("read", name, "Malformed", `${Value.shown(found)} is no value of this property`)
  }

  /** Dates come in the server's local time, and beside each there is the same in seconds. */
  private readDate(
    name: string,
    options: OwClient.ReadOptions | undefined
  ): Effect.Effect<Family.Value, Device.Failure> {
    const seconds = secondsOf(name)
    return seconds === undefined
      ? this.readEnd(name, options)
      : Effect.map(
        Effect.flatMap(this.find("read", seconds), (place) => this.readAt(place, options)),
        (value) => Array.isArray(value) ? value.map(dateOf) : dateOf(value)
      )
  }

  /** The end of something whose beginning is there in both forms, which tell how far the server's clock is off. */
  private readEnd(
    name: string,
    options: OwClient.ReadOptions | undefined
  ): Effect.Effect<Family.Value, Device.Failure> {
    const begin = name.replace(/[^/.]+(?=(?:\.[^/]*)?$)/, "date")
    return Effect.flatMap(
      Effect.all([
        this.ow.readText(this.pathOf(name), options),
        this.ow.readText(this.pathOf(begin), options),
        this.readDate(begin, options)
      ]),
      ([ends, begins, dates]) => {
        const known = Array.isArray(dates) ? dates : [dates]
        const local = begins.split(",")
        const found = ends.split(",").map((text, at) =>
          Value.localMillis(text) - Value.localMillis(local[at] ?? "") + Number(known[at])
        )
        const all = found.map((millis) => new Date(millis))
        const value = found.some(Number.isNaN) ? undefined : Array.isArray(dates) ? all : all[0]
        return this.decoded(name, value, ends)
      }
    )
  }

  private writeDate(
    place: Family.Place,
    value: unknown,
    options: Device.WriteOptions
  ): Effect.Effect<void, Device.Failure> {
    const { name } = place
    const seconds = secondsOf(name)
    if (!TypeRecord.isWritable(place.record) || seconds === undefined) {
      return this.refuse("write", name, "property", "cannot be written")
    }
    const dates = Array.isArray(value) ? value : [value]
    if (!dates.every((date) => date instanceof Date && !Number.isNaN(date.getTime()))) {
      return this.refuse("write", name, "value", `must be a date, not ${Value.shown(value)}`)
    }
    const written = dates.map((date) => Math.round(Number(date) / 1000))
    return Effect.flatMap(
      this.find("write", seconds),
      (place) => this.writeAt(place, Array.isArray(value) ? written : written[0], { ...options, verify: false })
    )
  }

  private find(operation: "read" | "write", name: string): Effect.Effect<Family.Place, Device.Failure> {
    const known = this.records.known(name)
    if (known !== undefined) return Effect.succeed(known)
    return Effect.flatMap(this.records.find(name), (place) => {
      if (place !== undefined) return Effect.succeed(place)
      const meant = closest(name, this.records.names())
      return this.refuse(
        operation,
        name,
        "property",
        `is none of ${this.records.what}${meant === undefined ? "" : `; did you mean ${meant}?`}`
      )
    })
  }

  private pathOf(name: string): string {
    return `${this.path}/${name}`
  }

  private scalesOf({ flags }: OwClient.CallOptions): Plausibility.Scales {
    return {
      temperatureScale: flags?.temperatureScale ?? this.ow.flags.temperatureScale,
      pressureScale: flags?.pressureScale ?? this.ow.flags.pressureScale
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

const isPlausible = ({ verdict }: Device.Reading): boolean => verdict._tag === "Plausible"

/** Of texts and bytes a part can be had. */
const isPartial = ({ index, kind }: TypeRecord.TypeRecord): boolean =>
  index !== TypeRecord.all && (kind === "b" || kind === "a" || kind === "l")

/** The name of the seconds beside a date. */
const secondsOf = (name: string): string | undefined => {
  const [, before, extension = ""] = /^(.*)date(\.[^/]*)?$/.exec(name) ?? []
  return before === undefined ? undefined : `${before}udate${extension}`
}

const dateOf = (seconds: Family.Value): Date => new Date(Number(seconds) * 1000)
