/** Messages to a web address: a POST with JSON. Addresses may be secret, so only their hosts are shown. */
import { Printable } from "@effect-ownet/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Predicate from "effect/Predicate"
import type { Channel } from "../../Notifier.ts"
import * as Credentials from "../Credentials.ts"
import * as HttpAnswer from "../HttpAnswer.ts"
import { DeliveryFailure } from "./DeliveryFailure.ts"
import * as Message from "./Message.ts"

type To = Extract<Channel["to"], { readonly _tag: "Webhook" }>

const patience = "10 seconds"

const mostRedirects = 3

/** Maximum milliseconds that the other side may ask to wait. */
const longestPause = 3_600_000

const longestQuote = 200

/** The mistake in an address, in words; `undefined` if there is none. */
export const problemOf = ({ url }: To): string | undefined =>
  URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
    ? undefined
    : "the address must begin with http:// or https://"

/** Maximum number of attempts to send a message that is refused. */
const attempts = 5

const refusal = (problem: string): DeliveryFailure => new DeliveryFailure({ problem, attempts })

const words = ({ reason }: HttpClientError.HttpClientError): string => {
  const cause = "cause" in reason ? reason.cause : undefined
  const inner = Predicate.hasProperty(cause, "cause") ? cause.cause : undefined
  for (const each of [inner, cause]) {
    if (Predicate.hasProperty(each, "message") && typeof each.message === "string" && each.message !== "") {
      return each.message
    }
    if (Predicate.hasProperty(each, "code") && typeof each.code === "string") return each.code
  }
  return "description" in reason && typeof reason.description === "string" ? reason.description : "no answer"
}

const pauseOf = Effect.fnUntraced(function*({ headers }: HttpClientResponse.HttpClientResponse) {
  const given = headers["retry-after"]
  if (given === undefined) return undefined
  const millis = /^\d+$/.test(given) ? Number(given) * 1000 : Date.parse(given) - (yield* Clock.currentTimeMillis)
  return Number.isNaN(millis) ? undefined : Math.min(Math.max(0, millis), longestPause)
})

/** Target of a redirect, if it stays on the same host and does not leave TLS. */
const redirected = (
  from: URL,
  { headers, status }: HttpClientResponse.HttpClientResponse
): URL | DeliveryFailure | undefined => {
  if (![301, 302, 307, 308].includes(status)) return undefined
  const { location = "" } = headers
  if (!URL.canParse(location, from)) return undefined
  const to = new URL(location, from)
  const isSafe = to.hostname === from.hostname && (to.protocol === from.protocol || to.protocol === "https:")
  return isSafe ? to : refusal(`${from.host} redirects to ${Printable.printable(to.origin)}: give that address instead`)
}

const post = Effect.fnUntraced(function*(
  { headers = {}, url }: To,
  body: string
): Effect.fn.Return<void, DeliveryFailure, HttpClient.HttpClient> {
  const client = yield* HttpClient.HttpClient
  let target = new URL(url)
  for (let hops = 0;; hops++) {
    const { host } = target
    const to = Credentials.split(target)
    const request = HttpClientRequest.post(to.url, { headers: to.headers }).pipe(
      HttpClientRequest.setHeaders(headers),
      HttpClientRequest.bodyText(body, "application/json")
    )
    const response = yield* Effect.mapError(
      client.execute(request),
      (error) => new DeliveryFailure({ problem: `POST to ${host}: ${words(error)}`, attempts: undefined })
    )
    // The time that the body takes does not matter, and its text matters only for a refusal.
    const said = HttpAnswer.quoted(yield* HttpAnswer.beginning(response), longestQuote)
    const { status } = response
    if (status >= 200 && status < 300) return
    const next = redirected(target, response)
    if (next instanceof DeliveryFailure) return yield* next
    if (next !== undefined && hops < mostRedirects) {
      target = next
      continue
    }
    return yield* new DeliveryFailure({
      problem: `POST to ${host}: status ${status}${said === "" ? "" : `: ${said}`}`,
      attempts: status < 500 && status !== 408 && status !== 429 ? attempts : undefined,
      pause: yield* pauseOf(response)
    })
  }
})

export const send = (
  to: To,
  message: Message.Message
): Effect.Effect<void, DeliveryFailure, HttpClient.HttpClient> => {
  const problem = problemOf(to)
  if (problem !== undefined) return Effect.fail(refusal(problem))
  return post(to, Message.json(message, to.fields)).pipe(
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () =>
        Effect.fail(
          new DeliveryFailure({
            problem: `POST to ${new URL(to.url).host}: no answer in ${patience}`,
            attempts: undefined
          })
        )
    }),
    // An address may be a secret, and a trace would show it.
    Effect.provideService(HttpClient.TracerDisabledWhen, () => true),
    Effect.provideService(HttpClient.TracerPropagationEnabled, false),
    // `fetch` would follow any redirect automatically.
    Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" })
  )
}
