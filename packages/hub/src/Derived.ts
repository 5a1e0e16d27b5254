/**
 * Values that are derived from others: the dew point of a room, the mean of a group, the flow of a meter. Each is a place of its own,
 * with a history.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Schema of a source of a derived value: `KEY/PROPERTY`, the key being that of a place.
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
  /** Water in the air, in grams a cubic metre. */
  Schema.Struct({ absolute_humidity: Schema.Struct({ temperature: Source, humidity: Source }) }),
  /** The first value without the second. */
  Schema.Struct({ difference: Schema.Tuple([Source, Source]) }),
  /** How fast a counter counts. */
  Schema.Struct({
    rate: Schema.Struct({
      of: Source,
      per: Schema.Literals(["second", "minute", "hour", "day"]),
      /** What one count is, such as 0.001 for a litre in cubic metres. Default 1. */
      factor: Schema.optionalKey(Schema.Finite),
      unit: Schema.optionalKey(Schema.String)
    })
  }),
  /** Least, mean and greatest value of a property in a group of places. */
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
 * A derived value: `undefined` as long as one of its sources is not known.
 *
 * @category models
 * @since 0.1.0
 */
export interface Value {
  /** The key of its place. */
  readonly place: string
  readonly property: string
  readonly unit: string | undefined
  readonly at: number
  readonly value: number | undefined
}

/**
 * Definitions of the derived values by the keys of their places, and the groups of all places. They are asked anew each time, so that
 * edits count at once.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly definitions: () => Readonly<Record<string, Definition>>
  readonly groupOf: (key: string) => string | undefined
}

/**
 * All that is remembered of the sources. Each call changes it in place.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly options: Options
}

/**
 * Begins without knowledge.
 *
 * @category constructors
 * @since 0.1.0
 */
export const begin = (options: Options): State => ({ options })

/**
 * Takes in a plausible value of a property of a place, or that it is not known any longer.
 *
 * @category combinators
 * @since 0.1.0
 */
export const take = (_state: State, _source: Value): void => {}

/**
 * Derived values whose sources have changed since the last call, at a time in seconds since 1970.
 *
 * @category combinators
 * @since 0.1.0
 */
export const compute = (_state: State, _now: number): ReadonlyArray<Value> => []
