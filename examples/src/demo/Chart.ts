/**
 * Text that fits the available width.
 */

const bars = "▁▂▃▄▅▆▇█"

/** Values no further apart than this look equal, so that a quiet room makes a flat line. */
const leastSpan = 0.5

/** A column for each of the last values, and a gap for each missing one. */
export const sparkline = (values: ReadonlyArray<number | undefined>, columns: number): string => {
  const shown = values.slice(-columns)
  const known = shown.filter((value) => value !== undefined)
  const least = Math.min(...known)
  const step = Math.max(leastSpan, Math.max(...known) - least) / (bars.length - 1)
  return shown.map((value) => value === undefined ? " " : bars[Math.round((value - least) / step)]).join("")
}

const escape = "\u001B"
const colorOrCharacter = new RegExp(`(${escape}\\[[\\d;]*m)|.`, "gu")

/** Cuts a line. Colors take no width, and each is closed. */
export const cut = (line: string, columns: number): string => {
  let left = columns
  return line.replace(colorOrCharacter, (character, color) => color ?? (left-- > 0 ? character : ""))
}

/** Breaks a text between words, and indents its lines. */
export const wrap = (text: string, columns: number): string =>
  text.replace(new RegExp(`(.{1,${columns - 2}})(?: |$)`, "g"), "  $1\n").trimEnd()
