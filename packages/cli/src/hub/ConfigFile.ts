/**
 * The file of a hub, such as `hub.json`: the settings of the flags, under the same names.
 */
import * as DurationText from "@effect-ownet/hub/DurationText"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Fs from "node:fs"
import * as Addresses from "../server/Addresses.ts"
import * as Failure from "../show/Failure.ts"
import * as Given from "./Given.ts"

/** Settings of a file: those of the flags that only a hub has, and those that all commands share. */
export interface Contents extends Given.Given {
  readonly server?: ReadonlyArray<Addresses.Address> | undefined
  readonly demo?: boolean | undefined
  /** Maximum milliseconds of a call. */
  readonly timeout?: number | undefined
}

const [single, plural] = [Given.single, Given.plural]

const server: Given.Key<ReadonlyArray<Addresses.Address>> = {
  takes: "servers such as raspberrypi or 192.168.1.5:4304, or auto",
  parse: Addresses.fromString
}

const timeout: Given.Key<number> = { takes: "a duration such as 500ms or 5s", parse: DurationText.parse }

const text = ({ parse }: Given.Key<unknown>) =>
  Schema.optionalKey(Schema.String.check(Schema.makeFilter((value) => Option.isSome(parse(value)))))

/** A list, or a text with commas. */
const list = ({ parse }: Given.Key<unknown>) =>
  Schema.optionalKey(
    Schema.Union([Schema.String, Schema.Array(Schema.String)]).check(
      Schema.makeFilter((value) => Option.isSome(parse([value].flat().join(","))))
    )
  )

const Keys = Schema.Struct({
  server: list(server),
  database: text(single.database),
  listen: text(single.listen),
  every: text(single.every),
  keep: text(single.keep),
  flush: text(single.flush),
  "allow-write": list(plural["allow-write"]),
  token: text(single.token),
  "token-file": text(single["token-file"]),
  host: list(plural.host),
  title: text(single.title),
  timeout: text(timeout),
  demo: Schema.optionalKey(Schema.Boolean)
})

/** What each key takes. */
const takes = new Map([
  ...Object.entries<Given.Key<unknown>>({ server, ...single, ...plural, timeout }).map(([key, { takes }]) =>
    [key, takes] as const
  ),
  ["demo", "true or false, without quotes"]
])

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** The first mistake. */
const problemOf = (value: unknown, issue: SchemaIssue.Issue): string => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "takes an object, such as { \"every\": \"10s\" }"
  }
  const unknown = Object.keys(value).find((key) => !takes.has(key))
  if (unknown !== undefined) {
    return `${JSON.stringify(unknown)} is not a key. The keys are ${[...takes.keys()].join(", ")}`
  }
  const key = String(issuesOf(issue).issues[0]?.path?.[0])
  const isBare = typeof value[key as keyof typeof value] === "number"
  return `${key} takes ${takes.get(key)}${isBare ? ", in quotes" : ""}`
}

/** Reads a file. A mistake in it is told with its key, and with what that takes. */
export const read = (path: string): Effect.Effect<Contents, Failure.LocalError> => {
  const failed = (problem: string) => new Failure.LocalError({ message: `${path}: ${problem}` })
  return Effect.gen(function*() {
    const source = yield* readText(path)
    const value: unknown = yield* Effect.try({
      try: () => JSON.parse(source),
      catch: (cause) => failed(`is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`)
    })
    const decoded = Schema.decodeUnknownResult(Keys)(value, { onExcessProperty: "error" })
    if (Result.isFailure(decoded)) return yield* failed(problemOf(value, decoded.failure.issue))
    return contentsOf(decoded.success)
  })
}

/** Reads a text that a file holds. */
export const readText = (path: string): Effect.Effect<string, Failure.LocalError> =>
  Effect.try({
    try: () => Fs.readFileSync(path, "utf8").replace(/^\ufeff/, ""),
    catch: (cause) =>
      new Failure.LocalError({
        message: `${path}: cannot be read (${cause instanceof Error ? cause.message : String(cause)})`
      })
  })

const contentsOf = (keys: typeof Keys.Type): Contents => {
  const found: Record<string, unknown> = { demo: keys.demo }
  const parsers = { ...single, ...plural, server, timeout }
  for (const [key, { parse }] of Object.entries(parsers)) {
    const value = keys[key as keyof typeof parsers]
    if (value !== undefined) found[key] = Option.getOrUndefined<unknown>(parse([value].flat().join(",")))
  }
  // The schema has said that each of them can be read.
  return found
}
