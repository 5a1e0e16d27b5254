import { assert, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The output of the check for a file, and its exit status. */
const check = (name: string, text: string) => {
  const folder = mkdtempSync(join(tmpdir(), "prose-"))
  writeFileSync(join(folder, name), text)
  const { status, stdout } = spawnSync(process.execPath, ["docs/prose.ts", join(folder, name)], { encoding: "utf8" })
  rmSync(folder, { recursive: true })
  const places = stdout.split("\n").flatMap((line) => line.split(`/${name}:`)[1] ?? [])
  return { status, places }
}

it("the prose check finds a phrase in a guide, except in its code", () => {
  const guide =
    "# Waiting\n\nIt takes some 3 seconds.\n\n```sh\necho some 3 seconds\n```\n\n| `some 3` | for ever |\n|-|-|\n"
  assert.deepStrictEqual(check("waiting.md", guide), {
    status: 1,
    places: ["3:10  some 3 => about 3", "9:14  for ever => forever"]
  })
})

it("the prose check finds a phrase in comments, except in code beside them", () => {
  const module = [
    "/**",
    " * Waits.",
    " *",
    " * Whoever waits is told.",
    " *",
    " * @category waiting",
    " */",
    "export const some = \"for ever\"",
    "// for ever",
    ""
  ]
  const { places } = check("Waiting.ts", module.join("\n"))
  assert.deepStrictEqual(places.map((place) => place.split("  ")[0]), ["4:1", "9:1"])
})

it("the prose check asks for shorter sentences, and is content with others", () => {
  assert.match(
    check("long.md", `# Long\n\n${"and another clause ".repeat(20)}ends.\n`).places.join(),
    /sentence length/
  )
  assert.deepStrictEqual(check("short.md", "# Short\n\nThis one ends.\n"), { status: 0, places: [] })
})
