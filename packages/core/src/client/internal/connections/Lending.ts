/**
 * The lending of connections. A call gets a free connection, or waits for its turn and takes the next one as soon as it is free.
 * If a call meets a closed connection, it is sent again on another, if that is safe.
 */
import * as Exchange from "../exchange/Exchange.ts"
import * as ExchangeFailure from "../exchange/ExchangeFailure.ts"
import { runOf } from "../exchange/Progress.ts"
import type { Call } from "./Call.ts"
import type { Connection } from "./Connection.ts"
import type { Deadlines } from "./Deadlines.ts"
import type { Lanes } from "./Lanes.ts"

export class Lending {
  /** Calls without a connection, and their order. */
  private readonly lanes: Lanes
  /** Free connections, with the most recently used at the end. */
  private readonly free: Array<Connection> = []
  private readonly deadlines: Deadlines
  private readonly onShort: () => void
  private isLending = false
  /** Whether the client is closed. */
  isClosed = false

  constructor(
    lanes: Lanes,
    deadlines: Deadlines,
    /** Reports that calls may wait while no connection is free. */
    onShort: () => void
  ) {
    this.lanes = lanes
    this.deadlines = deadlines
    this.onShort = onShort
  }

  /** Takes a new call, and either lends it a connection or lets it wait. `false` if it has already failed. */
  take(call: Call): boolean {
    if (this.isClosed) {
      this.onFailure(call, ExchangeFailure.closedByUs(false))
      return false
    }
    if (call.run !== undefined && call.run.limit < Infinity) this.deadlines.add(call)
    const connection = this.lanes.isIdle ? this.free.pop() : undefined
    if (connection !== undefined) {
      this.lanes.holdAlone(connection)
      connection.begin(call)
    } else {
      this.lanes.push(call)
      this.lend()
    }
    return true
  }

  /** Lends a connection that has become free to the next call. */
  release(connection: Connection): void {
    const now = this.lanes.leave(connection, true)
    this.free.push(connection)
    this.lend(now)
  }

  /** Stops lending a connection. */
  remove(connection: Connection): void {
    this.lanes.leave(connection, connection.isAnswering)
    const index = this.free.indexOf(connection)
    if (index >= 0) this.free.splice(index, 1)
  }

  /** Lends the free connections to waiting calls, and requests more connections while calls are left. */
  lend(now?: number): void {
    // A link that answers at once calls this again from inside.
    if (this.isLending) return
    this.isLending = true
    while (this.lanes.size > 0) {
      const connection = this.free.at(-1)
      if (connection === undefined) break
      const sentAt = now ?? this.deadlines.now()
      // Taken one by one, because a call that fails at once returns to the front.
      const call = this.lanes.next(connection, sentAt)
      if (call === undefined) break
      this.free.pop()
      connection.begin(call, sentAt)
      now = undefined
    }
    this.isLending = false
    this.onShort()
  }

  /** Removes a call from its connection or from the waiting calls. */
  withdraw(call: Call): void {
    call.isOver = true
    this.lanes.delete(call)
    if (call.run !== undefined) this.deadlines.delete(call)
    call.connection?.close()
  }

  /** Sends a failed call again, or reports the failure to its caller. */
  readonly onFailure = (call: Call, failure: ExchangeFailure.ExchangeFailure): void => {
    if (call.isOver) return
    if (failure._tag === "Closed" && failure.isUnheard && this.isReplayable(call)) {
      call.observer?.onReplay()
      // A call without a limit had no run so far. Its error needs one, to report that a request may have left.
      call.run ??= runOf({ startedAt: this.deadlines.now(), requestSent: true }, Infinity, undefined)
      call.lastHope = -1
      this.lanes.unshift(call)
      return this.lend()
    }
    this.withdraw(call)
    call.observer?.onFailure(failure)
    call.resume(call.recover(failure, call.exchange, call.run))
  }

  /**
   * A call meets each connection that was closed while idle only once, so the repetition ends. If a new connection is closed at
   * its first request, the request may be the cause, so it is repeated only once.
   */
  private isReplayable(call: Call): boolean {
    if (this.isClosed || !Exchange.changesNothing(call.exchange.type)) return false
    if (call.connection?.hasServed === true) return true
    const isFirst = !call.isReplayed
    call.isReplayed = true
    return isFirst
  }

  /** Fails the calls that have nothing left to wait for. */
  failWaiting(failure: ExchangeFailure.ExchangeFailure, isHopeless: (call: Call) => boolean): void {
    const failed = this.lanes.filter(isHopeless)
    for (const call of failed) this.lanes.delete(call)
    for (const call of failed) this.onFailure(call, failure)
  }

  /** Fails all waiting calls, and those that come from now on. */
  close(): void {
    this.isClosed = true
    this.failWaiting(ExchangeFailure.closedByUs(false), () => true)
  }
}
