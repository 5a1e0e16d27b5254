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
 * Does nothing: the cheapest check that a server answers.
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
 * Lists a directory, with one frame for each entry. On a persistent connection it takes about 40 ms longer than `DirAll`.
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
 * Checks whether a path exists, and gets its ROM id.
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
 * `DirAll` with a slash after each directory.
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
 * Schema of the known message types.
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
 * A known message type.
 *
 * @category models
 * @since 0.1.0
 */
export type MessageType = typeof MessageType.Type

const names = ["ERROR", "NOP", "READ", "WRITE", "DIR", "SIZE", "PRESENCE", "DIRALL", "GET", "DIRALLSLASH", "GETSLASH"]

/**
 * Gives the protocol's name of a message type, or `type N` for an unknown one.
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
