/**
 * effect-ownet as the bench drives a client: loops inside one Effect program, no promise a call.
 */
import { OwClient } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { Context, Effect, Exit, Layer, Scope, Stream } from "effect"

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
  const scope = Scope.makeUnsafe()
  const layer = NodeOwClient.layer({ host, port, flags: { persistence: persistent } })
  const ow = Context.get(await Effect.runPromise(Layer.buildWithScope(layer, scope)), OwClient.OwClient)
  return {
    effect: {
      read: (path: string, size = 8192) => ow.readText(path, { size }),
      dir: (path: string, mode: string) =>
        mode === "dir" ? Stream.runCollect(ow.dirStream(path)) : ow.dir(path, { slash: false })
    },
    close: () => void Effect.runFork(Scope.close(scope, Exit.void))
  }
}
