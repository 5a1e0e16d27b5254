/**
 * A claim to a file, which only one process can hold at a time. The claim is a name that the system keeps for a socket. It
 * disappears with the process, however the process ends, so a power cut leaves no claim behind. Only Linux has such names, a
 * separate set in each container.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createHash } from "node:crypto"
import { realpathSync } from "node:fs"
import { createServer } from "node:net"
import { basename, dirname, join } from "node:path"

/** The same result for all paths that lead to a file, whether or not it exists. */
const realPath = (path: string): string => {
  for (const [known, rest] of [[path, ""], [dirname(path), basename(path)]]) {
    try {
      return join(realpathSync(known), rest)
    } catch {
      // The file may not exist yet.
    }
  }
  return path
}

/** Claims a file until the scope closes. Returns `false` if another process has claimed it. */
export const make = (path: string): Effect.Effect<boolean, never, Scope.Scope> =>
  Effect.suspend(() => {
    if (process.platform !== "linux") return Effect.succeed(true)
    const name = createHash("sha256").update(realPath(path)).digest("hex").slice(0, 32)
    const server = createServer((socket) => socket.destroy()).unref()
    const claim = Effect.callback<boolean>((resume) => {
      server.once("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code !== "EADDRINUSE")))
      server.listen(`\0ow-log-${name}`, () => resume(Effect.succeed(true)))
    })
    return Effect.acquireRelease(claim, () => Effect.sync(() => void server.close()))
  })
