import { OwError } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

const call = { operation: "write", path: "/28.000028D70100/templow", server: "localhost:4304" } as const

const errors: ReadonlyArray<readonly [OwError.OwError, message: string, isRetryable: boolean]> = [
  [
    new OwError.OwnetError({
      ...call,
      reason: { _tag: "Other" },
      code: -77,
      codeName: "unknown",
      meaning: "a code without a known meaning",
      serverText: "Unassigned error 77",
      isRetryable: false
    }),
    "write /28.000028D70100/templow at localhost:4304: refused with -77 unknown: a code without a known meaning; " +
    "the server calls it \"Unassigned error 77\"",
    false
  ],
  [
    new OwError.OwnetTimeout({ ...call, reason: { _tag: "Call" }, elapsed: 1502, limit: 1500, requestSent: true }),
    "write /28.000028D70100/templow at localhost:4304: no answer within 1.5 s, the call's timeout; " +
    "whether it took effect is not known",
    false
  ],
  [
    new OwError.OwnetTimeout({ ...call, reason: { _tag: "Call" }, elapsed: 1500, limit: 1500, requestSent: false }),
    "write /28.000028D70100/templow at localhost:4304: no connection could be had within 1.5 s, the call's timeout; " +
    "nothing was sent",
    true
  ],
  [
    new OwError.OwnetTimeout({
      operation: "ping",
      server: "localhost:4304",
      reason: { _tag: "Silence" },
      elapsed: 5000,
      limit: 5000,
      requestSent: true
    }),
    "ping at localhost:4304: the server was silent for 5 s, and sent no keepalive either; it may have stopped",
    true
  ],
  [
    new OwError.ConnError({
      operation: "connect",
      server: "pi:4304",
      reason: { _tag: "Connect" },
      problem: "no address took a connection",
      attempts: [
        { address: "[::1]:4304", problem: "refused the connection (ECONNREFUSED)" },
        { address: "10.0.0.7:4304", problem: "did not answer within 5 s" }
      ],
      requestSent: false,
      cause: new Error("connect ECONNREFUSED")
    }),
    "connect to pi:4304: cannot connect: [::1]:4304 refused the connection (ECONNREFUSED); 10.0.0.7:4304 did not answer " +
    "within 5 s. Is owserver running there, and does it listen on this address?",
    true
  ],
  [
    new OwError.ProtocolError({
      ...call,
      reason: { _tag: "ShortWrite", accepted: 32, sent: 40 },
      problem: "the server accepted 32 of 40 bytes; the property holds no more",
      bytes: new Uint8Array(0),
      attempts: []
    }),
    "write /28.000028D70100/templow at localhost:4304: the server accepted 32 of 40 bytes; the property holds no more",
    false
  ],
  [
    new OwError.ArgumentError({ operation: "read", argument: "size", problem: "must be a whole number" }),
    "read: size must be a whole number; nothing was sent",
    false
  ]
]

describe("OwError", () => {
  for (const [error, message, isRetryable] of errors) {
    it.effect(`${error._tag}: one line, and all of it comes back from JSON`, () =>
      Effect.gen(function*() {
        assert.strictEqual(error.message, message)
        assert.strictEqual(String(error), `${error._tag}: ${message}`)
        assert.strictEqual(error.isRetryable, isRetryable)
        assert.isTrue(Schema.is(OwError.OwError)(error))
        const codec = Schema.toCodecJson(OwError.OwError)
        const json = JSON.parse(JSON.stringify(yield* Schema.encodeEffect(codec)(error)))
        const back = yield* Schema.decodeEffect(codec)(json)
        assert.strictEqual(back._tag, error._tag)
        assert.strictEqual(back.message, message)
        assert.strictEqual(back.isRetryable, isRetryable)
      }))
  }
})
