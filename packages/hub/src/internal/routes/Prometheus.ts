/** The state of a hub in the text format of Prometheus. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import type * as Hub from "../../Hub.ts"
import * as Metrics from "../Metrics.ts"

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\"": "\\\"", "\n": "\\n" }

const escaped = (text: string): string => text.replaceAll(/[\\"\n]/g, (char) => escapes[char] ?? char)

const lineOf = (name: string, { labels, value }: Metrics.Sample): string => {
  const shown = Object.entries(labels).filter(([, text]) => text !== "").map(([label, text]) =>
    `${label}="${escaped(text)}"`
  )
  return `${name}${shown.length === 0 ? "" : `{${shown.join(",")}}`} ${value}\n`
}

/** The metrics as text. Ten thousand series by way of the library's registry would hold up the hub for a quarter of a second. */
export const text = (families: ReadonlyArray<Metrics.Family>): string =>
  families.map(({ definition: { help, name, type }, samples }) =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map((sample) => lineOf(name, sample)).join("")}`
  ).join("")

/** The state, and with it all that the program measures of itself. */
export const format = Effect.fnUntraced(function*(hub: Hub.Hub["Service"]) {
  const [state, health, now] = yield* Effect.all([hub.state, hub.health, Clock.currentTimeMillis])
  return text(Metrics.families(state, health, now / 1000)) + (yield* PrometheusMetrics.format())
})
