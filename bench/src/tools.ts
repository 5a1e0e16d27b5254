/** What the bench needs beside Node: programs that it compiles, and what is installed. What is missing is left out. */
import { Effect, FileSystem } from "effect"
import { ChildProcess } from "effect/process"
import { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import { fileURLToPath } from "node:url"

export interface Tools {
  /** The program of the synthetic server. */
  readonly synthetic: string | undefined
  /** The programs of the clients that do not run in Node. */
  readonly clients: ReadonlyMap<string, ReadonlyArray<string>>
  /** A line for each thing that is missing. */
  readonly missing: ReadonlyArray<string>
}

const source = (name: string): string => fileURLToPath(new URL(`native/${name}`, import.meta.url))

/** Whether a program runs, and is content. */
const succeeds = (program: string, args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const spawner = yield* ChildProcessSpawner
    const command = ChildProcess.make(program, args, { stdin: "ignore", stdout: "ignore", stderr: "ignore" })
    return yield* Effect.orElseSucceed(Effect.map(spawner.exitCode(command), (code) => code === 0), () => false)
  })

export const prepare = Effect.gen(function*() {
  const fileSystem = yield* FileSystem.FileSystem
  const folder = yield* fileSystem.makeTempDirectoryScoped({ prefix: "effect-ownet-bench-" })
  const compile = Effect.fnUntraced(function*(name: string, libraries: ReadonlyArray<string>) {
    const program = `${folder}/${name}`
    return (yield* succeeds("cc", ["-O2", "-o", program, source(`${name}.c`), ...libraries])) ? program : undefined
  })

  const missing: Array<string> = []
  const clients = new Map<string, ReadonlyArray<string>>()
  const hasCompiler = yield* succeeds("cc", ["--version"])
  const synthetic = yield* compile("synthetic", [])
  if (!hasCompiler) {
    missing.push("no C compiler: without the workloads on the synthetic server, and without C libownet (Debian: gcc)")
  } else {
    if (synthetic === undefined) missing.push("the synthetic server does not compile here: without its workloads")
    const libownet = yield* compile("libownet", ["-lownet", "-lpthread"])
    if (libownet === undefined) missing.push("without C libownet (Debian: libownet-dev)")
    else clients.set("libownet", [libownet])
  }
  if (yield* succeeds("perl", ["-MOWNet", "-MTime::HiRes", "-e", "1"])) {
    clients.set("perl", ["perl", source("ownet.pl")])
  } else missing.push("without Perl OWNet (Debian: libownet-perl)")
  return { synthetic, clients, missing } satisfies Tools
})
