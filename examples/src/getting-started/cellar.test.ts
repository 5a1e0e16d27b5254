import { TestOwClient } from "@effect-ownet/core/testing"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { cellar } from "./cellar.ts"

it.effect("warns of frost", () =>
  Effect.gen(function*() {
    assert.strictEqual(yield* cellar, "3.5 °C in the cellar: close the window")
  }).pipe(Effect.provide(TestOwClient.layer({ "28.000028D70100": { temperature: 3.5 } }))))

it.effect("reports a missing thermometer", () =>
  Effect.gen(function*() {
    assert.strictEqual(yield* cellar, "the thermometer in the cellar does not answer")
  }).pipe(Effect.provide(TestOwClient.layer({}))))

it.effect("reports a mild day without a warning", () =>
  Effect.gen(function*() {
    assert.strictEqual(yield* cellar, "11 °C in the cellar")
  }).pipe(Effect.provide(TestOwClient.layer({ "28.000028D70100": { temperature: 11 } }))))
