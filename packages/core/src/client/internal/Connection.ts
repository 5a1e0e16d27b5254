/**
 * One connection to a server: one request in flight, its reply to the fiber that waits, and used up by any doubt.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import * as FrameDecoder from "../../protocol/FrameDecoder.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as Request from "../../protocol/Request.ts"
import type * as Connector from "../Connector.ts"
import * as Failure from "./Failure.ts"
import { type Exchange, settle } from "./Transport.ts"

/** The connection cannot take a request: it ended, or the server will close it. Nothing was sent. */
export interface Unusable {
  readonly _tag: "Unusable"
  readonly connection: Connection
}

export interface Options {
  readonly clock: Clock.Clock
  readonly maxPayload: number
  /** Called when a request begins to wait for its reply. */
  readonly onWaiting: () => void
  /** Called once, when the connection takes no further request. */
  readonly onRetired: (connection: Connection) => void
}

type Answer = Effect.Effect<unknown, Failure.Failure | Failure.Refused | Unusable>

interface Pending {
  readonly exchange: Exchange<unknown>
  readonly resume: (answer: Answer) => void
}

export class Connection implements Connector.Receiver {
  readonly options: Options
  private readonly decoder: FrameDecoder.FrameDecoder
  private readonly scratch = new Uint8Array(512)
  private link: Connector.Link | undefined
  private pending: Pending | undefined
  /** The answer to a request, while the chunk that brought it is read to its end. */
  private settled: (() => void) | undefined
  private isRetired = false
  private hasServed = false
  private hasHeard = false
  /** When the reply under way last made a sound. */
  private heardAt = 0

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
  }

  get isUsable(): boolean {
    return !this.isRetired && this.link !== undefined
  }

  /** When the reply that is waited for last made a sound; `undefined` while none is waited for. */
  get silentSince(): number | undefined {
    return this.pending === undefined ? undefined : this.heardAt
  }

  exchange<A>(exchange: Exchange<A>): Effect.Effect<A, Failure.Failure | Failure.Refused | Unusable> {
    return Effect.callback((resume) => {
      if (this.isRetired || this.link === undefined || this.pending !== undefined) {
        return resume(Effect.fail({ _tag: "Unusable", connection: this }))
      }
      // The answer is made by `exchange.decode`, and so is the `A` that this caller waits for.
      this.pending = { exchange, resume: resume as Pending["resume"] }
      this.hasHeard = false
      this.heardAt = this.options.clock.currentTimeMillisUnsafe()
      this.options.onWaiting()
      exchange.onSent?.()
      this.link.write(Request.encode(exchange.request, this.scratch))
      return this.abandon
    })
  }

  /** The caller went away: what the server sends now is nobody's. */
  private readonly abandon = Effect.sync(() => {
    this.pending = undefined
    this.close()
  })

  /** The client closes. */
  shutdown(): void {
    this.fail({ _tag: "Closed", problem: "this client was closed", requestSent: true, isStale: false })
  }

  /** Ends the connection; a request under way fails. */
  fail(failure: Failure.Failure): void {
    const pending = this.pending
    this.pending = undefined
    this.close()
    pending?.resume(Effect.fail(failure))
  }

  onData(chunk: Uint8Array, length: number): void {
    if (this.pending !== undefined) {
      this.hasHeard = true
      this.heardAt = this.options.clock.currentTimeMillisUnsafe()
    }
    const error = this.decoder.push(chunk, length)
    if (error !== undefined) this.fail(Failure.fromFrameError(error))
    else if (this.pending === undefined && this.decoder.end() !== undefined) this.close()
    // The caller may send its next request from within: what else the chunk held must not be taken for the reply to it.
    const settled = this.settled
    this.settled = undefined
    settled?.()
  }

  onEnd(cause?: unknown): void {
    const error = this.decoder.end()
    this.fail(
      error !== undefined ? Failure.fromFrameError(error) : {
        _tag: "Closed",
        problem: cause === undefined ? "by the server" : cause instanceof Error ? cause.message : String(cause),
        requestSent: true,
        isStale: this.hasServed && !this.hasHeard,
        cause
      }
    )
  }

  private onFrame(frame: FrameDecoder.Frame): void {
    const pending = this.pending
    if (pending === undefined) {
      if (!this.isRetired) this.fail(Failure.unexpected("a reply that nobody waited for", frame.data))
      return
    }
    const { exchange, resume } = pending
    const { check, onEntry, request } = exchange
    const problem = check?.(request, frame)
    if (problem !== undefined) {
      this.fail(Failure.unexpected(problem, frame.data))
      return
    }
    if (request.type === MessageType.Dir && frame.payload > 0 && frame.ret >= 0) {
      onEntry?.(frame)
      return
    }
    this.pending = undefined
    this.hasServed = true
    // A server that clears the flag closes the connection after this reply.
    if (!ControlFlags.isPersistent(frame.flags)) this.retire()
    const answer = settle(exchange, frame)
    this.settled = () => resume(answer)
  }

  private close(): void {
    this.link?.close()
    this.retire()
  }

  private retire(): void {
    if (this.isRetired) return
    this.isRetired = true
    this.options.onRetired(this)
  }
}
