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
import { Console, Effect, Stream } from "effect"
import { ChildProcess } from "effect/process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { compilerOptions, inspect, libraries, type Module, modulesOf, pack } from "./packed/Packages.ts"
import { firstProgram, network, printed } from "./packed/Readme.ts"
import { expect, json, makeProject, root, run } from "./packed/Running.ts"

/** The compilers that can read the declarations, the one of this workspace among them. */
const compilers = ["7.0", "5.9"]

/** What each package has, beside its code. */
const belonging = ["LICENSE", "README.md"]

/** Packs a package, and has its tarball looked through by those who know what goes wrong. */
const packAndLook = Effect.fnUntraced(function*(name: string, directory: string) {
  const tarball = yield* pack(root, name, directory)
  const tools = Path.join(root, "node_modules/.bin")
  yield* run(root, Path.join(tools, "publint"), ["run", "--strict", tarball])
  yield* run(root, Path.join(tools, "attw"), ["--profile", "esm-only", "--format", "ascii", tarball])
  yield* Console.log(`  ${Path.basename(tarball)}, ${Math.round(Fs.statSync(tarball).size / 1000)} kB`)
  return tarball
})

const npm = (cwd: string, packages: ReadonlyArray<string>) =>
  run(cwd, "npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...packages])

/** What is run of all that, and what it shall write; the program of the README talks to a server that is simulated here. */
const check = Effect.fnUntraced(function*(directory: string) {
  yield* Console.log("builds, packs and looks through")
  yield* run(root, "pnpm", ["build"])
  const tarballs = yield* Effect.forEach(libraries, (name) => packAndLook(name, directory))
  const command = yield* packAndLook("cli", directory)

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
    modules.push(...modulesOf(name, home, yield* inspect(home, belonging)))
  }
  const tools = makeProject(Path.join(directory, "tools"))
  yield* npm(tools, [command])
  yield* inspect(Path.join(tools, "node_modules/@effect-ownet/cli"), belonging)
  yield* expect("the command shall come alone", Fs.readdirSync(Path.join(tools, "node_modules")).filter(isName), [
    "@effect-ownet"
  ])

  const server = yield* NodeSimulatedServer.start(network)
  Fs.writeFileSync(Path.join(project, "quickstart.ts"), yield* firstProgram(server.port))
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
    yield* expect("the program of README.md", devices, printed)
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
    yield* expect("the program of README.md", devices, printed)
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
