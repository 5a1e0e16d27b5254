/** Notices, and their turns that wait for delivery. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as History from "../../History.ts"
import { Notice, Phase } from "../../Notices.ts"
import * as Database from "./Database.ts"

type Service = History.History["Service"]

const { text } = Database

/** Maximum turns in one answer. A channel that is never reached would otherwise fill the memory. */
const mostUntold = 10_000

const decodeNotice = Schema.decodeEffect(Schema.fromJsonString(Notice))
const isPhase = Schema.is(Phase)

/** Row of `ow_meta` that counts the notices that a channel reports only as a number. */
const uncounted = "dropped "

export const make = ({ broken, cells, isPostgres, named, sql }: Database.Database) => {
  const noticeOf = ([id, notice]: ReadonlyArray<Database.Cell>) =>
    Effect.mapError(decodeNotice(String(notice)), () => broken(`the notice ${String(id)}`))

  const position = sql.literal(isPostgres ? "strpos" : "instr")

  /** Notices of a place. Within a JSON text, quotes have backslashes, so no name can be mistaken for a place. */
  const of = (place: string) => sql`AND ${position}(notice, ${text(`"place":${JSON.stringify(place)}`)}) > 0`

  const notices: Service["notices"] = ({ from, limit, place, to }) =>
    Effect.flatMap(
      cells(
        sql`SELECT id, notice FROM ow_notice WHERE since < ${Math.ceil(to)}
          AND (until IS NULL OR until >= ${Math.floor(from)}) ${place === undefined ? sql`` : of(place)}
          ORDER BY since DESC, id DESC LIMIT ${limit}`
      ),
      (found) => Effect.forEach(found, noticeOf)
    ).pipe(named("Reading the notices"))

  const openNotices: Service["openNotices"] = Effect.flatMap(
    cells(sql`SELECT id, notice FROM ow_notice WHERE until IS NULL ORDER BY since, id`),
    (found) => Effect.forEach(found, noticeOf)
  ).pipe(named("Reading the notices"))

  /** Writes a turn as part of a transaction. */
  const writeTurn = Effect.fnUntraced(function*({ tell, turn: { notice, phase } }: History.KeptTurn) {
    const id = text(notice.id)
    const record = {
      id,
      since: Math.floor(notice.since),
      until: notice.until === undefined ? null : Math.floor(notice.until),
      // JSON escapes every character that some database cannot hold.
      notice: JSON.stringify(notice)
    }
    yield* sql`INSERT INTO ow_notice ${sql.insert(record)} ON CONFLICT (id) DO UPDATE SET until = excluded.until,
      notice = excluded.notice`
    for (const channel of new Set(tell.map(text))) {
      yield* sql`INSERT INTO ow_untold ${
        sql.insert({ channel, notice: id, phase })
      } ON CONFLICT (channel, notice, phase) DO NOTHING`
    }
  })

  const keepTurn: Service["keepTurn"] = (given) => writeTurn(given).pipe(sql.withTransaction, named("Keeping a notice"))

  const untold: Service["untold"] = Effect.gen(function*() {
    const found = yield* cells(
      sql`SELECT n.id, n.notice, u.channel, u.phase FROM ow_untold u JOIN ow_notice n ON n.id = u.notice
        ORDER BY u.id LIMIT ${mostUntold}`
    )
    const result: Array<History.Untold> = []
    for (const row of found) {
      const phase = row[3]
      if (!isPhase(phase)) return yield* broken(`a turn of the notice ${String(row[0])}`)
      result.push({ channel: String(row[2]), phase, notice: yield* noticeOf(row) })
    }
    return result
  }).pipe(named("Reading the notices"))

  const dropped: Service["dropped"] = Effect.map(
    cells(sql`SELECT name, value FROM ow_meta WHERE name LIKE ${`${uncounted}%`}`),
    (found) => new Map(found.map(([name, value]) => [String(name).slice(uncounted.length), Number(value)]))
  ).pipe(named("Reading the notices"))

  const count = (channel: string, dropped: number) => {
    const name = uncounted + text(channel)
    return dropped === 0
      ? sql`DELETE FROM ow_meta WHERE name = ${name}`
      : sql`INSERT INTO ow_meta ${sql.insert({ name, value: String(dropped) })}
          ON CONFLICT (name) DO UPDATE SET value = excluded.value`
  }

  const told: Service["told"] = ({ channel, dropped, turns }) =>
    Effect.gen(function*() {
      if (dropped !== undefined) yield* count(channel, dropped)
      return yield* Effect.filter(turns, ({ notice, phase }) =>
        Effect.map(
          cells(
            sql`DELETE FROM ow_untold WHERE channel = ${text(channel)} AND notice = ${text(notice)} AND phase = ${phase}
              RETURNING id`
          ),
          (gone) => gone.length > 0
        ))
    }).pipe(sql.withTransaction, named("Keeping what was told"))

  return { writeTurn, service: { notices, openNotices, keepTurn, untold, dropped, told } }
}
