/**
 * The names that were given to devices on a server: which device a name leads to, and what a device is called.
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
 * How aliases are made.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** How long an answer is kept. Default 1 minute. */
  readonly timeToLive?: Duration.Input | undefined
}

/**
 * An answer that is not the one before.
 *
 * **Details**
 *
 * - `Moved`: an alias leads to another device; or to none, because it was taken away, or because its device is away.
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
 * The aliases of a server, as far as they have been asked for.
 *
 * @category models
 * @since 0.1.0
 */
export interface Aliases {
  /**
   * The device that an alias leads to, on any bus and not behind a coupler. `None` where there is no such alias, or where
   * its device is away.
   */
  readonly idOf: (alias: string) => Effect.Effect<Option.Option<RomId.RomId>, OwError.OwError>

  /** The alias of a device, on any bus and not behind a coupler. `None` where it has none, or where it is away. */
  readonly aliasOf: (id: RomId.RomId) => Effect.Effect<Option.Option<string>, OwError.OwError>

  /**
   * What has changed, from now on. Nothing is asked to find out: a change is noticed where a new answer is not the one before.
   */
  readonly renames: Stream.Stream<Rename>
}

/** Maximum kept answers of each kind. */
const capacity = 1000

/**
 * Remembers aliases for some time. A failure is not remembered. `renames` ends with the scope.
 *
 * **Details**
 *
 * An alias leads to a device only if the device has that alias: after one was taken away, a server may take any name
 * that it does not know for that device.
 *
 * **Example** (Keeping to a device, whatever it is called)
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

  /** Keeps answers, and compares each with the one before. */
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
      // Those who ask once the scope is closed are answered, and nobody is told.
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
