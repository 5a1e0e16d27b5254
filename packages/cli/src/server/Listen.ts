/**
 * An address that a program on this machine listens on, as people write it.
 */
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Option from "effect/Option"
import { networkInterfaces } from "node:os"

export interface Listen {
  readonly host: string
  readonly port: number
}

/** Parses `host:port`, `[::1]:port`, or a port of 127.0.0.1 alone. */
export const fromString = (text: string): Option.Option<Listen> => {
  const match = /^(?:(?:\[([^[\]]+)\]|([^\s:/?#@[\]]+)):)?(\d{1,5})$/.exec(text)
  if (match === null || Number(match[3]) > 65_535) return Option.none()
  return Option.some({ host: match[1] ?? match[2] ?? "127.0.0.1", port: Number(match[3]) })
}

/** One address, or all addresses of this machine. */
export interface Anywhere {
  readonly host: string | undefined
  readonly port: number
}

/** Parses the same, and `:port` for all addresses. */
export const anywhere = (text: string): Option.Option<Anywhere> =>
  /^:\d+$/.test(text)
    ? Option.map(fromString(text.slice(1)), ({ port }): Anywhere => ({ host: undefined, port }))
    : fromString(text)

/** Whether an address is reachable only from this machine. */
export const isLoopback = (host: string): boolean => /^(?:127(?:\.\d+){3}|::1|localhost)$/i.test(host)

const isEverywhere = (host: string): boolean => host === "0.0.0.0" || host === "::"

/** The address for other machines on the network, or `undefined` if this machine has no network. */
export const elsewhere = ({ host, port }: Listen): Listen | undefined => {
  if (!isEverywhere(host)) return { host, port }
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses)
  const found = all.find(({ family, internal }) => !internal && family === "IPv4")
  return found && { host: found.address, port }
}

/** The address for this machine. */
export const here = ({ host, port }: Listen): string =>
  ServerAddress.format({ host: isEverywhere(host) ? "localhost" : host, port })
