/** The state of a hub in the text format of Prometheus. */
import { Printable } from "@effect-ownet/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import * as Record from "effect/Record"
import type * as Api from "../../Api.ts"

const value = Metric.gauge("onewire_value", {
  description:
    "The last value of a property, yes and no being 1 and 0. NaN if it is not plausible, or not known any more"
})

const age = Metric.gauge("onewire_age_seconds", { description: "Seconds since the last value of a property was read" })

const failing = Metric.gauge("onewire_failing", { description: "Whether a property could not be read" })

const up = Metric.gauge("onewire_up", { description: "Whether the device of a place is there" })

const alarm = Metric.gauge("onewire_alarm", { description: "Whether the device of a place is in alarm" })

const serverUp = Metric.gauge("onewire_server_up", { description: "Whether a server answers" })

const busFailing = Metric.gauge("onewire_bus_failing", { description: "Whether a bus fails" })

const historyUp = Metric.gauge("onewire_history_up", { description: "Whether the history is kept" })

const numberOf = (given: Api.Reading["value"]): number | undefined =>
  typeof given === "number" ? given : typeof given === "boolean" ? Number(given) : undefined

const record = (state: Api.State, now: number) => {
  const updates: Array<Effect.Effect<void>> = []
  const set = (gauge: Metric.Metric<number, unknown>, labels: Readonly<Record<string, string>>, to: number | boolean) =>
    updates.push(Metric.update(Metric.withAttributes(gauge, Record.map(labels, Printable.printable)), Number(to)))

  set(historyUp, {}, state.historyFailing === undefined)
  for (const { buses, failing, name: server } of state.servers) {
    set(serverUp, { server }, failing === undefined)
    for (const { name: bus } of buses) set(busFailing, { server, bus }, true)
  }
  for (const { alarmSince, bus = "", goneSince, group = "", key, properties, server = "", title } of state.places) {
    const place = { place: key, name: title, group, server, bus }
    set(up, place, goneSince === undefined)
    set(alarm, place, alarmSince !== undefined)
    for (const { failing: failure, isKept, name: property, reading } of properties) {
      const number = reading === undefined ? undefined : numberOf(reading.value)
      // Texts and lists are for people.
      if (!isKept && number === undefined) continue
      const labels = { ...place, property }
      const isKnown = failure === undefined && goneSince === undefined && reading?.verdict === undefined
      set(value, labels, isKnown && number !== undefined ? number : NaN)
      set(failing, labels, failure !== undefined)
      if (reading !== undefined) set(age, labels, Math.max(0, now - reading.at))
    }
  }
  return Effect.all(updates, { discard: true })
}

/** The state, and with it all that the program measures of itself. */
export const format = Effect.fnUntraced(
  function*(state: Api.State) {
    yield* record(state, (yield* Clock.currentTimeMillis) / 1000)
    return yield* PrometheusMetrics.format()
  },
  // Each answer has gauges of its own, so that nothing stays of what is gone.
  Effect.updateService(Metric.MetricRegistry, (registry) => new Map(registry))
)
