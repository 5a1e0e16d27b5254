/**
 * A round of a benchmark: reads of one property, as fast as a server answers.
 */
import type * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as Effect from "effect/Effect"
import * as Output from "../terminal/Output.ts"
import * as Time from "../terminal/Time.ts"
import * as Latency from "./Latency.ts"

export interface Round {
  readonly connections: number
  /** Duration of the round. */
  readonly seconds: number
  /** Number of reads that were answered. */
  readonly count: number
  readonly perSecond: number
  /** Milliseconds that 50, 90 and 99 of 100 reads did not exceed. */
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  /** Number of reads that failed. */
  readonly errors: number
  readonly firstError: OwError.OwError | undefined
}

/** Pause after a lost connection, so that a server that refuses connections is not asked in a tight loop. */
const pause = "100 millis"

/** Milliseconds between two updates of the progress line. */
const step = 250

/** Reads a property repeatedly on several connections, for `duration` milliseconds. */
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
  const at = (share: number) => Time.round(Latency.percentile(sorted, share))
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
