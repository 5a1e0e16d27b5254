/**
 * The fleet as its users run it: processes of `ow hub --runner` over the real PostgreSQL, which end, die, and lose their
 * database. Each reading is a unique number, so that it can be found again. `pnpm bench:fleet` covers more, and measures it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Schedule } from "effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Stage from "../bench/src/fleet/Stage.ts"
import * as ow from "../packages/cli/test/fixtures/ow.ts"
import * as postgres from "../packages/hub/test/fixtures/postgres.ts"

const timeout = 90_000

/** Limits that the first reading of each server exceeds for a long time, and a file that receives the notices. */
const withNotices = (servers: ReadonlyArray<string>) => (home: string): ReadonlyArray<string> => {
  const config = join(home, "hub.yaml")
  writeFileSync(
    config,
    JSON.stringify({
      version: 1,
      places: Object.fromEntries(servers.map((device) => [device, { limits: { temperature: { below: -10 } } }])),
      notices: {
        to: { file: { command: ["sh", "-c", "tee -a \"$0\" > /dev/null; echo >> \"$0\"", join(home, "told")] } }
      }
    })
  )
  return ["--config", config]
}

/** The notices, as lines. */
const told = (home: string): ReadonlyArray<string> => {
  const file = join(home, "told")
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter((line) => line.trim() !== "") : []
}

/** Checks that nothing is lost or duplicated, and that no server has two followers. */
const assertSound = (account: Stage.Account) => {
  const { counts, missing, overlaps, repeated, repeatedRows, unrecorded } = account
  assert.deepStrictEqual(
    { lost: missing.lost, unrecorded, repeated, repeatedRows, overlaps },
    { lost: [], unrecorded: [], repeated: [], repeatedRows: 0, overlaps: [] }
  )
  assert.isTrue(counts.every((count) => count > 10), `readings: ${counts.join(", ")}`)
}

// Most of the time is waiting.
postgres.describe("a fleet of processes", () =>
  describe.concurrent("over PostgreSQL", () => {
    it.live(
      "passes on the servers of a runner that ends, and the hub of one that is killed",
      () =>
        Effect.gen(function*() {
          const { url } = yield* postgres.start
          const stage = yield* Stage.make({
            postgres: url,
            servers: 8,
            cache: ow.cache,
            args: withNotices(Array.from({ length: 8 }, (_, index) => Stage.device(index)))
          })
          yield* Effect.all([stage.join(), stage.join(), stage.join()], { concurrency: "unbounded" })
          yield* stage.followed(0)
          const begun = yield* Clock.currentTimeMillis
          const holder = yield* stage.holder
          // A notice that is sent while its runner is killed may be sent again, because nothing has recorded it.
          yield* Effect.repeat(Effect.sync(() => told(stage.home).length), {
            until: (count) => count >= 8,
            schedule: Schedule.spaced("100 millis")
          })
          yield* Effect.sleep("2 seconds")

          const ending = stage.runners.find((runner) => runner !== holder)!
          yield* ending.kill("SIGTERM")
          assert.include([0, 130, 143], yield* Effect.timeout(ending.ended, "20 seconds"))
          yield* stage.followed(yield* Clock.currentTimeMillis)

          const killed = yield* stage.holder
          yield* killed.kill("SIGKILL")
          yield* stage.followed((yield* Clock.currentTimeMillis) + 500)
          const next = yield* stage.holder
          assert.notStrictEqual(next.pid, killed.pid)
          yield* Effect.sleep("2 seconds")

          assertSound(yield* stage.account(begun))
          assert.lengthOf(told(stage.home), 8, told(stage.home).join("\n"))
        }).pipe(Effect.scoped),
      timeout
    )

    it.live(
      "loses nothing that was read while the database was away",
      () =>
        Effect.gen(function*() {
          const server = yield* postgres.start
          const stage = yield* Stage.make({ postgres: server.url, servers: 6, cache: ow.cache })
          yield* Effect.all([stage.join(), stage.join()], { concurrency: "unbounded" })
          yield* stage.followed(0)
          const begun = yield* Clock.currentTimeMillis
          yield* server.restart(Effect.sleep("3 seconds"), "crash")
          yield* stage.followed(yield* Clock.currentTimeMillis)
          yield* stage.holder
          yield* Effect.sleep("3 seconds")
          assertSound(yield* stage.account(begun))
          assert.isTrue(stage.runners.every(({ isRunning }) => isRunning()))
        }).pipe(Effect.scoped),
      timeout
    )
  }))
