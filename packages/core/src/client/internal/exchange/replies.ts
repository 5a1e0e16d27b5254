/**
 * Checks whether a reply answers its request, and whether it is a failure. Each check returns the problem, or nothing.
 */
import * as Option from "effect/Option"
import * as RomId from "../../../onewire/RomId.ts"
import { type Frame, valueLength } from "../../../protocol/FrameDecoder.ts"
import { decodePresence } from "../../../protocol/Payload.ts"
import type { Request } from "../../../protocol/Request.ts"
import type * as ExchangeFailure from "./ExchangeFailure.ts"

export type Check = (request: Request, frame: Frame) => string | undefined

/** Gives the failure that a well-formed last frame reports, if any. */
export type Judge = (request: Request, frame: Frame) => ExchangeFailure.ExchangeFailure | undefined

export const refusal: Judge = ({ type }, { ret }) => ret < 0 ? { _tag: "Refused", code: ret, type } : undefined

/** Accepts any reply as an answer. */
export const none: Judge = () => undefined

/** Also treats a write as failed if the server accepted only a part of it. */
export const shortWrite: Judge = (request, frame) =>
  refusal(request, frame) ??
    // A server with its own value for success sends no length.
    (frame.size === request.size || (frame.ret > 0 && frame.size === 0)
      ? undefined
      : { _tag: "ShortWrite", accepted: frame.size, sent: request.size })

const slash = 0x2f

/** Whether a frame without a refusal holds paths. Some servers send the length, and others do not. */
export const isDirectory = (frame: Frame): boolean => frame.ret === 0 && frame.payload > 0 && frame.data[0] === slash

const isList = (frame: Frame): boolean => (frame.ret === 0 && frame.payload === 0) || isDirectory(frame)

/** A length without bytes is not a value, and a longer value answers another request. A padded frame is longer than its value. */
const isValue = (request: Request, frame: Frame): boolean =>
  valueLength(frame) <= request.size && (frame.payload > 0 || frame.size === 0)

const only = (is: (request: Request, frame: Frame) => boolean, what: string): Check => (request, frame) =>
  frame.ret < 0 || is(request, frame)
    ? undefined
    : `not an answer to ${what}: ret ${frame.ret}, payload ${frame.payload}, size ${frame.size}`

export const nop: Check = only((_, frame) => frame.payload === 0, "a ping")

export const read: Check = only(isValue, "a read")

export const write: Check = only(
  (request, frame) => frame.payload === 0 && frame.size <= request.size,
  "a write"
)

export const list: Check = only((_, frame) => isList(frame), "a listing")

export const get: Check = only((request, frame) => isList(frame) || isValue(request, frame), "a get")

export const presence: Check = only((_, frame) => {
  const id = decodePresence(frame.data)
  return Option.isNone(id) ? frame.payload === 0 || frame.payload === 8 : Option.isSome(RomId.fromBytes(id.value))
}, "a presence query")
