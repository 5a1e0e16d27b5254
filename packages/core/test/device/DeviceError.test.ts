import { DeviceError } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

const make = (
  tag: DeviceError.DeviceReason["_tag"],
  operation: "read" | "write" | "romId" = "read",
  path = "/28.000028D70100/temperature"
) =>
  new DeviceError.DeviceError({
    reason: { _tag: tag },
    operation,
    path,
    server: "pi:4304",
    problem: "85 is implausible: look at its power"
  })

describe("DeviceError", () => {
  it("says in one line what was tried, where, and what came of it", () => {
    assert.strictEqual(
      make("Implausible").message,
      "read /28.000028D70100/temperature at pi:4304: 85 is implausible: look at its power"
    )
    assert.strictEqual(
      make("OtherFamily", "romId", "/living\nroom").message,
      "romId \"/living\\nroom\" at pi:4304: 85 is implausible: look at its power"
    )
  })

  it("is worth another try where the next answer may be better", () => {
    const tags = ["NoValue", "Malformed", "Implausible", "NotVerified", "OtherFamily"] as const
    assert.deepStrictEqual(tags.map((tag) => make(tag).isRetryable), [true, true, true, false, false])
  })

  it("is written and read as data", () => {
    const error = make("NotVerified", "write")
    assert.deepStrictEqual(JSON.parse(JSON.stringify(error)), {
      _tag: "DeviceError",
      reason: { _tag: "NotVerified" },
      operation: "write",
      path: "/28.000028D70100/temperature",
      server: "pi:4304",
      problem: "85 is implausible: look at its power",
      message: "write /28.000028D70100/temperature at pi:4304: 85 is implausible: look at its power",
      isRetryable: false
    })
    const codec = Schema.toCodecJson(DeviceError.DeviceError)
    const back = Schema.decodeSync(codec)(Schema.encodeSync(codec)(error))
    assert.deepStrictEqual([back._tag, back.message, back.isRetryable], ["DeviceError", error.message, false])
  })

  it.effect("is caught by its reason", () =>
    Effect.gen(function*() {
      const caught = yield* Effect.fail(make("Implausible")).pipe(
        Effect.catchReason("DeviceError", "Implausible", (_, error) => Effect.succeed(error.path))
      )
      assert.strictEqual(caught, "/28.000028D70100/temperature")
    }))
})
