/**
 * Durations as people write them in files and on the command line.
 *
 * **Example** (Reading a duration)
 *
 * ```ts
 * import { DurationText } from "@effect-ownet/hub"
 * import { Option } from "effect"
 *
 * DurationText.parse("90d").pipe(Option.getOrThrow) // => 7776000000
 * DurationText.format(600_000) // => "10m"
 * ```
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  "": 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000
}

/**
 * Milliseconds of a duration such as `500ms`, `2s`, `1m`, `1h`, `30d`, `6w` or `2y`. A plain number is seconds. A duration must
 * be above zero.
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (text: string): Option.Option<number> => {
  const match = /^(\d+(?:\.\d+)?)(ms|[smhdwy]|)$/.exec(text)
  if (match === null) return Option.none()
  const millis = Number(match[1]) * units[match[2]!]!
  return millis > 0 ? Option.some(millis) : Option.none()
}

/**
 * Formats milliseconds in the largest unit that divides them, so that `parse` reads the same duration back.
 *
 * @category formatting
 * @since 0.1.0
 */
export const format = (millis: number): string => {
  const [unit = "ms", size = 1] =
    Object.entries(units).findLast(([unit, size]) => unit !== "" && millis % size === 0) ?? []
  return `${millis / size}${unit}`
}
