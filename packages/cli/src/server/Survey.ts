/**
 * What is on the network of a server, and what it measures.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Observation from "@effect-ownet/core/monitor/Observation"
import * as Follow from "@effect-ownet/core/network/Follow"
import * as Snapshot from "@effect-ownet/core/network/Snapshot"
import type * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type * as Failure from "../show/Failure.ts"
import type { Settings } from "./Settings.ts"
import * as TimeLimit from "./TimeLimit.ts"

/** A device, with its values if these were wanted. */
export interface Surveyed {
  readonly device: Device.AnyDevice
  readonly seen: ReadonlyArray<Observation.Observation>
  /** Why it could not be found out what to read. */
  readonly error: Device.Failure | undefined
}

export interface Survey {
  /** By bus, then by branch, then by ROM id. */
  readonly devices: ReadonlyArray<Surveyed>
  /** What could not be searched, and how the connection was lost. */
  readonly failures: ReadonlyArray<Device.Failure | Failure.TimedOut>
}

/** How many devices were found, and of how many all values were read. */
export interface Progress {
  readonly devices: number
  readonly read: number
}

/** Searches a server and reads everything once, as far as that can be done in time. It fails if the server does not answer. */
export const make = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  target: Follow.Target,
  onProgress: (progress: Progress) => Effect.Effect<void>
): Effect.fn.Return<Survey, Device.Failure | Failure.TimedOut, Settings> {
  const limit = yield* TimeLimit.start
  let last: Snapshot.Snapshot = Snapshot.empty
  const unread = new Map<RomId.RomId, number>()
  const isDone = yield* Follow.follow(target, Schedule.recurs(0), {
    implausible: "readAgain",
    together: true,
    search: { every: Infinity }
  }).pipe(
    Stream.provideService(OwClient.OwClient, ow),
    Stream.takeUntil((event) => event._tag === "ServerFailed" && last.missing === undefined),
    Stream.runForEach((event) => {
      last = Snapshot.take(last, event)
      if (event._tag === "Found") {
        for (const { device } of event.properties) unread.set(device.id, (unread.get(device.id) ?? 0) + 1)
      } else if (event._tag === "Reading" || event._tag === "Failed") {
        unread.set(event.device.id, (unread.get(event.device.id) ?? 0) - 1)
      } else return Effect.void
      const devices = HashMap.size(last.devices)
      return onProgress({ devices, read: devices - [...unread.values()].filter((left) => left > 0).length })
    }),
    limit.attempt
  )
  const { buses, missing, server } = last
  if (missing === undefined && server !== undefined) return yield* server.error
  const late = isDone._tag === "Some" ? [] : [limit.failure(`scan of ${ow.server}`)]
  return {
    devices: Snapshot.devices(last).map(({ device, properties }) => {
      const seen = [...properties.values()].flatMap((property) => observed(device, property, server))
      // The connection was lost before any of it was read.
      const isLost = seen.length > 0 && seen.every((one) => one._tag === "Failed" && one.error === server?.error)
      const error = isLost ? server?.error : missing?.find((one) => one.device?.id === device.id)?.error
      return { device, seen: isLost ? [] : seen, error }
    }),
    failures: [...[...buses.values(), ...server === undefined ? [] : [server]].map(({ error }) => error), ...late]
  }
})

/** A property that nobody came to read, because the connection was lost, has failed with that. */
const observed = (
  device: Device.AnyDevice,
  { failing, name, reading }: Snapshot.PropertyState,
  server: Snapshot.Failing<OwError.OwError> | undefined
): ReadonlyArray<Observation.Observation> => {
  const failed = failing ?? (reading === undefined ? server : undefined)
  if (failed !== undefined) {
    return [{ _tag: "Failed", device, property: name, at: failed.since, error: failed.error }]
  }
  return reading === undefined ? [] : [reading]
}
