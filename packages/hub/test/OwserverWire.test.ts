/**
 * Errors, readings and values between the processes of a fleet: each arrives as it left, by either of the engine's serializations.
 */
import { type Family, OwError, RomId } from "@effect-ownet/core"
import { DeviceError } from "@effect-ownet/core/device/DeviceError"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as Wire from "../src/internal/fleet/calls/Wire.ts"

const serializations = {
  json: RpcSerialization.layerNdjson,
  binary: RpcSerialization.layerSchemaBinary()
}

/** Sends a value and gives what arrives. */
const sent = <S extends Schema.Codec<unknown, unknown>>(schema: S, value: S["Type"]) =>
  Effect.forEach(Object.values(serializations), (layer) =>
    Effect.gen(function*() {
      const { codecFor } = yield* RpcSerialization.RpcSerialization
      const codec = codecFor(schema)
      return (yield* Schema.decodeUnknownEffect(codec)(yield* Schema.encodeEffect(codec)(value))) as S["Type"]
    }).pipe(Effect.provide(layer)))

const classes = [
  OwError.OwnetError,
  OwError.OwnetTimeout,
  OwError.ConnError,
  OwError.ProtocolError,
  OwError.ArgumentError,
  DeviceError
] as const

/** The fields of an error: one that is `undefined` may be absent. A cause keeps its name and its message only. */
const fieldsOf = (error: OwError.OwError | DeviceError): unknown =>
  JSON.parse(JSON.stringify(error, (name, value: unknown) => name === "cause" ? undefined : value))

const arrives = (error: OwError.OwError | DeviceError) =>
  Effect.gen(function*() {
    for (const arrived of yield* sent(Wire.Failures, error)) {
      assert.strictEqual(Object.getPrototypeOf(arrived), Object.getPrototypeOf(error))
      assert.strictEqual(arrived.message, error.message)
      assert.strictEqual(arrived.isRetryable, error.isRetryable)
      assert.deepStrictEqual(fieldsOf(arrived), fieldsOf(error))
    }
  })

const Readings = Schema.Struct({
  ...Wire.Reading.fields,
  device: Schema.Literals(["28.000028D70100", "10.000010EF0000"].map(RomId.fromStringUnsafe))
})

describe("between the processes of a fleet", () => {
  for (const schema of classes) {
    it.effect.prop(`each ${schema.identifier} stays what it is`, [schema], ([error]) => arrives(error), {
      arbitrary: { runs: 60, seed: "errors" }
    })
  }

  it.effect("an error keeps bytes that are no text, and the name and the message of its cause", () =>
    Effect.gen(function*() {
      const error = new OwError.ConnError({
        operation: "read",
        path: "/k\udcfcche",
        server: "pi\ud800",
        reason: { _tag: "Closed" },
        problem: "\0\u001b[31m",
        attempts: [],
        requestSent: true,
        cause: Object.assign(new TypeError("read ECONNRESET"), { code: "ECONNRESET" })
      })
      yield* arrives(error)
      for (const arrived of yield* sent(Wire.OwErrors, error)) {
        assert.deepInclude(arrived.cause, { name: "TypeError", message: "read ECONNRESET" })
      }
    }))

  it.effect.prop(
    "each reading stays what it is",
    [Readings],
    ([reading]) =>
      Effect.gen(function*() {
        for (const arrived of yield* sent(Wire.exact(Wire.Reading), reading)) {
          assert.deepStrictEqual(arrived, reading)
        }
      }),
    { arbitrary: { runs: 200, seed: "readings" } }
  )

  it.effect("each kind of value stays what it is", () =>
    Effect.gen(function*() {
      const values: ReadonlyArray<Family.Value> = [
        0,
        -0,
        21.5,
        NaN,
        Infinity,
        -Infinity,
        Number.MAX_VALUE,
        Number.MIN_VALUE,
        true,
        false,
        "",
        "2026-01-01",
        "K\udcfcche",
        "\ud800",
        "AAEC",
        new Uint8Array(),
        Uint8Array.of(0, 1, 2, 255),
        new Date(0),
        new Date("2026-12-01T12:00:00.123Z"),
        [],
        [1, NaN],
        [true, false],
        ["1", ""],
        [new Date(0)],
        [Uint8Array.of(7)]
      ]
      for (const value of values) {
        for (const arrived of yield* sent(Wire.exact(Wire.Value), value)) {
          assert.deepStrictEqual(arrived, value)
          assert.isTrue(typeof value !== "number" || Object.is(arrived, value), String(value))
        }
      }
    }))

  it.effect.prop(
    "what is at a path, and the reply to a message, stay what they are",
    [Wire.Content, Wire.Reply],
    ([content, reply]) =>
      Effect.gen(function*() {
        for (const arrived of yield* sent(Wire.Content, content)) assert.deepStrictEqual(arrived, content)
        for (const arrived of yield* sent(Wire.Reply, reply)) assert.deepStrictEqual(arrived, reply)
      }),
    { arbitrary: { runs: 60, seed: "replies" } }
  )
})
