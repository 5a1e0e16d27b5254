import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import { whole } from "../server/WholeValue.ts"
import * as Bytes from "../show/Bytes.ts"

export interface Options extends Server.Options, Bytes.Options {
  readonly path: string
  /** Lists the server's own directories, too. Default `false`. */
  readonly all?: boolean | undefined
}

export const get = (options: Options) =>
  Server.use(options, (ow) => {
    const path = Bytes.pathOf(options.path)
    const call = ow.get(path, { ...Bytes.toReadOptions(options), bus: options.all })
    return Effect.flatMap(Server.explained(ow, call), (content) =>
      content._tag === "Directory"
        ? Bytes.printEntries(path, content.entries)
        : Effect.flatMap(
          Server.explained(ow, whole(ow, path, options, content.bytes)),
          (bytes) => Bytes.print(path, bytes, options)
        ))
  })
