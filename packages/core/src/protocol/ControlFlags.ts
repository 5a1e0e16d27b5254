/**
 * The control-flag word of each request: units of the answer, the format of device names, and what to bypass.
 *
 * A server echoes the word in its reply, and may clear `persistence` there; no other bit changes. The word completely overrides
 * the server's own defaults: a client that sends no scale gets Celsius, even if the server was started with another scale.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

/**
 * Schema of the temperature scales: Celsius, Fahrenheit, Kelvin, Rankine.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TemperatureScale = Schema.Literals(["C", "F", "K", "R"])

/**
 * The scale in which a server reads and writes temperatures: Celsius, Fahrenheit, Kelvin or Rankine.
 *
 * @category models
 * @since 0.1.0
 */
export type TemperatureScale = typeof TemperatureScale.Type

/**
 * Schema of the pressure scales.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PressureScale = Schema.Literals(["mbar", "atm", "mmHg", "inHg", "psi", "Pa"])

/**
 * The scale in which a server reads and writes pressures.
 *
 * @category models
 * @since 0.1.0
 */
export type PressureScale = typeof PressureScale.Type

/**
 * Schema of the device name formats.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DeviceFormat = Schema.Literals(["f.i", "fi", "f.i.c", "f.ic", "fi.c", "fic"])

/**
 * The format of ROM ids in listings: family code, serial number and CRC, with or without dots. `f.i` is `10.67C6697351FF`, `fic`
 * is `1067C6697351FF8D`.
 *
 * @category models
 * @since 0.1.0
 */
export type DeviceFormat = typeof DeviceFormat.Type

const temperatureScales = TemperatureScale.literals
const pressureScales = PressureScale.literals
const deviceFormats = DeviceFormat.literals

const temperatureMask = 0x00030000
const temperatureShift = 16
const pressureMask = 0x001c0000
const pressureShift = 18
const formatMask = 0xff000000 | 0
const formatShift = 24

const bits = {
  busReturn: 0x00000002,
  persistence: 0x00000004,
  alias: 0x00000008,
  safemode: 0x00000010,
  uncached: 0x00000020,
  trim: 0x00000040,
  ownet: 0x00000100
} as const

const bitNames = Object.keys(bits) as ReadonlyArray<keyof typeof bits>

const namedMask = bitNames.reduce((mask, name) => mask | bits[name], temperatureMask)

/**
 * Schema of a decoded control-flag word.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ControlFlags = Schema.Struct({
  /** Scale of temperatures, in replies and in written values. */
  temperatureScale: TemperatureScale,
  /** Scale of pressures, in replies and in written values. */
  pressureScale: PressureScale,
  /** Format of ROM ids in listings. */
  deviceFormat: DeviceFormat,
  /** Whether to list `bus.N`, `uncached`, `settings`, `system`, `statistics`, `structure`, `simultaneous` and `alarm` too. */
  busReturn: Schema.Boolean,
  /** Requests that the server keeps the connection. Cleared in the reply if it does not. */
  persistence: Schema.Boolean,
  /** Meant to show aliases. Servers show them in any case: to see ROM ids, use the path prefix `/unaliased`. */
  alias: Schema.Boolean,
  /** Meant to refuse writes. Servers ignore it. */
  safemode: Schema.Boolean,
  /** Whether to bypass the server's cache, as the path prefix `/uncached` does. */
  uncached: Schema.Boolean,
  /** Whether numbers come without padding: `1.6` instead of `         1.6`. */
  trim: Schema.Boolean,
  /** Indicates that the client speaks the owserver protocol. Informational. */
  ownet: Schema.Boolean,
  /** All bits without a name above, unchanged, so that decoding loses nothing of a word. */
  other: Schema.Finite.check(Schema.isInt32())
}).check(Schema.makeFilter((flags) => {
  const { other } = flags
  const pressure = (other & pressureMask) >> pressureShift
  const format = other >>> formatShift
  if ((other & namedMask) !== 0) return "`other` must not set bits that have a name"
  if (pressure !== 0 && (flags.pressureScale !== "mbar" || pressure < pressureScales.length)) {
    return "`other` may hold a pressure scale only if it has no name"
  }
  if (format !== 0 && (flags.deviceFormat !== "f.i" || format < deviceFormats.length)) {
    return "`other` may hold a device format only if it has no name"
  }
  return true
}))

/**
 * A decoded control-flag word.
 *
 * @category models
 * @since 0.1.0
 */
export interface ControlFlags extends Schema.Schema.Type<typeof ControlFlags> {}

/**
 * Changes of a control-flag word. A field sets or clears its flag; an omitted field changes nothing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Overrides {
  /** Scale of temperatures. A client's default is `C`. */
  readonly temperatureScale?: TemperatureScale | undefined
  /** Scale of pressures. A client's default is `mbar`. */
  readonly pressureScale?: PressureScale | undefined
  /** Format of ROM ids in listings. A client's default is `f.i`. */
  readonly deviceFormat?: DeviceFormat | undefined
  /** Whether to keep the connection for further calls. A client's default is `true`. */
  readonly persistence?: boolean | undefined
  /** Whether to bypass the server's cache. A client's default is `false`. */
  readonly uncached?: boolean | undefined
  /** Whether numbers come without padding. A client's default is `true` for `readText`, and `false` for bytes. */
  readonly trim?: boolean | undefined
  /** The alias bit, which has no effect on current servers. A client's default is `false`. */
  readonly alias?: boolean | undefined
  /** The safemode bit, which has no effect on current servers. A client's default is `false`. */
  readonly safemode?: boolean | undefined
  /** The ownet bit, informational. A client's default is `true`. */
  readonly ownet?: boolean | undefined
  /** Whether `/` also lists the server's own directories. A client's default is `false`. */
  readonly busReturn?: boolean | undefined
  /** The bits without a name, as one number. A client's default is 0. */
  readonly other?: number | undefined
}

/**
 * Changes of a control-flag word: flags by name, or a word whose set bits are all turned on, as with `fromWord`.
 *
 * @category models
 * @since 0.1.0
 */
export type Input = Overrides | number

/**
 * Decodes a control-flag word. Scales and formats without a name mean what servers take them for (millibar, `f.i`), and keep
 * their bits in `other`.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (word: number): ControlFlags => {
  const pressure = (word & pressureMask) >> pressureShift
  const format = word >>> formatShift
  const pressureScale = pressureScales[pressure]
  const deviceFormat = deviceFormats[format]
  return {
    temperatureScale: temperatureScales[(word & temperatureMask) >> temperatureShift],
    pressureScale: pressureScale ?? "mbar",
    deviceFormat: deviceFormat ?? "f.i",
    busReturn: (word & bits.busReturn) !== 0,
    persistence: (word & bits.persistence) !== 0,
    alias: (word & bits.alias) !== 0,
    safemode: (word & bits.safemode) !== 0,
    uncached: (word & bits.uncached) !== 0,
    trim: (word & bits.trim) !== 0,
    ownet: (word & bits.ownet) !== 0,
    other: word & ~namedMask &
      ~(pressureScale === undefined ? 0 : pressureMask) &
      ~(deviceFormat === undefined ? 0 : formatMask)
  }
}

/**
 * Encodes a control-flag word.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (flags: ControlFlags): number => override(0, flags)

/**
 * Sets and clears the flags in `changes`, and leaves every other bit of the word unchanged.
 *
 * **Example** (Fahrenheit, bypassing the cache)
 *
 * ```ts
 * import { ControlFlags } from "@effect-ownet/core"
 *
 * ControlFlags.override(0x104, { temperatureScale: "F", uncached: true }) // => 0x10124
 * ControlFlags.override(0x10124, { uncached: false }) // => 0x10104
 * ControlFlags.override(0x104, 0x2) // => 0x106
 * ```
 *
 * @category encoding
 * @since 0.1.0
 */
export const override = (word: number, changes: Input): number => {
  const overrides = typeof changes === "number" ? fromWord(changes) : changes
  for (const name of bitNames) {
    const value = overrides[name]
    if (value !== undefined) word = value ? word | bits[name] : word & ~bits[name]
  }
  const { deviceFormat, other, pressureScale, temperatureScale } = overrides
  if (other !== undefined) word = withOther(word, other)
  if (temperatureScale !== undefined) {
    word = (word & ~temperatureMask) | (temperatureScales.indexOf(temperatureScale) << temperatureShift)
  }
  // The first scale and the first format share their value with bits that have no name. Those bits then belong to `other`.
  if (pressureScale !== undefined && !(pressureScale === "mbar" && isUnnamedPressure(word))) {
    word = (word & ~pressureMask) | (pressureScales.indexOf(pressureScale) << pressureShift)
  }
  if (deviceFormat !== undefined && !(deviceFormat === "f.i" && isUnnamedFormat(word))) {
    word = (word & ~formatMask) | (deviceFormats.indexOf(deviceFormat) << formatShift)
  }
  return word
}

/**
 * Merges the changes of `first` and `second`, by name. A field of `second` replaces that of `first`.
 *
 * **Example** (Bypassing the cache, with the flags of a caller)
 *
 * ```ts
 * import { ControlFlags } from "@effect-ownet/core"
 *
 * ControlFlags.merge({ temperatureScale: "F", uncached: false }, { uncached: true }) // => { temperatureScale: "F", uncached: true }
 * ControlFlags.merge(0x2, { uncached: true }) // => { busReturn: true, uncached: true }
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const merge = (first: Input | undefined, second: Input | undefined): Overrides => ({
  ...givenOf(first),
  ...givenOf(second)
})

/** The flags that have a value. An undefined flag changes nothing. */
const givenOf = (changes: Input = {}): Overrides =>
  typeof changes === "number"
    ? fromWord(changes)
    : Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))

/**
 * Gives the overrides that set all bits of a word, and change no others: for a program that has the word as a number. A number
 * that is not a 32-bit word is kept as `other`, and a client refuses it there.
 *
 * **Example** (Listing the server's own directories, as other clients do)
 *
 * ```ts
 * import { ControlFlags } from "@effect-ownet/core"
 *
 * ControlFlags.fromWord(0x2) // => { busReturn: true }
 * ControlFlags.fromWord(0x10020) // => { uncached: true, temperatureScale: "F" }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromWord = (word: number): Overrides => {
  if (!isWord(word)) return { other: word }
  const { deviceFormat, other, pressureScale, temperatureScale } = decode(word)
  return {
    ...Object.fromEntries(bitNames.filter((name) => (word & bits[name]) !== 0).map((name) => [name, true])),
    ...((word & temperatureMask) === 0 ? undefined : { temperatureScale }),
    // Bits without a name belong to `other`, and count as the first name.
    ...((word & pressureMask) === 0 ? undefined : { pressureScale }),
    ...((word & formatMask) === 0 ? undefined : { deviceFormat }),
    ...(other === 0 ? undefined : { other })
  }
}

/**
 * Whether a number is a control-flag word: 32 bits, signed or unsigned.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isWord = (value: number): boolean =>
  Number.isInteger(value) && (value === (value | 0) || value === value >>> 0)

const withOther = (word: number, other: number): number => {
  const pressure = isUnnamedPressure(other) ? pressureMask : 0
  const format = isUnnamedFormat(other) ? formatMask : 0
  const unnamed = ~(namedMask | pressureMask | formatMask) | pressure | format
  return (word & ~decode(word).other & ~pressure & ~format) | (other & unnamed)
}

const isUnnamedPressure = (word: number): boolean => (word & pressureMask) >> pressureShift >= pressureScales.length

const isUnnamedFormat = (word: number): boolean => word >>> formatShift >= deviceFormats.length

/**
 * Whether a word requests persistence, or grants it in a reply.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isPersistent = (word: number): boolean => (word & bits.persistence) !== 0

/**
 * Schema that decodes a control-flag word, and encodes its parts.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ControlFlagsFromNumber = Schema.Finite.check(Schema.isInt32()).pipe(
  Schema.decodeTo(ControlFlags, SchemaTransformation.transform({ decode, encode }))
)
