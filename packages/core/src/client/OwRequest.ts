/**
 * Reads as requests, which callers share: equal reads at the same time are one READ on the server, and its answer may be kept for
 * a while.
 *
 * `read` and `readText` are such requests, for `Effect.request` and its batches. `layer` makes a client of which every read is one:
 * whatever reads through it shares, typed devices and streams among it. A plain client stays what it is.
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
  /** How long an answer is kept. By default it goes to those who wait for it, and is not kept. */
  readonly timeToLive?: Duration.Input | undefined
}

/** Maximum kept answers of each kind. */
const capacity = 1000

/**
 * A client whose `read` and `readText` are shared, also through clients that are made of it by `with` and through devices.
 *
 * **Details**
 *
 * - Reads are equal if their paths and their options are: flags, size, offset, timeout and retry. Such reads share one READ as
 *   long as it is on its way, also if it fails.
 * - A caller that is interrupted leaves the others alone. If all of them are, the READ is given up.
 * - With a `timeToLive`, the next equal reads get the same answer for that long. A failure is never kept, and neither is what was
 *   read past the server's cache.
 * - A write, or a message, through this client drops all that is kept, whether it succeeds or not: it may change more than one
 *   property. Reads that began before are joined no more. Writes by other clients are not noticed.
 * - Bytes are copies: what one caller does to them, no other sees.
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

/** A client that shares. It keeps answers for some milliseconds, or not at all. */
const shared = (client: OwClient.Client, millis: number): Effect.Effect<OwClient.Client> =>
  Effect.zipWith(
    answers<Uint8Array>(millis),
    answers<string>(millis),
    (bytes, texts) => withAnswers(client, { bytes, texts }, {})
  )

/**
 * The client of the context with shared reads: what is provided with this layer shares, devices and streams among it. Build the
 * layer once, beside that of the client: each time it is built it begins anew.
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
 * const viewer = Device.makeUnsafe(DS18B20, "28.000028D70100").pipe(
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
 * A read of bytes that callers share. Requests are equal if they have the same path and the very same options.
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
 * A read of a text that callers share.
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
 * Resolves reads by the client of those who ask. What one fiber after another asks in the same tick is one batch; equal reads are
 * one READ, also if it was sent for an earlier batch and is still on its way.
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
  // The answer has the type that its request has.
  const read: Effect.Effect<unknown, OwError.OwError> = _tag === "OwRequest.Read"
    ? ow.read(path, options)
    : ow.readText(path, options)
  return Effect.flatMap(Effect.exit(read), (exit) => Request.complete(entry, exit as Request.Result<Read | ReadText>))
}

/** Clients whose reads are joined, by those that they are made of. */
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
 * The bytes of a property, by one READ for all who ask for it at the same time. If the client is that of `layer`, the answer is kept
 * as it says.
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
 * The text of a property, as `read` has its bytes.
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

/** A read that was asked for. Equal ones have the same parts. */
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
  /** When it came, by the monotonic clock. */
  readonly at: number
}

interface Answers<A> {
  readonly get: (question: Question<A>) => Effect.Effect<A, OwError.OwError>
  readonly drop: Effect.Effect<void>
}

/** The answers to questions: on their way, and kept for some milliseconds, or not at all. */
const answers = <A>(millis: number): Effect.Effect<Answers<A>> =>
  Effect.map(
    Cache.makeWith(
      ({ read }: Question<A>): Effect.Effect<Answer<A>, OwError.OwError> =>
        Effect.flatMap(Clock.Clock, (clock) => Effect.map(read, (value) => ({ value, at: monotonicMillis(clock) }))),
      {
        capacity,
        // How old an answer is, the wall clock of the cache does not tell.
        timeToLive: (exit, { isPastCache }) => millis > 0 && !isPastCache && Exit.isSuccess(exit) ? Infinity : 0
      }
    ),
    (cache) => ({
      drop: Cache.invalidateAll(cache),
      get: (question) =>
        Effect.flatMap(Clock.Clock, (clock) => {
          const askedAt = monotonicMillis(clock)
          // Callers that waited for an answer take it, however late it is.
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

/** A client that shares. `given` is what `with` has made of the options of the first. */
const withAnswers = (client: OwClient.Client, shared: Shared, given: OwClient.CallOptions): OwClient.Client => {
  const word = ControlFlags.encode(client.flags)

  const ask = <A>(
    { get }: Answers<A>,
    read: Effect.Effect<A, OwError.OwError>,
    path: string,
    options: OwClient.ReadOptions | undefined
  ): Effect.Effect<A, OwError.OwError> =>
    // What makes no sense is equal to nothing, and the client has the words for it.
    (Argument.path(path) ?? Argument.call(options) ?? Argument.call(given)) !== undefined
      ? read
      : get(
        new Question(read, path, ControlFlags.override(word, options?.flags ?? {}), [
          // A text is trimmed unless somebody wants it otherwise, and a word does not tell whether somebody does.
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
