/**
 * The server's own directories with typed properties: its settings, its statistics, its system information, and the interface of
 * each bus.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Checked from "../client/internal/Checked.ts"
import * as OwClient from "../client/OwClient.ts"
import * as OwError from "../client/OwError.ts"
import { quoted } from "../internal/printable.ts"
import * as Place from "../onewire/Place.ts"
import * as RomId from "../onewire/RomId.ts"
import * as ControlFlags from "../protocol/ControlFlags.ts"
import type * as Device from "./Device.ts"
import type * as Elements from "./Elements.ts"
import type * as Family from "./Family.ts"
import { stemOf } from "./internal/closest.ts"
import { deviceAt } from "./internal/device.ts"
import * as meanings from "./internal/meanings.ts"
import * as ownProperties from "./internal/ownProperties.ts"
import { parseBus } from "./internal/parseBus.ts"
import type * as Property from "./Property.ts"

type Numbers<Directories extends string, Names extends string> = {
  readonly [N in `${Directories}/${Names}`]: number
}

/** The settings that can be written. */
interface SettingsWrite extends
  Numbers<
    "timeout",
    | "directory"
    | "ftp"
    | "ha7"
    | "network"
    | "presence"
    | "serial"
    | "server"
    | "stable"
    | "usb"
    | "volatile"
    | "w1"
  >
{
  readonly "alias/unaliased": boolean
  readonly "timeout/uncached": boolean
  readonly "units/pressure_scale": ControlFlags.PressureScale
  readonly "units/temperature_scale": ControlFlags.TemperatureScale
}

interface SettingsRead
  extends
    Omit<SettingsWrite, "units/pressure_scale" | "units/temperature_scale">,
    Elements.Numbered<"return_codes/text", 211, string>
{
  readonly "alias/list": string
  readonly "units/pressure_scale": string
  readonly "units/temperature_scale": string
}

/**
 * Properties of `/settings`. They belong to the server and affect all its clients. Its scales do not apply to protocol clients:
 * each call sends its own.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings extends Family.Properties {
  readonly read: SettingsRead
  readonly write: SettingsWrite
}

interface StatisticsRead extends
  Numbers<"cache", "additions" | "flips">,
  Numbers<
    "cache/device" | "cache/directory" | "cache/external" | "cache/internal",
    "added" | "deleted" | "expired" | "hits" | "tries"
  >,
  Numbers<
    | "cache/persistent"
    | "cache/primary"
    | "cache/secondary"
    | "threads/directory"
    | "threads/overall"
    | "threads/read"
    | "threads/write",
    "max" | "now" | "num" | "sum"
  >,
  Numbers<"directory", "maxdepth">,
  Numbers<"directory/bus" | "directory/device", "calls" | "entries">,
  Numbers<
    "errors",
    | "BUS_bit_errors"
    | "BUS_byte_errors"
    | "BUS_detect_errors"
    | "BUS_echo_errors"
    | "BUS_level_errors"
    | "BUS_next_alarm_errors"
    | "BUS_next_errors"
    | "BUS_readin_data_errors"
    | "BUS_status_errors"
    | "BUS_tcsetattr_errors"
    | "CRC16_errors"
    | "CRC16_tries"
    | "CRC8_errors"
    | "CRC8_tries"
    | "DS2480_level_docheck_errors"
    | "DS2480_read_fd_isset"
    | "DS2480_read_null"
    | "DS2480_read_read"
    | "NET_accept_errors"
    | "NET_connection_errors"
    | "NET_read_errors"
    | "max_delay"
  >,
  Numbers<"read", "bytes" | "cachebytes" | "cachesuccess" | "calls" | "success">,
  Numbers<"write", "bytes" | "calls" | "success">,
  Elements.Numbered<"read/tries", 3, number>,
  Elements.Numbered<"write/tries", 3, number>,
  Elements.Numbered<"return_codes/responses", 211, number>
{}

/**
 * Properties of `/statistics`: counters since the start of the server.
 *
 * @category models
 * @since 0.1.0
 */
export interface Statistics extends Family.Properties {
  readonly read: StatisticsRead
  readonly write: object
}

interface SystemRead
  extends
    Numbers<"configuration", "DebugInfo" | "USB" | "i2c" | "parport" | "zeroconf">,
    Numbers<"connections", "count_current_buses" | "count_outbound_connections">
{
  readonly "configuration/trim": boolean
  readonly "configuration/version": string
  readonly "process/pid": number
  readonly "process/pidfile": string
}

/**
 * Properties of `/system`: the version, the process and the build of the server.
 *
 * @category models
 * @since 0.1.0
 */
export interface System extends Family.Properties {
  readonly read: SystemRead
  readonly write: object
}

interface BusWrite extends Numbers<"settings/simulated", "temphigh" | "templow"> {
  readonly "settings/ds2404_found": boolean
  readonly "settings/overdrive": boolean
  readonly "settings/reconnect": boolean
}

interface BusRead extends
  BusWrite,
  Numbers<
    "statistics",
    | "bus_time"
    | "close_errors"
    | "detect_errors"
    | "elapsed_time"
    | "errors"
    | "locks"
    | "open_errors"
    | "program_errors"
    | "pullup_errors"
    | "read_errors"
    | "reconnect_errors"
    | "reconnects"
    | "reset_errors"
    | "resets"
    | "select_errors"
    | "shorts"
    | "status_errors"
    | "timeouts"
    | "unlocks"
    | "write_errors"
  >,
  Numbers<"statistics/overdrive", "attempts" | "failures">,
  Numbers<"statistics/search_errors", "error_pass_1" | "error_pass_2" | "error_pass_3">
{
  readonly "settings/address": string
  readonly "settings/name": string
  readonly "settings/version": number
}

/**
 * Properties of `/bus.0/interface`: those of every kind of bus master, and those of a simulated one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bus extends Family.Properties {
  readonly read: BusRead
  readonly write: BusWrite
}

/**
 * A property and its meaning.
 *
 * @category models
 * @since 0.1.0
 */
export interface Explained extends Property.Element {
  /** Meaning, in one sentence. */
  readonly meaning: string
}

/**
 * One of the server's own directories. You read and write its properties as those of a `Device`, with the same checks and errors:
 * an invalid value is an `ArgumentError`, and nothing is sent.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerDirectory<out P extends Family.Properties>
  extends Pick<Device.Device<P>, "path" | "ow" | "names" | "read" | "describe">
{
  /** Writes a property, for all clients of the server. */
  // A method and not a function property, as in a device.
  write<N extends keyof P["write"] & string>(
    name: N,
    value: P["write"][N],
    options?: Device.WriteOptions
  ): Effect.Effect<void, Device.Failure>

  /** The type of a property, and its meaning. */
  readonly explain: (
    name: (keyof P["read"] | keyof P["write"]) & string
  ) => Effect.Effect<Explained, Device.Failure>
}

/** Texts with a fixed set of values. A server takes any other text that begins like one of them for that one, or refuses it. */
const choices: ReadonlyMap<string, ReadonlyArray<string>> = new Map<string, ReadonlyArray<string>>([
  ["units/pressure_scale", ControlFlags.PressureScale.literals],
  ["units/temperature_scale", ControlFlags.TemperatureScale.literals]
])

/** Treats the properties as those of a device at a fixed path. It has no ROM id and shows none. */
const directoryAt = <P extends Family.Properties>(
  ow: OwClient.Client,
  path: string,
  { family, meanings }: { readonly family: Family.Family<P>; readonly meanings: meanings.Meanings }
): ServerDirectory<P> => {
  const { describe, names, read, write } = deviceAt<P>(family, {
    id: nobody,
    path,
    place: Place.server,
    name: path,
    ow
  })
  return {
    path,
    ow,
    names,
    read,
    describe,
    write: (name, value, options) => {
      const known = choices.get(name)
      return known === undefined || known.some((choice) => choice === value)
        ? write(name, value, options)
        : Effect.fail(
          new OwError.ArgumentError({
            operation: "write",
            path: `${path}/${name}`,
            argument: "value",
            problem: `must be one of ${known.join(", ")}, not ${quoted(String(value))}`
          })
        )
    },
    explain: (name) => Effect.map(describe(name), (element) => ({ ...element, meaning: meanings(stemOf(name)) }))
  }
}

const nobody = RomId.fromStringUnsafe("00.000000000000")

/** The codes are not those of a device. They mark the properties as known. */
const familyOf = <P extends Family.Properties>(chip: string, records: string): Family.Family<P> => ({
  codes: [chip],
  chip,
  records
})

const ofSettings = {
  family: familyOf<Settings>("server's settings", ownProperties.settings),
  meanings: meanings.settings
}
const ofStatistics = {
  family: familyOf<Statistics>("server's statistics", ownProperties.statistics),
  meanings: meanings.statistics
}
const ofSystem = { family: familyOf<System>("server's system", ownProperties.system), meanings: meanings.system }
const ofBus = { family: familyOf<Bus>("bus's interface", ownProperties.busInterface), meanings: meanings.bus }

/**
 * The settings of the server: how long it caches values, how long it waits, and which aliases it has.
 *
 * **Example** (Letting a server cache values for 5 seconds)
 *
 * ```ts
 * import { ServerSettings } from "@effect-ownet/core"
 * import { TestOwClient } from "@effect-ownet/core/testing"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const settings = yield* ServerSettings.settings
 *   yield* settings.write("timeout/volatile", 5)
 *   return yield* settings.read("timeout/volatile")
 * })
 *
 * await program.pipe(Effect.provide(TestOwClient.layer({})), Effect.runPromise) // => 5
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const settings: Effect.Effect<ServerDirectory<Settings>, never, OwClient.OwClient> = Effect.map(
  OwClient.OwClient,
  (ow) => directoryAt(ow, "/settings", ofSettings)
)

/**
 * The statistics of the server: requests, answers from its cache, and errors.
 *
 * **Example** (Computing the share of reads that the cache answers)
 *
 * ```ts
 * import { ServerSettings } from "@effect-ownet/core"
 * import { Effect } from "effect"
 *
 * const share = Effect.gen(function*() {
 *   const statistics = yield* ServerSettings.statistics
 *   const calls = yield* statistics.read("read/calls")
 *   return calls === 0 ? 0 : (yield* statistics.read("read/cachesuccess")) / calls
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const statistics: Effect.Effect<ServerDirectory<Statistics>, never, OwClient.OwClient> = Effect.map(
  OwClient.OwClient,
  (ow) => directoryAt(ow, "/statistics", ofStatistics)
)

/**
 * The system information of the server: its version, its process, and its build.
 *
 * **Example** (Reading the version of a server)
 *
 * ```ts
 * import { ServerSettings } from "@effect-ownet/core"
 * import { TestOwClient } from "@effect-ownet/core/testing"
 * import { Effect } from "effect"
 *
 * await ServerSettings.system.pipe(
 *   Effect.flatMap((system) => system.read("configuration/version")),
 *   Effect.provide(TestOwClient.layer({})),
 *   Effect.runPromise
 * ) // => "3.2p4"
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const system: Effect.Effect<ServerDirectory<System>, never, OwClient.OwClient> = Effect.map(
  OwClient.OwClient,
  (ow) => directoryAt(ow, "/system", ofSystem)
)

/**
 * The interface of a bus, such as `bus.0`, or `bus.1/bus.0` behind another server: its bus master and its errors.
 *
 * **Example** (Counting short circuits)
 *
 * ```ts
 * import { ServerSettings } from "@effect-ownet/core"
 * import { Effect } from "effect"
 *
 * const shorts = Effect.gen(function*() {
 *   const bus = yield* ServerSettings.bus("bus.0")
 *   return yield* bus.read("statistics/shorts")
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const bus = Effect.fnUntraced(function*(
  bus: string
): Effect.fn.Return<ServerDirectory<Bus>, OwError.ArgumentError, OwClient.OwClient> {
  const place = yield* parseBus(checked, bus)
  return directoryAt(yield* OwClient.OwClient, `${Place.toPath(place)}/interface`, ofBus)
})

const checked = Checked.of("ServerSettings.bus")
