/** The problem of a server that no longer accepts data. */
import { Printable } from "@effect-ownet/core"
import type { HttpClientErrorReason } from "effect/http/HttpClientError"
import * as Predicate from "effect/Predicate"

/** An address without its possible secrets: user, password and parameters. */
export const address = (url: string): string => {
  const parsed = URL.parse(url)
  return parsed === null ? "the address" : Printable.printable(parsed.origin + parsed.pathname)
}

/** The reason why there is no answer. */
export const ofReason = (reason: HttpClientErrorReason): string => {
  switch (reason._tag) {
    case "TransportError":
      return Printable.printable(ofCause(reason.cause))
    case "InvalidUrlError":
      return "that is not an address"
    case "StatusCodeError":
      return `status ${reason.response.status}`
    default:
      return reason._tag
  }
}

/** The innermost cause, because that of `fetch` says only "fetch failed". An attempt at several addresses has only a code. */
const ofCause = (cause: unknown): string => {
  if (!(cause instanceof Error)) return "no connection"
  if (cause.cause !== undefined) return ofCause(cause.cause)
  return cause.message || (Predicate.hasProperty(cause, "code") ? String(cause.code) : "no connection")
}
