/**
 * What is seen of several servers while they are watched: their values, and once what goes wrong.
 */
import type * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Discovery from "@effect-ownet/core/device/Discovery"
import type * as Observation from "@effect-ownet/core/monitor/Observation"
import * as Poll from "@effect-ownet/core/monitor/Poll"
import * as Place from "@effect-ownet/core/onewire/Place"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Target from "./Target.ts"

export type Event = Data.TaggedEnum<{
  /** What is watched from now on, beside what was before. */
  Found: {
    readonly server: string
    readonly properties: ReadonlyArray<Device.DeviceProperty>
  }
  /** What cannot be searched for devices, and what of that could be before. */
  Unsearched: {
    readonly server: string
    readonly at: Date
    readonly failures: ReadonlyArray<Discovery.Failed>
    readonly news: ReadonlyArray<Discovery.Failed>
  }
  /** A value, or the beginning of a failure. */
  Seen: { readonly server: string; readonly seen: Observation.Observation }
  /** No server answers. */
  ServerFailed: { readonly server: string; readonly at: Date; readonly error: Device.Failure }
  /** It answers again. */
  ServerRecovered: { readonly server: string; readonly at: Date; readonly since: Date }
}>

export const Event = Data.taggedEnum<Event>()

/** A server, and what was found at first, or why nothing was. */
export interface Source {
  readonly ow: OwClient.Client
  readonly first: Result.Result<Target.Resolved, Device.Failure>
}

export interface Options {
  readonly targets: ReadonlyArray<Target.Target>
  /** Milliseconds from one round to the next. */
  readonly every: number
  /** How many rounds, if not for ever. */
  readonly count: number | undefined
  /** Leaves out what is no news. */
  readonly changes: boolean
}

/** How often is looked for devices that are new, and for a server that has not answered yet. */
const rescan = "1 minute"
const retry = "5 seconds"

/** What fails is asked again every so many rounds, at least. */
const rest = 4

export const events = (sources: ReadonlyArray<Source>, options: Options): Stream.Stream<Event, Device.Failure> =>
  Stream.mergeAll(sources.map((source) => eventsOf(source, options)), { concurrency: "unbounded", bufferSize: 0 })

const eventsOf = (source: Source, options: Options): Stream.Stream<Event, Device.Failure> =>
  Stream.suspend(() => {
    const { server } = source.ow
    const known = new Set<string>()
    const news = new News(server)
    return resolutions(source, options).pipe(
      Stream.flatMap(
        ([at, result]) => {
          if (Result.isFailure(result)) return Stream.fromIterable(news.ofServer(at, result.failure))
          const properties = result.success.properties.filter((property) => !known.has(Target.pathOf(property)))
          for (const property of properties) known.add(Target.pathOf(property))
          const found = [
            ...properties.length === 0 ? [] : [Event.Found({ server, properties })],
            ...news.ofSearch(at, result.success.failures)
          ]
          const observations = Poll.poll(properties, pace(options), { jitter: 0, rest })
          return Stream.concat(
            Stream.fromIterable(found),
            Stream.flatMap(
              options.changes ? Poll.changes(observations) : observations,
              (seen) => Stream.fromIterable(news.of(seen))
            )
          )
        },
        { concurrency: "unbounded", bufferSize: 0 }
      )
    )
  })

const pace = ({ count, every }: Options): Schedule.Schedule<unknown> => {
  const fixed = Schedule.fixed(every)
  return count === undefined ? fixed : Schedule.upTo(fixed, { times: count - 1 })
}

type Resolution = readonly [at: Date, Result.Result<Target.Resolved, Device.Failure>]

const dated = <A>(result: A): Effect.Effect<readonly [Date, A]> =>
  Effect.map(DateTime.nowAsDate, (now) => [now, result])

/** What was found at first, and what is found later. A failure that comes after that shows in the values. */
const resolutions = ({ first, ow }: Source, { count, targets }: Options): Stream.Stream<Resolution> => {
  const begin = Stream.fromEffect(dated(first))
  if (count !== undefined) return begin
  const again = Target.resolve(ow, targets)
  const answered = Result.isSuccess(first)
    ? begin
    : Stream.concat(
      begin,
      Stream.fromEffect(
        Effect.delay(Effect.retry(again, Schedule.spaced(retry)), retry).pipe(
          Effect.result,
          Effect.flatMap(dated)
        )
      )
    )
  if (!targets.some(Target.isOpen)) return answered
  const later = Stream.fromEffectSchedule(Effect.result(again), Schedule.spaced(rescan)).pipe(
    Stream.filter(Result.isSuccess),
    Stream.mapEffect(dated)
  )
  return Stream.concat(answered, Stream.unwrap(Effect.as(Effect.sleep(rescan), later)))
}

/** Tells each failure once: of a server, of a bus, and of a property. */
class News {
  private readonly server: string
  private failing: Date | undefined
  private unsearched: ReadonlySet<string> = new Set()
  private readonly problems = new Map<string, string>()

  constructor(server: string) {
    this.server = server
  }

  of(seen: Observation.Observation): ReadonlyArray<Event> {
    const { server } = this
    if (seen._tag === "Failed" && isOfServer(seen.error)) return this.ofServer(seen.at, seen.error)
    const path = Target.pathOf({ device: seen.device, name: seen.property })
    const problem = seen._tag === "Failed" ? seen.error.message : undefined
    const isTold = problem !== undefined && this.problems.get(path) === problem
    if (problem === undefined) this.problems.delete(path)
    else this.problems.set(path, problem)
    return [...this.recovered(seen.at), ...isTold ? [] : [Event.Seen({ server, seen })]]
  }

  ofSearch(at: Date, failures: ReadonlyArray<Discovery.Failed>): ReadonlyArray<Event> {
    const before = this.unsearched
    this.unsearched = new Set(failures.map(({ place }) => Place.format(place)))
    const news = failures.filter(({ place }) => !before.has(Place.format(place)))
    return news.length === 0 && failures.length === before.size
      ? []
      : [Event.Unsearched({ server: this.server, at, failures, news })]
  }

  ofServer(at: Date, error: Device.Failure): ReadonlyArray<Event> {
    if (this.failing !== undefined) return []
    this.failing = at
    return [Event.ServerFailed({ server: this.server, at, error })]
  }

  private recovered(at: Date): ReadonlyArray<Event> {
    if (this.failing === undefined) return []
    const since = this.failing
    this.failing = undefined
    return [Event.ServerRecovered({ server: this.server, at, since })]
  }
}

/** Whether it says nothing of the property: nothing else could be read either. */
const isOfServer = (error: Device.Failure): boolean =>
  error._tag === "ConnError" || error._tag === "ProtocolError" ||
  (error._tag === "OwnetTimeout" && (error.reason._tag === "Silence" || !error.requestSent))
