/**
 * Bytes by shifts. A `DataView` over a small array costs V8 hundreds of nanoseconds to materialise; this does not.
 */

export const getInt32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]

export const putInt32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

const digits = "0123456789ABCDEF"

const codes: ReadonlyArray<number> = Array.from(digits, (digit) => digit.charCodeAt(0))

export const toHex = (bytes: Uint8Array): string => {
  // In one piece: a string of strings takes twice the room, and there are as many ROM ids as devices.
  if (bytes.length === 8) {
    const [a, b, c, d, e, f, g, h] = bytes
    return String.fromCharCode(
      codes[a >> 4],
      codes[a & 15],
      codes[b >> 4],
      codes[b & 15],
      codes[c >> 4],
      codes[c & 15],
      codes[d >> 4],
      codes[d & 15],
      codes[e >> 4],
      codes[e & 15],
      codes[f >> 4],
      codes[f & 15],
      codes[g >> 4],
      codes[g & 15],
      codes[h >> 4],
      codes[h & 15]
    )
  }
  let hex = ""
  for (const byte of bytes) hex += digits[byte >> 4] + digits[byte & 15]
  return hex
}

export const empty: Uint8Array = new Uint8Array(0)
