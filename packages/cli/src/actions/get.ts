import * as Effect from "effect/Effect"
import * as Server from "../Server.ts"
import * as Value from "../Value.ts"

export interface Given extends Server.Given, Value.Given {
  readonly path: string
  readonly all: boolean
}

export const get = (given: Given) =>
  Server.use(given, (ow) => {
    const path = Value.pathOf(given.path)
    return Effect.flatMap(Server.explained(ow, ow.get(path, { ...Value.options(given), bus: given.all })), (content) =>
      content._tag === "Directory"
        ? Value.printEntries(path, content.entries)
        : Value.print(path, content.bytes, given))
  })
