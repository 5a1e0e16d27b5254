import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import * as Content from "../show/Content.ts"

export interface Options extends Server.Options {
  readonly path: string
  /** Lists the server's own directories, too. Default: `false`. */
  readonly all?: boolean | undefined
}

/** Prints whole paths, in the form that `cat` takes. A directory ends in a slash. */
export const ls = (options: Options) =>
  Server.use(options, (at) =>
    Effect.gen(function*() {
      const asked = Content.pathOf(options.path)
      const { ow, path } = yield* at(asked)
      const entries = yield* Server.explained(ow, ow.dir(path, { bus: options.all }))
      yield* Content.printEntries(asked, entries)
    }))
