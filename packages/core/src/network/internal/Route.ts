/**
 * A client that reaches one device by whichever server has it.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import type { Way } from "./Directory.ts"

/** How the ways to the device are known. */
export interface Ways {
  /** Those that are known now, the nearest first. */
  readonly known: () => ReadonlyArray<Way>
  /** Looks for the device on all servers, unless that was done a short while ago. */
  readonly find: Effect.Effect<ReadonlyArray<Way>>
}

type Change = (client: OwClient.Client) => OwClient.Client

/** The client of the device at a path. `change` is what its users have asked of it by `with`. */
export const make = (path: string, ways: Ways, first: Way, change: Change = (client) => client): OwClient.Client => {
  const clients = new WeakMap<OwClient.Client, OwClient.Client>()
  const clientOf = ({ device: { ow } }: Way): OwClient.Client => {
    const known = clients.get(ow) ?? change(ow)
    clients.set(ow, known)
    return known
  }

  /** The same path below the device, where a server has it. */
  const pathBy = (way: Way, asked: string): string =>
    asked === path || asked.startsWith(`${path}/`) ? way.device.path + asked.slice(path.length) : asked

  /** Those that work in front of those that do not. */
  const inOrder = (): ReadonlyArray<Way> => {
    const known = ways.known()
    return known.some(({ member }) => member.isFailing)
      ? [...known.filter(({ member }) => !member.isFailing), ...known.filter(({ member }) => member.isFailing)]
      : known
  }

  const nearest = (): Way => inOrder()[0] ?? first

  /** Calls by one way after another until one leads to the device. */
  const call = <A, E extends OwError.OwError>(
    ask: (client: OwClient.Client, way: Way) => Effect.Effect<A, E>,
    mayGoOn: (error: OwError.OwError) => boolean
  ): Effect.Effect<A, E> => {
    const tried = new Set<OwClient.Client>()
    const attempt = (way: Way): Effect.Effect<A, E> => {
      tried.add(way.device.ow)
      const { member } = way
      return Effect.suspend(() => ask(clientOf(way), way)).pipe(
        Effect.tap(() => Effect.sync(() => member.works())),
        Effect.tapError((error) => OwError.isServerFailure(error) ? member.fails : Effect.void),
        Effect.catchIf(mayGoOn, (error) => next(error))
      )
    }
    const next = (error: E): Effect.Effect<A, E> => {
      const other = inOrder().find(({ device }) => !tried.has(device.ow))
      if (other !== undefined) return Effect.mapError(attempt(other), () => error)
      return Effect.flatMap(ways.find, (found) => {
        const way = found.find(({ device }) => !tried.has(device.ow))
        return way === undefined ? Effect.fail(error) : Effect.mapError(attempt(way), () => error)
      })
    }
    return Effect.suspend(() => {
      const known = ways.known()
      const probes = known.filter(({ member }) => member.isFailing)
      const begun = attempt(nearest())
      return probes.length === 0
        ? begun
        : Effect.andThen(Effect.forEach(probes, ({ member }) => member.probe, { discard: true }), begun)
    })
  }

  const read = <A, E extends OwError.OwError>(ask: (client: OwClient.Client, way: Way) => Effect.Effect<A, E>) =>
    call(ask, isElsewhere)

  const route: OwClient.Client = {
    get server() {
      return nearest().device.ow.server
    },
    get flags() {
      return clientOf(nearest()).flags
    },
    state: Stream.suspend(() => nearest().device.ow.state),
    ping: (options) => read((client) => client.ping(options)),
    present: (asked, options) => read((client, way) => client.present(pathBy(way, asked), options)),
    romId: (asked, options) => read((client, way) => client.romId(pathBy(way, asked), options)),
    dir: (asked = path, options) => read((client, way) => client.dir(pathBy(way, asked), options)),
    dirStream: (asked = path, options) =>
      Stream.suspend(() => {
        const way = nearest()
        return clientOf(way).dirStream(pathBy(way, asked), options)
      }),
    read: (asked, options) => read((client, way) => client.read(pathBy(way, asked), options)),
    readText: (asked, options) => read((client, way) => client.readText(pathBy(way, asked), options)),
    readMany: (paths, options) => many(paths, (asked) => route.read(asked, options)),
    readTextMany: (paths, options) => many(paths, (asked) => route.readText(asked, options)),
    write: (asked, data, options) =>
      call((client, way) => client.write(pathBy(way, asked), data, options), isElsewhereAndUnwritten),
    get: (asked, options) => read((client, way) => client.get(pathBy(way, asked), options)),
    sendMessage: (type, payload, options) =>
      call(
        (client, way) =>
          client.sendMessage(type, typeof payload === "string" ? pathBy(way, payload) : payload, options),
        type === MessageType.Write ? isUnsent : OwError.isServerFailure
      ),
    with: (options) => make(path, ways, first, (client) => change(client).with(options))
  }
  return route
}

/** Maximum reads at a time: those of one device wait for each other on its bus anyhow. */
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

/** Whether a device that is no longer there may be the reason. */
const isOfDevice = ({ reason }: OwError.OwnetError): boolean =>
  reason._tag === "NotFound" || reason._tag === "BusFault" || reason._tag === "Other"

/** Whether nothing of a request has left. */
const isUnsent = (error: OwError.OwError): boolean =>
  (error._tag === "ConnError" || error._tag === "OwnetTimeout") && OwError.isServerFailure(error) && !error.requestSent

const isElsewhereAndUnwritten = (error: OwError.OwError): boolean =>
  isUnsent(error) || (error._tag === "OwnetError" && error.reason._tag === "NotFound")
