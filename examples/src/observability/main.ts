/**
 * A house under observation: three thermometers of a simulated server over TCP, one of which is missing, and a server with
 * occasional faults. Spans, metrics and logs go to a small collector in this process, which prints them, or to that of
 * `OTEL_EXPORTER_OTLP_ENDPOINT` if it is set:
 *
 *     pnpm exec node examples/src/observability/main.ts
 *     OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 pnpm exec node examples/src/observability/main.ts --rounds 3600
 *
 * Meanwhile Prometheus can read `http://localhost:9404/metrics` (`PORT` sets another port, `HOSTS` other names of this machine),
 * and `/health` is next to it.
 */
import { MessageType } from "@effect-ownet/core"
import { Fault } from "@effect-ownet/core/testing"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeHttpServer, NodeRuntime, NodeServices } from "@effect/platform-node"
import { Config, Console, Effect, Layer, Logger, Option, Schedule } from "effect"
import { Command, Flag } from "effect/cli"
import { HttpServer } from "effect/http"
import { createServer } from "node:http"
import * as Settings from "../running/Settings.ts"
import * as Collector from "./Collector.ts"
import { frames, layerOtlp, round, server } from "./observability.ts"

const thermometers = ["28.000028D70100", "28.000028D70200", "28.000028D7FF00"]

const layerClient = Layer.unwrap(Effect.map(
  NodeSimulatedServer.start(
    { "28.000028D70100": { temperature: 21.5 }, "/bus.1/28.000028D70200": { temperature: 11.25 } },
    {
      faults: Fault.ofType(MessageType.Read, (read) => {
        if (Fault.isOwn(read.type, read.path)) return undefined
        if (read.index % 20 === 4) return Fault.Fault.Delay({ duration: "1500 millis" })
        if (read.index % 20 === 9) return Fault.Fault.Close({ at: "before" })
        return read.index % 5 === 0 ? Fault.Fault.Refuse({ code: -5 }) : undefined
      })
    }
  ),
  ({ host, port }) => NodeOwClient.layer({ host, port, metrics: true })
))

/** The collector of this process, and the export to it. */
const layerCollected = Layer.unwrap(
  HttpServer.addressFormattedWith((url) => Effect.succeed(layerOtlp(url)))
).pipe(
  Layer.provide(Collector.layer((signal) => Console.log(Collector.describe(signal)))),
  Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
  // The collector shows the logs.
  Layer.provide(Logger.layer([]))
)

const layerExport = Layer.unwrap(Effect.map(
  Config.option(Config.String("OTEL_EXPORTER_OTLP_ENDPOINT")),
  Option.match({ onNone: () => layerCollected, onSome: layerOtlp })
))

const layerServer = server.pipe(
  Layer.provide(NodeHttpServer.layerConfig(createServer, { port: Settings.port(9404) }))
)

const rounds = Flag.Int("rounds").pipe(
  Flag.withDefault(5),
  Flag.withDescription("How often to look at the thermometers, a second apart (default 5)")
)

const house = Command.make("house", { rounds }, ({ rounds }) =>
  Effect.andThen(
    frames,
    Effect.repeat(round(thermometers), { schedule: Schedule.spaced("1 second"), times: rounds - 1 })
  ).pipe(
    // The exporter closes last, so that it misses nothing.
    Effect.provide(layerServer.pipe(Layer.provideMerge(layerClient), Layer.provideMerge(layerExport)))
  ))

house.pipe(
  Command.withDescription("Polls simulated thermometers, and exports what can be seen of it"),
  Command.run({ version: "0.1.0" }),
  Effect.provide(NodeServices.layer),
  Settings.explained(),
  NodeRuntime.runMain
)
