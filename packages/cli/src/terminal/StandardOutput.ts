/**
 * Standard output, if possible without Node's stream for it, which takes a millisecond to create.
 */
import { constants, fstatSync, openSync, writeSync } from "node:fs"
import type { Writable } from "node:stream"
import { isatty } from "node:tty"

type OnError = (error: NodeJS.ErrnoException) => void

/** Descriptor for results, or `undefined` for Node's stream. */
let descriptor: number | undefined

let failed: OnError = () => {}

/** A descriptor that never waits for a reader, because signals and timers would wait, too. */
const find = (): number | undefined => {
  try {
    const stats = fstatSync(1)
    if (stats.isFile()) return 1
    // A pipe that is opened again does not block here, and stays unchanged for the other processes that have it.
    if (stats.isFIFO() && process.platform === "linux") {
      return openSync("/proc/self/fd/1", constants.O_WRONLY | constants.O_NONBLOCK)
    }
  } catch {
    // The stream works without it.
  }
  return undefined
}

const useStream = (): void => {
  descriptor = undefined
  process.stdout.once("error", failed)
}

/** Finds the fastest way to write. An error calls `onError`, which ends the process. */
export const open = (onError: OnError): void => {
  failed = onError
  descriptor = find()
  if (descriptor === undefined) useStream()
}

/** Writes results. A stream takes over as soon as the reader is too slow. */
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

/** Descriptor of `writeNow`: `undefined` for Node's stream, and `null` until it is determined. */
let unhurried: number | undefined | null = null

/** Opens the terminal again, so that a stopped terminal does not stop this process. */
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

/** Writes as much as the reader takes at once, and returns the number of bytes. It never waits. */
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

/** Whether the reader is too slow for the output so far. */
export const isWaiting = (): boolean => descriptor === undefined && process.stdout.writableNeedDrain

/** Waits until the reader has taken all results, or has stopped reading. */
export const flush = (onFlushed: () => void): void => {
  if (descriptor === undefined) drained(process.stdout, onFlushed)
  else onFlushed()
}

/** Waits until a stream has written all of its data. */
export const drained = (stream: Writable, onDrained: () => void): void => {
  if (stream.writableLength === 0) onDrained()
  else stream.write("", () => onDrained())
}
