/**
 * The plainest calls of the commands that scripts repeat, understood without the parser: it takes a third of the time until
 * a value is there. What has any other flag than `--server` and `--json`, or looks odd, is none of them.
 */
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { cat } from "./actions/cat.ts"
import { exists } from "./actions/exists.ts"
import { get } from "./actions/get.ts"
import { ls } from "./actions/ls.ts"
import { ping } from "./actions/ping.ts"
import { set } from "./actions/set.ts"
import type * as Server from "./server/Server.ts"
import type { Settings } from "./server/Settings.ts"
import type * as Bytes from "./show/Bytes.ts"
import type * as Failure from "./show/Failure.ts"

type Action = Effect.Effect<void, Failure.Failure | Failure.Ended, Settings>

const defaults: Server.Given & Bytes.Given = { raw: false, hex: false, offset: 0, size: Option.none() }

/** What a command does with its operands; nothing, with too few of them or too many. */
const actions: Readonly<Record<string, (...operands: ReadonlyArray<string>) => Action | undefined>> = {
  cat: (...paths: ReadonlyArray<string>) => paths.length > 0 ? cat({ ...defaults, paths }) : undefined,
  exists: (path, ...more) => path !== undefined && more.length === 0 ? exists({ path }) : undefined,
  get: (path = "/", ...more) => more.length === 0 ? get({ ...defaults, path, all: false }) : undefined,
  ls: (path = "/", ...more) => more.length === 0 ? ls({ path, all: false }) : undefined,
  ping: (...more) => more.length === 0 ? ping({}) : undefined,
  set: (path, value, ...more) =>
    path !== undefined && value !== undefined && more.length === 0
      ? set({ path, value: Option.some(value), hex: false, file: Option.none(), offset: 0 })
      : undefined
}

/** A call that was understood. */
export interface Call {
  readonly action: Action
  readonly settings: Settings["Service"]
}

export const parse = ([name, ...args]: ReadonlyArray<string>): Call | undefined => {
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
      const address = ServerAddress.fromString(value)
      if (value.startsWith("-") || Option.isNone(address)) return undefined
      server.push(address.value)
    } else if (arg.startsWith("-")) return undefined
    else operands.push(arg)
  }
  const action = actions[name](...operands)
  return action && { action, settings: { server, timeout: Option.none(), retries: 0 } }
}
