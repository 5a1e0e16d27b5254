/**
 * Checks whether a reply answers its request, and whether it is a failure. Each says what is wrong, or nothing.
 */
import * as Option from "effect/Option"
import * as RomId from "../../../onewire/RomId.ts"
import { type Frame, valueLength } from "../../../protocol/FrameDecoder.ts"
import { decodePresence } from "../../../protocol/Payload.ts"
import type { Request } from "../../../protocol/Request.ts"
import type * as ExchangeFailure from "./ExchangeFailure.ts"

export type Check = (request: Request, frame: Frame) => string | undefined

/** Says with what a last frame of good form fails, if it does. */
export type Judge = (request: Request, frame: Frame) => ExchangeFailure.ExchangeFailure | undefined

export const refusal: Judge = ({ type }, { ret }) => ret < 0 ? { _tag: "Refused", code: ret, type } : undefined

/** Takes any reply for an answer. */
export const none: Judge = () => undefined

/** Takes a write of which the server accepted only a part for a failure, too. */
export const shortWrite: Judge = (request, frame) =>
  refusal(request, frame) ??
    // A server with a word of its own for success says nothing of the length.
    (frame.size === request.size || (frame.ret > 0 && frame.size === 0)
      ? undefined
      : { _tag: "ShortWrite", accepted: frame.size, sent: request.size })

const slash = 0x2f

/** Whether a frame without a refusal, of which some servers say the length and others do not, holds paths. */
export const isDirectory = (frame: Frame): boolean => frame.ret === 0 && frame.payload > 0 && frame.data[0] === slash

const isList = (frame: Frame): boolean => (frame.ret === 0 && frame.payload === 0) || isDirectory(frame)

/** A length without bytes is none, and a longer value answers another question. What is padded is longer than its value. */
const isValue = (request: Request, frame: Frame): boolean =>
  valueLength(frame) <= request.size && (frame.payload > 0 || frame.size === 0)

const only = (is: (request: Request, frame: Frame) => boolean, what: string): Check => (request, frame) =>
  frame.ret < 0 || is(request, frame)
    ? undefined
    : `no answer to ${what}: ret ${frame.ret}, payload ${frame.payload}, size ${frame.size}`

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
