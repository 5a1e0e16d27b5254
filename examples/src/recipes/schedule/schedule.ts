/**
 * Switches a relay by a timetable of two cron expressions. It writes the state that the timetable wants each minute, and not only when
 * that changes: a program that starts at noon, a server that was away, and a relay board that has lost its power all end up right.
 * To run it, set `OWSERVER` and `RELAY`, and perhaps `ON`, `OFF` and `TZ`:
 *
 *     pnpm exec node examples/src/recipes/schedule/main.ts
 */
import { Device, OwRetry } from "@effect-ownet/core"
import { DS2408 } from "@effect-ownet/core/families"
import { Cron, DateTime, Effect, Ref, Schedule } from "effect"

/** Times at which something is switched on, and times at which it is switched off. */
export interface Timetable {
  readonly on: Cron.Cron
  readonly off: Cron.Cron
}

/** Whether it is on at a moment: the last of the times before it decides. */
export const isOnAt = ({ off, on }: Timetable, moment: Date): boolean => {
  // The search is for what came strictly before.
  const after = new Date(moment.getTime() + 1)
  return Cron.prev(on, after) > Cron.prev(off, after)
}

export const schedule = Effect.fnUntraced(
  function*(options: { readonly relay: string; readonly timetable: Timetable }) {
    const relay = yield* Device.make(DS2408, options.relay)
    const told = yield* Ref.make<boolean | undefined>(undefined)

    const step = Effect.gen(function*() {
      const isOn = isOnAt(options.timetable, yield* DateTime.nowAsDate)
      yield* relay.write("PIO.0", isOn, { verify: true, retry: OwRetry.transient, timeout: "20 seconds" })
      if ((yield* Ref.getAndSet(told, isOn)) !== isOn) yield* Effect.logInfo(`the relay is ${isOn ? "on" : "off"}`)
    })
    return yield* step.pipe(
      // The next minute tries again.
      Effect.catch((error) => Effect.logWarning(error.message)),
      Effect.repeat(Schedule.cron("* * * * *"))
    )
  }
)
