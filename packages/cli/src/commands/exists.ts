import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { exists } from "../actions/exists.ts"

export const command = Command.make(
  "exists",
  {
    path: Argument.String("path").pipe(Argument.withDescription("A device, a directory or a property"))
  },
  exists
).pipe(
  Command.withDescription(
    "Checks whether a path exists, and says so by its exit status: 0 if it does, 1 if it does not. It prints nothing. Servers answer from their cache: a device that was unplugged stays for up to two minutes."
  ),
  Command.withShortDescription("Check whether a path exists"),
  Command.withExamples([
    { command: "ow exists 28.000028D70100 && echo there", description: "Ask in a script" }
  ])
)
