/**
 * Paths on a server, and their parts.
 *
 * | part | written | meaning |
 * |---|---|---|
 * | `bus` | `/bus.1`, `/bus.1/bus.0` | one bus, or a bus of the server behind that bus |
 * | `uncached` | `/uncached` | past the server's cache |
 * | `unaliased` | `/unaliased` | listings show ROM ids where they would show aliases |
 * | `branches` | `/1F.37B104000000/main` | behind a coupler, and a coupler behind that |
 * | `alarm` | `/alarm` | what answers the alarm search; in front of a device it changes nothing |
 * | `device` | `/28.000028D70100`, `/boiler` | a device by its ROM id or alias |
 * | `own` | `/settings`, `/simultaneous` | a directory of the server itself, instead of a device |
 * | `property` | `/temperature`, `/errata/trim` | what is read and written, or a directory of such |
 *
 * The parts of a path come in this order. A server accepts `/uncached` and `/bus.1` in any order, but the rest of the path
 * reaches the right bus of another server only if the bus comes first.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import { quoted } from "../internal/printable.ts"
import { hasHalfCharacter } from "../internal/surrogates.ts"
import * as FamilyCode from "./FamilyCode.ts"
import * as reversed from "./internal/reversed.ts"
import * as RomId from "./RomId.ts"

/**
 * Schema of the names of a coupler's branches.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BranchName = Schema.Literals(["main", "aux"])

/**
 * The name of a coupler's branch.
 *
 * @category models
 * @since 0.1.0
 */
export type BranchName = typeof BranchName.Type

/**
 * Schema of the names of a server's own directories.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Own = Schema.Literals([
  "settings",
  "statistics",
  "structure",
  "system",
  "interface",
  "simultaneous",
  "thermostat"
])

/**
 * The name of a server's own directory. `interface` belongs to a bus, `simultaneous` and `thermostat` address all devices of a
 * bus or a branch at once, and the others belong to the whole server.
 *
 * @category models
 * @since 0.1.0
 */
export type Own = typeof Own.Type

/**
 * Schema of the reasons of a `PathError`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PathReason = Schema.Union([
  Schema.TaggedStruct("Empty", {}),
  Schema.TaggedStruct("Nul", {}),
  Schema.TaggedStruct("HalfCharacter", {}),
  Schema.TaggedStruct("EmptySegment", {}),
  Schema.TaggedStruct("DotSegment", {}),
  Schema.TaggedStruct("WrongCrc", { name: Schema.String, expected: RomId.RomId }),
  Schema.TaggedStruct("InvalidName", { name: Schema.String }),
  Schema.TaggedStruct("ReservedName", { name: Schema.String, word: Schema.String }),
  Schema.TaggedStruct("InvalidBus", { name: Schema.String }),
  Schema.TaggedStruct("NoBranch", { coupler: RomId.RomId, branch: BranchName }),
  Schema.TaggedStruct("NoDevice", {}),
  Schema.TaggedStruct("Misplaced", { word: Schema.String })
])

/**
 * What is wrong with a path.
 *
 * @category models
 * @since 0.1.0
 */
export type PathReason = typeof PathReason.Type

const describe = (reason: PathReason): string => {
  switch (reason._tag) {
    case "Empty":
      return "is empty; the root is written /"
    case "Nul":
      return "contains NUL"
    case "HalfCharacter":
      return "contains half a character"
    case "EmptySegment":
      return "has nothing between two slashes"
    case "DotSegment":
      return "contains . or .., which lead nowhere on a server"
    case "WrongCrc":
      return `has a wrong CRC in ${reason.name}${
        reversed.hint(
          RomId.fromReversed(reason.name),
          `; with the right one it is ${RomId.format(reason.expected, "f.i.c")}`
        )
      }`
    case "InvalidName":
      return `has ${quoted(reason.name)} as a device; a name contains no slash and has no space at its ends`
    case "ReservedName":
      return `has ${quoted(reason.name)}, which a server takes for its own ${reason.word}; ` +
        "a device with that alias is reached only by its ROM id"
    case "InvalidBus":
      return `has ${quoted(reason.name)} as a bus; a bus is written bus.0, bus.1 and so on`
    case "NoBranch":
      return `has ${reason.branch} after ${RomId.format(reason.coupler)}; ` +
        "only couplers have branches: family 1F main and aux, family 12 aux"
    case "NoDevice":
      return "is a property without a device"
    case "Misplaced":
      return `has ${reason.word} in the wrong position: ${standingOf(reason.word)}`
  }
}

const standingOf = (word: string): string => {
  switch (word) {
    case "bus":
      return "a bus comes before alarm and branches"
    case "alarm":
      return "the path has alarm already"
    case "main":
    case "aux":
      return "a branch follows its coupler, and is not a property"
    case "interface":
      return "it comes right after a bus, in place of a device"
    case "simultaneous":
    case "thermostat":
      return "it comes in place of a device"
    default:
      return "it comes in the root, or right after a bus that is a server, in place of a device"
  }
}

/** Whether a directory addresses the devices of a bus or a branch. The others do not concern devices. */
const isForDevices = (own: Own): boolean => own === "simultaneous" || own === "thermostat"

/**
 * A text is not a path, or not a valid part of one.
 *
 * **Details**
 *
 * - `Empty`: the text is empty.
 * - `Nul`, `HalfCharacter`: the text contains a character that cannot be sent: a NUL, or a lone surrogate that has no bytes.
 * - `EmptySegment`: a slash follows a slash.
 * - `DotSegment`: a segment is `.` or `..`.
 * - `WrongCrc`: a ROM id has the wrong CRC; `expected` is the id with the right one.
 * - `InvalidName`: no alias can have this name.
 * - `ReservedName`: the name begins with one of the server's own words, in any case. Servers compare only that beginning, and take the
 *   path of an alias `Alarmanlage` for `/alarm`. Behind a branch, servers would find some of these aliases; they are refused
 *   there too.
 * - `InvalidBus`: the number of a bus is invalid.
 * - `NoBranch`: a branch of a device that has no branches.
 * - `NoDevice`: a property without a device.
 * - `Misplaced`: one of the server's own words at a place where it is not allowed.
 *
 * @category errors
 * @since 0.1.0
 */
export class PathError extends Schema.TaggedError<PathError>()(
  "PathError",
  {
    reason: PathReason,
    /** The refused text: the whole path, or one part. */
    text: Schema.String
  }
) {
  /** One line that names the refused text and the reason. */
  override get message(): string {
    return `${quoted(this.text)} ${describe(this.reason)}`
  }
}

const fail = (text: string, reason: PathReason): Result.Result<never, PathError> =>
  Result.fail(new PathError({ reason, text }))

/** The problem with a text that no part of a path may have. */
const problemOf = (text: string): PathReason | undefined => {
  if (text.includes("\0")) return { _tag: "Nul" }
  if (hasHalfCharacter(text)) return { _tag: "HalfCharacter" }
  const segments = text.split("/")
  if (segments.includes("")) return { _tag: "EmptySegment" }
  return segments.includes(".") || segments.includes("..") ? { _tag: "DotSegment" } : undefined
}

/** Servers compare only this much. That they look for `alar` is a mistake of theirs. */
const words =
  /^(?:uncached|unaliased|text|json|bus\.|alarm?|settings|statistics|structure|system|interface|simultaneous|thermostat)/i

/** Words that change how the rest is shown, but not what it is. `text` and `json` matter only to OWFS's web server. */
const modeWords: ReadonlySet<string> = new Set(["uncached", "unaliased", "text", "json"])

const beginsWithMode = /^(uncached|unaliased|text|json)[^/]*/i

const nameProblem = (name: string): PathReason | undefined => {
  const problem = problemOf(name)
  if (problem !== undefined) return problem
  const inspection = RomId.inspect(name)
  if (inspection._tag === "WrongCrc") return { _tag: "WrongCrc", name, expected: inspection.expected }
  if (name.includes("/") || name.startsWith(" ") || name.endsWith(" ")) return { _tag: "InvalidName", name }
  const word = words.exec(name)?.[0].toLowerCase()
  if (word === undefined) return undefined
  if (word === "bus.") return { _tag: "InvalidBus", name }
  return { _tag: "ReservedName", name, word: word === "alar" ? "alarm" : word }
}

/**
 * Schema of an alias that a server can find again. It may contain any character except slash and NUL, has no space at either end,
 * is not a ROM id, and does not begin with one of the server's own words.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Alias = Schema.String.check(
  Schema.makeFilter((name) => aliasProblem(name) ?? true)
).pipe(Schema.brand("@effect-ownet/core/OwPath/Alias"))

const aliasProblem = (name: string): string | undefined => {
  const problem = nameProblem(name)
  if (problem !== undefined) return describe(problem)
  return RomId.inspect(name)._tag === "NoRomId" ? undefined : "is a ROM id"
}

/**
 * An alias: the name of a device on a server.
 *
 * @category models
 * @since 0.1.0
 */
export type Alias = typeof Alias.Type

/**
 * Whether a server can find a device by this name.
 *
 * **Example** (Refusing the name of a directory)
 *
 * ```ts
 * import { OwPath } from "@effect-ownet/core"
 *
 * OwPath.isAlias("cellar") // => true
 * OwPath.isAlias("settings") // => false
 * ```
 *
 * @category predicates
 * @since 0.1.0
 */
export const isAlias = (name: string): name is Alias => aliasProblem(name) === undefined

/**
 * Schema of the name of a device in a path.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DeviceName = Schema.Union([RomId.RomId, Alias])

/**
 * The name of a device in a path: its ROM id or an alias. No text is both.
 *
 * @category models
 * @since 0.1.0
 */
export type DeviceName = typeof DeviceName.Type

/** No alias looks like this. */
const isRomId = (name: DeviceName): name is RomId.RomId => /^[0-9A-F]{16}$/.test(name)

const deviceName = (name: string): Result.Result<DeviceName, PathError> => {
  const problem = nameProblem(name)
  if (problem !== undefined) return fail(name, problem)
  // The cast adds the brand, which this check has earned.
  return Result.succeed(Option.getOrElse(RomId.fromString(name), () => name as Alias))
}

const hasBranch = (coupler: DeviceName, branch: BranchName): boolean => {
  const family = isRomId(coupler) ? FamilyCode.driver(RomId.familyCode(coupler)) : undefined
  return family === undefined || family === "1F" || (family === "12" && branch === "aux")
}

/**
 * Schema of a branch of a coupler.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Branch = Schema.Struct({ coupler: DeviceName, branch: BranchName }).check(
  Schema.makeFilter(({ branch, coupler }) => hasBranch(coupler, branch) || "a branch that its coupler has")
)

/**
 * A branch of a coupler: one of the two of a DS2409, or `aux` of a DS2406.
 *
 * @category models
 * @since 0.1.0
 */
export interface Branch extends Schema.Schema.Type<typeof Branch> {}

/**
 * Schema of the path of a property, below a device or one of the server's own directories.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Property = Schema.String.check(
  Schema.makeFilter((property) => {
    const problem = problemOf(property)
    return problem === undefined || describe(problem)
  })
).pipe(Schema.brand("@effect-ownet/core/OwPath/Property"))

/**
 * The path of a property below a device, such as `temperature`, `errata/trim` or `PIO.ALL`, or of an entry in one of the server's
 * own directories, such as `units/temperature_scale`. Case and spaces matter, even at its ends.
 *
 * @category models
 * @since 0.1.0
 */
export type Property = typeof Property.Type

const maximumBus = 0x7fff_ffff

const BusNumber = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: maximumBus }))

const isBusNumber = (number: number): boolean => Number.isInteger(number) && number >= 0 && number <= maximumBus

const Parts = Schema.Struct({
  /** The number of the bus. If that bus is another server, the bus number on that server follows. Empty for all buses. */
  bus: Schema.Array(BusNumber),
  /** Whether to bypass the server's cache. */
  uncached: Schema.Boolean,
  /** Whether listings show ROM ids instead of aliases. */
  unaliased: Schema.Boolean,
  /** The branches on the way to the device, starting at the bus master. */
  branches: Schema.Array(Branch),
  /** Whether listings show the devices that answer the alarm search. */
  alarm: Schema.Boolean,
  /** The device, or `undefined` for a directory of devices or one of the server's own directories. */
  device: Schema.UndefinedOr(DeviceName),
  /** The server's own directory. */
  own: Schema.UndefinedOr(Own),
  /** The property, or `undefined` for the directory itself. */
  property: Schema.UndefinedOr(Property)
})

/** Parts that do not go together: the part at fault and the reason. */
const conflict = (path: typeof Parts.Type): readonly [part: string, PathReason] | undefined => {
  const { alarm, branches, bus, device, own, property } = path
  if (own === undefined) {
    if (property === undefined) return undefined
    if (device === undefined) return [property, { _tag: "NoDevice" }]
    const branch = /^(?:main|aux)(?=\/|$)/.exec(property)
    return branch === null ? undefined : [property, { _tag: "Misplaced", word: branch[0] }]
  }
  if (device !== undefined) return [own, { _tag: "Misplaced", word: own }]
  if (isForDevices(own)) return undefined
  if (alarm || branches.length > 0 || (own === "interface" && bus.length === 0)) {
    return [own, { _tag: "Misplaced", word: own }]
  }
  const mode = property === undefined ? null : beginsWithMode.exec(property)
  return mode === null || property === undefined
    ? undefined
    : [property, { _tag: "ReservedName", name: mode[0], word: mode[1].toLowerCase() }]
}

/**
 * Schema of a parsed path.
 *
 * @category schemas
 * @since 0.1.0
 */
export const OwPath = Parts.check(
  Schema.makeFilter((path) => {
    const problem = conflict(path)
    return problem === undefined || describe(problem[1])
  })
)

/**
 * A parsed path. Each path has every part, so two paths that mean the same to a server are equal part by part.
 *
 * @category models
 * @since 0.1.0
 */
export interface OwPath extends Schema.Schema.Type<typeof OwPath> {}

/**
 * The parts of a path, all optional. Any `OwPath` is valid here: spread it to change one part.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The number of the bus. If that bus is another server, the bus number on that server follows. All buses by default. */
  readonly bus?: number | ReadonlyArray<number> | undefined
  /** Whether to bypass the server's cache. Default `false`. */
  readonly uncached?: boolean | undefined
  /** Whether listings show ROM ids instead of aliases. Default `false`. */
  readonly unaliased?: boolean | undefined
  /** The branches on the way to the device, starting at the bus master. None by default. */
  readonly branches?: ReadonlyArray<{ readonly coupler: string; readonly branch: BranchName }> | undefined
  /** Whether listings show the devices that answer the alarm search. Default `false`. */
  readonly alarm?: boolean | undefined
  /** A ROM id in any format, or an alias. None by default. */
  readonly device?: string | undefined
  /** The server's own directory, instead of a device. None by default. */
  readonly own?: Own | undefined
  /** The property. By default, the path is that of the directory itself. */
  readonly property?: string | undefined
}

/**
 * Builds a path from its parts. No part can reach beyond its place: a name that contains a slash is refused. For constants, use
 * `makeUnsafe`.
 *
 * **Example** (A sensor behind a coupler)
 *
 * ```ts
 * import { OwPath } from "@effect-ownet/core"
 * import { Result } from "effect"
 *
 * const path = OwPath.make({
 *   bus: 0,
 *   uncached: true,
 *   branches: [{ coupler: "1F.01001FE00100", branch: "main" }],
 *   device: "28.010028D70000",
 *   property: "temperature"
 * })
 * Result.map(path, OwPath.format)
 * // => Result.succeed("/bus.0/uncached/1F.01001FE00100/main/28.010028D70000/temperature")
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: Options): Result.Result<OwPath, PathError> => {
  const { alarm = false, own, property, unaliased = false, uncached = false } = options
  const bus = typeof options.bus === "number" ? [options.bus] : [...options.bus ?? []]
  for (const number of bus) {
    if (!isBusNumber(number)) return fail(String(number), { _tag: "InvalidBus", name: String(number) })
  }
  const branches: Array<Branch> = []
  for (const { branch, coupler } of options.branches ?? []) {
    const name = deviceName(coupler)
    if (Result.isFailure(name)) return Result.fail(name.failure)
    if (isRomId(name.success) && !hasBranch(name.success, branch)) {
      return fail(coupler, { _tag: "NoBranch", coupler: name.success, branch })
    }
    branches.push({ coupler: name.success, branch })
  }
  const device = options.device === undefined ? Result.succeed(undefined) : deviceName(options.device)
  if (Result.isFailure(device)) return Result.fail(device.failure)
  const problem = property === undefined ? undefined : problemOf(property)
  if (property !== undefined && problem !== undefined) return fail(property, problem)
  const path: OwPath = {
    bus,
    uncached,
    unaliased,
    branches,
    alarm,
    device: device.success,
    own,
    // The cast adds the brand, which means that no problem was found.
    property: property as Property | undefined
  }
  const refused = conflict(path)
  return refused === undefined ? Result.succeed(path) : fail(...refused)
}

/**
 * Builds a path from parts that are constants in the program. It throws a `PathError` if `make` would refuse them. Use `make` if
 * any part comes from outside.
 *
 * **Example** (Writing a path without a result to handle)
 *
 * ```ts
 * import { OwPath } from "@effect-ownet/core"
 *
 * const path = OwPath.makeUnsafe({ bus: 0, device: "28.010028D70000", property: "temperature" })
 *
 * OwPath.format(path) // => "/bus.0/28.010028D70000/temperature"
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeUnsafe = (options: Options): OwPath => Result.getOrThrow(make(options))

/**
 * Parses a path. All spellings that mean the same to a server give the same value: its own words in any case, ROM ids in any
 * format, with or without the first slash and one at the end.
 *
 * **Details**
 *
 * The path is not looked up. Only a server knows whether device and property exist, and its only answer is -1. The result leaves
 * out `text` and `json`, which change nothing here, and repeated words. For constants, use `parseUnsafe`.
 *
 * **Example** (The parts of a path, and what is wrong with one)
 *
 * ```ts
 * import { OwPath } from "@effect-ownet/core"
 * import { Result } from "effect"
 *
 * const path = OwPath.parse("/bus.0/1F.01001FE00100/main/28.010028D70000/temperature")
 * Result.map(path, ({ bus, device }) => [bus, device]) // => Result.succeed([[0], "28010028D7000026"])
 *
 * const error = OwPath.parse("/28.010028D70000.27/temperature").pipe(Result.flip, Result.getOrThrow)
 * error.message
 * // => "/28.010028D70000.27/temperature" has a wrong CRC in 28.010028D70000.27; with the right one it is 28.010028D70000.26
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse = (text: string): Result.Result<OwPath, PathError> => {
  if (text === "") return fail(text, { _tag: "Empty" })
  const below = text.startsWith("/") ? text.slice(1) : text
  const inner = below.endsWith("/") ? below.slice(0, -1) : below
  const problem = below === "" ? undefined : problemOf(inner)
  if (problem !== undefined) return fail(text, problem)
  const parts = partsOf(below === "" ? [] : inner.split("/"))
  if (Result.isFailure(parts)) return fail(text, parts.failure)
  return Result.mapError(make(parts.success), ({ reason }) => new PathError({ reason, text }))
}

/**
 * Parses a path that is a constant in the program. It throws a `PathError` if `parse` would refuse it. Use `parse` for a path
 * from outside.
 *
 * **Example** (Parsing a constant)
 *
 * ```ts
 * import { OwPath } from "@effect-ownet/core"
 *
 * OwPath.parseUnsafe("/bus.1/bus.0/28.010028D70000").bus // => [1, 0]
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const parseUnsafe = (text: string): OwPath => Result.getOrThrow(parse(text))

/** Assigns the segments to parts. `make` checks each part. */
const partsOf = (segments: ReadonlyArray<string>): Result.Result<Options, PathReason> => {
  const bus: Array<number> = []
  const branches: Array<{ readonly coupler: string; readonly branch: BranchName }> = []
  const seen = new Set<string>()
  const parts = () => ({
    bus,
    uncached: seen.has("uncached"),
    unaliased: seen.has("unaliased"),
    branches,
    alarm: seen.has("alarm")
  })
  let position: "front" | "alarm" | "branch" = "front"
  let at = 0
  while (at < segments.length) {
    const segment = segments[at++]
    const word = segment.toLowerCase()
    const number = /^bus\.(\d+)$/.exec(word)?.[1]
    const own = Own.literals.find((own) => own === word)
    const next = segments[at]
    if (number !== undefined) {
      if (position !== "front") return Result.fail({ _tag: "Misplaced", word: "bus" })
      bus.push(Number(number))
    } else if (word === "alarm") {
      if (position === "alarm") return Result.fail({ _tag: "Misplaced", word })
      position = "alarm"
      seen.add(word)
    } else if (modeWords.has(word)) {
      seen.add(word)
    } else if (own !== undefined) {
      while (!isForDevices(own) && at < segments.length && modeWords.has(segments[at].toLowerCase())) {
        seen.add(segments[at++].toLowerCase())
      }
      return Result.succeed({ ...parts(), own, property: rest(segments, at) })
    } else if (next === "main" || next === "aux") {
      branches.push({ coupler: segment, branch: next })
      position = "branch"
      at++
    } else {
      return Result.succeed({ ...parts(), device: segment, property: rest(segments, at) })
    }
  }
  return Result.succeed(parts())
}

const rest = (segments: ReadonlyArray<string>, from: number): string | undefined =>
  from < segments.length ? segments.slice(from).join("/") : undefined

/**
 * Formats a path, with ROM ids in the format `f.i`. Every server understands it as its parts say.
 *
 * @category formatting
 * @since 0.1.0
 */
export const format = ({ alarm, branches, bus, device, own, property, unaliased, uncached }: OwPath): string => {
  let text = ""
  for (const number of bus) text += `/bus.${number}`
  if (uncached) text += "/uncached"
  if (unaliased) text += "/unaliased"
  for (const { branch, coupler } of branches) text += `/${formatName(coupler)}/${branch}`
  if (alarm) text += "/alarm"
  if (device !== undefined) text += `/${formatName(device)}`
  if (own !== undefined) text += `/${own}`
  if (property !== undefined) text += `/${property}`
  return text === "" ? "/" : text
}

/**
 * Formats the name of a device for a path: a ROM id in the format `f.i`, an alias unchanged.
 *
 * @category formatting
 * @since 0.1.0
 */
export const formatName = (name: DeviceName): string => isRomId(name) ? RomId.format(name) : name

/**
 * Gives the same path with the server's cache bypassed.
 *
 * @category combinators
 * @since 0.1.0
 */
export const uncached = (path: OwPath): OwPath => ({ ...path, uncached: true })

/**
 * Gives the path of another property of the same device, or of another entry in the same directory of the server.
 *
 * **Example** (Going from one property to its neighbour)
 *
 * ```ts
 * import { OwPath } from "@effect-ownet/core"
 * import { Result } from "effect"
 *
 * const path = OwPath.parseUnsafe("/bus.0/28.010028D70000/temperature")
 *
 * Result.map(OwPath.withProperty(path, "power"), OwPath.format) // => Result.succeed("/bus.0/28.010028D70000/power")
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withProperty = (path: OwPath, property: string): Result.Result<OwPath, PathError> =>
  make({ ...path, property })

/**
 * Gives the ROM id of the device. `None` if the path has an alias or no device.
 *
 * **Example** (The device of a property)
 *
 * ```ts
 * import { OwPath } from "@effect-ownet/core"
 *
 * OwPath.romId(OwPath.parseUnsafe("/28.010028D70000/temperature")) // => Option.some("28010028D7000026")
 * OwPath.romId(OwPath.parseUnsafe("/boiler/temperature")) // => Option.none()
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const romId = ({ device }: OwPath): Option.Option<RomId.RomId> =>
  device !== undefined && isRomId(device) ? Option.some(device) : Option.none()

/**
 * Gives the name of a path's bus, as devices and failures use it: `bus.0`, or `bus.1/bus.0` behind another server. `None` if the
 * path covers all buses.
 *
 * **Example** (The bus of a path)
 *
 * ```ts
 * import { OwPath } from "@effect-ownet/core"
 *
 * OwPath.busName(OwPath.parseUnsafe("/bus.1/bus.0/28.010028D70000")) // => Option.some("bus.1/bus.0")
 * OwPath.busName(OwPath.parseUnsafe("/28.010028D70000")) // => Option.none()
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const busName = ({ bus }: OwPath): Option.Option<string> =>
  bus.length === 0 ? Option.none() : Option.some(bus.map((number) => `bus.${number}`).join("/"))

/**
 * Schema that parses and formats a path.
 *
 * @category schemas
 * @since 0.1.0
 */
export const OwPathFromString = Schema.String.pipe(
  Schema.decodeTo(OwPath, {
    decode: SchemaGetter.transformEffect((text: string, options) =>
      Effect.mapError(
        Effect.fromResult(parse(text)),
        ({ message }) => new SchemaIssue.InvalidValue({ message }, text, options)
      )
    ),
    // The encoded side of a brand is plain text, but the value to encode is always a path.
    encode: SchemaGetter.transform((path) => format(path as OwPath))
  })
)
