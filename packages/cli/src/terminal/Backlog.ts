/**
 * Results for a reader who may be too slow: kept for a while, and left out beyond that, because nobody may wait for the reader.
 */
import * as StandardOutput from "./StandardOutput.ts"

/** Maximum bytes that wait for the reader. */
const mostBytes = 1 << 20

export interface Backlog {
  /** Takes a line, or leaves it out. */
  readonly add: (line: string) => void
  /** Writes as much as the reader takes. */
  readonly flush: () => void
}

/** Makes a backlog. `leftOut` makes a line of the number of those that were left out before it. */
export const make = (leftOut: (lines: number) => string): Backlog => {
  let lines: Array<Uint8Array> = []
  let bytes = 0
  let lost = 0
  const push = (line: string): void => {
    const encoded = Buffer.from(`${line}\n`)
    lines.push(encoded)
    bytes += encoded.length
  }
  const flush = (): void => {
    for (;;) {
      const waiting = lines.length === 1 ? lines[0] : Buffer.concat(lines)
      const taken = waiting.length === 0 ? 0 : StandardOutput.writeNow(waiting)
      bytes = waiting.length - taken
      lines = bytes === 0 ? [] : [waiting.subarray(taken)]
      if (lost === 0 || bytes > 0) return
      push(leftOut(lost))
      lost = 0
    }
  }
  return {
    add: (line) => {
      if (bytes > 0) flush()
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
