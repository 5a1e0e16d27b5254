/**
 * The metrics in a real Prometheus: what it scrapes of a hub over a simulated house, what its own tools say of it, and each query of
 * the dashboard for Grafana.
 */
import { TestNetwork } from "@effect-ownet/core/testing"
import { Hub } from "@effect-ownet/hub"
import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Schedule, Schema, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientResponse } from "effect/http"
import * as ChildProcess from "effect/process/ChildProcess"
import { readFileSync } from "node:fs"
import { Dashboard, queriesOf, variablesOf } from "./fixtures/grafana.ts"
import * as Processes from "./fixtures/processes.ts"
import { ask, hubLayer, layerOf, port } from "./fixtures/served.ts"

const cellar = "28.000028D70100"
const attic = "28.000028D70200"
const climate = "26.000026D90100"
const relays = "29.000029D60300"

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
    Effect.retry({ schedule: Schedule.spaced("100 millis"), times: 150 })
  )

Processes.describePrometheus("Prometheus", () => {
  it.live("has what the hub knows, also after a rename, and nothing of what is gone", () =>
    Effect.gen(function*() {
      const hub = yield* Hub.Hub
      const { network } = (yield* TestNetwork.TestNetwork).server("pi")
      yield* Effect.flatMap(port, Processes.prometheus).pipe(Effect.flatMap((url) =>
        Effect.gen(function*() {
          const one = (expr: string) => query(url, expr)
          const names = (expr: string) => Effect.map(one(expr), (found) => found.map(({ metric }) => metric["name"]))
          const [first] = yield* until(
            one(`onewire_value{id="${cellar}"}`),
            (found) => found.length === 1,
            "no value of the cellar"
          )
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
          yield* hub.edit(cellar, { name: `"Keller" \\ {ö}\n`, group: "Haus" })
          yield* until(
            names(`onewire_value{id="${cellar}", group="Haus"}`),
            (found) => found.length === 1 && found[0] === `"Keller" \\ {ö}\uFFFD`,
            "the new name"
          )
          assert.lengthOf(yield* names(`onewire_value{id="${cellar}"}`), 1)
          yield* network.vanish(attic)
          yield* until(one(`onewire_up{id="${attic}"} == 0`), (found) => found.length === 1, "what is gone")
          assert.deepStrictEqual(yield* one(`onewire_value{id="${attic}"}`), [])
          yield* network.breakBus(1, -5)
          yield* until(one("onewire_bus_failing == 1"), (found) => found.length === 1, "the bus that fails")
          assert.deepStrictEqual(yield* one(`onewire_value{id="${relays}"}`), [])
          assert.isAbove(Number((yield* one(`sum(onewire_readings_total{id="${cellar}"})`))[0]?.value), 3)
        })
      ))
    }).pipe(Effect.provide([served, FetchHttpClient.layer])))

  it.live("has data for each query of the dashboard", () =>
    Effect.gen(function*() {
      const hub = yield* Hub.Hub
      const { network } = (yield* TestNetwork.TestNetwork).server("pi")
      const dashboard = yield* Schema.decodeUnknownEffect(Dashboard)(
        JSON.parse(readFileSync(new URL("../../../docs/grafana/dashboard.json", import.meta.url), "utf8"))
      )
      const url = yield* Effect.flatMap(port, Processes.prometheus)
      yield* until(query(url, "onewire_value"), (found) => found.length === 22, "all values")
      yield* hub.edit(cellar, { group: "Cellar (old)" })
      yield* hub.report("MQTT", undefined)
      yield* network.breakBus(1, -5)
      yield* until(
        query(url, "onewire_bus_failing and on() onewire_outlet_up and on() onewire_value{group!=\"\"}"),
        (found) => found.length === 1,
        "the fault"
      )
      for (const { matches, name, label } of variablesOf(dashboard)) {
        const found = yield* query(url, `group by (${label}) (${matches})`)
        assert.isTrue(found.some(({ metric }) => metric[label] !== undefined), name)
      }
      const queries = queriesOf(dashboard)
      assert.isAbove(queries.length, 20)
      for (const { expr, title } of queries) {
        const found = yield* query(url, expr({ group: ".*", name: ".*" }))
        assert.isAbove(found.length, 0, `${title}: ${expr({ group: ".*", name: ".*" })}`)
        assert.isTrue(found.every(({ value }) => value !== "NaN"), title)
      }
      // Some places only.
      const panel = queries.find(({ title }) => title === "$group")
      const chosen = yield* query(url, panel!.expr({ group: "Cellar \\\\(old\\\\)", name: ".*" }))
      assert.deepStrictEqual(chosen.map(({ metric }) => metric["name"]), ["cellar"])
    }).pipe(Effect.provide([served, FetchHttpClient.layer])))

  it.live("has no complaints about the text", () =>
    Effect.gen(function*() {
      const hub = yield* Hub.Hub
      yield* hub.edit(cellar, { name: "\"}\\\n#{", group: "ö\u{1F525}" }).pipe(
        Effect.filterOrFail((place) => place !== undefined),
        Effect.retry({ schedule: Schedule.spaced("20 millis"), times: 200 })
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
