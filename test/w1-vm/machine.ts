/** A virtual machine with Debian's kernel, without KVM. Its files come from this machine, and it runs one command at a time. */
import { Array as Arr, Data, Effect, Fiber, FileSystem, Queue, Semaphore, Stream } from "effect"
import { ChildProcess } from "effect/process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Directory that keeps the kernel between runs. */
const cache = here("../../node_modules/.cache/w1-vm")

export class MachineError extends Data.TaggedError("MachineError")<{ readonly message: string }> {}

const text = <E>(stream: Stream.Stream<Uint8Array, E>) => Stream.mkString(Stream.decodeText(stream))

/** The output of a command, if it succeeds. */
const run = Effect.fnUntraced(function*(command: string, ...args: ReadonlyArray<string>) {
  const child = yield* ChildProcess.make(command, args, { stdin: "ignore" })
  const [output, errors, status] = yield* Effect.all([text(child.stdout), text(child.stderr), child.exitCode], {
    concurrency: "unbounded"
  })
  if (status === 0) return output
  return yield* new MachineError({ message: `${command} ${args.join(" ")}: exit status ${status}\n${errors}` })
}, Effect.scoped)

/** Required commands, and the Debian packages that contain them. */
const needed = [
  ["qemu-system-x86_64", "qemu-system-x86"],
  ["busybox", "busybox-static"],
  ["apt-get", "apt"],
  ["apt-cache", "apt"],
  ["dpkg", "dpkg"],
  ["ldd", "libc-bin"]
] as const

const isThere = (command: string): boolean =>
  (process.env["PATH"] ?? "").split(":").some((folder) => Fs.existsSync(Path.join(folder, command)))

const checkCommands = Effect.suspend(() => {
  const missing = needed.filter(([command]) => !isThere(command))
  if (missing.length === 0) return Effect.void
  const packages = Arr.dedupe(missing.map(([, name]) => name)).join(" ")
  return new MachineError({
    message: `not installed: ${missing.map(([command]) => command).join(", ")}. On Debian: apt-get install ${packages}`
  })
})

/** Parts of the kernel's package that the machine needs. */
const parts = [
  "boot/vmlinuz-*",
  ...["drivers/i2c", "drivers/net/ethernet/intel/e1000", "drivers/usb", "drivers/w1", "lib"].map((folder) =>
    `lib/modules/*/kernel/${folder}`
  )
]

/** The folder of the newest kernel of Debian's `linux-image-amd64`, which is downloaded once and not installed. */
const kernel = Effect.gen(function*() {
  const name = /Depends: (linux-image-\S+)/.exec(yield* run("apt-cache", "depends", "linux-image-amd64"))?.[1]
  if (name === undefined) {
    return yield* new MachineError({
      message: "apt knows no kernel by the name of linux-image-amd64. On Debian for amd64: apt-get update"
    })
  }
  const folder = Path.join(cache, name)
  if (Fs.existsSync(folder)) return folder
  const draft = `${folder}.${process.pid}`
  Fs.mkdirSync(draft, { recursive: true })
  yield* Effect.onError(
    run(
      "sh",
      "-euc",
      `cd "$1" && shift
      apt-get -o APT::Sandbox::User=root --quiet download "$1" && shift
      dpkg --fsys-tarfile ./*.deb | tar --extract --wildcards "$@"
      rm ./*.deb`,
      "sh",
      draft,
      name,
      ...parts.map((part) => `./${part}`)
    ),
    () => Effect.sync(() => Fs.rmSync(draft, { recursive: true, force: true }))
  )
  // Another run may have been faster.
  if (Fs.existsSync(folder)) Fs.rmSync(draft, { recursive: true })
  else Fs.renameSync(draft, folder)
  return folder
})

/** The files of modules by their names, each after those it needs. */
const modulesOf = (kernel: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const files = new Map(Fs.globSync(`${kernel}/lib/modules/**/*.ko`).map((path) => [Path.basename(path, ".ko"), path]))
  const ordered = new Set<string>()
  const add = (name: string): void => {
    const path = files.get(name) ?? files.get(name.replaceAll("_", "-")) ?? files.get(name.replaceAll("-", "_"))
    // A module without a file is part of the kernel itself.
    if (path === undefined || ordered.has(path)) return
    const needs = /\0depends=([^\0]*)\0/.exec(Fs.readFileSync(path, "latin1"))?.[1] ?? ""
    for (const other of needs.split(",")) if (other !== "") add(other)
    ordered.add(path)
  }
  for (const name of names) add(name)
  return [...ordered]
}

export interface Options {
  /** Modules of the kernel in `/modules`. Their dependencies are loaded automatically. */
  readonly modules: ReadonlyArray<string>
  /** Files and folders of this machine, by their paths in the virtual one. */
  readonly files: Readonly<Record<string, string>>
  /** Seconds after which it switches itself off. */
  readonly lifetime: number
}

/** The result of a command. */
export interface Output {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface Machine {
  readonly kernel: string
  /** Runs a shell script. Fails only if the machine itself does not answer. */
  readonly run: (script: string) => Effect.Effect<Output, MachineError>
  /** Loads modules, and those they need. */
  readonly load: (...names: ReadonlyArray<string>) => Effect.Effect<void, MachineError>
}

/** A program, with the libraries that it is linked to. A static one has none. */
const program = Effect.fnUntraced(function*(name: string, path: string) {
  const linked = yield* run("sh", "-c", "ldd \"$1\" || true", "sh", path)
  const libraries = [...linked.matchAll(/(\/\S+) \(/g)].map(([, library]) => [library, library])
  const files: Record<string, string> = { [`/bin/${name}`]: path, ...Object.fromEntries(libraries) }
  return files
})

const copy = (from: string, to: string): void => {
  Fs.mkdirSync(Path.dirname(to), { recursive: true })
  Fs.cpSync(from, to, { recursive: true, dereference: true })
}

const makeImage = Effect.fnUntraced(function*(directory: string, kernel: string, options: Options) {
  const root = Path.join(directory, "root")
  for (const folder of ["bin", "dev", "modules", "proc", "sys", "tmp"]) {
    Fs.mkdirSync(Path.join(root, folder), { recursive: true })
  }
  const busybox = (yield* run("sh", "-c", "command -v busybox")).trim()
  const files: Record<string, string> = {
    "/init": here("guest.sh"),
    ...(yield* program("busybox", busybox)),
    ...(yield* program("node", process.execPath)),
    ...options.files,
    ...Object.fromEntries(
      modulesOf(kernel, options.modules).map((path) => [`/modules/${Path.basename(path, ".ko")}`, path])
    )
  }
  for (const [path, from] of Object.entries(files)) copy(from, Path.join(root, path))
  Fs.chmodSync(Path.join(root, "init"), 0o755)
  const image = Path.join(directory, "image")
  yield* run("sh", "-euc", `cd "$1" && find . | busybox cpio -o -H newc > "$2"`, "sh", root, image)
  Fs.rmSync(root, { recursive: true })
  return image
})

/** Starts a machine, which ends with the scope. */
export const start = Effect.fnUntraced(function*(options: Options) {
  yield* checkCommands
  const folder = yield* kernel
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "effect-ownet-w1-vm-" })
  const image = yield* makeImage(directory, folder, options)
  const log = Path.join(directory, "console")

  const requests = yield* Queue.unbounded<Uint8Array>()
  const qemu = yield* ChildProcess.make("qemu-system-x86_64", [
    ..."-accel tcg -cpu Nehalem -m 1024 -no-reboot -nodefaults -display none -nic user,model=e1000".split(" "),
    "-kernel",
    Fs.globSync(`${folder}/boot/vmlinuz-*`)[0],
    "-initrd",
    image,
    "-append",
    `console=ttyS0 panic=-1 lifetime=${options.lifetime}`,
    "-serial",
    `file:${log}`,
    "-serial",
    "stdio"
  ], { stdin: Stream.fromQueue(requests), forceKillAfter: "2 seconds" })
  const lines = yield* Queue.unbounded<string>()
  yield* Effect.forkScoped(
    Stream.runForEach(Stream.splitLines(Stream.decodeText(qemu.stdout)), (line) => Queue.offer(lines, line))
  )
  /** A failure, with the last output of the kernel. */
  const failed = (problem: string): MachineError => {
    const said = Fs.existsSync(log) ? Fs.readFileSync(log, "utf8").trimEnd().split("\n").slice(-30) : []
    return new MachineError({ message: [`${problem}. Its console ends:`, ...said].join("\n") })
  }
  const ended = yield* Effect.forkScoped(Effect.gen(function*() {
    const [status, errors] = yield* Effect.all([qemu.exitCode, text(qemu.stderr)], { concurrency: 2 })
    return yield* failed(`the machine ended with status ${status}: ${errors.trim()}`)
  }))

  /** The next line of the machine, or a failure with its last output if there is none. */
  const take = (waitingFor: string, duration: `${number} seconds`) =>
    Queue.take(lines).pipe(
      Effect.raceFirst(Fiber.join(ended)),
      Effect.timeoutOrElse({
        duration,
        orElse: () => failed(`the machine said nothing for ${duration} to: ${waitingFor}`)
      }),
      Effect.mapError((error) => error instanceof MachineError ? error : new MachineError({ message: String(error) }))
    )
  yield* take("its start", "150 seconds")

  const turns = yield* Semaphore.make(1)
  const machine: Machine = {
    kernel: Path.basename(folder),
    run: (script) =>
      Semaphore.withPermits(
        turns,
        1,
        Effect.gen(function*() {
          yield* Queue.offer(requests, Buffer.from(`${Buffer.from(script).toString("base64")}\n`))
          const [status, ...streams] = (yield* take(script, "150 seconds")).split(" ")
          const [stdout = "", stderr = ""] = streams.map((stream) => Buffer.from(stream, "base64").toString())
          return { status: Number(status), stdout, stderr }
        })
      ),
    load: Effect.fnUntraced(function*(...names) {
      const files = modulesOf(folder, names).map((path) => Path.basename(path, ".ko"))
      const { status, stderr } = yield* machine.run(
        `for module in ${files.join(" ")}; do
          [ -d "/sys/module/$(echo "$module" | tr - _)" ] || insmod "/modules/$module" || exit 1
        done`
      )
      if (status !== 0) return yield* new MachineError({ message: `insmod: ${stderr}` })
    })
  }
  return machine
})
