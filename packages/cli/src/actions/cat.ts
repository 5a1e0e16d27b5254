import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import { whole } from "../server/WholeValue.ts"
import * as Content from "../show/Content.ts"
import * as Failure from "../show/Failure.ts"

export interface Options extends Server.Options, Content.Options {
  readonly paths: ReadonlyArray<string>
}

export const cat = (options: Options) =>
  Server.use(
    options,
    (at) =>
      Failure.forEach(options.paths.map(Content.pathOf), (asked) =>
        Effect.gen(function*() {
          const { ow, path } = yield* at(asked)
          const bytes = yield* Server.explained(
            ow,
            Effect.flatMap(ow.read(path, Content.toReadOptions(options)), (reply) => whole(ow, path, options, reply))
          )
          yield* Content.print(asked, bytes, options)
        }))
  )
