/**
 * Runs in the virtual machine, and prints the files of the kernel's drivers in `/sys/bus/w1/devices`:
 *
 *     node inside.ts tree                  the folder of each master and chip: `@@`, then permissions, owner and size of each file
 *     node inside.ts reads STATE PATH…     `@@reads` and the state; then `--` and the path of each file, and its bytes, or `error`
 *     node inside.ts bulk STATE PATH…      the same, before, during and after a conversion of all thermometers
 */
import * as Fs from "node:fs"
import { setTimeout } from "node:timers/promises"

process.chdir("/sys/bus/w1/devices")

const bits = (mode: number): string =>
  [..."rwxrwxrwx"].map((letter, index) => mode >> 8 - index & 1 ? letter : "-").join("")

/** The files of a folder, without those of its chips and those that each kernel device has. */
const filesIn = (folder: string): ReadonlyArray<string> =>
  Fs.readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return /^(power|i2c-\d+|..-[0-9a-f]{12})$/.test(entry.name) ? [] : filesIn(path)
    return entry.isFile() && !/^(uevent|driver_override|modalias)$/.test(entry.name) ? [path] : []
  })

/** A file in the format of `hexdump -C`. */
const dump = (bytes: Buffer): string => {
  const offset = (value: number): string => value.toString(16).padStart(8, "0")
  const lines = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, index) => {
    const row = [...bytes.subarray(index * 16, index * 16 + 16)]
    const hex = row.map((byte, column) => `${column === 8 ? " " : ""}${byte.toString(16).padStart(2, "0")} `).join("")
    const shown = row.map((byte) => byte < 0x20 || byte > 0x7e ? "." : String.fromCharCode(byte)).join("")
    return `${offset(index * 16)}  ${hex.padEnd(50)}|${shown}|\n`
  })
  return bytes.length === 0 ? "" : `${lines.join("")}${offset(bytes.length)}\n`
}

const read = (path: string): string => {
  try {
    return `-- ${path}\n${dump(Fs.readFileSync(path))}`
  } catch (error) {
    // Errors of the file system have a code.
    return `-- ${path}\nerror ${(error as NodeJS.ErrnoException).code}\n`
  }
}

const isReadable = (path: string): boolean => (Fs.statSync(path).mode & 0o400) !== 0

/** Contents of the files at some paths. `rw` is left out, because reading it talks to the chip. */
const reads = (state: string, paths: ReadonlyArray<string>): string =>
  `@@reads ${state}\n` + paths.flatMap((path) => Fs.statSync(path).isDirectory() ? filesIn(path) : [path])
    .filter((path) => isReadable(path) && !path.endsWith("/rw")).map(read).join("")

const tree = (): string =>
  Fs.readdirSync(".").toSorted().map((folder) =>
    `@@ /sys/bus/w1/devices/${folder} -> ${Fs.readlinkSync(folder)}\n` + filesIn(folder).map((path) => {
      const { gid, mode, size, uid } = Fs.statSync(path)
      return `-${bits(mode)} ${uid}:${gid} ${size} ${path.slice(folder.length + 1)}\n`
    }).join("")
  ).join("")

const bulk = async (state: string, paths: ReadonlyArray<string>): Promise<string> => {
  const flag = "w1_bus_master1/therm_bulk_read"
  const shown = [reads(`${state}, before`, [flag])]
  const triggered = Fs.promises.writeFile(flag, "trigger\n")
  await setTimeout(300)
  shown.push(reads(`${state}, 0.3 s after its start`, [flag, ...paths]))
  await triggered
  shown.push(reads(`${state}, at its end`, [flag, ...paths.slice(0, 1)]))
  shown.push(reads(`${state}, with one of them read`, [flag, ...paths.slice(1)]))
  shown.push(reads(`${state}, with all of them read`, [flag]))
  return shown.join("")
}

const [, , command, state = "", ...paths] = process.argv
process.stdout.write(
  command === "tree" ? tree() : command === "reads" ? reads(state, paths) : await bulk(state, paths)
)
