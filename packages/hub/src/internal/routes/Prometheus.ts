/** The state of a hub in the text format of Prometheus. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import type * as Hub from "../../Hub.ts"
import * as Metrics from "../Metrics.ts"

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\"": "\\\"", "\n": "\\n" }

const escaped = (text: string): string => text.replaceAll(/[\\"\n]/g, (char) => escapes[char] ?? char)

const plain = /^[^\\"\n]*$/

const quoted = (text: string): string => `"${plain.test(text) ? text : escaped(text)}"`

const shown = (labels: Metrics.Sample["labels"]): string => {
  let text = ""
  for (const label in labels) {
    const value = labels[label]
    if (value !== undefined && value !== "") text += `${text === "" ? "" : ","}${label}=${quoted(value)}`
  }
  return text === "" ? "" : `{${text}}`
}

/** The metrics as text. With ten thousand series, the library's registry would block the hub for a quarter of a second. */
const format = (families: ReadonlyArray<Metrics.Family>): string => {
  // All metrics of a property have the same labels.
  const known = new Map<Metrics.Sample["labels"], string>()
  let text = ""
  for (const { definition: { help, name, type }, samples } of families) {
    text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
    for (const { labels, value } of samples) {
      let label = known.get(labels)
      if (label === undefined) known.set(labels, label = shown(labels))
      text += `${name}${label} ${value}\n`
    }
  }
  return text
}

/** Help for metrics without a description, such as those of the engine of a fleet. Checkers of the format require one. */
const withHelp = (text: string): string =>
  text.replaceAll(
    /^# TYPE (\S+) /gm,
    (line, name: string) =>
      text.includes(`# HELP ${name} `) ? line : `# HELP ${name} Measured by the program itself\n${line}`
  )

/** The state, and all metrics that the program measures of itself. */
export const answer = Effect.fnUntraced(function*(hub: Hub.Hub["Service"]) {
  const [state, health, now] = yield* Effect.all([hub.state, hub.health, Clock.currentTimeMillis])
  return format(Metrics.families(state, health, now / 1000)) + withHelp(yield* PrometheusMetrics.format())
})
