/**
 * Advice on a server that is not there.
 */
import * as Effect from "effect/Effect"
import type * as Failure from "../show/Failure.ts"

/** Whether neither the arguments nor the environment say which server is meant. */
const isUnnamed = (args: ReadonlyArray<string>): boolean =>
  !args.some((arg) => arg.startsWith("-s") || arg.startsWith("--server")) && !process.env["OWSERVER"]?.trim() &&
  !process.env["OWSERVERS"]?.trim()

/** If no server was named and the default one is not there, advises which ones are nearby. Only the first failure gets the advice. */
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
