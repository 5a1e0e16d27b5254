/**
 * One connection to a server: one call at a time, its reply to the one who made it, and used up by any doubt.
 */
import type * as Clock from "effect/Clock"
import type * as Effect from "effect/Effect"
import { monotonicMillis } from "../../internal/clock.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import * as FrameDecoder from "../../protocol/FrameDecoder.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as Request from "../../protocol/Request.ts"
import type * as Connector from "../Connector.ts"
import * as Failure from "./Failure.ts"
import { type Exchange, settle } from "./Transport.ts"

/** An exchange under way, or waiting for its turn. */
export interface Call {
  readonly exchange: Exchange<unknown>
  readonly resume: (answer: Effect.Effect<unknown, Failure.Refused>) => void
  /** Takes what went wrong; whoever made the call decides whether to make it again. */
  readonly onFailure: (failure: Failure.Failure) => void
  /** The connection that carries it. */
  connection: Connection | undefined
}

export interface Options {
  readonly clock: Clock.Clock
  readonly maxPayload: number
  /** The connection is free for another call. */
  readonly onFree: (connection: Connection) => void
  /** The connection takes no further call, and is closed; for a failure, or because it is not needed. Comes once. */
  readonly onClosed: (connection: Connection, failure: Failure.Failure | undefined) => void
}

export class Connection implements Connector.Receiver {
  private readonly options: Options
  private readonly decoder: FrameDecoder.FrameDecoder
  private readonly scratch = new Uint8Array(512)
  private link: Connector.Link | undefined
  private call: Call | undefined
  /** Whose reply has come, and what it comes to, while the chunk that brought it is read to its end. */
  private served: Call | undefined
  private answer: Effect.Effect<unknown, Failure.Refused> | undefined
  private isKept = true
  private hasHeard = false
  /** A server closes what was idle for long; a request that meets this gets no answer. */
  private wasIdle = false
  /** A call was answered; asking who is there is none. */
  hasServed = false
  isClosed = false
  /** When the last call began, made a sound, or ended. */
  activeAt = 0

  constructor(options: Options) {
    this.options = options
    this.decoder = FrameDecoder.make(
      { onFrame: (frame) => this.onFrame(frame), onKeepalive: () => {} },
      { maxPayload: options.maxPayload }
    )
  }

  /** Gives the connection its link. */
  attach(link: Connector.Link): void {
    this.link = link
    this.touch()
  }

  get isBusy(): boolean {
    return this.call !== undefined
  }

  /** Sends the request of a call. The connection must be free, and not closed. */
  begin(call: Call): void {
    call.connection = this
    this.call = call
    this.hasHeard = false
    const since = this.activeAt
    this.touch()
    this.wasIdle = this.hasServed || this.activeAt - since > 1000
    call.exchange.onSent?.()
    // This may run on behalf of another caller, whose answer must not be lost to a link that throws.
    try {
      this.link?.write(Request.encode(call.exchange.request, this.scratch))
    } catch (cause) {
      this.onEnd(cause)
    }
  }

  /** Closes, for good. A call under way is forgotten: what the server sends now is nobody's. */
  close(failure?: Failure.Failure): void {
    if (this.isClosed) return
    this.isClosed = true
    this.call = undefined
    try {
      this.link?.close()
    } catch {
      // It is given up all the same, and whoever waits for it is told.
    }
    this.options.onClosed(this, failure)
  }

  /** Closes, and tells the call under way why. */
  fail(failure: Failure.Failure): void {
    const { call } = this
    this.close(failure)
    call?.onFailure(failure)
  }

  onData(chunk: Uint8Array, length: number): void {
    if (this.isClosed) return
    if (this.call !== undefined) {
      this.hasHeard = true
      this.touch()
    }
    const error = this.decoder.push(chunk, length)
    if (error !== undefined) this.fail(Failure.fromFrameError(error))
    // No byte may stand behind a reply: a caller that goes on at once would take it for the next one.
    else if (this.call === undefined && (!this.isKept || this.decoder.end() !== undefined)) this.close()
    const { answer, served } = this
    if (served === undefined || answer === undefined) return
    this.served = undefined
    this.answer = undefined
    if (!this.isClosed) this.options.onFree(this)
    served.resume(answer)
  }

  onEnd(cause?: unknown): void {
    const error = this.decoder.end()
    this.fail(
      error !== undefined ? Failure.fromFrameError(error) : {
        _tag: "Closed",
        problem: cause === undefined ? "by the server" : cause instanceof Error ? cause.message : String(cause),
        requestSent: true,
        isStale: this.wasIdle && !this.hasHeard,
        cause
      }
    )
  }

  private onFrame(frame: FrameDecoder.Frame): void {
    const { call } = this
    if (call === undefined) {
      this.close()
      return
    }
    const { exchange } = call
    const problem = exchange.check?.(exchange.request, frame)
    if (problem !== undefined) {
      this.fail(Failure.unexpected(problem, frame.data))
      return
    }
    if (exchange.request.type === MessageType.Dir && frame.payload > 0 && frame.ret >= 0) {
      exchange.onEntry?.(frame)
      return
    }
    this.call = undefined
    // From here on the caller has no hold on the connection: it may serve another one before this one goes on.
    call.connection = undefined
    this.served = call
    this.answer = settle(exchange, frame)
    this.hasServed = true
    // A server that clears the flag closes the connection after this reply.
    this.isKept = ControlFlags.isPersistent(frame.flags)
  }

  private touch(): void {
    this.activeAt = monotonicMillis(this.options.clock)
  }
}
