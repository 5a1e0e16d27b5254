/**
 * A watched network: its observations, and whether there is anything to watch.
 */
import type * as OwError from "@effect-ownet/core/client/OwError"
import type * as Device from "@effect-ownet/core/device/Device"
import * as Poll from "@effect-ownet/core/monitor/Poll"
import * as Follow from "@effect-ownet/core/network/Follow"
import * as Network from "@effect-ownet/core/network/Network"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Absence from "../server/Absence.ts"
import type { OneNetwork } from "../server/OneNetwork.ts"
import * as Server from "../server/Server.ts"
import type { Settings } from "../server/Settings.ts"
import * as TimeLimit from "../server/TimeLimit.ts"
import * as Failure from "../show/Failure.ts"

export interface Options {
  readonly targets: ReadonlyArray<Follow.Target>
  /** Milliseconds between rounds. */
  readonly every: number
  /** Number of rounds. Without it, the watch does not end. */
  readonly count: number | undefined
  /** Leaves out readings without a change. */
  readonly changes: boolean
}

/** Maximum rounds in which a failing property is not read. */
const rest = 4

/** Observations of all servers, once it is known that there is something to watch. */
export const events = (
  all: OneNetwork,
  options: Options
): Stream.Stream<Follow.Event, OwError.OwError | Failure.Failure | Failure.Ended, Settings> =>
  Stream.unwrap(Effect.map(TimeLimit.start, (limit) => begun(all, options.targets, limit, followed(all, options))))

const followed = (
  all: OneNetwork,
  { changes, count, every, targets }: Options
): Stream.Stream<Follow.Event, OwError.OwError> => {
  const schedule = pace(every, count)
  const options: Follow.Options = { jitter: 0, rest }
  const seen = count === undefined
    ? Stream.provideService(Follow.follow(targets, schedule, options), Network.Network, all.network)
    : Absence.follow(all, targets, schedule, { ...options, search: { every: Infinity } })
  return once(changes ? Poll.changes(seen) : seen)
}

const pace = (every: number, count: number | undefined): Schedule.Schedule<unknown> => {
  const fixed = Schedule.fixed(every)
  return count === undefined ? fixed : Schedule.upTo(fixed, { times: count - 1 })
}

/** Leaves out a failure that was reported before, until the property can be read again or fails in another way. */
const once = <E>(events: Stream.Stream<Follow.Event, E>): Stream.Stream<Follow.Event, E> =>
  Stream.suspend(() => {
    const told = new Map<string, string>()
    return Stream.filter(events, (event) => {
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

/** The first searches of all servers. */
interface Looks {
  /** Servers that have answered. */
  readonly found: Set<string>
  /** Servers that have not answered, with the reasons. */
  readonly failures: Map<string, Failure.Failure>
  readonly busFailures: Array<OwError.OwError>
  /** Targets that no server has, as far as that is known. */
  missing: ReadonlyArray<Follow.Missing>
  hasProperties: boolean
}

/**
 * Holds events back until there is something to watch, at most until each server has answered or failed, or until the limit. Ends
 * the command if there is then nothing to watch, or if no server has a named target.
 */
const begun = <E>(
  all: OneNetwork,
  targets: ReadonlyArray<Follow.Target>,
  limit: TimeLimit.TimeLimit,
  events: Stream.Stream<Follow.Event, E>
): Stream.Stream<Follow.Event, E | Failure.Failure | Failure.Ended> =>
  Stream.suspend(() => {
    const looks: Looks = { found: new Set(), failures: new Map(), busFailures: [], missing: [], hasProperties: false }
    let held: Array<Follow.Event> | undefined = []
    let isJudged = false
    const late = Stream.fromEffect(Effect.as(limit.attempt(Effect.never), undefined))
    const merged = Stream.merge<Follow.Event, E, never, undefined, never, never>(events, late, { haltStrategy: "left" })
    return Stream.mapEffect(
      merged,
      (event): Effect.Effect<ReadonlyArray<Follow.Event>, Failure.Failure | Failure.Ended> => {
        if (isJudged) return Effect.succeed(event === undefined ? [] : [event])
        if (event === undefined) {
          for (const { name } of all.servers) {
            if (!looks.found.has(name) && !looks.failures.has(name)) {
              looks.failures.set(name, limit.failure(`first look at ${name}`))
            }
          }
        } else look(looks, event)
        isJudged = looks.found.size + looks.failures.size === all.servers.length
        const now = [...held ?? [], ...event === undefined ? [] : [isJudged ? event : withoutMissing(event)]]
        held = isJudged || looks.hasProperties ? undefined : now
        const told = held === undefined ? now : []
        return isJudged ? Effect.as(judge(all, targets, looks), told) : Effect.succeed(told)
      }
    ).pipe(Stream.flattenIterable)
  })

/** A missing target may still be found, or be reported later. */
const withoutMissing = (event: Follow.Event): Follow.Event => event._tag === "Found" ? { ...event, missing: [] } : event

const look = (looks: Looks, event: Follow.Event): void => {
  switch (event._tag) {
    case "Found":
      if (!looks.failures.has(event.server)) looks.found.add(event.server)
      looks.missing = event.missing
      looks.hasProperties ||= event.properties.length > 0
      break
    case "ServerFailed":
      if (!looks.found.has(event.server)) looks.failures.set(event.server, event.error)
      break
    case "BusFailed":
      looks.busFailures.push(event.error)
      break
  }
}

const judge = Effect.fnUntraced(function*(
  all: OneNetwork,
  targets: ReadonlyArray<Follow.Target>,
  { busFailures, failures, found, hasProperties, missing }: Looks
): Effect.fn.Return<void, Failure.Failure | Failure.Ended> {
  if (found.size === 0) yield* Failure.forEach([...failures.values()], Effect.fail)
  yield* Failure.forEach(missing.filter(({ error }) => isMistake(error)), ({ error }) => Effect.fail(error))
  // A server that does not answer yet may have a target that another one lacks.
  if (failures.size > 0) return
  const absent = targets.flatMap((target) => missing.filter((one) => one.target === target && one.device === undefined))
  yield* Failure.forEach(absent, (one) => nowhere(all, one))
  if (hasProperties) return
  yield* Failure.forEach(busFailures, Effect.fail)
  return yield* new Failure.LocalError({
    message: `nothing to watch: no such device at ${all.names(" or ")}, or none that measures`
  })
})

/** Reports that no server has a named target. */
const nowhere = (
  { network, servers: [{ client }, ...others] }: OneNetwork,
  { error, target }: Follow.Missing
): Effect.Effect<unknown, Failure.Failure> =>
  others.length === 0 || target._tag === "Devices"
    ? Server.explained(client, Effect.fail(error))
    : Effect.andThen(network.ways(target.address), Effect.fail(error))

/** Whether no later event can fix the failure. */
const isMistake = (error: Device.Failure): boolean => error._tag === "ArgumentError" || error._tag === "DeviceError"
