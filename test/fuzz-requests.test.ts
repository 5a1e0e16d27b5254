/**
 * Thousands of requests that no client should send, to the simulated server: in memory with a test clock, and over TCP. The
 * replies are compared with a plain reading of the sent bytes, by the rules of the real server.
 *
 * `FUZZ_CASES` sets the number of cases, `FUZZ_CASE` a single one. A failure names its case.
 */
import { FrameDecoder, Header, MessageType, OwClient, type OwError, Payload, Request, RomId } from "@effect-ownet/core"
import { Fault, SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Cause, Data, Effect, Exit, Logger, Option, Queue, Schedule } from "effect"
import { Socket } from "effect/socket"
import { TestClock } from "effect/testing"
import * as Net from "node:net"
import { leavesNothing } from "./fixtures/census.ts"
import { exchanges } from "./fixtures/exchanges.ts"
import * as mutate from "./fixtures/mutate.ts"
import * as wire from "./fixtures/wire.ts"

const wanted = process.env["FUZZ_CASES"]
const count = Number(wanted ?? 1000)
const alone = process.env["FUZZ_CASE"]

/** One of this many cases goes over TCP. */
const overTcp = 8

const isOverTcp = (number: number): boolean => number % overTcp === 0

const batchSize = 500

const range = (from: number, to: number): ReadonlyArray<number> =>
  Array.from({ length: to - from }, (_, index) => from + index)

/** The cases in batches, so that a run shows its progress. */
const batches: ReadonlyArray<ReadonlyArray<number>> = alone !== undefined
  ? [[Number(alone)]]
  : range(0, Math.ceil(count / batchSize)).map((batch) =>
    range(batch * batchSize, Math.min(count, (batch + 1) * batchSize))
  )

const nameOf = (cases: ReadonlyArray<number>): string => `cases ${cases[0]} to ${cases.at(-1)}`

const patience = 180_000

/** Counts of every kind of event, which reveal a fuzzer that meets nothing. */
const met = new Map<string, number>()

const meet = (what: string): void => void met.set(what, (met.get(what) ?? 0) + 1)

// Requests.

const codes = ["28", "10", "26", "29", "1F", "20", "3A", "05", "1D", "21", "43", "42", "FF"]

const network = SimulatedNetwork.tester(codes)

const deviceOf = (code: string): string =>
  Object.keys(network).find((path) => path.startsWith(`/${code}.`)) ?? assert.fail(code)

const sensor = deviceOf("28")
const coupler = deviceOf("1F")

/** Its memory has thousands of elements, each of them in the listing. */
const logger = deviceOf("21")

/** All paths below a directory. For arrays only the whole, the bits, and the first elements. */
const walk = (ow: OwClient.Client, directory: string): Effect.Effect<ReadonlyArray<string>, OwError.OwError> =>
  Effect.gen(function*() {
    const paths: Array<string> = []
    for (const path of yield* ow.dir(directory, { bus: true })) {
      if (/\/(?:uncached|structure|log)\/|\.(?:[2-9]|\d\d+|[C-Z])$/.test(path)) continue
      if (path.endsWith("/")) paths.push(...yield* walk(ow, path.slice(0, -1)))
      else paths.push(path)
    }
    return paths
  })

/** Every property of the devices, and of the server itself. */
const properties: Array<string> = []

beforeAll(() =>
  OwClient.OwClient.use((ow) => walk(ow, "/")).pipe(
    Effect.map((paths) => void properties.push(...paths)),
    Effect.provide(TestOwClient.layer(network)),
    Effect.runPromise
  )
)

const directories = [
  "",
  "/",
  "/alarm",
  "/bus.0",
  "/bus.0/interface",
  "/uncached",
  "/unaliased",
  "/settings",
  "/settings/units",
  "/statistics",
  "/structure",
  "/structure/28",
  "/system",
  "/text",
  ...Object.keys(network),
  `${logger}/log`,
  `${coupler}/main`
]

const oddPaths = [
  "//",
  "/bus.00",
  "/bus.99999999999999999999",
  "/bus.-1",
  "/structure/constructor",
  "/structure/__proto__",
  "/structure/toString/x",
  "/constructor",
  "/settings/__proto__/__proto__",
  `${sensor}/__proto__`,
  `${sensor}/constructor.ALL`,
  `${sensor}/temperature.ALL`,
  `${sensor}/temperature/`,
  `${sensor}/../..`,
  `${sensor}/errata`,
  "\xff\xfe\xfd",
  "/caf\xc3",
  "/line\r\n,/x",
  "/%2f%00",
  "/uncached".repeat(450),
  "/uncached".repeat(900),
  "/main".repeat(800),
  `/${"x".repeat(4094)}`,
  `/${"x".repeat(4095)}`,
  `/${"x".repeat(4096)}`,
  `/${"x".repeat(70_000)}`,
  "x/".repeat(2000),
  "/".repeat(4000)
]

const prefixes = [
  "",
  "",
  "",
  "",
  "/uncached",
  "/bus.0",
  "/text",
  "/json",
  "/unaliased",
  "/bus.0/uncached",
  "/structure"
]

const texts = [
  "",
  " ",
  "0",
  "1",
  "-1",
  "25.5",
  "1e400",
  "nan",
  "-inf",
  "yes",
  "0,1,0,1,0,1,0,1",
  ",,,,",
  "Mon Jan  2 03:04:05 2023",
  "99/99/99 99:99:99",
  "boiler",
  "a,b",
  "a\0b",
  "\xff\xfe",
  "/",
  "F",
  "mbar",
  "x".repeat(32),
  "x".repeat(300),
  "9".repeat(40_000)
]

const int32s = [-1, 0, 1, 2, 23, 24, 25, 4095, 4096, 100_049, 100_050, 100_051, 2 ** 24, 2 ** 31 - 1, -(2 ** 31)]

interface Fields {
  readonly version: number
  readonly payload: number
  readonly type: number
  readonly flags: number
  readonly size: number
  readonly offset: number
}

const headerLength = 24

const fieldsAt = (bytes: Uint8Array, at: number): Fields => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [version, payload, type, flags, size, offset] = [0, 4, 8, 12, 16, 20].map((field) => view.getInt32(at + field))
  return { version, payload, type, flags, size, offset }
}

const persistence = 4

const encode = (fields: Omit<Fields, "payload">, body: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(headerLength + body.length)
  Header.encodeRequest({ ...fields, payload: body.length }, bytes)
  bytes.set(body, headerLength)
  return bytes
}

const int32 = (dice: mutate.Dice): number => dice.below(2 ** 32) | 0

const pathOf = (dice: mutate.Dice): string => {
  if (dice.chance(0.1)) return dice.pick(oddPaths)
  const path = `${dice.pick(prefixes)}${dice.chance(0.7) ? dice.pick(properties) : dice.pick(directories)}`
  return dice.chance(0.15)
    ? path.replace(/\.[^./]*$/, dice.pick([".0", ".1", ".7", ".ALL", ".BYTE", ".99", ".a", "."]))
    : path
}

const types = [0, 1, 2, 2, 2, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99, -1]

/** A valid request. */
const wellFormed = (dice: mutate.Dice): Uint8Array => {
  const type = dice.pick(types)
  const data = type === MessageType.Write
    ? dice.chance(0.7) ? mutate.bytesOf(dice.pick(texts)) : dice.bytes(dice.pick([1, 8, 32, 256, 2560]))
    : new Uint8Array(0)
  const path = mutate.bytesOf(pathOf(dice))
  const end = new Uint8Array(type === MessageType.Write || dice.chance(0.9) ? 1 : 0)
  const body = type === MessageType.Nop && dice.chance(0.8) ? new Uint8Array(0) : mutate.concat([path, end, data])
  const kept = dice.chance(0.9) ? persistence : 0
  return encode({
    version: 0,
    type,
    flags: (dice.chance(0.6) ? 0x100 : int32(dice)) & ~persistence | kept,
    size: type === MessageType.Write ? data.length : dice.chance(0.7) ? 65_536 : dice.pick(int32s),
    offset: dice.chance(0.7) ? 0 : dice.chance(0.5) ? dice.below(40) : dice.pick(int32s)
  }, body)
}

const recorded = exchanges.map(({ request_hex }) => wire.bytesOf(request_hex))

const source = (dice: mutate.Dice): Uint8Array => dice.chance(0.3) ? dice.pick(recorded) : wellFormed(dice)

const withField = (bytes: Uint8Array, field: number, value: number): Uint8Array => {
  if (bytes.length < headerLength) return bytes
  const changed = bytes.slice()
  new DataView(changed.buffer).setInt32(4 * field, value)
  return changed
}

/** The same request with another body, whose length the header has. */
const withBody = (bytes: Uint8Array, body: Uint8Array): Uint8Array =>
  withField(mutate.concat([bytes.subarray(0, headerLength), body]), 1, body.length)

const cut = (dice: mutate.Dice, bytes: Uint8Array): readonly [from: number, to: number] => {
  const from = dice.below(bytes.length + 1)
  return [from, Math.min(bytes.length, from + 1 + dice.below(dice.pick([4, 24, 200])))]
}

const insert = (bytes: Uint8Array, at: number, inserted: Uint8Array): Uint8Array =>
  mutate.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)])

const change = (dice: mutate.Dice, bytes: Uint8Array, to: (byte: number) => number): Uint8Array => {
  const changed = bytes.slice()
  for (let left = dice.pick([1, 1, 2, 8]); left > 0 && bytes.length > 0; left--) {
    // More often in the header than not, because errors there matter most.
    const at = dice.below(dice.chance(0.6) ? Math.min(headerLength, bytes.length) : bytes.length)
    changed[at] = to(changed[at])
  }
  return changed
}

const mutations: Readonly<Record<string, (dice: mutate.Dice, bytes: Uint8Array) => Uint8Array>> = {
  flip: (dice, bytes) => change(dice, bytes, (byte) => byte ^ (1 << dice.below(8))),
  set: (dice, bytes) => change(dice, bytes, () => dice.pick([0, 1, 0x2e, 0x2f, 0x7f, 0x80, 0xff, dice.below(256)])),
  truncate: (dice, bytes) => bytes.slice(0, dice.below(bytes.length + 1)),
  insert: (dice, bytes) => insert(bytes, dice.below(bytes.length + 1), dice.bytes(1 + dice.below(40))),
  delete: (dice, bytes) => {
    const [from, to] = cut(dice, bytes)
    return mutate.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  duplicate: (dice, bytes) => {
    const [from, to] = cut(dice, bytes)
    return insert(bytes, to, bytes.slice(from, to))
  },
  splice: (dice, bytes) => {
    const other = source(dice)
    return mutate.concat([
      bytes.subarray(0, dice.below(bytes.length + 1)),
      other.subarray(dice.below(other.length + 1))
    ])
  },
  extreme: (dice, bytes) => withField(bytes, 1 + dice.below(5), dice.pick(int32s)),
  payload: (dice, bytes) =>
    withField(bytes, 1, dice.pick([...int32s, bytes.length, bytes.length - 25, bytes.length - 23])),
  // An owserver that forwards a request appends tokens, and sends their number.
  version: (dice, bytes) => {
    const tokens = dice.pick([0, 1, 2, 3, 6253, 6254, 0xffff])
    const version = (dice.chance(0.8) ? 0x10000 : 0) | tokens | dice.pick([0, 0, 1 << 17, 0x7ffe0000, 1 << 31])
    const sent = dice.chance(0.6) ? Math.min(tokens, 10) : dice.below(3)
    return withField(mutate.concat([bytes, dice.bytes(16 * sent)]), 0, version)
  },
  writeSize: (dice, bytes) => {
    const write = withField(bytes, 2, MessageType.Write)
    const payload = bytes.length - headerLength
    return withField(write, 4, dice.pick([...int32s, payload - 1, payload, payload + 1, payload >> 1]))
  },
  type: (dice, bytes) => withField(bytes, 2, dice.chance(0.8) ? dice.below(13) : int32(dice)),
  flags: (dice, bytes) => withField(bytes, 3, int32(dice)),
  offset: (dice, bytes) => withField(bytes, 5, dice.pick(int32s)),
  path: (dice, bytes) => withBody(bytes, mutate.bytesOf(pathOf(dice) + dice.pick(["", "\0", "\0\0", "\0x", "/", "."]))),
  bytes: (dice, bytes) =>
    withBody(
      bytes,
      dice.chance(0.5)
        ? dice.bytes(dice.below(60))
        : new Uint8Array(dice.pick([1, 4095, 4096, 4097, 100_049, 100_050, 100_051])).fill(dice.below(256))
    ),
  nul: (dice, bytes) => insert(bytes, Math.min(bytes.length, headerLength + dice.below(20)), new Uint8Array(1)),
  garbage: (dice) => dice.bytes(dice.below(100)),
  http: () => mutate.bytesOf("GET / HTTP/1.1\r\nHost: localhost:4304\r\nUser-Agent: curl/8\r\nAccept: */*\r\n\r\n")
}

interface Case {
  readonly bytes: Uint8Array
  readonly chunks: ReadonlyArray<Uint8Array>
  /** The applied mutations, to explain a failure. */
  readonly mutations: ReadonlyArray<string>
}

/** Several requests in a row, mutated. One in ten is unchanged, so that valid requests are known to be accepted. */
const caseOf = (dice: mutate.Dice): Case => {
  const done: Array<string> = []
  const requests = Array.from({ length: dice.pick([1, 1, 1, 2, 3, 5]) }, () => {
    let bytes = source(dice)
    const kinds = dice.chance(0.1) ?
      [] :
      Array.from({ length: dice.pick([0, 1, 1, 1, 2, 3]) }, () => dice.pick(Object.keys(mutations)))
    for (const kind of kinds) bytes = mutations[kind](dice, bytes)
    done.push(`[${kinds.join()}]`)
    return bytes
  })
  const bytes = mutate.concat(requests)
  return { bytes, chunks: mutate.chunks(dice, bytes), mutations: done }
}

// Expected replies.

interface Asked extends Fields {
  /** The path, up to its NUL. */
  readonly path: Uint8Array
  readonly isKept: boolean
}

interface Reading {
  /** The requests to be answered, in this order. */
  readonly asked: ReadonlyArray<Asked>
  /** The end of the connection: it is closed at once, or later because the rest is missing, or kept for the next request. */
  readonly end: "closed" | "late" | "kept"
  /** Whether unread bytes remain when it is closed. The system then resets it. */
  readonly isBroken: boolean
}

/** Maximum bytes that a server accepts after a header. */
const maxPayload = 100_050

/** Its replies may be longer, such as a listing of thousands of elements. */
const longestReply = 2 ** 20

/** Reads the sent bytes like the real server, in the plainest way. */
const read = (bytes: Uint8Array, grants: boolean): Reading => {
  const asked: Array<Asked> = []
  let at = 0
  for (;;) {
    if (at === bytes.length && asked.length > 0) return { asked, end: "kept", isBroken: false }
    if (bytes.length - at < headerLength) return { asked, end: "late", isBroken: false }
    const fields = fieldsAt(bytes, at)
    const { flags, payload, size, type, version } = fields
    const tokens = (version & 0x10000) !== 0 ? 16 * (version & 0xffff) : 0
    const start = at + headerLength
    at = start + payload + tokens
    if (payload < 0 || payload + tokens > maxPayload) return { asked, end: "closed", isBroken: start < bytes.length }
    if (at > bytes.length) return { asked, end: "late", isBroken: false }
    const isWrite = type === MessageType.Write && payload > 0
    if (isWrite && (size < 0 || size >= payload)) return { asked, end: "closed", isBroken: at < bytes.length }
    const body = bytes.subarray(start, start + payload - (isWrite ? size : 0))
    const nul = body.indexOf(0)
    const isKept = grants && (flags & persistence) !== 0
    asked.push({ ...fields, path: nul < 0 ? body : body.subarray(0, nul), isKept })
    if (!isKept) return { asked, end: "closed", isBroken: at < bytes.length }
  }
}

interface Frame extends FrameDecoder.Frame {}

interface Received {
  readonly frames: ReadonlyArray<Frame>
  readonly error: FrameDecoder.FrameError | undefined
  readonly rest: FrameDecoder.FrameError | undefined
}

const decode = (bytes: Uint8Array): Received => {
  const frames: Array<Frame> = []
  const decoder = FrameDecoder.make({
    onFrame: ({ data, flags, offset, payload, ret, size, version }) =>
      frames.push({ version, payload, ret, flags, size, offset, data: data.slice() }),
    onKeepalive: () => {}
  }, { maxPayload: longestReply })
  const error = decoder.push(bytes)
  return { frames, error, rest: error === undefined ? decoder.end() : undefined }
}

const knownTypes = new Set<number>([1, 2, 3, 4, 6, 7, 8, 9, 10])

const isText = ({ data, payload, size }: Frame): boolean =>
  payload > 0 && size === payload - 1 && data[size] === 0 && data[0] === 0x2f

const isList = (frame: Frame): boolean => frame.ret === 0 && (frame.payload === 0 ? frame.size === 0 : isText(frame))

const isValue = ({ offset, payload, ret, size }: Frame, asked: Asked): boolean =>
  ret === payload && size === payload && payload <= asked.size && asked.size <= maxPayload &&
  offset === (payload > 0 ? asked.offset : 0) && (asked.offset >= 0 || payload === 0)

const isId = ({ data, payload, ret, size }: Frame): boolean =>
  ret === 0 && payload === 8 && size === 0 && (data.every((byte) => byte === 0) || Option.isSome(RomId.fromBytes(data)))

/** Whether a last frame is an answer to a request, as far as these two show. */
const isAnswer = (asked: Asked, frame: Frame, options: Options): boolean => {
  const { path, payload, size, type } = asked
  const { ret } = frame
  const isRefusal = ret < 0 && frame.payload === 0 && frame.size === 0
  const refusal = (code: number): boolean => isRefusal && ret === code
  if (type === MessageType.Nop) return ret === 0 && frame.payload === 0 && frame.size === 0
  const isUnknown = !knownTypes.has(type) ||
    (!options.dirAll && (type === MessageType.DirAll || type === MessageType.DirAllSlash)) ||
    (!options.get && (type === MessageType.Get || type === MessageType.GetSlash))
  if (isUnknown) return refusal(-42)
  if (payload === 0) return refusal(-74)
  if (path.length > 4096) return refusal(-1)
  if (isRefusal) return true
  const isShort = payload < 4096
  switch (type) {
    case MessageType.Read:
      return isShort && size > 0 && isValue(frame, asked)
    case MessageType.Write:
      return ret === 0 && frame.payload === 0 && frame.size >= 0 && frame.size <= size && !options.readOnly
    case MessageType.Presence:
      return isId(frame)
    case MessageType.Dir:
      return isShort && ret === 0 && frame.payload === 0 && frame.size === 0
    case MessageType.DirAll:
    case MessageType.DirAllSlash:
      return isShort && isList(frame)
    default:
      return isShort && (isList(frame) || (size > 0 && isValue(frame, asked)))
  }
}

const shown = ({ flags, offset, payload, ret, size, type }: Fields & { readonly ret?: number }): string =>
  `{ ${
    ret === undefined ? `type ${type}` : `ret ${ret}`
  }, payload ${payload}, flags ${flags}, size ${size}, offset ${offset} }`

/** Returns the problem of the received bytes, if there is one. The end of a connection that was reset may be lost. */
const replyProblem = (
  { asked }: Reading,
  { error, frames, rest }: Received,
  options: Options,
  mayBeShort: boolean
): string | undefined => {
  if (error !== undefined) return `a frame that is none: ${error._tag}`
  if (rest !== undefined && !mayBeShort) return `a frame that is not whole`
  let at = 0
  for (const request of asked) {
    const flags = request.isKept ? request.flags : request.flags & ~persistence
    for (;; at++) {
      if (at === frames.length) return mayBeShort ? undefined : `no answer to ${shown(request)}`
      const frame = frames[at]
      const reply = shown({ ...frame, type: 0 })
      if (frame.flags !== flags) return `another's flags: ${reply} to ${shown(request)}`
      const isEntry = request.type === MessageType.Dir && frame.payload > 0
      if (isEntry ? frame.ret !== 0 || !isText(frame) : !isAnswer(request, frame, options)) {
        return `no answer: ${reply} to ${shown(request)}`
      }
      if (isEntry) continue
      meet(
        `${MessageType.name(request.type).replace(/type .*/, "unknown type")}: ${frame.ret < 0 ? frame.ret : "done"}`
      )
      break
    }
    at++
  }
  return at < frames.length ? `${frames.length - at} frames too many` : undefined
}

// The cases.

class Failed extends Data.TaggedError("Failed")<{ readonly message: string }> {}

const failIf = (isSo: boolean, message: string): Effect.Effect<void, Failed> =>
  isSo ? Effect.fail(new Failed({ message })) : Effect.void

const fail = (problem: string | undefined): Effect.Effect<void, Failed> =>
  problem === undefined ? Effect.void : Effect.fail(new Failed({ message: problem }))

/** The first bytes. To see more, run the case again. */
const hex = (bytes: Uint8Array): string => {
  const start = wire.hexOf(bytes.subarray(0, 96))
  return bytes.length > 96 ? `${start}… (${bytes.length} bytes)` : start
}

/** Runs a case, and names it if it fails. */
const named = <E, R>(
  number: number,
  { bytes, chunks, mutations }: Case,
  run: Effect.Effect<void, E, R>
): Effect.Effect<void, never, R> => {
  const buffers = process.memoryUsage().arrayBuffers
  return Effect.suspend(() => run).pipe(
    Effect.andThen(Effect.suspend(() => {
      const grown = process.memoryUsage().arrayBuffers - buffers
      return failIf(grown > 32 * 2 ** 20, `took ${grown} bytes of memory`)
    })),
    Effect.catchCause((cause) =>
      Effect.sync(() => {
        const error = Cause.squash(cause)
        const problem = error instanceof Failed ? error.message : Cause.pretty(cause)
        const cuts = chunks.length > 30
          ? `${chunks.length} chunks`
          : `chunks of ${chunks.map(({ length }) => length).join()}`
        assert.fail(
          `case ${number} (FUZZ_CASE=${number} runs it alone): ${problem} (${mutations.join(" ")}; ${cuts}): ${
            hex(bytes)
          }`
        )
      })
    )
  )
}

interface Options {
  readonly grants: boolean
  readonly readOnly: boolean
  readonly dirAll: boolean
  readonly get: boolean
  readonly isReal: boolean
}

const usual: Options = { grants: true, readOnly: false, dirAll: true, get: true, isReal: false }

/** Reads a value that no request can have changed, and does not ask for persistence. */
const question = Request.encode({
  type: MessageType.Read,
  path: `${sensor}/address`,
  flags: 0x100,
  size: 100,
  offset: 0
})

const address = Option.getOrThrow(RomId.fromString(sensor.slice(1)))

const answerProblem = ({ frames }: Received): string | undefined =>
  frames.length === 1 && Payload.decodeText(frames[0].data) === address
    ? undefined
    : `the next client got ${frames.length} frames: ${frames.map(({ data }) => Payload.decodeText(data)).join()}`

/** A NOP with distinctive bits, after which the server closes. */
const farewell = encode({ version: 0, type: MessageType.Nop, flags: 0x00a00100, size: 0, offset: 0 }, new Uint8Array(0))

const closed = new Socket.SocketError({ reason: new Socket.SocketCloseError({ code: 1000 }) })

const gone = new Socket.SocketError({ reason: new Socket.SocketWriteError({ cause: new Error("write EPIPE") }) })

/** A connection in memory, with all received data, and the way the server ended it. */
const connect = Effect.fnUntraced(function*(server: SimulatedServer.Server) {
  const inbox = yield* Queue.unbounded<Uint8Array, Socket.SocketError>()
  const chunks: Array<Uint8Array> = []
  let isBroken = false
  let isGone = false
  const take = (chunk: Uint8Array | string | Socket.CloseEvent): void => {
    if (chunk instanceof Uint8Array) chunks.push(chunk.slice())
  }
  const socket = Socket.make({
    reader: Effect.succeed({ pull: Queue.takeAll(inbox), upgrade: Socket.SocketUpgradeError.unsupported }),
    writer: Effect.succeed({
      write: (chunk) => Effect.suspend(() => isGone ? Effect.fail(gone) : Effect.sync(() => take(chunk))),
      writeAll: (all) => Effect.suspend(() => isGone ? Effect.fail(gone) : Effect.sync(() => all.forEach(take)))
    })
  })
  const reset = Effect.sync(() => {
    isBroken = true
  })
  const serving = yield* Effect.forkChild(server.serve(socket, { reset, isGone: () => isGone }), {
    startImmediately: true
  })
  return {
    write: (bytes: Uint8Array) => Queue.offer(inbox, bytes),
    leave: Effect.suspend(() => {
      isGone = true
      return Queue.fail(inbox, closed)
    }),
    received: () => decode(mutate.concat(chunks)),
    exit: () => serving.pollUnsafe(),
    isOver: () => serving.pollUnsafe() !== undefined,
    isBroken: () => isBroken
  }
})

/** Lets events run that need no clock, until a condition holds. */
const settle = (isDone: () => boolean, turns = 5000): Effect.Effect<boolean> =>
  Effect.gen(function*() {
    for (let turn = 0; turn < turns && !isDone(); turn++) yield* Effect.yieldNow
    return isDone()
  })

const never = (): boolean => false

/** The same, and advances the clock if that is not enough. */
const pass = (isDone: () => boolean): Effect.Effect<boolean> =>
  Effect.gen(function*() {
    for (let turn = 0; turn < 60; turn++) {
      if (yield* settle(isDone, 20)) return true
      yield* TestClock.adjust("5 seconds")
    }
    return yield* settle(isDone)
  })

const inMemory = (number: number) => {
  const dice = mutate.dice(number)
  const given = caseOf(dice)
  const options: Options = dice.chance(0.7) ? usual : {
    grants: dice.chance(0.7),
    readOnly: dice.chance(0.2),
    dirAll: dice.chance(0.8),
    get: dice.chance(0.8),
    isReal: dice.chance(0.3)
  }
  const isAlwaysAlive = dice.chance(0.05)
  const isCached = dice.chance(0.1)
  const isTrickling = given.chunks.length <= 6 && dice.chance(0.3)
  const way = dice.pick(["farewell", "farewell", "farewell", "idle", "leave"] as const)
  return named(
    number,
    given,
    Effect.gen(function*() {
      const server = yield* SimulatedServer.make(network, {
        conversions: options.isReal ? "real" : "instant",
        persistentConnections: options.grants ? 20 : 0,
        readOnly: options.readOnly,
        dirAll: options.dirAll,
        get: options.get,
        cache: isCached,
        alwaysKeepalive: isAlwaysAlive
      })
      const connection = yield* connect(server)
      const { isOver } = connection
      for (const chunk of given.chunks) {
        yield* connection.write(chunk)
        if (dice.chance(20 / given.chunks.length)) yield* settle(never, 3)
        // A server waits for the rest of a request as long as for its beginning.
        if (isTrickling) yield* TestClock.adjust("9 seconds")
      }
      meet(`in memory, ${way}`)
      if (way === "leave") {
        yield* connection.leave
        yield* failIf(!(yield* pass(isOver)), "a client that is gone is served for ever")
      } else {
        const isFarewell = way === "farewell" && read(given.bytes, options.grants).end === "kept"
        if (isFarewell) yield* connection.write(farewell)
        const reading = read(isFarewell ? mutate.concat([given.bytes, farewell]) : given.bytes, options.grants)
        meet(`in memory, ${reading.end}`)
        if (reading.end === "closed" && !options.isReal) {
          yield* failIf(!(yield* settle(isOver)), "the server did not close at once")
        } else if (reading.end === "late") {
          yield* settle(never, 20)
          if (!isTrickling) yield* TestClock.adjust("9 seconds")
          yield* failIf(isOver(), "the server did not wait for the rest of a request")
        } else if (reading.end === "kept") {
          yield* settle(never, 20)
          yield* TestClock.adjust("9 minutes")
          yield* failIf(isOver(), "the server did not keep an idle connection")
          const { persistent } = yield* server.statistics
          yield* failIf(persistent !== 1, `${persistent} kept connections instead of 1`)
          yield* TestClock.adjust("1 hour")
        }
        yield* failIf(!(yield* pass(isOver)), "the server does not close")
        yield* fail(replyProblem(reading, connection.received(), options, false))
        // If the request comes in pieces, the rest may come too late to be left unread.
        const isComparable = given.chunks.length === 1 && !isFarewell
        yield* failIf(
          isComparable && connection.isBroken() !== reading.isBroken,
          `the connection was ${reading.isBroken ? "closed instead of broken off" : "broken off instead of closed"}`
        )
      }
      const exit = connection.exit()
      yield* failIf(exit !== undefined && Exit.isFailure(exit), `the server died: ${String(exit)}`)

      const next = yield* connect(server)
      yield* next.write(question)
      yield* failIf(!(yield* pass(next.isOver)), "the next client waits for ever")
      yield* fail(answerProblem(next.received()))
      const { connections, persistent } = yield* server.statistics
      yield* failIf(
        connections !== 0 || persistent !== 0,
        `${connections} connections are left, ${persistent} of them kept`
      )
    })
  )
}

afterAll(() => {
  if (wanted === undefined) return
  const lines = [...met].toSorted(([a], [b]) => a < b ? -1 : 1).map(([what, times]) => `  ${times} ${what}\n`)
  process.stdout.write(`\nmet in ${count} cases:\n${lines.join("")}`)
})

describe("mutated requests in memory", () => {
  for (const cases of batches) {
    it.live(nameOf(cases), () =>
      leavesNothing(
        Effect.provide(
          Effect.forEach(cases.filter((number) => !isOverTcp(number)), inMemory, { discard: true }),
          TestClock.layer()
        )
      ), patience)
  }
})

// TCP.

/** Messages of a server on a socket whose connection dies. Nothing else would report it. */
const deaths: Array<string> = []

const watchful = Logger.layer([
  Logger.make(({ cause, message }) => {
    if (String(message).includes("Unhandled")) deaths.push(Cause.pretty(cause))
  })
])

/** Sends chunks over a new connection, and returns all received data until the server closed. */
const converse = (port: number, chunks: ReadonlyArray<Uint8Array>, isHalfClosed: boolean) =>
  Effect.callback<Uint8Array>((resume) => {
    const received: Array<Uint8Array> = []
    const socket = Net.connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true })
    const sending = [...chunks]
    const sendNext = (): void => {
      const chunk = sending.shift()
      if (socket.destroyed || socket.writableEnded) return
      if (chunk !== undefined) socket.write(chunk, () => setImmediate(sendNext))
      else if (isHalfClosed) socket.end()
    }
    const done = (): void => {
      socket.destroy()
      resume(Effect.succeed(mutate.concat(received)))
    }
    socket.on("connect", sendNext)
    socket.on("data", (chunk) => received.push(chunk))
    socket.on("end", done)
    socket.on("error", done)
    return Effect.sync(() => socket.destroy())
  }).pipe(
    Effect.timeoutOrElse({
      duration: "40 seconds",
      orElse: () => Effect.fail(new Failed({ message: "the connection hangs" }))
    })
  )

/** Sends bytes, and disconnects in one of several ways before it has read the answer. */
const leave = (port: number, bytes: Uint8Array, isReset: boolean, millis: number) =>
  Effect.callback<void>((resume) => {
    const socket = Net.connect({ host: "127.0.0.1", port })
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.void))
    socket.write(bytes, () =>
      setTimeout(() => {
        if (isReset) socket.resetAndDestroy()
        else socket.destroy()
      }, millis))
    return Effect.sync(() => socket.destroy())
  })

/** Waits until a server has the expected number of connections, long enough for the slowest machine. */
const untilConnections = (server: SimulatedServer.Server, expected: number): Effect.Effect<void, Failed> =>
  Effect.flatMap(
    server.statistics,
    ({ connections, persistent }) =>
      failIf(
        connections !== expected || (expected === 0 && persistent !== 0),
        `${connections} connections instead of ${expected}, ${persistent} of them kept`
      )
  ).pipe(Effect.retry(Schedule.upTo(Schedule.spaced("2 millis"), { duration: "40 seconds" })))

const nobodyIsLeft = Effect.fnUntraced(function*(server: SimulatedServer.Server) {
  yield* untilConnections(server, 0)
  const [death] = deaths.splice(0)
  yield* failIf(death !== undefined, `the server died: ${death}`)
})

const tcp = (server: NodeSimulatedServer.Running, number: number) => {
  const dice = mutate.dice(number)
  const given = caseOf(dice)
  const isFarewell = dice.chance(0.5)
  const isLeaving = dice.chance(0.15)
  return named(
    number,
    given,
    Effect.gen(function*() {
      const { port } = server
      if (isLeaving) {
        yield* leave(port, given.bytes, dice.chance(0.5), dice.pick([0, 0, 1]))
        meet("over TCP, left")
      } else {
        const { end } = read(given.bytes, true)
        const chunks = end === "kept" && isFarewell ? [...given.chunks, farewell] : given.chunks
        const sent = mutate.concat(chunks)
        const reading = read(sent, true)
        const reply = yield* converse(port, chunks, reading.end !== "closed")
        yield* fail(replyProblem(reading, decode(reply), usual, reading.isBroken))
        meet(`over TCP, ${end}`)
      }
      yield* fail(answerProblem(decode(yield* converse(port, [question], false))))
      yield* nobodyIsLeft(server)
    })
  )
}

describe("mutated requests over TCP", () => {
  for (const cases of batches) {
    const chosen = cases.filter(isOverTcp)
    if (chosen.length === 0) continue
    it.live(nameOf(cases), () =>
      leavesNothing(Effect.gen(function*() {
        const server = yield* NodeSimulatedServer.start(network)
        yield* Effect.forEach(chosen, (number) => tcp(server, number), { discard: true })
      })).pipe(Effect.provide(watchful)), patience)
  }
})

describe("a client that is gone", () => {
  const ask = (path: string, type: number) => Request.encode({ type, path, flags: 0x104, size: 65_536, offset: 0 })
  const ways = [
    ["before a slow answer", ask(`${sensor}/temperature`, MessageType.Read)],
    [
      "before the end of a long listing",
      mutate.concat(range(0, 20).map(() => ask(`${logger}/log`, MessageType.Dir)))
    ]
  ] as const
  for (const [when, bytes] of ways) {
    for (const isReset of [false, true]) {
      it.live(`${when}, by a ${isReset ? "reset" : "close"}, leaves nothing behind at the server`, () =>
        leavesNothing(Effect.gen(function*() {
          const server = yield* NodeSimulatedServer.start(network)
          yield* server.setFaults(({ type }) =>
            type === MessageType.Read ? Fault.Fault.Delay({ duration: "50 millis" }) : undefined
          )
          for (let time = 0; time < 10; time++) yield* leave(server.port, bytes, isReset, time)
          yield* nobodyIsLeft(server)
          yield* fail(answerProblem(decode(yield* converse(server.port, [question], false))))
        })).pipe(Effect.provide(watchful)))
    }
  }
})

describe("the memory of the server", () => {
  const header = (fields: Partial<Fields>): Uint8Array => {
    const bytes = new Uint8Array(headerLength)
    const all = { version: 0, payload: 0, type: MessageType.Read, flags: 0x104, size: 0, offset: 0, ...fields }
    Header.encodeRequest(all, bytes)
    return bytes
  }

  it.live("costs what has come, and not what was announced", () =>
    leavesNothing(Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start(network, { requestTimeout: "1 minute" })
      const before = process.memoryUsage().arrayBuffers
      const announced = [2 ** 31 - 1, 2 ** 24, maxPayload + 1, maxPayload, maxPayload, 4096]
      const connections = yield* Effect.forEach(range(0, 60), (index) =>
        Effect.gen(function*() {
          const connection = yield* wire.connect(server.port)
          yield* connection.send(header({ payload: announced[index % announced.length], version: index % 7 << 16 }))
          return connection
        }))
      yield* untilConnections(server, 30)
      // Each Node socket has a separate buffer to read into.
      assert.isBelow(process.memoryUsage().arrayBuffers - before, connections.length * 2 * 65_536)
    })))

  it.live("costs no more for a place that is far behind the end of a property", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start(network)
      const connection = yield* wire.connect(server.port)
      const data = Uint8Array.of(1, 2, 3)
      for (const path of properties.filter((path) => /pages\/page\.0$|memory$|LCD_H\/message$|alias$/.test(path))) {
        for (const offset of [2 ** 31 - 1, 2 ** 24, -1, -(2 ** 31)]) {
          const before = process.memoryUsage().arrayBuffers
          const request = Request.encode({ type: MessageType.Write, path, data, flags: 0x104, size: 3, offset })
          const [reply] = yield* connection.ask(request)
          assert.isDefined(reply, `${path} from ${offset} on`)
          assert.isBelow(process.memoryUsage().arrayBuffers - before, 2 ** 20, `${path} from ${offset} on`)
        }
      }
    }))
})

describe("the plain reading of requests", () => {
  it("knows what was recorded from the real server", () => {
    for (const { name, reply_hex, request_hex, server } of exchanges) {
      if (!/--tester=10,28/.test(server)) continue
      const reading = read(wire.bytesOf(request_hex), true)
      assert.isUndefined(replyProblem(reading, decode(wire.bytesOf(reply_hex)), usual, false), name)
    }
  })
})
