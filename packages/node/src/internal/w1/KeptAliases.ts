/**
 * Aliases of devices, kept in a file or in memory.
 */
import type * as RomId from "@effect-ownet/core/onewire/RomId"
import { decodeText, encodeText } from "@effect-ownet/core/protocol/Payload"
import { printable } from "@effect-ownet/core/protocol/Printable"
import { AliasTable } from "@effect-ownet/core/server/AliasTable"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Fs from "node:fs"
import { dirname } from "node:path"
import * as AliasFile from "./AliasFile.ts"
import * as Code from "./Code.ts"
import { codeOf, isGone } from "./DriverFile.ts"

/** Maximum size in bytes of a file of aliases. */
const largest = 1024 * 1024

interface State {
  /** Identifies this state of the file. */
  readonly stamp: string
  readonly isReadable: boolean
  readonly mode: number
}

const none: State = { stamp: "", isReadable: false, mode: 0o644 }

/** Reason why the file could not be read or written. */
class AliasFailure extends Data.TaggedError("AliasFailure")<{ readonly message: string; readonly code?: string }> {}

const attempt = <A>(work: () => Promise<A>): Effect.Effect<A, AliasFailure> =>
  Effect.tryPromise({
    try: work,
    // Promises of `node:fs` are rejected only with such errors.
    catch: (error) => {
      const { code, message } = error as NodeJS.ErrnoException
      return new AliasFailure({ message, ...(code !== undefined && { code }) })
    }
  })

/**
 * Milliseconds between two attempts to get the lock, and the number of attempts: a change takes less than all of them together.
 */
const pause = 20
const mostTries = 250

/**
 * Changes a file while no other process does: the process that has created the lock file next to it has the lock. A process that
 * was killed leaves its lock file behind, and it is removed in the end.
 */
const alone = <A>(path: string, change: Effect.Effect<A, AliasFailure>): Effect.Effect<A, AliasFailure> => {
  const lock = `${path}.lock`
  const release = Effect.ignore(attempt(() => Fs.promises.rm(lock, { force: true })))
  const acquire = (tries: number): Effect.Effect<void, AliasFailure> =>
    Effect.catchIf(
      attempt(() => Fs.promises.writeFile(lock, "", { flag: "wx" })),
      ({ code }) => code === "EEXIST" && tries <= mostTries,
      () => Effect.andThen(tries < mostTries ? Effect.sleep(pause) : release, Effect.suspend(() => acquire(tries + 1)))
    )
  return Effect.acquireUseRelease(acquire(0), () => change, () => release)
}

export class KeptAliases {
  private readonly path: string | undefined
  private readonly turn = Semaphore.makeUnsafe(1)
  private names = new AliasTable()
  private stamp = none.stamp
  private written = 0
  private problem: string | undefined

  constructor(path: string | undefined) {
    this.path = path
  }

  get table(): AliasTable {
    return this.names
  }

  /** Reads the file again if it has changed. */
  get refresh(): Effect.Effect<void> {
    const { path } = this
    if (path === undefined) return Effect.void
    return this.refreshed(path).pipe(
      Effect.matchEffect({
        onFailure: ({ message }) => {
          // The file is tried every second, and its failure is logged only once.
          const isNews = this.problem !== message
          this.problem = message
          return isNews
            ? Effect.logWarning(`cannot read aliases from ${printable(path)}: ${printable(message)}`)
            : Effect.void
        },
        onSuccess: () =>
          Effect.sync(() => {
            this.problem = undefined
          })
      }),
      this.turn.withPermits(1)
    )
  }

  /** Gives a device a name, or removes its name if the new one is empty. */
  rename(id: RomId.RomId, alias: string): Effect.Effect<void, number> {
    if (!AliasFile.isPossible(alias)) return Effect.fail(Code.invalid)
    const { path } = this
    if (path === undefined) return Effect.sync(() => this.names.set(id, alias))
    const written = Effect.gen({ self: this }, function*() {
      const target = yield* Effect.orElseSucceed(attempt(() => Fs.promises.realpath(path)), () => path)
      yield* attempt(() => Fs.promises.mkdir(dirname(target), { recursive: true }))
      yield* alone(
        target,
        Effect.gen({ self: this }, function*() {
          const state = yield* this.stateOf(target)
          const text = state === none ? "" : yield* this.textOf(target, state)
          yield* this.replace(target, encodeText(AliasFile.renamed(text, id, alias)), state.mode)
        })
      )
      yield* this.refreshed(path)
    })
    return written.pipe(
      Effect.uninterruptible,
      this.turn.withPermits(1),
      Effect.tapError(({ message }) =>
        Effect.logWarning(`cannot keep an alias in ${printable(path)}: ${printable(message)}`)
      ),
      Effect.mapError((error) => isGone(codeOf(error)) ? Code.fault : codeOf(error))
    )
  }

  private refreshed(path: string): Effect.Effect<void, AliasFailure> {
    return Effect.flatMap(this.stateOf(path), (state) => {
      if (state.stamp === this.stamp) return Effect.void
      const text = state === none ? Effect.succeed("") : this.textOf(path, state)
      return Effect.map(text, (text) => {
        this.stamp = state.stamp
        this.names = AliasFile.table(text)
      })
    })
  }

  private stateOf(path: string): Effect.Effect<State, AliasFailure> {
    return attempt(() => Fs.promises.stat(path, { bigint: true })).pipe(
      Effect.map((found): State => ({
        stamp: `${found.ino}:${found.size}:${found.mtimeNs}`,
        isReadable: found.isFile() && found.size <= largest,
        mode: Number(found.mode & 0o777n)
      })),
      Effect.catchIf((error) => error.code === "ENOENT", () => Effect.succeed(none))
    )
  }

  private textOf(path: string, { isReadable }: State): Effect.Effect<string, AliasFailure> {
    return isReadable
      ? Effect.map(attempt(() => Fs.promises.readFile(path)), (bytes) => decodeText(bytes))
      : Effect.fail(
        new AliasFailure({ message: "it is not a file, or is too large for a file of aliases", code: "EINVAL" })
      )
  }

  /** Replaces the file by a new one, atomically. */
  private replace(path: string, bytes: Uint8Array, mode: number): Effect.Effect<void, AliasFailure> {
    const made = `${path}.${process.pid}-${this.written++}.tmp`
    return Effect.andThen(
      attempt(() => Fs.promises.writeFile(made, bytes, { flag: "wx", mode, flush: true })),
      attempt(() => Fs.promises.rename(made, path))
    ).pipe(
      Effect.tapError(() => Effect.ignore(attempt(() => Fs.promises.rm(made, { force: true }))))
    )
  }
}
