/** Commands to places from the broker. Anybody may have sent them, with any content. */
import type { Family } from "@effect-ownet/core"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Api from "../../Api.ts"
import type * as Topic from "./Topic.ts"

/** Maximum bytes of a payload. */
export const mostBytes = 16_384

/** Maximum properties of a command. */
const mostProperties = 64

/** Contents of a command, and the word that identifies its answer. */
export interface Command {
  /** The properties to write, with their values, or the properties to read. For `get`, an empty list means all. */
  readonly properties: ReadonlyArray<readonly [name: string, value: unknown]>
  readonly transaction: unknown
}

const decoder = new TextDecoder("utf-8", { fatal: true })

/** The text of a payload. */
export const textOf = (payload: Uint8Array): Result.Result<string, string> =>
  payload.length > mostBytes
    ? Result.fail(`the payload has more than ${mostBytes} bytes`)
    : Result.mapError(Result.try(() => decoder.decode(payload)), () => "the payload is not UTF-8")

/** The value of a JSON text. */
const jsonOf = (text: string): Result.Result<unknown, string> =>
  Result.mapError(Result.try((): unknown => JSON.parse(text)), () => "the payload is not JSON")

/** The fields of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>

/** The object of a JSON text. */
export const objectOf = (text: string): Result.Result<Fields, string> =>
  Result.flatMap(jsonOf(text), (value) =>
    Predicate.isReadonlyObject(value) && !Array.isArray(value)
      ? Result.succeed(value)
      : Result.fail("the payload is not a JSON object"))

/** Parses the command in a payload, on the topic of a place or of one of its properties. */
export const parse = ({ property, verb }: Topic.Address, payload: Uint8Array): Result.Result<Command, string> =>
  Result.flatMap(textOf(payload), (text) => {
    const isObject = text.trimStart().startsWith("{")
    if (property !== undefined) {
      return Result.succeed({ properties: [[property, text]], transaction: undefined })
    }
    if (verb === "get" && !isObject) {
      const name = text.trim()
      return Result.succeed({ properties: name === "" ? [] : [[name, ""]], transaction: undefined })
    }
    return Result.flatMap(objectOf(text), ({ transaction, ...fields }) => {
      const properties = Object.entries(fields)
      if (properties.length > mostProperties) return Result.fail(`it has more than ${mostProperties} properties`)
      return properties.length === 0 && verb === "set"
        ? Result.fail("it has no property")
        : Result.succeed({ properties, transaction })
    })
  })

type Kind = Api.Described["properties"][number]["kind"]

const words: ReadonlyMap<string, boolean> = new Map([
  ["on", true],
  ["true", true],
  ["1", true],
  ["off", false],
  ["false", false],
  ["0", false]
])

const shown = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 100)

const scalarOf = (kind: Kind | undefined, given: unknown): Result.Result<Family.Scalar, string> => {
  switch (kind) {
    case "boolean": {
      const word = typeof given === "object" ? undefined : words.get(String(given).trim().toLowerCase())
      return word === undefined ? Result.fail(`takes ON or OFF, not ${shown(given)}`) : Result.succeed(word)
    }
    case "number": {
      const number = typeof given === "string" && given.trim() !== "" ? Number(given) : given
      return typeof number === "number" && Number.isFinite(number)
        ? Result.succeed(number)
        : Result.fail(`takes a number, not ${shown(given)}`)
    }
    case "bytes":
      return typeof given === "string" && /^([0-9a-f]{2})*$/i.test(given.trim())
        ? Result.succeed(Uint8Array.from(given.trim().match(/../g) ?? [], (byte) => parseInt(byte, 16)))
        : Result.fail(`takes bytes in hexadecimal digits, not ${shown(given)}`)
    case "date": {
      const date = typeof given === "string" ? new Date(given) : undefined
      return date === undefined || Number.isNaN(date.getTime())
        ? Result.fail(`takes a time in ISO 8601, not ${shown(given)}`)
        : Result.succeed(date)
    }
    case "text":
    case undefined:
      return typeof given === "string" || typeof given === "boolean" ||
          (typeof given === "number" && kind === undefined)
        ? Result.succeed(given)
        : typeof given === "number"
        ? Result.succeed(String(given))
        : Result.fail(`takes a text, not ${shown(given)}`)
  }
}

/** The value to write to a property of a kind. The kind is `undefined` if it is not known. */
export const valueOf = (kind: Kind | undefined, given: unknown): Result.Result<Family.Value, string> => {
  if (!Array.isArray(given)) return scalarOf(kind, given)
  const values: Array<Family.Scalar> = []
  for (const one of given) {
    const value = scalarOf(kind, one)
    if (Result.isFailure(value)) return Result.fail(value.failure)
    values.push(value.success)
  }
  return Result.succeed(values)
}
