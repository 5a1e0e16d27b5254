/**
 * The guide to the Raspberry Pi: its unit for systemd, and its rule of udev.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isRequired, isThere } from "../../../test/fixtures/installed.ts"
import * as FakeW1 from "../../node/test/fixtures/FakeW1.ts"
import * as ow from "./fixtures/ow.ts"

const page = readFileSync(new URL("../../../docs/raspberry-pi.md", import.meta.url), "utf8")

const unit =
  Array.from(page.matchAll(/^```ini\n(.*?)^```$/gms), ([, block]) => block).find((block) =>
    block?.includes("ow serve --w1") && block.includes("[Install]")
  ) ?? ""

const [, rule = ""] = /^```text\n(SUBSYSTEM.*?)\n```$/ms.exec(page) ?? []

const systemd = isThere("systemd-analyze") || isRequired
  ? describe
  : (name: string, suite: () => void) =>
    describe.skip(`${name} (skipped: systemd is not installed; on Debian: apt-get install systemd)`, suite)

systemd("the unit of the guide", () => {
  const analyze = (...args: ReadonlyArray<string>) => {
    const directory = mkdtempSync(join(tmpdir(), "ow-unit-"))
    const path = join(directory, "ow-w1.service")
    // The command is not installed here.
    writeFileSync(path, unit.replace("/usr/local/bin/ow", process.execPath))
    const { status, stderr, stdout } = spawnSync("systemd-analyze", [...args, path], { encoding: "utf8" })
    rmSync(directory, { recursive: true })
    return { status, output: stdout + stderr }
  }

  it("is right", () => assert.deepStrictEqual(analyze("verify"), { status: 0, output: "" }))

  it("guards the service well", () => {
    const { output, status } = analyze("security", "--offline=true", "--no-pager", "--threshold=20")
    assert.match(output, /Overall exposure level .* [01]\.\d OK/)
    assert.strictEqual(status, 0, output)
  })
})

describe("the guide", () => {
  it.live("starts the server with flags that it has", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make()
      const [, , ...args] = /^ExecStart=(\S+) (.+)$/m.exec(unit)?.[0].split(" ") ?? []
      assert.include(args.join(" "), "--w1 --listen 0.0.0.0:4304")
      const running = yield* ow.start([
        "serve",
        ...args.map((arg) => arg === "--w1" ? `--w1=${fake.folder}` : arg.replace(":4304", ":0"))
      ])
      yield* running.awaitLine((line) => line.startsWith("0.0.0.0:"))
    }))

  it.live("lets a group write what root may, and only that", () =>
    Effect.gen(function*() {
      const [, command = ""] = /RUN\+="([^"]+)"/.exec(rule) ?? []
      const fake = yield* FakeW1.make({ "28.000028D70100": { eeprom_cmd: "" } })
      const at = (file: string) => fake.path("28.000028D70100", file)
      const modes = { alarms: 0o644, temperature: 0o444, eeprom_cmd: 0o200 }
      for (const [file, mode] of Object.entries(modes)) spawnSync("chmod", [mode.toString(8), at(file)])
      spawnSync("chmod", ["644", fake.masterPath(1, "therm_bulk_read"), fake.masterPath(1, "w1_master_search")])
      const group = String(process.getgid?.())
      const [program = "", ...args] = command.replace(" gpio ", ` ${group} `).replaceAll("/sys%p", at("")).split(" ")
      assert.deepInclude(spawnSync(program, args, { encoding: "utf8" }), { status: 0, stderr: "" })
      const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
      assert.deepStrictEqual(Object.keys(modes).map((file) => modeOf(at(file))), ["664", "444", "220"])
      assert.strictEqual(modeOf(fake.masterPath(1, "therm_bulk_read")), "664")
      assert.strictEqual(modeOf(fake.masterPath(1, "w1_master_search")), "644")
    }))
})
