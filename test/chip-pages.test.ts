/**
 * The pages of the chips are those that the catalogue and the hub give, and the programs that they show compile.
 */
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll } from "vitest"
import { folder, pages, program } from "../docs/chips.ts"

const root = join(import.meta.dirname, "..")

// From here, all that the programs import is found.
const programs = mkdtempSync(join(import.meta.dirname, ".doc-comments-"))
afterAll(() => rmSync(programs, { recursive: true }))

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

  it("show programs that compile", () => {
    const imports = new Set<string>()
    const names = new Set<string>()
    const values: Array<string> = []
    for (const family of Catalogue.families) {
      const lines = program(family)
      const [, name = ""] = /import \{ (\w+) \} from "@effect-ownet\/core\/families"/.exec(lines.join("\n")) ?? []
      names.add(name)
      for (const line of lines.filter((line) => line.startsWith("import ") && !line.includes("/families"))) {
        imports.add(line)
      }
      values.push(
        ...lines.filter((line) => !line.startsWith("import ")).map((line) =>
          line.replace("const value", `const of${name}`)
        )
      )
    }
    const module = [...imports, `import { ${[...names].join(", ")} } from "@effect-ownet/core/families"`, ...values]
    writeFileSync(join(programs, "chips.ts"), module.join("\n"))
    writeFileSync(
      join(programs, "tsconfig.json"),
      JSON.stringify({
        extends: join(root, "tsconfig.base.json"),
        compilerOptions: {
          composite: false,
          declarationMap: false,
          noEmit: true,
          types: ["node"],
          noUnusedLocals: false
        },
        files: ["chips.ts"]
      })
    )
    const { stderr, stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["--pretty", "false", "-p", "."], {
      cwd: programs,
      encoding: "utf8"
    })
    assert.deepStrictEqual((stdout + stderr).split("\n").filter((line) => line.includes("error TS")), [])
  })
})
