/**
 * One device of a simulated network: its chip, its description and its measurements.
 */
import * as Result from "effect/Result"
import type { Property } from "../../device/Property.ts"
import { isDate, isUint8Array } from "../../internal/brand.ts"
import * as FamilyCode from "../../onewire/FamilyCode.ts"
import * as RomId from "../../onewire/RomId.ts"
import { encodeText } from "../../protocol/Payload.ts"
import { all, byte } from "../../protocol/TypeRecord.ts"
import * as Bus from "../../server/Bus.ts"
import { chipOf } from "../../server/internal/Contents.ts"
import { isBytes, parseText } from "../../server/internal/StoredValue.ts"
import type { Property as Source, Value as Described } from "../SimulatedNetwork.ts"
import * as defaults from "./defaults.ts"

type Answer<A> = Result.Result<A, number>

/** The value of a DS18B20 that has not converted since it got power. */
const powerOn = 85

const noConversion = -22

/** How long a chip needs to measure a temperature, in milliseconds, by its bits of resolution. */
const conversionTimes: Readonly<Record<number, number>> = { 9: 94, 10: 188, 11: 375, 12: 750 }

const resolutions: Readonly<Record<string, number>> = {
  fasttemp: 9,
  temperature9: 9,
  temperature10: 10,
  temperature11: 11,
  temperature12: 12
}

/** Battery monitors, which measure the temperature quickly. */
const quick: ReadonlySet<string> = new Set(["1E", "26", "A6"])

/** The property that shows the last measurement, however old. */
const latest = "latesttemp"

/** Properties for which a server has the chip reload its settings from its EEPROM. */
const settings: ReadonlySet<string> = new Set(["tempres", "temphigh", "templow"])

export class SimulatedDevice implements Bus.Device {
  readonly id: RomId.RomId
  readonly chip: Bus.Chip
  /** The bus or the branch of a coupler on which the device is: `bus.0`, `bus.0/1F…/main`. */
  place: string
  isPresent = true
  /** The answer to the alarm search, if the temperature and its limits do not decide it. */
  alarm: boolean | undefined = undefined
  private readonly sources = new Map<string, Source>()
  private measured: number | undefined = undefined
  /** The value of a simultaneous conversion, and the second from which the device shows it. */
  private measuring: { readonly value: number; readonly until: number } | undefined = undefined
  /** The bits of resolution that a server set for a measurement, until the chip reloads those of its EEPROM. */
  private bits: number | undefined = undefined
  /** How often the device got power. */
  lives = 0

  constructor(id: RomId.RomId, place: string) {
    this.id = id
    this.place = place
    this.chip = chipOf(RomId.familyCode(id))
  }

  get code(): string {
    return RomId.familyCode(this.id)
  }

  /** Losing power loses the last measurement, and one that is under way. */
  powerOn(): void {
    this.isPresent = true
    this.measured = undefined
    this.measuring = undefined
    this.bits = undefined
    this.lives++
  }

  readonly isListed = ({ isOptional, name }: Property): boolean => !isOptional || this.isDescribed(name)

  private isDescribed(name: string): boolean {
    if (this.sources.has(name)) return true
    for (const key of this.sources.keys()) if (key.startsWith(`${name}/`) || key.startsWith(`${name}.`)) return true
    return false
  }

  /** Describes a property, or all elements of one. `problemOf` has checked the source. */
  describe(element: Bus.Element, source: Source): void {
    const { index, property } = element
    if (property.name === "tempres") this.bits = undefined
    if (index === all || index === byte) this.forget(property)
    if (typeof source === "function" || isRefusal(source)) this.sources.set(key(property, index), source)
    else for (const [at, value] of elementsOf(element, source) ?? []) this.sources.set(key(property, at), value)
  }

  private forget({ elements, name }: Property): void {
    for (let i = 0; i < elements; i++) this.sources.delete(`${name}.${i}`)
    this.sources.delete(`${name}.${all}`)
    this.sources.delete(`${name}.${byte}`)
  }

  /** Stores a value that a client writes. If the value is computed, the write changes nothing. */
  write(property: Property, values: ReadonlyArray<readonly [index: number, value: Bus.Value]>, offset: number): void {
    if (property.name === "tempres") this.bits = undefined
    for (const [index, value] of values) {
      if (index === byte && typeof value === "number") {
        for (let i = 0; i < property.elements; i++) this.writeOne(property, i, (value >> i) & 1, 0)
      } else this.writeOne(property, index, value, offset)
    }
  }

  private writeOne(property: Property, index: number, value: Bus.Value, offset: number): void {
    const before = this.sourceOf(property, index)
    if (typeof before === "function" || isRefusal(before)) return
    // A memory keeps its length; a text gets that of the written value.
    const length = typeof value === "number" ? 0 : offset + value.length
    const merged = property.kind === "b" && typeof value !== "number"
      ? overlaid(this.bytesOf(property, index), value, offset)
      : typeof value !== "number" && offset > 0
      ? overlaid(this.bytesOf(property, index).subarray(0, length), value, offset)
      : value
    this.sources.set(key(property, index), merged)
  }

  private bytesOf(property: Property, index: number): Uint8Array {
    const value = Result.getOrElse(this.value(property, index, 0), () => 0)
    const bytes = typeof value === "number" ? new Uint8Array(0) : value
    return property.kind === "b" && bytes.length < property.length
      ? overlaid(new Uint8Array(property.length), bytes, 0)
      : bytes
  }

  private sourceOf(property: Property, index: number): Source | undefined {
    return this.sources.get(key(property, index)) ?? this.sources.get(key(property, all)) ??
      this.sources.get(key(property, byte))
  }

  /** Reads the values of the requested elements of a property, at a time in seconds. */
  read({ index, property }: Bus.Element, seconds: number): Answer<ReadonlyArray<Bus.Value>> {
    if (settings.has(property.name)) this.bits = undefined
    if (index !== all) return Result.map(this.value(property, index, seconds), (value) => [value])
    const values: Array<Bus.Value> = []
    for (let i = 0; i < property.elements; i++) {
      const value = this.value(property, i, seconds)
      if (Result.isFailure(value)) return Result.fail(value.failure)
      values.push(value.success)
    }
    return Result.succeed(values)
  }

  private value(property: Property, index: number, seconds: number): Answer<Bus.Value> {
    const { name } = property
    const own = this.sources.get(key(property, index))
    if (own !== undefined && !(index === byte && this.hasElements(property))) {
      return evaluate(index === byte ? asNumber(property) : property, own, seconds)
    }
    if (index === byte) {
      if (!this.isDescribed(name)) return defaults.value(this.id, property, index)
      let bits = 0
      for (let i = 0; i < property.elements; i++) {
        const bit = this.value(property, i, seconds)
        if (Result.isFailure(bit)) return bit
        bits |= Number(bit.success) << i
      }
      return Result.succeed(bits >>> 0)
    }
    const together = this.sources.get(key(property, all))
    if (together !== undefined) return evaluate(property, together, seconds, index)
    const bits = this.sources.get(key(property, byte))
    if (bits !== undefined) {
      return Result.map(evaluate(asNumber(property), bits, seconds), (value) => (Number(value) >> index) & 1)
    }
    const identity = Bus.identity(this.id, name)
    if (identity !== undefined) return Result.succeed(encodeText(identity))
    // A thermometer with a described temperature shows it in each property that reads it.
    if ((name in resolutions || name === latest) && this.sources.has("temperature")) {
      return this.temperature(seconds)
    }
    if (name === "udate" && this.sources.has("date")) {
      const date = this.chip.properties.get("date")
      if (date !== undefined) return this.value(date, 0, seconds)
    }
    return defaults.value(this.id, property, index)
  }

  /** Whether single elements have been described. */
  private hasElements(property: Property): boolean {
    for (let i = 0; i < property.elements; i++) if (this.sources.has(key(property, i))) return true
    return false
  }

  /** The temperature at the device. */
  temperature(seconds: number): Answer<Bus.Value> {
    const property = this.chip.properties.get("temperature")
    return property === undefined ? Result.fail(noConversion) : this.value(property, 0, seconds)
  }

  private flag(name: string): boolean | undefined {
    const property = this.chip.properties.get(name)
    const source = this.sources.get(name)
    return property === undefined || source === undefined
      ? undefined
      : Result.getOrElse(this.value(property, 0, 0), () => 1) !== 0
  }

  /** Whether it has no supply and takes parasite power from the bus. */
  get isParasitic(): boolean {
    return this.flag("power") === false
  }

  /** Duration of the measurement for a property, in milliseconds. 0 if the property needs no measurement. */
  conversionTime(name: string): number {
    return name === "temperature" || name in resolutions ? this.timeAt(resolutionOf(name)) : 0
  }

  /** Duration of a simultaneous conversion. */
  get simultaneousTime(): number {
    return this.timeAt(this.resolution)
  }

  private timeAt(resolution: number): number {
    if (!this.chip.properties.has(latest)) return 0
    return quick.has(FamilyCode.driver(this.code)) ? 10 : conversionTimes[resolution] ?? 750
  }

  /** Whether it already measures with the resolution of a property. Otherwise a server sets that first. */
  isSetFor(name: string): boolean {
    return !this.chip.properties.has("tempres") || this.resolution === resolutionOf(name)
  }

  private get resolution(): number {
    if (this.bits !== undefined) return this.bits
    const property = this.chip.properties.get("tempres")
    const source = this.sources.get("tempres")
    return property === undefined || source === undefined
      ? 12
      : Number(Result.getOrElse(this.value(property, 0, 0), () => 12))
  }

  /** Whether a property has a described value. */
  has(name: string): boolean {
    return this.sources.has(name)
  }

  /** Stores the current measurement, as the chip does at the end of a conversion. */
  convert(name: string, seconds: number): void {
    const value = this.temperature(seconds)
    this.measured = Result.isSuccess(value) ? Number(value.success) : this.measured
    this.measuring = undefined
    this.bits = resolutionOf(name)
  }

  /** Measures until a given second, and leaves the bus to others meanwhile. */
  beginConversion(seconds: number, until: number): void {
    const value = this.temperature(seconds)
    if (Result.isSuccess(value)) this.measuring = { value: Number(value.success), until }
  }

  /** The value in the chip's memory: 85 °C if it has not measured yet. */
  lastMeasured(seconds: number): number {
    return this.measuredBy(seconds) ?? powerOn
  }

  private measuredBy(seconds: number): number | undefined {
    if (this.measuring !== undefined && seconds >= this.measuring.until) {
      this.measured = this.measuring.value
      this.measuring = undefined
    }
    return this.measured
  }

  /**
   * Whether the device answers an alarm search. A thermometer does if its temperature has reached one of its limits. If
   * measurements take time, the last measurement decides.
   */
  isInAlarm(seconds: number, isReal: boolean): boolean {
    if (this.alarm !== undefined) return this.alarm
    if (!this.sources.has("temperature")) return false
    const limit = (name: string): number | undefined => {
      const property = this.chip.properties.get(name)
      if (property === undefined || !this.sources.has(name)) return undefined
      return Number(Result.getOrElse(this.value(property, 0, seconds), () => Number.NaN))
    }
    const low = limit("templow")
    const high = limit("temphigh")
    if (low === undefined && high === undefined) return false
    const value = isReal
      ? this.measuredBy(seconds) ?? Number.NaN
      : Number(Result.getOrElse(this.temperature(seconds), () => Number.NaN))
    return value >= (high ?? Infinity) || value <= (low ?? -Infinity)
  }
}

/** The resolution with which a server measures for a property, regardless of the chip's setting. */
const resolutionOf = (name: string): number => resolutions[name] ?? 12

const key = ({ isArray, name }: Property, index: number): string => isArray ? `${name}.${index}` : name

const asNumber = (property: Property): Property => ({ ...property, kind: "u" })

const overlaid = (bytes: Uint8Array, over: Uint8Array, offset: number): Uint8Array => {
  // A write that changes nothing, however far past the end it starts.
  if (over.length === 0) return bytes
  const result = new Uint8Array(Math.max(bytes.length, offset + over.length))
  result.set(bytes)
  result.set(over, offset)
  return result
}

const isRefusal = (source: unknown): source is { readonly _tag: "Refusal"; readonly code: number } =>
  typeof source === "object" && source !== null && "_tag" in source && source._tag === "Refusal"

const elementsOf = (
  { index, property }: Bus.Element,
  source: Described | ReadonlyArray<Described>
): ReadonlyArray<readonly [index: number, value: Described]> | undefined => {
  if (index === byte) {
    if (typeof source !== "number" || !Number.isInteger(source) || source < 0 || source >= 2 ** property.elements) {
      return undefined
    }
    return Array.from({ length: property.elements }, (_, i) => [i, Math.floor(source / 2 ** i) % 2])
  }
  if (index !== all) return isList(source) ? undefined : [[index, source]]
  const values = isList(source) ? source : typeof source === "string" ? source.split(",") : [source]
  return values.length === property.elements ? values.map((value, i) => [i, value]) : undefined
}

const isList = (source: Described | ReadonlyArray<Described>): source is ReadonlyArray<Described> =>
  Array.isArray(source)

const describeSource = (source: Described | ReadonlyArray<Described>): string =>
  isUint8Array(source) ? `${source.length} bytes` : JSON.stringify(source)

const evaluate = (property: Property, source: Source, seconds: number, at?: number): Answer<Bus.Value> => {
  const given = typeof source === "function" ? source(seconds) : source
  if (isRefusal(given)) return Result.fail(given.code)
  const whole = at === undefined ? undefined : elementsOf({ property, index: all }, given)
  const one = at === undefined ? (isList(given) ? undefined : given) : whole?.[at]?.[1]
  const value = one === undefined ? undefined : coerce(property, one)
  return value === undefined ? Result.fail(noConversion) : Result.succeed(value)
}

/** The problem with a description of a property, if it has one. */
export const problemOf = (element: Bus.Element, source: Source): string | undefined => {
  if (typeof source === "function" || isRefusal(source)) return undefined
  const { property } = element
  const values = elementsOf(element, source)
  if (values === undefined) return `holds ${property.elements} values, not ${describeSource(source)}`
  const wrong = values.find(([, value]) => coerce(property, value) === undefined)
  return wrong === undefined ? undefined : `cannot be ${describeSource(wrong[1])}`
}

/** Converts a described value to the type of a property. */
const coerce = ({ kind, length }: Property, value: Described): Bus.Value | undefined => {
  if (isBytes(kind)) {
    if (isDate(value)) return undefined
    const bytes = isUint8Array(value) ? value : encodeText(String(value))
    if (bytes.length > length) return undefined
    return kind === "b" ? overlaid(new Uint8Array(length), bytes, 0) : bytes
  }
  const number = typeof value === "boolean"
    ? Number(value)
    : isDate(value)
    ? Math.floor(value.getTime() / 1000)
    : typeof value === "string"
    ? Result.getOrUndefined(parseText(kind, value))
    : value
  return typeof number === "number" && isValue(kind, number) ? number : undefined
}

/** The last second that a `Date` can represent. */
const lastSecond = 8.64e12

const isValue = (kind: string, value: number): boolean => {
  switch (kind) {
    case "y":
      return value === 0 || value === 1
    case "u":
      return Number.isInteger(value) && value >= 0 && value < 2 ** 32
    case "i":
      return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31
    case "d":
      return Math.abs(value) <= lastSecond
    default:
      return true
  }
}
