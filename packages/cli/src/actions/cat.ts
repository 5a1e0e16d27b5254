import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import * as Bytes from "../show/Bytes.ts"
import * as Failure from "../show/Failure.ts"

export const cat = (given: Server.Given & Bytes.Given & { readonly paths: ReadonlyArray<string> }) =>
  Server.use(
    given,
    (ow) =>
      Failure.forEach(given.paths.map(Bytes.pathOf), (path) =>
        Effect.flatMap(Server.explained(ow, ow.read(path, Bytes.options(given))), (bytes) =>
          Bytes.print(path, bytes, given)))
  )
