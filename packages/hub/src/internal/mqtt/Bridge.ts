/** The bridge. It keeps the retained messages of a broker up to date, and executes commands and requests from the broker. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Api from "../../Api.ts"
import type * as Hub from "../../Hub.ts"
import type { MqttError } from "../../MqttError.ts"
import * as Places from "../../Places.ts"
import { readingOf } from "../Board.ts"
import * as BrokerSession from "./BrokerSession.ts"
import * as Command from "./Command.ts"
import * as Desired from "./Desired.ts"
import { Health } from "./Health.ts"
import * as Request from "./Request.ts"
import * as Shelf from "./Shelf.ts"
import * as Topic from "./Topic.ts"

export interface Options {
  readonly base: string
  /** Current values of the options that can change. */
  readonly desired: () => Desired.Options
  readonly session: Pick<BrokerSession.Options, "ca" | "clientId" | "password" | "server" | "user">
  readonly statusTopic: string | undefined
}

/** Name of the bridge among the outlets of the hub. */
const outlet = "MQTT"

/** Maximum messages that are published at once. More would wait in memory while a broker is slow. */
const window = 32

/** Maximum events and answers that wait for the broker. If there are more, the oldest are dropped. */
const mostEvents = 200

/** Maximum commands and requests that wait for their turn. If there are more, they are refused. */
const mostCommands = 100

/** Maximum time of a command. */
const commandTimeout = "1 minute"

/** Time between looks at the clock: places become unavailable by time alone. */
const lookEvery = "5 seconds"

const healthEvery = "10 minutes"

/** Seconds from the first failure to the next attempt. The pause doubles each time, up to the last. */
const firstPause = 1
const longestPause = 60

/** Seconds after which a connection counts as good, and the number of shorter ones in a row that is reported as a fault. */
const shortLife = 20
const mostShortLives = 3

/** Maximum time for a published message to come back. */
const echoTimeout = "3 seconds"

/**
 * Seconds from the birth message of Home Assistant to the repetition of all messages: the minimum, and the maximum of the random
 * part.
 */
const birthPause = 5
const birthJitter = 2

interface Told {
  readonly topic: string
  readonly payload: string
}

interface Given {
  readonly topic: string
  readonly payload: Uint8Array
}

const messageOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}

/** Runs a bridge until the scope ends. */
export const run = Effect.fnUntraced(function*(
  hub: Hub.Hub["Service"],
  options: Options
): Effect.fn.Return<void, never, Scope.Scope> {
  const { base, statusTopic } = options
  const clock = yield* Clock.Clock
  const topic = (name: string): string => `${base}/bridge/${name}`
  const begun = clock.currentTimeMillisUnsafe() / 1000
  const shelf = new Shelf.Shelf(base)
  const health = new Health(begun)
  const news = Latch.makeUnsafe(true)
  const events = yield* Queue.sliding<Told>(mostEvents)
  const commands = yield* Queue.dropping<Given>(mostCommands)
  const counts = { published: 0, received: 0, refused: 0 }
  let refused = 0
  let lastGood: Desired.LastGood = new Map()
  let desired: Desired.Desired = { messages: [], names: Topic.names([]) }
  const known = new Set<string>()

  const tell = (name: string, value: unknown): void => {
    Queue.offerUnsafe(events, { topic: topic(name), payload: JSON.stringify(value) })
    news.openUnsafe()
  }

  /** Logs once for each title that it cannot be a topic. */
  const explain = Effect.fnUntraced(function*(unused: ReadonlyArray<Topic.Unused>) {
    for (const { key, problem, title } of unused) {
      const id = `${key} ${title} ${problem}`
      if (known.has(id) || known.size >= 1000) continue
      known.add(id)
      yield* Effect.logWarning(
        `MQTT: ${JSON.stringify(title)} cannot be a topic, because ${problem}: its topic is ${
          desired.names.byKey.get(key) ?? key
        } there`
      )
    }
  })

  const look = Effect.gen(function*() {
    const state = yield* hub.state
    health.take(state)
    lastGood = Desired.remember(lastGood, state)
    desired = yield* Effect.sync(() => Desired.of(state, lastGood, options.desired())).pipe(
      // Announcements come from other code, which may fail.
      Effect.catchCause((cause) => Effect.as(Effect.logError("MQTT: the messages cannot be made", cause), desired))
    )
    yield* explain(desired.names.unused)
    return state
  })

  /** Executes a command, and returns the values that were read back. */
  const obey = Effect.fnUntraced(function*(
    { verb }: Topic.Address,
    place: Api.PlaceState,
    { properties }: Command.Command
  ) {
    const described = yield* hub.describe(place.device)
    const kinds = new Map(described.properties.map(({ kind, name }) => [name, kind]))
    const all = verb === "get" && properties.length === 0
      ? place.properties.map(({ name }) => [name, undefined] as const)
      : properties
    const values: Record<string, unknown> = {}
    const problems: Array<string> = []
    for (const [name, given] of all) {
      const attempt: Effect.Effect<Hub.Answer, string> = Effect.gen(function*() {
        if (Places.isDerived(place.key)) return yield* Effect.fail("it is derived from other values")
        if (verb === "get") return yield* Effect.mapError(hub.read(place.device, name), ({ message }) => message)
        const value = yield* Effect.fromResult(Command.valueOf(kinds.get(name), given))
        return yield* Effect.mapError(hub.write(place.device, name, value), ({ message }) => message)
      })
      const result = yield* Effect.result(attempt)
      if (Result.isFailure(result)) problems.push(`${name}: ${result.failure}`)
      else {
        const value = readingOf(result.success, result.success.value)?.value ?? null
        Object.defineProperty(values, name, { value, enumerable: true })
      }
    }
    return { values, problem: problems.length === 0 ? undefined : problems.join("; ") }
  })

  const command = Effect.fnUntraced(function*(address: Topic.Address, payload: Uint8Array) {
    const { name, property, verb } = address
    const state = yield* hub.state
    const key = desired.names.byName.get(name)
    const place = state.places.find((place) => place.key === key)
    const about = { name, ...(property === undefined ? {} : { property }) }
    if (place === undefined) return Request.answer(Result.fail("there is no such place"), undefined, about)
    const parsed = Command.parse(address, payload)
    if (Result.isFailure(parsed)) return Request.answer(Result.fail(parsed.failure), undefined, about)
    const { problem, values } = yield* obey(address, place, parsed.success)
    const data = { name, id: place.key, values }
    return Request.answer(
      problem === undefined ? Result.succeed(data) : Result.fail(`${verb}: ${problem}`),
      parsed.success.transaction,
      data
    )
  })

  const request = Effect.fnUntraced(function*(name: string, payload: Uint8Array) {
    const state = yield* hub.state
    return yield* Request.handle(
      {
        hub,
        state,
        names: desired.names,
        health: () => health.report(state, lastGood, counts),
        refresh: () => {
          shelf.forget()
        }
      },
      name,
      payload
    )
  })

  const requests = topic("request/")

  /** Executes the next message. The answer comes after the resulting state. */
  const work = Effect.gen(function*() {
    const given = yield* Queue.take(commands)
    if (refused > 0) {
      tell("event", { type: "refused", error: `${refused} commands were refused: ${mostCommands} were waiting` })
      refused = 0
    }
    const isRequest = given.topic.startsWith(requests)
    const address = isRequest ? undefined : Topic.address(base, given.topic)
    if (!isRequest && address === undefined) return
    const name = isRequest ? given.topic.slice(requests.length) : address?.verb ?? ""
    const answering = address === undefined ? request(name, given.payload) : command(address, given.payload)
    const answer = yield* answering.pipe(
      Effect.timeoutOrElse({
        duration: commandTimeout,
        orElse: () => Effect.succeed(Request.answer(Result.fail(`it took more than ${commandTimeout}`), undefined))
      }),
      Effect.catchCause((cause) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.interrupt
          : Effect.succeed(Request.answer(Result.fail(messageOf(cause)), undefined))
      )
    )
    tell(`response/${Topic.safe(name.slice(0, 100)) ?? "_"}`, answer)
  })

  const take = ({ isRetained, payload, topic }: BrokerSession.Received): void => {
    counts.received++
    // An empty message clears a retained command.
    if (payload.length === 0 && !topic.startsWith(requests) && Topic.address(base, topic)?.verb !== "get") return
    if (isRetained) {
      counts.refused++
      const error = "the broker had retained it, so it may be old: publish it without retain"
      tell("event", { type: "refused", topic, error })
      return
    }
    // A message that is too large for a command is not held in memory as a whole.
    const kept = payload.length > Command.mostBytes
      ? Uint8Array.from(payload.subarray(0, Command.mostBytes + 1))
      : payload
    if (Queue.offerUnsafe(commands, { topic, payload: kept })) return
    counts.refused++
    refused++
  }

  const birth = Latch.makeUnsafe(false)
  const rebirth = Effect.gen(function*() {
    yield* birth.await
    yield* Effect.sleep(Duration.seconds(yield* Random.nextBetween(birthPause, birthPause + birthJitter)))
    birth.closeUnsafe()
    shelf.forget()
    news.openUnsafe()
  })

  /** Publishes until the broker is up to date. */
  const publish = (session: BrokerSession.BrokerSession) =>
    Effect.gen(function*() {
      while (true) {
        const plan = shelf.plan(desired.messages)
        if (plan.length === 0) return
        yield* Effect.forEach(plan.slice(0, window), (message) =>
          Effect.tap(session.publish(message), () =>
            Effect.sync(() => {
              counts.published++
              shelf.acknowledge(message)
            })), { concurrency: window, discard: true })
        yield* look
      }
    })

  const say = (session: BrokerSession.BrokerSession) =>
    Effect.gen(function*() {
      while (Queue.sizeUnsafe(events) > 0) {
        const { payload, topic } = yield* Queue.take(events)
        yield* session.publish({ topic, payload, retain: false })
        counts.published++
      }
    })

  const online: Desired.Message = { topic: topic("state"), payload: Desired.online, retain: true }

  /** One connection, from its start until it fails. */
  const live = Effect.fnUntraced(function*(onReady: Effect.Effect<void>) {
    const echo = Deferred.makeUnsafe<void>()
    let found: string | undefined
    const offline = { ...online, payload: Desired.offline }
    const listTopic = Shelf.listTopic(base)
    const session = yield* BrokerSession.open({
      ...options.session,
      will: offline,
      farewell: offline,
      onMessage: (message) => {
        const text = (): string => Buffer.from(message.payload).toString()
        if (message.topic === listTopic) {
          if (message.isRetained) found = text()
        } else if (message.topic === online.topic) {
          if (message.isRetained) return
          if (text() === online.payload) Deferred.doneUnsafe(echo, Effect.void)
          else {
            // This is the will of a connection that was lost before.
            shelf.forgetTopic(online.topic)
            news.openUnsafe()
          }
        } else if (message.topic === statusTopic) {
          if (!message.isRetained && text() === "online") birth.openUnsafe()
        } else take(message)
      }
    })
    yield* session.subscribe([listTopic, online.topic])
    yield* session.publish(online)
    // The broker sends its retained list before this message comes back.
    const echoed = yield* Deferred.await(echo).pipe(Effect.raceFirst(session.closed), Effect.timeoutOption(echoTimeout))
    shelf.connect(found === undefined ? [] : Shelf.parse(base, found))
    shelf.acknowledge(online)
    yield* session.subscribe([...Topic.subscriptions(base), ...(statusTopic === undefined ? [] : [statusTopic])])
    yield* onReady
    yield* hub.report(
      outlet,
      echoed._tag === "Some"
        ? undefined
        : `the broker does not pass on what is published under ${base}: check its permissions`
    )
    const serve = Effect.forever(Effect.gen(function*() {
      yield* news.await
      news.closeUnsafe()
      yield* look
      yield* publish(session)
      yield* say(session)
    }))
    news.openUnsafe()
    return yield* Effect.raceFirst(serve, session.closed)
  }, Effect.scoped)

  const connect = Effect.gen(function*() {
    let pause = firstPause
    let shortLives = 0
    while (true) {
      let since: number | undefined
      const error: MqttError = yield* live(Effect.sync(() => {
        since = Number(clock.monotonicTimeNanosUnsafe()) / 1e9
      })).pipe(Effect.flip)
      const life = since === undefined ? undefined : Number(clock.monotonicTimeNanosUnsafe()) / 1e9 - since
      if (life !== undefined) {
        shortLives = life < shortLife && error.reason === "Lost" ? shortLives + 1 : 0
        if (shortLives < mostShortLives) pause = firstPause
      }
      const isClash = shortLives >= mostShortLives
      yield* hub.report(
        outlet,
        isClash
          ? `${error.message}, ${shortLives} times soon after it was made: perhaps another client also has the id ${
            JSON.stringify(options.session.clientId)
          }; set another client_id`
          : error.message
      )
      if (!error.isRetryable) {
        yield* Effect.logError(`MQTT: ${error.message}`)
        return
      }
      if (error.reason === "Refused" || isClash) pause = longestPause
      yield* Effect.sleep(Duration.seconds(pause * (0.8 + 0.4 * (yield* Random.next))))
      pause = Math.min(pause * 2, longestPause)
    }
  })

  const follow = Stream.runForEach(hub.live, (message) =>
    Effect.sync(() => {
      if (message._tag === "Change") {
        for (const event of message.events) {
          health.tell(event)
          tell("event", { type: "event", ...event })
        }
      }
      news.openUnsafe()
    }))

  const notices = Stream.runForEach(hub.notices, ({ notice, phase }) =>
    Effect.sync(() => {
      // Notices that were already open were reported before.
      if (phase === "Began" && notice.since < begun) return
      tell("event", { type: "notice", phase: phase.toLowerCase(), notice })
    }))

  const report = Effect.flatMap(
    hub.state,
    (state) => Effect.sync(() => tell("health", health.report(state, lastGood, counts)))
  )

  yield* look
  yield* Effect.forkScoped(follow)
  yield* Effect.forkScoped(notices)
  yield* Effect.forkScoped(
    Effect.forever(Effect.andThen(Effect.sleep(lookEvery), Effect.sync(() => news.openUnsafe())))
  )
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(report, Effect.sleep(healthEvery))))
  yield* Effect.forkScoped(Effect.forever(work))
  yield* Effect.forkScoped(Effect.forever(rebirth))
  yield* Effect.forkScoped(
    Effect.catchCause(connect, (cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.interrupt
        : Effect.andThen(
          hub.report(outlet, `the bridge has ended: ${messageOf(cause)}`),
          Effect.logError("MQTT: the bridge has ended", cause)
        ))
  )
})

/** Clears everything that a bridge has left on a broker. */
export const clear = Effect.fnUntraced(function*(
  options: Pick<Options, "base" | "session">
): Effect.fn.Return<void, MqttError, Scope.Scope> {
  const { base, session: given } = options
  const echo = Deferred.makeUnsafe<void>()
  const listTopic = Shelf.listTopic(base)
  const mark = `${base}/bridge/response/clear`
  let found: string | undefined
  const session = yield* BrokerSession.open({
    ...given,
    will: undefined,
    farewell: undefined,
    onMessage: ({ isRetained, payload, topic }) => {
      if (topic === mark) Deferred.doneUnsafe(echo, Effect.void)
      else if (isRetained) found = Buffer.from(payload).toString()
    }
  })
  yield* session.subscribe([listTopic, mark])
  yield* session.publish({ topic: mark, payload: "{}", retain: false })
  yield* Deferred.await(echo).pipe(Effect.raceFirst(session.closed), Effect.timeoutOption(echoTimeout))
  const shelf = new Shelf.Shelf(base)
  shelf.connect([`${base}/bridge/state`, ...(found === undefined ? [] : Shelf.parse(base, found))])
  yield* Effect.forEach(shelf.clear(), session.publish, { concurrency: window, discard: true })
})
