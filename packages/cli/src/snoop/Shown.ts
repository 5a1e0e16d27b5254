/**
 * Messages for people or programs, one line each.
 */
import * as ControlFlags from "@effect-ownet/core/protocol/ControlFlags"
import * as MessageType from "@effect-ownet/core/protocol/MessageType"
import * as Payload from "@effect-ownet/core/protocol/Payload"
import * as Printable from "@effect-ownet/core/protocol/Printable"
import * as ReturnCode from "@effect-ownet/core/protocol/ReturnCode"
import type * as Transcript from "@effect-ownet/core/protocol/Transcript"
import type { Span } from "../terminal/Text.ts"
import type * as Relay from "./Relay.ts"

/** An event of a connection other than a message. */
export type Event =
  | { readonly _tag: "Opened"; readonly from: string }
  | {
    readonly _tag: "Ended"
    readonly end: Relay.End
    readonly server: string
    /** Number of requests, and of those without an answer. */
    readonly requests: number
    readonly unanswered: number
  }

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/** Bytes as text, or `undefined` if they are not text or would control a terminal. */
const textOf = (bytes: Uint8Array): string | undefined => {
  const text = Payload.decodeText(bytes)
  return text.isWellFormed() && Printable.isPrintable(text) ? text : undefined
}

/** The first bytes of a possibly longer value, as text or in hexadecimal. */
const shown = (bytes: Uint8Array, length: number): string => {
  const text = textOf(bytes)
  const rest = length > bytes.length ? "…" : ""
  return `${text === undefined ? hexOf(bytes) : Printable.json(text)}${rest}`
}

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

const millisOf = (millis: number): string =>
  millis < 1000 ? `${millis.toFixed(millis < 10 ? 2 : millis < 100 ? 1 : 0)} ms` : `${(millis / 1000).toFixed(2)} s`

const within = (elapsed: number | undefined): string => elapsed === undefined ? "" : ` in ${millisOf(elapsed)}`

const marks = { client: { text: "> ", color: "cyan" }, server: { text: "< ", color: "green" } } as const

/** Flags that differ from those of a plain client. */
const flagsOf = (word: number): ReadonlyArray<string> => {
  const flags = ControlFlags.decode(word)
  return [
    ...flags.temperatureScale === "C" ? [] : [`°${flags.temperatureScale}`.replace("°K", "K")],
    ...flags.pressureScale === "mbar" ? [] : [flags.pressureScale],
    ...flags.deviceFormat === "f.i" ? [] : [flags.deviceFormat],
    ...flags.persistence ? ["persistent"] : [],
    ...flags.uncached ? ["uncached"] : [],
    ...flags.trim ? ["trim"] : [],
    ...flags.busReturn ? ["bus"] : [],
    ...flags.alias ? ["alias"] : [],
    ...flags.safemode ? ["safemode"] : [],
    ...flags.other === 0 ? [] : [`0x${(flags.other >>> 0).toString(16)}`]
  ]
}

const sized: ReadonlySet<number> = new Set([MessageType.Read, MessageType.Get, MessageType.GetSlash])

const request = (seen: Transcript.Request): ReadonlyArray<Span> => {
  const { data, dataLength, flags, offset, path, size, tokens, type, version } = seen
  const details = [
    ...sized.has(type) ? [`size ${size}`] : [],
    ...offset === 0 ? [] : [`offset ${offset}`],
    ...flagsOf(flags),
    ...tokens === 0 ? [] : [`through ${counted(tokens, "server")}`],
    ...(version & ~0x1ffff) === 0 ? [] : [`version 0x${version.toString(16)}`]
  ]
  const value = type === MessageType.Write ? ` = ${shown(data, dataLength)}` : ""
  return [
    marks.client,
    { text: [MessageType.name(type), ...path === "" ? [] : [path]].join(" ") + value },
    { text: details.length === 0 ? "" : `  ${details.join(", ")}`, color: "dim" }
  ]
}

/** The content of a reply, in words. */
const answerOf = ({ data, payload, request, ret, size }: Transcript.Reply): Span => {
  const type = request?.type ?? MessageType.Nop
  if (ret < 0) {
    const { meaning, name } = ReturnCode.explain(ret, type)
    return { text: `${ret} ${name}: ${meaning}`, color: "red" }
  }
  if (type === MessageType.Dir && payload === 0) return { text: "end of the listing" }
  if (type === MessageType.Write) return { text: `ok, ${counted(size, "byte")} written` }
  if (payload === 0) return { text: "ok" }
  const isList = type === MessageType.DirAll || type === MessageType.DirAllSlash ||
    ((type === MessageType.Get || type === MessageType.GetSlash) && data[0] === slash)
  if (isList) {
    const entries = Payload.decodeList(data)
    const isWhole = data.length === payload
    return {
      text: `${isWhole ? counted(entries.length, "entry", "entries") : counted(payload, "byte")}: ${entries.join(",")}${
        isWhole ? "" : "…"
      }`
    }
  }
  if (type === MessageType.Dir) return { text: Payload.decodePath(data) }
  if (type === MessageType.Presence) return { text: `present: ${hexOf(data)}` }
  const length = lengthOf(size, payload)
  return { text: `${counted(length, "byte")}: ${shown(data.subarray(0, length), length)}` }
}

/** Bytes of a payload without the NUL or the padding that some servers add. */
const lengthOf = (size: number, payload: number): number => size > 0 && size <= payload ? size : payload

const slash = 0x2f

const reply = (seen: Transcript.Reply): ReadonlyArray<Span> => {
  const { elapsed, flags, isLast, request } = seen
  const isDenied = isLast && request !== undefined && ControlFlags.isPersistent(request.flags) &&
    !ControlFlags.isPersistent(flags)
  return [
    marks.server,
    answerOf(seen),
    { text: request === undefined ? "  without a request" : isLast ? ` ${within(elapsed)}` : "", color: "dim" },
    { text: isDenied ? ", and the server closes" : "", color: "yellow" }
  ]
}

const ended = ({ end, requests, server, unanswered }: Event & { readonly _tag: "Ended" }): ReadonlyArray<Span> => {
  const count = `  ${counted(requests, "request")}`
  const left: Span = { text: unanswered === 0 ? "" : `, ${unanswered} without an answer`, color: "yellow" }
  switch (end._tag) {
    case "Closed":
      return [{ text: `closed by the ${end.by}` }, { text: count, color: "dim" }, left]
    case "Reset":
      return [
        {
          text: end.problem === "ECONNRESET" || end.problem === "EPIPE"
            ? `reset by the ${end.by}`
            : `lost the ${end.by}: ${end.problem}`,
          color: "red"
        },
        { text: count, color: "dim" },
        left
      ]
    case "Unreachable":
      return [{ text: `no connection to ${server}: ${end.problem}; closed`, color: "red" }]
  }
}

/** A message or an event for people. */
export const toSpans = (seen: Transcript.Entry | Event): ReadonlyArray<Span> => {
  switch (seen._tag) {
    case "Request":
      return request(seen)
    case "Reply":
      return reply(seen)
    case "Keepalive":
      return [
        marks.server,
        {
          text: `keepalive${seen.elapsed === undefined ? "" : `, at work for ${millisOf(seen.elapsed)}`}`,
          color: "yellow"
        }
      ]
    case "Stray": {
      const bytes = seen.bytes.subarray(0, mostHex)
      const rest = seen.length > bytes.length ? "…" : ""
      const text = Printable.printable(Payload.decodeText(bytes))
      return [
        marks[seen.from],
        {
          text: seen.problem === undefined ? "" : `${seen.problem}: `,
          color: "red"
        },
        // The readable part comes first, because a narrow terminal has no room for all.
        { text: `${counted(seen.length, "byte")}: ${text}${rest}` },
        { text: `  ${hexOf(bytes)}${rest}`, color: "dim" },
        { text: seen.problem === undefined ? "" : "; not decoded from here on", color: "red" }
      ]
    }
    case "Torn":
      return [
        marks[seen.from],
        { text: `ended inside a message, after ${seen.received} of ${seen.expected} bytes`, color: "red" }
      ]
    case "Opened":
      return [{ text: `opened by ${seen.from}` }]
    case "Ended":
      return ended(seen)
  }
}

/** Maximum bytes of a line that are shown in hexadecimal if they are not a message. */
const mostHex = 32

const millis = (elapsed: number | undefined): number | null => elapsed === undefined ? null : Number(elapsed.toFixed(3))

const about = (request: Transcript.Request | undefined) => ({
  type: request === undefined ? null : MessageType.name(request.type),
  path: request === undefined ? null : request.path
})

const bytesJson = (data: Uint8Array) => ({ text: textOf(data) ?? null, hex: hexOf(data) })

/** A message or an event for programs. */
export const toJson = (seen: Transcript.Entry | Event): object => {
  switch (seen._tag) {
    case "Request": {
      const { data, dataLength, flags, offset, payload, size, tokens, version } = seen
      return {
        event: "request",
        ...about(seen),
        flags: ControlFlags.decode(flags),
        size,
        offset,
        payload,
        version,
        tokens,
        ...dataLength === 0 ? { text: null, hex: null } : bytesJson(data)
      }
    }
    case "Reply": {
      const { data, elapsed, flags, isLast, offset, payload, request, ret, size } = seen
      const explained = ret < 0 ? ReturnCode.explain(ret, request?.type ?? MessageType.Nop) : undefined
      return {
        event: "reply",
        ...about(request),
        millis: millis(elapsed),
        last: isLast,
        ret,
        flags: ControlFlags.decode(flags),
        size,
        offset,
        payload,
        ...bytesJson(data.subarray(0, lengthOf(size, payload))),
        error: explained === undefined ? null : { codeName: explained.name, meaning: explained.meaning }
      }
    }
    case "Keepalive":
      return { event: "keepalive", ...about(seen.request), millis: millis(seen.elapsed) }
    case "Stray":
      return {
        event: "stray",
        from: seen.from,
        problem: seen.problem ?? null,
        bytes: seen.length,
        hex: hexOf(seen.bytes)
      }
    case "Torn":
      return { event: "torn", from: seen.from, received: seen.received, expected: seen.expected }
    case "Opened":
      return { event: "opened", from: seen.from }
    case "Ended": {
      const { end, requests, unanswered } = seen
      return {
        event: "closed",
        by: end._tag === "Unreachable" ? "server" : end.by,
        how: { Closed: "closed", Reset: "reset", Unreachable: "unreachable" }[end._tag],
        problem: "problem" in end ? end.problem : null,
        requests,
        unanswered
      }
    }
  }
}
