/** What the bench asks of a client that runs in Node: a read and a listing, as Effects or as promises. */
import type { Effect } from "effect"

interface Address {
  readonly host: string
  readonly port: number
  readonly persistent: boolean
  /** How many calls there will be at a time. A client with a pool of its own sizes it itself. */
  readonly callers: number
}

export interface EffectClient {
  readonly effect: {
    /** A text, or the value that it stands for. */
    readonly read: (path: string, size: number) => Effect.Effect<string | number, unknown>
    /** Instead of a read for each, where there are many. Values in the order of the paths. */
    readonly readMany?: (
      paths: ReadonlyArray<string>,
      size: number
    ) => Effect.Effect<ReadonlyArray<string | number>, unknown>
    readonly dir: (path: string, mode: "dirall") => Effect.Effect<ReadonlyArray<unknown>, unknown>
  }
  /** What a program around the calls provides. */
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
