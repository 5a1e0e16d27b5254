/**
 * An incremental decoder for the bytes from a server: it finds the frames in chunks, however the network divided them.
 *
 * @since 0.1.0
 */
import { empty, getInt32 } from "../internal/bytes.ts"
import * as Header from "./Header.ts"
import { decodeText } from "./Payload.ts"
import { maxPayload } from "./Request.ts"

/**
 * One frame of a reply: its header and the bytes after it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Frame extends Header.ReplyHeader {
  /** The bytes after the header. */
  readonly data: Uint8Array
}

/**
 * The reason that bytes are not a frame. Nothing that follows on the same connection can be trusted.
 *
 * @category errors
 * @since 0.1.0
 */
export type FrameError =
  | {
    readonly _tag: "MalformedHeader"
    /** What is wrong with the header. */
    readonly problem: string
    /** The first bytes received, at most 32. */
    readonly bytes: Uint8Array
  }
  | {
    readonly _tag: "ShortRead"
    /** Number of bytes received of the frame. */
    readonly received: number
    /** Number of bytes that the frame has, as far as its header was received. */
    readonly expected: number
    /** The first bytes received, at most 32. */
    readonly bytes: Uint8Array
  }

/**
 * Receives what a decoder finds in a chunk.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sink {
  /** Takes a frame. Its data are a view of a buffer that is reused: copy anything that you need after the call. */
  readonly onFrame: (frame: Frame) => void
  /** Notes a keepalive, which a working server sends. */
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
   * Decodes `length` bytes of `chunk`, which still belongs to the caller. A frame that comes whole is a view of the chunk; only a
   * frame that comes in pieces is assembled in the decoder's own buffer. An error is final.
   */
  readonly push: (chunk: Uint8Array, length?: number) => FrameError | undefined
  /** Reports what is missing if the stream ends here. Nothing is missing between two frames. */
  readonly end: () => FrameError | undefined
}

/** Longest buffer to keep for the next frame that comes in pieces. A long listing comes at most once a minute. */
const mostKept = 65_536

/**
 * Makes a decoder. It accepts no payload longer than `maxPayload` bytes, 100,050 by default, and keeps nothing of a longer one.
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
 * // The program logs 0, the return code of the frame.
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (sink: Sink, options?: { readonly maxPayload?: number | undefined }): FrameDecoder => {
  const limit = options?.maxPayload ?? maxPayload
  /** Number of bytes received of the current frame, including its header. */
  let received = 0
  let partial = empty
  /** The current frame, once its header is complete, and the buffer that gathers it. */
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
          // Bytes that are not a reply at all should be reported before there are 24 of them.
          const bytes = partial.subarray(0, received)
          if (bytes.subarray(0, 4).some((byte) => byte !== 0)) return malformed("not version 0", bytes)
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
 * Gives the bytes of the value in the reply to a READ: a view of the frame's data.
 *
 * **Details**
 *
 * Servers of this protocol report the length of a value differently. The data are cut to `size` if that is more than 0, otherwise
 * to `ret` if that fits; otherwise all of the data are the value. This removes padding after a value, but keeps a NUL that a
 * server counts.
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
 * Gives the length of the value in the reply to a READ.
 *
 * @category decoding
 * @since 0.1.0
 */
export const valueLength = ({ payload, ret, size }: Header.ReplyHeader): number =>
  size > 0 && size <= payload ? size : ret > 0 && ret <= payload ? ret : Math.max(0, payload)

/**
 * Gives the text of the value in the reply to a READ, without the NULs that some servers append. During `onFrame`, it reads the
 * text in place.
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

/** Header and frame in one object, because each reply needs one. The view of its data is created on first use. */
class Received implements Frame {
  readonly version: number
  readonly payload: number
  readonly ret: number
  readonly flags: number
  readonly size: number
  readonly offset: number
  bytes: Uint8Array
  start: number

  /** Decodes the header that starts at `at`; the data follow it. */
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
