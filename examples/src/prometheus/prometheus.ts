/**
 * An exporter for Prometheus: all temperatures of a house as gauges, and beside them what the client counts and times of itself.
 * A thermometer that fails has no value, because the last one would look like a fine day. To run it, set `OWSERVER`, and perhaps
 * `PORT` and `HOSTS`, the names that it is scraped by; the metrics are at `http://localhost:9404/metrics`:
 *
 *     pnpm exec node examples/src/prometheus/main.ts
 */
import { Follow, Poll, RomId, Snapshot } from "@effect-ownet/core"
import { DS18B20, DS18S20, DS2438 } from "@effect-ownet/core/families"
import * as Hosts from "@effect-ownet/hub/Hosts"
import { Effect, Layer, Metric, Option, Stream } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import * as Settings from "../running/Settings.ts"

const temperature = Metric.gauge("onewire_temperature_celsius", { description: "What a thermometer has measured" })

const up = Metric.gauge("onewire_up", {
  description: "Whether a thermometer has measured something when it was last asked"
})

const record = (house: Snapshot.Snapshot<number>) =>
  Effect.forEach(Snapshot.devices(house), ({ device: { bus = "", id, name } }) => {
    const labels = { id: RomId.format(id), name, bus }
    const value = Snapshot.reading(house, id, "temperature").pipe(
      Option.filter(({ verdict }) => verdict._tag === "Plausible"),
      Option.map(({ value }) => value)
    )
    return Effect.all([
      Metric.update(Metric.withAttributes(temperature, labels), Option.getOrElse(value, () => Number.NaN)),
      Metric.update(Metric.withAttributes(up, labels), Option.isSome(value) ? 1 : 0)
    ])
  })

const exporter = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const thermometers = Follow.families([DS18B20, DS18S20, DS2438], ["temperature"])
  const house = yield* Snapshot.hold(
    Follow.follow(thermometers, "30 seconds", { flags: { temperatureScale: "C" } }).pipe(
      Poll.changes(),
      Stream.tap((event) => "error" in event ? Effect.logWarning(event.error.message) : Effect.void)
    )
  )
  const answer = Effect.gen(function*() {
    yield* record(yield* house.now)
    return HttpServerResponse.text(yield* PrometheusMetrics.format(), {
      contentType: "text/plain; version=0.0.4; charset=utf-8"
    })
  })
  // Each answer has gauges of its own, so that nothing stays of what is gone.
  const metrics = Effect.updateService(answer, Metric.MetricRegistry, (registry) => new Map(registry))
  yield* router.add("GET", "/metrics", metrics)
}))

export const server = HttpRouter.serve(Layer.merge(exporter, Hosts.layerConfig(Settings.hosts)))
