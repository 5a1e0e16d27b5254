/**
 * Pages somebody when a freezer has been too warm, or its thermometer silent, for ten minutes, and again when that is over. It
 * exists for its tests: of its decisions, without any network (`pages`); of its behavior over hours; of the failures that retries
 * hide; and of servers and buses that fail. To run it, set `OWSERVER` and `THERMOMETER`:
 *
 *     pnpm exec node examples/src/testing/main.ts
 */
import { Device, OwRetry } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { Context, Effect, Option, Schedule, Stream } from "effect"

export class Pager extends Context.Service<Pager, {
  readonly page: (text: string) => Effect.Effect<void>
}>()("examples/testing/Pager") {}

const patience = 10

/** The messages to page, from the troubles of each minute. */
export const pages = <E, R>(troubles: Stream.Stream<Option.Option<string>, E, R>): Stream.Stream<string, E, R> =>
  Stream.mapAccum(troubles, () => 0, (minutes, trouble) =>
    Option.match(trouble, {
      onNone: () => [0, minutes >= patience ? ["all is well again"] : []] as const,
      onSome: (text) => [minutes + 1, minutes + 1 === patience ? [text] : []] as const
    }))

export const freezer = Effect.fnUntraced(
  function*(options: { readonly thermometer: string; readonly warmest: number }) {
    const pager = yield* Pager
    const thermometer = yield* Device.make(DS18B20, options.thermometer)
    const trouble = thermometer.reading("temperature", { implausible: "reject", timeout: "10 seconds" }).pipe(
      Effect.retry({ schedule: OwRetry.transient, while: OwRetry.isTransient }),
      Effect.match({
        onFailure: (error) => Option.some(error.message),
        onSuccess: ({ value }) => value > options.warmest ? Option.some(`it is ${value} °C`) : Option.none()
      })
    )
    yield* Stream.runForEach(pages(Stream.fromEffectSchedule(trouble, Schedule.fixed("1 minute"))), pager.page)
  }
)
