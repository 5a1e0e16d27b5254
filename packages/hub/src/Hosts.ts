/**
 * The names of a server. Any web page can have its own name resolve to a server behind a firewall, and then talk to that server
 * as if it were its own (DNS rebinding). The `Host` that the browser sends reveals this, because it has the page's name.
 *
 * **Example** (Which requests are meant for this server)
 *
 * ```ts
 * import { Hosts } from "@effect-ownet/hub"
 *
 * Hosts.isKnown("192.168.1.7:8080", []) // => true
 * Hosts.isKnown("raspberrypi.local", []) // => true
 * Hosts.isKnown("hub.example", ["hub.example"]) // => true
 * Hosts.isKnown("evil.example", ["hub.example"]) // => false
 * Hosts.isLoopback("localhost:8080") // => true
 * ```
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Layer from "effect/Layer"
import * as NetAddress from "effect/net/NetAddress"

/** A name without its port and its final dot, in lower case, for comparison. */
const nameOf = (host: string): string | undefined =>
  /^\s*(\[[^\]]*\]|[^\s:@/[\]]+?)\.?(?::\d*)?\s*$/.exec(host)?.[1]?.toLowerCase()

const isNameBelow = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`)

const ipOf = (name: string) => NetAddress.ipFromString(name.replace(/^\[(.*)\]$/, "$1"))

/**
 * Whether a request with this `Host` is meant for a server with these names. Addresses, `localhost` and names below it, and names
 * below `local` are always accepted, because no outside name server answers for them.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isKnown = (host: string | undefined, names: ReadonlyArray<string>): boolean => {
  const name = nameOf(host ?? "")
  return name !== undefined && (
    isNameBelow(name, "localhost") || name.endsWith(".local") || names.some((given) => nameOf(given) === name)
    || ipOf(name)._tag === "Success"
  )
}

/**
 * Whether this `Host` means that the request comes from the server's own machine.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isLoopback = (host: string | undefined): boolean => {
  const name = nameOf(host ?? "")
  if (name === undefined) return false
  if (isNameBelow(name, "localhost")) return true
  const ip = ipOf(name)
  return ip._tag === "Success" && NetAddress.isLoopback(NetAddress.toCanonical(ip.success))
}

/**
 * Answer to a request that is meant for another server.
 *
 * @category formatting
 * @since 0.1.0
 */
export const refusal = (host: string | undefined): string =>
  host === undefined
    ? "The request names no host."
    : `This server is not known as ${JSON.stringify(host)}. If it should be, start it with that name among its hosts.`

/**
 * Refuses requests for other servers with status 421, on all routes of a router. Reads the names from the configuration.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  names: Config.Config<ReadonlyArray<string>>
): Layer.Layer<never, Config.ConfigError, HttpRouter.HttpRouter> =>
  HttpRouter.middleware(
    Effect.map(names, (names) => (app) =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers: { host } }) =>
        isKnown(host, names)
          ? app
          : Effect.succeed(HttpServerResponse.text(`${refusal(host)}\n`, { status: 421 })))),
    { global: true }
  )
