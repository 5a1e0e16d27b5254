/**
 * Faults of a simulated server, in the form of `--faults`: `delay=200ms,silence=0.01,busFault=0.1`.
 */
import * as Fault from "@effect-ownet/core/testing/Fault"
import * as DurationText from "@effect-ownet/hub/DurationText"
import * as Option from "effect/Option"
import * as Result from "effect/Result"

const { Close, Delay, Deny, Drop, Garbage, Http, Refuse, Reset, Short, Silence, Split } = Fault.Fault

/** Faults by their names, with durations and bytes that suit a trial. */
const kinds: Readonly<Record<string, Fault.Fault>> = {
  busFault: Refuse({ code: -5 }),
  absent: Refuse({ code: -1 }),
  silence: Silence(),
  drop: Drop(),
  close: Close({ at: "inside" }),
  reset: Reset({ at: "before" }),
  deny: Deny(),
  split: Split({ size: 7 }),
  short: Short({ missing: 1 }),
  garbage: Garbage({ bytes: Uint8Array.from({ length: 48 }, (_, i) => (i * 37 + 11) & 0xff) }),
  http: Http()
}

export const names: ReadonlyArray<string> = ["delay", ...Object.keys(kinds)]

/** Default share of requests that a fault strikes: one in twenty. */
const defaultShare = 0.05

/** The plan that a text describes, or the mistake in the text. */
export const parse = (text: string, seed: number): Result.Result<Fault.Plan, string> => {
  const plans: Array<Fault.Plan> = []
  for (const [index, part] of text.split(",").entries()) {
    const [name, value] = part.split("=")
    const fault = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (name === "delay") {
      const duration = Option.getOrUndefined(DurationText.parse(value ?? ""))
      if (duration === undefined) return Result.fail(`${part}: a delay takes a duration, as in delay=200ms`)
      plans.push(Fault.seeded(seed, 1, [Delay({ duration })]))
    } else if (fault === undefined) {
      return Result.fail(`${JSON.stringify(name)} is not a fault: there are ${names.join(", ")}`)
    } else {
      const share = value === undefined ? defaultShare : Number(value)
      if (!(share > 0 && share <= 1)) return Result.fail(`${part}: a share is a number up to 1, as in ${name}=0.1`)
      plans.push(Fault.seeded(seed + index, share, [fault]))
    }
  }
  return Result.succeed((asked) => plans.flatMap((plan) => plan(asked) ?? []))
}
