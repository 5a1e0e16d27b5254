/**
 * Whole requests: header, path and data.
 *
 * @since 0.1.0
 */
import { empty } from "../internal/bytes.ts"
import * as Header from "./Header.ts"
import { encodePath } from "./Payload.ts"

/**
 * The parts of a request, before encoding.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  /** The message type. */
  readonly type: number
  /** The control-flag word. */
  readonly flags: number
  /** The path, sent with a NUL at its end; or the payload, unchanged. */
  readonly path: string | Uint8Array
  /** WRITE: the bytes to write. */
  readonly data?: Uint8Array | undefined
  /** READ and GET: maximum number of bytes to return. WRITE: length of `data`. */
  readonly size: number
  /** READ and WRITE: offset of the first byte of the value. */
  readonly offset: number
}

/**
 * Maximum number of bytes that a server accepts after a header.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxPayload = 100_050

/**
 * Encodes a request.
 *
 * **Example** (A header, a path and its NUL)
 *
 * ```ts
 * import { MessageType, Request } from "@effect-ownet/core"
 *
 * const bytes = Request.encode({ type: MessageType.Presence, flags: 0x104, path: "/boiler", size: 0, offset: 0 })
 *
 * bytes.length // => 24 + 7 + 1
 * ```
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (request: Request): Uint8Array => {
  const { data = empty, path } = request
  const text = typeof path === "string" ? encodePath(path) : path
  const payload = text.length + data.length
  const bytes = new Uint8Array(Header.byteLength + payload)
  putHeader(bytes, request, payload)
  bytes.set(text, Header.byteLength)
  bytes.set(data, Header.byteLength + text.length)
  return bytes
}

/**
 * Encodes a request into existing bytes, and returns its length. It does this only for short and simple requests, for which it
 * saves time. For all others it returns 0, and the content of `bytes` is useless.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encodeInto = (request: Request, bytes: Uint8Array): number => {
  const { data, path } = request
  if (typeof path !== "string") return 0
  const dataLength = data === undefined ? 0 : data.length
  const { length } = path
  const total = Header.byteLength + length + 1 + dataLength
  if (total > bytes.length) return 0
  for (let i = 0; i < length; i++) {
    const unit = path.charCodeAt(i)
    if (unit >= 0x80) return 0
    bytes[Header.byteLength + i] = unit
  }
  bytes[Header.byteLength + length] = 0
  if (data !== undefined) bytes.set(data, Header.byteLength + length + 1)
  putHeader(bytes, request, total - Header.byteLength)
  return total
}

const putHeader = (bytes: Uint8Array, { flags, offset, size, type }: Request, payload: number): void =>
  Header.encodeRequest({ version: 0, payload, type, flags, size, offset }, bytes)
