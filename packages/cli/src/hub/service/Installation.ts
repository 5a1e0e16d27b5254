/**
 * Installation and removal of the hub as a service of this machine. Each step is shown before it runs.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import { join } from "node:path"
import type { Asker } from "../Upkeep.ts"
import { UpkeepError } from "../UpkeepError.ts"
import * as Arguments from "./Arguments.ts"
import * as Configuration from "./Configuration.ts"
import * as Difference from "./Difference.ts"
import * as Placement from "./Placement.ts"
import * as Systemd from "./Systemd.ts"
import * as Unit from "./Unit.ts"

export interface Install extends Arguments.Given {
  /** Prints the unit, and does nothing else. */
  readonly isPrinted: boolean
}

export interface Uninstall {
  readonly isPurged: boolean
}

/** Time limit of a command that starts or stops a service, in milliseconds. A history may need an upgrade. */
const longPatience = 120_000
const patience = 30_000

const failed = (message: string) => new UpkeepError({ kind: "local", message })

const attempt = <A>(what: string, evaluate: () => A) =>
  Effect.try({
    try: evaluate,
    catch: (cause) => failed(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`)
  })

/** Reason why the service could not run, or `undefined` if it could. */
const problemOf = (
  files: Arguments.Arguments["files"],
  { home, node, script }: Systemd.Machine
): string | undefined => {
  const programs = script === undefined
    ? [[node, "ow", "move it to /usr/local/bin, and run it there"]] as const
    : [
      [node, "Node", "install Node for all users, for example from nodejs.org or your distribution"],
      [script, "ow", "sudo npm install --global @effect-ownet/cli, and run that one"]
    ] as const
  for (const [path, what, help] of programs) {
    const problem = Placement.problemOf(path, home)
    if (problem !== undefined) return `the service cannot run ${what} at ${path}: ${problem}. Do this: ${help}`
  }
  for (const { flag, path } of files) {
    const problem = Placement.problemOf(path, home)
    if (problem !== undefined) {
      return `the service cannot read ${path} of ${flag}: ${problem}. Put it where every user may read it, such as /etc/effect-ownet`
    }
  }
  return undefined
}

const readIfThere = (path: string) =>
  attempt(`cannot read ${path}`, () => Fs.existsSync(path) ? Fs.readFileSync(path, "utf8") : undefined)

/** Moves a file into place in one step. */
const write = (path: string, content: string) =>
  attempt(`cannot write ${path}`, () => {
    const draft = `${path}.${process.pid}.draft`
    Fs.writeFileSync(draft, content, { mode: 0o644, flush: true })
    Fs.renameSync(draft, path)
  })

/** Runs a program as a step. A failure contains the output of the program. */
const step = Effect.fnUntraced(function*(program: string, args: ReadonlyArray<string>, limit = patience) {
  const { output, status } = yield* Systemd.run(program, args, limit)
  if (status !== 0) return yield* failed(`${[program, ...args].join(" ")}: ${output}`)
})

const indented = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.map((line) => line === "" ? "" : `    ${line}`)

/** The last lines of the log of the service. */
const log = ({ journalctl }: Systemd.Machine) =>
  Effect.map(
    Systemd.run(journalctl, ["--unit", Unit.name, "--lines", "15", "--no-pager", "--output", "cat"], patience),
    ({ output }) => output.split("\n")
  )

export const install = Effect.fnUntraced(function*(task: Install, machine: Systemd.Machine, asker: Asker) {
  const { node, script, systemctl, units } = machine
  const history = join(machine.state, Unit.stateDirectory)
  const placed = yield* attempt(
    "cannot read the configuration",
    () => Configuration.make(task.config, history, machine.home)
  )
  if (Result.isFailure(placed)) return yield* failed(placed.failure)
  const { copies, isWritable, path: config } = placed.success
  const found = Arguments.make({ ...task, config }, history)
  if (Result.isFailure(found)) return yield* new UpkeepError({ kind: "usage", message: found.failure })
  const { files, isLocal, ...options } = found.success
  if (isLocal) {
    asker.note(
      task.local === "w1:"
        ? "No server is named, and no owserver is on this machine, so the service follows the kernel's own bus. Name others with -s."
        : "No server is named, so the service follows the one on this machine. Name others with -s."
    )
  }
  const unit = Unit.make({ ...options, node, script, version: yield* Systemd.version(machine) })
  const problem = problemOf(files, machine)
  if (task.isPrinted) {
    asker.text(unit.trimEnd())
    if (problem !== undefined) asker.note(`As it is, ${problem}.`)
    return
  }
  const unable = Systemd.problemOf(machine) ?? problem
  if (unable !== undefined) return yield* failed(unable)
  const path = join(units, `${Unit.name}.service`)
  const before = yield* readIfThere(path)
  if (before === unit && copies.length === 0) asker.note(`${path} is as it should be.`)
  else {
    const kept = `${path}.before-install`
    const difference = before === undefined ? [] : Difference.of(before, unit)
    if (before !== unit) {
      asker.note(before === undefined ? `This writes ${path}:` : `${path} is there, and would change:`)
    }
    for (const line of indented(before === undefined ? unit.trimEnd().split("\n") : difference)) asker.note(line)
    if (before !== undefined && before !== unit) asker.note(`The current unit would be kept in ${kept}.`)
    for (const { from, to } of copies) {
      asker.note(`It copies ${from} to ${to}, where the service can read it. From then on, edit that copy.`)
    }
    if (!isWritable && config !== undefined) {
      asker.note(
        `The service reads ${config} where it is, and cannot write to it: its page edits no places. It can if the file is ${
          join(history, Configuration.name)
        }.`
      )
    }
    asker.note(`Then it starts the service, now and with the computer. Its history is in ${history}.`)
    if (!(yield* asker.ask("Continue?"))) return yield* failed("nothing was changed")
    yield* attempt(`cannot copy the configuration to ${history}`, () => Configuration.copyAll(copies, history))
    if (before !== undefined && before !== unit) yield* write(kept, before)
    yield* write(path, unit)
  }
  yield* step(systemctl, ["daemon-reload"])
  yield* step(systemctl, ["enable", Unit.name])
  const { output, status } = yield* Systemd.run(
    systemctl,
    [before === unit && copies.length === 0 ? "start" : "restart", Unit.name],
    longPatience
  )
  if (status === 124) {
    asker.note(`The service is still starting. Follow it with: journalctl -fu ${Unit.name}`)
    return
  }
  if (status !== 0) {
    asker.note(output)
    for (const line of indented(yield* log(machine))) asker.note(line)
    return yield* failed(
      `the service does not start; systemd keeps trying. Follow it with: journalctl -fu ${Unit.name}`
    )
  }
  asker.result({ unit: path, state: history }, [`The hub is started. Its log: journalctl -fu ${Unit.name}`])
})

/** Bytes of all files of a directory, or `undefined` if it does not exist. */
const sizeOf = (directory: string): number | undefined => {
  if (!Fs.existsSync(directory)) return undefined
  const files = Fs.readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.reduce((sum, { name, parentPath }) => sum + Fs.statSync(join(parentPath, name)).size, 0)
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

export const uninstall = Effect.fnUntraced(function*(task: Uninstall, machine: Systemd.Machine, asker: Asker) {
  const { state, systemctl, units } = machine
  const unable = Systemd.problemOf(machine)
  if (unable !== undefined) return yield* failed(unable)
  const path = join(units, `${Unit.name}.service`)
  const isThere = (yield* readIfThere(path)) !== undefined
  if (isThere) {
    asker.note(`This stops the service ${Unit.name}, and removes ${path}.`)
    if (!(yield* asker.ask("Continue?"))) return yield* failed("nothing was changed")
    yield* step(systemctl, ["disable", "--now", Unit.name], longPatience)
    yield* attempt(`cannot remove ${path}`, () => Fs.rmSync(path))
    yield* step(systemctl, ["daemon-reload"])
    // This has no effect on a service that has not failed.
    yield* Systemd.run(systemctl, ["reset-failed", Unit.name], patience)
  } else asker.note(`There is no ${path}.`)
  // The directory of a service with a dynamic user is a link to one that other users cannot enter.
  const directory = join(state, Unit.stateDirectory)
  const real = join(state, "private", Unit.stateDirectory)
  const size = yield* attempt(`cannot read ${directory}`, () => sizeOf(real) ?? sizeOf(directory))
  const isGone = size !== undefined
    && (task.isPurged || (yield* asker.offer(`Delete the history in ${directory} as well (${megabytes(size)})?`)))
  if (isGone) {
    yield* attempt(`cannot delete ${directory}`, () => {
      for (const each of [directory, real]) Fs.rmSync(each, { recursive: true, force: true })
    })
  }
  const about = size === undefined ? "" : isGone ? " The history is deleted." : ` The history stays in ${directory}.`
  asker.result({ unit: path, isHistoryDeleted: isGone }, [`The hub is no longer a service.${about}`])
})
