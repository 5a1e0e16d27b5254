/**
 * Checks whether a service can run a program: every user must be able to read it, and the service must be able to see its
 * directory.
 */
import * as Fs from "node:fs"
import { dirname, parse } from "node:path"

/** Directories that the service does not see, or sees empty. */
const hidden = ["/home", "/root", "/run/user", "/tmp", "/var/tmp"]

const isIn = (directory: string, path: string): boolean => path === directory || path.startsWith(`${directory}/`)

/** Reads the mode of a path. `undefined` if the path does not exist. */
export type ModeOf = (path: string) => number | undefined

const modeOf: ModeOf = (path) => Fs.statSync(path, { throwIfNoEntry: false })?.mode

/** Reason why a service cannot read a file, or `undefined` if it can. */
export const problemOf = (
  path: string,
  home: string | undefined,
  mode: ModeOf = modeOf
): string | undefined => {
  if (/[\\/]_npx[\\/]/.test(path)) return "it is in the cache of npx, which is emptied from time to time"
  const hiding = [...hidden, ...home === undefined || home === "/" ? [] : [home]].find((directory) =>
    isIn(directory, path)
  )
  if (hiding !== undefined) return `it is in ${hiding}, which the service cannot see`
  const found = mode(path)
  if (found === undefined) return "there is no such file"
  if ((found & 0o004) === 0) return "not every user may read it"
  for (let directory = dirname(path);; directory = dirname(directory)) {
    if (((mode(directory) ?? 0) & 0o001) === 0) return `not every user may enter ${directory}`
    if (directory === parse(directory).root) return undefined
  }
}
