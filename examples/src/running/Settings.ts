/**
 * Messages of the examples if an environment variable is missing or invalid: a sentence that names the variable, and the value to
 * set.
 */
import { RomId } from "@effect-ownet/core"
import { Config, Console, Effect, Option, Runtime, Schema, SchemaIssue } from "effect"

/** The meaning of a variable, and an example value. */
type Meaning = readonly [meaning: string, example: string]

type Meanings = Readonly<Record<string, Meaning>>

/** The message has been printed already. */
class SettingError extends Schema.TaggedError<SettingError>()("SettingError", { message: Schema.String }) {
  override readonly [Runtime.errorReported] = false
}

/** Variables that more than one example reads. */
const common: Meanings = {
  PORT: ["the port to listen on", "8080"]
}

/** `PORT`. 0 means any free port. */
export const port = (otherwise: number): Config.Config<number> =>
  Config.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 })), "PORT").pipe(
    Config.withDefault(otherwise)
  )

/** The names in `HOSTS`, separated by commas or spaces, and the one in `HOST`, which a server listens on. */
export const hosts: Config.Config<ReadonlyArray<string>> = Config.all([
  Config.String("HOSTS").pipe(Config.withDefault("")),
  Config.String("HOST").pipe(Config.withDefault(""))
]).pipe(Config.map((given) => given.flatMap((names) => names.split(/[\s,]+/)).filter((name) => name !== "")))

/** The ROM id of a device, or a path that ends in one. */
export const device = (name: string): Config.Config<string> =>
  Config.schema(
    Schema.String.check(
      Schema.makeFilter((path) => Option.isSome(RomId.fromString(path.replace(/^.*\/(?=.)/, "").replace(/\/$/, ""))))
    ),
    name
  )

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const sentence = Effect.fnUntraced(function*(name: string, problem: string, meanings: Meanings) {
  // An empty variable counts as not set.
  const given = yield* Config.option(Config.String(name)).pipe(Effect.orElseSucceed(() => Option.none<string>()))
  const meaning = meanings[name] ?? common[name]
  const what = Option.match(given, {
    onNone: () => `${name} is not set`,
    onSome: (value) => `${name} is ${JSON.stringify(value)}`
  })
  if (meaning === undefined) return `${what}: ${problem}.`
  return `${what}. Set it to ${meaning[0]}, such as ${name}=${meaning[1]}`
})

const explanation = (error: Config.ConfigError, meanings: Meanings): Effect.Effect<string> => {
  if (!Schema.isSchemaError(error.cause)) return Effect.succeed(error.cause.message)
  const sentences = Effect.forEach(
    format(error.cause.issue).issues,
    // Without a path, the message is a sentence that names its variable.
    ({ message, path = [] }) =>
      path.length === 0 ? Effect.succeed(message) : sentence(path.map(String).join("_"), message, meanings)
  )
  return Effect.map(sentences, (lines) => lines.join("\n"))
}

const isConfigError = (error: unknown): error is Config.ConfigError => error instanceof Config.ConfigError

/** Prints a sentence instead of a `ConfigError`. */
export const explained = (meanings: Meanings = {}) => <A, E, R>(program: Effect.Effect<A, E | Config.ConfigError, R>) =>
  Effect.catchIf(program, isConfigError, (error) =>
    explanation(error, meanings).pipe(
      Effect.tap(Console.error),
      Effect.flatMap((message) => new SettingError({ message }))
    ))
