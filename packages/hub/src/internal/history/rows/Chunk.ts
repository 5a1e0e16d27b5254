/**
 * The packed rows of a series in one hour: seconds since the row before, and steps since the value before. The first byte
 * identifies the step. Values are restored exactly.
 */
import * as Rows from "./Rows.ts"
import * as Step from "./Step.ts"
import * as Varint from "./Varint.ts"

export const seconds = 3600

/** Start of the hour that contains a time. */
export const startOf = (at: number): number => Math.floor(at / seconds) * seconds

// The kinds of rows, in the two lowest bits of the first number of each row.
const changed = 0
const unchanged = 1
const nothing = 2
const implausible = 3

/** Set in the verdict of a row without a value. */
const withoutValue = 128

/** Packs rows that lie within the hour that begins at `start`. */
export const encode = (start: number, rows: Rows.Rows): Uint8Array => {
  const index = Step.find(rows.value)
  const scale = Step.scales[index]!
  const bytes = [index]
  let before = start
  let base = 0
  const write = (value: number): void => {
    if (index === 0) Varint.writeDouble(bytes, value)
    else Varint.writeSigned(bytes, Math.round(value * scale) - base)
  }
  for (let i = 0; i < rows.at.length; i++) {
    const value = rows.value[i]!
    const verdict = rows.verdict[i]!
    const passed = (rows.at[i]! - before) * 4
    before = rows.at[i]!
    if (verdict !== 0) {
      Varint.write(bytes, passed + implausible)
      bytes.push(Number.isNaN(value) ? verdict + withoutValue : verdict)
      // The next value is usually close to the one before.
      if (!Number.isNaN(value)) write(value)
    } else if (Number.isNaN(value)) {
      Varint.write(bytes, passed + nothing)
    } else {
      const steps = index === 0 ? value : Math.round(value * scale)
      if (Object.is(steps, base)) Varint.write(bytes, passed + unchanged)
      else {
        Varint.write(bytes, passed + changed)
        write(value)
        base = steps
      }
    }
  }
  return Uint8Array.from(bytes)
}

/** Rows of a chunk, or `undefined` if its bytes are broken. */
export const decode = (start: number, bytes: Uint8Array): Rows.Rows | undefined => {
  const scale = Step.scales[bytes[0] ?? -1]
  if (scale === undefined) return undefined
  const reader: Varint.Reader = { bytes, position: 1 }
  const rows = Rows.make()
  const end = start + seconds
  let at = start
  let base = 0
  while (reader.position < bytes.length) {
    const token = Varint.read(reader)
    const kind = token % 4
    const passed = (token - kind) / 4
    at += passed
    if (!(at < end) || passed === 0 && rows.at.length > 0) return undefined
    let verdict = 0
    let steps = base
    if (kind === implausible) verdict = bytes[reader.position++] ?? NaN
    const isUnknown = kind === nothing || verdict >= withoutValue
    if (verdict >= withoutValue) verdict -= withoutValue
    if (!(verdict < Rows.verdicts.length)) return undefined
    if (!isUnknown && kind !== unchanged) {
      steps = scale === 0 ? Varint.readDouble(reader) : base + Varint.readSigned(reader)
      if (!Number.isFinite(steps)) return undefined
    }
    if (kind === changed) base = steps
    Rows.push(rows, at, isUnknown ? NaN : scale === 0 ? steps : steps / scale, verdict)
  }
  return reader.position === bytes.length ? rows : undefined
}
