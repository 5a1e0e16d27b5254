import { TestOwClient } from "@effect-ownet/core/testing"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { cellar } from "./cellar.ts"

it.effect("warns of frost", () =>
  Effect.gen(function*() {
    assert.strictEqual(yield* cellar, "3.5 °C in the cellar: close the window")
  }).pipe(Effect.provide(TestOwClient.layer({ "28.000028D70100": { temperature: 3.5 } }))))

it.effect("has nothing to say of a mild day", () =>
  Effect.gen(function*() {
    assert.strictEqual(yield* cellar, "11 °C in the cellar")
  }).pipe(Effect.provide(TestOwClient.layer({ "28.000028D70100": { temperature: 11 } }))))

it.effect("says that the thermometer is gone", () =>
  Effect.gen(function*() {
    assert.strictEqual(yield* cellar, "the thermometer in the cellar does not answer")
  }).pipe(Effect.provide(TestOwClient.layer({}))))
