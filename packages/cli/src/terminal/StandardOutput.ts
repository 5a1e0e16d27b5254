/**
 * Standard output, without the stream that Node has for it if that can be: it takes a millisecond to make.
 */
import { constants, fstatSync, openSync, writeSync } from "node:fs"
import type { Writable } from "node:stream"

type OnError = (error: NodeJS.ErrnoException) => void

/** What results are written to; `undefined` for Node's stream. */
let descriptor: number | undefined

let failed: OnError = () => {}

/** A descriptor that never waits for a reader, because signals and timers would wait, too. */
const find = (): number | undefined => {
  try {
    const stats = fstatSync(1)
    if (stats.isFile()) return 1
    // Opened once more, a pipe does not block here and stays as it is for the other processes that have it.
    if (stats.isFIFO() && process.platform === "linux") {
      return openSync("/proc/self/fd/1", constants.O_WRONLY | constants.O_NONBLOCK)
    }
  } catch {
    // The stream can do without.
  }
  return undefined
}

const useStream = (): void => {
  descriptor = undefined
  process.stdout.once("error", failed)
}

/** Finds the fastest way to write. An error ends the process in `onError`. */
export const open = (onError: OnError): void => {
  failed = onError
  descriptor = find()
  if (descriptor === undefined) useStream()
}

/** Writes results. A stream takes over from the first moment at which the reader is too slow. */
export const write = (data: string | Uint8Array): void => {
  if (descriptor === undefined) {
    process.stdout.write(data)
    return
  }
  let left: Uint8Array = typeof data === "string" ? Buffer.from(data) : data
  try {
    while (left.length > 0) left = left.subarray(writeSync(descriptor, left))
  } catch (cause) {
    // `writeSync` throws nothing else.
    const error = cause as NodeJS.ErrnoException
    if (error.code !== "EAGAIN") return failed(error)
    useStream()
    process.stdout.write(left)
  }
}

/** Whether the reader is too slow for what was written. */
export const isWaiting = (): boolean => descriptor === undefined && process.stdout.writableNeedDrain

/** Waits until the reader has taken all results, or will not. */
export const flush = (onFlushed: () => void): void => {
  if (descriptor === undefined) drained(process.stdout, onFlushed)
  else onFlushed()
}

/** Waits until a stream has written what it has been given. */
export const drained = (stream: Writable, onDrained: () => void): void => {
  if (stream.writableLength === 0) onDrained()
  else stream.write("", () => onDrained())
}
