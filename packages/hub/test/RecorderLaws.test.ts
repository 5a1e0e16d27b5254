/**
 * What holds of all rows, whatever is seen and whatever the clock does.
 */
import { Device, type Follow, MessageType, OwError } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { TestOwClient } from "@effect-ownet/core/testing"
import { type History, Places, Recorder } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"

const kitchen = "28.000028D70100"

const device = await Device.make(Families.DS18B20, `/bus.0/${kitchen}`).pipe(
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

const Moment = Schema.Struct({
  after: Schema.Literals([0, 1, 10, 10, 10, 30, 60, 61, 300, 7200]),
  what: Schema.Union([
    Step.fields.what,
    Schema.Literals(["moved", "moved", "recovered", "appeared"])
  ])
})

/** What holds from when on: rows that change nothing are left out. */
const timelineOf = (rows: ReadonlyArray<Recorder.Row>) => {
  const result: Array<Pick<Recorder.Row, "at" | "value" | "verdict">> = []
  for (const { at, value, verdict } of rows) {
    const before = result.at(-1)
    if (before?.value !== value || (before !== undefined && before.verdict !== verdict)) {
      result.push({ at, value, verdict })
    }
  }
  return result
}

describe("a recorder that goes on at another runner", () => {
  it.prop(
    "keeps and tells the same as one that was never moved",
    [Schema.Array(Moment).check(Schema.isMinLength(10), Schema.isMaxLength(60))],
    ([moments]) => {
      const options: Recorder.Options = { placeOf: (key) => ({ key, title: key }) }
      const none: Recorder.Before = { places: [], series: [], latest: [], lastSeen: undefined, lastEvent: undefined }
      const start = 10_000
      const [stays, begun] = Recorder.begin(none, start, options)
      let [moving] = Recorder.begin(none, start, options)
      const rows: Record<"stays" | "moves", Array<Recorder.Row>> = { stays: [], moves: [] }
      const events: Record<"stays" | "moves", Array<History.Event>> = {
        stays: [...begun.events],
        moves: [...begun.events]
      }
      /** What is known of the server, as events. */
      const standing = new Map<string, Follow.Event>()
      let now = start
      let isSeen = false
      for (const { after, what } of moments) {
        const lastSeen = now
        now += after
        if (what === "moved") {
          const kept = rows.moves.findLast(({ value }) => value !== undefined)
          const [next, taken] = Recorder.begin(
            {
              // As soon as a device has been seen, there is a place for it.
              places: isSeen ? [Places.ofDevice(kitchen)] : [],
              series: kept === undefined ? [] : [{ ...kept, id: 1, place: kitchen, since: start }],
              latest: kept === undefined ? [] : [{ ...kept, series: 1 }],
              lastSeen,
              lastEvent: events.moves.at(-1),
              goesOn: "b:1"
            },
            now,
            options
          )
          assert.deepStrictEqual(taken.rows, [])
          assert.deepStrictEqual(taken.events.map(({ text }) => text), ["The hub continues on b:1"])
          for (const event of standing.values()) Recorder.know(next, event)
          moving = next
        }
        const event = seen(what, now, standing)
        isSeen ||= event !== undefined && "device" in event
        for (const [name, state] of [["stays", stays], ["moves", moving]] as const) {
          const taken = event === undefined ? Recorder.tick(state, now) : Recorder.take(state, event, now)
          rows[name].push(...taken.rows)
          events[name].push(...taken.events)
        }
      }
      assert.deepStrictEqual(timelineOf(rows.moves), timelineOf(rows.stays))
      // How often a property has failed is forgotten.
      const told = (all: ReadonlyArray<History.Event>) =>
        all.filter(({ kind }) => kind !== "Failed" && kind !== "Restored")
      assert.deepStrictEqual(told(events.moves), told(events.stays))
    },
    { arbitrary: { runs: 300, seed: "runners" } }
  )
})

/** An event, and what is known after it. */
const seen = (
  what: typeof Moment.Type["what"],
  second: number,
  standing: Map<string, Follow.Event>
): Follow.Event | undefined => {
  const at = new Date(second * 1000)
  const event = what === "moved"
    ? undefined
    : what === "appeared"
    ? { _tag: "Appeared", server: "pi", device, at } as const
    : what === "recovered"
    ? { _tag: "ServerRecovered", server: "pi", at, since: at } as const
    : told({ after: 0, what }, second)
  if (event === undefined) return undefined
  if (event._tag === "ServerFailed" || event._tag === "ServerRecovered") standing.set("server", event)
  if (event._tag === "BusFailed") standing.set("bus", event)
  // A device that has vanished is known no longer, but its series is.
  if (event._tag === "Vanished") standing.delete("device")
  else if ("device" in event) standing.set("device", { _tag: "Appeared", server: "pi", device, at })
  return event
}
