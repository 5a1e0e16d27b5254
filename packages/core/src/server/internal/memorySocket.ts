/**
 * Sockets in memory: what one end writes, the other end reads.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Scheduler from "effect/Scheduler"
import * as Socket from "effect/socket/Socket"
import { makeSoon } from "../../internal/soon.ts"
import { encodeText } from "../../protocol/Payload.ts"

/**
 * The platform's side of a connection, for facts and actions that a socket does not offer. Without it, a reset becomes a close,
 * and a client that will send nothing more counts as gone.
 *
 * @category models
 * @since 0.1.0
 */
export interface Peer {
  /** Breaks the connection with a RST. */
  readonly reset: Effect.Effect<void>
  /** Whether nobody is left to receive an answer. */
  readonly isGone: () => boolean
}

type Pull = Effect.Effect<NonEmptyReadonlyArray<Uint8Array>, Socket.SocketError>

/**
 * One direction. Written bytes are passed on before anything else that is scheduled, so a test that moves its clock does not
 * overtake bytes that are on their way.
 */
class Pipe {
  private chunks: Array<Uint8Array> = []
  private end: Socket.SocketError | undefined = undefined
  private waiting: ((result: Pull) => void) | undefined = undefined
  private readonly soon: (task: () => void) => void

  constructor(soon: (task: () => void) => void) {
    this.soon = soon
  }

  get isClosed(): boolean {
    return this.end !== undefined
  }

  write(bytes: Uint8Array): void {
    if (this.end !== undefined) return
    this.chunks.push(bytes.slice())
    this.wake()
  }

  close(end: Socket.SocketError): void {
    this.end ??= end
    this.wake()
  }

  private wake(): void {
    if (this.waiting !== undefined) this.soon(() => this.deliver())
  }

  private deliver(): void {
    const { waiting } = this
    // The reader may already have them, or may have stopped waiting.
    const result = waiting === undefined ? undefined : this.take()
    if (waiting === undefined || result === undefined) return
    this.waiting = undefined
    waiting(result)
  }

  private take(): Pull | undefined {
    const [first, ...others] = this.chunks
    if (first === undefined) return this.end === undefined ? undefined : Effect.fail(this.end)
    this.chunks = []
    return Effect.succeed([first, ...others])
  }

  readonly pull: Pull = Effect.callback((resume) => {
    const result = this.take()
    if (result !== undefined) return resume(result)
    this.waiting = resume
    return Effect.sync(() => {
      this.waiting = undefined
    })
  })
}

const closed = new Socket.SocketError({ reason: new Socket.SocketCloseError({ code: 1000 }) })

const broken = new Socket.SocketError({
  reason: new Socket.SocketReadError({ cause: new Error("read ECONNRESET") })
})

const refused = new Socket.SocketError({
  reason: new Socket.SocketOpenError({ kind: "Unknown", cause: new Error("connect ECONNREFUSED") })
})

/** One end. It closes both directions with the scope of its reader. */
const endOf = (input: Pipe, output: Pipe, onOpen: Effect.Effect<void, Socket.SocketError>): Socket.Socket => {
  const write = (chunk: Uint8Array | string | Socket.CloseEvent): void => {
    if (Socket.isCloseEvent(chunk)) output.close(closed)
    else output.write(typeof chunk === "string" ? encodeText(chunk) : chunk)
  }
  return Socket.make({
    reader: Effect.acquireRelease(
      Effect.as(onOpen, { pull: input.pull, upgrade: Socket.SocketUpgradeError.unsupported }),
      () =>
        Effect.sync(() => {
          output.close(closed)
          input.close(closed)
        })
    ),
    writer: Effect.succeed({
      write: (chunk) => Effect.sync(() => write(chunk)),
      writeAll: (chunks) => Effect.sync(() => chunks.forEach(write))
    })
  })
}

/** Makes the client's end of a connection. Opening it starts serving the other end. */
export const memorySocket = (
  serve: (socket: Socket.Socket, peer: Peer) => Effect.Effect<void>,
  isServing: () => boolean
): Effect.Effect<Socket.Socket> =>
  Effect.map(Scheduler.Scheduler, (scheduler) => {
    const toServer = new Pipe(makeSoon(scheduler))
    const toClient = new Pipe(makeSoon(scheduler))
    const peer: Peer = {
      reset: Effect.sync(() => toClient.close(broken)),
      isGone: () => toClient.isClosed
    }
    const open = Effect.suspend(() =>
      isServing()
        ? Effect.asVoid(
          Effect.forkDetach(serve(endOf(toServer, toClient, Effect.void), peer), { startImmediately: true })
        )
        : Effect.fail(refused)
    )
    return endOf(toClient, toServer, open)
  })
