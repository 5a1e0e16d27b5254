/**
 * Small charts with a column for each of the last values.
 */

const bars = "▁▂▃▄▅▆▇█"

/** The values at the bottom and at the top of a chart. */
export interface Scale {
  readonly least: number
  readonly most: number
}

/** The middle of a bar, so that a value that hardly changes stays within it. */
const middle = 7 / 16

/** The scale of some values, at least as wide as a span, so that the temperature of a quiet room is a flat line in the middle. */
export const scaleOf = (values: ReadonlyArray<number | undefined>, leastSpan: number): Scale => {
  const known = values.filter((value) => value !== undefined)
  const least = Math.min(...known)
  const most = Math.max(...known)
  const missing = Math.max(0, leastSpan - (most - least))
  return { least: least - missing * middle, most: most + missing * (1 - middle) }
}

/** Values as bars of eight heights, with a gap for each missing value. */
export const sparkline = (values: ReadonlyArray<number | undefined>, { least, most }: Scale): string =>
  values.map((value) => {
    if (value === undefined) return " "
    const share = most > least ? (value - least) / (most - least) : middle
    return bars[Math.min(bars.length - 1, Math.max(0, Math.floor(share * bars.length)))]
  }).join("")
