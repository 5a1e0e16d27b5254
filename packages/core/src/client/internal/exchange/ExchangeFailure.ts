/**
 * Failures of an exchange, or of the opening of its connection, before their call is known.
 */
import { empty, toHex } from "../../../internal/bytes.ts"
import type * as FrameDecoder from "../../../protocol/FrameDecoder.ts"
import { decodeText } from "../../../protocol/Payload.ts"
import { LinkError } from "../../Connector.ts"
import * as OwError from "../../OwError.ts"

/** The server answered with a negative code. */
interface Refused {
  readonly _tag: "Refused"
  readonly code: number
  readonly type: number
}

/** A call exceeded its time limit. */
interface TimedOut {
  readonly _tag: "TimedOut"
  readonly elapsed: number
  readonly limit: number
  readonly requestSent: boolean
}

export type ExchangeFailure =
  | Refused
  | TimedOut
  /** The server accepted only a part of the written bytes. */
  | { readonly _tag: "ShortWrite"; readonly accepted: number; readonly sent: number }
  | { readonly _tag: "Resolve"; readonly problem: string; readonly cause: unknown }
  /** A link to one address did not open. */
  | { readonly _tag: "Unopened"; readonly problem: string; readonly cause: unknown }
  | {
    readonly _tag: "Connect" | "Silent"
    readonly attempts: ReadonlyArray<OwError.Attempt>
    readonly cause?: unknown
  }
  | {
    readonly _tag: "Closed"
    readonly problem: string
    readonly requestSent: boolean
    /**
     * Whether nothing of a reply had come: the server closed the connection while the request was on its way, or because of it.
     */
    readonly isUnheard: boolean
    /** Whether this client closed it. */
    readonly isOurs?: boolean | undefined
    readonly cause?: unknown
  }
  | { readonly _tag: "Silence"; readonly elapsed: number; readonly limit: number }
  | {
    readonly _tag: "Protocol"
    /** The address of the failure, if it is not that of a call under way. */
    readonly address?: string | undefined
    readonly reason: OwError.ProtocolError["reason"]
    readonly problem: string
    readonly bytes: Uint8Array
    readonly attempts: ReadonlyArray<OwError.Attempt>
  }

/** Failures that become an error without a request to the server. */
export type Told = Exclude<ExchangeFailure, Refused>

/** Formats bytes for people, and says what they look like if that is clear. */
const describe = (bytes: Uint8Array): string => {
  const text = decodeText(bytes)
  const shown = /^[\t\r\n -~]{4,}$/.test(text) ? JSON.stringify(text) : toHex(bytes)
  return /^(HTTP\/|<!DOCTYPE|<html)/i.test(text)
    ? `${shown}. This looks like a web server, perhaps owhttpd; owserver listens on port 4304 by default`
    : text.startsWith("SSH-")
    ? `${shown}. This looks like an SSH server`
    : shown
}

export const fromFrameError = (error: FrameDecoder.FrameError): ExchangeFailure =>
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

/** The client was closed, while bytes of the request were on their way or not. */
export const closedByUs = (requestSent: boolean): Told => ({
  _tag: "Closed",
  problem: "this client has been closed",
  requestSent,
  isUnheard: false,
  isOurs: true
})

export const unexpected = (problem: string, bytes: Uint8Array): ExchangeFailure => ({
  _tag: "Protocol",
  reason: { _tag: "UnexpectedReply" },
  problem,
  bytes: new Uint8Array(bytes.subarray(0, 32)),
  attempts: []
})

const located = ({ address, problem }: { readonly address?: string | undefined; readonly problem: string }): string =>
  address === undefined ? problem : `${address}: ${problem}`

const problemOf = (failure: ExchangeFailure): string => {
  switch (failure._tag) {
    case "Unopened":
    case "Protocol":
    case "Resolve":
      return failure.problem
    case "Silence":
      return `accepted the connection and sent nothing for ${failure.limit / 1000} s`
    default:
      return "accepted the connection and closed it without an answer"
  }
}

/** Summarizes a failure in a few words. */
export const summary = (failure: ExchangeFailure): string => {
  switch (failure._tag) {
    case "Connect":
    case "Silent":
      return failure.attempts.map(({ address, problem }) => `${address} ${problem}`).join("; ")
    case "Protocol":
      return located(failure)
    case "Closed":
      return `a connection was closed (${failure.problem})`
    case "Silence":
      return `the server was silent for ${failure.limit / 1000} s`
    default:
      return "problem" in failure ? failure.problem : failure._tag
  }
}

/** Whether this process has no room for a connection, so that nothing it could open would reach the server. */
const isExhausted = ({ cause }: { readonly cause: unknown }): boolean =>
  cause instanceof LinkError && cause.isExhausted === true

/** Summarizes the failures of all addresses if none worked: the most informative one, and each address with its own. */
export const verdict = (failures: ReadonlyArray<readonly [address: string, failure: ExchangeFailure]>): Told => {
  const attempts = failures.map(([address, failure]): OwError.Attempt => ({ address, problem: problemOf(failure) }))
  for (const [address, failure] of failures) {
    if (failure._tag === "Protocol") {
      return {
        ...failure,
        address,
        attempts: attempts.filter((attempt) => attempt.address !== address)
      }
    }
  }
  const [[, first]] = failures
  if (first._tag === "Unopened" && isExhausted(first)) return first
  return {
    _tag: failures.every(([, { _tag }]) => _tag === "Unopened") ? "Connect" : "Silent",
    attempts,
    cause: "cause" in first ? first.cause : undefined
  }
}

export const toError = (
  failure: Told,
  call: { readonly operation: OwError.Operation; readonly path?: string | undefined; readonly server: string },
  /** Whether an earlier attempt of the call may have left. */
  wasSent = false
): OwError.ConnError | OwError.OwnetTimeout | OwError.ProtocolError => {
  switch (failure._tag) {
    case "Resolve":
      return new OwError.ConnError({
        ...call,
        reason: { _tag: isExhausted(failure) ? "Exhausted" : "Resolve" },
        problem: failure.problem,
        attempts: [],
        requestSent: wasSent,
        cause: failure.cause
      })
    case "Unopened":
      return new OwError.ConnError({
        ...call,
        reason: { _tag: isExhausted(failure) ? "Exhausted" : "Connect" },
        problem: failure.problem,
        attempts: [],
        requestSent: wasSent,
        cause: failure.cause
      })
    case "Connect":
    case "Silent":
      return new OwError.ConnError({
        ...call,
        reason: { _tag: failure._tag },
        problem: failure._tag === "Connect" ? "no address accepted a connection" : "no owserver answered",
        attempts: failure.attempts,
        requestSent: wasSent,
        cause: failure.cause
      })
    case "Closed":
      return new OwError.ConnError({
        ...call,
        reason: { _tag: failure.isOurs === true ? "ClientClosed" : "Closed" },
        problem: failure.problem,
        attempts: [],
        requestSent: wasSent || failure.requestSent,
        cause: failure.cause
      })
    case "TimedOut":
      return new OwError.OwnetTimeout({
        ...call,
        reason: { _tag: "Call" },
        elapsed: failure.elapsed,
        limit: failure.limit,
        requestSent: failure.requestSent
      })
    case "ShortWrite":
      return new OwError.ProtocolError({
        ...call,
        reason: { _tag: "ShortWrite", accepted: failure.accepted, sent: failure.sent },
        problem: `the server accepted ${failure.accepted} of ${failure.sent} bytes; the property holds no more`,
        bytes: empty,
        attempts: []
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
        problem: failure.address === call.server ? failure.problem : located(failure),
        bytes: failure.bytes,
        attempts: failure.attempts
      })
  }
}
