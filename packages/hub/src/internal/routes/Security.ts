/** Guards before all routes: the names of the hub, the origin of a request, and the security headers of an answer. */
import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as HttpApiError from "effect/http-api/HttpApiError"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import * as HttpPlatform from "effect/http/HttpPlatform"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerError from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Api from "../../Api.ts"
import * as Hosts from "../../Hosts.ts"

const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
    + "form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store"
}

/**
 * Adds headers. Pages and their assets may set how long they are kept, and any route may be stricter; nothing else is changed.
 */
const withHeaders: HttpEffect.PreResponseHandler = (_, response) =>
  Effect.succeed(HttpServerResponse.setHeaders(response, { ...headers, ...response.headers }))

const isRead = (method: string) => method === "GET" || method === "HEAD"

/** Whether an `Origin` belongs to a page that this host has served. A proxy may have removed TLS, but keeps the name. */
const isOwn = (origin: string, host: string | undefined): boolean => {
  if (host === undefined || !URL.canParse(origin)) return false
  const { host: expected, protocol } = new URL(origin)
  if (protocol !== "http:" && protocol !== "https:") return false
  const own = `${protocol}//${host}`
  return URL.canParse(own) && new URL(own).host === expected
}

/** The refusal of a request from another server's page, or `undefined`. */
const trespass = (
  { headers, method }: HttpServerRequest.HttpServerRequest,
  mayNavigate: boolean
): Api.Forbidden | undefined => {
  const { host, origin, "sec-fetch-mode": mode, "sec-fetch-site": site } = headers
  const isForeign = isRead(method)
    ? site !== undefined && site !== "same-origin" && site !== "none" && !(mayNavigate && mode === "navigate")
    : origin !== undefined && !isOwn(origin, host)
  return isForeign ? new Api.Forbidden({ message: "The request comes from a page of another server." }) : undefined
}

const refuse = (error: Api.Misdirected | Api.Forbidden, status: number) =>
  HttpServerResponse.jsonUnsafe({ _tag: error._tag, message: error.message }, { status })

/** Guards all routes of a router, including unknown routes and routes of other code. */
export const layerRouter = (hosts: () => ReadonlyArray<string>) =>
  HttpRouter.middleware(
    Effect.map(HttpPlatform.HttpPlatform, (platform) => (app) =>
      HttpServerRequest.HttpServerRequest.pipe(
        Effect.flatMap((request) => {
          const { host } = request.headers
          if (!Hosts.isKnown(host, hosts())) {
            return Effect.succeed(refuse(new Api.Misdirected({ message: Hosts.refusal(host) }), 421))
          }
          const error = trespass(request, true)
          return error === undefined ? app : Effect.succeed(refuse(error, 403))
        }),
        HttpEffect.withPreResponseHandler(withHeaders),
        HttpMiddleware.compression(),
        Effect.provideService(HttpPlatform.HttpPlatform, platform)
      )),
    { global: true }
  )

const isJson = (contentType: string | undefined) => /^application\/json\s*(;|$)/i.test(contentType ?? "")

const isTooLarge = (defect: unknown): boolean =>
  HttpServerError.isHttpServerError(defect) && defect.reason._tag === "RequestParseError"
  && defect.reason.reason === "BodyTooLarge"

const inWords = ({ cause, kind }: HttpApiError.HttpApiSchemaError): string => `${kind}: ${cause.message}`.slice(0, 500)

/** The refusal of an API request, or `undefined`. No link of another server may lead to the API, not even by navigation. */
const fault = (request: HttpServerRequest.HttpServerRequest): Api.Forbidden | Api.UnsupportedMediaType | undefined =>
  trespass(request, false) ?? (
    isRead(request.method) || isJson(request.headers["content-type"])
      ? undefined
      : new Api.UnsupportedMediaType({ message: "The body must be of the type application/json." })
  )

const isOfRequest = (error: unknown): error is HttpApiError.HttpApiSchemaError =>
  HttpApiError.HttpApiSchemaError.is(error) && error.kind !== "Body" && error.kind !== "ResponseHeaders"

/** Guards the routes of the API. */
export const layerApi = Layer.succeed(
  Api.Guard,
  Api.Guard.of((app) =>
    HttpServerRequest.HttpServerRequest.pipe(
      Effect.flatMap((request) => {
        const error = fault(request)
        return error === undefined ? Effect.void : Effect.fail(error)
      }),
      Effect.andThen(app),
      Effect.mapError((error) => isOfRequest(error) ? new Api.BadRequest({ message: inWords(error) }) : error),
      Effect.catchDefect((defect) =>
        isTooLarge(defect)
          ? Effect.fail(new Api.TooLarge({ message: "The body has more than 64 KiB." }))
          : Effect.die(defect)
      ),
      Effect.provideService(HttpServerRequest.MaxBodySize, ByteSize.kibibytes(64))
    )
  )
)
