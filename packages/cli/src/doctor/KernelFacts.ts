/**
 * Facts about the kernel's own 1-Wire buses, from the files of its drivers. Reading them writes nothing and starts no
 * measurement.
 */
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { constants } from "node:fs"
import { access, realpath } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import * as Overlay from "../server/Overlay.ts"
import * as SmallFile from "../server/SmallFile.ts"

/** A device as the kernel shows it. */
export interface Device {
  /** The kernel's name for it, such as `28-0001d7280000`. */
  readonly name: string
  /** The ROM id as servers write it, such as `28.000028D70100`. */
  readonly id: string
  /** Family code, such as `3B`. */
  readonly family: string
  readonly files: ReadonlySet<string>
  /** Whether its address is noise: family 00, or a wrong checksum. */
  readonly isGhost: boolean
  /** Whether it uses parasite power, from the data wire. */
  readonly isParasitic: boolean
  /** Error codes in files that have no value, such as `-5`. */
  readonly failures: Readonly<Record<string, number>>
  /** Duration of a measurement, in milliseconds. */
  readonly conversion: number | undefined
  /** Resolution of a measurement, in bits. */
  readonly resolution: number | undefined
  /** The driver's optional checks, as bits: 1 checks that a measurement succeeded. */
  readonly features: number | undefined
  /** Files that this user may not read, but another user may. */
  readonly unreadable: ReadonlyArray<string>
  /** Files that this user may not write, but another user may. */
  readonly unwritable: ReadonlyArray<string>
}

/** A bus master as the kernel shows it. */
export interface Master {
  /** The kernel's name for it, such as `w1_bus_master1`. */
  readonly name: string
  readonly path: string
  /** The device that it belongs to, if the kernel reports one. */
  readonly parent: string | undefined
  /** Number of searches still to do. -1 means searches without end. */
  readonly searches: number | undefined
  /** Interval between searches, in seconds. */
  readonly interval: number | undefined
  /** Whether it may supply strong power while a device measures. */
  readonly hasStrongPower: boolean | undefined
  /** Whether this user may make all thermometers measure at the same time. `undefined` if the driver cannot do that. */
  readonly isBulkWritable: boolean | undefined
  /** Entries of its list that are not devices. */
  readonly strange: ReadonlyArray<string>
  readonly devices: ReadonlyArray<Device>
}

export interface Facts {
  readonly folder: string
  /** Whether it is the folder of the running kernel, not a copy. */
  readonly isOwn: boolean
  /** Reason why its devices cannot be listed, such as `ENOENT`. */
  readonly problem: string | undefined
  /** The file that the firmware of a Raspberry Pi reads. */
  readonly config: Overlay.Config | undefined
  /** Names of the modules that the kernel has loaded, without built-in ones. */
  readonly modules: ReadonlySet<string>
  readonly masters: ReadonlyArray<Master>
}

/** Maximum bus masters to examine, and maximum devices of each. */
const mostMasters = 64
const mostDevices = 512

/** Time limit of a file, in milliseconds. The drivers try several times to reach a device that does not answer. */
const patience = 5000

const text = (path: string): Effect.Effect<Option.Option<string>> =>
  Effect.map(
    Effect.timeoutOption(Effect.option(SmallFile.text(path)), patience),
    Option.flatten
  )

const number = (path: string): Effect.Effect<number | undefined> =>
  Effect.map(text(path), (found) =>
    Option.match(found, {
      onNone: () => undefined,
      onSome: (text) => /^-?\d{1,9}$/.test(text) ? Number(text) : undefined
    }))

const may = (path: string, mode: number): Effect.Effect<boolean> =>
  Effect.orElseSucceed(Effect.as(Effect.tryPromise(() => access(path, mode)), true), () => false)

/** Files that contain owserver's properties. */
const valueFiles = [
  "temperature",
  "w1_slave",
  "ext_power",
  "alarms",
  "resolution",
  "state",
  "output",
  "pio",
  "activity",
  "status_control",
  "eeprom",
  "vad",
  "vdd",
  "page0",
  "page1"
]
const writtenFiles = ["alarms", "resolution", "output", "pio", "activity", "status_control", "eeprom"]

const device = Effect.fnUntraced(function*(master: string, name: string): Effect.fn.Return<Device> {
  const path = join(master, name)
  const at = (file: string): string => join(path, file)
  const files = new Set(yield* Effect.orElseSucceed(SmallFile.names(path), () => []))
  const rom = yield* Effect.option(SmallFile.bytes(at("id"), 8))
  const isWrong = Option.isSome(rom) && rom.value.length === 8 && RomId.crc8(rom.value.subarray(0, 7)) !== rom.value[7]
  const has = (file: string): Effect.Effect<number | undefined> => files.has(file) ? number(at(file)) : Effect.undefined
  const power = yield* has("ext_power")
  const resolution = yield* has("resolution")
  const failures = Object.entries({ ext_power: power, resolution }).flatMap(([file, value]) =>
    value !== undefined && value < 0 ? [[file, value] as const] : []
  )
  const without = (mode: number, names: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
    Effect.filter(names.filter((file) => files.has(file)), (file) => Effect.map(may(at(file), mode), (is) => !is))
  return {
    name,
    id: `${name.slice(0, 2)}.${(name.slice(3).match(/../g) ?? []).toReversed().join("")}`.toUpperCase(),
    family: name.slice(0, 2).toUpperCase(),
    files,
    isGhost: name.startsWith("00-") || isWrong,
    isParasitic: power === 0 && failures.length === 0,
    failures: Object.fromEntries(failures),
    conversion: yield* has("conv_time"),
    resolution: resolution !== undefined && resolution > 0 ? resolution : undefined,
    features: yield* has("features"),
    unreadable: yield* without(constants.R_OK, valueFiles),
    unwritable: yield* without(constants.W_OK, writtenFiles)
  }
})

const isDevice = (name: string): boolean => /^[\da-f]{2}-[\da-f]{12}$/i.test(name)

const master = Effect.fnUntraced(function*(path: string): Effect.fn.Return<Master> {
  const at = (file: string): string => join(path, file)
  const listed = Option.getOrElse(
    yield* Effect.option(SmallFile.text(at("w1_master_slaves"), 1 << 16)),
    () => ""
  ).split("\n").map((line) => line.trim()).filter((line) => line !== "" && line !== "not found.")
  const real = Option.getOrUndefined(yield* Effect.option(Effect.tryPromise(() => realpath(path))))
  const parent = real === undefined ? undefined : basename(dirname(real))
  const seconds = yield* number(at("w1_master_timeout"))
  const pullUp = yield* number(at("w1_master_pullup"))
  const bulk = at("therm_bulk_read")
  return {
    name: basename(path),
    path,
    // Most bus masters are at the root of all devices.
    parent: parent === undefined || parent === "devices" || !real?.startsWith("/sys/") ? undefined : parent,
    searches: yield* number(at("w1_master_search")),
    interval: seconds,
    hasStrongPower: pullUp === undefined ? undefined : pullUp !== 0,
    isBulkWritable: (yield* may(bulk, constants.F_OK)) ? yield* may(bulk, constants.W_OK) : undefined,
    strange: listed.filter((name) => !isDevice(name)).slice(0, mostDevices),
    devices: yield* Effect.forEach(
      listed.filter(isDevice).slice(0, mostDevices),
      (name) => device(path, name.toLowerCase())
    )
  }
})

const numberOf = (name: string): number => Number(name.slice("w1_bus_master".length))

/** Reads the facts of a folder, and of the system around it. */
export const read = Effect.fnUntraced(function*(
  folder: string,
  /** Files of the system. Default: those of this system, if the folder belongs to its kernel. */
  system?: { readonly configs: ReadonlyArray<string>; readonly modules: string }
): Effect.fn.Return<Facts> {
  const isOwn = folder === ServerAddress.defaultW1 || system !== undefined
  const devices = join(folder, "devices")
  const listed = yield* Effect.result(SmallFile.names(devices))
  const names = listed._tag === "Success"
    ? listed.success.filter((name) => /^w1_bus_master\d{1,9}$/.test(name)).toSorted((a, b) => numberOf(a) - numberOf(b))
    : []
  const loaded = isOwn
    ? yield* Effect.orElseSucceed(SmallFile.text(system?.modules ?? "/proc/modules", 1 << 18), () => "")
    : ""
  return {
    folder,
    isOwn,
    problem: listed._tag === "Failure" ? listed.failure.code : undefined,
    config: isOwn ? yield* Overlay.read(system?.configs) : undefined,
    modules: new Set(loaded.split("\n").map((line) => line.split(" ")[0] ?? "")),
    masters: yield* Effect.forEach(
      names.slice(0, mostMasters),
      (name) => master(join(devices, name)),
      // Only one device of a bus answers at a time, and Node reads four files at a time.
      { concurrency: 3 }
    )
  }
})
