/**
 * The address of a server: a host and a port, as people write them.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"

/**
 * The port that owserver listens on by default.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultPort = 4304

/**
 * Schema of a server's address.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ServerAddress = Schema.Struct({
  /** A name, or an address without brackets. */
  host: Schema.NonEmptyString,
  port: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))
})

/**
 * The address of a server.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerAddress extends Schema.Schema.Type<typeof ServerAddress> {}

/**
 * Reads `host`, `host:port`, `[::1]:4304` or `owserver://host:port`. The port is 4304 if none is given.
 *
 * **Example** (Ways to write it)
 *
 * ```ts
 * import { ServerAddress } from "@effect-ownet/core"
 *
 * ServerAddress.fromString("raspberrypi") // => Option.some({ host: "raspberrypi", port: 4304 })
 * ServerAddress.fromString("owserver://[::1]:4304") // => Option.some({ host: "::1", port: 4304 })
 * ServerAddress.fromString("http://raspberrypi") // => Option.none()
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromString = (text: string): Option.Option<ServerAddress> => {
  const match = /^(?:owserver:\/\/)?(?:\[([^[\]]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?\/?$/i.exec(text.trim())
  if (match === null) return Option.none()
  const host = match[1] ?? match[2]
  const port = match[3] === undefined ? defaultPort : Number(match[3])
  return port >= 1 && port <= 65_535 ? Option.some({ host, port }) : Option.none()
}

/**
 * Writes an address as `host:port`, an IPv6 host in brackets.
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
export const format = ({ host, port }: ServerAddress): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`

/**
 * Schema between what people write and a server's address.
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
            { message: "a server is written host, host:port, [::1]:4304 or owserver://host:port" },
            text,
            options
          )
      )
    ),
    encode: SchemaGetter.transform((address: ServerAddress) => `owserver://${format(address)}`)
  })
)
