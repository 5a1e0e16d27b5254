/**
 * Merges the events of servers that are followed separately into the events of one network: a device that several servers show is
 * one device.
 *
 * @since 0.1.0
 */
import type * as RomId from "../onewire/RomId.ts"
import type * as Follow from "./Follow.ts"
import { Ownership } from "./internal/Ownership.ts"

/**
 * An event of a server that is followed separately and knows nothing of the others.
 *
 * @category models
 * @since 0.1.0
 */
export type ServerEvent = Exclude<
  Follow.Event,
  { readonly _tag: "Rerouted" | "ServerAdded" | "ServerRemoved" }
>

/**
 * A network made from the events of its servers.
 *
 * **Details**
 *
 * Each call returns the resulting events of the network, as `Follow.follow` of all the servers would emit them. The events of a
 * device are those of the nearest server that works, and readings of the other servers are dropped. If the servers are followed
 * in the same process, the others need not read the device: use `isRead` for `Follow.Shared`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Merged {
  /** Adds a server to the network. */
  readonly add: (server: string, at: Date) => ReadonlyArray<Follow.Event>
  /** Removes a server from the network. */
  readonly remove: (server: string, at: Date) => ReadonlyArray<Follow.Event>
  /** Applies an event of a server that was added. */
  readonly take: (event: ServerEvent) => ReadonlyArray<Follow.Event>
  /**
   * Whether a server should read a device now. True for the server whose events are reported and for nearer ones; while that
   * server fails, for all.
   */
  readonly isRead: (server: string, id: RomId.RomId) => boolean
}

/**
 * Merges the events of servers that are each followed with the same targets. `readNow` is called with a device that a server
 * should read at once because another server has failed. By default, all servers are expected to read all their devices in each
 * round.
 *
 * **Example** (Merging two servers that different programs follow)
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
export const make = (
  targets: ReadonlyArray<Follow.Target>,
  readNow: (server: string, id: RomId.RomId) => void = () => undefined
): Merged => {
  const ownership = new Ownership(targets, readNow)
  return {
    add: (server, at) => ownership.addServer(server, at),
    remove: (server, at) => ownership.removeServer(server, at),
    take: (event) => ownership.take(event.server, event),
    isRead: (server, id) => ownership.isRead(server, id)
  }
}
