/**
 * Delivery of notices to people, through web addresses and programs. A channel gets the beginning and the end of each notice
 * once, even if the hub restarts in between.
 *
 * **Example** (To a phone by ntfy, but not at night)
 *
 * ```ts
 * import { Notifier } from "@effect-ownet/hub"
 *
 * const phone: Notifier.Channel = {
 *   name: "phone",
 *   to: { _tag: "Webhook", url: "https://ntfy.sh", fields: { topic: "my-house-4711" } },
 *   quietHours: { from: 22 * 60, to: 7 * 60, zone: "Europe/Berlin" }
 * }
 *
 * const configured = Notifier.Notifier.use((notifier) => notifier.configure([phone]))
 * ```
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as History from "./History.ts"
import type { HistoryError } from "./HistoryError.ts"
import * as Hub from "./Hub.ts"
import * as CommandDelivery from "./internal/notify/CommandDelivery.ts"
import { DeliveryFailure } from "./internal/notify/DeliveryFailure.ts"
import * as Message from "./internal/notify/Message.ts"
import * as QuietHours from "./internal/notify/QuietHours.ts"
import { keyOf, Waiting } from "./internal/notify/Waiting.ts"
import * as Webhook from "./internal/notify/Webhook.ts"
import type { Turn } from "./Notices.ts"

/**
 * A notice could not be delivered.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotifyError extends Schema.TaggedError<NotifyError>()("NotifyError", {
  /** The name of the channel. */
  channel: Schema.String,
  problem: Schema.String
}) {
  /** One line: the channel, and the reason. */
  override get message(): string {
    return `channel ${JSON.stringify(this.channel)}: ${this.problem}`
  }
}

/**
 * A channel through which notices reach people.
 *
 * @category models
 * @since 0.1.0
 */
export interface Channel {
  readonly name: string
  readonly to:
    | {
      readonly _tag: "Webhook"
      readonly url: string
      readonly headers?: Readonly<Record<string, string>> | undefined
      /** Additional fields of the JSON that is sent. They override those of the notice. */
      readonly fields?: Readonly<Record<string, unknown>> | undefined
    }
    | {
      readonly _tag: "Command"
      /** A program and its arguments. `{text}` and other fields of the message are replaced in the arguments. */
      readonly command: ReadonlyArray<string>
    }
  /**
   * Minutes of the day between which no notices are sent: `from` inclusive, `to` exclusive, and on the next day if `to` is less.
   */
  readonly quietHours?: {
    readonly from: number
    readonly to: number
    /** Name of a time zone. Default: the zone of the system. */
    readonly zone?: string | undefined
  } | undefined
}

/**
 * Delivers the notices of a hub.
 *
 * @category services
 * @since 0.1.0
 */
export class Notifier extends Context.Service<Notifier, {
  /** The names of all channels. */
  readonly channels: Effect.Effect<ReadonlyArray<string>>
  /**
   * Replaces all channels. Drops notices that wait for a channel that is not among the new ones. A hub keeps notices only for the
   * channels in its option `tell`.
   */
  readonly configure: (channels: ReadonlyArray<Channel>) => Effect.Effect<void>
  /** Sends a test notice at once, even in quiet hours. Fails if it cannot be delivered, or if there is no such channel. */
  readonly test: (channel: string) => Effect.Effect<void, NotifyError>
}>()("@effect-ownet/hub/Notifier") {}

/** The name of a channel among the outlets of the hub. */
const outletOf = ({ name }: Channel): string => `channel ${name}`

/** Milliseconds from the first failure to the next attempt. The pause doubles each time, up to ten minutes. */
const firstPause = 5000
const longestPause = 600_000

/** Maximum number of attempts to send a message that is refused. */
const mostAttempts = 5

/** Milliseconds between looks at the turns that wait in the history. */
const lookEvery = 60_000

/** Maximum number of looks into the history for a delivered turn, which may be written there late. */
const mostLooks = 60

/** Maximum wait for an answer of the history. */
const patience = "10 seconds"

/** Maximum wait for a message in flight when the hub ends. */
const grace = "1 second"

interface Marked {
  readonly item: Message.Item
  looks: number
}

/** A channel, and the turns that wait for it. */
interface Way {
  channel: Channel
  zone: DateTime.TimeZone
  readonly waiting: Waiting
  /** Delivered turns that may not be marked in the history yet. */
  marks: ReadonlyArray<Marked>
  /** Number of notices reported only as a number, according to the history; `undefined` if not known. */
  dropped: number | undefined
  /** Gets a message when a turn is added. */
  readonly added: Queue.Queue<void>
  /** Gets a message when the next attempt should not wait. */
  readonly again: Queue.Queue<void>
  fiber: Fiber.Fiber<unknown> | undefined
}

type Requirements = HttpClient.HttpClient | ChildProcessSpawner

/** The turns to deliver. Acknowledgements are not delivered. */
const itemsOf = ({ notice, phase }: Turn): ReadonlyArray<Message.Item> =>
  phase === "Acknowledged" ? [] : [{ notice, phase }]

const sendTo = ({ to }: Channel, message: Message.Message): Effect.Effect<void, DeliveryFailure, Requirements> =>
  to._tag === "Webhook" ? Webhook.send(to, message) : CommandDelivery.send(to, message)

const send = (channel: Channel, message: Message.Message): Effect.Effect<void, DeliveryFailure, Requirements> =>
  sendTo(channel, message).pipe(
    // No text in a header or an argument may end the deliveries.
    Effect.catchCause((cause) => {
      if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
      const error = Cause.squash(cause)
      return Effect.fail(
        error instanceof DeliveryFailure
          ? error
          : new DeliveryFailure({
            problem: `it cannot be sent: ${error instanceof Error ? error.message : String(error)}`,
            attempts: mostAttempts
          })
      )
    })
  )

/** The mistake in a channel, in words; `undefined` if there is none. */
const problemOf = ({ quietHours, to }: Channel): string | undefined =>
  (to._tag === "Webhook" ? Webhook.problemOf(to) : CommandDelivery.problemOf(to)) ??
    (QuietHours.zoneOf(quietHours?.zone) === undefined
      ? `there is no time zone ${JSON.stringify(quietHours?.zone)}: its quiet hours use the system's`
      : undefined)

const zoneOf = ({ quietHours }: Channel): DateTime.TimeZone =>
  // The zone of the system is always known.
  QuietHours.zoneOf(quietHours?.zone) ?? QuietHours.zoneOf(undefined)!

/** The answer of the history; `undefined` if it fails, or does not come in time. */
const bounded = <A>(self: Effect.Effect<A, HistoryError>): Effect.Effect<A | undefined> =>
  Effect.orElseSucceed(Effect.map(Effect.timeoutOption(self, patience), Option.getOrUndefined), () => undefined)

/** Lets an effect that has begun finish, for a moment, when its caller is interrupted. */
const untilDone = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDetach(Effect.interruptible(self)),
      (fiber) =>
        Effect.onInterrupt(restore(Fiber.join(fiber)), () =>
          Effect.interruptible(Fiber.await(fiber)).pipe(
            Effect.timeoutOption(grace),
            Effect.andThen(Fiber.interrupt(fiber))
          ))
    )
  )

const make = Effect.gen(function*() {
  const hub = yield* Hub.Hub
  const history = yield* History.History
  const scope = yield* Scope.Scope
  const context = yield* Effect.context<Requirements>()
  const ways = new Map<string, Way>()
  const configuring = Semaphore.makeUnsafe(1)
  let isConfigured = false

  const report = (channel: Channel, problem: string | undefined) => hub.report(outletOf(channel), problem)

  const markAll = Effect.fnUntraced(function*(channel: string, items: ReadonlyArray<Message.Item>, dropped?: number) {
    const turns = items.map(({ notice, phase }) => ({ notice: notice.id, phase }))
    return yield* bounded(history.told({ channel, turns, dropped }))
  })

  /** Marks delivered turns in the history. A turn that is not there may not be written yet, and is sought again. */
  const mark = Effect.fnUntraced(function*(way: Way) {
    const { marks, waiting } = way
    const dropped = way.dropped === undefined || way.dropped === waiting.dropped ? undefined : waiting.dropped
    if (marks.length === 0 && dropped === undefined) return
    const done = yield* markAll(way.channel.name, marks.map(({ item }) => item), dropped)
    if (done !== undefined && dropped !== undefined) way.dropped = dropped
    const gone = done && new Set(done.map(({ notice, phase }) => `${notice} ${phase}`))
    const rest = gone === undefined
      ? marks
      : marks.filter((one) => !gone.has(keyOf(one.item)) && ++one.looks < mostLooks)
    way.marks = [...rest, ...way.marks.slice(marks.length)]
  })

  /** Records turns as delivered, and notices as reported only by their number. */
  const told = (way: Way, items: ReadonlyArray<Message.Item>, dropped = 0) =>
    Effect.suspend(() => {
      way.waiting.remove(items)
      way.waiting.dropped -= dropped
      way.marks = [...way.marks, ...items.map((item) => ({ item, looks: 0 }))]
      return mark(way)
    })

  /** Adds turns to those that wait for a channel. Turns that are dropped to make room are never delivered. */
  const add = (way: Way, items: ReadonlyArray<Message.Item>) =>
    Effect.suspend(() => {
      const gone = items.flatMap((item) => way.waiting.add(item))
      if (items.length > 0) Queue.offerUnsafe(way.added, undefined)
      return gone.length === 0 ? Effect.void : told(way, gone)
    })

  /** Takes in the turns that wait in the history. */
  const look = Effect.gen(function*() {
    const dropped = yield* bounded(history.dropped)
    for (const [channel, way] of ways) {
      if (dropped !== undefined && way.dropped === undefined) {
        way.dropped = dropped.get(channel) ?? 0
        way.waiting.dropped += way.dropped
      }
      yield* mark(way)
    }
    if (isConfigured) {
      for (const channel of dropped?.keys() ?? []) if (!ways.has(channel)) yield* markAll(channel, [], 0)
    }
    const found = (yield* bounded(history.untold)) ?? []
    const byChannel = new Map<string, Array<Message.Item>>()
    for (const turn of found) {
      const items = byChannel.get(turn.channel) ?? []
      items.push(...itemsOf(turn))
      byChannel.set(turn.channel, items)
    }
    for (const [channel, items] of byChannel) {
      const way = ways.get(channel)
      if (way !== undefined) yield* add(way, items)
      else if (isConfigured) yield* markAll(channel, items)
    }
  }).pipe(configuring.withPermit)

  /** Sends the next message, unless it has to wait. */
  const work = (way: Way) => {
    let failures = 0
    let given = { key: "", times: 0 }
    return Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const { channel, waiting, zone } = way
      const isQuiet = channel.quietHours !== undefined && QuietHours.isIn(channel.quietHours, zone, now)
      const items = waiting.next(({ notice }) => !isQuiet || notice.isUrgent)
      const [first] = items
      const { dropped } = waiting
      const message = Message.of(items, { more: dropped, now, zone })
      if (first === undefined || message === undefined) {
        const added = Queue.take(way.added)
        // The quiet hours may end at any minute.
        return yield* isQuiet && waiting.size > 0
          ? Effect.asVoid(Effect.timeoutOption(added, 60_000 - now % 60_000))
          : added
      }
      yield* Queue.clear(way.again)
      const done = yield* untilDone(
        Effect.result(
          Effect.tap(Effect.provideContext(send(channel, message), context), () => told(way, items, dropped))
        )
      )
      if (Result.isSuccess(done)) {
        failures = 0
        return yield* report(channel, undefined)
      }
      const { attempts, pause: wanted = 0, problem } = done.failure
      const key = keyOf(first)
      given = { key, times: (given.key === key ? given.times : 0) + (attempts === undefined ? 0 : 1) }
      if (attempts !== undefined && given.times >= attempts) {
        yield* told(way, items)
        yield* report(channel, `${problem}; given up after ${attempts} attempts`)
      } else yield* report(channel, problem)
      const pause = Math.max(wanted, Math.min(firstPause * 2 ** failures, longestPause))
      yield* Effect.timeoutOption(Queue.take(way.again), pause)
      failures = Math.min(failures + 1, 20)
    }).pipe(
      Effect.catchCause((cause) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.interrupt
          : Effect.andThen(Effect.logError("A notice could not be delivered", cause), Effect.sleep(longestPause))
      ),
      Effect.forever
    )
  }

  const open = Effect.fnUntraced(function*(channel: Channel) {
    const way: Way = {
      channel,
      zone: zoneOf(channel),
      waiting: new Waiting(),
      marks: [],
      dropped: undefined,
      added: yield* Queue.sliding<void>(1),
      again: yield* Queue.sliding<void>(1),
      fiber: undefined
    }
    way.fiber = yield* Effect.forkIn(work(way), scope)
    return way
  })

  const configure: Notifier["Service"]["configure"] = (channels) =>
    Effect.gen(function*() {
      const wanted = new Map(channels.map((channel) => [channel.name, channel]))
      for (const [name, way] of ways) {
        if (wanted.has(name)) continue
        ways.delete(name)
        if (way.fiber !== undefined) yield* Fiber.interrupt(way.fiber)
        yield* mark(way)
        yield* hub.forget(outletOf(way.channel))
      }
      for (const [name, channel] of wanted) {
        const way = ways.get(name)
        const problem = problemOf(channel)
        if (way === undefined || problem !== undefined) yield* report(channel, problem)
        if (way === undefined) ways.set(name, yield* open(channel))
        else {
          way.channel = channel
          way.zone = zoneOf(channel)
          Queue.offerUnsafe(way.again, undefined)
          Queue.offerUnsafe(way.added, undefined)
        }
      }
      isConfigured = true
    }).pipe(configuring.withPermit, Effect.andThen(look))

  const test: Notifier["Service"]["test"] = Effect.fnUntraced(function*(name) {
    const way = ways.get(name)
    if (way === undefined) return yield* new NotifyError({ channel: name, problem: "there is no such channel" })
    const message = Message.test(name, yield* Clock.currentTimeMillis)
    yield* Effect.mapError(
      Effect.provideContext(send(way.channel, message), context),
      ({ problem }) => new NotifyError({ channel: name, problem })
    )
    yield* report(way.channel, undefined)
    Queue.offerUnsafe(way.again, undefined)
  })

  // Notices that had begun by now either wait in the history or were delivered.
  const before = new Set((yield* hub.state).notices.map(({ id }) => id))
  yield* hub.notices.pipe(
    Stream.runForEach((turn) => {
      const items = turn.phase === "Began" && before.has(turn.notice.id) ? [] : itemsOf(turn)
      return Effect.forEach(ways.values(), (way) => add(way, items), { discard: true })
    }),
    Effect.forkScoped
  )
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(lookEvery), look)))

  return Notifier.of({
    channels: Effect.sync(() => [...ways.keys()]),
    configure,
    test
  })
})

/**
 * Delivers the notices of a hub to the channels set by `configure`, one message at a time per channel.
 *
 * **Details**
 *
 * - A turn of a notice waits in the history until it is delivered. It is delivered twice only if the program is killed after the
 *   delivery and before the mark in the history.
 * - A failed delivery is repeated after 5 seconds, 10, 20 and so on up to 10 minutes, without end, and later if the server
 *   requests that. A message that a server refuses (statuses 4xx except for 408 and 429) is dropped after 5 attempts. If a
 *   command fails, its message is dropped after 10 attempts, unless the exit status is 75 (a temporary failure). The outlets of
 *   the hub show each failure.
 * - A notice that ends before its beginning could be delivered is one message. If more than 1,000 turns wait, the oldest notices
 *   that are over are only counted, even across a restart.
 * - In quiet hours only urgent notices are sent. The others follow when the quiet hours end.
 * - A POST may take 10 seconds, and follows redirects to the same host only. A command is killed after 30 seconds.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<
  Notifier,
  never,
  Hub.Hub | History.History | HttpClient.HttpClient | ChildProcessSpawner
> = Layer.effect(Notifier, make)
