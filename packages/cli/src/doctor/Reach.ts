/**
 * Checks of the connection to a server: its name, and each of its addresses.
 */
import * as Connector from "@effect-ownet/core/client/Connector"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Failure from "../show/Failure.ts"
import * as Time from "../terminal/Time.ts"
import type { Finding } from "./Finding.ts"

type Endpoints = ReadonlyArray<Connector.Endpoint>

/** Resolves the name of a server. */
export const resolve = (
  server: ServerAddress.ServerAddress,
  connector: Connector.Connector["Service"],
  limit: number
): Effect.Effect<readonly [Finding, Endpoints]> => {
  const host = ServerAddress.isW1(server) ? server.w1 : server.host
  return connector.resolve.pipe(
    Effect.timeoutOrElse({
      duration: limit,
      orElse: () => Effect.fail(new Connector.LinkError({ problem: `no answer within ${limit / 1000} s` }))
    }),
    Effect.match({
      onSuccess: (endpoints) => {
        const addresses = endpoints.map(({ address }) => hostOf(address))
        const message = addresses.includes(host)
          ? `${host} is an address itself`
          : `${host} is ${addresses.join(" and ")}`
        return [{ check: "name", status: "ok", message, details: { addresses } }, endpoints]
      },
      onFailure: ({ problem }) => [
        {
          check: "name",
          status: "fail",
          message: `${host} cannot be resolved: ${problem}`,
          advice:
            "Check the spelling of the name, and whether this machine has a network; or give the server's IP address",
          details: { addresses: [] },
          exitStatus: Failure.statuses.connection
        },
        []
      ]
    })
  )
}

/** An address without the port. */
const hostOf = (address: string): string =>
  Option.match(ServerAddress.fromString(address), {
    onNone: () => address,
    onSome: (found) => ServerAddress.isW1(found) ? address : found.host
  })

interface Attempt {
  readonly address: string
  /** Milliseconds until the connection was open. */
  readonly millis: number | null
  readonly problem: string | null
}

/** Connects to all addresses at the same time, and disconnects. */
export const connect = (endpoints: Endpoints, limit: number): Effect.Effect<Finding> =>
  Effect.map(
    Effect.forEach(endpoints, (endpoint) => attempt(endpoint, limit), { concurrency: "unbounded" }),
    (attempts): Finding => {
      const open = attempts.filter(({ problem }) => problem === null)
      const closed = attempts.filter(({ problem }) => problem !== null)
      const details = { addresses: attempts }
      const told = attempts.map(({ address, millis, problem }) =>
        `${address} ${problem ?? `takes connections, in ${millis} ms`}`
      ).join("; ")
      const failed = { check: "connection", message: told, details }
      if (open.length === 0) {
        return { ...failed, status: "fail", advice: adviceOf(attempts), exitStatus: Failure.statuses.connection }
      }
      if (closed.some(({ problem }) => problem?.startsWith(silent))) {
        return {
          ...failed,
          status: "warn",
          advice: `Name ${open.map(({ address }) => address).join(" or ")} as the server: ` +
            "programs that use the name may wait each time for the address that does not answer"
        }
      }
      return {
        ...failed,
        status: "ok",
        message: closed.length === 0 ? told : `${told}; that is harmless, one address is enough`
      }
    }
  )

const silent = "did not answer"

const attempt = (endpoint: Connector.Endpoint, limit: number): Effect.Effect<Attempt> =>
  Effect.callback<void, string>((resume) => {
    const link = endpoint.connect({
      onOpen: () => {
        link.close()
        resume(Effect.void)
      },
      onData: () => {},
      onEnd: (cause) => resume(Effect.fail(cause instanceof Connector.LinkError ? cause.problem : String(cause)))
    })
    return Effect.sync(() => link.close())
  }).pipe(
    Effect.timeoutOrElse({ duration: limit, orElse: () => Effect.fail(`${silent} within ${limit / 1000} s`) }),
    Effect.result,
    Effect.timed,
    Effect.map(([elapsed, result]) => ({
      address: endpoint.address,
      millis: Result.isSuccess(result) ? Time.round(Duration.toMillis(elapsed)) : null,
      problem: Result.isFailure(result) ? result.failure : null
    }))
  )

const adviceOf = (attempts: ReadonlyArray<Attempt>): string =>
  attempts.some(({ problem }) => problem?.startsWith("refused"))
    ? "The machine answers, but nothing listens on that port. Is owserver running (systemctl status owserver)? It ends " +
      "if it finds no bus master: its log says so (journalctl -u owserver). On Debian, owserver.socket opens " +
      "the port (systemctl status owserver.socket); without it, owserver listens on localhost only, until /etc/owfs.conf says " +
      "otherwise. Sensors on the pins of a Raspberry Pi need no owserver: ow doctor -s w1: on that machine checks them"
    : "Is the machine switched on, and on this network? A firewall in between may drop connections, too"
