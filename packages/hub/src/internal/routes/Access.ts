/** Permission to change something: with the token, or without one from the hub's own machine. */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"
import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import * as Api from "../../Api.ts"
import * as Hosts from "../../Hosts.ts"

/** Time that each wrong token waits for its answer, one after another. */
const penalty: Duration.Input = "1 second"

/** Maximum number of waiting wrong tokens. */
const mostWaiting = 8

/** A digest, whose length does not depend on the text. */
const digest = (text: string) => createHash("sha256").update(text).digest()

const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))

/** The cookie of a session. It does not reveal the token, ends when the token changes, and survives a restart of the hub. */
const cookieOf = (token: string): string => createHmac("sha256", token).update("session").digest("base64url")

const { cookie: security } = Api.Permission.security

const message = "This needs the token of the hub: send it to POST api/v1/session, or as Authorization: Bearer."

/** The permission to edit and to write. */
export class Access extends Context.Service<Access, {
  /** The permission of the viewer who sends the request. */
  readonly permission: (
    request: HttpServerRequest.HttpServerRequest
  ) => Effect.Effect<Api.Session["permission"], Api.TooManyTries>
  /** Sets the cookie, if the token is correct. */
  readonly open: (
    request: HttpServerRequest.HttpServerRequest,
    token: string
  ) => Effect.Effect<Api.Session["permission"], Api.Unauthorized | Api.TooManyTries>
}>()("@effect-ownet/hub/internal/routes/Access") {}

const make = Effect.fnUntraced(function*(given: () => Redacted.Redacted | undefined) {
  const server = yield* Effect.serviceOption(HttpServer.HttpServer)
  const scope = yield* Effect.scope
  const one = yield* Semaphore.make(1)
  const isHere = Option.exists(
    server,
    ({ address }) => NetAddress.isInetAddress(address) && NetAddress.isLoopback(NetAddress.toCanonical(address.address))
  )
  const tokenNow = (): string | undefined => {
    const token = given()
    return token === undefined ? undefined : Redacted.value(token)
  }
  let waiting = 0

  /** Whether the token is correct. A wrong one waits, even if its sender does not, so that nobody can try many. */
  const tryToken = Effect.fnUntraced(function*(tried: string) {
    if (waiting >= mostWaiting) {
      return yield* new Api.TooManyTries({ message: "Too many wrong tokens were tried. Try again in a few seconds." })
    }
    const token = tokenNow()
    if (token !== undefined && isSame(tried, token)) return true
    waiting++
    const wait = one.withPermit(Effect.sleep(penalty)).pipe(Effect.ensuring(Effect.sync(() => {
      waiting--
    })))
    yield* Effect.flatMap(Effect.forkIn(wait, scope), Fiber.join)
    return false
  })

  const isCookie = (tried: string) => {
    const token = tokenNow()
    return token !== undefined && isSame(tried, cookieOf(token))
  }

  const withoutToken = ({ headers }: HttpServerRequest.HttpServerRequest): Api.Session["permission"] =>
    tokenNow() !== undefined ? "token" : isHere && Hosts.isLoopback(headers["host"]) ? "edit" : "none"

  /** Fails if a request without the token may not change anything. */
  const checkWithoutToken = Effect.gen(function*() {
    switch (withoutToken(yield* HttpServerRequest.HttpServerRequest)) {
      case "edit":
        return
      case "token":
        yield* HttpEffect.appendPreResponseHandler((_, response) =>
          Effect.succeed(HttpServerResponse.setHeader(response, "www-authenticate", "Bearer"))
        )
        return yield* new Api.Unauthorized({ message })
      case "none":
        return yield* new Api.Forbidden({
          message: "Without a token, a hub can be changed from its own machine only. Start it with a token."
        })
    }
  })

  const isToken = (tried: string) => tokenNow() === undefined || tried === "" ? Effect.succeed(false) : tryToken(tried)

  const middleware = Api.Permission.of({
    bearer: (app, { credential }) =>
      isToken(Redacted.value(credential)).pipe(
        Effect.flatMap((isRight) => isRight ? Effect.void : checkWithoutToken),
        Effect.andThen(app)
      ),
    cookie: (app, { credential }) =>
      Effect.andThen(isCookie(Redacted.value(credential)) ? Effect.void : checkWithoutToken, app)
  })

  const permission = Effect.fnUntraced(function*(request: HttpServerRequest.HttpServerRequest) {
    const [, bearer = ""] = /^Bearer +(.+)$/i.exec(request.headers["authorization"] ?? "") ?? []
    const isRight = isCookie(request.cookies[security.key] ?? "") || (yield* isToken(bearer))
    return isRight ? "edit" : withoutToken(request)
  })

  const open = Effect.fnUntraced(function*(request: HttpServerRequest.HttpServerRequest, tried: string) {
    if (tokenNow() === undefined) return withoutToken(request)
    if (!(yield* tryToken(tried))) return yield* new Api.Unauthorized({ message: "This is not the token of the hub." })
    yield* Effect.provideService(
      HttpApiBuilder.securitySetCookie(security, cookieOf(tried), {
        path: "/",
        sameSite: "strict",
        maxAge: "365 days",
        secure: request.headers["x-forwarded-proto"] === "https"
      }),
      HttpServerRequest.HttpServerRequest,
      request
    )
    return "edit"
  })

  return Context.make(Api.Permission, middleware).pipe(Context.add(Access, { permission, open }))
})

/** The permission, and the check of it before requests that change something. */
export const layer = (token: () => Redacted.Redacted | undefined) => Layer.effectContext(make(token))
