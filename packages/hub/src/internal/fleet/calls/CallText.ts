/** Formats of calls, their answers and their errors between processes. */
import { type Family, Header, OwError, Payload, type Plausibility, RomId } from "@effect-ownet/core"
import { DeviceError } from "@effect-ownet/core/device/DeviceError"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

/**
 * A schema whose values arrive exactly as they were sent. A text with bytes that are not UTF-8 has lone surrogates for them,
 * which the binary wire of the engine would replace, and JSON escapes.
 */
export const exact = <S extends Schema.Top>(schema: S) => Schema.fromJsonString(Schema.toCodecJson(schema))

/** A path or a name, in the bytes that the server gets. */
export const Text = Payload.TextFromBytes

export const OwErrors = exact(OwError.OwError)

export const Failures = exact(Schema.Union([...OwError.OwError.members, DeviceError]))

/** A value with its kind, because JSON cannot tell a date or bytes from a text, and does not have all numbers. */
const WireScalar = Schema.Union([
  Schema.TaggedStruct("Number", { digits: Schema.String }),
  Schema.TaggedStruct("Boolean", { value: Schema.Boolean }),
  Schema.TaggedStruct("Text", { value: Schema.String }),
  Schema.TaggedStruct("Bytes", { value: Schema.Uint8Array }),
  Schema.TaggedStruct("Date", { digits: Schema.String })
])

const toWire = (value: Family.Scalar): typeof WireScalar.Type => {
  switch (typeof value) {
    case "number":
      return { _tag: "Number", digits: digitsOf(value) }
    case "boolean":
      return { _tag: "Boolean", value }
    case "string":
      return { _tag: "Text", value }
    default:
      return value instanceof Date ? { _tag: "Date", digits: digitsOf(value.getTime()) } : { _tag: "Bytes", value }
  }
}

/** Digits that `Number` reads back, including NaN, infinities and the negative zero, which JSON does not have. */
const digitsOf = (value: number): string => Object.is(value, -0) ? "-0" : String(value)

const fromWire = (wire: typeof WireScalar.Type): Family.Scalar => {
  switch (wire._tag) {
    case "Number":
      return Number(wire.digits)
    case "Date":
      return new Date(Number(wire.digits))
    default:
      return wire.value
  }
}

const ScalarSchema: Schema.Codec<Family.Scalar> = Schema.Union([
  Schema.Number,
  Schema.Boolean,
  Schema.String,
  Schema.Uint8Array,
  Schema.Date
])

const WireValue = Schema.Union([WireScalar, Schema.TaggedStruct("Array", { values: Schema.Array(WireScalar) })])

/** Value of a property, of any kind. */
export const Value = WireValue.pipe(
  Schema.decodeTo(
    Schema.Union([ScalarSchema, Schema.Array(ScalarSchema)]),
    SchemaTransformation.transform({
      decode: (wire: typeof WireValue.Type): Family.Value =>
        wire._tag === "Array" ? wire.values.map(fromWire) : fromWire(wire),
      encode: (value: Family.Value): typeof WireValue.Type =>
        isArray(value) ? { _tag: "Array", values: value.map(toWire) } : toWire(value)
    })
  )
)

const isArray = (value: Family.Value): value is Extract<Family.Value, ReadonlyArray<unknown>> => Array.isArray(value)

export const Verdict: Schema.Codec<Plausibility.Verdict, unknown> = Schema.Union([
  Schema.TaggedStruct("Plausible", {}),
  Schema.TaggedStruct("PowerOn", {}),
  Schema.TaggedStruct("Disconnected", {}),
  Schema.TaggedStruct("NoAnswer", {}),
  Schema.TaggedStruct("OutOfRange", { least: Schema.Number, most: Schema.Number }),
  Schema.TaggedStruct("Jump", { from: Schema.Number })
])

/** Reading of a device. */
export const Reading = Schema.Struct({
  server: Schema.String,
  device: RomId.RomId,
  property: Schema.String,
  value: Value,
  unit: Schema.UndefinedOr(Schema.String),
  at: Schema.Date,
  verdict: Verdict
})

const Frame = Schema.Struct({ ...Header.ReplyHeader.fields, data: Schema.Uint8Array })

/** A reply in its original form, with the frames before it. */
export const Reply = Schema.Struct({ ...Frame.fields, entries: Schema.Array(Frame) })

/** Content of a path. */
export const Content = Schema.Union([
  Schema.TaggedStruct("Directory", { entries: exact(Schema.Array(Schema.String)) }),
  Schema.TaggedStruct("Value", { bytes: Schema.Uint8Array })
])
