/**
 * A server of the kernel's own buses, in a separate bundle, so only plain data goes in and out.
 */
import * as BusServer from "@effect-ownet/core/server/BusServer"
import * as NodeBusServer from "@effect-ownet/node/NodeBusServer"
import * as W1Bus from "@effect-ownet/node/W1Bus"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"

export interface Options extends W1Bus.Options {
  readonly listen: NodeBusServer.Listening
}

/** Reason why it does not listen. */
export interface Problem {
  readonly code: string | undefined
  readonly problem: string
}

export interface Tell {
  readonly onReady: (where: NodeBusServer.Listening) => void
  readonly onFailure: (problem: Problem) => void
  /** Receives messages that cannot go to a client. */
  readonly log: (text: string) => void
}

/** Serves until the signal, at which it fails once all connections are closed. */
export const run = ({ listen, ...options }: Options, tell: Tell, signal: AbortSignal): Promise<void> => {
  const serving = Effect.gen(function*() {
    const bus = yield* W1Bus.make(options)
    const server = BusServer.make("w1:", bus, {
      cache: true,
      readOnly: options.writable !== true,
      simultaneous: true,
      giveUp: true
    })
    tell.onReady(yield* NodeBusServer.listen(server, listen))
    return yield* Effect.never
  })
  return Effect.runPromise(
    serving.pipe(
      Effect.scoped,
      Effect.provide(Logger.layer([Logger.make(({ message }) => tell.log([message].flat().join(" ")))])),
      Effect.catchTag("OwserverError", ({ cause, problem }) =>
        Effect.sync(() =>
          tell.onFailure({
            code: cause instanceof Error && "code" in cause ? String(cause.code) : undefined,
            problem: cause instanceof Error ? cause.message : problem
          })
        ))
    ),
    { signal }
  )
}
