/**
 * Short files of the system. Reading one never waits for a writer.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { constants } from "node:fs"
import { open, readdir } from "node:fs/promises"

/** A file or a directory that cannot be read. */
export class Unreadable extends Data.TaggedError("Unreadable")<{
  /** The system's name for the problem, such as `ENOENT`. */
  readonly code: string
}> {}

const unreadable = (cause: unknown): Unreadable =>
  new Unreadable({ code: cause instanceof Error && "code" in cause ? String(cause.code) : String(cause) })

const attempt = <A>(evaluate: () => Promise<A>): Effect.Effect<A, Unreadable> =>
  Effect.tryPromise({ try: evaluate, catch: unreadable })

/** Reads a file, up to a number of bytes. */
export const bytes = (path: string, most: number): Effect.Effect<Uint8Array, Unreadable> =>
  Effect.acquireUseRelease(
    // A pipe without a writer opens at once, and is empty.
    attempt(() => open(path, constants.O_RDONLY | constants.O_NONBLOCK)),
    (file) =>
      Effect.gen(function*() {
        const room = new Uint8Array(most)
        let length = 0
        // The kernel returns some files piece by piece.
        for (;;) {
          const { bytesRead } = yield* attempt(() => file.read(room, length, most - length))
          length += bytesRead
          if (bytesRead === 0 || length === most) return room.subarray(0, length)
        }
      }),
    (file) => Effect.ignore(attempt(() => file.close()))
  )

/** Reads a text, without white space around it. */
export const text = (path: string, most = 4096): Effect.Effect<string, Unreadable> =>
  Effect.map(bytes(path, most), (read) => new TextDecoder().decode(read).trim())

/** Names in a directory, in order. */
export const names = (path: string): Effect.Effect<ReadonlyArray<string>, Unreadable> =>
  Effect.map(attempt(() => readdir(path)), (names) => names.toSorted())
