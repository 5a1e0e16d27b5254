/**
 * Everything below a directory of a server.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as OwPath from "../onewire/OwPath.ts"
import * as Checked from "./internal/Checked.ts"
import { endless } from "./internal/endless.ts"
import { isBus, ServerLoops } from "./internal/ServerLoops.ts"
import * as OwClient from "./OwClient.ts"
import type * as OwError from "./OwError.ts"

/**
 * A property or a directory.
 *
 * @category models
 * @since 0.1.0
 */
export interface Entry {
  readonly _tag: "Entry"
  /** The path as the server lists it, without a slash at the end. */
  readonly path: string
  /** The last segment of the path. */
  readonly name: string
  /** Number of levels below the start: 1 for the entries of the start itself. */
  readonly depth: number
  readonly isDirectory: boolean
}

/**
 * A directory that could not be listed completely.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failed {
  readonly _tag: "Failed"
  /** The path of the directory. */
  readonly path: string
  /** Number of levels below the start: 0 for the start itself. */
  readonly depth: number
  readonly error: OwError.OwError
}

/**
 * Options of a walk. `flags`, `timeout` and `retry` apply to each of its calls.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends OwClient.CallOptions {
  /** Maximum number of levels to descend. With 1, only the entries of the start. All by default. */
  readonly depth?: number | undefined
  /**
   * Whether to include an entry. If it is false for a directory, everything below it is also left out. All entries are included
   * by default.
   */
  readonly include?: ((entry: Entry) => boolean) | undefined
  /** Maximum number of directories to list at a time. Default 4. */
  readonly concurrency?: number | undefined
}

/** Maximum levels of a walk: eight servers and eight couplers in a chain, and a device's own directories. */
const deepest = 32

/** Maximum levels of directories in a device, or in the server's own directories. A chip has three. */
const deepestInside = 8

/** Maximum directories entered in one walk. A server that invents devices would never run out of them. */
const mostDirectories = 100_000

/**
 * Walks through everything below a directory, `/` by default. It emits each entry in the order of the listings, and the contents
 * of a directory after the directory itself.
 *
 * **Details**
 *
 * Every path found is an entry. Not every directory is entered:
 *
 * - A device, and so a coupler, is entered once, even if several buses and branches list it. The walk identifies it by its ROM
 *   id, which it requests from the server for an alias.
 * - The server's own directories, such as `/settings`, and `/alarm`, `/uncached` and `/unaliased`, are entered only if the walk
 *   starts there. `/text` and `/json`, which repeat the same tree, are never entered.
 * - A bus that is another server is entered, up to eight servers in a chain. A server that has itself behind one of its buses is
 *   a `Failed` element, with an `OwnetError` of code -40.
 *
 * A directory that cannot be listed is a `Failed` element, and the walk continues. It lists a few directories ahead of its
 * consumer. It fails with an `ArgumentError` if the start or an option is invalid.
 *
 * **Example** (Finding all temperatures)
 *
 * ```ts
 * import { Walk } from "@effect-ownet/core"
 * import { TestOwClient } from "@effect-ownet/core/testing"
 * import { Effect, Stream } from "effect"
 *
 * const temperatures = Walk.walk("/", { depth: 2 }).pipe(
 *   Stream.filter((found) => found._tag === "Entry" && found.name === "temperature"),
 *   Stream.map(({ path }) => path),
 *   Stream.runCollect
 * )
 *
 * await temperatures.pipe(
 *   Effect.provide(TestOwClient.layer({ "28.000028D70100": {}, "10.000010EF0000": {} })),
 *   Effect.runPromise
 * ) // => ["/28.000028D70100/temperature", "/10.000010EF0000/temperature"]
 * ```
 *
 * @category streams
 * @since 0.1.0
 */
export const walk = (
  path = "/",
  options: Options = {}
): Stream.Stream<Entry | Failed, OwError.ArgumentError, OwClient.OwClient> =>
  Stream.unwrap(Effect.gen(function*() {
    const ow = (yield* OwClient.OwClient).with(options)
    const depth = options.depth === undefined ? Infinity : yield* checked.times("depth", options.depth)
    const concurrency = yield* checked.times("concurrency", options.concurrency ?? 4)
    const walker = new Walker(ow, path, { depth, concurrency, include: options.include ?? (() => true) })
    const start: Directory = { path, depth: 0 }
    const listed = yield* walker.list(start)
    yield* walker.begin
    // If the call that lists the start is invalid, so is the walk.
    return Result.isFailure(listed) && listed.failure._tag === "ArgumentError"
      ? Stream.fail(listed.failure)
      : walker.elements(start, listed)
  }))

const checked = Checked.of("Walk.walk")

interface Directory {
  readonly path: string
  readonly depth: number
}

type Listed = Result.Result<ReadonlyArray<string>, OwError.OwError>

class Walker {
  private readonly ow: OwClient.Client
  private readonly start: OwPath.OwPath | undefined
  private readonly options: {
    readonly depth: number
    readonly concurrency: number
    readonly include: (entry: Entry) => boolean
  }
  private readonly permits: Semaphore.Semaphore
  private readonly loops = new ServerLoops()
  /** ROM ids of the entered devices, and paths of aliases that lead to none. */
  private readonly entered = new Set<string>()
  private directories = 0

  constructor(ow: OwClient.Client, start: string, options: Walker["options"]) {
    this.ow = ow
    this.start = Result.getOrUndefined(OwPath.parse(start))
    this.options = options
    this.permits = Semaphore.makeUnsafe(options.concurrency)
  }

  /** Counts the device at the start, and the couplers on the way to it, as entered. */
  get begin(): Effect.Effect<void> {
    const { start } = this
    if (start === undefined) return Effect.void
    const { branches, bus, device, own } = start
    const couplers = branches.map(({ coupler }, at) => ({ bus, branches: branches.slice(0, at), device: coupler }))
    const way = device === undefined || own !== undefined ? couplers : [...couplers, { bus, branches, device }]
    return Effect.forEach(
      way,
      (parts) =>
        this.enterOnce({ ...start, uncached: false, unaliased: false, alarm: false, ...parts, property: undefined }),
      { discard: true }
    )
  }

  list({ path }: Directory): Effect.Effect<Listed> {
    return this.permits.withPermit(Effect.result(this.ow.dir(path, { slash: true })))
  }

  /** The elements of a listed directory, including those of its subdirectories. */
  elements(directory: Directory, listed: Listed): Stream.Stream<Entry | Failed> {
    if (Result.isFailure(listed)) return Stream.succeed(failed(directory, listed.failure))
    const entries = listed.success.map((path) => entryOf(path, directory.depth + 1)).filter(this.options.include)
    const refused = this.refused(directory, listed.success)
    const found = Stream.fromIterable(entries).pipe(
      Stream.mapEffect(
        (entry) =>
          refused !== undefined && isBus(entry.name)
            ? Effect.succeed(Stream.succeed(entry))
            : Effect.map(this.below(entry), (below) => Stream.concat(Stream.succeed<Entry | Failed>(entry), below)),
        { concurrency: this.options.concurrency }
      ),
      Stream.flatMap((elements) => elements)
    )
    return refused === undefined ? found : Stream.concat(found, Stream.succeed(refused))
  }

  /** Lists a directory if the walk enters it. Its subdirectories are listed when the stream reaches them. */
  private below(entry: Entry): Effect.Effect<Stream.Stream<Entry | Failed>> {
    if (!entry.isDirectory || entry.depth >= this.options.depth) return Effect.succeed(Stream.empty)
    return Effect.flatMap(this.enters(entry), (enters) => {
      if (!enters) return Effect.succeed(Stream.empty)
      const meaning = this.tooMuch(entry)
      return meaning === undefined
        ? Effect.map(this.list(entry), (listed) => this.elements(entry, listed))
        : Effect.succeed(Stream.succeed(failed(entry, endless(this.ow, entry.path, meaning))))
    })
  }

  /** Gives the reason not to enter a directory that would otherwise be entered: a server that invents its listings never ends. */
  private tooMuch({ depth, path }: Entry): string | undefined {
    const inside = Result.getOrUndefined(OwPath.parse(path))?.property
    const isInside = inside !== undefined && inside.split("/").length > deepestInside
    if (isInside || depth >= deepest) {
      return `directories are nested more than ${isInside ? deepestInside : deepest} deep`
    }
    return this.directories++ >= mostDirectories ? `there are more than ${mostDirectories} directories` : undefined
  }

  private enters({ name, path }: Entry): Effect.Effect<boolean> {
    const parsed = Result.getOrUndefined(OwPath.parse(path))
    // A server's own word may stand where no path has it, and an alias may begin with such a word.
    if (parsed === undefined) return Effect.succeed(this.start?.own !== undefined)
    const { alarm, device, own, property, unaliased, uncached } = parsed
    if (own !== undefined) return Effect.succeed(this.start?.own !== undefined)
    if (
      device === undefined && isMode(name) ||
      alarm && this.start?.alarm !== true ||
      uncached && this.start?.uncached !== true ||
      unaliased && this.start?.unaliased !== true
    ) return Effect.succeed(false)
    if (device === undefined || property !== undefined) return Effect.succeed(true)
    return this.enterOnce(parsed)
  }

  /** Whether a device has not been entered before. From now on it counts as entered. */
  private enterOnce(device: OwPath.OwPath): Effect.Effect<boolean> {
    const path = OwPath.format(device)
    const id = OwPath.romId(device)
    const known = Option.isSome(id)
      ? Effect.succeed(id)
      : Effect.orElseSucceed(this.permits.withPermit(this.ow.romId(path)), () => id)
    return Effect.map(known, (id) => {
      const key = Option.getOrElse(id, () => path)
      const isNew = !this.entered.has(key)
      this.entered.add(key)
      return isNew
    })
  }

  /** Reports a server that occurs on the way to itself. */
  private refused({ depth, path }: Directory, listed: ReadonlyArray<string>): Failed | undefined {
    const parsed = Result.getOrUndefined(OwPath.parse(path))
    const bus = parsed === undefined ? undefined : Option.getOrUndefined(OwPath.busName(parsed))
    const names = listed.map((path) => entryOf(path, depth).name)
    if (bus === undefined || !names.some(isBus)) return undefined
    const refused = this.loops.refused(bus, names)
    return refused === undefined
      ? undefined
      : failed({ path, depth }, endless(this.ow, `/${refused.bus}`, refused.meaning))
  }
}

/** A directory that repeats the same tree, wherever it occurs. */
const isMode = (name: string): boolean => /^(?:text|json)$/i.test(name)

const failed = ({ depth, path }: Directory, error: OwError.OwError): Failed => ({ _tag: "Failed", path, depth, error })

const entryOf = (listed: string, depth: number): Entry => {
  const isDirectory = listed.endsWith("/")
  const path = isDirectory ? listed.slice(0, -1) : listed
  return { _tag: "Entry", path, name: path.slice(path.lastIndexOf("/") + 1), depth, isDirectory }
}
