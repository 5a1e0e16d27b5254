import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { get } from "../actions/get.ts"
import * as Flags from "../Flags.ts"

export const command = Command.make(
  "get",
  {
    path: Argument.String("path").pipe(
      Argument.withDescription("A directory or a property, / by default"),
      Argument.withDefault("/")
    ),
    ...Flags.bytes,
    all: Flags.all,
    units: Flags.units,
    format: Flags.format,
    uncached: Flags.uncached
  },
  get
).pipe(
  Command.withDescription("Prints what is at a path: the entries of a directory, or the value of a property."),
  Command.withShortDescription("List a directory or print a value"),
  Command.withExamples([
    { command: "ow get 28.000028D70100/temperature", description: "A value, as ow cat prints it" },
    { command: "ow get 28.000028D70100", description: "A directory, as ow ls lists it" }
  ])
)
