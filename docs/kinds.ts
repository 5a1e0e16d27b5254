/**
 * The families by what their chips are.
 */
import type { Family } from "@effect-ownet/core"

/** Headings, and the family codes below each, those first that people have most. */
export const kinds: ReadonlyArray<readonly [heading: string, codes: ReadonlyArray<string>]> = [
  ["Thermometers", "28 10 22 3B 42 21"],
  ["Humidity, pressure and light sensors", "26 41 7E EF EE FE"],
  ["Switches and relays", "29 3A 12 05 1C A5 ED FC"],
  ["Counters and rotation", "1D A0"],
  ["Analog inputs and outputs", "20 A2 B2 2C"],
  ["Batteries", "30 31 32 35 3D 51 36 2E 1E 1B"],
  ["Clocks", "24 27 04"],
  ["Memory", "2D 23 43 14 1C 09 0B 0F 89 8B 8F 08 06 0A 0C 1A 18 37"],
  ["Keys and serial numbers", "01 81 02 82"],
  ["Couplers, displays and others", "1F FF DD"]
].map(([heading = "", codes = ""]) => [heading, codes.split(" ")])

/** The heading of a family: the first that has it. */
export const kindOf = ({ codes }: Family.Family): string =>
  kinds.find(([, ofKind]) => codes.some((code) => ofKind.includes(code)))?.[0] ?? "Others"
