/**
 * Servers, history and address of the command's hub, with their defaults, and its run.
 */
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import { dirname, resolve } from "node:path"
import * as Addresses from "../server/Addresses.ts"
import * as KernelBus from "../server/KernelBus.ts"
import * as Listen from "../server/Listen.ts"
import * as Nearby from "../server/Nearby.ts"
import * as Server from "../server/Server.ts"
import { Settings } from "../server/Settings.ts"
import * as Failure from "../show/Failure.ts"
import * as ListenProblem from "../show/ListenProblem.ts"
import * as Output from "../terminal/Output.ts"
import * as Time from "../terminal/Time.ts"
import * as Given from "./Given.ts"
import * as Home from "./Home.ts"
import * as NoFleet from "./NoFleet.ts"
import type * as Running from "./Running.ts"

const usage = (message: string) => Effect.fail(new Failure.UsageError({ message }))

const local: ServerAddress.ServerAddress = { host: "localhost", port: ServerAddress.defaultPort }

/** The server on this machine if it answers, else all servers that announce themselves and answer, else the kernel's own bus. */
const nearby = Effect.gen(function*() {
  if (Result.isSuccess(yield* Nearby.answer(local))) return [local]
  const found = yield* Effect.orElseSucceed(Nearby.find(Nearby.patience), () => [])
  const answering = (yield* Nearby.reachAll(found)).flatMap(({ reached }) =>
    Result.isSuccess(reached) ? [reached.success.address] : []
  )
  if (answering.length === 0 && KernelBus.isThere()) {
    yield* Output.note(
      "ow: no owserver answers on this machine, and none announces itself, so the hub follows the kernel's own bus (-s w1:)"
    )
    return [KernelBus.address]
  }
  return [...new Map(answering.map((address) => [ServerAddress.format(address), address])).values()]
})

export const isPostgres = (database: string): boolean => /^postgres(?:ql)?:/i.test(database)

/** The file of the history, in a directory that exists and is writable. */
const fileOf = Effect.fnUntraced(function*(given: string | undefined) {
  const file = given ?? Home.fileOf(process.env, process.platform)
  if (file === undefined) {
    return yield* usage("this user has no home directory, so choose a file for the history: --database FILE")
  }
  const path = resolve(file)
  const directory = dirname(path)
  yield* Effect.try({
    try: () => {
      if (given === undefined) Home.make(directory)
      if (!Fs.statSync(directory).isDirectory()) throw Object.assign(new Error(), { code: "ENOTDIR" })
      Fs.accessSync(directory, Fs.constants.W_OK | Fs.constants.X_OK)
      if (Fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
        throw Object.assign(new Error(), { code: "EISDIR" })
      }
    },
    catch: (cause) => new Failure.LocalError({ message: directoryProblem(path, directory, cause) })
  })
  return path
})

const directoryProblem = (path: string, directory: string, cause: unknown): string => {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined
  switch (code) {
    case "EISDIR":
      return `${path} is a directory: name a file in it, as in --database ${path}/hub.sqlite`
    case "ENOENT":
      return `the history cannot be in ${path}: there is no directory ${directory}. Create it, or choose another file with --database`
    case "ENOTDIR":
      return `the history cannot be in ${path}: ${directory} is not a directory. Choose another file with --database`
    default:
      return `the history cannot be in ${path}: this user may not write to ${directory} (${code}). Choose another file with --database`
  }
}

/** Settings of the command line and of the environment. */
export interface Asked extends Given.Given {
  readonly demo: boolean
}

/** Contents of a file, and its path. */
export interface File {
  readonly path: string
  readonly contents: Running.Contents
}

/**
 * Options of a hub, with defaults for the settings that are missing. `before` are those of the running hub. Servers that it has
 * found are not searched again, because a server that is down for a moment would be lost.
 */
export const optionsOf = Effect.fnUntraced(function*(
  asked: Asked,
  file?: File,
  before?: Running.Options
): Effect.fn.Return<Running.Options, Failure.Failure, Settings> {
  const settings = yield* Settings
  const config = file?.contents.config
  const isOnCommandLine = Server.isNamed(settings.server)
  const server = isOnCommandLine || asked.demo || config?.servers === undefined
    ? settings.server
    : Option.getOrElse(Addresses.fromString(config.servers.join(",")), () => [])
  const given = { ...file === undefined ? asked : Given.over(asked, file.contents.config, file.path), demo: asked.demo }
  const timeout = Option.orElse(
    settings.timeout,
    () => Option.map(Option.fromUndefinedOr(config?.timeout), (seconds) => seconds * 1000)
  )
  if (given.demo && settings.server.length > 0) {
    return yield* usage("--demo shows a simulated house, not a server: use either --demo or --server")
  }
  if (given.demo && asked.database !== undefined) {
    return yield* usage("--demo keeps nothing: use either --demo or --database")
  }
  const fleet = yield* fleetOf(given)
  const listen = given.listen ?? { host: "127.0.0.1", port: 8080 }
  const allowWrite = given["allow-write"] ?? []
  const isOpen = !Listen.isLoopback(listen.host)
  if (isOpen && allowWrite.length > 0 && given.token === undefined) {
    return yield* usage(
      `--allow-write needs a token if --listen is ${
        ServerAddress.format(listen)
      }: set one with --token-file or OW_HUB_TOKEN`
    )
  }
  const known = before !== undefined && before.servers.length > 0 &&
      Equal.equals(before.config.servers, config?.servers)
    ? before.servers
    : undefined
  const servers = given.demo
    ? []
    : known !== undefined
    ? known
    : Server.isNamed(server)
    ? yield* Effect.provideService(Server.addresses, Settings, { ...settings, server })
    // The registry of the fleet names the servers.
    : fleet !== undefined
    ? []
    : yield* Output.withProgress("looking for servers …", nearby)
  if (fleet !== undefined && servers.some(ServerAddress.isW1)) return yield* usage(NoFleet.message)
  const isSimulated = servers.length === 0 && fleet === undefined
  if (isSimulated && before !== undefined && !before.isSimulated) {
    return yield* new Failure.NoServer({
      message:
        "no owserver answers on this machine, none announces itself, and the kernel has no bus of its own: name one in servers"
    })
  }
  const database = given.database ?? (fleet === undefined ? undefined : fleetDatabase())
  if (fleet !== undefined && !isPostgres(database ?? "")) {
    return yield* usage(
      "--runner needs the PostgreSQL that all runners of the fleet share: add --database postgres://USER:PASSWORD@HOST/DATABASE,"
        + " or set OW_FLEET_DATABASE"
    )
  }
  return {
    servers: servers,
    isSimulated,
    fleet,
    timeout: Option.getOrUndefined(timeout),
    database: isSimulated
      ? ""
      : database !== undefined && isPostgres(database)
      ? database
      : yield* fileOf(database),
    listen,
    isPortOpen: given.listen === undefined,
    every: given.every ?? (isSimulated ? 2000 : 10_000),
    // Values that are not written yet are missing in the charts of the other runners.
    flush: given.flush ?? (fleet === undefined ? 60_000 : 5000),
    keep: given.keep ?? 2 * 365 * 86_400_000,
    allowWrite: isSimulated && allowWrite.length === 0 && !isOpen ? ["PIO.*"] : allowWrite,
    token: given.token,
    hosts: given.host ?? [],
    title: given.title,
    config: Given.withInflux(config ?? { version: 1 }, given.influx),
    secrets: file?.contents.secrets ?? [],
    notice: given.demo
      ? "This house is simulated."
      : isSimulated
      ? "This house is simulated: no server was found."
      : undefined
  }
})

/** The place of this process in a fleet, if it has one. */
const fleetOf = (given: Given.Given & { readonly demo: boolean }) => {
  const { demo, runner, site } = given
  const listen = given["runner-listen"]
  if (runner === undefined) {
    const flag = listen !== undefined ? "--runner-listen" : site !== undefined ? "--site" : undefined
    return flag === undefined
      ? Effect.undefined
      : usage(`${flag} is for a runner of a fleet: add --runner HOST:PORT, at which the other runners reach this one`)
  }
  if (demo) return usage("--demo shows a simulated house, which is not part of a fleet: use either --demo or --runner")
  return Effect.succeed<Running.Options["fleet"]>({ runner, listen: listen ?? runner, site })
}

/** The database of a fleet from the environment, which other users cannot see. */
export const fleetDatabase = (): string | undefined => process.env["OW_FLEET_DATABASE"]?.trim() || undefined

/** The address of the page on this machine. */
export const urlOf = (listen: Listen.Listen): string => `http://${Listen.here(listen)}/`

/** The address of the page for other machines on the network. */
export const elsewhere = (listen: Listen.Listen): ReadonlyArray<string> => {
  const found = Listen.elsewhere(listen)
  return found === undefined ? [] : [urlOf(found)]
}

/** Whether standard output is reserved for readings. */
export const isOutputTaken = ({ config }: Running.Options): boolean => config.influx?.url === "-"

/** The location of the history, without a password. */
export const shownDatabase = ({ database, isSimulated }: Running.Options): string | null =>
  isSimulated ? null : withoutPassword(database)

/** A file, or the address of a database without its password and its parameters. */
export const withoutPassword = (database: string): string => {
  if (!isPostgres(database) || !URL.canParse(database)) return database
  const { host, pathname, protocol, username } = new URL(database)
  return `${protocol}//${username === "" ? "" : `${username}@`}${host}${pathname}`
}

/** Hides the warning of Node 22 that its SQLite is experimental, because users cannot act on it. */
export const hideSqliteWarning = Effect.sync(() => {
  const emit = process.emitWarning
  process.emitWarning = (warning: string | Error, ...more: ReadonlyArray<unknown>) => {
    if (!String(warning).startsWith("SQLite is an experimental feature")) {
      Reflect.apply(emit, process, [warning, ...more])
    }
  }
})

interface Tell {
  readonly ready: (where: Listen.Listen) => Effect.Effect<void>
}

/** The bundle that runs a hub alone, and reads the file of any hub. */
const bundle = Effect.promise(() => import("./Alone.ts"))

/** The bundle that runs a hub as a runner of a fleet. */
const fleetBundle = Effect.promise(() => import("./InFleet.ts"))

/** Reads a file with the right bundle. Each mistake in it becomes a line. */
export const readFile = Effect.fnUntraced(function*(path: string): Effect.fn.Return<File, Failure.LocalError> {
  const running = yield* bundle
  const read = yield* Effect.promise(() => running.read(path))
  if (read._tag === "Failed") {
    return yield* new Failure.LocalError({ message: read.problem, lines: read.problem.split("\n") })
  }
  for (const warning of read.contents.warnings) yield* Output.problem("ow:", [`${path}: ${warning}`])
  return { path, contents: read.contents }
})

/** The configuration as commented YAML, or its schema. */
export const described = Effect.fnUntraced(function*(asked: Asked, file: File | undefined) {
  const running = yield* bundle
  const set = Object.entries(Given.keys).flatMap(([flag, key]) => {
    const value = asked[flag as keyof typeof Given.keys]
    const source = flag === "token" ? "given by a flag or OW_HUB_TOKEN" : `--${flag}`
    if (value === undefined) return []
    return [{ key, source, value: isListen(value) ? ServerAddress.format(value) : value }]
  })
  return running.described(file, set)
})

const isListen = (value: unknown): value is Listen.Listen =>
  typeof value === "object" && value !== null && "port" in value

/** The JSON schema of a file. */
export const schema = Effect.map(bundle, ({ schema }) => schema())

/** Runs a hub with the right bundle until it is interrupted, and then until everything is written. */
export const run = Effect.fnUntraced(function*(
  options: Running.Options,
  source: { readonly file: File; readonly asked: Asked } | undefined,
  { ready }: Tell
): Effect.fn.Return<void, Failure.LocalError | Failure.UsageError, Settings> {
  yield* hideSqliteWarning
  const running = options.fleet === undefined ? yield* bundle : yield* fleetBundle
  const context = yield* Effect.context<Settings>()
  const watched = source && {
    path: source.file.path,
    contents: source.file.contents,
    settle: (contents: Running.Contents, before: Running.Options) =>
      Effect.runPromiseWith(context)(
        optionsOf(source.asked, { path: source.file.path, contents }, before).pipe(
          Effect.map((options) => ({ _tag: "Options", options }) as const),
          Effect.catch(({ message }) => Effect.succeed({ _tag: "Failed", problem: message } as const))
        )
      )
  }
  const now = (effect: Effect.Effect<void>): void => Effect.runSyncWith(context)(effect)
  const tell: Running.Tell = {
    ready: (where) => now(ready(where)),
    event: (event) => now(tellEvent(event)),
    log: (line) => now(Output.problem("ow:", [line]))
  }
  const problem = yield* Effect.callback<Running.Problem | undefined>((resume) => {
    const controller = new AbortController()
    const ended = running.run(options, watched, tell, controller.signal)
    void ended.then((problem) => resume(Effect.succeed(problem)))
    return Effect.promise(() => {
      controller.abort()
      return ended
    })
  })
  if (problem !== undefined) return yield* failureOf(problem, options)
})

const tellEvent = Effect.fnUntraced(
  function*({ at, isBad, text }: { readonly at: number; readonly isBad: boolean; readonly text: string }) {
    if (yield* Output.Json) return yield* Output.note(JSON.stringify({ time: new Date(at * 1000), event: text }))
    const time = Time.momentOf(DateTime.toDate(DateTime.makeUnsafe(at * 1000)))
    return yield* isBad ? Output.problem("ow:", [`${time} ${text}`]) : Output.note(`ow: ${time} ${text}`)
  }
)

const failed = (message: string) => new Failure.LocalError({ message })

const failureOf = (problem: Running.Problem, options: Running.Options): Failure.LocalError => {
  const { listen } = options
  const database = shownDatabase(options) ?? "memory"
  switch (problem._tag) {
    case "Listen":
      return failed(
        `cannot listen on ${ServerAddress.format(listen)}: ${ListenProblem.of(problem.code, problem.problem)}`
      )
    case "History":
      return failed(historyProblem(problem, database))
    case "Other":
      return failed(problem.problem)
  }
}

const historyProblem = (
  { problem, reason }: Extract<Running.Problem, { readonly _tag: "History" }>,
  database: string
): string => {
  switch (reason) {
    case "Busy":
      return isPostgres(database)
        ? `another hub uses ${database}: ${problem}`
        : `another hub uses ${database}: stop that one, or choose another file with --database`
    case "Damaged":
      return `${database} is not the history of a hub (${problem}), and was left as it is: choose another file with --database`
    case "Superseded":
      return `${problem}, in ${database}: start this one again if it is to take over`
    case "Full":
      return `there is no space left for ${database}: free some on its disk, or choose another file with --database`
    case "Unreachable":
    case "Refused":
      if (problem.includes("node:sqlite")) {
        return `the history needs Node 22.19 or later, and this is ${process.version}: see https://nodejs.org/en/download`
      }
      return isPostgres(database)
        ? `cannot open ${database}: ${problem}. The form is postgres://USER:PASSWORD@HOST/DATABASE; in hub.yaml, other users do not see the password`
        : `cannot open ${database}: ${problem}. Choose another file with --database`
  }
}
