/**
 * How fast a server answers reads.
 */
import type * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as Effect from "effect/Effect"
import * as Output from "../terminal/Output.ts"
import * as Latency from "./Latency.ts"

/** A round of reads. */
export interface Round {
  readonly connections: number
  /** How long it took. */
  readonly seconds: number
  /** Reads that were answered. */
  readonly count: number
  readonly perSecond: number
  /** Milliseconds that so many in a hundred did not exceed. */
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  /** Reads that were not answered. */
  readonly errors: number
  readonly firstError: OwError.OwError | undefined
}

/** After a connection is lost, others are not asked for as fast as they can be refused. */
const pause = "100 millis"

/** How often it says how far it is. */
const step = 250

/** Reads a property over and over, on several connections at a time, for so many milliseconds. */
export const run = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  { connections, duration, path }: { readonly connections: number; readonly duration: number; readonly path: string }
) {
  const times: Array<number> = []
  let errors = 0
  let firstError: OwError.OwError | undefined
  const start = yield* Latency.millis
  const end = start + duration
  const read = Effect.gen(function*() {
    for (let before = yield* Latency.millis; before < end; before = yield* Latency.millis) {
      const error = yield* Effect.match(ow.read(path), { onFailure: (error) => error, onSuccess: () => undefined })
      if (error === undefined) times.push((yield* Latency.millis) - before)
      else {
        errors++
        firstError ??= error
        if (error._tag !== "OwnetError") yield* Effect.sleep(pause)
      }
    }
  })
  const progress = Effect.gen(function*() {
    for (;;) {
      const left = Math.ceil((end - (yield* Latency.millis)) / 1000)
      yield* Output.progressing(`${connectionsOf(connections)}: ${times.length} reads, ${Math.max(left, 0)} s to go …`)
      yield* Effect.sleep(step)
    }
  })
  yield* Effect.raceFirst(
    Effect.all(Array.from({ length: connections }, () => read), { concurrency: "unbounded", discard: true }),
    progress
  ).pipe(Effect.ensuring(Output.progressing("")))
  const seconds = ((yield* Latency.millis) - start) / 1000
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => Latency.round(Latency.percentile(sorted, share))
  const round: Round = {
    connections,
    seconds: Number(seconds.toFixed(3)),
    count: times.length,
    perSecond: Math.round(times.length / seconds),
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    max: at(1),
    errors,
    firstError
  }
  return round
})

export const connectionsOf = (count: number): string => count === 1 ? "1 connection" : `${count} connections`
