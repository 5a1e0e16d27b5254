/** The way to the history of a hub that reads a journal, which may be killed, or frozen, or cut off from the history at any time. */
import { History, HistoryError, type Notices } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Writer } from "../../src/internal/Writer.ts"
import { random } from "../fixtures/story.ts"

const unreachable = new HistoryError.HistoryError({
  reason: "Unreachable",
  operation: "Writing to the history",
  database: "test",
  problem: "the connection is lost"
})

/** Whether a batch is not written, or its answer is lost, or comes too late. */
type Cut = "before" | "after" | "late" | undefined

const cuts: ReadonlyArray<Cut> = [undefined, undefined, undefined, "before", "after", "late"]

type Service = History.History["Service"]

/** A history in memory. `cut` says of each batch whether it is written, and whether its answer arrives. */
const flaky = Effect.gen(function*() {
  const history = Context.get(yield* Layer.build(Layer.fresh(History.layerMemory)), History.History)
  const batches: Array<History.Batch> = []
  const state = { history, batches, cut: (): Cut => undefined }
  const append: Service["append"] = (batch) =>
    Effect.suspend(() => {
      const cut = state.cut()
      if (cut === "before") return Effect.fail(unreachable)
      if (cut === "late") return Effect.delay(Effect.fail(unreachable), "20 seconds")
      const written = Effect.tap(history.append(batch), () => Effect.sync(() => batches.push(batch)))
      return cut === "after" ? Effect.andThen(written, Effect.fail(unreachable)) : written
    })
  return Object.assign(state, { service: { ...history, append } satisfies Service })
})

type Flaky = Effect.Success<typeof flaky>

const minute = 60_000

/** The writer of a hub that has just taken over. */
const takeOver = Effect.fnUntraced(function*({ service }: Flaky, buffer = 1000) {
  const keeper = yield* service.takeOver
  const events: Array<History.Event> = []
  const writer: Writer = new Writer(service, yield* service.series, yield* Clock.Clock, {
    flush: minute,
    buffer,
    keeper,
    tell: (event) => void events.push(event)
  })
  return { writer, events, position: (yield* service.position) ?? 0 }
})

const device = (n: number): string => `28.00000000000${n % 3}`

/** What follows from a batch of the journal. */
const follow = (writer: Writer, position: number): void => {
  const event = { at: position, kind: "Raised", text: String(position) }
  const row = {
    device: device(position),
    property: "temperature",
    unit: "°C",
    at: position,
    verdict: "Plausible" as const
  }
  writer.push({ rows: [{ ...row, value: position }], events: [event] })
  if (position % 7 === 0) writer.pushTurn({ phase: "Began", notice: noticeOf(position) }, ["phone"])
  writer.reached(position, position % 5 === 0 ? [{ server: `${position % 2}`, text: String(position) }] : [])
}

const noticeOf = (position: number): Notices.Notice => ({
  id: `n-${position}`,
  kind: "NoNews",
  isUrgent: false,
  since: position,
  text: "silent"
})

/** All that is in the history. */
const written = Effect.fnUntraced(function*({ history }: Flaky) {
  const rows: Array<number | undefined> = []
  for (const place of new Set((yield* history.series).map(({ place }) => place))) {
    const found = yield* Stream.runCollect(history.rows({ place, property: "temperature", from: 0, to: 1e9 }))
    rows.push(...found.map(({ value }) => value))
  }
  return {
    position: yield* history.position,
    rows: rows.toSorted((a, b) => (a ?? 0) - (b ?? 0)),
    events: (yield* history.events({ from: 0, to: 1e9, limit: 10_000 })).toReversed().map(({ text }) => Number(text)),
    turns: (yield* history.untold).map(({ notice }) => notice.id),
    standing: Object.fromEntries(yield* history.standing)
  }
})

/** All that has to be in it when the journal has been followed to a position. */
const expected = (position: number) => {
  const all = Array.from({ length: position }, (_, i) => i + 1)
  const fives = all.filter((n) => n % 5 === 0)
  const standing = ["0", "1"].flatMap((server) => {
    const last = fives.findLast((n) => `${n % 2}` === server)
    return last === undefined ? [] : [[server, String(last)]]
  })
  return {
    position,
    rows: all,
    events: all,
    turns: all.filter((n) => n % 7 === 0).map((n) => `n-${n}`),
    standing: Object.fromEntries(standing)
  }
}

describe("the writer of a fleet", () => {
  it.effect("writes all that waits at once, with the position, and a turn of a notice without delay", () =>
    Effect.gen(function*() {
      const book = yield* flaky
      const { writer } = yield* takeOver(book)
      yield* Effect.forkScoped(writer.run)
      for (let n = 1; n <= 6; n++) follow(writer, n)
      yield* TestClock.adjust("59 seconds")
      assert.lengthOf(book.batches, 0)
      yield* TestClock.adjust("1 second")
      assert.lengthOf(book.batches, 1)
      assert.deepStrictEqual(yield* written(book), expected(6))
      follow(writer, 7)
      yield* writer.keepTurns
      assert.lengthOf(book.batches, 2)
      assert.deepStrictEqual(yield* written(book), expected(7))
      // Nothing has come since, and still is known that measuring went on.
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(book.batches.map(({ progress }) => progress?.position), [6, 7, undefined])
      assert.strictEqual(yield* book.history.lastSeen, 120)
    }))

  it.effect("ends each transaction where a batch of the journal ends", () =>
    Effect.gen(function*() {
      const book = yield* flaky
      const { writer } = yield* takeOver(book, 100_000)
      book.cut = () => "before"
      yield* Effect.flip(writer.flush)
      for (let position = 1; position <= 20; position++) {
        for (let n = 0; n < 150; n++) {
          const at = position * 1000 + n
          const row = {
            device: device(0),
            property: "temperature",
            unit: undefined,
            at,
            value: n,
            verdict: "Plausible" as const
          }
          writer.push({ rows: [row], events: [] })
        }
        writer.reached(position)
      }
      book.cut = () => undefined
      yield* writer.flush
      assert.deepStrictEqual(
        book.batches.map(({ progress, rows }) => [progress?.position, rows.length]),
        [[undefined, 0], [7, 1050], [14, 1050], [20, 900]]
      )
      assert.strictEqual(writer.waitingCount, 0)
    }))

  it.effect("has everything of the journal once, whenever hubs are killed, frozen, or cut off from the history", () =>
    Effect.forEach(Array.from({ length: 15 }, (_, i) => i + 1), (seed) =>
      Effect.gen(function*() {
        const { below, isOnce } = random(seed)
        const book = yield* flaky
        let isWell = false
        book.cut = () => isWell ? undefined : cuts[below(cuts.length)]
        const last = 150
        /** Frozen hubs, and where they were. */
        const frozen: Array<{ readonly writer: Writer; position: number }> = []
        let scope = yield* Scope.make()
        let hub = yield* takeOver(book)
        yield* Effect.forkIn(hub.writer.run, scope)
        while (hub.position < last) {
          isWell = isOnce(8)
          hub.position++
          follow(hub.writer, hub.position)
          if (isOnce(3)) yield* Effect.forkIn(hub.writer.keepTurns, scope)
          if (isOnce(4)) yield* TestClock.adjust(1000 * below(90))
          if (isOnce(15)) {
            // One that is killed writes no more, and one that is frozen tries to when it is thawed.
            if (isOnce(2)) frozen.push(hub)
            else yield* Scope.close(scope, Exit.void)
            scope = yield* Scope.make()
            hub = yield* takeOver(book)
            yield* Effect.forkIn(hub.writer.run, scope)
          }
          if (isOnce(10)) {
            for (const other of frozen) {
              follow(other.writer, ++other.position)
              yield* Effect.forkChild(Effect.ignore(other.writer.flush))
            }
            yield* TestClock.adjust("1 second")
          }
        }
        isWell = true
        yield* TestClock.adjust("10 minutes")
        assert.deepStrictEqual(yield* written(book), expected(last), `seed ${seed}`)
        assert.isUndefined(hub.writer.failing)
        yield* Scope.close(scope, Exit.void)
      }).pipe(Effect.scoped), { discard: true }))

  it.effect("stops for good once another hub has taken over, and tells no notice any more", () =>
    Effect.gen(function*() {
      const book = yield* flaky
      const { events, writer } = yield* takeOver(book)
      yield* Effect.forkScoped(writer.run)
      const fenced = yield* Effect.forkChild(Effect.flip(writer.fenced))
      follow(writer, 1)
      yield* TestClock.adjust("1 minute")
      const next = yield* takeOver(book)
      assert.strictEqual(next.position, 1)
      follow(writer, 7)
      const keeping = yield* Effect.forkChild(writer.keepTurns)
      yield* TestClock.adjust("1 hour")
      const error = yield* Fiber.join(fenced)
      assert.strictEqual(error.reason, "Superseded")
      assert.strictEqual(writer.failing?.message, error.message)
      assert.isUndefined(keeping.pollUnsafe())
      follow(writer, 14)
      assert.strictEqual((yield* Effect.flip(writer.flush)).reason, "Superseded")
      assert.deepStrictEqual(yield* writer.waiting, { rows: [], events: [] })
      yield* writer.last
      assert.deepStrictEqual(yield* written(book), expected(1))
      // It is no failure of the history, of which there would be news.
      assert.lengthOf(events, 0)
      yield* Fiber.interrupt(keeping)
    }))

  it.effect("drops what is oldest while the history is away, and says that nothing is known from there on", () =>
    Effect.gen(function*() {
      const book = yield* flaky
      const { events, writer } = yield* takeOver(book, 100)
      yield* Effect.forkScoped(writer.run)
      book.cut = () => "before"
      for (let n = 1; n <= 10; n++) follow(writer, n)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(events.map(({ kind }) => kind), ["HistoryFailed"])
      assert.match(events[0]?.text ?? "", /Until it can be, the latest 100 values wait in memory$/)
      for (let n = 11; n <= 300; n++) follow(writer, n)
      assert.isAtMost(writer.waitingCount, 110)
      book.cut = () => undefined
      yield* TestClock.adjust("10 minutes")
      const { position, rows, standing, turns } = yield* written(book)
      assert.strictEqual(position, 300)
      assert.deepStrictEqual(standing, expected(300).standing)
      assert.deepStrictEqual(turns, expected(300).turns)
      // The batch that may have been written is whole.
      assert.deepStrictEqual(rows.filter((value) => (value ?? 0) < 12 && value !== undefined), expected(10).rows)
      assert.lengthOf(rows.filter((value) => value === undefined), 3)
      assert.include(rows, 300)
      assert.deepStrictEqual(events.map(({ kind }) => kind), ["HistoryFailed", "HistoryRecovered"])
      assert.strictEqual(writer.droppedCount, 300 - rows.filter((value) => value !== undefined).length)
    }))
})
