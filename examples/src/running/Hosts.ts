/**
 * The names that a server is reached by. A web page of anybody's can have its own name resolve to a server behind a firewall, and
 * then talk to it as its own (DNS rebinding). What the browser sends as `Host` gives it away: that is the page's name.
 */
import { Config, Effect } from "effect"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { NetAddress } from "effect/net"

/** A name without its port, its final dot and its capitals, as all names are compared. */
const nameOf = (host: string): string | undefined =>
  /^\s*(\[[^\]]*\]|[^\s:@/[\]]+?)\.?(?::\d*)?\s*$/.exec(host)?.[1]?.toLowerCase()

/** The names in `HOSTS`, separated by commas or spaces, and the one in `HOST`, which a server listens on. */
const configured = Config.all([
  Config.String("HOSTS").pipe(Config.withDefault("")),
  Config.String("HOST").pipe(Config.withDefault(""))
]).pipe(Config.map((given) => given.flatMap((names) => names.split(/[\s,]+/)).filter((name) => name !== "")))

/**
 * Whether a request to this host is meant for a server at this address: a loopback name, the address itself, or a name that was
 * given. A server that listens on all addresses takes any address: a page that is reached by an address has no name to rebind.
 */
export const isMeant = (
  host: string | undefined,
  address: NetAddress.SocketAddress,
  names: ReadonlyArray<string>
): boolean => {
  const name = nameOf(host ?? "")
  if (name === undefined) return false
  if (name === "localhost" || name.endsWith(".localhost") || names.some((given) => nameOf(given) === name)) return true
  const parsed = NetAddress.ipFromString(name.replace(/^\[(.*)\]$/, "$1"))
  if (parsed._tag === "Failure") return false
  const own = NetAddress.isInetAddress(address) ? NetAddress.toCanonical(address.address) : undefined
  const asked = NetAddress.toCanonical(parsed.success)
  if (NetAddress.isLoopback(asked)) return true
  return own !== undefined && (NetAddress.isUnspecified(own) || NetAddress.formatIp(own) === NetAddress.formatIp(asked))
}

const refusal = (host: string | undefined): string =>
  host === undefined
    ? "The request names no host.\n"
    : `This server is not known as ${
      JSON.stringify(host)
    }. If it should be, set HOSTS to that name where it is started.\n`

/** Refuses, for all routes of a router, requests that are meant for somebody else. */
export const layer = HttpRouter.middleware(
  Effect.gen(function*() {
    const { address } = yield* HttpServer.HttpServer
    const names = yield* configured
    return (app) =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers: { host } }) =>
        isMeant(host, address, names)
          ? app
          : Effect.succeed(HttpServerResponse.text(refusal(host), { status: 421 })))
  }),
  { global: true }
)
