/**
 * Values as people write them, parsed by the type of their property.
 */
import type * as Family from "@effect-ownet/core/device/Family"
import * as TypeRecord from "@effect-ownet/core/protocol/TypeRecord"
import * as Result from "effect/Result"

/** The value of a text, or the mistake in it. `undefined` if the type does not determine it. */
export const fromText = (
  { elements, index, kind }: TypeRecord.TypeRecord,
  text: string
): Result.Result<Family.Value, string> | undefined => {
  if (index === TypeRecord.byte) return number(text, "u")
  if (kind === "b" || kind === "d" || kind === "D") return undefined
  if (index !== TypeRecord.all) return one(kind, text)
  if (kind === "a" || kind === "l") return undefined
  const parts = text.split(",")
  if (parts.length !== elements) {
    const example = Array.from({ length: elements }, (_, at) => kind === "y" ? at % 2 : at).join(",")
    return Result.fail(`must be ${elements} values, with commas between them as in ${example}, not ${parts.length}`)
  }
  return Result.all(parts.map((part) => one(kind, part)))
}

const one = (kind: TypeRecord.Kind, text: string): Result.Result<Family.Scalar, string> =>
  kind === "y" ? yesOrNo(text) : kind === "a" || kind === "l" ? Result.succeed(text) : number(text, kind)

const yes: ReadonlySet<string> = new Set(["1", "on", "true", "yes"])
const no: ReadonlySet<string> = new Set(["0", "off", "false", "no"])

const yesOrNo = (text: string): Result.Result<boolean, string> => {
  const word = text.trim().toLowerCase()
  return yes.has(word)
    ? Result.succeed(true)
    : no.has(word)
    ? Result.succeed(false)
    : Result.fail(`must be 1 or 0, on or off, true or false, yes or no, not ${JSON.stringify(text)}`)
}

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i
const hexadecimal = /^0x[\da-f]+$/i

/** A number followed by a unit. */
const unit = /^([+-]?[\d.,]+)\s*([^\d\s.,].*)$/

const number = (text: string, kind: TypeRecord.Kind): Result.Result<number, string> => {
  const written = text.trim()
  if (decimal.test(written) || hexadecimal.test(written)) return Result.succeed(Number(written))
  // Some phones and word processors write another minus sign.
  const [, digits = written.replace(/^[−–]/, "-"), suffix] = unit.exec(written.replace(/^[−–]/, "-")) ?? []
  const plain = digits.replace(/^([+-]?\d*),(\d+)$/, "$1.$2")
  if (!decimal.test(plain)) {
    const example = kind === "i" || kind === "u" ? "21 or 0x15" : "21.5"
    return Result.fail(`must be a number, such as ${example}, not ${JSON.stringify(text)}`)
  }
  const scale = kind === "t" || kind === "g"
    ? /^(?:°|deg)?\s*([FKR])/i.exec(suffix ?? "")?.[1].toUpperCase()
    : undefined
  const more = scale === undefined ? "" : `, and -${scale} for its scale`
  return Result.fail(
    suffix !== undefined
      ? `must be a number without a unit: write ${plain}${more}`
      : plain !== digits
      ? `must be a number with a point, not a comma: write ${plain}`
      : `must be a number with a plain minus: write ${plain}`
  )
}
