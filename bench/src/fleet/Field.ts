/**
 * The owservers of a fleet, simulated, over TCP. Each reading is a number that its server has never given out before, and it is
 * noted who got it.
 */
import { Fault, SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { NodeSocket, NodeSocketServer } from "@effect/platform-node"
import { Clock, Effect, Option, Scope } from "effect"
import { NetAddress } from "effect/net"
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import type { Given } from "./Ledger.ts"

const host = "127.0.0.1"

/** What is read of each server, and what can be asked of it beside: one at once, and one that takes its time. */
export const device = (index: number): string => `28.${(0x28_0000 + index).toString(16).toUpperCase().padStart(12, "0")}`
export const quick = (index: number): string => `/${device(index)}/temphigh`
export const slow = (index: number): string => `/${device(index)}/templow`

/** How long the slow one takes. */
const work = "500 millis"

/** Temperatures that a thermometer may have, and that stand for nothing else, in sixteenths of a degree. */
const cold = 848
const most = cold + 1250

/** The `count`th reading of a server. They begin anew after more than half an hour at one a second. */
export const valueOf = (count: number): number => {
  const number = count % most
  return number < cold ? -54 + number / 16 : 1 + (number - cold) / 16
}

/** The process of this machine that has a port of its own in a connection, of a few that are asked. */
const processAt = (port: number, pids: Iterable<number>): number => {
  const hex = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`
  const inode = readFileSync("/proc/net/tcp", "utf8").split("\n").map((line) => line.trim().split(/\s+/))
    .find(([, local]) => local === hex)?.[9]
  for (const pid of inode === undefined || inode === "0" ? [] : pids) {
    const folder = `/proc/${pid}/fd`
    if (filesOf(folder).some((fd) => linkOf(`${folder}/${fd}`) === `socket:[${inode}]`)) return pid
  }
  return 0
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

export interface Owserver {
  /** Its name in a registry. */
  readonly server: string
  readonly index: number
}

export interface Field {
  readonly servers: ReadonlyArray<Owserver>
  /** All that was given out so far, in order. */
  readonly given: ReadonlyArray<Given>
  /** Starts one more. */
  readonly start: Effect.Effect<Owserver>
}

/** Starts servers. The processes that may read them can become more while they run. */
export const make = Effect.fnUntraced(function*(count: number, readers: ReadonlySet<number>) {
  const scope = yield* Scope.Scope
  const clock = yield* Clock.Clock
  const given: Array<Given> = []
  const servers: Array<Owserver> = []

  const start = Effect.gen(function*() {
    const index = servers.length
    const sockets = yield* NodeSocketServer.make({ host, port: 0, noDelay: true, allowHalfOpen: true })
    const { address } = sockets
    const server = `${host}:${NetAddress.isInetAddress(address) ? address.port : 0}`
    const peers: Array<number> = []
    let reads = 0
    const network = yield* SimulatedNetwork.make({
      [device(index)]: { temperature: () => valueOf(reads), temphigh: 100, templow: -100 }
    })
    const { serve } = yield* SimulatedServer.make(network, {
      persistentConnections: 100,
      // It is asked about each request, just before that is answered.
      faults: ({ connection, path }) => {
        if (path.endsWith("/templow")) return Fault.Fault.Delay({ duration: work })
        if (!/\/(?:latesttemp|temperature)$/.test(path)) return undefined
        reads++
        given.push({ server, value: valueOf(reads), at: clock.currentTimeMillisUnsafe(), reader: peers[connection] ?? 0 })
        return undefined
      }
    })
    yield* Effect.forkScoped(
      sockets.run((socket) =>
        Effect.flatMap(Effect.serviceOption(NodeSocket.NetSocket), (net) => {
          // Connections count from 0, in the order in which they are served.
          peers.push(Option.match(net, { onNone: () => 0, onSome: (net) => processAt(net.remotePort ?? 0, readers) }))
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
