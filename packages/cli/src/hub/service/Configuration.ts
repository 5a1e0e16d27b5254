/**
 * The configuration of a service: the file that it reads, and the files copied for that. A service cannot read home directories,
 * nor secrets that only their owner may read. It can write only to its own directory, where the page stores its changes.
 */
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import { dirname, join, resolve } from "node:path"
import * as Placement from "./Placement.ts"

export interface Copy {
  readonly from: string
  readonly to: string
}

export interface Configuration {
  /** The file that the service reads, or `undefined` if it has none. */
  readonly path: string | undefined
  /** Files to copy before it starts. */
  readonly copies: ReadonlyArray<Copy>
  /** Whether the page can write to the file. */
  readonly isWritable: boolean
}

export const name = "hub.yaml"

const isSameText = ({ from, to }: Copy): boolean => Fs.readFileSync(from).equals(Fs.readFileSync(to))

/** The files of secrets that a file names, if they exist. */
const secretsOf = (path: string): ReadonlyArray<string> => {
  const named = Fs.readFileSync(path, "utf8").matchAll(/!(secret|[\w-][\w.-]*\.ya?ml)(?= )/g)
  const files = new Set(Array.from(named, ([, file = ""]) => file === "secret" ? "secret.yaml" : file))
  return [...files].map((file) => join(dirname(path), file)).filter((file) => Fs.existsSync(file))
}

/**
 * The path at which a service reads the given file, or the one that is already in its directory; or the reason why it cannot. An
 * existing file is never replaced, because the page may have changed it.
 */
export const make = (
  given: string | undefined,
  state: string,
  home: string | undefined
): Result.Result<Configuration, string> => {
  const own = join(state, name)
  if (given === undefined) {
    return Result.succeed({ path: Fs.existsSync(own) ? own : undefined, copies: [], isWritable: true })
  }
  const path = resolve(given)
  const isInState = path.startsWith(join(state, "/"))
  if (isInState || !Fs.existsSync(path)) return Result.succeed({ path, copies: [], isWritable: isInState })
  const files = [path, ...secretsOf(path)]
  if (files.every((file) => Placement.problemOf(file, home) === undefined)) {
    return Result.succeed({ path, copies: [], isWritable: false })
  }
  const copies = files.map((from) => ({
    from,
    to: from === path ? own : join(state, from.slice(dirname(path).length))
  }))
  const other = copies.find((copy) => Fs.existsSync(copy.to) && !isSameText(copy))
  return other === undefined
    ? Result.succeed({ path: own, copies: copies.filter(({ to }) => !Fs.existsSync(to)), isWritable: true })
    : Result.fail(
      `${other.to} already exists, and differs from ${other.from}: edit that one and leave out --config, or remove it`
    )
}

/** Copies the files, readable only by the owner of the directory. */
export const copyAll = (copies: ReadonlyArray<Copy>, state: string): void => {
  if (copies.length === 0) return
  // systemd gives it to the user of the service.
  Fs.mkdirSync(state, { recursive: true, mode: 0o700 })
  const { gid, uid } = Fs.statSync(state)
  for (const { from, to } of copies) {
    const draft = `${to}.${process.pid}.draft`
    Fs.writeFileSync(draft, Fs.readFileSync(from), { mode: 0o600, flush: true })
    if (process.getuid?.() === 0) Fs.chownSync(draft, uid, gid)
    Fs.renameSync(draft, to)
  }
}
