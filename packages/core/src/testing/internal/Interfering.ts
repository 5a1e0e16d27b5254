/**
 * Effects of faults on a request and its reply.
 */
import * as Effect from "effect/Effect"
import { empty } from "../../internal/bytes.ts"
import * as Header from "../../protocol/Header.ts"
import { encodeText } from "../../protocol/Payload.ts"
import type { Reply, Request } from "../../server/internal/Responder.ts"
import * as Session from "../../server/internal/Session.ts"
import * as Fault from "../Fault.ts"

/** The plan of a server's faults, and its progress. */
export class Interfering {
  private plan: Fault.Plan | undefined
  /** Number of requests that the plan was called for, and of each type. */
  private planned = 0
  private readonly plannedOfType = new Map<number, number>()
  /** Number of requests that a fault has hit. */
  count = 0

  constructor(plan: Fault.Plan | undefined) {
    this.plan = plan
  }

  set(plan: Fault.Plan | undefined): void {
    this.plan = plan
    this.planned = 0
    this.plannedOfType.clear()
  }

  befall(connection: number, { path, type }: Request): Session.Interference | undefined {
    if (this.plan === undefined) return undefined
    const index = this.planned
    const indexOfType = this.plannedOfType.get(type) ?? 0
    if (!Fault.isOwn(type, path)) {
      this.planned++
      this.plannedOfType.set(type, indexOfType + 1)
    }
    const given = this.plan({ index, indexOfType, connection, type, path }) ?? []
    const faults = "_tag" in given ? [given] : given
    if (faults.length === 0) return undefined
    this.count++
    return interferenceOf(faults)
  }
}

type Tag = Fault.Fault["_tag"]

/** At most one fault of a kind. */
interface Faults {
  readonly has: (tag: Tag) => boolean
  readonly get: <T extends Tag>(tag: T) => Extract<Fault.Fault, { readonly _tag: T }> | undefined
}

const byTag = (faults: ReadonlyArray<Fault.Fault>): Faults => {
  const find = (tag: Tag) => faults.find(({ _tag }) => _tag === tag)
  return {
    has: (tag) => find(tag) !== undefined,
    // The tag of the fault is the requested one.
    get: <T extends Tag>(tag: T) => find(tag) as Extract<Fault.Fault, { readonly _tag: T }> | undefined
  }
}

const interferenceOf = (list: ReadonlyArray<Fault.Fault>): Session.Interference => {
  const faults = byTag(list)
  const refusal = faults.get("Refuse")
  const delay = faults.get("Delay")
  return {
    isDenied: faults.has("Deny"),
    isSlow: delay !== undefined,
    answer: (answer) => {
      const given = refusal === undefined
        ? answer
        : Effect.succeed<Reply>({ ret: -Math.abs(refusal.code), size: 0, offset: 0, data: empty })
      return delay === undefined ? given : Effect.andThen(Effect.sleep(delay.duration), given)
    },
    send: (frames, connection) => send(faults, frames, connection)
  }
}

/** Sends the reply as the faults change it. */
const send = Effect.fnUntraced(function*(
  faults: Faults,
  frames: ReadonlyArray<Uint8Array>,
  { gone, send }: Session.Open
) {
  if (faults.has("Silence")) return yield* Effect.as(gone, "close" as const)
  if (faults.has("Drop")) return undefined
  const end = faults.get("Close") ?? faults.get("Reset")
  const kind = end === undefined ? undefined : end._tag === "Close" ? "close" : "reset"
  if (end?.at === "before") return kind
  const chunks = chunksOf(faults, spoiled(faults, frames))
  if (end?.at === "inside") {
    const whole = Session.concat(chunks)
    yield* send(whole.subarray(0, Math.max(1, whole.length >> 1)))
  } else yield* Effect.forEach(chunks, send, { discard: true })
  return kind
})

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
  const keepalives = Array.from({ length: faults.get("Keepalives")?.count ?? 0 }, () => Session.keepaliveFrame)
  return [...keepalives, ...frames.slice(0, -1), last.subarray(0, Math.max(0, last.length - missing))]
}

const chunksOf = (faults: Faults, frames: ReadonlyArray<Uint8Array>): ReadonlyArray<Uint8Array> => {
  const split = faults.get("Split")
  const size = Math.max(1, Math.trunc(split?.size ?? 1))
  if (split === undefined) return faults.has("Coalesce") ? [Session.concat(frames)] : frames
  const whole = Session.concat(frames)
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => whole.subarray(i * size, (i + 1) * size))
}
