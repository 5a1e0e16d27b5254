import { MulticastDns } from "@effect-ownet/core"
import type * as NodeBrowse from "@effect-ownet/node/NodeBrowse"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as Browsing from "../../src/internal/Browsing.ts"
import * as announced from "../fixtures/announced.ts"

const source = { address: "10.77.0.9", zone: undefined }

/** A link whose other end is the test. */
const make = Effect.fnUntraced(function*(sending: Effect.Effect<void, string> = Effect.void) {
  const inbox = yield* Queue.unbounded<Browsing.Received, string>()
  const sent: Array<number> = []
  const link: Browsing.Link<string> = {
    send: () =>
      Effect.andThen(Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.sync(() => sent.push(now))), sending),
    receive: Queue.takeAll(inbox)
  }
  const receive = (payload: Uint8Array) => Effect.asVoid(Queue.offer(inbox, { payload, source }))
  return {
    link,
    sent,
    receive,
    announce: (...given: Parameters<typeof announced.whole>) => receive(MulticastDns.encode(announced.whole(...given))),
    end: Queue.fail(inbox, "the link is gone")
  }
})

const follow = Effect.fnUntraced(function*(...links: [Browsing.Link<string>, ...Array<Browsing.Link<string>>]) {
  const events: Array<NodeBrowse.Event> = []
  const fiber = yield* Browsing.follow(links).pipe(
    Stream.runForEach((event) => Effect.sync(() => events.push(event))),
    Effect.flip,
    Effect.forkChild
  )
  // The clock goes on once everybody waits for it.
  yield* TestClock.adjust("1 millis")
  return { fiber, told: () => events.map(({ _tag, at }) => `${at.getTime()} ${_tag}`) }
})

describe("following", () => {
  it.effect("asks on every link, at once, after 1 and 4 seconds", () =>
    Effect.gen(function*() {
      const one = yield* make()
      const other = yield* make(Effect.fail("no route"))
      yield* follow(one.link, other.link)
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(one.sent, [0, 1000, 4000])
      assert.deepStrictEqual(other.sent, [0, 1000, 4000])
    }))

  it.effect("tells what comes by any link once, when it comes and when it goes", () =>
    Effect.gen(function*() {
      const one = yield* make()
      const other = yield* make()
      const { told } = yield* follow(one.link, other.link)
      yield* one.receive(Uint8Array.of(1, 2, 3))
      yield* one.announce()
      yield* other.announce()
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(told(), ["101 Announced"])
      yield* other.announce({ ttl: 0, hostTtl: 0 })
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(told(), ["101 Announced", "2001 Withdrawn"])
    }))

  it.effect("goes on as long as one link works, and fails with the first", () =>
    Effect.gen(function*() {
      const one = yield* make()
      const other = yield* make()
      const { fiber, told } = yield* follow(one.link, other.link)
      yield* one.end
      yield* TestClock.adjust("1 seconds")
      yield* other.announce()
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(told(), ["1101 Announced"])
      yield* other.end
      assert.strictEqual(yield* Fiber.join(fiber), "the link is gone")
    }))

  it.effect("fails if no link takes a question, and does not wait for one that takes nothing", () =>
    Effect.gen(function*() {
      const deaf = yield* make(Effect.fail("no route"))
      const { fiber } = yield* follow(deaf.link)
      assert.strictEqual(yield* Fiber.join(fiber), "no route")
      const stuck = yield* make(Effect.never)
      const other = yield* make()
      const { told } = yield* follow(stuck.link, other.link)
      yield* other.announce()
      yield* TestClock.adjust("200 millis")
      assert.lengthOf(told(), 1)
    }))
})
