/**
 * The turns of waiting calls. A server works on only one request of a bus at a time, so a bus gains nothing from holding every
 * connection, and others would have to wait.
 *
 * A bus holds one connection. It may hold more, but never all of them, in two cases: all buses are known, and enough connections
 * are left for the others; or its reads are answered fast, as from the server's cache. One slow answer ends the second case.
 */
import * as MessageType from "../../../protocol/MessageType.ts"
import type { Buses } from "../Buses.ts"
import type { Call } from "./Call.ts"
import type { Connection } from "./Connection.ts"
import type { Deadlines } from "./Deadlines.ts"
import { Fifo } from "./Fifo.ts"
import { Lane } from "./Lane.ts"
import { Names } from "./Names.ts"

/**
 * Maximum time of a fast answer, in milliseconds, in addition to the round trip to the server. Nobody minds waiting this long. A
 * value from the cache of a busy server takes no longer; a measurement does.
 */
const fastMillis = 20

export class Lanes {
  /** Number of waiting calls. */
  size = 0
  /** The lanes in use, by name. What a lane has learned is forgotten once it is idle. */
  private readonly lanes = new Names((name, hash) => new Lane(name, hash))
  /** The lane of calls that concern no bus. It may hold any number of connections, which are not counted. */
  private readonly unbound = new Lane("", 0)
  /** Lanes with waiting calls that hold no connection. They come first. */
  private readonly unserved = new Fifo<Lane>()
  /** Lanes with waiting calls that hold a connection already. */
  private readonly served = new Fifo<Lane>()
  /** Number of connections that carry calls. */
  private lent = 0
  /** The connection of a call that was the only one when it began, so that nobody needed its lane. */
  private alone: Connection | undefined
  private readonly buses: Buses
  private readonly deadlines: Deadlines
  private readonly maxConnections: number
  private fastMillis = fastMillis

  constructor(buses: Buses, deadlines: Deadlines, maxConnections: number) {
    this.buses = buses
    this.deadlines = deadlines
    this.maxConnections = maxConnections
  }

  /** Whether no call waits, and no connection carries one. */
  get isIdle(): boolean {
    return this.lent === 0 && this.size === 0
  }

  /** Records the round trip to the server, in milliseconds. */
  measure(roundTrip: number): void {
    this.fastMillis = fastMillis + 2 * roundTrip
  }

  push(call: Call): void {
    const lane = this.laneOf(call)
    lane.push(call)
    this.enter(call, lane)
  }

  /** Adds a call before all others. */
  unshift(call: Call): void {
    const lane = this.laneOf(call)
    lane.unshift(call)
    lane.turn?.delete(lane)
    lane.turn = this.turnOf(lane)
    lane.turn.unshift(lane)
    this.enter(call, lane)
  }

  private enter(call: Call, lane: Lane): void {
    call.lane = lane
    this.size++
    this.settle(lane)
  }

  delete(call: Call): void {
    const { lane } = call
    if (lane === undefined) return
    this.exit(call, lane)
    this.settle(lane)
  }

  private exit(call: Call, lane: Lane): void {
    lane.delete(call)
    call.lane = undefined
    this.size--
  }

  /** The call whose turn is next, if a connection is available. */
  peek(): Call | undefined {
    return (this.unserved.first ?? this.served.first)?.first
  }

  filter(predicate: (call: Call) => boolean): ReadonlyArray<Call> {
    const found: Array<Call> = []
    for (const { first } of [this.unserved, this.served]) {
      for (let lane = first; lane !== undefined; lane = lane.next) {
        for (let call = lane.first; call !== undefined; call = call.next) if (predicate(call)) found.push(call)
      }
    }
    return found
  }

  /** Whether more than `count` waiting calls may each use another connection. */
  exceed(count: number): boolean {
    const { served, size, unbound, unserved } = this
    if (size <= count) return false
    // One call of each lane, and all calls that concern no bus.
    let able = unserved.size + Math.max(0, unbound.size - 1)
    if (able > count || served.size === 0) return able > count
    const now = this.deadlines.now()
    for (let lane = served.first; lane !== undefined; lane = lane.next) if (this.mayWiden(lane, now)) able++
    return able > count
  }

  /** Takes the next call that may have a connection, and gives it this one. */
  next(connection: Connection, now: number): Call | undefined {
    let lane = this.unserved.first ?? this.served.first
    while (lane !== undefined && lane.turn === this.served && !this.mayWiden(lane, now)) lane = lane.next
    const call = lane?.first
    if (lane === undefined || call === undefined) return undefined
    this.exit(call, lane)
    // Its next turn comes after those of the others.
    lane.turn?.delete(lane)
    lane.turn = undefined
    this.hold(lane, connection, now)
    this.settle(lane)
    return call
  }

  /** Gives a connection to the only call. */
  holdAlone(connection: Connection): void {
    this.alone = connection
    connection.lane = this.unbound
    this.lent++
  }

  private hold(lane: Lane, connection: Connection, now: number): void {
    connection.lane = lane
    this.lent++
    if (lane !== this.unbound) this.count(lane, now)
  }

  private count(lane: Lane, sentAt: number): void {
    if (lane.held++ === 0) lane.heardAt = sentAt
  }

  /** Takes a connection back from its call. Returns the time, if it had to be read. */
  leave(connection: Connection, isAnswered: boolean): number | undefined {
    const { lane } = connection
    if (lane === undefined) return undefined
    connection.lane = undefined
    this.lent--
    if (connection === this.alone) this.alone = undefined
    if (lane === this.unbound) return undefined
    lane.held--
    // While nobody waits, nobody needs the time.
    const now = this.size === 0 ? undefined : this.deadlines.now()
    if (now !== undefined) this.judge(lane, connection, isAnswered, now)
    this.settle(lane)
    return now
  }

  private judge(lane: Lane, { messageType, sentAt }: Connection, isAnswered: boolean, now: number): void {
    if (now - sentAt > this.fastMillis) lane.width = 1
    else if (isAnswered) {
      lane.heardAt = now
      // A listing may come from a cache although the listed values do not.
      if (messageType === MessageType.Read && lane.width < this.maxConnections - 1) lane.width++
    }
  }

  /** Whether a lane that holds connections may have another. */
  private mayWiden(lane: Lane, now: number): boolean {
    const { held, heardAt, width } = lane
    if (held >= this.maxConnections - 1) return false
    return (held < width && now - heardAt <= this.fastMillis) || this.isRoomBeside(lane)
  }

  /** Whether another connection for a lane leaves one for each bus that holds none, and one for calls that concern no bus. */
  private isRoomBeside({ name }: Lane): boolean {
    const { all } = this.buses
    const room = this.maxConnections - this.lent - 2
    if (all === undefined || all.length + 2 > this.maxConnections || room < 0) return false
    let without = 0
    for (const bus of all) if (bus !== name && (this.lanes.get(bus)?.held ?? 0) === 0) without++
    return without <= room
  }

  private laneOf({ exchange: { path } }: Call): Lane {
    // With one connection there is nothing to share.
    if (this.maxConnections === 1) return this.unbound
    if (this.alone !== undefined) this.countAlone(this.alone)
    return this.buses.find(path, this.lanes) ?? this.unbound
  }

  private countAlone(connection: Connection): void {
    this.alone = undefined
    if (connection.call === undefined) return
    const lane = this.laneOf(connection.call)
    connection.lane = lane
    if (lane !== this.unbound) this.count(lane, connection.sentAt)
  }

  /** Moves a lane to the list in which it waits for its turn, or forgets it. */
  private settle(lane: Lane): void {
    const turn = lane.size === 0 ? undefined : this.turnOf(lane)
    if (turn !== lane.turn) {
      lane.turn?.delete(lane)
      lane.turn = turn
      turn?.push(lane)
    }
    if (turn === undefined && lane.held === 0 && lane !== this.unbound) this.lanes.delete(lane)
  }

  private turnOf(lane: Lane): Fifo<Lane> {
    return lane.held === 0 ? this.unserved : this.served
  }
}
