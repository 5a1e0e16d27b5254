import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { cat } from "../actions/cat.ts"
import * as Flags from "../Flags.ts"

export const command = Command.make(
  "cat",
  {
    paths: Argument.String("path").pipe(
      Argument.withDescription("A property, such as 28.000028D70100/temperature"),
      Argument.variadic({ min: 1 })
    ),
    ...Flags.bytes,
    units: Flags.units,
    uncached: Flags.uncached
  },
  cat
).pipe(
  Command.withDescription(
    "Reads properties and prints their values, one per line. Bytes that are not text are shown in hexadecimal."
  ),
  Command.withShortDescription("Print values"),
  Command.withExamples([
    { command: "ow cat 28.000028D70100/temperature", description: "A temperature, in degrees Celsius" },
    {
      command: "ow cat -F --uncached livingroom/temperature",
      description: "A fresh reading, by alias, in degrees Fahrenheit"
    },
    { command: "ow cat --raw 2D.000028D70100/memory > memory.bin", description: "The bytes as they are" }
  ])
)
