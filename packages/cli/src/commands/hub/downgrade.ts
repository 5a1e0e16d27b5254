import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flags from "../../Flags.ts"
import * as Task from "../../hub/Task.ts"

export const command = Command.make(
  "downgrade",
  {
    to: Flags.whole(
      "to",
      1,
      "The version of the history that the older ow accepts, which that ow names when it refuses a newer one"
    ),
    database: Flags.history,
    yes: Flags.yes
  },
  Effect.fnUntraced(function*({ database, to, yes }) {
    const file = yield* Task.fileOf(Option.getOrUndefined(database))
    yield* Task.run({ _tag: "Downgrade", task: { database: file, to } }, { isAgreed: yes })
  })
).pipe(
  Command.withDescription(
    "Downgrades the history for an older version of ow, and lists what is lost. Stop the hub first."
  ),
  Command.withShortDescription("Undo an upgrade of the history")
)
