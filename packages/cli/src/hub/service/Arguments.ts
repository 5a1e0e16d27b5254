/**
 * The flags of a hub as arguments of its service. The service runs in another directory and as another user, and every user can
 * read its unit.
 */
import * as DurationText from "@effect-ownet/hub/DurationText"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { isAbsolute, join, resolve } from "node:path"
import * as Listen from "../../server/Listen.ts"
import * as NoFleet from "../NoFleet.ts"
import type * as Unit from "./Unit.ts"

/** Flags from the command line. */
export interface Given {
  readonly servers: ReadonlyArray<string>
  /** The server on this machine, for a service without any other. */
  readonly local: string
  /** Time limit, in milliseconds. */
  readonly timeout: number | undefined
  readonly retries: number
  /** Texts of flags with one value, by the name of the flag. */
  readonly single: Readonly<Record<string, string>>
  readonly plural: Readonly<Record<string, ReadonlyArray<string>>>
  readonly config: string | undefined
  /** Settings of the file that the unit depends on. */
  readonly file?: { readonly listen: string | undefined; readonly database: string | undefined } | undefined
}

export interface Arguments extends Pick<Unit.Options, "args" | "port" | "tokenFile"> {
  /** Files of the flags that the service has to read. */
  readonly files: ReadonlyArray<{ readonly flag: string; readonly path: string }>
  /** Whether no server was named, and the service uses the one on this machine. */
  readonly isLocal: boolean
}

const named = (name: string, text: string | undefined): ReadonlyArray<string> =>
  // A value that begins with a hyphen would be a separate flag.
  text === undefined ? [] : text.startsWith("-") ? [`--${name}=${text}`] : [`--${name}`, text]

/** Whether an address contains a password, or a parameter that may be one. */
const isSecret = (address: string): boolean => {
  const url = URL.parse(address)
  return url === null || url.password !== "" ||
    [...url.searchParams.keys()].some((name) => !/^(?:db|bucket|org|precision|rp|u)$/.test(name))
}

/** Arguments, or the reason why a service cannot use them. `state` is the directory that it may write to. */
export const make = (
  { config, file, local, plural, retries, servers, single, timeout }: Given,
  state: string
): Result.Result<Arguments, string> => {
  const { database, influx, listen, token, "token-file": tokenFile, ...others } = single
  const isInState = (path: string): boolean => resolve(path).startsWith(join(state, "/"))
  if (token !== undefined) {
    return Result.fail(
      "every user can read the unit, and so the token in it: put it into a file, and name that with --token-file"
    )
  }
  const isPostgres = database !== undefined && /^postgres(?:ql)?:/i.test(database)
  if (isPostgres && URL.canParse(database) && (new URL(database).password !== "" || database.includes("password="))) {
    return Result.fail(
      "every user can read the unit, and so the password in it: put the address into a file for --config"
    )
  }
  if (influx === "-") {
    return Result.fail("nobody reads the standard output of a service: name an address with --influx")
  }
  if (influx !== undefined && isSecret(influx)) {
    return Result.fail(
      "every user can read the unit, and so the password in it: put the address into a file for --config"
    )
  }
  if (database !== undefined && !isPostgres && !isInState(database)) {
    return Result.fail(
      `the service can write to ${state} only: leave out --database, and move a history there with ow hub backup and ow hub restore`
    )
  }
  const kept = database ?? file?.database
  if (single["runner"] !== undefined && !/^postgres(?:ql)?:/i.test(kept ?? "")) {
    return Result.fail(
      "--runner needs the PostgreSQL that all runners share: name it with --database, or, with its password, in a file for --config"
    )
  }
  if (kept !== undefined && isAbsolute(kept) && !isInState(kept)) {
    return Result.fail(
      `the service can write to ${state} only: leave out history.database in ${config}, and move a history there with ow hub backup and ow hub restore`
    )
  }
  const configFile = config === undefined ? undefined : resolve(config)
  const tokenPath = tokenFile === undefined ? undefined : resolve(tokenFile)
  // A backslash at the end would continue with the next line, and spaces there are dropped.
  if (tokenPath !== undefined && /\p{Cc}|[\\\s]$/u.test(tokenPath)) {
    return Result.fail("the name of the --token-file has a line break in it, or ends with a backslash or a space")
  }
  if (single["runner"] !== undefined && servers.some((server) => server.startsWith("w1:/") || server === "w1:")) {
    return Result.fail(NoFleet.message)
  }
  // Without a server, the service would show a simulated house if it starts before its server.
  const isLocal = servers.length === 0 && configFile === undefined && single["runner"] === undefined
  const args: ReadonlyArray<Unit.Argument> = [
    ...(isLocal ? [local] : servers).flatMap((server) => ["-s", server]),
    ...named("timeout", timeout === undefined ? undefined : DurationText.format(timeout)),
    ...named("retries", retries === 0 ? undefined : String(retries)),
    ...named("database", database !== undefined && !isPostgres ? resolve(database) : database),
    ...named("listen", listen),
    ...named("influx", influx),
    ...Object.entries(others).flatMap(([name, text]) => named(name, text)),
    ...Object.entries(plural).flatMap(([name, texts]) => texts.flatMap((text) => named(name, text))),
    ...named("config", configFile),
    ...tokenPath === undefined ? [] : ["--token-file", { specified: "%d/token" }]
  ]
  return Result.succeed({
    args,
    tokenFile: tokenPath,
    port: Option.match(Listen.fromString(listen ?? file?.listen ?? "8080"), {
      onNone: () => 0,
      onSome: ({ port }) => port
    }),
    files: configFile === undefined || isInState(configFile) ? [] : [{ flag: "--config", path: configFile }],
    isLocal
  })
}
