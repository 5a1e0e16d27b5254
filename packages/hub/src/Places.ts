/**
 * Places: what people name, order and watch. A device fills a place, and the history belongs to the place.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Schema of the limits of a value, in its own unit. A value beyond one of them needs a look.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Limits = Schema.Struct({
  above: Schema.optionalKey(Schema.Finite),
  below: Schema.optionalKey(Schema.Finite)
})

/**
 * The limits of a value.
 *
 * @category models
 * @since 0.1.0
 */
export type Limits = typeof Limits.Type

/**
 * Schema of a place, as it is kept.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Place = Schema.Struct({
  /** The ROM id of the first device of the place. It stays when another device fills the place. */
  key: Schema.String,
  /** The ROM id of the device that fills it. */
  device: Schema.String,
  /** The name that somebody has given. Without one, the alias of the device is shown, or else its ROM id. */
  name: Schema.optionalKey(Schema.String),
  /** The group that it is shown in. Without one, that of its server and bus. */
  group: Schema.optionalKey(Schema.String),
  /** Its position among the places of its group: those without one come last. */
  order: Schema.optionalKey(Schema.Finite),
  isHidden: Schema.Boolean,
  /** The limits of its values, by the names of the properties. */
  limits: Schema.Record(Schema.String, Limits)
})

/**
 * A place, as it is kept.
 *
 * @category models
 * @since 0.1.0
 */
export type Place = typeof Place.Type
