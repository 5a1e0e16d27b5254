/**
 * Events of servers that are followed one by one, as events of one network: a device that several servers show is one device.
 *
 * @since 0.1.0
 */
import type * as Follow from "./Follow.ts"
import { Ownership } from "./internal/Ownership.ts"

/**
 * An event of a server that is followed by itself: the server knows of no other.
 *
 * @category models
 * @since 0.1.0
 */
export type ServerEvent = Exclude<
  Follow.Event,
  { readonly _tag: "Rerouted" | "ServerAdded" | "ServerRemoved" }
>

/**
 * A network that is put together from the events of its servers.
 *
 * **Details**
 *
 * Each call gives the events of the network that follow, as `Follow.follow` of all of the servers would tell them. A device is told by
 * the nearest server that works. All servers that have it read it, and what the others read is not told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Merged {
  /** A server belongs to the network. */
  readonly add: (server: string, at: Date) => ReadonlyArray<Follow.Event>
  /** A server no longer belongs to it. */
  readonly remove: (server: string, at: Date) => ReadonlyArray<Follow.Event>
  /** Takes an event of a server that was added. */
  readonly take: (event: ServerEvent) => ReadonlyArray<Follow.Event>
}

/**
 * Puts together the events of servers, each of which is followed by the same targets.
 *
 * **Example** (Two servers that are followed by different programs)
 *
 * ```ts
 * import { Follow, Merged } from "@effect-ownet/core"
 *
 * const house = Merged.make([Follow.all()])
 * const added = [...house.add("pi", new Date()), ...house.add("barn", new Date())]
 * const take = (event: Merged.ServerEvent) => house.take(event)
 *
 * added.length // => 2
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (targets: ReadonlyArray<Follow.Target>): Merged => {
  // Each server reads all that it has in each round.
  const ownership = new Ownership(targets, () => undefined)
  return {
    add: (server, at) => ownership.addServer(server, at),
    remove: (server, at) => ownership.removeServer(server, at),
    take: (event) => ownership.take(event.server, event)
  }
}
