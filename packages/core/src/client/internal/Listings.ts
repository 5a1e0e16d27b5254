/**
 * Listings, and replacements for the messages that a server lacks: DIR for DIRALL, and a listing or a read for GET.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RomId from "../../onewire/RomId.ts"
import * as FrameDecoder from "../../protocol/FrameDecoder.ts"
import type { Frame } from "../../protocol/FrameDecoder.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type * as OwClient from "../OwClient.ts"
import type { StandIn } from "./Caller.ts"
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

/** Maximum entries checked at a time for being directories. */
const concurrency = 4

export class Listings {
  private readonly transport: Transport
  private readonly capabilities: Capabilities

  constructor(transport: Transport, capabilities: Capabilities) {
    this.transport = transport
    this.capabilities = capabilities
  }

  /** DIR as a replacement for DIRALL. */
  readonly byDir: StandIn<ReadonlyArray<string>> = {
    isNeeded: () => this.capabilities.lacksDirAll,
    learn: (failure) => {
      if (!isUnsupported(failure)) return false
      this.capabilities.lacksDirAll = true
      return true
    },
    body: (message, run) => this.listByDir(message, run)
  }

  /** Lists a directory. */
  private list({ flags, path, slash }: Place, run: Run): Effect.Effect<ReadonlyArray<string>, ExchangeFailure> {
    const message = Exchange.dirAll(askedOf("dir", path, flags), slash)
    const { body, isNeeded, learn } = this.byDir
    return isNeeded()
      ? body(message, run)
      : Effect.catchIf(this.part(message, run), learn, () => body(message, run))
  }

  /** Gets the content of a path: the entries of a directory, or a value. */
  get(place: Place, range: Exchange.Range, run: Run): Effect.Effect<OwClient.Content, ExchangeFailure> {
    const asked = askedOf("get", place.path, place.flags)
    const bytes = this.part(Exchange.read(asked, range, value), run)
    if (this.capabilities.lacksGet) return this.getByList(place, bytes, run)
    const message = Exchange.get(asked, range, place.slash, contentOf)
    return Effect.matchEffect(this.part(message, run), {
      // Only a refusal of GET itself shows that the server lacks it.
      onFailure: (failure) => {
        if (!isUnsupported(failure)) return Effect.fail(failure)
        this.capabilities.lacksGet = true
        return this.getByList(place, bytes, run)
      },
      // An empty directory and an empty value look the same.
      onSuccess: (content) =>
        content === undefined ? this.getByList(place, Effect.succeed(empty), run) : Effect.succeed(content)
    })
  }

  private part<A>(message: Exchange.Exchange<A>, run: Run): Effect.Effect<A, ExchangeFailure> {
    return this.transport.exchange(message, Effect.fail, run)
  }

  private isListed(path: string, flags: number, run: Run): Effect.Effect<boolean, ExchangeFailure> {
    return Option.isSome(RomId.fromString(path.slice(path.lastIndexOf("/") + 1)))
      ? Effect.succeed(true)
      : this.part(Exchange.dir(askedOf("dir", path, flags), () => {}), run).pipe(
        Effect.as(true),
        Effect.catchIf(
          (failure) => isRefusal(failure, ReturnCode.notDirectory) || isRefusal(failure, ReturnCode.absent),
          () => Effect.succeed(false)
        )
      )
  }

  /** Lists a directory on a server that knows only DIR. It checks for each entry whether it needs a slash. */
  private listByDir(
    { flags, path, type }: Exchange.Exchange<ReadonlyArray<string>>,
    run: Run
  ): Effect.Effect<ReadonlyArray<string>, ExchangeFailure> {
    return Effect.suspend(() => {
      const paths: Array<string> = []
      const listed = this.part(Exchange.dir(askedOf("dir", path, flags), (entry) => paths.push(entry)), run)
      if (type !== MessageType.DirAllSlash) return Effect.as(listed, paths)
      return Effect.flatMap(listed, () =>
        Effect.forEach(
          paths,
          (entry) => Effect.map(this.isListed(entry, flags, run), (is) => is ? `${entry}/` : entry),
          { concurrency }
        ))
    })
  }

  /** Gets the content of a path on a server without GET. If the path is not a directory, it has a value. */
  private getByList(
    place: Place,
    otherwise: Effect.Effect<OwClient.Content, ExchangeFailure>,
    run: Run
  ): Effect.Effect<OwClient.Content, ExchangeFailure> {
    return Effect.catchIf(
      Effect.map(this.list(place, run), directory),
      (failure: ExchangeFailure) => isRefusal(failure, ReturnCode.notDirectory),
      () => otherwise
    )
  }
}

/** A part of a run has the limit of the run. */
const askedOf = (operation: "dir" | "get", path: string | Uint8Array, flags: number): Exchange.Asked => ({
  operation,
  path,
  flags,
  limit: Infinity
})

const isRefusal = (failure: ExchangeFailure, code: number): boolean =>
  failure._tag === "Refused" && failure.code === code

const isUnsupported = (failure: ExchangeFailure): boolean => isRefusal(failure, ReturnCode.unsupported)

const directory = (entries: ReadonlyArray<string>): OwClient.Content => ({ _tag: "Directory", entries })

/** The answer to a GET, unless it is empty. */
const contentOf = (frame: Frame): OwClient.Content | undefined =>
  frame.payload === 0 ? undefined : isDirectory(frame) ? directory(Exchange.decodeList(frame)) : value(frame)

// Frames are views of a buffer that is reused.
const value = (frame: Frame): OwClient.Content => ({ _tag: "Value", bytes: new Uint8Array(FrameDecoder.value(frame)) })

const empty: OwClient.Content = { _tag: "Value", bytes: new Uint8Array(0) }
