/**
 * The metrics in a real Prometheus: what it scrapes of a hub over a simulated house, what its own tools say of it, and each query of
 * the dashboard for Grafana.
 */
import { TestNetwork } from "@effect-ownet/core/testing"
import { Hub } from "@effect-ownet/hub"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schedule, Schema, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientResponse } from "effect/http"
import * as ChildProcess from "effect/process/ChildProcess"
import { readFileSync } from "node:fs"
import { definitions } from "../src/internal/Metrics.ts"
import { Dashboard, queriesOf, variablesOf } from "./fixtures/grafana.ts"
import * as Processes from "./fixtures/processes.ts"
import { ask, hubLayer, layerOf, port } from "./fixtures/served.ts"

const cellar = "28.000028D70100"
const attic = "28.000028D70200"
const climate = "26.000026D90100"
const relays = "29.000029D60300"

const placeLabels: ReadonlyArray<string> = definitions.up.labels

const house = {
  [cellar]: { alias: "cellar", temperature: 11.5 },
  [attic]: { alias: "attic", temperature: 17 },
  [`/bus.1/${relays}`]: { alias: "relays", "PIO.BYTE": 0b10 },
  [`/bus.2/${climate}`]: { alias: "climate", temperature: 20, humidity: 50 }
}

const served = layerOf(
  hubLayer(house, { every: "200 millis", search: { every: "200 millis", absences: 1, grace: "10 millis" } })
)

const Answer = Schema.Struct({
  status: Schema.Literal("success"),
  data: Schema.Struct({
    result: Schema.Array(
      Schema.Struct({
        metric: Schema.Record(Schema.String, Schema.String),
        value: Schema.Tuple([Schema.Finite, Schema.String])
      })
    )
  })
})

/** What Prometheus finds now. */
const query = (url: string, expr: string) =>
  HttpClient.get(`${url}/api/v1/query`, { urlParams: { query: expr } }).pipe(
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Answer)),
    Effect.map(({ data }) => data.result.map(({ metric, value: [, value] }) => ({ metric, value })))
  )

/** Looks again and again until something is so. */
const until = <A, E, R>(look: Effect.Effect<A, E, R>, isSo: (found: A) => boolean, what: string) =>
  look.pipe(
    Effect.filterOrFail(isSo, (found) => `${what}: ${JSON.stringify(found)}`),
    Effect.retry({ schedule: Schedule.spaced("100 millis"), times: 300 })
  )

Processes.describePrometheus("Prometheus", () => {
  it.live(
    "has what the hub knows, for each query of the dashboard, and nothing of what is gone",
    () =>
      Effect.gen(function*() {
        const hub = yield* Hub.Hub
        const { network } = (yield* TestNetwork.TestNetwork).server("pi")
        const dashboard = yield* Schema.decodeUnknownEffect(Dashboard)(
          JSON.parse(readFileSync(new URL("../../../docs/grafana/dashboard.json", import.meta.url), "utf8"))
        )
        const url = yield* Effect.flatMap(port, Processes.prometheus)
        const found = (expr: string, count: number) =>
          until(query(url, expr), (found) => found.length === count, `${count} of ${expr}`)
        yield* found("onewire_value", 22)
        const [first] = yield* found(`onewire_value{id="${cellar}"}`, 1)
        const { job: _job, instance: _instance, ...labels } = first!.metric
        assert.deepStrictEqual([labels, first!.value], [{
          __name__: "onewire_value",
          place: cellar,
          id: cellar,
          name: "cellar",
          server: "pi",
          bus: "bus.0",
          property: "temperature"
        }, "11.5"])

        // A rename changes the name alone.
        const name = `"Keller" \\ {ö}\n`
        yield* hub.edit(cellar, { name, group: "Haus (alt)" })
        const [renamed] = yield* found(`onewire_value{id="${cellar}", group!=""}`, 1)
        assert.deepInclude(renamed!.metric, { place: cellar, name: name.replace("\n", "\uFFFD"), group: "Haus (alt)" })
        yield* found(`onewire_value{id="${cellar}"}`, 1)

        // What is gone, or cannot be reached, has no value.
        yield* network.vanish(attic)
        yield* found(`onewire_up{id="${attic}"} == 0`, 1)
        yield* found(`onewire_value{id="${attic}"}`, 0)
        yield* network.breakBus(1, -5)
        yield* found("onewire_bus_failing == 1", 1)
        yield* found(`onewire_value{id="${relays}"}`, 0)
        yield* hub.report("MQTT", undefined)
        yield* found("onewire_outlet_up", 1)

        for (const { label, matches, name } of variablesOf(dashboard)) {
          const values = yield* query(url, `group by (${label}) (${matches})`)
          assert.isTrue(values.some(({ metric }) => metric[label] !== undefined), name)
        }
        const queries = queriesOf(dashboard)
        assert.isAbove(queries.length, 20)
        for (const { expr, title } of queries) {
          const asked = expr({ group: ".*", name: ".*" })
          const values = yield* until(query(url, asked), ({ length }) => length > 0, `${title}: ${asked}`)
          assert.isTrue(values.every(({ value }) => value !== "NaN"), title)
        }
        // Some places only.
        const panel = queries.find(({ title }) => title === "$group")
        const [chosen] = yield* found(panel!.expr({ group: "Haus \\\\(alt\\\\)", name: ".*" }), 1)
        assert.strictEqual(chosen?.metric["id"], cellar)
      }).pipe(Effect.provide([served, FetchHttpClient.layer])),
    { timeout: 120_000 }
  )

  it.live("has no complaints about the text", () =>
    Effect.gen(function*() {
      const hub = yield* Hub.Hub
      yield* hub.edit(cellar, { name: "\"}\\\n#{", group: "ö\u{1F525}" }).pipe(
        Effect.filterOrFail((place) => place !== undefined),
        Effect.retry({ schedule: Schedule.spaced("20 millis"), times: 2000 })
      )
      const { body } = yield* ask("GET", "/metrics")
      assert.include(body, "onewire_up{")
      const promtool = yield* ChildProcess.make("promtool", ["check", "metrics"], {
        stdin: Stream.make(new TextEncoder().encode(body)),
        stdout: "pipe",
        stderr: "pipe"
      })
      const [out, errors, code] = yield* Effect.all([
        Stream.mkString(Stream.decodeText(promtool.stdout)),
        Stream.mkString(Stream.decodeText(promtool.stderr)),
        promtool.exitCode
      ], { concurrency: "unbounded" })
      assert.deepStrictEqual([out, errors, Number(code)], ["", "", 0])
    }).pipe(Effect.provide(Layer.merge(served, NodeServices.layer))))
})

describe("the guide", () => {
  const guide = readFileSync(new URL("../../../docs/hub-metrics.md", import.meta.url), "utf8")

  it("has each metric with its type and its labels, and no other", () => {
    const rows = [...guide.matchAll(/^\| `(onewire_\w+)` +\| (\w+) +\| (.*?) *\| /gm)].map((
      [, name, type, labels = ""]
    ) => ({
      name,
      type,
      labels: labels.split(", ").flatMap((label) =>
        label === "place" ? placeLabels : label === "" ? [] : [label.replaceAll("`", "")]
      )
    }))
    assert.deepStrictEqual(
      rows,
      Object.values(definitions).map(({ labels, name, type }) => ({ name, type, labels: [...labels] }))
    )
    const named = new Set([...guide.matchAll(/\bonewire_\w+/g)].map(([name]) => name))
    assert.sameMembers([...named], rows.map(({ name }) => name))
  })

  it("has the labels of a place", () => {
    const labels = [...guide.matchAll(/^\| `([a-z]+)` +\| /gm)].map(([, label]) => label)
    assert.deepStrictEqual(labels, placeLabels)
  })
})
