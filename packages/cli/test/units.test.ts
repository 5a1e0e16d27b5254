/**
 * The units for systemd that come with the command: what systemd says of them, and what the guides show.
 */
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isRequired, isThere } from "../../../test/fixtures/installed.ts"
import { commands } from "../src/commands.ts"
import * as Unit from "../src/hub/service/Unit.ts"

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8")

const names = readdirSync(new URL("../systemd", import.meta.url)).toSorted()

const units = names.map((name) => ({ name, text: read(`packages/cli/systemd/${name}`) }))

/** The settings of a unit, without comments and without what depends on where it runs. */
const guardOf = (unit: string): ReadonlyArray<string> =>
  unit.slice(unit.indexOf("DynamicUser="), unit.indexOf("[Install]")).split("\n").filter((line) => line !== "")

describe("the units", () => {
  it("are those of the hub, of a fleet and of the kernel's own bus, and each starts a command that exists", () => {
    assert.deepStrictEqual(names, ["ow-fleet.service", "ow-hub.service", "ow-w1.service"])
    for (const { text } of units) {
      const [, command = ""] = /^ExecStart=\/usr\/local\/bin\/ow (\w+)/m.exec(text) ?? []
      assert.property(commands, command)
    }
  })

  it("guard a hub as the one that it installs itself", () => {
    const options = { node: "/n", script: undefined, args: [], tokenFile: undefined, port: 8080, version: undefined }
    for (const { name, text } of units) {
      if (name !== "ow-w1.service") assert.deepStrictEqual(guardOf(text), guardOf(Unit.make(options)), name)
    }
  })

  it.each([["ow-hub.service", "docs/hub-service.md"], ["ow-w1.service", "docs/raspberry-pi.md"]])(
    "%s stands in %s",
    (name, guide) => assert.include(read(guide), `\`\`\`ini\n${read(`packages/cli/systemd/${name}`)}\`\`\``)
  )
})

const systemd = isThere("systemd-analyze") || isRequired
  ? describe
  : (name: string, suite: () => void) =>
    describe.skip(`${name} (skipped: systemd is not installed; on Debian: apt-get install systemd)`, suite)

systemd("systemd", () => {
  const analyze = (
    { name, text }: { readonly name: string; readonly text: string },
    ...args: ReadonlyArray<string>
  ) => {
    const directory = mkdtempSync(join(tmpdir(), "ow-unit-"))
    const path = join(directory, name)
    // The command is not installed here.
    writeFileSync(path, text.replace("/usr/local/bin/ow", process.execPath))
    const { status, stderr, stdout } = spawnSync("systemd-analyze", [...args, path], { encoding: "utf8" })
    rmSync(directory, { recursive: true })
    return { status, output: stdout + stderr }
  }

  it.each(units)(
    "finds nothing wrong with $name",
    (unit) => assert.deepStrictEqual(analyze(unit, "verify"), { status: 0, output: "" })
  )

  it.each(units)("finds $name well guarded", (unit) => {
    const { output, status } = analyze(unit, "security", "--offline=true", "--no-pager", "--threshold=20")
    assert.match(output, /Overall exposure level .* [01]\.\d OK/)
    assert.strictEqual(status, 0, output)
  })
})
