/**
 * What is on a broker, whatever happens to names, places, options, the program, and the broker.
 */
import type { Api } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Desired from "../../../src/internal/mqtt/Desired.ts"
import * as Shelf from "../../../src/internal/mqtt/Shelf.ts"
import { place, property, state } from "../../fixtures/states.ts"

const base = "house"

const Step = Schema.Union([
  Schema.Struct({
    rename: Schema.Literals(["28.01", "28.02", "28.03"]),
    to: Schema.Literals(["attic", "a/b", "a#", "28.02", "bridge"])
  }),
  Schema.Struct({ remove: Schema.Literals(["28.01", "28.02"]) }),
  Schema.Struct({ add: Schema.Literals(["28.01", "28.02", "3A.04"]) }),
  Schema.Struct({ output: Schema.Literals(["json", "attribute", "attribute_and_json"]), retain: Schema.Boolean }),
  Schema.Struct({ announce: Schema.Boolean }),
  /** Messages that arrive before the connection or the program ends. */
  Schema.Struct({ publish: Schema.Literals([1, 2, 3, 5, 8, 13, 100]) }),
  Schema.Literals(["reconnect", "restart", "forget", "refresh"])
])

/** A broker, and the programs that publish to it one after another. */
class House {
  readonly retained = new Map<string, string>([["house/else", "of somebody"], [
    "garage/bridge/topics",
    `["garage/attic"]`
  ], ["garage/attic", "{}"]])
  places: Array<Api.PlaceState> = [place("28.01"), place("28.02", { name: "attic" }), place("28.03")]
  options: Desired.Options = { base, output: "json", retain: true, info: () => ({}), announce: undefined }
  private shelf = new Shelf.Shelf(base)

  constructor() {
    this.connect()
  }

  get desired(): ReadonlyArray<Desired.Message> {
    const of = state(this.places)
    return Desired.of(of, Desired.remember(new Map(), of), this.options).messages
  }

  connect(): void {
    this.shelf.connect(Shelf.parse(base, this.retained.get(Shelf.listTopic(base)) ?? ""))
  }

  /** As much as arrives, acknowledged or not. */
  publish(most: number, isAcknowledged = true): void {
    for (let left = most; left > 0;) {
      const plan = this.shelf.plan(this.desired)
      if (plan.length === 0) return
      for (const message of plan.slice(0, Math.min(left, 4))) {
        left--
        if (message.retain) {
          if (message.payload === "") this.retained.delete(message.topic)
          else this.retained.set(message.topic, message.payload)
        }
        if (isAcknowledged) this.shelf.acknowledge(message)
      }
      if (!isAcknowledged) return
    }
  }

  take(step: typeof Step.Type): void {
    if (step === "reconnect") this.connect()
    else if (step === "refresh") this.shelf.forget()
    else if (step === "restart" || step === "forget") {
      // What was on its way may have arrived.
      this.publish(3, false)
      if (step === "forget") this.retained.clear()
      else this.shelf = new Shelf.Shelf(base)
      this.connect()
    } else if ("publish" in step) this.publish(step.publish)
    else if ("rename" in step) {
      this.places = this.places.map((one) => one.key === step.rename ? { ...one, title: step.to } : one)
    } else if ("remove" in step) this.places = this.places.filter(({ key }) => key !== step.remove)
    else if ("add" in step) {
      if (!this.places.some(({ key }) => key === step.add)) {
        this.places.push(place(step.add, { properties: [property("PIO.A", true)] }))
      }
    } else if ("announce" in step) {
      this.options = {
        ...this.options,
        announce: step.announce
          ? ({ places }, topicOf) => places.map(({ key }) => [`homeassistant/device/${key}/config`, topicOf(key)])
          : undefined
      }
    } else this.options = { ...this.options, output: step.output, retain: step.retain }
  }
}

describe("Shelf", () => {
  it.prop(
    "leaves exactly what should be there",
    [Schema.Array(Step).check(Schema.isMaxLength(25))],
    ([steps]) => {
      const house = new House()
      for (const step of steps) house.take(step)
      const others = [...house.retained].filter(([topic]) => topic === "house/else" || topic.startsWith("garage/"))
      house.publish(1000)
      const expected = new Map(
        house.desired.flatMap(({ payload, retain, topic }) => retain ? [[topic, payload] as const] : [])
      )
      expected.set(Shelf.listTopic(base), JSON.stringify([...expected.keys()].toSorted()))
      for (const [topic, payload] of others) expected.set(topic, payload)
      assert.deepStrictEqual(new Map([...house.retained].toSorted()), new Map([...expected].toSorted()))
    },
    { arbitrary: { runs: 200, seed: "shelf" } }
  )

  it("clears no more than its own, whatever a list says", () => {
    const list = [
      "house/attic",
      "garage/attic",
      "house/#",
      "+/attic",
      "homeassistant/device/x/config",
      "$SYS/x/config",
      "house/bridge/topics"
    ]
    assert.deepStrictEqual(Shelf.parse(base, JSON.stringify(list)), ["house/attic", "homeassistant/device/x/config"])
    for (const payload of ["", "null", "{", `{"a":1}`, "[1]", `["house/a", null]`]) {
      assert.deepStrictEqual(Shelf.parse(base, payload), [])
    }
  })
})
