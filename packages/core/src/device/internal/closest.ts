/**
 * What somebody may have meant who misspelt a name.
 */
import * as Option from "effect/Option"

/** The name that is closest to a text, if one is close: with a third of its letters changed at most. */
export const closest = (text: string, names: Iterable<string>): Option.Option<string> => {
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

/** How many letters are to be put in, left out or exchanged, as far as it is less than `enough`. */
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
