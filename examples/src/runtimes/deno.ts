/** A client over Deno's own sockets. */
import * as streams from "./streams.ts"

// The part of Deno that is used here.
declare const Deno: {
  readonly connect: (options: {
    readonly hostname: string
    readonly port: number
    readonly signal: AbortSignal
  }) => Promise<streams.Connection>
}

export const layer = (hostname: string, port: number) =>
  streams.layer(`${hostname}:${port}`, (signal) => Deno.connect({ hostname, port, signal }))
