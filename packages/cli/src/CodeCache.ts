/**
 * Compiled code of a script, kept from one process to the next.
 *
 * Node's own compile cache has the functions that were compiled when a module was loaded. This one is made when the process ends,
 * so it has all functions that ran. It is also more careful about who may have written it.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync
} from "node:fs"
import { dirname, isAbsolute, join } from "node:path"
import { Script as Compiled } from "node:vm"
import { crc32 } from "node:zlib"

const day = 24 * 60 * 60 * 1000

/** Maximum files of the cache. One version of `ow` has fewer than 30 if all of its commands are in use. */
const maximumFiles = 40

/** A checksum, and whether the code has stopped growing. V8 copies code that is not aligned to 8 bytes. */
const headerSize = 8

/** A script that was compiled here, or taken from the cache. */
export interface Script {
  /** Runs the script as the CommonJS module that it is, without `import()`, and gives its exports. */
  readonly run: (require: NodeJS.Require) => Readonly<Record<string, unknown>>
  /** Keeps what is compiled by now, if that is news. Code of a run that failed replaces nothing. */
  readonly keep: (hasFailed: boolean) => void
}

interface Cached {
  readonly code: Buffer
  readonly isSettled: boolean
  readonly modified: number
}

/** Does without the cache if anything is wrong with it. */
const attempt = <A>(get: () => A): A | undefined => {
  try {
    return get()
  } catch {
    return undefined
  }
}

/** Cached code is code, so nobody else may have written it. Windows has no such modes: it guards the profiles of its users. */
const isOurs = ({ mode, uid }: Stats): boolean =>
  process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0)

const isOurDirectory = (path: string): boolean => {
  const stats = lstatSync(path)
  return stats.isDirectory() && isOurs(stats)
}

/** Makes a directory, except in somebody else's home, which `sudo` may leave to root. */
const makeDirectory = (path: string): void => {
  if (attempt(() => statSync(path)) !== undefined) return
  const parent = dirname(path)
  makeDirectory(parent)
  if (process.geteuid === undefined || statSync(parent).uid === process.geteuid()) mkdirSync(path, 0o700)
}

/** Directory of the cache, if there is a place for it, and nobody has turned Node's own cache off. */
const directoryOf = (env: NodeJS.ProcessEnv): string | undefined => {
  if (env["NODE_DISABLE_COMPILE_CACHE"]) return undefined
  const places = process.platform === "win32"
    ? [env["LOCALAPPDATA"]]
    : [env["XDG_CACHE_HOME"], env["HOME"] && join(env["HOME"], ".cache")]
  const place = places.find((path) => path !== undefined && isAbsolute(path))
  return place && join(place, "ow")
}

/** Reads a file of the cache. V8 believes what is in it, and would crash on a damaged one. */
const read = (path: string, key: number): Cached | undefined => {
  if (!isOurDirectory(dirname(path))) return undefined
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(file)
    if (!stats.isFile() || !isOurs(stats)) return undefined
    const bytes = readFileSync(file)
    if (bytes.readUInt32LE(0) !== crc32(bytes.subarray(4), key)) return undefined
    return { code: bytes.subarray(headerSize), isSettled: bytes[4] === 1, modified: stats.mtimeMs }
  } finally {
    closeSync(file)
  }
}

/** Writes a file of the cache in one step, because other processes may be doing the same. */
const write = (path: string, key: number, code: Uint8Array, isSettled: boolean): void => {
  const bytes = Buffer.concat([Buffer.alloc(headerSize), code])
  bytes[4] = isSettled ? 1 : 0
  bytes.writeUInt32LE(crc32(bytes.subarray(4), key))
  const draft = `${path}.${process.pid}`
  try {
    writeFileSync(draft, bytes, { flag: "wx", mode: 0o600 })
    renameSync(draft, path)
  } catch {
    attempt(() => unlinkSync(draft))
  }
}

/** Removes files that were not renewed for a month, because their version is no longer in use, and the oldest of too many. */
const prune = (directory: string): void => {
  const files = readdirSync(directory).flatMap((name) => {
    const path = join(directory, name)
    const modified = attempt(() => lstatSync(path).mtimeMs)
    return modified === undefined ? [] : [{ path, modified }]
  })
  files.toSorted((a, b) => b.modified - a.modified).forEach(({ modified, path }, newer) => {
    if (newer >= maximumFiles || Date.now() - modified > 30 * day) attempt(() => unlinkSync(path))
  })
}

const head = "(function (exports, require, module, __filename, __dirname) {"

/**
 * Compiles the source of a file. Calls that run the same functions should share the name of a cache, and other calls have another one, because V8
 * loads all of a cache at once.
 */
export const compile = (filename: string, source: Buffer, name: string): Script => {
  // V8 rejects what another V8 has compiled, or one with other flags. The key gives each of them a file of its own.
  const { arch, env, execArgv, version } = process
  const key = crc32(JSON.stringify([version, arch, execArgv, env["NODE_OPTIONS"]]), crc32(source))
  const directory = directoryOf(env)
  const path = directory && join(directory, `${name}-${key.toString(16)}`)
  let cached = path ? attempt(() => read(path, key)) : undefined

  const script = new Compiled(`${head}${source}\n})`, {
    filename,
    columnOffset: -head.length,
    cachedData: cached?.code
  })
  if (script.cachedDataRejected) cached = undefined

  return {
    run: (require) => {
      const module = { exports: {} }
      script.runInThisContext().call(module.exports, module.exports, require, module, filename, dirname(filename))
      return module.exports
    },
    keep: (hasFailed) => {
      if (directory === undefined || path === undefined) return
      // Another call may run other functions. So code is kept again while it grows, and later once a day.
      if (cached && (hasFailed || cached.isSettled && Math.abs(Date.now() - cached.modified) < day)) return
      attempt(() => {
        makeDirectory(directory)
        if (!isOurDirectory(directory)) return
        const made = script.createCachedData()
        if (cached === undefined) {
          write(path, key, made, false)
          return prune(directory)
        }
        // V8 may have dropped functions that have not run for long.
        const code = made.length > cached.code.length ? made : cached.code
        write(path, key, code, code.length < 1.01 * cached.code.length)
      })
    }
  }
}
