/** Requirements of the bench other than Node: programs that it compiles, and installed ones. Missing programs are skipped. */
import { Effect, FileSystem } from "effect"
import { ChildProcess } from "effect/process"
import { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import { fileURLToPath } from "node:url"

export interface Tools {
  /** The program of the synthetic server. */
  readonly synthetic: string | undefined
  /** The programs of the clients outside Node. */
  readonly clients: ReadonlyMap<string, ReadonlyArray<string>>
  /** The programs that read one value and end, each after the one that measures its time. */
  readonly starts: ReadonlyMap<string, ReadonlyArray<string>>
  /** A line for each missing program. */
  readonly missing: ReadonlyArray<string>
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const native = (name: string): string => at(`native/${name}`)
const start = (name: string): string => at(`starts/${name}`)
const ow = (path: string): string => at(`../../packages/cli/${path}`)

/** Whether a program runs successfully. */
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
    return (yield* succeeds("cc", ["-O2", "-o", program, native(`${name}.c`), ...libraries])) ? program : undefined
  })

  const missing: Array<string> = []
  const clients = new Map<string, ReadonlyArray<string>>()
  const starts = new Map<string, ReadonlyArray<string>>()
  const hasCompiler = yield* succeeds("cc", ["--version"])
  const synthetic = yield* compile("synthetic", [])
  const timer = yield* compile("starts", [])
  if (!hasCompiler) {
    missing.push("no C compiler: without the workloads on the synthetic server, and without C libownet (Debian: gcc)")
  } else {
    if (synthetic === undefined) missing.push("the synthetic server does not compile here: without its workloads")
    if (timer === undefined) missing.push("what starts processes does not compile here: without W6")
    const libownet = yield* compile("libownet", ["-lownet", "-lpthread"])
    if (libownet === undefined) missing.push("without C libownet (Debian: libownet-dev)")
    else clients.set("libownet", [libownet])
  }

  /** A program's cache serves only its own starts. */
  const addStart = (id: string, ...program: ReadonlyArray<string>) => {
    if (timer !== undefined) starts.set(id, ["env", `XDG_CACHE_HOME=${folder}/cache-${id}`, timer, ...program, "--"])
  }
  for (const id of ["floor", "owfs", "owjs", "constant"]) addStart(id, process.execPath, start(`${id}.mjs`))
  if (yield* succeeds(process.execPath, [ow("scripts/build.ts")])) {
    addStart("ow", process.execPath, ow("dist/ow.cjs"), "cat")
    addStart("ow-parser", process.execPath, ow("dist/ow.cjs"), "cat", "--celsius")
  } else missing.push("without ow: its bundle cannot be built")
  if (yield* succeeds("owread", ["--version"])) addStart("owread", "owread")
  else missing.push("without owread (Debian: ow-shell)")
  if (starts.has("owread")) clients.set("owread-loop", ["sh", native("owread.sh")])
  if (yield* succeeds("perl", ["-MOWNet", "-MTime::HiRes", "-e", "1"])) {
    clients.set("perl", ["perl", native("ownet.pl")])
    addStart("perl", "perl", start("ownet.pl"))
  } else missing.push("without Perl OWNet (Debian: libownet-perl)")
  if (yield* succeeds("python3", ["-c", "import pyownet"])) clients.set("pyownet", ["python3", native("ownet.py")])
  else missing.push("without Python pyownet (pip install pyownet)")
  return { synthetic, clients, starts, missing } satisfies Tools
})
