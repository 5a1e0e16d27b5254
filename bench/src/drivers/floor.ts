/**
 * The least work that Node's public API allows: a static receive buffer, a request written as one latin1 string, one promise for
 * each call, one call at a time on a connection. No timeout, no retry, no typed error, hardly a check.
 */
import * as Net from "node:net"
import type { Driver } from "./Driver.ts"

const maxConnections = 16

/** Holds the longest reply of the bench completely. */
const receiveBufferSize = 128 * 1024
const headerSize = 24
const readType = 2
const dirallType = 7
const requestFlag = 0x100
const persistenceFlag = 0x04

const int32 = (value: number): string =>
  String.fromCharCode((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)

/** A short latin1 string, which Node writes without a Buffer in between. */
const encode = (type: number, flags: number, size: number, path: string): string =>
  `${int32(0)}${int32(path.length + 1)}${int32(type)}${int32(flags)}${int32(size)}${int32(0)}${path}\0`

class Call {
  readonly request: string
  readonly resolve: (value: string) => void
  readonly reject: (error: Error) => void
  constructor(request: string, resolve: (value: string) => void, reject: (error: Error) => void) {
    this.request = request
    this.resolve = resolve
    this.reject = reject
  }
}

class Connection {
  readonly socket: Net.Socket
  private call: Call | undefined
  private readonly onIdle: (connection: Connection) => void
  /** The received part of an incomplete reply. */
  private partial: Buffer | undefined
  private filled = 0

  constructor(
    host: string,
    port: number,
    persistent: boolean,
    onOpen: (connection: Connection) => void,
    onIdle: (connection: Connection) => void,
    onError: (error: Error) => void
  ) {
    this.onIdle = onIdle
    const opened = () => onOpen(this)
    if (persistent) {
      const onread = {
        buffer: Buffer.allocUnsafeSlow(receiveBufferSize),
        callback: (length: number, chunk: Uint8Array) => {
          // Node returns the same Buffer that it was given, and types it as its parent class.
          this.receive(chunk as Buffer, length)
          return true
        }
      }
      this.socket = Net.connect({ host, port, noDelay: true, onread }, opened)
    } else {
      // A connection for one call must not pay for a separate buffer.
      this.socket = Net.connect({ host, port }, opened)
      this.socket.on("data", (chunk) => this.receive(chunk, chunk.length))
    }
    const fail = (error: Error) => {
      onError(error)
      this.call?.reject(error)
    }
    this.socket.on("error", fail)
    this.socket.on("close", () => {
      if (this.call !== undefined) fail(new Error("the connection was closed"))
    })
  }

  begin(call: Call): void {
    this.call = call
    this.socket.write(call.request, "latin1")
  }

  private receive(chunk: Buffer, length: number): void {
    if (this.partial === undefined) {
      this.frames(chunk, length)
      return
    }
    chunk.copy(this.partial, this.filled, 0, length)
    const filled = this.filled += length
    if (filled < this.partial.length && filled < frameLength(this.partial, 0, filled)) return
    const whole = this.partial
    this.partial = undefined
    this.frames(whole, filled)
  }

  private frames(bytes: Buffer, end: number): void {
    let at = 0
    while (at < end) {
      const length = frameLength(bytes, at, end)
      if (end - at < length) {
        // Nothing follows the reply to the single call, so this is all that can still arrive.
        this.partial = Buffer.allocUnsafe(length)
        this.filled = bytes.copy(this.partial, 0, at, end)
        return
      }
      // A keepalive only means to keep waiting.
      if (bytes.readInt32BE(at + 4) >= 0) this.answer(bytes, at)
      at += length
    }
  }

  private answer(bytes: Buffer, at: number): void {
    const call = this.call
    if (call === undefined) return
    this.call = undefined
    const result = bytes.readInt32BE(at + 8)
    const start = at + headerSize
    if (result < 0) call.reject(new Error(`refused with ${result}`))
    else call.resolve(bytes.toString("latin1", start, start + bytes.readInt32BE(at + 16)))
    this.onIdle(this)
  }
}

/** Length as far as it is known. Without a whole header it may be anything. */
const frameLength = (bytes: Buffer, at: number, end: number): number =>
  end - at < headerSize ? receiveBufferSize : headerSize + Math.max(0, bytes.readInt32BE(at + 4))

export const driver: Driver = {
  open: async ({ callers, host, persistent, port }) => {
    const idle: Array<Connection> = []
    const waiting: Array<Call> = []
    const begin = persistent
      ? (call: Call) => {
        const connection = idle.pop()
        if (connection === undefined) waiting.push(call)
        else connection.begin(call)
      }
      : (call: Call) => {
        const end = (connection: Connection) => connection.socket.destroy()
        const connection = new Connection(host, port, false, () => connection.begin(call), end, call.reject)
      }
    const onIdle = (connection: Connection) => {
      const next = waiting.shift()
      if (next === undefined) idle.push(connection)
      else connection.begin(next)
    }
    const dial = () =>
      new Promise<Connection>((resolve, reject) => {
        const connection: Connection = new Connection(host, port, true, () => resolve(connection), onIdle, reject)
      })
    const connections = await Promise.all(
      Array.from({ length: persistent ? Math.min(callers, maxConnections) : 0 }, dial)
    )
    idle.push(...connections)
    const flags = requestFlag | (persistent ? persistenceFlag : 0)
    const request = (type: number, size: number, path: string) =>
      new Promise<string>((resolve, reject) => begin(new Call(encode(type, flags, size, path), resolve, reject)))
    return {
      read: (path, size) => request(readType, size, path),
      dir: async (path) => (await request(dirallType, 0, path)).split(","),
      close: async () => {
        for (const { socket } of connections) socket.destroy()
      }
    }
  }
}
