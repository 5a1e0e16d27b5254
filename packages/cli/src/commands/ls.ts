import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { ls } from "../actions/ls.ts"
import * as Flags from "../Flags.ts"

export const command = Command.make(
  "ls",
  {
    path: Argument.String("path").pipe(
      Argument.withDescription("A directory, / by default"),
      Argument.withDefault("/")
    ),
    all: Flags.all,
    format: Flags.format,
    uncached: Flags.uncached
  },
  ls
).pipe(
  Command.withDescription(
    "Lists a directory: devices, or the properties of one. The path of a directory ends in a slash."
  ),
  Command.withShortDescription("List devices and properties"),
  Command.withExamples([
    { command: "ow ls", description: "The devices that the server knows" },
    { command: "ow ls 28.000028D70100", description: "The properties of a device" },
    { command: "ow ls --all -s raspberrypi", description: "The server's own directories, too" }
  ])
)
