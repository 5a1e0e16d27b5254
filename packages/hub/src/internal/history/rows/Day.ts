/**
 * Roll-ups of the hours of a series in one UTC day: the seconds in which a value was known, the sum of values times seconds, the
 * bounds, and the value at the end. They are packed by the day, since each series lies on its own page: the hours of a day are
 * written as one page, not as twenty-four.
 */
import type * as Rows from "./Rows.ts"
import * as Step from "./Step.ts"
import * as Tally from "./Tally.ts"
import * as Timeline from "./Timeline.ts"
import * as Varint from "./Varint.ts"

export const seconds = 86_400

/** Start of the UTC day that contains a time. */
export const startOf = (at: number): number => Math.floor(at / seconds) * seconds

const hours = 24

/** Twenty-four hours, in columns. */
export interface Day {
  readonly covered: ReadonlyArray<number>
  readonly sum: ReadonlyArray<number>
  readonly min: ReadonlyArray<number>
  readonly max: ReadonlyArray<number>
  /** The value at the end of each hour, `NaN` if nothing is known. */
  readonly end: ReadonlyArray<number>
}

/** Rolls up the hours of a day, from its rows and the value before. */
export const roll = (start: number, rows: Rows.Rows, carry: number): Day => {
  const edges = Array.from({ length: hours + 1 }, (_, i) => start + 3600 * i)
  const spans = Timeline.fromRows(rows, carry, start, start + seconds)
  const tally = Tally.make(edges)
  Tally.addSpans(tally, spans)
  const end: Array<number> = []
  let span = 0
  for (const edge of edges.slice(1)) {
    while (span < spans.to.length && spans.to[span]! < edge) span++
    end.push(span < spans.to.length && spans.from[span]! < edge ? spans.value[span]! : NaN)
  }
  const { covered, max, min, sum } = tally
  return { covered, end, max, min, sum }
}

const column = (value: number): ReadonlyArray<number> => Array.from<number>({ length: hours }).fill(value)

/** Hours of a day without rows, in which one value holds. */
export const holding = (value: number): Day =>
  Number.isNaN(value)
    ? { covered: column(0), sum: column(0), min: column(Infinity), max: column(-Infinity), end: column(NaN) }
    : {
      covered: column(3600),
      sum: column(value * 3600),
      min: column(value),
      max: column(value),
      end: column(value)
    }

export const encode = (day: Day): Uint8Array => {
  const known = day.covered.flatMap((covered, i) => covered > 0 ? [day.min[i]!, day.max[i]!, day.end[i]!] : [])
  const index = Step.find(known)
  const scale = Step.scales[index]!
  const bytes = [index]
  let base = 0
  for (let i = 0; i < hours; i++) {
    const covered = day.covered[i]!
    Varint.write(bytes, covered)
    if (covered === 0) continue
    const end = day.end[i]!
    if (index === 0) {
      for (const value of [day.sum[i]!, day.min[i]!, day.max[i]!, end]) Varint.writeDouble(bytes, value)
    } else {
      const min = Math.round(day.min[i]! * scale)
      Varint.writeSigned(bytes, min - base)
      Varint.write(bytes, Math.round(day.max[i]! * scale) - min)
      // These are whole numbers, too: whole steps times whole seconds.
      Varint.write(bytes, Math.max(0, Math.round(day.sum[i]! * scale) - min * covered))
      Varint.write(bytes, Number.isNaN(end) ? 0 : Math.round(end * scale) - min + 1)
      base = min
    }
  }
  return Uint8Array.from(bytes)
}

/** A day, or `undefined` if its bytes are broken. */
export const decode = (bytes: Uint8Array): Day | undefined => {
  const scale = Step.scales[bytes[0] ?? -1]
  if (scale === undefined) return undefined
  const reader: Varint.Reader = { bytes, position: 1 }
  const day = {
    covered: [] as Array<number>,
    sum: [] as Array<number>,
    min: [] as Array<number>,
    max: [] as Array<number>,
    end: [] as Array<number>
  }
  let base = 0
  for (let i = 0; i < hours; i++) {
    const covered = Varint.read(reader)
    if (!(covered <= 3600)) return undefined
    day.covered.push(covered)
    if (covered === 0) {
      day.sum.push(0)
      day.min.push(Infinity)
      day.max.push(-Infinity)
      day.end.push(NaN)
    } else if (scale === 0) {
      day.sum.push(Varint.readDouble(reader))
      day.min.push(Varint.readDouble(reader))
      day.max.push(Varint.readDouble(reader))
      day.end.push(Varint.readDouble(reader))
    } else {
      const min = base + Varint.readSigned(reader)
      const max = min + Varint.read(reader)
      const sum = min * covered + Varint.read(reader)
      const end = Varint.read(reader)
      base = min
      day.sum.push(sum / scale)
      day.min.push(min / scale)
      day.max.push(max / scale)
      day.end.push(end === 0 ? NaN : (min + end - 1) / scale)
    }
  }
  return reader.position === bytes.length ? day : undefined
}
