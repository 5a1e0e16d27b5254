import { RomId } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as AliasFile from "../../../src/internal/w1/AliasFile.ts"

const kitchen = RomId.fromStringUnsafe("28.000028D70100")
const cellar = RomId.fromStringUnsafe("28.000028D70200")

const entries = (text: string) => AliasFile.table(text).entries.map(([id, alias]) => `${RomId.format(id)}=${alias}`)

describe("AliasFile", () => {
  it("reads the lines as owserver does", () => {
    assert.deepStrictEqual(
      entries(
        [
          "# our sensors",
          "28.000028D70100 = kitchen",
          "/28000028D70200=cellar  ",
          "\t28.000028D70300.5A living room # and no comment",
          "10.67C6697351FF\t=\t= garage\r"
        ].join("\n")
      ),
      ["10.67C6697351FF=garage", "28.000028D70100=kitchen", "28.000028D70200=cellar"].concat(
        RomId.inspect("28.000028D70300.5A")._tag === "Good" ? ["28.000028D70300=living room # and no comment"] : []
      )
    )
  })

  it("leaves out what leads nowhere", () => {
    assert.deepStrictEqual(
      entries(
        [
          "",
          "kitchen = 28.000028D70100",
          "28.000028D70100",
          "28.000028D70100 =",
          "28.000028D70100 = a/b",
          "28.000028D70100 = alarm",
          "28.000028D70100 = bus.0",
          "28.000028D70100 = 28.000028D70200",
          "28.000028D70100 = \u0000",
          `28.000028D70100 = ${"x".repeat(257)}`,
          "28.000028D70100.00 = wrong CRC"
        ].join("\n")
      ),
      []
    )
  })

  it("gives a name to the device of the last line that has it", () => {
    assert.deepStrictEqual(
      entries("28.000028D70100 = a\n28.000028D70200 = a\n28.000028D70200 = b\n28.000028D70200=a"),
      [
        "28.000028D70200=a"
      ]
    )
  })

  it("changes a name in its line, and nothing else", () => {
    const text = "# our sensors\n\n28.000028D70100 = kitchen\nwhat is this?\n28.000028D70200 = cellar"
    assert.strictEqual(
      AliasFile.renamed(text, kitchen, "pantry"),
      "# our sensors\n\n28.000028D70100 = pantry\nwhat is this?\n28.000028D70200 = cellar"
    )
    assert.strictEqual(
      AliasFile.renamed(text, kitchen, "cellar"),
      "# our sensors\n\n28.000028D70100 = cellar\nwhat is this?"
    )
    assert.strictEqual(
      AliasFile.renamed(text, kitchen, ""),
      "# our sensors\n\nwhat is this?\n28.000028D70200 = cellar"
    )
    assert.strictEqual(AliasFile.renamed("# none\r\n", cellar, "cellar"), "# none\r\n28.000028D70200 = cellar\r\n")
    assert.strictEqual(AliasFile.renamed("# none", cellar, "cellar"), "# none\n28.000028D70200 = cellar\n")
    assert.strictEqual(AliasFile.renamed("", cellar, "cellar"), "28.000028D70200 = cellar\n")
  })

  it("refuses names that the file or a path would change", () => {
    for (const name of ["a\nb", " a", "a ", "= a", "=", "\u0000", "a\r", "\ta", "a/b", "alarm", "28.000028D70200"]) {
      assert.isFalse(AliasFile.isPossible(name), JSON.stringify(name))
    }
    for (const name of ["", "kitchen", "living room", "Küche", "#1", "a=b", "__proto__", "constructor"]) {
      assert.isTrue(AliasFile.isPossible(name), JSON.stringify(name))
    }
  })

  it.effect.prop(
    "keeps every possible name beside any text",
    [Schema.String, Schema.String],
    ([text, name]) =>
      Effect.sync(() => {
        if (!AliasFile.isPossible(name)) return
        const after = AliasFile.table(AliasFile.renamed(text, kitchen, name))
        assert.strictEqual(after.aliasOf(kitchen) ?? "", name)
      }),
    { arbitrary: { seed: 1, runs: 500 } }
  )
})
