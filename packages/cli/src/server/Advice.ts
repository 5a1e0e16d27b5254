/**
 * Advice on an unreachable server.
 */
import * as Effect from "effect/Effect"
import type * as Failure from "../show/Failure.ts"

/** Whether neither the arguments nor the environment name a server. */
const isUnnamed = (args: ReadonlyArray<string>): boolean =>
  !args.some((arg) => arg.startsWith("-s") || arg.startsWith("--server")) && !process.env["OWSERVER"]?.trim() &&
  !process.env["OWSERVERS"]?.trim()

/** Names the servers nearby if no server was named and the default one is unreachable. Only the first failure gets the advice. */
export const make = (args: ReadonlyArray<string>) => {
  let isGiven = false
  return (failure: Failure.Failure): Effect.Effect<string | undefined> => {
    if (isGiven || failure._tag !== "ConnError" || failure.reason._tag !== "Connect" || !isUnnamed(args)) {
      return Effect.undefined
    }
    isGiven = true
    return Effect.flatMap(Effect.promise(() => import("./Nearby.ts")), ({ advice }) => advice)
  }
}
