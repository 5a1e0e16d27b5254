/** The process of the simulated servers of a house. It reports their ports, and their traffic on request. */
import { Follow } from "@effect-ownet/core"
import { NodeNetwork } from "@effect-ownet/node"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { Effect, Stream } from "effect"
import { subscribe } from "node:diagnostics_channel"
import type { Socket } from "node:net"
import { describe, type House, type Traffic } from "./House.ts"

export type FromServers =
  | { readonly _tag: "Started"; readonly ports: ReadonlyArray<number> }
  | { readonly _tag: "Counted"; readonly traffic: Traffic }

const bytesOf = ({ bytesRead, bytesWritten }: Socket): number => bytesRead + bytesWritten

/** Counts the bytes of all connections, and forgets closed connections. */
const bytesSeen = (): () => number => {
  const open = new Set<Socket>()
  let closed = 0
  subscribe("net.server.socket", (message) => {
    // Node documents the type of this message, but declares it as anything.
    const { socket } = message as { readonly socket: Socket }
    open.add(socket)
    socket.once("close", () => {
      open.delete(socket)
      closed += bytesOf(socket)
    })
  })
  return () => [...open].reduce((sum, socket) => sum + bytesOf(socket), closed)
}

/** Follows the servers once, so that a later follower does not wait until V8 has compiled a server. */
const warm = (ports: ReadonlyArray<number>) =>
  Follow.follow(Follow.all(), "1 hour").pipe(
    Stream.filter(({ _tag }) => _tag === "Reading"),
    Stream.take(ports.length),
    Stream.runDrain,
    Effect.provide(NodeNetwork.layer({ servers: ports.map((port) => ({ host: "127.0.0.1", port })) }))
  )

const tell = (message: FromServers) => Effect.sync(() => void process.send?.(message))

const run = Effect.fnUntraced(function*(house: House) {
  const bytes = bytesSeen()
  const servers = yield* Effect.forEach(
    Array.from({ length: house.servers }, (_, server) => describe(house, server)),
    (description) =>
      NodeSimulatedServer.start(description, { conversions: house.conversions, cache: house.conversions === "real" })
  )
  if (house.servers > 1) yield* warm(servers.map(({ port }) => port))
  yield* tell({ _tag: "Started", ports: servers.map(({ port }) => port) })
  const count = Effect.gen(function*() {
    const all = yield* Effect.forEach(servers, ({ statistics }) => statistics)
    const requests = all.reduce((sum, { requests }) => sum + requests, 0)
    yield* tell({ _tag: "Counted", traffic: { requests, bytes: bytes() } })
  })
  const runFork = Effect.runForkWith(yield* Effect.context())
  process.on("message", () => void runFork(count))
  return yield* Effect.never
})

// Written by the process that started this one.
Effect.runFork(Effect.scoped(run(JSON.parse(process.argv[2] ?? "") as House)))
process.on("disconnect", () => process.exit())
