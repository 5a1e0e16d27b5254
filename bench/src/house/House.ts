/** A network of simulated servers: what is measured where a whole house is waited for. */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { Schema } from "effect"

export interface House {
  readonly servers: number
  /** Of each server. */
  readonly buses: number
  /** Thermometers of each server, on its buses in turn. */
  readonly devices: number
  /** Whether each thermometer has an alias. */
  readonly named: boolean
  /** Whether a conversion takes what a chip takes, or nothing. */
  readonly conversions: "real" | "instant"
}

/** How much has gone to servers and come back from them. */
export interface Traffic {
  readonly requests: number
  /** Both ways, without what TCP adds. */
  readonly bytes: number
}

/** The paths of a server's thermometers. */
export const pathsOf = ({ buses, devices, servers }: House, server = 0): ReadonlyArray<string> =>
  Object.keys(SimulatedNetwork.tester(Array.from({ length: servers * devices }, () => "28")))
    .slice(server * devices, (server + 1) * devices)
    .map((path, at) => `/bus.${at % buses}${path}`)

/** What the thermometer at a place of the list measures: a whole number of its steps, which is printed as it is. */
export const temperatureOf = (at: number): number => 10 + (at % 60) / 4

export const describe = (house: House, server: number): SimulatedNetwork.Description =>
  Object.fromEntries(
    pathsOf(house, server).map((path, at) => [
      path,
      { temperature: temperatureOf(at), ...house.named ? { alias: `room-${server}-${at}` } : {} }
    ])
  )

/** What `follower.ts` is told to do. */
export interface Job {
  readonly house: House
  /** Addresses at which nobody listens, among those of the servers. */
  readonly refusing: number
  /** Whether the thermometers of a bus measure at the same time. */
  readonly together: boolean
  /** Whole rounds that are measured. With none, only the first values are. */
  readonly rounds: number
  /** The core of the servers. */
  readonly core: number | undefined
}

/** The first values of all. Times are in milliseconds. */
export const First = Schema.Struct({
  firstTime: Schema.Finite,
  firstCpu: Schema.Finite,
  firstRequests: Schema.Finite
})

/** All that is measured of a house. Memory is in bytes. */
export const Figures = Schema.Struct({
  ...First.fields,
  /** What is in use while nothing is read, and the time of the processor that this takes in 6 seconds. */
  heap: Schema.Finite,
  buffers: Schema.Finite,
  timers: Schema.Finite,
  idleCpu: Schema.Finite,
  /** Of the rounds. */
  readings: Schema.Finite,
  requests: Schema.Finite,
  bytes: Schema.Finite,
  cpu: Schema.Finite,
  failures: Schema.Finite
})

export type Figures = typeof Figures.Type
