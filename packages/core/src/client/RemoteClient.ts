/**
 * A client whose calls are made by another process, which holds the connections.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as RomId from "../onewire/RomId.ts"
import { CallDefaults } from "./internal/CallDefaults.ts"
import * as remote from "./internal/remote.ts"
import { StateFeed } from "./internal/StateFeed.ts"
import type * as OwClient from "./OwClient.ts"
import type * as OwError from "./OwError.ts"

/**
 * Flags and time limit, which every call has.
 *
 * @category models
 * @since 0.1.0
 */
export interface Asked {
  /** The complete control-flag word of the request. `ControlFlags.decode` gives its parts. */
  readonly flags: number
  /** Milliseconds left of the call's limit. `undefined` if it has none. */
  readonly timeout: number | undefined
  /**
   * Reports that the request may have reached the server from now on. If you do not call it, a call that runs out of time reports
   * that nothing was sent.
   */
  readonly leaves: () => void
}

/**
 * The part of a value to read. The default size is that of `OwClient.ReadOptions`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Range {
  readonly size: number | undefined
  readonly offset: number
}

/**
 * Calls to one server, as another process makes them. Each is made once, with valid arguments.
 *
 * @category models
 * @since 0.1.0
 */
export interface Calls {
  /** Checks that the server answers. */
  readonly ping: (asked: Asked) => Effect.Effect<void, OwError.OwError>
  /** Checks whether something is at a path. */
  readonly present: (path: string, asked: Asked) => Effect.Effect<boolean, OwError.OwError>
  /** Finds the ROM id of the device at a path. */
  readonly romId: (path: string, asked: Asked) => Effect.Effect<Option.Option<RomId.RomId>, OwError.OwError>
  /** Lists a directory. */
  readonly dir: (
    path: string,
    asked: Asked & { readonly slash: boolean }
  ) => Effect.Effect<ReadonlyArray<string>, OwError.OwError>
  /** Reads a property. */
  readonly read: (path: string, asked: Asked & Range) => Effect.Effect<Uint8Array, OwError.OwError>
  /** Writes a property. */
  readonly write: (
    path: string,
    data: Uint8Array,
    asked: Asked & { readonly offset: number }
  ) => Effect.Effect<void, OwError.OwError>
  /** Lists or reads, depending on what is at the path. */
  readonly get: (
    path: string,
    asked: Asked & Range & { readonly slash: boolean }
  ) => Effect.Effect<OwClient.Content, OwError.OwError>
  /** Sends a message of any type. */
  readonly sendMessage: (
    type: number,
    payload: Uint8Array | string,
    asked: Asked & { readonly size: number; readonly offset: number }
  ) => Effect.Effect<OwClient.Reply, OwError.Unanswered>
}

/**
 * Makes a client from calls that another process makes. Like any other client, it checks arguments, repeats calls according to
 * their schedules, and ends them when their time is up. The other process does none of that.
 *
 * **Details**
 *
 * Its `state` shows what its own calls have found. `dirStream` emits its paths only once all of them are known. `readMany` makes
 * up to eight reads at a time.
 *
 * **Example** (Wrapping another client, as a proxy does)
 *
 * ```ts
 * import { ControlFlags, type OwClient, RemoteClient } from "@effect-ownet/core"
 *
 * const behind = (ow: OwClient.Client): OwClient.Client => {
 *   const options = ({ flags, timeout }: RemoteClient.Asked) => ({ flags: ControlFlags.decode(flags), timeout })
 *   return RemoteClient.make(ow.server, {
 *     ping: (asked) => ow.ping(options(asked)),
 *     present: (path, asked) => ow.present(path, options(asked)),
 *     romId: (path, asked) => ow.romId(path, options(asked)),
 *     dir: (path, asked) => ow.dir(path, { ...options(asked), slash: asked.slash }),
 *     read: (path, asked) => ow.read(path, { ...options(asked), size: asked.size, offset: asked.offset }),
 *     write: (path, data, asked) => ow.write(path, data, { ...options(asked), offset: asked.offset }),
 *     get: (path, asked) => ow.get(path, { ...options(asked), size: asked.size, offset: asked.offset }),
 *     sendMessage: (type, payload, asked) =>
 *       ow.sendMessage(type, payload, { ...options(asked), size: asked.size, offset: asked.offset })
 *   })
 * }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (server: string, calls: Calls): OwClient.Client =>
  remote.make(server, calls, new StateFeed(), new CallDefaults({}))
