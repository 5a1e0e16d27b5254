/**
 * One connection to a server. It carries one call at a time, gives the reply to its caller, and is used up by any doubt.
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

/** The holder of connections, and how long they may take. */
export interface Holder {
  readonly deadlines: Deadlines
  readonly maxPayload: number
  /** In milliseconds, as the next two. */
  readonly connectTimeout: number
  readonly silenceTimeout: number
  readonly idleTimeout: number
  /** A call was answered, the first one or a later one. Unless it is closed, the connection is free for another. */
  readonly onAnswered: (connection: Connection, isFirst: boolean) => void
  /**
   * The connection is closed, because of a failure or because it is not needed. Comes once. A call that waited for its answer
   * gets none.
   */
  readonly onClosed: (
    connection: Connection,
    failure: ExchangeFailure.ExchangeFailure | undefined,
    isUnanswered: boolean
  ) => void
}

/** Maximum views of a buffer that are kept. */
const mostViews = 8

export class Connection implements Connector.Receiver, Timed {
  readonly endpoint: Connector.Endpoint
  lookAt = 0
  place = -1
  /** Takes the outcome of opening, once. */
  onOpened: ((failure?: ExchangeFailure.ExchangeFailure) => void) | undefined
  /** A call was answered; the handshake does not count. */
  hasServed = false
  /** It is lent to calls. Before that, the handshake asks who is there. */
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
  /** Views of the link's buffer: many requests have the same few lengths, and a view is not cheap to make. */
  private readonly views: Array<Uint8Array> = []
  private link: Connector.Link | undefined
  private isOpen = false
  /** The call whose reply has come, and its outcome, while the chunk that brought it is read to its end. */
  private served: Call | undefined
  private answer: Effect.Effect<unknown, unknown> | undefined
  private isKept = true
  private hasAnswered = false
  /**
   * It has come free since its deadline was last asked for.
   * The time is taken then, so that no call pays for a look at the clock.
   */
  private isAnswered = false
  private hasHeard = false
  /** Time at which it began to connect or to wait for an answer, was last heard, or was first seen idle. */
  private activeAt: number

  constructor(endpoint: Connector.Endpoint, holder: Holder) {
    this.endpoint = endpoint
    this.holder = holder
    this.decoder = FrameDecoder.make(this, { maxPayload: holder.maxPayload })
    this.activeAt = holder.deadlines.now()
  }

  /** Begins to open the link. */
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

  /** How long it may stay as it is, in milliseconds. */
  private get limit(): number {
    const { connectTimeout, idleTimeout, silenceTimeout } = this.holder
    return !this.isServing ? connectTimeout : this.call !== undefined ? silenceTimeout : idleTimeout
  }

  /** Until a call begins, it is idle. */
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
    // This may run for another caller, whose answer must not be lost to a link that throws.
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

  /** Closes it, for good. A call under way is forgotten, and what the server still sends is ignored. */
  close(failure?: ExchangeFailure.ExchangeFailure): void {
    if (this.isClosed) return
    this.isClosed = true
    const isUnanswered = this.call !== undefined
    this.call = undefined
    this.holder.deadlines.delete(this)
    try {
      this.link?.close()
    } catch {
      // It is given up all the same, and its caller is told.
    }
    this.holder.onClosed(this, failure, isUnanswered)
  }

  /** Closes it, and tells the call under way why. */
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
      // Any sound is a sign of life, but only the answer ends a handshake in time.
      if (this.isServing) this.activeAt = this.holder.deadlines.now()
    } // No byte may stand behind a reply: a caller that goes on at once would take it for the next one.
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

  /** Its call has its answer, while the chunk that brought it is read to its end. */
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
    // From here on the caller has no hold on the connection, which may serve another call before this one goes on.
    call.connection = undefined
    this.served = call
    this.answer = call.settle(frame)
    // A server that clears the flag closes the connection after this reply.
    this.isKept = ControlFlags.isPersistent(frame.flags)
  }
}
