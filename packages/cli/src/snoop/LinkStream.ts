/**
 * Node streams over links that are not system sockets.
 */
import type * as Connector from "@effect-ownet/core/client/Connector"
import { Duplex } from "node:stream"

const errorOf = (cause: unknown): Error => cause instanceof Error ? cause : new Error(String(cause))

/** Opens a link. Like a socket, it emits `connect` once it is open. Unlike a socket, it closes as a whole. */
export const connect = (endpoint: Connector.Endpoint): Duplex => {
  let isOpen = false
  let whenOpen: (() => void) | undefined
  const stream = new Duplex({
    // A link cannot be paused, so its data is pushed at once.
    read: () => {},
    write: (chunk: Uint8Array, _, done) => {
      const write = (): void => {
        link.write(chunk)
        done()
      }
      if (isOpen) write()
      else whenOpen = write
    },
    final: (done) => {
      link.close()
      stream.push(null)
      done()
    },
    destroy: (error, done) => {
      link.close()
      done(error)
    }
  })
  const link = endpoint.connect({
    onOpen: () => {
      isOpen = true
      stream.emit("connect")
      whenOpen?.()
    },
    // The link reuses its buffer.
    onData: (chunk, length) => void stream.push(Buffer.from(chunk.subarray(0, length))),
    onEnd: (cause) => {
      if (cause === undefined) stream.push(null)
      else stream.destroy(errorOf(cause))
    }
  })
  return stream
}
