/**
 * Events of servers that are followed one by one, as events of one network: a device that several servers show is one device.
 *
 * @since 0.1.0
 */
import type * as RomId from "../onewire/RomId.ts"
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
 * Each call gives the events of the network that follow, as `Follow.follow` of all the servers would tell them. The events of a device
 * are those of the nearest server that works; readings of the others are dropped. If they are followed in the same process, they need
 * not read it: `isRead` is for `Follow.Shared`.
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
  /** Whether a server is to read a device now: the one whose events are told, those nearer than that, and all while that one fails. */
  readonly isRead: (server: string, id: RomId.RomId) => boolean
}

/**
 * Puts together the events of servers, each of which is followed by the same targets. `readNow` takes a device that a server is to
 * read at once, because another one has failed; by default all servers are expected to read all that they have in each round.
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
