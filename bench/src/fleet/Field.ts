/**
 * Simulated owservers of a fleet, over TCP. Each reading is a number that its server has never returned before, recorded with the
 * process that received it.
 */
import { Fault, SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { NodeSocket, NodeSocketServer } from "@effect/platform-node"
import { Clock, Effect, Fiber, Option, Scope } from "effect"
import { NetAddress } from "effect/net"
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import type { Given } from "./Ledger.ts"

const host = "127.0.0.1"

/** Device that is read on each server, and two more paths: one that answers at once, and a slow one. */
export const device = (index: number): string =>
  `28.${(0x28_0000 + index).toString(16).toUpperCase().padStart(12, "0")}`
export const quick = (index: number): string => `/${device(index)}/temphigh`
export const slow = (index: number): string => `/${device(index)}/templow`

/** Duration of a read of the slow path. */
const work = "500 millis"

/** Possible temperatures of a thermometer without another meaning, in sixteenths of a degree. */
const cold = 848
const most = cold + 1250

/** The `count`th reading of a server. With one per second, they repeat after more than half an hour. */
const valueOf = (count: number): number => {
  const number = count % most
  return number < cold ? -54 + number / 16 : 1 + (number - cold) / 16
}

/** A connection, and the process at its other end once it is known. */
interface Peer {
  readonly port: number
  reader: number
}

/** Finds the processes at the other ends of connections, among a few. One search for all connections is cheap enough. */
const findReaders = (peers: ReadonlyArray<Peer>, pids: Iterable<number>): void => {
  const inodes = new Map<string, number>()
  for (const line of readFileSync("/proc/net/tcp", "utf8").split("\n")) {
    const [, local = "", , , , , , , , inode = "0"] = line.trim().split(/\s+/)
    if (local.startsWith("0100007F:")) inodes.set(inode, parseInt(local.slice(9), 16))
  }
  const byPort = new Map<number, number>()
  for (const pid of pids) {
    for (const fd of filesOf(`/proc/${pid}/fd`)) {
      const [, inode = ""] = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`)) ?? []
      const port = inodes.get(inode)
      if (port !== undefined) byPort.set(port, pid)
    }
  }
  for (const peer of peers) peer.reader = byPort.get(peer.port) ?? 0
}

const orElse = <A>(read: () => A, otherwise: A): A => {
  try {
    return read()
  } catch {
    // The process, or its file, is gone.
    return otherwise
  }
}

const filesOf = (folder: string): ReadonlyArray<string> => orElse(() => readdirSync(folder), [])

const linkOf = (path: string): string => orElse(() => readlinkSync(path), "")

interface Owserver {
  /** Its name in a registry. */
  readonly server: string
  readonly index: number
}

interface Field {
  readonly servers: ReadonlyArray<Owserver>
  /** Readings returned so far, in order. */
  readonly given: ReadonlyArray<Given>
  /** Starts another server. */
  readonly start: Effect.Effect<Owserver>
}

/** Starts servers. Processes that may read them can be added while they run. */
export const make = Effect.fnUntraced(function*(count: number, readers: ReadonlySet<number>) {
  const scope = yield* Scope.Scope
  const clock = yield* Clock.Clock
  const given: Array<Given> = []
  const servers: Array<Owserver> = []
  let unknown: Array<Peer> = []
  yield* Effect.sync(() => {
    if (unknown.length > 0) findReaders(unknown, readers)
    unknown = []
  }).pipe(Effect.delay("50 millis"), Effect.forever, Effect.forkScoped)

  const start = Effect.gen(function*() {
    const index = servers.length
    const sockets = yield* NodeSocketServer.make({ host, port: 0, noDelay: true, allowHalfOpen: true })
    const { address } = sockets
    const server = `${host}:${NetAddress.isInetAddress(address) ? address.port : 0}`
    const peers: Array<Peer> = []
    /** Fibers that are about to answer, with their clients. */
    const asked = new Map<number, Peer>()
    let numbers = 0
    const next = (): number => {
      const value = valueOf(numbers++)
      const fiber = Fiber.getCurrent()?.id ?? -1
      const peer = asked.get(fiber)
      // A conversion of all sensors requests a temperature that nobody receives.
      if (peer !== undefined) {
        given.push({
          server,
          value,
          at: clock.currentTimeMillisUnsafe(),
          get reader() {
            return peer.reader
          }
        })
      }
      asked.delete(fiber)
      return value
    }
    const network = yield* SimulatedNetwork.make({
      [device(index)]: { temperature: next, temphigh: 100, templow: -100 }
    })
    const { serve } = yield* SimulatedServer.make(network, {
      persistentConnections: 100,
      // Called for each request, in the fiber that answers it.
      faults: ({ connection, path }) => {
        if (path.endsWith("/templow")) return Fault.Fault.Delay({ duration: work })
        const isReading = /\/(?:latesttemp|temperature)$/.test(path)
        const peer = peers[connection]
        if (isReading && peer !== undefined) asked.set(Fiber.getCurrent()?.id ?? -1, peer)
        return undefined
      }
    })
    yield* Effect.forkScoped(
      sockets.run((socket) =>
        Effect.flatMap(Effect.serviceOption(NodeSocket.NetSocket), (net) => {
          // Connections count from 0, in the order in which they are served.
          const peer: Peer = { port: Option.getOrUndefined(net)?.remotePort ?? 0, reader: 0 }
          peers.push(peer)
          unknown.push(peer)
          return serve(socket, {
            reset: Effect.sync(() => void Option.getOrUndefined(net)?.resetAndDestroy()),
            isGone: () => Option.exists(net, ({ destroyed }) => destroyed)
          })
        })
      )
    )
    const started: Owserver = { server, index }
    servers.push(started)
    return started
  }).pipe(Effect.orDie, Scope.provide(scope))

  for (let i = 0; i < count; i++) yield* start
  return { servers, given, start } satisfies Field
})
