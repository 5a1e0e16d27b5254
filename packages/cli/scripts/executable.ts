/**
 * Makes single executables of the command `ow`, which need no Node: Node itself, as its release has it, with the bundles inside.
 * They, an archive of each with the licenses and the units for systemd, and the checksums of the archives come to lie in `dist/`.
 *
 *     node packages/cli/scripts/executable.ts [linux-x64] [linux-arm64]
 */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const cli = join(root, "packages/cli")
const bundles = join(cli, "dist")
const dist = join(root, "dist")
const work = join(root, "node_modules/.cache/ow-executable")

/** Platforms, and the programs that take the symbols out of theirs: 18 MB that nobody needs to run it. */
const targets: Readonly<Record<string, { readonly strip: string; readonly debian: string }>> = {
  "linux-x64": { strip: "x86_64-linux-gnu-strip", debian: "binutils-x86-64-linux-gnu" },
  "linux-arm64": { strip: "aarch64-linux-gnu-strip", debian: "binutils-aarch64-linux-gnu" }
}

/** Marks Node as an executable with something inside. The documentation of Node names it. */
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2"

const run = (command: string, args: ReadonlyArray<string>, cwd = root): string =>
  execFileSync(command, [...args], { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })

/** The version of Node that the workspace has, and all tests run on. */
const version = process.versions.node

/** Node of a platform, from npm, without its symbols. */
const nodeOf = (target: string): string => {
  const { debian, strip } = targets[target]!
  const directory = join(work, `node-${target}-${version}`)
  const stripped = join(directory, "node")
  if (existsSync(stripped)) return stripped
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  // npm checks what it fetched.
  const packed = run("npm", ["pack", "--silent", `node-${target}@${version}`], directory).trim()
  run("tar", ["-xzf", packed], directory)
  rmSync(join(directory, packed))
  const draft = join(directory, "draft")
  try {
    run(strip, ["-o", draft, join(directory, "package/bin/node")])
  } catch (cause) {
    throw new Error(`${strip} is missing: on Debian, apt-get install ${debian}`, { cause })
  }
  renameSync(draft, stripped)
  return stripped
}

/** What comes inside: the same for all platforms, because no compiled code does. */
const makeBlob = (): string => {
  run(process.execPath, [join(cli, "scripts/build.ts")])
  const names = readdirSync(bundles).filter((name) => /^ow-.*\.cjs$/.test(name))
  const page = readdirSync(join(bundles, "page")).map((name) => `page/${name}`)
  const output = join(work, "ow.blob")
  const settings = join(work, "sea.json")
  mkdirSync(work, { recursive: true })
  writeFileSync(
    settings,
    JSON.stringify({
      main: join(bundles, "executable.cjs"),
      output,
      disableExperimentalSEAWarning: true,
      // Users may have settings for their own programs, which say nothing of this one.
      execArgvExtension: "none",
      assets: Object.fromEntries([...names, ...page].map((name) => [name, join(bundles, name)]))
    })
  )
  run(process.execPath, ["--experimental-sea-config", settings])
  return output
}

const postject = createRequire(import.meta.url).resolve("postject/dist/cli.js")

const megabytes = (path: string): string => `${(statSync(path).size / 1e6).toFixed(0)} MB`

const make = (target: string, blob: string): void => {
  const name = `ow-${target}`
  const draft = join(work, name)
  copyFileSync(nodeOf(target), draft)
  chmodSync(draft, 0o755)
  run(process.execPath, [postject, draft, "NODE_SEA_BLOB", blob, "--sentinel-fuse", fuse])
  mkdirSync(dist, { recursive: true })
  renameSync(draft, join(dist, name))

  const archived = join(work, "archived", name)
  rmSync(join(work, "archived"), { recursive: true, force: true })
  mkdirSync(archived, { recursive: true })
  copyFileSync(join(dist, name), join(archived, "ow"))
  copyFileSync(join(bundles, "LICENSES.txt"), join(archived, "LICENSES.txt"))
  copyFileSync(join(root, "LICENSE"), join(archived, "LICENSE"))
  const [license] = globSync("package/LICENSE*", { cwd: join(work, `node-${target}-${version}`) })
  if (license === undefined) throw new Error("Node has no license to take along")
  copyFileSync(join(work, `node-${target}-${version}`, license), join(archived, "LICENSE-node"))
  cpSync(join(cli, "systemd"), join(archived, "systemd"), { recursive: true })
  const archive = join(dist, `${name}.tar.gz`)
  run("tar", ["-czf", archive, "--owner=0", "--group=0", "--sort=name", name], join(work, "archived"))
  process.stdout.write(`dist/${name}: ${megabytes(join(dist, name))}, as an archive ${megabytes(archive)}\n`)
}

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(targets)
for (const target of chosen) {
  if (!Object.hasOwn(targets, target)) throw new Error(`no such target: ${target}; there are ${Object.keys(targets)}`)
}
const blob = makeBlob()
for (const target of chosen) make(target, blob)
writeFileSync(
  join(dist, "SHA256SUMS"),
  chosen.map((target) => `ow-${target}.tar.gz`).map((name) =>
    `${createHash("sha256").update(readFileSync(join(dist, name))).digest("hex")}  ${name}\n`
  ).join("")
)
