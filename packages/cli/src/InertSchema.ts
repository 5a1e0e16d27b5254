/**
 * Replaces `effect/Schema` and its companions in the bundle for plain calls, which decodes and encodes nothing with schemas.
 * Loading and running the real modules takes a tenth of a start. This one has the classes of errors, and accepts definitions of
 * schemas. The build fails if the bundle needs more than that.
 */
import * as Data from "effect/Data"

interface Inert {
  readonly check: () => Inert
  readonly pipe: () => Inert
}

const inert: Inert = { check: () => inert, pipe: () => inert }

/* @__NO_SIDE_EFFECTS__ */
const define = (): Inert => inert

export {
  define as Array,
  define as brand,
  define as decodeTo,
  define as Defect,
  define as InvalidValue,
  define as isBetween,
  define as isInt32,
  define as makeFilter,
  define as optional,
  define as Struct,
  define as TaggedStruct,
  define as transform,
  define as transformEffect,
  define as UndefinedOr,
  define as Union,
  inert as Boolean,
  inert as Finite,
  inert as Int,
  inert as NonEmptyString,
  inert as String,
  inert as Uint8Array
}

/* @__NO_SIDE_EFFECTS__ */
export const Literals = <const L extends ReadonlyArray<unknown>>(literals: L) => ({ ...inert, literals })

/** A class of errors whose fields have the order of their schema, like those of the real module. */
export const TaggedError = () =>
(
  tag: string,
  schemas: Readonly<Record<string, unknown>>
): new(given: Readonly<Record<string, unknown>>) => Error => {
  const names = ["_tag", ...Object.keys(schemas)]
  return class extends Data.TaggedError(tag)<Readonly<Record<string, unknown>>> {
    constructor(given: Readonly<Record<string, unknown>>) {
      const fields: Readonly<Record<string, unknown>> = { ...given, _tag: tag }
      super(Object.fromEntries(names.flatMap((name) => name in fields ? [[name, fields[name]]] : [])))
    }
  }
}
