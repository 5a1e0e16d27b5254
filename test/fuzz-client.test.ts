/**
 * Thousands of replies that no server should send, through a client. Each answer is compared with a plain reading of the received
 * bytes.
 */
import { Connector, MessageType, OwClient, type OwError } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Effect, Exit, Fiber, Option, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { isDeepStrictEqual } from "node:util"
import { batchesOf, caseOf, count, hex, isWhole, meet, met, nameOf, patience, sumUp } from "./fixtures/cases.ts"
import * as mutate from "./fixtures/mutate.ts"
import {
  connectTimeout,
  drive,
  entriesOf,
  type Exchange,
  idOf,
  isDirectory,
  makeServer,
  type Server,
  silenceTimeout
} from "./fixtures/mutatingServer.ts"
import { describeExit, makeOperation, manners, methods, verdict } from "./fixtures/operation.ts"
import * as reference from "./fixtures/reference.ts"

/**
 * Whether the client gave up later than its error says. A handshake must be answered in time, and keepalives are not an answer.
 */
const isOverdue = (exchange: Exchange, server: Server): boolean => {
  const { asked, end, endedAt, heardAt, sentAt, tag } = exchange
  const isHandshake = tag === 0 && asked.type === MessageType.Nop
  const limit = isHandshake ? sentAt + connectTimeout : heardAt + silenceTimeout
  return end === "client" && endedAt > limit && server.told(exchange).outcome._tag === "Waiting"
}

/** Requests to an unmutated server, each with its only right answer. */
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
    [(ow) => Effect.asVoid(ow.ping()), undefined],
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
    // A listing may lead to any number of requests.
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
    // Links that are being opened were begun before the mutations ended.
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

sumUp(count)

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

/** The outcome of every operation, and every failure that a reply can cause. */
const everything: ReadonlyArray<string> = [
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
  it.skipIf(!isWhole)("has met every kind of end", () => {
    assert.deepStrictEqual(everything.filter((what) => !met.has(what)), [])
  })
})
