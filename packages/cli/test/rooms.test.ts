/**
 * The rooms of the sources: which of them may import which.
 */
import { assert, it } from "@effect/vitest"
import { globSync, readFileSync } from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const src = fileURLToPath(new URL("../src", import.meta.url))

/** The room of a module; its file name, if it is at the root. */
const roomOf = (path: string): string => path.split("/")[0]

/** Imports from one room into another, as `show → terminal`. */
const arrows = [
  ...new Set(
    globSync("**/*.ts", { cwd: src }).map((path) => path.split(Path.sep).join("/")).flatMap((path) =>
      Array.from(
        readFileSync(Path.join(src, path), "utf8").matchAll(/(?:from |import\()"(\.\.?\/[^"]+)"/g),
        ([, to]) => [roomOf(path), roomOf(Path.posix.join(path, "..", to))] as const
      ).flatMap(([from, to]) => from === to ? [] : [`${from} → ${to}`])
    )
  )
]

const from = (room: string): ReadonlyArray<string> =>
  arrows.filter((arrow) => arrow.startsWith(`${room} → `)).map((arrow) => arrow.split(" → ")[1]).toSorted()

it("the rooms at the bottom import only those below them", () => {
  assert.deepStrictEqual(from("terminal"), [])
  assert.deepStrictEqual(from("show"), ["terminal"])
  assert.includeMembers(["show", "terminal"], [...from("server")])
})

it("only commands import flags, and nothing imports commands except their list", () => {
  const to = (room: string) => arrows.filter((arrow) => arrow.endsWith(` → ${room}`)).toSorted()
  assert.deepStrictEqual(to("Flags.ts"), ["CommandLine.ts → Flags.ts", "commands → Flags.ts"])
  assert.deepStrictEqual(to("commands"), ["commands.ts → commands"])
})

it("the root holds nothing except entries", () => {
  const entries = [
    "CommandLine.ts",
    "Flags.ts",
    "QuickCommandLine.ts",
    "commands.ts",
    "main-quick.ts",
    "main.ts",
    "run.ts"
  ]
  assert.includeMembers([...entries, "Survey.ts"], globSync("*.ts", { cwd: src }))
})
