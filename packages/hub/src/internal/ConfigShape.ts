/** The shape of a configuration, from its schema: its keys, and the values that they take. */
import * as SchemaAST from "effect/SchemaAST"
import { distance } from "./Similarity.ts"

export type Shape = SchemaAST.AST

const annotation = (shape: Shape, name: string): string | undefined => {
  const found = SchemaAST.resolve(shape)?.[name]
  return typeof found === "string" ? found : undefined
}

/** Description of the values, to follow "takes". */
export const takes = (shape: Shape): string => annotation(shape, "takes") ?? kindOf(shape)

const kindOf = (shape: Shape): string => {
  switch (shape._tag) {
    case "Boolean":
      return "true or false"
    case "Number":
      return "a number"
    case "String":
      return "a text"
    case "Objects":
      return "keys with values"
    case "Arrays":
      return "a list"
    default:
      return "something else"
  }
}

/** The shapes that a value may have: the members of a union, or the shape itself. */
const choices = (shape: Shape): ReadonlyArray<Shape> => shape._tag === "Union" ? shape.types.flatMap(choices) : [shape]

/** Whether the value must be a map. */
export const isMap = (shape: Shape): boolean => shape._tag === "Objects"

/** Whether an unquoted number is meant as a text. */
export const isText = (shape: Shape): boolean =>
  choices(SchemaAST.toEncoded(shape)).every(({ _tag }) => _tag === "String" || _tag === "Null") &&
  choices(SchemaAST.toEncoded(shape)).some(({ _tag }) => _tag === "String")

export interface Child {
  readonly name: string
  readonly shape: Shape
  readonly isOptional: boolean
}

/** The named keys of a map. */
export const children = (shape: Shape): ReadonlyArray<Child> =>
  choices(shape).flatMap((choice) =>
    choice._tag === "Objects"
      ? choice.propertySignatures.map(({ name, type }) => ({
        name: String(name),
        shape: type,
        isOptional: SchemaAST.isOptional(type)
      }))
      : []
  )

/** The shape of arbitrary keys, and their placeholder in a reference. */
export const anyKey = (shape: Shape): Omit<Child, "isOptional"> | undefined => {
  for (const choice of choices(shape)) {
    if (choice._tag === "Objects" && choice.indexSignatures.length > 0) {
      return { name: annotation(shape, "keys") ?? "NAME", shape: choice.indexSignatures[0]!.type }
    }
  }
  return undefined
}

/** Whether all keys are known. */
export const isClosed = (shape: Shape): boolean => children(shape).length > 0 && anyKey(shape) === undefined

/** The shape below a key, or at an index of a list. */
export const below = (shape: Shape | undefined, key: string | number): Shape | undefined => {
  if (shape === undefined) return undefined
  if (typeof key === "number") {
    for (const choice of choices(shape)) {
      if (choice._tag === "Arrays") return choice.elements[key] ?? choice.rest[0]
    }
    return undefined
  }
  return children(shape).find(({ name }) => name === key)?.shape ?? anyKey(shape)?.shape
}

/** Description of a key: its meaning, its default, and whether its value is a secret. */
export const said = (shape: Shape): {
  readonly description: string | undefined
  readonly default: string | undefined
  readonly isSecret: boolean
} => {
  const annotations = shape.context?.annotations
  const text = (name: string): string | undefined => {
    const found = annotations?.[name]
    return typeof found === "string" ? found : undefined
  }
  return { description: text("description"), default: text("otherwise"), isSecret: annotations?.["isSecret"] === true }
}

/** A path as people write it. Keys that are not plain words are in quotes. */
export const pathText = (path: ReadonlyArray<PropertyKey>): string =>
  path.map((part) => typeof part === "number" ? `[${part + 1}]` : wordOf(String(part))).reduce(
    (text, part) => text === "" ? part : part.startsWith("[") ? text + part : `${text}.${part}`,
    ""
  )

const wordOf = (key: string): string => {
  const short = key.length > 60 ? `${key.slice(0, 57)}...` : key
  return /^[\w.*/-]+$/.test(short) ? short : printable(short)
}

/** The text in quotes, on one line, and without control characters for a terminal. */
export const printable = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[^\x20-\x7e\xa0-\u1fff\u2030-\u205e\u2070-\ud7ff\uf900-\ufdcf]/gu,
    (one) => `\\u${one.codePointAt(0)!.toString(16).padStart(4, "0")}`
  )

/** The most similar known word, if one is similar enough. */
export const nearest = (word: string, known: ReadonlyArray<string>): string | undefined => {
  const bare = word.toLowerCase().replaceAll("-", "_").slice(0, 60)
  const [best] = known.map((name) => ({ name, distance: distance(bare, name) })).toSorted((a, b) =>
    a.distance - b.distance
  )
  if (best === undefined) return undefined
  const { name, distance: far } = best
  return far <= (name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3))) ? name : undefined
}
