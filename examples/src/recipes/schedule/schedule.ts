/**
 * Switches a relay by a timetable of two cron expressions. It writes the wanted state each minute, not only when it changes, so
 * that a program that starts at noon, a server that was down, and a relay board that has lost its power all end up right. To run
 * it, set `OWSERVER` and `RELAY`, and optionally `ON`, `OFF` and `TZ`:
 *
 *     pnpm exec node examples/src/recipes/schedule/main.ts
 */
import { Device, OwRetry } from "@effect-ownet/core"
import { DS2408 } from "@effect-ownet/core/families"
import { Cron, DateTime, Effect, Ref, Schedule } from "effect"

/** Times at which a relay switches on, and times at which it switches off. */
export interface Timetable {
  readonly on: Cron.Cron
  readonly off: Cron.Cron
}

/** Whether it is on at a time. The last switching time before then decides. */
export const isOnAt = ({ off, on }: Timetable, moment: Date): boolean => {
  // The search finds only times strictly before.
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
