/**
 * What goes wrong below the client, before it is known on whose behalf.
 */
import { toHex } from "../../internal/bytes.ts"
import type * as FrameDecoder from "../../protocol/FrameDecoder.ts"
import { decodeText } from "../../protocol/Payload.ts"
import * as OwError from "../OwError.ts"

/** The server answered with a negative code. */
export interface Refused {
  readonly _tag: "Refused"
  readonly code: number
  readonly type: number
}

export type Failure =
  | { readonly _tag: "Resolve"; readonly problem: string; readonly cause: unknown }
  | {
    readonly _tag: "Connect" | "Silent"
    readonly attempts: ReadonlyArray<OwError.Attempt>
    readonly cause?: unknown
  }
  | {
    readonly _tag: "Closed"
    readonly problem: string
    readonly requestSent: boolean
    /** Nothing of a reply had come, on a connection that had served before: the server closed it while it was idle. */
    readonly isStale: boolean
    readonly cause?: unknown
  }
  | { readonly _tag: "Silence"; readonly elapsed: number; readonly limit: number }
  | {
    readonly _tag: "Protocol"
    readonly reason: OwError.ProtocolError["reason"]
    readonly problem: string
    readonly bytes: Uint8Array
    readonly attempts: ReadonlyArray<OwError.Attempt>
  }

/** Shows bytes to a person, and says what they look like where that is plain. */
const describe = (bytes: Uint8Array): string => {
  const text = decodeText(bytes)
  const shown = /^[\t\r\n -~]{4,}$/.test(text) ? JSON.stringify(text) : toHex(bytes)
  return /^(HTTP\/|<!DOCTYPE|<html)/i.test(text)
    ? `${shown}. This looks like a web server, perhaps owhttpd; owserver listens on port 4304 by default`
    : text.startsWith("SSH-")
    ? `${shown}. This looks like an SSH server`
    : shown
}

export const fromFrameError = (error: FrameDecoder.FrameError): Failure =>
  error._tag === "MalformedHeader"
    ? {
      _tag: "Protocol",
      reason: { _tag: "MalformedHeader" },
      problem: `the reply makes no sense: ${error.problem}, beginning with ${describe(error.bytes)}`,
      bytes: error.bytes,
      attempts: []
    }
    : {
      _tag: "Protocol",
      reason: { _tag: "ShortRead", received: error.received, expected: error.expected },
      problem: `the connection ended inside a reply, after ${error.received} of ${error.expected} bytes`,
      bytes: error.bytes,
      attempts: []
    }

export const unexpected = (problem: string, bytes: Uint8Array): Failure => ({
  _tag: "Protocol",
  reason: { _tag: "UnexpectedReply" },
  problem,
  bytes: new Uint8Array(bytes.subarray(0, 32)),
  attempts: []
})

export type CallError = OwError.ConnError | OwError.OwnetTimeout | OwError.ProtocolError

export const toError = (
  failure: Failure,
  call: { readonly operation: OwError.Operation; readonly path?: string | undefined; readonly server: string }
): CallError => {
  switch (failure._tag) {
    case "Resolve":
      return new OwError.ConnError({
        ...call,
        reason: { _tag: "Resolve" },
        problem: failure.problem,
        attempts: [],
        requestSent: false,
        cause: failure.cause
      })
    case "Connect":
    case "Silent":
      return new OwError.ConnError({
        ...call,
        reason: { _tag: failure._tag },
        problem: failure._tag === "Connect" ? "no address took a connection" : "no owserver answered",
        attempts: failure.attempts,
        requestSent: false,
        cause: failure.cause
      })
    case "Closed":
      return new OwError.ConnError({
        ...call,
        reason: { _tag: "Closed" },
        problem: failure.problem,
        attempts: [],
        requestSent: failure.requestSent,
        cause: failure.cause
      })
    case "Silence":
      return new OwError.OwnetTimeout({
        ...call,
        reason: { _tag: "Silence" },
        elapsed: failure.elapsed,
        limit: failure.limit,
        requestSent: true
      })
    case "Protocol":
      return new OwError.ProtocolError({
        ...call,
        reason: failure.reason,
        problem: failure.problem,
        bytes: failure.bytes,
        attempts: failure.attempts
      })
  }
}
