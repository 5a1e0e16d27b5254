/**
 * Values that are derived from others: the dew point of a room, the mean of a group, the flow of a meter. Each derived value is a
 * place, with its own history. The functions are plain, for a hub of your own or for a log.
 *
 * | definition | properties | unit |
 * |---|---|---|
 * | `dew_point` | `dew_point` | °C |
 * | `absolute_humidity` | `absolute_humidity` | g/m³ |
 * | `difference` | `difference` | that of both sources |
 * | `rate` | `rate` | that of the source by time, or its option `unit` |
 * | `group` | `mean`, `min`, `max` | that of all members |
 *
 * **Example** (The flow of a water meter)
 *
 * ```ts
 * import { Derived } from "@effect-ownet/hub"
 *
 * const of = "1D.77A20D000000/counter.A"
 * const flow: Derived.Definition = { rate: { of, per: "minute", unit: "l/min" } }
 * const state = Derived.begin({ definitions: () => ({ flow }), groupOf: () => undefined })
 * const counter = { place: "1D.77A20D000000", property: "counter.A", unit: undefined }
 *
 * Derived.take(state, { ...counter, at: 0, value: 4_294_967_290 })
 * Derived.take(state, { ...counter, at: 60, value: 2 })
 * Derived.compute(state, 60).map(({ unit, value }) => [value, unit]) // => [[8, "l/min"]]
 * ```
 *
 * @since 0.1.0
 */
import { Counter, Family, Humidity, RomId } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Places from "./Places.ts"

/**
 * Schema of a source of a derived value: `KEY/PROPERTY`, with the key of a place.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Source = Schema.String.check(
  Schema.isPattern(/^[^/]{1,64}\/.{1,100}$/s, {
    description: "a place and its property, such as 28.000028D70100/temperature"
  })
)

/**
 * Schema of the definition of a derived value.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Definition = Schema.Union([
  /** Temperature, in degrees Celsius, at which the air would be saturated. */
  Schema.Struct({ dew_point: Schema.Struct({ temperature: Source, humidity: Source }) }),
  /** Water in the air, in grams per cubic metre. */
  Schema.Struct({ absolute_humidity: Schema.Struct({ temperature: Source, humidity: Source }) }),
  /** The first value minus the second. */
  Schema.Struct({ difference: Schema.Tuple([Source, Source]) }),
  /** Rate of a counter. */
  Schema.Struct({
    rate: Schema.Struct({
      of: Source,
      per: Schema.Literals(["second", "minute", "hour", "day"]),
      /** Value of one count, such as 0.001 for a litre in cubic metres. Default 1. */
      factor: Schema.optionalKey(Schema.Finite),
      /** The unit of the rate, such as `m³/h`. By default, the unit of the source by the time. */
      unit: Schema.optionalKey(Schema.String)
    })
  }),
  /** Minimum, mean and maximum of a property in a group of places. */
  Schema.Struct({ group: Schema.String, property: Schema.String })
])

/**
 * The definition of a derived value.
 *
 * @category models
 * @since 0.1.0
 */
export type Definition = typeof Definition.Type

/**
 * A derived value: `undefined` while one of its sources is not known.
 *
 * @category models
 * @since 0.1.0
 */
export interface Value {
  /** The key of the place. */
  readonly place: string
  readonly property: string
  readonly unit: string | undefined
  readonly at: number
  readonly value: number | undefined
  /** The reason why the derived value is not known. */
  readonly problem?: string | undefined
}

/**
 * Look-up of definitions by the keys of their places, and of the groups and titles of places. It is called each time, so edits
 * take effect at once.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Current definitions, by the keys of their places. */
  readonly definitions: () => Readonly<Record<string, Definition>>
  /** The group of a place, by its key. */
  readonly groupOf: (key: string) => string | undefined
  /** The name of a place in texts. By default, its key. */
  readonly titleOf?: ((key: string) => string | undefined) | undefined
}

/** The current value of a source. */
interface Known {
  readonly unit: string | undefined
  readonly at: number
  readonly value: number | undefined
  readonly problem?: string | undefined
}

/** The count since the counter became known, without a gap. */
interface Point {
  readonly at: number
  readonly total: number
  readonly value: number
}

/** A derived value as defined when it was last computed. */
interface Made {
  readonly definition: string
  /** The members of the group. */
  readonly members: string
}

/**
 * State of the sources and of the values derived from them. Each call changes it in place.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly options: Options
  /** Sources by their properties, and by the keys of their places. */
  readonly sources: Map<string, Map<string, Known>>
  /** Sources that have changed since the last call, and the time of the change. */
  readonly changed: Map<string, number>
  /** Points of the counters, by the keys of the rates that use them. */
  readonly trails: Map<string, ReadonlyArray<Point>>
  /** Results of the last computation, by the keys of their places. */
  readonly made: Map<string, Made>
  /** The definitions that `counters` was made for. */
  definitions: Readonly<Record<string, Definition>>
  /** Keys of rates, by their sources. */
  counters: ReadonlyMap<string, ReadonlyArray<string>>
}

/**
 * Begins without knowledge.
 *
 * @category constructors
 * @since 0.1.0
 */
export const begin = (options: Options): State => ({
  options,
  sources: new Map(),
  changed: new Map(),
  trails: new Map(),
  made: new Map(),
  definitions: {},
  counters: new Map()
})

/**
 * Properties of a derived value. The first one is the main one.
 *
 * @category getters
 * @since 0.1.0
 */
export const propertiesOf = (definition: Definition): ReadonlyArray<string> =>
  "group" in definition ? ["mean", "min", "max"] : Object.keys(definition)

/**
 * Description of a derived value in words: `dew point of Bathroom`.
 *
 * @category getters
 * @since 0.1.0
 */
export const describe = (definition: Definition, titleOf: (key: string) => string | undefined): string => {
  const name = (source: string): string => nameOf(source, titleOf)
  const title = (source: string): string => titleOf(partsOf(source)[0]) ?? partsOf(source)[0]
  const ofAir = (what: string, { humidity, temperature }: { humidity: string; temperature: string }): string =>
    partsOf(humidity)[0] === partsOf(temperature)[0]
      ? `${what} of ${title(temperature)}`
      : `${what} by ${name(temperature)} and ${name(humidity)}`
  if ("dew_point" in definition) return ofAir("dew point", definition.dew_point)
  if ("absolute_humidity" in definition) return ofAir("absolute humidity", definition.absolute_humidity)
  if ("difference" in definition) return `${name(definition.difference[0])} minus ${name(definition.difference[1])}`
  if ("rate" in definition) return `${name(definition.rate.of)} by the ${definition.rate.per}`
  return `mean, minimum and maximum ${definition.property} of ${definition.group}`
}

/** The key of a place, in the format of the hub, and a property. */
const partsOf = (source: string): readonly [key: string, property: string] => {
  const slash = source.indexOf("/")
  const key = source.slice(0, Math.max(0, slash))
  const id = RomId.fromString(key)
  return [Option.isSome(id) ? RomId.format(id.value) : key, source.slice(slash + 1)]
}

const nameOf = (source: string, titleOf: Options["titleOf"]): string => {
  const [key, property] = partsOf(source)
  return `${property} of ${titleOf?.(key) ?? key}`
}

const sourcesOf = (definition: Definition): ReadonlyArray<string> =>
  "dew_point" in definition
    ? [definition.dew_point.temperature, definition.dew_point.humidity]
    : "absolute_humidity" in definition
    ? [definition.absolute_humidity.temperature, definition.absolute_humidity.humidity]
    : "difference" in definition
    ? definition.difference
    : "rate" in definition
    ? [definition.rate.of]
    : []

/** The definition of a place, if there is one. Ignores properties that every object has. */
const definitionOf = (definitions: Readonly<Record<string, Definition>>, key: string): Definition | undefined =>
  Object.hasOwn(definitions, key) ? definitions[key] : undefined

/**
 * Takes in a plausible value of a property of a place, or `undefined` if it is no longer known. Do not pass derived values: they
 * are known already.
 *
 * @category combinators
 * @since 0.1.0
 */
export const take = (state: State, { at, place, property, unit, value }: Value): void => {
  const definitions = state.options.definitions()
  if (definitionOf(definitions, place) !== undefined) return
  if (definitions !== state.definitions) {
    state.definitions = definitions
    state.counters = countersOf(definitions)
  }
  let ofProperty = state.sources.get(property)
  if (ofProperty === undefined) state.sources.set(property, ofProperty = new Map())
  const before = ofProperty.get(place)
  const isKnown = value !== undefined && Number.isFinite(value)
  ofProperty.set(place, { at, value: isKnown ? value : undefined, unit: unit ?? before?.unit })
  const source = `${place}/${property}`
  state.changed.set(source, at)
  for (const key of state.counters.get(source) ?? []) follow(state, key, at, isKnown ? value : undefined)
}

const countersOf = (definitions: State["definitions"]): State["counters"] => {
  const counters = new Map<string, Array<string>>()
  for (const [key, definition] of Object.entries(definitions)) {
    if (!("rate" in definition)) continue
    const source = partsOf(definition.rate.of).join("/")
    counters.set(source, [...counters.get(source) ?? [], key])
  }
  return counters
}

/** Seconds over which a rate is computed, if values come more often. That keeps a single count from looking like a burst. */
const window = 60

/** Maximum number of points of a counter, because some programs read it many times a second. */
const mostPoints = 200

/** Counts per second that no chip reaches. A counter that seems faster was reset, or is another counter. */
const fastest = 10_000

/** Adds a value to a counter. A step back, or a step that is too large, starts over, and that step is unknown. */
const follow = (state: State, key: string, at: number, value: number | undefined): void => {
  if (value === undefined) {
    state.trails.delete(key)
    return
  }
  const trail = state.trails.get(key) ?? []
  const last = trail.at(-1)
  const counted = last === undefined || at < last.at ? undefined : countedBetween(last, at, value)
  const point: Point = { at, value, total: last === undefined || counted === undefined ? 0 : last.total + counted }
  if (counted === undefined || last === undefined) {
    state.trails.set(key, [point])
    return
  }
  const points = [...at === last.at && trail.length > 1 ? trail.slice(0, -1) : trail, point]
  let first = 0
  while (first + 2 < points.length && points[first + 1]!.at <= at - window) first++
  state.trails.set(key, points.slice(Math.max(first, points.length - mostPoints)))
}

const countedBetween = (last: Point, at: number, value: number): number | undefined => {
  const difference = value - last.value
  if (!Number.isInteger(last.value) || !Number.isInteger(value)) return difference < 0 ? undefined : difference
  const delta = Counter.delta(last.value, value, { maxIncrease: fastest * Math.max(1, at - last.at) })
  return delta._tag === "Increase" ? delta.count : undefined
}

/**
 * Derived values whose sources have changed since the last call, at a time in seconds since 1970. Each value has the time of the
 * source that changed last. If only its definition or the members of its group have changed, it has the time of the call.
 *
 * **Details**
 *
 * - A value is not known while a source is not known, and `problem` says which one. A group is known while one member is.
 * - The sources of a difference, and the members of a group, must have the same unit. Air must be measured in °C and %.
 * - Dew point and absolute humidity come from `Humidity` in core, which uses the Magnus formula, for -45 to 60 °C.
 * - A rate covers the last minute, or the last two values if they are further apart. It is not known for a step in which the
 *   counter has gone back. The counter of a chip wraps to 0 at 2^32.
 * - Results are rounded: temperature, humidity and water to a tenth, other means to 4 digits, rates to 3. That is finer than the
 *   accuracy of sensors, and keeps noise of the sources out of the history. Differences, minima and maxima have the resolution of
 *   their sources.
 *
 * @category combinators
 * @since 0.1.0
 */
export const compute = (state: State, now: number): ReadonlyArray<Value> => {
  const definitions = state.options.definitions()
  const results = new Map<string, Result>()
  const values: Array<Value> = []
  for (const key of state.made.keys()) {
    if (definitionOf(definitions, key) !== undefined) continue
    state.made.delete(key)
    state.trails.delete(key)
    forget(state, key)
  }
  const run: Run = { state, definitions, now, results, path: [] }
  for (const key of Object.keys(definitions)) {
    const { changedAt, values: found } = resultOf(run, key)
    if (changedAt === undefined) continue
    for (const [property, known] of found) values.push({ ...known, place: key, property, at: changedAt })
  }
  state.changed.clear()
  return values
}

const forget = ({ sources }: State, key: string): void => {
  for (const ofProperty of sources.values()) ofProperty.delete(key)
}

/** One call. */
interface Run {
  readonly state: State
  readonly definitions: State["definitions"]
  readonly now: number
  readonly results: Map<string, Result>
  /** Keys that are currently being computed. */
  readonly path: Array<string>
}

interface Result {
  /** Time of the change, if anything has changed. */
  readonly changedAt: number | undefined
  /** Values by property. None if nothing changed. */
  readonly values: ReadonlyArray<readonly [property: string, value: Known]>
}

const resultOf = (run: Run, key: string): Result => {
  const done = run.results.get(key)
  if (done !== undefined) return done
  run.path.push(key)
  const result = make(run, key, run.definitions[key]!)
  run.path.pop()
  run.results.set(key, result)
  for (const [property, known] of result.values) {
    let ofProperty = run.state.sources.get(property)
    if (ofProperty === undefined) run.state.sources.set(property, ofProperty = new Map())
    ofProperty.set(key, known)
  }
  return result
}

const make = (run: Run, key: string, definition: Definition): Result => {
  const { now, state } = run
  const members = "group" in definition ? membersOf(run, definition, key) : []
  const sources = "group" in definition
    ? members.map((member) => `${member}/${definition.property}`)
    : sourcesOf(definition).map((source) => partsOf(source).join("/"))
  const next: Made = { definition: JSON.stringify(definition), members: JSON.stringify(members) }
  const before = state.made.get(key)
  const isNew = before?.definition !== next.definition || before.members !== next.members
  const isOther = before !== undefined && before.definition !== next.definition
  if (isOther) {
    state.trails.delete(key)
    forget(state, key)
  }
  state.made.set(key, next)
  const times = sources.flatMap((source) => changedAt(run, source) ?? [])
  if (!isNew && times.length === 0) return { changedAt: undefined, values: [] }
  const at = isOther || times.length === 0 ? now : times.reduce((latest, time) => Math.max(latest, time))
  if ("rate" in definition) {
    const isDerived = definitionOf(run.definitions, partsOf(definition.rate.of)[0]) !== undefined
    // Points of measured counters were recorded as they arrived.
    if (isDerived || !state.trails.has(key)) {
      const known = knownOf(run, sources[0]!)
      follow(state, key, known?.at ?? at, known?.value)
    }
  }
  const values = "group" in definition
    ? ofGroup(run, definition, members)
    : [[propertiesOf(definition)[0]!, ofSources(run, key, definition, sources)] as const]
  return { changedAt: at, values: values.map(([property, known]) => [property, { ...known, at }]) }
}

/** Time at which a source has changed since the last call, if it has. */
const changedAt = (run: Run, source: string): number | undefined => {
  const [key] = partsOf(source)
  if (definitionOf(run.definitions, key) === undefined) return run.state.changed.get(source)
  return run.path.includes(key) ? undefined : resultOf(run, key).changedAt
}

const knownOf = ({ path, state }: Run, source: string): Known | undefined => {
  const [key, property] = partsOf(source)
  // A value that depends on itself is never known.
  return path.includes(key) ? undefined : state.sources.get(property)?.get(key)
}

/** Members of a group that have, or had, its property. */
const membersOf = (
  run: Run,
  { group, property }: Extract<Definition, { readonly group: string }>,
  own: string
): ReadonlyArray<string> => {
  const { definitions, state: { options, sources } } = run
  const measured = [...sources.get(property)?.keys() ?? []].filter((key) => !Object.hasOwn(definitions, key))
  const derived = Object.entries(definitions).flatMap(([key, definition]) =>
    key !== own && propertiesOf(definition).includes(property) ? [key] : []
  )
  return [...measured, ...derived].filter((key) => options.groupOf(key) === group).toSorted()
}

type Unset = Omit<Known, "at">

const unknown = (problem: string, unit?: string): Unset => ({ value: undefined, unit, problem })

const circular = "it depends on itself"

/** Rounds temperature, humidity and water to a tenth, and other values to some digits. Zero has no sign. */
const rounded = (value: number, unit: string | undefined, digits: number): number =>
  (unit === "°C" || unit === "g/m³" || unit?.startsWith("%") === true
    ? Math.round(value * 10) / 10
    : Number(value.toPrecision(digits))) + 0

/** Removes the error of binary numbers: 0.3 - 0.1 is 0.2. */
const exact = (value: number, of: number): number =>
  Number.isFinite(value) && of > 0
    ? Number(value.toFixed(Math.min(100, Math.max(0, 12 - Math.ceil(Math.log10(of)))))) + 0
    : value

const ofGroup = (
  run: Run,
  { group, property }: Extract<Definition, { readonly group: string }>,
  members: ReadonlyArray<string>
): ReadonlyArray<readonly [string, Unset]> => {
  const all = (made: (what: string) => Unset) => ["mean", "min", "max"].map((what) => [what, made(what)] as const)
  if (members.some((member) => run.path.includes(member))) return all(() => unknown(circular))
  const known = members.flatMap((member) => knownOf(run, `${member}/${property}`) ?? [])
  const values = known.flatMap(({ value }) => value ?? [])
  if (values.length === 0) return all(() => unknown(`no place in ${group} has a known ${property}`))
  const units = [...new Set(known.filter(({ value }) => value !== undefined).map(({ unit }) => unit))]
  if (units.length > 1) {
    return all(() => unknown(`the members of ${group} have ${property} in ${units.map(unitText).join(" and in ")}`))
  }
  const [unit] = units
  const min = values.reduce((least, value) => Math.min(least, value), Infinity)
  const max = values.reduce((greatest, value) => Math.max(greatest, value), -Infinity)
  const mean = values.reduce((sum, value) => sum + value / values.length, 0)
  // The mean is not computed from rounded values.
  const results: Readonly<Record<string, number>> = {
    mean: Math.min(max, Math.max(min, rounded(mean, unit, 4))),
    min,
    max
  }
  return all((what) => ({ value: results[what], unit }))
}

const unitText = (unit: string | undefined): string => unit === undefined || unit === "" ? "no unit" : unit

const ofSources = (
  run: Run,
  key: string,
  definition: Exclude<Definition, { readonly group: string }>,
  sources: ReadonlyArray<string>
): Unset => {
  const { titleOf } = run.state.options
  const known: Array<Known & { readonly value: number }> = []
  for (const source of sources) {
    if (run.path.includes(partsOf(source)[0])) return unknown(circular)
    const found = knownOf(run, source)
    if (found?.value === undefined) return unknown(`${nameOf(source, titleOf)} is not known`)
    known.push({ ...found, value: found.value })
  }
  const [first, second] = known
  if (first === undefined) return unknown("it has no source")
  if ("rate" in definition) return ofCounter(run.state.trails.get(key) ?? [], definition.rate, first.unit)
  if (second === undefined) return unknown("it has only one source")
  if ("difference" in definition) {
    return first.unit === second.unit
      ? {
        value: exact(first.value - second.value, Math.max(Math.abs(first.value), Math.abs(second.value))),
        unit: first.unit
      }
      : unknown(`one source is in ${unitText(first.unit)}, and the other in ${unitText(second.unit)}`)
  }
  const problem = first.unit !== "°C"
    ? `${nameOf(sources[0]!, titleOf)} is in ${unitText(first.unit)}, not in °C`
    : second.unit?.startsWith("%") !== true
    ? `${nameOf(sources[1]!, titleOf)} is in ${unitText(second.unit)}, not in %`
    : undefined
  if (problem !== undefined) return unknown(problem)
  const air = { temperature: first.value, humidity: second.value }
  const [result, unit] = "dew_point" in definition
    ? [Humidity.dewPoint(air), "°C"] as const
    : [Humidity.absoluteHumidity(air), "g/m³"] as const
  return Option.match(result, {
    onNone: () => unknown("such air has none"),
    onSome: (value) => ({ value: rounded(value, unit, 4), unit })
  })
}

const times = { second: [1, "s"], minute: [60, "min"], hour: [3600, "h"], day: [86_400, "d"] } as const

const ofCounter = (
  trail: ReadonlyArray<Point>,
  { factor = 1, per, unit: given }: Extract<Definition, { readonly rate: unknown }>["rate"],
  of: string | undefined
): Unset => {
  const [seconds, symbol] = times[per]
  const unit = given ?? `${of === undefined || of === "" ? "1" : of}/${symbol}`
  const first = trail[0]
  const last = trail.at(-1)
  if (first === undefined || last === undefined || !(last.at > first.at)) {
    return unknown("a rate needs two consecutive values of the counter", unit)
  }
  const value = (last.total - first.total) * factor * seconds / (last.at - first.at)
  return Number.isFinite(value) ? { value: rounded(value, undefined, 3), unit } : unknown("it is too large", unit)
}

/**
 * A mistake in the definition of a derived value.
 *
 * @category models
 * @since 0.1.0
 */
export interface Problem {
  /** The key of the place. */
  readonly place: string
  readonly problem: string
}

/**
 * Finds mistakes in definitions: sources that cannot exist, and values that depend on themselves. It does not check whether a
 * device was ever seen. If you pass the groups of places, it also finds groups that are members of themselves.
 *
 * **Example** (A name that is not defined)
 *
 * ```ts
 * import { Derived } from "@effect-ownet/hub"
 *
 * const spread: Derived.Definition = { difference: ["flow/rate", "28.000028D70100/temperature"] }
 *
 * Derived.check({ spread }) // => [{ place: "spread", problem: "there is no derived value flow" }]
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const check = (
  definitions: Readonly<Record<string, Definition>>,
  groupOf: Options["groupOf"] = () => undefined
): ReadonlyArray<Problem> => {
  const problems: Array<Problem> = []
  const isDone = new Set<string>()
  const visit = (key: string, path: ReadonlyArray<string>): void => {
    const at = path.indexOf(key)
    if (at >= 0) {
      problems.push({ place: key, problem: `${circular}: ${[...path.slice(at), key].join(" → ")}` })
      return
    }
    for (const next of needed(definitions, key, groupOf)) if (!isDone.has(next)) visit(next, [...path, key])
    isDone.add(key)
  }
  for (const [key, definition] of Object.entries(definitions)) {
    if (!Places.isDerived(key)) {
      problems.push({
        place: key,
        problem:
          "the name of a derived value is a lower-case letter, and then such letters, digits, - and _: 64 at most"
      })
    }
    for (const source of sourcesOf(definition)) {
      const problem = sourceProblem(definitions, source)
      if (problem !== undefined) problems.push({ place: key, problem })
    }
    if (!isDone.has(key)) visit(key, [])
  }
  return problems
}

/** Keys of the other derived values that a value depends on. */
const needed = (
  definitions: Readonly<Record<string, Definition>>,
  key: string,
  groupOf: Options["groupOf"]
): ReadonlyArray<string> => {
  const definition = definitionOf(definitions, key)
  if (definition === undefined) return []
  if (!("group" in definition)) {
    return sourcesOf(definition).map((source) => partsOf(source)[0]).filter((one) => Object.hasOwn(definitions, one))
  }
  // A group leaves its own place out.
  return Object.entries(definitions).flatMap(([other, of]) =>
    other !== key && groupOf(other) === definition.group && propertiesOf(of).includes(definition.property)
      ? [other]
      : []
  )
}

const sourceProblem = (definitions: Readonly<Record<string, Definition>>, source: string): string | undefined => {
  const [key, property] = partsOf(source)
  const definition = definitionOf(definitions, key)
  if (definition !== undefined) {
    const properties = propertiesOf(definition)
    return properties.includes(property) ? undefined : `${key} has no ${property}; it has ${properties.join(", ")}`
  }
  if (Option.isSome(RomId.fromString(key))) {
    // Any family may do, because another device may fill the place.
    return Object.values(Families).some((family) => Option.isSome(Family.find(family, property)))
      ? undefined
      : `no device has a property ${property}`
  }
  return Places.isDerived(key) ? `there is no derived value ${key}` : `${key} is neither a ROM id nor a derived value`
}
