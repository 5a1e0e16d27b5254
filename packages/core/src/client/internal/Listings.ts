/**
 * Listings, and what stands in for the messages that a server lacks: DIR for DIRALL, and a listing or a read for GET.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { empty } from "../../internal/bytes.ts"
import * as RomId from "../../onewire/RomId.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type * as OwClient from "../OwClient.ts"
import type { Capabilities } from "./Capabilities.ts"
import * as Exchange from "./Exchange.ts"
import type { ExchangeFailure } from "./ExchangeFailure.ts"
import type { Run } from "./Progress.ts"
import type { Transport } from "./Transport.ts"

/** A directory to list, or a value that may be there. */
export interface Place {
  readonly path: string
  readonly flags: number
  /** Whether the path of each directory ends in a slash. */
  readonly slash: boolean
}

/** Entries that are asked at a time whether they are directories. */
const concurrency = 4

export class Listings {
  private readonly transport: Transport
  private readonly capabilities: Capabilities

  constructor(transport: Transport, capabilities: Capabilities) {
    this.transport = transport
    this.capabilities = capabilities
  }

  /** Lists a directory. */
  list(place: Place, run: Run): Effect.Effect<ReadonlyArray<string>, ExchangeFailure> {
    if (this.capabilities.lacksDirAll) return this.listByDir(place, run)
    return Effect.catchIf(
      this.part(Exchange.dirAll(askedOf("dir", place), place.slash), run),
      isUnsupported,
      () => {
        this.capabilities.lacksDirAll = true
        return this.listByDir(place, run)
      }
    )
  }

  /** Lists a directory on a server that knows DIR only: each entry is asked whether it takes a slash. */
  private listByDir(place: Place, run: Run): Effect.Effect<ReadonlyArray<string>, ExchangeFailure> {
    const { flags, slash } = place
    return Effect.suspend(() => {
      const paths: Array<string> = []
      const listing = this.part(Exchange.dir(askedOf("dir", place), (path) => paths.push(path)), run)
      return Effect.andThen(listing, () =>
        slash
          ? Effect.forEach(
            paths,
            (path) => Effect.map(this.isDirectory({ path, flags }, run), (is) => is ? `${path}/` : path),
            { concurrency }
          )
          : Effect.succeed(paths))
    })
  }

  private isDirectory(place: Omit<Place, "slash">, run: Run): Effect.Effect<boolean, ExchangeFailure> {
    const { path } = place
    if (Option.isSome(RomId.fromString(path.slice(path.lastIndexOf("/") + 1)))) return Effect.succeed(true)
    return this.part(Exchange.dir(askedOf("dir", place), () => {}), run).pipe(
      Effect.as(true),
      Effect.catchIf(
        (failure) => isRefusal(failure, ReturnCode.notDirectory) || isRefusal(failure, ReturnCode.absent),
        () => Effect.succeed(false)
      )
    )
  }

  /** Gets what is at a path: the entries of a directory, or a value. */
  get(place: Place, range: Exchange.Range, run: Run): Effect.Effect<OwClient.Content, ExchangeFailure> {
    const { capabilities } = this
    const asked = askedOf("get", place)
    const bytes = this.part(Exchange.read(asked, range, (frame) => value(frame.data)), run)
    if (capabilities.lacksGet) return this.getByList(place, bytes, run)
    const message = Exchange.get<OwClient.Content | undefined>(asked, range, place.slash, {
      onValue: value,
      onDirectory: directory,
      onEmpty: () => undefined
    })
    return Effect.matchEffect(this.part(message, run), {
      // Only a refusal of GET itself says that the server lacks it.
      onFailure: (failure) => {
        if (!isUnsupported(failure)) return Effect.fail(failure)
        capabilities.lacksGet = true
        return this.getByList(place, bytes, run)
      },
      // An empty directory and an empty value look the same.
      onSuccess: (content) =>
        content === undefined
          ? this.getByList(place, Effect.succeed(value(empty)), run)
          : Effect.succeed(content)
    })
  }

  /** Gets what is at a path on a server without GET: what is no directory has a value. */
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

  private part<A>(message: Exchange.Exchange<A>, run: Run): Effect.Effect<A, ExchangeFailure> {
    return this.transport.exchange(message, Effect.fail, run)
  }
}

/** A part of a run has its limit from the run. */
const askedOf = (operation: "dir" | "get", { flags, path }: Omit<Place, "slash">): Exchange.Asked => ({
  operation,
  path,
  flags,
  limit: Infinity
})

const isRefusal = (failure: ExchangeFailure, code: number): boolean =>
  failure._tag === "Refused" && failure.code === code

const isUnsupported = (failure: ExchangeFailure): boolean => isRefusal(failure, ReturnCode.unsupported)

const directory = (entries: ReadonlyArray<string>): OwClient.Content => ({ _tag: "Directory", entries })

// Frames are views of bytes that are used again.
const value = (bytes: Uint8Array): OwClient.Content => ({ _tag: "Value", bytes: new Uint8Array(bytes) })
