import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import * as Bytes from "../show/Bytes.ts"

export interface Given extends Server.Given {
  readonly path: string
  readonly all: boolean
}

/** Paths in full, as `cat` takes them: a directory ends in a slash. */
export const ls = (given: Given) =>
  Server.use(given, (ow) => {
    const path = Bytes.pathOf(given.path)
    return Effect.flatMap(Server.explained(ow, ow.dir(path, { bus: given.all })), (entries) =>
      Bytes.printEntries(path, entries))
  })
