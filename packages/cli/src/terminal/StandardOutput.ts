/**
 * Standard output, without the stream that Node has for it if that can be: it takes a millisecond to make.
 */
import { constants, fstatSync, openSync, writeSync } from "node:fs"
import type { Writable } from "node:stream"
import { isatty } from "node:tty"

type OnError = (error: NodeJS.ErrnoException) => void

/** What results are written to; `undefined` for Node's stream. */
let descriptor: number | undefined

let failed: OnError = () => {}

/** A descriptor that never waits for a reader, because signals and timers would wait, too. */
const find = (): number | undefined => {
  try {
    const stats = fstatSync(1)
    if (stats.isFile()) return 1
    // Opened again, a pipe does not block here and stays as it is for the other processes that have it.
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

/** What `writeNow` writes to; `undefined` for Node's stream, and `null` as long as it was not looked for. */
let unhurried: number | undefined | null = null

/** Opens the terminal again, so that a stopped terminal does not stop this process, too. */
const openTerminal = (): number | undefined => {
  try {
    return process.platform === "linux" && isatty(1)
      ? openSync("/proc/self/fd/1", constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
      : undefined
  } catch {
    return undefined
  }
}

/** Maximum bytes that wait in Node's stream. */
const mostWaiting = 65_536

/** Writes as much as the reader takes at once, and gives the number of bytes. It never waits. */
export const writeNow = (data: Uint8Array): number => {
  if (unhurried === null) unhurried = descriptor ?? openTerminal()
  if (unhurried === undefined) {
    if (process.stdout.writableLength > mostWaiting) return 0
    process.stdout.write(data)
    return data.length
  }
  let written = 0
  try {
    while (written < data.length) written += writeSync(unhurried, data, written)
  } catch (cause) {
    // `writeSync` throws nothing else.
    const error = cause as NodeJS.ErrnoException
    if (error.code !== "EAGAIN") failed(error)
  }
  return written
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
