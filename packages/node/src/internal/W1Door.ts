/**
 * The kernel's buses by plain calls and promises: a program may load this module apart, and with it another Effect.
 */
import type * as Connector from "@effect-ownet/core/client/Connector"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as W1 from "../W1.ts"
import type * as W1Bus from "../W1Bus.ts"

/** Finds out where to connect to, or why that is not possible. */
export type Door = () => Promise<{ readonly endpoint: Connector.Endpoint } | { readonly problem: string }>

/** Opens a door to one server, which tells `log` what it cannot tell a client. */
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
