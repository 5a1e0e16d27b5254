/**
 * The hub of a fleet, from any of its processes. One process holds the hub, and all others call it.
 *
 * **Example** (Messages of the hub of a fleet, in a program elsewhere)
 *
 * ```ts
 * import { Hub, HubRelay, NodeFleet } from "@effect-ownet/hub"
 * import { Console, Effect, Layer, Stream } from "effect"
 *
 * const log = Hub.Hub.use((hub) => Stream.runForEach(hub.live, (message) => Console.log(message._tag)))
 *
 * // Still needs the `SqlClient` of the fleet: a `PgClient.layer` of `@effect/sql-pg`.
 * const program = Effect.provide(log, Layer.provide(HubRelay.layer, NodeFleet.layerClient))
 * ```
 *
 * @since 0.1.0
 */
import { type Device, DeviceError, OwError } from "@effect-ownet/core"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as ClusterSchema from "effect/cluster/ClusterSchema"
import * as Entity from "effect/cluster/Entity"
import type { Sharding } from "effect/cluster/Sharding"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Queue from "effect/Queue"
import * as Rpc from "effect/rpc/Rpc"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as Api from "./Api.ts"
import { HistoryError } from "./HistoryError.ts"
import * as Hub from "./Hub.ts"
import * as Board from "./internal/Board.ts"
import * as CallText from "./internal/fleet/calls/CallText.ts"
import * as Once from "./internal/fleet/Once.ts"
import { RelayedState } from "./internal/fleet/relay/RelayedState.ts"
import * as Broadcast from "./internal/hub/Broadcast.ts"
import * as Notices from "./Notices.ts"
import * as Places from "./Places.ts"

/** Id of the hub in the engine. It is also the name under which the hub runs once, so that both are in the same process. */
const id = "hub"

const Answer = CallText.exact(Schema.Struct({
  property: Schema.String,
  value: CallText.Value,
  unit: Schema.UndefinedOr(Schema.String),
  at: Schema.Date,
  verdict: CallText.Verdict
}))

const Turn = CallText.exact(Schema.Struct({ phase: Notices.Phase, notice: Notices.Notice }))

const { group, isHidden, name, order } = Places.Place.fields

/** Limits as requested. The hub reports problems with them. */
const limits = Schema.Record(
  Schema.String,
  Schema.Struct({
    above: Schema.optionalKey(Schema.Number),
    below: Schema.optionalKey(Schema.Number),
    for: Schema.optionalKey(Schema.Number),
    hysteresis: Schema.optionalKey(Schema.Number),
    isUrgent: Schema.optionalKey(Schema.Boolean)
  })
)

const changed = <S extends Schema.Top>(field: S) => Schema.optional(Schema.NullOr(field))

const Change = CallText.exact(Schema.Struct({
  name: changed(name.schema),
  group: changed(group.schema),
  order: changed(order.schema),
  isHidden: changed(isHidden),
  limits: changed(limits),
  noNewsFor: changed(Schema.Number)
}))

const Measured = CallText.exact(Schema.Struct({
  place: Schema.Struct({
    bus: Schema.optionalKey(Schema.String),
    device: Schema.String,
    group: Schema.optionalKey(Schema.String),
    isHidden: Schema.Boolean,
    key: Schema.String,
    server: Schema.optionalKey(Schema.String),
    title: Schema.String
  }),
  property: Schema.String,
  unit: Schema.UndefinedOr(Schema.String),
  reading: Api.Reading
}))

const Health = Schema.Struct({
  waiting: Schema.Finite,
  dropped: Schema.Finite,
  counts: Schema.Array(Schema.Struct({
    place: Schema.String,
    property: Schema.String,
    readings: Schema.Finite,
    failures: Schema.Finite
  }))
})

const EditError = CallText.exact(Schema.Union([HistoryError, OwError.ArgumentError]))

const Place = CallText.exact(Schema.UndefinedOr(Places.Place))

/** A write reached a different hub than intended, or arrived a second time. */
class Repeated extends Schema.TaggedError<Repeated>()("Repeated", {}) {}

const HubEntity = Entity.make("Hub", [
  // A message as JSON in UTF-8, written once for all runners. A schema would take fifty times longer. An empty message is a sign
  // of life.
  Rpc.make("Live", { success: Schema.Uint8Array, stream: true })
    .annotate(ClusterSchema.InterruptOnTermination, true),
  Rpc.make("Notices", { success: Turn, stream: true }).annotate(ClusterSchema.InterruptOnTermination, true),
  Rpc.make("Readings", { success: Measured, stream: true }).annotate(ClusterSchema.InterruptOnTermination, true),
  Rpc.make("Edit", {
    payload: { key: Schema.String, change: Change },
    success: Place,
    error: EditError
  }),
  Rpc.make("Fill", {
    payload: { key: Schema.String, device: Schema.String },
    success: Place,
    error: EditError
  }),
  Rpc.make("Acknowledge", {
    payload: { id: Schema.String },
    success: CallText.exact(Schema.UndefinedOr(Notices.Notice)),
    error: HistoryError
  }),
  Rpc.make("Health", { success: Health }),
  Rpc.make("Describe", { payload: { device: Schema.String }, success: Api.Described }),
  Rpc.make("Read", {
    payload: { device: Schema.String, property: Schema.String },
    success: Answer,
    error: CallText.Failures
  }),
  // A hub has a new id each time it starts.
  Rpc.make("Id", { success: Schema.String }),
  Rpc.make("Write", {
    payload: {
      hub: Schema.String,
      write: Schema.String,
      device: Schema.String,
      property: Schema.String,
      value: CallText.Value
    },
    success: Answer,
    error: CallText.exact(
      Schema.Union([...OwError.OwError.members, DeviceError.DeviceError, Hub.WriteRefused, Repeated])
    )
  })
])

/**
 * The hub of the fleet in this process, if this one holds it.
 *
 * @category services
 * @since 0.1.0
 */
export class LocalHub extends Context.Service<LocalHub, {
  /** The hub. `undefined` while another process holds it, or none does. */
  readonly hub: Effect.Effect<Hub.Hub["Service"] | undefined>
  /** Answers calls for a hub until the scope ends. */
  readonly hold: (hub: Hub.Hub["Service"]) => Effect.Effect<void, never, Scope.Scope>
}>()("@effect-ownet/hub/HubRelay/LocalHub") {}

/** Time between signs of life, if there is no news. */
const beat: Duration.Input = "1 second"

/** Maximum number of remembered writes, so that none is done twice. */
const mostWrites = 1000

/** Maximum time of a call, and of the wait for a hub that is about to start. */
const limit: Duration.Input = "10 seconds"

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const alive = new Uint8Array()

/**
 * Answers the other processes of the fleet for the hub that this process holds. It lasts as long as the runner, even if the
 * runner does not hold the hub, because the engine registers an entity only once.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerLocalHub: Layer.Layer<LocalHub, never, Sharding> = Layer.unwrap(Effect.gen(function*() {
  const ref = yield* SubscriptionRef.make<{ readonly hub: Hub.Hub["Service"]; readonly id: string } | undefined>(
    undefined
  )
  const done = new Set<string>()
  // The hub gives the same message to all readers, so it is written once.
  const written = new WeakMap<Api.Live, Uint8Array>()
  const write = (message: typeof Api.Live.Encoded): Uint8Array => {
    const known = written.get(message)
    if (known !== undefined) return known
    const bytes = encoder.encode(JSON.stringify(message))
    written.set(message, bytes)
    return bytes
  }

  /** The hub, which may be about to start: the engine sends the first calls before it has started the parts that run once. */
  const kept = SubscriptionRef.changes(ref).pipe(
    Stream.filter(Predicate.isNotUndefined),
    Stream.runHead,
    Effect.flatMap(Effect.fromOption),
    Effect.timeout(limit),
    // By then, the caller has given up and nobody reads the error.
    Effect.orDie
  )
  const use = <A, E, R>(f: (hub: Hub.Hub["Service"], id: string) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(kept, ({ hub, id }) => f(hub, id))
  const streamed = <A, E, R>(f: (hub: Hub.Hub["Service"]) => Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
    Stream.switchMap(SubscriptionRef.changes(ref), (kept) => kept === undefined ? Stream.never : f(kept.hub))

  const handlers = HubEntity.toLayer(
    HubEntity.of({
      Live: () =>
        streamed((hub) =>
          Stream.merge(Stream.map(hub.live, write), Stream.map(Stream.tick(beat), () => alive), {
            haltStrategy: "left"
          })
        ),
      Notices: () => streamed((hub) => hub.notices),
      Readings: () => streamed((hub) => hub.readings),
      Edit: ({ payload: { change, key } }) => use((hub) => hub.edit(key, change)),
      Fill: ({ payload: { device, key } }) => use((hub) => hub.fill(key, device)),
      Acknowledge: ({ payload: { id } }) => use((hub) => hub.acknowledge(id)),
      Health: () => use((hub) => hub.health),
      Describe: ({ payload: { device } }) => use((hub) => hub.describe(device)),
      Read: ({ payload: { device, property } }) => use((hub) => hub.read(device, property)),
      Id: () => use((_, id) => Effect.succeed(id)),
      // The engine resends unanswered calls, also to another runner. A relay must not be switched twice.
      Write: ({ payload: { device, hub: meant, property, value, write } }) =>
        use((hub, id): Effect.Effect<Hub.Answer, Device.Failure | Hub.WriteRefused | Repeated> => {
          if (meant !== id || done.has(write)) return new Repeated({})
          done.add(write)
          for (const first of done) {
            if (done.size <= mostWrites) break
            done.delete(first)
          }
          return hub.write(device, property, value)
        })
    }),
    { concurrency: "unbounded", disableFatalDefects: true, maxIdleTime: "1 minute" }
  )
  const local = LocalHub.of({
    hub: Effect.map(SubscriptionRef.get(ref), (kept) => kept?.hub),
    hold: (hub) =>
      Effect.suspend(() => {
        const kept = { hub, id: crypto.randomUUID() }
        return Effect.acquireRelease(
          SubscriptionRef.set(ref, kept),
          // A hub that ends late must not remove the next one.
          () => SubscriptionRef.update(ref, (now) => now === kept ? undefined : now)
        )
      })
  })
  return Layer.merge(Layer.succeed(LocalHub, local), handlers)
}))

/**
 * Lets all other processes of the fleet call a hub. It is a part that runs once, with the name `hub`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerHandlers: Layer.Layer<never, never, LocalHub | Hub.Hub> = Layer.effectDiscard(
  Effect.gen(function*() {
    const local = yield* LocalHub
    yield* local.hold(yield* Hub.Hub)
  })
)

/** Time between the end of a stream of the hub and the next request for it. */
const pause: Duration.Input = "500 millis"

/**
 * Milliseconds of silence after which the hub is reported as moving (`told`), and after which its stream is requested again
 * (`asked`).
 */
const longestSilence = { told: 3000, asked: 5000 }

/** Maximum number of readings that a reader may lag behind. */
const mostReadings = 16_384

/** A call that the hub has not answered, with the reason in words. */
class Unanswered extends Schema.TaggedError<Unanswered>()("Unanswered", { problem: Schema.String }) {}

const engineProblems: Readonly<Record<string, string>> = {
  MailboxFull: "too many calls are waiting for it",
  AlreadyProcessingMessage: "it is already working on the same call",
  EntityNotAssignedToRunner: "no runner holds it now",
  PersistenceError: "the engine of the fleet cannot reach its database",
  RunnerUnavailable: "its runner cannot be reached"
}

const isEngine = (error: unknown): error is { readonly _tag: string } =>
  Predicate.hasProperty(error, "_tag") && typeof error._tag === "string" && Object.hasOwn(engineProblems, error._tag)

type Engine = "AlreadyProcessingMessage" | "EntityNotAssignedToRunner" | "MailboxFull" | "PersistenceError"

/** Calls the hub, for a limited time. Failures that do not come from the hub become `Unanswered`. */
const called = <A, E>(
  call: Effect.Effect<A, E>,
  longest: Duration.Input = limit
): Effect.Effect<A, Exclude<E, { readonly _tag: Engine }> | Unanswered> =>
  Effect.exit(Effect.timeoutOption(Once.abandonable(call), longest)).pipe(
    Effect.flatMap((exit): Effect.Effect<A, Exclude<E, { readonly _tag: Engine }> | Unanswered> => {
      if (Exit.isSuccess(exit)) {
        return Option.isSome(exit.value)
          ? Effect.succeed(exit.value.value)
          : new Unanswered({ problem: `it has not answered for ${Duration.format(Duration.fromInputUnsafe(longest))}` })
      }
      const error: unknown = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
      if (error !== undefined && !isEngine(error)) {
        // Errors of the engine were excluded just before.
        return Effect.fail(error as Exclude<E, { readonly _tag: Engine }>)
      }
      const problem = isEngine(error)
        ? engineProblems[error._tag]
        : Cause.hasInterruptsOnly(exit.cause)
        ? "it is moving to another runner"
        : `its runner has failed: ${wordsOf(Cause.squash(exit.cause))}`
      return new Unanswered({ problem: problem ?? "" })
    })
  )

/** A hub that leaves its runner closes its own clients, which does not affect the clients of the next hub. */
const left = <E>(error: E): E | OwError.ConnError =>
  error instanceof OwError.ConnError && error.reason._tag === "ClientClosed"
    ? new OwError.ConnError({
      ...error,
      reason: { _tag: "Closed" },
      problem: "the hub of the fleet left its runner before it answered"
    })
    : error

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).slice(0, 200)

/** Takes all elements of a stream of the hub, no matter which runner holds it. */
const lasting = <A, E, R>(stream: Stream.Stream<A, E, R>, take: (one: A) => Effect.Effect<unknown>) =>
  Once.abandonable(Stream.runForEach(stream, take)).pipe(
    // The stream of a runner that leaves ends with an interruption.
    Effect.exit,
    Effect.andThen(Effect.sleep(pause)),
    Effect.forever
  )

const unreachable = (operation: string) => ({ problem }: Unanswered) =>
  new HistoryError({
    reason: "Unreachable",
    operation,
    database: "the hub of the fleet",
    problem: `${problem}. Try again`
  })

const make = Effect.gen(function*() {
  const hub = (yield* HubEntity.client)(id)
  const local = yield* Effect.serviceOption(LocalHub)
  const clock = yield* Clock.Clock
  const now = (): number => clock.currentTimeMillisUnsafe() / 1000
  const millis = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  const startedAt = millis()

  const shown = new RelayedState()
  let heard = { at: now(), millis: startedAt }
  let isMoving = false
  const line = (): string | undefined =>
    !shown.isKnown
      ? "The fleet is starting: no runner holds its hub yet."
      : isMoving
      ? `The hub of this fleet is moving to another runner, or its database is unreachable; values are as of ${
        new Date(heard.at * 1000).toISOString().slice(11, 19)
      } UTC.`
      : undefined
  const state = () => shown.state(now(), line())
  const broadcast = yield* Broadcast.make({ state, change: () => undefined }, now)

  const take = (bytes: Uint8Array) =>
    Effect.suspend(() => {
      heard = { at: now(), millis: millis() }
      if (bytes.length === 0) return Effect.void
      // The message was written by the same program, in another process of the fleet.
      const message = JSON.parse(decoder.decode(bytes)) as Api.Live
      shown.take(message)
      isMoving = false
      return message._tag === "Snapshot" ? broadcast.sendSnapshot : broadcast.send(message)
    })
  const silent = Effect.suspend(() => {
    const asked = millis()
    const wait: Effect.Effect<void> = Effect.suspend(() => {
      const left = longestSilence.asked - (millis() - Math.max(asked, heard.millis))
      return left <= 0 ? Effect.void : Effect.andThen(Effect.sleep(left), wait)
    })
    return wait
  })
  yield* Once.abandonable(Stream.runForEach(hub.Live(), take)).pipe(
    Effect.exit,
    Effect.raceFirst(silent),
    Effect.andThen(Effect.sleep(pause)),
    Effect.forever,
    Effect.forkScoped
  )
  yield* Effect.suspend(() => {
    if (isMoving || !shown.isKnown || millis() - heard.millis < longestSilence.told) return Effect.void
    isMoving = true
    return broadcast.sendSnapshot
  }).pipe(Effect.andThen(Effect.sleep("500 millis")), Effect.forever, Effect.forkScoped)

  const serverOf = (device: string): string => shown.serverOf(device) ?? "the fleet"
  const lost = (operation: "read" | "write", device: string, property: string, problem: string, requestSent: boolean) =>
    new OwError.ConnError({
      reason: { _tag: "Closed" },
      operation,
      path: `/${device}/${property}`,
      server: serverOf(device),
      attempts: [],
      requestSent,
      problem
    })

  let last: typeof Health.Type = { waiting: 0, dropped: 0, counts: [] }
  const turns = Stream.callback<Notices.Turn>((queue) => {
    // The hub starts with the open notices at each request, acknowledged or not.
    const told = new Map<string, Notices.Turn["phase"]>()
    return lasting(hub.Notices(), ({ notice, phase }) => {
      const before = told.get(notice.id)
      const now = phase === "Began" && before !== undefined && notice.acknowledgedAt !== undefined
        ? "Acknowledged"
        : phase
      if (before === now || before === "Acknowledged" && now === "Began") return Effect.void
      if (now === "Ended") told.delete(notice.id)
      else told.set(notice.id, notice.acknowledgedAt === undefined ? now : "Acknowledged")
      return Queue.offer(queue, { phase: now, notice })
    })
  }, { bufferSize: 1000, strategy: "sliding" })

  return Hub.Hub.of({
    state: Effect.sync(state),
    live: broadcast.live,
    edit: (key, change) =>
      Effect.catchTag(
        called(hub.Edit({ key, change })),
        "Unanswered",
        (error) => Effect.fail(unreachable(`Editing ${key}`)(error))
      ),
    fill: (key, device) =>
      Effect.catchTag(
        called(hub.Fill({ key, device })),
        "Unanswered",
        (error) => Effect.fail(unreachable(`Filling ${key}`)(error))
      ),
    notices: turns,
    acknowledge: (notice) =>
      Effect.catchTag(
        called(hub.Acknowledge({ id: notice })),
        "Unanswered",
        (error) => Effect.fail(unreachable(`Acknowledging ${notice}`)(error))
      ),
    report: () => Effect.void,
    forget: () => Effect.void,
    readings: Stream.callback<Hub.Measured>(
      (queue) => lasting(hub.Readings(), (measured) => Queue.offer(queue, measured)),
      { bufferSize: mostReadings, strategy: "sliding" }
    ),
    health: called(hub.Health(), "2 seconds").pipe(
      Effect.tap((health) => Effect.sync(() => last = health)),
      Effect.orElseSucceed(() => last),
      Effect.map((health) => ({
        ...health,
        uptime: (millis() - startedAt) / 1000,
        memory: process.memoryUsage.rss()
      }))
    ),
    problem: Option.isNone(local)
      ? Effect.undefined
      : Effect.flatMap(local.value.hub, (hub) => hub === undefined ? Effect.undefined : hub.problem),
    ended: Effect.never,
    configure: () => Effect.void,
    describe: (device) =>
      Effect.catch(called(hub.Describe({ device })), () => Effect.sync(() => Board.describe(device, () => false))),
    read: (device, property) =>
      called(hub.Read({ device, property })).pipe(
        Effect.catchTag(
          "Unanswered",
          ({ problem }) =>
            Effect.fail(lost("read", device, property, `the hub of the fleet has not read it: ${problem}`, true))
        ),
        Effect.mapError(left)
      ),
    write: Effect.fnUntraced(function*(device, property, value) {
      const id = yield* Effect.mapError(
        called(hub.Id()),
        ({ problem }) => lost("write", device, property, `the hub of the fleet does not answer: ${problem}`, false)
      )
      return yield* called(hub.Write({ hub: id, write: crypto.randomUUID(), device, property, value })).pipe(
        Effect.catchTags({
          Repeated: () =>
            Effect.fail(lost("write", device, property, "the hub of the fleet moved before it answered", true)),
          Unanswered: ({ problem }) =>
            Effect.fail(lost("write", device, property, `the hub of the fleet has not answered: ${problem}`, true))
        }),
        Effect.mapError(left)
      )
    })
  })
})

/**
 * The hub of the fleet, for any of its processes and for programs elsewhere. You use it like any other `Hub`.
 *
 * **Details**
 *
 * - `live` and `state` show the last known state of the hub. If it moves to another runner, they report that after 3 seconds.
 * - A call fails after 10 seconds with a retryable error. A write is never done twice.
 * - `report`, `forget` and `configure` do nothing: outlets and options belong to the runner that holds the hub.
 * - `health` has the uptime and the memory of this process, and the counts of the hub. `problem` is the problem of the hub if
 *   this process holds it.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Hub.Hub, never, Sharding> = Layer.effect(Hub.Hub, make)
