/**
 * One request, the call on whose behalf it is sent, and what becomes of its reply.
 */
import type * as Effect from "effect/Effect"
import { empty } from "../../internal/bytes.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import type { Frame } from "../../protocol/FrameDecoder.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as Payload from "../../protocol/Payload.ts"
import type { Request } from "../../protocol/Request.ts"
import type * as OwError from "../OwError.ts"
import type * as ExchangeFailure from "./ExchangeFailure.ts"
import type { Progress, Run } from "./Progress.ts"
import * as replies from "./replies.ts"

export interface Exchange<out A> extends Request {
  readonly operation: OwError.Operation
  /** Limit of the whole call in milliseconds; `Infinity` if there is none. */
  readonly limit: number
  /** Progress of the call so far, if this is not its first attempt. */
  readonly progress: Progress | undefined
  /** Says what is wrong with a reply of good form. */
  readonly check: replies.Check | undefined
  /** Says which last frames are a failure of the call, such as a refusal. */
  readonly judge: replies.Judge
  /** Makes the answer of any other last frame. Frames are valid only while they are handed over. */
  readonly decode: (frame: Frame) => A
  /** Takes the entries of a DIR, each in a frame of its own before the last. */
  readonly onEntry: ((entry: Frame) => void) | undefined
}

/** Turns a failure into the outcome of the call. */
export type Recover<A, B, E> = (
  failure: ExchangeFailure.ExchangeFailure,
  exchange: Exchange<A>,
  run: Run | undefined
) => Effect.Effect<B, E>

/** The control-flag word of a client whose user chose nothing. */
export const defaultFlags = ControlFlags.override(0, { ownet: true, persistence: true })

type Needed = "operation" | "type" | "flags" | "path" | "limit" | "check" | "decode"

type Parts<A> =
  & Pick<Exchange<A>, Needed>
  & { readonly [K in Exclude<keyof Exchange<A>, Needed>]?: Exchange<A>[K] | undefined }

/** Makes every exchange, so that all of them are of one hidden class and what handles them stays monomorphic. */
export const make = <A>({
  check,
  data,
  decode,
  flags,
  judge = replies.refusal,
  limit,
  offset = 0,
  onEntry,
  operation,
  path,
  progress,
  size = 0,
  type
}: Parts<A>): Exchange<A> => ({
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

/** What all requests of one call have in common. */
export interface Asked {
  readonly operation: OwError.Operation
  readonly path: string
  readonly flags: number
  readonly limit: number
}

/** The part of a value that is asked for. */
export interface Range {
  readonly size: number
  readonly offset: number
}

const ignore = (): void => {}

/** Asks a server to answer. */
export const ping = ({ flags, limit, operation }: Omit<Asked, "path">): Exchange<void> =>
  make({ operation, type: MessageType.Nop, flags, path: empty, limit, check: replies.nop, decode: ignore })

/** Asks for the bytes of a property. */
export const read = <A>(
  { flags, limit, operation, path }: Asked,
  { offset, size }: Range,
  decode: (frame: Frame) => A
): Exchange<A> =>
  make({ operation, type: MessageType.Read, flags, path, size, offset, limit, check: replies.read, decode })

/** Asks whether a path is there. */
export const presence = <A>({ flags, limit, operation, path }: Asked, decode: (frame: Frame) => A): Exchange<A> =>
  make({ operation, type: MessageType.Presence, flags, path, limit, check: replies.presence, decode })

/** Asks for the paths in a directory, all in one reply. */
export const dirAll = ({ flags, limit, operation, path }: Asked, slash: boolean): Exchange<ReadonlyArray<string>> =>
  make({
    operation,
    type: slash ? MessageType.DirAllSlash : MessageType.DirAll,
    flags,
    path,
    limit,
    check: replies.list,
    decode: decodeList
  })

/** Asks for the paths in a directory, one by one. */
export const dir = ({ flags, limit, operation, path }: Asked, onPath: (path: string) => void): Exchange<void> =>
  make({
    operation,
    type: MessageType.Dir,
    flags,
    path,
    limit,
    check: replies.list,
    decode: ignore,
    onEntry: (entry) => onPath(Payload.decodePath(entry.data))
  })

/** Asks for what is at a path: a value or a directory, or an empty one of either. */
export const get = <A>(
  { flags, limit, operation, path }: Asked,
  { offset, size }: Range,
  slash: boolean,
  decode: {
    readonly onValue: (bytes: Uint8Array) => A
    readonly onDirectory: (entries: ReadonlyArray<string>) => A
    readonly onEmpty: () => A
  }
): Exchange<A> =>
  make({
    operation,
    type: slash ? MessageType.GetSlash : MessageType.Get,
    flags,
    path,
    size,
    offset,
    limit,
    check: replies.get,
    decode: (frame) =>
      frame.ret > 0
        ? decode.onValue(frame.data)
        : frame.payload > 0
        ? decode.onDirectory(decodeList(frame))
        : decode.onEmpty()
  })

/** Writes bytes to a property. */
export const write = (
  { flags, limit, operation, path }: Asked,
  { data, offset }: { readonly data: Uint8Array; readonly offset: number }
): Exchange<void> =>
  make({
    operation,
    type: MessageType.Write,
    flags,
    path,
    data,
    size: data.length,
    offset,
    limit,
    check: replies.write,
    judge: replies.shortWrite,
    decode: ignore
  })

const decodeList = (frame: Frame): ReadonlyArray<string> => Payload.decodeList(frame.data.subarray(0, frame.size))
