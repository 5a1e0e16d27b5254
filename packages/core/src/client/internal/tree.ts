/**
 * A server in memory: a plain record of paths and their values.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { empty } from "../../internal/bytes.ts"
import * as RomId from "../../onewire/RomId.ts"
import type { Frame } from "../../protocol/FrameDecoder.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import { decodePath, encodeList, encodeText } from "../../protocol/Payload.ts"
import { maxPayload } from "../../protocol/Request.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type * as OwClient from "../OwClient.ts"
import * as Observer from "./Observer.ts"
import type { Run } from "./Run.ts"
import type { Exchange, Recover, Transport } from "./Transport.ts"

const slash = "/"

export const makeTree = (tree: Readonly<Record<string, string | Uint8Array>>): Transport => {
  const values = new Map<string, Uint8Array>()
  for (const [path, value] of Object.entries(tree)) {
    values.set(normalize(path), typeof value === "string" ? encodeText(value) : value)
  }

  const isDirectory = (path: string): boolean => {
    if (path === "") return true
    for (const key of values.keys()) if (key.startsWith(path + slash)) return true
    return false
  }

  const list = (path: string, slashes: boolean): ReadonlyArray<string> => {
    const children = new Set<string>()
    for (const key of values.keys()) {
      if (!key.startsWith(path + slash)) continue
      const end = key.indexOf(slash, path.length + 1)
      const child = end < 0 ? key : key.slice(0, end)
      children.add(slashes && end >= 0 ? child + slash : child)
    }
    return [...children]
  }

  const answer = (request: Exchange<unknown>): Frame => {
    const reply = (ret: number, data = empty, size = data.length): Frame => ({
      version: 0,
      payload: data.length,
      ret,
      flags: request.flags,
      size,
      offset: 0,
      data
    })
    const listing = (paths: ReadonlyArray<string>): Frame => {
      const data = encodeList(paths)
      return reply(0, data, Math.max(0, data.length - 1))
    }
    const path = normalize(typeof request.path === "string" ? request.path : decodePath(request.path))
    const value = values.get(path)
    const directory = isDirectory(path)
    switch (request.type) {
      case MessageType.Nop:
        return reply(0)
      case MessageType.Presence:
        return value !== undefined || directory ? reply(0, deviceOf(path), 0) : reply(ReturnCode.absent)
      case MessageType.Read: {
        if (value === undefined) return reply(directory ? ReturnCode.isDirectory : ReturnCode.absent)
        const bytes = value.slice(request.offset, request.offset + request.size)
        return reply(bytes.length, bytes)
      }
      case MessageType.Write: {
        if (value === undefined) return reply(directory ? ReturnCode.isDirectory : ReturnCode.absent)
        const { data = empty, offset } = request
        const bytes = new Uint8Array(offset === 0 ? data.length : Math.max(value.length, offset + data.length))
        if (offset > 0) bytes.set(value)
        bytes.set(data, offset)
        values.set(path, bytes)
        return reply(0, empty, data.length)
      }
      case MessageType.Dir:
        if (!directory) return reply(value === undefined ? ReturnCode.absent : ReturnCode.notDirectory)
        for (const entry of list(path, false)) request.onEntry?.(listing([entry]))
        return reply(0)
      case MessageType.DirAll:
      case MessageType.DirAllSlash:
        if (!directory) return reply(value === undefined ? ReturnCode.absent : ReturnCode.notDirectory)
        return listing(list(path, request.type === MessageType.DirAllSlash))
      default:
        return reply(ReturnCode.unsupported)
    }
  }

  return {
    server: "a tree in memory",
    maxPayload,
    state: Stream.concat(Stream.succeed<OwClient.State>({ _tag: "Connected" }), Stream.never),
    observers: Observer.none,
    begin: (limit, progress = { startedAt: 0, requestSent: false }, span) => ({
      progress,
      limit,
      span,
      waited: 0,
      keepalives: 0,
      replays: 0
    }),
    exchange: <A, B, E>(exchange: Exchange<A>, recover: Recover<A, B, E>, run?: Run) =>
      Effect.suspend((): Effect.Effect<A | B, E> => {
        const frame = answer(exchange)
        const failure = exchange.judge(exchange, frame)
        return failure === undefined ? Effect.succeed(exchange.decode(frame)) : recover(failure, exchange, run)
      })
  }
}

/** Paths without their last slash, so that the root is empty. */
const normalize = (path: string): string => {
  const absolute = path.startsWith(slash) ? path : slash + path
  return absolute.endsWith(slash) ? absolute.slice(0, -1) : absolute
}

const noDevice = new Uint8Array(8)

const deviceOf = (path: string): Uint8Array => {
  for (const segment of path.split(slash)) {
    const id = RomId.fromString(segment)
    if (Option.isSome(id)) return RomId.toBytes(id.value)
  }
  return noDevice
}
