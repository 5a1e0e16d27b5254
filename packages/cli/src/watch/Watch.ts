/**
 * Several servers that are watched: what is seen of each, and whether there is anything to watch.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Outage from "@effect-ownet/core/monitor/Outage"
import * as Poll from "@effect-ownet/core/monitor/Poll"
import * as Follow from "@effect-ownet/core/network/Follow"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Server from "../server/Server.ts"
import type { Settings } from "../server/Settings.ts"
import * as TimeLimit from "../server/TimeLimit.ts"
import * as Failure from "../show/Failure.ts"

/** An event of one server. */
export interface Seen {
  readonly ow: OwClient.Client
  readonly event: Follow.Event
}

export interface Options {
  readonly targets: ReadonlyArray<Follow.Target>
  /** Milliseconds from one round to the next. */
  readonly every: number
  /** The number of rounds; without one, there is no end. */
  readonly count: number | undefined
  /** Leaves out readings that are no news. */
  readonly changes: boolean
}

/** The most rounds that what fails is left alone. */
const rest = 4

/** What is seen of all servers, once it is known that there is something to watch. */
export const events = (
  clients: ReadonlyArray<OwClient.Client>,
  options: Options
): Stream.Stream<Seen, OwError.OwError | Failure.Failure | Failure.Ended, Settings> =>
  Stream.unwrap(
    Effect.map(TimeLimit.start, (limit) =>
      Stream.mergeAll(
        clients.map((ow) => eventsOf(ow, options)),
        { concurrency: "unbounded", bufferSize: 0 }
      ).pipe(
        (all) => begun(clients, options.targets, limit, all),
        (all) => clients.length === 1 ? all : Stream.map(all, withoutAbsent)
      ))
  )

/** What one server does not have, another one may. */
const withoutAbsent = ({ event, ow }: Seen): Seen => ({
  ow,
  event: event._tag === "Found" ? { ...event, missing: event.missing.filter(({ error }) => !isAbsence(error)) } : event
})

const eventsOf = (
  ow: OwClient.Client,
  { changes, count, every, targets }: Options
): Stream.Stream<Seen, OwError.OwError> =>
  Stream.suspend(() => {
    const search = count === undefined ? {} : { every: Infinity }
    const followed = Stream.provideService(
      Follow.follow(targets, pace(every, count), { jitter: 0, rest, search }),
      OwClient.OwClient,
      ow
    )
    let hasAnswered = false
    return Stream.map(changes ? Poll.changes(followed) : followed, (event): Seen => ({ ow, event })).pipe(
      once,
      // Some rounds of a server that is not there are none.
      Stream.takeUntil(({ event }) => {
        hasAnswered ||= event._tag === "Found"
        return count !== undefined && event._tag === "ServerFailed" && !hasAnswered
      })
    )
  })

const pace = (every: number, count: number | undefined): Schedule.Schedule<unknown> => {
  const fixed = Schedule.fixed(every)
  return count === undefined ? fixed : Schedule.upTo(fixed, { times: count - 1 })
}

/** Leaves out a failure that was told before, until the property can be read again or fails in another way. */
const once = <E>(events: Stream.Stream<Seen, E>): Stream.Stream<Seen, E> =>
  Stream.suspend(() => {
    const told = new Map<string, string>()
    return Stream.filter(events, ({ event }) => {
      if (event._tag !== "Reading" && event._tag !== "Failed") return true
      const key = `${event.device.id}/${event.property}`
      if (event._tag === "Reading") {
        told.delete(key)
        return true
      }
      const { message } = event.error
      if (told.get(key) === message) return false
      told.set(key, message)
      return true
    })
  })

/** What came of the first search of a server. */
type First = Follow.Found | Outage.ServerFailed | { readonly _tag: "TimedOut"; readonly error: Failure.TimedOut }

/** Holds events back until each server has answered or failed, at most until the limit, and ends the command if there is nothing to watch then. */
const begun = <E>(
  clients: ReadonlyArray<OwClient.Client>,
  targets: ReadonlyArray<Follow.Target>,
  limit: TimeLimit.TimeLimit,
  events: Stream.Stream<Seen, E>
): Stream.Stream<Seen, E | Failure.Failure | Failure.Ended> =>
  Stream.suspend(() => {
    const firsts = new Map<OwClient.Client, First>()
    let held: Array<Seen> | undefined = []
    const late = Stream.fromEffect(Effect.as(limit.attempt(Effect.never), undefined))
    const all = Stream.merge<Seen, E, never, undefined, never, never>(events, late, { haltStrategy: "left" })
    return Stream.mapEffect(all, (seen): Effect.Effect<ReadonlyArray<Seen>, Failure.Failure | Failure.Ended> => {
      if (held === undefined) return Effect.succeed(seen === undefined ? [] : [seen])
      if (seen === undefined) {
        for (const ow of clients) {
          if (!firsts.has(ow)) firsts.set(ow, { _tag: "TimedOut", error: limit.failure(`first look at ${ow.server}`) })
        }
      } else {
        held.push(seen)
        const { event, ow } = seen
        if ((event._tag === "Found" || event._tag === "ServerFailed") && !firsts.has(ow)) firsts.set(ow, event)
      }
      if (firsts.size < clients.length) return Effect.succeed([])
      const all = held
      held = undefined
      return Effect.as(judge(clients, targets, firsts, all), all)
    }).pipe(Stream.flattenIterable)
  })

const judge = Effect.fnUntraced(function*(
  clients: ReadonlyArray<OwClient.Client>,
  targets: ReadonlyArray<Follow.Target>,
  firsts: ReadonlyMap<OwClient.Client, First>,
  seen: ReadonlyArray<Seen>
): Effect.fn.Return<void, Failure.Failure | Failure.Ended> {
  const found = [...firsts].flatMap(([ow, first]) => first._tag === "Found" ? [{ ow, ...first }] : [])
  const failures = [...firsts.values()].flatMap((first) => first._tag === "Found" ? [] : [first.error])
  if (found.length === 0) yield* Failure.forEach(failures, Effect.fail)
  const missing = found.flatMap(({ missing, ow }) => missing.map((one) => ({ ...one, ow })))
  const mistakes = missing.filter(({ error }) => isMistake(error))
  yield* Failure.forEach(mistakes, ({ error }) => Effect.fail(error))
  // What one server does not have, another one may; one that does not answer yet, too.
  if (failures.length > 0) return
  const absent = targets.flatMap((target) => {
    const refusals = missing.filter((one) => one.target === target && one.device === undefined)
    return refusals.length === found.length ? refusals : []
  })
  yield* Failure.forEach(absent, ({ error, ow }) => Server.explained(ow, Effect.fail(error)))
  if (found.some(({ properties }) => properties.length > 0)) return
  yield* Failure.forEach(
    seen.flatMap(({ event }) => event._tag === "BusFailed" ? [event.error] : []),
    Effect.fail
  )
  return yield* new Failure.LocalError({
    message: `nothing to watch at ${
      clients.map(({ server }) => server).join(", ")
    }: no such device, or none that measures`
  })
})

const isAbsence = (error: Device.Failure): boolean => error._tag === "OwnetError" && error.reason._tag === "NotFound"

/** Whether nothing that happens later can mend it. */
const isMistake = (error: Device.Failure): boolean => error._tag === "ArgumentError" || error._tag === "DeviceError"
