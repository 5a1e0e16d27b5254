/**
 * The page of the hub for a browser.
 *
 * **Example** (A hub with its page in a server of your own)
 *
 * ```ts
 * import { Page, Routes } from "@effect-ownet/hub"
 * import { Layer } from "effect"
 *
 * const routes = Layer.merge(Routes.layer(), Page.layer)
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Assets from "./internal/page/Assets.ts"

/**
 * The files of the page are missing: the page was not built, or its files were not included in the installation.
 *
 * @category errors
 * @since 0.1.0
 */
export class PageMissing extends Schema.TaggedError<PageMissing>()("PageMissing", {
  /** Directories that were searched. */
  directories: Schema.Array(Schema.String)
}) {
  /** One line: the missing files, and how to make them. */
  override get message(): string {
    return `the hub's page is not in ${this.directories.join(" or ")}: run node packages/hub/scripts/build.ts`
  }
}

/**
 * Address to redirect a browser to, so that relative addresses resolve against the root: with a slash at the end for the root
 * itself, and without one for other pages.
 */
const elsewhere = (originalUrl: string, isRoot: boolean): string | undefined => {
  const [path = ""] = originalUrl.split(/[?#]/)
  if (path.endsWith("/") === isRoot) return undefined
  const name = path.split("/").findLast((segment) => segment !== "") ?? ""
  return isRoot ? `./${name}/` : `../${name}`
}

/** Content security policy: the page runs only its own scripts, talks only to its own server, and cannot be framed. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
  + "form-action 'none'; frame-ancestors 'none'"

const answer =
  ({ contentType, encodings, etag, isImmutable }: Assets.Asset) =>
  (request: HttpServerRequest.HttpServerRequest): HttpServerResponse.HttpServerResponse => {
    const headers = {
      "cache-control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
      etag,
      vary: "accept-encoding",
      "x-content-type-options": "nosniff",
      ...isImmutable ? undefined : { "content-security-policy": policy, "referrer-policy": "no-referrer" }
    }
    if (Assets.isKnown(request.headers["if-none-match"], etag)) {
      return HttpServerResponse.empty({ status: 304, headers })
    }
    const encoding = Assets.choose(request.headers["accept-encoding"])
    return HttpServerResponse.uint8Array(encodings[encoding], {
      contentType,
      headers: encoding === "identity" ? headers : { ...headers, "content-encoding": encoding }
    })
  }

/**
 * Adds the page to a router: `/`, `/events`, and `/s/…` for each place. Its addresses are relative, so it also works below a path
 * of the router, or behind a proxy that strips a path. Needs the routes of `Routes.layer` as well.
 *
 * **Details**
 *
 * Scripts and styles have names that change with their content, so browsers may keep them forever. They were compressed at build
 * time, with Brotli and gzip.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<never, PageMissing, HttpRouter.HttpRouter> = HttpRouter.use(
  Effect.fnUntraced(function*(router) {
    const page = Assets.read()
    if (page === undefined) return yield* new PageMissing({ directories: Assets.directories })
    const add = (path: HttpRouter.PathInput, asset: Assets.Asset) => {
      const respond = answer(asset)
      return router.add("GET", path, (request) => {
        const location = elsewhere(request.originalUrl, path === "/")
        return Effect.succeed(
          location === undefined ? respond(request) : HttpServerResponse.redirect(location, { status: 308 })
        )
      })
    }
    yield* add("/", page.index)
    yield* add("/events", page.index)
    yield* add("/s/:place", page.below)
    for (const [name, asset] of page.assets) yield* add(`/${name}`, asset)
  })
)
