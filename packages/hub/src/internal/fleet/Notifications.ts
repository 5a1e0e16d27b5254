/**
 * News between the runners of a fleet, by NOTIFY of PostgreSQL: a table has something new to read. All topics of a process share
 * one connection. Without a connection, news is lost, so readers also check on their own now and then.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as FleetTables from "./FleetTables.ts"
import * as PgClients from "./PgClients.ts"

export type Topic = "journal" | "servers"

/** The channel of all topics. */
export const channel = "ow_fleet"

/** Time from a failure to listen to the next attempt. */
const pause = "1 second"

/** Maximum wait at the end for the connection to close, because the database may not answer any more. */
const farewell = "500 millis"

export class Notifications extends Context.Service<Notifications, {
  /** A queue that has an element if there was news since the last one was taken. */
  readonly of: (topic: Topic) => Effect.Effect<Queue.Dequeue<void>, never, Scope.Scope>
}>()("@effect-ownet/hub/internal/fleet/Notifications") {}

export const layer: Layer.Layer<Notifications, never, FleetTables.FleetDatabase> = Layer.effect(
  Notifications,
  Effect.gen(function*() {
    const { sql } = yield* FleetTables.FleetDatabase
    const waiting = new Set<{ readonly topic: string; readonly queue: Queue.Queue<void> }>()
    const tell = (told?: string) => {
      for (const { queue, topic } of waiting) {
        if (told === undefined || topic === told) Queue.offerUnsafe(queue, undefined)
      }
    }
    if (PgClients.isPgClient(sql)) {
      const listening = Effect.scoped(Effect.gen(function*() {
        const heard = yield* sql.listen(channel)
        // There may have been news while nobody listened.
        tell()
        while (true) tell((yield* Queue.take(heard)).payload)
      })).pipe(
        // A connection that has ended is made again.
        Effect.exit,
        Effect.andThen(Effect.sleep(pause)),
        Effect.forever
      )
      yield* Effect.acquireRelease(Effect.forkDetach(Effect.interruptible(listening)), (fiber) =>
        Effect.suspend(() => {
          fiber.interruptUnsafe()
          return Effect.timeoutOption(Effect.interruptible(Fiber.await(fiber)), farewell)
        }))
    }
    return {
      of: (topic) =>
        Effect.acquireRelease(
          Effect.map(Queue.sliding<void>(1), (queue) => {
            const one = { topic, queue }
            waiting.add(one)
            return one
          }),
          (one) => Effect.andThen(Effect.sync(() => waiting.delete(one)), Queue.shutdown(one.queue))
        ).pipe(Effect.map(({ queue }) => queue))
    }
  })
)
