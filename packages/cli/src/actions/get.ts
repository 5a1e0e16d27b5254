import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import { whole } from "../server/WholeValue.ts"
import * as Content from "../show/Content.ts"

export interface Options extends Server.Options, Content.Options {
  readonly path: string
  /** Lists the server's own directories, too. Default: `false`. */
  readonly all?: boolean | undefined
}

export const get = (options: Options) =>
  Server.use(options, (at) =>
    Effect.gen(function*() {
      const asked = Content.pathOf(options.path)
      const { ow, path } = yield* at(asked)
      const call = ow.get(path, { ...Content.toReadOptions(options), bus: options.all })
      const content = yield* Server.explained(ow, call)
      if (content._tag === "Directory") return yield* Content.printEntries(asked, content.entries)
      const bytes = yield* Server.explained(ow, whole(ow, path, options, content.bytes))
      yield* Content.print(asked, bytes, options)
    }))
