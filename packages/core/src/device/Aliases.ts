/**
 * The aliases of devices on a server: which device an alias leads to, and which alias a device has.
 *
 * @since 0.1.0
 */
import * as Cache from "effect/Cache"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Checked from "../client/internal/Checked.ts"
import * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import { shownName } from "../internal/printable.ts"
import * as OwPath from "../onewire/OwPath.ts"
import * as RomId from "../onewire/RomId.ts"
import { type DevicePath, ownerOf } from "./internal/alias.ts"

/**
 * Options of `make`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Time for which an answer is kept. Default 1 minute. */
  readonly timeToLive?: Duration.Input | undefined
}

/**
 * An answer that differs from the one before.
 *
 * **Details**
 *
 * - `Moved`: an alias leads to another device, or to none because it was removed or its device is absent.
 * - `Renamed`: a device has another alias, or none.
 *
 * @category models
 * @since 0.1.0
 */
export type Rename =
  | {
    readonly _tag: "Moved"
    readonly alias: string
    readonly from: Option.Option<RomId.RomId>
    readonly to: Option.Option<RomId.RomId>
  }
  | {
    readonly _tag: "Renamed"
    readonly id: RomId.RomId
    readonly from: Option.Option<string>
    readonly to: Option.Option<string>
  }

/**
 * The aliases of a server, as far as they have been requested.
 *
 * @category models
 * @since 0.1.0
 */
export interface Aliases {
  /**
   * The device that an alias leads to, on any bus and not behind a coupler. `None` if there is no such alias, or if its device is
   * absent.
   */
  readonly idOf: (alias: string) => Effect.Effect<Option.Option<RomId.RomId>, OwError.OwError>

  /** The alias of a device, on any bus and not behind a coupler. `None` if it has none, or if it is absent. */
  readonly aliasOf: (id: RomId.RomId) => Effect.Effect<Option.Option<string>, OwError.OwError>

  /** Changes from now on. Sends no requests: a change is noticed when a new answer differs from the one before. */
  readonly renames: Stream.Stream<Rename>
}

/** Maximum number of cached answers of each kind. */
const capacity = 1000

/**
 * Caches aliases for some time. A failure is not cached. `renames` ends with the scope.
 *
 * **Details**
 *
 * An alias leads to a device only if the device reports that alias: after one was removed, a server may take any unknown name for
 * that device.
 *
 * **Example** (Following a device through changes of its alias)
 *
 * ```ts
 * import { Aliases } from "@effect-ownet/core"
 * import { Console, Effect, Stream } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const aliases = yield* Aliases.make({ timeToLive: "10 seconds" })
 *   yield* Effect.forkScoped(Stream.runForEach(aliases.renames, Console.log))
 *   yield* Console.log(yield* aliases.idOf("boiler"))
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  { timeToLive = "1 minute" }: Options = {}
): Effect.fn.Return<Aliases, OwError.ArgumentError, OwClient.OwClient | Scope.Scope> {
  const ow = yield* OwClient.OwClient
  yield* settings.millis("timeToLive", timeToLive)
  const renames = yield* Effect.acquireRelease(PubSub.unbounded<Rename>(), PubSub.shutdown)

  /** Caches answers, and compares each with the one before. */
  const remember = <K, A>(
    ask: (key: K) => Effect.Effect<Option.Option<A>, OwError.OwError>,
    change: (key: K, from: Option.Option<A>, to: Option.Option<A>) => Rename
  ) => {
    const before = new Map<K, Option.Option<A>>()
    const compare = (key: K, now: Option.Option<A>): void => {
      const then = before.get(key) ?? now
      before.set(key, now)
      for (const oldest of before.keys()) {
        if (before.size <= capacity) break
        before.delete(oldest)
      }
      // After the scope is closed, calls still return answers, but no change is reported.
      if (!Equal.equals(then, now)) PubSub.publishUnsafe(renames, change(key, then, now))
    }
    return Cache.makeWith((key: K) => Effect.tap(ask(key), (now) => Effect.sync(() => compare(key, now))), {
      capacity,
      timeToLive: (exit) => Exit.isSuccess(exit) ? timeToLive : 0
    })
  }

  const read = (id: RomId.RomId) => ow.readText(`/${RomId.format(id)}/alias`)
  const ids = yield* remember(
    (alias: string) => Effect.flatMap(parse(alias), (path) => ownerOf(ow, path)),
    (alias, from, to) => ({ _tag: "Moved", alias, from, to })
  )
  const names = yield* remember(
    (id: RomId.RomId) =>
      Effect.map(
        Effect.catchReason(read(id), "OwnetError", "NotFound", () => Effect.succeed("")),
        (alias) => alias === "" ? Option.none() : Option.some(alias)
      ),
    (id, from, to) => ({ _tag: "Renamed", id, from, to })
  )
  return {
    idOf: (alias) => Effect.andThen(parse(alias), Cache.get(ids, alias)),
    aliasOf: (id) => Cache.get(names, id),
    renames: Stream.fromPubSub(renames)
  }
})

const settings = Checked.of("Aliases.make")

const argument = Checked.of("Aliases.idOf")

const parse = (alias: string): Effect.Effect<DevicePath, OwError.ArgumentError> => {
  const path = OwPath.make({ device: alias })
  if (Result.isFailure(path)) return argument.refuse("alias", path.failure.message)
  const { device } = path.success
  return device === undefined || Option.isSome(OwPath.romId(path.success))
    ? argument.refuse("alias", `is the ROM id ${shownName(alias)}`)
    : Effect.succeed({ ...path.success, device })
}
