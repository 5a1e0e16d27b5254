/** A network of simulated servers, for workloads that wait for a whole house. */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { Schema } from "effect"

export interface House {
  readonly servers: number
  /** Number of buses of each server. */
  readonly buses: number
  /** Number of thermometers of each server, distributed over its buses. */
  readonly devices: number
  /** Whether each thermometer has an alias. */
  readonly named: boolean
  /** Whether a conversion takes as long as in a chip, or no time. */
  readonly conversions: "real" | "instant"
}

/** Traffic to servers and back. */
export interface Traffic {
  readonly requests: number
  /** Bytes in both directions, without the overhead of TCP. */
  readonly bytes: number
}

/** The paths of a server's thermometers. */
export const pathsOf = ({ buses, devices, servers }: House, server = 0): ReadonlyArray<string> =>
  Object.keys(SimulatedNetwork.tester(Array.from({ length: servers * devices }, () => "28")))
    .slice(server * devices, (server + 1) * devices)
    .map((path, at) => `/bus.${at % buses}${path}`)

/** Temperature of the thermometer at a position of the list: a whole number of its steps, which is printed unchanged. */
export const temperatureOf = (at: number): number => 10 + (at % 60) / 4

export const describe = (house: House, server: number): SimulatedNetwork.Description =>
  Object.fromEntries(
    pathsOf(house, server).map((path, at) => [
      path,
      { temperature: temperatureOf(at), ...house.named ? { alias: `room-${server}-${at}` } : {} }
    ])
  )

/** A task of `follower.ts`. */
export interface Job {
  readonly house: House
  /** Number of addresses at which no server listens, among those of the servers. */
  readonly refusing: number
  /** Whether the thermometers of a bus measure at the same time. */
  readonly together: boolean
  /** Number of whole rounds to measure. With 0, only the first values are measured. */
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

/** All measurements of a house. Memory is in bytes. */
export const Figures = Schema.Struct({
  ...First.fields,
  /** Memory in use while nothing is read, and the CPU time that this takes in 6 seconds. */
  heap: Schema.Finite,
  buffers: Schema.Finite,
  timers: Schema.Finite,
  idleCpu: Schema.Finite,
  /** Figures of the rounds. */
  readings: Schema.Finite,
  requests: Schema.Finite,
  bytes: Schema.Finite,
  cpu: Schema.Finite,
  failures: Schema.Finite
})

export type Figures = typeof Figures.Type
