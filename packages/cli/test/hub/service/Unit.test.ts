/** The unit of the service: what stands in it, and what systemd itself says of it. */
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isRequired, isThere } from "../../../../../test/fixtures/installed.ts"
import * as Unit from "../../../src/hub/service/Unit.ts"

const options: Unit.Options = {
  node: process.execPath,
  script: "/usr/local/lib/node_modules/@effect-ownet/cli/dist/ow.cjs",
  args: ["-s", "raspberrypi:4304", "--listen", "0.0.0.0:8080"],
  tokenFile: undefined,
  port: 8080,
  version: 252
}

const commandOf = (unit: string): string | undefined => /^ExecStart=(.*)$/m.exec(unit)?.[1]

describe("the unit of a hub", () => {
  it("runs the hub with its arguments, and systemd replaces nothing in them", () => {
    assert.strictEqual(
      commandOf(Unit.make({ ...options, node: "/usr/bin/node", script: "/usr/lib/ow.cjs" })),
      "/usr/bin/node /usr/lib/ow.cjs hub -s raspberrypi:4304 --listen 0.0.0.0:8080"
    )
    const args = ["--title", "50% of \"$HOME\" \\ ;\n[Service]", "", ";", { specified: "%d/token" }]
    assert.strictEqual(
      commandOf(Unit.make({ ...options, node: "/n", script: "/s", args })),
      "/n /s hub --title \"50%% of \\\"$$HOME\\\" \\\\ ;\\u000a[Service]\" \"\" \";\" %d/token"
    )
  })

  it("has a privilege for a port below 1024 only", () => {
    assert.match(Unit.make(options), /^CapabilityBoundingSet=$/m)
    assert.match(Unit.make({ ...options, port: 80 }), /^AmbientCapabilities=CAP_NET_BIND_SERVICE$/m)
    assert.notMatch(Unit.make({ ...options, port: 80 }), /^PrivateUsers/m)
  })

  it("waits longer and longer between starts where systemd can", () => {
    assert.match(Unit.make({ ...options, version: 254 }), /^RestartSec=5s\nRestartSteps=6\nRestartMaxDelaySec=5min$/m)
    for (const version of [252, undefined]) assert.notMatch(Unit.make({ ...options, version }), /^RestartSteps/m)
  })
})

const isInstalled = isThere("systemd-analyze")

const describeSystemd = isInstalled || isRequired
  ? describe
  : (name: string, suite: () => void) =>
    describe.skip(`${name} (skipped: systemd is not installed; on Debian: apt-get install systemd)`, suite)

describeSystemd("systemd", () => {
  /** Runs `systemd-analyze` on a unit in a file. */
  const analyze = (unit: string, ...args: ReadonlyArray<string>) => {
    const directory = mkdtempSync(join(tmpdir(), "ow-unit-"))
    const path = join(directory, `${Unit.name}.service`)
    writeFileSync(path, unit)
    const { status, stderr, stdout } = spawnSync("systemd-analyze", [...args, path], { encoding: "utf8" })
    rmSync(directory, { recursive: true })
    return { status, output: stdout + stderr }
  }

  const units: ReadonlyArray<readonly [string, Unit.Options]> = [
    ["plain", options],
    ["with a token and a low port", { ...options, port: 80, tokenFile: "/etc/effect-ownet/my token" }],
    ["with hostile arguments", {
      ...options,
      args: ["--title", "%n $x \"\\'; \n \u{1F525}", { specified: "%d/token" }]
    }]
  ]

  it.each(units)("finds nothing wrong with the unit, %s", (_, options) => {
    // The script is not installed here.
    const unit = Unit.make({ ...options, script: "/etc/hostname" })
    assert.deepStrictEqual(analyze(unit, "verify"), { status: 0, output: "" })
  })

  it.each(units)("finds it well guarded, %s", (_, options) => {
    const { output, status } = analyze(Unit.make(options), "security", "--offline=true", "--no-pager", "--threshold=20")
    assert.match(output, /Overall exposure level .* [01]\.\d OK/)
    assert.strictEqual(status, 0, output)
  })
})
