/**
 * Suggests a name in place of a misspelt one.
 */
import * as Option from "effect/Option"
import { shownName } from "../../internal/printable.ts"

/** Longer names are unlikely to be misspelt, and a comparison takes time proportional to the product of both lengths. */
const longest = 256

/** The name that is closest to a text, if at most a third of its letters differ. */
export const closest = (text: string, names: Iterable<string>): Option.Option<string> => {
  if (text.length > longest) return Option.none()
  let best = Option.none<string>()
  let least = Math.max(1, Math.floor(text.length / 3)) + 1
  for (const name of names) {
    const distance = distanceOf(text.toLowerCase(), name.toLowerCase(), least)
    if (distance < least) {
      best = Option.some(name)
      least = distance
    }
  }
  return best
}

/** Number of letters to insert, delete or replace, if it is less than `enough`. */
const distanceOf = (a: string, b: string, enough: number): number => {
  if (Math.abs(a.length - b.length) >= enough) return enough
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i++) {
    const row = [i + 1]
    for (let j = 0; j < b.length; j++) {
      row.push(Math.min(above[j + 1] + 1, row[j] + 1, above[j] + (a[i] === b[j] ? 0 : 1)))
    }
    above = row
  }
  return above[b.length]
}

/** The name of a property without the element of an array. */
export const stemOf = (name: string): string => {
  const dot = name.indexOf(".", name.lastIndexOf("/") + 1)
  return dot < 0 ? name : name.slice(0, dot)
}

/**
 * The property that is closest to a name. For an array it is the same element if `isElement` accepts it, and otherwise the whole
 * array, or the first name listed for it.
 */
export const closestProperty = (
  name: string,
  listed: ReadonlyArray<string>,
  isElement: (name: string) => boolean
): Option.Option<string> => {
  const stem = stemOf(name)
  return Option.map(closest(stem, listed.map(stemOf)), (near) => {
    const same = near + name.slice(stem.length)
    if (isElement(same)) return same
    const named = listed.filter((other) => stemOf(other) === near)
    return named.find((other) => other.endsWith(".ALL")) ?? named[0]
  })
}

/** The suggestion to append to a message. */
export const question = (meant: string | undefined): string =>
  meant === undefined ? "" : `; did you mean ${shownName(meant)}?`
