/** The interface of a client in Node: a read and a listing, as Effects or as promises. */
import type { Effect } from "effect"

interface Address {
  readonly host: string
  readonly port: number
  readonly persistent: boolean
  /** Number of simultaneous calls. A client with a pool sizes it itself. */
  readonly callers: number
}

export interface EffectClient {
  readonly effect: {
    /** A text, or its value. */
    readonly read: (path: string, size: number) => Effect.Effect<string | number, unknown>
    /** Replaces single reads if there are many. Returns values in the order of the paths. */
    readonly readMany?: (
      paths: ReadonlyArray<string>,
      size: number
    ) => Effect.Effect<ReadonlyArray<string | number>, unknown>
    readonly dir: (path: string, mode: "dirall") => Effect.Effect<ReadonlyArray<unknown>, unknown>
  }
  /** Provides the environment of a program around the calls. */
  readonly around?: (<A, E>(program: Effect.Effect<A, E>) => Effect.Effect<A, E>) | undefined
  readonly close: () => Promise<void>
}

export interface PromiseClient {
  readonly read: (path: string, size: number) => Promise<string>
  readonly dir: (path: string) => Promise<ReadonlyArray<string>>
  readonly close: () => Promise<void>
}

export interface Driver {
  readonly open: (address: Address) => Promise<EffectClient | PromiseClient>
}
