/**
 * The operations of a client, over whatever exchanges messages.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { empty } from "../../internal/bytes.ts"
import * as RomId from "../../onewire/RomId.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import * as FrameDecoder from "../../protocol/FrameDecoder.ts"
import type { Frame } from "../../protocol/FrameDecoder.ts"
import * as Payload from "../../protocol/Payload.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type * as OwClient from "../OwClient.ts"
import type * as OwError from "../OwError.ts"
import * as Argument from "./Argument.ts"
import type { CallDefaults } from "./CallDefaults.ts"
import * as Caller from "./Caller.ts"
import type { Capabilities } from "./Capabilities.ts"
import type { Transport } from "./connections/Transport.ts"
import * as Exchange from "./exchange/Exchange.ts"
import * as replies from "./exchange/replies.ts"
import { Listings } from "./Listings.ts"

export const makeClient = (
  transport: Transport,
  capabilities: Capabilities,
  defaults: CallDefaults
): OwClient.Client => {
  const { maxPayload } = transport
  const caller = Caller.make(transport, capabilities, defaults)
  const listings = new Listings(transport, capabilities)
  const defaultSize = Math.min(65_536, maxPayload)

  const askedOf = (
    operation: OwError.Operation,
    path: string | Uint8Array,
    options: OwClient.CallOptions | undefined,
    flags = defaults.flagsOf(options)
  ): Exchange.Asked => ({ operation, path, flags, limit: defaults.limitOf(options) })

  const rangeOf = (options: OwClient.ReadOptions | undefined): Exchange.Range => ({
    size: options?.size ?? defaultSize,
    offset: options?.offset ?? 0
  })

  /** Turns the failure of a presence query into its outcome: absence is an answer. */
  const orAbsent = <A>(absent: A): Exchange.Recover<A, A, OwError.OwError> => (failure, exchange, run) =>
    failure._tag === "Refused" && (failure.code === ReturnCode.absent || failure.code === ReturnCode.vanished)
      ? Effect.succeed(absent)
      : caller.publish(failure, exchange, run)
  const orFalse = orAbsent(false)
  const orNone = orAbsent<Option.Option<RomId.RomId>>(Option.none())

  const client: OwClient.Client = {
    server: transport.server,
    flags: ControlFlags.decode(defaults.flags),
    state: transport.state,

    ping: (options) =>
      caller.ask(
        Exchange.ping(askedOf("ping", empty, options)),
        options,
        undefined
      ),

    present: (path, options) =>
      caller.ask(
        Exchange.presence(askedOf("present", path, options), () => true),
        options,
        Argument.path(path),
        orFalse
      ),

    romId: (path, options) =>
      caller.ask(
        Exchange.presence(askedOf("romId", path, options), decodeId),
        options,
        Argument.path(path),
        orNone
      ),

    dir: (path = "/", options) =>
      caller.askAll(
        { operation: "dir", path },
        options,
        Argument.path(path),
        (run) => listings.list({ path, flags: defaults.listingFlagsOf(options), slash: options?.slash ?? true }, run)
      ),

    dirStream: (path = "/", options) =>
      Stream.callback<string, OwError.OwError>((queue) => {
        const message = Exchange.dir(
          askedOf("dir", path, options, defaults.listingFlagsOf(options)),
          (entry) => Queue.offerUnsafe(queue, entry)
        )
        return Effect.andThen(
          // What was handed on cannot be taken back.
          caller.ask(message, { ...options, retry: false }, Argument.path(path)),
          Queue.end(queue)
        )
      }),

    read: (path, options) =>
      caller.ask(
        Exchange.read(askedOf("read", path, options), rangeOf(options), copyValue),
        options,
        Argument.path(path) ?? Argument.range(options, maxPayload)
      ),

    readText: (path, options) =>
      caller.ask(
        Exchange.read(
          askedOf("read", path, options, defaults.textFlagsOf(options)),
          rangeOf(options),
          FrameDecoder.text
        ),
        options,
        Argument.path(path) ?? Argument.range(options, maxPayload)
      ),

    write: (path, data, options) => {
      // Taken now: the call may have to wait, and the caller's array is the caller's.
      const bytes = typeof data === "string" ? Payload.encodeText(data) : copy(data)
      return caller.ask(
        Exchange.write(askedOf("write", path, options), bytes, options?.offset ?? 0),
        options,
        Argument.path(path) ?? Argument.data(path, data, bytes, options)
      )
    },

    get: (path, options) =>
      caller.askAll(
        { operation: "get", path },
        options,
        Argument.path(path) ?? Argument.range(options, maxPayload),
        (run) =>
          listings.get(
            { path, flags: defaults.listingFlagsOf(options), slash: options?.slash ?? true },
            rangeOf(options),
            run
          )
      ),

    sendMessage: (type, payload, options) => {
      const path = typeof payload === "string" ? payload : copy(payload)
      const message = Exchange.make<Frame>(askedOf("sendMessage", path, options), {
        type,
        size: options?.size ?? 0,
        offset: options?.offset ?? 0,
        check: undefined,
        // A refusal is a reply like any other here.
        judge: replies.none,
        decode: keep
      })
      return caller.attempts(
        message,
        options,
        Argument.message(type, payload, options),
        (progress) =>
          Effect.suspend(() => {
            // Each attempt gathers its own.
            const entries: Array<Frame> = []
            const attempt = Exchange.make<OwClient.Reply>(message, {
              ...message,
              progress,
              decode: (frame) => ({ ...keep(frame), entries }),
              onEntry: (entry) => entries.push(keep(entry))
            })
            return transport.exchange(attempt, caller.publish)
            // Nothing is judged a refusal, so that no `OwnetError` is made of one.
          })
      ) as ReturnType<OwClient.Client["sendMessage"]>
    },

    with: (changes) =>
      changes.flags === undefined && changes.timeout === undefined && changes.retry === undefined
        ? client
        : makeClient(transport, capabilities, defaults.with(changes))
  }
  return client
}

const decodeId = (frame: Frame): Option.Option<RomId.RomId> =>
  Option.flatMap(Payload.decodePresence(frame.data), RomId.fromBytes)

// Frames are views of bytes that are used again.
const copy = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

const copyValue = (frame: Frame): Uint8Array => copy(FrameDecoder.value(frame))

const keep = ({ data, flags, offset, payload, ret, size, version }: Frame): Frame => ({
  version,
  payload,
  ret,
  flags,
  size,
  offset,
  data: copy(data)
})
