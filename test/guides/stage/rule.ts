/**
 * Stands for programs that only a real machine can run, or that would need the rest of the world: `rule.ts PROGRAM ARGUMENTS…`. What
 * they would do is checked in another way, and each use is noted in a file. Without arguments, the programs' names.
 */
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { isInstallOfOurs } from "../../packed/Installs.ts"

const guide = "/run/guide"
const checkout = `${guide}/checkout`

/** What is wrong with a call. */
class Wrong extends Error {}

interface Rule {
  /** What shows the call to be right. */
  readonly why: string
  readonly check: (args: ReadonlyArray<string>) => void
}

const need = (isSo: boolean, problem: string): void => {
  if (!isSo) throw new Wrong(problem)
}

/** The path without these programs. */
const path = (process.env["PATH"] ?? "").split(":").filter((folder) => folder !== `${guide}/bin`).join(":")
const real = { ...process.env, PATH: path }

/** Becomes another program, once this one has nothing to say of it. */
const become = (
  name: string,
  args: ReadonlyArray<string>,
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}
): never => {
  // Not what stands for it.
  const program = path.split(":").map((folder) => `${folder}/${name}`).find(Fs.existsSync) ?? name
  const { status, error, signal } = spawnSync(program, args, { stdio: "inherit", ...options })
  if (error !== undefined) process.stderr.write(`${error.message}\n`)
  process.exit(signal === "SIGINT" ? 130 : status ?? 127)
}

const output = (program: string, ...args: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = spawnSync(program, args, { encoding: "utf8", env: real })
  return { status, text: `${stdout}${stderr}` }
}

const isPlain = (arg: string): boolean => !arg.startsWith("-")

const apt = (args: ReadonlyArray<string>): void => {
  const [verb = "", ...packages] = args.filter(isPlain)
  if (verb === "update") return
  need(verb === "install", `apt-get ${verb} has no rule`)
  need(packages.length > 0, "no package is named")
  for (const name of packages) {
    const known = output("dpkg-query", "--show", name).status === 0 ||
      output("apt-cache", "show", "--no-all-versions", name).status === 0
    need(known, `Debian has no package ${name}`)
  }
}

const unitFolders = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"]

/** A unit that systemd takes, without a word on it. */
const verify = (name: string): void => {
  const unit = /\.\w+$/.test(name) ? name : `${name}.service`
  const found = unitFolders.map((folder) => `${folder}/${unit}`).find(Fs.existsSync)
  need(found !== undefined, `there is no unit ${unit}`)
  const { status, text } = output("systemd-analyze", "verify", "--recursive-errors=no", unit)
  need(status === 0, `systemd-analyze verify ${unit}: ${text}`)
  const own = text.split("\n").filter((line) => line.includes(unit.replace(/\.\w+$/, "")))
  need(own.length === 0 || !found?.startsWith("/etc"), own.join("\n"))
}

const systemctl = (args: ReadonlyArray<string>): void => {
  const [verb = "", ...units] = args.filter(isPlain)
  if (verb === "daemon-reload") return
  need(
    ["enable", "disable", "start", "stop", "restart", "reload", "status", "is-active", "edit", "cat", "show"].includes(
      verb
    ),
    `systemctl ${verb} has no rule`
  )
  need(units.length > 0, "no unit is named")
  for (const unit of units) verify(unit)
  if (verb === "is-active") process.stdout.write("active\n")
}

const journalctl = (args: ReadonlyArray<string>): void => {
  const unit = args.join(" ").match(/(?:-\w*u\w*|--unit)[ =](\S+)/)?.[1]
  if (unit !== undefined) verify(unit)
}

/** Options of `docker run` that take a value, of those that a guide has need of. */
const valued = new Set([
  "cap-add",
  "device",
  "entrypoint",
  "env",
  "hostname",
  "memory",
  "mount",
  "name",
  "network",
  "publish",
  "restart",
  "user",
  "volume",
  "workdir",
  "e",
  "p",
  "v",
  "u",
  "w",
  "h"
])
const plain = new Set(["detach", "init", "interactive", "privileged", "read-only", "rm", "tty", "d", "i", "t"])

const dockerNotes = `${guide}/io/docker.json`
const dockers = (): { images: ReadonlyArray<string>; containers: ReadonlyArray<string> } =>
  Fs.existsSync(dockerNotes) ? JSON.parse(Fs.readFileSync(dockerNotes, "utf8")) : { images: [], containers: [] }

const docker = (args: ReadonlyArray<string>): void => {
  const [verb = "", ...rest] = args
  const known = dockers()
  const options = new Map<string, string>()
  const words: Array<string> = []
  while (rest.length > 0) {
    const arg = rest.shift() ?? ""
    if (!arg.startsWith("-") || words.length > 0 && verb !== "build") {
      words.push(arg)
      continue
    }
    const [, name = "", value] = /^--?([\w-]+)(?:=(.*))?$/.exec(arg) ?? []
    if (
      valued.has(name) || verb === "build" && ["tag", "t", "file", "f", "platform"].includes(name) || verb === "compose"
    ) {
      options.set(name, value ?? rest.shift() ?? "")
    } else {
      need(plain.has(name), `docker ${verb} ${arg} has no rule`)
      options.set(name, "")
    }
  }
  const note = (more: Partial<ReturnType<typeof dockers>>) =>
    Fs.writeFileSync(dockerNotes, JSON.stringify({ ...known, ...more }))
  switch (verb) {
    case "build": {
      const file = options.get("file") ?? options.get("f") ?? Path.join(words[0] ?? ".", "Dockerfile")
      need(words.length === 1, "docker build takes one folder")
      need(Fs.existsSync(file), `there is no ${file}`)
      return note({ images: [...known.images, options.get("tag") ?? options.get("t") ?? ""] })
    }
    case "run": {
      const [image = "", ...command] = words
      need(
        known.images.includes(image),
        `the guide has not built ${image}, but ${known.images.join(", ") || "nothing"}`
      )
      // What follows are arguments of the entry point.
      const { status, text } = output("ow", "hub", ...command, "--help")
      need(status === 0, text)
      return note({ containers: [...known.containers, options.get("name") ?? ""] })
    }
    case "exec": {
      const [container = "", ...command] = words
      need(known.containers.includes(container), `the guide has not started ${container}`)
      const { status, text } = output(command[0] ?? "", ...command.slice(1), "--help")
      return need(status === 0, text)
    }
    case "stop":
    case "rm":
    case "logs":
    case "restart":
      return need(
        words.every((name) => known.containers.includes(name)),
        `the guide has not started ${words.join(" ")}`
      )
    case "compose":
      return need(
        ["compose.yaml", "compose.yml", "docker-compose.yml", options.get("f") ?? options.get("file") ?? ""].some((
          file
        ) => file !== "" && Fs.existsSync(file)),
        "there is no compose.yaml"
      )
  }
  throw new Wrong(`docker ${verb} has no rule`)
}

const ours = "https://github.com/effect-ownet/effect-ownet"

const git = (args: ReadonlyArray<string>): void => {
  const [verb = "", url = "", into = "effect-ownet"] = args.filter(isPlain)
  if (verb !== "clone") return become("git", args, { env: real })
  need(url === ours || url === `${ours}.git`, `${url} is not ${ours}`)
  need(!Fs.existsSync(into), `${into} is there already`)
  Fs.symlinkSync(checkout, into)
}

/** The scripts of the workspace that are run here. What others do is done by the runs of the tests, or takes too long. */
const runHere = new Set(["demo", "exec", "hub", "ow"])

const pnpm = (args: ReadonlyArray<string>): void => {
  need(Fs.realpathSync(".").startsWith(checkout), "pnpm is called outside of a checkout")
  const [script = "", ...rest] = args
  const { scripts } = JSON.parse(Fs.readFileSync(`${checkout}/package.json`, "utf8"))
  need(script === "exec" || script === "install" || script in scripts, `package.json has no script ${script}`)
  if (!runHere.has(script)) return
  const env = { ...process.env, PATH: `${checkout}/node_modules/.bin:${process.env["PATH"]}` }
  if (script === "exec") become("env", rest, { env })
  // The checkout is root's.
  const command = `${scripts[script]} ${rest.map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(" ")}`
  become("sudo", [
    "--preserve-env=OWSERVER,OWSERVERS",
    "env",
    `PATH=${env.PATH}`,
    `HOME=${process.env["HOME"]}`,
    "sh",
    "-c",
    `exec 2>&1; ${command}`
  ], {
    cwd: checkout
  })
}

/** Puts packages where a program finds them, as an installation would: links to those of the checkout. */
const link = (names: ReadonlyArray<string>): void => {
  for (const spec of names) {
    const name = /^(@[^/]+\/[^@]+|[^@]+)/.exec(spec)?.[1] ?? spec
    const target = [
      ...(name.startsWith("@effect-ownet/") ? [`${checkout}/packages/${name.slice("@effect-ownet/".length)}`] : []),
      ...["", "test/", "packages/hub/", "packages/cli/", "examples/"].map((folder) =>
        `${checkout}/${folder}node_modules/${name}`
      )
    ].find(Fs.existsSync)
    need(target !== undefined, `the workspace has no ${name} to stand for it`)
    const place = `node_modules/${name}`
    Fs.mkdirSync(Path.dirname(place), { recursive: true })
    if (target !== undefined && !Fs.existsSync(place)) Fs.symlinkSync(Fs.realpathSync(target), place)
    const { bin = {} } = JSON.parse(Fs.readFileSync(`${place}/package.json`, "utf8"))
    for (
      const [command, file] of Object.entries<string>(typeof bin === "string" ? { [Path.basename(name)]: bin } : bin)
    ) {
      Fs.mkdirSync("node_modules/.bin", { recursive: true })
      if (!Fs.existsSync(`node_modules/.bin/${command}`)) {
        Fs.symlinkSync(Path.resolve(place, file), `node_modules/.bin/${command}`)
      }
    }
  }
}

const npm = (args: ReadonlyArray<string>): void => {
  const [verb = "", ...packages] = args.filter(isPlain)
  if (verb !== "install" && verb !== "i" && verb !== "add") return become("npm", args)
  need(
    isInstallOfOurs(["npm", ...args].join(" ")) || packages.every((name) => !name.includes("effect-ownet")),
    "publish:check does not run that line"
  )
  if (args.includes("--global") || args.includes("-g")) {
    return need(packages.length > 0, "no package is named")
  }
  // A checkout has them, and is not the reader's.
  if (Fs.realpathSync(".").startsWith(checkout)) return
  link(packages.map((name) => name.replace(/^.*\/effect-ownet-(\w+)-[^/]*\.tgz$/, "@effect-ownet/$1")))
}

const npx = (args: ReadonlyArray<string>): void => {
  const [first = "", ...rest] = args.filter((arg, i) =>
    arg !== "--yes" && arg !== "-y" && !(arg.startsWith("--package=") && i < 4)
  )
  if (/^pnpm@\d+$/.test(first)) return pnpm(rest)
  if (
    first === "@effect-ownet/cli" || first === "ow" && args.some((arg) => arg.startsWith("--package=@effect-ownet/cli"))
  ) {
    need(isInstallOfOurs(["npx", ...args].join(" ")), "publish:check does not run that line")
    become("ow", rest)
  }
  const local = Path.resolve("node_modules/.bin", first)
  need(Fs.existsSync(local), `npx ${first} has no rule`)
  become(local, rest)
}

const runsProgram = (args: ReadonlyArray<string>): void => {
  const file = args.find((arg) => /\.[jt]s$/.test(arg))
  need(args[0] === "add" || file !== undefined, "no program is named")
}

const rules: Readonly<Record<string, Rule>> = {
  "apt-get": { why: "the packages exist in Debian", check: apt },
  apt: { why: "the packages exist in Debian", check: apt },
  systemctl: { why: "the unit exists, and systemd-analyze verifies it", check: systemctl },
  journalctl: { why: "the unit exists, and systemd-analyze verifies it", check: journalctl },
  reboot: { why: "nothing to check", check: (args) => need(args.length === 0, "reboot takes no argument") },
  udevadm: {
    why: "its arguments are those of the manual",
    check: (args) =>
      need(
        /^(?:control --reload|trigger(?: --(?:action|subsystem-match|settle)(?:=\w+)?)*)$/.test(args.join(" ")),
        args.join(" ")
      )
  },
  docker: { why: "its arguments parse, and files, images and containers are there", check: docker },
  git: { why: "the repository is ours, and a checkout stands for it", check: git },
  npm: { why: "publish:check runs that line; the workspace's packages stand for it", check: npm },
  npx: { why: "publish:check or the tests run that line", check: npx },
  bun: { why: "test/packed.ts runs the program of the guide on it", check: runsProgram },
  deno: { why: "test/packed.ts runs the program of the guide on it", check: runsProgram },
  ssh: {
    why: "ssh takes its arguments",
    check: (args) => {
      const { status, text } = output("ssh", "-G", ...args.filter((arg) => arg !== "-N"))
      need(status === 0, text)
    }
  }
}

const [program, ...args] = process.argv.slice(2)
if (program === undefined) process.stdout.write(`${Object.keys(rules).join("\n")}\n`)
else {
  const rule = rules[program]
  if (rule === undefined) throw new Wrong(`${program} has no rule`)
  try {
    rule.check(args)
    // What became the program itself is past this.
    Fs.appendFileSync(
      `${guide}/io/rules.log`,
      `${JSON.stringify({ command: [program, ...args].join(" "), why: rule.why })}\n`
    )
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
    process.stderr.write(`the rule for ${program}: ${error.message}\n`)
    process.exitCode = 1
  }
}
