/**
 * Devices of a network, and their values.
 */
import type * as OwError from "@effect-ownet/core/client/OwError"
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Observation from "@effect-ownet/core/monitor/Observation"
import type * as Follow from "@effect-ownet/core/network/Follow"
import * as Snapshot from "@effect-ownet/core/network/Snapshot"
import type * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type * as Failure from "../show/Failure.ts"
import * as Absence from "./Absence.ts"
import type { OneNetwork } from "./OneNetwork.ts"
import type { Settings } from "./Settings.ts"
import * as TimeLimit from "./TimeLimit.ts"

/** A device, with its values if they were requested. */
export interface Surveyed {
  readonly device: Device.AnyDevice
  readonly seen: ReadonlyArray<Observation.Observation>
  /** Reason why its properties could not be determined. */
  readonly error: Device.Failure | undefined
}

export interface Survey {
  /** Devices, by server, then by bus, then by branch, then by ROM id. */
  readonly devices: ReadonlyArray<Surveyed>
  /** Failed searches and lost connections, by server. */
  readonly failures: ReadonlyArray<Device.Failure | Failure.TimedOut>
}

/** Number of devices found, and of those whose values were all read. */
export interface Progress {
  readonly devices: number
  readonly read: number
}

/** Searches all servers and reads everything once, as far as the time limit allows. */
export const make = Effect.fnUntraced(function*(
  all: OneNetwork,
  target: Follow.Target,
  onProgress: (progress: Progress) => Effect.Effect<void>
): Effect.fn.Return<Survey, OwError.OwError, Settings> {
  const limit = yield* TimeLimit.start
  let last: Snapshot.Snapshot = Snapshot.empty
  const unread = new Map<RomId.RomId, number>()
  let unfinished = 0
  const count = (id: RomId.RomId, more: 1 | -1): void => {
    const before = unread.get(id) ?? 0
    unread.set(id, before + more)
    unfinished += Number(before + more > 0) - Number(before > 0)
  }
  const isDone = yield* Absence.follow(all, target, Schedule.recurs(0), {
    implausible: "readAgain",
    together: true,
    search: { every: Infinity }
  }).pipe(
    Stream.runForEach((event) => {
      last = Snapshot.take(last, event)
      if (event._tag === "Found") {
        for (const { device } of event.properties) count(device.id, 1)
      } else if (event._tag === "Reading" || event._tag === "Failed") {
        count(event.device.id, -1)
      } else return Effect.void
      const devices = HashMap.size(last.devices)
      return onProgress({ devices, read: devices - unfinished })
    }),
    limit.attempt
  )
  const failures = all.servers.flatMap(({ name }) => {
    const server = last.servers.get(name)
    return server === undefined
      ? []
      : [...server.buses.values(), ...server.failing ? [server.failing] : []].map(({ error }) => error)
  })
  const silent = all.servers.filter(({ name }) => {
    const server = last.servers.get(name)
    return server === undefined || !(server.isFound || server.failing)
  })
  const late = (silent.length === 0 ? all.servers : silent).map(({ name }) => name).join(", ")
  return {
    devices: Snapshot.devices(last).map(({ device, properties, server }) => {
      const failing = last.servers.get(server)?.failing
      const seen = [...properties.values()].flatMap((property) => observed(device, property, failing))
      // The connection was lost before any of its properties was read.
      const isLost = seen.length > 0 && seen.every((one) => one._tag === "Failed" && one.error === failing?.error)
      const error = isLost ? failing?.error : last.missing?.find((one) => one.device?.id === device.id)?.error
      return { device, seen: isLost ? [] : seen, error }
    }),
    failures: [...failures, ...isDone._tag === "Some" ? [] : [limit.failure(`scan of ${late}`)]]
  }
})

/** Reports a property that was not reached before the connection was lost as failed. */
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
