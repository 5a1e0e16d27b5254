/**
 * The operations of a client, on top of a message exchange.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { empty } from "../../internal/bytes.ts"
import * as RomId from "../../onewire/RomId.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import * as FrameDecoder from "../../protocol/FrameDecoder.ts"
import type { Frame } from "../../protocol/FrameDecoder.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as Payload from "../../protocol/Payload.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type * as OwClient from "../OwClient.ts"
import type * as OwError from "../OwError.ts"
import * as Argument from "./Argument.ts"
import * as Buses from "./Buses.ts"
import type { CallDefaults } from "./CallDefaults.ts"
import * as Caller from "./Caller.ts"
import type { Capabilities } from "./Capabilities.ts"
import type { Transport } from "./connections/Transport.ts"
import * as Exchange from "./exchange/Exchange.ts"
import type { ExchangeFailure } from "./exchange/ExchangeFailure.ts"
import type { Run } from "./exchange/Progress.ts"
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
  const list = caller.askOr(listings.byDir)
  const defaultSize = Math.min(65_536, maxPayload)

  const askedOf = (
    operation: OwError.Operation,
    path: string | Uint8Array,
    options: OwClient.CallOptions | undefined,
    flags = defaults.flagsOf(options)
  ): Exchange.Asked => ({ operation, path, flags, limit: defaults.limitOf(options) })

  const readMany = <A>(
    paths: Iterable<string>,
    options: OwClient.ReadOptions | undefined,
    flags: number,
    decode: (frame: Frame) => A
  ) => {
    const asked = askedOf("read", empty, options, flags)
    const range = rangeOf(options)
    return caller.askMany(
      paths,
      options,
      Argument.range(options, maxPayload),
      (path) => Exchange.read({ ...asked, path }, range, decode)
    )
  }

  const rangeOf = (options: OwClient.ReadOptions | undefined): Exchange.Range => ({
    size: options?.size ?? defaultSize,
    offset: options?.offset ?? 0
  })

  /** Turns the failure of a presence request into a result: absence is an answer. */
  const orFalse: Exchange.Recover<boolean, boolean, OwError.OwError> = (failure, exchange, run) =>
    isAbsence(failure) ? Effect.succeed(false) : caller.publish(failure, exchange, run)

  const client: OwClient.Client = Buses.share({
    server: transport.server,
    flags: ControlFlags.decode(defaults.flags),
    state: transport.state,

    ping: (options) =>
      Effect.map(
        Effect.timed(caller.ask(Exchange.ping(askedOf("ping", empty, options)), options, undefined)),
        ([elapsed]) => elapsed
      ),

    present: (path, options) =>
      caller.ask(
        Exchange.presence(askedOf("present", path, options), () => true),
        options,
        Argument.path(path),
        orFalse
      ),

    romId: (path, options) =>
      caller.askAll(
        { operation: "romId", path },
        options,
        Argument.path(path),
        (run) => identify(transport, { path, flags: defaults.flagsOf(options), range: rangeOf(undefined) }, run)
      ),

    dir: (path = "/", options) =>
      list(
        Exchange.dirAll(askedOf("dir", path, options, defaults.listingFlagsOf(options)), options?.slash ?? true),
        options,
        Argument.path(path)
      ),

    dirStream: (path = "/", options) =>
      Stream.callback<string, OwError.OwError>((queue) => {
        const message = Exchange.dir(
          askedOf("dir", path, options, defaults.listingFlagsOf(options)),
          (entry) => Queue.offerUnsafe(queue, entry)
        )
        return Effect.andThen(
          // Elements that were already emitted cannot be taken back.
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

    readMany: (paths, options) => readMany(paths, options, defaults.flagsOf(options), copyValue),

    readTextMany: (paths, options) => readMany(paths, options, defaults.textFlagsOf(options), FrameDecoder.text),

    write: (path, data, options) => {
      // Encoded or copied now: the call may have to wait, and the caller may change the array meanwhile.
      const bytes = typeof data === "string" ? Payload.encodeText(data) : copy(data)
      return caller.ask(
        Exchange.write(askedOf("write", path, options), bytes, options?.offset ?? 0),
        options,
        defaults.refusalOf(MessageType.Write) ?? Argument.path(path) ?? Argument.data(path, data, bytes, options)
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
        // Here a refusal is a reply like any other.
        judge: replies.none,
        decode: keep
      })
      return caller.attempts(
        message,
        options,
        defaults.refusalOf(type) ?? Argument.message(type, payload, options),
        (progress) =>
          Effect.suspend(() => {
            // Each attempt gathers its own entries.
            const entries: Array<Frame> = []
            const attempt = Exchange.make<OwClient.Reply>(message, {
              ...message,
              progress,
              decode: (frame) => ({ ...keep(frame), entries }),
              onEntry: (entry) => entries.push(keep(entry))
            })
            return transport.exchange(attempt, caller.publish)
            // No reply is judged a refusal, so no `OwnetError` can occur.
          })
      ) as ReturnType<OwClient.Client["sendMessage"]>
    },

    with: (changes) =>
      Object.values(changes).every((change) => change === undefined)
        ? client
        : makeClient(transport, capabilities, defaults.with(changes))
  }, transport.buses)
  return client
}

const isAbsence = (failure: ExchangeFailure): boolean =>
  failure._tag === "Refused" && (failure.code === ReturnCode.absent || failure.code === ReturnCode.vanished)

/** Finds the ROM id behind a path. If a server's answer to PRESENCE has no id, it is in a property of each device. */
const identify = (
  transport: Transport,
  { flags, path, range }: { readonly path: string; readonly flags: number; readonly range: Exchange.Range },
  run: Run
): Effect.Effect<Option.Option<RomId.RomId>, ExchangeFailure> => {
  // A part of a run has the limit of the run.
  const asked: Exchange.Asked = { operation: "romId", path, flags, limit: Infinity }
  const address = { ...asked, path: `${path.endsWith("/") ? path.slice(0, -1) : path}/address` }
  const fromAddress = Effect.catchIf(
    transport.exchange(Exchange.read(address, range, idInText), Effect.fail, run),
    isMisplaced,
    () => Effect.succeedNone
  )
  return transport.exchange(Exchange.presence(asked, idInPresence), Effect.fail, run).pipe(
    Effect.filterOrElse(Predicate.isNotUndefined, () => fromAddress),
    Effect.catchIf(isAbsence, () => Effect.succeedNone)
  )
}

/** The ROM id in a PRESENCE reply, or `None` if the server does not send it. */
const idInPresence = ({ data, payload }: Frame): Option.Option<RomId.RomId> | undefined =>
  payload === 0 ? undefined : idInBytes(data)

/** The ROM id in the `address` of a device. Bus masters have another kind of address. */
const idInText = (frame: Frame): Option.Option<RomId.RomId> => {
  const text = FrameDecoder.text(frame)
  return /^[0-9A-F]{16}$/i.test(text) ? idInBytes(RomId.toBytes(text)) : Option.none()
}

const idInBytes = (bytes: Uint8Array): Option.Option<RomId.RomId> =>
  Option.flatMap(Payload.decodePresence(bytes), RomId.fromBytes)

/** Either something else has the name under which devices have their ROM id, or the path is that of a property. */
const isMisplaced = (failure: ExchangeFailure): boolean =>
  failure._tag === "Refused" && (failure.code === ReturnCode.notDirectory || failure.code === ReturnCode.isDirectory)

// Frames are views of a buffer that is reused.
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
