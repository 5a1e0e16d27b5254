/**
 * Buffer of results for a reader who may be too slow. It leaves out and counts lines beyond its size, so that nothing waits for
 * the reader.
 */
import * as StandardOutput from "./StandardOutput.ts"

/** Maximum bytes that wait for the reader. */
const mostBytes = 1 << 20

export interface LineBuffer {
  /** Takes a line, or leaves it out. */
  readonly add: (line: string) => void
  /** Writes as much as the reader takes. */
  readonly flush: () => void
}

/** Creates a buffer. `leftOut` returns the line that reports the number of lines left out before it. */
export const make = (leftOut: (lines: number) => string): LineBuffer => {
  /** Bytes that are being written, and those that follow. */
  let begun: Uint8Array = new Uint8Array(0)
  let lines: Array<Uint8Array> = []
  let bytes = 0
  let lost = 0
  const push = (line: string): void => {
    const encoded = Buffer.from(`${line}\n`)
    lines.push(encoded)
    bytes += encoded.length
  }
  const flush = (): void => {
    while (bytes > 0) {
      if (begun.length === 0) {
        begun = lines.length === 1 ? lines[0] : Buffer.concat(lines)
        lines = []
      }
      const taken = StandardOutput.writeNow(begun)
      begun = begun.subarray(taken)
      bytes -= taken
      if (begun.length > 0) return
      if (bytes > 0 || lost === 0) continue
      push(leftOut(lost))
      lost = 0
    }
  }
  return {
    add: (line) => {
      if (bytes > mostBytes) flush()
      if (lost > 0 || bytes > mostBytes) {
        lost++
        return
      }
      push(line)
      flush()
    },
    flush
  }
}
