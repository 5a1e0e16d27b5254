import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Candidates from "../completion/Candidates.ts"
import * as Output from "../terminal/Output.ts"

export const command = Command.make(
  "complete",
  { words: Argument.String("word").pipe(Argument.variadic()) },
  ({ words }) =>
    Effect.flatMap(Candidates.of(words), (candidates) => Effect.forEach(candidates, Output.line, { discard: true }))
).pipe(
  Command.withDescription(
    "For completion scripts: lists what can replace the last word after --, one per line. It never fails."
  ),
  Command.withExamples([{ command: "ow complete -- cat kit", description: "Names that begin with kit" }]),
  Command.unlisted
)
