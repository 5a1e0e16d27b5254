/** Commands, and what is wrong with what they make. */
import { Data, Effect, Stream } from "effect"
import { ChildProcess } from "effect/process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url))

export class Wrong
  extends Data.TaggedError("Wrong")<{ readonly problem: string; readonly details?: string | undefined }>
{
  override get message(): string {
    return this.details === undefined ? this.problem : `${this.problem}\n\n${this.details.trim()}`
  }
}

const text = <E>(stream: Stream.Stream<Uint8Array, E>) => Stream.mkString(Stream.decodeText(stream))

/** What a command writes. If it fails, all of that is said. */
export const run = Effect.fnUntraced(function*(
  cwd: string,
  command: string,
  args: ReadonlyArray<string>,
  env: Record<string, string | undefined> = {}
) {
  const child = yield* ChildProcess.make(command, args, {
    cwd,
    stdin: "ignore",
    extendEnv: true,
    env: { OWSERVER: undefined, NODE_OPTIONS: undefined, FORCE_COLOR: undefined, NO_COLOR: "1", ...env }
  })
  const [output, errors, status] = yield* Effect.all([text(child.stdout), text(child.stderr), child.exitCode], {
    concurrency: "unbounded"
  })
  if (status === 0) return output
  const shown = [command, ...args].join(" ").slice(0, 200)
  return yield* new Wrong({ problem: `${shown}: exit status ${status}`, details: `${output}\n${errors}` })
}, Effect.scoped)

export const expect = (what: string, found: unknown, wanted: unknown): Effect.Effect<void, Wrong> => {
  const [one, other] = [JSON.stringify(found, null, 2), JSON.stringify(wanted, null, 2)]
  return one === other ? Effect.void : new Wrong({ problem: what, details: `found ${one}\nwanted ${other}` })
}

export const json = (path: string) => JSON.parse(Fs.readFileSync(path, "utf8"))

/** An empty project. */
export const makeProject = (path: string): string => {
  Fs.mkdirSync(path, { recursive: true })
  Fs.writeFileSync(Path.join(path, "package.json"), JSON.stringify({ private: true, type: "module" }))
  return path
}
