import * as Effect from "effect/Effect"
import * as Failure from "../Failure.ts"
import * as Output from "../Output.ts"
import * as Server from "../Server.ts"
import * as Value from "../Value.ts"

export interface Given extends Server.Given {
  readonly path: string
}

/** The answer is the exit status: who asks for more than that asks for JSON. */
export const exists = (given: Given) =>
  Server.use(given, (ow) =>
    Effect.gen(function*() {
      const path = Value.pathOf(given.path)
      const isThere = yield* ow.present(path)
      if (yield* Output.Json) yield* Output.json({ path, exists: isThere })
      if (!isThere) return yield* new Failure.Ended({ status: Failure.statuses.refused })
    }))
