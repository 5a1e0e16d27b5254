/**
 * The guide to the command: each example is run in the house of the guide, and its output is compared.
 */
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as bundle from "./fixtures/bundle.ts"
import * as ow from "./fixtures/ow.ts"
import * as Process from "./fixtures/process.ts"

const docs = new URL("../../../docs/", import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, docs), "utf8")
const page = read("cli.md")
const house = JSON.parse(read("house.json"))

/** The fenced blocks of one kind. */
const blocks = (language: string, page: string): ReadonlyArray<string> =>
  Array.from(page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms")), ([, block]) => block)

/** Each run takes its own time. */
const timeless = (text: string): string => text.replaceAll(/\d+(?:\.\d+)? ms|(?<="millis":)[\d.]+/g, "0 ms")

/** Runs a line of a shell where `ow` is the command, and its server that of the house, at the usual port. */
const inHouse = Effect.gen(function*() {
  const { port } = yield* NodeSimulatedServer.start(house)
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-guide-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  const shell = `cd ${directory}; ow() { ${process.execPath} ${bundle.ow} "$@"; }; `
  return (line: string) =>
    Effect.map(
      Process.run("sh", ["-c", `${shell}{ ${line}\n} 2>&1`], {
        env: { OWSERVER: `localhost:${port}`, XDG_CACHE_HOME: ow.cache }
      }),
      ({ stdout }) => stdout.replaceAll(`localhost:${port}`, "localhost:4304")
    )
})

describe("the guide to the command", () => {
  const sessions = blocks("console", page).map((block) => block.split(/^\$ /m).slice(1))

  it("has sessions", () => assert.isAbove(sessions.length, 8))

  for (const session of sessions) {
    it.live(`shows what this prints: ${session[0].split("\n", 1)[0]}`, () =>
      Effect.gen(function*() {
        const run = yield* inHouse
        for (const step of session) {
          const [line, ...lines] = step.split("\n")
          assert.strictEqual(timeless(yield* run(line)), timeless(lines.join("\n")), line)
        }
      }))
  }

  it.live("shows what is written", () =>
    Effect.gen(function*() {
      const run = yield* inHouse
      const writes = blocks("sh", page).filter((block) => block.includes("ow set"))
      assert.lengthOf(writes, 1)
      assert.strictEqual(yield* run(writes[0]), "")
      assert.strictEqual(yield* run("ow cat garden/templow 2D.00002DD20400/alias"), "-25\n\n")
      assert.strictEqual(yield* run("ow cat 2D.00002DD20400/memory --size 5"), "image\n")
      assert.strictEqual(yield* run("ow cat 2D.00002DD20400/memory --size 3 --offset 16"), "0102ff\n")
    }))

  const json = blocks("json", read("cli-json.md"))

  it.live.each([
    ["ow cat kichen/temperature --json", json[0]],
    ["ow scan --json", json[1]],
    ["ow info 1D.00001DE20400 --json", json[2]],
    ["ow convert --json", json[3]],
    ["ow doctor --json", json[4]]
  ])("shows JSON of %s", ([line, block]) =>
    Effect.gen(function*() {
      const printed = timeless(yield* (yield* inHouse)(line))
      const shown = timeless(JSON.stringify(JSON.parse(block)))
      // What is left out is long.
      assert.isTrue(shown.split("…").every((part) => printed.includes(part)), `${shown}\n${printed}`)
    }))

  it.live("shows a file of devices", () =>
    Effect.gen(function*() {
      const { port } = yield* NodeSimulatedServer.start(JSON.parse(blocks("json", page)[0]))
      const { stdout } = yield* ow.run(["scan", "-s", `127.0.0.1:${port}`])
      assert.match(stdout, /28\.000028D70100 +kitchen +DS18B20 +bus\.0 +21\.5 °C/)
      assert.match(stdout, /29\.000029D60300 .* bus\.1 +PIO 10000000/)
    }))
})
