/** A shell on the stage of a guide, which types what the guide says. */
import { Data, Effect, Queue, Schedule, type Scope } from "effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import type { Command, File } from "./Guide.ts"
import { isAsShown } from "./Guide.ts"
import { type Stage, untilStopped } from "./Rules.ts"

const checkout = fileURLToPath(new URL("../..", import.meta.url))

/** What a command takes at most. A busy machine has little time for each. */
const patience = "5 minutes"

/** Something of a guide does not work as it says. */
export class GuideError extends Data.TaggedError("GuideError")<{ readonly problem: string; readonly output: string }> {
  override get message(): string {
    return `${this.problem}\n${this.output.trimEnd().replaceAll(/^/gm, "    ")}`
  }
}

export interface Session {
  /** Types a command, and waits until it has ended well, or, if it runs until Ctrl-C, until it has printed something. */
  readonly type: (command: Command) => Effect.Effect<void, GuideError>
  /** Writes a file, as root could. */
  readonly write: (file: File) => Effect.Effect<void, GuideError>
  /** Presses Ctrl-C where something still runs, and waits until that has ended well. */
  readonly stopAll: Effect.Effect<void, GuideError>
  /** What programs were checked by a rule. */
  readonly rules: Effect.Effect<ReadonlyArray<{ readonly command: string; readonly why: string }>>
}

interface Running {
  readonly name: string
  readonly command: Command
  readonly pid: string
  readonly output: string
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Opens the shell, with what of the world the guide needs: `mosquitto`, `postgres`, servers by their hosts. */
export const open = Effect.fnUntraced(function*(
  stage: Stage,
  parts: ReadonlyArray<string>,
  w1: string
): Effect.fn.Return<Session, GuideError, Scope.Scope> {
  const io = yield* Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "ow-guide-"))),
    (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true, force: true }))
  )
  const at = (name: string): string => Path.join(io, name)
  const inside = (name: string): string => `/run/guide/io/${name}`
  const read = (name: string): string => Fs.existsSync(at(name)) ? Fs.readFileSync(at(name), "utf8") : ""
  if (stage.before !== undefined) Fs.writeFileSync(at("before.sh"), stage.before)
  Fs.mkdirSync(at("cache"))

  const said = yield* Queue.unbounded<string>()
  const shell = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const namespaces = ["--net", "--mount", "--uts", "--ipc", "--pid", "--mount-proc", "--fork", "--kill-child"]
      const script = Path.join(import.meta.dirname, "stage/stage.sh")
      const child = ChildProcess.spawn("unshare", [...namespaces, script, io, checkout, w1, parts.join(" ")], {
        env: { PATH: process.env["PATH"] },
        detached: true
      })
      child.stderr.on("data", (text) => Fs.appendFileSync(at("shell.err"), text))
      let rest = ""
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split("\n")
        rest = lines.pop() ?? ""
        for (const line of lines) Queue.offerUnsafe(said, line)
      })
      child.on("close", () => Queue.offerUnsafe(said, "closed"))
      // A shell that has ended reads nothing more.
      child.stdin.on("error", () => {})
      return child
    }),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        child.once("close", () => resume(Effect.void))
        child.kill("SIGKILL")
      })
  )

  /** Has the shell do something, and gives what it says then. */
  const ask = Effect.fnUntraced(function*(what: string, line: string, output: string) {
    yield* Effect.sync(() => shell.stdin.write(`${line}\n`))
    return yield* Queue.take(said).pipe(
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () => new GuideError({ problem: `${what} has not ended after ${patience}`, output: read(output) })
      }),
      Effect.filterOrElse(
        (answer) => answer !== "closed",
        () => new GuideError({ problem: `${what} ended the shell`, output: read(output) + read("shell.err") })
      )
    )
  })

  if ((yield* ask("the stage", "echo open", "shell.err")) !== "open") {
    return yield* new GuideError({ problem: "the stage is not ready", output: read("shell.err") })
  }

  let count = 0
  let running: ReadonlyArray<Running> = []

  const stop = Effect.fnUntraced(function*({ command, name, output, pid }: Running) {
    running = running.filter((each) => each.name !== name)
    const status = yield* ask(
      `line ${command.line}: ${command.text}, after Ctrl-C,`,
      `sudo kill -INT -- -${pid} 2>&9; wait ${pid} 2>&9; S=$?; while sudo kill -0 -- -${pid} 2>&9; do sleep 0.02; done; echo $S`,
      output
    )
    if (status !== "0" && status !== "130") {
      return yield* new GuideError({
        problem: `line ${command.line}: ${command.text}\n  ended with status ${status} after Ctrl-C`,
        output: read(output)
      })
    }
  })

  /** Waits for what a command says that goes on. */
  const follow = Effect.fnUntraced(function*({ command, output, pid }: Running) {
    const { shown, text } = command
    // If nothing is to be printed, the command must still be running after a moment.
    if (stage.silent?.test(text) === true) {
      const state = yield* ask(text, `sleep 1; kill -0 ${pid} 2>&9 && echo on || echo off`, output)
      if (state === "on") return
      return yield* new GuideError({ problem: `line ${command.line}: ${text}\n  has ended`, output: read(output) })
    }
    const isSaid = () => shown === undefined ? read(output) !== "" : isAsShown(shown, read(output))
    yield* Effect.suspend(() =>
      isSaid() ? Effect.void : ask(text, `kill -0 ${pid} 2>&9 && echo on || echo off`, output).pipe(
        Effect.flatMap((state) => {
          if (isSaid()) return Effect.void
          const problem = `line ${command.line}: ${text}\n  has ${state === "on" ? "not said what it should" : "ended"}`
          return Effect.fail(new GuideError({ problem, output: read(output) }))
        })
      )
    ).pipe(Effect.retry({
      while: ({ problem }) => problem.endsWith("not said what it should"),
      schedule: Schedule.spaced("50 millis"),
      times: 3600
    }))
  })

  const type = Effect.fnUntraced(function*(command: Command) {
    const name = `${++count}`
    const { line, text } = command
    const shown = stage.varies?.test(text) === true ? undefined : command.shown
    Fs.writeFileSync(at(`${name}.sh`), `${text}\n`)
    const output = `${name}.out`
    const answer = stage.answers?.find(([pattern]) => pattern.test(text))?.[1]
    // What asks, asks at a terminal.
    const call = answer === undefined
      ? `. ${inside(`${name}.sh`)} >${inside(output)} 2>&1 </dev/null`
      : `{ sleep 2; printf ${quoted(answer)}; } | script --quiet --return --command "bash ${
        inside(`${name}.sh`)
      }" /dev/null >${inside(output)} 2>&1`
    // If it writes into a file, the guide shows that file.
    const redirected = shown === undefined ? undefined : /[^&\d]> ?(\S+)\s*(?:#.*)?$/.exec(text)?.[1]
    const after = redirected === undefined ? "" : `; S=$?; cat ${redirected} >>${inside(output)}; (exit $S)`
    const kind = untilStopped(text)
    if (kind !== undefined) {
      const before = running.find((each) => each.name === kind)
      if (before !== undefined) yield* stop(before)
      if (kind === "server 4304") {
        yield* ask(
          "the server",
          `sudo sh -c 'kill $(cat /run/guide/127.0.0.1:4304.pid) && while kill -0 $(cat /run/guide/127.0.0.1:4304.pid); do sleep 0.01; done' 2>&9; echo`,
          "shell.err"
        )
      }
      const pid = yield* ask(text, `set -m; { ${call}; } & set +m; echo $!`, output)
      const started = { name: kind, command: { ...command, shown }, pid, output }
      running = [...running, started]
      return yield* follow(started)
    }
    const status = yield* ask(`line ${line}: ${text}`, `${call}${after}; echo $?`, output)
    if (shown !== undefined && !isAsShown(shown, read(output))) {
      const problem =
        `line ${line}: ${text}\n  ended with status ${status}, and does not print what the guide shows, but`
      return yield* new GuideError({ problem, output: read(output) })
    }
    // A guide may show how something fails.
    if (status !== "0" && !(shown?.trim())) {
      return yield* new GuideError({
        problem: `line ${line}: ${text}\n  ended with status ${status}`,
        output: read(output)
      })
    }
  })

  const write = Effect.fnUntraced(function*(file: File) {
    const name = `${++count}`
    // A part of the hub's file is a whole one for a reader who has none.
    const isPart = file.path.endsWith("hub.yaml") && !file.adds && !/^version:/m.test(file.content)
    Fs.writeFileSync(at(`${name}.file`), isPart ? `version: 1\n${file.content}` : file.content)
    const path = file.path.startsWith("~/") ? `/home/pi/${file.path.slice(2)}` : file.path
    const owner = path.startsWith("/") && !path.startsWith("/home/") ? "sudo " : ""
    const status = yield* ask(
      `line ${file.line}: ${path}`,
      `${owner}mkdir -p "$(dirname ${quoted(path)})" && ${owner}tee ${file.adds ? "-a " : ""}${quoted(path)} <${
        inside(`${name}.file`)
      } >/dev/null 2>&9; echo $?`,
      "shell.err"
    )
    if (status !== "0") {
      return yield* new GuideError({
        problem: `line ${file.line}: ${path} cannot be written`,
        output: read("shell.err")
      })
    }
  })

  yield* ask("the shell", "exec 9>>/run/guide/io/shell.log; echo", "shell.err")
  return {
    type,
    write,
    stopAll: Effect.suspend(() => Effect.forEach(running.toReversed(), stop, { discard: true })),
    rules: Effect.sync(() =>
      read("rules.log").split("\n").filter((line) => line !== "").map((line): { command: string; why: string } =>
        JSON.parse(line)
      )
    )
  }
})
