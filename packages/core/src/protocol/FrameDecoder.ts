/**
 * The incremental decoder of what a server sends: frames out of chunks, however the network cut them.
 *
 * @since 0.1.0
 */
import { empty, getInt32 } from "../internal/bytes.ts"
import * as Header from "./Header.ts"
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
 * decoder.push(bytes.subarray(10)) // => undefined, and 0 is logged
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (sink: Sink, options?: { readonly maxPayload?: number | undefined }): FrameDecoder => {
  const limit = options?.maxPayload ?? maxPayload
  /** Bytes of the frame under way that have come, and the header among them. */
  let received = 0
  const partial = new Uint8Array(Header.byteLength)
  /** The frame under way, once its header is whole, and the buffer that gathers it. */
  let header: Headed | undefined
  let store = empty
  let failed: FrameError | undefined

  const malformed = (problem: string, bytes: Uint8Array): FrameError => {
    failed = { _tag: "MalformedHeader", problem, bytes: new Uint8Array(bytes.subarray(0, 32)) }
    return failed
  }

  const check = ({ payload, size, version }: Header.ReplyHeader): string | undefined => {
    if (version !== 0) return `version ${version} instead of 0`
    if (payload < 0) return undefined
    if (payload > limit) return `a payload of ${payload} bytes, more than the ${limit} that are accepted`
    if (size < 0) return `a size of ${size}`
    if (payload > 0 && size > payload) return `a size of ${size} in a payload of ${payload} bytes`
    return undefined
  }

  // A header becomes its frame by the data it is given: one object for both, for this runs for each reply.
  const emit = (header: Headed, data: Uint8Array): void => {
    if (header.payload < 0) return sink.onKeepalive()
    header.data = data
    sink.onFrame(header)
  }

  const push = (chunk: Uint8Array, length = chunk.length): FrameError | undefined => {
    if (failed !== undefined) return failed
    let at = 0
    while (at < length) {
      if (received === 0 && length - at >= Header.byteLength) {
        const next = headed(chunk, at)
        const problem = check(next)
        if (problem !== undefined) return malformed(problem, chunk.subarray(at, length))
        const start = at + Header.byteLength
        const end = start + Math.max(0, next.payload)
        if (end <= length) {
          at = end
          emit(next, start === end ? empty : chunk.subarray(start, end))
          continue
        }
      }
      if (received < Header.byteLength) {
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
        const next = headed(partial, 0)
        const problem = check(next)
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
        emit(whole, store.subarray(0, payload))
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

/** A frame whose data are still to come. */
interface Headed extends Header.ReplyHeader {
  data: Uint8Array
}

const headed = (bytes: Uint8Array, at: number): Headed => ({
  version: getInt32(bytes, at),
  payload: getInt32(bytes, at + 4),
  ret: getInt32(bytes, at + 8),
  flags: getInt32(bytes, at + 12),
  size: getInt32(bytes, at + 16),
  offset: getInt32(bytes, at + 20),
  data: empty
})
