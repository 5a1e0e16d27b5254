import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import * as Content from "../show/Content.ts"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"

export interface Options extends Server.Options {
  readonly path: string
}

/** Answers with the exit status. It prints something only with `--json`. */
export const exists = (options: Options) =>
  Server.use(options, (at) =>
    Effect.gen(function*() {
      const path = Content.pathOf(options.path)
      const there = yield* Effect.catchIf(at(path), isNowhere, () => Effect.undefined)
      const isThere = there !== undefined && (yield* there.ow.present(there.path))
      if (yield* Output.Json) yield* Output.json({ path, exists: isThere })
      if (!isThere) return yield* new Failure.Ended({ status: Failure.statuses.refused })
    }))

/** Whether no server has it. If a server did not answer, it may be there, and the error is retryable. */
const isNowhere = (error: Failure.Failure): boolean =>
  error._tag === "OwnetError" && error.reason._tag === "NotFound" && !error.isRetryable
