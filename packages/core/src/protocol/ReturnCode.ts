/**
 * Meanings of a server's return codes.
 *
 * A code is the negated `errno` of the server's system. These are the observed meanings of the codes. The table that a server
 * publishes describes its internal codes, and is misleading about the common ones. Numbers above 34 are those of Linux on x86 and
 * ARM.
 *
 * @since 0.1.0
 */
import * as MessageType from "./MessageType.ts"

/**
 * The kinds of refusal that a program can distinguish.
 *
 * @category models
 * @since 0.1.0
 */
export type Reason =
  | "NotFound"
  | "NotDirectory"
  | "IsDirectory"
  | "ReadOnly"
  | "InvalidValue"
  | "BusFault"
  | "Unsupported"
  | "TooLarge"
  | "Other"

/**
 * A return code, explained for one type of request.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReturnCode {
  /** The code as received, a negative number. */
  readonly code: number
  /** The system's name for the code, such as `EPERM`. */
  readonly name: string
  /** The kind of refusal. */
  readonly reason: Reason
  /** Description of the failure, and what may help. */
  readonly meaning: string
  /** Whether the same request may succeed later if nothing else changes. */
  readonly isTransient: boolean
}

type Row = readonly [name: string, reason: Reason, meaning: string, isTransient?: boolean]

const busFault = "the bus or its master did not do what was asked; try again"

const rows: Record<number, Row> = {
  1: [
    "EPERM",
    "NotFound",
    "no such device or property: the path is misspelt, or the device does not answer on the bus now"
  ],
  2: ["ENOENT", "NotFound", "the device was known and has stopped answering; it may come back", true],
  5: ["EIO", "BusFault", busFault, true],
  11: ["EAGAIN", "BusFault", "the bus master is busy; try again", true],
  12: ["ENOMEM", "Other", "the server is out of memory; try again", true],
  13: ["EACCES", "Other", "the server's operating system does not allow it"],
  14: ["EFAULT", "TooLarge", "the value does not fit; ask for a larger size"],
  16: ["EBUSY", "BusFault", "the bus master is busy; try again", true],
  19: ["ENODEV", "NotFound", "no bus master serves this path; check the server's configuration"],
  20: ["ENOTDIR", "NotDirectory", "a property, not a directory: read it instead"],
  21: ["EISDIR", "IsDirectory", "a directory, not a property: list it instead"],
  22: ["EINVAL", "BusFault", "the transaction on the bus failed, or the sensor did not convert; try again", true],
  30: ["EROFS", "ReadOnly", "the server was started read-only"],
  34: ["ERANGE", "TooLarge", "the value does not fit; ask for a larger size"],
  42: ["ENOMSG", "Unsupported", "the server does not know this type of message"],
  74: ["EBADMSG", "Other", "the request had no path"],
  90: ["EMSGSIZE", "TooLarge", "the requested size is out of range, or too small for this value"],
  95: ["ENOTSUP", "Unsupported", "this property cannot be read"],
  98: ["EADDRINUSE", "BusFault", "the device is locked by another request; try again", true],
  103: ["ECONNABORTED", "BusFault", "the server is connecting to its bus again; try again", true],
  105: ["ENOBUFS", "Other", "the server is out of memory; try again", true]
}

const whenWriting: Record<number, Row> = {
  21: ["EISDIR", "IsDirectory", "a directory, which cannot be written: name one of its properties"],
  13: [
    "EACCES",
    "ReadOnly",
    "the server's operating system does not allow the write; only root can write to the kernel's bus, unless a udev rule allows it"
  ],
  14: ["EFAULT", "InvalidValue", "the value is empty"],
  22: ["EINVAL", "InvalidValue", "the server did not understand the value, or the bus refused it"],
  34: ["ERANGE", "InvalidValue", "the number is out of range"],
  90: ["EMSGSIZE", "TooLarge", "the value is larger than the property"],
  95: ["ENOTSUP", "ReadOnly", "this property cannot be written"]
}

/**
 * Explains a negative return code to a request of the given type.
 *
 * **Example** (The same code, two meanings)
 *
 * ```ts
 * import { MessageType, ReturnCode } from "@effect-ownet/core"
 *
 * ReturnCode.explain(-22, MessageType.Read).reason // => "BusFault"
 * ReturnCode.explain(-22, MessageType.Write).reason // => "InvalidValue"
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const explain = (code: number, type: number): ReturnCode => {
  const row = (type === MessageType.Write ? whenWriting[-code] : undefined) ?? rows[-code]
  return row === undefined
    ? { code, name: "unknown", reason: "Other", meaning: "a code without a known meaning", isTransient: false }
    : { code, name: row[0], reason: row[1], meaning: row[2], isTransient: row[3] ?? false }
}

/**
 * Nothing is at the path now.
 *
 * @category constants
 * @since 0.1.0
 */
export const absent = -1

/**
 * The path led to a device that has stopped answering.
 *
 * @category constants
 * @since 0.1.0
 */
export const vanished = -2

/**
 * A property was listed.
 *
 * @category constants
 * @since 0.1.0
 */
export const notDirectory = -20

/**
 * A directory was read or written.
 *
 * @category constants
 * @since 0.1.0
 */
export const isDirectory = -21

/**
 * The server does not know the message type.
 *
 * @category constants
 * @since 0.1.0
 */
export const unsupported = -42

/**
 * The path of the server's own table of texts.
 *
 * @category constants
 * @since 0.1.0
 */
export const tablePath = "/settings/return_codes/text.ALL"

/**
 * Decodes the server's own table. The text of code `-n` is at index `n`.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodeTable = (text: string): ReadonlyArray<string> => text.split(",")
