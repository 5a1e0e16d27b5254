/**
 * The systemd of this machine: whether it runs, and its commands.
 */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import * as Fs from "node:fs"

/** Paths on a machine. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly isRoot: boolean
  /** Node, or the single executable of `ow`, that is running. */
  readonly node: string
  /** The script of the command `ow` that Node runs; `undefined` in the single executable. */
  readonly script: string | undefined
  /** The command as the user typed it, for root to repeat. */
  readonly command: string
  readonly home: string | undefined
  /** A path that exists if systemd runs the machine. */
  readonly booted: string
  /** Directory of units. */
  readonly units: string
  /** Directory of the directories of services. */
  readonly state: string
  readonly systemctl: string
  readonly journalctl: string
}

/** The script, or nothing if it is the executable itself, as Node has it in a single executable. */
const scriptAt = (path: string): string | undefined => {
  const found = Fs.existsSync(path) ? Fs.realpathSync(path) : path
  return found === Fs.realpathSync(process.execPath) ? undefined : found
}

export const here = (script = process.argv[1] ?? ""): Machine => ({
  node: process.execPath,
  script: scriptAt(script),
  command: ["ow", ...process.argv.slice(2)].join(" "),
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  home: process.env["HOME"],
  booted: "/run/systemd/system",
  units: "/etc/systemd/system",
  state: "/var/lib",
  systemctl: "systemctl",
  journalctl: "journalctl"
})

/** Why nothing can be installed on a machine, and what to do; `undefined` if it can. */
export const problemOf = (
  { booted, command, isRoot, platform }: Pick<Machine, "booted" | "command" | "isRoot" | "platform">
): string | undefined =>
  platform !== "linux"
    ? `a service needs systemd, which this system (${platform}) does not have: start "ow hub" with what starts programs here`
    : !Fs.existsSync(booted)
    ? "systemd does not run this machine: start \"ow hub\" with what starts programs here; \"ow hub install --print\" shows the unit for another machine"
    : isRoot
    ? undefined
    : `only root may change a system service: sudo ${command}`

export interface Ended {
  /** 127 if the program is missing, 124 if it took too long. */
  readonly status: number
  readonly output: string
}

/** Runs a program to its end, for some milliseconds at most. */
export const run = (program: string, args: ReadonlyArray<string>, patience: number): Effect.Effect<Ended> =>
  Effect.callback<Ended>((resume) => {
    const child = execFile(program, [...args], { timeout: patience, maxBuffer: 1 << 20 }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim()
      if (error === null) return resume(Effect.succeed({ status: 0, output }))
      const status = error.code === "ENOENT" ? 127 : typeof error.code === "number" ? error.code : 124
      resume(Effect.succeed({ status, output: output === "" ? error.message : output }))
    })
    return Effect.sync(() => child.kill())
  })

/** The version of systemd; `undefined` if that cannot be seen. */
export const version = ({ systemctl }: Machine): Effect.Effect<number | undefined> =>
  Effect.map(run(systemctl, ["--version"], 10_000), ({ output, status }) => {
    const [, found] = /^systemd (\d+)/.exec(output) ?? []
    return status === 0 && found !== undefined ? Number(found) : undefined
  })
