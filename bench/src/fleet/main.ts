/**
 * Bench of the fleet as processes, over the real PostgreSQL. It injects faults, and exits with 1 if a bound is broken.
 *
 *     pnpm bench:fleet
 *     pnpm bench:fleet killed outage --servers 30
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Cause, Console, Effect, Exit } from "effect"
import { availableParallelism, loadavg } from "node:os"
import { parseArgs } from "node:util"
import { start } from "../../../packages/hub/test/fixtures/postgresServer.ts"
import { markdown } from "../table.ts"
import { type Figure, rows } from "./rows.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { servers: { type: "string", default: "30" } }
})
const names = Object.keys(rows)
const chosen = positionals.length === 0 ? names : positionals
const servers = Number(values.servers)

const usage = `usage: pnpm bench:fleet [${names.join(" | ")}]… [--servers N]`

const figure = (one: Figure): ReadonlyArray<string> => [one.name, one.must, one.is, one.isKept ? "" : "BROKEN"]

const lineOf = (cause: Cause.Cause<unknown>): string => Cause.pretty(cause).replaceAll(/\s*\n\s*/g, " / ")

const program = Effect.gen(function*() {
  if (!Number.isSafeInteger(servers) || servers < 1 || chosen.some((name) => !names.includes(name))) {
    yield* Console.error(usage)
    process.exitCode = 2
    return
  }
  yield* Console.log(
    `node ${process.version}, ${availableParallelism()} cores with a load of ${
      loadavg()[0]?.toFixed(1)
    }; three runners, ${servers} servers`
  )
  const postgres = yield* start
  const all: Array<Figure> = []
  for (const name of chosen) {
    const exit = yield* Effect.exit(Effect.scoped(
      // Checked above.
      rows[name]!({
        servers,
        postgres: {
          url: postgres.url,
          crash: (meanwhile) => Effect.orDie(Effect.scoped(postgres.restart(meanwhile, "crash")))
        }
      })
    ))
    const figures: ReadonlyArray<Figure> = Exit.isSuccess(exit)
      ? exit.value
      : [{ name: `${name}: not measured`, must: "", is: "", isKept: false, detail: lineOf(exit.cause) }]
    for (const { detail, is, isKept, must, name: event } of figures) {
      const bound = must === "" ? "" : ` (${must})`
      const broken = isKept ? "" : `: BROKEN${detail === undefined ? "" : `: ${detail}`}`
      yield* Console.log(`${name}: ${event}: ${is}${bound}${broken}`)
    }
    all.push(...figures)
  }
  yield* Console.log(`\n${markdown([["event", "must", "is", ""], ...all.map(figure)])}`)
  if (all.some(({ isKept }) => !isKept)) process.exitCode = 1
}).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

NodeRuntime.runMain(program)
