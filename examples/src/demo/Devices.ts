/**
 * What is on a 1-Wire network.
 */
import { OwClient, type OwError } from "@effect-ownet/core"
import { Effect } from "effect"

export interface Device {
  readonly path: string
  /** An alias, or else a ROM id. */
  readonly name: string
  readonly chip: string
  /** Its main value. */
  readonly value: string
  /** The path of the bus, or of the branch, that it is on. */
  readonly place: string
  /** The path of its last measurement, if it is a thermometer. */
  readonly temperature: string | undefined
}

export interface Thermometer extends Device {
  readonly temperature: string
}

export const isThermometer = (device: Device): device is Thermometer => device.temperature !== undefined

/** An error in a word. */
export const reasonOf = (error: OwError.OwError): string =>
  error._tag === "ArgumentError" ? error._tag : error.reason._tag

export const lastOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

/** What devices are there for: the main value of one is the first of these that it has. */
const units: Readonly<Record<string, string>> = {
  humidity: "% humidity",
  temperature: "°C",
  "PIO.ALL": "outputs",
  "volt.A": "V",
  "counter.A": "counted"
}

/** The devices in a directory, and those behind its couplers. */
export const find = Effect.fnUntraced(function*(
  directory: string,
  known: Set<string> = new Set()
): Effect.fn.Return<ReadonlyArray<Device>, OwError.OwError, OwClient.OwClient> {
  const ow = yield* OwClient.OwClient
  const paths = yield* ow.dir(directory, { slash: false })
  // Through a coupler that is switched on, a device is seen from both sides.
  const fresh = paths.filter((path) => !known.has(lastOf(path)))
  for (const path of fresh) known.add(lastOf(path))
  return (yield* Effect.forEach(fresh, (path) => look(path, known), { concurrency: 4 })).flat()
})

const look = Effect.fnUntraced(function*(path: string, known: Set<string>) {
  const ow = yield* OwClient.OwClient
  // A device that fails must not hide the others.
  const entries = yield* Effect.orElseSucceed(ow.dir(path, { slash: false }), () => [])
  const read = (property: string, unit = "") =>
    ow.readText(`${path}/${property}`).pipe(
      Effect.match({ onFailure: reasonOf, onSuccess: (text) => `${text} ${unit}`.trim() })
    )
  const has = (property: string) => entries.some((entry) => lastOf(entry) === property)
  const main = Object.keys(units).find(has)
  const latest = ["latesttemp", "temperature"].find(has)
  const device: Device = {
    path,
    name: lastOf(path),
    chip: yield* read("type"),
    value: main === undefined ? "" : yield* read(main, units[main]),
    place: path.slice(0, path.lastIndexOf("/")),
    temperature: latest && `${path}/${latest}`
  }
  const branches = yield* Effect.forEach(
    ["main", "aux"].filter(has),
    (branch) => Effect.orElseSucceed(find(`${path}/${branch}`, known), () => [])
  )
  return [device, ...branches.flat()]
})
