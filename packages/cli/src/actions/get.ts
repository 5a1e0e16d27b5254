import * as Effect from "effect/Effect"
import * as Server from "../server/Server.ts"
import * as Bytes from "../show/Bytes.ts"

export interface Given extends Server.Given, Bytes.Given {
  readonly path: string
  readonly all: boolean
}

export const get = (given: Given) =>
  Server.use(given, (ow) => {
    const path = Bytes.pathOf(given.path)
    return Effect.flatMap(Server.explained(ow, ow.get(path, { ...Bytes.options(given), bus: given.all })), (content) =>
      content._tag === "Directory"
        ? Bytes.printEntries(path, content.entries)
        : Bytes.print(path, content.bytes, given))
  })
