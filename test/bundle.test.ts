/**
 * Parts of the catalogue in a bundled program. `pnpm size` reports their size.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

/** The families whose names and properties a program contains, except those that it loads on demand. */
const carried = (program: string) =>
  Effect.promise(() =>
    rolldown({ input: fileURLToPath(new URL(`bundle/${program}.ts`, import.meta.url)), platform: "node" })
      .then((build) => build.generate())
  ).pipe(
    Effect.map(({ output: [{ code }] }) =>
      [...code.matchAll(/chip: "([^"]+)"/g)].map(([, chip]) => chip).filter((chip) => chip !== "device")
    )
  )

describe("a bundled program", () => {
  it.live("carries the families that it names", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* carried("read"), [])
      assert.deepStrictEqual(yield* carried("typed"), ["DS18B20"])
      assert.isAbove((yield* carried("every")).length, 60)
    }), 60_000)
})
