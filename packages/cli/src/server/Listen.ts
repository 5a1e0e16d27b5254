/**
 * Where something of this machine listens, as people write it.
 */
import * as Option from "effect/Option"

export interface Listen {
  readonly host: string
  readonly port: number
}

/** Reads `host:port`, `[::1]:port`, or a port of 127.0.0.1 alone. */
export const fromString = (text: string): Option.Option<Listen> => {
  const match = /^(?:(?:\[([^[\]]+)\]|([^\s:/?#@[\]]+)):)?(\d{1,5})$/.exec(text)
  if (match === null || Number(match[3]) > 65_535) return Option.none()
  return Option.some({ host: match[1] ?? match[2] ?? "127.0.0.1", port: Number(match[3]) })
}

/** An address, or all of this machine's. */
export interface Anywhere {
  readonly host: string | undefined
  readonly port: number
}

/** Reads the same, and `:port` for all addresses. */
export const anywhere = (text: string): Option.Option<Anywhere> =>
  /^:\d+$/.test(text)
    ? Option.map(fromString(text.slice(1)), ({ port }): Anywhere => ({ host: undefined, port }))
    : fromString(text)
