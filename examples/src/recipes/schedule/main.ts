import { Network } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Cron, Effect, Layer, Result, Schema } from "effect"
import * as Progress from "../../running/Progress.ts"
import * as Settings from "../../running/Settings.ts"
import { schedule } from "./schedule.ts"

/** A cron expression in the time zone of this computer, or in that of `TZ`. */
const cron = (name: string, otherwise: string) =>
  Config.schema(
    Schema.String.check(Schema.makeFilter((expression) => Result.isSuccess(Cron.parse(expression)))),
    name
  ).pipe(Config.withDefault(otherwise))

Config.all({
  relay: Settings.device("RELAY"),
  on: cron("ON", "0 6 * * *"),
  off: cron("OFF", "0 22 * * *")
}).pipe(
  Effect.flatMap(({ off, on, relay }) =>
    Effect.provide(
      schedule({ relay, timetable: { on: Cron.parseUnsafe(on), off: Cron.parseUnsafe(off) } }),
      Progress.layer(`switches PIO.0 of ${relay} on at "${on}" and off at "${off}"`)
    )
  ),
  Effect.provide(Layer.provideMerge(Network.fromClient, NodeOwClient.layerConfig({ lazy: Config.succeed(true) }))),
  Settings.explained({
    RELAY: ["the ROM id or the path of a DS2408", "29.000029D60300"],
    ON: ["a cron expression", `"0 6 * * *"`],
    OFF: ["a cron expression", `"0 22 * * *"`]
  }),
  NodeRuntime.runMain
)
