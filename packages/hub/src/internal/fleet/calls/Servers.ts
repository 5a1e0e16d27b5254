/** The servers of the registry, for calls. */
import { OwError } from "@effect-ownet/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as ServerRegistry from "../../../ServerRegistry.ts"

export interface Servers {
  /** A server by its name. Fails if the registry does not have the server, or cannot be read. */
  readonly find: (
    server: string,
    call: { readonly operation: OwError.Operation; readonly path: string | undefined; readonly server: string }
  ) => Effect.Effect<ServerRegistry.Registered, OwError.ArgumentError | OwError.ConnError>
}

export const make: Effect.Effect<Servers, never, ServerRegistry.ServerRegistry | Scope.Scope> = Effect.gen(function*() {
  const registry = yield* ServerRegistry.ServerRegistry
  let known: ReadonlyMap<string, ServerRegistry.Registered> = new Map()
  const learn = (servers: ReadonlyArray<ServerRegistry.Registered>) => {
    known = new Map(servers.map((one) => [one.server, one]))
  }
  yield* Effect.forkScoped(Stream.runForEach(registry.changes, (servers) => Effect.sync(() => learn(servers))))
  return {
    find: (name, { operation, path, server }) =>
      Effect.suspend(() => {
        const found = known.get(name)
        if (found !== undefined) return Effect.succeed(found)
        // The server may have been added a moment ago.
        return registry.list.pipe(
          Effect.mapError((error) =>
            new OwError.ConnError({
              operation,
              path,
              server,
              reason: { _tag: "Unreachable" },
              problem: `the registry of the fleet cannot be read: ${error.message}`,
              attempts: [],
              requestSent: false,
              cause: error
            })
          ),
          Effect.flatMap((servers) => {
            learn(servers)
            const found = known.get(name)
            return found === undefined ? Effect.fail(unknown(operation, name)) : Effect.succeed(found)
          })
        )
      })
  }
})

/** The error of a call to a server that is not in the registry. */
export const unknown = (operation: string, server: string): OwError.ArgumentError =>
  new OwError.ArgumentError({
    operation,
    argument: "server",
    problem: `${JSON.stringify(server.slice(0, 200))} is not in the fleet: its registry has no such server`
  })
