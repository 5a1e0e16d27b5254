/**
 * Runs calls as promises, with their options, signals and logs.
 */
import type * as OwClient from "@effect-ownet/core/client/OwClient"
import * as OwRetry from "@effect-ownet/core/client/OwRetry"
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Family from "@effect-ownet/core/device/Family"
import * as Printable from "@effect-ownet/core/protocol/Printable"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Stream from "effect/Stream"
import type { CallOptions, PromiseDevice } from "../PromiseClient.ts"

/** The context in which a client logs its frames, if it does. Untyped callers may pass `null`. */
export const loggingTo = (log: ((line: string) => void) | null | undefined): Context.Context<never> =>
  log == null ? Context.empty() : Context.make(References.MinimumLogLevel, "Debug").pipe(
    Context.add(
      Logger.CurrentLoggers,
      new Set([Logger.make<unknown, void>(({ message }) => log(Printable.printable([message].flat().join(" "))))])
    )
  )

/** Runs calls with the options of promises. */
export type Run = <O extends CallOptions, A, E>(
  options: O | undefined,
  call: (options: CoreOptions<O> | undefined) => Effect.Effect<A, E>
) => Promise<A>

/** A device whose calls are promises. */
export const deviceIn = (run: Run) => <P extends Family.Properties>(device: Device.Device<P>): PromiseDevice<P> => ({
  id: device.id,
  path: device.path,
  name: device.name,
  bus: device.bus,
  family: device.family,
  read: (name, options) => run(options, (options) => device.read(name, options)),
  reading: (name, options) =>
    run(
      options,
      (options) =>
        Effect.map(device.reading(name, options), ({ at, unit, value, verdict }) => ({ value, unit, at, verdict }))
    ),
  write: (name, value, options) => run(options, (options) => device.write(name, value, options))
})

export const runIn = (context: Context.Context<never>): Run =>
<O extends CallOptions, A, E>(
  options: O | undefined,
  call: (options: CoreOptions<O> | undefined) => Effect.Effect<A, E>
): Promise<A> => {
  // An exception thrown by a call also rejects its promise.
  const effect = Effect.suspend(() => call(coreOptions(options)))
  const signal = options?.signal ?? undefined
  return Effect.runPromiseWith(context)(signal === undefined ? effect : Effect.raceFirst(aborted(signal), effect))
}

export const iterateIn = (context: Context.Context<never>) =>
<O extends CallOptions, A, E>(
  options: O | undefined,
  call: (options: CoreOptions<O> | undefined) => Stream.Stream<A, E>
): AsyncIterable<A> => {
  const signal = options?.signal ?? undefined
  const entries = Stream.toAsyncIterableWith(
    Stream.suspend((): Stream.Stream<A, unknown> => {
      // The interruption of a stream starts at the same time as the stream, and one request would already be sent.
      if (signal?.aborted === true) return Stream.fail(signal.reason)
      const stream = call(coreOptions(options))
      return signal === undefined ? stream : Stream.interruptWhen(stream, aborted(signal))
    }),
    context
  )
  return { [Symbol.asyncIterator]: () => inTurn(entries[Symbol.asyncIterator]()) }
}

/**
 * An iterator that may be asked for the next entry before it has returned the last one. The iterator of a stream would lose
 * entries.
 */
const inTurn = <A>(iterator: AsyncIterator<A>): AsyncIterableIterator<A> => {
  let last: Promise<unknown> = Promise.resolve()
  return {
    ...iterator,
    next: () => {
      const next = last.then(() => iterator.next())
      last = next.catch(() => {})
      // A separate promise, so that an unhandled failure is reported like any other.
      return next.then()
    },
    [Symbol.asyncIterator]() {
      return this
    }
  }
}

/** Fails with the signal's reason, of any type. */
const aborted = (signal: AbortSignal): Effect.Effect<never, unknown> =>
  Effect.callback((resume) => {
    const onAbort = (): void => resume(Effect.fail(signal.reason))
    if (signal.aborted) return onAbort()
    signal.addEventListener("abort", onAbort, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", onAbort))
  })

/** The options in the form that the client takes. */
export type CoreOptions<O> = Omit<O, "retry" | "signal"> & Pick<OwClient.CallOptions, "retry">

export const coreOptions = <O extends CallOptions>(options: O | undefined): CoreOptions<O> | undefined => {
  // Untyped callers may pass `null`.
  if (options === undefined || options === null) return undefined
  const { retry, signal: _, ...others } = options
  return {
    ...others,
    flags: others.flags ?? undefined,
    timeout: others.timeout ?? undefined,
    retry: retry === true ? OwRetry.transient : retry ?? undefined
  }
}
