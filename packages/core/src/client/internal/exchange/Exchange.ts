/**
 * One request, the call that it belongs to, and what happens to its reply.
 */
import type * as Effect from "effect/Effect"
import * as ControlFlags from "../../../protocol/ControlFlags.ts"
import type { Frame } from "../../../protocol/FrameDecoder.ts"
import * as MessageType from "../../../protocol/MessageType.ts"
import * as Payload from "../../../protocol/Payload.ts"
import type { Request } from "../../../protocol/Request.ts"
import type * as OwError from "../../OwError.ts"
import type * as ExchangeFailure from "./ExchangeFailure.ts"
import type { Progress, Run } from "./Progress.ts"
import * as replies from "./replies.ts"

export interface Exchange<out A> extends Request {
  readonly operation: OwError.Operation
  /** Limit of the whole call in milliseconds; `Infinity` if there is none. */
  readonly limit: number
  /** Progress of the call so far, if this is not its first attempt. */
  readonly progress: Progress | undefined
  /** Gives the problem with a well-formed reply. */
  readonly check: replies.Check | undefined
  /** Decides which last frames are a failure of the call, such as a refusal. */
  readonly judge: replies.Judge
  /** Makes the answer from any other last frame. A frame is valid only during the call. */
  readonly decode: (frame: Frame) => A
  /** Takes the entries of a DIR, each in its own frame before the last one. */
  readonly onEntry: ((entry: Frame) => void) | undefined
}

/** Turns a failure into the result of the call. */
export type Recover<A, B, E> = (
  failure: ExchangeFailure.ExchangeFailure,
  exchange: Exchange<A>,
  run: Run | undefined
) => Effect.Effect<B, E>

/** The control-flag word of a client with default options. */
export const defaultFlags = ControlFlags.override(0, { ownet: true, persistence: true })

const harmless: ReadonlySet<number> = new Set([
  MessageType.Nop,
  MessageType.Read,
  MessageType.Dir,
  MessageType.Presence,
  MessageType.DirAll,
  MessageType.Get,
  MessageType.DirAllSlash,
  MessageType.GetSlash
])

/** Whether a message of this type changes nothing, so that it is harmless to send it twice. */
export const changesNothing = (type: number): boolean => harmless.has(type)

/** The part of a request that all requests of one call share. */
export type Asked = Pick<Exchange<unknown>, "operation" | "path" | "flags" | "limit">

/** The part of a request that differs within a call, at least its type and its reply. */
type Message<A> = Pick<Exchange<A>, "type" | "check" | "decode"> & Partial<Omit<Exchange<A>, keyof Asked>>

/** Creates every exchange, so that all of them have one hidden class and the code that handles them stays monomorphic. */
export const make = <A>(
  { flags, limit, operation, path }: Asked,
  { check, data, decode, judge = replies.refusal, offset = 0, onEntry, progress, size = 0, type }: Message<A>
): Exchange<A> => ({
  operation,
  type,
  flags,
  path,
  data,
  size,
  offset,
  limit,
  progress,
  check,
  judge,
  decode,
  onEntry
})

/** The requested part of a value. */
export interface Range {
  readonly size: number
  readonly offset: number
}

const ignore = (): void => {}

/** Checks that a server answers. */
export const ping = (asked: Asked): Exchange<void> =>
  make(asked, { type: MessageType.Nop, check: replies.nop, decode: ignore })

/** Requests the bytes of a property. */
export const read = <A>(asked: Asked, { offset, size }: Range, decode: (frame: Frame) => A): Exchange<A> =>
  make(asked, { type: MessageType.Read, size, offset, check: replies.read, decode })

/** Checks whether a path exists. */
export const presence = <A>(asked: Asked, decode: (frame: Frame) => A): Exchange<A> =>
  make(asked, { type: MessageType.Presence, check: replies.presence, decode })

/** Requests the paths in a directory, all in one reply. */
export const dirAll = (asked: Asked, slash: boolean): Exchange<ReadonlyArray<string>> =>
  make(asked, { type: slash ? MessageType.DirAllSlash : MessageType.DirAll, check: replies.list, decode: decodeList })

/** Requests the paths in a directory, one by one. */
export const dir = (asked: Asked, onPath: (path: string) => void): Exchange<void> =>
  make(asked, {
    type: MessageType.Dir,
    check: replies.list,
    decode: ignore,
    onEntry: (entry) => onPath(Payload.decodePath(entry.data))
  })

/** Requests the content of a path: the value of a property, or the paths in a directory. */
export const get = <A>(
  asked: Asked,
  { offset, size }: Range,
  slash: boolean,
  decode: (frame: Frame) => A
): Exchange<A> =>
  make(asked, { type: slash ? MessageType.GetSlash : MessageType.Get, size, offset, check: replies.get, decode })

/** Writes bytes to a property. */
export const write = (asked: Asked, data: Uint8Array, offset: number): Exchange<void> =>
  make(asked, {
    type: MessageType.Write,
    data,
    size: data.length,
    offset,
    check: replies.write,
    judge: replies.shortWrite,
    decode: ignore
  })

/** Decodes the paths in a directory. Some servers do not send the length. */
export const decodeList = ({ data, size }: Frame): ReadonlyArray<string> =>
  Payload.decodeList(size > 0 ? data.subarray(0, size) : data)
