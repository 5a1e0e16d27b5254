/**
 * A hub that is a runner of a fleet, in a separate bundle: only it needs the engine's sockets and its locks in a database.
 */
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Fleet from "@effect-ownet/hub/Fleet"
import * as History from "@effect-ownet/hub/History"
import * as Hub from "@effect-ownet/hub/Hub"
import * as HubRelay from "@effect-ownet/hub/HubRelay"
import * as NodeFleet from "@effect-ownet/hub/NodeFleet"
import * as Owserver from "@effect-ownet/hub/Owserver"
import * as Postgres from "@effect-ownet/hub/Postgres"
import * as ServerRegistry from "@effect-ownet/hub/ServerRegistry"
import * as NodeNetwork from "@effect-ownet/node/NodeNetwork"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Running from "./Running.ts"

/** A runner of a fleet with its routes. The hub itself runs here only while this runner is assigned to it. */
const start: Running.Starting = Effect.fnUntraced(function*({ feed, hubOptions, notified, options, say, serve }) {
  const place = options().fleet
  if (place === undefined) return yield* Effect.die("a hub without a fleet is in the other bundle")
  const database = Redacted.make(options().database)
  const context = yield* Layer.build(
    NodeFleet.layerRunner({ ...place, timeout: options().timeout }).pipe(
      Layer.provide([Postgres.layer(database), NodeNetwork.connectors])
    )
  )
  const fleet = Context.get(context, Fleet.Fleet)
  let feedAnew: Effect.Effect<void, unknown> | undefined
  const hold = Effect.gen(function*() {
    const hub = HubRelay.layerHandlers.pipe(
      Layer.provideMerge(notified),
      Layer.provideMerge(Hub.layerFleet(hubOptions())),
      // Each hub has a separate history, which holds the values that wait in that hub.
      Layer.provide(Layer.merge(History.layerPostgres(database), Owserver.layerNetwork))
    )
    const held = yield* Layer.buildWithMemoMap(hub, Layer.makeMemoMapUnsafe(), yield* Effect.scope)
    feedAnew = yield* feed(held)
    yield* Effect.addFinalizer(() => Effect.sync(() => feedAnew = undefined))
    return yield* Context.get(held, Hub.Hub).ended
  }).pipe(Effect.scoped, Effect.provideContext(context))

  /** Adds the named servers. Servers of the registry keep their sites, and stay if they are not named. */
  const register = Effect.gen(function*() {
    const registry = Context.get(context, ServerRegistry.ServerRegistry)
    const known = yield* registry.list
    for (const address of options().servers) {
      if (known.some(({ server }) => server === ServerRegistry.canonical(address))) continue
      const { server, site } = yield* registry.add(ServerAddress.format(address), { site: place.site })
      const ofSite = site === undefined ? "" : ` of site ${site}`
      yield* say(`${server}${ofSite} was added to the fleet; ow fleet remove ${server} removes it`, false)
    }
  })
  const follow = Effect.suspend(() => {
    const { every, timeout } = options()
    return fleet.follow({ every, timeout, alarms: true })
  })
  yield* register
  yield* follow
  yield* fleet.once("hub", hold)
  const served = yield* Layer.build(
    serve.pipe(
      Layer.provideMerge(HubRelay.layer),
      Layer.provide([History.layerPostgres(database), Layer.succeedContext(context)])
    )
  )
  const apply = Effect.gen(function*() {
    yield* register
    yield* follow
    if (feedAnew !== undefined) yield* feedAnew
  })
  return { hub: Context.get(served, Hub.Hub), apply }
})

/** Runs such a hub until the signal. Resolves once everything is written and closed, with the problem if it ended by itself. */
export const run = Running.run(start)
