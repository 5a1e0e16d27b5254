/**
 * Listings, and what stands in for the messages that a server lacks: DIR for DIRALL, and a listing or a read for GET.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RomId from "../../onewire/RomId.ts"
import * as FrameDecoder from "../../protocol/FrameDecoder.ts"
import type { Frame } from "../../protocol/FrameDecoder.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type * as OwClient from "../OwClient.ts"
import type { Capabilities } from "./Capabilities.ts"
import type { Transport } from "./connections/Transport.ts"
import * as Exchange from "./exchange/Exchange.ts"
import type { ExchangeFailure } from "./exchange/ExchangeFailure.ts"
import type { Run } from "./exchange/Progress.ts"
import { isDirectory } from "./exchange/replies.ts"

/** A directory to list, or a value that may be there. */
interface Place {
  readonly path: string
  readonly flags: number
  /** Whether the path of each directory ends in a slash. */
  readonly slash: boolean
}

export interface Listings {
  /** Lists a directory. */
  readonly list: (place: Place, run: Run) => Effect.Effect<ReadonlyArray<string>, ExchangeFailure>
  /** Gets what is at a path: the entries of a directory, or a value. */
  readonly get: (place: Place, range: Exchange.Range, run: Run) => Effect.Effect<OwClient.Content, ExchangeFailure>
}

/** Entries that are asked at a time whether they are directories. */
const concurrency = 4

export const make = (transport: Transport, capabilities: Capabilities): Listings => {
  const part = <A>(message: Exchange.Exchange<A>, run: Run): Effect.Effect<A, ExchangeFailure> =>
    transport.exchange(message, Effect.fail, run)

  const isListed = (path: string, flags: number, run: Run): Effect.Effect<boolean, ExchangeFailure> =>
    Option.isSome(RomId.fromString(path.slice(path.lastIndexOf("/") + 1)))
      ? Effect.succeed(true)
      : part(Exchange.dir(askedOf("dir", path, flags), () => {}), run).pipe(
        Effect.as(true),
        Effect.catchIf(
          (failure) => isRefusal(failure, ReturnCode.notDirectory) || isRefusal(failure, ReturnCode.absent),
          () => Effect.succeed(false)
        )
      )

  /** Lists a directory on a server that knows DIR only: each entry is asked whether it takes a slash. */
  const listByDir = Effect.fnUntraced(function*(
    { flags, path, slash }: Place,
    run: Run
  ): Effect.fn.Return<ReadonlyArray<string>, ExchangeFailure> {
    const paths: Array<string> = []
    yield* part(Exchange.dir(askedOf("dir", path, flags), (entry) => paths.push(entry)), run)
    if (!slash) return paths
    return yield* Effect.forEach(
      paths,
      (entry) => Effect.map(isListed(entry, flags, run), (is) => is ? `${entry}/` : entry),
      { concurrency }
    )
  })

  const list: Listings["list"] = (place, run) =>
    capabilities.lacksDirAll
      ? listByDir(place, run)
      : Effect.catchIf(
        part(Exchange.dirAll(askedOf("dir", place.path, place.flags), place.slash), run),
        isUnsupported,
        () => {
          capabilities.lacksDirAll = true
          return listByDir(place, run)
        }
      )

  /** Gets what is at a path on a server without GET: what is no directory has a value. */
  const getByList = (
    place: Place,
    otherwise: Effect.Effect<OwClient.Content, ExchangeFailure>,
    run: Run
  ): Effect.Effect<OwClient.Content, ExchangeFailure> =>
    Effect.catchIf(
      Effect.map(list(place, run), directory),
      (failure: ExchangeFailure) => isRefusal(failure, ReturnCode.notDirectory),
      () => otherwise
    )

  const get: Listings["get"] = (place, range, run) => {
    const asked = askedOf("get", place.path, place.flags)
    const bytes = part(Exchange.read(asked, range, value), run)
    if (capabilities.lacksGet) return getByList(place, bytes, run)
    const message = Exchange.get(asked, range, place.slash, contentOf)
    return Effect.matchEffect(part(message, run), {
      // Only a refusal of GET itself says that the server lacks it.
      onFailure: (failure) => {
        if (!isUnsupported(failure)) return Effect.fail(failure)
        capabilities.lacksGet = true
        return getByList(place, bytes, run)
      },
      // An empty directory and an empty value look the same.
      onSuccess: (content) =>
        content === undefined ? getByList(place, Effect.succeed(empty), run) : Effect.succeed(content)
    })
  }

  return { list, get }
}

/** A part of a run has the limit of the run. */
const askedOf = (operation: "dir" | "get", path: string, flags: number): Exchange.Asked => ({
  operation,
  path,
  flags,
  limit: Infinity
})

const isRefusal = (failure: ExchangeFailure, code: number): boolean =>
  failure._tag === "Refused" && failure.code === code

const isUnsupported = (failure: ExchangeFailure): boolean => isRefusal(failure, ReturnCode.unsupported)

const directory = (entries: ReadonlyArray<string>): OwClient.Content => ({ _tag: "Directory", entries })

/** The answer to a GET, unless there is nothing. */
const contentOf = (frame: Frame): OwClient.Content | undefined =>
  frame.payload === 0 ? undefined : isDirectory(frame) ? directory(Exchange.decodeList(frame)) : value(frame)

// Frames are views of bytes that are used again.
const value = (frame: Frame): OwClient.Content => ({ _tag: "Value", bytes: new Uint8Array(FrameDecoder.value(frame)) })

const empty: OwClient.Content = { _tag: "Value", bytes: new Uint8Array(0) }
