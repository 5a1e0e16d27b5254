/**
 * The incremental decoder of what a server sends: frames out of chunks, however the network cut them.
 *
 * @since 0.1.0
 */
import { empty, getInt32 } from "../internal/bytes.ts"
import * as Header from "./Header.ts"
import { decodeText } from "./Payload.ts"
import { maxPayload } from "./Request.ts"

/**
 * One frame of a reply: its header and the bytes behind it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Frame extends Header.ReplyHeader {
  /** The bytes behind the header. */
  readonly data: Uint8Array
}

/**
 * Why bytes are no frame. Nothing that follows on the same connection can be trusted.
 *
 * @category errors
 * @since 0.1.0
 */
export type FrameError =
  | {
    readonly _tag: "MalformedHeader"
    /** What is wrong with the header. */
    readonly problem: string
    /** The first bytes that came, at most 32. */
    readonly bytes: Uint8Array
  }
  | {
    readonly _tag: "ShortRead"
    /** Bytes of the frame that came. */
    readonly received: number
    /** Bytes that the frame has, as far as its header had come. */
    readonly expected: number
    /** The first bytes that came, at most 32. */
    readonly bytes: Uint8Array
  }

/**
 * What a decoder hands over while it reads a chunk.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sink {
  /** Takes a frame. Its data are a view of bytes that are used again: copy what outlives the call. */
  readonly onFrame: (frame: Frame) => void
  /** Takes note of a keepalive, by which a server at work says that it is. */
  readonly onKeepalive: () => void
}

/**
 * An incremental decoder of one connection.
 *
 * @category models
 * @since 0.1.0
 */
export interface FrameDecoder {
  /**
   * Reads `length` bytes of `chunk`, which stays the caller's: a frame that came whole is a view of it, and only one that
   * came in pieces is put together in a buffer of the decoder's. An error is final.
   */
  readonly push: (chunk: Uint8Array, length?: number) => FrameError | undefined
  /** Says what is missing when the stream ends here: nothing between two frames. */
  readonly end: () => FrameError | undefined
}

/** Longest buffer that is kept for the next frame that comes in pieces: a long listing comes once a minute at most. */
const mostKept = 65_536

/**
 * Makes a decoder. No payload longer than `maxPayload` bytes, 100,050 by default, is accepted, and none of it is kept.
 *
 * **Example** (Two chunks, one frame)
 *
 * ```ts
 * import { FrameDecoder } from "@effect-ownet/core"
 *
 * const decoder = FrameDecoder.make({ onFrame: (frame) => console.log(frame.ret), onKeepalive: () => {} })
 * const bytes = new Uint8Array(24)
 * decoder.push(bytes.subarray(0, 10)) // => undefined
 * decoder.push(bytes.subarray(10)) // => undefined
 * // What was logged is 0, the return code of the frame.
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (sink: Sink, options?: { readonly maxPayload?: number | undefined }): FrameDecoder => {
  const limit = options?.maxPayload ?? maxPayload
  /** Bytes of the frame under way that have come, and the header among them. */
  let received = 0
  let partial = empty
  /** The frame under way, once its header is whole, and the buffer that gathers it. */
  let header: Received | undefined
  let store = empty
  let failed: FrameError | undefined

  const malformed = (problem: string, bytes: Uint8Array): FrameError => {
    failed = { _tag: "MalformedHeader", problem, bytes: new Uint8Array(bytes.subarray(0, 32)) }
    return failed
  }

  const push = (chunk: Uint8Array, length = chunk.length): FrameError | undefined => {
    if (failed !== undefined) return failed
    let at = 0
    while (at < length) {
      if (received === 0 && length - at >= Header.byteLength) {
        const next = new Received(chunk, at)
        const problem = problemOf(next, limit)
        if (problem !== undefined) return malformed(problem, chunk.subarray(at, length))
        const end = at + Header.byteLength + Math.max(0, next.payload)
        if (end <= length) {
          at = end
          emit(sink, next)
          continue
        }
      }
      if (received < Header.byteLength) {
        if (partial === empty) partial = new Uint8Array(Header.byteLength)
        const taken = Math.min(Header.byteLength - received, length - at)
        partial.set(chunk.subarray(at, at + taken), received)
        received += taken
        at += taken
        if (received < Header.byteLength) {
          // What is no reply at all should not have to be 24 bytes long to be told.
          const bytes = partial.subarray(0, received)
          if (bytes.subarray(0, 4).some((byte) => byte !== 0)) return malformed("no version 0", bytes)
          return undefined
        }
        const next = new Received(partial, 0)
        const problem = problemOf(next, limit)
        if (problem !== undefined) return malformed(problem, partial)
        header = next
        if (next.payload > store.length) store = new Uint8Array(next.payload)
      }
      if (header === undefined) return undefined
      const payload = Math.max(0, header.payload)
      const filled = received - Header.byteLength
      const taken = Math.min(payload - filled, length - at)
      if (taken > 0) store.set(chunk.subarray(at, at + taken), filled)
      received += taken
      at += taken
      if (filled + taken === payload) {
        const whole = header
        received = 0
        header = undefined
        // Its data came in pieces, and were gathered here.
        whole.bytes = store
        whole.start = 0
        if (store.length > mostKept) store = empty
        emit(sink, whole)
      }
    }
    return undefined
  }

  const end = (): FrameError | undefined => {
    if (failed !== undefined || received === 0) return failed
    const start = partial.subarray(0, Math.min(received, Header.byteLength))
    failed = {
      _tag: "ShortRead",
      received,
      expected: Header.byteLength + (header === undefined ? 0 : header.payload),
      bytes: start.slice()
    }
    return failed
  }

  return { push, end }
}

const problemOf = ({ payload, size, version }: Header.ReplyHeader, limit: number): string | undefined => {
  if (version !== 0) return `version ${version} instead of 0`
  if (payload < 0) return undefined
  if (payload > limit) return `a payload of ${payload} bytes, more than the ${limit} that are accepted`
  if (size < 0) return `a size of ${size}`
  if (payload > 0 && size > payload) return `a size of ${size} in a payload of ${payload} bytes`
  return undefined
}

const emit = (sink: Sink, frame: Received): void => {
  if (frame.payload < 0) sink.onKeepalive()
  else sink.onFrame(frame)
}

/**
 * The bytes of the value in the reply to a READ: a view of the frame's data.
 *
 * **Details**
 *
 * Servers of this protocol differ in what they say of its length. The data are cut to `size` if that is more than 0, else to
 * `ret` if that fits, and else all of them are the value. So padding behind a value goes, and a NUL that a server counts stays.
 *
 * @category decoding
 * @since 0.1.0
 */
export const value = (frame: Frame): Uint8Array => {
  const { data } = frame
  const length = valueLength(frame)
  return length === data.length ? data : data.subarray(0, length)
}

/**
 * The length of the value in the reply to a READ.
 *
 * @category decoding
 * @since 0.1.0
 */
export const valueLength = ({ payload, ret, size }: Header.ReplyHeader): number =>
  size > 0 && size <= payload ? size : ret > 0 && ret <= payload ? ret : Math.max(0, payload)

/**
 * The text of the value in the reply to a READ, without the NULs that some servers put behind it. While the frame is handed over,
 * this reads it where it lies.
 *
 * @category decoding
 * @since 0.1.0
 */
export const text = (frame: Frame): string => {
  const isReceived = frame instanceof Received
  const bytes = isReceived ? frame.bytes : frame.data
  const start = isReceived ? frame.start : 0
  let end = start + valueLength(frame)
  while (end > start && bytes[end - 1] === 0) end--
  return end === start ? "" : decodeText(bytes, start, end)
}

/** Header and frame in one, with a view of its data made when it is asked for: one of these comes with each reply. */
class Received implements Frame {
  readonly version: number
  readonly payload: number
  readonly ret: number
  readonly flags: number
  readonly size: number
  readonly offset: number
  bytes: Uint8Array
  start: number

  /** Reads the header that begins at `at`; the data stand behind it. */
  constructor(bytes: Uint8Array, at: number) {
    this.version = getInt32(bytes, at)
    this.payload = getInt32(bytes, at + 4)
    this.ret = getInt32(bytes, at + 8)
    this.flags = getInt32(bytes, at + 12)
    this.size = getInt32(bytes, at + 16)
    this.offset = getInt32(bytes, at + 20)
    this.bytes = bytes
    this.start = at + Header.byteLength
  }

  get data(): Uint8Array {
    return this.payload > 0 ? this.bytes.subarray(this.start, this.start + this.payload) : empty
  }
}
