import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { resolve } from "node:path"
import * as Flags from "../../Flags.ts"
import * as Task from "../../hub/Task.ts"

export const command = Command.make(
  "restore",
  {
    from: Argument.String("file").pipe(Argument.withDescription("A copy made by ow hub backup")),
    database: Flags.history,
    yes: Flags.yes
  },
  Effect.fnUntraced(function*({ database, from, yes }) {
    const file = yield* Task.fileOnly(yield* Task.fileOf(Option.getOrUndefined(database)))
    yield* Task.run({ _tag: "Restore", task: { file, from: resolve(from) } }, { isAgreed: yes })
  })
).pipe(
  Command.withDescription(
    "Replaces the history with a copy, and keeps the current one as .before-restore. Stop the hub first."
  ),
  Command.withShortDescription("Put a copy of the history back")
)
