/**
 * The packages as somebody meets them who installs them: built, packed, looked through, installed from their tarballs into
 * an empty project, compiled against by two compilers, and run on each line of Node that they are made for.
 *
 *     node test/packed.ts
 *
 * It takes some minutes, and downloads what it needs. Where anything is wrong it says what, leaves the project to be looked
 * at, and exits with 1.
 */
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Data, Effect, Stream } from "effect"
import { ChildProcess } from "effect/process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** What somebody who writes programs installs; the command is installed without them. */
const libraries = ["core", "node", "hub"]

/** The compilers that can read the declarations, the one of this workspace among them. */
const compilers = ["7.0", "5.9"]

const network = { "28.000028D70100": { temperature: 21.5 }, "10.67C6697351FF": { temperature: -3.25 } }

class Wrong extends Data.TaggedError("Wrong")<{ readonly problem: string; readonly details?: string | undefined }> {
  override get message(): string {
    return this.details === undefined ? this.problem : `${this.problem}\n\n${this.details.trim()}`
  }
}

const text = <E>(stream: Stream.Stream<Uint8Array, E>) => Stream.mkString(Stream.decodeText(stream))

/** What a command writes. If it fails, all of that is said. */
const run = Effect.fnUntraced(function*(
  cwd: string,
  command: string,
  args: ReadonlyArray<string>,
  env: Record<string, string> = {}
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

const expect = (what: string, found: unknown, wanted: unknown): Effect.Effect<void, Wrong> => {
  const [one, other] = [JSON.stringify(found, null, 2), JSON.stringify(wanted, null, 2)]
  return one === other ? Effect.void : new Wrong({ problem: what, details: `found ${one}\nwanted ${other}` })
}

const json = (path: string) => JSON.parse(Fs.readFileSync(path, "utf8"))

/** Packs a package, and has its tarball looked through by those who know what goes wrong. */
const pack = Effect.fnUntraced(function*(name: string, directory: string) {
  const home = Path.join(root, "packages", name)
  yield* run(home, "pnpm", ["pack", "--pack-destination", directory])
  const tarball = Path.join(directory, `effect-ownet-${name}-${json(Path.join(home, "package.json")).version}.tgz`)
  const tools = Path.join(root, "node_modules/.bin")
  yield* run(root, Path.join(tools, "publint"), ["run", "--strict", tarball])
  yield* run(root, Path.join(tools, "attw"), ["--profile", "esm-only", "--format", "ascii", tarball])
  yield* Console.log(`  ${Path.basename(tarball)}, ${Math.round(Fs.statSync(tarball).size / 1000)} kB`)
  return tarball
})

/** The files of an installed package, if it has what belongs to it and nothing else. */
const inspect = Effect.fnUntraced(function*(directory: string) {
  const files = Fs.readdirSync(directory, { recursive: true, encoding: "utf8" })
  const here = new Set(files)
  const wrong: Array<string> = []
  for (const needed of ["AGENTS.md", "LICENSE", "README.md"]) if (!here.has(needed)) wrong.push(`${needed} is missing`)
  for (const file of files) {
    if (/tsbuildinfo|\.test\.|node_modules/.test(file)) wrong.push(`${file} does not belong there`)
    const source = /^dist\/(?!page\/)(.*)\.(?:js|d\.ts)$/.exec(file)
    if (source !== null && !here.has(`src/${source[1]}.ts`)) wrong.push(`${file} has no source`)
    if (!file.endsWith(".map")) continue
    for (const mapped of json(Path.join(directory, file)).sources) {
      if (!here.has(Path.join(Path.dirname(file), mapped))) wrong.push(`${file} maps to ${mapped}, which is not there`)
    }
  }
  const manifest = Fs.readFileSync(Path.join(directory, "package.json"), "utf8")
  if (/"(workspace|catalog):/.test(manifest)) wrong.push("package.json depends on what is known in its workspace only")
  yield* expect(directory, wrong, [])
  return files
})

interface Module {
  readonly module: string
  readonly verdict: string
}

/** Each module that a package has or says to have, and what a program shall meet that imports it. The hub's page is no module. */
const modulesOf = (name: string, directory: string, files: ReadonlyArray<string>): ReadonlyArray<Module> => [
  ...Object.entries(json(Path.join(directory, "package.json")).exports)
    .filter(([path, target]) => target !== null && !path.includes("*") && !path.endsWith(".json"))
    .map(([path]) => ({ module: Path.join("@effect-ownet", name, path), verdict: "reachable" })),
  ...files.flatMap((file) => /^dist\/(?!page\/)(.*)\.js$/.exec(file)?.[1] ?? []).map((path) => ({
    module: `@effect-ownet/${name}/${path}`,
    verdict: /(^|\/)(internal\/|index$)/.test(path) ? "ERR_PACKAGE_PATH_NOT_EXPORTED" : "reachable"
  }))
]

const npm = (cwd: string, packages: ReadonlyArray<string>) =>
  run(cwd, "npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...packages])

const makeProject = (path: string): string => {
  Fs.mkdirSync(path, { recursive: true })
  Fs.writeFileSync(Path.join(path, "package.json"), JSON.stringify({ private: true, type: "module" }))
  return path
}

/** What is run of all that, and what it shall write; the program of the README talks to a server that is simulated here. */
const check = Effect.fnUntraced(function*(directory: string) {
  yield* Console.log("builds, packs and looks through")
  yield* run(root, "pnpm", ["build"])
  const tarballs = yield* Effect.forEach(libraries, (name) => pack(name, directory))
  const command = yield* pack("cli", directory)

  yield* Console.log("installs into empty projects")
  const manifest = json(Path.join(root, "package.json"))
  const project = makeProject(Path.join(directory, "project"))
  yield* npm(project, [
    ...tarballs,
    "effect",
    "@effect/platform-node",
    `@types/node@${manifest.devDependencies["@types/node"]}`,
    ...compilers.map((version) => `typescript-${version}@npm:typescript@${version}`)
  ])
  const modules: Array<Module> = []
  for (const name of libraries) {
    const home = Path.join(project, "node_modules/@effect-ownet", name)
    modules.push(...modulesOf(name, home, yield* inspect(home)))
  }
  const tools = makeProject(Path.join(directory, "tools"))
  yield* npm(tools, [command])
  yield* inspect(Path.join(tools, "node_modules/@effect-ownet/cli"))
  yield* expect("the command shall come alone", Fs.readdirSync(Path.join(tools, "node_modules")).filter(isName), [
    "@effect-ownet"
  ])

  const server = yield* NodeSimulatedServer.start(network)
  const quickstart = /```ts\n(.*?)```/s.exec(Fs.readFileSync(Path.join(root, "README.md"), "utf8"))?.[1] ?? ""
  if (!quickstart.includes("port: 4304")) {
    return yield* new Wrong({ problem: "the first program of README.md is not the one that connects to port 4304" })
  }
  Fs.writeFileSync(Path.join(project, "quickstart.ts"), quickstart.replace("port: 4304", `port: ${server.port}`))
  for (const file of ["reach.ts", "simulated.ts"]) {
    Fs.copyFileSync(Path.join(root, "test/packed", file), Path.join(project, file))
  }
  const runtimes = Path.join(project, "runtimes")
  Fs.cpSync(Path.join(root, "examples/src/runtimes"), runtimes, { recursive: true })
  Fs.rmSync(Path.join(runtimes, "runtimes.test.ts"))
  Fs.cpSync(Path.join(root, "examples/src/running/Settings.ts"), Path.join(project, "running/Settings.ts"))
  const reachable = modules.filter(({ verdict }) => verdict === "reachable")
  const imports = reachable.map(({ module }, i) => `export * as module${i} from "${module}"\n`)
  Fs.writeFileSync(Path.join(project, "everything.ts"), imports.join(""))
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    strict: true,
    skipLibCheck: false,
    rewriteRelativeImportExtensions: true,
    types: ["node"]
  }
  Fs.writeFileSync(Path.join(project, "tsconfig.json"), JSON.stringify({ compilerOptions }))
  // What is declared names no type that only a program for Node has.
  const withoutNode = { compilerOptions: { ...compilerOptions, types: [], noEmit: true }, files: ["everything.ts"] }
  Fs.writeFileSync(Path.join(project, "without-node.json"), JSON.stringify(withoutNode))
  // Settings that the guide recommends.
  const guide = Fs.readFileSync(Path.join(root, "docs/typescript.md"), "utf8")
  const recommended = JSON.parse(/```json\n(.*?)```/s.exec(guide)?.[1] ?? "")
  Fs.writeFileSync(Path.join(project, "guide.json"), JSON.stringify({ ...recommended, files: ["quickstart.ts"] }))
  for (const version of compilers) {
    yield* Console.log(`compiles with TypeScript ${version}`)
    const tsc = `node_modules/typescript-${version}/bin/tsc`
    yield* run(project, "node", [tsc])
    yield* run(project, "node", [tsc, "--project", "guide.json"])
    yield* run(project, "node", [tsc, "--project", "without-node.json"])
  }

  for (const version of [manifest.engines.node.replace(/^>=/, ""), "24", "26"]) {
    const home = makeProject(Path.join(directory, `node-${version}`))
    yield* npm(home, [`node@${version}`])
    const env = {
      PATH: `${Path.join(home, "node_modules/.bin")}:${process.env["PATH"]}`,
      XDG_CACHE_HOME: Path.join(directory, "cache")
    }
    yield* Console.log(`runs on Node ${(yield* run(home, "node", ["--version"], env)).trim()}`)

    const devices = yield* run(project, "node", ["quickstart.js"], env)
    yield* expect("the program of README.md", devices.trim().split("\n").toSorted(), [
      "10.67C6697351FF -3.25",
      "28.000028D70100 21.5"
    ])
    yield* expect("simulated.ts", yield* run(project, "node", ["simulated.js"], env), "21.5\n21.5\n")
    const reach = yield* run(project, "node", ["reach.js", ...modules.map(({ module }) => module)], env)
    const met = new Set(reach.split("\n"))
    const others = modules.map(({ module, verdict }) => `${module} ${verdict}`).filter((line) => !met.has(line))
    yield* expect("not so, of what a program can import and what it cannot", others, [])

    const ow = Path.join(tools, "node_modules/.bin/ow")
    const { version: own } = json(Path.join(root, "packages/cli/package.json"))
    yield* expect("ow --version", yield* run(tools, ow, ["--version"], env), `ow ${own}\n`)
    const scanned = yield* run(tools, ow, ["--server", `${server.host}:${server.port}`, "scan"], env)
    yield* expect("ow scan", Object.keys(network).filter((device) => !scanned.includes(device)), [])
    yield* expect("ow hub", yield* showPage(ow, env), {
      status: 200,
      note: "The page shows a simulated house until Ctrl-C. Its history is not kept."
    })
  }

  const others = makeProject(Path.join(directory, "runtimes"))
  yield* npm(others, ["bun", "deno"])
  const own = "@effect-ownet/node"
  for (
    const [runtime, args, clients] of [
      ["bun", [], [own, "effect/socket"]],
      ["deno", ["run", "--allow-net", "--allow-env"], [own, "effect/socket", "Deno.connect"]]
    ] as const
  ) {
    const executable = Path.join(others, "node_modules/.bin", runtime)
    yield* Console.log(`runs on ${runtime}: ${(yield* run(others, executable, ["--version"])).split("\n")[0]}`)
    const printed = yield* run(project, executable, [...args, "runtimes/main.js"], {
      OWSERVER: `${server.host}:${server.port}`
    })
    yield* expect(
      "the program of the guide",
      printed.trim().split("\n").toSorted(),
      clients.flatMap((client) => [`${client} 10.67C6697351FF -3.25`, `${client} 28.000028D70100 21.5`]).toSorted()
    )
    const devices = yield* run(project, executable, [...args, "quickstart.js"])
    yield* expect("the program of README.md", devices.trim().split("\n").toSorted(), [
      "10.67C6697351FF -3.25",
      "28.000028D70100 21.5"
    ])
  }
}, Effect.scoped)

/** What the hub of the installed command says first, and whether its page is there. */
const showPage = Effect.fnUntraced(function*(ow: string, env: Record<string, string>) {
  const hub = yield* ChildProcess.make(ow, ["hub", "--demo", "--listen", "0"], {
    stdin: "ignore",
    extendEnv: true,
    env
  })
  const first = (stream: typeof hub.stdout) =>
    stream.pipe(Stream.decodeText, Stream.splitLines, Stream.runHead, Effect.flatMap(Effect.fromOption))
  const [url, note] = yield* Effect.all([first(hub.stdout), first(hub.stderr)], { concurrency: 2 })
  const { status } = yield* Effect.promise(() => fetch(url))
  return { status, note }
}, Effect.scoped)

const isName = (entry: string): boolean => !entry.startsWith(".")

const main = Effect.gen(function*() {
  const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-ownet-packed-"))
  yield* Effect.onError(check(directory), () => Console.error(`\nlook at ${directory}`))
  Fs.rmSync(directory, { recursive: true })
  yield* Console.log("all of that is as it should be")
})

main.pipe(
  Effect.catchTag(
    "Wrong",
    ({ message }) => Effect.andThen(Console.error(`\n${message}`), Effect.sync(() => process.exitCode = 1))
  ),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
