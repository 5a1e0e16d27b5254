/**
 * The clock of a fleet, which follows the clock of its database. Readings of one device may come from one machine now and from
 * another one later, and their clocks may differ by minutes. A machine without a battery has an arbitrary time until it has
 * reached a time server.
 */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { numberIn } from "../history/Database.ts"
import * as FleetTables from "./FleetTables.ts"

/** Time between looks at the clock of the database. */
const every = "5 seconds"

/** Maximum error, in milliseconds, before the clock is set. Smaller errors are corrected little by little. */
const tolerance = 500

/** Minimum difference to the clock of this machine that is reported, and minimum change of it, in milliseconds. */
const worthTelling = 2000

/** An answer of the database. */
export interface Measured {
  /** Milliseconds since 1970, by the database, when the monotonic clock of this machine was at zero. */
  readonly origin: number
  /** Possible error in milliseconds, because the query and its answer may take different times. */
  readonly doubt: number
}

/**
 * Clock of the fleet. It advances with the monotonic clock of the machine, so setting the wall clock of the machine has no
 * effect.
 */
export class FleetClock implements Clock.Clock {
  private readonly own: Clock.Clock
  private origin: number
  /** The last reported difference to the clock of this machine, in milliseconds. */
  private told = 0

  constructor(own: Clock.Clock, { origin }: Measured) {
    this.own = own
    this.origin = origin
  }

  /** Takes an answer of the database. Returns the milliseconds by which the clock of this machine is ahead, if that is news. */
  take({ doubt, origin }: Measured): number | undefined {
    const error = origin - this.origin
    if (Math.abs(error) > tolerance + doubt) this.origin = origin
    else if (Math.abs(error) > doubt) this.origin += error / 4
    const ahead = this.own.currentTimeMillisUnsafe() - this.currentTimeMillisUnsafe()
    if (Math.abs(ahead - this.told) < worthTelling) return undefined
    this.told = ahead
    return ahead
  }

  currentTimeMillisUnsafe(): number {
    return Math.floor(this.origin + millis(this.own))
  }

  readonly currentTimeMillis = Effect.sync(() => this.currentTimeMillisUnsafe())

  currentTimeNanosUnsafe(): bigint {
    return BigInt(Math.floor(this.origin * 1e3)) * 1000n + this.own.monotonicTimeNanosUnsafe()
  }

  readonly currentTimeNanos = Effect.sync(() => this.currentTimeNanosUnsafe())

  monotonicTimeNanosUnsafe(): bigint {
    return this.own.monotonicTimeNanosUnsafe()
  }

  readonly monotonicTimeNanos = Effect.sync(() => this.monotonicTimeNanosUnsafe())

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    return this.own.sleep(duration)
  }
}

const millis = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6

const textOf = (ahead: number): string => {
  const seconds = Math.round(Math.abs(ahead) / 1000)
  if (seconds < worthTelling / 1000) {
    return "The clock of this machine agrees with that of the database of the fleet again"
  }
  const how = ahead > 0 ? "ahead of" : "behind"
  return `The clock of this machine is ${seconds} s ${how} that of the database, by which the fleet goes`
}

const make = Effect.gen(function*() {
  const { cells, named, sql } = yield* FleetTables.FleetDatabase
  const own = yield* Clock.Clock

  const measure = Effect.gen(function*() {
    const asked = millis(own)
    const found = yield* cells(sql`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision`)
    const answered = millis(own)
    const measured: Measured = {
      origin: (numberIn(found) ?? own.currentTimeMillisUnsafe()) - (asked + answered) / 2,
      doubt: (answered - asked) / 2
    }
    return measured
  }).pipe(named("Reading the clock of the database"))

  // The first query may have to open a connection.
  yield* measure
  const first = yield* measure
  const clock = new FleetClock(own, first)
  const take = (measured: Measured) =>
    Effect.suspend(() => {
      const ahead = clock.take(measured)
      return ahead === undefined ? Effect.void : Effect.logWarning(textOf(ahead))
    })
  yield* take(first)
  yield* Effect.sleep(every).pipe(
    Effect.andThen(Effect.flatMap(measure, take)),
    Effect.catch((error) => Effect.logDebug(error.message)),
    Effect.forever,
    Effect.forkScoped
  )
  return clock
})

/**
 * Makes all layers built on it use the clock of the database, or the monotonic clock of the machine while the database cannot be
 * reached.
 */
export const layer = Layer.effect(Clock.Clock, make).pipe(Layer.provide(FleetTables.layer))
