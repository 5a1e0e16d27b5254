/**
 * Checks that the pages of the chips are those that the catalogue and the hub generate.
 */
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import { assert, describe, it } from "@effect/vitest"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { folder, pages } from "../docs/chips.ts"

describe("the pages of the chips", () => {
  it("are those that node docs/chips.ts writes", () => {
    const written = new Map(
      globSync("*.md", { cwd: folder }).map((name) => [name, readFileSync(join(folder, name), "utf8")])
    )
    const current = pages()
    assert.deepStrictEqual([...written.keys()].toSorted(), [...current.keys()].toSorted())
    for (const [name, text] of current) assert.strictEqual(written.get(name), text, name)
  })

  it("are all in the index, once or under each of their kinds", () => {
    const index = pages().get("README.md") ?? ""
    for (const { chip } of Catalogue.families) assert.include(index, `[${chip}](${chip}.md)`)
  })
})
