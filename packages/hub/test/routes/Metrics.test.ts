import { Fault, SimulatedNetwork, TestNetwork } from "@effect-ownet/core/testing"
import { type Api, Hub } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schedule, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as Served from "../fixtures/served.ts"
import { ask } from "../fixtures/served.ts"

const place = (
  fields: Pick<Api.PlaceState, "key" | "title" | "properties"> & Partial<Api.PlaceState>
): Api.PlaceState => ({ device: fields.key, isHidden: false, limits: {}, chip: "DS18B20", ...fields })

const failing = { since: 50, message: "no answer" }

const property = { isKept: true, isWritable: false }

/** A name of a runner that nobody checked. */
const evil = `a"}\n\\:1`

const state: Api.State = {
  at: 100,
  title: "House",
  every: 10,
  historyFailing: failing,
  servers: [
    { name: "pi", runner: evil, site: "barn", buses: [{ name: "bus.1", ...failing }] },
    { name: "barn", failing, buses: [] }
  ],
  fleet: {
    runner: "10.0.0.2:34431",
    runners: [
      { runner: evil, site: "barn", seen: 97.5, isThere: true, servers: 1, waiting: 4, dropped: 5 },
      { runner: "10.0.0.2:34431", seen: 101, isThere: false, servers: 0, waiting: 0, dropped: 0 }
    ],
    unfollowed: [{ server: "barn" }]
  },
  notices: [{ id: "1", kind: "Alarm", isUrgent: false, since: 3, text: "alarm" }],
  outlets: [{ name: "MQTT", failing }, { name: "InfluxDB" }],
  places: [
    place({
      key: "A",
      title: `"}\n\\evil{`,
      group: "Cellar",
      server: "pi",
      bus: "bus.0",
      alarmSince: 3,
      properties: [
        { ...property, name: "temperature", unit: "°C", reading: { value: 11.5, at: 90 } },
        { ...property, name: "PIO", reading: { value: true, at: 99.5 } },
        { ...property, name: "humidity", reading: { value: 85, at: 90, verdict: "OutOfRange" } },
        { ...property, name: "type", isKept: false, reading: { value: "DS18B20", at: 90 } }
      ]
    }),
    place({
      key: "B",
      title: "B",
      goneSince: 60,
      properties: [{ ...property, name: "temperature", reading: { value: 3, at: 40 }, failing }]
    }),
    ...["bus.1", "bus.1/1F.00001FE00400/main"].map((bus, i) =>
      place({
        key: `C${i}`,
        title: "C",
        server: "pi",
        bus,
        properties: [{ ...property, name: "temperature", reading: { value: 3, at: 40 } }]
      })
    ),
    place({ key: "D", title: "hidden", isHidden: true, properties: [{ ...property, name: "temperature" }] })
  ]
}

const health: Hub.Health = {
  uptime: 100.5,
  memory: 12_345,
  waiting: 3,
  dropped: 2,
  counts: [{ place: "A", property: "temperature", readings: 8, failures: 1 }]
}

describe("the metrics", () => {
  it.effect("say what is known now, whatever things are called", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(100_000)
      const { body, headers } = yield* ask("GET", "/metrics")
      assert.strictEqual(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
      const lines = body.split("\n")
      const a = `{place="A",id="A",name="\\"}\uFFFD\\\\evil{",group="Cellar",server="pi",bus="bus.0"`
      const runner = `"a\\"}\uFFFD\\\\:1"`
      const b = `{place="B",id="B",name="B"`
      const counts = (labels: string, readings = 0, failures = 0) => [
        `onewire_readings_total${labels}} ${readings}`,
        `onewire_failures_total${labels}} ${failures}`
      ]
      assert.sameMembers(lines.filter((line) => line.startsWith("onewire_")), [
        "onewire_history_up 0",
        "onewire_history_waiting 3",
        "onewire_history_dropped_total 2",
        "onewire_hub_uptime_seconds 100.5",
        "onewire_hub_memory_bytes 12345",
        `onewire_notices_open{kind="Limit"} 0`,
        `onewire_notices_open{kind="NoNews"} 0`,
        `onewire_notices_open{kind="Alarm"} 1`,
        `onewire_notices_open{kind="BusOut"} 0`,
        `onewire_notices_open{kind="ServerOut"} 0`,
        `onewire_outlet_up{outlet="MQTT"} 0`,
        `onewire_outlet_up{outlet="InfluxDB"} 1`,
        `onewire_server_up{server="pi"} 1`,
        `onewire_server_up{server="barn"} 0`,
        `onewire_bus_failing{server="pi",bus="bus.1"} 1`,
        `onewire_fleet_server_followed{server="pi",runner=${runner},site="barn"} 1`,
        `onewire_fleet_server_followed{server="barn"} 0`,
        ...[[`{runner=${runner},site="barn"}`, 1, 1, 0, 2.5, 4, 5], [`{runner="10.0.0.2:34431"}`, 0, 0, 1, 0, 0, 0]]
          .flatMap(
            ([labels, up, servers, hub, age, waiting, dropped]) => [
              `onewire_fleet_runner_up${labels} ${up}`,
              `onewire_fleet_runner_servers${labels} ${servers}`,
              `onewire_fleet_runner_hub${labels} ${hub}`,
              `onewire_fleet_runner_age_seconds${labels} ${age}`,
              `onewire_fleet_runner_waiting${labels} ${waiting}`,
              `onewire_fleet_runner_dropped_total${labels} ${dropped}`
            ]
          ),
        `onewire_up${a}} 1`,
        `onewire_alarm${a}} 1`,
        `onewire_value${a},property="temperature"} 11.5`,
        `onewire_age_seconds${a},property="temperature"} 10`,
        `onewire_failing${a},property="temperature"} 0`,
        ...counts(`${a},property="temperature"`, 8, 1),
        `onewire_value${a},property="PIO"} 1`,
        `onewire_age_seconds${a},property="PIO"} 0.5`,
        `onewire_failing${a},property="PIO"} 0`,
        ...counts(`${a},property="PIO"`),
        `onewire_age_seconds${a},property="humidity"} 10`,
        `onewire_failing${a},property="humidity"} 0`,
        ...counts(`${a},property="humidity"`),
        `onewire_up${b}} 0`,
        `onewire_alarm${b}} 0`,
        `onewire_age_seconds${b},property="temperature"} 60`,
        `onewire_failing${b},property="temperature"} 1`,
        ...counts(`${b},property="temperature"`),
        ...["bus.1", "bus.1/1F.00001FE00400/main"].flatMap((bus, i) => {
          const c = `{place="C${i}",id="C${i}",name="C",server="pi",bus="${bus}"`
          return [
            `onewire_up${c}} 1`,
            `onewire_alarm${c}} 0`,
            `onewire_age_seconds${c},property="temperature"} 60`,
            `onewire_failing${c},property="temperature"} 0`,
            ...counts(`${c},property="temperature"`)
          ]
        })
      ])
      // Each line is a comment, or one value.
      for (const line of lines) assert.match(line, /^$|^# (HELP|TYPE) |^[a-z_]+(\{.*\})? (-?[\d.e-]+|NaN|[+-]Inf)$/)
      assert.strictEqual((yield* ask("GET", "/metrics")).body, body)
      assert.deepStrictEqual(JSON.parse((yield* ask("GET", "/healthz")).body), {
        isKept: false,
        answering: 1,
        servers: 2
      })
    }).pipe(Effect.provide(Served.layerOf(Layer.provideMerge(
      Layer.mock(Hub.Hub, {
        state: Effect.succeed(state),
        health: Effect.succeed(health),
        problem: Effect.undefined,
        live: Stream.never
      }),
      Served.hubLayer({})
    )))))

  it.live("count what was read and what failed, and do not wait for a server that says nothing", () =>
    Effect.gen(function*() {
      const { network, setFaults } = (yield* TestNetwork.TestNetwork).server("pi")
      yield* Served.ready
      const at =
        `{place="${Served.cellar}",id="${Served.cellar}",name="cellar",server="pi",bus="bus.0",property="temperature"}`
      const valueOf = (name: string) =>
        Effect.map(ask("GET", "/metrics"), ({ body }) => {
          const line = body.split("\n").find((line) => line.startsWith(`${name}${at} `))
          return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ")))
        })
      const until = (name: string, isSo: (value: number | undefined) => boolean) =>
        valueOf(name).pipe(
          Effect.filterOrFail(isSo, (value) => `${name} is ${value}`),
          Effect.retry({ schedule: Schedule.spaced("20 millis"), times: 400 })
        )
      yield* until("onewire_readings_total", (count) => count !== undefined && count >= 2)
      assert.strictEqual(yield* valueOf("onewire_failures_total"), 0)
      yield* network.set(`${Served.cellar}/temperature`, SimulatedNetwork.refuse(-5))
      yield* until("onewire_failures_total", (count) => count !== undefined && count >= 2)
      assert.deepStrictEqual([yield* valueOf("onewire_failing"), yield* valueOf("onewire_value")], [1, undefined])
      yield* network.set(`${Served.cellar}/temperature`, 12)
      assert.isDefined(yield* until("onewire_value", (value) => value === 12))
      yield* setFaults(() => Fault.Fault.Silence())
      const age = yield* valueOf("onewire_age_seconds")
      yield* until("onewire_age_seconds", (later) => later !== undefined && later > (age ?? 0) + 0.5)
    }).pipe(Effect.provide(Served.layerOf(Served.hubLayer(Served.house, { every: "100 millis" })))))
})
