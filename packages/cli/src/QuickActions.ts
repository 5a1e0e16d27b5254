/**
 * Actions of plain calls that ask a server for one thing.
 */
import * as Option from "effect/Option"
import { cat } from "./actions/cat.ts"
import { exists } from "./actions/exists.ts"
import { get } from "./actions/get.ts"
import { ls } from "./actions/ls.ts"
import { ping } from "./actions/ping.ts"
import { set } from "./actions/set.ts"
import type { Actions } from "./QuickCommandLine.ts"

export const actions: Actions = {
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

/**
 * Whether a server cannot cut the value off. All other writes are checked by the types of properties, which this bundle lacks.
 */
const isSwitching = (path: string, value: string): boolean =>
  /\/(?:PIO|latch)(?:\.(?:\d|[A-H]|BYTE))?$/.test(path) && /^[01]$/.test(value)
