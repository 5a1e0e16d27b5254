/**
 * Replies that no server should send, by the thousand: through the decoder, and through a client whose every answer is held
 * against a plain reading of the bytes that came.
 *
 * `FUZZ_CASES` says how many cases to run, and then they are summed up; `FUZZ_CASE` which one to run alone. A failure names
 * its own.
 */
import {
  Connector,
  type ControlFlags,
  FrameDecoder,
  MessageType,
  OwClient,
  type OwError,
  ReturnCode
} from "@effect-ownet/core"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Effect, Exit, Fiber, Option, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { isDeepStrictEqual } from "node:util"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as scripted from "../packages/core/test/fixtures/scripted.ts"
import * as mutate from "./fixtures/mutate.ts"
import * as reference from "./fixtures/reference.ts"

const wanted = process.env["FUZZ_CASES"]

/** So many through a client, and twice as many through the decoder, which is the faster. */
const count = Number(wanted ?? 1000)

const alone = process.env["FUZZ_CASE"]

const batchSize = 250

/** The cases in parts, so that a run shows how far it is. */
const batchesOf = (count: number): ReadonlyArray<ReadonlyArray<number>> => {
  if (alone !== undefined) return [[Number(alone)]]
  const cases = Array.from({ length: count }, (_, index) => index)
  return Array.from(
    { length: Math.ceil(count / batchSize) },
    (_, batch) => cases.slice(batch * batchSize, (batch + 1) * batchSize)
  )
}

const nameOf = (cases: ReadonlyArray<number>): string => `cases ${cases[0]} to ${cases[cases.length - 1]}`

/** How a failure names its case. */
const caseOf = (number: number): string => `case ${number} (FUZZ_CASE=${number} runs it alone)`

const patience = 120_000

/** Every kind of thing that has come about, so that a fuzzer which meets nothing is found out. */
const met = new Map<string, number>()

const meet = (what: string): void => void met.set(what, (met.get(what) ?? 0) + 1)

/** The first bytes, or all of them of a case that runs alone. */
const hex = (bytes: Uint8Array): string => {
  const start = Buffer.from(bytes.subarray(0, alone === undefined ? 64 : undefined)).toString("hex")
  return start.length < 2 * bytes.length ? `${start}… (${bytes.length} bytes)` : start
}

// The decoder.

/** Pushes chunks as a socket does that has one buffer and uses it again, and says how that differs from the plain reading. */
const decodingProblem = (
  chunks: ReadonlyArray<Uint8Array>,
  reading: reference.Reading,
  stream: Uint8Array,
  limit: number | undefined
): string | undefined => {
  const { broken, frames, rest } = reading
  let problem: string | undefined
  let taken = 0
  const take = (isKeepalive: boolean, data: Uint8Array | undefined, words: ReadonlyArray<number>): void => {
    const expected = frames[taken++]?.frame
    const own = expected === undefined
      ? []
      : [expected.version, expected.payload, expected.ret, expected.flags, expected.size, expected.offset]
    if (expected === undefined) problem ??= `frame ${taken} is one too many`
    else if (isKeepalive ? expected.payload >= 0 : !words.every((word, index) => word === own[index])) {
      problem ??= `frame ${taken} is [${words.join()}] instead of [${own.join()}]`
    } else if (data !== undefined && Buffer.compare(data, expected.data) !== 0) {
      problem ??= `frame ${taken} has other data`
    }
  }
  const decoder = FrameDecoder.make({
    onFrame: ({ data, flags, offset, payload, ret, size, version }) =>
      take(false, data, [version, payload, ret, flags, size, offset]),
    onKeepalive: () => take(true, undefined, [])
  }, { maxPayload: limit })
  const buffer = new Uint8Array(stream.length + 64)
  let at = 0
  let error: FrameDecoder.FrameError | undefined
  for (const chunk of chunks) {
    buffer.set(chunk)
    error = decoder.push(buffer, chunk.length)
    buffer.fill(0xee, 0, chunk.length + 64)
    at += chunk.length
    const due = frames.filter(({ end }) => end <= at).length
    if (taken !== due) problem ??= `${taken} frames instead of ${due} after ${at} bytes`
    if ((error !== undefined) !== (broken !== undefined && broken.knownAt <= at)) {
      problem ??= `${error?._tag ?? "no error"} after ${at} bytes`
    }
    if (error !== undefined || problem !== undefined) break
  }
  if (problem !== undefined) return problem
  const last = decoder.end()
  const start = stream.subarray(broken?.at ?? rest?.at ?? 0)
  if (error !== undefined && (last !== error || decoder.push(stream) !== error)) return "an error is not final"
  if (broken === undefined && rest === undefined) {
    return last === undefined
      ? undefined
      : `${last._tag} between two frames`
  }
  if (last === undefined) return "no error at the end"
  if (last.bytes.length === 0 || last.bytes.length > 32 || last.bytes.buffer.byteLength > 32) {
    return `${last.bytes.length} bytes shown, of ${last.bytes.buffer.byteLength}`
  }
  if (Buffer.compare(last.bytes, start.subarray(0, last.bytes.length)) !== 0) return "other bytes shown"
  if (last._tag === "MalformedHeader") {
    return broken !== undefined && isLine(last.problem) ? undefined : `MalformedHeader: ${last.problem}`
  }
  return rest?.received === last.received && rest.expected === last.expected
    ? undefined
    : `${last.received} of ${last.expected} bytes instead of ${rest?.received} of ${rest?.expected}`
}

/** Text that stays in one line wherever it is shown. */
const isLine = (text: string): boolean => text !== "" && !/[\n\v\f\r\u0085\u2028\u2029]/.test(text)

const decode = (number: number): void => {
  const dice = mutate.dice(number)
  const limit = dice.chance(0.7) ? undefined : dice.pick([0, 1, 12, 40, 300])
  const most = limit ?? mutate.maxPayload
  const asked = mutate.anything(dice)
  const { bytes, mutations } = mutate.stream(dice, asked, most)
  const reading = reference.read(bytes, most)
  meet("decoder reply")
  meet(`decoder ${reading.broken !== undefined ? "broken" : reading.rest !== undefined ? "short" : "whole"}`)
  const ways = [[bytes], mutate.chunks(dice, bytes), mutate.chunks(dice, bytes)]
  if (bytes.length <= 300) ways.push(mutate.byteByByte(bytes))
  for (const chunks of ways) {
    const problem = decodingProblem(chunks, reading, bytes, limit)
    if (problem !== undefined) {
      const cuts = chunks.map(({ length }) => length).join()
      assert.fail(`${caseOf(number)}: ${problem} (${mutations.join()}; chunks of ${cuts}): ${hex(bytes)}`)
    }
  }
}

afterAll(() => {
  if (wanted === undefined) return
  const lines = [...met].toSorted(([a], [b]) => a < b ? -1 : 1).map(([what, times]) => `  ${times} ${what}\n`)
  process.stdout.write(`\nmet in ${count} cases:\n${lines.join("")}`)
})

describe("mutated replies through the decoder", () => {
  for (const cases of batchesOf(2 * count)) it(nameOf(cases), () => cases.forEach(decode), patience)
})

// The memory of the decoder.

setFlagsFromString("--expose-gc")
// The flag puts it into every context that is made from now on.
const collect = runInNewContext("gc") as NodeJS.GCFunction

/** Twice, for buffers are given back beside the program, and the second time waits for what the first has begun. */
const collectGarbage = (): void => {
  void collect()
  void collect()
}

/** How many bytes of buffers are held by what `make` returns. */
const heldBy = <A>(make: () => A): readonly [held: number, made: A] => {
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  const made = make()
  collectGarbage()
  return [process.memoryUsage().arrayBuffers - before, made]
}

const silent: FrameDecoder.Sink = { onFrame: () => {}, onKeepalive: () => {} }

/** What a decoder may hold besides a payload: a header, and the first bytes of an error. */
const besides = 512

const mebibyte = 2 ** 20

describe("the memory of a decoder", () => {
  const limit = 4096

  it("holds one payload of the accepted length at most, whatever is announced", () => {
    const dice = mutate.dice(1)
    const announced = [limit, limit, limit + 1, 2 ** 16, 2 ** 24, 2 ** 30, 2 ** 31 - 1]
    const [held, decoders] = heldBy(() =>
      Array.from({ length: 3000 }, () => {
        const decoder = FrameDecoder.make(silent, { maxPayload: limit })
        const start = mutate.frame({ payload: dice.pick(announced), size: 0 }, dice.bytes(dice.below(60)))
        for (const chunk of mutate.chunks(dice, start)) decoder.push(chunk)
        return decoder
      })
    )
    assert.isBelow(held, decoders.length * (limit + besides))
  })

  it("grows by no payload that came before", () => {
    const dice = mutate.dice(2)
    let frames = 0
    const decoder = FrameDecoder.make({ ...silent, onFrame: () => void frames++ })
    const [held] = heldBy(() => {
      for (let round = 0; round < 300; round++) {
        const stream = mutate.frame({}, new Uint8Array(dice.pick([10, 3000, mutate.maxPayload])))
        for (const chunk of mutate.chunks(dice, stream)) decoder.push(chunk)
      }
    })
    assert.strictEqual(frames, 300)
    // One is the decoder's, and the last one sent may still be in somebody's hands.
    assert.isBelow(held, 2 * (mutate.maxPayload + besides))
  })

  it("keeps hold of no chunk: not by a frame in pieces, and not by an error", () => {
    const whole = mutate.frame({}, new Uint8Array(mebibyte))
    const tails = [mutate.frame({}, mutate.bytesOf("in pieces")).subarray(0, 30), mutate.bytesOf("HTTP/1.0 400")]
    const [held, kept] = heldBy(() =>
      Array.from({ length: 16 }, (_, index) => {
        const decoder = FrameDecoder.make(silent, { maxPayload: mebibyte })
        return [decoder, decoder.push(mutate.concat([whole, tails[index % 2]]))] as const
      })
    )
    assert.strictEqual(kept.filter(([, error]) => error !== undefined).length, 8)
    // The last one may still be in somebody's hands.
    assert.isBelow(held, 3 * mebibyte)
  })
})

// The client.

const silenceTimeout = 5000
const connectTimeout = 3000

/** No case takes longer, by the test's clock: whatever is still under way then hangs. */
const patienceMillis = 1_000_000

const idempotent = new Set<number>([
  MessageType.Nop,
  MessageType.Read,
  MessageType.Dir,
  MessageType.Presence,
  MessageType.DirAll,
  MessageType.Get,
  MessageType.DirAllSlash,
  MessageType.GetSlash
])

const isListing = (type: number): boolean => type === MessageType.DirAll || type === MessageType.DirAllSlash

const isGet = (type: number): boolean => type === MessageType.Get || type === MessageType.GetSlash

/** One request, and what came on its link before the next one. */
interface Exchange {
  readonly asked: mutate.Asked
  /** Which operation it belongs to; 0 for what a client asks on its own behalf. */
  readonly tag: number
  readonly question: reference.Question
  readonly sentAt: number
  readonly chunks: Array<Uint8Array>
  /** Whether its bytes are still those that were sent: a link may send them late. */
  readonly isIntact: () => boolean
  /** `undefined` where the reply is an honest one. */
  mutations: ReadonlyArray<string> | undefined
  heardAt: number
  /** Who ended the link first, if anybody has. */
  end: "open" | "server" | "client"
  endedAt: number
}

interface Event {
  readonly at: number
  readonly run: () => void
}

interface PeerLink {
  readonly events: Array<Event>
  isOpen: boolean
  isOver: boolean
  isClosed: boolean
  exchange: Exchange | undefined
}

const tagShift = 9

const kindOf = (type: number): reference.Kind => {
  switch (type) {
    case MessageType.Nop:
      return "nop"
    case MessageType.Read:
      return "read"
    case MessageType.Write:
      return "write"
    case MessageType.Presence:
      return "presence"
    case MessageType.Get:
    case MessageType.GetSlash:
      return "get"
    default:
      return "list"
  }
}

/** A path that the honest server takes for a directory. */
const isDirectory = (path: string): boolean => path.endsWith("/dir") || reference.isDevice(path)

const entriesOf = (path: string): ReadonlyArray<string> => [
  `${path}/value`,
  `${path}/28.000028D70100`,
  `${path}/sub/dir`
]

const idOf = (path: string): Uint8Array =>
  mutate.withCrc(Uint8Array.from({ length: 7 }, (_, index) => mutate.bytesOf(path).at(-index - 1) ?? 1))

const isUnsupported = (type: number): boolean => isListing(type) || isGet(type)

const honestReply = ({ flags, offset, path, size, type }: mutate.Asked, knowsDirOnly: boolean): Uint8Array => {
  if (knowsDirOnly && isUnsupported(type)) return mutate.frame({ flags, ret: -42 })
  const data = mutate.bytesOf(path === ReturnCode.tablePath ? "good,one,two" : path).subarray(0, size)
  const value = mutate.frame({ flags, offset, ret: data.length }, data)
  const slash = type === MessageType.DirAllSlash || type === MessageType.GetSlash
  const paths = entriesOf(path).map((entry) => slash && isDirectory(entry) ? `${entry}/` : entry)
  switch (type) {
    case MessageType.Nop:
      return mutate.frame({ flags })
    case MessageType.Read:
      return isDirectory(path) ? mutate.frame({ flags, ret: -21 }) : value
    case MessageType.Write:
      return mutate.frame({ flags, size })
    case MessageType.Presence:
      return mutate.frame({ flags, size: 0 }, idOf(path))
    case MessageType.Dir:
      return isDirectory(path) ? mutate.entries(paths, { flags }) : mutate.frame({ flags, ret: -20 })
    case MessageType.DirAll:
    case MessageType.DirAllSlash:
      return isDirectory(path) ? mutate.list(paths, { flags }) : mutate.frame({ flags, ret: -20 })
    case MessageType.Get:
    case MessageType.GetSlash:
      return isDirectory(path) ? mutate.list(paths, { flags }) : value
    default:
      return mutate.frame({ flags, ret: -42 })
  }
}

/** A server in memory. It does nothing by itself: whoever drives it lets one thing happen after the other. */
const makeServer = (dice: mutate.Dice, clock: Clock.Clock, options: {
  readonly limit: number
  readonly maxConnections: number
  /** So many replies are mutated, and all others honest. */
  readonly mostMutated: number
  /** Whether a request takes any reply for an answer. */
  readonly isRaw: (tag: number) => boolean
  /** It refuses the younger messages, as servers may be told to. */
  readonly knowsDirOnly: boolean
  readonly reply: (asked: mutate.Asked) => mutate.Stream
}) => {
  const exchanges: Array<Exchange> = []
  const faults: Array<string> = []
  const links = new Set<PeerLink>()
  let isHonest = false
  let mutated = 0
  let failures = 0

  const now = (): number => clock.currentTimeMillisUnsafe()

  const read = new Map<Exchange, readonly [chunks: number, told: reference.Told]>()
  const told = (exchange: Exchange): reference.Told => {
    const { chunks, question } = exchange
    const known = read.get(exchange)
    if (known?.[0] === chunks.length) return known[1]
    const told = reference.answer(question, mutate.concat(chunks), options.limit)
    read.set(exchange, [chunks.length, told])
    return told
  }

  const connect = (receiver: Connector.Receiver): Connector.Link => {
    const link: PeerLink = { events: [], isOpen: false, isOver: false, isClosed: false, exchange: undefined }
    const buffer = new Uint8Array(dice.pick([64, 512]))
    let received = new Uint8Array(0)
    if (links.size >= options.maxConnections) faults.push(`more than ${options.maxConnections} links`)
    links.add(link)

    const later = (run: () => void, delay = 0): void =>
      void link.events.push({ at: Math.max(now() + delay, link.events.at(-1)?.at ?? 0), run })

    const end = (cause?: unknown): void => {
      link.isOver = true
      if (!link.isOpen) failures++
      if (link.exchange !== undefined) {
        link.exchange.end = "server"
        link.exchange.endedAt = now()
      }
      receiver.onEnd(cause)
    }

    const deliver = (chunk: Uint8Array): void => {
      // What was ended or closed hears no more.
      if (link.isOver || link.isClosed || link.exchange === undefined) return
      if (!link.exchange.isIntact()) faults.push("a request was written over")
      link.exchange.chunks.push(chunk)
      link.exchange.heardAt = now()
      // A socket that reads into a buffer of its own uses that again and again.
      if (received.length < chunk.length + 64) received = new Uint8Array(chunk.length + 2048)
      received.set(chunk)
      receiver.onData(received, chunk.length)
      received.fill(0xee, 0, chunk.length)
    }

    const answer = (exchange: Exchange): void => {
      const { asked, tag } = exchange
      // Otherwise hardly a request would ever come to be sent.
      const isSpared = (tag === 0 && dice.chance(asked.type === MessageType.Nop ? 0.85 : 0.5)) ||
        (options.knowsDirOnly && isUnsupported(asked.type) && dice.chance(0.9))
      if (isHonest || mutated >= options.mostMutated || isSpared) {
        return later(() => deliver(honestReply(asked, options.knowsDirOnly)))
      }
      mutated++
      meet("client reply")
      const { bytes, mutations } = options.reply(asked)
      exchange.mutations = mutations
      const chunks = mutate.chunks(dice, bytes)
      const way = chunks.length > 100 ? dice.pick([0, 0, 0, 0, 1]) : dice.below(chunks.length > 12 ? 2 : 3)
      if (way === 0) later(() => chunks.forEach(deliver))
      else {
        for (const chunk of chunks) {
          later(() => deliver(chunk), way === 1 ? 0 : dice.pick([0, 0, 10, 900, 4000, 6000]))
        }
      }
      const ending = dice.below(10)
      if (ending < 3) later(end)
      else if (ending < 5) later(() => end(new Error("read ECONNRESET")))
    }

    const write = (bytes: Uint8Array): void => {
      const before = link.exchange
      if (!link.isOpen || link.isOver || link.isClosed) faults.push("a request on a link that is not open")
      if (before !== undefined) {
        const { outcome } = told(before)
        if (outcome._tag !== "Answer" || !outcome.isClean) faults.push("a request on a link that is used up")
      }
      const sent = Buffer.from(bytes)
      const [version, payload, type, flags, size, offset] = [0, 4, 8, 12, 16, 20].map((at) => sent.readInt32BE(at))
      if (version !== 0 || payload !== sent.length - 24 || size < 0) faults.push("a request that makes no sense")
      const body = sent.subarray(24, type === MessageType.Write ? sent.length - size : sent.length)
      const tag = (flags >> tagShift) & 0x7f
      const exchange: Exchange = {
        asked: { type, flags, size, offset, path: body.toString("latin1").replace(/\0$/, "") },
        tag,
        question: { kind: options.isRaw(tag) ? "anything" : kindOf(type), type, size },
        sentAt: now(),
        chunks: [],
        isIntact: () => sent.equals(bytes),
        mutations: undefined,
        heardAt: now(),
        end: "open",
        endedAt: 0
      }
      link.exchange = exchange
      exchanges.push(exchange)
      answer(exchange)
    }

    const opened = (): void => {
      link.isOpen = true
      receiver.onOpen()
    }
    const chance = isHonest ? 99 : dice.below(100)
    if (chance < 3) later(() => end(new Connector.LinkError({ problem: "refused the connection (ECONNREFUSED)" })))
    else if (chance < 5) failures++
    else later(opened, chance < 10 ? dice.below(2000) : 0)

    return {
      buffer,
      write,
      close: () => {
        link.isClosed = true
        links.delete(link)
        const { exchange } = link
        if (exchange === undefined || exchange.end !== "open") return
        exchange.end = "client"
        exchange.endedAt = now()
      }
    }
  }

  const connector: Connector.Connector["Service"] = {
    server: "fuzz:4304",
    resolve: Effect.succeed([{ address: "fuzz:4304", connect }])
  }

  return {
    connector,
    exchanges,
    faults,
    told,
    now,
    /** Lets the next thing happen on one of the links, if it is time for any. */
    step: (): boolean => {
      const ready = [...links].filter(({ events }) => events.length > 0 && events[0].at <= now())
      if (ready.length === 0) return false
      dice.pick(ready).events.shift()?.run()
      return true
    },
    /** When the next thing happens. */
    nextAt: (): number => Math.min(...[...links].map(({ events }) => events[0]?.at ?? Infinity)),
    /** Whether a link is being opened, or asked something. */
    isBusy: (): boolean =>
      [...links].some((link) =>
        !link.isOpen || (link.exchange !== undefined && told(link.exchange).outcome._tag === "Waiting")
      ),
    becomeHonest: (): void => {
      isHonest = true
    },
    forget: (): void => {
      exchanges.length = 0
      read.clear()
    },
    links: () => links.size,
    failures: () => failures
  }
}

type Server = ReturnType<typeof makeServer>

interface Operation {
  readonly method: OwError.Operation | "readText" | "dirStream"
  readonly tag: number
  /** As the server sees it. */
  readonly path: string
  readonly slash: boolean
  readonly limit: number | undefined
  /** How long after the first one it begins. */
  readonly delay: number
  /** What a stream gave before it ended. */
  readonly streamed: Array<string>
  readonly run: (ow: OwClient.Client) => Effect.Effect<unknown, OwError.OwError>
}

const methods = [
  "ping",
  "present",
  "romId",
  "dir",
  "dirStream",
  "read",
  "readText",
  "write",
  "get",
  "sendMessage"
] as const

const names = ["", "/temperature", "/28.000028D70100", "/Grüße", "/a b,c", "/line\nline", "/\udcff"]

const makeOperation = (dice: mutate.Dice, number: number, tag: number, maxPayload: number): Operation => {
  const method = dice.pick(methods)
  const name = `/${number}/${tag}${dice.pick(names)}`
  const slash = dice.chance(0.5)
  const limit = dice.chance(0.15) ? dice.pick([700, 2000, 8000]) : undefined
  const delay = dice.pick([0, 0, 0, 1, 1000, 7000, 20_000])
  const streamed: Array<string> = []
  const flags: ControlFlags.Overrides = {
    other: tag << tagShift,
    ...(dice.chance(0.05) ? { persistence: false } : undefined),
    ...(dice.chance(0.1) ? { temperatureScale: "F" as const, uncached: true } : undefined)
  }
  const base = { flags, ...(limit === undefined ? undefined : { timeout: limit }) }
  const size = Math.min(maxPayload, dice.pick([1, 12, 300, 65_536, mutate.maxPayload]))
  const ranged = dice.chance(0.5) ? base : { ...base, size }
  const data = dice.bytes(dice.pick([0, 1, 8, 600]))
  const type = dice.pick([0, 1, 2, 2, 3, 4, 4, 6, 7, 8, 9, 10, 99])
  const run = (ow: OwClient.Client): Effect.Effect<unknown, OwError.OwError> => {
    switch (method) {
      case "ping":
        return ow.ping(base)
      case "present":
        return ow.present(name, base)
      case "romId":
        return Effect.map(ow.romId(name, base), Option.getOrUndefined)
      case "dir":
        return ow.dir(name, { ...base, slash })
      case "dirStream":
        return Stream.runForEach(ow.dirStream(name, base), (path) => Effect.sync(() => streamed.push(path)))
      case "read":
        return ow.read(name, ranged)
      case "readText":
        return ow.readText(name, ranged)
      case "write":
        return ow.write(name, data, base)
      case "get":
        return ow.get(name, { ...ranged, slash })
      case "sendMessage":
        return ow.sendMessage(type, name, { ...base, size: type === MessageType.Write ? 0 : size })
    }
  }
  const path = name.endsWith("\udcff") ? `${name.slice(0, -1)}\xff` : Buffer.from(name).toString("latin1")
  return { method, tag, path, slash, limit, delay, streamed, run }
}

/** What an operation comes to by the plain reading: this value, or a failure of one of these exchanges. */
type Expected =
  | { readonly _tag: "Value"; readonly shown: unknown; readonly isRight: (value: unknown) => boolean }
  /** `undefined` stands for a request that was never sent. */
  | { readonly _tag: "Failure"; readonly of: ReadonlyArray<Exchange | undefined> }

const exactly = (shown: unknown): Expected => ({
  _tag: "Value",
  shown,
  isRight: (value) => isDeepStrictEqual(value, shown)
})

const failureOf = (...of: ReadonlyArray<Exchange | undefined>): Expected => ({ _tag: "Failure", of })

/** The server closed before a byte of the reply, on a request that does no harm when it is sent again. */
const isReplayable = ({ asked, chunks, end }: Exchange): boolean =>
  end === "server" && chunks.length === 0 && idempotent.has(asked.type)

const expectation = (operation: Operation, server: Server): Expected => {
  const { method, path, slash, tag } = operation
  const own = server.exchanges.filter((exchange) => exchange.tag === tag)
  if (own.length > 0 && own[0].asked.path !== (method === "ping" ? "" : path)) {
    server.faults.push("another path was asked")
  }

  const answerOf = (exchange: Exchange): reference.Frame | undefined => {
    const { outcome } = server.told(exchange)
    return outcome._tag === "Answer" ? outcome.frame : undefined
  }

  /** Of the same request, sent again as often as that is right, the last. */
  const last = (exchanges: ReadonlyArray<Exchange>): Exchange | undefined => {
    const index = exchanges.findIndex((exchange) => !isReplayable(exchange))
    if (index >= 0 && index < exchanges.length - 1) server.faults.push(`${method} was sent again without need`)
    if (index > 0) meet("replay")
    return exchanges[index < 0 ? exchanges.length - 1 : index]
  }

  const single = (valueOf: (frame: reference.Frame, exchange: Exchange) => Expected): Expected => {
    const exchange = last(own)
    if (exchange === undefined) return failureOf(undefined)
    const frame = answerOf(exchange)
    return frame === undefined ? failureOf(exchange) : valueOf(frame, exchange)
  }

  /** Where a refusal is no answer. */
  const accepted = (valueOf: (frame: reference.Frame) => unknown): Expected =>
    single((frame, exchange) => frame.ret < 0 ? failureOf(exchange) : exactly(valueOf(frame)))

  const present = <A>(absent: A, valueOf: (frame: reference.Frame) => A): Expected =>
    single((frame, exchange) =>
      frame.ret === -1 || frame.ret === -2
        ? exactly(absent)
        : frame.ret < 0
        ? failureOf(exchange)
        : exactly(valueOf(frame))
    )

  const hasLearnt = (isType: (type: number) => boolean, before: Exchange | undefined): boolean =>
    server.exchanges.slice(0, before === undefined ? undefined : server.exchanges.indexOf(before)).some((exchange) =>
      isType(exchange.asked.type) && exchange.question.kind !== "anything" && answerOf(exchange)?.ret === -42
    )

  const listed = (
    wrap: (paths: ReadonlyArray<string>) => unknown,
    choices: ReadonlyArray<ReadonlyArray<string>>
  ): Expected => ({
    _tag: "Value",
    shown: wrap(choices.map((choice) => choice.join(" or "))),
    isRight: (value) => {
      const paths = method === "get" && isDirectoryContent(value) ? value.entries : value
      return Array.isArray(paths) && isDeepStrictEqual(value, wrap(paths)) && paths.length === choices.length &&
        choices.every((choice, index) => choice.includes(paths[index]))
    }
  })

  const listing = (wrap: (paths: ReadonlyArray<string>) => unknown): Expected => {
    const exchange = last(own.filter(({ asked }) => isListing(asked.type)))
    const dirs = own.filter(({ asked }) => asked.type === MessageType.Dir)
    if (exchange !== undefined) {
      const frame = answerOf(exchange)
      if (frame !== undefined && frame.ret >= 0) return exactly(wrap(reference.paths(frame)))
      if (frame?.ret !== -42) return failureOf(exchange)
    } else if (dirs.length > 0 && !hasLearnt(isListing, dirs[0])) server.faults.push("DIR without need")
    const first = dirs.find((exchange) => !isReplayable(exchange)) ?? dirs.at(-1)
    if (first === undefined) return failureOf(undefined)
    const frame = answerOf(first)
    if (frame === undefined || frame.ret < 0) return failureOf(first)
    const paths = server.told(first).entries.map(reference.path)
    if (!slash) return exactly(wrap(paths))
    const others = dirs.slice(dirs.indexOf(first) + 1)
    if (others.length > 0) meet("entry by entry")
    const byPath = new Map<string, Array<Exchange>>()
    for (const exchange of others) {
      const path = reference.text(mutate.bytesOf(exchange.asked.path))
      byPath.set(path, [...byPath.get(path) ?? [], exchange])
    }
    const times = new Map<string, number>()
    for (const path of paths) times.set(path, (times.get(path) ?? 0) + 1)
    const failing: Array<Exchange | undefined> = []
    const choices = paths.map((path): ReadonlyArray<string> => {
      if (reference.isDevice(path)) return [`${path}/`]
      const choice: Array<string> = []
      const asking = byPath.get(path) ?? []
      for (const exchange of asking) {
        const ret = answerOf(exchange)?.ret
        if (ret !== undefined && ret >= 0) choice.push(`${path}/`)
        else if (ret === -1 || ret === -20) choice.push(path)
        else if (!isReplayable(exchange) || exchange === asking.at(-1)) failing.push(exchange)
      }
      // The same path may stand there twice, and is then asked for twice.
      if (choice.length < (times.get(path) ?? 0)) failing.push(undefined)
      return choice
    })
    return failing.length > 0 ? failureOf(...failing) : listed(wrap, choices)
  }

  const byList = (value: () => Expected): Expected => {
    meet("get by a listing")
    const expected = listing((entries) => ({ _tag: "Directory", entries }))
    const isProperty = expected._tag === "Failure" &&
      expected.of.some((exchange) => exchange !== undefined && answerOf(exchange)?.ret === -20)
    return isProperty ? value() : expected
  }

  const got = (): Expected => {
    const valueOf = (frame: reference.Frame): Expected => exactly({ _tag: "Value", bytes: frame.data })
    const reading = (): Expected => {
      const exchange = last(own.filter(({ asked }) => asked.type === MessageType.Read))
      const frame = exchange === undefined ? undefined : answerOf(exchange)
      return frame === undefined || frame.ret < 0 ? failureOf(exchange) : valueOf(frame)
    }
    const exchange = last(own.filter(({ asked }) => isGet(asked.type)))
    if (exchange === undefined) {
      if (own.length > 0 && !hasLearnt(isGet, own[0])) server.faults.push("a listing without need")
      return byList(reading)
    }
    const frame = answerOf(exchange)
    if (frame?.ret === -42) return byList(reading)
    if (frame === undefined || frame.ret < 0) return failureOf(exchange)
    if (frame.ret > 0) return valueOf(frame)
    if (frame.payload > 0) return exactly({ _tag: "Directory", entries: reference.paths(frame) })
    return byList(() => exactly({ _tag: "Value", bytes: new Uint8Array(0) }))
  }

  switch (method) {
    case "ping":
      return accepted(() => undefined)
    case "present":
      return present(false, () => true)
    case "romId":
      return present(undefined, ({ data }) => reference.romId(data))
    case "dir":
      return listing((paths) => paths)
    case "dirStream": {
      const exchange = last(own)
      const paths = exchange === undefined ? [] : server.told(exchange).entries.map(reference.path)
      if (!isDeepStrictEqual(paths, operation.streamed)) {
        server.faults.push(`streamed ${operation.streamed} of ${paths}`)
      }
      return accepted(() => undefined)
    }
    case "read":
      return accepted(({ data }) => data)
    case "readText":
      return accepted(({ data }) => reference.text(data))
    case "write":
      return single((frame, exchange) =>
        frame.ret < 0 || frame.size < exchange.asked.size ? failureOf(exchange) : exactly(undefined)
      )
    case "get":
      return got()
    default:
      return single((frame, exchange) => exactly({ ...frame, entries: server.told(exchange).entries }))
  }
}

const isDirectoryContent = (value: unknown): value is { readonly entries: ReadonlyArray<string> } =>
  typeof value === "object" && value !== null && "entries" in value

/** Whether an error says what became of an exchange. */
const explains = (operation: Operation, startedAt: number, server: Server, error: OwError.OwError) => {
  const isLate = (endedAt: number): boolean =>
    error._tag === "OwnetTimeout" && error.reason._tag === "Call" && operation.limit !== undefined &&
    endedAt - startedAt >= operation.limit
  const isBroken = server.failures() > 0 ||
    server.exchanges.some(({ mutations, tag }) => tag === 0 && mutations !== undefined)
  /** There was no connection to be had, and whoever was to be met there is to blame for that. */
  const isUnopened = isLate(server.now()) || (isBroken && (error._tag === "ProtocolError" ||
    (error._tag === "ConnError" && (error.reason._tag === "Silent" || error.reason._tag === "Connect"))))
  return (exchange: Exchange | undefined): boolean => {
    if (exchange === undefined) return isUnopened
    const { outcome } = server.told(exchange)
    switch (outcome._tag) {
      case "Answer":
        return outcome.frame.ret < 0
          ? error._tag === "OwnetError" && error.code === outcome.frame.ret
          : error._tag === "ProtocolError" && error.reason._tag === "ShortWrite" &&
            error.reason.accepted === outcome.frame.size && error.reason.sent === exchange.asked.size
      case "Unexpected":
        return error._tag === "ProtocolError" && error.reason._tag === "UnexpectedReply"
      case "Malformed":
        return error._tag === "ProtocolError" && error.reason._tag === "MalformedHeader"
      case "Waiting":
        if (exchange.end === "client") {
          return isLate(exchange.endedAt) ||
            (error._tag === "OwnetTimeout" && error.reason._tag === "Silence" &&
              exchange.endedAt - exchange.heardAt === silenceTimeout)
        }
        if (exchange.end === "open") return false
        if (outcome.received > 0) {
          return error._tag === "ProtocolError" && isDeepStrictEqual(error.reason, {
            _tag: "ShortRead",
            received: outcome.received,
            expected: outcome.expected
          })
        }
        return (error._tag === "ConnError" && error.reason._tag === "Closed" && error.requestSent) ||
          (isReplayable(exchange) && isUnopened)
    }
  }
}

const tags: ReadonlySet<string> = new Set([
  "OwnetError",
  "OwnetTimeout",
  "ConnError",
  "ProtocolError",
  "ArgumentError"
])

/** What every error owes to whoever reads it. */
const manners = (error: OwError.OwError, method: Operation["method"] | "connect"): string | undefined => {
  if (!tags.has(error._tag)) return "it is none of the five errors"
  if (!isLine(error.message)) return "its message is no line"
  if (typeof error.isRetryable !== "boolean") return "it does not say whether it is retryable"
  const operation = method === "readText" ? "read" : method === "dirStream" ? "dir" : method
  return error.operation === operation ? undefined : `it is the error of ${error.operation}`
}

const describeExit = (exit: Exit.Exit<unknown, unknown>): string =>
  Exit.isSuccess(exit) ? JSON.stringify(exit.value) ?? "nothing" : Cause.pretty(exit.cause)

/** What is wrong with the end of an operation. */
const verdict = (
  operation: Operation,
  startedAt: number,
  exit: Exit.Exit<unknown, OwError.OwError>,
  server: Server
): string | undefined => {
  const { method, tag } = operation
  const expected = expectation(operation, server)
  if (Exit.isSuccess(exit)) {
    meet(`${method} value`)
    if (expected._tag === "Failure") return "it should have failed"
    return expected.isRight(exit.value) ? undefined : `it should have given ${JSON.stringify(expected.shown)}`
  }
  const reason = exit.cause.reasons[0]
  if (exit.cause.reasons.length !== 1 || !Cause.isFailReason(reason)) return "it failed otherwise than by an error"
  const { error } = reason
  meet(`${method} failure`)
  meet(`${error._tag}${"reason" in error ? ` ${error.reason._tag}` : ""}`)
  const own = server.exchanges.filter((exchange) => exchange.tag === tag)
  const isWrite = method === "write" ||
    (method === "sendMessage" && own.some(({ asked }) => !idempotent.has(asked.type)))
  if (isWrite && own.length > 1) return "it was sent twice"
  if (isWrite && own.length > 0 && error.isRetryable) return "it is not to be repeated"
  const problem = manners(error, method)
  if (problem !== undefined) return problem
  if (error._tag === "OwnetError" && error.serverText !== undefined) {
    const { code, serverText } = error
    const isTheirs = server.exchanges.some((exchange) => {
      const { outcome } = server.told(exchange)
      return exchange.asked.path === ReturnCode.tablePath && outcome._tag === "Answer" &&
        reference.text(outcome.frame.data).split(",")[-code] === serverText
    })
    if (!isTheirs) return "the server never said so"
  }
  if (expected._tag === "Value") return `it should have given ${JSON.stringify(expected.shown)}`
  return expected.of.some(explains(operation, startedAt, server, error)) ? undefined : "nothing explains that"
}

/** Lets a server do its part until all fibers have ended and nothing is on its way, and says whether that came about. */
const drive = Effect.fnUntraced(function*(
  server: Server,
  fibers: ReadonlyArray<Fiber.Fiber<unknown, unknown>>,
  onStep: (step: number) => void = () => {}
) {
  const until = server.now() + patienceMillis
  let idle = 0
  for (let step = 0; server.now() < until; step++) {
    onStep(step)
    yield* Effect.yieldNow
    yield* Effect.yieldNow
    if (server.step()) {
      idle = 0
      continue
    }
    // Fibers that only wait for each other have come to rest by then.
    if (++idle < 5) continue
    if (fibers.every((fiber) => fiber.pollUnsafe() !== undefined) && server.nextAt() === Infinity) return true
    yield* TestClock.adjust(Math.min(2500, server.nextAt() - server.now()))
    idle = 0
  }
  return false
})

/** The client gave up later than it says. Whoever opens a link must answer in time, and keepalives are no answer. */
const isOverdue = (exchange: Exchange, server: Server): boolean => {
  const { asked, end, endedAt, heardAt, sentAt, tag } = exchange
  const isHandshake = tag === 0 && asked.type === MessageType.Nop
  const limit = isHandshake ? sentAt + connectTimeout : heardAt + silenceTimeout
  return end === "client" && endedAt > limit && server.told(exchange).outcome._tag === "Waiting"
}

/** What an honest server is asked, each with the only right answer. */
const probes = (number: number, limit: number) => {
  const path = `/${number}/probe`
  const entries = entriesOf(`${path}/dir`)
  const marked = entries.map((entry) => isDirectory(entry) ? `${entry}/` : entry)
  const bytes = mutate.bytesOf(path)
  const all: ReadonlyArray<
    readonly [ask: (ow: OwClient.Client) => Effect.Effect<unknown, OwError.OwError>, answer: unknown]
  > = [
    [(ow) => ow.read(`${path}/a`), mutate.bytesOf(`${path}/a`)],
    [(ow) => ow.readText(`${path}/b`), `${path}/b`],
    [(ow) => ow.dir(`${path}/dir`), marked],
    [(ow) => ow.dir(`${path}/dir`, { slash: false }), entries],
    [(ow) => Stream.runCollect(ow.dirStream(`${path}/dir`)), entries],
    [(ow) => ow.get(path), { _tag: "Value", bytes }],
    [(ow) => ow.get(`${path}/dir`), { _tag: "Directory", entries: marked }],
    [(ow) => ow.present(path), true],
    [(ow) => Effect.map(ow.romId(path), Option.getOrUndefined), reference.romId(idOf(path))],
    [(ow) => ow.write(path, bytes), undefined],
    [(ow) => ow.ping(), undefined],
    [(ow) => Effect.map(ow.sendMessage(MessageType.Read, path, { size: limit }), ({ data }) => data), bytes]
  ]
  return all
}

const fuzz = Effect.fnUntraced(function*(number: number) {
  const dice = mutate.dice(number + 2 ** 30)
  const limit = dice.chance(0.8) ? undefined : dice.pick([300, 5000])
  const most = limit ?? mutate.maxPayload
  const operations = Array.from(
    { length: dice.chance(0.6) ? 1 : 2 + dice.below(4) },
    (_, index) => makeOperation(dice, number, index + 1, most)
  )
  const maxConnections = 1 + dice.below(4)
  const clock = yield* Clock.Clock
  const server = makeServer(dice, clock, {
    limit: most,
    maxConnections,
    // A listing may lead to any number of questions.
    mostMutated: 12,
    isRaw: (tag) => operations[tag - 1]?.method === "sendMessage",
    knowsDirOnly: dice.chance(0.2),
    reply: (asked) => mutate.stream(dice, asked, most)
  })
  const fail = (problem: string): never => {
    const lines = server.exchanges.slice(0, 20).map(({ asked, chunks, end, mutations, tag }) =>
      `  ${tag}: ${MessageType.name(asked.type)} ${JSON.stringify(asked.path)} (${
        mutations?.join() ?? "honest"
      }; ${end})` +
      chunks.slice(0, 8).map((chunk) => ` ${hex(chunk)}`).join("")
    )
    throw new Error(`${[...server.faults, problem].join("; ")}\n${lines.join("\n")}`)
  }
  const check = (problem: string | undefined): void => {
    if (problem !== undefined || server.faults.length > 0) fail(problem ?? "")
  }

  const scope = yield* Scope.make()
  const making = yield* OwClient.make({
    lazy: dice.chance(0.9),
    maxConnections,
    maxPayload: most,
    connectTimeout,
    silenceTimeout
  }).pipe(
    Effect.provideService(Connector.Connector, server.connector),
    Scope.provide(scope),
    Effect.forkChild
  )
  if (!(yield* drive(server, [making]))) fail("making the client hangs")
  const made = yield* Fiber.await(making)
  if (Exit.isSuccess(made)) {
    const ow = made.value
    const startedAt = operations.map(({ delay }) => server.now() + delay)
    const fibers = yield* Effect.forEach(operations, ({ delay, run }) => Effect.forkChild(Effect.delay(run(ow), delay)))
    const interruptedAt = dice.chance(0.1) ? dice.below(20) : -1
    const hasEnded = yield* drive(server, fibers, (step) => {
      if (step === interruptedAt) fibers[0].interruptUnsafe()
    })
    if (!hasEnded) {
      fail(`no end: ${operations.filter((_, i) => fibers[i].pollUnsafe() === undefined).map((o) => o.method)}`)
    }
    for (const [index, operation] of operations.entries()) {
      const exit = yield* Fiber.await(fibers[index])
      if (index === 0 && interruptedAt >= 0 && Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)) continue
      const problem = verdict(operation, startedAt[index], exit, server)
      check(
        problem === undefined ? undefined : `${operation.tag}: ${operation.method}: ${problem}: ${describeExit(exit)}`
      )
    }
    // What is being opened was begun in worse times.
    for (let second = 0; server.isBusy(); second++) {
      if (second > 10) fail("a link is waited for without end")
      yield* TestClock.adjust(1000)
      yield* drive(server, [])
    }
    server.becomeHonest()
    const own = probes(number, most)
    const asked = Array.from({ length: 1 + dice.below(4) }, () => dice.pick(own))
    const asking = yield* Effect.forEach(asked, ([ask]) => Effect.forkChild(ask(ow)))
    if (!(yield* drive(server, asking))) fail("an honest server is waited for")
    for (const [index, [, answer]] of asked.entries()) {
      const exit = yield* Fiber.await(asking[index])
      const isRight = Exit.isSuccess(exit) && isDeepStrictEqual(exit.value, answer)
      check(isRight ? undefined : `an honest server: ${describeExit(exit)} instead of ${JSON.stringify(answer)}`)
    }
  } else {
    const reason = made.cause.reasons[0]
    if (made.cause.reasons.length !== 1 || !Cause.isFailReason(reason)) return fail(describeExit(made))
    meet(`connect ${reason.error._tag}`)
    check(manners(reason.error, "connect"))
  }
  check(server.exchanges.some((exchange) => isOverdue(exchange, server)) ? "a link was waited for too long" : undefined)
  yield* Scope.close(scope, Exit.void)
  check(server.links() === 0 ? undefined : `${server.links()} links left`)
})

describe("mutated replies through a client", () => {
  for (const cases of batchesOf(count)) {
    it.effect(nameOf(cases), () =>
      Effect.forEach(cases, (number) =>
        Effect.catchCause(
          fuzz(number),
          (cause) => Effect.sync(() => assert.fail(`${caseOf(number)}: ${Cause.pretty(cause)}`))
        ), { discard: true }), patience)
  }
})

describe("the memory of a client", () => {
  it.effect("holds one payload a connection at most, whatever is announced", () =>
    Effect.gen(function*() {
      const dice = mutate.dice(3)
      const maxConnections = 4
      const announced = [mutate.maxPayload, mutate.maxPayload, mutate.maxPayload + 1, 2 ** 24, 2 ** 31 - 1]
      const server = makeServer(dice, yield* Clock.Clock, {
        limit: mutate.maxPayload,
        maxConnections,
        mostMutated: Infinity,
        isRaw: () => false,
        knowsDirOnly: false,
        reply: () => ({
          bytes: mutate.frame({ payload: dice.pick(announced), size: 0 }, dice.bytes(dice.below(60))),
          mutations: ["announced"]
        })
      })
      const ow = yield* Effect.provideService(
        OwClient.make({
          lazy: true,
          maxConnections,
          connectTimeout,
          silenceTimeout,
          maxPayload: mutate.maxPayload
        }),
        Connector.Connector,
        server.connector
      )
      collectGarbage()
      const before = process.memoryUsage().arrayBuffers
      // An error that is kept keeps all that its stack, as long as nobody has read it, was made in: none is kept.
      const calls = yield* Effect.forEach(
        Array.from({ length: 400 }, (_, index) => `/${index}`),
        (path) => Effect.ignore(ow.read(path, { flags: { other: 1 << tagShift } })),
        { concurrency: 6 }
      ).pipe(Effect.forkChild)
      assert.isTrue(yield* drive(server, [calls]))
      assert.isAbove(server.exchanges.length, 400)
      // What the server has written down knows the links, and those know the client's connections.
      server.forget()
      collectGarbage()
      const held = process.memoryUsage().arrayBuffers - before
      assert.isBelow(held, 2 * maxConnections * (mutate.maxPayload + besides))
    }))
})

describe("what has been found", () => {
  const messageOf = (path: string, serverText: string) =>
    Effect.gen(function*() {
      const server = yield* scripted.make(
        scripted.answers((_, path) => path === ReturnCode.tablePath ? ",".repeat(200) + serverText : -200)
      )
      const ow = yield* scripted.client(server)
      return (yield* Effect.flip(ow.read(path))).message
    })

  it.effect("an error's message is one line, whatever the server calls the code", () =>
    Effect.map(messageOf("/path", "two\nlines"), (message) => assert.isTrue(isLine(message), message)))

  it.effect("an error's message is one line, whatever the path", () =>
    Effect.gen(function*() {
      for (const path of ["/next\u0085line", "/line\u2028separator"]) {
        const message = yield* messageOf(path, "a text")
        assert.isTrue(isLine(message), message)
      }
    }))

  it.effect("a server that refuses DIR has not refused GET", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
          // Neither an empty value nor an empty directory can be told by its listing here.
          peer.send(scripted.reply(header, "", { ret: header.type === MessageType.Get ? 0 : -42 }))))
      )
      const ow = yield* scripted.client(server)
      yield* Effect.flip(ow.get("/path", { slash: false }))
      assert.deepStrictEqual(
        server.requests.flatMap(({ text, type }) => text === "/path|" ? [type] : []),
        [MessageType.Get, MessageType.DirAll, MessageType.Dir]
      )
    }))
})

/** The end of every operation, and every failure that a reply can cause. */
const everything: ReadonlyArray<string> = [
  ...["whole", "short", "broken"].map((end) => `decoder ${end}`),
  ...methods.flatMap((method) => [`${method} value`, `${method} failure`]),
  ...["NotFound", "NotDirectory", "IsDirectory", "BusFault", "Unsupported", "Other"].map((tag) => `OwnetError ${tag}`),
  ...["Call", "Silence"].map((tag) => `OwnetTimeout ${tag}`),
  ...["Connect", "Silent", "Closed"].map((tag) => `ConnError ${tag}`),
  ...["MalformedHeader", "ShortRead", "ShortWrite", "UnexpectedReply"].map((tag) => `ProtocolError ${tag}`),
  "replay",
  "entry by entry",
  "get by a listing",
  "connect ConnError",
  "connect ProtocolError"
]

describe("the fuzzing itself", () => {
  it.skipIf(alone !== undefined || count < 1000)("has met every kind of end", () => {
    assert.deepStrictEqual(everything.filter((what) => !met.has(what)), [])
  })
})
