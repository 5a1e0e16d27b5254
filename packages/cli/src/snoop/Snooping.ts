/**
 * A relay that shows its messages, in a separate bundle, so only plain data goes in and out.
 */
import * as Transcript from "@effect-ownet/core/protocol/Transcript"
import * as Dns from "node:dns"
import * as Os from "node:os"
import type { Span } from "../terminal/Text.ts"
import * as Relay from "./Relay.ts"
import * as Shown from "./Shown.ts"

export interface Options extends Relay.Options {
  /** Name of the server in the output. */
  readonly name: string
  readonly isJson: boolean
}

export interface Tell {
  readonly onReady: (port: number) => void
  readonly onFailure: (problem: Problem) => void
  /** Receives each observation of a connection, in one of the two forms. */
  readonly onLine: (connection: number, line: Line) => void
}

export type Line =
  | { readonly spans: ReadonlyArray<Span> }
  | { readonly json: object }

/** Reason why it does not listen. */
export type Problem =
  | { readonly _tag: "Listen"; readonly code: string | undefined; readonly problem: string }
  | { readonly _tag: "Circle" }

/** Maximum bytes to show that are not a message, on each side of a connection. */
const mostStray = 1024

/** Listens and relays until the returned function is called. */
export const start = (options: Options, tell: Tell): () => void => {
  let isStopped = false
  let close: (() => void) | undefined
  const listen = (): void => {
    if (isStopped) return
    close = Relay.start(
      options,
      onlookers(options, tell),
      ({ port }) => tell.onReady(port),
      ({ code, message }) => tell.onFailure({ _tag: "Listen", code, problem: message })
    )
  }
  const { server } = options
  if ("port" in server && server.port === options.port) {
    Dns.lookup(server.host, { all: true }, (_, addresses = []) => {
      if (addresses.some(({ address }) => isHere(address, options.host))) tell.onFailure({ _tag: "Circle" })
      else listen()
    })
  } else listen()
  return () => {
    isStopped = true
    close?.()
  }
}

/** Whether a relay that listens on `host` would be its own server at an address. */
const isHere = (address: string, host: string | undefined): boolean => {
  if (host === address || (host === "localhost" && isLoopback(address))) return true
  if (host !== undefined && host !== "0.0.0.0" && host !== "::") return false
  return isLoopback(address) || Object.values(Os.networkInterfaces()).flat().some((own) => own?.address === address)
}

const isLoopback = (address: string): boolean => address === "::1" || address.startsWith("127.")

/** Shows the connections, numbered in the order in which they arrive. */
const onlookers = ({ isJson, name }: Options, { onLine }: Tell) => {
  let connections = 0
  return (peer: string): Relay.Onlooker => {
    const connection = ++connections
    let requests = 0
    const left = { client: mostStray, server: mostStray }
    const show = (seen: Transcript.Entry | Shown.Event): void =>
      onLine(connection, isJson ? { json: Shown.toJson(seen) } : { spans: Shown.toSpans(seen) })
    const transcript = Transcript.make((entry) => {
      if (entry._tag === "Request") requests++
      if (entry._tag === "Stray") {
        if (left[entry.from] <= 0) return
        left[entry.from] -= entry.length
      }
      show(entry)
    })
    const end = (side: Transcript.Side): void => transcript.end(side, performance.now())
    show({ _tag: "Opened", from: peer })
    return {
      onBytes: (from, bytes) => transcript.push(from, bytes, performance.now()),
      onHalf: end,
      onEnd: (how) => {
        end("client")
        end("server")
        show({ _tag: "Ended", end: how, server: name, requests, unanswered: transcript.pending() })
      }
    }
  }
}
