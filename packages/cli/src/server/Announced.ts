/**
 * Servers that announce themselves, for programs with a separate copy of Effect. This module is a separate bundle.
 */
import * as NodeBrowse from "@effect-ownet/node/NodeBrowse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** Servers that are announced within the given milliseconds. */
export const find = (within: number, signal: AbortSignal): Promise<ReadonlyArray<NodeBrowse.Server>> =>
  Effect.runPromise(NodeBrowse.find(within), { signal })

/** Reports announcements and withdrawals, until the signal. */
export const follow = (tell: (event: NodeBrowse.Event) => void, signal: AbortSignal): Promise<void> =>
  Effect.runPromise(Stream.runForEach(NodeBrowse.browse, (event) => Effect.sync(() => tell(event))), { signal })
