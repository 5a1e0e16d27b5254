/**
 * Flags that several commands take.
 */
import * as DurationText from "@effect-ownet/hub/DurationText"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Addresses from "./server/Addresses.ts"

/** A flag without a value. It does not take the next argument, which may be a `1` or an `on` to write. */
export const present = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(
    Flag.withoutNegation,
    Flag.withOptionalValue("true"),
    Flag.withDescription(description),
    Flag.withDefault(false)
  )

/** A duration, in milliseconds. */
export const duration = (name: string, description: string): Flag.Flag<number> =>
  Flag.String(name).pipe(
    Flag.withMetavar("<duration>"),
    Flag.withDescription(description),
    Flag.filterMap(DurationText.parse, () => "a duration such as 500ms, 2s, 1m or 1h")
  )

/** A whole number with a minimum. */
export const whole = (name: string, least: number, description: string): Flag.Flag<number> =>
  Flag.Int(name).pipe(
    Flag.withMetavar("<number>"),
    Flag.withDescription(description),
    Flag.filter((value) => value >= least, () => `a whole number of at least ${least}`)
  )

/** Temperature and pressure scales. */
export const units = {
  celsius: present("celsius", "Temperatures in degrees Celsius, the default").pipe(Flag.withAlias("C")),
  fahrenheit: present("fahrenheit", "Temperatures in degrees Fahrenheit").pipe(Flag.withAlias("F")),
  kelvin: present("kelvin", "Temperatures in kelvins").pipe(Flag.withAlias("K")),
  rankine: present("rankine", "Temperatures in degrees Rankine").pipe(Flag.withAlias("R")),
  pressure: Flag.Literals("pressure", ["mbar", "atm", "mmHg", "inHg", "psi", "Pa"]).pipe(
    Flag.withDescription("Pressures in this unit; mbar by default"),
    Flag.optional
  )
}

/** Flags that name what to watch, and how. */
export const watched = {
  what: Argument.String("what").pipe(
    Argument.withDescription(
      "Properties, such as livingroom/humidity; devices, by alias or ROM id; families, such as 28 or DS18B20"
    ),
    Argument.variadic()
  ),
  changes: present("changes", "Only changes: one line for each value that differs from the one before"),
  count: whole("count", 1, "Stop after this many rounds").pipe(Flag.optional),
  uncached: Flag.Boolean("uncached").pipe(
    Flag.withDescription(
      "Ask the devices themselves, the default; --no-uncached takes values from the server's cache, up to 15 seconds old"
    ),
    Flag.withDefault(true)
  ),
  units
}

/** Format of ROM ids. */
export const format = Flag.Literals("format", ["f.i", "fi", "f.i.c", "f.ic", "fi.c", "fic"]).pipe(
  Flag.withAlias("f"),
  Flag.withDescription("How ROM ids are written: family, id and CRC, with dots or without; f.i by default"),
  Flag.optional
)

export const uncached = present("uncached", "Ask the devices themselves, not the server's cache")

export const noValues = present("no-values", "List only, without reading any values")

/** Any number of servers, in the order of the arguments. `auto` is the only one that announces itself. */
export const servers = Flag.String("server").pipe(
  Flag.withAlias("s"),
  Flag.withMetavar("<host:port>"),
  Flag.withDescription(
    "The owserver to ask; by default OWSERVER, else localhost:4304. For several, separate them with commas, as in OWSERVERS, or"
      + " repeat the flag. auto is the server that announces itself, if there is just one. w1: is the kernel's own bus on this"
      + " machine, and the default if there is one and no owserver"
  ),
  Flag.filterMap(
    Addresses.fromString,
    // The text follows "Expected:".
    (text) => (Addresses.problem(text) ?? "").replace(/^write /, "")
  ),
  Flag.atLeast(0),
  Flag.map((lists) => lists.flat())
)

/** Includes the server's own directories in a listing of `/`. */
export const all = present("all", "The server's own directories, too: bus.0, settings, …").pipe(Flag.withAlias("a"))

export const offset = whole("offset", 0, "The first byte, 0 by default").pipe(Flag.withDefault(0))

/** Flags that name which bytes to read, and how to print them. */
export const bytes = {
  raw: present("raw", "The bytes as they are, without a line end"),
  hex: present("hex", "The bytes in hexadecimal"),
  offset,
  size: whole("size", 1, "The number of bytes, all by default").pipe(Flag.optional)
}

/** Answers yes to every question of a command. */
export const yes = present("yes", "Do not ask")

/** The history of a hub that a command works on. */
export const history = Flag.String("database").pipe(
  Flag.withMetavar("<file>"),
  Flag.withDescription("The history, as for ow hub; by default that of the service if root asks, else the user's"),
  Flag.optional
)
