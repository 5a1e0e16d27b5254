/**
 * Environment variables that name servers.
 */
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Config from "effect/Config"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"

/** A variable without the blanks and the `\r` that variable files may leave at its end. An empty variable counts as unset. */
export const text = (name: string): Config.Config<string> =>
  Config.String(name).pipe(Config.map((text) => text.trim()), Config.withDefault(""))

/** The address in a variable. */
export const address = (name: string, text: string): Config.Config<ServerAddress.ServerAddress> =>
  Option.match(ServerAddress.fromString(text), {
    onNone: () => wrong(`${name} is ${JSON.stringify(text)}, which is not a server: ${ServerAddress.problem(text)}`),
    onSome: Config.succeed
  })

export const wrong = (message: string): Config.Config<never> =>
  Config.fail(new Schema.SchemaError(new SchemaIssue.InvalidValue({ message })))
