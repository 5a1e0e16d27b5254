/** Installed and removed, on a machine whose `systemctl` writes down what it is asked for. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type * as Systemd from "../../../src/hub/service/Systemd.ts"
import * as Upkeep from "../../../src/hub/Upkeep.ts"

const given = {
  servers: ["pi:4304"],
  local: "localhost:4304",
  timeout: undefined,
  retries: 0,
  single: {},
  plural: {},
  config: undefined
}

/** A machine, and what was said and done on it. */
const machine = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-install-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  ),
  (path) => {
    const [booted, units, state] = ["booted", "units", "state"].map((name) => join(path, name)) as [
      string,
      string,
      string
    ]
    for (const directory of [booted, units, state]) mkdirSync(directory)
    const calls = join(path, "calls")
    const script = (name: string, body: string) => {
      writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
      return join(path, name)
    }
    const here: Systemd.Machine = {
      platform: "linux",
      isRoot: true,
      node: "/bin/sh",
      script: "/etc/hostname",
      command: "ow hub install",
      home: undefined,
      booted,
      units,
      state,
      systemctl: script(
        "systemctl",
        `[ "$1" = --version ] && echo "systemd 252 (252.1)" && exit
echo "$*" >> ${calls}
[ -e ${path}/broken ] && [ "$1" = restart ] && echo "Job failed." >&2 && exit 1
exit 0`
      ),
      journalctl: script("journalctl", "echo 'ow: cannot listen on 0.0.0.0:8080'")
    }
    const said: Array<string> = []
    return {
      here,
      unit: join(units, "ow-hub.service"),
      path,
      said,
      calls: () => {
        const done = existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []
        rmSync(calls, { force: true })
        return done
      },
      run: (task: Upkeep.Task, isAgreed: boolean, on: Partial<Systemd.Machine> = {}) =>
        Effect.promise((signal) =>
          Upkeep.run(
            task,
            {
              text: (text) => said.push(text),
              note: (text) => said.push(text),
              result: (_, lines) => said.push(...lines),
              bytes: () => Promise.resolve(),
              deviceOf: () => Promise.resolve({})
            },
            { isAgreed, signal },
            { ...here, ...on }
          )
        )
    }
  }
)

const install: Upkeep.Task = { _tag: "Install", task: { ...given, isPrinted: false } }
const uninstall = (isPurged: boolean): Upkeep.Task => ({ _tag: "Uninstall", task: { isPurged } })

describe("a service", () => {
  it.live("is shown first, installed, and installed once more without a change", () =>
    Effect.gen(function*() {
      const { calls, run, said, unit } = yield* machine
      const unasked = yield* run(install, false)
      assert.match(unasked?.message ?? "", /--yes/)
      assert.strictEqual(unasked?.kind, "usage")
      assert.isFalse(existsSync(unit))
      assert.deepStrictEqual(calls(), [])
      assert.isTrue(said.some((line) => line.includes("ExecStart=/bin/sh /etc/hostname hub -s pi:4304")))
      assert.isUndefined(yield* run(install, true))
      assert.deepStrictEqual(calls(), ["daemon-reload", "enable ow-hub", "restart ow-hub"])
      const written = readFileSync(unit, "utf8")
      assert.isUndefined(yield* run(install, false))
      assert.deepStrictEqual(calls(), ["daemon-reload", "enable ow-hub", "start ow-hub"])
      assert.strictEqual(readFileSync(unit, "utf8"), written)
    }))

  it.live("that was changed by hand is shown as a difference, and kept", () =>
    Effect.gen(function*() {
      const { here, run, said, unit } = yield* machine
      yield* run(install, true)
      const changed = readFileSync(unit, "utf8").replace("WatchdogSec=3min", "WatchdogSec=9min")
      writeFileSync(unit, changed)
      said.length = 0
      assert.isDefined(yield* run(install, false))
      assert.strictEqual(readFileSync(unit, "utf8"), changed)
      assert.includeMembers(said, ["    - WatchdogSec=9min", "    + WatchdogSec=3min"])
      assert.lengthOf(said.filter((line) => /^ {4}[-+]/.test(line)), 2)
      assert.isUndefined(yield* run(install, true))
      assert.strictEqual(readFileSync(`${unit}.before-install`, "utf8"), changed)
      assert.sameMembers(readdirSync(here.units), ["ow-hub.service", "ow-hub.service.before-install"])
    }))

  it.live("reads its configuration where it can, which is its own directory if that of the user is not for it", () =>
    Effect.gen(function*() {
      const { calls, here, path, run, said, unit } = yield* machine
      const home = join(path, "home")
      mkdirSync(home)
      const config = join(home, "hub.yaml")
      writeFileSync(config, "version: 1\nmqtt: { server: mqtt://pi, password: \"!secret broker\" }\n")
      writeFileSync(join(home, "secret.yaml"), "broker: open-sesame\n", { mode: 0o600 })
      writeFileSync(join(home, "other.yaml"), "not: named\n")
      const own = join(here.state, "effect-ownet")
      const task = (config: string | undefined, servers: ReadonlyArray<string> = []): Upkeep.Task => ({
        _tag: "Install",
        task: { ...given, servers, config, isPrinted: false }
      })
      assert.isUndefined(yield* run(task(config), true, { home }))
      assert.sameMembers(readdirSync(own), ["hub.yaml", "secret.yaml"])
      assert.strictEqual(readFileSync(join(own, "hub.yaml"), "utf8"), readFileSync(config, "utf8"))
      for (const name of ["hub.yaml", "secret.yaml"]) {
        assert.strictEqual(statSync(join(own, name)).mode & 0o777, 0o600)
      }
      assert.isTrue(said.some((line) => line.startsWith(`It copies ${config} to ${own}/hub.yaml`)))
      assert.include(readFileSync(unit, "utf8"), `hub --config ${own}/hub.yaml\n`)
      calls()
      // Without the flag it is the one that is there, whose servers are not replaced by that of this machine.
      assert.isUndefined(yield* run(task(undefined), false, { home }))
      assert.deepStrictEqual(calls(), ["daemon-reload", "enable ow-hub", "start ow-hub"])
      // What the page has changed is not replaced.
      writeFileSync(join(own, "hub.yaml"), "version: 1\ntitle: edited\n")
      const refused = yield* run(task(config), true, { home })
      assert.match(refused?.message ?? "", /hub\.yaml already exists, .*leave out --config/)
      assert.include(readFileSync(join(own, "hub.yaml"), "utf8"), "edited")
      assert.deepStrictEqual(calls(), [])
    }))

  it.live("leaves a configuration that every user can read where it is, and says that the page cannot change it", () =>
    Effect.gen(function*() {
      const { here, run, said, unit } = yield* machine
      const task: Upkeep.Task = { _tag: "Install", task: { ...given, config: "/etc/os-release", isPrinted: false } }
      assert.isUndefined(yield* run(task, true))
      assert.isTrue(said.some((line) => /\/etc\/os-release where it is, and cannot write to it/.test(line)))
      assert.include(readFileSync(unit, "utf8"), "--config /etc/os-release")
      assert.deepStrictEqual(readdirSync(here.state), [])
    }))

  it.live("that does not start is told with the end of its log", () =>
    Effect.gen(function*() {
      const { path, run, said } = yield* machine
      writeFileSync(join(path, "broken"), "")
      const problem = yield* run(install, true)
      assert.match(problem?.message ?? "", /does not start.*journalctl -fu ow-hub/)
      assert.includeMembers(said, ["Job failed.", "    ow: cannot listen on 0.0.0.0:8080"])
    }))

  it.live("is removed, and its history if that is said", () =>
    Effect.gen(function*() {
      const { calls, here, run, unit } = yield* machine
      yield* run(install, true)
      calls()
      const history = join(here.state, "private/effect-ownet")
      mkdirSync(history, { recursive: true })
      writeFileSync(join(history, "hub.sqlite"), "history")
      assert.isDefined(yield* run(uninstall(false), false))
      assert.isTrue(existsSync(unit))
      assert.isUndefined(yield* run(uninstall(false), true))
      assert.deepStrictEqual(calls(), ["disable --now ow-hub", "daemon-reload", "reset-failed ow-hub"])
      assert.isFalse(existsSync(unit))
      assert.isTrue(existsSync(history))
      assert.isUndefined(yield* run(uninstall(true), false))
      assert.isFalse(existsSync(history))
      assert.deepStrictEqual(calls(), [])
    }))

  it.live("is none without Linux, systemd, root, or programs that it can run, which is said with what to do", () =>
    Effect.gen(function*() {
      const { calls, run, said, unit } = yield* machine
      const problems: ReadonlyArray<readonly [Partial<Systemd.Machine>, RegExp]> = [
        [{ platform: "darwin" }, /needs systemd/],
        [{ booted: "/nowhere" }, /--print/],
        [{ isRoot: false }, /sudo ow hub install/],
        [{ node: "/root/.nvm/node" }, /install Node for all users/],
        [{ script: "/home/pi/.npm/_npx/1/ow.cjs" }, /npm install --global/]
      ]
      for (const [on, message] of problems) {
        const problem = yield* run(install, true, on)
        assert.match(problem?.message ?? "", message)
        assert.notMatch(problem?.message ?? "\n", /\n/)
      }
      assert.isFalse(existsSync(unit))
      assert.deepStrictEqual(calls(), [])
      said.length = 0
      const printed: Upkeep.Task = { _tag: "Install", task: { ...given, isPrinted: true } }
      assert.isUndefined(yield* run(printed, false, { platform: "darwin", isRoot: false, systemctl: "/nowhere" }))
      assert.match(said[0] ?? "", /^\[Service\]$/m)
    }))
})
