/** Figures of a hub for monitoring: readings and failures since the bridge began. */
import type * as Api from "../../Api.ts"
import * as Desired from "./Desired.ts"

const failures = new Set(["Failed", "BusFailed", "ServerFailed"])

/** Maximum subjects of failures, because places come and go. */
const mostSubjects = 1000

const subjectOf = ({ bus, place, server }: Api.Event): string =>
  place ?? (bus === undefined ? server ?? "" : `${server ?? ""}/${bus}`)

export class Health {
  private readonly begun: number
  private places: ReadonlyMap<string, Api.PlaceState> = new Map()
  private readings = 0
  private readonly failures = new Map<string, number>()

  /** Begins at a time in seconds since 1970. */
  constructor(begun: number) {
    this.begun = begun
  }

  /** Takes in the current state. */
  take({ places }: Api.State): void {
    const before = this.places
    for (const place of places) {
      const known = before.get(place.key)
      if (known === place) continue
      const times = new Map(known?.properties.map(({ name, reading }) => [name, reading?.at]))
      this.readings += place.properties.filter(({ name, reading }) =>
        reading !== undefined && reading.at > Math.max(this.begun, times.get(name) ?? 0)
      ).length
    }
    this.places = new Map(places.map((place) => [place.key, place]))
  }

  /** Takes in an event. */
  tell(event: Api.Event): void {
    if (!failures.has(event.kind)) return
    const subject = subjectOf(event)
    const count = this.failures.get(subject) ?? 0
    if (count > 0 || this.failures.size < mostSubjects) this.failures.set(subject, count + 1)
  }

  /** The figures. */
  report(state: Api.State, lastGood: Desired.LastGood, messages: Readonly<Record<string, number>>) {
    const { heapUsed, rss } = process.memoryUsage()
    const shown = state.places.filter(({ isHidden }) => !isHidden)
    return {
      at: new Date(state.at * 1000).toISOString(),
      uptime: Math.round(state.at - this.begun),
      memory: { rss, heap_used: heapUsed },
      messages,
      readings: this.readings,
      failures: Object.fromEntries(this.failures),
      places: {
        total: shown.length,
        available: shown.filter((place) => Desired.isAvailable(state, place, lastGood.get(place.key))).length
      },
      servers: state.servers.map(({ buses, failing, name }) => ({
        name,
        problem: failing?.message,
        buses: buses.map(({ message, name }) => ({ name, problem: message }))
      })),
      history_problem: state.historyFailing?.message
    }
  }
}
