import * as Effect from "effect/Effect"
import * as Failure from "../Failure.ts"
import * as Server from "../Server.ts"
import * as Value from "../Value.ts"

export const cat = (given: Server.Given & Value.Given & { readonly paths: ReadonlyArray<string> }) =>
  Server.use(
    given,
    (ow) =>
      Failure.forEach(given.paths.map(Value.pathOf), (path) =>
        Effect.flatMap(Server.explained(ow, ow.read(path, Value.options(given))), (bytes) =>
          Value.print(path, bytes, given)))
  )
