/**
 * Plain calls of the commands that scripts repeat, parsed without `effect/cli`: they print a value in a third of the time. A call
 * is not plain if it has flags other than `--server` and `--json`, several servers, or unusual operands.
 */
import type * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { run } from "./run.ts"
import * as Addresses from "./server/Addresses.ts"
import * as Server from "./server/Server.ts"
import { Settings } from "./server/Settings.ts"
import type * as Failure from "./show/Failure.ts"

type Action = Effect.Effect<void, Failure.Failure | Failure.Ended, Settings>

/** Actions by the names of their commands. An action returns `undefined` if it has too few or too many operands. */
export type Actions = Readonly<Record<string, (...operands: ReadonlyArray<string>) => Action | undefined>>

/** The program of a plain call, or `undefined` if the call is not plain. */
export const parse = (
  actions: Actions,
  [name, ...args]: ReadonlyArray<string>
): Effect.Effect<void, Failure.Failure | Failure.Ended> | undefined => {
  if (name === undefined || !Object.hasOwn(actions, name)) return undefined
  const server: Array<ServerAddress.ServerAddress> = []
  const operands: Array<string> = []
  let isJson = false
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]
    if (arg === "--json") {
      if (isJson) return undefined
      isJson = true
    } else if (arg === "-s" || arg === "--server") {
      const value = args[++i] ?? ""
      const addresses = Addresses.fromString(value)
      if (value.startsWith("-") || Option.isNone(addresses)) return undefined
      for (const address of addresses.value) {
        if (address === "auto") return undefined
        server.push(address)
      }
    } else if (arg.startsWith("-")) return undefined
    else operands.push(arg)
  }
  if (Server.isSeveral(server)) return undefined
  const action = actions[name](...operands)
  return action && Effect.provideService(action, Settings, { server, timeout: Option.none(), retries: 0 })
}

/** Runs the call of this process, if it is plain. */
export const start = (actions: Actions): boolean => {
  const args = process.argv.slice(2)
  const program = parse(actions, args)
  if (program !== undefined) run(args, program)
  return program !== undefined
}
