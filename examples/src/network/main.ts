import { NodeNetwork } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Stream } from "effect"
import * as Progress from "../running/Progress.ts"
import * as Settings from "../running/Settings.ts"
import { log } from "./network.ts"

log.pipe(
  Stream.runForEach((line) => Console.log(line)),
  Effect.provide(
    Progress.layer("logs all that the servers of a network say").pipe(
      Layer.provideMerge(NodeNetwork.layerConfig())
    )
  ),
  Settings.explained(),
  NodeRuntime.runMain
)
