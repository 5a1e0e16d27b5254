/**
 * Whole requests: header, path, data.
 *
 * @since 0.1.0
 */
import { empty } from "../internal/bytes.ts"
import * as Header from "./Header.ts"
import { encodePath } from "./Payload.ts"

/**
 * A request as a client thinks of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  /** The message type. */
  readonly type: number
  /** The control-flag word. */
  readonly flags: number
  /** The path, sent with a NUL behind it; or the payload as it is. */
  readonly path: string | Uint8Array
  /** WRITE: what to write. */
  readonly data?: Uint8Array | undefined
  /** READ and GET: most bytes wanted. WRITE: length of `data`. */
  readonly size: number
  /** READ and WRITE: first byte of the value that is meant. */
  readonly offset: number
}

/**
 * The most bytes that a server takes behind a header.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxPayload = 100_050

/**
 * Writes a request.
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
 * Writes a request into bytes that are there already, and returns its length; or 0, where it is none of the short and plain
 * ones for which this is worth while, and nothing of use was written.
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
