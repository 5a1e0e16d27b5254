/**
 * Flags that several commands take, and what they mean to a client.
 */
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"

/** A flag that is there or not. It leaves alone what stands behind it, be it a `1` or `on` that is to be written. */
export const present = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(
    Flag.withoutNegation,
    Flag.withOptionalValue("true"),
    Flag.withDescription(description),
    Flag.withDefault(false)
  )

/** Milliseconds in a duration such as `500ms`, `2s`, `1m` or `1h`; a plain number is seconds. */
export const fromDuration = (text: string): Option.Option<number> => {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(text)
  if (match === null) return Option.none()
  const millis = Number(match[1]) * { ms: 1, s: 1000, "": 1000, m: 60_000, h: 3_600_000 }[match[2]]!
  return millis > 0 ? Option.some(millis) : Option.none()
}

/** A duration, in milliseconds. */
export const duration = (name: string, description: string): Flag.Flag<number> =>
  Flag.String(name).pipe(
    Flag.withMetavar("<duration>"),
    Flag.withDescription(description),
    Flag.filterMap(fromDuration, () => "a duration such as 500ms, 2s, 1m or 1h")
  )

/** A whole number that is not less than another. */
export const whole = (name: string, least: number, description: string): Flag.Flag<number> =>
  Flag.Int(name).pipe(
    Flag.withMetavar("<number>"),
    Flag.withDescription(description),
    Flag.filter((value) => value >= least, () => `a whole number of at least ${least}`)
  )

/** In which scales values come. */
export const units = {
  celsius: present("celsius", "Temperatures in degrees Celsius, as they are by default").pipe(Flag.withAlias("C")),
  fahrenheit: present("fahrenheit", "Temperatures in degrees Fahrenheit").pipe(Flag.withAlias("F")),
  kelvin: present("kelvin", "Temperatures in kelvins").pipe(Flag.withAlias("K")),
  rankine: present("rankine", "Temperatures in degrees Rankine").pipe(Flag.withAlias("R")),
  pressure: Flag.Literals("pressure", ["mbar", "atm", "mmHg", "inHg", "psi", "Pa"]).pipe(
    Flag.withDescription("Pressures in this unit; mbar by default"),
    Flag.optional
  )
}

/** How ROM ids are written. */
export const format = Flag.Literals("format", ["f.i", "fi", "f.i.c", "f.ic", "fi.c", "fic"]).pipe(
  Flag.withAlias("f"),
  Flag.withDescription("How ROM ids are written: family, id and CRC, with dots or without; f.i by default"),
  Flag.optional
)

export const uncached = present("uncached", "Ask the devices themselves, not the server's cache")

export const noValues = present("no-values", "What there is, without reading any values")

/** Any number of servers, in the order in which they are given. */
export const servers = Flag.String("server").pipe(
  Flag.withAlias("s"),
  Flag.withMetavar("<host:port>"),
  Flag.withDescription("The owserver to ask, else OWSERVER, else localhost:4304; scan, watch and doctor take several"),
  Flag.filterMap(ServerAddress.fromString, () => "host, host:port, [::1]:4304 or owserver://host:port"),
  Flag.atLeast(0)
)

/** Lists the server's own directories in `/`, too. */
export const all = present("all", "The server's own directories, too: bus.0, settings, …").pipe(Flag.withAlias("a"))

export const offset = whole("offset", 0, "The first byte, 0 by default").pipe(Flag.withDefault(0))

/** Which bytes to read, and how to print them. */
export const value = {
  raw: present("raw", "The bytes as they come, without a line's end"),
  hex: present("hex", "The bytes in hexadecimal"),
  offset,
  size: whole("size", 1, "The most bytes, 65536 by default").pipe(Flag.optional)
}
