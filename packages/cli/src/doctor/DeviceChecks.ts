/**
 * Checks of devices: which are present, which come and go, and which have aliases.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as Device from "@effect-ownet/core/device/Device"
import * as Diagnosis from "@effect-ownet/core/device/Diagnosis"
import type * as Discovery from "@effect-ownet/core/device/Discovery"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Failure from "../show/Failure.ts"
import type { Finding } from "./Finding.ts"

/** Compares the devices that two searches found, and those that the server remembered before them. */
export const compare = ({ again, devices, ghosts, isWaiting, remembered }: {
  readonly devices: ReadonlyArray<Device.AnyDevice>
  /** ROM ids of the first search that no device has. */
  readonly ghosts: ReadonlyArray<Discovery.Ghost>
  /** Names that the second search found, by bus. */
  readonly again: ReadonlyMap<string, ReadonlyArray<string>>
  /** Names that the server listed before the first search. */
  readonly remembered: ReadonlyArray<string>
  /** Whether the server has no bus master yet, and is looking for one. */
  readonly isWaiting: boolean
}): ReadonlyArray<Finding> => {
  const found = new Set(devices.flatMap(({ id, name }) => [name, RomId.format(id)]))
  const listed = new Set([...again.values()].flat())
  const invented = [...new Set([...ghosts.map(({ name }) => name), ...[...listed].filter(isGhost)])]
  const unsteady = [
    ...devices.flatMap(({ bus, id, name, place }) => {
      const names = again.get(bus ?? "")
      const isSeen = names === undefined || names.includes(name) || names.includes(RomId.format(id))
      return isSeen || place.branches.length > 0 ? [] : [name]
    }),
    ...[...listed].filter((name) => isRomId(name) && !isGhost(name) && !found.has(name))
  ]
  const gone = remembered.filter((name) => !found.has(name) && !listed.has(name) && !isGhost(name))
  const count = new Set(devices.map(({ id }) => id)).size
  const findings: Array<Finding> = []
  if (count === 0) {
    findings.push({
      check: "devices",
      status: "fail",
      message: "no device on any bus",
      advice: isWaiting
        ? "The server looks for a bus master, and has found none: is it plugged in, and does the system know it (dmesg, lsusb; " +
          "for the kernel's own, ls /sys/bus/w1/devices)?"
        : "Either the bus master is dead, or nothing is connected to it: look at the plug and the cable between the two, at " +
          "the power of the devices, and for a short circuit; then restart owserver and look at its log",
      details: { count, gone },
      exitStatus: Failure.statuses.refused
    })
  } else {
    findings.push({
      check: "devices",
      status: gone.length === 0 ? "ok" : "warn",
      message: gone.length === 0
        ? `${count} in all`
        : `${count} in all; gone within the last minutes: ${gone.join(", ")}`,
      advice: gone.length === 0
        ? undefined
        : "They answered a while ago, but not now: look at their plugs and cables",
      details: { count, gone }
    })
  }
  if (unsteady.length > 0) {
    findings.push({
      check: "contacts",
      status: "warn",
      message: `found by one of two searches only: ${unsteady.join(", ")}`,
      advice: "Look for loose contacts at these devices and on the way to them, and at their power",
      details: { devices: unsteady }
    })
  }
  if (invented.length > 0) {
    findings.push({
      check: "ghosts",
      status: "warn",
      message: `ROM ids that no device has: ${invented.join(", ")}`,
      advice:
        "A search was disturbed, as happens if the data line is held down, cables are long, or contacts are loose. " +
        "Programs should ignore these ids",
      details: { ids: invented }
    })
  }
  return findings
}

const isRomId = (name: string): boolean => Option.isSome(RomId.fromString(name))

const isGhost = (name: string): boolean => {
  const { _tag } = RomId.inspect(name)
  return _tag === "Ghost" || _tag === "WrongCrc"
}

/** Checks aliases: which lead nowhere, and which lead to several devices. */
export const aliases = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  devices: ReadonlyArray<Device.AnyDevice>,
  /** Whether all buses could be searched. */
  isComplete: boolean
) {
  const text = yield* Effect.catchTag(ow.readText("/settings/alias/list"), "OwnetError", () => Effect.succeed(""))
  const named = text.split(/[\r\n]+/).flatMap((line) =>
    Option.match(RomId.fromString(line.slice(0, 16)), {
      onNone: () => [],
      onSome: (id) => [{ id, alias: line.slice(17) }]
    })
  )
  const holders = new Map<string, Set<RomId.RomId>>()
  const present = devices.filter(({ name }) => !isRomId(name)).map(({ id, name }) => ({ id, alias: name }))
  for (const { alias, id } of [...named, ...present]) holders.set(alias, (holders.get(alias) ?? new Set()).add(id))
  const shared = [...holders].filter(([, ids]) => ids.size > 1).map(([alias, ids]) => ({
    alias,
    ids: [...ids].map((id) => RomId.format(id))
  }))
  const there = new Set(devices.map(({ id }) => id))
  const absent = yield* Effect.forEach(
    isComplete ? named.filter(({ id }) => !there.has(id)) : [],
    ({ alias, id }) =>
      Effect.map(
        Effect.provideService(Diagnosis.diagnose(`/${RomId.format(id)}`), OwClient.OwClient, ow),
        ({ _tag, message }) => ({
          alias,
          id: RomId.format(id),
          problem: _tag === "Nothing" ? `no search finds ${RomId.format(id)}, though the server remembers it` : message
        })
      ),
    { concurrency: 4 }
  )
  const problems = [
    ...absent.map(({ alias, problem }) => `${alias}: ${problem}`),
    ...shared.map(({ alias, ids }) => `${alias} is the name of ${ids.join(" and ")}`)
  ]
  return [
    {
      check: "aliases",
      status: problems.length === 0 ? "ok" : "warn",
      message: problems.length > 0
        ? problems.join("; ")
        : holders.size === 0
        ? "no device has one"
        : isComplete
        ? `${holders.size}, and each leads to a device that is there`
        : `${holders.size}`,
      advice: problems.length === 0 ? undefined : [
        ...absent.length === 0 ? [] : [
          "Devices that have a name are missing: look at their plugs, cables and power; or remove the names " +
          "of devices that no longer exist"
        ],
        ...shared.length === 0
          ? []
          : ["Give each device its own name: a name that several devices have leads to any of them"]
      ].join(". "),
      details: { count: holders.size, absent, shared }
    } satisfies Finding
  ]
})
