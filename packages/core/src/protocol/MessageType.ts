/**
 * The eleven message types of the owserver protocol.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Reserved; a server answers -42.
 *
 * @category constants
 * @since 0.1.0
 */
export const Error = 0

/**
 * Does nothing: the cheapest proof that a server answers.
 *
 * @category constants
 * @since 0.1.0
 */
export const Nop = 1

/**
 * Reads a property.
 *
 * @category constants
 * @since 0.1.0
 */
export const Read = 2

/**
 * Writes a property.
 *
 * @category constants
 * @since 0.1.0
 */
export const Write = 3

/**
 * Lists a directory, one frame an entry. On a kept connection it costs about 40 ms more than `DirAll`.
 *
 * @category constants
 * @since 0.1.0
 */
export const Dir = 4

/**
 * Obsolete; a server answers -42.
 *
 * @category constants
 * @since 0.1.0
 */
export const Size = 5

/**
 * Asks whether a path is there, and for its ROM id.
 *
 * @category constants
 * @since 0.1.0
 */
export const Presence = 6

/**
 * Lists a directory in one frame.
 *
 * @category constants
 * @since 0.1.0
 */
export const DirAll = 7

/**
 * `DirAll` on a directory, `Read` on a property.
 *
 * @category constants
 * @since 0.1.0
 */
export const Get = 8

/**
 * `DirAll` with a slash behind each directory.
 *
 * @category constants
 * @since 0.1.0
 */
export const DirAllSlash = 9

/**
 * `DirAllSlash` on a directory, `Read` on a property.
 *
 * @category constants
 * @since 0.1.0
 */
export const GetSlash = 10

/**
 * Schema of the message types that have a name.
 *
 * @category schemas
 * @since 0.1.0
 */
export const MessageType = Schema.Literals([
  Error,
  Nop,
  Read,
  Write,
  Dir,
  Size,
  Presence,
  DirAll,
  Get,
  DirAllSlash,
  GetSlash
])

/**
 * A message type that has a name.
 *
 * @category models
 * @since 0.1.0
 */
export type MessageType = typeof MessageType.Type

const names = ["ERROR", "NOP", "READ", "WRITE", "DIR", "SIZE", "PRESENCE", "DIRALL", "GET", "DIRALLSLASH", "GETSLASH"]

/**
 * The protocol's own name of a message type, or `type N` for one it does not know.
 *
 * **Example** (Logging messages)
 *
 * ```ts
 * import { MessageType } from "@effect-ownet/core"
 *
 * MessageType.name(MessageType.DirAllSlash) // => "DIRALLSLASH"
 * MessageType.name(42) // => "type 42"
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const name = (type: number): string => names[type] ?? `type ${type}`
