/** USB/IP, from the side of the device: requests of a kernel's `vhci_hcd` over a socket, and the answers of an adapter. */
import { Effect } from "effect"
import { Socket } from "effect/socket"
import type { Adapter } from "./adapter.ts"

const headerSize = 48
const submitted = 1
const unlinked = 2
const connectionReset = -104
const brokenPipe = -32

const answer = (command: number, sequence: number, status: number, data: Uint8Array = new Uint8Array()): Uint8Array => {
  const reply = Buffer.alloc(headerSize + data.length)
  reply.writeUInt32BE(command + 2, 0)
  reply.writeUInt32BE(sequence, 4)
  reply.writeInt32BE(status, 20)
  if (command === submitted) reply.writeInt32BE(data.length, 24)
  reply.set(data, headerSize)
  return reply
}

/** Serves one connection until the other side closes it. */
export const serve = Effect.fnUntraced(function*(socket: Socket.Socket, adapter: Adapter) {
  const pull = yield* Socket.readerBytes(socket)
  const { write } = yield* socket.writer
  /** Requests to read data that is not available yet. The kernel cancels them after a second. */
  const waiting = new Set<number>()
  let pending = Buffer.alloc(0)

  const submit = (request: Buffer): Uint8Array | undefined => {
    const sequence = request.readUInt32BE(4)
    const isIn = request.readUInt32BE(12) === 1
    const length = request.readInt32BE(24)
    switch (request.readUInt32BE(16)) {
      case 0: {
        const setup = request.subarray(40, headerSize)
        const data = adapter.control({
          requestType: setup[0],
          request: setup[1],
          value: setup.readUInt16LE(2),
          index: setup.readUInt16LE(4)
        })
        return data === undefined
          ? answer(submitted, sequence, brokenPipe)
          : answer(submitted, sequence, 0, data.subarray(0, length))
      }
      case 1:
        return answer(submitted, sequence, 0, adapter.status().subarray(0, length))
      case 2: {
        adapter.send(request.subarray(headerSize))
        const reply = Buffer.from(answer(submitted, sequence, 0))
        reply.writeInt32BE(length, 24)
        return reply
      }
      default: {
        const data = isIn ? adapter.receive(length) : undefined
        if (data !== undefined) return answer(submitted, sequence, 0, data)
        waiting.add(sequence)
        return undefined
      }
    }
  }

  while (true) {
    pending = Buffer.concat([pending, ...(yield* pull)])
    while (pending.length >= headerSize) {
      const command = pending.readUInt32BE(0)
      const isOut = command === submitted && pending.readUInt32BE(12) === 0
      const size = headerSize + (isOut ? pending.readInt32BE(24) : 0)
      if (pending.length < size) break
      const request = pending.subarray(0, size)
      pending = pending.subarray(size)
      const reply = command === submitted
        ? submit(request)
        : answer(unlinked, request.readUInt32BE(4), waiting.delete(request.readUInt32BE(20)) ? connectionReset : 0)
      if (reply !== undefined) yield* write(reply)
    }
  }
}, Effect.scoped)
