/**
 * What a program carries of the catalogue, once it is bundled.
 */
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect } from "effect"
import { gzipSync } from "node:zlib"
import { rolldown } from "rolldown"

const entry = new URL("program.ts", import.meta.url).pathname

/** A program, bundled and minified; what it loads only when it needs it is not in it. */
const bundle = (program: string) =>
  Effect.promise(() =>
    rolldown({
      input: entry,
      platform: "node",
      plugins: [{
        name: "program",
        resolveId: (id) => id === entry ? entry : null,
        load: (id) => id === entry ? program : null
      }]
    }).then((build) => build.generate({ minify: true }))
  ).pipe(Effect.map(({ output: [chunk] }) => chunk.code))

const kilobytes = (code: string): number => Math.round(gzipSync(code).length / 100) / 10

/** Families whose names and properties are in a program. */
const carried = (code: string): ReadonlyArray<string> =>
  [...code.matchAll(/chip:[`"']([^`"']+)[`"']/g)].map(([, chip]) => chip ?? "").filter((chip) => chip !== "device")

const reading = `
  import { OwClient } from "@effect-ownet/core"
  export const program = OwClient.OwClient.use((ow) => ow.readText("/28.000028D70100/temperature"))
`

const typed = `
  import { Device } from "@effect-ownet/core"
  import { DS18B20 } from "@effect-ownet/core/families"
  export const program = Device.make(DS18B20, "28.000028D70100")
`

const everything = `
  import { Device } from "@effect-ownet/core"
  import * as families from "@effect-ownet/core/families"
  export const program = (name) => Device.make(families[name], "28.000028D70100")
`

describe("a bundled program", () => {
  it.live("carries the families that it names", () =>
    Effect.gen(function*() {
      const [plain, one, all] = yield* Effect.forEach([reading, typed, everything], bundle)
      assert.deepStrictEqual(carried(plain ?? ""), [])
      assert.deepStrictEqual(carried(one ?? ""), ["DS18B20"])
      assert.isAbove(carried(all ?? "").length, 60)
      const sizes = [plain, one, all].map((code) => kilobytes(code ?? ""))
      yield* Console.log(
        `gzipped: ${sizes[0]} kB to read a path, ${sizes[1]} kB with a typed DS18B20, ${sizes[2]} kB with every family`
      )
      assert.isBelow((sizes[1] ?? 0) - (sizes[0] ?? 0), 12)
    }), 60_000)
})
