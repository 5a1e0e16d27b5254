/**
 * Errors that a server has counted on a bus, and their meaning.
 */
import type * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as Effect from "effect/Effect"
import type { Finding } from "./Finding.ts"

/** Counters by their names, without those that a server does not have. */
export type Counters = Readonly<Record<string, number>>

interface Kind {
  /** Counters of this kind, each with a word for the errors that it counts. */
  readonly counters: Readonly<Record<string, string>>
  /** Whether a few of these errors among many resets are normal. */
  readonly isUsual: boolean
  readonly advice: string
}

const kinds: ReadonlyArray<Kind> = [
  {
    counters: { shorts: "short circuits" },
    isUsual: true,
    advice:
      "Something pulls the data line down: a short circuit, a device that is wired wrongly, or a broken one. Unplug " +
      "one branch after another until the fault ends"
  },
  {
    counters: {
      reset_errors: "failed resets",
      select_errors: "failed selections",
      "search_errors/error_pass_1": "disturbed searches",
      "search_errors/error_pass_2": "disturbed second searches",
      "search_errors/error_pass_3": "disturbed third searches",
      errors: "other errors"
    },
    isUsual: true,
    advice:
      "The bus is disturbed: look for loose contacts and corroded plugs, for long stubs and stars of cable, and for " +
      "mains cables next to it"
  },
  {
    counters: {
      reconnects: "reconnections of the bus master",
      reconnect_errors: "failed reconnections",
      open_errors: "failures to open it",
      close_errors: "failures to close it",
      detect_errors: "failures to detect it",
      status_errors: "failures to ask for its state",
      read_errors: "failures to read from it",
      write_errors: "failures to write to it",
      timeouts: "time-outs of it"
    },
    isUsual: false,
    advice: "The bus master itself did not answer: look at its USB or serial plug, at its power supply, and at the " +
      "system's messages about it (dmesg)"
  },
  {
    counters: { pullup_errors: "failures to give strong power", program_errors: "failed programming pulses" },
    isUsual: false,
    advice: "The bus master could not supply what devices on parasite power need: give them their own supply"
  }
]

const names = ["resets", "elapsed_time", ...kinds.flatMap(({ counters }) => Object.keys(counters))]

/** Reads the counters of a bus, without touching the bus. */
export const read = (ow: OwClient.Client, bus: string): Effect.Effect<Counters, OwError.Unanswered> =>
  readAll(ow, `/${bus}/interface/statistics`, names)

/** Reads the numbers of a directory, except those that are refused. */
export const readAll = (
  ow: OwClient.Client,
  directory: string,
  names: ReadonlyArray<string>
): Effect.Effect<Counters, OwError.Unanswered> =>
  Effect.map(
    Effect.forEach(names, (name) =>
      ow.readText(`${directory}/${name}`).pipe(
        Effect.map(Number),
        Effect.catchTag("OwnetError", () => Effect.succeed(Number.NaN)),
        Effect.map((value) => [name, value] as const)
      ), { concurrency: 4 }),
    (counters) => Object.fromEntries(counters.filter(([, value]) => Number.isFinite(value)))
  )

/** Maximum share of resets that may fail. */
const usual = 0.01

/** Judges the counters of a bus, read before and after it was used. */
export const judge = (bus: string, before: Counters, after: Counters): Finding => {
  const { elapsed_time: seconds = 0, resets = 0 } = after
  const found: Array<string> = []
  const advice: Array<string> = []
  const counters: Record<string, number> = {}
  const rising: Record<string, number> = {}
  for (const kind of kinds) {
    let total = 0
    let isRising = false
    for (const [name, word] of Object.entries(kind.counters)) {
      const count = after[name] ?? 0
      if (count === 0) continue
      const now = count - (before[name] ?? count)
      counters[name] = count
      if (now > 0) rising[name] = now
      found.push(now > 0 ? `${count} ${word}, ${now} of them just now` : `${count} ${word}`)
      total += count
      isRising ||= now > 0
    }
    if (total > 0 && (isRising || !kind.isUsual || total > resets * usual)) advice.push(kind.advice)
  }
  // A simulated server does not report its uptime.
  const span = seconds > 0 ? `in the ${spanOf(seconds)} since the server's start` : "since the server's start"
  return {
    check: "errors",
    bus,
    status: advice.length === 0 ? "ok" : "warn",
    message: `${found.length === 0 ? "none" : found.join("; ")} ${span}${resets > 0 ? `, among ${resets} resets` : ""}`,
    advice: advice.length === 0 ? undefined : advice.join(". "),
    details: { seconds, resets, counters, rising }
  }
}

const spanOf = (seconds: number): string => {
  const [length, unit] = seconds < 120
    ? [1, "seconds"]
    : seconds < 7200
    ? [60, "minutes"]
    : seconds < 172_800
    ? [3600, "hours"]
    : [86_400, "days"]
  return `${Math.floor(seconds / length)} ${unit}`
}
