/**
 * The default file for the names of the kernel's devices.
 */
import { isAbsolute, join } from "node:path"

type Environment = Readonly<Record<string, string | undefined>>

const absolute = (path: string | undefined): string | undefined =>
  path !== undefined && isAbsolute(path) ? path : undefined

/** A path in the directory of a service under systemd, else in that of the user's settings. `undefined` if there is neither. */
export const path = (env: Environment): string | undefined => {
  const state = absolute(env["STATE_DIRECTORY"]?.split(":")[0])
  if (state !== undefined) return join(state, "aliases")
  const home = absolute(env["HOME"])
  const config = absolute(env["XDG_CONFIG_HOME"]) ?? (home === undefined ? undefined : join(home, ".config"))
  return config === undefined ? undefined : join(config, "ow", "aliases")
}
