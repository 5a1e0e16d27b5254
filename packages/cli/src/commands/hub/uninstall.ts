import * as Command from "effect/cli/Command"
import * as Flags from "../../Flags.ts"
import * as Task from "../../hub/Task.ts"

export const command = Command.make(
  "uninstall",
  {
    purge: Flags.present("purge", "Delete the history as well"),
    yes: Flags.yes
  },
  ({ purge, yes }) => Task.run({ _tag: "Uninstall", task: { isPurged: purge } }, { isAgreed: yes })
).pipe(
  Command.withDescription(
    "Stops and removes the service that ow hub install made. The history stays, unless you add --purge."
  ),
  Command.withShortDescription("Remove the service")
)
