/**
 * One connection to a simulated server.
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Socket from "effect/socket/Socket"
import { empty } from "../../internal/bytes.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import * as Header from "../../protocol/Header.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import { decodePath, encodeText } from "../../protocol/Payload.ts"
import { maxPayload } from "../../protocol/Request.ts"
import * as Fault from "../Fault.ts"
import type { Peer } from "./memorySocket.ts"
import type { Reply, Request, Responder } from "./Responder.ts"

/** State that the connections of a server share. */
export interface Shared {
  readonly responder: Responder
  readonly persistentConnections: number
  readonly crowd: number
  readonly crowdedIdleTimeout: number
  readonly idleTimeout: number
  readonly requestTimeout: number
  readonly isAlwaysAlive: boolean
  /** Closed while nothing is answered. */
  readonly running: Latch.Latch
  /** Connections that were granted persistence. */
  persistent: number
  requests: number
  /** Requests that faults befell. */
  faults: number
  plan: Fault.Plan | undefined
  /** Requests that the plan was asked for, and how many of each type. */
  planned: number
  readonly plannedOfType: Map<number, number>
}

/** How the server ends a connection. */
type End = "close" | "reset"

const tokenLength = 16

const keepaliveFrame = new Uint8Array(Header.byteLength)
Header.encodeReply({ version: 0, payload: -1, ret: 0, flags: 0, size: 0, offset: 0 }, keepaliveFrame)

const frameOf = ({ data, offset, ret, size }: Reply, flags: number): Uint8Array => {
  const bytes = new Uint8Array(Header.byteLength + data.length)
  Header.encodeReply({ version: 0, payload: data.length, ret, flags, size, offset }, bytes)
  bytes.set(data, Header.byteLength)
  return bytes
}

/** Maximum number of bytes that are taken from a client in advance. */
const mostAhead = 1_000_000

/** The bytes that came and are not used yet. */
class Inbox {
  private chunks: Array<Uint8Array> = []
  private wake: () => void = () => {}
  private readonly room = Latch.makeUnsafe(true)
  length = 0
  /** Nothing more will come. */
  isOver = false

  /**
   * Takes all that comes, even while a request is at work: a write to a socket that was closed unseen would never end.
   */
  fill(pull: Effect.Effect<NonEmptyReadonlyArray<Uint8Array>, Socket.SocketError>): Effect.Effect<void> {
    const take = Effect.flatMap(pull, (chunks) => {
      for (const chunk of chunks) {
        // They lie in the socket's own memory.
        this.chunks.push(chunk.slice())
        this.length += chunk.length
      }
      this.wake()
      if (this.length > mostAhead) this.room.closeUnsafe()
      return this.room.await
    })
    return Effect.ensuring(
      // However it ends, it has.
      Effect.ignore(Effect.forever(take, { disableYield: true })),
      Effect.sync(() => {
        this.isOver = true
        this.wake()
      })
    )
  }

  /** Waits until `length` bytes are there, or nothing more comes. */
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

const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
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

    // A client that sends no more may still read, but not every platform tells it from one that is gone.
    const isGone = peer?.isGone ?? (() => inbox.isOver)
    const send = (bytes: Uint8Array): Effect.Effect<void, Socket.SocketError> => isGone() ? Effect.void : write(bytes)

    /** Waits until `length` bytes are there; `false` if the next one takes too long, or will not come. */
    const have = (length: number, limit: number): Effect.Effect<boolean> => {
      if (inbox.length >= length) return Effect.succeed(true)
      if (inbox.isOver) return Effect.succeed(false)
      return Effect.flatMap(
        Effect.timeoutOption(inbox.until(inbox.length + 1), limit),
        (came) => came._tag === "None" ? Effect.succeed(false) : have(length, limit)
      )
    }

    /** Waits for the next request; a server that has many to keep gives up earlier. */
    const awaitRequest = Effect.gen(function*() {
      if (inbox.length > 0) return true
      if (!isPersistent) return yield* have(1, shared.requestTimeout)
      if (yield* have(1, shared.crowdedIdleTimeout)) return true
      if (shared.persistent >= shared.crowd) return false
      return yield* have(1, shared.idleTimeout - shared.crowdedIdleTimeout)
    })

    /** Gives the next request, or how the connection ends if there is none or it makes no sense. */
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
        const faults = faultsOf(shared, connection, request)
        const wants = ControlFlags.isPersistent(request.flags)
        const hasSlot = isPersistent || shared.persistent < shared.persistentConnections
        const isKept = wants && hasSlot && !faults.has("Deny")
        if (isKept && !isPersistent) {
          isPersistent = true
          shared.persistent++
        }
        const flags = isKept ? request.flags : ControlFlags.override(request.flags, { persistence: false })
        const frames: Array<Uint8Array> = []
        const isPlain = faults.size === 0
        if (!isPlain) shared.faults++
        const emit = (frame: Uint8Array): Effect.Effect<void, Socket.SocketError> => {
          if (isPlain) return send(frame)
          frames.push(frame)
          return Effect.void
        }
        if (shared.isAlwaysAlive) yield* emit(keepaliveFrame)

        const refusal = faults.get("Refuse")
        const answer = refusal === undefined
          ? shared.responder.answer(request, (entry) => emit(frameOf(entry, flags)))
          : Effect.succeed<Reply>({ ret: -Math.abs(refusal.code), size: 0, offset: 0, data: empty })
        const delay = faults.get("Delay")
        const work = delay === undefined ? answer : Effect.andThen(Effect.sleep(delay.duration), answer)
        const last = delay === undefined && !shared.responder.network.isReal
          ? yield* work
          : yield* Effect.raceFirst(work, heartbeat(send))
        yield* emit(frameOf(last, flags))
        if (isPlain) return isKept ? undefined : farewell(inbox)
        return (yield* befall(faults, frames)) ?? (isKept ? undefined : farewell(inbox))
      }
    )

    /** Sends what the faults leave of a reply. */
    const befall = Effect.fnUntraced(function*(
      faults: Faults,
      frames: ReadonlyArray<Uint8Array>
    ): Effect.fn.Return<End | undefined, Socket.SocketError> {
      if (faults.has("Silence")) return yield* Effect.as(inbox.until(Infinity), "close" as const)
      if (faults.has("Drop")) return undefined
      const end = faults.get("Close") ?? faults.get("Reset")
      const kind = end === undefined ? undefined : end._tag === "Close" ? "close" : "reset"
      if (end?.at === "before") return kind
      const chunks = chunksOf(faults, spoiled(faults, frames))
      if (end?.at === "inside") {
        const whole = concat(chunks)
        yield* send(whole.subarray(0, Math.max(1, whole.length >> 1)))
      } else yield* Effect.forEach(chunks, send, { discard: true })
      return kind
    })

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
    // The client has closed, or is gone.
    Effect.ignore,
    Effect.ensuring(Effect.sync(() => {
      if (isPersistent) shared.persistent--
    }))
  )
})

/** A system resets a connection that is closed while bytes lie unread. */
const farewell = ({ length }: Inbox): End => length > 0 ? "reset" : "close"

const heartbeat = <E>(send: (bytes: Uint8Array) => Effect.Effect<void, E>): Effect.Effect<never, E> =>
  Effect.forever(Effect.andThen(Effect.sleep("1 second"), send(keepaliveFrame)))

type Tag = Fault.Fault["_tag"]

/** At most one fault of a kind. */
interface Faults {
  readonly size: number
  readonly has: (tag: Tag) => boolean
  readonly get: <T extends Tag>(tag: T) => Extract<Fault.Fault, { readonly _tag: T }> | undefined
}

const faultsOf = (shared: Shared, connection: number, { path, type }: Request): Faults => {
  const { plan, plannedOfType } = shared
  if (plan === undefined) return none
  const index = shared.planned
  const indexOfType = plannedOfType.get(type) ?? 0
  if (!Fault.isOwn(type, path)) {
    shared.planned++
    plannedOfType.set(type, indexOfType + 1)
  }
  const given = plan({ index, indexOfType, connection, type, path }) ?? []
  const faults = "_tag" in given ? [given] : given
  const find = (tag: Tag) => faults.find(({ _tag }) => _tag === tag)
  return {
    size: faults.length,
    has: (tag) => find(tag) !== undefined,
    // The tag is what was looked for.
    get: <T extends Tag>(tag: T) => find(tag) as Extract<Fault.Fault, { readonly _tag: T }> | undefined
  }
}

const none: Faults = { size: 0, has: () => false, get: () => undefined }

const http = encodeText(
  "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n400 Bad Request"
)

const spoiled = (faults: Faults, frames: ReadonlyArray<Uint8Array>): ReadonlyArray<Uint8Array> => {
  const garbage = faults.get("Garbage")
  if (garbage !== undefined) return [garbage.bytes]
  if (faults.has("Http")) return [http]
  const last = frames[frames.length - 1].slice()
  const header = Header.decodeReply(last)
  const { version } = faults.get("Version") ?? header
  const { payload } = faults.get("Oversize") ?? header
  Header.encodeReply({ ...header, version, payload }, last)
  const missing = faults.get("Short")?.missing ?? 0
  const keepalives = Array.from({ length: faults.get("Keepalives")?.count ?? 0 }, () => keepaliveFrame)
  return [...keepalives, ...frames.slice(0, -1), last.subarray(0, Math.max(0, last.length - missing))]
}

const chunksOf = (faults: Faults, frames: ReadonlyArray<Uint8Array>): ReadonlyArray<Uint8Array> => {
  const split = faults.get("Split")
  const size = Math.max(1, Math.trunc(split?.size ?? 1))
  if (split === undefined) return faults.has("Coalesce") ? [concat(frames)] : frames
  const whole = concat(frames)
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => whole.subarray(i * size, (i + 1) * size))
}
