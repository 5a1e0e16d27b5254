/**
 * Opens the kernel's buses with plain calls and promises: a program may load this module separately, with a different copy of
 * Effect.
 */
import type * as Connector from "@effect-ownet/core/client/Connector"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as W1 from "../W1.ts"
import type * as W1Bus from "../W1Bus.ts"

/** Resolves the endpoint to connect to, or the reason why that is not possible. */
export type Door = () => Promise<{ readonly endpoint: Connector.Endpoint } | { readonly problem: string }>

/** Opens a door to one server. `log` receives messages that the server cannot send to a client. */
export const open = (options: W1Bus.Options, log: (text: string) => void): Promise<Door> => {
  const logging = Logger.layer([Logger.make(({ message }) => log([message].flat().join(" ")))])
  return Effect.runPromise(
    Effect.map(W1.connector(options), ({ resolve }) => () =>
      Effect.runPromise(
        Effect.match(resolve, {
          onFailure: ({ problem }) => ({ problem }),
          onSuccess: ([endpoint]) => ({ endpoint })
        }).pipe(Effect.provide(logging))
      ))
  )
}
