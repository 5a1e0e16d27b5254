import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import { whole } from "../server/WholeValue.ts"
import * as Bytes from "../show/Bytes.ts"

export interface Options extends Server.Options, Bytes.Options {
  readonly path: string
  /** Lists the server's own directories, too. Default: `false`. */
  readonly all?: boolean | undefined
}

export const get = (options: Options) =>
  Server.use(options, (at) =>
    Effect.gen(function*() {
      const asked = Bytes.pathOf(options.path)
      const { ow, path } = yield* at(asked)
      const call = ow.get(path, { ...Bytes.toReadOptions(options), bus: options.all })
      const content = yield* Server.explained(ow, call)
      if (content._tag === "Directory") return yield* Bytes.printEntries(asked, content.entries)
      const bytes = yield* Server.explained(ow, whole(ow, path, options, content.bytes))
      yield* Bytes.print(asked, bytes, options)
    }))
