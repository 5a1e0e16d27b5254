/**
 * Unreachable servers while a network is followed for a limited time. The command does not wait for them.
 */
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as Follow from "@effect-ownet/core/network/Follow"
import * as Network from "@effect-ownet/core/network/Network"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { OneNetwork } from "./OneNetwork.ts"

/** Follows a network for some rounds. A server that fails before its first answer is left out, so that nothing waits for it. */
export const follow = (
  { network, servers }: OneNetwork,
  what: Follow.Target | ReadonlyArray<Follow.Target>,
  schedule: Duration.Input | Schedule.Schedule<unknown>,
  options: Follow.Options
): Stream.Stream<Follow.Event, OwError.OwError> =>
  Stream.suspend(() => {
    const found = new Set<string>()
    const absent = new Set<string>()
    return Follow.follow(what, schedule, options).pipe(
      Stream.provideService(Network.Network, network),
      Stream.tap((event) => {
        if (event._tag === "Found") found.add(event.server)
        if (event._tag !== "ServerFailed" || found.has(event.server)) return Effect.void
        absent.add(event.server)
        return absent.size === servers.length ? Effect.void : network.remove(event.server)
      }),
      Stream.takeUntil(() => absent.size === servers.length),
      // The report of its failure is enough.
      Stream.filter(({ _tag }) => _tag !== "ServerRemoved")
    )
  })
