/**
 * Places on a server's network: a bus, and the branches of couplers in front of a device.
 *
 * | place | as text | as path |
 * |---|---|---|
 * | the whole server, or a place whose bus is not known | nothing | `/` |
 * | a bus | `bus.0` | `/bus.0` |
 * | a bus of another server, which is behind a bus | `bus.1/bus.0` | `/bus.1/bus.0` |
 * | a branch of a coupler | `bus.0/1F.00001FE00400/main` | `/bus.0/1F.00001FE00400/main` |
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as equivalence from "effect/Equivalence"
import * as Option from "effect/Option"
import * as order from "effect/Order"
import * as Result from "effect/Result"
import { quoted } from "../internal/printable.ts"
import * as OwPath from "./OwPath.ts"

/**
 * The location of a device or a search. Two places are equal if they have the same text, also for `Equal.equals`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Place {
  /** `bus.0`, or `bus.1/bus.0` behind another server. `undefined` if it is unknown, and for the whole server. */
  readonly bus: string | undefined
  /** The branches on the way, starting at the bus master. A coupler appears by its alias if the path that leads there uses it. */
  readonly branches: ReadonlyArray<OwPath.Branch>
}

/**
 * The whole server. Also the place of a device whose bus and branches are unknown.
 *
 * @category constants
 * @since 0.1.0
 */
export const server: Place = { bus: undefined, branches: [] }

/**
 * Gives the place that a path leads to, or the place of its device.
 *
 * **Example** (Finding out where a device is)
 *
 * ```ts
 * import { OwPath, Place } from "@effect-ownet/core"
 *
 * const place = Place.ofPath(OwPath.parseUnsafe("/bus.0/1F.01001FE00100/main/28.010028D70000/temperature"))
 *
 * Place.format(place) // => "bus.0/1F.01001FE00100/main"
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofPath = (path: OwPath.OwPath): Place => ({
  bus: Option.getOrUndefined(OwPath.busName(path)),
  branches: path.branches
})

/**
 * Parses a place as `format` and `toPath` write it. Words about how to read, `/uncached` and `/alarm`, are left out. `None` for
 * the path of a device, a property or one of the server's own directories.
 *
 * **Example** (Parsing user input)
 *
 * ```ts
 * import { Place } from "@effect-ownet/core"
 * import { Option } from "effect"
 *
 * Place.fromString("/bus.0") // => Option.some({ bus: "bus.0", branches: [] })
 * Option.map(Place.fromString("1f.01001fe00100/main"), Place.toPath) // => Option.some("/1F.01001FE00100/main")
 * Place.fromString("28.010028D70000") // => Option.none()
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromString = (text: string): Option.Option<Place> => {
  const path = text === "" ? Result.succeed(undefined) : OwPath.parse(text)
  if (Result.isFailure(path)) return Option.none()
  if (path.success === undefined) return Option.some(server)
  const { device, own } = path.success
  return device === undefined && own === undefined ? Option.some(ofPath(path.success)) : Option.none()
}

/**
 * Parses a place that is a constant in the program. It throws an `IllegalArgumentError` if the text is not a place. Use
 * `fromString` for a text from outside.
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromStringUnsafe = (text: string): Place =>
  Option.getOrThrowWith(
    fromString(text),
    () => new Cause.IllegalArgumentError(`${quoted(text)} is neither a bus nor a branch of a coupler`)
  )

/**
 * Formats a place as tables, events and messages show it: `bus.0/1F.00001FE00400/main`. The whole server is empty.
 *
 * @category formatting
 * @since 0.1.0
 */
export const format = (place: Place): string => toPath(place).slice(1)

/**
 * Gives the path of a place: `/bus.0/1F.00001FE00400/main`, and `/` for the whole server.
 *
 * @category formatting
 * @since 0.1.0
 */
export const toPath = ({ branches, bus }: Place): string => {
  let text = bus === undefined ? "" : `/${bus}`
  for (const branch of branches) text += `/${formatBranch(branch)}`
  return text === "" ? "/" : text
}

const formatBranch = ({ branch, coupler }: OwPath.Branch): string => `${OwPath.formatName(coupler)}/${branch}`

/**
 * Whether `outer` is the same place as `inner` or contains it. A bus contains its couplers' branches, and the buses of a server
 * behind it. A place without a bus contains everything behind the same branches; the whole server contains everything.
 *
 * **Example** (What a failure affects)
 *
 * ```ts
 * import { Place } from "@effect-ownet/core"
 *
 * const bus = Place.fromStringUnsafe("bus.1")
 *
 * Place.contains(bus, Place.fromStringUnsafe("bus.1/bus.0")) // => true
 * Place.contains(bus, Place.fromStringUnsafe("bus.10")) // => false
 * ```
 *
 * @category predicates
 * @since 0.1.0
 */
export const contains = (outer: Place, inner: Place): boolean =>
  containsBus(outer.bus, inner.bus) && outer.branches.every((branch, depth) => {
    const other = inner.branches[depth]
    return other !== undefined && other.coupler === branch.coupler && other.branch === branch.branch
  })

/**
 * Counts the buses and couplers on the way to a place. The nearest is a bus of the server that the client is connected to. An
 * unknown bus counts as one of those.
 *
 * **Example** (Behind another server, and behind a coupler there)
 *
 * ```ts
 * import { Place } from "@effect-ownet/core"
 *
 * Place.distance(Place.fromStringUnsafe("bus.0")) // => 1
 * Place.distance(Place.fromStringUnsafe("bus.1/bus.0/1F.00001FE00400/main")) // => 3
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const distance = ({ branches, bus = "" }: Place): number => bus.split("/").length + branches.length

const containsBus = (outer: string | undefined, inner: string | undefined): boolean =>
  outer === undefined || (inner !== undefined && `${inner}/`.startsWith(`${outer}/`))

/**
 * Whether two places are the same.
 *
 * @category equivalence
 * @since 0.1.0
 */
export const Equivalence: equivalence.Equivalence<Place> = equivalence.mapInput(equivalence.String, format)

/**
 * Order of places: by the numbers of their buses, with a bus before those behind it and before the branches on it; branches in
 * the order of their text. A place with an unknown bus comes before all buses.
 *
 * **Example** (Listing places in the expected order)
 *
 * ```ts
 * import { Place } from "@effect-ownet/core"
 * import { Array } from "effect"
 *
 * const places = ["bus.10", "bus.2/bus.0", "bus.2"].map(Place.fromStringUnsafe)
 *
 * Array.sort(places, Place.Order).map(Place.format) // => ["bus.2", "bus.2/bus.0", "bus.10"]
 * ```
 *
 * @category ordering
 * @since 0.1.0
 */
export const Order: order.Order<Place> = order.combine(
  order.mapInput(order.Array(order.Number), ({ bus }: Place) => numbersOf(bus)),
  order.mapInput(order.Array(order.String), ({ branches }: Place) => branches.map(formatBranch))
)

const numbersOf = (bus: string | undefined): ReadonlyArray<number> =>
  bus === undefined ? [] : bus.split("/").map((name) => Number(name.slice("bus.".length)))
