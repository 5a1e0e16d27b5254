/** The client that the bench measures: a read and a listing, with a client made as a user would make it. */
import { OwClient, type OwError } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { Context, Effect, Exit, Layer, Scope } from "effect"

export const meta = {
  id: "effect-ownet",
  label: "effect-ownet",
  Effect,
  persistent: true,
  ephemeral: true,
  dir: ["dirall", "dir"],
  pool: true,
  maxRead: 65_536
}

interface Address {
  readonly host: string
  readonly port: number
  readonly persistent: boolean
}

/** A client of the bench, and the client below it. */
export const openOn = async ({ host, persistent, port }: Address, options: NodeOwClient.Options) => {
  const scope = Scope.makeUnsafe()
  const context = await Effect.runPromise(
    Layer.buildWithScope(NodeOwClient.layer({ host, port, flags: { persistence: persistent }, ...options }), scope)
  )
  const ow = Context.get(context, OwClient.OwClient)
  return {
    ow,
    effect: {
      read: (path: string, size?: number) => ow.readText(path, { size }),
      dir: (path: string, mode: string): Effect.Effect<ReadonlyArray<unknown>, OwError.OwError> =>
        mode === "dir"
          ? Effect.map(ow.sendMessage(4, path), ({ entries }) => entries)
          : ow.dir(path, { slash: false })
    },
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

export const openWith = async (address: Address, options: NodeOwClient.Options) => {
  const { close, effect } = await openOn(address, options)
  return { close, effect }
}

export const open = (address: Address) => openWith(address, {})
