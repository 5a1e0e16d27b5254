import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import * as Bytes from "../show/Bytes.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"

export interface Options extends Server.Options {
  readonly path: string
}

/** Answers with the exit status. It prints something only if JSON is wanted. */
export const exists = (options: Options) =>
  Server.use(options, (ow) =>
    Effect.gen(function*() {
      const path = Bytes.pathOf(options.path)
      const isThere = yield* ow.present(path)
      if (yield* Output.Json) yield* Output.json({ path, exists: isThere })
      if (!isThere) return yield* new Failure.Ended({ status: Failure.statuses.refused })
    }))
