/**
 * What holds of all rows, whatever is seen and whatever the clock does.
 */
import { Device, type Follow, MessageType, OwError } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { TestOwClient } from "@effect-ownet/core/testing"
import { Recorder } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

const kitchen = "28.000028D70100"

const device = await Device.makeUnsafe(Families.DS18B20, `/bus.0/${kitchen}`).pipe(
  Effect.provide(TestOwClient.layer({})),
  Effect.runPromise
)

const Step = Schema.Struct({
  /** Seconds that pass. The clock may be set. */
  after: Schema.Literals([0, 1, 10, 10, 10, 30, 60, 61, 300, 599, 7200, -1, -30, -61, -3600]),
  what: Schema.Union([
    Schema.Struct({ value: Schema.Literals([20, 20, 20.5, 21]) }),
    Schema.Literals(["implausible", "failed", "bus", "server", "vanished", "nothing"])
  ])
})

const error = OwError.refused(-5, MessageType.Read, { operation: "read", path: "/", server: "pi:4304" })

const told = ({ what }: typeof Step.Type, second: number): Follow.Event | undefined => {
  const at = new Date(second * 1000)
  const all = { server: "pi", device, at }
  if (typeof what === "object" || what === "implausible") {
    const value = what === "implausible" ? 85 : what.value
    const verdict = what === "implausible" ? { _tag: "PowerOn" } as const : { _tag: "Plausible" } as const
    return { _tag: "Reading", ...all, property: "temperature", unit: "°C", value, verdict }
  }
  switch (what) {
    case "failed":
      return { _tag: "Failed", ...all, property: "temperature", error }
    case "bus":
      return { _tag: "BusFailed", server: "pi", bus: "bus.0", at, error }
    case "server":
      return { _tag: "ServerFailed", server: "pi", at, error }
    case "vanished":
      return { _tag: "Vanished", ...all, lastSeen: at }
    case "nothing":
      return undefined
  }
}

describe("Recorder", () => {
  it.prop(
    "keeps rows in the order of time that tell what was read last, or that nothing is known",
    [Schema.Array(Step).check(Schema.isMinLength(1), Schema.isMaxLength(60))],
    ([steps]) => {
      const [state] = Recorder.begin(
        { places: [], series: [], latest: [], lastSeen: undefined, lastEvent: undefined },
        10_000,
        { placeOf: (key) => ({ key, title: key }) }
      )
      const rows: Array<Recorder.Row> = []
      let now = 10_000
      for (const step of steps) {
        now += step.after
        const event = told(step, now)
        const before = rows.at(-1)
        const taken = event === undefined ? Recorder.tick(state, now) : Recorder.take(state, event, now)
        rows.push(...taken.rows)
        const last = rows.at(-1)
        if (last === undefined || last.at > now) continue
        // The clock is not behind, so that the last row says what is known now.
        if (event?._tag === "Reading") assert.strictEqual(last.value, event.value)
        else if (event !== undefined) assert.isUndefined(last.value)
        if (event?._tag === "Reading" && last === before) assert.isBelow(now - last.at, 600)
        if (step.after > 60 && before?.value !== undefined && before.at <= now - step.after) {
          assert.isTrue(taken.rows.some(({ value }) => value === undefined), "a gap")
        }
      }
      for (const [index, row] of rows.entries()) {
        const before = rows[index - 1]
        if (before === undefined) continue
        assert.isAtLeast(row.at, before.at)
        assert.isTrue(row.value !== undefined || before.value !== undefined, "no gap in a gap")
        if (row.value === before.value && row.verdict === before.verdict) assert.isAtLeast(row.at - before.at, 600)
      }
    },
    { arbitrary: { runs: 300, seed: "recorder" } }
  )
})
