/**
 * A small chart: a column for each of the last values.
 */

const bars = "▁▂▃▄▅▆▇█"

/** From where to where a chart goes. */
export interface Scale {
  readonly least: number
  readonly most: number
}

/** The middle of a bar, so that what hardly changes stays within it. */
const middle = 7 / 16

/** The scale of some values. What differs by less than a span is shown in the middle of it: a still room makes a flat line. */
export const scaleOf = (values: ReadonlyArray<number | undefined>, leastSpan: number): Scale => {
  const known = values.filter((value) => value !== undefined)
  const least = Math.min(...known)
  const most = Math.max(...known)
  const missing = Math.max(0, leastSpan - (most - least))
  return { least: least - missing * middle, most: most + missing * (1 - middle) }
}

/** Values as bars of eight heights, and a gap where there is none. */
export const sparkline = (values: ReadonlyArray<number | undefined>, { least, most }: Scale): string =>
  values.map((value) => {
    if (value === undefined) return " "
    const share = most > least ? (value - least) / (most - least) : middle
    return bars[Math.min(bars.length - 1, Math.max(0, Math.floor(share * bars.length)))]
  }).join("")
