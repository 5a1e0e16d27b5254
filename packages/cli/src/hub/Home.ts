/**
 * Default locations of a hub's history and its configuration.
 */
import * as Fs from "node:fs"
import { isAbsolute, join } from "node:path"

/** The directory of the user, or of the service that systemd runs. */
const directoryOf = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined => {
  const state = env["STATE_DIRECTORY"]?.split(":")[0]
  if (state !== undefined && isAbsolute(state)) return state
  const home = env["HOME"]
  const places = platform === "win32"
    ? [env["LOCALAPPDATA"]]
    : platform === "darwin"
    ? [env["XDG_DATA_HOME"], home && join(home, "Library/Application Support")]
    : [env["XDG_DATA_HOME"], home && join(home, ".local/share")]
  const place = places.find((path) => path !== undefined && isAbsolute(path))
  return place === undefined ? undefined : join(place, "effect-ownet")
}

/** The configuration next to the history, if it exists. */
export const configOf = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined => {
  const directory = directoryOf(env, platform)
  const file = directory && join(directory, "hub.yaml")
  return file !== undefined && Fs.existsSync(file) ? file : undefined
}

/** The file of the history. `undefined` if the user has no directory for it. */
export const fileOf = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined => {
  const directory = directoryOf(env, platform)
  return directory === undefined ? undefined : join(directory, "hub.sqlite")
}

/** The history of the service that `ow hub install` creates, if root asks for it. `undefined` if there is none. */
export const serviceFile = (): string | undefined => ofService("hub.sqlite")

/** The configuration of that service. */
export const serviceConfig = (): string | undefined => ofService("hub.yaml")

const ofService = (name: string): string | undefined => {
  const file = `/var/lib/effect-ownet/${name}`
  return process.getuid?.() === 0 && Fs.existsSync(file) ? file : undefined
}

/** Creates the directory of a file that no flag names, for this user only. */
export const make = (directory: string): void => {
  Fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
}
