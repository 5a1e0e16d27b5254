/** What the bench drives: a read and a listing of a client that is made as a user would make it. */
import { OwClient } from "@effect-ownet/core"
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

export const open = async (
  { host, persistent, port }: { readonly host: string; readonly port: number; readonly persistent: boolean }
) => {
  const scope = Effect.runSync(Scope.make())
  const context = await Effect.runPromise(
    Layer.buildWithScope(NodeOwClient.layer({ host, port, flags: { persistence: persistent } }), scope)
  )
  const ow = Context.get(context, OwClient.OwClient)
  return {
    effect: {
      read: (path: string, size?: number) => ow.readText(path, { size }),
      dir: (path: string, mode: string) => mode === "dir" ? ow.sendMessage(4, path) : ow.dir(path, { slash: false })
    },
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}
