/**
 * A file that grows by rows for years. It writes rows in batches, reopens the file after a move, and sets it aside when it is
 * full. A failure is reported once, and the write is retried.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { constants, promises as Fs } from "node:fs"
import { basename, dirname, join } from "node:path"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"
import * as Claim from "./Claim.ts"
import * as Rotation from "./Rotation.ts"

export interface Options {
  readonly path: string
  /** First line of a file. */
  readonly header: string | undefined
  /** Milliseconds between writes. */
  readonly flush: number
  readonly rotation: Rotation.Rotation | undefined
  /** Maximum full files to keep. */
  readonly keep: number | undefined
}

export interface LogFile {
  /** Takes a row, without a line ending, and its time. */
  readonly add: (at: number, text: string) => Effect.Effect<void>
  /** Opens the file again. */
  readonly reopen: Effect.Effect<void>
}

interface Row {
  readonly at: number
  readonly bytes: Uint8Array
}

/** An open file. */
interface Open {
  readonly handle: Fs.FileHandle
  readonly device: number
  readonly inode: number
  size: number
  /** Time of the first row, if there is one. */
  began: number | undefined
}

/** Maximum rows that wait while the file cannot be written. */
const mostRows = 50_000

/** Number of waiting rows that causes an immediate write. */
const manyRows = 2000

/** Milliseconds from a failure to the next attempt. */
const pause = 2000

class FileError extends Data.TaggedError("FileError")<{ readonly problem: string }> {}

const words: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "it is on a file system that cannot be written",
  ENOENT: "there is no such directory",
  ENOTDIR: "there is no such directory",
  EISDIR: "it is a directory",
  ENOSPC: "there is no room left",
  EDQUOT: "there is no room left for this user",
  EFBIG: "it is as large as a file may be",
  EIO: "the disk does not work"
}

const attempt = <A>(work: () => Promise<A>): Effect.Effect<A, FileError> =>
  Effect.tryPromise({
    try: work,
    catch: (cause) => {
      const { code = "", message } = cause as NodeJS.ErrnoException
      return new FileError({ problem: words[code] === undefined ? message : `${words[code]} (${code})` })
    }
  })

const newline = 10

/** Maximum length of a line to search for. */
const longestLine = 1 << 20

/**
 * Whether a file begins like one of this kind, so that no other file is appended to or cut. A run may have been killed when it
 * had just begun to write.
 */
const isOwn = (beginning: string, header: string | undefined): boolean => {
  const own = header === undefined ? "{\"time\":\"" : `${header}\n`
  return beginning.startsWith(own) || own.startsWith(beginning)
}

/** Time of the first row. */
const beganOf = (beginning: string): number | undefined => {
  const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/.exec(beginning)
  return time === null ? undefined : Date.parse(time[0])
}

/** Opens a file, repairs its end, and writes the header if it is new. */
const open = Effect.fnUntraced(function*({ header, path }: Options): Effect.fn.Return<Open, FileError> {
  const { O_APPEND, O_CREAT, O_RDWR } = constants
  const handle = yield* attempt(() => Fs.open(path, O_RDWR | O_CREAT | O_APPEND, 0o644))
  const prepared = Effect.gen(function*() {
    const stats = yield* attempt(() => handle.stat())
    if (!stats.isFile()) {
      return yield* new FileError({ problem: "it is not a file: leave out --to for standard output" })
    }
    const file: Open = { handle, device: stats.dev, inode: stats.ino, size: stats.size, began: undefined }
    if (stats.size > 0) {
      const beginning = (yield* read(handle, 0, Math.min(stats.size, 4096))).toString()
      if (!isOwn(beginning, header)) {
        return yield* new FileError({ problem: "it has other contents: choose another file" })
      }
      file.size = yield* ended(handle, stats.size)
      if (file.size < stats.size) {
        yield* attempt(() => handle.truncate(file.size))
        yield* Output.note(`ow: the last line of ${path} was incomplete, and was cut off`)
      }
      file.began = beganOf(beginning)
    }
    if (file.size === 0) {
      file.began = undefined
      if (header !== undefined) yield* append(file, Buffer.from(`${header}\n`))
    }
    return file
  })
  return yield* Effect.onError(prepared, () => close(handle))
})

const close = (handle: Fs.FileHandle): Effect.Effect<void> => Effect.ignore(attempt(() => handle.close()))

const read = Effect.fnUntraced(function*(handle: Fs.FileHandle, from: number, length: number) {
  const { buffer, bytesRead } = yield* attempt(() => handle.read(Buffer.alloc(length), 0, length, from))
  return buffer.subarray(0, bytesRead)
})

/** The length of the complete lines of a file. */
const ended = Effect.fnUntraced(function*(handle: Fs.FileHandle, size: number) {
  const from = Math.max(0, size - longestLine)
  const last = (yield* read(handle, size - 1, 1))[0]
  if (last === newline) return size
  const end = (yield* read(handle, from, size - from)).lastIndexOf(newline)
  if (end < 0 && from > 0) return yield* new FileError({ problem: "its last line has no end: choose another file" })
  return from + end + 1
})

/** Appends all of the bytes or none. */
const append = (file: Open, bytes: Uint8Array): Effect.Effect<void, FileError> =>
  attempt(() => file.handle.appendFile(bytes)).pipe(
    Effect.tap(() =>
      Effect.sync(() => {
        file.size += bytes.length
      })
    ),
    // The part that fits on a full disk may end inside a line.
    Effect.onError(() => Effect.ignore(attempt(() => file.handle.truncate(file.size))))
  )

/** Opens a log until the scope closes, and then writes all waiting rows. Fails if the file cannot be opened at first. */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<LogFile, Failure.LocalError, Scope.Scope> {
  const { flush: interval, keep, path, rotation } = options
  const failed = ({ problem }: FileError): string => `cannot write to ${path}: ${problem}`
  // Two processes would set aside and cut each other's files.
  if (!(yield* Claim.make(path))) {
    return yield* new Failure.LocalError({ message: `another ow log writes to ${path}: choose another file` })
  }
  let file: Open | undefined = yield* Effect.mapError(
    open(options),
    (error) => new Failure.LocalError({ message: failed(error) })
  )
  let rows: Array<Row> = []
  let lost = 0
  let told: string | undefined
  const wanted = Latch.makeUnsafe(false)
  const turn = yield* Semaphore.make(1)

  const release = Effect.suspend(() => {
    const before = file
    file = undefined
    return before === undefined ? Effect.void : close(before.handle)
  })

  /** The file at the path, which may have been moved, removed or emptied. */
  const current = Effect.gen(function*() {
    if (file !== undefined) {
      const { device, inode, size } = file
      const stats = yield* Effect.orElseSucceed(attempt(() => Fs.stat(path)), () => undefined)
      if (stats?.dev === device && stats.ino === inode && stats.size >= size) return file
      yield* release
      if (told === undefined) yield* Output.note(`ow: ${path} was moved, removed or emptied, and a new one was started`)
    }
    file = yield* open(options)
    return file
  })

  const names = attempt(() => Fs.readdir(dirname(path)))

  const rotate = Effect.fnUntraced(function*(rotation: Rotation.Rotation, began: number) {
    const full = Rotation.fullPath(path, rotation, began, yield* names)
    yield* attempt(() => Fs.rename(path, full))
    yield* release
    if (keep === undefined) return
    const old = Rotation.rotated(path, rotation, yield* names)
    yield* Effect.forEach(
      old.slice(0, Math.max(0, old.length - keep)),
      (name) => Effect.ignore(attempt(() => Fs.unlink(join(dirname(path), name)))),
      { discard: true }
    )
  })

  /** Number of rows that fit into a file, or 0 if it is full. */
  const fitting = ({ began, size }: Open): number => {
    if (rotation === undefined) return rows.length
    if (rotation._tag === "Time") {
      const of = (at: number) => Rotation.periodOf(rotation.every, at)
      const period = of(began ?? rows[0].at)
      const next = rows.findIndex(({ at }) => of(at) > period)
      return next < 0 ? rows.length : next
    }
    let left = rotation.bytes - size
    const next = rows.findIndex(({ bytes }) => (left -= bytes.length) < 0)
    // A row that is larger than a file gets a file to itself.
    return next < 0 ? rows.length : next === 0 && began === undefined ? 1 : next
  }

  const write = Effect.gen(function*() {
    while (rows.length > 0) {
      const file = yield* current
      const count = fitting(file)
      if (count === 0 && rotation !== undefined) {
        yield* rotate(rotation, file.began ?? rows[0].at)
        continue
      }
      const next = rows.slice(0, count)
      yield* append(file, Buffer.concat(next.map(({ bytes }) => bytes)))
      file.began ??= next[0].at
      rows = rows.slice(count)
    }
  })

  const attemptOnce = write.pipe(
    Effect.matchEffect({
      onFailure: Effect.fnUntraced(function*(error: FileError) {
        yield* release
        if (told === error.problem) return
        told = error.problem
        yield* Output.problem("ow:", [`${failed(error)}. It is tried again, and up to ${mostRows} rows wait in memory`])
      }),
      onSuccess: () =>
        Effect.suspend(() => {
          if (told === undefined) return Effect.void
          const rest = lost === 0 ? "" : `; ${lost} rows were lost`
          told = undefined
          lost = 0
          return Output.note(`ow: ${path} is written again${rest}`)
        })
    })
  )

  /** Writes the waiting rows, without interruption and one call at a time: a half-written row would be cut off. */
  const inTurn = (work: Effect.Effect<void>) => Effect.uninterruptible(turn.withPermits(1)(work))
  const flush = inTurn(attemptOnce)

  yield* Effect.addFinalizer(() =>
    Effect.gen(function*() {
      yield* flush
      yield* release
      if (rows.length + lost > 0) {
        yield* Output.note(`ow: ${rows.length + lost} rows were not written to ${basename(path)}`)
      }
    })
  )
  yield* Effect.forkScoped(Effect.forever(Effect.gen(function*() {
    const millis = told === undefined ? interval : Math.min(interval, pause)
    yield* Effect.timeoutOption(wanted.await, millis)
    wanted.closeUnsafe()
    yield* flush
  })))

  return {
    add: (at, text) =>
      Effect.sync(() => {
        if (rows.length >= mostRows) lost++
        else rows.push({ at, bytes: Buffer.from(`${text}\n`) })
        if (rows.length >= manyRows && told === undefined) wanted.openUnsafe()
      }),
    reopen: inTurn(Effect.andThen(release, attemptOnce))
  }
})
