/**
 * Places, which people name, order and watch. A device fills a place, and the history belongs to the place.
 *
 * **Example** (A freezer that is watched)
 *
 * ```ts
 * import { History, Places } from "@effect-ownet/hub"
 *
 * const freezer: Places.Place = {
 *   ...Places.ofDevice("28.000028D70100"),
 *   name: "freezer",
 *   limits: { temperature: { above: -15 } }
 * }
 *
 * const kept = History.History.use((history) => history.setPlace(freezer))
 * ```
 *
 * @since 0.1.0
 */
import * as order from "effect/Order"
import * as Schema from "effect/Schema"
import { distance as distanceOf } from "./internal/Similarity.ts"

const distance = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

interface Given {
  readonly above?: number | undefined
  readonly below?: number | undefined
  readonly for?: number | undefined
  readonly hysteresis?: number | undefined
}

/**
 * The mistake in the limits of a value, in words; `undefined` if there is none. `Limits` also checks this.
 *
 * @category predicates
 * @since 0.1.0
 */
export const problemOf = ({ above, below, for: duration = 0, hysteresis = 0 }: Given): string | undefined => {
  if (!(duration >= 0)) return `"for" (${duration}) must be at least 0`
  if (!(hysteresis >= 0)) return `"hysteresis" (${hysteresis}) must be at least 0`
  if (above === undefined || below === undefined) return undefined
  if (above < below) return `no value is within them: "above" (${above}) must be at least "below" (${below})`
  return hysteresis > above - below
    ? `"hysteresis" (${hysteresis}) must be at most the distance between "above" and "below" (${above - below})`
    : undefined
}

/**
 * Schema of the limits of a value, in the unit of the value. A value beyond a limit needs attention.
 *
 * **Example** (Limits that no value keeps)
 *
 * ```ts
 * import { Places } from "@effect-ownet/hub"
 * import { Schema } from "effect"
 *
 * Schema.is(Places.Limits)({ above: 8, below: 2 }) // => true
 * Schema.is(Places.Limits)({ above: 2, below: 8 }) // => false
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const Limits = Schema.Struct({
  above: Schema.optionalKey(Schema.Finite),
  below: Schema.optionalKey(Schema.Finite),
  /** Seconds that a value must be beyond the limit before a notice. Default 0. */
  for: Schema.optionalKey(distance),
  /** Distance by which a value must come back within the limit. Default 0: the value must be within the limit for a minute. */
  hysteresis: Schema.optionalKey(distance),
  /** Whether notices of these limits are also sent in quiet hours. Default `false`. */
  isUrgent: Schema.optionalKey(Schema.Boolean)
}).check(Schema.makeFilter((limits) => problemOf(limits) ?? true))

/**
 * The limits of a value.
 *
 * @category models
 * @since 0.1.0
 */
export type Limits = typeof Limits.Type

/**
 * Schema of a place in the history.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Place = Schema.Struct({
  /**
   * The ROM id of the first device of the place, which stays when another device fills the place; or the name of a derived value.
   */
  key: Schema.String,
  /** The ROM id of the device that fills the place. A derived value has no device, so this is its key. */
  device: Schema.String,
  /** The name that somebody has given. Without a name, the alias of the device is shown, or else its ROM id. */
  name: Schema.optionalKey(Schema.String),
  /** The group that the place is shown in. By default, the group of its server and bus. */
  group: Schema.optionalKey(Schema.String),
  /** Position among all places. Places without one come last. A group is shown at the position of its first place. */
  order: Schema.optionalKey(Schema.Finite),
  isHidden: Schema.Boolean,
  /** The limits of values, by the names of the properties. */
  limits: Schema.Record(Schema.String, Limits),
  /** Seconds without a good reading before a notice; 0 for never. By default, the setting of the hub applies. */
  noNewsFor: Schema.optionalKey(distance)
})

/**
 * A place in the history.
 *
 * @category models
 * @since 0.1.0
 */
export type Place = typeof Place.Type

/**
 * The place of a device that nobody has named yet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofDevice = (device: string): Place => ({ key: device, device, isHidden: false, limits: {} })

/**
 * Whether a key belongs to a derived value: a lower-case letter, followed by lower-case letters, digits, hyphens and underscores.
 * No ROM id has this form.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isDerived = (key: string): boolean => /^[a-z][a-z0-9_-]{0,63}$/.test(key)

/**
 * A place as it is shown in a list.
 *
 * @category models
 * @since 0.1.0
 */
export interface Shown extends Pick<Place, "key" | "group" | "order"> {
  readonly title: string
  readonly server?: string | undefined
  readonly bus?: string | undefined
}

/**
 * Names by their similarity to a text in any case, the most similar first. Names that contain the text come before others.
 *
 * **Example** (A name that is misspelt)
 *
 * ```ts
 * import { Places } from "@effect-ownet/hub"
 *
 * Places.similar("atic", ["Kitchen", "Attic"]) // => ["Attic", "Kitchen"]
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const similar = (text: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const given = text.toLowerCase().slice(0, longest)
  return names
    .map((name) => {
      const known = name.toLowerCase().slice(0, longest)
      return { name, distance: given !== "" && known.includes(given) ? 0 : distanceOf(given, known) }
    })
    .toSorted((a, b) => a.distance - b.distance)
    .map(({ name }) => name)
}

/** Letters of a name that count, because a comparison takes time proportional to the product of both lengths. */
const longest = 60

const collator = new Intl.Collator("en", { numeric: true })

/** Sorts by a text in natural order: `room 2` comes before `room 10`. Places without a text come last. */
const byText = (of: (place: Shown) => string | undefined): order.Order<Shown> => (a, b) => {
  const [left, right] = [of(a), of(b)]
  if (left === right) return 0
  if (left === undefined || right === undefined) return left === undefined ? 1 : -1
  const difference = collator.compare(left, right)
  return difference < 0 ? -1 : difference > 0 ? 1 : 0
}

/** The group of a place: one that people have made, or else its server and bus. */
const groupOf = ({ bus, group, server }: Shown): string => JSON.stringify(group === undefined ? [server, bus] : group)

/**
 * The order in which places are shown. A group is shown at the position of its first place, by `order`. Groups without such a
 * place come after those: first the groups that people have made, by name, then all others by server and bus. Within a group,
 * places that people have put in order come first, and then the others by title.
 *
 * @category combinators
 * @since 0.1.0
 */
export const arrange = <A extends Shown>(places: Iterable<A>): ReadonlyArray<A> => {
  const all = [...places]
  const first = new Map<string, number>()
  for (const place of all) {
    const group = groupOf(place)
    first.set(group, Math.min(first.get(group) ?? Infinity, place.order ?? Infinity))
  }
  return all.toSorted(order.combineAll([
    order.mapInput(order.Number, (place: Shown) => first.get(groupOf(place)) ?? Infinity),
    byText(({ group }) => group),
    byText(({ group, server }) => group === undefined ? server : ""),
    byText(({ bus, group }) => group === undefined ? bus : ""),
    order.mapInput(order.Number, ({ order }: Shown) => order ?? Infinity),
    byText(({ title }) => title),
    byText(({ key }) => key)
  ]))
}
