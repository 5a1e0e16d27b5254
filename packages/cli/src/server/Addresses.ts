/**
 * Lists of servers as people write them: addresses separated by commas, or `auto`.
 */
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Option from "effect/Option"

/** The address of a server, or `auto` for the only one that announces itself. */
export type Address = ServerAddress.ServerAddress | "auto"

const partsOf = (text: string): ReadonlyArray<string> => {
  const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "")
  // An empty text is not a server.
  return parts.length === 0 ? [""] : parts
}

const isAuto = (part: string): part is "auto" => part === "auto"

export const fromString = (text: string): Option.Option<ReadonlyArray<Address>> =>
  Option.all(
    partsOf(text).map((part): Option.Option<Address> =>
      isAuto(part) ? Option.some(part) : ServerAddress.fromString(part)
    )
  )

/** Advice on a text that is not a list of servers, or `undefined` if it is one. */
export const problem = (text: string): string | undefined =>
  partsOf(text).map((part) => isAuto(part) ? undefined : ServerAddress.problem(part)).find((problem) =>
    problem !== undefined
  )
