/** The guide for those who come from the kernel's files: what a file holds, and what the property is that takes its place. */
import { OwClient } from "@effect-ownet/core"
import { W1 } from "@effect-ownet/node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import * as FakeW1 from "./fixtures/FakeW1.ts"

const page = readFileSync(new URL("../../../docs/from-w1.md", import.meta.url), "utf8")

const ids: Readonly<Record<string, string>> = {
  DS18B20: "28.000028D70100",
  DS2405: "05.000005B30100",
  DS2406: "12.000012C00100",
  DS2408: "29.000029D60300",
  DS2413: "3A.00003AC50100",
  DS2438: "26.000026D90200"
}

/** Rows of the table of files: chip, file, what it holds, property, value. */
const rows = Array.from(
  page.matchAll(/^\| (DS\w+) +\| `(\w+)` +\| (.*?) +\| `([\w.]+)` +\| `(.*?)` +\|$/gm),
  ([, chip = "", file = "", holds = "", property = "", value = ""]) => ({ chip, file, holds, property, value })
)

/** A file as the driver writes it: one byte, or a line of text. */
const contentOf = (holds: string): FakeW1.Content => {
  const byte = /^byte `([\dA-F]{2})`$/.exec(holds)?.[1]
  return byte === undefined ? `${holds.replaceAll("`", "")}\n` : Uint8Array.of(Number.parseInt(byte, 16))
}

describe("the guide for those who come from the kernel's files", () => {
  it("has a table", () => assert.isAtLeast(rows.length, 13))

  it("says how the kernel calls a device", () => {
    const [, name, id = ""] = /`(28-[\da-f]{12})` is `(28\.[\dA-F]{12})`/.exec(page) ?? []
    assert.strictEqual(FakeW1.kernelName(id), name)
  })

  it.live.each(rows)(
    "has $property of a $chip, whose file $file is $holds",
    ({ chip, file, holds, property, value }) =>
      Effect.gen(function*() {
        const id = ids[chip] ?? ""
        // A driver says the same in all of its files.
        const { folder, set } = yield* FakeW1.make({
          [id]: chip === "DS18B20" ? FakeW1.thermometer(21.5625, { low: 5, high: 30 }) : {}
        })
        set(id, file, contentOf(holds))
        const read = OwClient.OwClient.use((ow) => ow.readText(`/${id}/${property}`))
        assert.strictEqual(yield* Effect.provide(read, W1.layer({ folder })), value)
      })
  )
})
