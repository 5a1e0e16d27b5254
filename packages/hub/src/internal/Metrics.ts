/**
 * The state of a hub as metrics, for `/metrics` and for OpenTelemetry.
 */
import { Place as Where, Printable } from "@effect-ownet/core"
import * as Option from "effect/Option"
import type * as Api from "../Api.ts"
import type * as Hub from "../Hub.ts"
import { Kind } from "../Notices.ts"

/** A metric, and the labels that its series may have. Empty labels are left out. */
export interface Definition {
  readonly name: string
  readonly type: "gauge" | "counter"
  readonly help: string
  readonly labels: ReadonlyArray<string>
}

const place = ["place", "id", "name", "group", "server", "bus"] as const

const property = [...place, "property"] as const

const runner = ["runner", "site"] as const

const define = <const Label extends string = never>(
  name: string,
  type: Definition["type"],
  help: string,
  labels: ReadonlyArray<Label> = []
) => ({ name, type, help, labels })

export const definitions = {
  value: define(
    "onewire_value",
    "gauge",
    "The last value of a property; yes is 1 and no is 0. Left out if it is implausible or no longer known",
    property
  ),
  age: define("onewire_age_seconds", "gauge", "Seconds since the last value of a property was read", property),
  failing: define("onewire_failing", "gauge", "Whether the last read of a property failed", property),
  readings: define(
    "onewire_readings_total",
    "counter",
    "Values of a property that were read since the hub was started",
    property
  ),
  failures: define(
    "onewire_failures_total",
    "counter",
    "Failures to read a property since the hub was started",
    property
  ),
  up: define("onewire_up", "gauge", "Whether the device of a place is present", place),
  alarm: define("onewire_alarm", "gauge", "Whether the device of a place is in alarm", place),
  serverUp: define("onewire_server_up", "gauge", "Whether a server answers", ["server"]),
  busFailing: define("onewire_bus_failing", "gauge", "Whether a bus fails. A bus that works is left out", [
    "server",
    "bus"
  ]),
  serverFollowed: define(
    "onewire_fleet_server_followed",
    "gauge",
    "Whether a runner of the fleet follows a server, and which one does",
    ["server", "runner", "site"]
  ),
  runnerUp: define(
    "onewire_fleet_runner_up",
    "gauge",
    "Whether a runner of the fleet is running. One that was stopped is left out after a day",
    runner
  ),
  runnerServers: define("onewire_fleet_runner_servers", "gauge", "Servers that a runner of the fleet follows", runner),
  runnerHub: define("onewire_fleet_runner_hub", "gauge", "Whether a runner of the fleet holds the hub", runner),
  runnerAge: define(
    "onewire_fleet_runner_age_seconds",
    "gauge",
    "Seconds since a runner of the fleet was last heard from",
    runner
  ),
  runnerWaiting: define(
    "onewire_fleet_runner_waiting",
    "gauge",
    "Events that wait at a runner of the fleet to be written to the journal",
    runner
  ),
  runnerDropped: define(
    "onewire_fleet_runner_dropped_total",
    "counter",
    "Events that a runner of the fleet dropped since it was started, because the journal could not be written",
    runner
  ),
  notices: define("onewire_notices_open", "gauge", "Notices that have not ended", ["kind"]),
  outletUp: define(
    "onewire_outlet_up",
    "gauge",
    "Whether an outlet of the hub, such as the MQTT broker, can be reached",
    ["outlet"]
  ),
  historyUp: define("onewire_history_up", "gauge", "Whether the history is kept"),
  historyWaiting: define("onewire_history_waiting", "gauge", "Values that wait to be written to the history"),
  historyDropped: define(
    "onewire_history_dropped_total",
    "counter",
    "Values that were dropped since the hub was started, because the history could not be written"
  ),
  uptime: define("onewire_hub_uptime_seconds", "gauge", "Seconds since the hub was started"),
  memory: define("onewire_hub_memory_bytes", "gauge", "Memory that the process of the hub uses")
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly definition: Definition
  readonly samples: ReadonlyArray<Sample>
}

const numberOf = (given: Api.Reading["value"] | undefined): number | undefined =>
  typeof given === "number" ? given : typeof given === "boolean" ? Number(given) : undefined

/** Whether nothing can be known of a place, because its server or its bus fails. */
const isCutOff = (servers: ReadonlyArray<Api.ServerState>, { bus, server }: Api.PlaceState): boolean => {
  const known = servers.find(({ name }) => name === server)
  if (known === undefined) return false
  return known.failing !== undefined || bus !== undefined && known.buses.some(({ name }) =>
        Option.exists(
          Option.all([Where.fromString(name), Where.fromString(bus)]),
          ([outer, inner]) => Where.contains(outer, inner)
        )
      )
}

/** All metrics, at a time in seconds since 1970. Hidden places have none. */
export const families = (state: Api.State, health: Hub.Health, now: number): ReadonlyArray<Family> => {
  const all = new Map<Definition, Array<Sample>>(Object.values(definitions).map((definition) => [definition, []]))
  const add = <const Label extends string>(
    definition: Definition & { readonly labels: ReadonlyArray<Label> },
    labels: Readonly<Record<Label, string>>,
    value: number | boolean
  ) => void all.get(definition)?.push({ labels, value: Number(value) })

  const addFleet = ({ runner: hub, runners, unfollowed }: Api.Fleet, servers: ReadonlyArray<Api.ServerState>): void => {
    for (const { dropped, isThere, runner, seen, servers, site = "", waiting } of runners) {
      const labels = { runner: Printable.printable(runner), site: Printable.printable(site) }
      add(definitions.runnerUp, labels, isThere)
      add(definitions.runnerServers, labels, servers)
      add(definitions.runnerHub, labels, runner === hub)
      add(definitions.runnerAge, labels, Math.max(0, now - seen))
      add(definitions.runnerWaiting, labels, waiting)
      add(definitions.runnerDropped, labels, dropped)
    }
    const followed = servers.flatMap(({ name: server, runner, site }) =>
      runner === undefined ? [] : [{ server, runner, site }]
    )
    for (const { server, runner, site = "" } of [...followed, ...unfollowed.map((one) => ({ ...one, runner: "" }))]) {
      const labels = {
        server: Printable.printable(server),
        runner: Printable.printable(runner),
        site: Printable.printable(site)
      }
      add(definitions.serverFollowed, labels, runner !== "")
    }
  }

  const counts = new Map(health.counts.map((count) => [JSON.stringify([count.place, count.property]), count]))
  for (const one of state.places) {
    const { alarmSince, bus = "", device, goneSince, group = "", isHidden, key, properties, server = "", title } = one
    if (isHidden) continue
    const labels = {
      place: key,
      id: device,
      name: Printable.printable(title),
      group: Printable.printable(group),
      server: Printable.printable(server),
      bus: Printable.printable(bus)
    }
    const isThere = goneSince === undefined && !isCutOff(state.servers, one)
    add(definitions.up, labels, goneSince === undefined)
    add(definitions.alarm, labels, alarmSince !== undefined)
    for (const { failing, isKept, name, reading } of properties) {
      const number = numberOf(reading?.value)
      // Texts and lists have no metric.
      if (!isKept && number === undefined) continue
      const ofProperty = { ...labels, property: name }
      if (isThere && failing === undefined && reading?.verdict === undefined && number !== undefined) {
        add(definitions.value, ofProperty, number)
      }
      if (reading !== undefined) add(definitions.age, ofProperty, Math.max(0, now - reading.at))
      add(definitions.failing, ofProperty, failing !== undefined)
      const { failures, readings } = counts.get(JSON.stringify([key, name])) ?? { failures: 0, readings: 0 }
      add(definitions.readings, ofProperty, readings)
      add(definitions.failures, ofProperty, failures)
    }
  }
  for (const { buses, failing, name: server } of state.servers) {
    add(definitions.serverUp, { server: Printable.printable(server) }, failing === undefined)
    for (const { name: bus } of buses) {
      add(definitions.busFailing, { server: Printable.printable(server), bus: Printable.printable(bus) }, true)
    }
  }
  if (state.fleet !== undefined) addFleet(state.fleet, state.servers)
  for (const kind of Kind.literals) {
    add(definitions.notices, { kind }, state.notices.filter((notice) => notice.kind === kind).length)
  }
  for (const { failing, name: outlet } of state.outlets) {
    add(definitions.outletUp, { outlet: Printable.printable(outlet) }, failing === undefined)
  }
  add(definitions.historyUp, {}, state.historyFailing === undefined)
  add(definitions.historyWaiting, {}, health.waiting)
  add(definitions.historyDropped, {}, health.dropped)
  add(definitions.uptime, {}, health.uptime)
  add(definitions.memory, {}, health.memory)
  return [...all].flatMap(([definition, samples]) => samples.length === 0 ? [] : [{ definition, samples }])
}
