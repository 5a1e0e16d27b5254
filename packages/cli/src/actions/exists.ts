import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import * as Bytes from "../show/Bytes.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"

export interface Given extends Server.Given {
  readonly path: string
}

/** The answer is the exit status: who asks for more than that asks for JSON. */
export const exists = (given: Given) =>
  Server.use(given, (ow) =>
    Effect.gen(function*() {
      const path = Bytes.pathOf(given.path)
      const isThere = yield* ow.present(path)
      if (yield* Output.Json) yield* Output.json({ path, exists: isThere })
      if (!isThere) return yield* new Failure.Ended({ status: Failure.statuses.refused })
    }))
