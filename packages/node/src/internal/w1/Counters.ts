/**
 * The counters of a DS2423, as the driver `w1_ds2423` shows them.
 */
import * as TypeRecord from "@effect-ownet/core/protocol/TypeRecord"
import * as Effect from "effect/Effect"
import * as Code from "./Code.ts"
import * as Driver from "./Driver.ts"
import * as Numbers from "./Numbers.ts"

/** The lines are those of pages 12 to 15. The inputs A and B count in the last two. */
const pages = 4
const firstCounter = 2

/** The count at the end of a page's line, which the driver prints as a signed number. A page with a wrong CRC has none. */
const countOf = (line: string): Effect.Effect<number, number> => {
  const count = /^(?:[\da-f]{2} ){42}crc=YES c=(-?\d+)$/i.exec(line)?.[1]
  return count === undefined
    ? Effect.fail(Code.fault)
    : Effect.map(Numbers.integer(count), (count) => count >>> 0)
}

const counter: Driver.Access = {
  files: ["w1_slave"],
  read: (files, { index, property }) =>
    Effect.flatMap(files.text("w1_slave"), (text) => {
      const lines = text.split("\n")
      if (lines.length !== pages) return Effect.fail(Code.fault)
      const counters = lines.slice(firstCounter)
      if (index === TypeRecord.all) return Effect.forEach(counters.slice(0, property.elements), countOf)
      const line = counters[index]
      return line === undefined ? Effect.fail(Code.fault) : Effect.map(countOf(line), (count) => [count])
    })
}

export const DS2423: Driver.Driver = Driver.make({ counter })
