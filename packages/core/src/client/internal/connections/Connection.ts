/**
 * One connection to a server. It carries one call at a time and passes the reply to the caller. If there is any doubt about it,
 * it is not used again.
 */
import type * as Effect from "effect/Effect"
import { empty } from "../../../internal/bytes.ts"
import * as ControlFlags from "../../../protocol/ControlFlags.ts"
import * as FrameDecoder from "../../../protocol/FrameDecoder.ts"
import * as MessageType from "../../../protocol/MessageType.ts"
import * as Request from "../../../protocol/Request.ts"
import type * as Connector from "../../Connector.ts"
import * as ExchangeFailure from "../exchange/ExchangeFailure.ts"
import type { Call } from "./Call.ts"
import type { Deadlines, Timed } from "./Deadlines.ts"
import type { Lane } from "./Lane.ts"

/** The holder of connections, and their time limits. */
export interface Holder {
  readonly deadlines: Deadlines
  readonly maxPayload: number
  /** In milliseconds, like the next two. */
  readonly connectTimeout: number
  readonly silenceTimeout: number
  readonly idleTimeout: number
  /**
   * Reports that a call was answered, the first one or a later one. Unless the connection is closed, it is free for another call.
   */
  readonly onAnswered: (connection: Connection, isFirst: boolean) => void
  /**
   * Reports that the connection is closed, because of a failure or because it is not needed. Called once. A call that waited for
   * its answer gets none.
   */
  readonly onClosed: (
    connection: Connection,
    failure: ExchangeFailure.ExchangeFailure | undefined,
    isUnanswered: boolean
  ) => void
}

/** Maximum number of cached views of a buffer. */
const mostViews = 8

export class Connection implements Connector.Receiver, Timed {
  readonly endpoint: Connector.Endpoint
  lookAt = 0
  place = -1
  /** Takes the result of opening, once. */
  onOpened: ((failure?: ExchangeFailure.ExchangeFailure) => void) | undefined
  /** Whether a call was answered. The handshake does not count. */
  hasServed = false
  /** Whether it is lent to calls. Before that, the handshake checks the server. */
  isServing = false
  isClosed = false
  /** The lane whose call it carries. */
  lane: Lane | undefined
  /** The call that waits for its answer. */
  call: Call | undefined
  /** The type of the last request, and the time at which it was sent. */
  messageType = 0
  sentAt = 0
  /** How long the handshake took, in milliseconds. */
  roundTrip = 0
  private readonly holder: Holder
  private readonly decoder: FrameDecoder.FrameDecoder
  /** Views of the link's buffer. Many requests have the same few lengths, and creating a view is expensive. */
  private readonly views: Array<Uint8Array> = []
  private link: Connector.Link | undefined
  private isOpen = false
  /** The call whose reply has come, and its result, while the rest of the chunk is read. */
  private served: Call | undefined
  private answer: Effect.Effect<unknown, unknown> | undefined
  private isKept = true
  private hasAnswered = false
  /**
   * It has become free since its deadline was last checked. The time is taken at that check, so that no call pays for reading the
   * clock.
   */
  private isAnswered = false
  private hasHeard = false
  /** Time at which it began to connect or to wait for an answer, was last heard from, or was first seen idle. */
  private activeAt: number

  constructor(endpoint: Connector.Endpoint, holder: Holder) {
    this.endpoint = endpoint
    this.holder = holder
    this.decoder = FrameDecoder.make(this, { maxPayload: holder.maxPayload })
    this.activeAt = holder.deadlines.now()
  }

  /** Starts to open the link. */
  open(onOpened: (failure?: ExchangeFailure.ExchangeFailure) => void): void {
    this.onOpened = onOpened
    this.holder.deadlines.add(this)
    try {
      this.link = this.endpoint.connect(this)
    } catch (cause) {
      this.onEnd(cause)
    }
  }

  onOpen(): void {
    this.isOpen = true
    this.activeAt = this.holder.deadlines.now()
    this.opened()
  }

  /** How long it may stay in its current state, in milliseconds. */
  private get limit(): number {
    const { connectTimeout, idleTimeout, silenceTimeout } = this.holder
    return !this.isServing ? connectTimeout : this.call !== undefined ? silenceTimeout : idleTimeout
  }

  /** Whether it is idle. It stays idle until a call begins. */
  get isAtRest(): boolean {
    return this.isServing && this.call === undefined
  }

  dueAt(now: number): number {
    if (this.isAnswered) {
      this.isAnswered = false
      this.activeAt = now
    }
    return this.activeAt + this.limit
  }

  onDue(now: number): void {
    const { limit } = this
    if (!this.isOpen) {
      this.fail({ _tag: "Unopened", problem: `did not answer within ${limit / 1000} s`, cause: undefined })
    } else if (this.call !== undefined) {
      this.fail({ _tag: "Silence", elapsed: Math.round(now - this.activeAt), limit })
    } else this.close()
  }

  /** Sends the request of a call. The connection must be open and free. */
  begin(call: Call, now = this.holder.deadlines.now()): void {
    const { exchange, observer, run } = call
    call.connection = this
    this.call = call
    this.messageType = exchange.type
    this.sentAt = now
    this.hasHeard = false
    this.isAnswered = false
    this.activeAt = now
    this.holder.deadlines.hasten(this, now)
    if (run !== undefined) run.progress.requestSent = true
    // This may run for another caller, whose answer must not be lost if the link throws.
    try {
      const bytes = this.encode(call)
      observer?.onSent(this.endpoint.address, now, bytes)
      this.link?.write(bytes)
    } catch (cause) {
      this.onEnd(cause)
    }
  }

  private encode({ exchange }: Call): Uint8Array {
    const buffer = this.link?.buffer ?? empty
    const length = Request.encodeInto(exchange, buffer)
    if (length === 0) return Request.encode(exchange)
    const { views } = this
    for (const view of views) if (view.length === length) return view
    const view = buffer.subarray(0, length)
    if (views.length === mostViews) views.shift()
    views.push(view)
    return view
  }

  /** Closes the connection permanently. It drops a call under way, and ignores anything the server still sends. */
  close(failure?: ExchangeFailure.ExchangeFailure): void {
    if (this.isClosed) return
    this.isClosed = true
    const isUnanswered = this.call !== undefined
    this.call = undefined
    this.holder.deadlines.delete(this)
    try {
      this.link?.close()
    } catch {
      // The link is abandoned anyway, and its caller gets the failure.
    }
    this.holder.onClosed(this, failure, isUnanswered)
  }

  /** Closes the connection, and fails the call under way. */
  fail(failure: ExchangeFailure.ExchangeFailure): void {
    const { call } = this
    this.close(failure)
    call?.onFailure(call, failure)
    this.opened(failure)
  }

  private opened(failure?: ExchangeFailure.ExchangeFailure): void {
    const { onOpened } = this
    this.onOpened = undefined
    onOpened?.(failure)
  }

  onData(chunk: Uint8Array, length: number): void {
    if (this.isClosed) return
    this.hasHeard = true
    const error = this.decoder.push(chunk, length)
    if (error !== undefined) this.fail(ExchangeFailure.fromFrameError(error))
    else if (this.call !== undefined) {
      // Any data are a sign of life, but only the answer ends a handshake in time.
      if (this.isServing) this.activeAt = this.holder.deadlines.now()
    } // No byte may follow a reply: a caller that continues at once would take it for the next reply.
    else if (!this.isKept || this.decoder.end() !== undefined) this.close()
    const { answer, served } = this
    if (served === undefined || answer === undefined) return
    this.served = undefined
    this.answer = undefined
    this.isAnswered = true
    if (served.run !== undefined) this.holder.deadlines.delete(served)
    const isFirst = !this.hasAnswered
    this.hasAnswered = true
    if (isFirst && !this.isServing) this.roundTrip = this.holder.deadlines.now() - this.sentAt
    this.hasServed = this.isServing
    this.holder.onAnswered(this, isFirst)
    served.resume(answer)
  }

  /** Whether its call has its answer, while the rest of the chunk is read. */
  get isAnswering(): boolean {
    return this.served !== undefined
  }

  onEnd(cause?: unknown): void {
    if (this.isClosed) return
    const problem = cause instanceof Error ? cause.message : String(cause)
    if (!this.isOpen) return this.fail({ _tag: "Unopened", problem, cause })
    const error = this.decoder.end()
    this.fail(
      error !== undefined ? ExchangeFailure.fromFrameError(error) : {
        _tag: "Closed",
        problem: cause === undefined ? "by the server" : problem,
        requestSent: true,
        isUnheard: !this.hasHeard,
        cause
      }
    )
  }

  onKeepalive(): void {
    this.call?.observer?.onKeepalive()
  }

  onFrame(frame: FrameDecoder.Frame): void {
    const { call } = this
    if (call === undefined) {
      this.close()
      return
    }
    const { exchange } = call
    call.observer?.onFrame(frame)
    const problem = exchange.check?.(exchange, frame)
    if (problem !== undefined) {
      this.fail(ExchangeFailure.unexpected(problem, frame.data))
      return
    }
    if (exchange.type === MessageType.Dir && frame.payload > 0 && frame.ret >= 0) {
      exchange.onEntry?.(frame)
      return
    }
    this.call = undefined
    // From here on the caller no longer holds the connection, which may serve another call before this one continues.
    call.connection = undefined
    this.served = call
    this.answer = call.settle(frame)
    // A server that clears the flag closes the connection after this reply.
    this.isKept = ControlFlags.isPersistent(frame.flags)
  }
}
