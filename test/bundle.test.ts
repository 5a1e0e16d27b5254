/**
 * What a program carries of the catalogue, once it is bundled. How much that is, `pnpm size` says.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

/** The families whose names and properties a program carries; what it loads only when it needs it is not in it. */
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
