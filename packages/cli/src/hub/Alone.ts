/**
 * A hub that runs alone, in a separate bundle. It follows its servers with the engine of a fleet, but without a database or a
 * socket.
 */
import * as Network from "@effect-ownet/core/network/Network"
import * as FleetWhere from "@effect-ownet/hub/FleetWhere"
import * as History from "@effect-ownet/hub/History"
import { HistoryError } from "@effect-ownet/hub/HistoryError"
import * as Hub from "@effect-ownet/hub/Hub"
import * as Postgres from "@effect-ownet/hub/Postgres"
import * as NodeConnector from "@effect-ownet/node/NodeConnector"
import * as NodeNetwork from "@effect-ownet/node/NodeNetwork"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as KernelBus from "../server/KernelBus.ts"
import * as Past from "./Past.ts"
import * as Running from "./Running.ts"
import * as SimulatedHouse from "./SimulatedHouse.ts"

export { described, read, schema } from "./Running.ts"

/**
 * Fails if a fleet keeps the history, because two hubs would write everything twice. Opening the history reports any other
 * problem.
 */
const unlessOfFleet = Effect.fnUntraced(function*(url: Redacted.Redacted) {
  const found = yield* Effect.option(Effect.provide(FleetWhere.where, Postgres.layer(url)))
  const there = Option.getOrUndefined(found)?.runners.find(({ isThere }) => isThere)
  if (there === undefined) return
  return yield* new HistoryError({
    reason: "Busy",
    operation: "Opening the history",
    database: "PostgreSQL",
    problem:
      `a fleet keeps its history there, by its runner ${there.runner}. Take part in it with --runner HOST:PORT; or stop all of its runners, and start this hub half a minute later`
  })
})

const kept = (database: string) => {
  if (!/^postgres(?:ql)?:/i.test(database)) return History.layerSqlite(database)
  const url = Redacted.make(database)
  return Layer.unwrap(Effect.as(unlessOfFleet(url), History.layerPostgres(url)))
}

/** The network and its history. */
const followed = (options: Running.Options) =>
  Effect.gen(function*() {
    if (options.isSimulated) {
      const context = yield* Layer.build(Layer.merge(SimulatedHouse.layer, History.layerMemory))
      yield* Effect.provideContext(Past.remember, context)
      yield* Effect.forkScoped(Effect.provideContext(SimulatedHouse.live, context))
      return context
    }
    const { servers, timeout } = options
    const context: Context.Context<Network.Network | History.History> = yield* Layer.build(
      Layer.merge(NodeNetwork.layer({ servers, timeout }), kept(options.database)).pipe(
        Layer.provide(Layer.succeed(NodeConnector.W1Options, KernelBus.options()))
      )
    )
    return context
  })

/** A hub with its network, its history, its routes and everything that it feeds. */
const start: Running.Starting = Effect.fnUntraced(function*({ feed, hubOptions, notified, options, serve }) {
  const context = yield* followed(options())
  const served = yield* Layer.build(
    serve.pipe(
      Layer.provideMerge(notified),
      Layer.provideMerge(Hub.layer(hubOptions())),
      Layer.provide(Layer.succeedContext(context))
    )
  )
  const feedAnew = yield* feed(served)
  const apply = Effect.gen(function*() {
    const { isSimulated, servers } = options()
    if (!isSimulated) yield* Context.get(context, Network.Network).set(servers)
    yield* feedAnew
  })
  return { hub: Context.get(served, Hub.Hub), apply }
})

/** Runs a hub until the signal. Resolves once everything is written and closed, with the problem if it ended by itself. */
export const run = Running.run(start)
