/**
 * Whole numbers in as few bytes as possible: seven bits per byte, the low ones first. Signed numbers are folded: 0, -1, 1, -2.
 * Numbers may have up to 53 bits.
 */

const scratch = new DataView(new ArrayBuffer(8))

export const write = (bytes: Array<number>, value: number): void => {
  while (value >= 128) {
    bytes.push(value % 128 + 128)
    value = Math.floor(value / 128)
  }
  bytes.push(value)
}

export const writeSigned = (bytes: Array<number>, value: number): void =>
  write(bytes, value < 0 ? -2 * value - 1 : 2 * value)

export const writeDouble = (bytes: Array<number>, value: number): void => {
  scratch.setFloat64(0, value)
  for (let i = 0; i < 8; i++) bytes.push(scratch.getUint8(i))
}

/** Reads from the start. Reading beyond the end gives `NaN`. */
export interface Reader {
  readonly bytes: Uint8Array
  position: number
}

export const read = (reader: Reader): number => {
  let result = 0
  let factor = 1
  for (;;) {
    const byte = reader.bytes[reader.position++] ?? NaN
    if (!(byte >= 128)) return result + byte * factor
    result += (byte - 128) * factor
    factor *= 128
  }
}

export const readSigned = (reader: Reader): number => {
  const folded = read(reader)
  return folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2
}

export const readDouble = (reader: Reader): number => {
  if (reader.position + 8 > reader.bytes.length) {
    reader.position = reader.bytes.length + 1
    return NaN
  }
  for (let i = 0; i < 8; i++) scratch.setUint8(i, reader.bytes[reader.position++]!)
  return scratch.getFloat64(0)
}
