/**
 * Transcript of a connection, from the view of an observer. It turns the bytes of a client and its server into requests, replies
 * to them, keepalives, and bytes that are none of these.
 *
 * An observer cannot refuse anything, so this is more lenient than a client's decoder, and keeps only the beginning of long
 * payloads.
 *
 * **Example** (A request and its reply)
 *
 * ```ts
 * import { Header, MessageType, Request, Transcript } from "@effect-ownet/core"
 *
 * const transcript = Transcript.make((entry) => {
 *   if (entry._tag === "Reply") console.log(entry.request?.path, entry.elapsed)
 * })
 * const ping = Request.encode({ type: MessageType.Nop, flags: 0x104, path: new Uint8Array(0), size: 0, offset: 0 })
 * transcript.push("client", ping, 1000)
 * transcript.push("server", new Uint8Array(Header.byteLength), 1003)
 * ```
 *
 * @since 0.1.0
 */
import { empty, getInt32 } from "../internal/bytes.ts"
import * as Header from "./Header.ts"
import * as MessageType from "./MessageType.ts"
import * as Payload from "./Payload.ts"

/**
 * The side of a connection that bytes come from.
 *
 * @category models
 * @since 0.1.0
 */
export type Side = "client" | "server"

/**
 * A whole request.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request extends Header.RequestHeader {
  readonly _tag: "Request"
  /** Time of its last byte, in milliseconds of the clock passed to `push`. */
  readonly at: number
  /** The path, or its beginning if it exceeds the bytes that are kept. */
  readonly path: string
  /** WRITE: the bytes to write, as far as they are kept. */
  readonly data: Uint8Array
  /** WRITE: number of bytes to write, kept or not. */
  readonly dataLength: number
  /** Number of marks of servers that the request has passed through. Servers use them to detect a loop. */
  readonly tokens: number
}

/**
 * A frame of a reply. A DIR gets several, all other requests one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reply extends Header.ReplyHeader {
  readonly _tag: "Reply"
  readonly at: number
  /** The request that it answers, if one was seen. */
  readonly request: Request | undefined
  /** Milliseconds since the request. */
  readonly elapsed: number | undefined
  /** The bytes after the header, as far as they are kept. `payload` counts all of them. */
  readonly data: Uint8Array
  /** Whether this is the last frame. A DIR ends with an empty one. */
  readonly isLast: boolean
}

/**
 * A keepalive, which a working server sends.
 *
 * @category models
 * @since 0.1.0
 */
export interface Keepalive {
  readonly _tag: "Keepalive"
  readonly at: number
  readonly request: Request | undefined
  readonly elapsed: number | undefined
}

/**
 * Bytes that are not a message. After them, nothing on that side is decoded.
 *
 * @category models
 * @since 0.1.0
 */
export interface Stray {
  readonly _tag: "Stray"
  readonly at: number
  readonly from: Side
  /** What is wrong with them. Present only in the first such entry. */
  readonly problem: string | undefined
  /** The first of the bytes. */
  readonly bytes: Uint8Array
  /** Number of bytes in all. */
  readonly length: number
}

/**
 * The end of a side in the middle of a message.
 *
 * @category models
 * @since 0.1.0
 */
export interface Torn {
  readonly _tag: "Torn"
  readonly at: number
  readonly from: Side
  /** Number of bytes received of the message. */
  readonly received: number
  /** Number of bytes that the message has, as far as its header was received. */
  readonly expected: number
}

/**
 * An entry of a transcript.
 *
 * @category models
 * @since 0.1.0
 */
export type Entry = Request | Reply | Keepalive | Stray | Torn

/**
 * A transcript of one connection.
 *
 * @category models
 * @since 0.1.0
 */
export interface Transcript {
  /** Takes bytes of a side, at a time in milliseconds. The bytes still belong to the caller. */
  readonly push: (from: Side, bytes: Uint8Array, at: number) => void
  /** Takes the end of a side. Its last message may be incomplete. */
  readonly end: (from: Side, at: number) => void
  /** Number of requests that have no complete reply yet. */
  readonly pending: () => number
}

/**
 * Options of a transcript.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Maximum number of bytes to keep of a payload. Default 4096. */
  readonly keep?: number | undefined
}

/** Longest payload that is accepted as one. A longer one is an error or an attack. */
const longestPayload = 0x0100_0000

/** Maximum number of requests that wait for their reply. If a client sends more, nobody can match its replies. */
const mostPending = 4096

/** Maximum number of bytes to show of a chunk that is not a message. */
const mostStray = 256

const tokenLength = 16

/**
 * Starts a transcript. Entries come in the order of their last bytes.
 *
 * **Details**
 *
 * A server answers in order, so each reply belongs to the oldest waiting request. The options limit memory for any input.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (onEntry: (entry: Entry) => void, options: Options = {}): Transcript => {
  const keep = options.keep ?? 4096
  let pending: Array<Request> = []
  /** Whether replies can no longer be matched with requests. */
  let isLost = false

  const onRequest = (header: Uint8Array, data: Uint8Array, at: number): void => {
    const fields = Header.decodeRequest(header)
    const { payload, size, type } = fields
    const dataLength = type === MessageType.Write && size > 0 ? Math.min(size, payload) : 0
    const begin = payload - dataLength
    const request: Request = {
      _tag: "Request",
      ...fields,
      at,
      path: Payload.decodePath(data.subarray(0, begin)),
      data: data.subarray(begin),
      dataLength,
      tokens: tokensOf(fields.version)
    }
    isLost ||= pending.length >= mostPending
    if (isLost) pending = []
    else pending.push(request)
    onEntry(request)
  }

  const onReply = (header: Uint8Array, data: Uint8Array, at: number): void => {
    const fields = Header.decodeReply(header)
    const request = pending[0]
    const elapsed = request === undefined ? undefined : at - request.at
    if (fields.payload < 0) return onEntry({ _tag: "Keepalive", at, request, elapsed })
    const isLast = request?.type !== MessageType.Dir || fields.payload === 0
    if (isLast) pending.shift()
    onEntry({ _tag: "Reply", ...fields, at, request, elapsed, data, isLast })
  }

  const sides = {
    client: new Gathering("client", keep, onRequest, onEntry),
    server: new Gathering("server", keep, onReply, onEntry)
  }
  return {
    push: (from, bytes, at) => sides[from].push(bytes, at),
    end: (from, at) => sides[from].end(at),
    pending: () => pending.length
  }
}

const tokensOf = (version: number): number => (version & 0x10000) === 0 ? 0 : version & 0xffff

/** The problem with a header, or with the part of it that has come. */
const problemOf = (from: Side, header: Uint8Array, length: number): string | undefined => {
  // All versions that servers accept start with a zero byte. No text does.
  if (header[0] !== 0) return "not a message of owserver's protocol"
  if (length < Header.byteLength) return undefined
  const payload = getInt32(header, 4)
  if (payload > longestPayload || (from === "client" && payload < 0)) {
    return `a message with a payload of ${payload} bytes`
  }
  return undefined
}

/** The messages of one side, gathered from chunks. */
class Gathering {
  private readonly from: Side
  private readonly keep: number
  private readonly onMessage: (header: Uint8Array, data: Uint8Array, at: number) => void
  private readonly onEntry: (entry: Entry) => void
  private readonly header = new Uint8Array(Header.byteLength)
  private received = 0
  /** Number of bytes in the current message, as far as its header says. */
  private expected = Header.byteLength
  private payload = 0
  private data = empty
  private isStray = false

  constructor(
    from: Side,
    keep: number,
    onMessage: (header: Uint8Array, data: Uint8Array, at: number) => void,
    onEntry: (entry: Entry) => void
  ) {
    this.from = from
    this.keep = keep
    this.onMessage = onMessage
    this.onEntry = onEntry
  }

  push(chunk: Uint8Array, at: number): void {
    let begin = 0
    while (begin < chunk.length) {
      if (this.isStray) return this.stray(chunk.subarray(begin), at, undefined)
      if (this.received < Header.byteLength) {
        const taken = chunk.subarray(begin, begin + Header.byteLength - this.received)
        this.header.set(taken, this.received)
        this.received += taken.length
        begin += taken.length
        const problem = problemOf(this.from, this.header, this.received)
        if (problem !== undefined) {
          const bytes = Uint8Array.from([...this.header.subarray(0, this.received), ...chunk.subarray(begin)])
          this.isStray = true
          this.received = 0
          return this.stray(bytes, at, problem)
        }
        if (this.received < Header.byteLength) return
        this.payload = Math.max(0, getInt32(this.header, 4))
        const tokens = this.from === "client" ? tokensOf(getInt32(this.header, 0)) : 0
        this.expected = Header.byteLength + this.payload + tokens * tokenLength
        this.data = this.payload === 0 ? empty : new Uint8Array(Math.min(this.payload, this.keep))
      }
      const filled = this.received - Header.byteLength
      const taken = chunk.subarray(begin, begin + this.expected - this.received)
      if (filled < this.data.length) this.data.set(taken.subarray(0, this.data.length - filled), filled)
      this.received += taken.length
      begin += taken.length
      if (this.received === this.expected) this.finish(at)
    }
  }

  end(at: number): void {
    if (this.received === 0) return
    this.onEntry({ _tag: "Torn", at, from: this.from, received: this.received, expected: this.expected })
    this.received = 0
  }

  private finish(at: number): void {
    const { data } = this
    this.received = 0
    this.expected = Header.byteLength
    this.data = empty
    this.onMessage(this.header, data, at)
  }

  private stray(bytes: Uint8Array, at: number, problem: string | undefined): void {
    this.onEntry({
      _tag: "Stray",
      at,
      from: this.from,
      problem,
      bytes: bytes.slice(0, mostStray),
      length: bytes.length
    })
  }
}
