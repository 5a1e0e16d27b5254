/** Progress of a hub that reads the journal of a fleet, and its right to write the history. */
import * as Effect from "effect/Effect"
import type * as History from "../../History.ts"
import { HistoryError } from "../../HistoryError.ts"
import * as Database from "./Database.ts"

type Service = History.History["Service"]

const { text } = Database

/** The operation of a batch, in errors. */
export const writing = "Writing to the history"

const reading = "Reading the history"

export const make = ({ cells, name, named, packing, sql }: Database.Database) => {
  const numbers = Effect.map(
    cells(sql`SELECT name, value FROM ow_meta WHERE name IN ('journal', 'keeper', 'turn')`),
    (found): ReadonlyMap<string, number> => new Map(found.map(([key, value]) => [String(key), Number(value)]))
  )

  const set = (key: string, value: number) =>
    sql`INSERT INTO ow_meta ${sql.insert({ name: key, value: String(value) })}
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`

  const takeOver: Service["takeOver"] = Effect.gen(function*() {
    const keeper = ((yield* numbers).get("keeper") ?? 0) + 1
    yield* set("keeper", keeper)
    yield* set("turn", 0)
    return keeper
  }).pipe(packing, named("Taking over the history"))

  const position: Service["position"] = Effect.map(numbers, (found) => found.get("journal")).pipe(named(reading))

  const standing: Service["standing"] = Effect.map(
    cells(sql`SELECT server, events FROM ow_standing`),
    (found) => new Map(found.map(([server, events]) => [String(server), String(events)]))
  ).pipe(named(reading))

  // A database that was restored while a hub wrote to it differs from the state that the hub knows. Only a hub that reads it
  // again can continue.
  const superseded = (problem: string) =>
    new HistoryError({ reason: "Superseded", operation: writing, database: name, problem })

  /**
   * Advances to a batch in its transaction. Returns `false` if the batch is written already, because the answer to its commit may
   * have been lost.
   */
  const goOn = Effect.fnUntraced(function*({ keeper, position, standing = [], turn }: History.Progress) {
    const known = yield* numbers
    const owner = known.get("keeper") ?? 0
    const written = known.get("turn") ?? 0
    if (owner !== keeper) {
      return yield* superseded(
        `another hub has gone on from there: number ${owner} writes it now, and this one is number ${keeper}`
      )
    }
    if (turn === written) return false
    if (turn !== written + 1) {
      return yield* superseded(`it was changed by somebody else: batch ${turn} does not follow batch ${written}`)
    }
    const last = known.get("journal") ?? -Infinity
    if (position !== undefined && position < last) {
      return yield* superseded(
        `it was changed by somebody else: position ${position} of the journal is before ${last}, up to which all is written`
      )
    }
    yield* set("turn", turn)
    if (position !== undefined) yield* set("journal", position)
    for (const { server, text: events } of standing) {
      yield* events === undefined
        ? sql`DELETE FROM ow_standing WHERE server = ${text(server)}`
        : sql`INSERT INTO ow_standing ${sql.insert({ server: text(server), events: text(events) })}
            ON CONFLICT (server) DO UPDATE SET events = excluded.events`
    }
    return true
  })

  return { goOn, service: { takeOver, position, standing } }
}
