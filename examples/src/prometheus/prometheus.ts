/**
 * An exporter for Prometheus: all temperatures of a house as gauges, and beside them what the client counts and times of itself.
 * A thermometer that fails has no value, because the last one would look like a fine day. To run it, set `OWSERVER`, and perhaps
 * `PORT`; the metrics are at `http://localhost:9404/metrics`:
 *
 *     pnpm exec node examples/src/prometheus/main.ts
 */
import { Discovery, type Observation, Poll, RomId } from "@effect-ownet/core"
import { DS18B20, DS18S20, DS2438 } from "@effect-ownet/core/families"
import { Effect, Layer, Metric, Schedule, Stream } from "effect"
import { HttpRouter } from "effect/http"
import { PrometheusMetrics } from "effect/observability"

const temperature = Metric.gauge("onewire_temperature_celsius", { description: "What a thermometer has measured" })

const up = Metric.gauge("onewire_up", {
  description: "Whether a thermometer has measured something when it was last asked"
})

const record = (seen: Observation.Observation<number>) => {
  const labels = { id: RomId.format(seen.device.id), name: seen.device.name, bus: seen.device.bus ?? "" }
  const value = seen._tag === "Reading" && seen.verdict._tag === "Plausible" ? seen.value : undefined
  return Effect.all([
    Metric.update(Metric.withAttributes(temperature, labels), value ?? Number.NaN),
    Metric.update(Metric.withAttributes(up, labels), value === undefined ? 0 : 1),
    seen._tag === "Failed" ? Effect.logDebug(seen.error.message) : Effect.void
  ], { discard: true })
}

const watch = Effect.gen(function*() {
  const { devices } = yield* Discovery.devices({ families: [DS18B20, DS18S20, DS2438] }).pipe(
    // The devices of a bus that fails would be missing for good.
    Effect.filterOrFail(({ failures }) => failures.length === 0, ({ failures }) => failures[0].error),
    Effect.tapError(({ message }) => Effect.logWarning(message)),
    // Whatever it is, somebody may mend it: an exporter that has given up would be scraped for ever.
    Effect.retry(Schedule.spaced("10 seconds"))
  )
  const temperatures = devices.map((device) => device.property("temperature"))
  yield* Stream.runForEach(Poll.poll(temperatures, "30 seconds", { flags: { temperatureScale: "C" } }), record)
})

/** Routes, and the watching that goes on behind them. */
const exporter = Layer.merge(
  PrometheusMetrics.layerHttp(),
  Layer.effectDiscard(Effect.forkScoped(Effect.tapError(watch, (error) => Effect.logError(error.message))))
)

export const server = HttpRouter.serve(exporter)
