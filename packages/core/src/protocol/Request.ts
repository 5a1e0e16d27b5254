/**
 * Whole requests: header, path, data.
 *
 * @since 0.1.0
 */
import { empty } from "../internal/bytes.ts"
import * as Header from "./Header.ts"
import { encodeText } from "./Payload.ts"

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
 * Writes a request into `scratch`, or into a new array where it does not fit, and returns the part that was written.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (request: Request, scratch: Uint8Array = empty): Uint8Array => {
  const { data = empty, path } = request
  if (typeof path !== "string") return assemble(request, path, 0, data)
  const payload = path.length + 1 + data.length
  const total = Header.byteLength + payload
  if (total > scratch.length) return assemble(request, encodeText(path), 1, data)
  for (let i = 0; i < path.length; i++) {
    const unit = path.charCodeAt(i)
    if (unit >= 0x80) return assemble(request, encodeText(path), 1, data)
    scratch[Header.byteLength + i] = unit
  }
  scratch[Header.byteLength + path.length] = 0
  if (data.length > 0) scratch.set(data, Header.byteLength + path.length + 1)
  putHeader(scratch, request, payload)
  return scratch.subarray(0, total)
}

const assemble = (request: Request, path: Uint8Array, nul: 0 | 1, data: Uint8Array): Uint8Array => {
  const payload = path.length + nul + data.length
  const bytes = new Uint8Array(Header.byteLength + payload)
  putHeader(bytes, request, payload)
  bytes.set(path, Header.byteLength)
  bytes.set(data, Header.byteLength + path.length + nul)
  return bytes
}

const putHeader = (bytes: Uint8Array, { flags, offset, size, type }: Request, payload: number): void =>
  Header.encodeRequest({ version: 0, payload, type, flags, size, offset }, bytes)
