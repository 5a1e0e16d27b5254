/**
 * Messages about a ROM id that is written backwards.
 */
import * as Option from "effect/Option"

/** Adds to a message which ROM id the text is when read backwards, or `otherwise` if it is none. */
export const hint = (id: Option.Option<string>, otherwise: string): string =>
  Option.match(id, {
    onNone: () => otherwise,
    onSome: (id) => `; read backwards it is ${id.slice(0, 2)}.${id.slice(2, 14)}`
  })
