/**
 * The plainest calls of the commands that scripts repeat, understood without the parser: it takes a third of the time until
 * a value is there. What has any other flag than `--server` and `--json`, or looks odd, is none of them.
 */
import { ServerAddress } from "@effect-ownet/core"
import * as Option from "effect/Option"
import { cat } from "./actions/cat.ts"
import type * as Server from "./Server.ts"
import type { Settings } from "./Settings.ts"
import type * as Value from "./Value.ts"

const defaults: Server.Given & Value.Given = { raw: false, hex: false, offset: 0, size: Option.none() }

const actions = {
  cat: (paths: ReadonlyArray<string>) => paths.length === 0 ? undefined : cat({ ...defaults, paths })
}

/** A call that was understood. */
export interface Call {
  readonly action: Exclude<ReturnType<(typeof actions)[keyof typeof actions]>, undefined>
  readonly settings: Settings["Service"]
  readonly json: boolean
}

export const parse = ([name, ...args]: ReadonlyArray<string>): Call | undefined => {
  if (name === undefined || !Object.hasOwn(actions, name)) return undefined
  const server: Array<ServerAddress.ServerAddress> = []
  const operands: Array<string> = []
  let json = false
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]
    if (arg === "--json") json = true
    else if (arg === "-s" || arg === "--server") {
      const address = ServerAddress.fromString(args[++i] ?? "")
      if (Option.isNone(address)) return undefined
      server.push(address.value)
    } else if (arg.startsWith("-")) return undefined
    else operands.push(arg)
  }
  const action = actions[name as keyof typeof actions](operands) // as was asked above
  return action && { action, settings: { server, timeout: Option.none(), retries: 0 }, json }
}
