import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { resolve } from "node:path"
import * as Flags from "../../Flags.ts"
import * as Task from "../../hub/Task.ts"

export const command = Command.make(
  "backup",
  {
    to: Argument.String("file").pipe(Argument.withDescription("The copy: a new file, or an older copy to be replaced")),
    database: Flags.history
  },
  Effect.fnUntraced(function*({ database, to }) {
    const file = yield* Task.fileOnly(yield* Task.fileOf(Option.getOrUndefined(database)))
    yield* Task.run({ _tag: "Backup", task: { file, to: resolve(to) } })
  })
).pipe(
  Command.withDescription(
    "Copies the history to a file, even while the hub runs: everything written so far, which may lack up to one --flush."
  ),
  Command.withShortDescription("Copy the history")
)
