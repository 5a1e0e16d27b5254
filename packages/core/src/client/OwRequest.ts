/**
 * Reads as requests that callers share: equal reads at the same time become one READ on the server, and the answer may be kept
 * for a while.
 *
 * `read` and `readText` are such requests, for `Effect.request` and its batches. `layer` makes a client that shares every read,
 * including those of typed devices and streams. Other clients are unaffected.
 *
 * @since 0.1.0
 */
import * as Cache from "effect/Cache"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Hash from "effect/Hash"
import * as Layer from "effect/Layer"
import * as Request from "effect/Request"
import * as RequestResolver from "effect/RequestResolver"
import { monotonicMillis } from "../internal/clock.ts"
import * as ControlFlags from "../protocol/ControlFlags.ts"
import * as Argument from "./internal/Argument.ts"
import * as Checked from "./internal/Checked.ts"
import * as OwClient from "./OwClient.ts"
import type * as OwError from "./OwError.ts"

/**
 * Options of shared reads.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** How long to keep an answer. By default, only those already waiting for an answer get it, and it is not kept. */
  readonly timeToLive?: Duration.Input | undefined
}

/** Maximum cached answers of each kind. */
const capacity = 1000

/**
 * Makes a client whose `read` and `readText` are shared, including reads by devices and by clients derived from it with `with`.
 *
 * **Details**
 *
 * - Reads are equal if their paths and options are equal: flags, size, offset, timeout and retry. Equal reads share one READ
 *   while it is under way, including its failure.
 * - An interrupted caller does not affect the others. If all of them are interrupted, the READ is cancelled.
 * - With a `timeToLive`, later equal reads get the same answer for that time. Failures and reads that bypass the server's cache
 *   are never kept.
 * - A write or message through this client drops all kept answers, whether it succeeds or not, because it may change more than
 *   one property. New reads do not join reads that began before it. Writes by other clients are not noticed.
 * - Each caller gets its own copy of the bytes, and may change it.
 *
 * **Example** (Ten viewers of one page)
 *
 * ```ts
 * import { OwClient, OwRequest } from "@effect-ownet/core"
 * import { SimulatedServer } from "@effect-ownet/core/testing"
 * import { Effect, Layer } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const server = yield* SimulatedServer.SimulatedServer
 *   const ow = yield* OwRequest.share(yield* OwClient.OwClient, { timeToLive: "1 second" })
 *   const before = yield* server.statistics
 *   yield* Effect.replicateEffect(ow.readText("/28.000028D70100/temperature"), 10, { concurrency: "unbounded" })
 *   const after = yield* server.statistics
 *   return after.requests - before.requests
 * })
 *
 * const layer = OwClient.layer().pipe(
 *   Layer.provideMerge(SimulatedServer.layer({ "28.000028D70100": { temperature: 21.5 } }))
 * )
 *
 * await program.pipe(Effect.provide(layer), Effect.runPromise) // => 1
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const share = Effect.fnUntraced(function*(
  client: OwClient.Client,
  { timeToLive }: Options = {}
): Effect.fn.Return<OwClient.Client, OwError.ArgumentError> {
  const kept = timeToLive === undefined ? 0 : yield* checked.millis("timeToLive", timeToLive)
  return yield* shared(client, kept)
})

/** Makes a client that shares reads. It keeps answers for `millis` milliseconds, or not at all. */
const shared = (client: OwClient.Client, millis: number): Effect.Effect<OwClient.Client> =>
  Effect.zipWith(
    answers<Uint8Array>(millis),
    answers<string>(millis),
    (bytes, texts) => withAnswers(client, { bytes, texts }, {})
  )

/**
 * Replaces the client of the context with one that shares reads, for devices and streams too. Build the layer once, next to the
 * client's layer: each build has its own answers.
 *
 * **Example** (Sharing in a whole program)
 *
 * ```ts
 * import { Device, OwRequest } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { NodeOwClient } from "@effect-ownet/node"
 * import { Effect, Layer } from "effect"
 *
 * const layer = OwRequest.layer({ timeToLive: "1 second" }).pipe(
 *   Layer.provide(NodeOwClient.layer({ host: "localhost" }))
 * )
 *
 * const viewer = Device.make(DS18B20, "28.000028D70100").pipe(
 *   Effect.flatMap((cellar) => cellar.read("temperature"))
 * )
 *
 * const program = Effect.replicateEffect(viewer, 10, { concurrency: "unbounded" }).pipe(Effect.provide(layer))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options?: Options): Layer.Layer<OwClient.OwClient, OwError.ArgumentError, OwClient.OwClient> =>
  Layer.effect(OwClient.OwClient, Effect.flatMap(OwClient.OwClient, (client) => share(client, options)))

/**
 * A read of bytes that callers share. Requests are equal if they have the same path and the identical options object.
 *
 * @category requests
 * @since 0.1.0
 */
export class Read extends Request.TaggedClass("OwRequest.Read")<
  { readonly path: string; readonly options: OwClient.ReadOptions | undefined },
  Uint8Array,
  OwError.OwError,
  OwClient.OwClient
> {}

/**
 * A read of text that callers share.
 *
 * @category requests
 * @since 0.1.0
 */
export class ReadText extends Request.TaggedClass("OwRequest.ReadText")<
  { readonly path: string; readonly options: OwClient.ReadOptions | undefined },
  string,
  OwError.OwError,
  OwClient.OwClient
> {}

/**
 * Resolves reads with the client of the fiber that makes them. Reads that fibers make in the same tick form one batch. Equal
 * reads are one READ, even if it was sent for an earlier batch and is still under way.
 *
 * @category resolvers
 * @since 0.1.0
 */
export const resolver: RequestResolver.RequestResolver<Read | ReadText> = RequestResolver.makeGrouped({
  key: (entry: Request.Entry<Read | ReadText>) => Context.get(entry.context, OwClient.OwClient),
  resolver: (entries, client) =>
    Effect.flatMap(
      joinedOf(client),
      (ow) => Effect.forEach(entries, (entry) => answer(entry, ow), { concurrency: "unbounded", discard: true })
    )
})

const answer = (entry: Request.Entry<Read | ReadText>, ow: OwClient.Client): Effect.Effect<void> => {
  const { request: { _tag, options, path } } = entry
  // The answer has the type that its request declares.
  const read: Effect.Effect<unknown, OwError.OwError> = _tag === "OwRequest.Read"
    ? ow.read(path, options)
    : ow.readText(path, options)
  return Effect.flatMap(Effect.exit(read), (exit) => Request.complete(entry, exit as Request.Result<Read | ReadText>))
}

/** Clients that join reads, by the clients they are derived from. */
const joined = new WeakMap<OwClient.Client, OwClient.Client>()

const joinedOf = (client: OwClient.Client): Effect.Effect<OwClient.Client> =>
  Effect.suspend(() => {
    const known = joined.get(client)
    return known !== undefined ? Effect.succeed(known) : Effect.map(shared(client, 0), (made) => {
      joined.set(client, made)
      return made
    })
  })

/**
 * Reads the bytes of a property, with one READ for all callers that read it at the same time. If the client is that of `layer`,
 * it also keeps the answer for the layer's `timeToLive`.
 *
 * **Example** (Ten readers)
 *
 * ```ts
 * import { OwRequest } from "@effect-ownet/core"
 * import { TestOwClient } from "@effect-ownet/core/testing"
 * import { Effect } from "effect"
 *
 * const ten = Effect.replicateEffect(OwRequest.readText("/28.000028D70100/temperature"), 10, {
 *   concurrency: "unbounded"
 * })
 *
 * const house = TestOwClient.layer({ "28.000028D70100": { temperature: 21.5 } })
 *
 * const texts = await ten.pipe(Effect.provide(house), Effect.runPromise)
 * texts[9] // => "21.5"
 * ```
 *
 * @category requests
 * @since 0.1.0
 */
export const read = (
  path: string,
  options?: OwClient.ReadOptions
): Effect.Effect<Uint8Array, OwError.OwError, OwClient.OwClient> =>
  Effect.map(Effect.request(new Read({ path, options }), resolver), (bytes) => new Uint8Array(bytes))

/**
 * Reads the text of a property, as `read` reads its bytes.
 *
 * @category requests
 * @since 0.1.0
 */
export const readText = (
  path: string,
  options?: OwClient.ReadOptions
): Effect.Effect<string, OwError.OwError, OwClient.OwClient> =>
  Effect.request(new ReadText({ path, options }), resolver)

const checked = Checked.of("OwRequest.share")

/** One read and its options. Equal reads have equal parts. */
class Question<A> implements Equal.Equal {
  readonly read: Effect.Effect<A, OwError.OwError>
  readonly isPastCache: boolean
  private readonly path: string
  private readonly parts: ReadonlyArray<unknown>

  constructor(
    read: Effect.Effect<A, OwError.OwError>,
    path: string,
    word: number,
    parts: ReadonlyArray<unknown>
  ) {
    this.read = read
    this.path = path
    this.parts = [path, word, ...parts]
    this.isPastCache = ControlFlags.decode(word).uncached || /(?:^|\/)uncached/i.test(path)
  }

  [Equal.symbol](that: Equal.Equal): boolean {
    return that instanceof Question && this.parts.every((part, at) => part === that.parts[at])
  }

  [Hash.symbol](): number {
    return Hash.string(this.path)
  }
}

interface Answer<A> {
  readonly value: A
  /** Time of the answer, by the monotonic clock. */
  readonly at: number
}

interface Answers<A> {
  readonly get: (question: Question<A>) => Effect.Effect<A, OwError.OwError>
  readonly drop: Effect.Effect<void>
}

/** The answers to reads: under way, and kept for `millis` milliseconds or not at all. */
const answers = <A>(millis: number): Effect.Effect<Answers<A>> =>
  Effect.map(
    Cache.makeWith(
      ({ read }: Question<A>): Effect.Effect<Answer<A>, OwError.OwError> =>
        Effect.flatMap(Clock.Clock, (clock) => Effect.map(read, (value) => ({ value, at: monotonicMillis(clock) }))),
      {
        capacity,
        // The cache's wall clock does not measure the age of an answer.
        timeToLive: (exit, { isPastCache }) => millis > 0 && !isPastCache && Exit.isSuccess(exit) ? Infinity : 0
      }
    ),
    (cache) => ({
      drop: Cache.invalidateAll(cache),
      get: (question) =>
        Effect.flatMap(Clock.Clock, (clock) => {
          const askedAt = monotonicMillis(clock)
          // Callers that waited for an answer take it, however late it comes.
          const isFresh = ({ at }: Answer<A>): boolean => askedAt - at < millis || at >= askedAt
          return Cache.get(cache, question).pipe(
            Effect.filterOrElse(isFresh, () =>
              Effect.andThen(
                Cache.invalidateWhen(cache, question, (answer) => !isFresh(answer)),
                Cache.get(cache, question)
              )),
            Effect.map(({ value }) => value)
          )
        })
    })
  )

interface Shared {
  readonly bytes: Answers<Uint8Array>
  readonly texts: Answers<string>
}

/** Makes a client that shares reads. `given` is what `with` has made of the first client's options. */
const withAnswers = (client: OwClient.Client, shared: Shared, given: OwClient.CallOptions): OwClient.Client => {
  const word = ControlFlags.encode(client.flags)

  const ask = <A>(
    { get }: Answers<A>,
    read: Effect.Effect<A, OwError.OwError>,
    path: string,
    options: OwClient.ReadOptions | undefined
  ): Effect.Effect<A, OwError.OwError> =>
    // An invalid read is equal to nothing. The client reports what is wrong with it.
    (Argument.path(path) ?? Argument.call(options) ?? Argument.call(given)) !== undefined
      ? read
      : get(
        new Question(read, path, ControlFlags.override(word, options?.flags ?? {}), [
          // A text is trimmed unless a caller turns that off, and the flag word does not show that.
          ControlFlags.merge(given.flags, options?.flags).trim,
          options?.size,
          options?.offset,
          Argument.limit(options?.timeout ?? given.timeout),
          options?.retry ?? given.retry
        ])
      )

  const dropping = <A, E>(change: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.ensuring(change, Effect.andThen(shared.bytes.drop, shared.texts.drop))

  return {
    ...client,
    read: (path, options) =>
      Effect.map(ask(shared.bytes, client.read(path, options), path, options), (bytes) => new Uint8Array(bytes)),
    readText: (path, options) => ask(shared.texts, client.readText(path, options), path, options),
    write: (path, data, options) => dropping(client.write(path, data, options)),
    sendMessage: (type, payload, options) => dropping(client.sendMessage(type, payload, options)),
    with: (changes) =>
      withAnswers(client.with(changes), shared, {
        flags: ControlFlags.merge(given.flags, changes.flags),
        timeout: changes.timeout ?? given.timeout,
        retry: changes.retry ?? given.retry
      })
  }
}
