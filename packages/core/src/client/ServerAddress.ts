/**
 * The address of a server, as people write it: a host and a port, or the kernel's own bus.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import { quoted } from "../internal/printable.ts"

/**
 * The default port of owserver.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultPort = 4304

/**
 * The folder in which the Linux kernel shows its own 1-Wire buses.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultW1 = "/sys/bus/w1"

/**
 * Schema of the address of an owserver.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TcpAddress = Schema.Struct({
  /** A host name, or an address without brackets. */
  host: Schema.NonEmptyString,
  port: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))
})

/**
 * The address of an owserver.
 *
 * @category models
 * @since 0.1.0
 */
export interface TcpAddress extends Schema.Schema.Type<typeof TcpAddress> {}

/**
 * Schema of the kernel's own buses on this machine.
 *
 * @category schemas
 * @since 0.1.0
 */
export const W1Address = Schema.Struct({
  /** The folder in which the kernel shows them. */
  w1: Schema.NonEmptyString
})

/**
 * The kernel's own buses on this machine, which need no server.
 *
 * @category models
 * @since 0.1.0
 */
export interface W1Address extends Schema.Schema.Type<typeof W1Address> {}

/**
 * Schema of a server's address.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ServerAddress = Schema.Union([TcpAddress, W1Address])

/**
 * The address of a server, or the kernel's own buses in place of one.
 *
 * @category models
 * @since 0.1.0
 */
export type ServerAddress = TcpAddress | W1Address

/**
 * Whether an address is that of the kernel's own buses.
 *
 * @category guards
 * @since 0.1.0
 */
export const isW1 = (address: ServerAddress): address is W1Address => "w1" in address

/**
 * Parses `host`, `host:port`, `[::1]:4304`, `owserver://host:port` or `tcp://host:port`. The default port is 4304. A number alone
 * is a port on this machine, as in the programs of OWFS. `w1:` means the kernel's own buses instead of a server, and `w1:/folder`
 * those that another folder shows.
 *
 * **Example** (Ways to write an address)
 *
 * ```ts
 * import { ServerAddress } from "@effect-ownet/core"
 *
 * ServerAddress.fromString("raspberrypi") // => Option.some({ host: "raspberrypi", port: 4304 })
 * ServerAddress.fromString("4305") // => Option.some({ host: "localhost", port: 4305 })
 * ServerAddress.fromString("owserver://[::1]:4304") // => Option.some({ host: "::1", port: 4304 })
 * ServerAddress.fromString("w1:") // => Option.some({ w1: "/sys/bus/w1" })
 * ServerAddress.fromString("http://raspberrypi") // => Option.none()
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromString = (text: string): Option.Option<ServerAddress> => {
  const address = parse(text)
  return typeof address === "string" ? Option.none() : Option.some(address)
}

/**
 * Explains what to change in a text that is not an address. `undefined` if it is one.
 *
 * **Example** (Explaining a person's mistake)
 *
 * ```ts
 * import { ServerAddress } from "@effect-ownet/core"
 *
 * ServerAddress.problem("raspberrypi:4304") // => undefined
 * ServerAddress.problem("raspberrypi:430400") // => "the port must be from 1 to 65535, not 430400"
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const problem = (text: string): string | undefined => {
  const address = parse(text)
  return typeof address === "string" ? address : undefined
}

/** Parses an address, or describes what is wrong with the text. */
const parse = (text: string): ServerAddress | string => {
  const folder = /^w1:((?:\/\P{Cc}*)?)$/u.exec(text.trim())?.[1]
  // A slash at the end does not make it another folder.
  if (folder !== undefined) return { w1: folder === "" ? defaultW1 : folder.replace(/(?<=.)\/+$/, "") }
  const [, scheme, server, rest] = /^(?:([a-z][\w+.-]*):\/\/)?([^/?#]*)(.*)$/is.exec(text.trim()) ?? []
  if (scheme !== undefined && !/^(?:owserver|tcp)$/i.test(scheme)) return usage
  const [, ipv6, name, digits = String(defaultPort)] =
    /^(?:\[([^[\]\s\p{Cc}]+)\]|([^\s\p{Cc}:/?#@[\]]+))(?::(\d+))?$/u.exec(
      /^\d+$/.test(server) ? `localhost:${server}` : server
    ) ?? []
  const host = ipv6 ?? name
  // A port in place of a host would be dialled: 4304 is the address 0.0.16.208.
  if (host === undefined || /^\d+$/.test(host)) return usage
  const port = Number(digits)
  if (port < 1 || port > 65_535) return `the port must be from 1 to 65535, not ${digits}`
  return /^\/?$/.test(rest)
    ? { host, port }
    : `leave out ${quoted(rest)}: an address ends with the port; give paths and flags to each call`
}

const usage = "write host, host:port, [::1]:4304, owserver://host:port, or w1: for the kernel's own bus"

/**
 * Formats an address as `host:port`, with an IPv6 host in brackets. The kernel's own buses are `w1:`, with the folder if it is
 * not the default.
 *
 * **Example** (An IPv6 address)
 *
 * ```ts
 * import { ServerAddress } from "@effect-ownet/core"
 *
 * ServerAddress.format({ host: "::1", port: 4304 }) // => "[::1]:4304"
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const format = (address: ServerAddress): string => {
  if (isW1(address)) return `w1:${address.w1 === defaultW1 ? "" : address.w1}`
  const { host, port } = address
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
}

/**
 * Gives the short name of a server, as `Network` uses it: its address without the default port. The name is itself an address.
 *
 * **Example** (Names)
 *
 * ```ts
 * import { ServerAddress } from "@effect-ownet/core"
 *
 * ServerAddress.nameOf({ host: "raspberrypi", port: 4304 }) // => "raspberrypi"
 * ServerAddress.nameOf({ w1: "/sys/bus/w1" }) // => "w1:"
 * ```
 *
 * @category formatting
 * @since 0.1.0
 */
export const nameOf = (address: ServerAddress): string =>
  !isW1(address) && address.port === defaultPort && !address.host.includes(":") ? address.host : format(address)

/**
 * Schema that parses and formats a server's address.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ServerAddressFromString = Schema.String.pipe(
  Schema.decodeTo(ServerAddress, {
    decode: SchemaGetter.transformEffect((text: string, options) =>
      Effect.mapError(
        Effect.fromOption(fromString(text)),
        () =>
          new SchemaIssue.InvalidValue(
            { message: `${quoted(text)} is not a server address: ${problem(text) ?? usage}` },
            text,
            options
          )
      )
    ),
    encode: SchemaGetter.transform((address: ServerAddress) =>
      isW1(address) ? format(address) : `owserver://${format(address)}`
    )
  })
)
