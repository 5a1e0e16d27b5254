/**
 * The file of a hub, `hub.yaml`. Reads it, watches it, and edits it without losing a comment. `HubConfig` describes its keys.
 *
 * **Example** (The message for a mistake)
 *
 * ```ts
 * import { HubFile } from "@effect-ownet/hub"
 * import { Result } from "effect"
 *
 * const read = HubFile.parse("version: 1\ntitle: []\n")
 *
 * Result.isFailure(read) && HubFile.told("hub.yaml", read.failure[0]) // => "hub.yaml:2:8: title takes text of up to 200 characters"
 * ```
 *
 * @since 0.1.0
 */
import { RomId } from "@effect-ownet/core"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Yaml from "yaml"
import * as DurationText from "./DurationText.ts"
import * as HubConfig from "./HubConfig.ts"
import * as ConfigShape from "./internal/ConfigShape.ts"
import type * as Places from "./Places.ts"

/**
 * Schema of a mistake in a file. Lines and columns begin at 1.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Mistake = Schema.Struct({
  line: Schema.Finite,
  column: Schema.Finite,
  /** The problem, in one sentence that begins with the key. It contains no values, because they may be secrets. */
  problem: Schema.String
})

/**
 * A mistake in a file.
 *
 * @category models
 * @since 0.1.0
 */
export type Mistake = typeof Mistake.Type

/**
 * A mistake as one line, in the format that editors and terminals turn into a link: `hub.yaml:12:5: …`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const told = (name: string, { column, line, problem }: Mistake): string =>
  `${name}:${line}:${column}: ${problem}`

/**
 * The file could not be read, contains mistakes, or could not be written.
 *
 * - `Unreadable`: the system refuses to read it, or it is too large.
 * - `Mistaken`: `mistakes` lists its mistakes, at most ten.
 * - `Unwritable`: the system refuses to write it. The file is unchanged.
 *
 * @category errors
 * @since 0.1.0
 */
export class HubFileError extends Schema.TaggedError<HubFileError>()("HubFileError", {
  reason: Schema.Literals(["Unreadable", "Mistaken", "Unwritable"]),
  /** The file, by its given name. */
  file: Schema.String,
  problem: Schema.String,
  mistakes: Schema.Array(Mistake)
}) {
  /** One line for each mistake, or one line with the file and the reason. */
  override get message(): string {
    return this.mistakes.length === 0
      ? `${this.file}: ${this.problem}`
      : this.mistakes.map((mistake) => told(this.file, mistake)).join("\n")
  }
}

/**
 * Contents of a file.
 *
 * @category models
 * @since 0.1.0
 */
export interface Contents {
  readonly config: HubConfig.HubConfig
  /** Values from files of secrets, for `HubConfig.shown`. */
  readonly secrets: ReadonlyArray<string>
  /** Line numbers of the keys, by their paths with dots in between. */
  readonly lines: Readonly<Record<string, number>>
  /** Problems that are not mistakes, but should be fixed. */
  readonly warnings: ReadonlyArray<Mistake>
}

/**
 * Options of `parse`.
 *
 * @category options
 * @since 0.1.0
 */
export interface ParseOptions {
  /** Looks up a secret, by its file and key. Returns the value, or the problem. By default there are no secrets. */
  readonly secret?: ((file: string, key: string) => Result.Result<string, string>) | undefined
}

/** Maximum size of a file, in bytes. A file with a thousand places with limits has 75,000. */
const largest = 262_144

/** Maximum number of mistakes that are reported at once. */
const mostMistakes = 10

/** Maximum depth of nested keys. */
const deepest = 16

type MistakeAt = { readonly at: number; readonly problem: string }

/** State of reading one document. */
interface Reading {
  readonly mistakes: Array<MistakeAt>
  readonly secrets: Set<string>
  /** Offsets of keys and values, by their paths as JSON. */
  readonly keys: Map<string, number>
  readonly values: Map<string, number>
  readonly lookUp: NonNullable<ParseOptions["secret"]>
}

const { pathText, printable } = ConfigShape

const noSecrets = (): Result.Result<string, string> => Result.fail("there is no secrets file here")

const yamlOptions = {
  prettyErrors: false,
  stringKeys: true,
  uniqueKeys: false,
  logLevel: "error",
  version: "1.2"
} as const

/** Description of a syntax problem. The parser's own messages may contain values. */
const formProblem = (code: Yaml.ErrorCode): string => {
  switch (code) {
    case "TAB_AS_INDENT":
      return "YAML does not allow tabs for indentation: use spaces"
    case "BAD_INDENT":
      return "the indentation is uneven: keys of one block must begin in the same column"
    case "MISSING_CHAR":
      return "something is missing before this: a colon and a space after a key, a comma, or a closing quote or bracket"
    case "MULTIPLE_DOCS":
      return "there is a second document: leave out --- and all after it"
    case "BAD_ALIAS":
    case "MULTIPLE_ANCHORS":
    case "ALIAS_PROPS":
      return "anchors (&) and aliases (*) are not supported: write the value out, or put quotes around the text"
    case "MULTILINE_IMPLICIT_KEY":
    case "BLOCK_AS_IMPLICIT_KEY":
      return "this is not a key with a value: put a space after the colon, or quotes around text that contains a colon"
    case "BAD_SCALAR_START":
      return "a text that begins with this character needs quotes"
    case "BAD_DQ_ESCAPE":
      return "a backslash in double quotes begins an escape: use single quotes, or two backslashes"
    case "NON_STRING_KEY":
      return "a key must be a text"
    default:
      return "this is not YAML"
  }
}

/** `!secret NAME` and `!secret.yaml NAME`: a file next to the configuration, and a key in it. */
const secretOf = (text: string): { readonly file: string; readonly key: string } | undefined => {
  const [, file, key] = /^!(secret|[\w-][\w.-]*\.ya?ml) +(\S+) *$/.exec(text) ?? []
  return file === undefined || key === undefined ? undefined : { file: file === "secret" ? "secret.yaml" : file, key }
}

const pathKey = (path: ReadonlyArray<PropertyKey>): string => JSON.stringify(path.map(String))

const offsetOf = (node: unknown, otherwise: number): number =>
  Yaml.isNode(node) && node.range ? node.range[0] : otherwise

const valueOf = (
  reading: Reading,
  node: unknown,
  shape: ConfigShape.Shape | undefined,
  path: ReadonlyArray<string | number>,
  at: number
): unknown => {
  const offset = offsetOf(node, at)
  reading.values.set(pathKey(path), offset)
  const wrong = (problem: string): undefined => {
    reading.mistakes.push({ at: offset, problem })
    return undefined
  }
  if (path.length > deepest) {
    return wrong(`${pathText(path)} is nested too deeply: no setting is that deep`)
  }
  if (Yaml.isAlias(node) || (Yaml.isNode(node) && "anchor" in node && node.anchor !== undefined)) {
    return wrong(`${pathText(path)}: ${formProblem("BAD_ALIAS")}`)
  }
  if (Yaml.isMap(node)) return textOf(node, shape) ?? mapOf(reading, node, shape, path, offset)
  if (Yaml.isSeq(node)) {
    return node.items.map((item, index) =>
      valueOf(reading, item, ConfigShape.below(shape, index), [...path, index], offset)
    )
  }
  // A block name with nothing after it is a block without keys.
  const value: unknown = Yaml.isScalar(node) ? node.value : null
  if (value === null) return shape !== undefined && ConfigShape.isMap(shape) ? {} : null
  if (!Yaml.isScalar(node)) return value
  const { source, tag } = node
  // An unquoted 007 is a text if a text is expected.
  const isMeant = typeof value !== "string" && shape !== undefined && ConfigShape.isText(shape)
  const text = isMeant && source !== undefined ? source : value
  if (typeof text !== "string") return text
  const isTagged = tag !== undefined && !tag.startsWith("tag:")
  const secret = secretOf(isTagged ? `${tag} ${text}` : text)
  if (secret === undefined) return isTagged ? wrong(`${pathText(path)}: there is no tag ${printable(tag)}`) : text
  // The page edits places, and nobody may read a secret by giving its name to a place.
  if (path[0] === "places") return isTagged ? wrong("places have no secrets") : text
  return Result.match(reading.lookUp(secret.file, secret.key), {
    onFailure: (problem) => wrong(`${pathText(path)}: ${problem}`),
    onSuccess: (value) => {
      reading.secrets.add(value)
      return value
    }
  })
}

/**
 * A text that ends with a colon, such as `w1:`, which YAML takes for a key without a value. `undefined` if no text is expected.
 */
const textOf = (
  { items: [pair, ...others] }: Yaml.YAMLMap,
  shape: ConfigShape.Shape | undefined
): string | undefined => {
  if (pair === undefined || others.length > 0 || shape === undefined || !ConfigShape.isText(shape)) return undefined
  const { key, value } = pair
  const isNothing = value === null || (Yaml.isScalar(value) && value.value === null && !value.source)
  return isNothing && Yaml.isScalar(key) && typeof key.value === "string" ? `${key.value}:` : undefined
}

const mapOf = (
  reading: Reading,
  node: Yaml.YAMLMap,
  shape: ConfigShape.Shape | undefined,
  path: ReadonlyArray<string | number>,
  at: number
): unknown => {
  const known = shape === undefined ? [] : ConfigShape.children(shape).map(({ name }) => name)
  const seen = new Set<string>()
  const entries = node.items.flatMap((pair): ReadonlyArray<readonly [string, unknown]> => {
    const key = Yaml.isScalar(pair.key) ? String(pair.key.value) : ""
    const offset = offsetOf(pair.key, at)
    const own = [...path, key]
    if (seen.has(key)) {
      reading.mistakes.push({ at: offset, problem: `${pathText(own)} appears twice: merge the two` })
      return []
    }
    seen.add(key)
    reading.keys.set(pathKey(own), offset)
    if (Yaml.isScalar(pair.key) && pair.key.anchor !== undefined) {
      reading.mistakes.push({ at: offset, problem: formProblem("BAD_ALIAS") })
    }
    if (shape !== undefined && ConfigShape.isClosed(shape) && !known.includes(key)) {
      const meant = ConfigShape.nearest(key, known)
      reading.mistakes.push({
        at: offset,
        problem: `unknown key ${pathText(own)}; ${
          meant === undefined ? `the keys here are ${known.join(", ")}` : `did you mean ${meant}?`
        }`
      })
      return []
    }
    return [[key, valueOf(reading, pair.value, ConfigShape.below(shape, key), own, offset)]]
  })
  // These are own properties, including `__proto__`.
  return Object.fromEntries(entries)
}

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

const shapeAt = (path: ReadonlyArray<PropertyKey>): ConfigShape.Shape | undefined =>
  path.reduce<ConfigShape.Shape | undefined>(
    (shape, key) => ConfigShape.below(shape, typeof key === "symbol" ? String(key) : key),
    HubConfig.HubConfig.ast
  )

/** The problem at a path, by its value. For a missing key, it also says which values the key takes. */
const problemAt = (path: ReadonlyArray<PropertyKey>, isMissing: boolean, isExcess: boolean): string => {
  const shape = shapeAt(path)
  const name = path.length === 0 ? "the file" : pathText(path)
  if (isMissing && path.length === 1 && path[0] === "version") {
    return "version is missing: write version: 1 in the first line"
  }
  const around = shapeAt(path.slice(0, -1))
  if (isExcess && around !== undefined) {
    return `unknown key ${name}: ${pathText(path.slice(0, -1))} takes ${ConfigShape.takes(around)}`
  }
  if (shape === undefined) return `${name} is not understood`
  return isMissing
    ? `${name} is missing: it takes ${ConfigShape.takes(shape)}`
    : `${name} takes ${ConfigShape.takes(shape)}`
}

/** The nearest existing part around a path. */
const offsetAt = ({ keys, values }: Reading, path: ReadonlyArray<PropertyKey>): number => {
  for (let length = path.length; length >= 0; length--) {
    const around = pathKey(path.slice(0, length))
    const found = length === path.length ? values.get(around) ?? keys.get(around) : keys.get(around)
    if (found !== undefined) return found
  }
  return 0
}

const schemaMistakes = (reading: Reading, value: unknown, issue: SchemaIssue.Issue): ReadonlyArray<MistakeAt> => {
  const found = new Map<string, MistakeAt>()
  for (const { message, path: given = [] } of issuesOf(issue).issues) {
    const whole = given.map((part) => typeof part === "object" ? part.key : part)
    // The choices of a union count as one mistake, which is that of the union.
    const union = whole.findIndex((_, index) =>
      whole[index] === "derived" || whole[index] === "homeassistant" && index > 0
    )
    const path = union < 0 ? whole : whole.slice(0, union + 1)
    const parent = path.slice(0, -1).reduce<unknown>((value, key) => partOf(value, key), value)
    const last = path.at(-1)
    const isMissing = last !== undefined && typeof parent === "object" && parent !== null &&
      !Object.hasOwn(parent, last)
    found.set(pathKey(path), {
      at: offsetAt(reading, path),
      problem: problemAt(path, isMissing, union < 0 && /excess/.test(message))
    })
  }
  return [...found.values()]
}

const partOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<PropertyKey, unknown>>)[key] // It has the key.
    : undefined

/** Makes a function that converts offsets to lines and columns. */
const counter = (text: string): (mistake: MistakeAt) => Mistake => {
  const starts = [0]
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1)
  return ({ at, problem }) => {
    const line = starts.findLastIndex((start) => start <= at)
    return { line: line + 1, column: at - starts[line]! + 1, problem }
  }
}

const parsed = (text: string, counted: Yaml.LineCounter): Yaml.Document.Parsed | undefined =>
  // Endlessly nested brackets would overflow the stack.
  Option.getOrUndefined(
    Option.liftThrowable(() => Yaml.parseDocument(text, { ...yamlOptions, lineCounter: counted }))()
  )

/**
 * Reads the text of a file. Fails with all mistakes, at most ten, in their order.
 *
 * **Details**
 *
 * The text is YAML 1.2, of which JSON is a part, without anchors and tags. A text that is `"!secret.yaml NAME"` or
 * `"!secret NAME"` stands for the value of that key in the file `secret.yaml` in the same directory, except below `places`.
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (
  text: string,
  { secret = noSecrets }: ParseOptions = {}
): Result.Result<Contents, readonly [Mistake, ...ReadonlyArray<Mistake>]> => {
  const mistakeAt = counter(text)
  const failed = (mistakes: ReadonlyArray<MistakeAt>) => {
    const [first = { at: 0, problem: "is not understood" }, ...others] = mistakes.toSorted((a, b) => a.at - b.at)
    return Result.fail(
      [mistakeAt(first), ...others.slice(0, mostMistakes - 1).map(mistakeAt)] as const
    )
  }
  if (text.length > largest) return failed([{ at: 0, problem: `the file has more than ${largest} characters` }])
  const nul = text.indexOf("\0")
  if (nul >= 0) return failed([{ at: nul, problem: "there is a NUL here: this is not a text file" }])
  const counted = new Yaml.LineCounter()
  const document = parsed(text, counted)
  if (document === undefined) return failed([{ at: 0, problem: "the keys are nested too deeply" }])
  if (document.errors.length > 0) {
    // Of two mistakes on one line, the second follows from the first.
    const found = new Map<number, MistakeAt>()
    for (const { code, pos: [at] } of document.errors) {
      const { line } = counted.linePos(at)
      if (!found.has(line)) found.set(line, { at, problem: formProblem(code) })
    }
    return failed([...found.values()])
  }
  const reading: Reading = {
    mistakes: [],
    secrets: new Set(),
    keys: new Map(),
    values: new Map(),
    lookUp: secret
  }
  const value = valueOf(reading, document.contents, HubConfig.HubConfig.ast, [], 0)
  const version = partOf(value, "version")
  if (typeof version === "number" && version > 1) {
    // Other keys of an unknown version are not known.
    return failed([{
      at: offsetAt(reading, ["version"]),
      problem: `version ${version} is newer than this program, which knows version 1: update the program`
    }])
  }
  const decoded = Schema.decodeUnknownResult(HubConfig.HubConfig)(value, { errors: "all", onExcessProperty: "error" })
  if (Result.isFailure(decoded) || reading.mistakes.length > 0) {
    const more = Result.isFailure(decoded) ? schemaMistakes(reading, value, decoded.failure.issue) : []
    const known = new Set(reading.mistakes.map(({ at }) => at))
    return failed([...reading.mistakes, ...more.filter(({ at }) => !known.has(at))])
  }
  const lines = Object.fromEntries(
    [...reading.keys].map((
      [path, at]
    ) => [(JSON.parse(path) as ReadonlyArray<string>).join("."), mistakeAt({ at, problem: "" }).line])
  )
  const twice = twins(decoded.success, reading)
  return twice.length > 0 ? failed(twice) : Result.succeed({
    config: decoded.success,
    secrets: [...reading.secrets],
    lines,
    warnings: idle(decoded.success, reading).map(mistakeAt)
  })
}

/** Blocks that have no effect as they are. */
const idle = ({ homeassistant, mqtt }: HubConfig.HubConfig, reading: Reading): ReadonlyArray<MistakeAt> =>
  homeassistant === undefined || mqtt !== undefined ? [] : [{
    at: offsetAt(reading, ["homeassistant"]),
    problem: "homeassistant does nothing without mqtt: set mqtt.server to your broker"
  }]

/** Places that appear twice, in two forms of one ROM id. */
const twins = ({ places = {} }: HubConfig.HubConfig, reading: Reading): ReadonlyArray<MistakeAt> => {
  const seen = new Map<string, string>()
  return Object.keys(places).flatMap((key) => {
    const id = canonical(key)
    const before = seen.get(id)
    seen.set(id, key)
    return before === undefined ? [] : [{
      at: reading.keys.get(pathKey(["places", key])) ?? 0,
      problem: `${pathText(["places", key])} is the same place as ${pathText(["places", before])}: merge the two`
    }]
  })
}

const canonical = (key: string): string =>
  Option.match(RomId.fromString(key), { onNone: () => key, onSome: RomId.format })

/** Reads a file of secrets, which has keys and texts. */
const secretsIn = (text: string): Result.Result<ReadonlyMap<string, string>, string> => {
  const document = parsed(text, new Yaml.LineCounter())
  if (document === undefined || document.errors.length > 0 || !Yaml.isMap(document.contents)) {
    return Result.fail("which does not consist of lines such as password: \"letmein\"")
  }
  return Result.succeed(
    new Map(
      document.contents.items.flatMap(({ key, value }) =>
        Yaml.isScalar(key) && Yaml.isScalar(value) && value.value !== null
          ? [[String(key.value), typeof value.value === "string" ? value.value : value.source ?? ""] as const]
          : []
      )
    )
  )
}

/** Settings of a place that the page edits. Other settings are left as they are. */
const edited = ["name", "group", "order", "hidden", "device", "limits", "no_news_for"] as const

/** A duration in the format of the file. */
const durationText = (seconds: number | null): string | null =>
  seconds === null ? null : DurationText.format(seconds * 1000)

const sameDuration = (node: unknown, seconds: number | null): boolean =>
  Yaml.isScalar(node) && node.value !== null && seconds !== null &&
  Option.exists(DurationText.parse(String(node.value)), (millis) => Math.abs(millis - seconds * 1000) < 1)

/** Sets or deletes a key of a map. A value that has not changed keeps its formatting. */
const setScalar = (map: Yaml.YAMLMap, key: string, value: string | number | boolean | null | undefined): void => {
  const node: unknown = map.get(key, true)
  if (value === undefined) {
    if (map.has(key)) map.delete(key)
  } else if (Yaml.isScalar(node)) {
    if (node.value === value || (typeof value === "string" && node.source === value)) return
    node.value = value
    delete node.source
    // A number or a word without quotes may become a text that needs them.
    if (isOdd(value)) node.type = "QUOTE_DOUBLE"
    else if (node.type !== "QUOTE_DOUBLE" && node.type !== "QUOTE_SINGLE") delete node.type
  } else {
    const made = new Yaml.Scalar(value)
    if (isOdd(value)) made.type = "QUOTE_DOUBLE"
    map.set(key, made)
  }
}

/** Whether the value is a text with characters that YAML allows only in double quotes. */
const isOdd = (value: unknown): boolean =>
  typeof value === "string" && /[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(value)

const setDuration = (map: Yaml.YAMLMap, key: string, seconds: number | null | undefined): void => {
  if (seconds !== undefined && sameDuration(map.get(key, true), seconds)) return
  setScalar(map, key, seconds === undefined ? undefined : durationText(seconds))
}

/** The map below a key. Creates the map if it is missing. */
const mapBelow = (document: Yaml.Document, map: Yaml.YAMLMap, key: string, flow: boolean): Yaml.YAMLMap => {
  const found: unknown = map.get(key, true)
  if (Yaml.isMap(found)) return found
  const made = document.createNode({}, { flow }) as Yaml.YAMLMap // An object is a map.
  map.set(key, made)
  return made
}

const setLimits = (document: Yaml.Document, place: Yaml.YAMLMap, limits: HubConfig.Place["limits"]): void => {
  if (limits === undefined) {
    if (place.has("limits")) place.delete("limits")
    return
  }
  const all = mapBelow(document, place, "limits", false)
  for (const name of keysOf(all)) if (!Object.hasOwn(limits, name)) all.delete(name)
  for (const [name, limit] of Object.entries(limits)) {
    const one = mapBelow(document, all, name, true)
    for (const key of ["above", "below", "hysteresis", "urgent"] as const) setScalar(one, key, limit[key])
    setDuration(one, "for", limit.for)
  }
}

const keysOf = (map: Yaml.YAMLMap): ReadonlyArray<string> =>
  map.items.flatMap(({ key }) => Yaml.isScalar(key) ? [String(key.value)] : [])

/**
 * Puts the settings of a place into the text of a file. Comments, the order of keys and everything else stay. If `parse` cannot
 * read the text, it fails with the mistakes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withPlace = (
  text: string,
  place: Places.Place,
  options: ParseOptions = {}
): Result.Result<string, readonly [Mistake, ...ReadonlyArray<Mistake>]> => {
  const before = parse(text, options)
  if (Result.isFailure(before)) return Result.fail(before.failure)
  const document = Yaml.parseDocument(text, yamlOptions)
  const root = document.contents
  // It is always a map, because it has a version.
  if (!Yaml.isMap(root)) return Result.succeed(text)
  const map = root as Yaml.YAMLMap
  const places = mapBelow(document, map, "places", false)
  const name = keysOf(places).find((key) => canonical(key) === place.key) ?? place.key
  const settings = HubConfig.ofPlace(place)
  const node = mapBelow(document, places, name, false)
  for (const key of edited) {
    switch (key) {
      case "limits":
        setLimits(document, node, settings.limits)
        break
      case "no_news_for":
        setDuration(node, key, settings[key])
        break
      case "hidden":
        // False may be there explicitly.
        if (settings.hidden === true || node.get("hidden") === true) setScalar(node, key, settings.hidden)
        break
      case "device": {
        const now: unknown = node.get("device")
        const wanted = settings.device
        if (typeof now === "string" && canonical(now) === (wanted ?? place.key)) break
        setScalar(node, key, wanted)
        break
      }
      default:
        setScalar(node, key, settings[key])
    }
  }
  const form = { lineWidth: 0, flowCollectionPadding: !/\{[^\s}]/.test(text), indent: indentOf(text) }
  const after = document.toString(form)
  const spliced = splice(text, Yaml.parseDocument(text, yamlOptions).toString(form), after)
  const isSame = (other: string): boolean => {
    const [one, two] = [parse(other, options), parse(after, options)]
    return Result.isSuccess(one) && Result.isSuccess(two) && Equal.equals(one.success.config, two.success.config)
  }
  const written = isSame(spliced) ? spliced : after
  return Result.succeed(text.includes("\r\n") ? written.replaceAll(/\r?\n/g, "\r\n") : written)
}

/**
 * Takes only the new lines from the rewritten document, and all other lines from the original text, to keep the spaces as the
 * author wrote them.
 */
const splice = (text: string, before: string, after: string): string => {
  const [old, now] = [before.split("\n"), after.split("\n")]
  if (before === after) return text
  let same = 0
  while (same < Math.min(old.length, now.length) && old[same] === now[same]) same++
  let sameEnd = 0
  while (sameEnd < Math.min(old.length, now.length) - same && old.at(-1 - sameEnd) === now.at(-1 - sameEnd)) sameEnd++
  const lines = text.split(/\r?\n/)
  // The two have the same characters, except for spaces and line ends.
  const ends = endsOf(lines)
  const oldEnds = endsOf(old)
  const whole = oldEnds.at(-1)!
  if (ends.at(-1) !== whole) return after
  while (same > 0 && !ends.includes(oldEnds[same - 1]!)) same--
  while (sameEnd > 0 && !ends.includes(oldEnds[old.length - sameEnd - 1] ?? 0)) sameEnd--
  /** The line of the text that contains a line of the document, including empty lines before it. */
  const lineAt = (index: number): number => {
    const end = oldEnds[index - 1]
    if (end === undefined) return 0
    return Math.min(ends.indexOf(end) + index - 1 - oldEnds.indexOf(end), ends.lastIndexOf(end)) + 1
  }
  const [from, to] = [lineAt(same), lineAt(old.length - sameEnd)]
  return [...lines.slice(0, from), ...now.slice(same, now.length - sameEnd), ...lines.slice(Math.max(from, to))].join(
    "\n"
  )
}

/** Number of characters up to the end of each line, without spaces. */
const endsOf = (lines: ReadonlyArray<string>): ReadonlyArray<number> => {
  let end = 0
  return lines.map((line) => end += line.replaceAll(/\s/g, "").length)
}

/** Number of spaces of one level of indentation. */
const indentOf = (text: string): number =>
  /^\w[^\n]*:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( {1,8})[\w"']/m.exec(text)?.[1]?.length ?? 2

/** A fingerprint of a file, which shows whether it has changed. */
const lookOf = (path: string): string => {
  const stat = Fs.statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? "none" : `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.mode}`
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error ? "code" in cause ? String(cause.code) : cause.message : String(cause)

/** The reason that the system gives, in words. */
const reasonOf = (cause: unknown): string => {
  const code = codeOf(cause)
  switch (code) {
    case "ENOENT":
      return "there is no such file"
    case "EISDIR":
      return "it is a directory"
    case "EACCES":
    case "EPERM":
      return "this user has no permission"
    case "EROFS":
      return "the file system is read-only"
    case "ENOSPC":
      return "the disk is full"
    default:
      return code
  }
}

/** The contents that were read, and the files they came from. */
interface Read {
  readonly text: string
  readonly result: Result.Result<Contents, readonly [Mistake, ...ReadonlyArray<Mistake>]>
  /** Files of secrets that the file names. */
  readonly others: ReadonlySet<string>
  readonly secret: NonNullable<ParseOptions["secret"]>
}

const readText = (path: string): string => {
  const stat = Fs.statSync(path)
  if (stat.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" })
  // Reading a pipe may never end.
  if (!stat.isFile()) throw new Error("it is not a regular file")
  if (stat.size > largest) throw new Error(`it has ${stat.size} bytes, but may have at most ${largest}`)
  return Fs.readFileSync(path, "utf8").replace(/^\ufeff/, "")
}

/** Reads a file, and its files of secrets. */
const readAll = (path: string): Read => {
  const text = readText(path)
  const files = new Map<string, Result.Result<ReadonlyMap<string, string>, string>>()
  const warnings: Array<Mistake> = []
  const secret = (file: string, key: string): Result.Result<string, string> => {
    let found = files.get(file)
    if (found === undefined) {
      const beside = Path.join(Path.dirname(path), file)
      found = Result.flatMap(
        Result.mapError(
          Result.try(() => readText(beside)),
          (cause) => `which cannot be read (${reasonOf(cause)})`
        ),
        secretsIn
      )
      files.set(file, found)
      const mode = Fs.statSync(beside, { throwIfNoEntry: false })?.mode ?? 0
      if (process.platform !== "win32" && (mode & 0o004) !== 0) {
        warnings.push({ line: 1, column: 1, problem: `all users of this machine can read ${file}: chmod o-r ${file}` })
      }
    }
    return Result.match(found, {
      onFailure: (problem) => Result.fail(`the secret ${printable(key)} should be in ${file}, ${problem}`),
      onSuccess: (all): Result.Result<string, string> => {
        const value = all.get(key)
        return value === undefined
          ? Result.fail(`there is no key ${printable(key)} in ${file}`)
          : Result.succeed(value)
      }
    })
  }
  const result = Result.map(parse(text, { secret }), (contents) => ({
    ...contents,
    warnings: [...contents.warnings, ...warnings]
  }))
  const others = new Set([...files.keys()].map((file) => Path.join(Path.dirname(path), file)))
  return { text, result, others, secret }
}

/** An error that the system has thrown. */
interface SystemError {
  readonly cause: unknown
}

/**
 * Writes a file in one step. No reader sees half of it, and a power cut leaves either the old or the new file. Keeps its mode and
 * its owner.
 */
const replace = Effect.fnUntraced(function*(path: string, text: string): Effect.fn.Return<void, SystemError> {
  const attempt = <A>(run: () => A) => Effect.try({ try: run, catch: (cause): SystemError => ({ cause }) })
  const { draft, mode, owner, real } = yield* attempt(() => {
    const real = Fs.realpathSync(path)
    const { gid, mode, uid } = Fs.statSync(real)
    // The owner of the directory could replace a file that is not writable.
    Fs.accessSync(real, Fs.constants.W_OK)
    const draft = Path.join(Path.dirname(real), `.${Path.basename(real)}.${process.pid}.new`)
    Fs.rmSync(draft, { force: true })
    return { real, mode, owner: { gid, uid }, draft }
  })
  const opened = (name: string, flags: string) =>
    [attempt(() => Fs.openSync(name, flags, 0o600)), (file: number) => Effect.sync(() => Fs.closeSync(file))] as const
  const [open, close] = opened(draft, "wx")
  const write = (file: number) =>
    attempt(() => {
      Fs.writeFileSync(file, text)
      const { gid, uid } = Fs.fstatSync(file)
      if (uid !== owner.uid || gid !== owner.gid) Fs.fchownSync(file, owner.uid, owner.gid)
      Fs.fchmodSync(file, mode & 0o7777)
      Fs.fsyncSync(file)
    })
  yield* Effect.acquireUseRelease(open, write, close).pipe(
    Effect.andThen(attempt(() => Fs.renameSync(draft, real))),
    Effect.tapError(() => Effect.sync(() => Fs.rmSync(draft, { force: true })))
  )
  const [openDirectory, closeDirectory] = opened(Path.dirname(real), "r")
  // Windows cannot do this, and the file is already there.
  yield* Effect.ignore(
    Effect.acquireUseRelease(openDirectory, (file) => attempt(() => Fs.fsyncSync(file)), closeDirectory)
  )
})

/**
 * An event of a watched file: its configuration has changed, or the file now has mistakes and the previous configuration stays in
 * force.
 *
 * @category models
 * @since 0.1.0
 */
export type Change =
  | { readonly _tag: "Changed"; readonly contents: Contents }
  | { readonly _tag: "Failed"; readonly error: HubFileError }

/**
 * A file that is watched.
 *
 * @category models
 * @since 0.1.0
 */
export interface HubFile {
  /** The contents from the last successful read. */
  readonly contents: Effect.Effect<Contents>
  /** Changes from now on. A half-written file is reported once, and so is a repeated mistake. */
  readonly changes: Stream.Stream<Change>
  /**
   * Puts the settings of a place into the file. Changes that somebody has made by hand in the meantime are kept, and reported as
   * a change. The edit itself is not reported.
   */
  readonly edit: (place: Places.Place) => Effect.Effect<void, HubFileError>
}

/**
 * Options of a file.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** Name of the file in messages. By default, its path. */
  readonly name?: string | undefined
  /** Longest time until a change is seen if the system does not report changes, as on network drives. Default 3 seconds. */
  readonly every?: Duration.Input | undefined
}

/** Milliseconds without a change before the file is read again, because editors write more than once. */
const settling = 100

const unreadable = (file: string, cause: unknown): HubFileError =>
  new HubFileError({ reason: "Unreadable", file, problem: `cannot be read: ${reasonOf(cause)}`, mistakes: [] })

const mistaken = (file: string, mistakes: ReadonlyArray<Mistake>): HubFileError =>
  new HubFileError({ reason: "Mistaken", file, problem: "has mistakes", mistakes })

/**
 * Reads a file once.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = (
  path: string,
  { name = path }: Pick<Options, "name"> = {}
): Effect.Effect<Contents, HubFileError> =>
  Effect.flatMap(
    Effect.try({ try: () => readAll(path), catch: (cause) => unreadable(name, cause) }),
    ({ result }) =>
      Result.match(result, {
        onFailure: (mistakes) => Effect.fail(mistaken(name, mistakes)),
        onSuccess: (contents) => Effect.succeed(contents)
      })
  )

/**
 * Reads a file, and watches it until the scope ends. Fails if the file cannot be read, or has a mistake at the start.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  path: string,
  { every = "3 seconds", name = path }: Options = {}
): Effect.fn.Return<HubFile, HubFileError, Scope.Scope> {
  const readNow = Effect.try({ try: () => readAll(path), catch: (cause) => unreadable(name, cause) })
  const changes = yield* PubSub.unbounded<Change>()
  const turn = yield* Semaphore.make(1)
  const stirred = yield* Latch.make()
  const first = yield* readNow
  if (Result.isFailure(first.result)) return yield* mistaken(name, first.result.failure)
  let contents = first.result.success
  let others = first.others
  let last: string | undefined
  const lookNow = (): string => [path, ...others].map(lookOf).join("\n")
  let look = lookNow()

  const tell = (change: Change) => PubSub.publish(changes, change)
  const fail = (error: HubFileError) => {
    if (last === error.message) return Effect.void
    last = error.message
    return tell({ _tag: "Failed", error })
  }
  const take = (read: Read) =>
    Effect.suspend(() => {
      others = new Set([...others, ...read.others])
      look = lookNow()
      if (Result.isFailure(read.result)) return fail(mistaken(name, read.result.failure))
      others = read.others
      look = lookNow()
      const wasFailing = last !== undefined
      const isSame = Equal.equals(contents.config, read.result.success.config)
      last = undefined
      contents = read.result.success
      return isSame && !wasFailing ? Effect.void : tell({ _tag: "Changed", contents })
    })

  const again = Effect.gen(function*() {
    if (lookNow() === look) return
    // The program that writes the file may not have finished.
    let seen = ""
    while (seen !== lookNow()) {
      seen = lookNow()
      yield* Effect.sleep(settling)
    }
    look = seen
    yield* Effect.matchEffect(readNow, { onFailure: fail, onSuccess: take })
  }).pipe(
    turn.withPermit,
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.logWarning(`${name} could not be checked`, cause)
    )
  )

  // Editors replace the old file with a new one, so only the directory reports a change. If it cannot be watched, the file is
  // checked now and then.
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      Option.getOrUndefined(
        Option.liftThrowable(() => {
          const watcher = Fs.watch(Path.dirname(path), { persistent: false }, () => {
            stirred.openUnsafe()
          })
          watcher.on("error", () => watcher.close())
          return watcher
        })()
      )
    ),
    (watcher) => Effect.sync(() => watcher?.close())
  )
  yield* Effect.race(stirred.await, Effect.sleep(every)).pipe(
    Effect.andThen(stirred.close),
    Effect.andThen(again),
    Effect.forever,
    Effect.forkScoped
  )
  yield* Effect.addFinalizer(() => PubSub.shutdown(changes))

  const edit: HubFile["edit"] = (place) =>
    Effect.gen(function*() {
      // Changes made by hand in the meantime are kept.
      const now = yield* readNow
      if (Result.isFailure(now.result)) {
        return yield* new HubFileError({
          reason: "Unwritable",
          file: name,
          problem: `nothing is written to it while it has a mistake: ${told(name, now.result.failure[0])}`,
          mistakes: []
        })
      }
      const isForeign = !Equal.equals(now.result.success.config, contents.config)
      const written = withPlace(now.text, place, { secret: now.secret })
      if (Result.isFailure(written)) return yield* mistaken(name, written.failure)
      if (written.success !== now.text) {
        yield* Effect.mapError(
          replace(path, written.success),
          ({ cause }) =>
            new HubFileError({
              reason: "Unwritable",
              file: name,
              problem: `cannot be written: ${reasonOf(cause)}; it is unchanged`,
              mistakes: []
            })
        )
      }
      const after = yield* readNow
      if (Result.isFailure(after.result)) return yield* mistaken(name, after.result.failure)
      contents = after.result.success
      others = after.others
      look = lookNow()
      last = undefined
      if (isForeign) yield* tell({ _tag: "Changed", contents })
    }).pipe(turn.withPermit, Effect.uninterruptible)

  return {
    contents: Effect.sync(() => contents),
    changes: Stream.fromPubSub(changes),
    edit
  }
})

/** A value in the format of the file. Durations are in seconds. */
const humanly = (value: unknown, shape: ConfigShape.Shape | undefined): unknown => {
  if (typeof value === "number") {
    return shape !== undefined && ConfigShape.takes(shape).startsWith("a duration")
      ? DurationText.format(value * 1000)
      : value
  }
  if (Array.isArray(value)) return value.map((one, index) => humanly(one, ConfigShape.below(shape, index)))
  return typeof value !== "object" || value === null
    ? value
    : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, humanly(one, ConfigShape.below(shape, key))]))
}

/** The keys directly below a path. */
const keysAt = (path: ReadonlyArray<string>): ReadonlyArray<HubConfig.Key> =>
  HubConfig.keys.filter((key) =>
    key.path.length === path.length + 1 && path.every((part, index) => key.path[index] === part)
  )

/** The placeholder for keys that a user chooses, if there are such keys. */
const anyAt = (path: ReadonlyArray<string>): string | undefined =>
  HubConfig.keys.find((key) =>
    key.path.length > path.length + 1 && path.every((part, index) => key.path[index] === part)
    && /^[A-Z]+$/.test(key.path[path.length]!)
  )?.path[path.length]

/**
 * A configuration as commented YAML. Each key has its meaning, the values that it takes and its default. Each key that is set
 * also has the source of its value. Pass the result of `HubConfig.shown`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const commented = (
  config: HubConfig.HubConfig,
  /** The source of each value that is set, by the path of its key with dots in between. */
  sources: Readonly<Record<string, string>> = {}
): string => {
  const lines: Array<string> = []
  const print = (path: ReadonlyArray<string>, value: unknown, isOff: boolean): void => {
    const indent = "  ".repeat(path.length)
    const line = (text: string, isOut: boolean) => lines.push(isOut ? `# ${indent}${text}` : `${indent}${text}`)
    for (const key of keysAt(path)) {
      const name = key.path.at(-1)!
      const set: unknown = partOf(value, name)
      const isUnset = isOff || set === undefined
      const about = [
        key.description,
        ...(key.isBlock ? [] : [`Takes ${key.takes}.`]),
        ...(key.otherwise === undefined ? [] : [`Default: ${key.otherwise}.`])
      ].join(" ")
      if (path.length === 0) lines.push("")
      lines.push(`${isUnset ? `# ${indent}` : indent}# ${about}`)
      const any = anyAt(key.path)
      if (!isUnset && (!key.isBlock || any !== undefined)) {
        const source = sources[key.path.join(".")]
        const [first = "", ...others] = Yaml.stringify(
          { [name]: humanly(set, shapeAt(key.path)) },
          { lineWidth: 0, aliasDuplicateObjects: false }
        ).trimEnd().split("\n")
        line(source === undefined ? first : `${first} # ${source}`, false)
        for (const other of others) line(other, false)
        continue
      }
      line(key.isBlock ? `${name}:` : `${name}: ${exampleOf(key)}`.trimEnd(), isUnset)
      if (any !== undefined && isUnset) {
        lines.push(`# ${"  ".repeat(path.length + 1)}${any}:`)
        print([...key.path, any], undefined, true)
      } else print(key.path, set, isUnset)
    }
  }
  print([], config, false)
  // Control characters could command a terminal.
  return `${lines.join("\n").trimStart()}\n`.replaceAll(
    /[^\P{Cc}\n]/gu,
    (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`
  )
}

/** The default of a key, if the default is a value. */
const exampleOf = ({ otherwise = "" }: HubConfig.Key): string =>
  /^[\w/-]+$/.test(otherwise) && otherwise !== "none" && otherwise !== "forever" ? otherwise : ""
