/**
 * Plain calls of the commands that scripts repeat, understood without `effect/cli`: they take a third of the time until a value is
 * there. A call with flags other than `--server` and `--json`, with several servers, or with odd operands, is not plain.
 */
import type * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { cat } from "./actions/cat.ts"
import { exists } from "./actions/exists.ts"
import { get } from "./actions/get.ts"
import { ls } from "./actions/ls.ts"
import { ping } from "./actions/ping.ts"
import { set } from "./actions/set.ts"
import * as Addresses from "./server/Addresses.ts"
import * as Server from "./server/Server.ts"
import { Settings } from "./server/Settings.ts"
import type * as Failure from "./show/Failure.ts"

type Action = Effect.Effect<void, Failure.Failure | Failure.Ended, Settings>

/** Actions by the names of their commands. One with too few or too many operands gives `undefined`. */
export const actions: Readonly<Record<string, (...operands: ReadonlyArray<string>) => Action | undefined>> = {
  cat: (...paths) => paths.length > 0 ? cat({ paths }) : undefined,
  exists: (path, ...more) => path !== undefined && more.length === 0 ? exists({ path }) : undefined,
  get: (path = "/", ...more) => more.length === 0 ? get({ path }) : undefined,
  ls: (path = "/", ...more) => more.length === 0 ? ls({ path }) : undefined,
  ping: (...more) => more.length === 0 ? ping({}) : undefined,
  set: (path, value, ...more) =>
    path !== undefined && value !== undefined && more.length === 0 && isSwitching(path, value)
      ? set({ path, value: Option.some(value) })
      : undefined
}

/** Whether no value of the property could be cut: all others are checked by the types of properties, which are not at hand here. */
const isSwitching = (path: string, value: string): boolean =>
  /\/(?:PIO|latch)(?:\.(?:\d|[A-H]|BYTE))?$/.test(path) && /^[01]$/.test(value)

/** The program of a plain call; `undefined` if the call is not plain. */
export const parse = (
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
