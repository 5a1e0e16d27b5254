/** Answers of a server. Only the beginning is ever read, because the rest may have no end. */
import { Printable } from "@effect-ownet/core"
import * as Effect from "effect/Effect"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"

/** Maximum bytes to read of an answer, and the maximum time. */
const mostBytes = 4096
const longestAnswer = "2 seconds"

/** The beginning of an answer, as text. It is empty if nothing can be read. */
export const beginning = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<string> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let size = 0
    let text = ""
    return Stream.runForEachWhile(response.stream, (bytes) =>
      Effect.sync(() => {
        text += decoder.decode(bytes.subarray(0, mostBytes - size), { stream: true })
        size += bytes.length
        return size < mostBytes
      })).pipe(Effect.timeoutOption(longestAnswer), Effect.ignore, Effect.andThen(Effect.sync(() => text)))
  })

/** Text of an answer, for display in a line. */
export const quoted = (text: string, longest: number): string =>
  Printable.printable(text.trim().replaceAll(/\s+/g, " ").slice(0, longest)).toWellFormed()

/** The address that an answer redirects to, in words. `fetch` would follow it, and leave out the body. */
export const redirection = ({ headers, status }: HttpClientResponse.HttpClientResponse): string | undefined =>
  status < 300 || status >= 400
    ? undefined
    : `status ${status}, which leads to ${
      Printable.printable(URL.parse(headers["location"] ?? "")?.origin ?? "another address")
    }: give that address instead`
