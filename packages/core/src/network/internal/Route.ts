/**
 * A client that reaches one device through any server that has it.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Argument from "../../client/internal/Argument.ts"
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import * as OwRetry from "../../client/OwRetry.ts"
import { monotonicMillis } from "../../internal/clock.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type { Way } from "./Directory.ts"

/** The known ways to the device. */
export interface Ways {
  /** Ways that are known now, nearest first. */
  readonly known: () => ReadonlyArray<Way>
  /** Looks for the device on all servers, unless that was done a short while ago. */
  readonly find: Effect.Effect<ReadonlyArray<Way>>
  /** Forgets a way that no longer leads to the device, after another way did. */
  readonly forget: (way: Way) => void
}

/** Changes that users of a client have made by `with`. */
interface Changes {
  readonly change: (client: OwClient.Client) => OwClient.Client
  /** Time limit of each call. */
  readonly timeout: OwClient.CallOptions["timeout"]
  /** When to retry a read. */
  readonly retry: OwClient.CallOptions["retry"]
}

/** Makes the client of the device at a path. */
export const make = (
  path: string,
  ways: Ways,
  first: Way,
  { change, retry, timeout }: Changes
): OwClient.Client => {
  const clients = new WeakMap<OwClient.Client, OwClient.Client>()
  const clientOf = ({ device: { ow } }: Way): OwClient.Client => {
    const known = clients.get(ow) ?? change(ow)
    clients.set(ow, known)
    return known
  }

  // The client refuses an invalid path of an untyped caller.
  const isOwn = (asked: string): boolean =>
    typeof asked === "string" && (asked === path || asked.startsWith(`${path}/`))

  /** The same path below the device, as a server has it. */
  const pathBy = ({ device }: Way, asked: string): string =>
    isOwn(asked) ? device.path + asked.slice(path.length) : asked

  /** The path of an entry, valid on any server. */
  const entryBy = ({ device }: Way, asked: string) => (entry: string): string =>
    isOwn(asked) && entry.startsWith(`${device.path}/`) ? path + entry.slice(device.path.length) : entry

  /** Working servers before failing ones. */
  const inOrder = (): ReadonlyArray<Way> => {
    const known = ways.known()
    return known.some(({ member }) => member.isFailing)
      ? [...known.filter(({ member }) => !member.isFailing), ...known.filter(({ member }) => member.isFailing)]
      : known
  }

  const nearest = (): Way => inOrder()[0] ?? first

  /**
   * Calls through one way after another until one leads to the device. The time limit of the call covers all attempts. It is
   * retried on the nearest server after all have failed.
   */
  const call = <A, E extends OwError.OwError, O extends OwClient.CallOptions>(
    ask: (client: OwClient.Client, way: Way, options: O | undefined) => Effect.Effect<A, E>,
    options: O | undefined,
    mayGoOn: (error: OwError.OwError) => boolean,
    retried: OwClient.CallOptions["retry"] = options?.retry
  ): Effect.Effect<A, E> =>
    Effect.flatMap(Clock.Clock, (clock) => {
      const limit = Argument.limit(options?.timeout ?? timeout)
      const startedAt = monotonicMillis(clock)
      const left = (): number => startedAt + limit - monotonicMillis(clock)
      const tried = new Set<OwClient.Client>()
      const absent: Array<Way> = []

      const attempt = (way: Way, options: O | undefined, before: E | undefined): Effect.Effect<A, E> => {
        tried.add(way.device.ow)
        const { member } = way
        return Effect.matchEffect(Effect.suspend(() => ask(clientOf(way), way, options)), {
          onFailure: (error) =>
            Effect.andThen(OwError.isServerFailure(error) ? member.fails : Effect.void, () => {
              if (!mayGoOn(error)) return Effect.fail(before === undefined ? error : whole(error))
              if (isAbsence(error)) absent.push(way)
              return next(before ?? error, options)
            }),
          onSuccess: (value) => {
            member.works()
            for (const one of absent) ways.forget(one)
            return Effect.succeed(value)
          }
        })
      }

      const next = (error: E, options: O | undefined): Effect.Effect<A, E> =>
        Effect.suspend(() => {
          const millis = left()
          if (!(millis > 0)) return Effect.fail(error)
          const rest = millis === Infinity ? options : { ...options, timeout: millis } as O
          const other = inOrder().find(({ device }) => !tried.has(device.ow))
          if (other !== undefined) return attempt(other, rest, error)
          const found = millis === Infinity
            ? ways.find
            : Effect.timeoutOrElse(ways.find, { duration: millis, orElse: () => Effect.succeed([]) })
          return Effect.flatMap(found, (found) => {
            const way = found.find(({ device }) => !tried.has(device.ow))
            // The look has taken time.
            return way === undefined || !(left() > 0)
              ? Effect.fail(error)
              : attempt(way, millis === Infinity ? options : { ...options, timeout: left() } as O, error)
          })
        })

      /** The error of a call whose limit ran out at the last of several servers. */
      const whole = (error: E): E =>
        error._tag === "OwnetTimeout" && error.reason._tag === "Call"
          ? new OwError.OwnetTimeout({ ...error, limit, elapsed: monotonicMillis(clock) - startedAt }) as E
          : error

      const known = ways.known()
      const mayRepeat = known.length > 1 && retried !== undefined && retried !== false
      const begun = mayRepeat
        // Trying another server is faster than waiting for this one.
        ? Effect.catchIf(
          attempt(nearest(), { ...options, retry: false } as O, undefined),
          OwRetry.isTransient,
          (error) => {
            const way = nearest()
            const rest = limit === Infinity ? options : { ...options, timeout: left() } as O
            return left() > 0 ? ask(clientOf(way), way, rest) : Effect.fail(error)
          }
        )
        : attempt(nearest(), options, undefined)
      const probes = known.filter(({ member }) => member.isFailing)
      return probes.length === 0
        ? begun
        : Effect.andThen(Effect.forEach(probes, ({ member }) => member.probe, { discard: true }), begun)
    })

  const read = <A, O extends OwClient.CallOptions>(
    ask: (client: OwClient.Client, way: Way, options: O | undefined) => Effect.Effect<A, OwError.OwError>,
    options: O | undefined
  ) => call(ask, options, isElsewhere, options?.retry ?? retry)

  /** Requests something that is absent on one server but may exist on another. */
  const look = <A>(
    ask: (
      client: OwClient.Client,
      path: string,
      options: OwClient.CallOptions | undefined
    ) => Effect.Effect<A, OwError.OwError>,
    asked: string,
    options: OwClient.CallOptions | undefined,
    isThere: (answer: A) => boolean,
    otherwise: A
  ): Effect.Effect<A, OwError.OwError> =>
    read((client, way, options) =>
      Effect.filterOrFail(
        ask(client, pathBy(way, asked), options),
        (answer) => isThere(answer) || !isOwn(asked),
        () => OwError.refused(ReturnCode.absent, MessageType.Presence, { operation: "present", server: client.server })
      ), options).pipe(
        Effect.catchIf(isAbsence, () => Effect.succeed(otherwise))
      )

  const route: OwClient.Client = {
    get server() {
      return nearest().device.ow.server
    },
    get flags() {
      return clientOf(nearest()).flags
    },
    state: Stream.suspend(() => nearest().device.ow.state),
    ping: (options) => read((client, _, options) => client.ping(options), options),
    present: (asked, options) =>
      look((client, path, options) => client.present(path, options), asked, options, (isThere) => isThere, false),
    romId: (asked, options) =>
      look((client, path, options) => client.romId(path, options), asked, options, Option.isSome, Option.none()),
    dir: (asked = path, options) =>
      read(
        (client, way, options) =>
          Effect.map(client.dir(pathBy(way, asked), options), (entries) => entries.map(entryBy(way, asked))),
        options
      ),
    // Entries that were emitted cannot be taken back, so the directory is listed completely first.
    dirStream: (asked = path, options) =>
      Stream.fromIterableEffect(
        read(
          (client, way, options) =>
            Effect.map(
              Stream.runCollect(client.dirStream(pathBy(way, asked), options)),
              (entries) => entries.map(entryBy(way, asked))
            ),
          options
        )
      ),
    read: (asked, options) => read((client, way, options) => client.read(pathBy(way, asked), options), options),
    readText: (asked, options) => read((client, way, options) => client.readText(pathBy(way, asked), options), options),
    readMany: (paths, options) => many(paths, (asked) => route.read(asked, options)),
    readTextMany: (paths, options) => many(paths, (asked) => route.readText(asked, options)),
    write: (asked, data, options) =>
      call(
        (client, way, options) => client.write(pathBy(way, asked), data, options),
        options,
        isElsewhereAndUnwritten
      ),
    get: (asked, options) =>
      read(
        (client, way, options) =>
          Effect.map(client.get(pathBy(way, asked), options), (content) =>
            content._tag === "Directory"
              ? { ...content, entries: content.entries.map(entryBy(way, asked)) }
              : content),
        options
      ),
    sendMessage: (type, payload, options) =>
      call(
        (client, way, options) =>
          client.sendMessage(type, typeof payload === "string" ? pathBy(way, payload) : payload, options),
        options,
        type === MessageType.Write ? isUnsent : OwError.isServerFailure
      ),
    with: (options) =>
      make(path, ways, first, {
        change: (client) => change(client).with(options),
        timeout: options.timeout ?? timeout,
        retry: options.retry ?? retry
      })
  }
  return route
}

/** Maximum number of reads at a time: reads of one device wait for each other on its bus anyway. */
const concurrency = 2

const many = <A>(
  paths: Iterable<string>,
  read: (path: string) => Effect.Effect<A, OwError.OwError>
): Effect.Effect<ReadonlyMap<string, Result.Result<A, OwError.OwError>>> =>
  Effect.map(
    Effect.forEach(
      new Set(paths),
      (path) => Effect.map(Effect.result(read(path)), (result) => [path, result] as const),
      { concurrency }
    ),
    (results) => new Map(results)
  )

/** Whether another server may still have the device. */
const isElsewhere = (error: OwError.OwError): boolean =>
  OwError.isServerFailure(error) || (error._tag === "OwnetError" && isOfDevice(error))

/** Whether the reason may be that the device is gone. */
const isOfDevice = ({ reason }: OwError.OwnetError): boolean =>
  reason._tag === "NotFound" || reason._tag === "BusFault" || reason._tag === "Other"

/** Whether nothing of a request was sent. */
const isUnsent = (error: OwError.OwError): boolean =>
  (error._tag === "ConnError" || error._tag === "OwnetTimeout") && OwError.isServerFailure(error) && !error.requestSent

const isElsewhereAndUnwritten = (error: OwError.OwError): boolean => isUnsent(error) || isAbsence(error)

/** Whether a server answered that there is no such device, or no such name in it. */
const isAbsence = (error: OwError.OwError): boolean => error._tag === "OwnetError" && error.reason._tag === "NotFound"
