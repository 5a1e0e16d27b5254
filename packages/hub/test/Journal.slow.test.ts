/** The journal of a fleet: one order for all, each event once, and nothing lost by a database that comes and goes. */
import { HistoryError, Journal, NodeSqlite } from "@effect-ownet/hub"
import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Schedule, Scope, Stream } from "effect"
import * as FleetTables from "../src/internal/fleet/FleetTables.ts"
import * as Notifications from "../src/internal/fleet/Notifications.ts"
import * as SqlJournal from "../src/internal/fleet/SqlJournal.ts"
import * as Fleets from "./fixtures/fleets.ts"
import * as Postgres from "./fixtures/postgres.ts"
import { clients, reading, valuesOf } from "./fixtures/seen.ts"

describe("a journal in memory", () => {
  it.effect("tells all that come after a reader", () =>
    Effect.gen(function*() {
      const journal = yield* Journal.Journal
      yield* journal.append(reading("pi", 0))
      const found = yield* Effect.forkChild(Stream.runCollect(Stream.take(journal.batches(undefined), 3)))
      yield* Effect.yieldNow
      for (let i = 1; i <= 3; i++) yield* journal.append(reading("pi", i))
      assert.deepStrictEqual(valuesOf(yield* Fiber.join(found)), [1, 2, 3])
      assert.strictEqual(yield* journal.last, 4)
    }).pipe(Effect.provide(Journal.layerMemory)))
})

describe("a journal in a table", () => {
  it.effect("is refused by what is no PostgreSQL", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(
        Journal.layerSql({ runner: "a:1" }).pipe(
          Layer.provide([clients, NodeSqlite.layer(":memory:")])
        )
      )))
      assert.instanceOf(error, HistoryError.HistoryError)
      assert.strictEqual(error.reason, "Refused")
      assert.include(error.message, "a fleet needs PostgreSQL")
    }))
})

/** A journal of a runner, for as long as the scope is open. */
const journalOf = (url: string, runner: string, buffer?: number) =>
  Effect.map(
    Fleets.build(url, Journal.layerSql({ runner, buffer }), runner),
    (context) => Context.get(context, Journal.Journal)
  )

/** The batches after a position, until so many events have come. */
const collect = (journal: Journal.Journal["Service"], after: number | undefined, count: number) =>
  Effect.suspend(() => {
    let seen = 0
    return journal.batches(after).pipe(
      Stream.takeUntil(({ events }) => (seen += events.length) >= count),
      Stream.runCollect,
      Effect.timeout("20 seconds")
    )
  })

const settled = (journal: Journal.Journal["Service"]) =>
  Effect.repeat(Effect.andThen(Effect.sleep("20 millis"), journal.health), {
    until: ({ waiting }) => waiting === 0
  })

Postgres.describe("a journal", () => {
  layer(Fleets.server, { timeout: 60_000, excludeTestServices: true })("in PostgreSQL", (it) => {
    it.effect("has one order for all, whoever writes", () =>
      Effect.gen(function*() {
        const url = yield* Fleets.fresh
        // All make the tables at the same time.
        const journals = yield* Effect.forEach(["a:1", "b:1", "c:1"], (runner) => journalOf(url, runner), {
          concurrency: "unbounded"
        })
        const each = 200
        const readers = yield* Effect.forEach(journals, (journal) => Effect.forkChild(collect(journal, 0, 2 * each)))
        yield* Effect.forEach(journals.slice(0, 2), (journal, writer) =>
          Effect.forEach(
            Array.from({ length: each }, (_, i) => i),
            (i) => Effect.andThen(journal.append(reading(`pi${writer}`, i)), Effect.sleep("8 millis")),
            { discard: true }
          ), {
          concurrency: "unbounded"
        })
        const [first, ...others] = yield* Effect.forEach(readers, Fiber.join)
        assert(first !== undefined)
        const positions = first.map(({ position }) => position)
        assert.deepStrictEqual(positions, positions.toSorted((a, b) => a - b))
        assert.isAbove(new Set(first.map(({ runner }) => runner)).size, 1)
        const order = (batches: ReadonlyArray<Journal.Batch>) =>
          batches.map(({ at, events, position, runner }) => [
            at,
            position,
            runner,
            events.map(({ server }) => server),
            valuesOf([{ events, at, position, runner }])
          ])
        for (const other of others) assert.deepStrictEqual(order(other), order(first))
        for (const server of ["pi0", "pi1"]) {
          const values = first.flatMap(({ events }) => events).filter((event) => event.server === server).map((event) =>
            event._tag === "Reading" && event.value
          )
          assert.deepStrictEqual(values, Array.from({ length: each }, (_, i) => i))
        }
        const last = first.at(-1)?.position
        assert.strictEqual(yield* journals[2]!.last, last)
      }))

    it.effect("begins where it is told to, and forgets what it is told to", () =>
      Effect.gen(function*() {
        const url = yield* Fleets.fresh
        const journal = yield* journalOf(url, "a:1")
        assert.strictEqual(yield* journal.last, 0)
        for (let i = 0; i < 3; i++) {
          yield* journal.append(reading("pi", i))
          yield* settled(journal)
        }
        const all = yield* collect(journal, 0, 3)
        assert.deepStrictEqual(valuesOf(yield* collect(journal, all[0]!.position, 2)), [1, 2])
        const later = yield* Effect.forkChild(collect(journal, undefined, 1))
        yield* Effect.sleep("300 millis")
        yield* journal.append(reading("pi", 3))
        assert.deepStrictEqual(valuesOf(yield* Fiber.join(later)), [3])
        yield* journal.forget(all[2]!.position)
        const rest = yield* collect(journal, 0, 1)
        assert.deepStrictEqual(valuesOf(rest), [3])
        // The newest of each writer stays.
        yield* journal.forget(rest[0]!.position)
        assert.strictEqual(yield* journal.last, rest[0]!.position)
      }))

    it.effect("goes on after a position that a table that was made anew does not have yet", () =>
      Effect.gen(function*() {
        const url = yield* Fleets.fresh
        const journal = yield* journalOf(url, "a:1")
        // Followers may write before the first reader is there.
        for (let i = 1; i <= 2; i++) {
          yield* journal.append(reading("pi", i))
          yield* settled(journal)
        }
        const found = yield* collect(journal, 500, 2)
        assert.deepStrictEqual(valuesOf(found), [1, 2])
        assert.deepStrictEqual(found.map(({ position }) => position), [501, 502])
        const going = yield* Effect.forkChild(collect(journal, 502, 1))
        yield* Effect.sleep("300 millis")
        yield* Fleets.withSql(url, (sql) => sql`TRUNCATE ow_fleet_journal RESTART IDENTITY`)
        // It is found out once nothing has come for a second.
        yield* Fleets.withSql(url, (sql) => sql`SELECT last_value FROM ow_fleet_journal_position_seq`).pipe(
          Effect.repeat({ until: ([row]) => Number(row?.last_value) >= 502, schedule: Schedule.spaced("100 millis") }),
          Effect.timeout("20 seconds")
        )
        yield* journal.append(reading("pi", 3))
        assert.deepStrictEqual(valuesOf(yield* Fiber.join(going)), [3])
      }))

    it.effect("forgets what nobody has read for a day", () =>
      Effect.gen(function*() {
        const url = yield* Fleets.fresh
        const journal = yield* journalOf(url, "a:1")
        yield* journal.append(reading("pi", 1))
        yield* settled(journal)
        yield* Fleets.withSql(url, (sql) =>
          sql`INSERT INTO ow_fleet_journal (writer, turn, runner, at, events)
            SELECT 'old', i, 'b:1', extract(epoch FROM now()) - 90000, '' FROM generate_series(1, 500) AS i`)
        yield* Fleets.build(
          url,
          Layer.effectDiscard(SqlJournal.make({ runner: "c:1", buffer: 10, tidyEvery: "50 millis" })).pipe(
            Layer.provide(Notifications.layer),
            Layer.provide(FleetTables.layer)
          )
        )
        const left = yield* Fleets.withSql(url, (sql) => sql`SELECT writer FROM ow_fleet_journal`).pipe(
          Effect.repeat({ until: (rows) => rows.length < 501, schedule: Schedule.spaced("50 millis") }),
          Effect.timeout("20 seconds")
        )
        assert.lengthOf(left, 1)
        assert.deepStrictEqual(valuesOf(yield* collect(journal, 0, 1)), [1])
      }))

    it.effect("has a batch once, even if the answer to it is lost", () =>
      Effect.gen(function*() {
        const url = yield* Fleets.fresh
        const relay = yield* Fleets.relay(url)
        const journal = yield* journalOf(relay.url, "a:1")
        const other = yield* journalOf(url, "b:1")
        // Its connections are there.
        yield* journal.append(reading("pi", -1))
        yield* settled(journal)
        const after = yield* other.last
        yield* relay.deafen
        yield* journal.append(reading("pi", 0))
        yield* collect(other, after, 1)
        // It is in the table, and its writer does not know that.
        assert.strictEqual((yield* journal.health).waiting, 1)
        yield* relay.cut
        yield* journal.append(reading("pi", 1))
        yield* settled(journal)
        assert.deepStrictEqual(valuesOf(yield* collect(journal, after, 2)), [0, 1])
        assert.deepStrictEqual(yield* journal.health, { waiting: 0, dropped: 0, failing: undefined })
      }))

    it.effect("waits for a database that was killed, and neither loses nor repeats anything", () =>
      Effect.gen(function*() {
        const server = yield* Postgres.Server
        const url = yield* Fleets.fresh
        const [writer, reader] = yield* Effect.forEach(["a:1", "b:1"], (runner) => journalOf(url, runner))
        assert(writer !== undefined && reader !== undefined)
        const count = 200
        const read = yield* Effect.forkChild(collect(reader, 0, count))
        const write = yield* Effect.forkChild(
          Effect.forEach(
            Array.from({ length: count }, (_, i) => i),
            (i) => Effect.andThen(writer.append(reading("pi", i)), Effect.sleep("15 millis")),
            { discard: true }
          )
        )
        yield* Effect.sleep("700 millis")
        const { failing, waiting } = yield* server.restart(Effect.andThen(Effect.sleep("1500 millis"), writer.health))
        assert.isAbove(waiting, 0)
        assert.isDefined(failing)
        yield* Fiber.join(write)
        assert.deepStrictEqual(valuesOf(yield* Fiber.join(read)), Array.from({ length: count }, (_, i) => i))
        yield* settled(writer)
        assert.deepStrictEqual(yield* writer.health, { waiting: 0, dropped: 0, failing: undefined })
      }))

    it.effect("drops the oldest if it cannot be written for too long, and counts them", () =>
      Effect.gen(function*() {
        const server = yield* Postgres.Server
        const url = yield* Fleets.fresh
        const journal = yield* journalOf(url, "a:1", 10)
        yield* server.restart(Effect.gen(function*() {
          yield* journal.append(reading("pi", 0))
          // It is on its way, and stays what it is.
          yield* Effect.repeat(Effect.andThen(Effect.sleep("20 millis"), journal.health), {
            until: ({ failing }) => failing !== undefined
          })
          for (let i = 1; i <= 25; i++) yield* journal.append(reading("pi", i))
          const { dropped, waiting } = yield* journal.health
          assert.deepStrictEqual([dropped, waiting], [15, 11])
        }))
        yield* settled(journal)
        assert.deepStrictEqual(
          valuesOf(yield* collect(journal, 0, 11)),
          [0, ...Array.from({ length: 10 }, (_, i) => 16 + i)]
        )
        assert.deepStrictEqual(yield* journal.health, { waiting: 0, dropped: 15, failing: undefined })
      }))

    it.effect("writes what waits at its end, and does not wait for a database that is silent", () =>
      Effect.gen(function*() {
        const server = yield* Postgres.Server
        const url = yield* Fleets.fresh
        const other = yield* journalOf(url, "b:1")
        const scope = yield* Scope.make()
        const journal = yield* Scope.provide(journalOf(url, "a:1"), scope)
        yield* journal.append(reading("pi", 0))
        yield* Scope.close(scope, Exit.void)
        assert.deepStrictEqual(valuesOf(yield* collect(other, 0, 1)), [0])

        const second = yield* Scope.make()
        const client = yield* Layer.build(Layer.fresh(Fleets.client(url)))
        const silent = Context.get(
          yield* Layer.build(Layer.fresh(Journal.layerSql({ runner: "a:1" }))).pipe(
            Effect.provide(Layer.merge(clients, Layer.succeedContext(client))),
            Scope.provide(second)
          ),
          Journal.Journal
        )
        yield* silent.append(reading("pi", 1))
        yield* server.freeze(Effect.timeout(Scope.close(second, Exit.void), "10 seconds"))
      }))

    it.effect("passes over rows that make no sense, and cuts what is too large", () =>
      Effect.gen(function*() {
        const url = yield* Fleets.fresh
        const journal = yield* journalOf(url, "a:1")
        yield* Fleets.withSql(url, (sql) =>
          Effect.forEach(["", "null", `{"version":9,"devices":[],"events":[{}]}`], (events, turn) =>
            sql`INSERT INTO ow_fleet_journal (writer, turn, runner, at, events)
              VALUES ('x', ${turn}, ${"\u001b[31m"}, 0, ${events})`))
        const large = "x".repeat(2 ** 18)
        const events = Array.from({ length: 10 }, (_, i) => ({ ...reading("pi", i), property: large } as const))
        for (const event of events) {
          yield* journal.append(event)
        }
        yield* journal.append({ ...reading("pi", 99), property: large.repeat(17) })
        yield* journal.append(reading("pi", 10))
        yield* settled(journal)
        assert.deepStrictEqual(
          valuesOf(yield* collect(journal, 0, 11)),
          Array.from({ length: 11 }, (_, i) =>
            i)
        )
        assert.strictEqual((yield* journal.health).dropped, 1)
      }))
  })
})
