/**
 * Finds out why nothing is found at a path. A server answers -1 to both a misspelt path and an absent device; a few more requests
 * tell which one it was.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import { quoted, shownName } from "../internal/printable.ts"
import * as FamilyCode from "../onewire/FamilyCode.ts"
import * as OwPath from "../onewire/OwPath.ts"
import * as RomId from "../onewire/RomId.ts"
import * as TypeRecord from "../protocol/TypeRecord.ts"
import { type Given, list, ownerOf } from "./internal/alias.ts"
import { closest, closestProperty, question, stemOf } from "./internal/closest.ts"

/** A finding, without its message. */
type Finding =
  | { readonly _tag: "Malformed"; readonly problem: OwPath.PathError }
  | { readonly _tag: "NoBus"; readonly bus: string }
  | { readonly _tag: "UnknownAlias"; readonly alias: string; readonly meant: string | undefined }
  | {
    readonly _tag: "Absent"
    readonly id: RomId.RomId
    readonly isElsewhere: boolean
    readonly namesake?: RomId.RomId | undefined
  }
  | { readonly _tag: "NoDriver"; readonly id: RomId.RomId }
  | { readonly _tag: "UnknownProperty"; readonly property: string; readonly meant: string | undefined }
  | { readonly _tag: "Lacking"; readonly id: RomId.RomId; readonly property: string }
  | { readonly _tag: "NoElement"; readonly property: string; readonly elements: ReadonlyArray<string> }
  | { readonly _tag: "NotReadable"; readonly property: string }
  | { readonly _tag: "NotWritable"; readonly property: string }
  | { readonly _tag: "Nothing" }

/**
 * The result of examining a path.
 *
 * **Details**
 *
 * - `Malformed`: no server can understand the path. `problem` says why, and nothing was sent.
 * - `NoBus`: the server has no such bus.
 * - `UnknownAlias`: no device has this alias. `meant` is a listed name that is almost the same.
 * - `Absent`: the device does not answer, or is somewhere else: then `isElsewhere` is set. It may be a coupler on the way. Its
 *   ROM id may be the alias of another device, the `namesake`; servers do not find that device by its alias.
 * - `NoDriver`: the server does not support the family of the device.
 * - `UnknownProperty`: there is no such property or directory. `meant` is one that exists and is almost the same.
 * - `Lacking`: other devices of the family have the property, but this one does not list it.
 * - `NoElement`: an array needs the name of an element, and this name is invalid. `elements` has all names.
 * - `NotReadable`, `NotWritable`: the property can only be written, or only be read.
 * - `Nothing`: nothing is wrong now.
 *
 * @category models
 * @since 0.1.0
 */
export type Diagnosis = Finding & {
  readonly path: string
  /** The problem and a possible remedy, in one line. */
  readonly message: string
}

/**
 * Options of `diagnose`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends OwClient.CallOptions {
  /** The operation that failed. The diagnosis itself writes nothing. Default `read`. */
  readonly operation?: "read" | "write" | undefined
}

/**
 * Finds out what is wrong with a path after a call failed with `NotFound`. It tries the read again, which may succeed now, and
 * then sends as few requests as possible, two or three in most cases. It fails only if an error prevents the diagnosis.
 *
 * **Example** (Explaining a -1)
 *
 * ```ts
 * import { Diagnosis, OwClient } from "@effect-ownet/core"
 * import { Effect } from "effect"
 *
 * const read = (path: string) =>
 *   OwClient.OwClient.use((ow) => ow.readText(path)).pipe(
 *     Effect.catchReason("OwnetError", "NotFound", () => Diagnosis.diagnose(path).pipe(Effect.map(({ message }) => message)))
 *   )
 *
 * // "/28.000028D70100 has no temprature; did you mean temperature?"
 * const reason = read("/28.000028D70100/temprature")
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const diagnose = Effect.fnUntraced(function*(
  path: string,
  options: Options = {}
): Effect.fn.Return<Diagnosis, OwError.OwError, OwClient.OwClient> {
  // Untyped callers may pass anything.
  const parsed = OwPath.parse(String(path))
  const found: Finding = Result.isFailure(parsed)
    ? { _tag: "Malformed", problem: parsed.failure }
    : yield* find((yield* OwClient.OwClient).with(options), path, parsed.success, options.operation ?? "read")
  return { ...found, path, message: describe(found, path) }
})

const nothing: Finding = { _tag: "Nothing" }

type Found<A> = Effect.fn.Return<A, OwError.OwError>

const find = (
  ow: OwClient.Client,
  text: string,
  at: OwPath.OwPath,
  operation: "read" | "write"
): Effect.Effect<Finding, OwError.OwError> => {
  const { device, property } = at
  if (property === undefined) {
    return device === undefined
      ? Effect.catchReason(
        Effect.as(ow.dir(text), nothing),
        "OwnetError",
        "NotFound",
        (_, error) => nowhere(ow, at, error)
      )
      : Effect.map(deviceProblem(ow, { ...at, device }), (problem) => problem ?? nothing)
  }
  if (operation === "write") return explain(ow, at, property, undefined)
  return Effect.as(ow.read(text), nothing).pipe(
    Effect.catchReasons("OwnetError", {
      NotFound: (_, error) => explain(ow, at, property, error),
      // A chip may report a fault if it lacks the property.
      BusFault: (_, error) => device === undefined ? Effect.fail(error) : explain(ow, at, property, error),
      IsDirectory: () => Effect.succeed(nothing),
      Unsupported: (): Effect.Effect<Finding> => Effect.succeed({ _tag: "NotReadable", property })
    })
  )
}

/** Finds out what is wrong with the path of a directory. */
const nowhere = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  at: OwPath.OwPath,
  error: OwError.OwnetError | undefined
): Found<Finding> {
  return (yield* placeProblem(ow, at)) ?? (yield* unexplained(error))
})

const unexplained = (error: OwError.OwnetError | undefined): Effect.Effect<Finding, OwError.OwnetError> =>
  error === undefined ? Effect.succeed(nothing) : Effect.fail(error)

/** Finds out what is wrong with a property that was refused or that should be written. */
const explain = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  at: OwPath.OwPath,
  property: string,
  error: OwError.OwnetError | undefined
): Found<Finding> {
  const { device } = at
  const isFault = error?.reason._tag === "BusFault"
  if (device !== undefined && isPlaced(at) && !isFault) {
    const problem = yield* deviceProblem(ow, { ...at, device })
    if (problem !== undefined) return problem
  }
  const missing = yield* deepest(ow, OwPath.format({ ...at, alarm: false, property: undefined }), property)
  if (missing === undefined) {
    if (isFault) return yield* unexplained(error)
    return yield* device === undefined ? nowhere(ow, at, error) : nobody(ow, device)
  }
  const { directory, listed, name, rest } = missing
  // The property was refused but exists: the failure has passed.
  if (listed.includes(name) && rest === "") {
    if (isFault) return yield* unexplained(error)
    return error === undefined && device !== undefined ? yield* writability(ow, { ...at, device }, property) : nothing
  }
  const stem = stemOf(name)
  const elements = listed.filter((other) => other !== name && other.startsWith(`${stem}.`))
  if (elements.length > 0) {
    return { _tag: "NoElement", property: directory + stem, elements: elements.map((element) => directory + element) }
  }
  const meant = meantBy(missing)
  const unknown: Finding = { _tag: "UnknownProperty", property, meant }
  const id = device === undefined || listed.includes(stem) ? undefined : yield* idOf(ow, { ...at, device })
  if (id !== undefined) {
    const known = yield* names(ow, `/structure/${FamilyCode.driver(RomId.familyCode(id))}/${directory}`)
    if (known === undefined && directory === "") return { _tag: "NoDriver", id }
    if (known?.some((other) => stemOf(other) === stem) === true) return { _tag: "Lacking", id, property }
  }
  return isFault ? yield* unexplained(error) : unknown
})

/** A device, and its place in a path. */
interface Placed extends Pick<OwPath.OwPath, "bus" | "branches"> {
  readonly device: OwPath.DeviceName
}

const isPlaced = ({ branches, bus }: Pick<OwPath.OwPath, "bus" | "branches">): boolean =>
  bus.length > 0 || branches.length > 0

const whole: OwPath.OwPath = {
  bus: [],
  uncached: true,
  unaliased: false,
  branches: [],
  alarm: false,
  device: undefined,
  own: undefined,
  property: undefined
}

/** The names in a directory, if it is one. */
const names = (
  ow: OwClient.Client,
  path: string
): Effect.Effect<ReadonlyArray<string> | undefined, OwError.OwError> =>
  ow.dir(path, { slash: false }).pipe(
    Effect.map((paths) => paths.map((path) => path.slice(path.lastIndexOf("/") + 1))),
    Effect.catchReasons("OwnetError", {
      NotFound: () => Effect.undefined,
      NotDirectory: () => Effect.undefined
    })
  )

/** The ROM id of a device. For an alias, of the device that has it at this place, or else on any bus. */
const idOf = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  placed: Placed
): Found<RomId.RomId | undefined> {
  const { branches, bus, device } = placed
  const known = OwPath.romId({ ...whole, device })
  if (Option.isSome(known)) return known.value
  const there = yield* ownerOf(ow, { ...whole, bus, branches, device })
  return Option.getOrUndefined(
    Option.isNone(there) && isPlaced(placed) ? yield* ownerOf(ow, { ...whole, device }) : there
  )
})

const deviceProblem = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  placed: Placed
): Found<Finding | undefined> {
  const id = yield* idOf(ow, placed)
  if (id === undefined) return yield* nobody(ow, placed.device)
  const isSomewhere = Effect.map(ow.romId(OwPath.format({ ...whole, device: id })), Option.isSome)
  if (!isPlaced(placed)) return (yield* isSomewhere) ? undefined : yield* absent(ow, id)
  // On a named bus, and behind a coupler, a server reports every device as present. Only a listing proves it.
  const { branches, bus } = placed
  const listed = yield* names(ow, OwPath.format({ ...whole, bus, unaliased: true, branches }))
  if (listed === undefined) return yield* placeProblem(ow, placed)
  const isThere = listed.some((name) => Option.contains(RomId.fromString(name), id))
  if (isThere) return undefined
  return (yield* isSomewhere) ? { _tag: "Absent", id, isElsewhere: true } : yield* absent(ow, id)
})

/** Finds out what is wrong with a bus or a branch that cannot be listed. */
const placeProblem = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  { branches, bus }: Pick<OwPath.OwPath, "bus" | "branches">
): Found<Finding | undefined> {
  for (const [depth, { coupler }] of branches.entries()) {
    const problem = yield* deviceProblem(ow, { bus, branches: branches.slice(0, depth), device: coupler })
    if (problem !== undefined) return problem
  }
  return branches.length === 0 && bus.length > 0
    ? { _tag: "NoBus", bus: bus.map((number) => `bus.${number}`).join("/") }
    : undefined
})

/** Finds out what is wrong with a name that leads to no device. A server remembers aliases of absent devices. */
const nobody = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  device: OwPath.DeviceName
): Found<Finding> {
  const own = OwPath.romId({ ...whole, device })
  if (Option.isSome(own)) return yield* absent(ow, own.value)
  const owner = (yield* aliases(ow)).find(({ alias }) => alias === device)
  if (owner !== undefined) return { _tag: "Absent", id: owner.id, isElsewhere: false }
  const reversed = Option.map(RomId.fromReversed(device), (id) => RomId.format(id))
  if (Option.isSome(reversed)) return { _tag: "UnknownAlias", alias: device, meant: reversed.value }
  const known = yield* Effect.orElseSucceed(names(ow, "/"), () => [])
  return {
    _tag: "UnknownAlias",
    alias: device,
    meant: Option.getOrUndefined(closest(device, [...known ?? [], ...OwPath.Own.literals]))
  }
})

const aliases = (ow: OwClient.Client): Effect.Effect<ReadonlyArray<Given>, OwError.OwError> =>
  Effect.catchReason(list(ow, ""), "OwnetError", "NotFound", () => Effect.succeed([]))

/** A device that is not on any bus, and whose ROM id may be the alias of another one. */
const absent = (ow: OwClient.Client, id: RomId.RomId): Effect.Effect<Finding, OwError.OwError> =>
  Effect.map(aliases(ow), (given) => {
    const namesake = given.find(({ alias }) => Option.contains(RomId.fromString(alias), id))?.id
    return { _tag: "Absent", id, isElsewhere: false, ...(namesake === undefined ? {} : { namesake }) }
  })

/** How much of a property's path exists, and the alternatives to the rest. */
interface Missing {
  /** The directory that exists, with a slash at the end. Empty for the device itself. */
  readonly directory: string
  readonly listed: ReadonlyArray<string>
  readonly name: string
  readonly rest: string
}

const deepest = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  base: string,
  property: string
): Found<Missing | undefined> {
  const segments = property.split("/")
  for (let depth = segments.length - 1; depth >= 0; depth--) {
    const above = segments.slice(0, depth)
    const listed = yield* names(ow, [base, ...above].join("/"))
    if (listed === undefined) continue
    return {
      directory: above.map((segment) => `${segment}/`).join(""),
      listed,
      name: segments[depth],
      rest: segments.slice(depth + 1).map((segment) => `/${segment}`).join("")
    }
  }
  return undefined
})

/** An existing name that is almost the same, with the same element if it is one of an array. */
const meantBy = ({ directory, listed, name, rest }: Missing): string | undefined => {
  if (listed.includes(name)) return directory + name
  return Option.getOrUndefined(
    Option.map(closestProperty(name, listed, (other) => listed.includes(other)), (meant) => directory + meant + rest)
  )
}

const writability = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  placed: Placed,
  property: string
): Found<Finding> {
  const id = yield* idOf(ow, placed)
  if (id === undefined) return nothing
  const text = yield* ow.readText(`/structure/${FamilyCode.driver(RomId.familyCode(id))}/${property}`).pipe(
    Effect.catchReasons("OwnetError", {
      NotFound: () => Effect.succeed(""),
      IsDirectory: () => Effect.succeed("")
    })
  )
  const record = Option.getOrUndefined(TypeRecord.fromString(text))
  return record === undefined || TypeRecord.isWritable(record) ? nothing : { _tag: "NotWritable", property }
})

const describe = (finding: Finding, path: string): string => {
  switch (finding._tag) {
    case "Malformed":
      return finding.problem.message
    case "NoBus":
      return `there is no ${finding.bus} on this server`
    case "UnknownAlias":
      return `no device on this server has the alias ${quoted(finding.alias)}${question(finding.meant)}`
    case "Absent":
      return finding.isElsewhere
        ? `${RomId.format(finding.id)} is not at this path; it is on another bus, or not behind this coupler`
        : `${RomId.format(finding.id)} does not answer on the bus now${
          finding.namesake === undefined
            ? ""
            : `; it is the alias of ${RomId.format(finding.namesake)}, which a server finds by its own ROM id only`
        }`
    case "NoDriver":
      return `the server has no driver for family ${RomId.familyCode(finding.id)}: ` +
        `it knows only the ROM id of ${RomId.format(finding.id)}`
    case "UnknownProperty":
      return `${shownName(holderOf(path, finding.property))} has no ${shownName(finding.property)}${
        question(finding.meant)
      }`
    case "Lacking":
      return `${RomId.format(finding.id)} does not list ${
        shownName(finding.property)
      }, which other devices of its family have`
    case "NoElement":
      return `${shownName(finding.property)} is an array: it has ${listOf(finding.elements)}`
    case "NotReadable":
      return `${shownName(finding.property)} can be written, but not read`
    case "NotWritable":
      return `${shownName(finding.property)} can be read, but not written`
    case "Nothing":
      return `nothing is wrong with ${shownName(path)} now`
  }
}

const holderOf = (path: string, property: string): string =>
  (path.endsWith("/") ? path.slice(0, -1) : path).slice(0, -property.length - 1)

/** The first few elements, and the last one. */
const listOf = (elements: ReadonlyArray<string>): string => {
  const shown = (elements.length <= 4 ? elements : [...elements.slice(0, 3), elements[elements.length - 1]]).map(
    shownName
  )
  return elements.length <= 4 ? shown.join(", ") : `${shown.slice(0, 3).join(", ")} to ${shown[3]}`
}
