/**
 * The 24-byte headers: six signed 32-bit integers in network byte order, before every request and every reply.
 *
 * Connections call the functions. The schemas use the same functions.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import { getInt32, putInt32 } from "../internal/bytes.ts"

/**
 * Length of a header in bytes.
 *
 * @category constants
 * @since 0.1.0
 */
export const byteLength = 24

const Int32 = Schema.Finite.check(Schema.isInt32())

/**
 * Schema of the header of a request.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RequestHeader = Schema.Struct({
  /** 0 from a client. */
  version: Int32,
  /** Number of bytes that follow the header. */
  payload: Int32,
  /** The message type. */
  type: Int32,
  /** The control-flag word. */
  flags: Int32,
  /** READ and GET: maximum number of bytes to return. WRITE: length of the data. */
  size: Int32,
  /** READ and WRITE: offset of the first byte of the value. */
  offset: Int32
})

/**
 * The header of a request.
 *
 * @category models
 * @since 0.1.0
 */
export interface RequestHeader extends Schema.Schema.Type<typeof RequestHeader> {}

/**
 * Schema of the header of a reply.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ReplyHeader = Schema.Struct({
  /** Always 0. */
  version: Int32,
  /** Number of bytes that follow the header. Negative in a keepalive, which nothing follows. */
  payload: Int32,
  /** 0 or more: success. Negative: refusal, see `ReturnCode`. */
  ret: Int32,
  /** The request's control-flag word, with `persistence` cleared if the server closes the connection after this reply. */
  flags: Int32,
  /** READ: bytes returned. WRITE: bytes accepted. Listings: length of the text without its NUL. */
  size: Int32,
  /** READ: the request's offset. Listings: classes of the listed devices. */
  offset: Int32
})

/**
 * The header of a reply.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReplyHeader extends Schema.Schema.Type<typeof ReplyHeader> {}

/**
 * Encodes a request header into `bytes`, starting at `at`.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encodeRequest = (header: RequestHeader, bytes: Uint8Array, at = 0): void => {
  putInt32(bytes, at, header.version)
  putInt32(bytes, at + 4, header.payload)
  putInt32(bytes, at + 8, header.type)
  putInt32(bytes, at + 12, header.flags)
  putInt32(bytes, at + 16, header.size)
  putInt32(bytes, at + 20, header.offset)
}

/**
 * Decodes the request header that starts at `at`.
 *
 * **Example** (Decoding a client's request)
 *
 * ```ts
 * import { Header, MessageType, Request } from "@effect-ownet/core"
 *
 * const bytes = Request.encode({ type: MessageType.Read, flags: 0x104, path: "/uptime", size: 8192, offset: 0 })
 *
 * MessageType.name(Header.decodeRequest(bytes).type) // => "READ"
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodeRequest = (bytes: Uint8Array, at = 0): RequestHeader => ({
  version: getInt32(bytes, at),
  payload: getInt32(bytes, at + 4),
  type: getInt32(bytes, at + 8),
  flags: getInt32(bytes, at + 12),
  size: getInt32(bytes, at + 16),
  offset: getInt32(bytes, at + 20)
})

/**
 * Encodes a reply header into `bytes`, starting at `at`.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encodeReply = (header: ReplyHeader, bytes: Uint8Array, at = 0): void => {
  putInt32(bytes, at, header.version)
  putInt32(bytes, at + 4, header.payload)
  putInt32(bytes, at + 8, header.ret)
  putInt32(bytes, at + 12, header.flags)
  putInt32(bytes, at + 16, header.size)
  putInt32(bytes, at + 20, header.offset)
}

/**
 * Decodes the reply header that starts at `at`.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodeReply = (bytes: Uint8Array, at = 0): ReplyHeader => ({
  version: getInt32(bytes, at),
  payload: getInt32(bytes, at + 4),
  ret: getInt32(bytes, at + 8),
  flags: getInt32(bytes, at + 12),
  size: getInt32(bytes, at + 16),
  offset: getInt32(bytes, at + 20)
})

const fromBytes = <H extends RequestHeader | ReplyHeader>(
  header: Schema.Codec<H>,
  decode: (bytes: Uint8Array) => H,
  encode: (header: H, bytes: Uint8Array) => void
): Schema.Codec<H, Uint8Array> =>
  Schema.Uint8Array.pipe(Schema.decodeTo(header, {
    decode: SchemaGetter.transformEffect((bytes: Uint8Array, options) =>
      bytes.length === byteLength
        ? Effect.succeed(decode(bytes))
        : Effect.fail(
          new SchemaIssue.InvalidValue({ message: `a header has 24 bytes, not ${bytes.length}` }, bytes, options)
        )
    ),
    encode: SchemaGetter.transform((header: H) => {
      const bytes = new Uint8Array(byteLength)
      encode(header, bytes)
      return bytes
    })
  }))

/**
 * Schema that decodes 24 bytes to a request header, and encodes it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RequestHeaderFromBytes: Schema.Codec<RequestHeader, Uint8Array> = fromBytes(
  RequestHeader,
  decodeRequest,
  encodeRequest
)

/**
 * Schema that decodes 24 bytes to a reply header, and encodes it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ReplyHeaderFromBytes: Schema.Codec<ReplyHeader, Uint8Array> = fromBytes(
  ReplyHeader,
  decodeReply,
  encodeReply
)
