import * as Command from "effect/cli/Command"
import { ping } from "../actions/ping.ts"

export const command = Command.make("ping", {}, ping).pipe(
  Command.withDescription("Asks a server to answer, and nothing else."),
  Command.withShortDescription("Check whether a server answers"),
  Command.withExamples([
    { command: "ow ping -s raspberrypi", description: "Check whether an owserver answers there, and how fast" },
    { command: "ow ping --timeout 2s || systemctl restart owserver", description: "Ask in a script" }
  ])
)
