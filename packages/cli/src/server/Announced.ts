/**
 * Servers that announce themselves, for programs that have another Effect: this module is a bundle of its own.
 */
import * as NodeBrowse from "@effect-ownet/node/NodeBrowse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** Servers that are announced within some milliseconds. */
export const find = (within: number, signal: AbortSignal): Promise<ReadonlyArray<NodeBrowse.Server>> =>
  Effect.runPromise(NodeBrowse.find(within), { signal })

/** Tells what is announced and withdrawn, until the signal. */
export const follow = (tell: (event: NodeBrowse.Event) => void, signal: AbortSignal): Promise<void> =>
  Effect.runPromise(Stream.runForEach(NodeBrowse.browse, (event) => Effect.sync(() => tell(event))), { signal })
