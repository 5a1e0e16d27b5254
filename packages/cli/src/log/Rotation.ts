/**
 * Rotation of a file: when it is full, and the name that it then gets.
 */
import * as DurationText from "@effect-ownet/hub/DurationText"
import * as Option from "effect/Option"
import { basename, dirname, extname, join } from "node:path"

/** Rotates after a time, in milliseconds, or before the file exceeds a number of bytes. */
export type Rotation =
  | { readonly _tag: "Time"; readonly every: number }
  | { readonly _tag: "Size"; readonly bytes: number }

const sizes: Readonly<Record<string, number>> = { kb: 1e3, mb: 1e6, gb: 1e9 }

const minute = 60_000
const day = 24 * 60 * minute
const week = 7 * day

/** Reads a duration of whole minutes, such as `1d`, or a size, such as `10MB`. */
export const fromString = (text: string): Option.Option<Rotation> => {
  const match = /^(\d+(?:\.\d+)?)([kmg]b)$/i.exec(text)
  if (match !== null) {
    const bytes = Math.round(Number(match[1]) * sizes[match[2].toLowerCase()])
    return bytes >= 1000 ? Option.some({ _tag: "Size", bytes }) : Option.none()
  }
  return Option.flatMap(
    DurationText.parse(text),
    (every) => every % minute === 0 ? Option.some<Rotation>({ _tag: "Time", every }) : Option.none()
  )
}

/** Start of the period that contains a time, in UTC. Weeks begin on Monday. */
export const periodOf = (every: number, at: number): number => {
  const begin = every % week === 0 ? 4 * day : 0
  return Math.floor((at - begin) / every) * every + begin
}

/** The name of a period, without the parts that are always zero. */
const stampOf = (every: number, period: number): string => {
  const [date, time] = new Date(period).toISOString().split("T")
  if (every % day === 0) return date
  return `${date}T${time.slice(0, 2)}${every % (60 * minute) === 0 ? "" : time.slice(3, 5)}`
}

const partsOf = (path: string) => {
  const extension = extname(path)
  return { stem: basename(path, extension), extension }
}

/** The rotated files of a path among the names of its directory, from the oldest to the newest. */
export const rotated = (path: string, { _tag }: Rotation, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const { extension, stem } = partsOf(path)
  const form = _tag === "Size" ? /^(\d{1,9})$/ : /^(\d{4}-\d\d-\d\d(?:T\d\d(?:\d\d)?)?)(?:\.(\d{1,9}))?$/
  return names.flatMap((name) => {
    if (!name.startsWith(`${stem}-`) || !name.endsWith(extension)) return []
    const match = form.exec(name.slice(stem.length + 1, name.length - extension.length))
    if (match === null) return []
    const [, stamp, again = "1"] = match
    return [{ name, key: _tag === "Size" ? stamp.padStart(9, "0") : `${stamp.padEnd(15)} ${again.padStart(9, "0")}` }]
  }).toSorted((one, other) => one.key < other.key ? -1 : 1).map(({ name }) => name)
}

/** The path for a full file, which no other file has. `began` is the time of its first row. */
export const fullPath = (path: string, rotation: Rotation, began: number, names: ReadonlyArray<string>): string => {
  const { extension, stem } = partsOf(path)
  const at = (name: string) => join(dirname(path), `${stem}-${name}${extension}`)
  if (rotation._tag === "Size") {
    const last = rotated(path, rotation, names).at(-1)
    return at(String(last === undefined ? 1 : Number(last.slice(stem.length + 1, last.length - extension.length)) + 1))
  }
  const stamp = stampOf(rotation.every, periodOf(rotation.every, began))
  const taken = new Set(names)
  let name = stamp
  for (let again = 2; taken.has(`${stem}-${name}${extension}`); again++) name = `${stamp}.${again}`
  return at(name)
}
