/**
 * One connection to a server.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Socket from "effect/socket/Socket"
import { empty } from "../../internal/bytes.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import * as Header from "../../protocol/Header.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import { decodePath } from "../../protocol/Payload.ts"
import { maxPayload } from "../../protocol/Request.ts"
import type { Peer } from "./memorySocket.ts"
import type { Reply, Request, Responder } from "./Responder.ts"

/** Interference with a request and its reply, on a server with faults. */
export interface Interference {
  /** Whether to refuse persistence. */
  readonly isDenied: boolean
  /** Whether the answer takes longer than that of the bus. */
  readonly isSlow: boolean
  /** Changes the answer. */
  readonly answer: <E>(answer: Effect.Effect<Reply, E>) => Effect.Effect<Reply, E>
  /** Sends the remaining frames of a reply, and returns how the connection ends, if it does. */
  readonly send: (
    frames: ReadonlyArray<Uint8Array>,
    connection: Open
  ) => Effect.Effect<End | undefined, Socket.SocketError>
}

/** A connection, as an interference sees it. */
export interface Open {
  readonly send: (bytes: Uint8Array) => Effect.Effect<void, Socket.SocketError>
  /** Waits until the client has gone. */
  readonly gone: Effect.Effect<void>
}

/** State that the connections of a server share. */
export interface Shared {
  readonly responder: Responder
  readonly persistentConnections: number
  readonly crowd: number
  readonly crowdedIdleTimeout: number
  readonly idleTimeout: number
  readonly requestTimeout: number
  readonly isAlwaysAlive: boolean
  /** Whether to cancel reads when their clients leave. */
  readonly isGivingUp: boolean
  /** Closed while the server is paused. */
  readonly running: Latch.Latch
  /** Number of persistent connections. */
  persistent: number
  requests: number
  /** Decides about the interference with a request, if any. */
  readonly interfere: ((connection: number, request: Request) => Interference | undefined) | undefined
}

/** How the server ends a connection. */
export type End = "close" | "reset"

const tokenLength = 16

export const keepaliveFrame = new Uint8Array(Header.byteLength)
Header.encodeReply({ version: 0, payload: -1, ret: 0, flags: 0, size: 0, offset: 0 }, keepaliveFrame)

const frameOf = ({ data, offset, ret, size }: Reply, flags: number): Uint8Array => {
  const bytes = new Uint8Array(Header.byteLength + data.length)
  Header.encodeReply({ version: 0, payload: data.length, ret, flags, size, offset }, bytes)
  bytes.set(data, Header.byteLength)
  return bytes
}

/** Maximum number of bytes to read from a client in advance. */
const mostAhead = 1_000_000

/** The received bytes that are not used yet. */
class Inbox {
  private chunks: Array<Uint8Array> = []
  private wake: () => void = () => {}
  private readonly room = Latch.makeUnsafe(true)
  length = 0
  /** Whether nothing more will come. */
  isOver = false

  /**
   * Takes all incoming bytes, even while the server works on a request. Otherwise a write to a socket that was closed unnoticed
   * would never end.
   */
  fill(pull: Effect.Effect<NonEmptyReadonlyArray<Uint8Array>, Socket.SocketError>): Effect.Effect<void> {
    const take = Effect.flatMap(pull, (chunks) => {
      for (const chunk of chunks) {
        // The chunks lie in the socket's own memory.
        this.chunks.push(chunk.slice())
        this.length += chunk.length
      }
      this.wake()
      if (this.length > mostAhead) this.room.closeUnsafe()
      return this.room.await
    })
    return Effect.ensuring(
      // However it ends, no more bytes will come.
      Effect.ignore(Effect.forever(take, { disableYield: true })),
      Effect.sync(() => {
        this.isOver = true
        this.wake()
      })
    )
  }

  /** Waits until `length` bytes are available, or nothing more comes. */
  until(length: number): Effect.Effect<void> {
    return Effect.callback((resume) => {
      this.wake = () => {
        if (this.isOver || this.length >= length) resume(Effect.void)
      }
      this.wake()
    })
  }

  take(length: number): Uint8Array {
    const all = concat(this.chunks)
    this.chunks = all.length === length ? [] : [all.subarray(length)]
    this.length -= length
    if (this.length <= mostAhead) this.room.openUnsafe()
    return all.subarray(0, length)
  }
}

export const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  if (parts.length === 1) return parts[0]
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Serves a connection until either side ends it. */
export const serve = Effect.fnUntraced(function*(
  shared: Shared,
  connection: number,
  socket: Socket.Socket,
  peer: Peer | undefined
): Effect.fn.Return<void> {
  let isPersistent = false
  const conversation = Effect.gen(function*() {
    const pull = yield* Socket.readerBytes(socket)
    const { write } = yield* socket.writer
    const inbox = new Inbox()
    yield* Effect.forkScoped(inbox.fill(pull), { startImmediately: true })

    // A client that sends nothing more may still read, but not every platform distinguishes it from one that is gone.
    const isGone = peer?.isGone ?? (() => inbox.isOver)
    const send = (bytes: Uint8Array): Effect.Effect<void, Socket.SocketError> => isGone() ? Effect.void : write(bytes)

    /** Waits until `length` bytes are available. `false` if the next byte takes too long or will not come. */
    const have = (length: number, limit: number): Effect.Effect<boolean> => {
      if (inbox.length >= length) return Effect.succeed(true)
      if (inbox.isOver) return Effect.succeed(false)
      return Effect.flatMap(
        Effect.timeoutOption(inbox.until(inbox.length + 1), limit),
        (came) => came._tag === "None" ? Effect.succeed(false) : have(length, limit)
      )
    }

    /** Waits for the next request. A server with many connections gives up earlier. */
    const awaitRequest = Effect.gen(function*() {
      if (inbox.length > 0) return true
      if (!isPersistent) return yield* have(1, shared.requestTimeout)
      if (yield* have(1, shared.crowdedIdleTimeout)) return true
      if (shared.persistent >= shared.crowd) return false
      return yield* have(1, shared.idleTimeout - shared.crowdedIdleTimeout)
    })

    /** Gives the next request. If there is none or it is invalid, gives how the connection ends. */
    const receive = Effect.gen(function*() {
      if (!(yield* awaitRequest)) return "close"
      if (!(yield* have(Header.byteLength, shared.requestTimeout))) return "close"
      const header = Header.decodeRequest(inbox.take(Header.byteLength))
      const { flags, offset, payload, size, type, version } = header
      const isServer = (version & 0x10000) !== 0
      const tokens = isServer ? (version & 0xffff) * tokenLength : 0
      if (payload < 0 || payload + tokens > maxPayload) return farewell(inbox)
      if (!(yield* have(payload + tokens, shared.requestTimeout))) return "close"
      const isWrite = type === MessageType.Write
      const body = payload + tokens === 0 ? empty : inbox.take(payload + tokens).subarray(0, payload)
      if (isWrite && payload > 0 && (size < 0 || size >= payload)) return farewell(inbox)
      const data = isWrite && payload > 0 ? body.subarray(payload - size) : empty
      const path = decodePath(body.subarray(0, payload - data.length))
      const request: Request = { type, flags, size, offset, payload, path, data }
      return request
    })

    const exchange = Effect.fnUntraced(
      function*(request: Request): Effect.fn.Return<End | undefined, Socket.SocketError> {
        shared.requests++
        const interference = shared.interfere?.(connection, request)
        const wants = ControlFlags.isPersistent(request.flags)
        const hasSlot = isPersistent || shared.persistent < shared.persistentConnections
        const isKept = wants && hasSlot && interference?.isDenied !== true
        if (isKept && !isPersistent) {
          isPersistent = true
          shared.persistent++
        }
        const flags = isKept ? request.flags : ControlFlags.override(request.flags, { persistence: false })
        const frames: Array<Uint8Array> = []
        const emit = (frame: Uint8Array): Effect.Effect<void, Socket.SocketError> => {
          if (interference === undefined) return send(frame)
          frames.push(frame)
          return Effect.void
        }
        if (shared.isAlwaysAlive) yield* emit(keepaliveFrame)

        const answer = shared.responder.answer(request, (entry) => emit(frameOf(entry, flags)))
        const work = interference === undefined ? answer : interference.answer(answer)
        const isSlow = shared.responder.bus.isSlow || interference?.isSlow === true
        const last = isSlow
          ? yield* Effect.raceFirst(
            work,
            heartbeat(send, () => shared.isGivingUp && request.type !== MessageType.Write && isGone())
          )
          : yield* work
        yield* emit(frameOf(last, flags))
        const end = interference === undefined
          ? undefined
          : yield* interference.send(frames, { send, gone: inbox.until(Infinity) })
        return end ?? (isKept ? undefined : farewell(inbox))
      }
    )

    for (;;) {
      const request = yield* receive
      yield* shared.running.await
      const end = typeof request === "string" ? request : yield* exchange(request)
      if (end === "reset" && peer !== undefined) yield* peer.reset
      if (end !== undefined) return
    }
  })
  yield* conversation.pipe(
    Effect.scoped,
    // The client has closed the connection, or is gone.
    Effect.ignore,
    Effect.ensuring(Effect.sync(() => {
      if (isPersistent) shared.persistent--
    }))
  )
})

/** A system resets a connection that is closed while unread bytes remain. */
const farewell = ({ length }: Inbox): End => length > 0 ? "reset" : "close"

const closed = new Socket.SocketError({ reason: new Socket.SocketCloseError({ code: 1000 }) })

/** Sends a keepalive every second, until nobody waits for the work. */
const heartbeat = (
  send: (bytes: Uint8Array) => Effect.Effect<void, Socket.SocketError>,
  isVain: () => boolean
): Effect.Effect<never, Socket.SocketError> =>
  Effect.forever(
    Effect.flatMap(Effect.sleep("1 second"), () => isVain() ? Effect.fail(closed) : send(keepaliveFrame))
  )
