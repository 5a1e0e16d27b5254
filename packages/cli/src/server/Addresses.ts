/**
 * Lists of servers as people write them: addresses with commas between them.
 */
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Option from "effect/Option"

const partsOf = (text: string): ReadonlyArray<string> => {
  const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "")
  // Nothing at all is no server.
  return parts.length === 0 ? [""] : parts
}

export const fromString = (text: string): Option.Option<ReadonlyArray<ServerAddress.ServerAddress>> =>
  Option.all(partsOf(text).map(ServerAddress.fromString))

/** Says what to do about a text that is no list of servers; `undefined` if it is one. */
export const problem = (text: string): string | undefined =>
  partsOf(text).map(ServerAddress.problem).find((problem) => problem !== undefined)
