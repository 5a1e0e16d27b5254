/**
 * Accesses files of the kernel's drivers. Failures are return codes of the protocol.
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Code from "./Code.ts"

const codes: Readonly<Record<string, number>> = {
  ENOENT: Code.vanished,
  ENOTDIR: Code.vanished,
  // The chip does not answer, or its bus master is gone.
  ENODEV: Code.absent,
  ENXIO: Code.absent,
  EACCES: Code.denied,
  EPERM: Code.denied,
  EROFS: Code.denied,
  EAGAIN: Code.busy,
  EBUSY: Code.busy,
  EINVAL: Code.invalid,
  ERANGE: Code.outOfRange,
  EMFILE: Code.outOfMemory,
  ENFILE: Code.outOfMemory,
  ENOMEM: Code.outOfMemory
}

/** The return code of a system's error. */
export const codeOf = ({ code }: { readonly code?: string | undefined }): number => codes[code ?? ""] ?? Code.fault

/** Whether a return code means that the file, or its device, is gone. */
export const isGone = (code: number): boolean => code === Code.vanished || code === Code.absent

type Callback<A> = (error: NodeJS.ErrnoException | null, value: A) => void

/** One system call. It cannot be cancelled, so its fiber waits for the end even if it is interrupted. */
const call = <A>(begin: (callback: Callback<A>) => void): Effect.Effect<A, number> =>
  Effect.uninterruptible(
    Effect.callback((resume) => {
      begin((error, value) => resume(error === null ? Effect.succeed(value) : Effect.fail(codeOf(error))))
    })
  )

/** Node throws an error for a path with a NUL, which no file can have. */
const isPath = (path: string): boolean => !path.includes("\0")

const withFile = <A>(
  path: string,
  flags: number,
  use: (handle: number) => Effect.Effect<A, number>
): Effect.Effect<A, number> =>
  isPath(path)
    ? Effect.uninterruptible(
      Effect.acquireUseRelease(
        call<number>((callback) => Fs.open(path, flags, callback)),
        use,
        (handle) => Effect.ignore(call<void>((callback) => Fs.close(handle, (error) => callback(error ?? null))))
      )
    )
    : Effect.fail(Code.vanished)

/** Names in a folder. */
export const list = (path: string): Effect.Effect<ReadonlyArray<string>, number> =>
  isPath(path) ? call((callback) => Fs.readdir(path, callback)) : Effect.fail(Code.vanished)

/** Whether this process may write to a file. */
export const isWritable = (path: string): Effect.Effect<boolean> =>
  isPath(path)
    ? Effect.match(call<void>((callback) => Fs.access(path, Fs.constants.W_OK, (error) => callback(error))), {
      onFailure: () => false,
      onSuccess: () => true
    })
    : Effect.succeed(false)

/**
 * The first bytes of a file, up to a number of them, in one read. Each read is a request to the chip, and some drivers refuse a
 * second read for the rest, or a read beyond the end.
 */
export const read = (path: string, size: number): Effect.Effect<Uint8Array, number> =>
  withFile(path, Fs.constants.O_RDONLY, (handle) => {
    const bytes = new Uint8Array(size)
    return Effect.map(
      call<number>((callback) => Fs.read(handle, bytes, 0, size, null, callback)),
      (length) => bytes.subarray(0, length)
    )
  })

/** Writes to an existing file in one write: a whole text, or bytes starting at an offset. */
export const write = (path: string, data: string | Uint8Array, offset = 0): Effect.Effect<void, number> => {
  const isText = typeof data === "string"
  const bytes = isText ? Buffer.from(data) : data
  // In a plain file that replaces a driver's file, no old text may remain after the new one.
  const flags = isText ? Fs.constants.O_WRONLY | Fs.constants.O_TRUNC : Fs.constants.O_WRONLY
  return withFile(path, flags, (handle) =>
    Effect.flatMap(
      call<number>((callback) => Fs.write(handle, bytes, 0, bytes.length, isText ? null : offset, callback)),
      (length) => length === bytes.length ? Effect.void : Effect.fail(Code.fault)
    ))
}
