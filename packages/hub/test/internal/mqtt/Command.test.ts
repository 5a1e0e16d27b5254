import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Command from "../../../src/internal/mqtt/Command.ts"

const parse = (text: string | Uint8Array, verb: "get" | "set" = "set", property?: string) =>
  Result.merge(
    Command.parse({ verb, name: "relay", property }, typeof text === "string" ? new TextEncoder().encode(text) : text)
  )

const valueOf = (kind: Parameters<typeof Command.valueOf>[0], given: unknown) =>
  Result.merge(Command.valueOf(kind, given))

describe("Command", () => {
  it("is an object of properties, or a value below a property", () => {
    assert.deepStrictEqual(parse(`{"PIO.0":"ON","PIO.1":false,"transaction":7}`), {
      properties: [["PIO.0", "ON"], ["PIO.1", false]],
      transaction: 7
    })
    assert.deepStrictEqual(parse("ON", "set", "PIO.0"), { properties: [["PIO.0", "ON"]], transaction: undefined })
    assert.deepStrictEqual(parse("", "get"), { properties: [], transaction: undefined })
    assert.deepStrictEqual(parse("temperature", "get"), { properties: [["temperature", ""]], transaction: undefined })
    assert.deepStrictEqual(parse(`{"temperature":""}`, "get"), {
      properties: [["temperature", ""]],
      transaction: undefined
    })
  })

  it("says what is wrong with a payload", () => {
    assert.strictEqual(parse("ON"), "the payload is not JSON")
    assert.strictEqual(parse("{"), "the payload is not JSON")
    assert.strictEqual(parse("[1]"), "the payload is not a JSON object")
    assert.strictEqual(parse("null"), "the payload is not a JSON object")
    assert.strictEqual(parse("{}"), "it has no property")
    assert.strictEqual(parse(Uint8Array.of(0xff)), "the payload is not UTF-8")
    assert.strictEqual(parse("x".repeat(20_000)), "the payload has more than 16384 bytes")
    assert.strictEqual(
      parse(JSON.stringify(Object.fromEntries(Array.from({ length: 65 }, (_, i) => [i, i])))),
      "it has more than 64 properties"
    )
    assert.strictEqual(parse("[".repeat(16_000)), "the payload is not JSON")
  })

  it("makes values of what people and programs write", () => {
    for (const given of ["ON", "on", "true", "1", true, 1, " ON\n"]) assert.strictEqual(valueOf("boolean", given), true)
    for (const given of ["OFF", "off", "false", "0", false, 0]) assert.strictEqual(valueOf("boolean", given), false)
    for (const given of ["TOGGLE", "", 2, null, {}]) assert.include(valueOf("boolean", given), "takes ON or OFF")
    assert.strictEqual(valueOf("number", "21.5"), 21.5)
    assert.strictEqual(valueOf("number", 21.5), 21.5)
    for (const given of ["", "NaN", "1e999", true, null]) assert.include(valueOf("number", given), "takes a number")
    assert.strictEqual(valueOf("text", 5), "5")
    assert.deepStrictEqual(valueOf("bytes", "00fF"), Uint8Array.of(0, 255))
    assert.include(valueOf("bytes", "0"), "takes bytes")
    assert.deepStrictEqual(valueOf("boolean", ["ON", 0]), [true, false])
    assert.include(valueOf("boolean", [[1]]), "takes ON or OFF")
    assert.include(valueOf(undefined, { a: 1 }), "takes a text")
  })
})
